"""Event rules: what a Sigma rule says of one event, as a detection with the rule's own id.

The rules are data (`tocsin.core.predicates`), matched by `tocsin.detect.sigma.ruleset`. One
rule at one source (or account, or host) is one episode whatever the number of events. Rules about
several events (correlations) are counted by `tocsin.detect.sigma.correlating`. An event
whose action is ``tocsin_selftest`` is always told: it proves that events come this far.

Source: the Sigma specification 2.1. Catches what its rules describe; misses the rest. Of dense
logs it hears only what their lane passes on. May raise with no history. Memory: the bounded
episodes, and the bounded groups of correlations.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import AskedEvent
from tocsin.core.predicates import EventRule, LogSource
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.sigma.correlating import Correlator, Match, Raised
from tocsin.detect.sigma.correlation_words import figure_of, words_of
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.detect.sigma.seen import Seen, texts_of
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.detect.base import Policy
    from tocsin.detect.episodes import Episode

SELF_TEST = "tocsin_selftest"
CROWD_MIN = 16  # sources that one rule names at one host by themselves; later ones are told as one
_ENTITY = {"attacker": "source.ip", "victim": "host.name", "user": "user.name"}
_WORDS_MAX = 120


class EventRules(MessageDetector):
    """Ask every event which rules hold for it."""

    name: ClassVar[str] = "event_rules"
    hears = (AskedEvent,)
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy, *, rules: RuleSet | None = None) -> None:
        super().__init__(policy)
        self._rules = rules or RuleSet(())
        self._correlator = Correlator(self._rules.correlations)
        self._own = EventRule(
            policy.rule, "self-test", "info", LogSource(), ["and", []], "log_anomaly"
        )

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the first event of a rule and entity, and at each doubling."""
        for message in rows:
            if not isinstance(message, AskedEvent):
                continue
            if message.event.get("event.action") == SELF_TEST:
                yield from self._tell(message, self._own, source)
            hits = self._rules.match(message.event)
            for hit in hits:
                if not hit.rule.is_part:
                    yield from self._tell(message, hit.rule, source)
            if self._rules.correlations:
                for raised in self._correlated(message, [hit.rule for hit in hits]):
                    if not raised.correlation.is_part:
                        yield from self._tell_raised(message, raised, source)

    def _correlated(self, message: AskedEvent, rules: list[EventRule]) -> Iterator[Raised]:
        yield from self._correlator.advance(message.at_ns)
        if rules and self._correlator.counts(rule.id for rule in rules):
            fields = {k: v for rule in rules for k, v in rule.entity.items()}
            parties = _parties(message, fields)
            match = Match(message.at_ns, message.event, parties)
            yield from self._correlator.take([rule.id for rule in rules], match)

    def _tell(self, message: AskedEvent, rule: EventRule, source: str) -> Iterator[Detection]:
        attacker, victim, user = _parties(message, rule.entity)
        own = f"{rule.id}|{attacker or user}|{victim}"
        crowd = self._crowd(rule, attacker, victim, message)
        is_one = crowd is None or attacker in islice(crowd.names, CROWD_MIN)
        episode = self.episodes.step(own, message) if crowd is None or is_one else crowd
        phase = episode.phase(float(episode.records), 1.0)
        if phase is None:
            return
        attackers: tuple[str, ...] = (attacker,) if attacker else ()
        if crowd is not None and not is_one:
            attackers = tuple(islice(crowd.names, CROWD_MIN, None)) or attackers
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
            attackers=attackers,
            victims=(victim or "this host",),
            users=(user,) if user else (),
            service=_service(message),
            facts={"rule": rule.title, "action": action},
        )
        found = self.report(episode, message, crossing, phase=phase, source=source)
        yield replace(found, rule=rule.id)

    def _crowd(
        self, rule: EventRule, attacker: str, victim: str, message: AskedEvent
    ) -> Episode | None:
        """Return the episode of all sources of which a rule holds at a host, this one noted."""
        if not attacker:
            return None
        crowd = self.episodes.step(f"{rule.id}|*|{victim}", message)
        crowd.note(attacker)
        return crowd

    def _tell_raised(self, message: AskedEvent, raised: Raised, source: str) -> Iterator[Detection]:
        """Say of a correlation that holds what was counted, and how many it takes."""
        rule = raised.correlation
        group = ", ".join(f"{name} {value}" for name, value in raised.group)
        episode = self.episodes.step(f"{rule.id}|{group}", message)
        episode.first_ns = min(episode.first_ns, raised.first_ns)
        episode.records = max(episode.records, raised.records)
        phase = episode.phase(raised.observed + 1.0, 0.0)
        if phase is None:
            return
        said = words_of(raised)
        crossing = Crossing(
            kind=rule.kind,
            reason=f"{rule.title}: {said}" + (f" ({group})" if group else ""),
            figure=f"{rule.title} ({figure_of(raised)})",
            observed=raised.observed,
            threshold=rule.bound,
            attackers=raised.attackers,
            victims=raised.victims or ("this host",),
            users=raised.users,
            service=_service(message),
            facts={"rule": rule.title, "correlation": rule.type, **dict(raised.group[:4])},
        )
        found = self.report(episode, message, crossing, phase=phase, source=source)
        yield replace(found, rule=rule.id)

    def state(self) -> dict[str, Any]:
        """Return all episodes and the groups of correlations as plain values."""
        return {**super().state(), "correlator": self._correlator.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._correlator.restore(state["correlator"])


def _parties(message: AskedEvent, fields: dict[str, str]) -> tuple[str, str, str]:
    """Return attacker, victim and user of an event, by the fields that a rule names for them."""
    seen = Seen(message.event, {})
    attacker, victim, user = [
        _first(seen.value(fields.get(part, usual))) for part, usual in _ENTITY.items()
    ]
    return attacker, victim or message.server, user


def _first(value: Any) -> str:
    return value if isinstance(value, str) else next(iter(texts_of(value)), "")


def _service(message: AskedEvent) -> str | None:
    return str(message.event.get("event.dataset", "")).split(".", maxsplit=1)[0] or None


def _shown(message: AskedEvent) -> str:
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
