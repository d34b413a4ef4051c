"""SNMP (RFC 1157, 1901, 3414): the community, or user, that a question is asked under.

An agent does not answer a question under a name that it doesn't know, so only questions are
read, and the kernel hands on those of conversations without an answer. The community is the
password. Messages are BER (ITU-T X.690) of at most a few short fields; lengths are never
trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.parse.protocols.passwords import secret_of
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

_UDP, _PORT = 17, 161
_SEQUENCE, _INTEGER, _TEXT = 0x30, 0x02, 0x04
_QUESTIONS = frozenset({0xA0, 0xA1, 0xA3})  # get, get-next, set; bulk is for those who know
_COMMUNITY_BYTES = 64


class SnmpReader(Reader):
    """Read the questions to one agent."""

    name: ClassVar[str] = "snmp"

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the port."""
        return segment.proto == _UDP and segment.server_port == _PORT

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield a try per question under a community."""
        community = _community(segment.data) if segment.from_client else None
        if community is not None:
            yield Login(
                **segment.common(), service="snmp", outcome="tried", secret=secret_of(community)
            )


def _community(data: bytes) -> bytes | None:
    """Return the community of a question of version 1 or 2c; None: there is none."""
    tag, at, _ = _field(data, 0)
    kind, version, after = _field(data, at)
    if tag != _SEQUENCE or kind != _INTEGER or data[version:after] not in (b"\0", b"\1"):
        return None
    kind, begin, end = _field(data, after)
    if kind != _TEXT or end > len(data) or end - begin > _COMMUNITY_BYTES:
        return None
    return data[begin:end] if data[end : end + 1] and data[end] in _QUESTIONS else None


def _field(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (tag, begin, end) of the BER field at ``at``; tag -1 when there is none."""
    if at + 2 > len(data):
        return -1, at, at
    length, begin = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[begin : begin + count], "big") if count <= 4 else 0
        begin += count
    return data[at], begin, begin + length
