"""What a log format is: templates, layouts and record formats, as data.

A `Template` is a line in the form of `tocsin.parse.forms` and what it means; a `Family` the
templates of one program, whoever wraps its messages (syslog, the journal, a container's log).
A `Layout` is how the lines of a program's own log file begin. A `RecordFormat` gives meaning
to records of named values: JSON, ``key=value`` pairs, CEF, CSV.

Each module of `tocsin.parse.templates` declares any of ``FAMILY``, ``FAMILIES``, ``LAYOUTS`` and
``RECORD_FORMATS``; they are found by walking the package (`tocsin.parse.known`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.kernels.authentication import (
    HINT,
    LOGIN,
    NEUTRAL,
    REFUSED,
    REFUSED_COUNT,
    SSH,
    SU,
    SUCCESS,
    SUDO,
    UNKNOWN,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AUTHENTICATION",
    "HINT",
    "LOGIN",
    "NEUTRAL",
    "PROBE",
    "REFUSED",
    "REFUSED_COUNT",
    "SESSION",
    "SSH",
    "SU",
    "SUCCESS",
    "SUDO",
    "UNKNOWN",
    "Family",
    "Layout",
    "Meaning",
    "RecordFormat",
    "Template",
]  # fmt: skip

AUTHENTICATION, SESSION, PROBE = "authentication", "session", "intrusion_detection"


@dataclass(frozen=True, slots=True)
class Template:
    """One message form.

    ``role`` says what it means to the authentication kernel: several lines may speak of
    one refused attempt, and only one of them is `REFUSED`. ``is_invalid_user`` marks a
    name that the host does not know. ``service`` overrides its family's.
    """

    line: str
    action: str
    outcome: str = "unknown"
    category: str = AUTHENTICATION
    role: int = NEUTRAL
    is_invalid_user: bool = False
    service: int | None = None

    @property
    def is_told(self) -> bool:
        """Whether detectors hear of each such record; log-ins are counted in kernels."""
        return self.category == PROBE


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a record of named values means when all of ``when`` holds.

    ``when`` maps a path to what must stand there: a text, several (any of them), or a text with
    ``*`` at its begin or end; ``"*"`` alone is any value, ``""`` none. Case is ignored.
    """

    when: Mapping[str, str | tuple[str, ...]]
    action: str
    outcome: str = "unknown"
    category: str = AUTHENTICATION


@dataclass(frozen=True, slots=True)
class RecordFormat:
    """Records of named values (JSON, pairs, CEF, CSV) that one program writes.

    ``has`` are the paths that tell it from others (nested keys joined by dots; ``path=text`` asks
    for a value too); ``fields`` maps paths to event fields; of ``meanings`` the first that
    holds counts. ``message`` is the path of a text that ``templates`` are tried on. ``program``
    is the path of a program whose family the message belongs to, or ``=name``. ``unwrap`` is
    the path of a whole record inside, read as if it stood alone. ``program`` may also be
    ``journal()``: see `tocsin.parse.journal`. ``keeps_names``: an event keeps its writer's names
    too, for the rules that ask for those.
    """

    name: str
    dataset: str
    has: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    meanings: tuple[Meaning, ...] = ()
    message: str = ""
    templates: tuple[Template, ...] = ()
    program: str = ""
    unwrap: str = ""
    keeps_names: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of a program's own log begin.

    Each of ``lines`` is a form that ends in ``{message}``; ``templates``, then those of ``family``
    are tried on the message. A form without ``{message}`` is a template of its own.
    ``is_certain``: a line of this form can be nothing else, though no template knows its message.
    What of ``once`` stands twice in a message makes it ambiguous: text of the remote side may
    imitate what frames the address.
    """

    name: str
    dataset: str
    lines: tuple[str, ...]
    templates: tuple[Template, ...] = ()
    formats: tuple[RecordFormat, ...] = ()
    family: str = ""
    is_certain: bool = False
    once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """The templates of one program, or of a few that write alike.

    ``programs`` are names as they stand before ``[pid]:``; ``postfix`` also names
    ``postfix/smtpd``, ``sshd`` also ``/usr/sbin/sshd``. ``service`` is a code of
    `tocsin.kernels.authentication`. Templates of a family with ``is_shared`` are tried for
    every program, after its own. ``is_dense`` families are matched in kernels: their forms keep
    to what those know, and their refusals are counted there. ``formats`` are tried on messages
    that no template knows and that hold named values. ``once`` is as in `Layout`.
    ``is_last``: its templates are tried where nothing else is known. ``is_bare``: its messages
    tell their program alone, so that they are read where they fill a whole line, as a
    container or a terminal writes them; never behind another program's name, who may have
    taken the text from anyone.
    """

    name: str
    dataset: str
    programs: tuple[str, ...]
    templates: tuple[Template, ...]
    service: int = UNKNOWN
    is_shared: bool = False
    is_dense: bool = False
    formats: tuple[RecordFormat, ...] = ()
    once: tuple[str, ...] = ()
    is_last: bool = False
    is_bare: bool = False
