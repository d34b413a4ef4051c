"""Verdicts: which surge is a flood, which a reflection, and what is calm.

A surge's rate is that of its open second so far, over 100 ms at least: so a flood cut short
is judged by the same measure as one that goes on. A rate that the target is used to
(``usual_ratio`` times its own mean) is calm whatever its shape. A quarter of a bound, kept
up in ``windows_min`` seconds of ten, is enough for shapes that no calm traffic has, half of
it for those that some has; never for a bound raised because another explanation is as likely.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels import bitmap, layouts
from tocsin.kernels.compiled import part
from tocsin.kernels.decode import ICMP, ICMPV6
from tocsin.kernels.flow_table import ACK, RST, SYN, UDP
from tocsin.kernels.lean import inlined
from tocsin.kernels.services import AMPLIFIERS
from tocsin.kernels.surges import (
    ANSWER,
    BUSY,
    ECHO,
    ERROR,
    FRAGMENT,
    GOES_ON,
    ODD_V6,
    OTHER,
    OVERFED,
    STRAY,
    TRIPS,
    TURNED,
    U_ANSWERED,
    U_ANSWERS,
    U_ECHOES,
    U_ERRORS,
    U_FRAGMENTS,
    U_FRESH,
    U_IPV6,
    U_ODD,
    U_OVERFED,
    U_PACKETS,
    U_REFLECTED,
    U_REPLIES,
    U_SOURCES,
    U_SPREAD,
    U_STREAM,
    U_USUAL,
    U_WINDOWS,
)

_NS, _PANE_NS = 1_000_000_000, 100_000_000
_FEW_SOURCES, _FEW_PORTS, _MANY_PORTS = 4, 8, 40  # ports: of 64 bits set
_COUNTED = 3000  # a bitmap tells that many sources apart
_QUIC, _WELL_KNOWN = 443, 1024
_SCAN_PACKETS = 50_000  # in a second: no scan of one host is faster
_WARM = 30
_DOUBTED = 3000.0  # bounds from here on have another explanation
_NEAR_S = 10
_NOTHING = (0, 0, 0.0)
_V4_MULTICAST = np.uint64(0xFFFF_E000_0000)  # and broadcast
# Factors of a bound: where another explanation is as likely, and far beyond any explanation.
_UNLIKELY, _ABSURD = 5.0, 10.0
_SMALL_PAYLOAD, _ANSWER_PAYLOAD, _DNS_PAYLOAD, _LARGE_PAYLOAD = 100, 200, 300, 400


@inlined
def _bits64(word):  # type: ignore[no-untyped-def]
    total = 0
    while word:
        word &= word - np.uint64(1)
        total += 1
    return total


@part
def judge_surges(surging, surges, busy, targets, end_ns, par, trips, spare):  # type: ignore[no-untyped-def]
    """Judge the surges that grew in the pane that ends at ``end_ns``; empty their list."""
    for n in range(surging[BUSY]):
        e = surges[busy[n]]
        e["is_busy"] = 0
        t = targets[e["to"]]
        is_open = t["lo"] == e["lo"] and t["hi"] == e["hi"] and t["second"] == e["second"]
        if is_open and surging[TRIPS] < len(trips) - spare and e["in_1"]["n"] >= par[U_PACKETS]:
            surging[TRIPS] = _judge(e, t, end_ns, par, trips, surging[TRIPS])
    surging[BUSY] = 0


@part
def _judge(e, t, end_ns, par, trips, n):  # type: ignore[no-untyped-def]
    s, a = e["in_1"], e["all"]
    span_ns = max(e["now_ns"] - s["begun_ns"], _PANE_NS)
    rate = s["n"] * float(_NS) / span_ns
    sources = bitmap.estimate(s["source_bits"])
    code, flavour, bound = _verdict(e, t, sources, par)
    base = t["baselines"][0]
    usual = base["mean"] if base["seen"] >= _WARM else 0.0
    share = 0.5 if e["shape"] == OTHER or e["shape"] == STRAY else 0.25
    least = bound if bound >= _DOUBTED else bound * share
    is_usual = a["is_raised"] == 0 and rate < par[U_USUAL] * usual
    if code == 0 or rate < least or is_usual:
        return n
    if rate > a["peak"]:
        _note_peak(e, code, flavour, bound, rate, sources, usual)
    if a["crossed_second"] != e["second"]:
        is_near = e["second"] - a["crossed_second"] <= _NEAR_S
        a["crossed"] = a["crossed"] + 1 if is_near else 1
        a["crossed_second"] = e["second"]
    if a["is_raised"]:
        if a["packets"] >= 2 * a["reported"]:
            n = report_surge(e, end_ns, layouts.UPDATED, trips, n)
    elif rate >= bound or a["crossed"] >= par[U_WINDOWS]:
        a["is_raised"] = 1
        a["to_detect"] = a["packets"]
        t["raised"] |= 1 << e["shape"]
        n = report_surge(e, end_ns, layouts.RAISED, trips, n)
    return n


@part
def _note_peak(e, code, flavour, bound, rate, sources, usual):  # type: ignore[no-untyped-def]
    s, a = e["in_1"], e["all"]
    if a["is_raised"] == 0:
        a["code"] = code
    if a["code"] == code:
        a["flavour"] = flavour
        a["bound"] = bound
    a["peak"] = rate
    a["usual"] = usual
    a["peak_second"] = e["second"]
    a["peak_sources"] = sources
    a["peak_n"] = s["n"]
    a["peak_fresh"] = s["fresh"]
    a["peak_answered"] = s["answered"]
    a["peak_payload"] = s["payload"] // s["n"]
    a["peak_port"] = s["from_port"] if 10 * s["same_port"] >= 9 * s["n"] else 0
    a["peak_flags"] = s["flags"]
    a["peak_proto"] = s["proto"]
    a["is_sole"] = 1 if 10 * s["votes"] >= 8 * s["n"] else 0
    a["sole_hi"], a["sole_lo"] = s["top_hi"], s["top_lo"]


@part
def report_surge(e, at_ns, phase, trips, n):  # type: ignore[no-untyped-def]
    """Copy a surge as it stands; `tocsin.features.packet_trips` makes a trip of it."""
    a = e["all"]
    a["reported"] = a["packets"]
    a["at_ns"] = at_ns
    a["phase"] = phase
    trips[n] = e
    return n + 1


@part
def _verdict(e, t, sources, par):  # type: ignore[no-untyped-def]
    """Return (trip code, flavour, bound of the rate); the code is 0 for what is calm."""
    shape, s = e["shape"], e["in_1"]
    if shape == ANSWER or shape == OTHER:
        code, flavour, bound = (
            _of_answers(s, t, sources, par) if shape == ANSWER else _of_datagrams(s, sources, par)
        )
        return _to_a_group(code, flavour, bound, s, e, par)
    if shape == STRAY:
        return _of_strays(s, sources, par)
    if shape == TURNED:
        return _of_turned(s, t, sources, par)
    if shape == OVERFED:
        return _of_overfed(s, sources, par)
    if shape == ODD_V6:
        is_headers = 2 * s["odd"] >= s["n"]
        flavour = layouts.EXTENSIONS if is_headers else layouts.NEIGHBOURS
        return layouts.IPV6_DOS, flavour, par[U_IPV6]
    if shape == FRAGMENT:
        return _of_fragments(s, t, par)
    return _of_icmp(shape, s, sources, par)


@part
def _to_a_group(code, flavour, bound, s, e, par):  # type: ignore[no-untyped-def]
    """Judge UDP to a multicast group: nobody answers, streams are meant, nothing reflects."""
    is_v6 = e["hi"] >> np.uint64(56) == np.uint64(0xFF)
    is_v4 = e["hi"] == np.uint64(0) and e["lo"] & _V4_MULTICAST == _V4_MULTICAST
    if code == 0 or not (is_v4 or is_v6):
        return code, flavour, bound
    if s["fresh"] < par[U_FRESH] * s["n"]:
        return _NOTHING
    if is_v6:
        return layouts.IPV6_DOS, layouts.NEIGHBOURS, par[U_SPREAD]
    return layouts.UDP_FLOOD, layouts.PLAIN, par[U_SPREAD]


@part
def _of_answers(s, t, sources, par):  # type: ignore[no-untyped-def]
    """Judge UDP from service ports that was never asked for."""
    mean = s["payload"] / s["n"]
    if sources >= _FEW_SOURCES:
        # A resolver seen one way gets many small answers, and questions; a reflection's are
        # large, and its victim is asked nothing.
        is_asked = 2 * t["in_1"]["shapes"][OTHER] >= s["n"]
        is_likely = s["from_port"] == 53 and (mean < _DNS_PAYLOAD or is_asked)
        bound = par[U_ANSWERS] * (_ABSURD if is_likely else 1.0)
        return layouts.AMPLIFICATION, layouts.PLAIN, bound
    is_one_service = AMPLIFIERS[s["from_port"]] and s["same_port"] >= 0.9 * s["n"]
    is_large = mean >= (_DNS_PAYLOAD if s["from_port"] == 53 else _SMALL_PAYLOAD)
    if s["fresh"] >= par[U_FRESH] * s["n"] or (is_one_service and is_large):
        factor = 1.0 if is_large else _UNLIKELY
        return layouts.AMPLIFICATION, layouts.PLAIN, par[U_SPREAD] * factor
    return _of_stream(s, par)


@part
def _of_stream(s, par):  # type: ignore[no-untyped-def]
    """Judge few conversations without answers: a flood sends one thing again and again."""
    is_pieces = 2 * s["odd"] >= s["n"]
    factor = 1.0 if is_pieces or s["same"] >= 0.8 * s["n"] else _ABSURD
    flavour = layouts.PROTOCOL if s["proto"] != UDP else layouts.STREAM
    return layouts.UDP_FLOOD, flavour, par[U_STREAM] * factor


@part
def _of_datagrams(s, sources, par):  # type: ignore[no-untyped-def]
    """Judge UDP to whatever port; a service answers what calm clients ask."""
    is_answered = s["answered"] > par[U_ANSWERED] * max(s["fresh"], 1)
    is_quic = s["to_port"] == _QUIC and s["same_to"] >= 0.9 * s["n"]
    if s["fresh"] < par[U_FRESH] * s["n"]:
        return _NOTHING if is_answered else _of_stream(s, par)
    if is_answered:  # QUIC clients that never go on were not there
        is_spoofed = is_quic and sources >= 0.5 * min(s["n"], _COUNTED)
        return (layouts.UDP_FLOOD, layouts.QUIC, par[U_SPREAD]) if is_spoofed else _NOTHING
    if s["proto"] != UDP:
        return layouts.UDP_FLOOD, layouts.PROTOCOL, par[U_SPREAD]
    if _is_scan(s, sources):
        return _NOTHING
    is_one_port = s["same_port"] >= 0.9 * s["n"] and s["payload"] >= _SMALL_PAYLOAD * s["n"]
    if is_one_port and sources >= par[U_SOURCES] and s["from_port"] != s["to_port"]:
        return layouts.AMPLIFICATION, layouts.PLAIN, par[U_SPREAD]
    flavour = layouts.QUIC if is_quic else layouts.PLAIN
    if 2 * s["odd"] >= s["n"]:
        flavour = layouts.FRAGMENTS
    is_asking = (s["to_port"] == 53 or s["to_port"] == 123) and s["same_to"] >= 0.9 * s["n"]
    return layouts.UDP_FLOOD, flavour, par[U_SPREAD] * (_UNLIKELY if is_asking else 1.0)


@inlined
def _is_scan(s, sources):  # type: ignore[no-untyped-def]
    """Tell few sources that try many ports, which scans do, from floods of many ports."""
    is_small = s["payload"] < _SMALL_PAYLOAD * s["n"]
    is_wide = _bits64(s["dst_ports"]) >= _MANY_PORTS
    is_fixed = _bits64(s["src_ports"]) <= _FEW_PORTS
    return sources < _FEW_SOURCES and is_wide and is_fixed and is_small and s["n"] < _SCAN_PACKETS


@part
def _of_strays(s, sources, par):  # type: ignore[no-untyped-def]
    """Judge TCP of no conversation: captures begin amid some, but those go on."""
    if _is_scan(s, sources):
        return _NOTHING
    if s["odd"] >= 0.8 * s["n"]:
        return layouts.TCP_FLOOD, layouts.FLAGS, par[U_ODD]
    if s["fresh"] < 0.8 * s["n"] or s["answered"] > par[U_ANSWERED] * s["fresh"]:
        return _NOTHING
    # Many clients that all say something: their conversations may have begun before.
    is_talk = s["flags"] & (SYN | RST | ACK) == ACK and s["payload"] >= s["n"]
    return layouts.TCP_FLOOD, layouts.PLAIN, par[U_SPREAD] * (_UNLIKELY if is_talk else 1.0)


@part
def _of_turned(s, t, sources, par):  # type: ignore[no-untyped-def]
    """Judge SYN-ACK and RST to a host that asked for nothing that was seen."""
    if 2 * t["in_1"]["shapes"][GOES_ON] >= s["n"]:
        return _NOTHING  # one direction of conversations that go on
    is_wide = _bits64(s["src_ports"]) >= _MANY_PORTS
    to_service = 0 < s["to_port"] < _WELL_KNOWN and s["same_to"] >= 0.9 * s["n"]
    if is_wide and to_service:
        return layouts.TCP_FLOOD, layouts.PLAIN, par[U_SPREAD]
    if 2 * s["odd"] >= s["n"] and s["same_to"] >= 0.9 * s["n"] and not to_service:
        return _NOTHING  # refusals to one port: what a search for hosts gets back
    if sources >= par[U_SOURCES]:
        return layouts.TCP_REFLECTION, layouts.PLAIN, par[U_REFLECTED]
    if is_wide:  # what a scan gets back, seen one way
        return layouts.TCP_FLOOD, layouts.PLAIN, par[U_SPREAD] * _ABSURD
    return layouts.TCP_REFLECTION, layouts.PLAIN, par[U_SPREAD] * _UNLIKELY


@part
def _of_overfed(s, sources, par):  # type: ignore[no-untyped-def]
    """Judge answers that are many times their question, as a reflector gives them."""
    is_spoofed = s["fresh"] >= 0.3 * s["n"] or 2 * s["odd"] >= s["n"]
    least = _LARGE_PAYLOAD if s["from_port"] == 53 else _ANSWER_PAYLOAD
    if s["payload"] < least * s["n"] or not is_spoofed:
        return _NOTHING
    factor = 1.0 if sources < _FEW_SOURCES else _ABSURD  # a resolver asks many servers
    return layouts.AMPLIFICATION, layouts.REFLECTOR, par[U_OVERFED] * factor


@part
def _of_fragments(s, t, par):  # type: ignore[no-untyped-def]
    """Judge fragments without ports; those of an amplification are told with it."""
    if 10 * t["in_1"]["shapes"][ANSWER] >= s["n"]:
        return _NOTHING
    is_icmp = s["proto"] == ICMP or s["proto"] == ICMPV6
    code = layouts.ICMP_FLOOD if is_icmp else layouts.UDP_FLOOD
    return code, layouts.FRAGMENTS, par[U_FRAGMENTS]


@part
def _of_icmp(shape, s, sources, par):  # type: ignore[no-untyped-def]
    """Judge echo requests, echo replies that nobody asked for, and errors."""
    if shape == ERROR:
        code = layouts.IPV6_DOS if s["proto"] == ICMPV6 else layouts.ICMP_FLOOD
        return code, layouts.ERRORS, par[U_ERRORS]
    is_same = s["same"] >= 0.8 * s["n"] or sources >= _FEW_SOURCES
    factor = 1.0 if is_same else _ABSURD  # lengths that differ carry something
    if shape == ECHO:
        return layouts.ICMP_FLOOD, layouts.PLAIN, par[U_ECHOES] * factor
    flavour = layouts.SMURF if sources >= _FEW_SOURCES else layouts.PLAIN
    return layouts.ICMP_FLOOD, flavour, par[U_REPLIES] * factor
