"""Bursts of server errors: a web server or the application behind it fails many requests.

Of access logs a kernel counts 5xx per minute: `log_rhythm.ERRORS_MIN` of them, a fifth of the
minute's requests and five times the share that errors had before are told. Of error logs, proxies
and gateways (no upstream answers, a server is down), ``error_burst_min`` within five minutes.

Source: Beyer, Jones, Petoff, Murphy, "Site Reliability Engineering" (2016), chapter 6: errors are
one of the four golden signals. Misses errors that are answered with 200. May raise with no history
(a share of a fifth is no accident). Memory: the bounded episodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent, WebErrors
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text
from tocsin.kernels.log_rhythm import ERRORS_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

WINDOW_S = 300.0
_FAILURES = frozenset({"upstream_failed", "php_error", "application_error", "backend_down"})
_SERVER_ERROR, _STATUS_MAX = 500, 599


class HttpErrorBurst(MessageDetector):
    """Tell bursts per server."""

    name: ClassVar[str] = "http_error_burst"
    hears = (WebErrors, LogEvent)
    medium: ClassVar[str] = "logs"

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the bound and at each doubling."""
        for m in rows:
            if isinstance(m, WebErrors):
                yield from self._minute(m, source)
            elif isinstance(m, LogEvent) and _is_failure(m):
                yield from self._one(m, source)

    def _minute(self, m: WebErrors, source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.server}|access", m)
        errors = episode.tally("errors", float(m.errors))
        words = (
            f"{plural(m.errors, 'answer')} of {m.requests:,} in a minute were server errors; their "
            f"usual share is {100 * m.usual:.1f} %"
        )
        yield from self._told(m, "access", words, (errors, float(ERRORS_MIN)), source)

    def _one(self, m: LogEvent, source: str) -> Iterator[Detection]:
        service = str(m.event.get("event.dataset", "web")).split(".", maxsplit=1)[0]
        episode = self.episodes.step(f"{m.server}|{service}", m)
        seen = episode.within(m.at_ns, WINDOW_S)
        least = float(self.policy.parameters.log.error_burst_min)
        words = (
            f"{plural(seen, 'failure')} of {service} in "
            f"{span_text(max(episode.first_ns, m.at_ns - int(WINDOW_S * 1e9)), m.at_ns)}"
        )
        yield from self._told(m, service, words, (float(seen), least), source)

    def _told(
        self, m: Message, service: str, words: str, figures: tuple[float, float], source: str
    ) -> Iterator[Detection]:
        episode = self.episodes.get(f"{m.server}|{service}")
        phase = None if episode is None else episode.phase(*figures)
        if episode is None or phase is None:
            return
        crossing = Crossing(
            kind="error_burst",
            reason=f"{words}; {figures[1]:.0f} are the bound",
            figure=f"{plural(int(figures[0]), 'failure')}",
            observed=figures[0],
            threshold=figures[1],
            attackers=(),
            victims=(m.server or "web",),
            service="http" if service == "access" else service,
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)


def _is_failure(m: LogEvent) -> bool:
    status = m.event.get("http.response.status_code")
    if isinstance(status, int) and _SERVER_ERROR <= status <= _STATUS_MAX:
        return True
    return m.event.get("event.action") in _FAILURES
