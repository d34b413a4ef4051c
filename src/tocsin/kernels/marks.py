"""Marks: which payloads are worth reading, told apart by a glance at ports and first bytes.

A flow's first payload gives it a *class* and a number of further payloads that are marked;
an HTTP flow gets new ones whenever a payload begins a message. A mark is the number of a
packet of the batch and where its conversation began; who reads it and how stands in
`tocsin.parse.protocols`. At most `MARKS_PER_PANE` are given in 100 ms, what is beyond is
counted as unread: the glance is cheap, reading is not. Ordinary DNS look-ups are read up to
10 a second (200 at once), odd ones all.

Whatever is read of it, a flow also gives a *volume mark* (`is_volume`) when the payload of one
direction grows past a power of two or, from 1 MiB on, past each quarter between two of them:
how much went which way is known without a row per flow. Below 1 MiB, where most flows end,
only one-sided ones are told, from 32 KiB on: what a client sends, at least twice what it
gets, or what it gets without ever having asked. A *stall mark* (`is_stalled`) is given whenever
a client of a web or TLS server says that it takes nothing now (a window of zero).
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.decode import ARP, ICMP, ICMPV6, TCP, UDP
from tocsin.kernels.lean import inlined

MARK = np.dtype(
    [
        ("start_offset", "i8"), ("start_ns", "i8"), ("at_ns", "i8"),
        ("row", "i4"), ("is_out", "u1"),
        ("why", "u1"),  # READ, VOLUME, STALL, added up
        ("is_whole", "u1"),  # both directions are captured, from the first SYN on
        ("payload_out", "i8"), ("payload_in", "i8"),  # of the flow so far
    ]
)  # fmt: skip
MARKS_PER_PANE = 4096
READ, VOLUME, STALL = 1, 2, 4
_SYN, _ACK_ALONE, _ENDS = 2, 16, 7
_FLOOR_BITS, _ALWAYS_BYTES, _STEP_BYTES = 15, 1 << 20, 1 << 18
# Classes of a flow; a fresh one has not been looked at.
(FRESH, NOTHING, WEB, LINES, SMB, RPC, DIRECTORY, TLS, SSH, DNS_STREAM, ICMP_DATA,
 UNKNOWN) = range(12)  # fmt: skip
BUDGETS = np.array([0, 0, 32, 400, 1000, 128, 64, 12, 48, 64, 64, 8], dtype=np.int64)
_AFTER_REQUEST, _ICMP_EVERY, _PING_BYTES = 4, 16, 64
# Ordinary look-ups: how many more may be read in a pane, and at most at once.
LOOK_UPS_PER_PANE, LOOK_UPS_MAX = 1, 200
LABEL_MAX, NAME_MAX = 14, 40  # bytes of an ordinary label and name
LOOK_UPS = 28  # slot of the lane's state


@inlined
def _word(b, p, size):  # type: ignore[no-untyped-def]
    """Return the first four payload bytes, big-endian; 0 when there are fewer."""
    if size < 4:
        return np.int64(0)
    return (
        (np.int64(b[p]) << 24)
        | (np.int64(b[p + 1]) << 16)
        | (np.int64(b[p + 2]) << 8)
        | np.int64(b[p + 3])
    )


@inlined
def _begins_web(word):  # type: ignore[no-untyped-def]
    """Tell a request method or ``HTTP`` (RFC 9110, section 9) by its first four letters."""
    return (
        word == 0x47455420  # "GET "
        or word == 0x504F5354  # "POST"
        or word == 0x48545450  # "HTTP"
        or word == 0x48454144  # "HEAD"
        or word == 0x50555420  # "PUT "
        or word == 0x44454C45  # "DELE"
        or word == 0x4F505449  # "OPTI"
        or word == 0x50415443  # "PATC"
        or word == 0x434F4E4E  # "CONN"
        or word == 0x54524143  # "TRAC"
        or word == 0x50524F50  # "PROP"
    )


@inlined
def _is_text(b, p, size):  # type: ignore[no-untyped-def]
    """Tell whether the first bytes (four, or all there are) are printable or white space."""
    for j in range(min(size, 4)):
        c = b[p + j]
        if (c < 32 or c > 126) and c != 9 and c != 10 and c != 13:
            return False
    return size > 0


@inlined
def _is_server_greeting(b, p, size, word, low):  # type: ignore[no-untyped-def]
    """Tell the openings of Telnet, MySQL, SQL Server and PostgreSQL, on any port of theirs."""
    if size < 3:
        return False
    if b[p] == 255 and b[p + 1] >= 250:  # Telnet options (RFC 854)
        return True
    if low == 3306:
        return size > 5 and word & 0xFF == 0 and (b[p + 4] == 10 or b[p + 4] == 255)
    if low == 1433:
        return b[p] == 0x12 or b[p] == 0x10 or b[p] == 0x04
    return low == 5432 and size >= 8 and word >> 16 == 0


@inlined
def _begins_line(b, p, size):  # type: ignore[no-untyped-def]
    """Tell a reply code ("220 ", "+OK ") or a command word of four capitals and a blank."""
    if size < 5:
        return False
    digits, capitals = 0, 0
    for j in range(4):
        c = b[p + j]
        if c >= 48 and c <= 57:
            digits += 1
        elif c >= 65 and c <= 90:
            capitals += 1
    last = b[p + 3]
    if digits == 3 and (last == 32 or last == 45):
        return True
    if capitals == 4 and (b[p + 4] == 32 or b[p + 4] == 13):
        return True
    if b[p] == 42 and b[p + 1] == 32:  # "* ", as IMAP greets
        return True
    return b[p] == 43 and b[p + 1] == 79 and b[p + 2] == 75  # "+OK"


@inlined
def _is_magic(word, size):  # type: ignore[no-untyped-def]
    """Tell openings of programs, bots and archives: an executable, a bare count of four bytes."""
    return (
        word >> 16 == 0x4D5A  # "MZ"
        or word == 0x504B0304  # ZIP
        or word == 0x13426974  # BitTorrent
        or word >> 8 == 0x1F8B08  # gzip
        or word == 0x377ABCAF  # 7z
        or word == 0x00010001  # [MC-NMF], .NET message framing
        or word == 0x7F454C46  # ELF
        or word == 0x2404FF00  # Remcos
        or (size == 4 and word != 0)
    )


@part
def classify(b, p, size, src_port, dst_port):  # type: ignore[no-untyped-def]
    """Return the class of a TCP flow by its first payload (``size`` bytes at ``p``)."""
    word = _word(b, p, size)
    if _begins_web(word):
        return WEB
    if word >> 16 == 0x1603:
        return TLS
    if word == 0x5353482D:  # "SSH-"
        return SSH
    low = min(src_port, dst_port)
    if size >= 8:
        inner = _word(b, p + 4, size - 4)
        if inner == 0xFF534D42 or inner == 0xFE534D42 or inner == 0xFD534D42 or inner == 0xFC534D42:
            return SMB
        if inner >> 16 == 0x4D5A or inner == 0x7F454C46:  # a program behind its length
            return UNKNOWN
    if low == 139 and word >> 24 == 0x81:  # NetBIOS session request (RFC 1002)
        return SMB
    if low == 53:
        return DNS_STREAM
    if word >> 16 == 0x0500:
        return RPC
    if word >> 16 == 0x0300 or (low == 88 and word >> 24 == 0) or (low == 389 and b[p] == 0x30):
        return DIRECTORY
    if _begins_line(b, p, size) or _is_server_greeting(b, p, size, word, low):
        return LINES
    if _is_text(b, p, size):
        return LINES if low == 23 or low == 2323 or low == 6667 or low == 5900 else UNKNOWN
    return UNKNOWN if _is_magic(word, size) else NOTHING


@inlined
def _is_udp_read(port):  # type: ignore[no-untyped-def]
    return (
        port == 53 or port == 5353 or port == 5355 or port == 137 or port == 67 or port == 68
        or port == 88 or port == 546 or port == 547
    )  # fmt: skip


@part
def is_odd_look_up(b, p, size):  # type: ignore[no-untyped-def]
    """Tell a DNS message (RFC 1035) that is worth reading from one like a million others.

    Odd: an answer code other than 0, a record type that browsers don't ask for, a long
    label or name, no single question, or not to be understood at all.
    """
    if size < 17:
        return True
    if b[p + 2] & 0x78 or b[p + 3] & 15 or b[p + 4] != 0 or b[p + 5] != 1:
        return True
    at, end, length = p + 12, p + size, 0
    while at < end and b[at] != 0:
        label = np.int64(b[at])
        if label > LABEL_MAX:
            return True
        length += label + 1
        at += label + 1
    if at + 3 > end or length > NAME_MAX:
        return True
    kind = (np.int64(b[at + 1]) << 8) | np.int64(b[at + 2])
    return not (kind == 1 or kind == 28 or kind == 12 or kind == 65)


@part
def _wants_udp(state, b, row):  # type: ignore[no-untyped-def]
    """Tell whether a datagram is to be read: of ordinary look-ups, some a second."""
    src, dst = row["src_port"], row["dst_port"]
    if not (_is_udp_read(src) or _is_udp_read(dst)):
        return False
    if (src != 53 and dst != 53) or is_odd_look_up(b, row["payload_at"], row["captured"]):
        return True
    if state[LOOK_UPS] <= 0:
        return False
    state[LOOK_UPS] -= 1
    return True


@part
def _wants_icmp(f, row):  # type: ignore[no-untyped-def]
    """Tell whether an ICMP message is to be read: the first ones, and what isn't like them."""
    if row["proto"] == ICMPV6 and row["icmp_type"] >= 133 and row["icmp_type"] <= 137:
        return True
    if f["protocol"] == FRESH:
        f["protocol"] = ICMP_DATA
        f["marks_left"] = BUDGETS[ICMP_DATA]
    total = f["packets_out"] + f["packets_in"]
    if total > 2 and row["payload"] <= _PING_BYTES and f["size_min"] == f["size_max"]:
        return False
    if f["marks_left"] > 0:
        f["marks_left"] -= 1
        return True
    return total % _ICMP_EVERY == 0


