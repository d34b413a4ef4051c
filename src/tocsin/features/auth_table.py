"""The authentication table of one log: state around the kernel, trips out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.kernels import auth_clock as clock
from tocsin.kernels import auth_noise, layouts
from tocsin.kernels import authentication as auth
from tocsin.kernels.auth_entry import BURST_PARTS, EXACT_NAMES, NAME_BITS, NAME_BYTES, PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.parameters import Parameters

TRIPS_MAX = 256  # a page or two of memory for each that is about a day
MANY_NAMES_MIN, TRIES_PER_NAME_MAX = 6, 2
_KEY_BITS = (1 << 40) - 1


class AuthTable:
    """Rows per source, and the running time of the log that they live in."""

    def __init__(
        self, parameters: Parameters, *, live: bool, fallback_ns: int, services: Sequence[str] = ()
    ) -> None:
        names = services or auth.SERVICES
        self._services = np.array([name.encode()[:32] for name in names], dtype="S32")
        guess = parameters.guess
        self._bounds = np.zeros(auth.BOUNDS, dtype=np.int64)
        self._bounds[auth.FAILURES_MIN] = guess.failures_min
        self._bounds[auth.WINDOW_NS] = round(guess.window_s * NS_PER_S)
        self._bounds[auth.SUCCESS_FAILURES_MIN] = guess.success_failures_min
        self._bounds[auth.GAP_NS] = round(guess.episode_gap_s * NS_PER_S)
        self._bounds[auth.NOISE_SOURCES_MIN] = guess.noise_sources_min
        self._bounds[auth.BURST_MIN] = guess.burst_min
        self._bounds[auth.SLOW_MIN] = guess.slow_min
        self._bounds[auth.KEY] = parameters.sketch_key & _KEY_BITS
        self._times = np.zeros(clock.TIMES_SIZE, dtype=np.int64)
        self._times[clock.RUNNING] = fallback_ns
        self._times[clock.LATENESS_NS] = round(parameters.log_lateness_s * NS_PER_S)
        self._times[clock.JUMP_MAX_NS] = round(parameters.jump_max_s * NS_PER_S)
        self._times[clock.LIVE] = int(live)
        self._table = np.zeros(auth.SETS * auth.WAYS, dtype=auth.ENTRY)
        self._tags = np.zeros(auth.SETS * auth.WAYS, dtype=np.int64)
        self._noise = np.zeros(auth_noise.ROWS_MAX, dtype=auth_noise.NOISE)
        self._state = (
            self._table,
            self._tags,
            np.zeros(1, dtype=auth.ENTRY),
            self._noise,
            np.zeros(1, dtype=auth_noise.NOISE),
        )
        self._out = (
            np.zeros(TRIPS_MAX, dtype=auth.HEAD),
            np.zeros(TRIPS_MAX, dtype=auth.ENTRY),
            np.zeros(TRIPS_MAX, dtype=auth_noise.NOISE),
        )
        self._filled = 0  # of what is out, not made trips of yet
        self._placed = np.zeros(0, dtype=np.int64)
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
        if len(self._placed) < len(rows):
            self._placed = np.zeros(len(rows), dtype=np.int64)
        auth.place(rows, len(rows), roles, self._bounds[auth.KEY], self._placed)
        while done < len(rows):
            done, n = auth.authenticate(
                buffer, rows, self._placed, done, len(rows), roles, self._state, self._times,
                self._bounds, tuple(part[self._filled :] for part in self._out),
            )  # fmt: skip
            self._filled += n
            if self._filled > TRIPS_MAX - auth.TRIPS_PER_RECORD_MAX:
                self._settle()

    def _settle(self) -> None:
        """Make trips of what the kernel gave out, many at a time."""
        if self._filled:
            heads, entries, noises = (part[: self._filled] for part in self._out)
            self._found.append(self._trips(heads, entries, noises))
            self._filled = 0

    def advance(self, now_ns: int) -> None:
        """Let time move on without records; episodes whose gap has passed end."""
        if not self.has_begun:
            return
        now_ns -= int(self._times[clock.LATENESS_NS])
        if now_ns > self.running_ns:
            self._times[clock.RUNNING] = now_ns
        over = self._table["last_ns"] + self._bounds[auth.GAP_NS] < self.running_ns
        day = self.running_ns // auth_noise.DAY_NS
        self._end(over, self._noise["day"] < day)

    def finish(self) -> None:
        """End every episode and every day."""
        self._end(np.ones(len(self._table), dtype=bool), np.ones(len(self._noise), dtype=bool))

    def _end(self, which: NDArray[np.bool_], days: NDArray[np.bool_]) -> None:
        """End the raised among the rows and the days, oldest first, and free them."""
        self._settle()
        gone = np.flatnonzero(which & (self._tags != 0))
        over = np.flatnonzero(days & (self._noise["is_used"] == 1))
        entries = self._table[gone[self._table["is_raised"][gone] == 1]]
        noises = self._noise[over[self._noise["reported"][over] > 0]]
        total = len(entries) + len(noises)
        if total:
            heads = np.zeros(total, dtype=auth.HEAD)
            both = np.zeros(total, dtype=auth.ENTRY), np.zeros(total, dtype=auth_noise.NOISE)
            is_noise = np.arange(total) >= len(entries)
            both[0][~is_noise], both[1][is_noise] = entries, noises
            heads["code"] = np.where(is_noise, layouts.BACKGROUND_NOISE, layouts.GUESS_EVENTS)
            heads["phase"] = layouts.ENDED
            for name, field in _OF_AN_END.items():
                heads[name] = np.where(is_noise, both[1][field], both[0][field])
            first = np.where(is_noise, both[1]["first_offset"], both[0]["first_offset"])
            order = np.lexsort((first, heads["at_ns"]))
            heads["at_ns"] = np.maximum(self.running_ns, heads["at_ns"])
            self._found.append(self._trips(heads[order], both[0][order], both[1][order]))
        self._tags[gone] = 0
        self._noise[over] = np.zeros(1, dtype=auth_noise.NOISE)

    def _trips(
        self, heads: NDArray[np.void], entries: NDArray[np.void], noises: NDArray[np.void]
    ) -> NDArray[np.void]:
        """Make trips of heads and the rows beside them."""
        trips = np.zeros(len(heads), dtype=TRIP)
        for name in ("code", "phase", "at_ns", "offset"):
            trips[name] = heads[name]
        trips["records_to_detect"] = heads["to_detect"]
        is_noise = np.isin(heads["code"], (layouts.BACKGROUND_NOISE, layouts.ACCOUNT_FOCUS))
        is_entered = heads["code"] == layouts.SUCCESS_AFTER_GUESSING
        trips["threshold"] = self._bounds[_bound_crossed(entries, self._bounds)]
        trips["threshold"][is_entered] = self._bounds[auth.SUCCESS_FAILURES_MIN]
        trips["threshold"][is_noise] = self._bounds[auth.NOISE_SOURCES_MIN]
        for rows, mine, fields in (
            (entries[~is_noise], ~is_noise, _OF_AN_ENTRY),
            (noises[is_noise], is_noise, _OF_NOISE),
        ):
            for name, field in fields.items():
                trips[name][mine] = rows[field]
        trips["service_name"] = (
            self._services[np.minimum(trips["service"], len(self._services) - 1)]
            .view("u1").reshape(-1, 32)
        )  # fmt: skip
        trips["users_distinct"][~is_noise] = _names_distinct(entries[~is_noise])
        for i in np.flatnonzero(heads["code"] == layouts.ACCOUNT_FOCUS):
            _narrow(trips[i], noises[i])
        return _with_many_names(trips)

    def take(self) -> NDArray[np.void]:
        """Return the trips since the last take (dtype `layouts.AUTH_TRIP`)."""
        self._settle()
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
            "noise": self._noise.copy(),
            "times": self._times.copy(),
            "found": self.take_copy(),
        }

    def take_copy(self) -> NDArray[np.void]:
        """Return the trips that were not taken yet, and keep them."""
        self._settle()
        if not self._found:
            return np.zeros(0, dtype=TRIP)
        return np.concatenate(self._found)

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._filled = 0
        self._tags[:] = 0
        self._table[state["rows"]] = state["entries"]
        self._tags[state["rows"]] = state["tags"]
        self._noise[:] = state["noise"]
        self._times[:] = state["times"]
        self._found = [state["found"]] if len(state["found"]) else []


def _bound_crossed(entries: NDArray[np.void], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which bound each row is beyond: that of the window, of a burst, or of the slow."""
    last = (entries["part"][:, None] + PARTS - np.arange(BURST_PARTS)) % PARTS
    burst = np.take_along_axis(entries["ring"], last, axis=1).sum(axis=1)
    is_whole = entries["window"] >= bounds[auth.FAILURES_MIN]
    is_burst = burst >= bounds[auth.BURST_MIN]
    return np.where(is_whole, auth.FAILURES_MIN, np.where(is_burst, auth.BURST_MIN, auth.SLOW_MIN))


