"""An incident in the making: what is known of one attack so far, and its printable form.

Bounds: details of the first ``DETAILS_MAX`` episodes are kept, totals of ``EPISODES_MAX``; parties
as `tocsin.incidents.parties` says; the lists that people see are cut at ``PARTIES_MAX``, with
the number of all beside.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.core.detection import Counts, Detection
from tocsin.core.incident import Incident, Stage
from tocsin.core.vocabulary import kind_of, level_rank
from tocsin.incidents.background import SCANS
from tocsin.incidents.parties import Parties
from tocsin.incidents.priority import rate
from tocsin.incidents.severity import severity_of
from tocsin.incidents.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.core.detection import Finding
    from tocsin.incidents.identity import Identity

DETAILS_MAX, EPISODES_MAX, PARTIES_MAX, REASONS_MAX = 200, 100_000, 1000, 20
OWN, BACKGROUND, DISTRIBUTED = "own", "background", "distributed"


@dataclass(frozen=True, slots=True)
class RulePages:
    """What rule files say to people about a rule: techniques and runbook."""

    techniques: tuple[str, ...] = ()
    runbook: tuple[str, ...] = ()


def is_relay(d: Detection) -> bool:
    """Tell a search by ARP: a router makes one for every scan that it passes on."""
    return d.kind == "host_discovery" and d.facts.get("proto") == "arp"


@dataclass
class Case:
    """Mutable inside the casebook only; `snapshot` gives the frozen incident."""

    site: str
    key: tuple[str, ...]
    mode: str
    opening: Detection
    id: str = ""
    stages: dict[str, int] = field(default_factory=dict)
    details: dict[str, Detection] = field(default_factory=dict)
    totals: dict[str, tuple[str, str, Counts]] = field(default_factory=dict)
    attackers: Parties = field(default_factory=Parties)
    victims: Parties = field(default_factory=Parties)
    hosts: Parties = field(default_factory=Parties)  # host names of log records
    users: Parties = field(default_factory=Parties)
    ports: dict[str, set[int]] = field(default_factory=dict)
    confidences: dict[str, float] = field(default_factory=dict)
    grounds: dict[str, None] = field(default_factory=dict)
    first_ns: int = 0
    last_ns: int = 0

    def __post_init__(self) -> None:
        d = self.opening
        text = "|".join((*self.key[1:], d.kind, d.entity, str(d.detected_ns), str(d.offset)))
        self.id = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.first_ns, self.last_ns = d.first_ns, d.last_ns

    def add(self, finding: Finding) -> tuple[str, ...]:
        """Take a confirmed finding in: parties, stages, totals, confidence.

        Returns the parties that the case had no room for any more.
        """
        d = finding.detection
        gone: tuple[str, ...] = ()
        self.first_ns, self.last_ns = min(self.first_ns, d.first_ns), max(self.last_ns, d.last_ns)
        self.stages[d.kind] = min(self.stages.get(d.kind, d.first_ns), d.first_ns)
        # The same two turned round (an attack's answers) say nothing new of who is who,
        # nor does who only asks for the hosts that somebody else tries.
        if not (self._is_turned(d) or self._is_relayed(d)):
            gone = (*self.attackers.add(d.attackers), *self.victims.add(d.victims))
        if d.host is not None:
            gone = (*gone, *self.hosts.add((d.host,)))
        self.users.add(d.users)
        self._remember_ports(d)
        if d.episode in self.details or len(self.details) < DETAILS_MAX:
            self.details[d.episode] = d
        if d.episode in self.totals or len(self.totals) < EPISODES_MAX:
            group = f"{d.detector}/{d.facts.get('scan', '')}{d.facts.get('measure', '')}"
            self.totals[d.episode] = (d.source, group, d.counts)
        lane = f"{d.detector}@{d.selector.medium}"
        self.confidences[lane] = max(self.confidences.get(lane, 0.0), finding.confidence)
        self.grounds.update(dict.fromkeys(finding.grounds))
        return gone

    def _is_turned(self, d: Detection) -> bool:
        return (
            0 < len(d.attackers) == len(d.victims) == len({*d.attackers, *d.victims}) / 2
            and self.attackers.holds_all(d.victims)
            and self.victims.holds_all(d.attackers)
            and not self.attackers.holds_any(d.attackers)
        )

    def _is_relayed(self, d: Detection) -> bool:
        return is_relay(d) and bool(self.attackers) and not self.attackers.holds_any(d.attackers)

    def forget_parties(self) -> None:
        """Drop the parties named so far: they only passed on what others do."""
        self.attackers.clear()
        self.victims.clear()
        self.ports.clear()

    def _remember_ports(self, d: Detection) -> None:
        for attacker in d.attackers[:1]:
            if attacker not in self.ports and len(self.ports) >= PARTIES_MAX:
                return
            known = self.ports.setdefault(attacker, set())
            known.update(d.source_ports[: max(0, 64 - len(known))])

    @property
    def kind(self) -> str:
        """The gravest stage; among equals the earlier one."""
        return max(self.stages, key=lambda k: (kind_of(k).gravity, -self.stages[k]))

    @property
    def confidence(self) -> float:
        """One minus the chance that every independent view is wrong."""
        doubt = 1.0
        for confidence in self.confidences.values():
            doubt *= 1.0 - confidence
        return 1.0 - doubt

    def counts(self) -> Counts:
        """Add episodes of one detector, then take the widest detector: views overlap."""
        groups: dict[str, Counts] = {}
        for _, group, counts in self.totals.values():
            groups[group] = groups.get(group, Counts()) + counts
        widest = list(groups.values())
        return Counts(
            max(c.events for c in widest),
            max(c.packets for c in widest),
            max(c.flows for c in widest),
            max(c.bytes for c in widest),
        )

    def sources(self) -> tuple[tuple[str, int], ...]:
        """Return (path, records) per source, by the widest detector on each."""
        groups: dict[tuple[str, str], int] = {}
        for source, group, counts in self.totals.values():
            key = (source, group)
            groups[key] = groups.get(key, 0) + counts.events + counts.packets
        paths = sorted({source for source, _ in groups})
        return tuple(
            (path, max(n for (source, _), n in groups.items() if source == path)) for path in paths
        )

    def snapshot(self, *, identity: Identity, pages: Mapping[str, RulePages]) -> Incident:
        """Return the incident as it stands."""
        kind = kind_of(self.kind)
        details = sorted(self.details.values(), key=_gravest_first)
        victims = self._victims(identity)
        named = [*victims, *self.hosts]
        found = (identity.asset_of(party) for party in named[:PARTIES_MAX])
        assets = list(dict.fromkeys(asset for asset in found if asset is not None))
        severity, severity_why = severity_of(self, details)
        rating = rate(kind=kind, severity=severity, severity_why=severity_why, assets=assets)
        rules = dict.fromkeys(d.rule for d in details)
        techniques = [t for r in rules if r in pages for t in pages[r].techniques]
        lead = details[0]
        attackers = tuple(self.attackers)
        return Incident(
            id=self.id,
            dedup_key="/".join(self.key),
            site=self.site,
            title=title_of(
                kind=kind.name,
                service=lead.service,
                attackers=attackers,
                victims=victims or tuple(self.hosts),
                users=lead.users,
                facts=lead.facts,
                figure=self._figure(lead),
            ),
            kind=kind.name,
            kinds=tuple(
                Stage(name, ns) for name, ns in sorted(self.stages.items(), key=lambda s: s[1])
            ),
            type=kind.type,
            category=kind.category,
            severity=rating.severity,
            impact=rating.impact,
            urgency=rating.urgency,
            priority=rating.priority,
            confidence=self.confidence,
            first_ns=self.first_ns,
            last_ns=self.last_ns,
            detected_ns=self.opening.detected_ns,
            records_to_detect=self.opening.records_to_detect,
            attackers=attackers[:PARTIES_MAX],
            victims=victims[:PARTIES_MAX],
            reasons=tuple(dict.fromkeys(d.reason for d in details))[:REASONS_MAX],
            detections=tuple(details),
            counts=self.counts(),
            sources=self.sources(),
            service=next((d.service for d in details if d.service), None),
            users=tuple(self.users)[:PARTIES_MAX],
            assets=tuple(asset.name for asset in assets),
            techniques=tuple(dict.fromkeys(techniques or filter(None, [kind.technique]))),
            why={**rating.why, "confidence": "; ".join(self.grounds)},
            runbook=pages[lead.rule].runbook if lead.rule in pages else (),
            facts={k: v for k, v in lead.facts.items() if k not in {"measure", "failures"}},
            attackers_total=self.attackers.total,
            victims_total=max([len(victims), self.victims.total, *(_targets(d) for d in details)]),
        )

    def _figure(self, lead: Detection) -> str:
        if self.mode == OWN:
            return lead.figure
        if lead.kind in SCANS:
            scans = len(self.totals)
            return f"{scans:,} small scan{'' if scans == 1 else 's'}, {self.mode}"
        counts = self.counts()
        tries = counts.events + counts.flows or counts.packets  # answers read from payloads
        return f"{tries:,} tries, {self.mode}"

    def _victims(self, identity: Identity) -> tuple[str, ...]:
        found = dict.fromkeys(self.victims)
        for host in self.hosts:
            address = identity.address_of(site=self.site, name=host)
            found[host if address is None else address] = None
        return tuple(found)


def _gravest_first(d: Detection) -> tuple[int, int, float, int]:
    kind = kind_of(d.kind)
    return (-kind.gravity, -level_rank(kind.severity), -d.observed, d.first_ns)


def _targets(d: Detection) -> int:
    return int(d.facts.get("targets", 0)) if d.facts.get("scan") == "horizontal" else 0
