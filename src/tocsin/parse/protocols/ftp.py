"""FTP (RFC 959): log-ins, and the files that are sent and fetched; also FTP before AUTH TLS.

Yields "tried" when a password is sent and the outcome when it is answered; a file when the
server agrees to move it. Of one-way captures the tries, the names, or the refusals, are all
there is. Memory: two unfinished lines and a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import FileTransfer, Login
from tocsin.parse.protocols.line_sides import LineSides
from tocsin.parse.protocols.passwords import secret_of
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

_TCP, _PORT, _USER_CHARS = 6, 21, 64
_MAIL_PORTS = frozenset({25, 110, 143, 465, 587, 2525})
_UPLOADS, _DOWNLOADS = frozenset({"STOR", "APPE", "STOU"}), frozenset({"RETR"})
_AGREES, _NAME_CHARS = frozenset({b"125", b"150", b"226", b"250"}), 200
_REFUSES = (b"incorrect", b"failed", b"denied", b"invalid", b"cannot log", b"not logged in")


class FtpReader(Reader):
    """Read one FTP control connection."""

    name: ClassVar[str] = "ftp"

    def __init__(self) -> None:
        self.lines = LineSides()
        self.user = ""
        self.secret = ""
        self.asked = ""  # USER or PASS, until it is answered
        self.has_client = self.has_server = False
        self.moves = ["", ""]  # verb and name of a file, until it is answered

    def state(self) -> dict[str, Any]:
        """Return what a restart needs."""
        kept = super().state()
        return {**kept, "lines": list(self.lines.rest)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore({name: value for name, value in state.items() if name != "lines"})
        self.lines = LineSides()
        self.lines.rest = list(state["lines"])

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by port 21, a greeting that is no mail server's, or USER."""
        if segment.proto != _TCP or segment.server_port in _MAIL_PORTS:
            return False
        if segment.server_port == _PORT:
            return True
        start = segment.data[:200].upper()
        if segment.from_client:
            return start.startswith((b"USER ", b"AUTH TLS", b"PASS ")) and (
                segment.server_port != 6667
            )
        return start.startswith((b"220 ", b"220-")) and b"SMTP" not in start

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield tries and outcomes."""
        side = int(not segment.from_client)
        for line in self.lines.take(segment.data, side=side, is_gap=segment.is_gap):
            if segment.from_client:
                yield from self._asked(line, segment)
            elif line[:3].isdigit() and line[3:4] != b"-":
                self.has_server = True
                yield from self._answered(line, segment)

    def _asked(self, line: bytes, segment: Segment) -> Iterator[Message]:
        self.has_client = True
        word, _, rest = line.partition(b" ")
        verb = word.upper()
        self.asked = ""
        if verb == b"USER":
            self.user = rest.decode("latin-1")[:_USER_CHARS]
            self.asked = "USER"
        elif verb == b"PASS":
            self.asked = "PASS"
            self.secret = secret_of(rest)
            yield self._login(segment, "tried", "")
        name = verb.decode("latin-1")
        if name in _UPLOADS or name in _DOWNLOADS:
            self.moves = [name, rest.decode("latin-1")[:_NAME_CHARS]]
            if not self.has_server:
                yield from self._moved(segment)

    def _moved(self, segment: Segment) -> Iterator[Message]:
        verb, name = self.moves
        self.moves = ["", ""]
        if verb:
            yield FileTransfer(
                **segment.common(), service="ftp", verb=verb, name=name, is_upload=verb in _UPLOADS
            )

    def _answered(self, line: bytes, segment: Segment) -> Iterator[Message]:
        code, asked = line[:3], self.asked
        if code in _AGREES:
            yield from self._moved(segment)
        elif code >= b"400":
            self.moves = ["", ""]
        if code in {b"331", b"332"} and asked != "PASS":
            return
        self.asked = ""
        refuses = any(word in line.lower() for word in _REFUSES)
        if code in {b"530", b"430"} and (asked or (not self.has_client and refuses)):
            yield self._login(segment, "failure", line[4:84].decode("latin-1"))
        elif code == b"230" and (asked or not self.has_client):
            yield self._login(segment, "success", "")

    def _login(self, segment: Segment, outcome: str, reason: str) -> Login:
        return Login(
            **segment.common(),
            service="ftp",
            outcome=outcome,
            user=self.user,
            reason=reason,
            secret=self.secret if outcome != "success" else "",
        )
