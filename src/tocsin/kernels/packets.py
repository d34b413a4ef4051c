"""The packet kernel: decoded packets in, one pass, all tables kept, trips and windows out.

Strategy: flow first (one look-up), then the contact groups if the packet begins or answers
a conversation, then the target that it arrives at (its index is kept in the flow). What
happens beside the single packet stands in `tocsin.kernels.panes`. A call stops when an
output is nearly full and goes on with the next; where it stops changes nothing.
"""

from __future__ import annotations

from tocsin.kernels import contacts as ct
from tocsin.kernels import flow_table as ft
from tocsin.kernels import guesses as gs
from tocsin.kernels import marks as mk
from tocsin.kernels import panes as pn
from tocsin.kernels import surges as sg
from tocsin.kernels import targets as tg
from tocsin.kernels.compiled import part
from tocsin.kernels.decode import ICMP, ICMPV6, IPV4, IPV6
from tocsin.kernels.first_contacts import (
    first_contact,
    odd_outcome,
    outcome_of,
    resolve_contact,
    technique_of_first,
    unreachable,
)
from tocsin.kernels.lean import inlined, kernel
from tocsin.kernels.panes import (
    BYTES,
    CLOCK_NS,
    CURSOR,
    DISORDER,
    EVENTS,
    FILTERED,
    FIRST_NS,
    GROUPS,
    GUESSES,
    HOT,
    IN_PANE,
    JUMP_NS,
    JUMPS,
    JUMPS_AGREE,
    L_ACTIVE_NS,
    L_IDLE_NS,
    L_JUMP_NS,
    L_LATENESS_NS,
    L_LIVE,
    L_SINCE_NS,
    L_UNTIL_NS,
    LATE,
    MARKS,
    NEVER_NS,
    PANE,
    PANE_NS,
    PANES_PER_MINUTE,
    STAGE,
    STEP_NS,
)  # fmt: skip
from tocsin.kernels.resolved import DNS_PORT, note_answers

DONE, OUTPUT_FULL, OUT_OF_ORDER = 0, 1, 2


@inlined
def effective(state, own, ts_ns):  # type: ignore[no-untyped-def]
    """Move the source's clock by one stamp; return False when it steps back too far."""
    clock = state[CLOCK_NS]
    if clock == NEVER_NS:
        state[CLOCK_NS] = ts_ns
        state[FIRST_NS] = ts_ns
        return True
    if ts_ns >= clock and ts_ns - clock <= own[L_JUMP_NS]:
        state[CLOCK_NS] = ts_ns
        state[JUMPS] = 0
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


@inlined
def is_another(f, row, now_ns, own):  # type: ignore[no-untyped-def]
    """Tell whether a packet on a known row begins another conversation there."""
    if now_ns - f["last_ns"] > own[L_IDLE_NS] or now_ns - f["start_ns"] > own[L_ACTIVE_NS]:
        return True
    if row["proto"] == ft.TCP and row["flags"] & (ft.SYN | ft.ACK) == ft.SYN:
        return ((f["flags_out"] | f["flags_in"]) & (ft.FIN | ft.RST)) != 0
    return False


@inlined
def _handshake(f, t, flags, is_out):  # type: ignore[no-untyped-def]
    """Note that the initiator completed the handshake."""
    if is_out and f["is_completed"] == 0 and f["flags_out"] & ft.SYN:
        if flags & (ft.SYN | ft.RST | ft.ACK) == ft.ACK:
            f["is_completed"] = 1
            tg.add_completion(t)


@inlined
def _has_closed(f, flags):  # type: ignore[no-untyped-def]
    """Tell whether this packet closes a conversation that came to something."""
    if f["is_judged"] or f["packets_out"] + f["packets_in"] <= 3:
        return False
    return flags & ft.RST != 0 or f["flags_out"] & f["flags_in"] & ft.FIN != 0


@inlined
def _row_of(f, row, is_out, targets):  # type: ignore[no-untyped-def]
    """Return the target row that the flow kept for this direction, -1 if it is another's now."""
    kept = f["target_out"] if is_out else f["target_in"]
    if kept < 0 or targets[kept]["lo"] != row["dst_lo"] or targets[kept]["hi"] != row["dst_hi"]:
        return -1
    return kept


