"""SMB 1 to 3 in the clear ([MS-CIFS], [MS-SMB2]): shares, files, pipes, log-ins, odd transactions.

Reads the heads of messages behind NetBIOS lengths (RFC 1002); the data of reads and writes is
passed over, but for RPC in pipes. Encrypted messages (SMB 3) say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import Login, SmbCall
from tocsin.parse.protocols.rpc import calls_in
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_SIGNS = (b"\xffSMB", b"\xfeSMB", b"\xfcSMB", b"\xfdSMB")
_GATHER_MAX, _NAME_MAX = 4096, 260
_NEGOTIATE2, _SETUP2, _TREE2, _CREATE2, _WRITE2, _IOCTL2 = 0, 1, 3, 5, 9, 11
_SETUP1, _TREE1, _CREATE1, _TRANS, _TRANS2, _NT_TRANS = 0x73, 0x75, 0xA2, 0x25, 0x32, 0xA0
_OPEN1, _WRITE1 = 0x2D, 0x2F
_MORE_PROCESSING = 0xC0000016
_LOGON_FAILURES = {
    0xC000006D: "wrong name or password", 0xC0000064: "no such user", 0xC000006A: "wrong password",
    0xC0000234: "locked out", 0xC0000072: "disabled", 0xC000006E: "restricted",
    0xC0000071: "expired", 0xC000015B: "not granted", 0xC0000022: "access denied",
}  # fmt: skip


class SmbReader(Reader):
    """Follow one connection; keeps a partial message a side, the user, trees and bindings."""

    name: ClassVar[str] = "smb"

    def __init__(self) -> None:
        self.parts = [b"", b""]
        self.skips = [0, 0]  # bytes of a long message still to pass over
        self.user = ""
        self.share = ""
        self.interfaces: dict[str, str] = {}

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the sign behind the NetBIOS length."""
        return segment.data[4:8] in _SIGNS

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield what the messages that begin in this payload say."""
        side = 0 if segment.from_client else 1
        data = segment.data
        if segment.is_gap or data[4:8] in _SIGNS:
            self.parts[side], self.skips[side] = b"", 0
            if data[4:8] not in _SIGNS:
                return
        if self.skips[side]:
            taken = min(self.skips[side], len(data))
            self.skips[side] -= taken
            data = data[taken:]
        data = self.parts[side] + data
        self.parts[side] = b""
        while len(data) >= 8:  # noqa: PLR2004
            size = int.from_bytes(data[1:4])
            if data[4:8] not in _SIGNS:
                return
            if len(data) < 4 + size and len(data) < _GATHER_MAX:
                self.parts[side] = data
                return
            yield from self._message(segment, data[4 : 4 + size])
            self.skips[side] = max(0, 4 + size - len(data))
            data = data[4 + size :]

    def _message(self, segment: Segment, pdu: bytes) -> Iterator[Message]:
        sign = pdu[:4]
        if sign == b"\xfeSMB":
            for _ in range(8):  # chained requests
                yield from self._second(segment, pdu)
                following = int.from_bytes(pdu[20:24], "little")
                if not following or following >= len(pdu):
                    return
                pdu = pdu[following:]
        elif sign == b"\xffSMB" and len(pdu) > 33:  # noqa: PLR2004
            yield from self._first(segment, pdu)
        elif sign == b"\xfcSMB" and len(pdu) >= 16:  # noqa: PLR2004
            facts: dict[str, str | int] = {
                "original": int.from_bytes(pdu[4:8], "little"),
                "compressed_at": int.from_bytes(pdu[12:16], "little"),
            }
            yield SmbCall(**segment.common(), dialect=2, command=-1, name="compressed", facts=facts)

    def _second(self, segment: Segment, pdu: bytes) -> Iterator[Message]:
        if len(pdu) < 66:  # noqa: PLR2004
            return
        command, status = _u16(pdu, 12), int.from_bytes(pdu[8:12], "little")
        if pdu[16] & 1:
            yield from self._login(segment, status, is_setup=command == _SETUP2)
            yield SmbCall(
                **segment.common(), dialect=2, command=command, status=status, is_response=True
            )
            return
        name, body = "", pdu[64:]
        if command == _TREE2 and len(body) >= 8:  # noqa: PLR2004
            name = self.share = _utf16(pdu, _u16(body, 4), _u16(body, 6))
        elif command == _CREATE2 and len(body) >= 48:  # noqa: PLR2004
            name = _utf16(pdu, _u16(body, 44), _u16(body, 46))
        elif command == _SETUP2 and len(body) >= 16:  # noqa: PLR2004
            self._ntlm(pdu[_u16(body, 12) : _u16(body, 12) + _u16(body, 14)])
        yield SmbCall(
            **segment.common(), dialect=2, command=command, name=name, facts={"share": self.share}
        )
        if command == _WRITE2:
            yield from calls_in(segment, pdu[_u16(body, 2) :], self.interfaces)
        elif command == _IOCTL2 and len(body) >= 32:  # noqa: PLR2004
            yield from calls_in(
                segment, pdu[int.from_bytes(body[24:28], "little") :], self.interfaces
            )

    def _first(self, segment: Segment, pdu: bytes) -> Iterator[Message]:
        command, status = pdu[4], int.from_bytes(pdu[5:9], "little")
        facts: dict[str, str | int] = {"mid": _u16(pdu, 30)}
        if pdu[9] & 0x80:
            yield from self._login(segment, status, is_setup=command == _SETUP1)
            yield SmbCall(
                **segment.common(), dialect=1, command=command, status=status, is_response=True,
                facts=facts,
            )  # fmt: skip
            return
        words = pdu[32]
        body = pdu[33 + 2 * words + 2 :]
        name = ""
        if command == _TRANS2 and words >= 15:  # noqa: PLR2004
            facts["subcommand"] = _u16(pdu, 33 + 28)
        elif command == _NT_TRANS and words >= 19:  # noqa: PLR2004
            facts["total"] = int.from_bytes(pdu[40:44], "little")
        elif command in {_TREE1, _CREATE1}:
            name = _any_text(body)
            self.share = name if command == _TREE1 else self.share
        elif command == _SETUP1:
            self._ntlm(body)
        elif command == _WRITE1 and words >= 12:  # noqa: PLR2004
            yield from calls_in(segment, pdu[_u16(pdu, 33 + 22) :], self.interfaces)
        elif command == _TRANS and words >= 14:  # noqa: PLR2004
            yield from calls_in(segment, pdu[_u16(pdu, 33 + 24) :], self.interfaces)
        facts["share"] = self.share
        yield SmbCall(**segment.common(), dialect=1, command=command, name=name, facts=facts)

    def _ntlm(self, blob: bytes) -> None:
        """Take the user's name from an NTLM AUTHENTICATE message ([MS-NLMP] 2.2.1.3)."""
        at = blob.find(b"NTLMSSP\0\3\0\0\0")
        if at < 0 or len(blob) < at + 44:
            return
        ntlm = blob[at:]
        size, start = _u16(ntlm, 36), int.from_bytes(ntlm[40:44], "little")
        self.user = ntlm[start : start + min(size, _NAME_MAX)].decode("utf-16-le", "replace")[:64]

    def _login(self, segment: Segment, status: int, *, is_setup: bool) -> Iterator[Message]:
        if not is_setup or status == _MORE_PROCESSING:
            return
        refusal = _LOGON_FAILURES.get(status)
        if refusal is not None or (status == 0 and self.user):
            yield Login(
                **segment.common(),
                service="smb",
                outcome="failure" if refusal else "success",
                user=self.user,
                reason=refusal or "",
            )

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self.interfaces = dict(self.interfaces)


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _utf16(pdu: bytes, at: int, size: int) -> str:
    return pdu[at : at + min(size, 2 * _NAME_MAX)].decode("utf-16-le", "replace")


def _any_text(body: bytes) -> str:
    """Return the text of a body, UTF-16 or not, without what can't be shown."""
    raw = body[: 2 * _NAME_MAX]
    text = raw.decode("utf-16-le" if raw[1:8:2].count(0) > 1 else "latin-1", "replace")
    if raw[2:9:2].count(0) > 1:
        text = raw[1:].decode("utf-16-le", "replace")
    return "".join(c for c in text if c.isprintable())
