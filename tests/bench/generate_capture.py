"""Write captures for pace measurements: ordinary traffic with one port scan in it.

Strategy: one body of packets is laid out by numpy (offsets of all records first, then each
header field scattered to its place), and written as often as the wanted size asks, each
time with its time stamps moved on. The mix: 52 % TCP, 33 % DNS, 12 % QUIC-like UDP and 3 %
ICMP flows of heavy-tailed length, one flow in five over IPv6, one in twenty behind a VLAN
tag; snapped at 128 bytes, which gives records of about 107 bytes (with ``--snap 2000``
whole packets, their payload random; with ``--filled`` too every segment and datagram of a
transfer fills 1,500 bytes). Everything is seeded.

``python tests/bench/generate_capture.py DIR --body N --packets N [N ...]``
"""

from __future__ import annotations

import argparse
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SNAP_BYTES = 128
HEADERS_BYTES = 96  # link, network and transport headers, and a DNS question
LINK_BYTES = 1500  # of an Ethernet frame, its header not counted
BODY_S = 120
START_S = 1_767_225_600  # 2026-01-01T00:00:00Z
FLOW_PACKETS = 40  # mean packets per flow
SCAN_PORTS = 200
TCP, DNS, UDP, ICMP = 0, 1, 2, 3
_SCANNER, _SCANNED = 0xCB007109, 0xC6336405  # 203.0.113.9, 198.51.100.5


@dataclass(frozen=True, slots=True)
class Flows:
    """One row per flow: kind, form, addresses (low 32 bits), ports, packets."""

    kind: Ints
    is_v6: Flags
    is_tagged: Flags
    is_scan: Flags
    client: Ints
    server: Ints
    client_port: Ints
    server_port: Ints
    packets: Ints


@dataclass(frozen=True, slots=True)
class Packets:
    """One row per packet, in time order; ``place`` counts within its flow."""

    flow: Ints
    place: Ints
    time_us: Ints
    is_reply: Flags
    is_last: Flags
    payload: Ints


