"""RDP ([MS-RDPBCGR] 2.2.1.1): the connection request with the user that it names.

What follows is in TLS: each connection is one try whose outcome nobody can read.
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

_TCP, _PORT, _CONNECT = 6, 3389, 0xE0
_COOKIE = re.compile(rb"mstshash=([^\r\n]{0,64})")


class RdpReader(Reader):
    """Read the opening of one RDP connection."""

    name: ClassVar[str] = "rdp"

    def __init__(self) -> None:
        self.is_done = False

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by TPKT with an X.224 request, and the port or the cookie (S7 looks alike)."""
        data = segment.data
        return (
            segment.proto == _TCP
            and data[:2] == b"\x03\x00"
            and data[5:6] == bytes((_CONNECT,))
            and (segment.server_port == _PORT or b"mstshash=" in data[:128])
        )

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield one try."""
        if self.is_done or not segment.from_client:
            return
        self.is_done = True
        found = _COOKIE.search(segment.data[:256])
        user = found[1].decode("latin-1") if found else ""
        yield Login(**segment.common(), service="rdp", outcome="tried", user=user)
