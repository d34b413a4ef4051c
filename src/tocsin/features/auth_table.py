"""The authentication table of one log: state around the kernel, trips out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.kernels import auth_clock as clock
from tocsin.kernels import authentication as auth
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.parameters import Parameters

TRIPS_MAX = 1024
_KEY_BITS = (1 << 40) - 1


class AuthTable:
    """Rows per source, and the running time of the log that they live in."""

    def __init__(self, parameters: Parameters, *, live: bool, fallback_ns: int) -> None:
        guess = parameters.guess
        self._bounds = np.zeros(auth.BOUNDS, dtype=np.int64)
        self._bounds[auth.FAILURES_MIN] = guess.failures_min
        self._bounds[auth.WINDOW_NS] = round(guess.window_s * NS_PER_S)
        self._bounds[auth.SUCCESS_FAILURES_MIN] = guess.success_failures_min
        self._bounds[auth.GAP_NS] = round(guess.episode_gap_s * NS_PER_S)
        self._bounds[auth.KEY] = parameters.sketch_key & _KEY_BITS
        self._times = np.zeros(clock.TIMES_SIZE, dtype=np.int64)
        self._times[clock.RUNNING] = fallback_ns
        self._times[clock.LATENESS_NS] = round(parameters.log_lateness_s * NS_PER_S)
        self._times[clock.JUMP_MAX_NS] = round(parameters.jump_max_s * NS_PER_S)
        self._times[clock.LIVE] = int(live)
        self._table = np.zeros(auth.SETS * auth.WAYS, dtype=auth.ENTRY)
        self._tags = np.zeros(auth.SETS * auth.WAYS, dtype=np.int64)
        self._trips = np.zeros(TRIPS_MAX, dtype=auth.TRIP)
        self._found: list[NDArray[np.void]] = []

    @property
    def running_ns(self) -> int:
        """The source's time: the running maximum of its stamps."""
        return int(self._times[clock.RUNNING])

    @property
    def has_begun(self) -> bool:
        """Whether a stamp was seen."""
        return bool(self._times[clock.HAS_BEGUN])

    @property
    def late(self) -> int:
        """Records that came late (live only)."""
        return int(self._times[clock.LATE])

    @property
    def disorder(self) -> int:
        """Records that stepped back further than the allowed lateness (batch only)."""
        return int(self._times[clock.DISORDER])

    def take_rows(
        self, buffer: NDArray[np.uint8], rows: NDArray[np.void], roles: NDArray[np.int32]
    ) -> None:
        """Let the scanner's rows into the table, in their order."""
        done = 0
        while done < len(rows):
            done, n = auth.authenticate(
                buffer, rows, done, len(rows), roles, self._table, self._tags, self._times,
                self._bounds, self._trips,
            )  # fmt: skip
            if n:
                self._found.append(self._trips[:n].copy())

    def advance(self, now_ns: int) -> None:
        """Let time move on without records; episodes whose gap has passed end."""
        if not self.has_begun:
            return
        now_ns -= int(self._times[clock.LATENESS_NS])
        if now_ns > self.running_ns:
            self._times[clock.RUNNING] = now_ns
        over = self._table["last_ns"] + self._bounds[auth.GAP_NS] < self.running_ns
        self._end(over)

    def finish(self) -> None:
        """End every episode."""
        self._end(np.ones(len(self._table), dtype=bool))

    def _end(self, which: NDArray[np.bool_]) -> None:
        """End the raised episodes among the rows, oldest first, and free the rows."""
        gone = np.flatnonzero(which & (self._tags != 0))
        ended = gone[self._table["is_raised"][gone] == 1]
        entries = self._table[ended]
        order = np.lexsort((entries["first_offset"], entries["last_ns"]))
        if len(ended):
            self._found.append(self._ended(entries[order]))
        self._tags[gone] = 0

    def _ended(self, entries: NDArray[np.void]) -> NDArray[np.void]:
        trips = np.zeros(len(entries), dtype=auth.TRIP)
        trips["code"] = layouts.GUESS_EVENTS
        trips["phase"] = layouts.ENDED
        trips["at_ns"] = np.maximum(self.running_ns, entries["last_ns"])
        trips["offset"] = entries["last_offset"]
        trips["threshold"] = self._bounds[auth.FAILURES_MIN]
        for name, field in _SAME.items():
            trips[name] = entries[field]
        trips["users_distinct"] = [auth.names_distinct(entry) for entry in entries]
        return trips

    def take(self) -> NDArray[np.void]:
        """Return the trips since the last take (dtype `layouts.AUTH_TRIP`)."""
        found, self._found = self._found, []
        if not found:
            return np.zeros(0, dtype=layouts.AUTH_TRIP)
        return np.concatenate(found).view(layouts.AUTH_TRIP)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: used rows only."""
        used = np.flatnonzero(self._tags)
        return {
            "rows": used,
            "entries": self._table[used],
            "tags": self._tags[used],
            "times": self._times.copy(),
            "found": self.take_copy(),
        }

    def take_copy(self) -> NDArray[np.void]:
        """Return the trips that were not taken yet, and keep them."""
        if not self._found:
            return np.zeros(0, dtype=auth.TRIP)
        return np.concatenate(self._found)

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._tags[:] = 0
        self._table[state["rows"]] = state["entries"]
        self._tags[state["rows"]] = state["tags"]
        self._times[:] = state["times"]
        self._found = [state["found"]] if len(state["found"]) else []


_SAME = {
    "service": "service", "user_total": "names_kept", "src_hi": "src_hi", "src_lo": "src_lo",
    "first_ns": "first_ns", "last_ns": "last_ns", "first_offset": "first_offset",
    "last_offset": "last_offset", "failures": "failures", "failures_window": "window",
    "successes": "successes", "invalid_users": "invalid", "records_to_detect": "decided_at",
    "source_ports": "ports", "users": "names", "user_last": "name_last", "host": "host",
}  # fmt: skip
