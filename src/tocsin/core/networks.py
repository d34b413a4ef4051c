"""Inside and outside: which addresses belong to the network that is watched, which are proxies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from tocsin.core.addresses import ip_of, is_global

_CACHED = 65_536


@dataclass(frozen=True, slots=True)
class Home:
    """The home network: as configured, else whatever is not reachable from the internet.

    ``networks`` are addresses and networks as text. Without any, private (RFC 1918, RFC
    4193), link-local, loopback and shared (RFC 6598) addresses count as inside: `words`
    says which of the two holds.
    """

    networks: tuple[str, ...] = field(default=())

    def holds(self, party: str) -> bool:
        """Tell whether an address lies inside; False for what is no address."""
        return _holds(self.networks, party)

    def is_outside(self, party: str) -> bool:
        """Tell an address of the internet that is not of the home network."""
        return is_global(party) and not self.holds(party)

    @property
    def words(self) -> str:
        """Say for a person where the line between inside and outside comes from."""
        if self.networks:
            return f"home is {', '.join(self.networks)}"
        return "home is not configured; private addresses count as inside"


@dataclass(frozen=True, slots=True)
class Proxies:
    """Reverse proxies: who is believed when it says for whom it passed a request on.

    ``networks`` are addresses and networks as text; without any, nobody is believed.
    """

    networks: tuple[str, ...] = field(default=())

    def hold(self, party: str) -> bool:
        """Tell whether an address is that of a proxy."""
        return bool(self.networks) and _holds(self.networks, party)


NO_PROXIES = Proxies()


@lru_cache(maxsize=_CACHED)
def _holds(networks: tuple[str, ...], party: str) -> bool:
    address = ip_of(party)
    if address is None:  # a MAC address or a group
        return False
    if networks:
        return any(address in network for network in _parsed(networks))
    return not is_global(party) and not address.is_multicast


@lru_cache(maxsize=64)
def _parsed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network, strict=False) for network in networks)