def make_flows(packets: int, rng: np.random.Generator) -> Flows:
    """Return flows that hold exactly ``packets`` packets together."""
    size = max(packets // FLOW_PACKETS, 16)
    kind = rng.choice(4, size, p=[0.52, 0.33, 0.12, 0.03]).astype(np.int64)
    is_scan = np.arange(size) < min(SCAN_PORTS, size // 4)
    kind[is_scan] = TCP
    kind[-1] = TCP  # takes what rounding leaves over
    fixed = np.where(kind == DNS, 2, np.where(kind == ICMP, rng.integers(2, 12, size), 0))
    fixed[is_scan] = 2  # the probe and its refusal
    weight = np.where(fixed == 0, np.minimum(rng.pareto(1.15, size) + 0.15, 400.0), 0.0)
    rest = packets - int(fixed.sum())
    counts = fixed + np.where(fixed == 0, np.maximum(weight / weight.sum() * rest, 3), 0)
    counts = counts.astype(np.int64)
    counts[-1] += packets - int(counts.sum())
    if counts[-1] < 1:  # too many small flows: take it from the longest one
        longest = int(np.argmax(counts))
        counts[longest] += counts[-1] - 3
        counts[-1] = 3
    server_port = np.where(kind == DNS, 53, np.where(kind == UDP, 443, 0))
    usual = rng.choice([443, 80, 22, 25, 3306, 8080], size, p=[0.7, 0.15, 0.05, 0.03, 0.03, 0.04])
    server_port = np.where(kind == TCP, usual, server_port)
    return Flows(
        kind=kind,
        is_v6=(rng.random(size) < 0.2) & ~is_scan,
        is_tagged=(rng.random(size) < 0.05) & ~is_scan,
        is_scan=is_scan,
        client=np.where(is_scan, _SCANNER, 0x0A000000 + rng.integers(0, 4000, size)),
        server=np.where(is_scan, _SCANNED, 0xC6120000 + rng.zipf(1.3, size) % 3000),
        client_port=rng.integers(32768, 61000, size),
        server_port=np.where(is_scan, 1 + np.arange(size), server_port),
        packets=counts,
    )


def make_packets(flows: Flows, rng: np.random.Generator) -> Packets:
    """Return all packets of the flows, spread over `BODY_S`, in time order."""
    size = int(flows.packets.sum())
    flow = np.repeat(np.arange(len(flows.kind)), flows.packets)
    first = np.cumsum(flows.packets) - flows.packets
    place = np.arange(size) - first[flow]
    starts = rng.random(len(flows.kind)) * BODY_S * 0.9
    lengths = np.minimum(rng.lognormal(0.5, 1.6, len(flows.kind)), BODY_S * 0.95 - starts)
    lengths[flows.is_scan] = 0.02
    # Evenly within its flow, with jitter that never swaps two packets of one flow.
    step = (lengths / np.maximum(flows.packets, 2))[flow]
    time_us = ((starts[flow] + (place + rng.random(size) * 0.9) * step) * 1e6).astype(np.int64)
    order = np.argsort(time_us, kind="stable")
    flow, place, time_us = flow[order], place[order], time_us[order]
    kind = flows.kind[flow]
    is_reply = rng.random(size) < 0.6
    is_reply[place == 0] = False
    is_reply[(place == 1) & (kind != UDP)] = True
    is_last = place == flows.packets[flow] - 1
    payload = _payloads(kind, place, is_reply, rng)
    payload[(kind == TCP) & ((place < 2) | is_last)] = 0
    return Packets(flow, place, time_us, is_reply, is_last, payload)


def _payloads(kind: Ints, place: Ints, is_reply: Flags, rng: np.random.Generator) -> Ints:
    size = len(kind)
    dice = rng.random(size)
    down = np.where(dice < 0.72, 1400, np.where(dice < 0.85, rng.integers(1, 1400, size), 0))
    up = np.where(dice < 0.65, 0, rng.integers(1, 700, size))
    dns = np.where(is_reply, rng.integers(60, 300, size), rng.integers(29, 60, size))
    quic = np.where(is_reply, 1200, rng.integers(30, 300, size))
    tcp = np.where(is_reply, down, up)
    choices = [kind == TCP, kind == DNS, kind == UDP]
    payload: Ints = np.select(choices, [tcp, dns, quic], 56).astype(np.int64)
    payload[place < 0] = 0
    return payload


class Canvas:
    """A byte buffer into which one field of many records is written at once."""

    def __init__(self, size: int) -> None:
        self.bytes = np.zeros(size, dtype=np.uint8)

    def put(
        self,
        at: Ints,
        value: Ints | int,
        *,
        width: int,
        where: Flags | None = None,
        is_little: bool = False,
    ) -> None:
        """Write ``value`` as ``width`` bytes at each offset of ``at`` for which ``where``."""
        places = at if where is None else at[where]
        values = np.broadcast_to(np.asarray(value, dtype=np.uint64), at.shape)
        values = values if where is None else values[where]
        for i in range(width):
            shift = np.uint64(8 * (i if is_little else width - 1 - i))
            self.bytes[places + i] = ((values >> shift) & np.uint64(255)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Body:
    """Records of one pass: bytes without the file header, and where each stamp stands."""

    canvas: Canvas
    stamps_at: Ints
    time_us: Ints

    def at_pass(self, number: int) -> NDArray[np.uint8]:
        """Return the bytes with their stamps moved on by ``number`` bodies."""
        seconds = START_S + number * BODY_S + self.time_us // 1_000_000
        self.canvas.put(self.stamps_at, seconds, width=4, is_little=True)
        return self.canvas.bytes


def make_body(
    packets: int, *, seed: int = 7, snap_bytes: int = SNAP_BYTES, is_filled: bool = False
) -> Body:
    """Lay out ``packets`` records."""
    rng = np.random.default_rng(seed)
    flows = make_flows(packets, rng)
    rows = make_packets(flows, rng)
    if is_filled:
        rows = _filled(flows, rows)
    kind, is_v6 = flows.kind[rows.flow], flows.is_v6[rows.flow]
    header = np.where(kind == TCP, np.where(rows.place < 2, 32, 20), 8)
    link = np.where(flows.is_tagged[rows.flow], 18, 14)
    network = np.where(is_v6, 40, 20)
    wire = np.maximum(link + network + header + rows.payload, 60)
    kept = np.minimum(wire, snap_bytes)
    at = np.concatenate(([0], np.cumsum(kept + 16)[:-1]))
    canvas = Canvas(int((kept + 16).sum()) + max(snap_bytes, SNAP_BYTES))
    if snap_bytes > SNAP_BYTES:
        canvas.bytes[:] = rng.integers(0, 256, len(canvas.bytes), dtype=np.uint8)
        for place in range(0, HEADERS_BYTES, 8):
            canvas.put(at + 16 + place, 0, width=8, where=kept >= place + 8)
    canvas.put(at + 4, rows.time_us % 1_000_000, width=4, is_little=True)
    frame = at + 16
    _put_link(canvas, frame, flows, rows)
    _put_network(canvas, frame + link, flows, rows, header + rows.payload)
    _put_transport(canvas, frame + link + network, flows, rows, header)
    # Stamps and lengths last: a field beyond the snap length ran into the next record.
    canvas.put(at + 4, rows.time_us % 1_000_000, width=4, is_little=True)
    canvas.put(at + 8, kept, width=4, is_little=True)
    canvas.put(at + 12, wire, width=4, is_little=True)
    canvas.bytes = canvas.bytes[: int((kept + 16).sum())]
    return Body(canvas, at, rows.time_us)


def _filled(flows: Flows, rows: Packets) -> Packets:
    """Return the packets with every transfer's packet that carries data filled to the link."""
    kind = flows.kind[rows.flow]
    headers = np.where(flows.is_v6[rows.flow], 40, 20) + np.where(kind == TCP, 20, 8)
    is_data = ((kind == TCP) & (rows.place > 1) & ~rows.is_last) | (kind == UDP)
    return replace(rows, payload=np.where(is_data, LINK_BYTES - headers, rows.payload))


def _put_link(canvas: Canvas, at: Ints, flows: Flows, rows: Packets) -> None:
    inside, outside = 0x020000000001, 0x020000000002
    tagged = flows.is_tagged[rows.flow]
    ethertype = np.where(flows.is_v6[rows.flow], 0x86DD, 0x0800)
    canvas.put(at, np.where(rows.is_reply, inside, outside), width=6)
    canvas.put(at + 6, np.where(rows.is_reply, outside, inside), width=6)
    canvas.put(at + 12, np.where(tagged, 0x8100, ethertype), width=2)
    canvas.put(at + 14, 100, width=2, where=tagged)
    canvas.put(at + 16, ethertype, width=2, where=tagged)


def _put_network(canvas: Canvas, at: Ints, flows: Flows, rows: Packets, length: Ints) -> None:
    kind, v6 = flows.kind[rows.flow], flows.is_v6[rows.flow]
    v4 = ~v6
    client, server = flows.client[rows.flow], flows.server[rows.flow]
    source = np.where(rows.is_reply, server, client)
    target = np.where(rows.is_reply, client, server)
    proto = np.select([kind == TCP, kind == ICMP], [6, np.where(v6, 58, 1)], 17)
    canvas.put(at, 0x4500, width=2, where=v4)
    canvas.put(at + 2, 20 + length, width=2, where=v4)
    canvas.put(at + 4, rows.place & 0xFFFF, width=2, where=v4)
    canvas.put(at + 6, 0x4000, width=2, where=v4)
    canvas.put(at + 8, 64, width=1, where=v4)
    canvas.put(at + 9, proto, width=1, where=v4)
    canvas.put(at + 12, source, width=4, where=v4)
    canvas.put(at + 16, target, width=4, where=v4)
    canvas.put(at, 0x60000000, width=4, where=v6)
    canvas.put(at + 4, length, width=2, where=v6)
    canvas.put(at + 6, proto, width=1, where=v6)
    canvas.put(at + 7, 64, width=1, where=v6)
    for place, address in ((8, source), (24, target)):
        canvas.put(at + place, 0x20010DB8 << 32, width=8, where=v6)
        canvas.put(at + place + 8, address, width=8, where=v6)


def _put_transport(canvas: Canvas, at: Ints, flows: Flows, rows: Packets, header: Ints) -> None:
    kind = flows.kind[rows.flow]
    tcp, icmp = kind == TCP, kind == ICMP
    udp = (kind == DNS) | (kind == UDP)
    near, far = flows.client_port[rows.flow], flows.server_port[rows.flow]
    canvas.put(at, np.where(rows.is_reply, far, near), width=2, where=tcp | udp)
    canvas.put(at + 2, np.where(rows.is_reply, near, far), width=2, where=tcp | udp)
    canvas.put(at + 4, rows.place * 700 + 1, width=4, where=tcp)
    canvas.put(at + 8, rows.place * 300 + 1, width=4, where=tcp)
    canvas.put(at + 12, header // 4 << 4, width=1, where=tcp)
    canvas.put(at + 13, _tcp_flags(flows, rows), width=1, where=tcp)
    canvas.put(at + 14, 64240, width=2, where=tcp)
    options = tcp & (header == 32)
    for place, value in ((20, 0x020405B4), (24, 0x01030307), (28, 0x01010402)):
        canvas.put(at + place, value, width=4, where=options)
    canvas.put(at + 4, 8 + rows.payload, width=2, where=udp)
    echo = np.where(flows.is_v6[rows.flow], 128, 8)
    answer = np.where(flows.is_v6[rows.flow], 129, 0)
    canvas.put(at, np.where(rows.is_reply, answer, echo), width=1, where=icmp)
    canvas.put(at + 4, rows.flow & 0xFFFF, width=2, where=icmp)
    canvas.put(at + 6, rows.place & 0xFFFF, width=2, where=icmp)
    _put_dns(canvas, at + 8, rows, kind == DNS)


def _tcp_flags(flows: Flows, rows: Packets) -> Ints:
    flags = np.where(rows.payload > 0, 0x18, 0x10)
    flags = np.where(rows.is_last, 0x11, flags)
    flags = np.where(rows.place == 0, 0x02, np.where(rows.place == 1, 0x12, flags))
    refused = flows.is_scan[rows.flow] & (rows.place == 1)
    whole: Ints = np.where(refused, 0x14, flags).astype(np.int64)
    return whole


def _put_dns(canvas: Canvas, at: Ints, rows: Packets, dns: Flags) -> None:
    """Write a query for hNNNNN.test, type A, and the header of its answer (RFC 1035)."""
    canvas.put(at, rows.flow & 0xFFFF, width=2, where=dns)
    canvas.put(at + 2, np.where(rows.is_reply, 0x8180, 0x0100), width=2, where=dns)
    canvas.put(at + 4, 1, width=2, where=dns)
    canvas.put(at + 12, 0x0668, width=2, where=dns)
    for digit in range(5):
        canvas.put(at + 14 + digit, 48 + rows.flow // 10**digit % 10, width=1, where=dns)
    canvas.put(at + 19, 0x047465737400, width=6, where=dns)
    canvas.put(at + 25, 0x00010001, width=4, where=dns)


def write_capture(path: Path, body: Body, *, packets: int, snap_bytes: int = SNAP_BYTES) -> None:
    """Write a classic microsecond pcap of ``packets`` records (LINKTYPE_ETHERNET)."""
    size = len(body.stamps_at)
    with path.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap_bytes, 1))
        for number in range(-(-packets // size)):
            left = packets - number * size
            data = body.at_pass(number)
            stream.write((data if left >= size else data[: body.stamps_at[left]]).data)


def main() -> None:
    """Write one capture per size: ``DIR/packets-<N>.pcap``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--body", type=int, required=True)
    parser.add_argument("--packets", type=int, nargs="+", required=True)
    parser.add_argument("--snap", type=int, default=SNAP_BYTES, help="bytes kept of a packet")
    parser.add_argument("--name", default="packets", help="how the files' names begin")
    parser.add_argument("--filled", action="store_true", help="packets of 1,500 bytes")
    args = parser.parse_args()
    body = make_body(args.body, snap_bytes=args.snap, is_filled=args.filled)
    for packets in args.packets:
        path = args.folder / f"{args.name}-{packets}.pcap"
        write_capture(path, body, packets=packets, snap_bytes=args.snap)


if __name__ == "__main__":
    main()
