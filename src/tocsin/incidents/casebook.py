"""One attack is one incident: which case a finding belongs to.

In order, a finding joins (1) the case of its own episode; (2) the case with its dedup key;
(3) a case with the same attacker and victim, as a further stage; (4) for findings
without an attack shape, a case that names the same host; (5) for floods, the one that it
answers, or one of its kind on a neighbour at the same time; (6) for what a host that was
entered does next, the case of its entering; (7) for what is done on a host, the case of the
account that is inside. Otherwise it opens one. All within the kind's
fold gap of event time. A router that asks for the hosts which a scan through it tries
belongs to that scan. Requests that attack a server may look like data carried out to
it: such a finding joins the attack.

Small scans from outside fold into one case a day (`tocsin.incidents.background`).
Guessing at a public service needs more care, because hundreds of sources try a few
passwords each day: those fold into one *background* case per service, host and day. A
source that persists (``focus_failures``), or that succeeds, gets its own case; when
``distributed_min`` sources persist at once, the rest of them share a *distributed* case.

Bounded: ``cases_max`` open cases, the longest silent one is let go first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from tocsin.core.addresses import net_of
from tocsin.core.times import DAY_NS, NS_PER_S
from tocsin.core.vocabulary import SHAPELESS, kind_of
from tocsin.incidents.accounts import Accounts
from tocsin.incidents.background import SCANS, is_background_scan, scan_day_key
from tocsin.incidents.case import BACKGROUND, DISTRIBUTED, OWN, Case, is_relay
from tocsin.incidents.inside import ALONE, ENTERED, INSIDE, is_inside, is_mostly
from tocsin.incidents.keys import GROUP_SIGN, key_of
from tocsin.incidents.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection, Finding
    from tocsin.incidents.identity import Identity

GUESSING = frozenset({"brute_force", "password_spray", "account_compromise"})
FLOOD_GRAVITY = 60  # floods and reflections, not a mere rise of traffic
CARPET_GAP_S, RELAY_GAP_S, RELAY_RATIO_MAX = 60, 10, 2.0
WEB = frozenset({"web_attack", "web_scan"})
CARRIED_OUT = frozenset({"unusual_data_access", "exfiltration"})


class Casebook:
    """All open cases, and the rules by which findings join them."""

    def __init__(
        self,
        *,
        identity: Identity,
        focus_failures: int = 30,
        distributed_min: int = 3,
        cases_max: int = 10_000,
    ) -> None:
        self.identity = identity
        self.accounts = Accounts()
        self._focus_failures = focus_failures
        self._distributed_min = distributed_min
        self._cases_max = cases_max
        self._cases: OrderedDict[str, Case] = OrderedDict()
        self._ways = Ways()
        self._changed: OrderedDict[str, tuple[Case, bool]] = OrderedDict()

    def file(self, finding: Finding, *, site: str) -> None:
        """Put a finding where it belongs; a suppressed one is only counted."""
        d = finding.detection
        is_alone = bool(d.facts.get("weak")) and self._inside_case(d, site) is None
        if finding.state == "suppressed" or is_alone:
            self.accounts.suppressed += 1
            name = ALONE if is_alone else finding.suppressed_by or "unnamed"
            self.accounts.by_rule[name] = self.accounts.by_rule.get(name, 0) + 1
            return
        self._link(d, site)
        case, is_new = self._case_for(d, site)
        gone = case.add(finding)
        self._index(case, d)
        for party in gone:
            self._ways.drop_party(case, party)
        if is_new:
            self.accounts.opened += 1
        else:
            self.accounts.attached += 1
        known_new = self._changed.get(case.id, (case, False))[1]
        self._changed[case.id] = (case, is_new or known_new)

    def take_changed(self) -> Iterator[tuple[Case, bool]]:
        """Yield each case that changed since the last call, and whether it is new."""
        while self._changed:
            _, pair = self._changed.popitem(last=False)
            yield pair

    def cases(self) -> Iterator[Case]:
        """Yield the open cases, the longest silent one first."""
        yield from self._cases.values()

    def adopt(self, case: Case) -> None:
        """Take a case from a checkpoint, with all the ways that lead to it."""
        self._cases[case.id] = case
        self._ways.add_key(case)
        for episode in case.totals:
            self._ways.add_episode(case, episode)
        is_by_net = case.key[1] in {"availability", "scan"}
        nets = {net_of(victim) for victim in case.victims if is_by_net}
        for party in (*case.attackers, *case.victims, *case.hosts, *nets):
            if not party.startswith(GROUP_SIGN):
                self._ways.add_party(case, party)
        for host in case.hosts:
            address = self.identity.address_of(site=case.site, name=host)
            if address is not None:
                self._ways.add_party(case, address)

    def _case_for(self, d: Detection, site: str) -> tuple[Case, bool]:
        known = self._ways.of_episode(site, d.episode)
        if d.kind in GUESSING or d.facts.get("guessing"):
            return self._guessing_case(d, site, known)
        key = key_of(d, site)
        if d.kind in SCANS:
            day, known = self._background_scan(d, site, key, known), None
            if day is not None:
                return day
        if known is not None:
            return known, False
        case = self._open_case(key, d) or self._stage_case(d, site)
        if case is None and kind_of(d.kind).gravity >= FLOOD_GRAVITY and key[1] == "availability":
            case = self._answer_case(d, site) or self._carpet_case(d, site)
        if case is None:
            case = self._infection_case(d, site) or self._payload_case(d, site)
        if case is None and d.kind in INSIDE:
            case = self._inside_case(d, site)
        if case is None and kind_of(d.kind).category == "information-gathering":
            case = self._relayed_case(d, site)
            if case is not None and not is_relay(d):
                case.forget_parties()
                self._rekey(case, key, OWN)
        if case is None and d.kind in SHAPELESS:
            case = self._party_case(d, site)
        if case is not None:
            return case, False
        return self._open(d, site, key, OWN), True

    def _background_scan(
        self, d: Detection, site: str, key: tuple[str, ...], known: Case | None
    ) -> tuple[Case, bool] | None:
        """Return where a scan belongs that was, or is, one of the day's many; None: elsewhere."""
        is_noise = known is not None and known.mode == BACKGROUND
        if known is not None and not is_noise:
            return known, False
        if is_background_scan(d):
            own = self._open_case(key, d) or self._stage_case(d, site)
            if own is not None:
                return own, False
            day_key = scan_day_key(d, site)
            day = known or self._ways.of_key(day_key)  # the whole day, whatever the gap
            return (day, False) if day else (self._open(d, site, day_key, BACKGROUND), True)
        if known is not None and known.attackers.are_only(d.attackers):
            self._rekey(known, key, OWN)
            return known, False
        return None

    def _guessing_case(self, d: Detection, site: str, known: Case | None) -> tuple[Case, bool]:
        target = self._target(d, site)
        attacker = d.attackers[0] if d.attackers else d.entity
        service = d.service or ""
        own_key = (site, "guess", attacker, target, service)
        day_key = (site, "background", target, service, str(d.first_ns // DAY_NS))
        spread_key = (site, "distributed", target, service)
        spread, day = self._open_case(spread_key, d), self._open_case(day_key, d)
        is_new = bool(d.facts.get("distributed")) and spread is None
        if is_new and day is not None and is_mostly(day.attackers, d.attackers, share=0.75):
            self._rekey(day, spread_key, DISTRIBUTED)  # it was no noise
            return day, False
        of = spread.attackers if spread and not day and d.facts.get("noise") else ()
        if d.facts.get("distributed") or (of and is_mostly(d.attackers, of, share=0.5)):
            return (spread, False) if spread else self._new(d, site, spread_key, DISTRIBUTED)
        if d.facts.get("noise"):  # says how the service's day was, whoever stands out of it
            return (day, False) if day else self._new(d, site, day_key, BACKGROUND)
        own = self._open_case(own_key, d) or self._stage_case(d, site)
        if own is not None and own.mode == OWN:
            return own, False
        day = known if known is not None and known.mode == BACKGROUND else day
        if not self._is_focused(d):
            return (day, False) if day else self._new(d, site, day_key, BACKGROUND)
        if day is not None and day.attackers.are_only((attacker,)):
            self._rekey(day, own_key, OWN)
            return day, False
        if d.kind == "account_compromise" or self._persistent(d, site, target) < (
            self._distributed_min
        ):
            return self._new(d, site, own_key, OWN)
        return (spread, False) if spread else self._new(d, site, spread_key, DISTRIBUTED)

    def _new(self, d: Detection, site: str, key: tuple[str, ...], mode: str) -> tuple[Case, bool]:
        return self._open(d, site, key, mode), True

    def _is_focused(self, d: Detection) -> bool:
        is_sure = d.kind == "account_compromise" or bool(d.facts.get("focused"))
        return is_sure or d.observed >= self._focus_failures

    def _persistent(self, d: Detection, site: str, target: str) -> int:
        cases = self._ways.of_party(site, target)
        return sum(
            1
            for case in cases
            if case.mode == OWN and case.key[1] == "guess" and _within_gap(case, d)
        )

    def _target(self, d: Detection, site: str) -> str:
        if d.victims:
            return d.victims[0]
        if d.host is None:
            return d.source
        return self.identity.address_of(site=site, name=d.host) or d.host

    def _link(self, d: Detection, site: str) -> None:
        """Join a log's host name to a flow's target when both saw one connection."""
        if not d.source_ports or not d.attackers:
            return
        for case in self._ways.of_party(site, d.attackers[0]):
            shared = case.ports.get(d.attackers[0], set()) & set(d.source_ports)
            if not shared:
                continue
            if d.host is not None and case.victims:
                self._join(site, name=d.host, address=next(iter(case.victims)))
            elif d.victims and case.hosts:
                self._join(site, name=next(iter(case.hosts)), address=d.victims[0])

    def _join(self, site: str, *, name: str, address: str) -> None:
        """Make a host name and an address one, also in what was filed before."""
        if self.identity.address_of(site=site, name=name) is not None:
            return
        self.identity.link(site=site, name=name, address=address)
        for case in list(self._ways.of_party(site, name)):
            if name in case.key:
                key = tuple(address if part == name else part for part in case.key)
                self._rekey(case, key, case.mode)
            self._ways.add_party(case, address)

    def _open_case(self, key: tuple[str, ...], d: Detection) -> Case | None:
        case = self._ways.of_key(key)
        return case if case is not None and _within_gap(case, d) else None

    def _stage_case(self, d: Detection, site: str) -> Case | None:
        """Find a case with the same attacker and victim: a further stage of it."""
        victims = set(d.victims) or {self._target(d, site)}
        for attacker in d.attackers:
            if attacker.startswith(GROUP_SIGN):
                continue
            for case in self._ways.of_party(site, attacker):
                if case.mode != OWN or attacker not in case.attackers or not _within_gap(case, d):
                    continue
                if (
                    case.victims.holds_any(victims)
                    or case.hosts.holds_any(victims)
                    or self._same_host(case, d, site)
                ):
                    return case
        return None

    def _same_host(self, case: Case, d: Detection, site: str) -> bool:
        names = {self.identity.address_of(site=site, name=host) for host in case.hosts}
        is_nameless = not case.victims and not case.hosts and case.opening.source == d.source
        return is_nameless or bool(names & set(d.victims))

    def _answer_case(self, d: Detection, site: str) -> Case | None:
        """Find the flood that this one answers: its victim floods its attacker."""
        for attacker in d.attackers:
            for case in self._ways.of_party(site, attacker):
                is_back = attacker in case.victims and case.attackers.holds_any(d.victims)
                if case.key[1] == "availability" and is_back and _within_gap(case, d):
                    return case
        return None

    def _carpet_case(self, d: Detection, site: str) -> Case | None:
        """Find a flood of the same kind on a neighbour at the same time: a carpet of them."""
        for case in self._ways.of_party(site, net_of(d.victims[0])):
            apart_ns = max(d.first_ns - case.last_ns, case.first_ns - d.last_ns)
            if d.kind in case.stages and apart_ns <= CARPET_GAP_S * NS_PER_S:
                return case
        return None

    def _infection_case(self, d: Detection, site: str) -> Case | None:
        """Find the case of the host that was entered and now searches; or the other way round."""
        kind = kind_of(d.kind)
        if kind.category == "information-gathering" or kind.name == "worm":
            for attacker in d.attackers:
                for case in self._ways.of_party(site, attacker):
                    is_own = attacker in case.victims and ENTERED & set(case.stages)
                    if is_own and case.mode == OWN and _within_gap(case, d):
                        return case
        elif kind.name in ENTERED and d.victims:
            search = self._open_case((site, "scan", d.victims[0]), d)
            if search is not None and "worm" in search.stages:
                return search
        return None

    def _inside_case(self, d: Detection, site: str) -> Case | None:
        """Find the case of who is inside this host: by the account, or as root."""
        host = self._target(d, site)
        parties = [host] if d.host in (None, host) else [host, str(d.host)]
        cases = (case for party in parties for case in self._ways.of_party(site, party))
        return next((case for case in cases if is_inside(case, d) and _within_gap(case, d)), None)

    def _relayed_case(self, d: Detection, site: str) -> Case | None:
        """Find the scan whose packets make a router ask for hosts; or what a router asked.

        A router asks for about as many hosts as the scan tries through it, and at once.
        """
        is_asking = is_relay(d)
        for net in {net_of(victim) for victim in d.victims}:
            for case in self._ways.of_party(site, net):
                apart_ns = max(d.first_ns - case.last_ns, case.first_ns - d.last_ns)
                if case.key[1] != "scan" or apart_ns > RELAY_GAP_S * NS_PER_S:
                    continue
                inside = [one for one in case.details.values() if is_relay(one) != is_asking]
                if not inside or (not is_asking and len(inside) < len(case.details)):
                    continue
                here, there = _targets([d]), _targets(inside)
                asked, tried = (here, there) if is_asking else (there, here)
                if asked <= RELAY_RATIO_MAX * tried:
                    return case
        return None

    def _payload_case(self, d: Detection, site: str) -> Case | None:
        """Find the web attack whose requests look like data carried out to its victim."""
        if d.kind in CARRIED_OUT:
            for server in d.attackers:
                for case in self._ways.of_party(site, server):
                    is_sent = server in case.victims and case.attackers.holds_any(d.victims)
                    if is_sent and WEB & set(case.stages) and _within_gap(case, d):
                        return case
        return None

    def _party_case(self, d: Detection, site: str) -> Case | None:
        for case in self._ways.of_party(site, d.entity):
            if case.mode == OWN and _within_gap(case, d):
                return case
        return None

    def _open(self, d: Detection, site: str, key: tuple[str, ...], mode: str) -> Case:
        case = Case(site, key, mode, d)
        while case.id in self._cases:  # the same figures twice: the later one is another
            case.id = f"{int(case.id, 16) + 1:012x}"
        self._cases[case.id] = case
        self._ways.add_key(case)
        if len(self._cases) > self._cases_max:
            self._forget(next(iter(self._cases.values())))
        return case

    def _rekey(self, case: Case, key: tuple[str, ...], mode: str) -> None:
        self._ways.rekey(case, key)
        case.mode = mode

    def _index(self, case: Case, d: Detection) -> None:
        self._cases.move_to_end(case.id)
        self._ways.add_episode(case, d.episode)
        for party in (*d.attackers, *d.victims, *((d.host,) if d.host else ())):
            if not party.startswith(GROUP_SIGN):
                self._ways.add_party(case, party)
        if d.kind in GUESSING:
            self._ways.add_party(case, self._target(d, case.site))
        if case.key[1] == "availability" and d.victims:
            self._ways.add_party(case, net_of(d.victims[0]))
        if case.key[1] == "scan":
            for net in {net_of(victim) for victim in d.victims}:
                self._ways.add_party(case, net)

    def _forget(self, case: Case) -> None:
        self._cases.pop(case.id, None)
        self._changed.setdefault(case.id, (case, False))
        self._ways.drop(case)


def _targets(detections: Iterable[Detection]) -> float:
    return sum(float(d.facts.get("targets", 0)) for d in detections)


def _within_gap(case: Case, d: Detection) -> bool:
    gap_ns = kind_of(d.kind).folds_s * NS_PER_S
    return d.first_ns - case.last_ns <= gap_ns and case.first_ns - d.last_ns <= gap_ns
