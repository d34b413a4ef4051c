"""From rule folders and a configuration file to a wiring."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin import __version__
from tocsin.collect.places import open_places
from tocsin.confirm.confirm import Confirmation, Suppression
from tocsin.core.errors import ConfigError, UsageError
from tocsin.core.networks import Home, Proxies
from tocsin.core.vocabulary import kind_of
from tocsin.detect.registry import detector_classes
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.incidents.case import RulePages
from tocsin.incidents.identity import Asset
from tocsin.pipeline.wiring import RuleFacts, Wiring
from tocsin.settings.load import load_settings
from tocsin.settings.resources import shipped
from tocsin.settings.rules import load_rules
from tocsin.settings.sigma.load import EventRules, load_event_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.places import Places
    from tocsin.core.predicates import Correlation, EventRule
    from tocsin.settings.rules import DetectorRule
    from tocsin.settings.schema import Settings


def assemble(
    *,
    config: str | None = None,
    rules: Sequence[str] = (),
    with_default_rules: bool = True,
    year: int | None = None,
    zone: str = "UTC",
    since_ns: int | None = None,
    until_ns: int | None = None,
    seed: int | None = None,
) -> Wiring:
    """Return the wiring that the shipped rules, more rules and a configuration give.

    Raises `ConfigError` for a wrong file and `UsageError` for a folder that isn't there.
    """
    settings = load_settings(Path(config) if config else None)
    folders = [shipped("rules") / "detectors"] if with_default_rules else []
    for folder in rules:
        if not Path(folder).is_dir():
            raise UsageError(f"--rules: {folder} is not a folder")
        folders.append(Path(folder))
    loaded = load_rules(folders)
    events = _event_rules([Path(folder) for folder in rules], with_default_rules=with_default_rules)
    for problem in loaded.problems:
        raise problem
    _refuse_unknown(loaded.rules)
    parameters = loaded.parameters()
    if seed is not None:
        parameters = replace(parameters, sketch_key=seed & 0xFFFF_FFFF_FFFF_FFFF)
    return Wiring(
        parameters=parameters,
        rules=tuple((rule.id, rule.detector) for rule in loaded.rules),
        confirmations={
            **{rule.id: _confirmation(rule) for rule in loaded.rules},
            **{rule.id: Confirmation(confidence=_CONFIDENCE[rule.level]) for rule in events.all},
        },
        pages={
            **{rule.id: _pages(rule) for rule in loaded.rules},
            **{rule.id: _event_pages(rule) for rule in events.all},
        },
        event_rules=RuleSet(events.rules, events.correlations),
        rules_digest=events.digest,
        suppressions=_suppressions(settings),
        assets=_assets(settings),
        year=year,
        zone=zone,
        since_ns=since_ns,
        until_ns=until_ns,
        home=Home(settings.home),
        proxies=Proxies(settings.proxies),
        places=_places(settings),
        about={
            rule.id: RuleFacts(rule.path.name, rule.title, rule.kind, rule.cold_start)
            for rule in loaded.rules
        },
    )


def _refuse_unknown(rules: Sequence[DetectorRule]) -> None:
    """Raise `ConfigError` for the first rule whose detector isn't there."""
    known = detector_classes()
    for rule in rules:
        if rule.detector not in known:
            near = difflib.get_close_matches(rule.detector, known, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            message = f'unknown detector "{rule.detector}"{hint}'
            raise ConfigError(message, where=f"{rule.path}:{rule.line}")


# How sure a rule of this level is by itself; below a half an incident stays low.
_CONFIDENCE = {"info": 0.2, "low": 0.4, "medium": 0.7, "high": 0.9, "critical": 0.95}


def _places(settings: Settings) -> Places | None:
    geo = settings.geo
    return open_places(geo.database, where=geo.where) if geo.database else None


def _event_rules(folders: Sequence[Path], *, with_default_rules: bool) -> EventRules:
    """Load the event rules in force; raises `ConfigError` for a wrong one among the shipped."""
    shipped_ones = [shipped("rules") / "events"] if with_default_rules else []
    loaded = load_event_rules([*shipped_ones, *folders])
    for verdict in loaded.verdicts:
        if verdict.status == "invalid":
            raise ConfigError(verdict.reason or "", where=f"{verdict.path}:{verdict.line}")
    return loaded


def _event_pages(rule: EventRule | Correlation) -> RulePages:
    usual = kind_of(rule.kind).technique
    techniques = rule.techniques or ((usual,) if usual else ())
    return RulePages(techniques=techniques, runbook=rule.runbook)


def versions_of(wiring: Wiring) -> dict[str, Any]:
    """Return what a manifest says of the rules and the program in force."""
    return {
        "tocsin": __version__,
        "rules": [
            {"id": rule, "detector": detector, "file": wiring.about[rule].file}
            for rule, detector in wiring.rules
        ],
        "sketch_key": f"{wiring.parameters.sketch_key:016x}",
    }


def _confirmation(rule: DetectorRule) -> Confirmation:
    return Confirmation(k=rule.confirm_k, n=rule.confirm_n, confidence=rule.confidence)


def _pages(rule: DetectorRule) -> RulePages:
    techniques = tuple(
        tag.removeprefix("attack.").upper() for tag in rule.tags if tag.startswith("attack.t")
    )
    usual = kind_of(rule.kind).technique
    return RulePages(techniques=techniques or ((usual,) if usual else ()), runbook=rule.runbook)


def _suppressions(settings: Settings) -> tuple[Suppression, ...]:
    listed = tuple(
        Suppression(name=f"allowlist {entry}", reason=settings.allowlist.reason, attacker=entry)
        for entry in settings.allowlist.addresses
    )
    return listed + tuple(
        Suppression(
            name=one.name,
            reason=one.reason,
            until_ns=one.until_ns,
            kind=one.kind,
            rule=one.rule,
            attacker=one.attacker,
            victim=one.victim,
        )
        for one in settings.suppressions
    )


def _assets(settings: Settings) -> tuple[Asset, ...]:
    return tuple(
        Asset(
            name=one.name,
            addresses=one.addresses,
            names=one.names,
            criticality=one.criticality,
            data=one.data,
            services=one.services,
            is_core=one.core,
        )
        for one in settings.assets
    )
