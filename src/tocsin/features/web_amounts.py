"""What web clients were refused or given, around its kernel: what stands out is told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.addresses import address_text
from tocsin.core.log_messages import WebAmounts
from tocsin.kernels import web_amounts as kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TALLIES_MAX = 64
_SERVER = "web"  # an access log does not say whose it is
_WHAT = {kernel.REFUSED: "refused", kernel.READ: "read"}
_KEY_BITS = (1 << 40) - 1


class WebAmountTable:
    """The clients of one access log."""

    def __init__(self, key: int) -> None:
        self._key = np.uint64(key & _KEY_BITS)
        self._tags = np.zeros(kernel.CLIENTS_MAX, dtype=np.uint32)
        self._table = np.zeros(kernel.CLIENTS_MAX, dtype=kernel.AMOUNT)
        self._blank = np.zeros(1, dtype=kernel.AMOUNT)
        self._totals = np.zeros(kernel.TOTALS, dtype=np.int64)
        self._seen = np.zeros(kernel.SEEN_WORDS, dtype=np.uint64)
        self._tallies = np.zeros(_TALLIES_MAX, dtype=kernel.AMOUNT_TALLY)
        self._messages: list[WebAmounts] = []

    def observe(self, rows: NDArray[np.void]) -> None:
        """Count the access lines of a batch."""
        done = 0
        while done < len(rows):
            done, n = kernel.add_amounts(
                rows, done, len(rows), (self._tags, self._table), self._blank, self._totals,
                self._seen, self._tallies, self._key,
            )  # fmt: skip
            for tally in self._tallies[:n]:
                self._messages.append(_message(rows[int(tally["row"])], tally))

    def take_messages(self) -> list[WebAmounts]:
        """Return what was noted since the last call."""
        found, self._messages = self._messages, []
        return found

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: used rows only."""
        used = np.flatnonzero(self._tags)
        return {
            "rows": used,
            "tags": self._tags[used],
            "table": self._table[used],
            "totals": self._totals.copy(),
            "seen": self._seen.copy(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._tags[:] = 0
        self._tags[state["rows"]], self._table[state["rows"]] = state["tags"], state["table"]
        self._totals[:], self._seen[:] = state["totals"], state["seen"]


def _different(set_bits: int) -> int:
    """Return how many clients so many bits stand for."""
    free = max(kernel.SEEN_BITS - set_bits, 1)
    return round(-kernel.SEEN_BITS * math.log(free / kernel.SEEN_BITS))


def _message(row: np.void, tally: np.void) -> WebAmounts:
    one, is_read = tally["client"], int(tally["what"]) == kernel.READ
    first = "hour" if is_read else "first"
    others, others_bytes = _others(tally["totals"].tolist(), int(one["bytes"]))
    return WebAmounts(
        at_ns=int(row["ts_ns"]),
        offset=int(row["offset"]),
        client=address_text(int(one["src_hi"]), int(one["src_lo"])),
        server=_SERVER,
        start_ns=int(one[f"{first}_ns"]),
        start_offset=int(one[f"{first}_offset"]),
        size_bytes=int(row["length"]),
        what=_WHAT[int(tally["what"])],
        first_ns=int(one[f"{first}_ns"]),
        first_offset=int(one[f"{first}_offset"]),
        requests=int(one["hour_requests" if is_read else "requests"]),
        refused=int(one["refused_total"]),
        bytes=int(one["bytes"]),
        others=others,
        others_bytes=others_bytes,
    )


def _others(totals: list[int], own_bytes: int) -> tuple[int, int]:
    """Return how many others there were, and their bytes, in the hour that gave them more each."""
    now = _different(totals[kernel.CLIENTS]) - 1, totals[kernel.BYTES] - own_bytes
    before = _different(totals[kernel.CLIENTS_BEFORE]), totals[kernel.BYTES_BEFORE]
    return max(now, before, key=lambda hour: hour[1] / max(hour[0], 1))
