"""The deduplication key of a detection: what shares it is one incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.vocabulary import kind_of

if TYPE_CHECKING:
    from tocsin.core.detection import Detection

GROUP_SIGN = "*"
# Faults of one program are one incident; those of hardware are one per host and kind.
OF_PROGRAMS = frozenset({"crash_loop", "service_down", "resource_exhaustion"})


def key_of(d: Detection, site: str) -> tuple[str, ...]:
    """Return (site, what it is about, whom): of scans the source, of floods the target.

    Of faults the program on its host, or the host and the kind.
    """
    attackers = [a for a in d.attackers if not a.startswith(GROUP_SIGN)]
    kind = kind_of(d.kind)
    if (kind.category == "information-gathering" or kind.name == "worm") and attackers:
        return (site, "scan", attackers[0])
    if "thing" in d.facts and kind.type != "security":
        of = str(d.facts["thing"]) if kind.name in OF_PROGRAMS else kind.name
        return (site, "fault", d.entity, of)
    if kind.category == "availability" and d.victims:
        return (site, "availability", d.victims[0])
    # One infected host, many far ends; what it sends out is a stage of that.
    if (kind.category == "malicious-code" or kind.name == "exfiltration") and d.victims:
        return (site, "infected", d.victims[0])
    if kind.name == "unusual_data_access" and d.victims:
        return (site, kind.name, d.victims[0])
    return (site, d.kind, d.entity)
