"""HTTP floods: far more requests to few paths than a person or a program needs.

Per client and server, a second counts when ``flood_requests_s`` requests to few paths came
in it (a fifth of it when a client changes its ``User-Agent`` from request to request), and
the client shows that it is a tool: a new connection for nearly each request, dozens of
connections at once, several user agents, or answers that are mostly errors.
``flood_seconds_min`` such seconds, all but in a row, are a flood, or one of three times the
rate. Many clients at one path
are a flood from ``flood_crowd_requests_s`` on. Requests that a proxy forwarded do not count
against the proxy.

Sources: the tools HULK, GoldenEye, LOIC, ab, wrk as they show on the wire; Zargar et al.,
"A Survey of Defense Mechanisms Against DDoS Flooding Attacks", 2013 (section II). A browser
asks for a hundred different paths over six connections; a program that polls or uploads
keeps few connections open. Misses slower floods of expensive pages, and what is in TLS or
HTTP/2. May raise with no history. Memory: `PAIRS_MAX` pairs of bounded sets.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import HttpRequest, HttpResponse
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

PAIRS_MAX, SET_MAX = 512, 64
SOURCES_MAX = 16
_FAST = 20  # requests in a second from which on they are counted as part of an episode
_PATHS_SHARE, _PATHS_MAX = 0.1, 4
_AGENTS_MIN, _AGENTS_ROTATING, _CONNECTIONS_MIN, _FRESH_SHARE = 4, 8, 50, 0.5
_ROTATING_SHARE, _POST_FACTOR, _ERRORS_SHARE, _BLUNT_FACTOR = 0.2, 3, 0.5, 20
_DECISIVE_FACTOR = 3  # times the rate: one second is enough
_CROWD_FACTOR = 2  # the same for a crowd that nobody answers
_PAUSE_SECONDS, _CROWD_CLIENTS = 2, 30
_CROWD_PATH_SHARE = 0.8
_SERVER_ERROR, _BUSY = 500, 429


@dataclass(slots=True)
class _Second:
    """The second under way of a client at a server (or of a server, for a crowd)."""

    second: int = -1
    requests: int = 0
    before: int = 0  # requests of the second before
    posts: int = 0
    answers: int = 0
    errors: int = 0
    is_counted: bool = False
    last_counted: int = -10
    streak: int = 0
    paths: dict[str, int] = field(default_factory=dict)
    agents: dict[str, None] = field(default_factory=dict)
    connections: dict[str, None] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)

    def turn(self, second: int) -> None:
        """Begin a new second."""
        self.before = self.requests if second == self.second + 1 else 0
        self.second, self.requests, self.posts, self.is_counted = second, 0, 0, False
        self.answers = self.errors = 0
        for one in (self.paths, self.agents, self.connections, self.clients):
            one.clear()

    def count(self) -> int:
        """Count this second as flooded; return how many there were nearly in a row."""
        self.is_counted = True
        near = self.second - self.last_counted <= _PAUSE_SECONDS
        self.streak = self.streak + 1 if near else 1
        self.last_counted = self.second
        return self.streak


class HttpFlood(MessageDetector):
    """Count requests a second, of each client at each server and of all clients together."""

    name: ClassVar[str] = "http_flood"
    hears = (HttpRequest, HttpResponse)
    gap_s: ClassVar[float] = 900.0

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._seconds: OrderedDict[str, _Second] = OrderedDict()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the deciding request, and at each doubling of the requests."""
        for message in rows:
            if isinstance(message, HttpRequest):
                yield from self._request(message, source)
            elif isinstance(message, HttpResponse):
                for key in (f"{message.client}|{message.server}", message.server):
                    known = self._seconds.get(key)
                    if known is not None:
                        known.answers += 1
                        known.errors += message.status >= _SERVER_ERROR or message.status == _BUSY

    def _second(self, key: str, message: HttpRequest) -> _Second:
        one = self._seconds.get(key)
        if one is None:
            one = self._seconds[key] = _Second()
            if len(self._seconds) > PAIRS_MAX:
                self._seconds.popitem(last=False)
        else:
            self._seconds.move_to_end(key)
        second = message.at_ns // NS_PER_S
        if second != one.second:
            one.turn(second)
        one.requests += 1
        one.posts += message.method == "POST"
        _add(one.paths, message.target.partition("?")[0][:100])
        return one

    def _request(self, message: HttpRequest, source: str) -> Iterator[Detection]:
        if message.header("x-forwarded-for") or message.header("via"):
            return
        pair = f"{message.client}|{message.server}"
        one = self._second(pair, message)
        if len(one.agents) < SET_MAX:
            one.agents[message.header("user-agent")[:200]] = None
        if len(one.connections) < 4 * SET_MAX:
            one.connections[str(message.start_offset)] = None
        known = self.episodes.get(pair)
        is_raised = known is not None and known.reported > 0.0
        if is_raised or one.requests >= _FAST:
            self.episodes.step(pair, message)
        if is_raised or self._is_worth_a_look(one):
            streak = one.streak if one.is_counted else one.count()
            yield from self._client(message, one, streak, pair, source)
        all_of_it = self._second(message.server, message)
        _add(all_of_it.clients, message.client, most=4 * SET_MAX)
        p = self.policy.parameters.web
        decisive = _CROWD_FACTOR * int(p.flood_crowd_requests_s)
        is_decisive = all_of_it.requests == decisive and all_of_it.answers == 0
        if (is_decisive or not all_of_it.is_counted) and self._is_crowded(all_of_it):
            streak = all_of_it.streak if all_of_it.is_counted else all_of_it.count()
            if streak >= p.flood_seconds_min or is_decisive:
                yield from self._crowd(message, all_of_it, source)

    def _is_worth_a_look(self, one: _Second) -> bool:
        """Tell whether this request makes the second count, or decides it alone."""
        decisive = _DECISIVE_FACTOR * int(self.policy.parameters.web.flood_requests_s)
        return (not one.is_counted or one.requests == decisive) and self._is_flooded(one)

    def _is_flooded(self, one: _Second) -> bool:
        rate = self.policy.parameters.web.flood_requests_s
        if one.requests < _ROTATING_SHARE * rate:
            return False
        if len(one.paths) > max(_PATHS_MAX, _PATHS_SHARE * one.requests):
            return False
        if len(one.agents) >= _AGENTS_ROTATING and len(one.paths) <= _PATHS_MAX:
            return True
        if one.requests < rate:
            return False
        has_errors = one.answers > 0 and one.errors >= _ERRORS_SHARE * one.answers
        if len(one.agents) >= _AGENTS_MIN or has_errors or one.requests >= _BLUNT_FACTOR * rate:
            return True
        if one.posts * 2 > one.requests and one.requests < _POST_FACTOR * rate:
            return False
        fresh = min(_FRESH_SHARE * one.requests, _CONNECTIONS_MIN)
        return len(one.connections) >= fresh

    def _is_crowded(self, one: _Second) -> bool:
        return (
            one.requests >= self.policy.parameters.web.flood_crowd_requests_s
            and len(one.clients) >= _CROWD_CLIENTS
            and max(one.paths.values()) >= _CROWD_PATH_SHARE * one.requests
        )

    def _client(
        self, message: HttpRequest, one: _Second, streak: int, pair: str, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.web
        episode = self.episodes.get(pair)
        if episode is None:
            return
        is_decisive = one.requests >= _DECISIVE_FACTOR * p.flood_requests_s
        if streak < p.flood_seconds_min and episode.reported == 0.0 and not is_decisive:
            return
        phase = episode.phase(float(episode.records), 1.0)
        if phase is None:
            return
        path = next(iter(one.paths), "")
        yield self._detection(
            episode,
            message,
            one,
            phase=phase,
            source=source,
            attackers=(message.client,),
            reason=(
                f"{max(one.requests, one.before):,} requests within a second for "
                f"{plural(len(one.paths), 'path')} "
                f"(such as {path[:60]!r}) over {plural(len(one.connections), 'connection')} with "
                f"{plural(len(one.agents), 'user agent')}, {plural(streak, 'second')} in a row; "
                f"{p.flood_requests_s:,.0f} a second by a tool is the bound"
            ),
        )

    def _crowd(self, message: HttpRequest, one: _Second, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.web
        episode = self.episodes.step(message.server, message)
        phase = episode.phase(float(one.requests), 1.0)
        if phase is None:
            return
        path, most = max(one.paths.items(), key=lambda pair: pair[1])
        top = sorted(one.clients, key=lambda client: -one.clients[client])[:SOURCES_MAX]
        yield self._detection(
            episode,
            message,
            one,
            phase=phase,
            source=source,
            attackers=tuple(top),
            reason=(
                f"{one.requests:,} requests within a second by {plural(len(one.clients), 'client')}"
                f", {most:,} of them for {path[:60]!r}, {plural(one.streak, 'second')} in a row; "
                f"{p.flood_crowd_requests_s:,.0f} a second for one path is the bound"
            ),
        )

    def _detection(
        self,
        episode: Episode,
        message: HttpRequest,
        one: _Second,
        *,
        phase: str,
        source: str,
        attackers: tuple[str, ...],
        reason: str,
    ) -> Detection:
        p = self.policy.parameters.web
        is_crowd = len(attackers) > 1
        crossing = Crossing(
            kind="http_flood",
            reason=reason,
            figure=f"{max(one.requests, one.before):,} requests a second",
            observed=float(max(one.requests, one.before)),
            threshold=p.flood_crowd_requests_s if is_crowd else p.flood_requests_s,
            attackers=attackers,
            victims=(message.server,),
            service="http",
            port=message.server_port,
            facts={
                "paths": len(one.paths),
                "connections": len(one.connections),
                "user_agents": len(one.agents),
                "clients": max(len(one.clients), 1),
            },
        )
        return self.report(episode, message, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return the episodes and the seconds under way."""
        seconds = [[key, asdict(one)] for key, one in self._seconds.items()]
        return {**super().state(), "seconds": seconds}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._seconds = OrderedDict((key, _Second(**one)) for key, one in state["seconds"])


def _add(counts: dict[str, int], name: str, *, most: int = SET_MAX) -> None:
    if name in counts or len(counts) < most:
        counts[name] = counts.get(name, 0) + 1
