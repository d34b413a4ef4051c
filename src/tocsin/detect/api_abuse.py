"""Abuse of an interface: one source or token that is refused again and again (401, 403, 429).

Of access logs a kernel counts the refusals of each client within five minutes
(`tocsin.kernels.web_amounts`): `REFUSED_MIN` of them, and half of what it asked, are told. Of
records of named values (gateways, cloud audit, Kubernetes) they are counted here, by token or
account where one is named, else by source.

Source: OWASP API Security Top 10 (2023), API2 and API4. Misses who stays below the rate, or changes
sources and tokens. May raise with no history. Memory: the bounded episodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent, WebAmounts
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text
from tocsin.kernels.web_amounts import REFUSED_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

WINDOW_S = 300.0
_REFUSED = frozenset({401, 403, 429})
_LIMITED = frozenset({"http_limited", "api_limited"})


class ApiAbuse(MessageDetector):
    """Count refusals per token, account or source."""

    name: ClassVar[str] = "api_abuse"
    hears = (WebAmounts, LogEvent)
    medium: ClassVar[str] = "logs"

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the bound and at each doubling."""
        for m in rows:
            if isinstance(m, WebAmounts):
                if m.what == "refused":
                    yield from self._tally(m, source)
            elif isinstance(m, LogEvent) and _is_refusal(m):
                yield from self._one(m, source)

    def _tally(self, m: WebAmounts, source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.client}|{m.server}", m)
        episode.first_ns, episode.first_offset = m.first_ns, m.first_offset
        episode.records, episode.bytes = m.requests, m.bytes
        asked = plural(m.requests, "request")
        words = f"{m.refused:,} of {asked} were refused (401, 403 or 429)"
        yield from self._told(m, episode.key, (words, float(m.refused)), "", source)

    def _one(self, m: LogEvent, source: str) -> Iterator[Detection]:
        user = str(m.event.get("user.name") or "")
        party = user or m.client
        if not party:
            return
        service = str(m.event.get("event.dataset", "")).split(".", maxsplit=1)[0]
        episode = self.episodes.step(f"{party}|{m.server}|{service}", m)
        seen = episode.within(m.at_ns, WINDOW_S)
        words = f"{plural(seen, 'request')} of {party} refused by {service}"
        yield from self._told(m, episode.key, (words, float(seen)), user, source)

    def _told(
        self, m: Message, key: str, what: tuple[str, float], user: str, source: str
    ) -> Iterator[Detection]:
        episode = self.episodes.get(key)
        phase = None if episode is None else episode.phase(what[1], float(REFUSED_MIN))
        if episode is None or phase is None:
            return
        crossing = Crossing(
            kind="api_abuse",
            reason=(
                f"{what[0]} in {span_text(episode.first_ns, episode.last_ns)}; {REFUSED_MIN} "
                f"within {WINDOW_S / 60:.0f} min are the bound"
            ),
            figure=f"{plural(int(what[1]), 'refusal')}",
            observed=what[1],
            threshold=float(REFUSED_MIN),
            attackers=(m.client,) if m.client else (),
            victims=(m.server or "web",),
            users=(user,) if user else (),
            service="http",
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)


def _is_refusal(m: LogEvent) -> bool:
    if m.event.get("event.dataset") == "http.access":
        return False  # counted by the kernel
    status = m.event.get("http.response.status_code")
    return status in _REFUSED or m.event.get("event.action") in _LIMITED
