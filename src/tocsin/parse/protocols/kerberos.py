"""Kerberos 5 (RFC 4120) over UDP or TCP 88: requests, tickets and errors; DER, bounded.

Read are the type, the client's name, realm, service, error code and encryption types. An
error that doesn't repeat the client's name gets that of the request before it.
Memory: one unfinished message of at most 8 KiB a side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import KerberosMessage
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

MESSAGE_BYTES_MAX, FIELDS_MAX, NAME_CHARS = 8192, 24, 128
_UDP, _PORT = 17, 88
_AS_REQ, _AS_REP, _TGS_REQ, _TGS_REP, _ERROR = 10, 11, 12, 13, 30
_TYPES = {0x6A: _AS_REQ, 0x6B: _AS_REP, 0x6C: _TGS_REQ, 0x6D: _TGS_REP, 0x7E: _ERROR}


def element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return (tag, content, rest) of the first DER element; tag -1 when there is none."""
    if len(data) < 2:
        return -1, b"", b""
    length, at = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or len(data) < 2 + count:
            return -1, b"", b""
        length, at = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    return data[0], data[at : at + length], data[at + length :]


def fields(data: bytes) -> dict[int, bytes]:
    """Return the context-tagged fields of a SEQUENCE by their number."""
    found: dict[int, bytes] = {}
    _, content, _ = element(data)
    for _ in range(FIELDS_MAX):
        tag, value, content = element(content)
        if tag < 0:
            break
        if tag & 0xE0 == 0xA0:
            found.setdefault(tag & 0x1F, value)
    return found


def _number(data: bytes) -> int:
    return int.from_bytes(element(data)[1][:4], "big", signed=True)


def _strings(data: bytes) -> str:
    """Return a PrincipalName as text, its parts joined by a slash."""
    parts, (_, content, _) = [], element(fields(data).get(1, b""))
    for _ in range(4):
        tag, value, content = element(content)
        if tag < 0:
            break
        parts.append(value[:NAME_CHARS].decode("utf-8", "replace"))
    return "/".join(parts)


def _types(data: bytes) -> tuple[int, ...]:
    found, (_, content, _) = [], element(data)
    for _ in range(16):
        tag, value, content = element(content)
        if tag < 0:
            break
        found.append(int.from_bytes(value[:4], "big", signed=True))
    return tuple(found)


class KerberosReader(Reader):
    """Read one exchange with a key distribution centre."""

    name: ClassVar[str] = "kerberos"

    def __init__(self) -> None:
        self.gathered: list[bytes] = [b"", b""]
        self.user = ""
        self.realm = ""

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by port and the tag of a message."""
        at = 0 if segment.proto == _UDP else 4
        return _PORT in {segment.server_port, segment.client_port} and (
            segment.data[at : at + 1] != b"" and segment.data[at] in _TYPES
        )

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield one message per Kerberos message."""
        if segment.proto == _UDP:
            yield from self._message(segment.data[:MESSAGE_BYTES_MAX], segment)
            return
        side = int(not segment.from_client)
        data = segment.data if segment.is_gap else self.gathered[side] + segment.data
        self.gathered[side] = b""
        while len(data) > 4:
            length = int.from_bytes(data[:4], "big")
            if data[4] not in _TYPES or length > MESSAGE_BYTES_MAX:
                return
            if len(data) < 4 + length and segment.size_bytes == len(segment.data):
                self.gathered[side] = data
                return
            yield from self._message(data[4 : 4 + length], segment)
            data = data[4 + length :]

    def _message(self, data: bytes, segment: Segment) -> Iterator[Message]:
        tag, content, _ = element(data)
        kind = _TYPES.get(tag, 0)
        if not kind:
            return
        parts = fields(content)
        error, service = 0, ""
        etypes: tuple[int, ...] = ()
        if kind in {_AS_REQ, _TGS_REQ}:
            body = fields(parts.get(4, b""))
            self.user = _strings(body.get(1, b"")) if kind == _AS_REQ else ""
            self.realm = element(body.get(2, b""))[1][:NAME_CHARS].decode("utf-8", "replace")
            service, etypes = _strings(body.get(3, b"")), _types(body.get(8, b""))
        elif kind == _ERROR:
            error, service = _number(parts.get(6, b"")), _strings(parts.get(10, b""))
            self.user = _strings(parts.get(8, b"")) or self.user
        else:
            self.user = _strings(parts.get(4, b"")) or self.user
        yield KerberosMessage(
            **segment.common(),
            type=kind,
            error=error,
            user=self.user,
            realm=self.realm,
            service=service,
            etypes=etypes,
        )