@inlined
def _wants_unanswered(f):  # type: ignore[no-untyped-def]
    """Tell whether a question is to be read whose kind goes unanswered if it is a guess."""
    if f["packets_in"] > 0:
        f["marks_left"] = 0
        return False
    if f["protocol"] == FRESH:
        f["protocol"] = DIRECTORY
        f["marks_left"] = BUDGETS[DIRECTORY]
    if f["marks_left"] == 0:
        return False
    f["marks_left"] -= 1
    return True


@part
def _wants(state, b, f, row):  # type: ignore[no-untyped-def]
    """Tell whether a packet is to be read, and count down what its flow still gets."""
    proto = row["proto"]
    p, size = row["payload_at"], row["captured"]
    if proto == UDP:
        if row["dst_port"] == 161:
            return _wants_unanswered(f)
        if _wants_udp(state, b, row):
            return True
        if not (_is_udp_read(row["src_port"]) or _is_udp_read(row["dst_port"])):
            f["protocol"] = NOTHING
        return False
    if proto == ICMP or proto == ICMPV6:
        return _wants_icmp(f, row)
    if proto != TCP:
        f["protocol"] = NOTHING
        return False
    if f["protocol"] == FRESH:
        f["protocol"] = classify(b, p, size, np.int64(row["src_port"]), np.int64(row["dst_port"]))
        f["marks_left"] = BUDGETS[f["protocol"]]
    elif f["protocol"] == WEB and f["marks_left"] == 0:
        if not _begins_web(_word(b, p, size)):
            return False
        f["marks_left"] = _AFTER_REQUEST
    if f["marks_left"] == 0:
        return False
    if f["protocol"] == TLS and b[p] == 0x17:  # application data: nothing more in the clear
        f["marks_left"] = 0
        return False
    f["marks_left"] -= 1
    return True


