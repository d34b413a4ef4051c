"""Event time of one log: the running maximum, small steps back, jumps (DESIGN, law 2)."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined

# Slots of the times, int64. NOISE_AT is the row of noise that was used last (`auth_noise`).
(RUNNING, HAS_BEGUN, AGREE, AGREE_NS, LATENESS_NS, JUMP_MAX_NS, LIVE, LATE, DISORDER, NOISE_AT,
 TIMES_SIZE) = range(11)  # fmt: skip
_AGREE_MIN = 3


@inlined
def _agree(ts_ns, times):  # type: ignore[no-untyped-def]
    """Move the running time to where three records in a row say that it is."""
    near = abs(ts_ns - times[AGREE_NS]) <= times[JUMP_MAX_NS]
    times[AGREE] = times[AGREE] + 1 if times[AGREE] > 0 and near else np.int64(1)
    times[AGREE_NS] = ts_ns
    if times[AGREE] >= _AGREE_MIN:
        times[RUNNING] = ts_ns
        times[AGREE] = 0


@inlined
def effective(ts_ns, times):  # type: ignore[no-untyped-def]
    """Return the effective time of a record with a stamp, and move the source's time on.

    A small step back takes the running maximum. A larger one is late when live; in batch
    it keeps its own time, counted as disorder, so that a file of several logs one after the
    other does not fall together into one instant. A jump forward keeps its own time too,
    but moves the source only when three records agree.
    """
    step = ts_ns - times[RUNNING]
    if times[HAS_BEGUN] == 0:
        times[HAS_BEGUN] = 1
        times[RUNNING] = ts_ns
        return ts_ns
    if 0 <= step <= times[JUMP_MAX_NS]:
        times[RUNNING] = ts_ns
        times[AGREE] = 0
        return ts_ns
    if step > 0:
        _agree(ts_ns, times)
        return ts_ns
    if -step <= times[LATENESS_NS]:
        return times[RUNNING]
    if times[LIVE] == 0:
        times[DISORDER] += 1
        _agree(ts_ns, times)
        return ts_ns
    times[LATE] += 1
    effective_ns = times[RUNNING]
    if -step > times[JUMP_MAX_NS]:  # the running time itself was a lie
        _agree(ts_ns, times)
    return effective_ns
