"""Why a packet is no event (`WEIRD`), and what is peculiar about one that is (`ODD`).

A weird packet's addresses can't be trusted to be where they seem: it is counted with its
reason and goes no further. An odd one is whole as far as it goes: it is counted as an event
and marked.
"""

from __future__ import annotations

WEIRD = (
    "",
    "link type not supported",
    "cut inside the link header",
    "cut inside the IP header",
    "IP version contradicts the link header",
    "IPv4 header length under 20",
    "IPv4 total length under its header",
    "cut inside an IPv6 extension header",
    "cut inside the transport header",
    "TCP header length under 20",
    "cut inside ARP",
    "packet block does not hold what it says",
)
"""Reasons by code, 0 for none."""
(OK, LINK, CUT_LINK, CUT_IP, VERSION, IHL, TOTAL, CUT_EXTENSION, CUT_L4, DATA_OFFSET, CUT_ARP,
 BLOCK) = range(len(WEIRD))  # fmt: skip

ODD = (
    "first fragment too small for its transport header",
    "fragment overlaps an earlier one",
    "later fragment without its first",
    "more tunnels in one another than are opened",
    "more IPv6 extension headers than are read",
)
"""Peculiarities by bit number of ``DECODED["odd"]``."""
TINY, OVERLAP, ORPHAN, NESTED, EXTENSIONS = (1 << bit for bit in range(len(ODD)))