@kernel
def observe(b, rows, first, n, tables, state):  # type: ignore[no-untyped-def]
    """Count decoded packets ``rows[first:n]`` (dtype `decode.DECODED`) of buffer ``b``.

    The rows have been through `flow_table.place`.

    Returns (packets taken, status): `DONE`, `OUTPUT_FULL` (empty the outputs and call
    again) or `OUT_OF_ORDER` (batch only; ``state[STEP_NS]`` says by how much).
    """
    # Taken apart once; the length of this loop is that of the packet's way through the tables.
    (key_, flow_tags, flows, group_tags, groups, target_tags, targets, guess_tags, guesses,
     blank_flow, blank_group, blank_target, blank_guess, hot, seconds, minutes, spike_trips,
     group_trips, flood_trips, guess_trips, windows, flows_out, marks, weird, resolved, scan, flood,
     spike, guess, own, surging, surges, blank_surge, busy, surge_trips, surge) = tables  # fmt: skip
    key, flow_mask, target_mask = key_[0], len(flows) // ft.WAYS - 1, len(targets) // tg.WAYS - 1
    for i in range(first, n):
        if pn.is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips,
                      guess_trips, surging, surge_trips):  # fmt: skip
            return i - first, OUTPUT_FULL
        row = rows[i]
        ft.fetch(flow_tags, flows, flow_mask, rows, i, n, targets)
        if row["ts_ns"] < own[L_SINCE_NS] or row["ts_ns"] > own[L_UNTIL_NS]:
            state[FILTERED] += 1
            continue
        if not effective(state, own, row["ts_ns"]):
            return i - first, OUT_OF_ORDER
        now_ns = state[CLOCK_NS]
        pane = now_ns // PANE_NS
        if pane != state[PANE]:
            if state[PANE] >= 0:
                pn.close_panes(state, pane, targets, hot, seconds, minutes, spike_trips,
                               flood_trips, windows, flood, spike, surging, surges, busy,
                               surge_trips, surge)  # fmt: skip
                pn.sweep(state, own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess,
                         guess_trips, guess, key)  # fmt: skip
            state[PANE] = pane
        state[BYTES] += row["wirelen"]
        if row["weird"] != 0:
            weird[row["weird"]] += 1
            if row["extensions"] > 0:
                pn.surge_malformed(state, row, target_tags, targets, blank_target, windows,
                                   flood_trips, seconds, minutes, surging, surges, blank_surge,
                                   busy, surge, key)  # fmt: skip
            continue
        state[EVENTS] += 1
        at, tag, known, is_a = ft.find(flow_tags, flows, flow_mask, row)
        f, fresh = flows[at], not known
        if flow_tags[at] != 0 and (fresh or is_another(f, row, now_ns, own)):
            pn.judge_guess(state, f, guess_tags, guesses, blank_guess, guess_trips, guess, key)
            idle = now_ns - f["last_ns"] > own[L_IDLE_NS]
            reason = ft.EVICTED if fresh else ft.IDLE if idle else ft.ACTIVE
            pn.give_out(state, flow_tags, flows, at, reason, flows_out)
            fresh = True
        if fresh:
            flow_tags[at] = tag
            is_a = True
            ft.begin(flows, at, blank_flow, row, now_ns)
        is_out = is_a == (f["src_is_a"] == 1)
        ft.add(b, f, row, is_out, now_ns)
        state[MARKS], is_marked = mk.note(
            state, b, f, row, i, is_out, now_ns, marks, state[MARKS], state[IN_PANE]
        )
        state[IN_PANE] += is_marked
        if row["ethertype"] != IPV4 and row["ethertype"] != IPV6:
            continue
        to = _row_of(f, row, is_out, targets)
        if to < 0:
            to, tag, known = tg.find_target(
                target_tags, targets, target_mask, row["dst_hi"], row["dst_lo"], key
            )
            if not known:
                pn.new_target(state, to, tag, row, target_tags, targets, blank_target, windows,
                              flood_trips)  # fmt: skip
            if is_out:
                f["target_out"] = to
            else:
                f["target_in"] = to
        t = targets[to]
        if t["second"] < 0 or t["minute"] < 0:
            pn.open_windows(state, to, row["offset"], targets, blank_target, seconds, minutes)
        is_unasked = is_out and not ft.is_transfer(f)
        tg.add_in(t, row, is_unasked, now_ns)
        shape = sg.shape_of(b, f, row, is_out, is_unasked)
        if shape != sg.NONE and sg.is_surge(t, shape):
            is_first = f["packets_in"] == 1 if shape == sg.OVERFED else fresh
            sg.look(surging, surges, blank_surge, busy, t, to, shape, row, is_first,
                    sg.is_odd(f, row, shape), now_ns, surge, key)  # fmt: skip
        if not is_out and f["packets_in"] == 1 and sg.has_no_handshake(f, row):
            sg.note_answer(f, row, targets, surges)
        if fresh:
            tg.add_flow(t, row, key)
        flags = row["flags"]
        if f["flags_out"] & ft.SYN == 0:
            if fresh:
                technique = technique_of_first(f, row, b)
                if technique >= 0:
                    first_contact(state, b, f, row, technique, group_tags, groups, blank_group,
                                   group_trips, resolved, scan, key)  # fmt: skip
            elif f["outcome"] == ct.PENDING and (f["vertical"] >= 0 or f["horizontal"] >= 0):
                outcome = odd_outcome(f, row, is_out)
                if outcome != ct.PENDING:
                    resolve_contact(
                        state, f, row["offset"], outcome, groups, group_trips, resolved, scan, key
                    )
            if (row["proto"] == ICMP and row["icmp_type"] == 3) or (
                row["proto"] == ICMPV6 and row["icmp_type"] == 1
            ):
                unreachable(state, b, row, group_tags, groups, group_trips, scan, key)
        if row["proto"] == ft.TCP:
            is_opening = flags & (ft.SYN | ft.ACK) == ft.SYN
            if is_opening and (fresh or ft.is_knocking(f)):
                state[HOT] = tg.add_syn(targets, to, blank_target, row, now_ns, flood, hot,
                                        state[HOT], key)  # fmt: skip
            if is_opening and fresh:
                first_contact(state, b, f, row, ct.SYN_PROBE, group_tags, groups, blank_group,
                               group_trips, resolved, scan, key)  # fmt: skip
            elif f["outcome"] == ct.PENDING and f["flags_out"] & ft.SYN:
                outcome = outcome_of(f, flags, is_out)
                if outcome != ct.PENDING:
                    resolve_contact(
                        state, f, row["offset"], outcome, groups, group_trips, resolved, scan, key
                    )
            _handshake(f, t, flags, is_out)
            if _has_closed(f, flags):
                pn.judge_guess(state, f, guess_tags, guesses, blank_guess, guess_trips, guess, key)
        elif row["proto"] == ft.UDP and row["src_port"] == DNS_PORT and not is_out:
            start, end = row["payload_at"], row["payload_at"] + row["captured"]
            note_answers(b, start, end, resolved, key)
    return n - first, DONE


