"""What rules and the grammar of web attacks say of single events: for ``tocsin parse --match``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.detect.web.signatures import web_attacks_in
from tocsin.settings.resources import shipped
from tocsin.settings.sigma.load import load_event_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tocsin.core.event import Event
    from tocsin.settings.sigma.read import Verdict

_HEADERS = {"user-agent": "user_agent.original", "referer": "http.request.referrer",
            "cookie": "http.request.cookie"}  # fmt: skip


class EventMatcher:
    """Marks events with the rules that hold for them and the attack that they carry."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    def levels(self) -> dict[str, str]:
        """Return the level of each rule, by id."""
        return {rule.id: rule.level for rule in self._rules.rules}

    def mark(
        self,
        event: Event,
        *,
        headers: Sequence[tuple[str, str]] | None = None,
        body: bytes = b"",
    ) -> Event:
        """Add ``rule.id``, ``threat.technique.id`` and ``tocsin.attack`` where they hold."""
        hits = [hit for hit in self._rules.match(event) if not hit.rule.is_part]
        if hits:
            event["rule.id"] = [hit.rule.id for hit in hits]
            named = dict.fromkeys(one for hit in hits for one in hit.rule.techniques)
            if named:
                event["threat.technique.id"] = list(named)
        target = event.get("url.original") or event.get("url.path")
        if target is not None:
            if headers is None:
                headers = [(k, str(event[f])) for k, f in _HEADERS.items() if f in event]
            method = str(event.get("http.request.method", ""))
            found = web_attacks_in(str(target), method=method, headers=headers, body=body)
            if found:
                event["tocsin.attack"] = found[0].attack
                event["event.category"] = "intrusion_detection"
        return event


def load_matcher(
    folders: Sequence[Path], *, with_default_rules: bool = True
) -> tuple[EventMatcher, tuple[Verdict, ...]]:
    """Return what marks events by the rules of folders, and what became of every rule."""
    shipped_ones = [shipped("rules") / "events"] if with_default_rules else []
    loaded = load_event_rules([*shipped_ones, *folders])
    return EventMatcher(RuleSet(loaded.rules)), loaded.verdicts
