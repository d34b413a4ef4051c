"""One file to event rules, or to the reason why not: with its line where YAML tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tocsin.core.errors import ConfigError
from tocsin.core.predicates import EventRule, LogSource
from tocsin.core.vocabulary import KINDS
from tocsin.settings.sigma.conditions import UnsupportedError, condition_of
from tocsin.settings.sigma.kinds import kind_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = {"informational": "info", "low": "low", "medium": "medium", "high": "high",
          "critical": "critical"}  # fmt: skip
_OWN_KEYS = frozenset({"kind", "entity", "runbook", "tests"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule of a file: ``ok``, ``unsupported`` or ``invalid``, and why."""

    path: str
    id: str | None
    status: str
    reason: str | None = None
    line: int = 1
    rule: EventRule | None = None


def read_rules(path: Path, text: str) -> Iterator[Verdict]:
    """Yield a verdict per document of a rule file."""
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or str(error)
        yield Verdict(str(path), None, "invalid", reason, line)
        return
    loader = yaml.CSafeLoader(text)
    try:
        documents = []
        while loader.check_data():  # type: ignore[no-untyped-call]
            documents.append(loader.get_data())
    except (yaml.YAMLError, ValueError) as error:
        yield Verdict(str(path), None, "invalid", str(error).split("\n", maxsplit=1)[0])
        return
    finally:
        loader.dispose()
    for document, node in zip(documents, nodes, strict=True):
        yield _verdict(document, path, node.start_mark.line + 1, _lines(node))


def _lines(node: Any) -> dict[str, int]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): key.start_mark.line + 1 for key, _ in node.value}


def _verdict(document: Any, path: Path, line: int, lines: dict[str, int]) -> Verdict:
    from sigma.exceptions import SigmaError, SigmaRegularExpressionError

    if not isinstance(document, dict):
        return Verdict(str(path), None, "invalid", "expected keys and values", line)
    name = document.get("id")
    known = str(name) if name is not None else None
    if "correlation" in document or document.get("action"):
        reason = "correlations and rule collections are not in this version"
        return Verdict(str(path), known, "unsupported", reason, line)
    if document.get("detection") is None:
        return Verdict(str(path), known, "invalid", 'misses "detection"', line)
    try:
        rule = _rule(document, path, line)
    except UnsupportedError as error:
        where = lines.get("detection", line)
        return Verdict(str(path), known, "unsupported", f"asks for {error}", where)
    except SigmaRegularExpressionError as error:
        reason = f"asks for a regular expression without linear time: {error}"
        where = lines.get("detection", line)
        return Verdict(str(path), known, "unsupported", reason.split("\n", maxsplit=1)[0], where)
    except SigmaError as error:
        where = lines.get("detection", line)
        return Verdict(str(path), known, "invalid", str(error).split("\n", maxsplit=1)[0], where)
    except ConfigError as error:
        return Verdict(str(path), known, "invalid", error.message, lines.get("tocsin", line))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        reason = f"is not of the form of a Sigma rule: {error}"
        return Verdict(str(path), known, "invalid", reason, line)
    return Verdict(str(path), rule.id, "ok", None, line, rule)


def _rule(document: dict[str, Any], path: Path, line: int) -> EventRule:
    from sigma.rule import SigmaRule

    own = document.pop("tocsin", None) or {}
    if not isinstance(own, dict) or set(own) - _OWN_KEYS:
        raise ConfigError(f'"tocsin" may hold {", ".join(sorted(_OWN_KEYS))}')
    if "timeframe" in (document.get("detection") or {}):
        raise UnsupportedError("a time frame inside a rule")
    rule = SigmaRule.from_dict(document)
    trees = [condition_of(one.parsed) for one in rule.detection.parsed_condition]
    kind = own.get("kind") or kind_for([str(tag) for tag in rule.tags])
    if kind not in KINDS:
        raise ConfigError(f"unknown kind {kind!r}")
    tests = own.get("tests") or {}
    source = rule.logsource
    return EventRule(
        id=str(rule.id) if rule.id else str(path),
        title=str(rule.title),
        level=LEVELS.get(rule.level.name.lower() if rule.level else "medium", "medium"),
        logsource=LogSource(source.category or "", source.product or "", source.service or ""),
        condition=trees[0] if len(trees) == 1 else ["or", trees],
        kind=kind,
        path=str(path),
        line=line,
        status=rule.status.name.lower() if rule.status else "",
        description=str(rule.description or ""),
        tags=tuple(str(tag) for tag in rule.tags),
        references=tuple(str(one) for one in rule.references),
        falsepositives=tuple(str(one) for one in rule.falsepositives),
        runbook=tuple(str(one) for one in own.get("runbook") or ()),
        entity=dict(own.get("entity") or {}),
        positive=tuple(tests.get("positive") or ()),
        negative=tuple(tests.get("negative") or ()),
    )
