"""Row layouts that cross from kernels to the stages above; one place, packed C structs.

Addresses are pairs of halves (`tocsin.core.addresses`), times int64 ns UTC, offsets bytes
in the decompressed stream of the source. A trip is a threshold that a kernel saw crossed;
a detector turns it into words.
"""

from __future__ import annotations

import numpy as np

# Trip codes of the packet kernel.
SCAN_VERTICAL, SCAN_HORIZONTAL, SCAN_SLOW_VERTICAL, SCAN_SLOW_HORIZONTAL = 1, 2, 3, 4
SYN_FLOOD, SPIKE, GUESS_FLOWS, LEVEL_SHIFT = 5, 6, 7, 8
# Trip codes of the authentication kernel.
GUESS_EVENTS, SUCCESS_AFTER_GUESSING, BACKGROUND_NOISE = 16, 17, 18
ACCOUNT_FOCUS, MANY_NAMES = 19, 20
# Trip codes of surges, and their flavours (in ``measure``).
UDP_FLOOD, ICMP_FLOOD, TCP_FLOOD, IPV6_DOS, AMPLIFICATION, TCP_REFLECTION = range(40, 46)
(PLAIN, STREAM, FRAGMENTS, QUIC, SMURF, ERRORS, EXTENSIONS, NEIGHBOURS, FLAGS,
 REFLECTOR, PROTOCOL) = range(11)  # fmt: skip
# Phases of an episode.
RAISED, UPDATED, ENDED = 0, 1, 2
# Measures of a spike.
PACKETS_S, BYTES_S, FLOWS_S = 0, 1, 2
# How many sources a trip of background noise names.
NOISE_SOURCES = 64

PACKET_TRIP = np.dtype(
    [
        ("code", "u1"), ("phase", "u1"), ("proto", "u1"), ("measure", "u1"),
        ("port", "u4"),
        ("at_ns", "i8"), ("offset", "i8"),
        ("src_hi", "u8"), ("src_lo", "u8"),  # 0, 0: many sources (see sources)
        ("dst_hi", "u8"), ("dst_lo", "u8"),  # 0, 0: many targets (see distinct)
        ("window_start_ns", "i8"), ("window_ns", "i8"),
        # The episode so far: it began with the first contact, SYN or guess that counts.
        ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("packets", "i8"), ("flows", "i8"), ("bytes", "i8"),
        ("contacts", "i8"), ("failures", "i8"), ("successes", "i8"), ("pending", "i8"),
        ("distinct", "i8"),  # ports (vertical), hosts (horizontal), ports (flood)
        ("sources", "i8"),  # distinct sources (flood, spike)
        ("records_to_detect", "i8"),  # of the episode, up to the deciding one
        ("observed", "f8"), ("expected", "f8"), ("deviation", "f8"),
        ("threshold", "f8"), ("score", "f8"),
        ("samples_hi", "u8", (8,)), ("samples_lo", "u8", (8,)),  # hosts or sources met first
        ("sample_ports", "u2", (8,)),  # attacker's ports (guessing) or ports probed (scan)
    ]
)  # fmt: skip

# One row per flow, given out when it ends (idle, active, closed, evicted, end of input).
FLOW = np.dtype(
    [
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"),
        ("src_port", "u2"), ("dst_port", "u2"), ("proto", "u1"), ("state", "u1"),
        ("ethertype", "u2"),  # of frames without IP
        ("flags_out", "u1"), ("flags_in", "u1"), ("end_reason", "u1"), ("vlan", "u2"),
        ("start_ns", "i8"), ("end_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("packets_out", "i8"), ("packets_in", "i8"), ("bytes_out", "i8"), ("bytes_in", "i8"),
        ("payload_out", "i8"), ("payload_in", "i8"),
        ("gap_sum_ns", "i8"), ("gap_max_ns", "i8"),
        ("size_min", "u4"), ("size_max", "u4"),
        ("size_square_sum", "f8"),
        ("syn", "u4"), ("fin", "u4"), ("rst", "u4"), ("retransmit_syn", "u4"),
        ("ttl_min", "u1"), ("ttl_max", "u1"),
        ("window_out", "u2"), ("window_in", "u2"),
        ("banner_in", "u8"),  # first eight payload bytes of the responder, big-endian
        ("banner_out", "u8"),
    ]
)  # fmt: skip

# One row per target address and closed 60 s window: what learned detectors see.
TARGET_WINDOW = np.dtype(
    [
        ("start_ns", "i8"), ("hi", "u8"), ("lo", "u8"),
        ("packets_in", "i8"), ("bytes_in", "i8"), ("packets_out", "i8"), ("bytes_out", "i8"),
        ("flows_in", "i8"), ("flows_out", "i8"),  # new flows towards and from it
        ("syn_in", "i8"), ("completed_in", "i8"), ("rst_out", "i8"),
        ("udp_in", "i8"), ("icmp_in", "i8"), ("small_in", "i8"),  # packets under 64 B payload
        ("sources", "i8"), ("ports", "i8"),  # linear-counting estimates
        ("first_offset", "i8"), ("last_offset", "i8"),
    ]
)  # fmt: skip

AUTH_TRIP = np.dtype(
    [
        ("code", "u1"), ("phase", "u1"), ("service", "u1"), ("user_total", "u1"),
        ("at_ns", "i8"), ("offset", "i8"),
        ("src_hi", "u8"), ("src_lo", "u8"),
        ("first_ns", "i8"), ("last_ns", "i8"), ("first_offset", "i8"), ("last_offset", "i8"),
        ("failures", "i8"), ("failures_window", "i8"), ("successes", "i8"),
        ("users_distinct", "i8"), ("invalid_users", "i8"),
        ("records_to_detect", "i8"),
        ("threshold", "f8"),
        ("source_ports", "u2", (8,)),
        ("users", "S32", (4,)),  # names met first, cut at 32 bytes
        ("user_last", "S32"),  # of the deciding event
        ("host", "S32"),  # host name of the log line
        ("service_name", "S32"),
        # Of background noise: distinct sources that failed, and those met first (0, 0: none).
        ("sources_distinct", "i8"),
        ("sources_hi", "u8", (NOISE_SOURCES,)), ("sources_lo", "u8", (NOISE_SOURCES,)),
    ]
)  # fmt: skip
