"""SSH connections made by hand: a key exchange in the clear, then packets of the right sizes.

Sizes are those of chacha20-poly1305 (a success is 28 bytes, a refusal 52, a command of a
shell 36 and more); what stands in them is zeros, which nobody can tell from cipher text by
its size.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tocsin.testing.talks import talk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.testing.captures import Packet

Lines = list[tuple[str, bytes]]
BANNER = b"SSH-2.0-OpenSSH_9.6\r\n"
CHACHA = ("chacha20-poly1305@openssh.com", "hmac-sha2-256")
SUCCESS, REFUSED, KEY_KNOWN = 28, 52, 164  # answers
NONE, PASSWORD, PADDED, KEY, SIGNED = 60, 84, 148, 140, 236  # questions


def packet(number: int, body: bytes) -> bytes:
    """Return one packet in the clear (RFC 4253, section 6)."""
    pad = 16 - (6 + len(body)) % 8
    return struct.pack(">IBB", 2 + len(body) + pad, pad, number) + body + bytes(pad)


def key_exchange(*, cipher: str = CHACHA[0], mac: str = CHACHA[1]) -> Lines:
    """Return all that is said up to the last packet in the clear, and the service asked for."""
    names = ["curve25519-sha256", "ssh-ed25519", cipher, cipher, mac, mac, "none", "none", "", ""]
    lists = b"".join(struct.pack(">I", len(name)) + name.encode() for name in names)
    offer = packet(20, bytes(16) + lists + bytes(5))
    return [
        (">", BANNER), ("<", BANNER), (">", offer), ("<", offer), (">", packet(30, bytes(36))),
        ("<", packet(31, bytes(200)) + packet(21, b"")), (">", packet(21, b"")),
        (">", bytes(44)), ("<", bytes(44)),
    ]  # fmt: skip


def turns(sizes: Sequence[tuple[int, int]]) -> Lines:
    """Return questions and their answers by their sizes in bytes."""
    return [line for asked, told in sizes for line in ((">", bytes(asked)), ("<", bytes(told)))]


def guessing(*, connections: int = 5, tries: int = 6) -> list[Packet]:
    """Return a tool's connections with several refused passwords each, to port 22."""
    found: list[Packet] = []
    for n in range(connections):
        lines = key_exchange() + turns([(NONE, REFUSED), *[(PASSWORD, REFUSED)] * tries])
        found += talk(1.5 * n, ("203.0.113.9", 41_000 + n, "198.51.100.22", 22), lines)
    return found
