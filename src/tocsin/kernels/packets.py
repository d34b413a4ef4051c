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
(CLOCK_NS, PANE, HOT, SECONDS, MINUTES, TRIPS, WINDOWS, FLOWS, SWEEP, EVENTS, BYTES, FLOWS_TOTAL,
 DISORDER, LATE, JUMP_NS, JUMPS, STEP_NS, CURSOR, STAGE, FILTERED, LOST, FIRST_NS) = range(22)  # fmt: skip
STATE_SIZE = 32
DONE, OUTPUT_FULL, OUT_OF_ORDER = 0, 1, 2
PANE_NS, SECOND_NS, MINUTE_NS = 100_000_000, 1_000_000_000, 60_000_000_000
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
    hot: np.ndarray
    seconds: np.ndarray
    minutes: np.ndarray
    trips: np.ndarray
    windows: np.ndarray
    flows_out: np.ndarray
    weird: np.ndarray  # int64 per `decode.WEIRD`
    scan: np.ndarray
    flood: np.ndarray
    spike: np.ndarray
    guess: np.ndarray
    own: np.ndarray


@inlined
def _effective(tables, state, ts_ns):  # type: ignore[no-untyped-def]
    """Move the source's clock by one stamp; return False when it steps back too far."""
    clock = state[CLOCK_NS]
    if clock == NEVER_NS:
        state[CLOCK_NS] = ts_ns
        state[FIRST_NS] = ts_ns
        return True
    if ts_ns < clock:
        if clock - ts_ns > tables.own[L_LATENESS_NS]:
            if tables.own[L_LIVE] == 0:
                state[STEP_NS] = clock - ts_ns
                return False
            state[LATE] += 1
        state[DISORDER] += 1
        state[JUMPS] = 0
    elif ts_ns - clock > tables.own[L_JUMP_NS]:
        near = abs(ts_ns - state[JUMP_NS]) <= tables.own[L_JUMP_NS]
        state[JUMPS] = state[JUMPS] + 1 if state[JUMPS] > 0 and near else 1
        state[JUMP_NS] = ts_ns
        if state[JUMPS] >= JUMPS_AGREE:
            state[CLOCK_NS] = ts_ns
            state[JUMPS] = 0
    else:
        state[CLOCK_NS] = ts_ns
        state[JUMPS] = 0
    return True


@part
def _close_seconds(tables, state):  # type: ignore[no-untyped-def]
    targets, active, trips = tables.targets, tables.seconds, tables.trips
    n = state[TRIPS]
    for j in range(state[SECONDS]):
        t = targets[active[j]]
        if t["second"] >= 0:
            if n < len(trips) - TRIPS_SPARE:
                n = sp.judge_windows(t, False, tables.spike, trips, n)
            else:
                state[LOST] += 1
            t["second"] = -1
    state[SECONDS] = 0
    state[TRIPS] = n


@part
def _close_minutes(tables, state):  # type: ignore[no-untyped-def]
    targets, active, trips, windows = tables.targets, tables.minutes, tables.trips, tables.windows
    n, w = state[TRIPS], state[WINDOWS]
    for j in range(state[MINUTES]):
        t = targets[active[j]]
        if t["minute"] >= 0:
            if n < len(trips) - TRIPS_SPARE:
                n = sp.judge_windows(t, True, tables.spike, trips, n)
            else:
                state[LOST] += 1
            w = tg.close_minute(t, windows, w)
    state[MINUTES] = 0
    state[TRIPS], state[WINDOWS] = n, w


@part
def _close_panes(tables, state, pane):  # type: ignore[no-untyped-def]
    """Close every pane before ``pane``."""
    old = state[PANE]
    state[PANE] = pane
    if old < 0:
        return
    targets, hot, trips = tables.targets, tables.hot, tables.trips
    end_ns = (old + 1) * PANE_NS
    n = state[TRIPS]
    for j in range(state[HOT]):
        t = targets[hot[j]]
        if t["is_hot"] and n < len(trips) - TRIPS_SPARE:
            n = tg.judge_flood(t, end_ns, tables.flood, trips, n)
        t["is_hot"] = 0
    state[HOT] = 0
    state[TRIPS] = n
    per_second, per_minute = SECOND_NS // PANE_NS, MINUTE_NS // PANE_NS
    if pane // per_second != old // per_second:
        _close_seconds(tables, state)
    if pane // per_minute != old // per_minute:
        _close_minutes(tables, state)
    _sweep(tables, state, end_ns)


