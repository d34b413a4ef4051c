"""Slow HTTP denial of service: many requests, or answers, begun and not finished.

Slowloris sends a head that never ends, R-U-Dead-Yet a body byte by byte; both hold a
server's workers with next to no traffic. Per server, the connections with an unfinished
head, or a body in crumbs, are counted once they are ``slow_age_s`` old (a fifth of it when
there are five times as many: the attack has just begun; half as many are enough at two and
a half times that age). Each of a calm client's requests
comes within a second, and an answer ends the count. Slow reading asks for something long and
closes the window: a connection counts while the client goes on saying so (the server probes
it, RFC 9293, section 3.8.6.1) and takes less than `_READ_BYTES_S` on average; this is seen in
TLS too.

Sources: Hansen, "Slowloris", 2009; Brennan and Chee, "H....t....t....p....p....o....s....t",
OWASP AppSec DC 2010; Shekyan, "slowhttptest" (slow read), 2012; CWE-400. Misses reading in
sips from a window that is never closed, slow heads and bodies inside TLS, and attacks below
``slow_connections_min`` connections. May raise with no
history. Memory: `SERVERS_MAX` servers with `OPEN_MAX` connections each.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import HttpPiece, HttpRequest, HttpResponse, Stalled
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

SERVERS_MAX, OPEN_MAX, ATTACKERS_MAX = 128, 1024, 16
_CRUMB_BYTES = 256
_LOOK_NS = NS_PER_S // 5
_FORGET_NS = 600 * NS_PER_S
_MANY = 5
_TIERS = ((1.0, 1.0), (0.5, 2.5), (5.0, 0.2))  # share of the connections, of the age
_FIRST_NS, _CLIENT, _LAST_NS, _PART, _BYTES = range(5)
_READ = "answer"
_READ_BYTES, _READ_BYTES_S = 8192, 1024
_PROBED_NS = 130 * NS_PER_S  # window probes come at least every 120 s on common stacks
_TAKES_PART = 0.05
_CALM = (
    "a calm client ends a request within a second",
    "a calm client's window opens again as soon as it has read",
)


class SlowHttp(MessageDetector):
    """Count the unfinished requests of each server."""

    name: ClassVar[str] = "slow_http"
    hears = (HttpPiece, Stalled, HttpRequest, HttpResponse)
    gap_s: ClassVar[float] = 900.0

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        # server -> conversation -> [begun, client, last heard, part, bytes answered then]
        self._open: OrderedDict[str, dict[int, list[Any]]] = OrderedDict()
        self._looked: dict[str, int] = {}

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the connections."""
        for message in rows:
            if isinstance(message, HttpPiece):
                yield from self._piece(message, source)
            elif isinstance(message, Stalled):
                yield from self._stalled(message, source)
            elif isinstance(message, HttpRequest | HttpResponse):
                known = self._open.get(message.server)
                if known:
                    known.pop(message.start_offset, None)

    def _piece(self, message: HttpPiece, source: str) -> Iterator[Detection]:
        if not message.from_client:
            return
        is_body = message.part == "body"
        if is_body and message.gathered_bytes > _CRUMB_BYTES * message.pieces:
            return
        yield from self._held(message, message.part, 0, source)

    def _stalled(self, message: Stalled, source: str) -> Iterator[Detection]:
        one = self._open.get(message.server, {}).get(message.start_offset)
        if one is not None and one[_PART] == _READ:
            lasted_s = (message.at_ns - one[_FIRST_NS]) / NS_PER_S
            if message.bytes_in - one[_BYTES] > _READ_BYTES + _READ_BYTES_S * lasted_s:
                del self._open[message.server][message.start_offset]  # it gets on
        yield from self._held(message, _READ, message.bytes_in, source)

    def _held(
        self, message: HttpPiece | Stalled, part: str, bytes_in: int, source: str
    ) -> Iterator[Detection]:
        known = self._open.setdefault(message.server, {})
        self._open.move_to_end(message.server)
        if len(self._open) > SERVERS_MAX:
            gone, _ = self._open.popitem(last=False)
            self._looked.pop(gone, None)
        one = known.get(message.start_offset)
        if one is None or one[_PART] != part:
            known[message.start_offset] = [
                message.at_ns, message.client, message.at_ns, part, bytes_in
            ]  # fmt: skip
            if len(known) > OPEN_MAX:
                del known[next(iter(known))]
        else:
            one[_LAST_NS] = message.at_ns
        episode = self.episodes.step(message.server, message)
        episode.tally(part)
        if message.at_ns - self._looked.get(message.server, 0) >= _LOOK_NS:
            self._looked[message.server] = message.at_ns
            yield from self._look(message, known, source)

    def _look(
        self, message: HttpPiece | Stalled, known: dict[int, list[Any]], source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.web
        now, age_ns = message.at_ns, int(p.slow_age_s * NS_PER_S)
        for start in [s for s, one in known.items() if now - one[_LAST_NS] > _kept_ns(one)]:
            del known[start]
        for share, ages in _TIERS:
            old = [one for one in known.values() if _held_ns(one, now) >= int(ages * age_ns)]
            least = share * p.slow_connections_min
            if len(old) >= least:
                break
        else:
            return
        by_client = Counter(one[_CLIENT] for one in old)
        (_, most), *others = by_client.most_common()
        is_alone = most >= least
        if not is_alone and len(old) < _MANY * p.slow_connections_min:
            return  # many clients with a slow line each
        episode = self.episodes.step(message.server, message)
        episode.records -= 1  # the piece was counted before
        phase = episode.phase(float(len(old)), least)
        if phase is None:
            return
        attackers = tuple(
            client
            for client, count in by_client.most_common(ATTACKERS_MAX)
            if count >= least or (not is_alone and count >= _TAKES_PART * most)
        )
        slow = max(("head", "body", _READ), key=lambda part: episode.tallies.get(part, 0.0))
        waiting = span_text(min(one[_FIRST_NS] for one in old), now)
        crossing = Crossing(
            kind="slow_http_dos",
            reason=(
                f"{plural(len(old), 'connection')} with an unfinished {slow} held open for up to "
                f"{waiting} by {plural(len(by_client), 'client')}; "
                + _CALM[slow == _READ]
                + f", and {least:,.0f} at once is the bound"
            ),
            figure=f"{plural(len(old), 'connection')} held open",
            observed=float(len(old)),
            threshold=least,
            expected=0.0,
            attackers=attackers,
            victims=(message.server,),
            service="http",
            port=message.server_port,
            facts={"slow": slow, "clients": len(by_client), "others": len(others)},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return the episodes and the unfinished requests of each server."""
        return {
            **super().state(),
            "open": [
                [server, [[start, *one] for start, one in known.items()]]
                for server, known in self._open.items()
            ],
            "looked": dict(self._looked),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._open = OrderedDict(
            (server, {one[0]: list(one[1:]) for one in known}) for server, known in state["open"]
        )
        self._looked = dict(state["looked"])


def _kept_ns(one: list[Any]) -> int:
    """Return for how long a connection counts after it was last heard of."""
    return _PROBED_NS if one[_PART] == _READ else _FORGET_NS


def _held_ns(one: list[Any], now_ns: int) -> int:
    """Return for how long a connection has been held: a reader's as far as it was told anew."""
    return int((one[_LAST_NS] if one[_PART] == _READ else now_ns) - one[_FIRST_NS])
