"""The packet kernel's state and what happens beside the single packet: panes, ends, bounds.

Time moves in panes of 100 ms. Before the first packet of a later pane is counted, the panes
behind it are closed: hot targets are judged for floods, and at the turn of a second or a
minute the windows of all targets that were touched in it are closed, in table order. What
ends (a flow, an episode, a target that gives way) is given out through the outputs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.kernels import flow_table as ft
from tocsin.kernels import guesses as gs
from tocsin.kernels import spikes as sp
from tocsin.kernels import surges as sg
from tocsin.kernels import targets as tg
from tocsin.kernels import verdicts as vd
from tocsin.kernels.compiled import part
from tocsin.kernels.layouts import ENDED
from tocsin.kernels.lean import inlined
from tocsin.kernels.marks import LOOK_UPS_MAX, LOOK_UPS_PER_PANE, MARKS_PER_PANE

# Slots of the lane's state.
(CLOCK_NS, PANE, HOT, SECONDS, MINUTES, SPIKES, GROUPS, FLOODS, GUESSES, WINDOWS, FLOWS, SWEEP,
 EVENTS, BYTES, FLOWS_TOTAL, DISORDER, LATE, JUMP_NS, JUMPS, STEP_NS, CURSOR, STAGE, FILTERED,
 LOST, FIRST_NS, MARKS, IN_PANE, UNREAD, LOOK_UPS) = range(29)  # fmt: skip
STATE_SIZE = 32
DONE, OUTPUT_FULL, OUT_OF_ORDER = 0, 1, 2
PANE_NS, PANES_PER_SECOND, PANES_PER_MINUTE = 100_000_000, 10, 600
SWEEP_SETS = 8
TRIPS_SPARE, FLOWS_SPARE = 64, 256
# Slots of the lane's own settings.
L_LATENESS_NS, L_JUMP_NS, L_IDLE_NS, L_ACTIVE_NS, L_LIVE, L_SINCE_NS, L_UNTIL_NS = range(7)
JUMPS_AGREE = 3
NEVER_NS = np.iinfo(np.int64).min


class Tables(NamedTuple):
    """Everything the packet kernel keeps or fills, as arrays; see `packet_tables`.

    Entry points take it apart once: a tuple that is handed on costs minutes of compiling.
    """

    key: np.ndarray  # uint64[1], placement key
    flow_tags: np.ndarray
    flows: np.ndarray
    group_tags: np.ndarray
    groups: np.ndarray
    target_tags: np.ndarray
    targets: np.ndarray
    guess_tags: np.ndarray
    guesses: np.ndarray
    blank_flow: np.ndarray  # one-row templates
    blank_group: np.ndarray
    blank_target: np.ndarray
    blank_guess: np.ndarray
    hot: np.ndarray
    seconds: np.ndarray
    minutes: np.ndarray
    spike_trips: np.ndarray
    group_trips: np.ndarray
    flood_trips: np.ndarray
    guess_trips: np.ndarray
    windows: np.ndarray
    flows_out: np.ndarray
    marks: np.ndarray  # at most one per packet of a batch
    weird: np.ndarray  # int64 per `decode.WEIRD`
    resolved: np.ndarray  # uint64, addresses that a name server gave
    scan: np.ndarray
    flood: np.ndarray
    spike: np.ndarray
    guess: np.ndarray
    own: np.ndarray
    surging: np.ndarray  # int64, slots of `surges`
    surges: np.ndarray
    blank_surge: np.ndarray
    busy: np.ndarray
    surge_trips: np.ndarray
    surge: np.ndarray


@part
def close_panes(state, pane, targets, hot, seconds, minutes, spike_trips, flood_trips, windows,
                flood, spike, surging, surges, busy, surge_trips, surge):  # type: ignore[no-untyped-def]  # fmt: skip
    """Close every pane before ``pane``: hot targets and surges, then seconds, then minutes."""
    old, n = state[PANE], state[FLOODS]
    if surging[sg.BUSY] > 0:
        vd.judge_surges(surging, surges, busy, targets, (old + 1) * PANE_NS, surge, surge_trips,
                        TRIPS_SPARE)  # fmt: skip
    for j in range(state[HOT]):
        t = targets[hot[j]]
        if t["is_hot"] and n < len(flood_trips) - TRIPS_SPARE:
            n = tg.judge_flood(t, (old + 1) * PANE_NS, flood, flood_trips, n)
        t["is_hot"] = 0
    state[HOT] = 0
    state[FLOODS] = n
    state[PANE] = pane
    state[UNREAD] += max(0, state[IN_PANE] - MARKS_PER_PANE)
    state[IN_PANE] = 0
    state[LOOK_UPS] = min(LOOK_UPS_MAX, state[LOOK_UPS] + LOOK_UPS_PER_PANE * (pane - old))
    if pane // PANES_PER_SECOND != old // PANES_PER_SECOND:
        for j in range(state[SECONDS]):
            t = targets[seconds[j]]
            if t["second"] >= 0:
                _judge_rate(state, t, 0, spike, spike_trips)
                t["second"] = -1
        state[SECONDS] = 0
    if pane // PANES_PER_MINUTE != old // PANES_PER_MINUTE:
        for j in range(state[MINUTES]):
            t = targets[minutes[j]]
            if t["minute"] >= 0:
                _judge_rate(state, t, 1, spike, spike_trips)
                state[WINDOWS] = tg.close_minute(t, windows, state[WINDOWS])
        state[MINUTES] = 0


@part
def _judge_rate(state, t, is_minute, spike, spike_trips):  # type: ignore[no-untyped-def]
    """Score and learn a window that closes; a full output loses the trip, and counts it."""
    if state[SPIKES] < len(spike_trips) - TRIPS_SPARE:
        state[SPIKES] = sp.judge_windows(t, is_minute, spike, spike_trips, state[SPIKES])
    else:
        state[LOST] += 1


@part
def judge_guess(state, f, guess_tags, guesses, blank_guess, guess_trips, guess, key):  # type: ignore[no-untyped-def]
    """Judge an ended flow, once, as a password guess."""
    if f["is_judged"]:
        return
    f["is_judged"] = 1
    if gs.is_guess(f, guess) and len(guess_trips) - state[GUESSES] > TRIPS_SPARE:
        state[GUESSES] = gs.add_guess(
            guess_tags, guesses, blank_guess, len(guesses) // gs.WAYS - 1, f, state[CLOCK_NS],
            guess, key, guess_trips, state[GUESSES],
        )  # fmt: skip


@part
def give_out(state, flow_tags, flows, i, reason, flows_out):  # type: ignore[no-untyped-def]
    """Free a way and, if flows are wanted, copy its flow out; it must have been judged."""
    if len(flows_out) > 0:
        flows[i]["end_reason"] = reason
        flows_out[state[FLOWS]] = flows[i]
        state[FLOWS] += 1
    state[FLOWS_TOTAL] += 1
    flow_tags[i] = 0


@part
def sweep(state, own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess, guess_trips,
          guess, key):  # type: ignore[no-untyped-def]  # fmt: skip
    """Give out idle and overlong flows of a few sets; all sets get their turn."""
    now_ns, first = state[CLOCK_NS], state[SWEEP] * ft.WAYS
    for i in range(first, first + SWEEP_SETS * ft.WAYS):
        if flow_tags[i] != 0:
            f = flows[i]
            idle = now_ns - f["last_ns"] > own[L_IDLE_NS]
            if idle or now_ns - f["start_ns"] > own[L_ACTIVE_NS]:
                judge_guess(state, f, guess_tags, guesses, blank_guess, guess_trips, guess, key)
                give_out(state, flow_tags, flows, i, ft.IDLE if idle else ft.ACTIVE, flows_out)
    state[SWEEP] += SWEEP_SETS
    if state[SWEEP] * ft.WAYS >= len(flows):
        state[SWEEP] = 0


@part
def new_target(state, i, tag, row, target_tags, targets, blank_target, windows, flood_trips):  # type: ignore[no-untyped-def]
    """Take way ``i`` for a packet's destination; whoever held it gives out what is open."""
    now_ns, t = state[CLOCK_NS], targets[i]
    listed_second, listed_minute = False, False
    if target_tags[i] != 0:
        # The row stays on the lists of open windows under its new owner.
        listed_second, listed_minute = t["second"] >= 0, t["minute"] >= 0
        end_flood(state, t, flood_trips)
        if listed_minute:
            state[WINDOWS] = tg.close_minute(t, windows, state[WINDOWS])
    target_tags[i] = tag
    tg.reset_target(targets, i, blank_target, row["dst_hi"], row["dst_lo"], now_ns)
    if listed_second:
        tg.open_second(t, blank_target, now_ns, row["offset"])
    if listed_minute:
        tg.open_minute(t, blank_target, now_ns, row["offset"])


