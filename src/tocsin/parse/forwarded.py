"""For whom a proxy passed a request on: its list of addresses counts where it is configured.

Each proxy appends the address that it was asked by (RFC 7239, section 5.2; nginx
ngx_http_realip_module with real_ip_recursive), so the list is read from its end: the first address
that is no proxy of ours is the one that ours saw. What stands before it is the remote side's word
and remains a claim, as does all of it when anybody else wrote it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.parse.fields import ip_of

if TYPE_CHECKING:
    from tocsin.core.event import Event
    from tocsin.core.networks import Proxies

CLAIM = "tocsin.claimed.forwarded"
_ENTRIES_MAX = 32
_V4_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}", re.ASCII)
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?", re.ASCII)


def put_forwarded(event: Event, proxies: Proxies) -> None:
    """Let the source be whom a configured proxy names; ``tocsin.proxy`` is then the proxy.

    An entry that is no address ends it: what stands before it is not believed, and the source
    stays who asked.
    """
    proxy, claim = event.get("source.ip"), event.get(CLAIM)
    if not isinstance(proxy, str) or not isinstance(claim, str) or not proxies.hold(proxy):
        return
    for entry in reversed(claim.split(",")[-_ENTRIES_MAX:]):
        address = _address_in(entry.strip())
        if address is None:
            return
        if not proxies.hold(address):
            event["tocsin.proxy"] = proxy
            event["source.ip"] = event["source.address"] = address
            event.pop("source.port", None)
            return


def _address_in(entry: str) -> str | None:
    """Return the address of an entry, which may have a port."""
    found = _V4_WITH_PORT.fullmatch(entry) or _BRACKETED.fullmatch(entry)
    return ip_of(found[1] if found else entry)
