"""What a log template is: a line that reads like the message, and what it means.

Form of a line: literal text; ``{name}`` a field; ``[text]`` optional literal text;
``<a|b>`` one of several texts. A backslash takes the next character literally. Types of
fields, ``{name:type}``: ``text`` (anything, what remains), ``word`` (no space), ``host``
(an address, or a name that is then only claimed), ``int``, ``port``. Without a type,
``source.address`` is a host, ``source.port`` a port, ``tocsin.count`` an int, the rest text.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.kernels.authentication import (
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

__all__ = [
    "LOGIN", "NEUTRAL", "REFUSED", "REFUSED_COUNT", "SSH", "SU", "SUCCESS", "SUDO", "UNKNOWN",
    "Family", "Template",
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


@dataclass(frozen=True, slots=True)
class Family:
    """The templates of one program, or of a few that write alike.

    ``programs`` are names as they stand before ``[pid]:``. ``service`` is a code of
    `tocsin.kernels.authentication`. Templates of a family with ``is_shared`` are tried for
    every program, after its own.
    """

    name: str
    dataset: str
    programs: tuple[str, ...]
    templates: tuple[Template, ...]
    service: int = UNKNOWN
    is_shared: bool = False
