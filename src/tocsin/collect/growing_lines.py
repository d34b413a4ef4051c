"""A growing file whose records are no lines: its lines as they are written.

After a restart the bytes before the place read to are taken apart once more, so that offsets and
an open record are what they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.collect.framing.told import unfolder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.collect.growing import GrowingFile

_PIECE_BYTES = 1 << 20


class FollowedLines:
    """Takes framings off one growing file."""

    def __init__(self, framings: Sequence[str]) -> None:
        self._framings = tuple(framings)
        self.begin()

    def begin(self) -> None:
        """Begin anew: another file takes the place of this one."""
        self._unfolder = unfolder_of(self._framings)
        self._given = 0

    def feed(self, data: bytes) -> tuple[int, bytes]:
        """Return the lines that end in ``data`` and the offset of the first."""
        lines = self._unfolder.feed(data)
        offset, self._given = self._given, self._given + len(lines)
        return offset, lines

    def catch_up(self, file: GrowingFile) -> None:
        """Take what lies before the place that the file is read from."""
        at = 0
        while data := file.range(at, _PIECE_BYTES):
            self.feed(data)
            at += len(data)
