"""Detections made by hand, for the stages after the detectors."""

from __future__ import annotations

from tocsin.core.detection import Counts, Detection, Finding, Selector
from tocsin.core.parameters import Parameters
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import Policy

ATTACKER, VICTIM = "203.0.113.9", "198.51.100.5"


def detection(
    *,
    kind: str = "port_scan",
    rule: str = "rule-a",
    at_s: float = 10.0,
    first_s: float | None = None,
    last_s: float | None = None,
    episode: str = "e1",
    entity: str = ATTACKER,
    attackers: tuple[str, ...] = (ATTACKER,),
    victims: tuple[str, ...] = (VICTIM,),
    users: tuple[str, ...] = (),
    host: str | None = None,
    service: str | None = None,
    source: str = "capture.pcap",
    medium: str = "packets",
    observed: float = 10.0,
    ports: tuple[int, ...] = (),
    counts: Counts | None = None,
    window_start_ns: int = 0,
    window_s: float = 1.0,
    facts: dict[str, str | int | float] | None = None,
) -> Detection:
    """Return a detection of documentation addresses with the given differences."""
    at_ns = int(at_s * NS_PER_S)
    first_ns = at_ns if first_s is None else int(first_s * NS_PER_S)
    last_ns = at_ns if last_s is None else int(last_s * NS_PER_S)
    return Detection(
        detector="test",
        rule=rule,
        kind=kind,
        entity=entity,
        episode=episode,
        source=source,
        detected_ns=at_ns,
        offset=0,
        first_ns=first_ns,
        last_ns=last_ns,
        reason=f"{observed:.0f} of something",
        figure=f"{observed:.0f} of something",
        observed=observed,
        threshold=5.0,
        score=observed / 5.0,
        selector=Selector(source, medium, first_ns, last_ns, near=attackers),
        window_start_ns=window_start_ns,
        window_s=window_s,
        attackers=attackers,
        victims=victims,
        users=users,
        host=host,
        service=service,
        source_ports=ports,
        counts=counts or Counts(packets=int(observed)),
        facts=facts or {},
    )


def confirmed(one: Detection, *, confidence: float = 0.9) -> Finding:
    """Return the finding that a decisive rule gives."""
    return Finding(one, "confirmed", confidence, ("decisive by itself",))


def parameters_policy() -> Policy:
    """Return a policy with the default thresholds."""
    return Policy(rule="rule-a", parameters=Parameters())
