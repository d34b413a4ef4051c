"""Log-ins to mail servers in the clear: SMTP AUTH (RFC 4954), POP3 (RFC 1939), IMAP (RFC 9051).

Also SMTP's VRFY, EXPN and RCPT that are answered "no such user" (reason `NO_SUCH_USER`).
Yields "tried" when credentials are sent and the outcome when they are answered; of a mail
handed to SMTP in the clear its sender, recipients, subject, attachments and what it begins
with (`tocsin.parse.protocols.mail_text`). Memory: two unfinished lines, one mail's beginning.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import Login, MailEncrypted
from tocsin.parse.protocols.line_sides import LineSides
from tocsin.parse.protocols.mail_text import MailText
from tocsin.parse.protocols.passwords import secret_of
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

NO_SUCH_USER = "no such user"
_TCP, _USER_CHARS = 6, 64
_BY_PORT = {25: "smtp", 587: "smtp", 2525: "smtp", 110: "pop3", 143: "imap"}
_UNKNOWN = frozenset({b"550", b"551", b"553", b"554"})


class MailReader(Reader):
    """Read one connection of SMTP, POP3 or IMAP."""

    name: ClassVar[str] = "mail"

    def __init__(self) -> None:
        self.rest: list[bytes] = [b"", b""]
        self.service = ""
        self.user = ""
        self.secret = ""
        self.asked = ""  # auth, name (a look-up), until it is answered
        self.step = ""  # of AUTH LOGIN and PLAIN: what the next line is
        self.tag = b""
        self.mail = MailText()

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by port or greeting."""
        return segment.proto == _TCP and bool(_service_of(segment))

    def state(self) -> dict[str, Any]:
        """Return what a restart needs."""
        return {**super().state(), "rest": list(self.rest), "mail": self.mail.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore({name: value for name, value in state.items() if name != "mail"})
        self.mail = MailText()
        self.mail.restore(state["mail"])

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield tries, outcomes and mails."""
        self.service = self.service or _service_of(segment)
        if segment.is_gap and segment.from_client:
            yield from self.mail.cut(segment)
        sides = LineSides()
        sides.rest = self.rest
        side = int(not segment.from_client)
        for line in sides.take(segment.data, side=side, is_gap=segment.is_gap):
            if not segment.from_client:
                yield from self.mail.answered(line, segment)
                yield from self._answered(line, segment)
            elif self.mail.is_open:
                yield from self.mail.line(line, segment)
            elif self.step:
                yield from self._continued(line, segment)
            elif self.service == "imap":
                yield from self._imap(line, segment)
            else:
                yield from self._command(line, segment)

    def _command(self, line: bytes, segment: Segment) -> Iterator[Message]:
        """Take a command of SMTP or POP3."""
        words = line.split(None, 3)
        verb = words[0].upper() if words else b""
        self.asked = ""
        if self.service == "smtp":
            yield from self.mail.command(line, segment)
            if verb == b"STARTTLS":
                yield MailEncrypted(**segment.common(), greeting=self.mail.greeting)
        if verb == b"AUTH" and len(words) > 1:
            yield from self._auth(words[1].upper(), words[2] if words[2:] else b"", segment)
        elif verb == b"USER" and self.service == "pop3":
            self.user = _text(line[5:])
        elif verb == b"PASS" and self.service == "pop3":
            yield self._tried(segment, line[5:])
        elif verb == b"APOP" and len(words) > 1:
            self.user = _text(words[1])
            yield self._tried(segment, line)
        elif verb in {b"VRFY", b"EXPN"} or line[:8].upper() == b"RCPT TO:":
            self.asked = "name"
            self.user = _text(line[8:] if verb == b"RCPT" else line[5:]).strip("<> ")

    def _imap(self, line: bytes, segment: Segment) -> Iterator[Message]:
        words = line.split(None, 3)
        verb = words[1].upper() if len(words) > 1 else b""
        if verb == b"LOGIN" and len(words) > 2:
            self.tag, self.user = words[0], _text(words[2]).strip('"')
            yield self._tried(segment, words[3] if words[3:] else b"")
        elif verb == b"AUTHENTICATE" and len(words) > 2:
            self.tag = words[0]
            yield from self._auth(words[2].upper(), words[3] if words[3:] else b"", segment)

    def _auth(self, way: bytes, first: bytes, segment: Segment) -> Iterator[Message]:
        if way == b"PLAIN":
            self.step = "plain"
        elif way == b"LOGIN":
            self.step = "user"
        else:  # a challenge: nothing to be read but the outcome
            self.asked = "auth"
            return
        if first and first != b"=":
            yield from self._continued(first, segment)

    def _continued(self, line: bytes, segment: Segment) -> Iterator[Message]:
        step, self.step = self.step, ""
        decoded = _base64(line)
        if step == "user":
            self.user, self.step = _text(decoded), "password"
        elif step == "plain":
            parts = decoded.split(b"\x00")
            self.user = _text(parts[1]) if parts[1:] else ""
            yield self._tried(segment, parts[-1])
        elif line != b"*":
            yield self._tried(segment, decoded)

    def _answered(self, line: bytes, segment: Segment) -> Iterator[Message]:
        if not self.asked:
            return
        outcome, reason = self._outcome(line)
        if not outcome:
            return
        is_name, self.asked = self.asked == "name", ""
        if not is_name or reason == NO_SUCH_USER:
            yield self._login(segment, outcome, reason)

    def _outcome(self, line: bytes) -> tuple[str, str]:
        """Return how the server answers, and why; empty when this line is no answer."""
        text = line[4:84].decode("latin-1")
        if self.service == "smtp":
            code = line[:3]
            if self.asked == "name":
                return ("failure", NO_SUCH_USER) if code in _UNKNOWN else ("success", "")
            if code == b"235":
                self.mail.has_logged_in = True
                return "success", ""
            return ("failure", text) if code in {b"535", b"534", b"454", b"550"} else ("", "")
        if self.service == "pop3":
            if line[:4] == b"-ERR":
                return "failure", text
            return ("success", "") if line[:3] == b"+OK" else ("", "")
        words = line.split(None, 2)
        if len(words) < 2 or words[0] != self.tag:
            return "", ""
        return ("success", "") if words[1].upper() == b"OK" else ("failure", _text(line))

    def _tried(self, segment: Segment, secret: bytes) -> Login:
        self.asked, self.secret = "auth", secret_of(secret)
        return self._login(segment, "tried", "")

    def _login(self, segment: Segment, outcome: str, reason: str) -> Login:
        return Login(
            **segment.common(),
            service=self.service,
            outcome=outcome,
            user=self.user,
            reason=reason,
            secret=self.secret if reason != NO_SUCH_USER else "",
        )


def _service_of(segment: Segment) -> str:
    by_port = _BY_PORT.get(segment.server_port, "")
    if by_port or segment.from_client:
        return by_port
    start = segment.data[:200].upper()
    if start.startswith((b"220 ", b"220-")) and b"SMTP" in start:
        return "smtp"
    if start.startswith(b"+OK"):
        return "pop3"
    return "imap" if start.startswith(b"* OK") else ""


def _base64(line: bytes) -> bytes:
    try:
        return base64.b64decode(line[:512])
    except (binascii.Error, ValueError):
        return b""


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")[:_USER_CHARS]
