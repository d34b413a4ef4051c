"""One file to event rules, or to the reason why not: with its line where YAML tells it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml

from tocsin.core.errors import ConfigError
from tocsin.core.predicates import Correlation, EventRule, LogSource
from tocsin.settings.sigma.conditions import (
    LEAVES_MAX,
    UnsupportedError,
    condition_of,
    leaves_of,
)
from tocsin.settings.sigma.correlations import correlation_of
from tocsin.settings.sigma.shared import own_part, shared_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE_CHARACTERS_MAX, NODES_MAX = 1 << 20, 100_000
CONDITION_CHARACTERS_MAX, BRACKETS_MAX = 4000, 64
_KEYS = (
    "title", "id", "name", "related", "taxonomy", "status", "description", "license", "author",
    "references", "date", "modified", "logsource", "detection", "fields", "falsepositives", "level",
    "tags", "scope", "correlation", "tocsin", "action",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule of a file: ``ok``, ``unsupported`` or ``invalid``, and why."""

    path: str
    id: str | None
    status: str
    reason: str | None = None
    line: int = 1
    rule: EventRule | Correlation | None = None


def read_rules(path: Path, text: str) -> Iterator[Verdict]:
    """Yield a verdict per document of a rule file."""
    if len(text) > FILE_CHARACTERS_MAX:
        reason = f"is of {len(text):,} characters, more than {FILE_CHARACTERS_MAX:,}"
        yield Verdict(str(path), None, "unsupported", reason)
        return
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or str(error)
        yield Verdict(str(path), None, "invalid", reason, line)
        return
    except RecursionError:
        yield Verdict(str(path), None, "invalid", "is nested too deeply")
        return
    for node in nodes:
        if not _is_small(node):
            reason = f"holds more than {NODES_MAX:,} values once its aliases are filled in"
            yield Verdict(str(path), None, "unsupported", reason, node.start_mark.line + 1)
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


def _is_small(node: Any) -> bool:
    """Tell whether a document stays within bounds when every alias is written out."""
    waiting, total = [node], 0
    while waiting:
        one = waiting.pop()
        total += 1
        if total > NODES_MAX:
            return False
        if isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
    return True


def _lines(node: Any) -> dict[str, int]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): key.start_mark.line + 1 for key, _ in node.value}


def _verdict(document: Any, path: Path, line: int, lines: dict[str, int]) -> Verdict:
    if not isinstance(document, dict):
        return Verdict(str(path), None, "invalid", "expected keys and values", line)
    name = document.get("id")
    known = str(name) if name is not None else None
    if document.get("action"):
        reason = "asks for a collection of rules by action, which Sigma has given up"
        return Verdict(str(path), known, "unsupported", reason, line)
    near = _mistyped(document)
    if near is not None:
        reason = f'unknown key "{near[0]}"; did you mean "{near[1]}"?'
        return Verdict(str(path), known, "invalid", reason, lines.get(near[0], line))
    if "correlation" in document:
        return _judged(document, path, line, lines, read=correlation_of, key="correlation")
    if document.get("detection") is None:
        return Verdict(str(path), known, "invalid", 'misses "detection"', line)
    return _judged(document, path, line, lines, read=_rule, key="detection")


def _mistyped(document: dict[str, Any]) -> tuple[str, str] | None:
    """Return a key that is nearly one of Sigma's, and that one; Sigma allows further keys."""
    for key in document:
        if str(key) not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1, cutoff=0.8)
            if near:
                return str(key), near[0]
    return None


def _judged(
    document: dict[str, Any],
    path: Path,
    line: int,
    lines: dict[str, int],
    *,
    read: Callable[[dict[str, Any], Path, int], EventRule | Correlation],
    key: str,
) -> Verdict:
    """Read a document as what it says it is; tell what is wrong, and at which line."""
    from sigma.exceptions import SigmaError, SigmaRegularExpressionError

    where = lines.get(key, line)
    name = document.get("id")
    known = str(name) if name is not None else None
    try:
        rule = read(document, path, line)
    except UnsupportedError as error:
        return Verdict(str(path), known, "unsupported", f"asks for {error}", where)
    except SigmaRegularExpressionError as error:
        reason = f"asks for a regular expression without linear time: {error}"
        return Verdict(str(path), known, "unsupported", reason.split("\n", maxsplit=1)[0], where)
    except SigmaError as error:
        return Verdict(str(path), known, "invalid", str(error).split("\n", maxsplit=1)[0], where)
    except ConfigError as error:
        return Verdict(str(path), known, "invalid", error.message, lines.get("tocsin", line))
    except RecursionError:
        return Verdict(str(path), known, "invalid", "is nested too deeply", where)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        reason = f"is not of the form of a Sigma rule: {error}"
        return Verdict(str(path), known, "invalid", reason, line)
    return Verdict(str(path), rule.id, "ok", None, line, rule)


def _rule(document: dict[str, Any], path: Path, line: int) -> EventRule:
    from sigma.rule import SigmaRule

    own = own_part(document)
    if "timeframe" in (document.get("detection") or {}):
        raise UnsupportedError("a time frame inside a rule")
    _check_condition(document["detection"])
    rule = SigmaRule.from_dict(document)
    trees = [condition_of(one.parsed) for one in rule.detection.parsed_condition]
    source = rule.logsource
    condition = trees[0] if len(trees) == 1 else ["or", trees]
    if leaves_of(condition) > LEAVES_MAX:
        raise UnsupportedError(f"over {LEAVES_MAX:,} values")
    return EventRule(
        logsource=LogSource(source.category or "", source.product or "", source.service or ""),
        condition=condition,
        name=str(document.get("name") or ""),
        **shared_parts(rule, own, path, line),
    )


def _check_condition(detection: Any) -> None:
    """Refuse a condition that the library would take very long to read."""
    conditions = detection.get("condition") if isinstance(detection, dict) else None
    for one in conditions if isinstance(conditions, list) else [conditions]:
        text = str(one)
        if len(text) > CONDITION_CHARACTERS_MAX or text.count("(") > BRACKETS_MAX:
            raise UnsupportedError(
                f"a condition of over {CONDITION_CHARACTERS_MAX:,} characters or "
                f"{BRACKETS_MAX} brackets"
            )
