"""SSH (RFC 4253, 4252): what both ends call themselves, and passwords refused behind the cipher.

The key exchange is in the clear and says how packets will be padded and signed, so the size of
the one answer that means success is known exactly (a payload of one byte). Behind it each
question of the client and the size of its first answer are a turn. A short question that is
answered with the same size as the one before is a password refused once more; a question as
long as a public key or as the padded password of an interactive client counts for nothing, so
that an agent with many keys guesses nothing, and the first refusal, which clients ask for to
learn what is allowed, counts for nothing either. That sizes and turns tell log-ins apart is
known since Song, Wagner, Tian, "Timing Analysis of Keystrokes and Timing Attacks on SSH",
USENIX Security 2001.

Read only where both directions are captured and nothing is lost. Memory: what is gathered of
the key exchange, at most `GATHER_BYTES_MAX` a side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login, SshBanner
from tocsin.parse.protocols.segments import GATHER_BYTES_MAX, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment

_TCP, _KEXINIT, _NEWKEYS = 6, 20, 21
_BANNER_BYTES = 255  # RFC 4253, section 4.2
_PACKET_BYTES_MAX = 35_000  # section 6.1
_LISTS = 6  # name-lists of KEXINIT up to the signatures of the server's packets
_KEYSTROKE, _PASSWORD, _REFUSAL = 8, 88, 160  # bytes above the size of a success, at most
_MAC_BYTES = {
    "hmac-md5": 16, "hmac-md5-96": 12, "hmac-sha1": 20, "hmac-sha1-96": 12, "hmac-sha2-256": 32,
    "hmac-sha2-512": 64, "umac-64": 8, "umac-128": 16, "hmac-ripemd160": 20,
}  # fmt: skip


class SshReader(Reader):
    """Read one SSH connection."""

    name: ClassVar[str] = "ssh"

    def __init__(self) -> None:
        self.gathered = [b"", b""]  # of each side, in the clear
        self.phase = [0, 0]  # a side's banner is awaited, its key exchange, all is hidden
        self.offers: list[list[str]] = [[], []]  # cipher and signature lists of the server's side
        self.is_over = False
        self.success_bytes = 0
        self.asked = 0  # bytes of the question that is open
        self.turns = 0
        self.answer = 0  # size of the last answer that may be a refusal
        self.refused = 0

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by the banner."""
        return segment.proto == _TCP and segment.data.startswith(b"SSH-")

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield banners, and the passwords that were refused."""
        if self.is_over:
            return
        if segment.is_gap:
            self.is_over = True
            return
        side = int(not segment.from_client)
        if self.phase[side] > 1:
            yield from self._hidden(segment.size_bytes, segment)
            return
        self.gathered[side] += segment.data
        if self.phase[side] == 0:
            yield from self._banner(side, segment)
        if self.phase[side] == 1 and self._is_agreed(side):
            self.phase[side] = 2
            rest, self.gathered[side] = self.gathered[side], b""
            if rest:
                yield from self._hidden(len(rest), segment)
        is_cut = len(segment.data) < segment.size_bytes
        self.is_over |= is_cut or len(self.gathered[side]) > GATHER_BYTES_MAX

    def _banner(self, side: int, segment: Segment) -> Iterator[Message]:
        line, end, rest = self.gathered[side].partition(b"\n")
        if end and line.startswith(b"SSH-"):
            self.phase[side], self.gathered[side] = 1, rest
            text = line.rstrip(b"\r")[:_BANNER_BYTES].decode("latin-1")
            yield SshBanner(**segment.common(), text=text)
        elif end:
            self.gathered[side] = rest  # a server may greet before it
        else:
            self.is_over |= len(line) > _BANNER_BYTES

    def _is_agreed(self, side: int) -> bool:
        """Take whole packets in the clear; tell whether NEWKEYS was one of them."""
        data = self.gathered[side]
        while len(data) >= 6:
            length = int.from_bytes(data[:4], "big")
            if not 2 <= length <= _PACKET_BYTES_MAX:
                self.is_over = True
                break
            if len(data) < 4 + length:
                break
            if data[5] == _KEXINIT:
                self.offers[side] = _server_lists(data[6 : 4 + length - data[4]])
            is_agreed = data[5] == _NEWKEYS
            data = data[4 + length :]
            if is_agreed:
                self.gathered[side] = data
                return True
        self.gathered[side] = data
        return False

    def _hidden(self, size_bytes: int, segment: Segment) -> Iterator[Message]:
        if segment.from_client:
            self.asked += size_bytes
            return
        if not self.asked or self.phase != [2, 2]:
            return
        asked, self.asked = self.asked, 0
        self.turns += 1
        if self.turns == 1:  # the service is asked for
            self.success_bytes = _success_bytes(self.offers)
            self.is_over = not self.success_bytes
            return
        over = size_bytes - self.success_bytes
        if over == 0:
            self.is_over = True
            if self.refused and asked - self.success_bytes <= _PASSWORD:
                yield Login(**segment.common(), service="ssh", outcome="success")
        elif 0 < over <= _REFUSAL:
            is_short = _KEYSTROKE < asked - self.success_bytes <= _PASSWORD
            if size_bytes == self.answer and is_short:
                self.refused += 1
                yield Login(**segment.common(), service="ssh", outcome="failure")
            self.answer = size_bytes


def _server_lists(payload: bytes) -> list[str]:
    """Return the ciphers and signatures for the server's packets out of a KEXINIT (7.1)."""
    at, lists = 16, []
    for _ in range(_LISTS):
        length = int.from_bytes(payload[at : at + 4], "big")
        lists.append(payload[at + 4 : at + 4 + length].decode("latin-1"))
        at += 4 + length
    return [lists[3], lists[5]]


def _success_bytes(offers: list[list[str]]) -> int:
    """Return the size of a packet whose payload is one byte; 0: not known."""
    if not all(offers):
        return 0
    cipher, mac = (_agreed(offers[0][n], offers[1][n]) for n in range(2))
    if cipher.startswith("chacha20-poly1305"):
        return 28
    if "gcm" in cipher:
        return 36
    size = _MAC_BYTES.get(mac.partition("@")[0].removesuffix("-etm"), 0)
    if not cipher or not size:
        return 0
    return (4 if "-etm@" in mac else 0) + 16 + size


def _agreed(wanted: str, offered: str) -> str:
    """Return the client's first choice that the server has too."""
    there = set(offered.split(","))
    return next((name for name in wanted.split(",") if name in there), "")
