"""From the packet kernel's own rows to the layouts that detectors and people know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.kernels import bitmap, layouts
from tocsin.kernels.contacts import (
    ACK_PROBE,
    FIN_PROBE,
    MAIMON_PROBE,
    MARKS,
    NULL_PROBE,
    UDP_PROBE,
    VERTICAL,
    XMAS_PROBE,
)
from tocsin.kernels.decode import IPV4, IPV6
from tocsin.kernels.flow_table import ACK, FIN, RST, SYN, TCP, UDP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.parameters import Parameters

STATES = (
    "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH", "-",
)  # fmt: skip
"""Connection states after Zeek's ``conn_state``; ``-`` for what is not TCP."""
END_REASONS = ("end of input", "idle", "active", "evicted")
_SECOND_NS = 1_000_000_000
_PARTY = ("src_hi", "src_lo", "dst_hi", "dst_lo")
_SPAN = ("first_ns", "last_ns", "first_offset", "last_offset")


def scan_trips(groups: NDArray[np.void], parameters: Parameters) -> NDArray[np.void]:
    """Return a trip per reported contact group.

    ``deviation`` counts contacts that only a worm makes, ``bytes`` is 1 when the source had
    itself answered on the port (`tocsin.kernels.first_contacts`).
    """
    trips = np.zeros(len(groups), dtype=layouts.PACKET_TRIP)
    scan = parameters.scan
    is_vertical, is_slow = groups["kind"] % 2 == VERTICAL, groups["is_slow"] == 1
    trips["code"] = np.select(
        [is_slow & is_vertical, is_slow, is_vertical],
        [layouts.SCAN_SLOW_VERTICAL, layouts.SCAN_SLOW_HORIZONTAL, layouts.SCAN_VERTICAL],
        layouts.SCAN_HORIZONTAL,
    )
    trips["threshold"] = np.select(
        [is_slow & is_vertical, is_slow],
        [float(scan.slow_ports_min), float(scan.slow_hosts_min)],
        scan.log_odds_alarm,
    )
    technique = (groups["kind"].astype(np.int64) - 1) // 2
    trips["measure"] = technique
    trips["proto"] = np.where(technique == UDP_PROBE, UDP, TCP)
    for codes, bound in (
        ((NULL_PROBE, FIN_PROBE, XMAS_PROBE), scan.odd_flags_min),
        ((MAIMON_PROBE, ACK_PROBE), scan.acks_min),
    ):
        trips["threshold"][np.isin(technique, codes)] = bound
    is_udp = technique == UDP_PROBE
    trips["threshold"][is_udp & is_vertical] = scan.udp_ports_min
    trips["threshold"][is_udp & ~is_vertical] = scan.udp_hosts_min
    for name in ("phase", "port", "at_ns", "packets", "contacts", "failures", "successes", *_SPAN):
        trips[name] = groups[name]
    trips["offset"] = groups["at_offset"]
    trips["src_hi"], trips["src_lo"] = groups["src_hi"], groups["src_lo"]
    trips["dst_hi"], trips["dst_lo"] = groups["b_hi"], groups["b_lo"]
    trips["flows"] = groups["contacts"]
    trips["pending"] = groups["old"] + groups["young"]
    trips["distinct"] = _distinct(groups["set_bits"], groups["contacts"])
    trips["records_to_detect"] = groups["to_detect"]
    trips["observed"] = groups["contacts"]
    trips["deviation"], trips["bytes"] = groups["signs"], groups["is_entered"]
    trips["score"] = np.where(technique == 0, groups["log_odds"], groups["failures"])
    trips["samples_hi"], trips["samples_lo"] = groups["sample_hi"], groups["sample_lo"]
    trips["sample_ports"] = groups["sample_port"]
    return trips


