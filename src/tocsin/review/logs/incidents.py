"""Truth per file and source: which incident a log holds, and who is behind it.

The unit is one distinct (file, source), each file analysed alone in a fresh state. Met: an
incident at ``low`` or above whose kind is allowed and whose attackers hold the source; where
the truth has no source the kind alone is enough. Wider, over the same rows: the source is
named by an incident of any kind. Rows with a reason under ``excluded`` are not counted; of
those whose address is only claimed, naming it as an attacker is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.core.vocabulary import level_rank
from tocsin.review.logs.report import Report, address, grouped, share, share_met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.core.incident import Incident
    from tocsin.review.logs.rows import Row

_LOW = level_rank("low")
_CLAIMED = "claimed address"
_NO_KIND = "no kind"
# Whose log a web server's, a proxy's or a web firewall's is: requests, whatever they carry.
_WEB = {
    "apache", "apache2", "aws-alb", "bunkerweb", "caddy", "cloudflare", "haproxy", "httpd",
    "iis", "lighttpd", "litespeed", "modsecurity", "nginx", "nginx-proxy-manager",
    "openresty", "traefik", "upsun-httplog", "varnish", "zoraxy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceTruth:
    """One source of one file, and the kinds of incident that are right for it."""

    file: str
    source: str | None
    kinds: tuple[str, ...]
    log_type: str
    excluded: str | None = None
    scenarios: tuple[str, ...] = ()

    @property
    def log_family(self) -> str:
        """Tell syslog, the logs of web servers, and other ones."""
        if self.log_type == "syslog":
            return "syslog"
        return "web" if self.log_type in _WEB else "other"


def source_truths(rows: Sequence[Row]) -> tuple[SourceTruth, ...]:
    """Return the truth of each row; raises `ConfigError` for a row that isn't of this form."""
    found = []
    for row in rows:
        kinds, excluded = row.texts("kinds"), row.text_or_none("excluded")
        if not kinds and excluded is None:
            raise row.error("kinds", "at least one kind, as the row is counted", list(kinds))
        found.append(
            SourceTruth(
                file=row.text("file"), source=row.text_or_none("source"), kinds=kinds,
                log_type=row.text("log_type"), excluded=excluded,
                scenarios=row.texts("scenarios"),
            )
        )  # fmt: skip
    return tuple(found)


def published_sources(
    rows: Sequence[Row], kinds_of: Mapping[str, Sequence[str]]
) -> tuple[SourceTruth, ...]:
    """Return the sources that published scenarios overflow for, by file.

    ``kinds_of`` says which kinds are right for a scenario; one that it doesn't know, or with
    no kind, is not counted. Nothing is said of files without an expected overflow.
    """
    scenarios: dict[tuple[str, str | None], list[str]] = {}
    log_types: dict[str, str] = {}
    for row in rows:
        file = row.text_or_none("file")
        if file is None:
            continue
        log_types[file] = row.text("log_type")
        for overflow in row.objects("expected_overflows"):
            for source in overflow.get("sources") or (None,):
                known = scenarios.setdefault((file, source), [])
                known.append(str(overflow.get("scenario")))
    found = []
    for (file, source), names in scenarios.items():
        kinds = dict.fromkeys(kind for name in names for kind in kinds_of.get(name, ()))
        found.append(
            SourceTruth(file, source, tuple(kinds), log_types[file],
                        None if kinds else _NO_KIND, tuple(dict.fromkeys(names)))
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ScoredSource:
    """One row and the incidents of its file; ``problem`` says why the file was not read."""

    truth: SourceTruth
    incidents: tuple[Incident, ...]
    problem: str | None = field(default=None)

    @property
    def naming(self) -> tuple[Incident, ...]:
        """Incidents at ``low`` or above that name the source; all, where there is none."""
        raised = [one for one in self.incidents if level_rank(one.severity) >= _LOW]
        if self.truth.source is None:
            return tuple(raised)
        source = address(self.truth.source)
        return tuple(one for one in raised if source in map(address, one.attackers))

    @property
    def is_met(self) -> bool:
        """Tell whether one of them is of an allowed kind."""
        return any(one.kind in self.truth.kinds for one in self.naming)

    @property
    def is_claimed(self) -> bool:
        """Tell whether the source is no more than a claim of the remote side."""
        return (self.truth.excluded or "").startswith(_CLAIMED)

    @property
    def is_claim_believed(self) -> bool:
        """Tell whether an incident of any severity names a claimed source as its attacker."""
        named = {address(attacker) for one in self.incidents for attacker in one.attackers}
        return self.is_claimed and address(self.truth.source) in named

    def to_json(self) -> dict[str, Any]:
        """Return the line of an item."""
        truth = self.truth
        met: bool | None = self.is_met if truth.excluded is None else None
        if self.is_claim_believed:
            met = False
        return {
            "file": truth.file,
            "source": truth.source,
            "kinds": list(truth.kinds),
            "log_type": truth.log_type,
            "excluded": truth.excluded,
            "met": met,
            "named": bool(self.naming),
            "problem": self.problem,
            "incidents": [
                {"kind": one.kind, "severity": one.severity, "attackers": list(one.attackers[:5])}
                for one in self.incidents
            ],
        }


def score_sources(
    truths: Sequence[SourceTruth],
    incidents: Mapping[str, Sequence[Incident]],
    problems: Mapping[str, str],
) -> Report:
    """Return both figures, whole, per first kind and per type of log.

    ``incidents`` are those of each file, ``problems`` why a file could not be read whole.
    """
    scored = [
        ScoredSource(one, tuple(incidents.get(one.file, ())), problems.get(one.file))
        for one in truths
    ]
    counted = [one for one in scored if one.truth.excluded is None]
    claimed = [one for one in scored if one.is_claimed]
    believed = share(sum(one.is_claim_believed for one in claimed), len(claimed))
    summary = {
        "truth": "incidents per file and source",
        "rows": len(scored),
        "files": len({one.truth.file for one in counted}),
        **_figures(counted),
        "without_source": share_met(one.is_met for one in counted if one.truth.source is None),
        "claimed_addresses_named": {"wrong": believed["met"], "of": believed["of"]},
        "excluded": {
            why: len(rows)
            for why, rows in grouped(scored, lambda one: one.truth.excluded).items()
            if why != "None"
        },
        "per_first_kind": {
            kind: _figures(rows)
            for kind, rows in grouped(counted, lambda one: one.truth.kinds[0]).items()
        },
        "per_log_family": {
            family: _figures(rows)
            for family, rows in grouped(counted, lambda one: one.truth.log_family).items()
        },
        "per_log_type": {
            log_type: _figures(rows)
            for log_type, rows in grouped(counted, lambda one: one.truth.log_type).items()
        },
    }
    return Report(tuple(one.to_json() for one in scored), summary)


def _figures(scored: Sequence[ScoredSource]) -> dict[str, Any]:
    return {
        "met": share_met(one.is_met for one in scored),
        "named_by_any_kind": share_met(bool(one.naming) for one in scored),
    }
