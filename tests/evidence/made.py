"""Captures, logs and incidents made by hand, small enough to count on fingers."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fixtures import detection
from tocsin.core.addresses import address_halves
from tocsin.core.detection import Counts
from tocsin.core.incident import Incident, Stage
from tocsin.core.times import NS_PER_S
from tocsin.evidence.reading import Source
from tocsin.evidence.selection import Wanted, select
from tocsin.features.lane import BlockRow
from tocsin.kernels.framing import fresh_framing
from tocsin.kernels.log_scan import Stamps
from tocsin.pipeline.preserving import line_matcher
from tocsin.store.database import Database, open_database
from tocsin.store.state import StateFolder

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.core.detection import Selector
    from tocsin.evidence.selection import Selected

ATTACKER, VICTIM, OTHER = "203.0.113.9", "198.51.100.5", "192.0.2.7"


@dataclass(frozen=True)
class Memory:
    """A source that is a byte string."""

    content: bytes

    def read_range(self, offset: int, length: int) -> bytes:
        """Return a part of it."""
        return self.content[offset : offset + length]


def syn(src: str, dst: str, *, sport: int = 40000, dport: int = 22) -> bytes:
    """Return an Ethernet frame with a TCP SYN, 54 bytes."""
    ends = [address_halves(one)[1] & 0xFFFF_FFFF for one in (src, dst)]
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 40, 0, 0, 64, 6, 0, *ends)
    tcp = struct.pack("!HHIIBBHHH", sport, dport, 0, 0, 0x50, 2, 1024, 0, 0)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp


def capture(packets: list[tuple[float, bytes]], *, link: int = 1) -> bytes:
    """Return a classic microsecond pcap of (time in s, frame)."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for time_s, frame in packets:
        seconds, rest = divmod(round(time_s * 1_000_000), 1_000_000)
        out += struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame
    return out


def packet_source(content: bytes, *, records: int, span_s: tuple[float, float]) -> Source:
    """Return a capture as one block."""
    row = BlockRow(
        0, len(content), int(span_s[0] * NS_PER_S), int(span_s[1] * NS_PER_S), records,
        fresh_framing(), zlib.crc32(content),
    )  # fmt: skip
    return Source("capture.pcap", "packets", Memory(content), [row])


def log_source(content: bytes, *, span_s: tuple[float, float] = (0, 100)) -> Source:
    """Return a log as one block."""
    row = BlockRow(
        0, len(content), int(span_s[0] * NS_PER_S), int(span_s[1] * NS_PER_S),
        content.count(b"\n"), None, zlib.crc32(content),
    )  # fmt: skip
    return Source("auth.log", "log", Memory(content), [row])


def chosen(source: Source, selector: Selector) -> Selected:
    """Select; lines by the templates, in the year 1970."""
    (found,) = select(source, [Wanted([selector])], lines=line_matcher(Stamps(year=1970)))
    return found


def incident(
    incident_id: str = "a3f1c09be2d4", *, records: int = 3, priority: str = "P2"
) -> Incident:
    """Return an incident with one detection."""
    found = detection(kind="port_scan", at_s=12.0, observed=float(records))
    return Incident(
        id=incident_id, dedup_key="k", site="site", title="port scan", kind="port_scan",
        kinds=(Stage("port_scan", 12 * NS_PER_S),), type="security",
        category="information-gathering", severity="medium", impact="low", urgency="low",
        priority=priority, confidence=0.9, first_ns=10 * NS_PER_S, last_ns=12 * NS_PER_S,
        detected_ns=12 * NS_PER_S, records_to_detect=3, attackers=(ATTACKER,), victims=(VICTIM,),
        reasons=("3 of something",), detections=(found,), counts=Counts(packets=records),
        sources=(("capture.pcap", records),), facts={"scan": "vertical"}, why={"impact": "low"},
    )  # fmt: skip


def opened(root: Path) -> tuple[StateFolder, Database]:
    """Return a prepared state and its database."""
    state = StateFolder(root).prepare()
    return state, open_database(state.database)
