"""Addresses as two unsigned 64-bit halves, so that kernels need one form for both families.

IPv4 is held IPv4-mapped (``::ffff:a.b.c.d``, RFC 4291 section 2.5.5.2): the same host seen
by an IPv6 socket and by an IPv4 one is one entity. A link-layer address is held with the
high half `MAC_HI`, which no routable IPv6 address carries (it lies in the discard-only
prefix 100::/64, RFC 6666).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

V4_PREFIX = 0xFFFF_0000_0000
MAC_HI = 0x0100_0000_0000_0001
_MAC_COLONS, _MAC_LENGTH = 5, 17  # six pairs of hexadecimal digits
_LOW_32 = 0xFFFF_FFFF
_LOW_64 = 0xFFFF_FFFF_FFFF_FFFF
_MEMO = 4096  # texts of which the answer is remembered


def address_text(hi: int, lo: int) -> str:
    """Return the usual text of an address held as two halves.

    >>> address_text(0, 0xFFFF_CB00_7109)
    '203.0.113.9'
    """
    hi, lo = int(hi), int(lo)
    if hi == MAC_HI:
        return ":".join(f"{(lo >> shift) & 255:02x}" for shift in range(40, -8, -8))
    if hi == 0 and lo >> 32 == V4_PREFIX >> 32:
        return f"{lo >> 24 & 255}.{lo >> 16 & 255}.{lo >> 8 & 255}.{lo & 255}"
    return str(IPv6Address(hi << 64 | lo))


@lru_cache(maxsize=_MEMO)
def address_halves(text: str) -> tuple[int, int]:
    """Return the halves of a textual IP or MAC address; raises `ValueError` otherwise.

    >>> address_halves("203.0.113.9")
    (0, 281474087547145)
    """
    if text.count(":") == _MAC_COLONS and len(text) == _MAC_LENGTH:
        return MAC_HI, int(text.replace(":", ""), 16)
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return 0, V4_PREFIX | int(address)
    return int(address) >> 64, int(address) & _LOW_64


def address_bytes(text: str) -> bytes:
    """Return an address as packets hold it: 4 bytes, 16, or 6; raises `ValueError`.

    >>> address_bytes("203.0.113.9").hex()
    'cb007109'
    """
    hi, lo = address_halves(text)
    if hi == MAC_HI:
        return lo.to_bytes(6)
    if hi == 0 and lo >> 32 == V4_PREFIX >> 32:
        return (lo & _LOW_32).to_bytes(4)
    return (hi << 64 | lo).to_bytes(16)


@lru_cache(maxsize=_MEMO)
def ip_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a text stands for; None for other text.

    >>> ip_of("::1"), ip_of("00:00:5e:00:53:01")
    (IPv6Address('::1'), None)
    """
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_ip(text: str) -> bool:
    """Tell the text of an IP address.

    >>> is_ip("::1"), is_ip("00:00:5e:00:53:01"), is_ip("*spoofed")
    (True, False, False)
    """
    return ip_of(text) is not None


@lru_cache(maxsize=_MEMO)
def is_global(text: str) -> bool:
    """Tell an address of the internet (IANA special-purpose registries); False for other text.

    >>> is_global("8.8.8.8"), is_global("10.0.0.1"), is_global("web01")
    (True, False, False)
    """
    address = ip_of(text)
    return address is not None and address.is_global


@lru_cache(maxsize=_MEMO)
def net_of(text: str) -> str:
    """Return the network of an address's neighbours: /24 of IPv4, /64 of IPv6, else the text.

    >>> net_of("203.0.113.9"), net_of("2001:db8::9"), net_of("web01")
    ('203.0.113.0/24', '2001:db8::/64', 'web01')
    """
    address = ip_of(text)
    if address is None:
        return text
    bits = 24 if isinstance(address, IPv4Address) else 64
    return str(ip_network((address, bits), strict=False))
