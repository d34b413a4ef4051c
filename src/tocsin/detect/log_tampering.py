"""Log tampering: logs cleared, loggers stopped, records missing, the clock set back.

Told at once: what commands clear, stop or turn off (`tocsin.detect.command_signs`), an event log
that says it was cleared, auditing that was turned off. With what follows: a logger that stopped and
spoke again `STOPPED_MIN_S` later, or auditd's end while its host goes on, without a boot around
it. Against the past: a pause of a log that never paused for `CALM_NS`; a clock that went back is a
weak sign.

Source: ATT&CK T1070.001, T1070.002, T1562.001, T1562.012; NIST SP 800-92 section 5.1.3. Misses
records that were cut out of a busy log, one by one. May raise all of the first with no history;
pauses need the log watched in 24 hours of 3 days. Memory: episodes, `HOSTS_MAX` hosts.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import LogEvent, LogPause
from tocsin.core.times import NS_PER_S
from tocsin.detect.command_signs import TAMPERING, signs_in
from tocsin.detect.pauses import Pauses, is_boot, pause_text
from tocsin.detect.signs import WEAK, Sign, SignDetector, command_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.detect.base import Policy

HOSTS_MAX = 256
STOPPED_MIN_S, CALM_NS = 600, 900 * NS_PER_S
_STOPS = frozenset({"log_stopped", "audit_stopped"})
_STARTS = frozenset({"log_started", "audit_started"})
_CLEARED = Sign("log_cleared", "an event log was cleared", "high")
_OFF = Sign("audit_off", "auditing was turned off", "medium")


class LogTampering(SignDetector):
    """Tell signs of it, and remember who stopped to speak."""

    name: ClassVar[str] = "log_tampering"
    hears = (LogPause, LogEvent)
    kind: ClassVar[str] = "log_tampering"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._stopped: OrderedDict[str, tuple[int, str]] = OrderedDict()  # when, what
        self._pauses = Pauses()

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the first signs that are enough, and at each doubling."""
        for m in rows:
            if isinstance(m, LogPause):
                yield from self._paused(m, source)
            elif isinstance(m, LogEvent):
                for sign in self.signs(m):
                    yield from self._count(m, sign, source)
                for pause in self._pauses.settle(m):
                    yield from self._missing(pause, m, source)

    def signs(self, m: LogEvent) -> Iterator[Sign]:
        """Yield what a record is a sign of."""
        event = m.event
        action = str(event.get("event.action", ""))
        if action == "log_cleared":
            yield _CLEARED
        elif action == "audit_changed" and str(event.get("auditd.enabled", "")) == "0":
            yield _OFF
        elif is_boot(action):
            self._stopped.pop(m.server, None)
        elif action in _STOPS:
            self._stopped[m.server] = (m.at_ns, action)
            self._stopped.move_to_end(m.server)
            if len(self._stopped) > HOSTS_MAX:
                self._stopped.popitem(last=False)
        else:
            yield from self._resumed(m, action)
        yield from signs_in(command_of(m), TAMPERING)

    def _resumed(self, m: LogEvent, action: str) -> Iterator[Sign]:
        """Judge a logger that stopped, at what its host says next."""
        known = self._stopped.get(m.server)
        if known is None:
            return
        since_ns, what = known
        silent_s = (m.at_ns - since_ns) / NS_PER_S
        if silent_s >= STOPPED_MIN_S:
            name = "auditd" if what == "audit_stopped" else "the logger"
            yield Sign("logger_silent", f"{name} was stopped for {silent_s / 60:.0f} min", "medium")
        if silent_s >= STOPPED_MIN_S or action in _STARTS:
            del self._stopped[m.server]

    def _paused(self, m: LogPause, source: str) -> Iterator[Detection]:
        if m.gap_ns < 0:
            said = LogEvent(
                at_ns=m.at_ns, offset=m.offset, client="", server=m.server, start_ns=m.start_ns,
                start_offset=m.start_offset, size_bytes=m.size_bytes, event={},
            )  # fmt: skip
            words = f"the clock of the log went back {pause_text(-m.gap_ns)}"
            yield from self._count(said, Sign("clock_back", words, WEAK), source)
        elif m.is_over and m.usual_ns <= CALM_NS:
            self._pauses.wait(m)

    def _missing(self, pause: LogPause, m: LogEvent, source: str) -> Iterator[Detection]:
        words = (
            f"no record for {pause_text(pause.gap_ns)} of a log that was never silent for more "
            f"than {pause_text(pause.usual_ns)} on {pause.days} days, and no boot"
        )
        for found in self._count(m, Sign("records_missing", words), source):
            # the records around it say nothing of who did it
            yield replace(
                found,
                attackers=(),
                users=(),
                entity=m.server or "this host",
                selector=replace(found.selector, users=()),
            )

    def state(self) -> dict[str, Any]:
        """Return hosts, pauses and episodes as plain values."""
        return {
            **super().state(),
            "stopped": [[host, *one] for host, one in self._stopped.items()],
            "pauses": self._pauses.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._stopped = OrderedDict((host, (at, what)) for host, at, what in state["stopped"])
        self._pauses.restore(state["pauses"])
