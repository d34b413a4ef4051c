"""Rogue DHCP: a second server offers another way out, or all addresses are asked for at once.

Servers that offer the same routers and name servers are a pair for availability; one that
offers others on the same network leads its clients elsewhere. Sources: RFC 2131; RFC 7610
(DHCPv6-Shield) for why clients can't tell.

Catches a second server with other routers or name servers within ``pair_window_s``, and
starvation (many discoveries by ever new hardware addresses). Misses a rogue server that is
alone in the capture. May raise with no history. Memory: episodes and `SERVERS_MAX` servers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import DhcpMessage
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
_PAIR_S = 3600
_STARVED_MACS, _STARVED_S = 60, 60.0


class RogueDhcp(MessageDetector):
    """Compare what servers offer, and count who asks."""

    name: ClassVar[str] = "rogue_dhcp"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._servers: OrderedDict[str, list[Any]] = OrderedDict()  # id -> [routes, first, last]

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a second server, and for a crowd of discoveries."""
        for message in rows:
            if isinstance(message, DhcpMessage):
                if message.type in {_OFFER, _ACK} and message.server_id:
                    yield from self._offered(message, source)
                elif message.type == _DISCOVER:
                    yield from self._discovered(message, source)

    def _offered(self, m: DhcpMessage, source: str) -> Iterator[Detection]:
        net = m.offered.rpartition(".")[0]
        routes = f"{net}|{' '.join(m.routers)}|{' '.join(m.name_servers)}"
        known = self._servers.setdefault(m.server_id, [routes, m.at_ns, m.at_ns])
        known[0], known[2] = routes, m.at_ns
        self._servers.move_to_end(m.server_id)
        if len(self._servers) > SERVERS_MAX:
            self._servers.popitem(last=False)
        others = [
            (name, one)
            for name, one in self._servers.items()
            if name != m.server_id
            and m.at_ns - one[2] < _PAIR_S * NS_PER_S
            and one[0] != routes
            and one[0].partition("|")[0] == net
        ]
        if not others or not (m.routers or m.name_servers):
            return
        rogue = max([(m.server_id, known), *others], key=lambda pair: pair[1][1])[0]
        episode = self.episodes.step(f"server|{rogue}", m)
        episode.note(m.client_mac)
        phase = episode.phase(float(len(others) + 1), 2.0)
        if phase is None:
            return
        usual = others[0][1][0] if rogue == m.server_id else known[0]
        _, routers, names = usual.split("|")
        crossing = Crossing(
            kind="rogue_dhcp",
            reason=(
                f"{len(others) + 1} DHCP servers offer different ways out of one network: "
                f"{rogue} came last; the other offers router {routers or 'none'} and name "
                f"servers {names or 'none'}; one way out is usual"
            ),
            figure=f"{len(others) + 1} servers disagree",
            observed=float(len(others) + 1),
            threshold=2.0,
            expected=1.0,
            attackers=(rogue,),
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
