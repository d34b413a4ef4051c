"""Web scans: one client asks a server for many things that are not there, or says its name.

Points within ``scan_window_s``: one per new path that was refused or not found (a quarter
when a page of the same site linked to it: a broken page is no scan), three when it is a name
that scanners guess (``/admin``, ``/login.php``) or another protocol's bytes, six when nobody
else asks for it (``/.env``, backups, shells, ``/wp-admin`` where there is none), enough for a
request that only an open proxy would serve, ten for each of the first two requests under a
scanner's name in ``User-Agent`` and one for each later. Of one-way captures, probed paths count
without an answer. ``scan_failed_share_min`` of the answers must be failures.

Source: "OWASP Web Security Testing Guide" 4.2 (WSTG-CONF-04, -05); default names and word
lists of the public scanners. Catches directory and vulnerability scanners. Misses scans
slower than the window, scans of servers that answer 200 to everything under a browser's
name. Of logs, ``scan_log_score_min`` points are told (at level low below ``scan_score_min``),
and so are ``crawl_pages_min`` pages in quick succession. May raise with no history. Memory: the
bounded episodes.
"""

from __future__ import annotations

import re
from binascii import crc32
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import WebTally
from tocsin.core.messages import HttpRequest, HttpResponse
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text
from tocsin.detect.web.probed import (
    PROBED_PATHS,
    SCANNERS,
    UNLINKED_PATHS,
    is_proxied,
    probe_in,
)
from tocsin.kernels.web_table import (
    GUESSED_POINTS,
    LINKED_EVERY,
    NAMED_FIRST,
    NAMED_POINTS,
    PROBED_POINTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_FAILED, _TOO_MANY = frozenset({400, 401, 403, 404, 405, 406, 410, 414, 501}), 512
_PROBED_ALL = frozenset(PROBED_PATHS)
_UNLINKED_ENDS = tuple(UNLINKED_PATHS)
_MESS = re.compile(r"[^\x20-\x7e]|\\x[0-9A-Fa-f]{2}")


class WebScan(MessageDetector):
    """Count what a client asked for in vain."""

    name: ClassVar[str] = "web_scan"
    hears = (HttpRequest, HttpResponse, WebTally)

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the points."""
        for message in rows:
            if isinstance(message, HttpRequest):
                yield from self._request(message, source)
            elif isinstance(message, HttpResponse) and message.request is not None:
                yield from self._response(message, message.request, source)
            elif isinstance(message, WebTally):
                yield from self._tally(message, source)

    def _tally(self, message: WebTally, source: str) -> Iterator[Detection]:
        """Take over what a kernel counted of a client's lines."""
        episode = self.episodes.step(f"{message.client}|{message.server}", message)
        episode.first_ns, episode.first_offset = message.first_ns, message.first_offset
        episode.records, episode.bytes = message.requests, message.bytes
        for name in ("answered", "failed", "paths", "named"):
            count = getattr(message, name)
            if count:
                episode.tallies[name] = float(count)
        episode.tallies["points"] = float(message.points)
        if message.crawled:
            episode.tallies["crawled"] = float(message.crawled)
        scanner = SCANNERS.search(message.agent)
        if scanner is not None:
            episode.note("scanner " + scanner[0].lower())
        yield from self._judged(episode, message, message.points, source)

    def _request(self, message: HttpRequest, source: str) -> Iterator[Detection]:
        key = f"{message.client}|{message.server}"
        scanner = SCANNERS.search(message.header("user-agent"))
        path = message.target.partition("?")[0][:200]
        probe = probe_in(path)
        if scanner is None and not probe:
            return
        episode = self.episodes.step(key, message)
        points = 0
        if scanner is not None:
            points = 1
            if episode.tally("named") <= NAMED_FIRST:
                points = NAMED_POINTS
                episode.note("scanner " + scanner[0].lower())
        elif "answered" not in episode.tallies and episode.note("probe " + _short(path)):
            points = _points_of(probe)
        yield from self._score(episode, message, points, source)

    def _response(
        self, message: HttpResponse, request: HttpRequest, source: str
    ) -> Iterator[Detection]:
        key = f"{message.client}|{message.server}"
        has_failed = message.status in _FAILED
        is_log = not message.server_port and message.server != "proxy"
        proxied = is_log and is_proxied(request.target, request.method)
        if proxied and self._proxy_serves(message):
            return
        if not has_failed:
            known = self.episodes.get(key)
            if known is not None:
                known.tally("answered")
            return
        episode = self.episodes.step(key, message)
        episode.tally("answered")
        episode.tally("failed")
        path = request.target.partition("?")[0][:200]
        if not episode.note("path " + _short(path)):
            return
        points = 1
        if "probe " + _short(path) not in episode.names:
            points = _points_of(probe_in(path))
        if proxied:
            points = self._least(message)
            episode.note("proxy")
        elif not path.startswith("/") and _MESS.search(path):
            points = GUESSED_POINTS  # another protocol's bytes
        elif _is_linked(request) and probe_in(path) not in _UNLINKED_ENDS:
            points = int(episode.tally("linked") % LINKED_EVERY == 0)
        episode.tally("paths")
        yield from self._score(episode, message, points, source)

    def _proxy_serves(self, message: HttpResponse) -> bool:
        """Tell whether the server is a proxy by trade: it serves what others hold."""
        served = self.episodes.step(f"proxy|{message.server}", message)
        is_served = message.status < 400  # noqa: PLR2004 - the first refusal of HTTP
        return served.tally("served" if is_served else "refused") > 0 and (
            served.tallies.get("served", 0.0) >= served.tallies.get("refused", 0.0)
        )

    def _least(self, message: Message) -> int:
        """Return how many points are enough: logs show every answer, and ports of none."""
        p = self.policy.parameters.web
        return int(p.scan_score_min if message.server_port else p.scan_log_score_min)

    def _score(
        self, episode: Episode, message: Message, points: int, source: str
    ) -> Iterator[Detection]:
        window_s, score = self.policy.parameters.web.scan_window_s, 0
        for _ in range(points):
            score = episode.within(message.at_ns, window_s, most=_TOO_MANY)
        if points:
            yield from self._judged(episode, message, score, source)

    def _judged(
        self, episode: Episode, message: Message, score: int, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.web
        failed, answered = episode.tallies.get("failed", 0.0), episode.tallies.get("answered", 0.0)
        is_named = "named" in episode.tallies
        crawled = episode.tallies.get("crawled", 0.0)
        least = self._least(message)
        score = max(score, int(episode.tallies.get("points", 0.0)))
        if crawled and score < least:
            yield from self._crawl(episode, message, crawled, source)
            return
        if answered and not is_named and failed < p.scan_failed_share_min * answered:
            return
        phase = episode.phase(float(score), float(least))
        if phase is None:
            return
        names = [one.partition(" ")[2] for one in episode.names if one.startswith("scanner ")]
        is_proxy = "proxy" in episode.names
        paths = plural(int(episode.tallies.get("paths", 0.0)), "path")
        requests = plural(episode.records, "message")
        said = f"; it says it is {names[0]}" if names else ""
        said += "; it tries whether the server is an open proxy" if is_proxy else ""
        crossing = Crossing(
            kind="web_scan",
            reason=(
                f"{paths} refused or not found in {span_text(episode.first_ns, episode.last_ns)}, "
                f"{failed:,.0f} of {answered:,.0f} answers were failures{said}; {score:,} points "
                f"within {p.scan_window_s:,.0f} s, and {least:,} is the bound"
            ),
            figure=f"{paths} in vain" if failed else f"{requests} of a scanner",
            observed=float(score),
            threshold=float(least),
            attackers=(message.client,),
            victims=(message.server,),
            service="http",
            port=message.server_port,
            facts={
                "paths": int(episode.tallies.get("paths", 0.0)),
                "failed": int(failed),
                "answered": int(answered),
                "scanner": names[0] if names else "",
                "targets": int(episode.tallies.get("paths", 0.0)),
                "outside": int(self.policy.home.is_outside(message.client)),
                "points": score,
            },
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def _crawl(
        self, episode: Episode, message: Message, crawled: float, source: str
    ) -> Iterator[Detection]:
        """Report a client that went through what is there, faster than anybody reads."""
        p = self.policy.parameters.web
        phase = episode.phase(crawled, float(p.crawl_pages_min))
        if phase is None:
            return
        pages = plural(int(crawled), "different page")
        crossing = Crossing(
            kind="web_scan",
            reason=(
                f"{pages} in {span_text(episode.first_ns, episode.last_ns)}, none of them reached "
                f"from another; {p.crawl_pages_min:,} is the bound, less "
                f"{p.crawl_leak_s:g} for each second"
            ),
            figure=f"{pages} crawled",
            observed=crawled,
            threshold=float(p.crawl_pages_min),
            attackers=(message.client,),
            victims=(message.server,),
            service="http",
            facts={
                "paths": int(crawled),
                "targets": int(episode.tallies.get("paths", 0.0)),
                "outside": int(self.policy.home.is_outside(message.client)),
                "points": 0,
            },
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)


def _short(path: str) -> str:
    """Return what tells a path from others in eight characters: memory stays small."""
    return f"{crc32(path.encode('utf-8', 'replace')):08x}"


def _is_linked(request: HttpRequest) -> bool:
    return bool(request.host) and f"//{request.host}" in request.header("referer")


def _points_of(probe: str) -> int:
    if not probe:
        return 1
    return PROBED_POINTS if probe in _PROBED_ALL else GUESSED_POINTS
