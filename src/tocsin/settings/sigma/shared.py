"""What single rules and correlations say alike: who they are, how grave, what people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.errors import ConfigError
from tocsin.core.vocabulary import KINDS
from tocsin.settings.sigma.kinds import kind_for

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = {"informational": "info", "low": "low", "medium": "medium", "high": "high",
          "critical": "critical"}  # fmt: skip
_OWN_KEYS = frozenset({"kind", "entity", "runbook", "tests"})
_PARTIES = frozenset({"attacker", "victim", "user"})


def own_part(document: dict[str, Any]) -> dict[str, Any]:
    """Take what only Tocsin knows (``tocsin:``) out of a document; raises `ConfigError`."""
    own = document.pop("tocsin", None) or {}
    if not isinstance(own, dict) or set(own) - _OWN_KEYS:
        raise ConfigError(f'"tocsin" may hold {", ".join(sorted(_OWN_KEYS))}')
    entity = own.get("entity") or {}
    if not isinstance(entity, dict) or set(entity) - _PARTIES:
        raise ConfigError(f'"entity" may hold {", ".join(sorted(_PARTIES))}')
    tests = own.get("tests") or {}
    if not isinstance(tests, dict) or set(tests) - {"positive", "negative"}:
        raise ConfigError('"tests" may hold positive, negative')
    return own


def shared_parts(rule: Any, own: dict[str, Any], path: Path, line: int) -> dict[str, Any]:
    """Return the parts of a rule that `EventRule` and `Correlation` name alike."""
    kind = own.get("kind") or kind_for([str(tag) for tag in rule.tags])
    if kind not in KINDS:
        raise ConfigError(f"unknown kind {kind!r}")
    tests = own.get("tests") or {}
    return {
        "id": str(rule.id) if rule.id else str(path),
        "title": str(rule.title),
        "level": LEVELS.get(rule.level.name.lower() if rule.level else "medium", "medium"),
        "kind": kind,
        "path": str(path),
        "line": line,
        "status": rule.status.name.lower() if rule.status else "",
        "description": str(rule.description or ""),
        "tags": tuple(str(tag) for tag in rule.tags),
        "references": tuple(str(one) for one in rule.references),
        "falsepositives": tuple(str(one) for one in rule.falsepositives),
        "runbook": tuple(str(one) for one in own.get("runbook") or ()),
        "entity": {str(name): str(value) for name, value in (own.get("entity") or {}).items()},
        "positive": tuple(tests.get("positive") or ()),
        "negative": tuple(tests.get("negative") or ()),
    }
