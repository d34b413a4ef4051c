"""The packet kernel: decoded packets in, one pass, all tables kept, trips and windows out.

Strategy: flow first (one look-up), then the contact groups if the packet begins or answers
a conversation, then the target that it arrives at (its index is kept in the flow). Time
moves in panes of 100 ms: before the first packet of a later pane is counted, the panes
behind it are closed: hot targets are judged for floods, and at the turn of a second or
minute the windows of all targets that were touched in it are closed, in table order.
A call stops when an output is nearly full and goes on with the next; where it stops changes
nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.kernels import contacts as ct
from tocsin.kernels import flow_table as ft
from tocsin.kernels import guesses as gs
from tocsin.kernels import spikes as sp
from tocsin.kernels import targets as tg
from tocsin.kernels.compiled import inlined, kernel, part
from tocsin.kernels.decode import IPV4, IPV6
from tocsin.kernels.layouts import ENDED

# Slots of the lane's state.
(CLOCK_NS, PANE, HOT, SECONDS, MINUTES, SPIKES, GROUPS, FLOODS, GUESSES, WINDOWS, FLOWS, SWEEP, EVENTS, BYTES, FLOWS_TOTAL,
 DISORDER, LATE, JUMP_NS, JUMPS, STEP_NS, CURSOR, STAGE, FILTERED, LOST, FIRST_NS) = range(25)  # fmt: skip
STATE_SIZE = 32
DONE, OUTPUT_FULL, OUT_OF_ORDER = 0, 1, 2
PANE_NS, PANES_PER_SECOND, PANES_PER_MINUTE = 100_000_000, 10, 600
FLOW_WAYS = 16
SWEEP_SETS = 8
TRIPS_SPARE, FLOWS_SPARE = 64, 256
# Slots of the lane's own settings.
L_LATENESS_NS, L_JUMP_NS, L_IDLE_NS, L_ACTIVE_NS, L_LIVE, L_SINCE_NS, L_UNTIL_NS = range(7)
JUMPS_AGREE = 3
NEVER_NS = np.iinfo(np.int64).min


class Tables(NamedTuple):
    """Everything the packet kernel keeps or fills, as arrays; see `packet_tables`."""

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
    weird: np.ndarray  # int64 per `decode.WEIRD`
    scan: np.ndarray
    flood: np.ndarray
    spike: np.ndarray
    guess: np.ndarray
    own: np.ndarray


@inlined
def _effective(state, own, ts_ns):  # type: ignore[no-untyped-def]
    """Move the source's clock by one stamp; return False when it steps back too far."""
    clock = state[CLOCK_NS]
    if ts_ns >= clock and ts_ns - clock <= own[L_JUMP_NS]:
        state[CLOCK_NS] = ts_ns
        state[JUMPS] = 0
        return True
    if clock == NEVER_NS:
        state[CLOCK_NS] = ts_ns
        state[FIRST_NS] = ts_ns
        return True
    return _odd_stamp(state, own, ts_ns)


@part
def _odd_stamp(state, own, ts_ns):  # type: ignore[no-untyped-def]
    """Judge a step back, or a jump ahead that must be agreed on by several records."""
    clock = state[CLOCK_NS]
    if ts_ns < clock:
        if clock - ts_ns > own[L_LATENESS_NS]:
            if own[L_LIVE] == 0:
                state[STEP_NS] = clock - ts_ns
                return False
            state[LATE] += 1
        state[DISORDER] += 1
        state[JUMPS] = 0
        return True
    near = abs(ts_ns - state[JUMP_NS]) <= own[L_JUMP_NS]
    state[JUMPS] = state[JUMPS] + 1 if state[JUMPS] > 0 and near else 1
    state[JUMP_NS] = ts_ns
    if state[JUMPS] >= JUMPS_AGREE:
        state[CLOCK_NS] = ts_ns
        state[JUMPS] = 0
    return True