def _names_distinct(entries: NDArray[np.void]) -> NDArray[np.int64]:
    """Return how many names were tried: exact up to 15, beyond by linear counting."""
    kept = entries["keys_kept"].astype(np.int64)
    free = np.maximum(NAME_BITS - entries["bits_set"].astype(np.int64), 1)
    estimates = np.round(NAME_BITS * np.log(NAME_BITS / free)).astype(np.int64)
    return np.where(kept < EXACT_NAMES, kept, np.maximum(kept, estimates))


def _narrow(trip: np.void, noise: np.void) -> None:
    """Let a trip speak of one account and the sources that tried it, not of a service's day."""
    at = int(noise["focus_at"])
    named = slice(at * NAME_BYTES, (at + 1) * NAME_BYTES)
    trip["users"][:] = 0
    trip["users"][:NAME_BYTES] = trip["user_last"][:] = noise["focus_names"][named]
    trip["user_total"] = trip["users_distinct"] = 1
    trip["sources_distinct"] = trip["failures"] = noise["focus_tries"][at]
    trip["failures_window"] = noise["distinct"]
    trip["first_ns"], trip["first_offset"] = noise["focus_ns"][at], noise["focus_offset"][at]
    for half in ("hi", "lo"):
        sources = noise[f"focus_{half}"][at * auth_noise.FOCUS_SOURCES :][: noise["focus_kept"][at]]
        trip[f"sources_{half}"][:] = 0
        trip[f"sources_{half}"][: len(sources)] = sources


