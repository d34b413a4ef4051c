"""Spikes: a closed window's rate against the target's own exponentially weighted past.

Only traffic that the target did not ask for counts: see `tocsin.kernels.targets.add_in`.
Score first, learn afterwards. A window that is judged anomalous teaches only a shadow
mean; ``shift_windows`` of them in a row replace the main one, and that is itself reported
(DESIGN, law 5). Empty windows are learned as zeros in closed form when the next one comes.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import layouts
from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined

# Parameters, in the order of core.parameters.SpikeParameters.
(S_HALF_LIFE, S_WARMUP, S_DEVIATIONS, S_RATIO, S_PACKETS, S_BYTES, S_FLOWS, S_SHIFT,
 S_GAP_S) = range(9)  # fmt: skip
_NS = 1_000_000_000
_REPORT_EVERY_NS = 60 * _NS


@inlined
def _rate(t, k, window_s):  # type: ignore[no-untyped-def]
    if k < 3:
        s = t["in_1"]
        counts = (s["packets"], s["bytes"], s["flows"])
    else:
        m = t["in_60"]
        counts = (m["packets"], m["bytes"], m["window"]["flows_in"])
    return counts[k % 3] / window_s


@part
def judge_windows(t, long, par, trips, n):  # type: ignore[no-untyped-def]
    """Score and learn the three rates of a window that closes (``long``: 60 s, else 1 s)."""
    window_ns = np.int64(60 * _NS if long else _NS)
    number = t["minute"] if long else t["second"]
    for measure in range(3):
        k = measure + (3 if long else 0)
        rate = _rate(t, k, window_ns / _NS)
        base = t["baselines"][k]
        _decay(base, number, par)
        # Counts spread at least as Poisson's do.
        poisson = np.sqrt(max(base["mean"], 0.0) * _NS / window_ns)
        usual = max(base["deviation"], poisson, 0.1 * base["mean"])
        score = (rate - base["mean"]) / max(usual, 1e-9)
        odd = (
            base["seen"] >= par[S_WARMUP]
            and score >= par[S_DEVIATIONS]
            and rate >= par[S_RATIO] * base["mean"]
            and rate >= par[S_PACKETS + measure]
        )
        if odd:
            n = _anomalous(t, k, number, window_ns, rate, score, par, trips, n)
        else:
            base["odd"] = 0
            _learn(base, rate, par)
        base["last"] = number
    return n


@inlined
def _decay(base, number, par):  # type: ignore[no-untyped-def]
    empty = number - base["last"] - 1
    if base["seen"] > 0 and empty > 0:
        keep = 0.5 ** (empty / par[S_HALF_LIFE])
        base["deviation"] = base["deviation"] * keep + base["mean"] * (1.0 - keep) * 0.5
        base["mean"] *= keep


@inlined
def _learn(base, rate, par):  # type: ignore[no-untyped-def]
    if base["seen"] == 0:
        base["mean"] = rate
    keep = 0.5 ** (1.0 / par[S_HALF_LIFE])
    keep = min(keep, base["seen"] / (base["seen"] + 1.0))  # a plain mean until the half life
    base["deviation"] = keep * base["deviation"] + (1.0 - keep) * abs(rate - base["mean"])
    base["mean"] = keep * base["mean"] + (1.0 - keep) * rate
    base["seen"] = min(base["seen"] + 1, 1_000_000)


@part
def _anomalous(t, k, number, window_ns, rate, score, par, trips, n):  # type: ignore[no-untyped-def]
    base, spike = t["baselines"][k], t["spikes"][k]
    base["shadow"] = rate if base["odd"] == 0 else base["shadow"] + (rate - base["shadow"]) * 0.1
    base["odd"] += 1
    end_ns = (number + 1) * window_ns
    fresh = spike["last_ns"] == 0 or end_ns - spike["last_ns"] > par[S_GAP_S] * _NS
    long = k >= 3
    first, last = t["in_1"]["first_offset"], t["in_1"]["last_offset"]
    packets, size, flows = t["in_1"]["packets"], t["in_1"]["bytes"], t["in_1"]["flows"]
    if long:
        w = t["in_60"]["window"]
        first, last = w["first_offset"], w["last_offset"]
        packets, size, flows = t["in_60"]["packets"], t["in_60"]["bytes"], w["flows_in"]
    if fresh:
        spike["first_ns"] = number * window_ns
        spike["first_offset"] = first
        spike["packets"] = 0
        spike["bytes"] = 0
        spike["flows"] = 0
        spike["windows"] = 0
    spike["last_ns"] = end_ns
    spike["last_offset"] = last
    spike["packets"] += packets
    spike["bytes"] += size
    spike["flows"] += flows
    spike["windows"] += 1
    phase = layouts.RAISED if spike["windows"] == 1 else layouts.UPDATED
    few = spike["windows"] <= 5
    if few or end_ns - spike["reported_ns"] >= _REPORT_EVERY_NS:
        n = _report(t, k, number, window_ns, rate, score, phase, layouts.SPIKE, par, trips, n)
        spike["reported_ns"] = end_ns
    if base["odd"] >= par[S_SHIFT]:
        code, shadow = layouts.LEVEL_SHIFT, base["shadow"]
        n = _report(t, k, number, window_ns, shadow, score, 0, code, par, trips, n)
        base["deviation"] = abs(base["shadow"] - base["mean"]) * 0.1
        base["mean"] = base["shadow"]
        base["odd"] = 0
    return n


@part
def _report(t, k, number, window_ns, rate, score, phase, code, par, trips, n):  # type: ignore[no-untyped-def]
    o, base, spike = trips[n], t["baselines"][k], t["spikes"][k]
    o["code"] = code
    o["phase"] = phase
    o["measure"] = k % 3
    o["at_ns"] = (number + 1) * window_ns
    o["offset"] = spike["last_offset"]
    o["dst_hi"], o["dst_lo"] = t["hi"], t["lo"]
    o["window_start_ns"] = number * window_ns
    o["window_ns"] = window_ns
    o["first_ns"], o["last_ns"] = spike["first_ns"], spike["last_ns"] - 1
    o["first_offset"], o["last_offset"] = spike["first_offset"], spike["last_offset"]
    o["packets"], o["bytes"], o["flows"] = spike["packets"], spike["bytes"], spike["flows"]
    o["records_to_detect"] = spike["packets"]
    o["observed"] = rate
    o["expected"] = base["mean"]
    o["deviation"] = base["deviation"]
    o["threshold"] = par[S_DEVIATIONS]
    o["score"] = score
    return n + 1
