"""SMB 1 ([MS-CIFS]) and SMB 2/3 ([MS-SMB2]) over TCP 445 or NetBIOS sessions (RFC 1002).

Read: who logs in and how it ended, shares, files and pipes that are opened, the first bytes
written to a file, DCE/RPC in pipes, and the odd commands that exploits are made of. A PDU
over `HEAD_BYTES` is read from its start and the rest skipped by its length. Encrypted
SMB 3 says nothing. After a gap reading begins anew where a segment begins a PDU.
Memory: `HEAD_BYTES` a side, `NAMES_MAX` names of each kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import Login, SmbCall
from tocsin.parse.protocols import smb1
from tocsin.parse.protocols.ntlm import user_in
from tocsin.parse.protocols.rpc import calls
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

HEAD_BYTES, NAMES_MAX, CHAIN_MAX = 4096, 128, 16
_MAGICS = frozenset({b"\xffSMB", b"\xfeSMB", b"\xfdSMB", b"\xfcSMB"})
_TCP, _NETBIOS, _SMB2_HEAD, _NAME_BYTES = 6, 139, 64, 512
_SESSION, _TREE, _CREATE, _READ, _WRITE, _IOCTL = 1, 3, 5, 8, 9, 11
_PIPE_TRANSCEIVE = 0x0011C017
_MORE_PROCESSING = 0xC0000016
REFUSALS = {
    0xC000006D: "logon failure",
    0xC0000064: "no such user",
    0xC000006A: "wrong password",
    0xC0000234: "account locked out",
    0xC0000072: "account disabled",
    0xC000006E: "account restriction",
    0xC0000071: "password expired",
    0xC000006F: "outside permitted hours",
    0xC0000193: "account expired",
    0xC000015B: "logon type not granted",
}


def begins(data: bytes) -> bool:
    """Tell whether a NetBIOS session message with SMB in it begins there."""
    return len(data) >= 8 and data[0] == 0 and data[4:8] in _MAGICS


class SmbReader(Reader):
    """Read one SMB connection."""

    name: ClassVar[str] = "smb"

    def __init__(self) -> None:
        self.gathered: list[bytes] = [b"", b""]
        self.skip = [0, 0]
        self.user = ""
        self.pending: dict[int, str] = {}  # message id -> share or file asked for
        self.trees: dict[int, str] = {}
        self.files: dict[bytes, str] = {}
        self.written: dict[bytes, int] = {}
        self.contexts: dict[bytes, dict[int, str]] = {}

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the magic behind the session head, or a NetBIOS session request."""
        data = segment.data
        return segment.proto == _TCP and (
            begins(data) or (data[:1] == b"\x81" and segment.server_port == _NETBIOS)
        )

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield log-ins, calls and what RPC in pipes says."""
        side = int(not segment.from_client)
        data, lost = segment.data, segment.size_bytes - len(segment.data)
        if segment.is_gap:
            self.gathered[side], self.skip[side] = b"", 0
        if self.skip[side]:
            cut = min(self.skip[side], segment.size_bytes)
            self.skip[side] -= cut
            lost = max(lost - max(cut - len(data), 0), 0)
            data = data[cut:]
        data = self.gathered[side] + data
        self.gathered[side] = b""
        while data:
            if len(data) < 8:
                self.gathered[side] = data if not lost else b""
                return
            length = int.from_bytes(data[1:4], "big") + 4
            if not begins(data):
                if data[0] in {0x81, 0x82, 0x85} and length <= len(data):
                    data = data[length:]  # NetBIOS session request, answer, keep-alive
                    continue
                return
            if len(data) < min(length, HEAD_BYTES) and not lost:
                self.gathered[side] = data
                return
            yield from self._pdu(data[4 : min(length, HEAD_BYTES)], segment)
            self.skip[side] = max(length - len(data) - lost, 0)
            data = data[length:]

    def _pdu(self, pdu: bytes, segment: Segment) -> Iterator[Message]:
        magic = pdu[:4]
        if magic == b"\xffSMB":
            yield from smb1.messages(self, pdu, segment)
        elif magic == b"\xfcSMB" and len(pdu) >= 16:
            size = int.from_bytes(pdu[4:8], "little")
            offset = int.from_bytes(pdu[12:16], "little")
            yield SmbCall(
                **segment.common(),
                dialect=2,
                command=-1,
                name="compressed",
                facts={"original_bytes": size, "offset": offset},
            )
        elif magic == b"\xfeSMB":
            for _ in range(CHAIN_MAX):
                if len(pdu) < _SMB2_HEAD or pdu[:4] != b"\xfeSMB":
                    return
                following = int.from_bytes(pdu[20:24], "little")
                yield from self._smb2(pdu[:following] if following else pdu, segment)
                if not following:
                    return
                pdu = pdu[following:]

    def _smb2(self, pdu: bytes, segment: Segment) -> Iterator[Message]:
        command = int.from_bytes(pdu[12:14], "little")
        if pdu[16] & 1:
            yield from self._answer(pdu, command, segment)
        elif command == _SESSION:
            self.user = user_in(pdu) or self.user
        elif command in {_TREE, _CREATE}:
            at = 68 if command == _TREE else 108
            start = int.from_bytes(pdu[at : at + 2], "little")
            size = min(int.from_bytes(pdu[at + 2 : at + 4], "little"), _NAME_BYTES)
            name = pdu[start : start + size].decode("utf-16-le", "replace")
            tree = self.trees.get(int.from_bytes(pdu[36:40], "little"), "")
            self.keep(self.pending, int.from_bytes(pdu[24:32], "little"), name)
            yield SmbCall(
                **segment.common(), dialect=2, command=command, name=name, facts={"share": tree}
            )
        elif command == _WRITE:
            start = int.from_bytes(pdu[66:68], "little")
            yield from self.wrote(pdu[80:96], pdu[start:] if start else b"", segment, dialect=2)
        elif command == _IOCTL:
            start = int.from_bytes(pdu[88:92], "little")
            if int.from_bytes(pdu[68:72], "little") == _PIPE_TRANSCEIVE and start:
                yield from self.piped(pdu[72:88], pdu[start:], segment)

    def _answer(self, pdu: bytes, command: int, segment: Segment) -> Iterator[Message]:
        status = int.from_bytes(pdu[8:12], "little")
        if command == _SESSION:
            yield from self.logged_in(status, segment)
            return
        if command not in {_TREE, _CREATE}:
            return
        name = self.pending.pop(int.from_bytes(pdu[24:32], "little"), "")
        tree = int.from_bytes(pdu[36:40], "little")
        if status == 0 and command == _TREE:
            self.keep(self.trees, tree, name.rpartition("\\")[2].upper())
        elif status == 0 and len(pdu) >= 144:
            self.keep(self.files, pdu[128:144], name)
        yield SmbCall(
            **segment.common(),
            dialect=2,
            command=command,
            name=name,
            status=status,
            is_response=True,
            facts={"share": self.trees.get(tree, "")},
        )

    def logged_in(self, status: int, segment: Segment) -> Iterator[Login]:
        """Say how a session setup ended; one that goes on says nothing."""
        if status == _MORE_PROCESSING or (status == 0 and not self.user):
            return
        refusal = REFUSALS.get(status)
        if status == 0 or refusal:
            yield Login(
                **segment.common(),
                service="smb",
                outcome="failure" if refusal else "success",
                user=self.user,
                reason=refusal or "",
            )
        self.user = ""

    def wrote(
        self, file: bytes, data: bytes, segment: Segment, *, dialect: int
    ) -> Iterator[Message]:
        """Give the first write to a file; to a pipe, the RPC in each."""
        if data[:1] == b"\x05":
            yield from self.piped(file, data, segment)
        if file not in self.written:
            self.keep(self.written, file, 1)
            magic = "program" if data[:2] == b"MZ" else ""
            yield SmbCall(
                **segment.common(),
                dialect=dialect,
                command=_WRITE,
                name=self.files.get(file, ""),
                facts={"magic": magic},
            )

    def piped(self, file: bytes, data: bytes, segment: Segment) -> Iterator[Message]:
        """Yield what RPC in a pipe says."""
        if file not in self.contexts:
            if len(self.contexts) >= NAMES_MAX:
                self.contexts.pop(next(iter(self.contexts)))
            self.contexts[file] = {}
        yield from calls(data, self.contexts[file], segment.common())

    @staticmethod
    def keep(table: dict[Any, Any], key: Any, value: Any) -> None:
        """Remember within `NAMES_MAX`; the oldest gives way."""
        if key not in table and len(table) >= NAMES_MAX:
            table.pop(next(iter(table)))
        table[key] = value
