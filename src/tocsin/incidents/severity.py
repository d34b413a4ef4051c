"""How grave an attack's own shape is, before anything is known of what it hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.times import NS_PER_S
from tocsin.core.vocabulary import kind_of, level_rank
from tocsin.incidents.background import SCANS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.detection import Detection
    from tocsin.incidents.case import Case

PRIVILEGED_USERS = frozenset({"root", "admin", "administrator"})
GUESSES = frozenset({"brute_force", "password_spray", "user_enumeration"})
# Stages that an administrator's work does not have.
INTRUDERS = frozenset(
    {"brute_force", "password_spray", "unusual_login", "log_tampering", "account_compromise"}
)
SPIKE_RATIO_GRAVE, SPIKE_LASTS_GRAVE_S = 20.0, 30.0
CONFIDENCE_LOW = 0.5
POLL_S_MIN = 10.0
FAINT_HOSTS_MAX, FAINT_PACE_S = 20, 10
SCAN_POINTS_SURE = 20
OLD_PASSWORD_PACE_S = 120


def severity_of(case: Case, details: Sequence[Detection]) -> tuple[str, str]:
    """Return a level and the reason for it in words."""
    kind = kind_of(case.kind)
    if kind.name == "account_compromise" and PRIVILEGED_USERS & set(details[0].users):
        return "critical", f"the account entered is {details[0].users[0]}"
    if kind.name in GUESSES and case.mode == "background":
        return "low", (
            "background noise of a public service: "
            f"{case.attackers.total:,} source(s), none persistent, none successful"
        )
    if kind.name == "brute_force" and _is_old_password(details):
        return "low", "one name, minutes apart: a client with an old password looks the same"
    if kind.name in SCANS and case.mode == "background":
        return "low", (
            f"background of the internet: {case.attackers.total:,} source(s), each at little"
        )
    if details[0].facts.get("level"):
        return _as_told(case, details)
    if kind.name == "web_scan" and _is_small(details):
        return "low", "few paths in vain, or pages that are there: a broken client looks the same"
    if kind.name == "traffic_spike":
        return _spike(case, details)
    if kind.name == "port_scan" and _is_faint(details):
        return "low", "few hosts, slowly: an application that retries looks the same"
    if kind.name == "c2_beacon" and all(_is_poll(d) for d in details):
        return "low", f"a program that polls {details[0].facts['site']} looks the same"
    if case.confidence < CONFIDENCE_LOW:
        return "low", f"confidence is only {case.confidence:.2f}"
    return kind.severity, f"usual for a {kind.noun}"


def _as_told(case: Case, details: Sequence[Detection]) -> tuple[str, str]:
    """Return the level that a detector gave, unless other stages say that somebody is inside."""
    kind = kind_of(case.kind)
    if len(case.stages) > 1 and INTRUDERS & set(case.stages):
        stages = ", ".join(kind_of(stage).noun for stage in case.stages)
        return kind.severity, f"several signs of one intrusion: {stages}"
    told = [str(d.facts["level"]) for d in details if d.facts.get("level")]
    return max(told, key=level_rank), "what was done may be somebody's work"


def _is_old_password(details: Sequence[Detection]) -> bool:
    """Tell refusals of one name that come so slowly that a program may cause them."""
    return all(
        d.kind == "brute_force"
        and len(d.users) == 1
        and d.last_ns - d.first_ns >= OLD_PASSWORD_PACE_S * NS_PER_S * d.observed
        for d in details
    )


def _is_small(details: Sequence[Detection]) -> bool:
    """Tell scans that logs show below what is one without doubt (`tocsin.detect.web_scan`)."""
    scans = [d for d in details if d.kind == "web_scan"]
    return all(int(d.facts.get("points", SCAN_POINTS_SURE)) < SCAN_POINTS_SURE for d in scans)


def _is_poll(d: Detection) -> bool:
    """Tell calls to a named site, so rare that a program would connect anew for each."""
    return bool(d.facts.get("site")) and float(d.facts["interval_s"]) >= POLL_S_MIN


def _is_faint(details: Sequence[Detection]) -> bool:
    """Tell a horizontal scan so small and slow that a retrying application can't be ruled out."""
    scans = [d for d in details if d.kind == "port_scan"]
    if any(d.facts.get("scan") != "horizontal" for d in scans):
        return False
    hosts = sum(int(d.facts.get("targets", 0)) for d in scans)
    span_ns = max(d.last_ns for d in scans) - min(d.first_ns for d in scans)
    return hosts < FAINT_HOSTS_MAX and span_ns > hosts * FAINT_PACE_S * NS_PER_S


def _spike(case: Case, details: Sequence[Detection]) -> tuple[str, str]:
    lasted_s = (case.last_ns - case.first_ns) / NS_PER_S
    ratio = max(d.observed / d.expected if d.expected else 0.0 for d in details)
    if ratio >= SPIKE_RATIO_GRAVE and lasted_s >= SPIKE_LASTS_GRAVE_S:
        return "medium", f"{ratio:.0f} times the usual rate for {lasted_s:.0f} s"
    return "low", "a rise of traffic without the shape of an attack"
