"""The rhythm of one log, around its kernel: what is odd about it goes on as messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.log_messages import LogPause, WebErrors
from tocsin.core.times import NS_PER_S
from tocsin.kernels import auth_clock as clock
from tocsin.kernels import log_rhythm as kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.messages import Message
    from tocsin.core.parameters import Parameters

_MILLION = 1e6


class LogRhythm:
    """Longest silence, hours and days seen, errors a minute."""

    def __init__(self, parameters: Parameters) -> None:
        self._times = np.zeros(clock.TIMES_SIZE, dtype=np.int64)
        self._times[clock.LATENESS_NS] = round(parameters.log_lateness_s * NS_PER_S)
        self._times[clock.JUMP_MAX_NS] = round(parameters.jump_max_s * NS_PER_S)
        self._rhythm = np.zeros(kernel.RHYTHM_SIZE, dtype=np.int64)
        self._notes = np.zeros(kernel.NOTES_MAX, dtype=kernel.NOTE)
        self._is_told = False
        self._host = ""
        self._messages: list[Message] = []

    def observe(self, buffer: NDArray[np.uint8], rows: NDArray[np.void]) -> None:
        """Follow a batch of rows, filled by whoever read them."""
        if not len(rows):
            return
        self._is_told = False
        n = kernel.follow(rows, len(rows), self._times, self._rhythm, self._notes)
        last = rows[-1]
        if last["host_length"]:
            self._host = _host_of(buffer, last)
        for note in self._notes[:n]:
            self._messages.append(_message(buffer, rows[int(note["row"])], note))

    def advance(self, now_ns: int) -> None:
        """Let time move on without records: a silence is told once, while it lasts."""
        rhythm, last_ns = self._rhythm, int(self._times[clock.RUNNING])
        gap_ns, usual_ns = now_ns - last_ns, int(rhythm[kernel.GAP_MAX])
        is_long = rhythm[kernel.HOURS] > kernel.HOURS_MIN and rhythm[kernel.DAYS] > kernel.DAYS_MIN
        bound_ns = max(kernel.GAP_FACTOR * usual_ns, kernel.HOUR_NS)
        if self._is_told or not is_long or gap_ns < bound_ns:
            return
        self._is_told = True
        offset = int(rhythm[kernel.LAST_OFFSET])
        self._messages.append(
            LogPause(
                at_ns=now_ns, offset=offset, client="", server=self._host, start_ns=last_ns,
                start_offset=offset, gap_ns=gap_ns, usual_ns=usual_ns,
                days=int(rhythm[kernel.DAYS]), is_over=False,
            )
        )  # fmt: skip

    def take_messages(self) -> list[Message]:
        """Return what was noted since the last call."""
        found, self._messages = self._messages, []
        return found

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {
            "times": self._times.copy(),
            "rhythm": self._rhythm.copy(),
            "is_told": self._is_told,
            "host": self._host,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._times[:] = state["times"]
        self._rhythm[:] = state["rhythm"]
        self._is_told, self._host = state["is_told"], state["host"]


def _host_of(buffer: NDArray[np.uint8], row: np.void) -> str:
    at = int(row["host_at"])
    raw = bytes(buffer[at : at + int(row["host_length"])])
    return raw.decode("utf-8", errors="backslashreplace")


def _message(buffer: NDArray[np.uint8], row: np.void, note: np.void) -> Message:
    at_ns, offset, amount = int(row["ts_ns"]), int(row["offset"]), int(note["amount"])
    common: dict[str, Any] = {
        "at_ns": at_ns, "offset": offset, "client": "", "server": _host_of(buffer, row),
        "start_ns": at_ns, "start_offset": offset, "size_bytes": int(row["length"]),
    }  # fmt: skip
    if note["kind"] == kernel.ERROR_BURST:
        return WebErrors(
            errors=amount, requests=int(note["of"]), usual=int(note["usual"]) / _MILLION, **common
        )
    is_back = bool(note["kind"] == kernel.SET_BACK)
    return LogPause(
        gap_ns=-amount if is_back else amount, usual_ns=int(note["usual"]), days=int(note["days"]),
        is_over=True, **common,
    )  # fmt: skip
