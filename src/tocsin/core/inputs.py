"""What goes into the engine; nothing else carries time or change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Raw bytes of one source, any cut: a record may begin in one block and end in the next.

    ``data`` is a read-only buffer that the engine does not keep; ``offset`` is the place
    of its first byte in the decompressed stream.
    """

    source: str
    data: bytes | bytearray | memoryview
    offset: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source opened, rotated, went idle, ended, or lost records.

    ``state`` is one of ``opened``, ``rotated``, ``idle``, ``ended``, ``dropped``.
    ``medium`` ("packets" or "log") and ``site`` are given when it opens. ``time_ns`` of
    ``opened`` is the fallback time of a source whose stamps lack a year, ``newest`` the
    (month, day) of its newest stamp, given when the year itself is known.
    """

    source: str
    state: str
    medium: str = ""
    site: str = ""
    time_ns: int = 0
    records: int = 0
    newest: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """The driver says what time it is: sources that are idle move on to it."""

    now_ns: int


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """New settings, as the canonical text that the journal keeps."""

    settings: str


@dataclass(frozen=True, slots=True)
class Shed:
    """The driver dropped input under overload, and says how much."""

    source: str
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's judgement of an incident: ``true_positive``, ``false_positive``, ``benign``."""

    incident: str
    verdict: str
    by: str
    time_ns: int


Input = Block | SourceStatus | Tick | Reconfigure | Shed | Verdict