@part
def _give_out(tables, state, i, now_ns, reason):  # type: ignore[no-untyped-def]
    f = tables.flows[i]
    _judge_guess(tables, state, f, now_ns)
    if len(tables.flows_out) > 0:
        ft.give_out(f, tables.flows_out, state[FLOWS], reason)
        state[FLOWS] += 1
    state[FLOWS_TOTAL] += 1
    tables.flow_tags[i] = 0


@part
def _judge_guess(tables, state, f, now_ns):  # type: ignore[no-untyped-def]
    if f["is_judged"] == 0:
        f["is_judged"] = 1
        if gs.is_guess(f, tables.guess) and state[TRIPS] < len(tables.trips) - TRIPS_SPARE:
            rows = tables.guesses
            state[TRIPS] = gs.add_guess(
                tables.guess_tags, rows, len(rows) // gs.WAYS - 1, f, now_ns, tables.guess,
                tables.key[0], tables.trips, state[TRIPS],
            )  # fmt: skip


@part
def _sweep(tables, state, now_ns):  # type: ignore[no-untyped-def]
    """Give out idle and overlong flows of a few sets; all sets get their turn."""
    tags, flows = tables.flow_tags, tables.flows
    first = state[SWEEP] * FLOW_WAYS
    for i in range(first, first + SWEEP_SETS * FLOW_WAYS):
        if tags[i] != 0:
            f = flows[i]
            if now_ns - f["last_ns"] > tables.own[L_IDLE_NS]:
                _give_out(tables, state, i, now_ns, ft.IDLE)
            elif now_ns - f["start_ns"] > tables.own[L_ACTIVE_NS]:
                _give_out(tables, state, i, now_ns, ft.ACTIVE)
    state[SWEEP] += SWEEP_SETS
    if state[SWEEP] * FLOW_WAYS >= len(flows):
        state[SWEEP] = 0


@part
def _target(tables, state, hi, lo, now_ns, offset):  # type: ignore[no-untyped-def]
    """Return the index of an address's target row, its windows open."""
    tags, targets = tables.target_tags, tables.targets
    i, tag, known = tg.find_target(
        tags, targets, len(targets) // tg.WAYS - 1, hi, lo, tables.key[0]
    )
    t = targets[i]
    if not known:
        listed_second, listed_minute = False, False
        if tags[i] != 0:
            # The row stays on the lists of open windows under its new owner.
            listed_second, listed_minute = t["second"] >= 0, t["minute"] >= 0
            if t["is_raised"] and state[TRIPS] < len(tables.trips) - TRIPS_SPARE:
                state[TRIPS] = tg.report_flood(
                    t, t["flood_last_ns"], ENDED, tables.flood, tables.trips, state[TRIPS]
                )
            if listed_minute:
                state[WINDOWS] = tg.close_minute(t, tables.windows, state[WINDOWS])
        tags[i] = tag
        tg.reset_target(t, hi, lo, now_ns)
        if listed_second:
            tg.open_second(t, now_ns, offset)
        if listed_minute:
            tg.open_minute(t, now_ns, offset)
    _open_windows(tables, state, i, now_ns, offset)
    return i


@inlined
def _open_windows(tables, state, i, now_ns, offset):  # type: ignore[no-untyped-def]
    t = tables.targets[i]
    if t["second"] < 0:
        tg.open_second(t, now_ns, offset)
        tables.seconds[state[SECONDS]] = i
        state[SECONDS] += 1
    if t["minute"] < 0:
        tg.open_minute(t, now_ns, offset)
        tables.minutes[state[MINUTES]] = i
        state[MINUTES] += 1


@inlined
def _kept_target(tables, state, kept, hi, lo, now_ns, offset):  # type: ignore[no-untyped-def]
    """Return an address's target row, by the index that its flow kept if it is still right."""
    if kept >= 0:
        t = tables.targets[kept]
        if t["lo"] == lo and t["hi"] == hi:
            _open_windows(tables, state, kept, now_ns, offset)
            return kept
    return _target(tables, state, hi, lo, now_ns, offset)


@part
def _first_contact(tables, state, f, row, now_ns):  # type: ignore[no-untyped-def]
    """Step both contact groups of a conversation that a SYN begins."""
    mask, n = len(tables.groups) // ct.WAYS - 1, state[TRIPS]
    if n >= len(tables.trips) - TRIPS_SPARE:
        state[LOST] += 1
        return
    f["vertical"], n = ct.contact(
        tables.group_tags, tables.groups, mask, ct.VERTICAL, row, now_ns, tables.scan,
        tables.key[0], tables.trips, n,
    )  # fmt: skip
    f["horizontal"], n = ct.contact(
        tables.group_tags, tables.groups, mask, ct.HORIZONTAL, row, now_ns, tables.scan,
        tables.key[0], tables.trips, n,
    )  # fmt: skip
    state[TRIPS] = n


