"""A capture of exactly the packets kept, in the order of the source, to the nanosecond.

One link type gives a classic pcap with nanosecond stamps (magic 0xA1B23C4D), several or a
time that 32 bits of seconds can't hold give a pcapng. Packets keep their captured bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tocsin.core.times import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SNAPLEN = 262_144
_U32 = 1 << 32


def slice_suffix(rows: NDArray[np.void]) -> str:
    """Return ``pcap`` or ``pcapng``: which of the two `write_slice` would write."""
    seconds = rows["ts_ns"] // NS_PER_S
    fits = bool(np.all((seconds >= 0) & (seconds < _U32)))
    return "pcap" if fits and len(np.unique(rows["link"])) <= 1 else "pcapng"


def write_slice(stream: BinaryIO, *, rows: NDArray[np.void], data: Sequence[bytes]) -> None:
    """Write packets (rows of dtype `keeping.RECORD`, and their bytes) as a capture file."""
    snaplen = max(_SNAPLEN, int(rows["caplen"].max(initial=0)))
    if slice_suffix(rows) == "pcap":
        link = int(rows["link"][0]) if len(rows) else 1
        stream.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, link))
        _classic(stream, rows=rows, data=data)
        return
    stream.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
    links = [int(link) for link in np.unique(rows["link"])]
    for link in links:
        # if_tsresol (option 9): 10^-9 s.
        options = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
        stream.write(struct.pack("<IIHHI", 1, 32, link, 0, snaplen) + options)
        stream.write(struct.pack("<I", 32))
    for row, packet in zip(rows.tolist(), data, strict=True):
        _enhanced(stream, packet, time_ns=row[1], wirelen=row[3], interface=links.index(row[4]))


def _classic(stream: BinaryIO, *, rows: NDArray[np.void], data: Sequence[bytes]) -> None:
    """Write the records of a classic capture, their headers laid out all at once."""
    heads = np.empty((len(rows), 4), dtype="<u4")
    heads[:, 0], heads[:, 1] = np.divmod(rows["ts_ns"], NS_PER_S)
    heads[:, 2] = np.fromiter(map(len, data), dtype=np.int64, count=len(rows))
    heads[:, 3] = rows["wirelen"]
    flat = heads.tobytes()
    starts = range(0, len(flat), 16)
    stream.write(
        b"".join(
            [p for at, one in zip(starts, data, strict=True) for p in (flat[at : at + 16], one)]
        )
    )


def _enhanced(
    stream: BinaryIO, packet: bytes, *, time_ns: int, wirelen: int, interface: int
) -> None:
    padding = -len(packet) % 4
    length = 32 + len(packet) + padding
    high, low = divmod(time_ns % (1 << 64), _U32)
    head = struct.pack("<IIIIIII", 6, length, interface, high, low, len(packet), wirelen)
    stream.write(head + packet + b"\0" * padding + struct.pack("<I", length))
