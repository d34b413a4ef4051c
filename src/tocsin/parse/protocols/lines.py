"""Log-ins in protocols of lines: FTP, SMTP, POP3, IMAP, Telnet, and databases' refusals.

What a client sends is remembered (the user it names, that it gave a password); what the
server answers decides. Sources: RFC 959 (FTP), RFC 4954 (SMTP AUTH), RFC 1939 (POP3), RFC
9051 (IMAP), RFC 854 (Telnet); the error texts of MySQL, PostgreSQL, SQL Server and Redis.
Passwords are not kept.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.parse.protocols.segments import Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

SERVICES = {
    21: "ftp", 2121: "ftp", 23: "telnet", 2323: "telnet", 25: "smtp", 465: "smtp", 587: "smtp",
    2525: "smtp", 110: "pop3", 143: "imap", 3306: "mysql", 5432: "postgresql", 1433: "mssql",
    6379: "redis", 5900: "vnc",
}  # fmt: skip
TAIL_BYTES, USER_MAX = 1024, 64
_GREETINGS = (
    (re.compile(rb"^220[ -][^\r\n]{0,200}ftp", re.IGNORECASE), "ftp"),
    (re.compile(rb"^220[ -][^\r\n]{0,200}(?:smtp|mail|postfix|exim)", re.IGNORECASE), "smtp"),
    (re.compile(rb"^\+OK "), "pop3"),
    (re.compile(rb"^\* OK "), "imap"),
    (re.compile(rb"^(?:EHLO|HELO) "), "smtp"),
    (re.compile(rb"^\xff[\xfb-\xfe]"), "telnet"),
)
_TELNET_OPTION = re.compile(
    rb"\xff(?:[\xfb-\xfe].|\xfa[^\xff]{0,64}\xff\xf0|[\xf0-\xfa\xff])", re.DOTALL
)
_TELNET_REFUSED = re.compile(
    rb"login incorrect|incorrect login|login failed|authentication fail|access denied"
    rb"|bad password|invalid (?:login|password|user)|wrong password|permission denied",
    re.IGNORECASE,
)
_TELNET_LOGIN = re.compile(rb"(?:login|username|user name|user)\s{0,4}:\s{0,4}$", re.IGNORECASE)
_TELNET_PASSWORD = re.compile(rb"password\s{0,4}:\s{0,4}$", re.IGNORECASE)
_TELNET_SHELL = re.compile(rb"last login|welcome|busybox|[$#>] ?$", re.IGNORECASE)
_DATABASE_REFUSED = (
    (re.compile(rb"Access denied for user '([^']{0,64})'"), "mysql"),
    (re.compile(rb'password authentication failed for user "([^"]{0,64})"'), "postgresql"),
    (re.compile(rb"L\0o\0g\0i\0n\0 \0f\0a\0i\0l\0e\0d"), "mssql"),
    (re.compile(rb"^-(?:WRONGPASS|ERR invalid password|NOAUTH)"), "redis"),
)


class LineReader(Reader):
    """Follow one conversation of lines; keeps the user named last and each side's last bytes."""

    name: ClassVar[str] = "lines"

    def __init__(self) -> None:
        self.service = ""
        self.user = ""
        self.is_tried = False  # a password was sent, its answer is open
        self.stage = ""  # of Telnet and of SMTP's AUTH LOGIN
        self.tails = [b"", b""]

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the server's port, or by what the first bytes greet with."""
        return segment.proto == 6 and bool(_service_of(segment))  # noqa: PLR2004

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield a log-in when the server's answer to it is read."""
        self.service = self.service or _service_of(segment)
        if self.service == "telnet":
            yield from self._telnet(segment)
            return
        if self.service in {"mysql", "postgresql", "mssql", "redis"}:
            yield from self._database(segment)
            return
        for line in self._lines(segment):
            if segment.from_client:
                self._command(line)
            else:
                yield from self._answer(segment, line)

    def _lines(self, segment: Segment) -> Iterator[bytes]:
        side = 0 if segment.from_client else 1
        data = segment.data if segment.is_gap else self.tails[side] + segment.data
        *whole, rest = data.split(b"\n")
        self.tails[side] = rest[-TAIL_BYTES:]
        for line in whole:
            yield line.rstrip(b"\r")[:TAIL_BYTES]

    def _command(self, line: bytes) -> None:
        """Remember whom a client's line names, and that it tried."""
        if self.stage == "login user":
            self.user, self.stage = _decoded(line), "login password"
            return
        if self.stage in {"login password", "plain"}:
            if self.stage == "plain":
                self.user = _plain_user(line)
            self.stage, self.is_tried = "", True
            return
        words = line.split(None, 3)
        verb = words[0].upper() if words else b""
        if verb == b"USER" and len(words) > 1:
            self.user = _text(words[1])
        elif verb == b"PASS":
            self.is_tried = True
        elif verb == b"AUTH" and len(words) > 1:
            self._auth(words)
        elif self.service == "imap" and len(words) > 2 and words[1].upper() == b"LOGIN":  # noqa: PLR2004
            self.user, self.is_tried = _text(words[2].strip(b'"')), True
        elif self.service == "pop3" and verb == b"APOP" and len(words) > 1:
            self.user, self.is_tried = _text(words[1]), True

    def _auth(self, words: list[bytes]) -> None:
        method = words[1].upper()
        if method == b"PLAIN":
            if len(words) > 2:  # noqa: PLR2004
                self.user, self.is_tried = _plain_user(words[2]), True
            else:
                self.stage = "plain"
        elif method == b"LOGIN":
            self.stage = "login user"
            if len(words) > 2:  # noqa: PLR2004
                self.user, self.stage = _decoded(words[2]), "login password"
        else:
            self.is_tried = True

    def _answer(self, segment: Segment, line: bytes) -> Iterator[Message]:
        outcome = self._outcome(line)
        if outcome and (self.is_tried or outcome == "failure"):
            self.is_tried = False
            yield self._login(segment, outcome, line)

    def _outcome(self, line: bytes) -> str:
        code = line[:3]
        match self.service:
            case "ftp":
                failed = code == b"530" and (self.is_tried or b"incorrect" in line.lower())
                return "failure" if failed else "success" if code == b"230" else ""
            case "smtp":
                return "failure" if code == b"535" else "success" if code == b"235" else ""
            case "pop3" if self.is_tried:
                return "failure" if line[:4] == b"-ERR" else "success" if code == b"+OK" else ""
            case "imap" if self.is_tried:
                words = line.split(None, 2)
                answer = words[1].upper() if len(words) > 1 and words[0] != b"*" else b""
                return {b"NO": "failure", b"BAD": "failure", b"OK": "success"}.get(answer, "")
            case _:
                return ""

    def _telnet(self, segment: Segment) -> Iterator[Message]:
        data = _TELNET_OPTION.sub(b"", segment.data)
        if segment.from_client:
            typed = self.tails[0] + data
            if b"\r" in typed or b"\n" in typed:
                line = re.split(rb"[\r\n]", typed, maxsplit=1)[0]
                if self.stage == "user":
                    self.user, self.stage = _text(line), "named"
                elif self.stage == "password":
                    self.is_tried, self.stage = True, ""
                typed = b""
            self.tails[0] = typed[-TAIL_BYTES:]
            return
        said = (self.tails[1] + data)[-TAIL_BYTES:]
        if _TELNET_REFUSED.search(said):
            yield self._login(segment, "failure", said.strip())
            self.is_tried = False
            said = said[-32:] if _TELNET_LOGIN.search(said) else b""
        elif self.is_tried and not _TELNET_LOGIN.search(said) and _TELNET_SHELL.search(said):
            self.is_tried = False
            yield self._login(segment, "success", b"")
            said = b""
        if _TELNET_PASSWORD.search(said):
            self.stage, said = "password", b""
        elif _TELNET_LOGIN.search(said):
            if self.is_tried:  # asked again: refused without a word
                self.is_tried = False
                yield self._login(segment, "failure", b"asked again")
            self.stage, said = "user", b""
        self.tails[1] = said

    def _database(self, segment: Segment) -> Iterator[Message]:
        if segment.from_client:
            return
        for pattern, _ in _DATABASE_REFUSED:
            found = pattern.search(segment.data[:TAIL_BYTES])
            if found:
                self.user = _text(found[1]) if pattern.groups else self.user
                yield self._login(segment, "failure", found[0])
                return

    def _login(self, segment: Segment, outcome: str, line: bytes) -> Login:
        return Login(
            **segment.common(),
            service=self.service,
            outcome=outcome,
            user=self.user,
            reason=_text(line)[:120],
        )


def _service_of(segment: Segment) -> str:
    known = SERVICES.get(segment.server_port, "")
    if known:
        return known
    return next((name for sign, name in _GREETINGS if sign.search(segment.data[:256])), "")


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")[:USER_MAX]


def _decoded(raw: bytes) -> str:
    try:
        return _text(b64decode(raw[:TAIL_BYTES], validate=True))
    except ValueError:
        return ""


def _plain_user(raw: bytes) -> str:
    """Return the user of a PLAIN response (RFC 4616): authzid NUL authcid NUL password."""
    try:
        parts = b64decode(raw[:TAIL_BYTES], validate=True).split(b"\0")
    except ValueError:
        return ""
    return _text(parts[1]) if len(parts) > 1 else ""