@part
def _close_panes(state, pane, targets, hot, seconds, minutes, spike_trips, flood_trips, windows, flood, spike):  # type: ignore[no-untyped-def]
    """Close every pane before ``pane``: hot targets, then seconds, then minutes."""
    old = state[PANE]
    n = state[FLOODS]
    for j in range(state[HOT]):
        t = targets[hot[j]]
        if t["is_hot"] and n < len(flood_trips) - TRIPS_SPARE:
            n = tg.judge_flood(t, (old + 1) * PANE_NS, flood, flood_trips, n)
        t["is_hot"] = 0
    state[HOT] = 0
    state[FLOODS] = n
    if pane // PANES_PER_SECOND == old // PANES_PER_SECOND:
        return
    n = state[SPIKES]
    for j in range(state[SECONDS]):
        t = targets[seconds[j]]
        if t["second"] >= 0:
            if n < len(spike_trips) - TRIPS_SPARE:
                n = sp.judge_windows(t, False, spike, spike_trips, n)
            else:
                state[LOST] += 1
            t["second"] = -1
    state[SECONDS] = 0
    if pane // PANES_PER_MINUTE != old // PANES_PER_MINUTE:
        for j in range(state[MINUTES]):
            t = targets[minutes[j]]
            if t["minute"] >= 0:
                if n < len(spike_trips) - TRIPS_SPARE:
                    n = sp.judge_windows(t, True, spike, spike_trips, n)
                else:
                    state[LOST] += 1
                state[WINDOWS] = tg.close_minute(t, windows, state[WINDOWS])
        state[MINUTES] = 0
    state[SPIKES] = n


@part
def _judge_guess(state, f, now_ns, guess_tags, guesses, blank_guess, guess_trips, guess, key):  # type: ignore[no-untyped-def]
    """Judge an ended flow once as a password guess."""
    f["is_judged"] = 1
    if gs.is_guess(f, guess) and len(guess_trips) - state[GUESSES] > TRIPS_SPARE:
        state[GUESSES] = gs.add_guess(
            guess_tags, guesses, blank_guess, len(guesses) // gs.WAYS - 1, f, now_ns, guess, key,
            guess_trips, state[GUESSES],
        )  # fmt: skip


@part
def _give_out(state, flow_tags, flows, i, reason, flows_out):  # type: ignore[no-untyped-def]
    """Free a way and, if flows are wanted, copy its flow out."""
    if len(flows_out) > 0:
        flows[i]["end_reason"] = reason
        flows_out[state[FLOWS]] = flows[i]
        state[FLOWS] += 1
    state[FLOWS_TOTAL] += 1
    flow_tags[i] = 0


@part
def _sweep(state, now_ns, own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess, guess_trips, guess, key):  # type: ignore[no-untyped-def]
    """Give out idle and overlong flows of a few sets; all sets get their turn."""
    first = state[SWEEP] * FLOW_WAYS
    for i in range(first, first + SWEEP_SETS * FLOW_WAYS):
        if flow_tags[i] != 0:
            f = flows[i]
            idle = now_ns - f["last_ns"] > own[L_IDLE_NS]
            if idle or now_ns - f["start_ns"] > own[L_ACTIVE_NS]:
                if f["is_judged"] == 0:
                    _judge_guess(
                        state, f, now_ns, guess_tags, guesses, blank_guess, guess_trips, guess, key
                    )
                _give_out(state, flow_tags, flows, i, ft.IDLE if idle else ft.ACTIVE, flows_out)
    state[SWEEP] += SWEEP_SETS
    if state[SWEEP] * FLOW_WAYS >= len(flows):
        state[SWEEP] = 0


@part
def _new_target(state, i, tag, hi, lo, now_ns, offset, target_tags, targets, blank_target, windows, flood_trips):  # type: ignore[no-untyped-def]
    """Take way ``i`` for an address; whoever held it gives out what is open."""
    t = targets[i]
    listed_second, listed_minute = False, False
    if target_tags[i] != 0:
        # The row stays on the lists of open windows under its new owner.
        listed_second, listed_minute = t["second"] >= 0, t["minute"] >= 0
        if t["flood"]["is_raised"] and state[FLOODS] < len(flood_trips) - TRIPS_SPARE:
            state[FLOODS] = tg.report_flood(
                t, t["flood"]["last_ns"], ENDED, flood_trips, state[FLOODS]
            )
        if listed_minute:
            state[WINDOWS] = tg.close_minute(t, windows, state[WINDOWS])
    target_tags[i] = tag
    tg.reset_target(targets, i, blank_target, hi, lo, now_ns)
    if listed_second:
        tg.open_second(t, blank_target, now_ns, offset)
    if listed_minute:
        tg.open_minute(t, blank_target, now_ns, offset)


