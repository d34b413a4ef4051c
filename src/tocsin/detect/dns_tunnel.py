"""DNS tunnels: names that carry data, by how much each client tells one domain.

Information-based: what a client can say to the owner of a registered domain is in the
distinct names below it that it asks for; ordinary names say little, a tunnel's names are
long and never come again. Rare record types, and the bytes of their answers, weigh more.
Source: Ziza, Tavakolian, Farina et al., "DNS exfiltration detection in the presence of
adversarial attacks and modified exfiltrator behaviour", 2023 (ibHH).

Catches iodine, dnscat2, dns2tcp, DNSExfiltrator, DNS beacons once they have told about
``tunnel_bytes_min`` bytes in ``tunnel_window_s``. Reverse look-ups say nothing. Misses
tunnels in DNS over TLS or HTTPS, and slower ones. May raise with no history. Memory:
`tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import DnsMessage
from tocsin.core.times import NS_PER_S
from tocsin.detect.domains import registered
from tocsin.detect.episodes import NAMES_MAX, Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_PORT = 53
_USUAL = frozenset({1, 28, 12, 65, 64, 33, 2, 6, 43, 48})  # A, AAAA, PTR, HTTPS, SVCB, SRV, NS...
_ORDINARY_LABEL = 8  # bytes of a label that say nothing: "www", "static-3"
_LETTERS = 12.0
_ANSWER_SHARE, _ANSWER_MAX = 0.25, 128
_REVERSE = (".in-addr.arpa", ".ip6.arpa", ".local", ".localdomain")


class DnsTunnel(MessageDetector):
    """Add up what each client tells each domain in names that come once."""

    name: ClassVar[str] = "dns_tunnel"
    hears = (DnsMessage,)
    gap_s: ClassVar[float] = 3600.0

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the bytes told."""
        for message in rows:
            if isinstance(message, DnsMessage) and message.server_port == _PORT:
                yield from self._look_up(message, source)

    def _look_up(self, m: DnsMessage, source: str) -> Iterator[Detection]:
        if not m.name or m.name.endswith(_REVERSE):
            return
        domain = registered(m.name)
        below = m.name[: -len(domain)].rstrip(".") if domain else ""
        if not below:
            return
        episode = self.episodes.step(f"{m.client}|{domain}", m)
        self._forget(episode, m)
        rare = m.qtype not in _USUAL
        if m.is_response:
            if rare and not m.rcode:
                told = min(m.answer_bytes, _ANSWER_MAX) * _ANSWER_SHARE
                episode.tally("told", told)
                episode.tally("answered", m.answer_bytes)
            return
        if len(episode.names) >= NAMES_MAX:
            episode.names.clear()  # who comes again so much later is counted again
        said = _said(episode, below)
        if said <= 0 and (not rare or not episode.note(below)):
            return
        episode.tally("names")
        episode.tally("told", said * (1.5 if rare else 1.0))
        episode.tally("rare", float(rare))
        yield from self._judge(episode, m, domain, source)

    def _forget(self, episode: Episode, m: DnsMessage) -> None:
        """Begin to count anew after the window, unless it has been raised."""
        window_ns = int(self.policy.parameters.names.tunnel_window_s * NS_PER_S)
        begun_ns = int(episode.tallies.setdefault("begun_ns", float(m.at_ns)))
        if not episode.reported and m.at_ns - begun_ns > window_ns:
            episode.tallies.clear()
            episode.names.clear()
            episode.tallies["begun_ns"] = float(m.at_ns)

    def _judge(
        self, episode: Episode, m: DnsMessage, domain: str, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.names
        names, told = episode.tallies["names"], episode.tallies["told"]
        if names < p.tunnel_names_min:
            return
        phase = episode.phase(told, p.tunnel_bytes_min)
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        answered = episode.tallies.get("answered", 0.0)
        crossing = Crossing(
            kind="dns_tunnel",
            reason=(
                f"{plural(round(names), 'long name')} below {domain!r} asked for once each in "
                f"{span}, {told:,.0f} bytes said in them ({answered:,.0f} bytes answered, "
                f"{episode.tallies['rare']:,.0f} of a rare type); look-ups of ordinary services "
                f"repeat a few short names; {p.tunnel_bytes_min:,.0f} bytes is the bound"
            ),
            figure=f"{plural(round(names), 'name')} below {domain} in {span}",
            observed=told,
            threshold=p.tunnel_bytes_min,
            attackers=(m.client,),
            victims=(m.server,),
            service="dns",
            port=_PORT,
            facts={"domain": domain, "names": round(names)},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)


def _said(episode: Episode, below: str) -> float:
    """Return how many bytes the labels say that never came before, beyond what names need.

    Escapes count as one byte; text of few different letters says less.
    """
    said = 0.0
    for label in below.split("."):
        size = len(label) - 3 * label.count("\\x")
        if size > _ORDINARY_LABEL and episode.note(label):
            said += (size - _ORDINARY_LABEL) * min(1.0, len(set(label)) / _LETTERS)
    return said
