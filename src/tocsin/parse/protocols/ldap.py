"""LDAP simple binds in the clear (RFC 4511, section 4.2) and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.parse.protocols.kerberos import element
from tocsin.parse.protocols.passwords import secret_of
from tocsin.parse.protocols.segments import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

_TCP, _PORTS, _MESSAGES_MAX, _USER_CHARS = 6, frozenset({389, 3268}), 8, 64
_SEQUENCE, _BIND, _BOUND, _SIMPLE, _INVALID_CREDENTIALS = 0x30, 0x60, 0x61, 0x80, 49


class LdapReader(Reader):
    """Read the binds of one LDAP connection."""

    name: ClassVar[str] = "ldap"

    def __init__(self) -> None:
        self.user = ""
        self.secret = ""

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by port and the tag of a message."""
        return (
            segment.proto == _TCP
            and segment.server_port in _PORTS
            and segment.data[:1] == bytes((_SEQUENCE,))
        )

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield tries and outcomes of the messages that a segment holds whole."""
        rest = segment.data
        for _ in range(_MESSAGES_MAX):
            tag, content, rest = element(rest)
            if tag != _SEQUENCE:
                return
            operation, body, _ = element(element(content)[2])
            if operation == _BIND and segment.from_client:
                _, name, way = element(element(body)[2])
                choice, secret, _ = element(way)
                if choice == _SIMPLE and secret:
                    self.user = name.decode("utf-8", "replace")[:_USER_CHARS]
                    self.secret = secret_of(secret)
                    yield self._login(segment, "tried")
            elif operation == _BOUND and not segment.from_client:
                code = int.from_bytes(element(body)[1][:2], "big")
                if code == _INVALID_CREDENTIALS:
                    yield self._login(segment, "failure")
                elif code == 0 and self.secret:
                    yield self._login(segment, "success")

    def _login(self, segment: Segment, outcome: str) -> Login:
        return Login(
            **segment.common(),
            service="ldap",
            outcome=outcome,
            user=self.user,
            secret=self.secret if outcome != "success" else "",
        )
