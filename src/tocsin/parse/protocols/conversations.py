"""Conversations under way: which reader reads each, and each side's stream in order.

Bounded: `CONVERSATIONS_MAX`, the longest silent one is let go first. A conversation that
nobody claims gives its first `OPENINGS` payloads per side and is then left alone.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.core.messages import Answered, Opening, Stalled, Volume
from tocsin.parse.protocols.readers import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Reader, Segment

CONVERSATIONS_MAX = 4096
OPENING_BYTES, OPENINGS = 1024, 3
_TCP, _HALF, _MASK = 6, 1 << 31, (1 << 32) - 1
_BY_NAME = {reader.name: reader for reader in READERS}


@dataclass(slots=True)
class _Conversation:
    reader: Reader | None = None
    expected: list[int] = field(default_factory=lambda: [-1, -1])  # next sequence number a side
    opened: list[int] = field(default_factory=lambda: [0, 0])  # openings given, a side


class Conversations:
    """Give marked payloads to readers and collect what they understand."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, _Conversation] = OrderedDict()

    def read(self, segments: Iterable[tuple[int, Segment]]) -> Iterator[Message]:
        """Yield the messages of ``(sequence number, segment)`` pairs, in their order."""
        for sequence, segment in segments:
            if segment.is_read:
                yield from self._take(sequence, segment)
            if segment.volume is not None:
                out, back, is_whole = segment.volume
                yield Volume(**segment.common(), bytes_out=out, bytes_in=back, is_whole=is_whole)
            if segment.stalled_at_bytes is not None:
                yield Stalled(**segment.common(), bytes_in=segment.stalled_at_bytes)

    def _take(self, sequence: int, segment: Segment) -> Iterator[Message]:
        known = self._known.get(segment.start_offset)
        if known is None:
            known = self._known[segment.start_offset] = _Conversation()
            if len(self._known) > CONVERSATIONS_MAX:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(segment.start_offset)
        side = 0 if segment.from_client else 1
        if side and segment.proto == _TCP and known.expected[side] < 0:
            yield Answered(**segment.common())
        fresh = _fresh(known, sequence, segment) if segment.proto == _TCP else segment
        if fresh is None:
            return
        if known.reader is None:
            found = next((reader for reader in READERS if reader.claims(fresh)), None)
            if found is not None:
                known.reader = found()
        if known.reader is not None:
            yield from known.reader.read(fresh)
        elif known.opened[side] < OPENINGS and fresh.proto == _TCP:
            number = known.opened[side]
            known.opened[side] += 1
            data = fresh.data[:OPENING_BYTES]
            yield Opening(**fresh.common(), data=data, number=number)

    def state(self) -> list[Any]:
        """Return all conversations as plain values, the longest silent one first."""
        return [
            [
                start,
                one.reader.name if one.reader else "",
                one.reader.state() if one.reader else {},
                one.expected,
                one.opened,
            ]
            for start, one in self._known.items()
        ]

    def restore(self, state: list[Any]) -> None:
        """Take back what `state` gave."""
        for start, name, kept, expected, opened in state:
            reader = _BY_NAME[name]() if name else None
            if reader is not None:
                reader.restore(kept)
            self._known[start] = _Conversation(reader, list(expected), list(opened))


def _fresh(known: _Conversation, sequence: int, segment: Segment) -> Segment | None:
    """Return what of a TCP payload is new to its side's stream; None: nothing is."""
    side = 0 if segment.from_client else 1
    expected = known.expected[side]
    end = (sequence + segment.size_bytes) & _MASK
    if expected < 0 or sequence == expected:
        known.expected[side] = end
        return segment
    behind = (expected - sequence) & _MASK
    if behind < _HALF:  # a repeat, perhaps with more behind it
        if behind >= segment.size_bytes:
            return None
        known.expected[side] = end
        left = segment.size_bytes - behind
        return segment._replace(data=segment.data[behind:], size_bytes=left)
    known.expected[side] = end
    return segment._replace(is_gap=True)
