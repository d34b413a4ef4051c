"""Law 3 on recordings: the windows of parts with whole conversations add up to the whole's."""

from __future__ import annotations

import random
import struct
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.laws.test_laws import windows_of

if TYPE_CHECKING:
    from pathlib import Path

SUMS = (
    "packets_in", "bytes_in", "flows_in", "syn_in", "completed_in", "udp_in", "icmp_in", "small_in",
)  # fmt: skip
# In order of time and without jumps of days, which the clock believes only when told again.
IN_ORDER = (
    "benign_bittorrent", "benign_firefox", "benign_ftp_session",
      "benign_iphone", "benign_modbus",
    "benign_netflix", "benign_smb3", "benign_webex", "brute_ftp_zeek", "brute_ssh_zeek",
    "c2_asyncrat_1", "c2_beacon_ctu_1", "dns_tunnel_iodine", "http_webddos_cic2019",
)  # fmt: skip


def packets_of(data: bytes) -> list[bytes]:
    """Return the records of a classic capture, each with its header."""
    order = "<" if data[0] in b"\xd4\x4d" else ">"
    at, found = 24, []
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        found.append(data[at : at + 16 + size])
        at += 16 + size
    return found


def pair_of(record: bytes) -> bytes:
    """Return what both directions of a conversation share: its two ends, or the two MACs."""
    frame = record[16:]
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    match frame[at - 2 : at]:
        case b"\x08\x00":
            ends = frame[at + 12 : at + 16], frame[at + 16 : at + 20]
        case b"\x86\xdd":
            ends = frame[at + 8 : at + 24], frame[at + 24 : at + 40]
        case _:
            ends = frame[:6], frame[6:12]
    return b"".join(sorted(ends))


def sums_of(*parts: bytes) -> dict[tuple[int, int, int], Counter[str]]:
    """Return the counts of each (window, target) over all parts."""
    found: dict[tuple[int, int, int], Counter[str]] = {}
    for data in parts:
        for row in windows_of(data):
            key = int(row["start_ns"]), int(row["hi"]), int(row["lo"])
            found.setdefault(key, Counter()).update({name: int(row[name]) for name in SUMS})
    return found


@pytest.mark.parametrize("name", IN_ORDER)
@pytest.mark.parametrize("seed", [1, 2])
def test_parts_with_whole_conversations_add_up(name: str, seed: int, shared_data: Path) -> None:
    data = (shared_data / "net" / f"{name}.pcap").read_bytes()
    parts = [bytearray(data[:24]), bytearray(data[:24])]
    side_of: dict[bytes, int] = {}
    dice = random.Random(seed)
    for record in packets_of(data):
        parts[side_of.setdefault(pair_of(record), dice.randrange(2))] += record

    assert sums_of(*map(bytes, parts)) == sums_of(data)
