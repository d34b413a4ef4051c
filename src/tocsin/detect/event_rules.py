"""Event rules: what a Sigma rule says of one event, as a detection with the rule's own id.

The rules are data (`tocsin.core.predicates`), matched by `tocsin.detect.sigma.ruleset`. One
rule at one source (or account, or host) is one episode whatever the number of events. An event
whose action is ``tocsin_selftest`` is always told: it proves that events come this far.

Source: the Sigma specification 2.1. Catches what its rules describe; misses the rest. Of dense
logs it hears only what their lane passes on. May raise with no history. Memory: the bounded
episodes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import LogEvent
from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.detect.base import Policy

SELF_TEST = "tocsin_selftest"
_ENTITY = {"attacker": "source.ip", "victim": "host.name", "user": "user.name"}
_WORDS_MAX = 120


class EventRules(MessageDetector):
    """Ask every event which rules hold for it."""

    name: ClassVar[str] = "event_rules"
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy, *, rules: RuleSet | None = None) -> None:
        super().__init__(policy)
        self._rules = rules or RuleSet(())
        self._own = EventRule(
            policy.rule, "self-test", "info", LogSource(), ["and", []], "log_anomaly"
        )

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the first event of a rule and entity, and at each doubling."""
        for message in rows:
            if not isinstance(message, LogEvent):
                continue
            if message.event.get("event.action") == SELF_TEST:
                yield from self._tell(message, self._own, source)
            for hit in self._rules.match(message.event):
                yield from self._tell(message, hit.rule, source)

    def _tell(self, message: LogEvent, rule: EventRule, source: str) -> Iterator[Detection]:
        fields = {**_ENTITY, **rule.entity}
        attacker, victim, user = (
            str(message.event.get(fields[part]) or "") for part in ("attacker", "victim", "user")
        )
        victim = victim or message.server
        episode = self.episodes.step(f"{rule.id}|{attacker or user}|{victim}", message)
        phase = episode.phase(float(episode.records), 1.0)
        if phase is None:
            return
        action = str(message.event.get("event.action") or message.event.get("EventID") or "event")
        crossing = Crossing(
            kind=rule.kind,
            reason=(
                f"{rule.title}: {plural(episode.records, 'event')} in "
                f"{span_text(episode.first_ns, episode.last_ns)}; the latest: "
                f"{_shown(message)!r}"
            ),
            figure=f"{rule.title} ({plural(episode.records, 'event')})",
            observed=float(episode.records),
            threshold=1.0,
            attackers=(attacker,) if attacker else (),
            victims=(victim or "this host",),
            users=(user,) if user else (),
            service=str(message.event.get("event.dataset", "")).split(".", maxsplit=1)[0] or None,
            facts={"rule": rule.title, "action": action},
        )
        found = self.report(episode, message, crossing, phase=phase, source=source)
        yield replace(found, rule=rule.id)


def _shown(message: LogEvent) -> str:
    """Return the beginning of what a person would look for in the event."""
    for name in (
        "process.command_line",
        "url.original",
        "message",
        "event.original",
        "CommandLine",
    ):
        value = message.event.get(name)
        if value:
            return str(value)[:_WORDS_MAX]
    return str(message.event.get("event.action", ""))
