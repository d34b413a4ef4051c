"""Which lines of a log may come from wanted addresses: the first look when evidence is read again.

An access line begins with its client and its time. Where both are as they should be and the client
is not wanted, or the time is none that is asked for, the rest of the line is not read; every
other line is for those who read it whole. Addresses are wanted by a bit of 65,536 (Bloom, CACM
1970): one that was not asked for may pass, one that was never fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels.access_lines import FACTS, STAMP_AT, TS_NS, before_request
from tocsin.kernels.lean import kernel
from tocsin.kernels.scanner import LOG_ROW
from tocsin.kernels.spans import byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORDS, _SHIFT = 1024, 48  # 64 - log2(_WORDS * 64)
_M1, _M2 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_K1, _K2 = np.uint64(_M1), np.uint64(_M2)
_SIX, _LOW, _TOP, _ONE = np.uint64(6), np.uint64(63), np.uint64(_SHIFT), np.uint64(1)
_LINES = 4096
_LINE_FEED = 10


@kernel
def find_lines(b, p, wanted, span, clock, scratch, bounds):  # type: ignore[no-untyped-def]
    """Fill ``bounds`` (int64, n x 2) with where lines of ``b`` from ``p`` on begin and end.

    ``wanted`` is of `AccessSearch`, ``span`` int64 (2) the first and last time, both included.
    Returns (lines filled, where to go on).
    """
    row, facts, groups = scratch
    n, size, facts[STAMP_AT] = np.int64(0), len(b), -1
    while p < size and n < len(bounds):
        end = byte_at(b, p, size, _LINE_FEED)
        after = min(end + 1, size)
        q = before_request(b, p, end, clock, row[0], facts, groups)
        is_left = False
        if q >= 0:
            bit = (row[0]["src_lo"] * _K1 ^ row[0]["src_hi"] * _K2) >> _TOP
            is_left = wanted[bit >> _SIX] & (_ONE << (bit & _LOW)) == 0
            is_left |= facts[TS_NS] < span[0] or facts[TS_NS] > span[1]
        if not is_left:
            bounds[n, 0], bounds[n, 1] = p, after
            n += 1
        p = after
    return n, p


class AccessSearch:
    """Says which lines may come from one of some addresses, within some time.

    ``halves`` uint64 (n, 2) are the addresses, ``clock`` is that of the source's scanner.
    """

    def __init__(
        self, halves: NDArray[np.uint64], *, span: tuple[int, int], clock: NDArray[np.int64]
    ) -> None:
        self._wanted = np.zeros(_WORDS, dtype=np.uint64)
        bits = (halves[:, 1] * _K1 ^ halves[:, 0] * _K2) >> _TOP
        np.bitwise_or.at(self._wanted, bits >> _SIX, _ONE << (bits & _LOW))
        self._span = np.array(span, dtype=np.int64)
        self._clock = clock
        self._scratch = (
            np.zeros(1, dtype=LOG_ROW),
            np.zeros(FACTS, dtype=np.int64),
            np.zeros(8, dtype=np.int64),
        )
        self._bounds = np.zeros((_LINES, 2), dtype=np.int64)

    def lines(self, buffer: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Return where each line begins and ends (n, 2), its line feed included, in order.

        ``buffer`` is read-only uint8 and begins where a line does.
        """
        parts, p = [self._bounds[:0]], 0
        while p < len(buffer):
            n, p = find_lines(
                buffer, p, self._wanted, self._span, self._clock, self._scratch, self._bounds
            )
            if n:
                parts.append(self._bounds[:n].copy())
        return np.concatenate(parts)