def _distinct(set_bits: NDArray[np.int64], contacts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Contacts while the bitmap is sparse (each was new), then the linear-counting estimate.

    A bitmap that is all but full tells nothing any more: all contacts count, repeats too.
    """
    free = np.maximum(bitmap.BITS - set_bits, 1)
    counted = np.rint(-bitmap.BITS / MARKS * np.log(free / bitmap.BITS)).astype(np.int64)
    sparse = (set_bits < bitmap.BITS // 2) | (free < bitmap.BITS // 50)
    return np.where(sparse, contacts, np.minimum(counted, contacts))


def flood_trips(floods: NDArray[np.void], parameters: Parameters) -> NDArray[np.void]:
    """Return a trip per reported flood episode."""
    trips = np.zeros(len(floods), dtype=layouts.PACKET_TRIP)
    trips["code"], trips["proto"] = layouts.SYN_FLOOD, TCP
    for name in ("phase", "port", "at_ns", "bytes", *_SPAN):
        trips[name] = floods[name]
    trips["offset"] = floods["last_offset"]
    is_sole = floods["is_sole"] == 1
    trips["src_hi"] = np.where(is_sole, floods["sole_hi"], 0)
    trips["src_lo"] = np.where(is_sole, floods["sole_lo"], 0)
    trips["dst_hi"], trips["dst_lo"] = floods["hi"], floods["lo"]
    trips["window_start_ns"], trips["window_ns"] = floods["second"] * _SECOND_NS, _SECOND_NS
    trips["packets"] = trips["flows"] = floods["syn"]
    trips["successes"] = floods["done"]
    trips["distinct"], trips["sources"] = floods["peak_ports"], floods["peak_sources"]
    trips["records_to_detect"] = floods["to_detect"]
    trips["observed"] = floods["peak"]
    trips["threshold"] = parameters.flood.half_open_min
    trips["score"] = floods["peak"] / parameters.flood.half_open_min
    trips["samples_hi"], trips["samples_lo"] = floods["sample_hi"], floods["sample_lo"]
    return trips


def surge_trips(surges: NDArray[np.void]) -> NDArray[np.void]:
    """Return a trip per reported surge.

    ``measure`` is the flavour, ``flows`` the conversations, ``pending`` and ``successes`` are
    new and answered conversations of the busiest second, ``contacts`` its packets,
    ``failures`` their mean payload in bytes, ``sample_ports`` the source port (0: several)
    and the TCP flags.
    """
    trips = np.zeros(len(surges), dtype=layouts.PACKET_TRIP)
    whole = surges["all"]
    for name in ("code", "phase", "port", "at_ns", "packets", "flows", "bytes", *_SPAN):
        trips[name] = whole[name]
    trips["measure"], trips["proto"] = whole["flavour"], whole["peak_proto"]
    trips["offset"] = whole["last_offset"]
    is_sole = whole["is_sole"] == 1
    trips["src_hi"] = np.where(is_sole, whole["sole_hi"], 0)
    trips["src_lo"] = np.where(is_sole, whole["sole_lo"], 0)
    trips["dst_hi"], trips["dst_lo"] = surges["hi"], surges["lo"]
    trips["window_start_ns"], trips["window_ns"] = whole["peak_second"] * _SECOND_NS, _SECOND_NS
    trips["contacts"], trips["pending"] = whole["peak_n"], whole["peak_fresh"]
    trips["successes"], trips["failures"] = whole["peak_answered"], whole["peak_payload"]
    trips["sources"], trips["records_to_detect"] = whole["peak_sources"], whole["to_detect"]
    trips["observed"], trips["expected"] = whole["peak"], whole["usual"]
    trips["threshold"] = whole["bound"]
    trips["score"] = whole["peak"] / np.maximum(whole["bound"], 1.0)
    trips["samples_hi"], trips["samples_lo"] = whole["sample_hi"], whole["sample_lo"]
    trips["sample_ports"][:, 0], trips["sample_ports"][:, 1] = (
        whole["peak_port"],
        whole["peak_flags"],
    )
    return trips


def guess_trips(guesses: NDArray[np.void], parameters: Parameters) -> NDArray[np.void]:
    """Return a trip per reported guessing episode."""
    trips = np.zeros(len(guesses), dtype=layouts.PACKET_TRIP)
    trips["code"], trips["proto"] = layouts.GUESS_FLOWS, TCP
    for name in ("phase", "port", "at_ns", "packets", "flows", "bytes", *_PARTY, *_SPAN):
        trips[name] = guesses[name]
    trips["offset"] = guesses["at_offset"]
    trips["records_to_detect"] = guesses["to_detect"]
    trips["observed"] = guesses["flows"]
    trips["threshold"] = parameters.guess.flows_min
    trips["score"] = guesses["flows"] / parameters.guess.flows_min
    trips["sample_ports"] = guesses["ports"]
    return trips


def flows_of(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Return flows (dtype `layouts.FLOW`) of flow-table rows, the initiator first."""
    flows = np.zeros(len(rows), dtype=layouts.FLOW)
    for name in flows.dtype.names or ():
        if name in (rows.dtype.names or ()):
            flows[name] = rows[name]
    is_a = rows["src_is_a"] == 1
    for half in ("hi", "lo"):
        a, b = rows[f"a_{half}"], rows[f"b_{half}"]
        flows[f"src_{half}"], flows[f"dst_{half}"] = np.where(is_a, a, b), np.where(is_a, b, a)
    a_port = (rows["ports"] >> np.uint64(48)).astype(np.uint16)
    b_port = ((rows["ports"] >> np.uint64(32)) & np.uint64(0xFFFF)).astype(np.uint16)
    flows["src_port"], flows["dst_port"] = (
        np.where(is_a, a_port, b_port),
        np.where(is_a, b_port, a_port),
    )
    is_ip = np.isin(rows["ethertype"], (IPV4, IPV6))
    flows["proto"] = np.where(is_ip, rows["ports"] & np.uint64(0xFF), 0)
    flows["end_ns"] = rows["last_ns"]
    flows["state"] = _states(flows)
    return flows


def _states(flows: NDArray[np.void]) -> NDArray[np.uint8]:
    out, back = flows["flags_out"], flows["flags_in"]
    asked, answered = out & SYN > 0, back & SYN > 0
    fin_out, fin_in, rst_out, rst_in = out & FIN > 0, back & FIN > 0, out & RST > 0, back & RST > 0
    synack = answered & (back & ACK > 0)
    cases = [
        (flows["proto"] != TCP, "-"),
        (~asked & synack & rst_in, "RSTRH"),
        (~asked & synack & fin_in, "SHR"),
        (~asked, "OTH"),
        (~answered & rst_in, "REJ"),
        (~answered & rst_out, "RSTOS0"),
        (~answered & fin_out, "SH"),
        (~answered, "S0"),
        (rst_out, "RSTO"),
        (rst_in, "RSTR"),
        (fin_out & fin_in, "SF"),
        (fin_out, "S2"),
        (fin_in, "S3"),
    ]
    return np.select(
        [case for case, _ in cases], [STATES.index(name) for _, name in cases], STATES.index("S1")
    ).astype(np.uint8)
