"""Reading a trip: addresses, spans and the words that several detectors share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.core.addresses import address_text
from tocsin.core.times import NS_PER_S
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np

_MINUTE_S, _HOUR_MIN = 60, 60
PROTOCOLS = {
    1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp",
    51: "ah", 58: "icmpv6", 89: "ospf", 132: "sctp",
}  # fmt: skip


def source_of(trip: np.void) -> str | None:
    """Return the source address, ``None`` where a trip speaks of many."""
    return _address(trip, "src")


def target_of(trip: np.void) -> str | None:
    """Return the target address, ``None`` where a trip speaks of many."""
    return _address(trip, "dst")


def _address(trip: np.void, side: str) -> str | None:
    hi, lo = int(trip[f"{side}_hi"]), int(trip[f"{side}_lo"])
    return None if hi == 0 and lo == 0 else address_text(hi, lo)


def samples_of(trip: np.void) -> tuple[str, ...]:
    """Return the addresses met first, without repeats."""
    pairs = zip(trip["samples_hi"].tolist(), trip["samples_lo"].tolist(), strict=True)
    return tuple(dict.fromkeys(address_text(hi, lo) for hi, lo in pairs if hi or lo))


def ports_of(ports: np.ndarray) -> tuple[int, ...]:
    """Return the ports met first, without repeats and without the zeros that pad."""
    return tuple(dict.fromkeys(port for port in ports.tolist() if port))


def episode_of(trip: np.void, *parties: object) -> str:
    """Return the name of an episode: the same for its first trip and for all later ones."""
    text = "|".join(str(part) for part in (int(trip["code"]), int(trip["first_ns"]), *parties))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_update(trip: np.void) -> bool:
    """Tell a later report of an episode from its first."""
    return bool(trip["phase"] != layouts.RAISED)


def span_text(first_ns: int, last_ns: int) -> str:
    """Say a duration as a person would.

    >>> span_text(0, 104 * 60 * 1_000_000_000)
    '1 h 44 min'
    """
    seconds = (last_ns - first_ns) / NS_PER_S
    if seconds < 1:
        return f"{max(seconds * 1000, 0.1):.3g} ms"
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE_S)
    if minutes < _HOUR_MIN:
        return f"{minutes} min"
    hours, rest = divmod(minutes, _HOUR_MIN)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def plural(count: int, noun: str) -> str:
    """Say a count with its noun.

    >>> plural(1, "port"), plural(1000, "port")
    ('1 port', '1,000 ports')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
