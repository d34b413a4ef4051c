"""Folders of Sigma rules: every file read once, what came of it kept in a cache.

The cache is one JSON file per folder, known by a hash over the folder's files and this program's
version; it is the user's own (mode 600), and only ever saves time: a damaged one is made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tocsin import __version__
from tocsin.core.predicates import Correlation, EventRule, LogSource
from tocsin.settings.kept import cache_folder, keep
from tocsin.settings.sigma.read import Verdict, read_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SUFFIXES = {".yml", ".yaml"}
_DETECTOR = re.compile(rb"^detector\s*:", re.MULTILINE)  # a rule of `tocsin.settings.rules`
_FORM = 2  # of the cache


@dataclass(frozen=True, slots=True)
class EventRules:
    """What loaded, and what became of everything; ``digest`` is a hash over the files."""

    rules: tuple[EventRule, ...]
    verdicts: tuple[Verdict, ...]
    correlations: tuple[Correlation, ...] = ()
    digest: str = ""

    @property
    def all(self) -> tuple[EventRule | Correlation, ...]:
        """Every rule, those about single events first."""
        return (*self.rules, *self.correlations)


def load_event_rules(folders: Sequence[Path], *, cache: Path | None = None) -> EventRules:
    """Load every rule below the folders, in the order of their names; a second id is refused."""
    verdicts: list[Verdict] = []
    digest = hashlib.sha256()
    for folder in folders:
        key, found = _folder(folder, cache if cache is not None else cache_folder())
        digest.update(key.encode())
        verdicts += found
    seen: dict[str, str] = {}
    judged: list[Verdict] = []
    for verdict in verdicts:
        if verdict.rule is not None and verdict.rule.id in seen:
            reason = f"its id is also that of {seen[verdict.rule.id]}"
            judged.append(Verdict(verdict.path, verdict.id, "invalid", reason, verdict.line))
            continue
        if verdict.rule is not None:
            seen[verdict.rule.id] = verdict.path
        judged.append(verdict)
    judged = resolved(judged)
    rules = [v.rule for v in judged if isinstance(v.rule, EventRule)]
    correlations = [v.rule for v in judged if isinstance(v.rule, Correlation)]
    parts = _parts(correlations)
    rules = [replace(rule, is_part=True) if rule.id in parts else rule for rule in rules]
    correlations = [replace(one, is_part=True) if one.id in parts else one for one in correlations]
    return EventRules(tuple(rules), tuple(judged), tuple(correlations), digest.hexdigest())


def _parts(correlations: Sequence[Correlation]) -> set[str]:
    """Return the ids of rules that are not raised by themselves: a correlation stands for them."""
    shown = {rule for one in correlations if one.shows_parts for rule in one.rules}
    return {rule for one in correlations for rule in one.rules} - shown


def resolved(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts whose correlations hold the ids of their rules instead of names.

    One that names an unknown rule, or comes back to itself, is invalid.
    """
    known: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.rule is not None:
            known.setdefault(verdict.rule.name or verdict.rule.id, verdict.rule.id)
            known[verdict.rule.id] = verdict.rule.id
    found = {v.rule.id: v.rule.rules for v in verdicts if isinstance(v.rule, Correlation)}
    judged = []
    for verdict in verdicts:
        rule = verdict.rule
        if isinstance(rule, Correlation):
            reason = _unknown(rule, known) or _circle(rule.id, found, known)
            if reason:
                judged.append(Verdict(verdict.path, verdict.id, "invalid", reason, verdict.line))
                continue
            aliases = {
                alias: {known.get(name, name): field for name, field in mapping.items()}
                for alias, mapping in rule.aliases.items()
            }
            named = tuple(known[one] for one in rule.rules)
            verdict = replace(verdict, rule=replace(rule, rules=named, aliases=aliases))  # noqa: PLW2901
        judged.append(verdict)
    return judged


def _unknown(rule: Correlation, known: dict[str, str]) -> str:
    missing = [one for one in rule.rules if one not in known]
    return f"names no rule that is there: {', '.join(missing)}" if missing else ""


def _circle(start: str, found: dict[str, tuple[str, ...]], known: dict[str, str]) -> str:
    waiting, seen = [start], set[str]()
    while waiting:
        for name in found.get(waiting.pop(), ()):
            rule = known.get(name, name)
            if rule == start:
                return "counts itself, by the rules that it names"
            if rule not in seen:
                seen.add(rule)
                waiting.append(rule)
    return ""


def _folder(folder: Path, cache: Path) -> tuple[str, list[Verdict]]:
    """Return the hash of a folder's files, and what became of them."""
    files = [
        (path, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES
    ]
    digest = hashlib.sha256(f"{_FORM} {__version__} {folder}".encode())
    for path, content in files:
        digest.update(str(path).encode() + b"\0" + hashlib.sha256(content).digest())
    key = digest.hexdigest()
    kept = cache / f"{key[:32]}.json"
    known = _kept(kept)
    if known is not None:
        return key, known
    found = [
        verdict
        for path, content in files
        if not _DETECTOR.search(content)
        for verdict in read_rules(path, content.decode("utf-8", errors="replace"))
    ]
    keep(kept, json.dumps([asdict(v) for v in found], default=str).encode())
    return key, found


def _kept(path: Path) -> list[Verdict] | None:
    try:
        plain = json.loads(path.read_bytes())
        return [_verdict(one) for one in plain]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _verdict(plain: dict[str, Any]) -> Verdict:
    rule = plain.pop("rule")
    if rule is not None:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) and name != "condition" else value
            for name, value in rule.items()
        }
        if "logsource" in rule:
            values["logsource"] = LogSource(**rule["logsource"])
            rule = EventRule(**values)
        else:
            rule = Correlation(**values)
    return Verdict(**plain, rule=rule)
