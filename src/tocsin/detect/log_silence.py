"""Log silence: a log that used to speak stops, or stopped for far longer than it ever did.

The longest silence of a log's own past says what is usual; eight times that, and an hour at least,
is told: live while it lasts, and once it is over (in a file, only then: its end says nothing). A
host that went down or came up around it is excused. A pause of a log that never paused is rather
missing records (`tocsin.detect.log_tampering`).

Source: NIST SP 800-92 section 5.1.3 (hosts that stop to log); ATT&CK T1562.006. Misses a log that
goes on with other records. Raises nothing with no history: the log must have been seen in 24
hours of 3 days. Memory: episodes, a few pauses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import LogEvent, LogPause
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.log_tampering import CALM_NS
from tocsin.detect.pauses import Pauses, pause_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy


class LogSilence(MessageDetector):
    """Explain pauses that lanes note."""

    name: ClassVar[str] = "log_silence"
    hears = (LogPause, LogEvent)
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._pauses = Pauses()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a silence that lasts, and for one that is over."""
        for m in rows:
            if isinstance(m, LogPause) and m.gap_ns > 0:
                if not m.is_over:
                    yield from self._tell(m, m, source)
                elif m.usual_ns > CALM_NS:
                    self._pauses.wait(m)
            elif isinstance(m, LogEvent):
                for pause in self._pauses.settle(m):
                    yield from self._tell(pause, m, source)

    def _tell(self, pause: LogPause, m: Message, source: str) -> Iterator[Detection]:
        host = pause.server or "this host"
        episode = self.episodes.step(host, m)
        phase = episode.phase(pause.gap_ns / NS_PER_S, 1.0)
        if phase is None:
            return
        how = "was" if pause.is_over else "is"
        crossing = Crossing(
            kind="log_silence",
            reason=(
                f"the log of {host} {how} silent for {pause_text(pause.gap_ns)}; its longest "
                f"silence on {pause.days} days was {pause_text(pause.usual_ns)}"
            ),
            figure=f"silent for {pause_text(pause.gap_ns)}",
            observed=pause.gap_ns / NS_PER_S,
            expected=pause.usual_ns / NS_PER_S,
            threshold=max(8 * pause.usual_ns / NS_PER_S, 3600.0),
            attackers=(),
            victims=(host,),
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return pauses and episodes as plain values."""
        return {**super().state(), "pauses": self._pauses.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._pauses.restore(state["pauses"])