@part
def end_flood(state, t, flood_trips):  # type: ignore[no-untyped-def]
    """Report the totals of a flood that is over."""
    if t["flood"]["is_raised"] and state[FLOODS] < len(flood_trips) - TRIPS_SPARE:
        state[FLOODS] = tg.report_flood(t, state[CLOCK_NS], ENDED, flood_trips, state[FLOODS])


@part
def end_surge(state, surging, e, surge_trips):  # type: ignore[no-untyped-def]
    """Report the totals of a surge that was raised."""
    if e["all"]["is_raised"] and surging[sg.TRIPS] < len(surge_trips) - TRIPS_SPARE:
        surging[sg.TRIPS] = vd.report_surge(
            e, state[CLOCK_NS], ENDED, surge_trips, surging[sg.TRIPS]
        )


@part
def surge_malformed(state, row, target_tags, targets, blank_target, windows, flood_trips, seconds,
                    minutes, surging, surges, blank_surge, busy, surge, key):  # type: ignore[no-untyped-def]  # fmt: skip
    """Count a packet that a chain of IPv6 headers made unreadable at its target."""
    to, tag, known = tg.find_target(
        target_tags, targets, len(targets) // tg.WAYS - 1, row["dst_hi"], row["dst_lo"], key
    )
    if not known:
        new_target(state, to, tag, row, target_tags, targets, blank_target, windows, flood_trips)
    t = targets[to]
    if t["second"] < 0 or t["minute"] < 0:
        open_windows(state, to, row["offset"], targets, blank_target, seconds, minutes)
    t["last_ns"] = state[CLOCK_NS]
    t["in_1"]["shapes"][sg.ODD_V6] += 1
    if t["in_1"]["shapes"][sg.ODD_V6] > sg.UNSEEN:
        sg.look(surging, surges, blank_surge, busy, t, to, sg.ODD_V6, row, False, True,
                state[CLOCK_NS], surge, key)  # fmt: skip


@part
def open_windows(state, i, offset, targets, blank_target, seconds, minutes):  # type: ignore[no-untyped-def]
    """Open the windows of a target and put it on their lists."""
    t, now_ns = targets[i], state[CLOCK_NS]
    if t["second"] < 0:
        tg.open_second(t, blank_target, now_ns, offset)
        seconds[state[SECONDS]] = i
        state[SECONDS] += 1
    if t["minute"] < 0:
        tg.open_minute(t, blank_target, now_ns, offset)
        minutes[state[MINUTES]] = i
        state[MINUTES] += 1


@inlined
def is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips,
            guess_trips, surging, surge_trips):  # type: ignore[no-untyped-def]  # fmt: skip
    """Tell whether one more packet, and the panes it may close, could overflow an output."""
    return (
        len(windows) - state[WINDOWS] < len(minutes) + 2
        or (len(flows_out) > 0 and len(flows_out) - state[FLOWS] < FLOWS_SPARE)
        or state[SPIKES] > len(spike_trips) // 2
        or state[GROUPS] > len(group_trips) // 2
        or state[FLOODS] > len(flood_trips) // 2
        or state[GUESSES] > len(guess_trips) // 2
        or surging[sg.TRIPS] > len(surge_trips) // 2
    )
