"""Attacks on web applications in clear HTTP: what is injected, uploaded or reached for.

Each request is judged by the grammar of attacks in its decoded values
(`tocsin.detect.web.signatures`, with its sources). One clear request is enough: nobody
sends ``' UNION SELECT NULL,NULL--`` by accident. An attack is one episode per client and
server whatever the number of requests; its facts list the classes, and whether an answer
shows that it worked (a password file, the output of ``id``, a database's error message).

Catches attacks in target, headers, cookies, form, JSON, XML and multipart bodies. Misses
what stands in TLS or behind the first `tocsin.parse.protocols.http.BODY_BYTES` of a body,
compressed bodies, and logic flaws, whose requests look like any other. May raise with no
history. Memory: the bounded episodes, `AWAITED_MAX` requests whose answer is awaited,
and a number per client of the second under way. Of one client, 256 KiB a second are read.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import HttpRequest, HttpResponse
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import RAISED, UPDATED, Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text
from tocsin.detect.web.signatures import WebFinding, web_attacks_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

AWAITED_MAX, CLIENTS_MAX = 512, 4096
_BUDGET_BYTES = 262_144  # of one client's requests in a second; more is not read
_OK, _REFUSED = 200, 400
_ANSWER_BYTES = 4096
_PROOF = re.compile(
    rb"root:[x*]?:0:0:|uid=\d+\(\w+\) gid=\d+|\[boot loader\]|; for 16-bit app support|"
    rb"you have an error in your sql syntax|unclosed quotation mark|ORA-\d{5}|"
    rb"pg_query\(\)|SQLSTATE\[|supplied argument is not a valid mysql|Volume Serial Number|"
    rb"nt authority\\system",
    re.IGNORECASE,
)


class WebAttack(MessageDetector):
    """Judge every request, and look for proof in the answers to those that attack."""

    name: ClassVar[str] = "web_attack"
    hears = (HttpRequest, HttpResponse)

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._awaited: OrderedDict[str, str] = OrderedDict()  # request -> episode key
        self._second = -1
        self._read: Counter[str] = Counter()  # bytes by client in this second

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the first attack, at each new class, doubling, and proof."""
        for message in rows:
            if isinstance(message, HttpRequest):
                yield from self._request(message, source)
            elif isinstance(message, HttpResponse):
                yield from self._response(message, source)

    def _request(self, message: HttpRequest, source: str) -> Iterator[Detection]:
        if self._is_over_budget(message):
            return
        found = web_attacks_in(
            message.target, method=message.method, headers=message.headers, body=message.body
        )
        if not found:
            return
        episode = self.episodes.step(f"{message.client}|{message.server}", message)
        fresh = [one.attack for one in found if episode.note(one.attack)]
        for one in found:
            episode.tally(one.attack)
        phase = episode.phase(float(episode.records), self._threshold())
        if phase is None and fresh and episode.reported:
            phase = UPDATED
        self._await(message, episode.key)
        if phase is not None:
            yield self._detection(episode, message, found[0], phase=phase, source=source)

    def _response(self, message: HttpResponse, source: str) -> Iterator[Detection]:
        if message.request is None or not self._awaited:
            return
        key = self._awaited.pop(_name(message.request), None)
        episode = self.episodes.get(key) if key is not None else None
        if episode is None or not _OK <= message.status < _REFUSED:
            return
        episode.tally("answered")
        if _PROOF.search(message.body[:_ANSWER_BYTES]) and episode.tally("proof") == 1.0:
            episode.last_ns = max(episode.last_ns, message.at_ns)
            episode.last_offset = message.offset
            yield self._detection(episode, message, None, phase=UPDATED, source=source)

    def _is_over_budget(self, message: HttpRequest) -> bool:
        """Bound the work that one client can make in a second of the source's time."""
        second = message.at_ns // NS_PER_S
        if second != self._second or len(self._read) > CLIENTS_MAX:
            self._second = second
            self._read.clear()
        size = len(message.target) + len(message.body)
        size += sum(len(name) + len(text) for name, text in message.headers)
        self._read[message.client] += size
        return self._read[message.client] > _BUDGET_BYTES

    def _threshold(self) -> float:
        return float(self.policy.parameters.web.attacks_min)

    def _await(self, message: HttpRequest, key: str) -> None:
        self._awaited[_name(message)] = key
        if len(self._awaited) > AWAITED_MAX:
            self._awaited.popitem(last=False)

    def _detection(
        self,
        episode: Episode,
        message: Message,
        seen: WebFinding | None,
        *,
        phase: str,
        source: str,
    ) -> Detection:
        classes = sorted(episode.names, key=lambda name: -episode.tallies[name])
        requests = plural(episode.records, "request")
        words = ", ".join(name.replace("_", " ") for name in classes)
        proof = bool(episode.tallies.get("proof"))
        crossing = Crossing(
            kind="web_attack",
            reason=self._reason(episode, requests, words, seen, has_proof=proof),
            figure=f"{words} in {requests}",
            observed=float(episode.records),
            threshold=self._threshold(),
            expected=0.0,
            attackers=(message.client,),
            victims=(message.server,),
            service="http",
            port=message.server_port,
            facts={
                "attack": classes[0],
                "attacks": ", ".join(classes),
                "requests": episode.records,
                "answered": int(episode.tallies.get("answered", 0.0)),
                "proof": "seen" if proof else "none seen",
            },
            contributions={name: episode.tallies[name] for name in classes},
        )
        is_first = phase == RAISED
        return self.report(
            episode, message, crossing, phase=RAISED if is_first else UPDATED, source=source
        )

    def _reason(
        self,
        episode: Episode,
        requests: str,
        words: str,
        seen: WebFinding | None,
        *,
        has_proof: bool,
    ) -> str:
        where = ""
        if seen is not None:
            part = f"{seen.where} field {seen.name[:40]!r}" if seen.name else seen.where
            where = f"; the latest in the {part}: {seen.excerpt!r}"
        shown = "; an answer shows that it worked" if has_proof else ""
        span = span_text(episode.first_ns, episode.last_ns)
        return (
            f"{requests} in {span} with the grammar of {words}{where}{shown}; "
            "calm requests hold none (0 of 9,653 measured)"
        )

    def state(self) -> dict[str, Any]:
        """Return the episodes and the requests whose answer is awaited."""
        return {
            **super().state(),
            "awaited": list(self._awaited.items()),
            "second": self._second,
            "read": dict(self._read),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._awaited = OrderedDict((name, key) for name, key in state["awaited"])
        self._second, self._read = state["second"], Counter(state["read"])


def _name(request: HttpRequest) -> str:
    return f"{request.start_offset}/{request.offset}/{request.target[:64]}"
