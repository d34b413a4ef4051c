"""Command and control in the clear: what infected hosts and their masters say, by many signs.

Signs are added up per pair of hosts; no one sign of an ordinary program is enough. A log-on
that tells a stranger host, user and system; prompts and output of a shell; openings of known
remote control programs; certificates that frameworks ship; a self-made certificate without
a name at an odd port, found by a dynamic name; posts to bare scripts with random values, no
page that led there, again and again; programs sent as something else. Sources: published
analyses of the families; MITRE ATT&CK T1071, T1571, T1105.

Catches clear-text RATs, reverse shells, DcRat, AsyncRAT, Quasar, Metasploit and Cobalt
Strike with their own certificates, CryptoWall, Lokibot and their like. Misses what looks
like a browser or is well encrypted. May raise with no history. Memory: episodes, and
`NAMES_MAX` addresses with the dynamic name that led there.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import (
    DnsMessage,
    HttpRequest,
    HttpResponse,
    Opening,
    TlsCertificate,
    TlsHello,
)
from tocsin.detect.control_signs import (
    SIGNS,
    is_dynamic,
    of_certificate,
    of_hello,
    of_opening,
    of_request,
    of_response,
)
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

ADDRESSES_MAX = 4096
_OF_HOME_SERVERS = frozenset(
    {"self_signed", "long_validity", "plain_subject", "nameless_hello", "dynamic_name"}
)
_HOME_SERVER_MAX = 4.0
_AGAIN = 3  # requests of one shape that make a habit


class RemoteControl(MessageDetector):
    """Add up the signs of each pair of hosts."""

    name: ClassVar[str] = "remote_control"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._dynamic: OrderedDict[str, str] = OrderedDict()  # address -> dynamic name

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when the signs reach the bound, and when they double."""
        for message in rows:
            if isinstance(message, DnsMessage):
                self._note_names(message)
                continue
            found = self._signs(message)
            if found:
                yield from self._add(message, found, source)

    def _note_names(self, m: DnsMessage) -> None:
        if m.is_response and is_dynamic(m.name):
            for _, address in m.answers:
                self._dynamic[address] = m.name
                self._dynamic.move_to_end(address)
                if len(self._dynamic) > ADDRESSES_MAX:
                    self._dynamic.popitem(last=False)

    def _signs(self, m: Message) -> set[str]:
        if isinstance(m, Opening):
            return of_opening(m)
        if isinstance(m, TlsHello):
            return of_hello(m)
        if isinstance(m, TlsCertificate):
            return of_certificate(m)
        if self.policy.home.holds(m.server):  # a server of ours: others' requests to it
            return set()
        if isinstance(m, HttpRequest):
            return of_request(m)
        return of_response(m) if isinstance(m, HttpResponse) else set()

    def _add(self, m: Message, found: set[str], source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.client}|{m.server}", m)
        for sign in found:
            episode.tally(sign)
        # Who types is the master: a shell that answers who called is the caller's.
        if ("shell" in found and not m.from_client) or ("command" in found and m.from_client):
            episode.tally("served shell")
        if m.server in self._dynamic:
            episode.tally("dynamic_name")
        if episode.tallies.get("bare_post", 0.0) >= _AGAIN:
            episode.tallies["again"] = episode.tallies["bare_post"]
        signs = {name: SIGNS[name][0] for name in SIGNS if name in episode.tallies}
        score = sum(signs.values())
        if signs.keys() <= _OF_HOME_SERVERS:  # somebody's own server behind a dynamic name
            score = min(score, _HOME_SERVER_MAX)
        least = self.policy.parameters.control.signs_min
        phase = episode.phase(score, least)
        if phase is None:
            return
        yield self.report(
            episode, m, self._crossing(episode, m, signs, score), phase=phase, source=source
        )

    def _crossing(
        self, episode: Episode, m: Message, signs: dict[str, float], score: float
    ) -> Crossing:
        least = self.policy.parameters.control.signs_min
        span = span_text(episode.first_ns, episode.last_ns)
        name = self._dynamic.get(m.server, "")
        gravest = max(signs, key=lambda sign: signs[sign])
        is_turned = "served shell" in episode.tallies
        far, near = (m.client, m.server) if is_turned else (m.server, m.client)
        return Crossing(
            kind="c2",
            reason=(
                f"{'; '.join(SIGNS[sign][1] for sign in signs)}"
                f"{f' ({name})' if name else ''}, in {plural(episode.records, 'message')} over "
                f"{span}; signs {score:.1f}, {least:.0f} is the bound"
            ),
            figure=f"{SIGNS[gravest][1]}, port {m.server_port}",
            observed=score,
            threshold=least,
            attackers=(far,),
            victims=(near,),
            port=m.server_port or None,
            contributions=signs,
            facts={"port": m.server_port, **({"domain": name} if name else {})},
        )

    def state(self) -> dict[str, Any]:
        """Return episodes and names as plain values."""
        return {**super().state(), "dynamic": list(self._dynamic.items())}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._dynamic = OrderedDict((address, name) for address, name in state["dynamic"])
