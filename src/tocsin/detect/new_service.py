"""New service: a host of ours answers at a port where it never answered before.

A back door that listens, a database that somebody started "for a minute", a share that was
turned on: each is a port that begins to answer. A host's own past says what is new, so that
no list of ports is kept: it must have been watched for days (`presence`).
Sources: NIST SP 800-94 section 5.2.3 (passive asset discovery, policy violations); MITRE
ATT&CK T1571 and T1543; Bartlett, Heidemann, Papadopoulos, "Understanding passive and active
service discovery", IMC 2007 (passive watching finds the services in use within days).

Catches TCP services below `_PORT_MAX` that sent data to a client, and resolvers. Misses
what answers above it (clients' own ports, data connections), other UDP, binary protocols
that no reader knows, ports that nobody uses, and hosts that offer `PORTS_MAX` services.
Raises nothing with no history. Memory:
episodes, and `HOSTS_MAX` hosts with their ports.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import Answered, DnsMessage
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.presence import Presence
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

HOSTS_MAX, PORTS_MAX = 1024, 64
_TCP, _FTP_DATA, _DOMAIN = 6, 20, 53
_PORT_MAX = 32_768  # Linux takes ports of its own from here on, other systems from 49,152


@dataclass(slots=True)
class _Host:
    """The ports at which a host answered, and how long it has been watched."""

    presence: Presence = field(default_factory=Presence)
    ports: dict[int, None] = field(default_factory=dict)


class NewService(MessageDetector):
    """Remember per host where it answers."""

    name: ClassVar[str] = "new_service"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for the first answer of a port, and as its use doubles."""
        holds = self.policy.home.holds
        for m in rows:
            if holds(m.client):
                self._seen(m.client, m.at_ns)
            if not holds(m.server):
                continue
            host = self._seen(m.server, m.at_ns)
            if not _is_answer(m) or m.server_port >= _PORT_MAX or m.client_port == _FTP_DATA:
                continue
            key = f"{m.server}|{m.server_port}"
            if m.server_port not in host.ports:
                is_judged = host.presence.is_long and len(host.ports) < PORTS_MAX
                if len(host.ports) < PORTS_MAX:
                    host.ports[m.server_port] = None
                if is_judged:
                    self.episodes.step(key, m).tally("new")
                    yield from self._answered(m, key, host, source)
            elif self.episodes.get(key) is not None:
                self.episodes.step(key, m)
                yield from self._answered(m, key, host, source)

    def _seen(self, address: str, at_ns: int) -> _Host:
        """Return what is known of a host, with this moment counted."""
        host = self._hosts.get(address)
        if host is None:
            host = self._hosts[address] = _Host()
            if len(self._hosts) > HOSTS_MAX:
                self._hosts.popitem(last=False)
        if host.presence.see(at_ns):
            self._hosts.move_to_end(address)
        return host

    def _answered(self, m: Message, key: str, host: _Host, source: str) -> Iterator[Detection]:
        episode = self.episodes.get(key)
        if episode is None or "new" not in episode.tallies:  # in use again after a silence
            return
        episode.note(m.client)
        phase = episode.phase(float(len(episode.names)), 1.0)
        if phase is None:
            return
        kind = "UDP" if m.proto != _TCP else "TCP"
        where = "outside" if self.policy.home.is_outside(m.client) else "inside"
        usual = sorted(port for port in host.ports if port != m.server_port)
        shown = ", ".join(map(str, usual[:8])) + (", ..." if len(usual) > 8 else "")  # noqa: PLR2004
        offered = f"{plural(len(usual), 'other port')} ({shown})" if usual else "0 other ports"
        crossing = Crossing(
            kind="new_service",
            reason=(
                f"{m.server} answered {plural(len(episode.names), 'client')} at {kind} port "
                f"{m.server_port}, {m.client} ({where}) last; before, on "
                f"{host.presence.days - 1} days that it was seen, it answered at {offered} and "
                "never there"
            ),
            figure=f"{kind} port {m.server_port} answers for the first time",
            observed=float(len(episode.names)),
            threshold=1.0,
            expected=0.0,
            attackers=(),
            victims=(m.server,),
            port=m.server_port,
            facts={"port": m.server_port, "client": m.client, "client_is": where},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return hosts and episodes as plain values."""
        return {
            **super().state(),
            "hosts": [[address, _plain(host)] for address, host in self._hosts.items()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._hosts = OrderedDict(
            (address, _Host(Presence(**one["presence"]), dict.fromkeys(one["ports"])))
            for address, one in state["hosts"]
        )


def _is_answer(m: Message) -> bool:
    is_dns = isinstance(m, DnsMessage) and m.is_response and m.server_port == _DOMAIN
    return is_dns or isinstance(m, Answered)


def _plain(host: _Host) -> dict[str, Any]:
    return {**asdict(host), "ports": list(host.ports)}