@part
def _is_step(total, before, other, is_out):  # type: ignore[no-untyped-def]
    """Tell whether a sum that went past a multiple of 32 KiB also went past a step."""
    if total < _ALWAYS_BYTES:
        if total < 2 * other or (other > 0 and not is_out):
            return False
        return (total ^ before) > before  # past a power of two
    step = np.int64(_STEP_BYTES)
    while step << 3 <= before:
        step <<= 1
    return total // step != before // step


@inlined
def is_volume(f, row, is_out):  # type: ignore[no-untyped-def]
    """Tell whether a packet, already counted in its flow, carries a direction past a step."""
    total = f["payload_out"] if is_out else f["payload_in"]
    before = total - np.int64(row["payload"])
    if (total >> _FLOOR_BITS) == (before >> _FLOOR_BITS):
        return False
    return _is_step(total, before, f["payload_in"] if is_out else f["payload_out"], is_out)


@inlined
def is_stalled(f, row, is_out):  # type: ignore[no-untyped-def]
    """Tell a client of a web or TLS server that asked and then closes its window (RFC 9293)."""
    return (
        row["window"] == 0
        and is_out
        and (f["protocol"] == WEB or f["protocol"] == TLS)
        and row["flags"] & (_ACK_ALONE | _ENDS) == _ACK_ALONE
    )


@part
def _mark(f, i, is_out, at_ns, marks, n, why):  # type: ignore[no-untyped-def]
    m = marks[n]
    m["start_offset"] = f["first_offset"]
    m["start_ns"] = f["start_ns"]
    m["at_ns"] = at_ns
    m["row"] = i
    m["is_out"] = is_out
    m["why"] = why
    m["is_whole"] = f["packets_in"] > 0 and f["flags_out"] & _SYN != 0
    m["payload_out"] = f["payload_out"]
    m["payload_in"] = f["payload_in"]


@inlined
def note(state, b, f, row, i, is_out, now_ns, marks, n, in_pane):  # type: ignore[no-untyped-def]
    """Mark packet ``i`` if somebody can read it; return (marks written, 1 if it was one).

    ``n`` marks are in ``marks`` (one packet gives at most one), ``in_pane`` in this pane.
    """
    known, why = f["protocol"], 0
    if row["captured"] > 0 and (
        known == FRESH or f["marks_left"] > 0 or known == WEB or known == ICMP_DATA
    ):
        if row["ethertype"] == ARP or _wants(state, b, f, row):
            why = READ
    if is_volume(f, row, is_out):
        why |= VOLUME
    if is_stalled(f, row, is_out):
        why |= STALL
    if why == 0:
        return n, 0
    if in_pane < MARKS_PER_PANE:
        _mark(f, i, is_out, now_ns, marks, n, why)
        return n + 1, 1
    return n, 1
