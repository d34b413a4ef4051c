"""Log-ins to MySQL, PostgreSQL, SQL Server, Redis and VNC: who, and how it ended.

Sources: MySQL client/server protocol (HandshakeResponse41, ERR 1045), PostgreSQL frontend
protocol 3.0 (SQLSTATE 28P01, 28000), [MS-TDS] 2.2.7 (ERROR 18456, LOGINACK), RESP, RFC 6143.
Passwords are hashed with a challenge there, so that they can't be told apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

_TCP, _USER_BYTES = 6, 64
_MYSQL_DENIED = frozenset({1045, 1698})
_PG_USER = re.compile(rb"\x00user\x00([^\x00]{1,64})\x00")
_PG_DENIED = (b"C28P01\x00", b"C28000\x00")
_TDS_DENIED, _TDS_LOGIN, _TDS_ANSWER = (18456).to_bytes(4, "little"), 0x10, 0x04
_CHALLENGE = 16


class DatabaseReader(Reader):
    """Read the log-in of one connection to a database, or to a VNC server."""

    name: ClassVar[str] = "databases"

    def __init__(self) -> None:
        self.service = ""
        self.user = ""
        self.asked = False  # credentials are sent, the answer is awaited

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by port and opening."""
        return segment.proto == _TCP and bool(_service_of(segment))

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield outcomes."""
        self.service = self.service or _service_of(segment)
        data = segment.data[:1024]
        if segment.from_client:
            self._sent(data)
            return
        outcome = self._outcome(data) if self.asked or self.service == "mssql" else ""
        if outcome:
            self.asked = False
            yield Login(**segment.common(), service=self.service, outcome=outcome, user=self.user)

    def _sent(self, data: bytes) -> None:
        match self.service:
            case "mysql" if len(data) > 37 and data[3] == 1:
                raw = data[36 : 36 + _USER_BYTES].partition(b"\x00")[0]
                self.user, self.asked = raw.decode("latin-1"), True
            case "postgresql":
                found = _PG_USER.search(data)
                if found:
                    self.user, self.asked = found[1].decode("latin-1"), True
            case "mssql":
                self.asked = self.asked or data[:1] == bytes((_TDS_LOGIN,))
            case "redis":
                self.asked = b"AUTH\r\n" in data[:64].upper() or data[:5].upper() == b"AUTH "
            case "vnc" if len(data) == _CHALLENGE:
                self.asked = True
            case _:
                pass

    def _outcome(self, data: bytes) -> str:
        match self.service:
            case "mysql" if len(data) > 6:
                if data[4] == 0xFF:
                    code = int.from_bytes(data[5:7], "little")
                    return "failure" if code in _MYSQL_DENIED else ""
                return "success" if data[4] == 0 else ""
            case "postgresql":
                if data[:1] == b"E":
                    return "failure" if any(code in data for code in _PG_DENIED) else ""
                return "success" if data[:9] == b"R\x00\x00\x00\x08\x00\x00\x00\x00" else ""
            case "mssql" if data[:1] == bytes((_TDS_ANSWER,)):
                if data[8:9] == b"\xaa" and data[11:15] == _TDS_DENIED:
                    return "failure"
                return "success" if b"\xad" in data[8:9] else ""
            case "redis":
                if data[:1] == b"-":
                    return "failure" if b"WRONGPASS" in data or b"invalid pass" in data else ""
                return "success" if data[:3] == b"+OK" else ""
            case "vnc" if len(data) >= 4:
                return {0: "success", 1: "failure"}.get(int.from_bytes(data[:4], "big"), "")
            case _:
                return ""


def _service_of(segment: Segment) -> str:
    data, port = segment.data, segment.server_port
    if data[:4] == b"RFB ":
        return "vnc"
    if port == 3306 and len(data) > 5 and data[3] in {0, 1}:
        return "mysql"
    if port == 5432:
        return "postgresql"
    if port == 1433 and data[:1] in {b"\x12", b"\x10", b"\x04"}:
        return "mssql"
    return "redis" if port == 6379 else ""