@part
def _open_windows(state, i, now_ns, offset, targets, blank_target, seconds, minutes):  # type: ignore[no-untyped-def]
    """Open the windows of a target and put it on their lists."""
    t = targets[i]
    if t["second"] < 0:
        tg.open_second(t, blank_target, now_ns, offset)
        seconds[state[SECONDS]] = i
        state[SECONDS] += 1
    if t["minute"] < 0:
        tg.open_minute(t, blank_target, now_ns, offset)
        minutes[state[MINUTES]] = i
        state[MINUTES] += 1


@inlined
def _target(state, f, row, is_out, now_ns, key, target_tags, targets, blank_target, seconds, minutes, windows, flood_trips):  # type: ignore[no-untyped-def]
    """Return the row of a packet's destination, by the index its flow kept if still right."""
    hi, lo = row["dst_hi"], row["dst_lo"]
    kept = f["target_out"] if is_out else f["target_in"]
    if kept < 0 or targets[kept]["lo"] != lo or targets[kept]["hi"] != hi:
        kept, tag, known = tg.find_target(
            target_tags, targets, len(targets) // tg.WAYS - 1, hi, lo, key
        )
        if not known:
            _new_target(
                state, kept, tag, hi, lo, now_ns, row["offset"], target_tags, targets,
                blank_target, windows, flood_trips,
            )  # fmt: skip
        if is_out:
            f["target_out"] = kept
        else:
            f["target_in"] = kept
    if targets[kept]["second"] < 0 or targets[kept]["minute"] < 0:
        _open_windows(state, kept, now_ns, row["offset"], targets, blank_target, seconds, minutes)
    return kept


@part
def _first_contact(state, f, row, now_ns, group_tags, groups, blank_group, group_trips, scan, key):  # type: ignore[no-untyped-def]
    """Step both contact groups of a conversation that a SYN begins."""
    if state[GROUPS] >= len(group_trips) - TRIPS_SPARE:
        state[LOST] += 1
        return
    mask = len(groups) // ct.WAYS - 1
    for kind in (ct.VERTICAL, ct.HORIZONTAL):
        i, state[GROUPS] = ct.contact(
            group_tags, groups, blank_group, mask, kind, row, now_ns, scan, key, group_trips,
            state[GROUPS],
        )  # fmt: skip
        if kind == ct.VERTICAL:
            f["vertical"] = i
        else:
            f["horizontal"] = i


@part
def _resolve(state, f, offset, outcome, now_ns, groups, group_trips, scan):  # type: ignore[no-untyped-def]
    """Tell the contact groups of a flow how its first contact ended."""
    f["outcome"] = outcome
    src_lo = f["a_lo"] if f["src_is_a"] == 1 else f["b_lo"]
    for side in range(2):
        i = f["vertical"] if side == 0 else f["horizontal"]
        if i >= 0 and state[GROUPS] < len(group_trips) - TRIPS_SPARE:
            g = groups[i]
            if g["src_lo"] == src_lo and g["kind"] == side + 1:
                state[GROUPS] = ct.resolve(
                    g, f["start_ns"], outcome, now_ns, offset, scan, group_trips, state[GROUPS]
                )


@inlined
def _outcome(f, flags, is_out):  # type: ignore[no-untyped-def]
    """Tell how a pending first contact ends with this packet, `PENDING` if it does not."""
    if is_out:
        # In a one-way view the initiator's own acknowledgement tells of the answer.
        one_way = flags & (ft.SYN | ft.RST | ft.ACK) == ft.ACK and f["packets_in"] == 0
        return ct.ANSWERED if one_way else ct.PENDING
    if flags & ft.RST:
        return ct.REFUSED
    return ct.ANSWERED if flags & ft.SYN else ct.PENDING


