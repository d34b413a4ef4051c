"""Lines of text protocols, put together over segments, bounded."""

from __future__ import annotations

LINE_BYTES_MAX, LINES_MAX = 512, 64


class LineSides:
    """Both sides' unfinished lines; what is over `LINE_BYTES_MAX` is cut away."""

    def __init__(self) -> None:
        self.rest: list[bytes] = [b"", b""]

    def take(self, data: bytes, *, side: int, is_gap: bool) -> list[bytes]:
        """Return the lines that ``data`` completes (at most `LINES_MAX`), without their ends."""
        if is_gap:
            self.rest[side] = b""
        parts = (self.rest[side] + data).split(b"\n")
        self.rest[side] = parts.pop()[:LINE_BYTES_MAX]
        return [part[:LINE_BYTES_MAX].rstrip(b"\r") for part in parts[:LINES_MAX]]
