"""Walking captures: from a buffer of classic pcap or pcapng to one index row per packet.

Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. The framing state is a small
integer array, so a walk stops after any record and goes on in the next buffer; it also
lets evidence start in the middle of a capture.

Known: classic captures in micro- and nanoseconds and the modified form with longer record
headers, either byte order; of pcapng several sections and interfaces with their own link types,
resolutions (10^n to n = 18, 2^n to n = 62, microseconds beyond) and offsets, enhanced, simple
and obsolete packet blocks. Not known, and refused by name in `tocsin.collect.recognise`:
other programs' formats. A magic that two forms share is taken as the standard one.

Nothing in a record is trusted: a length beyond `RECORD_BYTES_MAX`, or one that does not fit
its block, ends the walk with a status, never with a wrong read.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part
from tocsin.kernels.lean import inlined, kernel

RECORD_BYTES_MAX = 4 << 20
INTERFACES_MAX, KINDS_MAX = 2048, 32
# Slots of the framing state.
FORMAT, SWAPPED, UNIT_NS, LINK, SNAPLEN, INTERFACES, KINDS = 0, 1, 2, 3, 4, 5, 6
# Interfaces share what describes them, so that a file merged from hundreds stays small: a kind
# is link, ticks per second (negative: as a power of two), offset in s, snap length.
_KIND0, _PER_KIND = 8, 4
_INTERFACE0, _PER_SLOT = _KIND0 + KINDS_MAX * _PER_KIND, 8  # kinds of interfaces, 8 bits each
STATE_SIZE = _INTERFACE0 + INTERFACES_MAX // _PER_SLOT
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
_SECONDS_MAX = 9_223_372_035  # of int64 ns
LIES = -1  # the link type of a block that does not hold what it says


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
def _ticks(code):  # type: ignore[no-untyped-def]
    """Return the ticks per second of if_tsresol: 10^n, or -n for 2^n; microseconds if beyond."""
    exponent = np.int64(code) & 0x7F
    if code & 0x80:
        return -exponent if 0 < exponent < 63 else np.int64(1_000_000)
    if exponent > 18:
        return np.int64(1_000_000)
    ticks = np.int64(1)
    for _ in range(exponent):
        ticks *= 10
    return ticks


@part
def _kind_of(state, link, ticks, offset_s, snaplen):  # type: ignore[no-untyped-def]
    """Return the kind of interface with these properties, a new one if need be; -1 when full."""
    n = state[KINDS]
    for kind in range(n):
        at = _KIND0 + kind * _PER_KIND
        if (
            state[at] == link and state[at + 1] == ticks
            and state[at + 2] == offset_s and state[at + 3] == snaplen
        ):  # fmt: skip
            return kind
    if n >= KINDS_MAX:
        return np.int64(-1)
    at = _KIND0 + n * _PER_KIND
    state[at], state[at + 1], state[at + 2], state[at + 3] = link, ticks, offset_s, snaplen
    state[KINDS] = n + 1
    return n


@part
def _interface(b, p, end, state, swapped):  # type: ignore[no-untyped-def]
    """Take an interface description whose body is [p, end); return False when full."""
    n = state[INTERFACES]
    if n >= INTERFACES_MAX:
        return False
    link, snaplen = _u16(b, p, swapped), _u32(b, p + 4, swapped)
    ticks, offset_s = np.int64(1_000_000), np.int64(0)
    p += 8
    while p + 4 <= end:
        code, length = _u16(b, p, swapped), _u16(b, p + 2, swapped)
        if code == 0 or p + 4 + length > end:
            break
        if code == _OPT_TSRESOL and length >= 1:
            ticks = _ticks(b[p + 4])
        elif code == _OPT_TSOFFSET and length >= 8:
            low, high = _u32(b, p + 4, swapped), _u32(b, p + 8, swapped)
            offset_s = (low << 32 | high) if swapped else (high << 32 | low)
        p += 4 + (length + 3) // 4 * 4
    kind = _kind_of(state, link, ticks, offset_s, snaplen)
    if kind < 0:
        return False
    shift = (n % _PER_SLOT) * 8
    slot = _INTERFACE0 + n // _PER_SLOT
    state[slot] = (state[slot] & ~(np.int64(0xFF) << shift)) | (kind << shift)
    state[INTERFACES] = n + 1
    return True


@part
def _stamp(high, low, ticks, offset_s):  # type: ignore[no-untyped-def]
    """Return ns since the epoch, held between 0 and the year 2262."""
    units = np.uint64(high) << np.uint64(32) | np.uint64(low)
    if ticks < 0:
        shift = np.uint64(-ticks)
        seconds = np.int64(units >> shift)
        rest = units & ((np.uint64(1) << shift) - np.uint64(1))
        if shift > np.uint64(30):  # so that the product fits
            rest >>= shift - np.uint64(30)
            shift = np.uint64(30)
        rest_ns = np.int64(rest * np.uint64(_NS) >> shift)
    else:
        whole = np.uint64(ticks)
        seconds = np.int64(units // whole)
        rest = units - np.uint64(seconds) * whole
        if ticks > _NS:
            rest_ns = np.int64(rest // np.uint64(ticks // _NS))
        else:
            rest_ns = np.int64(rest * np.uint64(_NS) // whole)
    if offset_s < -_SECONDS_MAX or offset_s > _SECONDS_MAX or seconds > 2 * _SECONDS_MAX:
        return np.int64(0) if offset_s < 0 else _SECONDS_MAX * _NS
    seconds = min(max(seconds + offset_s, 0), _SECONDS_MAX)
    return seconds * _NS + rest_ns


@part
def _packet_block(b, p, length, base, state, index, n, kind, last_ns):  # type: ignore[no-untyped-def]
    """Take an enhanced, simple or old packet block of ``length`` bytes at ``p``.

    A block that does not hold what it says becomes a row of the link type -1 without bytes.
    """
    swapped = state[SWAPPED]
    interface, head, caplen, wirelen = np.int64(0), np.int64(12), np.int64(-1), np.int64(0)
    if kind == _SPB:
        if length >= 16:
            wirelen = _u32(b, p + 8, swapped)
            caplen = min(wirelen, length - 16)
    elif length >= 32:
        head = np.int64(28)
        interface = _u32(b, p + 8, swapped) if kind == _EPB else _u16(b, p + 8, swapped)
        caplen, wirelen = _u32(b, p + 20, swapped), _u32(b, p + 24, swapped)
    wirelen = min(wirelen, 0x7FFFFFFF)
    if caplen < 0 or caplen > length - head - 4 or interface >= state[INTERFACES]:
        _put(index, n, p, base + p, last_ns, 0, wirelen, LIES)
        return
    slot = state[_INTERFACE0 + interface // _PER_SLOT]
    at = _KIND0 + ((slot >> ((interface % _PER_SLOT) * 8)) & 0xFF) * _PER_KIND
    ts_ns = last_ns
    if kind == _SPB:
        if state[at + 3] > 0:
            caplen = min(caplen, state[at + 3])
    else:
        high, low = _u32(b, p + 12, swapped), _u32(b, p + 16, swapped)
        ts_ns = _stamp(high, low, state[at + 1], state[at + 2])
    _put(index, n, p + head, base + p, ts_ns, caplen, wirelen, state[at])


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
            state[KINDS] = 0
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
        if kind == _IDB:
            if length < 20:  # its number would be the next one's
                status = BAD_BLOCK
                break
            if not _interface(b, p + 8, p + length - 4, state, state[SWAPPED]):
                status = TOO_MANY_INTERFACES
                break
        elif kind in (_EPB, _SPB, _OPB):
            _packet_block(b, p, length, base, state, index, n, kind, last_ns)
            last_ns = index[n]["ts_ns"]
            n += 1
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
