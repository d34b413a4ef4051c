"""What a mail says, as it is handed to SMTP: DATA (RFC 5321, 4.1.1.4), headers, parts (RFC 2045).

The beginning alone is kept: `TEXT_BYTES` of the first text, decoded from quoted-printable or
base64, the names of attachments, `RECIPIENTS_MAX` recipients. A mail is given out when its
text is long enough and an attachment is named, when it ends, or when bytes are missing.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from typing import TYPE_CHECKING, Any

from tocsin.core.messages import MailSent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

TEXT_BYTES, RECIPIENTS_MAX, FILES_MAX, HEADER_CHARS = 4096, 16, 16, 300
_FILE = re.compile(
    rb"(?:file)?name\*?=\s*(?:\"([^\"\r\n]{1,200})|([^\s;\"]{1,200}))", re.IGNORECASE
)
_CODED_WORD = re.compile(r"=\?([\w-]{1,32})\?([bq])\?([^?\s]{0,200})\?=", re.IGNORECASE)
_HEADER = re.compile(
    rb"(?:mime-version|from|to|date|subject|message-id|received|x-[\w-]+):", re.IGNORECASE
)
_AGREES = b"354"


class MailText:
    """Gather one mail at a time; the commands before it say who it is for."""

    def __init__(self) -> None:
        self.greeting = self.sender = ""
        self.recipients: list[str] = []
        self.has_logged_in = False
        self.is_asked = self.is_open = False  # DATA was sent; was agreed to
        self._begin()

    def _begin(self) -> None:
        self.is_head, self.is_text, self.is_given, self.has_id = True, True, False, False
        self.subject = self.coding = self.last = ""
        self.body = b""
        self.files: list[str] = []

    def state(self) -> dict[str, Any]:
        """Return what a restart needs."""
        return {**vars(self), "recipients": list(self.recipients), "files": list(self.files)}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        for name, value in state.items():
            setattr(self, name, list(value) if isinstance(value, list) else value)

    def command(self, line: bytes, segment: Segment) -> Iterator[Message]:
        """Take a command of the client, or a header if the server isn't captured."""
        verb, upper = line[:4].upper(), line[:10].upper()
        if verb in {b"EHLO", b"HELO"}:
            self.greeting = _plain(line[5:])
        elif upper == b"MAIL FROM:":
            self.sender, self.recipients = _address(line[10:]), []
        elif upper[:8] == b"RCPT TO:" and len(self.recipients) < RECIPIENTS_MAX:
            self.recipients.append(_address(line[8:]))
        elif verb == b"DATA" and len(line) == len(b"DATA"):
            self.is_asked = True
        elif self.is_asked and _HEADER.match(line):
            self._begin()
            self.is_open, self.is_asked = True, False
            yield from self.line(line, segment)

    def answered(self, line: bytes, segment: Segment) -> Iterator[Message]:
        """Take an answer of the server: after 354 what follows is the mail."""
        if self.is_asked and line[:3] == _AGREES:
            self._begin()
            self.is_open, self.is_asked = True, False
        elif line[:1] in {b"4", b"5"}:
            self.is_asked = False
        elif self.is_open and line[:3] == b"250":  # its end was lost
            yield from self.cut(segment)

    def line(self, line: bytes, segment: Segment) -> Iterator[Message]:
        """Take a line of the mail."""
        if line == b".":
            yield from self.cut(segment)
            return
        if self.is_head:
            self._header(line)
        elif line[:2] == b"--" and len(line) > len(b"----"):
            self.is_head, self.is_text = True, not self.body  # a part begins: its headers
            self.coding = "" if self.is_text else self.coding
        elif self.is_text and len(self.body) < TEXT_BYTES:
            self.body += line + b"\n"
        if self.files and not self.is_text and not self.is_given:
            self.is_given = True
            yield self._sent(segment)

    def cut(self, segment: Segment) -> Iterator[Message]:
        """End the mail, whole or not."""
        was_open, self.is_open = self.is_open, False
        if was_open and not self.is_given and (self.subject or self.body or self.files):
            yield self._sent(segment)
        self.is_given = True

    def _header(self, line: bytes) -> None:
        if not line:
            self.is_head = False
            return
        name, _, value = line.partition(b":")
        word = name.strip().lower().decode("latin-1")
        if line[:1] in {b" ", b"\t"}:
            word, value = self.last, line
        self.last = word
        if word == "subject" and len(self.subject) < HEADER_CHARS:
            self.subject += _decoded(_plain(value))
        elif word == "message-id":
            self.has_id = True
        elif word == "content-transfer-encoding" and self.is_text:
            self.coding = _plain(value).lower()
        elif word in {"content-type", "content-disposition"}:
            if value.strip().lower().startswith(b"multipart"):
                self.is_text = False  # until the first part
            found = _FILE.search(value)
            if found is not None and len(self.files) < FILES_MAX:
                name_text = _decoded(_plain(found[1] or found[2]))
                if name_text not in self.files:
                    self.files.append(name_text)
                self.is_text = False

    def _sent(self, segment: Segment) -> MailSent:
        return MailSent(
            **segment.common(),
            greeting=self.greeting,
            sender=self.sender,
            recipients=tuple(self.recipients),
            subject=self.subject.strip(),
            text=_text(self.body, self.coding),
            files=tuple(self.files),
            has_logged_in=self.has_logged_in,
            has_id=self.has_id,
        )


def _text(body: bytes, coding: str) -> str:
    if coding == "quoted-printable":
        body = quopri.decodestring(body)
    elif coding == "base64":
        whole = b"".join(body.split())
        body = _base64(whole[: len(whole) // 4 * 4])
    return body.decode("utf-8", "replace")


def _base64(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw)
    except (binascii.Error, ValueError):
        return raw


def _decoded(text: str) -> str:
    """Decode encoded words (RFC 2047)."""

    def plain(found: re.Match[str]) -> str:
        raw = found[3].encode("latin-1")
        raw = _base64(raw) if found[2] in "bB" else quopri.decodestring(raw.replace(b"_", b" "))
        return raw.decode("utf-8", "replace")

    return _CODED_WORD.sub(plain, text)


def _plain(raw: bytes) -> str:
    return raw.strip().decode("latin-1")[:HEADER_CHARS]


def _address(raw: bytes) -> str:
    text = _plain(raw)
    return text.partition("<")[2].partition(">")[0] or text.split(" ")[0]