@part
def _resolve(tables, state, f, row, outcome, now_ns):  # type: ignore[no-untyped-def]
    """Tell the contact groups of a flow how its first contact ended."""
    f["outcome"] = outcome
    src_lo = f["a_lo"] if f["src_is_a"] == 1 else f["b_lo"]
    for side in range(2):
        i = f["vertical"] if side == 0 else f["horizontal"]
        if i >= 0 and state[TRIPS] < len(tables.trips) - TRIPS_SPARE:
            g = tables.groups[i]
            if g["src_lo"] == src_lo and g["kind"] == side + 1:
                state[TRIPS] = ct.resolve(
                    g, f["start_ns"], outcome, now_ns, row["offset"], tables.scan, tables.trips,
                    state[TRIPS],
                )  # fmt: skip


@part
def _follow_tcp(tables, state, f, row, is_out, now_ns):  # type: ignore[no-untyped-def]
    """Follow one TCP conversation: contact, answer, completion, end."""
    flags = row["flags"]
    if f["outcome"] == ct.PENDING and f["flags_out"] & ft.SYN:
        if is_out:
            if not flags & (ft.SYN | ft.RST) and flags & ft.ACK and f["packets_in"] == 0:
                _resolve(tables, state, f, row, ct.ANSWERED, now_ns)  # a one-way view
        elif flags & ft.RST:
            _resolve(tables, state, f, row, ct.REFUSED, now_ns)
        elif flags & ft.SYN:
            _resolve(tables, state, f, row, ct.ANSWERED, now_ns)
    if is_out and f["is_completed"] == 0 and f["flags_out"] & ft.SYN:
        if flags & ft.ACK and not flags & (ft.SYN | ft.RST):
            f["is_completed"] = 1
            if f["target_out"] >= 0:
                t = tables.targets[f["target_out"]]
                if t["lo"] == row["dst_lo"] and t["hi"] == row["dst_hi"] and t["second"] >= 0:
                    tg.add_completion(t)
    if flags & ft.RST or (f["flags_out"] & ft.FIN and f["flags_in"] & ft.FIN):
        if f["is_judged"] == 0 and f["packets_out"] + f["packets_in"] > 3:
            _judge_guess(tables, state, f, now_ns)


@inlined
def _is_new_conversation(f, row, now_ns, tables):  # type: ignore[no-untyped-def]
    """Tell whether a packet on a known row begins another conversation there."""
    if now_ns - f["last_ns"] > tables.own[L_IDLE_NS]:
        return True
    if now_ns - f["start_ns"] > tables.own[L_ACTIVE_NS]:
        return True
    if row["proto"] == ft.TCP and row["flags"] & (ft.SYN | ft.ACK) == ft.SYN:
        over = f["flags_out"] | f["flags_in"]
        return bool(over & (ft.FIN | ft.RST))
    return False


@inlined
def _packet(b, tables, state, row, now_ns):  # type: ignore[no-untyped-def]
    """Count one sound packet everywhere."""
    is_a = ft.canonical(row)
    i, tag, known, ports = ft.find(
        tables.flow_tags, tables.flows, FLOW_WAYS, len(tables.flows) // FLOW_WAYS - 1, row, is_a,
        tables.key[0],
    )  # fmt: skip
    f = tables.flows[i]
    fresh = not known
    if known and _is_new_conversation(f, row, now_ns, tables):
        reason = ft.ACTIVE if now_ns - f["last_ns"] <= tables.own[L_IDLE_NS] else ft.IDLE
        _give_out(tables, state, i, now_ns, reason)
        fresh = True
    elif fresh and tables.flow_tags[i] != 0:
        _give_out(tables, state, i, now_ns, ft.EVICTED)
    if fresh:
        tables.flow_tags[i] = tag
        ft.begin(f, row, is_a, ports, now_ns)
    is_out = is_a == (f["src_is_a"] == 1)
    ft.add(b, f, row, is_out, now_ns)
    if row["ethertype"] != IPV4 and row["ethertype"] != IPV6:
        return
    kept = f["target_out"] if is_out else f["target_in"]
    at = _kept_target(tables, state, kept, row["dst_hi"], row["dst_lo"], now_ns, row["offset"])
    if is_out:
        f["target_out"] = at
    else:
        f["target_in"] = at
    t = tables.targets[at]
    tg.add_in(t, row, now_ns)
    if fresh:
        tg.add_flow(t, row, tables.key[0])
        if row["proto"] == ft.TCP and row["flags"] & (ft.SYN | ft.ACK) == ft.SYN:
            state[HOT] = tg.add_syn(
                t, row, now_ns, tables.flood, tables.hot, state[HOT], at, tables.key[0]
            )
            _first_contact(tables, state, f, row, now_ns)
    if row["proto"] == ft.TCP:
        _follow_tcp(tables, state, f, row, is_out, now_ns)