@inlined
def _is_another(f, row, now_ns, own):  # type: ignore[no-untyped-def]
    """Tell whether a packet on a known row begins another conversation there."""
    if now_ns - f["last_ns"] > own[L_IDLE_NS] or now_ns - f["start_ns"] > own[L_ACTIVE_NS]:
        return True
    if row["proto"] == ft.TCP and row["flags"] & (ft.SYN | ft.ACK) == ft.SYN:
        return ((f["flags_out"] | f["flags_in"]) & (ft.FIN | ft.RST)) != 0
    return False


@inlined
def _is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips, guess_trips):  # type: ignore[no-untyped-def]
    """Tell whether one more packet, and the panes it may close, could overflow an output."""
    return (
        len(windows) - state[WINDOWS] < len(minutes) + 2
        or (len(flows_out) > 0 and len(flows_out) - state[FLOWS] < FLOWS_SPARE)
        or state[SPIKES] > len(spike_trips) // 2
        or state[GROUPS] > len(group_trips) // 2
        or state[FLOODS] > len(flood_trips) // 2
        or state[GUESSES] > len(guess_trips) // 2
    )


@kernel
def observe(b, rows, first, n, tables, state):  # type: ignore[no-untyped-def]
    """Count decoded packets ``rows[first:n]`` (dtype `decode.DECODED`) of buffer ``b``.

    Returns (packets taken, status): `DONE`, `OUTPUT_FULL` (empty the outputs and call
    again) or `OUT_OF_ORDER` (batch only; ``state[STEP_NS]`` says by how much).
    """
    # Unpacked once: each look into the tuple would count references anew.
    (key_, flow_tags, flows, group_tags, groups, target_tags, targets, guess_tags, guesses,
     blank_flow, blank_group, blank_target, blank_guess, hot, seconds, minutes, spike_trips,
     group_trips, flood_trips, guess_trips, windows, flows_out, weird, scan, flood, spike, guess,
     own) = tables  # fmt: skip
    key, flow_mask = key_[0], len(flows) // FLOW_WAYS - 1
    for i in range(first, n):
        if _is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips, guess_trips):
            return i - first, OUTPUT_FULL
        row = rows[i]
        if row["ts_ns"] < own[L_SINCE_NS] or row["ts_ns"] > own[L_UNTIL_NS]:
            state[FILTERED] += 1
            continue
        if not _effective(state, own, row["ts_ns"]):
            return i - first, OUT_OF_ORDER
        now_ns = state[CLOCK_NS]
        pane = now_ns // PANE_NS
        if pane != state[PANE]:
            if state[PANE] >= 0:
                _close_panes(state, pane, targets, hot, seconds, minutes, spike_trips, flood_trips, windows, flood, spike)
                _sweep(state, now_ns, own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess, guess_trips, guess, key)
            state[PANE] = pane
        state[BYTES] += row["wirelen"]
        if row["weird"] != 0:
            weird[row["weird"]] += 1
            continue
        state[EVENTS] += 1
        is_a = ft.canonical(row)
        at, tag, known, ports = ft.find(flow_tags, flows, FLOW_WAYS, flow_mask, row, is_a, key)
        f = flows[at]
        fresh = not known
        if flow_tags[at] != 0 and (fresh or _is_another(f, row, now_ns, own)):
            if f["is_judged"] == 0:
                _judge_guess(state, f, now_ns, guess_tags, guesses, blank_guess, guess_trips, guess, key)
            idle = now_ns - f["last_ns"] > own[L_IDLE_NS]
            reason = ft.EVICTED if fresh else ft.IDLE if idle else ft.ACTIVE
            _give_out(state, flow_tags, flows, at, reason, flows_out)
            fresh = True
        if fresh:
            flow_tags[at] = tag
            ft.begin(flows, at, blank_flow, row, is_a, ports, now_ns)
        is_out = is_a == (f["src_is_a"] == 1)
        ft.add(b, f, row, is_out, now_ns)
        if row["ethertype"] != IPV4 and row["ethertype"] != IPV6:
            continue
        to = _target(state, f, row, is_out, now_ns, key, target_tags, targets, blank_target, seconds, minutes, windows, flood_trips)
        t = targets[to]
        tg.add_in(t, row, now_ns)
        if fresh:
            tg.add_flow(t, row, key)
        if row["proto"] == ft.TCP:
            flags = row["flags"]
            if fresh and flags & (ft.SYN | ft.ACK) == ft.SYN:
                state[HOT] = tg.add_syn(targets, to, blank_target, row, now_ns, flood, hot, state[HOT], key)
                _first_contact(state, f, row, now_ns, group_tags, groups, blank_group, group_trips, scan, key)
            elif f["outcome"] == ct.PENDING and f["flags_out"] & ft.SYN:
                outcome = _outcome(f, flags, is_out)
                if outcome != ct.PENDING:
                    _resolve(state, f, row["offset"], outcome, now_ns, groups, group_trips, scan)
            if is_out and f["is_completed"] == 0 and f["flags_out"] & ft.SYN:
                if flags & (ft.SYN | ft.RST | ft.ACK) == ft.ACK:
                    f["is_completed"] = 1
                    tg.add_completion(t)
            if f["is_judged"] == 0 and f["packets_out"] + f["packets_in"] > 3:
                if flags & ft.RST or f["flags_out"] & f["flags_in"] & ft.FIN:
                    _judge_guess(state, f, now_ns, guess_tags, guesses, blank_guess, guess_trips, guess, key)
    return n - first, DONE