def _with_many_names(trips: NDArray[np.void]) -> NDArray[np.void]:
    """Say of a source that tries many names a little each that it does, beside its guessing."""
    names = trips["users_distinct"]
    is_wide = (trips["code"] == layouts.GUESS_EVENTS) & (names >= MANY_NAMES_MIN)
    is_wide &= trips["failures"] <= TRIES_PER_NAME_MAX * names
    if not is_wide.any():
        return trips
    places = np.repeat(np.arange(len(trips)), 1 + is_wide)
    both = trips[places]
    is_second = np.zeros(len(both), dtype=np.bool_)
    is_second[1:] = places[1:] == places[:-1]
    both["code"][is_second] = layouts.MANY_NAMES
    both["threshold"][is_second] = MANY_NAMES_MIN
    return np.asarray(both)


# layouts.AUTH_TRIP with its texts as bytes, as the rows hold them.
TRIP = np.dtype(
    [
        (name, ("u1", layouts.AUTH_TRIP[name].itemsize))
        if name in {"users", "user_last", "host", "service_name"}
        else (name, layouts.AUTH_TRIP[name])
        for name in layouts.AUTH_TRIP.names or ()
    ]
)
_OF_AN_END = {"at_ns": "last_ns", "offset": "last_offset", "to_detect": "decided_at"}
_SAME = {
    "service": "service", "user_total": "names_kept", "first_ns": "first_ns",
    "last_ns": "last_ns", "first_offset": "first_offset", "last_offset": "last_offset",
    "failures": "failures", "invalid_users": "invalid", "users": "names", "host": "host",
}  # fmt: skip
_OF_AN_ENTRY = {
    **_SAME, "src_hi": "src_hi", "src_lo": "src_lo", "failures_window": "window",
    "successes": "successes", "source_ports": "ports", "user_last": "name_last",
}  # fmt: skip
_OF_NOISE = {
    **_SAME, "failures_window": "failures", "users_distinct": "names_kept",
    "sources_distinct": "distinct", "sources_hi": "sources_hi", "sources_lo": "sources_lo",
}  # fmt: skip
