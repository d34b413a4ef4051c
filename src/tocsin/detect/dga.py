"""Generated domains: a host asks for one unspeakable name after the other, and none exists.

Counts distinct registered domains that a client asked for and that do not exist (NXDOMAIN),
of which most look generated (`tocsin.detect.domains.is_random`). Source: Antonakakis et al.,
"From Throw-Away Traffic to Bots: Detecting the Rise of DGA-Based Malware", USENIX Security
2012.

Catches bots of the Conficker, Cryptolocker, Necurs kind. A browser's probes are single
labels or lie below one search domain; typing errors are few. Misses names made of words.
May raise with no history. Memory: `tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import DnsMessage
from tocsin.detect.domains import is_random, registered
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_NO_SUCH_NAME, _PORT = 3, 53
_REVERSE = (".arpa", ".local")


class Dga(MessageDetector):
    """Count the generated names that a client asked for in vain."""

    name: ClassVar[str] = "dga"
    hears = (DnsMessage,)
    gap_s: ClassVar[float] = 3600.0

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the names."""
        for message in rows:
            if (
                isinstance(message, DnsMessage)
                and message.server_port == _PORT
                and message.is_response
                and message.rcode == _NO_SUCH_NAME
            ):
                yield from self._missed(message, source)

    def _missed(self, m: DnsMessage, source: str) -> Iterator[Detection]:
        domain = registered(m.name)
        if "." not in domain or m.name.endswith(_REVERSE):
            return
        p = self.policy.parameters.names
        episode = self.episodes.step(m.client, m)
        if not episode.note(domain):
            return
        if is_random(domain.partition(".")[0]):
            episode.tally("random")
            episode.within(m.at_ns, p.dga_window_s)
        random, names = episode.tallies.get("random", 0.0), len(episode.names)
        if random < p.dga_share_min * names:
            return
        if not episode.reported and len(episode.times) < p.dga_names_min:
            return
        phase = episode.phase(random, p.dga_names_min)
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        examples = [n for n in episode.names if is_random(n.partition(".")[0])][:3]
        crossing = Crossing(
            kind="dga",
            reason=(
                f"{plural(round(random), 'generated-looking domain')} asked for in {span} that do "
                f"not exist ({', '.join(examples)}), {random / names:.0%} of all such; "
                f"{p.dga_names_min:.0f} is the bound"
            ),
            figure=f"{plural(round(random), 'name')} that do not exist in {span}",
            observed=random,
            threshold=p.dga_names_min,
            attackers=(m.client,),
            victims=(m.server,),
            service="dns",
            port=_PORT,
            facts={"domains": round(random)},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)