@kernel
def conclude(tables, state, now_ns, is_end):  # type: ignore[no-untyped-def]
    """Move the clock to ``now_ns``; at the end also give out all that is still open.

    Returns `OUTPUT_FULL` as long as there is more (empty the outputs and call again),
    then `DONE`.
    """
    (key_, flow_tags, flows, group_tags, groups, target_tags, targets, guess_tags, guesses,
     _, _, _, blank_guess, hot, seconds, minutes, spike_trips,
     group_trips, flood_trips, guess_trips, windows, flows_out, _, scan, flood, spike, guess,
     own) = tables  # fmt: skip
    key = key_[0]
    if state[STAGE] == 0:
        if state[CLOCK_NS] != NEVER_NS and state[PANE] >= 0:
            state[CLOCK_NS] = max(state[CLOCK_NS], now_ns)
            pane = state[CLOCK_NS] // PANE_NS
            if is_end:  # the final tick: every window closes
                pane = (state[PANE] // PANES_PER_MINUTE + 1) * PANES_PER_MINUTE
            if pane != state[PANE]:
                _close_panes(state, pane, targets, hot, seconds, minutes, spike_trips, flood_trips, windows, flood, spike)
                _sweep(state, state[CLOCK_NS], own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess, guess_trips, guess, key)
                state[PANE] = pane
        if not is_end:
            return DONE
        state[STAGE], state[CURSOR] = 1, 0
        return OUTPUT_FULL
    for i in range(state[CURSOR], len(flows)):
        if _is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips, guess_trips):
            state[CURSOR] = i
            return OUTPUT_FULL
        if state[STAGE] == 1 and flow_tags[i] != 0:
            if flows[i]["is_judged"] == 0:
                _judge_guess(state, flows[i], state[CLOCK_NS], guess_tags, guesses, blank_guess, guess_trips, guess, key)
            _give_out(state, flow_tags, flows, i, ft.AT_END, flows_out)
        elif state[STAGE] == 2:
            _end_episodes(state, i, group_tags, groups, target_tags, targets, guess_tags, guesses, group_trips, flood_trips, guess_trips, scan, guess)
    state[STAGE], state[CURSOR] = state[STAGE] + 1, 0
    return OUTPUT_FULL if state[STAGE] == 2 else DONE


@part
def _end_episodes(state, i, group_tags, groups, target_tags, targets, guess_tags, guesses, group_trips, flood_trips, guess_trips, scan, guess):  # type: ignore[no-untyped-def]
    """Report the totals of whatever is raised in row ``i`` of each table."""
    if i < len(groups) and group_tags[i] != 0:
        state[GROUPS] = ct.end_episode(groups[i], group_trips, state[GROUPS], scan)
    if i < len(guesses) and guess_tags[i] != 0:
        state[GUESSES] = gs.end_guess(guesses[i], guess, guess_trips, state[GUESSES])
    if i < len(targets) and target_tags[i] != 0 and targets[i]["flood"]["is_raised"]:
        t = targets[i]
        state[FLOODS] = tg.report_flood(t, t["flood"]["last_ns"], ENDED, flood_trips, state[FLOODS])
