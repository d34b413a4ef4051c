"""Who is who: host names and addresses of one host, so that its log and its packets fold.

A name and an address are joined when the configuration says so (assets), or when a log
line and a flow speak of one connection: the same remote address *and* one of the same
remote ports. Bounded: the ``links_max`` least recently used joins are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Asset:
    """A host that the configuration names, and how much it matters."""

    name: str
    addresses: tuple[str, ...] = ()  # addresses or networks
    names: tuple[str, ...] = ()  # host names as its logs say them
    criticality: str = "medium"
    data: str | None = None
    services: tuple[str, ...] = ()
    is_core: bool = False

    def holds(self, party: str) -> bool:
        """Tell whether an address or host name belongs to this asset."""
        if party == self.name or party in self.names:
            return True
        try:
            address = ip_address(party)
        except ValueError:
            return False
        return any(address in ip_network(span, strict=False) for span in self.addresses)


class Identity:
    """Host names to addresses, per site."""

    def __init__(self, *, assets: Sequence[Asset] = (), links_max: int = 4096) -> None:
        self._assets = tuple(assets)
        self._links: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._links_max = links_max

    def link(self, *, site: str, name: str, address: str) -> None:
        """Remember that ``name`` is the host at ``address``."""
        self._links[(site, name)] = address
        self._links.move_to_end((site, name))
        if len(self._links) > self._links_max:
            self._links.popitem(last=False)

    def links(self) -> list[tuple[tuple[str, str], str]]:
        """Return ((site, name), address) pairs, the least recently used first."""
        return list(self._links.items())

    def address_of(self, *, site: str, name: str) -> str | None:
        """Return the address of a host name, where it is known."""
        for asset in self._assets:
            if (name == asset.name or name in asset.names) and asset.addresses:
                first = asset.addresses[0]
                return None if "/" in first else first
        return self._links.get((site, name))

    def asset_of(self, party: str) -> Asset | None:
        """Return the asset that an address or host name belongs to."""
        return next((asset for asset in self._assets if asset.holds(party)), None)
