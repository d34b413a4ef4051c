"""From scanner rows to events: flat ECS names, one per record, in the order of the log."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from tocsin.core.addresses import address_text
from tocsin.core.times import rfc3339
from tocsin.kernels import scanner
from tocsin.parse.pieces import Piece
from tocsin.parse.records import NO_HEADER
from tocsin.parse.syslog_head import Head

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.event import Event
    from tocsin.parse.compile import Compiled

_DECIDED = frozenset((scanner.AMBIGUOUS_SOURCE, scanner.TOO_LONG, scanner.EMPTY))
# Neighbouring records share stamps and sources.
time_text = lru_cache(maxsize=256)(rfc3339)
_address_text = lru_cache(maxsize=4096)(address_text)


def text_of(raw: bytes) -> str:
    r"""Return bytes as text; what is not UTF-8 as ``\xNN``.

    >>> text_of(b"caf\xc3\xa9 \xff")
    'café \\xff'
    """
    return raw.decode("utf-8", errors="backslashreplace")


def pieces_of(
    data: bytes | bytearray | memoryview,
    rows: NDArray[np.void],
    *,
    compiled: Compiled,
    first_line: int,
) -> Iterator[Piece]:
    """Yield one piece per row; rows point into ``data``, the first is line ``first_line``.

    What a dense template knows, and what nothing can be read from, has its event.
    """
    whole = bytes(data)
    names = rows.dtype.names or ()
    for number, values in enumerate(rows.tolist(), start=first_line):
        row = dict(zip(names, values, strict=True))
        if row["template"] >= 0 or row["weird"] in _DECIDED:
            yield Piece("", None, number, row, event=event_of(whole, row, compiled))
        else:
            yield Piece(original_of(whole, row), head_of(whole, row), number, row)


def placed(piece: Piece, path: str) -> Event:
    """Return the event of a whole record with the place of its first line."""
    event, row = piece.event or {}, piece.row
    if piece.text:
        if row["weird"] and event.get("tocsin.weird") == NO_HEADER:
            event["tocsin.weird"] = scanner.WEIRD[row["weird"]]
        event.setdefault("event.original", piece.text)
    event["log.file.path"] = path
    event["log.offset"] = row["offset"]
    event["log.line"] = piece.line
    return event


def original_of(data: bytes, row: dict[str, int], base: int = 0) -> str:
    """Return a row's record as text; ``data`` begins at ``base`` of what rows point into."""
    at = row["at"] - base
    return text_of(data[at : at + row["length"]])


def head_of(data: bytes, row: dict[str, int], base: int = 0) -> Head | None:
    """Return what the scanner found before the message, None when it found no header."""
    if not row["program_length"] and not row["has_stamp"]:
        return None
    return Head(
        message=_part(data, row, "message", base),
        program=_part(data, row, "program", base),
        pid=row["pid"],
        host=_part(data, row, "host", base),
        ts_ns=row["ts_ns"] if row["has_stamp"] else None,
    )


def event_of(data: bytes, row: dict[str, int], compiled: Compiled, base: int = 0) -> Event:
    """Return the event of a row that a dense template knows, or that nothing can be read from."""
    event: Event = {"@timestamp": time_text(row["ts_ns"]) if row["has_stamp"] else None}
    if row["weird"]:
        event["tocsin.weird"] = scanner.WEIRD[row["weird"]]
    if row["template"] >= 0:
        _add_meaning(event, data, row, compiled, base)
    elif row["family"] != scanner.NO_FAMILY:
        event["event.dataset"] = compiled.datasets[row["family"]]
    if row["program_length"]:
        event["process.name"] = _part(data, row, "program", base)
    if row["pid"] >= 0:
        event["process.pid"] = row["pid"]
    if row["host_length"]:
        event["host.name"] = _part(data, row, "host", base)
    original = data[row["at"] - base : row["at"] - base + row["length"]]
    event["event.original"] = text_of(original)
    if row["weird"] == scanner.TOO_LONG:
        event["tocsin.original_bytes"] = row["count"]
        event["tocsin.kept_sha256"] = hashlib.sha256(original).hexdigest()
    return event


def _add_meaning(
    event: Event, data: bytes, row: dict[str, int], compiled: Compiled, base: int
) -> None:
    template = compiled.meanings[row["template"]]
    event["event.action"] = template.action
    event["event.outcome"] = template.outcome
    event["event.category"] = template.category
    event["event.dataset"] = compiled.families[row["template"]].dataset
    if row["has_source"]:
        event["source.ip"] = _address_text(row["src_hi"], row["src_lo"])
    elif row["claim_length"]:
        event["tocsin.claimed.source.address"] = _part(data, row, "claim", base)
    if row["source_port"]:
        event["source.port"] = row["source_port"]
    if row["user_length"]:
        event["user.name"] = _part(data, row, "user", base)
    if row["count"] > 1:
        event["tocsin.count"] = row["count"]
    for place, name in enumerate(compiled.extras[row["template"]]):
        if row[f"extra_{place}_length"]:
            event[name] = _part(data, row, f"extra_{place}", base)


def _part(data: bytes, row: dict[str, int], name: str, base: int = 0) -> str:
    at = row[f"{name}_at"] - base
    return text_of(data[at : at + row[f"{name}_length"]])
