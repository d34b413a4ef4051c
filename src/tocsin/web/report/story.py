"""What happened, in two or three sentences that hold for every kind of incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.vocabulary import kind_of
from tocsin.web.report.words import listed, many, moment, number, period, size, span

if TYPE_CHECKING:
    from tocsin.core.incident import Incident

NOT_ADDRESSES = {"*spoofed": "forged source addresses", "*reflectors": "reflectors"}
_STAGES_MAX = 6


def attackers_of(incident: Incident, *, shown_max: int = 3) -> str:
    """Return who did it, in words; empty when nobody is named."""
    names = tuple(NOT_ADDRESSES.get(name, name) for name in incident.attackers)
    return listed(names, total=incident.attackers_total, shown_max=shown_max)


def victims_of(incident: Incident, *, shown_max: int = 3) -> str:
    """Return whom it hit, in words; empty when nobody is named."""
    return listed(incident.victims, total=incident.victims_total, shown_max=shown_max)


def story_of(incident: Incident) -> tuple[str, ...]:
    """Return what happened as sentences: the act, its size, its stages, its discovery."""
    return tuple(
        filter(None, (_act(incident), _size(incident), _stages(incident), _found(incident)))
    )


def _act(incident: Incident) -> str:
    noun = kind_of(incident.kind).noun
    by, on = attackers_of(incident), victims_of(incident)
    text = noun[0].upper() + noun[1:] if noun else "Incident"
    text += f" by {by}" if by else ""
    text += f" against {on}" if on else ""
    if incident.service:
        text += f" (service {incident.service})"
    if incident.users:
        named = "account" if len(incident.users) == 1 else "accounts"
        text += f", naming the {named} {listed(incident.users)}"
    lasted = incident.last_ns - incident.first_ns
    when = period(incident.first_ns, incident.last_ns)
    return f"{text}. It ran from {when} ({span(lasted)})." if lasted else f"{text}, at {when}."


def _size(incident: Incident) -> str:
    counts = incident.counts
    parts = [
        many(n, noun)
        for n, noun in (
            (counts.events, "log event"), (counts.packets, "packet"), (counts.flows, "flow"),
        )
        if n
    ]  # fmt: skip
    if not parts:
        return ""
    volume = f", {size(counts.bytes)} on the wire" if counts.bytes and counts.packets else ""
    return f"{listed(tuple(parts))} belong to it{volume}."


def _stages(incident: Incident) -> str:
    if len(incident.kinds) < 2:  # noqa: PLR2004 - one stage is the incident itself
        return ""
    parts = tuple(
        f"{kind_of(stage.kind).noun} from {moment(stage.first_ns)[11:]}"
        for stage in incident.kinds[:_STAGES_MAX]
    )
    return (
        f"Its stages, in order: {listed(parts, total=len(incident.kinds), shown_max=_STAGES_MAX)}."
    )


def _found(incident: Incident) -> str:
    delay = span(incident.detected_ns - incident.first_ns)
    text = f"It was raised {delay} after its first record"
    if incident.records_to_detect:
        text += (
            f", on record {number(incident.records_to_detect)} of the behaviour that gave it away"
        )
    return f"{text}."
