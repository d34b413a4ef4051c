"""Rogue DHCP: a second server offers another way out, or all addresses are asked for at once.

Servers that offer the same routers and name servers are a pair for availability; one that
offers others on the same network leads its clients elsewhere. Routers of IPv6 that advertise
different prefixes or name servers are told in the same way. Who was there for ten minutes
before the other came is the usual one; else both are named, for nobody can tell. Sources:
RFC 2131; RFC 8415; RFC 6104 (rogue router advertisements); RFC 7610 for why clients can't tell.

Catches a second server with other routers or name servers within `_PAIR_S`, and
starvation (many discoveries by ever new hardware addresses). Misses a rogue server that is
alone in the capture. May raise with no history. Memory: episodes and
`SERVERS_MAX` servers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.addresses import net_of
from tocsin.core.messages import DhcpMessage, RouterAdvertisement
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

SERVERS_MAX = 256
_DISCOVER, _OFFER, _ACK = 1, 2, 5
_PAIR_S, _USUAL_S = 3600, 600
_LINK, _V6 = "link", "dhcpv6"  # what is compared with each other: routers, servers of IPv6
_ADVERTS_MIN = 2  # of each router: a flood of them is of strangers that speak once
_STARVED_MACS, _STARVED_S = 60, 60.0


class RogueDhcp(MessageDetector):
    """Compare what servers offer, and count who asks."""

    name: ClassVar[str] = "rogue_dhcp"
    hears = (DhcpMessage, RouterAdvertisement)

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        # id -> [routes, first_ns, last_ns, how often]
        self._servers: OrderedDict[str, list[Any]] = OrderedDict()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a second server, and for a crowd of discoveries."""
        for message in rows:
            if isinstance(message, DhcpMessage):
                if message.type in {_OFFER, _ACK} and message.server_id:
                    yield from self._offered(message, source)
                elif message.type == _DISCOVER:
                    yield from self._discovered(message, source)
            elif isinstance(message, RouterAdvertisement) and message.prefixes:
                yield from self._advertised(message, source)

    def _offered(self, m: DhcpMessage, source: str) -> Iterator[Detection]:
        if ":" in m.server_id:  # of IPv6: routers tell the way out, servers the prefix
            routes = f"{_V6}|{net_of(m.offered)}|{' '.join(m.name_servers)}"
        else:
            net = m.offered.rpartition(".")[0]
            routes = f"{net}|{' '.join(m.routers)}|{' '.join(m.name_servers)}"
        others = self._note(m.server_id, routes, m.at_ns)
        if others and (m.routers or m.name_servers or ":" in m.offered):
            yield from self._disagree(m, m.server_id, others, m.client_mac, source)

    def _advertised(self, m: RouterAdvertisement, source: str) -> Iterator[Detection]:
        router = m.router_mac or m.router
        routes = f"{_LINK}|{' '.join(sorted(m.prefixes))}|{' '.join(m.name_servers)}"
        others = [
            (name, one)
            for name, one in self._note(router, routes, m.at_ns)
            if one[3] >= _ADVERTS_MIN
        ]
        if others and self._servers[router][3] >= _ADVERTS_MIN:
            yield from self._disagree(m, router, others, "", source)

    def _note(self, server: str, routes: str, at_ns: int) -> list[tuple[str, list[Any]]]:
        """Take an offer in; return the servers that offered other ways out of the network."""
        known = self._servers.setdefault(server, [routes, at_ns, at_ns, 0])
        known[0], known[2] = routes, at_ns
        known[3] += 1
        self._servers.move_to_end(server)
        if len(self._servers) > SERVERS_MAX:
            self._servers.popitem(last=False)
        net = routes.partition("|")[0]
        return [
            (name, one)
            for name, one in self._servers.items()
            if name != server
            and at_ns - one[2] < _PAIR_S * NS_PER_S
            and one[0] != routes
            and one[0].partition("|")[0] == net
        ]

    def _disagree(
        self,
        m: DhcpMessage | RouterAdvertisement,
        server: str,
        others: list[tuple[str, list[Any]]],
        victim: str,
        source: str,
    ) -> Iterator[Detection]:
        met = sorted([(server, self._servers[server]), *others], key=lambda pair: int(pair[1][1]))
        newest = met[-1]
        is_usual = newest[1][1] - met[0][1][1] >= _USUAL_S * NS_PER_S
        episode = self.episodes.step(f"server|{newest[0]}", m)
        episode.note(victim)
        phase = episode.phase(float(len(met)), 2.0)
        if phase is None:
            return
        what = "DHCP servers" if isinstance(m, DhcpMessage) else "routers of IPv6"
        offers = "; ".join(f"{name} offers {_words(one[0])}" for name, one in met[:4])
        which = (
            f"{newest[0]} came last, {met[0][0]} was there before"
            if is_usual
            else "which of them is the right one can't be told from what was captured"
        )
        crossing = Crossing(
            kind="rogue_dhcp",
            reason=(
                f"{len(met)} {what} offer different ways out of one network: {offers}; {which}; "
                "one way out is usual"
            ),
            figure=f"{len(met)} servers disagree",
            observed=float(len(met)),
            threshold=2.0,
            expected=1.0,
            attackers=(newest[0],) if is_usual else tuple(name for name, _ in met[::-1]),
            victims=tuple(mac for mac in episode.names if mac)[:8] or (m.client,),
            service="dhcp",
            facts={"attack": "second_server"},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def _discovered(self, m: DhcpMessage, source: str) -> Iterator[Detection]:
        episode = self.episodes.step("discoveries", m)
        if not episode.note(m.client_mac):
            return
        recent = episode.within(m.at_ns, _STARVED_S)
        if not episode.reported and recent < _STARVED_MACS:
            return
        macs = len(episode.names)
        phase = episode.phase(float(macs), float(_STARVED_MACS))
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        crossing = Crossing(
            kind="rogue_dhcp",
            reason=(
                f"{macs:,} hardware addresses asked for a lease in {span}: the pool "
                f"is being used up; {_STARVED_MACS} in {_STARVED_S:.0f} s is the bound"
            ),
            figure=f"{macs:,} stations asked in {span}",
            observed=float(macs),
            threshold=float(_STARVED_MACS),
            attackers=("*spoofed",),
            victims=(m.server if m.server != "255.255.255.255" else "*dhcp",),
            service="dhcp",
            facts={"attack": "starvation"},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return servers and episodes as plain values."""
        return {**super().state(), "servers": [[k, v] for k, v in self._servers.items()]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._servers = OrderedDict((name, list(one)) for name, one in state["servers"])


def _words(routes: str) -> str:
    net, routers, names = routes.split("|")
    way = "prefix" if net in {_LINK, _V6} else "router"
    return f"{way} {routers or 'none'} and name server {names or 'none'}"
