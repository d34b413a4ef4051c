"""From rules and settings to the parts of an engine; the only place that knows all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.confirm.confirm import Confirm, Confirmation, Suppression
from tocsin.core.networks import NO_PROXIES, Home, Proxies
from tocsin.detect.base import Policy
from tocsin.detect.event_rules import EventRules
from tocsin.detect.registry import detector_classes
from tocsin.detect.sigma.ruleset import RuleSet
from tocsin.detect.unusual_login import UnusualLogin
from tocsin.detect.unusual_traffic import UnusualTraffic
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Asset, Identity
from tocsin.pipeline.traffic_models import shipped_traffic_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.core.parameters import Parameters
    from tocsin.core.places import Places
    from tocsin.detect.base import Detector
    from tocsin.incidents.case import RulePages
    from tocsin.kernels.access_scan import AccessTexts
    from tocsin.pipeline.rule_lines import RuleTexts


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What reports and manifests say of a rule."""

    file: str
    title: str
    kind: str
    cold_start: str


@dataclass(frozen=True)
class Wiring:
    """Everything an engine is made of, as values; `detectors` makes fresh ones."""

    parameters: Parameters
    rules: tuple[tuple[str, str], ...]  # (rule id, detector name)
    confirmations: Mapping[str, Confirmation]
    pages: Mapping[str, RulePages]
    suppressions: Sequence[Suppression] = ()
    assets: Sequence[Asset] = ()
    year: int | None = None  # of log stamps without one; None: the file's modification time
    zone: str = "UTC"
    since_ns: int | None = None
    until_ns: int | None = None
    home: Home = field(default_factory=Home)
    proxies: Proxies = NO_PROXIES
    about: Mapping[str, RuleFacts] = field(default_factory=dict)  # by rule id
    event_rules: RuleSet = field(default_factory=lambda: RuleSet(()))
    rules_digest: str = ""  # of their files; what is made of the rules is kept by it
    places: Places | None = None  # where addresses are, when a database is configured

    @cached_property
    def access_texts(self) -> AccessTexts:
        """What to look for in access lines, for detectors and event rules."""
        from tocsin.pipeline.kept_texts import kept_access_texts

        return kept_access_texts(self.event_rules, digest=self.rules_digest)

    @cached_property
    def rule_texts(self) -> RuleTexts:
        """What to look for in other records, for event rules alone."""
        from tocsin.pipeline.kept_texts import kept_rule_texts

        return kept_rule_texts(self.event_rules, digest=self.rules_digest)

    def detectors(self, *, medium: str) -> list[Detector]:
        """Return one detector per rule, in the order of the rules, for a source of that medium."""
        classes = detector_classes()
        return [self._detector(classes[name], rule, medium) for rule, name in self.rules]

    def _detector(self, cls: type[Detector], rule: str, medium: str) -> Detector:
        policy = Policy(rule=rule, parameters=self.parameters, home=self.home, medium=medium)
        if cls is UnusualTraffic:
            return UnusualTraffic(policy, model=shipped_traffic_model())
        if cls is EventRules:
            return EventRules(policy, rules=self.event_rules)
        if cls is UnusualLogin:
            return UnusualLogin(policy, places=self.places)
        return cls(policy)

    def confirm(self) -> Confirm:
        """Return an empty confirm stage."""
        return Confirm(confirmations=self.confirmations, suppressions=self.suppressions)

    def casebook(self) -> Casebook:
        """Return an empty casebook."""
        return Casebook(identity=Identity(assets=self.assets))
