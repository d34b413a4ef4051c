"""Attacks hidden in ordinary traffic: one capture of both, for an honest test.

The attack keeps its addresses and its own pace; its first packet is moved to the middle of
the longest active stretch of the ordinary capture. The result is a pcapng with one
interface per link type, times in nanoseconds, packets in time order.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.times import NS_PER_S
from tocsin.kernels import framing

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP_S = 300.0  # a silence that ends a stretch
_BATCH = 65_536
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_NANOSECONDS = struct.pack("<HHBxxxHH", 9, 1, 9, 0, 0)


def merged(ordinary: bytes, attack: bytes) -> bytes:
    """Return a capture of both; raises `ValueError` when one of them holds no packet."""
    calm, hostile = packets_of(ordinary), packets_of(attack)
    if not len(calm) or not len(hostile):
        raise ValueError("a capture without packets can't be merged")
    hostile["ts_ns"] += middle_ns(calm["ts_ns"]) - hostile["ts_ns"].min()
    hostile["at"] += len(ordinary)
    rows = np.concatenate([calm, hostile])
    rows = rows[np.argsort(rows["ts_ns"], kind="stable")]
    links = list(dict.fromkeys(rows["link"].tolist()))
    data, parts = ordinary + attack, [_SECTION]
    parts += [_interface(link) for link in links]
    fields = ["at", "ts_ns", "caplen", "wirelen", "link"]
    parts += [
        _packet(links.index(link), ts_ns, wirelen, data[at : at + caplen])
        for at, ts_ns, caplen, wirelen, link in rows[fields].tolist()
    ]
    return b"".join(parts)


def packets_of(data: bytes) -> NDArray[np.void]:
    """Return the index (dtype `framing.PACKET`) of all packets that can be walked to."""
    buffer, state = np.frombuffer(data, dtype=np.uint8), framing.fresh_framing()
    parts, position, status = [], 0, framing.FULL
    while status == framing.FULL:
        batch = np.zeros(_BATCH, dtype=framing.PACKET)
        n, position, status = framing.walk(
            buffer, position, len(buffer), 0, state, batch, len(batch)
        )
        parts.append(batch[:n])
    return np.concatenate(parts)


def middle_ns(times_ns: NDArray[np.int64]) -> int:
    """Return the middle of the longest stretch without a silence of over `GAP_S`."""
    ordered = np.sort(times_ns)
    ends = np.flatnonzero(np.diff(ordered) > GAP_S * NS_PER_S)
    firsts = ordered[np.concatenate([[0], ends + 1])]
    lasts = ordered[np.concatenate([ends, [len(ordered) - 1]])]
    longest = int(np.argmax(lasts - firsts))
    return int(firsts[longest] + (lasts[longest] - firsts[longest]) // 2)


def _interface(link: int) -> bytes:
    body = struct.pack("<HHI", link, 0, 0) + _NANOSECONDS
    return struct.pack("<II", 1, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def _packet(interface: int, ts_ns: int, wirelen: int, data: bytes) -> bytes:
    padded = data + bytes(-len(data) % 4)
    size = 32 + len(padded)
    return (
        struct.pack(
            "<IIIIIII", 6, size, interface, ts_ns >> 32, ts_ns & 0xFFFFFFFF, len(data), wirelen
        )
        + padded
        + struct.pack("<I", size)
    )