@kernel
def conclude(tables, state, now_ns, is_end):  # type: ignore[no-untyped-def]
    """Move the clock to ``now_ns``; at the end also give out all that is still open.

    Returns `OUTPUT_FULL` as long as there is more (empty the outputs and call again),
    then `DONE`.
    """
    (key_, flow_tags, flows, group_tags, groups, target_tags, targets, guess_tags, guesses,
     _, _, _, blank_guess, hot, seconds, minutes, spike_trips, group_trips, flood_trips,
     guess_trips, windows, flows_out, _, _, _, scan, flood, spike, guess, own, surging, surges, _,
     busy, surge_trips, surge) = tables  # fmt: skip
    if state[STAGE] == 0:
        if state[CLOCK_NS] != NEVER_NS and state[PANE] >= 0:
            state[CLOCK_NS] = max(state[CLOCK_NS], now_ns)
            pane = state[CLOCK_NS] // PANE_NS
            if is_end:  # the final tick: every window closes
                pane = (state[PANE] // PANES_PER_MINUTE + 1) * PANES_PER_MINUTE
            if pane != state[PANE]:
                pn.close_panes(state, pane, targets, hot, seconds, minutes, spike_trips,
                               flood_trips, windows, flood, spike, surging, surges, busy,
                               surge_trips, surge)  # fmt: skip
                pn.sweep(state, own, flow_tags, flows, flows_out, guess_tags, guesses, blank_guess,
                         guess_trips, guess, key_[0])  # fmt: skip
        if not is_end:
            return DONE
        state[STAGE], state[CURSOR] = 1, 0
        return OUTPUT_FULL
    for i in range(state[CURSOR], len(flows)):
        if pn.is_full(state, windows, minutes, flows_out, spike_trips, group_trips, flood_trips,
                      guess_trips, surging, surge_trips):  # fmt: skip
            state[CURSOR] = i
            return OUTPUT_FULL
        if state[STAGE] == 1 and flow_tags[i] != 0:
            pn.judge_guess(state, flows[i], guess_tags, guesses, blank_guess, guess_trips, guess,
                           key_[0])  # fmt: skip
            pn.give_out(state, flow_tags, flows, i, ft.AT_END, flows_out)
        elif state[STAGE] == 2:
            _end_episodes(state, i, group_tags, groups, target_tags, targets, guess_tags, guesses,
                          group_trips, flood_trips, guess_trips, scan, guess, surging, surges,
                          surge_trips)  # fmt: skip
    state[STAGE], state[CURSOR] = state[STAGE] + 1, 0
    return OUTPUT_FULL if state[STAGE] == 2 else DONE


@part
def _end_episodes(state, i, group_tags, groups, target_tags, targets, guess_tags, guesses,
                  group_trips, flood_trips, guess_trips, scan, guess, surging, surges,
                  surge_trips):  # type: ignore[no-untyped-def]  # fmt: skip
    """Report the totals of whatever is raised in row ``i`` of each table."""
    if i < len(groups) and group_tags[i] != 0:
        state[GROUPS] = ct.end_episode(groups[i], state[CLOCK_NS], scan, group_trips, state[GROUPS])
    if i < len(guesses) and guess_tags[i] != 0:
        state[GUESSES] = gs.end_guess(
            guesses[i], state[CLOCK_NS], guess, guess_trips, state[GUESSES]
        )
    if i < len(targets) and target_tags[i] != 0:
        pn.end_flood(state, targets[i], flood_trips)
    if i < len(surges):
        pn.end_surge(state, surging, surges[i], surge_trips)
