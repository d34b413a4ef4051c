"""Walking captures: from a buffer of classic pcap or pcapng to one index row per packet.

Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. The framing state is a small
integer array, so a walk stops after any record and goes on in the next buffer; it also
lets evidence start in the middle of a capture.

Nothing in a record is trusted: a length beyond `RECORD_BYTES_MAX`, or one that does not fit
its block, ends the walk with a status, never with a wrong read.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel

RECORD_BYTES_MAX = 4 << 20
INTERFACES_MAX = 64
# Slots of the framing state.
FORMAT, SWAPPED, UNIT_NS, LINK, SNAPLEN, INTERFACES = 0, 1, 2, 3, 4, 5
_INTERFACE0, _PER_INTERFACE = 8, 4  # link, ticks per second, offset in s, snap length
STATE_SIZE = _INTERFACE0 + INTERFACES_MAX * _PER_INTERFACE
UNKNOWN, PCAP, PCAPNG = 0, 1, 2
# What ended a walk.
MORE, FULL, TOO_LONG, NOT_A_CAPTURE, BAD_BLOCK, TOO_MANY_INTERFACES = 0, 1, 2, 3, 4, 5

PACKET = np.dtype(
    [
        ("at", "i8"),  # first packet byte in the buffer
        ("offset", "i8"),  # first byte of its record in the decompressed stream
        ("ts_ns", "i8"),
        ("caplen", "i4"),
        ("wirelen", "i4"),
        ("link", "i4"),
        ("pad", "i4"),
    ]
)

_SHB, _IDB, _OPB, _SPB, _EPB = 0x0A0D0D0A, 1, 2, 3, 6
_BOM = 0x1A2B3C4D
_OPT_TSRESOL, _OPT_TSOFFSET = 9, 14
_NS = 1_000_000_000


def fresh_framing() -> np.ndarray:
    """Return the state of a walk that has read nothing."""
    return np.zeros(STATE_SIZE, dtype=np.int64)


def claimed_bytes(record: bytes, state: np.ndarray) -> int:
    """Return the length that the record at the start of ``record`` claims (12 bytes at least)."""
    at = 8 if state[FORMAT] == PCAP else 4
    return int.from_bytes(record[at : at + 4], "big" if state[SWAPPED] else "little")


@inlined
def _u32(b, p, swapped):  # type: ignore[no-untyped-def]
    if swapped:
        return (
            (np.int64(b[p]) << 24)
            | (np.int64(b[p + 1]) << 16)
            | (np.int64(b[p + 2]) << 8)
            | np.int64(b[p + 3])
        )
    return (
        np.int64(b[p])
        | (np.int64(b[p + 1]) << 8)
        | (np.int64(b[p + 2]) << 16)
        | (np.int64(b[p + 3]) << 24)
    )


@inlined
def _u16(b, p, swapped):  # type: ignore[no-untyped-def]
    if swapped:
        return (np.int64(b[p]) << 8) | np.int64(b[p + 1])
    return np.int64(b[p]) | (np.int64(b[p + 1]) << 8)


@part
def _begin(b, p, end, state):  # type: ignore[no-untyped-def]
    """Read the first header; return (bytes taken, status). 0 bytes: not enough yet."""
    if end - p < 12:
        return 0, MORE
    magic = _u32(b, p, 0)
    if magic == _SHB:
        state[FORMAT] = PCAPNG
        return 0, MORE
    swapped = 0
    if magic in (0xD4C3B2A1, 0x4D3CB2A1, 0x34CDB2A1):
        swapped = 1
        magic = _u32(b, p, 1)
    if magic not in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34):
        return 0, NOT_A_CAPTURE
    if end - p < 24:
        return 0, MORE
    state[FORMAT] = PCAP
    state[SWAPPED] = swapped
    state[UNIT_NS] = 1 if magic == 0xA1B23C4D else 1000
    state[SNAPLEN] = _u32(b, p + 16, swapped)
    state[LINK] = _u32(b, p + 20, swapped) & 0xFFFF
    state[INTERFACES] = 24 if magic == 0xA1B2CD34 else 16  # record header length
    return 24, MORE


@inlined
def _put(index, n, at, offset, ts_ns, caplen, wirelen, link):  # type: ignore[no-untyped-def]
    row = index[n]
    row["at"] = at
    row["offset"] = offset
    row["ts_ns"] = ts_ns
    row["caplen"] = caplen
    row["wirelen"] = wirelen
    row["link"] = link


@part
def _walk_pcap(b, p, end, base, state, index, n, n_max):  # type: ignore[no-untyped-def]
    swapped, unit_ns, link, head = state[SWAPPED], state[UNIT_NS], state[LINK], state[INTERFACES]
    status = MORE
    while p + head <= end:
        if n >= n_max:
            status = FULL
            break
        caplen = _u32(b, p + 8, swapped)
        if caplen > RECORD_BYTES_MAX:
            status = TOO_LONG
            break
        if p + head + caplen > end:
            break
        ts_ns = _u32(b, p, swapped) * _NS + _u32(b, p + 4, swapped) * unit_ns
        wirelen = _u32(b, p + 12, swapped)
        _put(index, n, p + head, base + p, ts_ns, caplen, min(wirelen, 0x7FFFFFFF), link)
        n += 1
        p += head + caplen
    return n, p, status


@part
def _interface(b, p, end, state, swapped):  # type: ignore[no-untyped-def]
    """Take an interface description whose body is [p, end); return False when full."""
    n = state[INTERFACES]
    if n >= INTERFACES_MAX:
        return False
    at = _INTERFACE0 + n * _PER_INTERFACE
    state[at] = _u16(b, p, swapped)
    state[at + 1] = 1_000_000
    state[at + 2] = 0
    state[at + 3] = _u32(b, p + 4, swapped)
    p += 8
    while p + 4 <= end:
        code, length = _u16(b, p, swapped), _u16(b, p + 2, swapped)
        if code == 0 or p + 4 + length > end:
            break
        if code == _OPT_TSRESOL and length >= 1:
            exponent = np.int64(b[p + 4]) & 0x7F
            base = 2 if b[p + 4] & 0x80 else 10
            ticks = np.int64(1)
            for _ in range(min(exponent, 30 if base == 2 else 9)):
                ticks *= base
            state[at + 1] = ticks
        elif code == _OPT_TSOFFSET and length >= 8:
            low, high = _u32(b, p + 4, swapped), _u32(b, p + 8, swapped)
            state[at + 2] = (low << 32 | high) if swapped else (high << 32 | low)
        p += 4 + (length + 3) // 4 * 4
    state[INTERFACES] = n + 1
    return True


@inlined
def _stamp(high, low, ticks, offset_s):  # type: ignore[no-untyped-def]
    units = (high << 32) | low
    seconds = units // ticks
    return (seconds + offset_s) * _NS + (units - seconds * ticks) * _NS // ticks


@part
def _packet_block(b, p, length, base, state, index, n, kind, last_ns):  # type: ignore[no-untyped-def]
    """Take an enhanced, simple or old packet block of ``length`` bytes at ``p``.

    Return 1 when a row was written, 0 when the block does not hold what it says.
    """
    swapped = state[SWAPPED]
    if kind == _SPB:
        interface, head = np.int64(0), 12
        wirelen = _u32(b, p + 8, swapped) if length >= 16 else np.int64(-1)
        caplen = min(wirelen, length - 16)
    else:
        head = 28
        if length < 32:
            return 0
        interface = _u32(b, p + 8, swapped) if kind == _EPB else _u16(b, p + 8, swapped)
        caplen, wirelen = _u32(b, p + 20, swapped), _u32(b, p + 24, swapped)
    if caplen < 0 or caplen > length - head - 4 or interface >= state[INTERFACES]:
        return 0
    at = _INTERFACE0 + interface * _PER_INTERFACE
    ts_ns = last_ns
    if kind == _SPB:
        if state[at + 3] > 0:
            caplen = min(caplen, state[at + 3])
    else:
        high, low = _u32(b, p + 12, swapped), _u32(b, p + 16, swapped)
        ts_ns = _stamp(high, low, state[at + 1], state[at + 2])
    _put(index, n, p + head, base + p, ts_ns, caplen, min(wirelen, 0x7FFFFFFF), state[at])
    return 1


@part
def _walk_pcapng(b, p, end, base, state, index, n, n_max):  # type: ignore[no-untyped-def]
    status = MORE
    last_ns = state[UNIT_NS]  # of a simple packet block, which has no stamp of its own
    while p + 12 <= end:
        if n >= n_max:
            status = FULL
            break
        kind = _u32(b, p, state[SWAPPED])
        if kind == _SHB:
            state[SWAPPED] = 0 if _u32(b, p + 8, 0) == _BOM else 1
            state[INTERFACES] = 0
            if _u32(b, p + 8, state[SWAPPED]) != _BOM:
                status = BAD_BLOCK
                break
        length = _u32(b, p + 4, state[SWAPPED])
        if length < 12 or length % 4:
            status = BAD_BLOCK
            break
        if length > RECORD_BYTES_MAX:
            status = TOO_LONG
            break
        if p + length > end:
            break
        if kind == _IDB and length >= 20:
            if not _interface(b, p + 8, p + length - 4, state, state[SWAPPED]):
                status = TOO_MANY_INTERFACES
                break
        elif kind in (_EPB, _SPB, _OPB):
            n += _packet_block(b, p, length, base, state, index, n, kind, last_ns)
            if n > 0:
                last_ns = index[n - 1]["ts_ns"]
        p += length
    state[UNIT_NS] = last_ns
    return n, p, status


@kernel
def walk(b, p, end, base, state, index, n_max):  # type: ignore[no-untyped-def]
    """Index the packets whose records lie whole in ``b[p:end]``.

    ``base`` + position is the offset in the decompressed stream; ``state`` comes from
    `fresh_framing` or an earlier call; ``index`` (dtype `PACKET`) takes at most ``n_max``
    rows. Returns (rows, position after the last whole record, status); a record that is
    cut by ``end`` is left for the next call.
    """
    if state[FORMAT] == UNKNOWN:
        taken, status = _begin(b, p, end, state)
        p += taken
        if status != MORE or state[FORMAT] == UNKNOWN:
            return 0, p, status
    if state[FORMAT] == PCAP:
        return _walk_pcap(b, p, end, base, state, index, 0, n_max)
    return _walk_pcapng(b, p, end, base, state, index, 0, n_max)


@kernel
def span(index, first, n, limit):  # type: ignore[no-untyped-def]
    """Return (end, least time, greatest time) of ``index[first:end]``.

    ``end`` is the first packet from ``first`` on that begins at ``limit`` or later, at most
    ``n``; the packet ``first`` itself always counts.
    """
    low = high = index[first]["ts_ns"]
    i = first + 1
    while i < n and index[i]["offset"] < limit:
        low = min(low, index[i]["ts_ns"])
        high = max(high, index[i]["ts_ns"])
        i += 1
    return i, low, high