@kernel
def observe(b, rows, first, n, tables, state):  # type: ignore[no-untyped-def]
    """Count decoded packets ``rows[first:n]`` (dtype `decode.DECODED`) of buffer ``b``.

    Returns (packets taken, status): `DONE`, `OUTPUT_FULL` (empty the outputs and call
    again) or `OUT_OF_ORDER` (batch only; ``state[STEP_NS]`` says by how much).
    """
    for i in range(first, n):
        if (
            len(tables.windows) - state[WINDOWS] < len(tables.minutes) + 2
            or (len(tables.flows_out) > 0 and len(tables.flows_out) - state[FLOWS] < FLOWS_SPARE)
            or len(tables.trips) - state[TRIPS] < len(tables.trips) // 2
        ):
            return i - first, OUTPUT_FULL
        row = rows[i]
        if row["ts_ns"] < tables.own[L_SINCE_NS] or row["ts_ns"] > tables.own[L_UNTIL_NS]:
            state[FILTERED] += 1
            continue
        if not _effective(tables, state, row["ts_ns"]):
            return i - first, OUT_OF_ORDER
        now_ns = state[CLOCK_NS]
        pane = now_ns // PANE_NS
        if pane != state[PANE]:
            _close_panes(tables, state, pane)
        state[BYTES] += row["wirelen"]
        if row["weird"] != 0:
            tables.weird[row["weird"]] += 1
            continue
        state[EVENTS] += 1
        _packet(b, tables, state, row, now_ns)
    return n - first, DONE


@kernel
def conclude(tables, state, now_ns, is_end):  # type: ignore[no-untyped-def]
    """Move the clock to ``now_ns``; at the end also give out all that is still open.

    Returns `OUTPUT_FULL` as long as there is more (empty the outputs and call again),
    then `DONE`.
    """
    if state[STAGE] == 0:
        if now_ns > state[CLOCK_NS] and state[CLOCK_NS] != NEVER_NS:
            state[CLOCK_NS] = now_ns
        if state[CLOCK_NS] != NEVER_NS and state[CLOCK_NS] // PANE_NS != state[PANE]:
            _close_panes(tables, state, state[CLOCK_NS] // PANE_NS)
        if not is_end:
            return DONE
        if state[PANE] >= 0:  # the final tick: every window closes
            _close_panes(tables, state, (state[PANE] // 600 + 1) * 600)
        state[STAGE], state[CURSOR] = 1, 0
        return OUTPUT_FULL
    if state[STAGE] == 1:
        return _drain_flows(tables, state)
    if state[STAGE] == 2:
        return _drain_episodes(tables, state)
    return DONE


@part
def _drain_flows(tables, state):  # type: ignore[no-untyped-def]
    for i in range(state[CURSOR], len(tables.flows)):
        if tables.flow_tags[i] != 0:
            full = len(tables.flows_out) > 0 and state[FLOWS] >= len(tables.flows_out) - 1
            if full or state[TRIPS] >= len(tables.trips) - TRIPS_SPARE:
                state[CURSOR] = i
                return OUTPUT_FULL
            _give_out(tables, state, i, state[CLOCK_NS], ft.AT_END)
    state[STAGE], state[CURSOR] = 2, 0
    return OUTPUT_FULL


@part
def _drain_episodes(tables, state):  # type: ignore[no-untyped-def]
    for i in range(state[CURSOR], len(tables.groups)):
        if state[TRIPS] >= len(tables.trips) - TRIPS_SPARE:
            state[CURSOR] = i
            return OUTPUT_FULL
        n = state[TRIPS]
        if tables.group_tags[i] != 0:
            n = ct.end_episode(tables.groups[i], tables.trips, n, tables.scan)
        if i < len(tables.guesses) and tables.guess_tags[i] != 0:
            n = gs.end_guess(tables.guesses[i], tables.guess, tables.trips, n)
        if i < len(tables.targets) and tables.target_tags[i] != 0 and tables.targets[i]["is_raised"]:
            t = tables.targets[i]
            n = tg.report_flood(t, t["flood_last_ns"], ENDED, tables.flood, tables.trips, n)
        state[TRIPS] = n
    state[STAGE] = 3
    return DONE
