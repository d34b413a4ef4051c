"""Captures: recording with tcpdump, what tshark reads back, and sources moved to another range."""

import gzip
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import BinaryIO, Self

from .hosts import Host, environment

STOP_TIMEOUT_S = 20
# The benchmarking range of RFC 2544: 131,072 addresses that route nowhere.
MOVED = IPv4Network("198.18.0.0/15")
# Odd, so that n -> n * STRIDE mod 131,072 meets every address of the range once.
STRIDE = 48_271
FILE_HEADER_BYTES = 24
ETHERNET_BYTES = 14
IPV4 = b"\x08\x00"
TCP = 6


@dataclass(slots=True)
class Capture:
    """tcpdump on one link of a host, from entering the context to leaving it."""

    host: Host
    link: str
    path: Path
    snap_bytes: int = 0
    expression: str = ""
    _tcpdump: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start and wait until tcpdump listens."""
        argv = ["setpriv", "--pdeathsig", "TERM", "tcpdump", "-i", self.link, "-w", str(self.path)]
        argv += ["-s", str(self.snap_bytes), "-B", "16384", "-U", "-Z", "root", "-n"]
        self._tcpdump = subprocess.Popen(
            self.host.enter_net([*argv, *self.expression.split()]),
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._tcpdump.stderr
        while "listening on" not in (words := self._tcpdump.stderr.readline()):
            if not words:
                raise RuntimeError("tcpdump did not start")
        return self

    def __exit__(self, *exits: object) -> None:
        """Stop; raises `RuntimeError` when the kernel dropped packets."""
        assert self._tcpdump
        self._tcpdump.terminate()
        _, words = self._tcpdump.communicate(timeout=STOP_TIMEOUT_S)
        if "\n0 packets dropped by kernel" not in words:
            raise RuntimeError(f"tcpdump: {words}")


def packet_times(path: Path, display_filter: str = "") -> list[float]:
    """Return the stamps of the packets that pass a display filter, as tshark reads them."""
    argv = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.time_epoch"]
    done = subprocess.run(
        [*argv, "-Y", display_filter] if display_filter else argv,
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    return [float(line) for line in done.stdout.split()]


def to_pcapng(path: Path, converted: Path) -> None:
    """Write a capture again as pcapng."""
    subprocess.run(["editcap", "-F", "pcapng", path, converted], check=True, env=environment())


def compress(path: Path, compressed: Path) -> None:
    """Write a gzip copy without name and time, so that equal input gives equal output."""
    compressed.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def move_strangers(path: Path, moved: Path, known: tuple[IPv4Network, ...]) -> int:
    """Write a copy in which each IPv4 address outside ``known`` is moved to 198.18.0.0/15.

    One stranger becomes one address (raises `ValueError` beyond 131,072); the checksums of IPv4
    and TCP are carried forward (RFC 1624), so a right one stays right and a wrong one wrong.
    Returns the number of strangers. The capture is little-endian pcap of Ethernet frames.
    """
    places: dict[bytes, bytes] = {}
    with path.open("rb") as source, moved.open("wb") as target:
        target.write(source.read(FILE_HEADER_BYTES))
        for header, frame in _frames(source):
            if frame[12:14] == IPV4:
                for at in (ETHERNET_BYTES + 12, ETHERNET_BYTES + 16):
                    address = bytes(frame[at : at + 4])
                    if not _is_known(address, known):
                        _replace(frame, at, _place(address, places))
            target.write(header + frame)
    return len(places)


def _frames(source: BinaryIO) -> Iterator[tuple[bytes, bytearray]]:
    while header := source.read(16):
        yield header, bytearray(source.read(struct.unpack_from("<I", header, 8)[0]))


def _is_known(address: bytes, known: tuple[IPv4Network, ...]) -> bool:
    value = int.from_bytes(address, "big")
    return any(value & int(net.netmask) == int(net.network_address) for net in known)


def _place(address: bytes, places: dict[bytes, bytes]) -> bytes:
    if address not in places:
        if len(places) >= MOVED.num_addresses:
            raise ValueError(f"more than {MOVED.num_addresses} strangers")
        offset = (len(places) + 1) * STRIDE % MOVED.num_addresses
        places[address] = (int(MOVED.network_address) + offset).to_bytes(4, "big")
    return places[address]


def _replace(frame: bytearray, at: int, new: bytes) -> None:
    old = bytes(frame[at : at + 4])
    frame[at : at + 4] = new
    sums = [ETHERNET_BYTES + 10]
    header_bytes = (frame[ETHERNET_BYTES] & 15) * 4
    if frame[ETHERNET_BYTES + 9] == TCP:
        sums.append(ETHERNET_BYTES + header_bytes + 16)
    for place in sums:
        if place + 2 <= len(frame):
            (checksum,) = struct.unpack_from(">H", frame, place)
            struct.pack_into(">H", frame, place, _carried(checksum, old, new))


def _carried(checksum: int, old: bytes, new: bytes) -> int:
    """Return the checksum after ``old`` became ``new``: HC' = ~(~HC + ~m + m')."""
    total = ~checksum & 0xFFFF
    for was, becomes in zip(struct.unpack(">2H", old), struct.unpack(">2H", new), strict=True):
        total += (~was & 0xFFFF) + becomes
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
