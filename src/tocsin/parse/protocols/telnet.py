"""Telnet log-ins (RFC 854): prompts, what is typed at them, and what the server says then.

Options are taken out. A refusal is a sentence such as "Login incorrect", or the prompt for
a name again after a password; a shell's prompt or a last log-in means that it worked.
Several tries in one connection are several. Memory: `TAIL_BYTES` of the server's text and
one typed line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.core.patterns import bytes_pattern
from tocsin.parse.protocols.passwords import secret_of
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

TAIL_BYTES, TYPED_BYTES, DATA_BYTES = 256, 64, 2048
_TCP, _IAC, _SB, _WILL = 6, 255, 250, 251
_PORTS = frozenset({23, 2323})
_OPTIONS = bytes_pattern(rb"\xff(?:\xfa[^\xff]{0,64}\xff\xf0|[\xfb-\xfe].|[\xf0-\xf9])", re.DOTALL)
_PASSWORD = bytes_pattern(rb"(?:password|passwd|passcode|pin)[^\r\n:>]{0,40}[:>] ?\s?$")
_NAME = bytes_pattern(rb"(?:login|user ?name|user|account|userid)[^\r\n:>]{0,24}[:>] ?\s?$")
_REFUSED = bytes_pattern(
    rb"login incorrect|incorrect (?:login|password|user)|login failed|log-?in fail|"
    rb"authenticat\w{1,4} fail|access denied|invalid (?:login|password|user|account)|"
    rb"(?:bad|wrong) (?:password|login|user)|password (?:is )?(?:incorrect|wrong|invalid)|"
    rb"login invalid|bad passwords|permission denied|authorization failed|not authorized"
)
_WORKED = bytes_pattern(
    rb"last login|[\w\]~)/\\ ][$#] ?$|busybox v|\w> ?$|welcome to|built-in shell"
)


class TelnetReader(Reader):
    """Read one Telnet connection."""

    name: ClassVar[str] = "telnet"

    def __init__(self) -> None:
        self.tail = b""
        self.typed = b""
        self.at = ""  # which prompt is open: name, password, or sent (its answer is awaited)
        self.user = ""
        self.secret = ""
        self.has_client = False

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by options at the start, or the port."""
        data = segment.data
        options = len(data) >= 3 and data[0] == _IAC and data[1] >= _SB
        return segment.proto == _TCP and (options or segment.server_port in _PORTS)

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield tries and outcomes."""
        data = _OPTIONS.sub(b"", segment.data[:DATA_BYTES])
        if not data:
            return
        if segment.from_client:
            yield from self._typed(data, segment)
        else:
            yield from self._said(data, segment)

    def _typed(self, data: bytes, segment: Segment) -> Iterator[Message]:
        self.has_client = True
        for byte in data:
            if byte in b"\r\n":
                if self.typed or self.at == "password":
                    yield from self._entered(segment)
                self.typed = b""
            elif byte in b"\x08\x7f":
                self.typed = self.typed[:-1]
            elif byte and len(self.typed) < TYPED_BYTES:
                self.typed += bytes((byte,))

    def _entered(self, segment: Segment) -> Iterator[Message]:
        if self.at == "name":
            self.user, self.at = self.typed.decode("latin-1"), ""
        elif self.at == "password":
            self.at, self.secret, self.tail = "sent", secret_of(self.typed), b""
            yield self._login(segment, "tried", "")

    def _said(self, data: bytes, segment: Segment) -> Iterator[Message]:
        self.tail = (self.tail + data.lower())[-TAIL_BYTES:]
        refused = _REFUSED.search(self.tail)
        asks_name, asks_password = _NAME.search(self.tail), _PASSWORD.search(self.tail)
        if refused and (self.at == "sent" or not self.has_client):
            yield self._login(segment, "failure", refused[0].decode("latin-1"))
            self.at = ""
            self.tail = self.tail[refused.end() :]
        elif self.at == "sent" and (asks_name or asks_password):
            yield self._login(segment, "failure", "asked again")
        elif self.at == "sent" and _WORKED.search(self.tail):
            yield self._login(segment, "success", "")
            self.at, self.tail = "in", b""
        if self.at == "in":
            return
        if asks_password:
            self.at, self.typed = "password", b""
        elif asks_name:
            self.at, self.typed = "name", b""

    def _login(self, segment: Segment, outcome: str, reason: str) -> Login:
        return Login(
            **segment.common(),
            service="telnet",
            outcome=outcome,
            user=self.user,
            reason=reason,
            secret=self.secret if outcome != "success" else "",
        )
