"""Detector rules: YAML files that say which detector runs, how strictly, and what people do.

A wrong file is refused with its line and reason; the others are loaded. The thresholds of
all rules together overlay the defaults of `tocsin.core.parameters`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import yaml

from tocsin.core.errors import ConfigError
from tocsin.core.parameters import Parameters
from tocsin.core.vocabulary import LEVELS
from tocsin.settings.located import Located

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_KEYS = (
    "title", "id", "status", "description", "level", "detector", "kind", "tags", "references",
    "falsepositives", "runbook", "confirm", "parameters", "cold_start", "tests",
)  # fmt: skip
PARAMETERS_OF = {
    "port_scan": "scan",
    "port_scan_slow": "scan",
    "syn_flood": "flood",
    **dict.fromkeys(
        ("udp_flood", "icmp_flood", "tcp_flood", "ipv6_dos", "amplification", "tcp_reflection"),
        "surge",
    ),
    "traffic_spike": "spike",
    "traffic_level_shift": "spike",
    "ssh_guessing": "guess",
    "ssh_guessing_flows": "guess",
    **dict.fromkeys(("guessing_noise", "distributed_guessing", "password_spraying"), "guess"),
    "login_guessing": "guess",
    "kerberos_guessing": "guess",
    "account_compromise": "guess",
    **dict.fromkeys(("host_discovery", "arp_spoof"), "discovery"),
    **dict.fromkeys(("dns_tunnel", "dga", "icmp_tunnel"), "names"),
    **dict.fromkeys(("remote_control", "beacon"), "control"),
    **dict.fromkeys(("exfiltration", "unusual_data_access"), "exfiltration"),
    **dict.fromkeys(("service_probing", "firewall_scan", "host_fault", "http_error_burst"), "log"),
    **dict.fromkeys(("new_template", "template_counts"), "novelty"),
    "web_attack": "web",
    "web_scan": "web",
    "web_guessing": "web",
    "http_flood": "web",
    "slow_http": "web",
}
_SUFFIXES = {".yml", ".yaml"}
_EVENT_KEYS = re.compile(r"^(?:detection|correlation|logsource)\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DetectorRule:
    """One rule; ``tests`` are its declared positive and negative scenes."""

    id: str
    title: str
    description: str
    detector: str
    kind: str
    level: str
    tags: tuple[str, ...]
    references: tuple[str, ...]
    falsepositives: tuple[str, ...]
    runbook: tuple[str, ...]
    cold_start: str
    confirm_k: int
    confirm_n: int
    confidence: float
    parameters: dict[str, float]
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What loaded, and what did not and why."""

    rules: tuple[DetectorRule, ...]
    problems: tuple[ConfigError, ...]

    def parameters(self) -> Parameters:
        """Return the defaults with the rules' thresholds; `ConfigError` if two disagree."""
        chosen: dict[str, dict[str, float]] = {}
        for rule in self.rules:
            part = PARAMETERS_OF.get(rule.detector)
            if part is None:
                continue
            values = chosen.setdefault(part, {})
            for name, value in rule.parameters.items():
                if values.setdefault(name, value) != value:
                    message = f"{name} is {values[name]:g} in another rule, got {value:g}"
                    raise ConfigError(message, where=f"{rule.path}:{rule.line}")
        defaults = Parameters()
        parts = {
            part: replace(getattr(defaults, part), **values) for part, values in chosen.items()
        }
        return replace(defaults, **parts)


def load_rules(folders: Sequence[Path]) -> Rules:
    """Load every YAML file below the folders, in the order of their names."""
    rules: list[DetectorRule] = []
    problems: list[ConfigError] = []
    seen: dict[str, Path] = {}
    for path in _files(folders):
        if is_event_rule(path):
            continue
        try:
            rule = _load(path)
            if rule.id in seen:
                message = f"id {rule.id} is also that of {seen[rule.id]}"
                raise ConfigError(message, where=f"{path}:{rule.line}")
        except ConfigError as error:
            problems.append(error)
            continue
        seen[rule.id] = path
        rules.append(rule)
    return Rules(tuple(rules), tuple(problems))


def is_event_rule(path: Path) -> bool:
    """Tell a rule about events (Sigma) from one that names a detector, by its own keys."""
    try:
        return _EVENT_KEYS.search(path.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return False


def _files(folders: Iterable[Path]) -> list[Path]:
    return [
        path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES
    ]


def _load(path: Path) -> DetectorRule:
    document = _document(path)
    document.refuse_unknown(_KEYS)
    detector = document.text("detector")
    confirm = _mapping(document, "confirm")
    confirm.refuse_unknown(("k", "n", "confidence"))
    tests = _mapping(document, "tests")
    tests.refuse_unknown(("positive", "negative"))
    k = int(confirm.number("k", default=1, least=1, most=1000))
    return DetectorRule(
        id=document.text("id"),
        title=document.text("title"),
        description=document.text("description"),
        detector=detector,
        kind=document.text("kind"),
        level=document.choice("level", LEVELS, default="medium"),
        tags=document.texts("tags"),
        references=document.texts("references"),
        falsepositives=document.texts("falsepositives"),
        runbook=document.texts("runbook"),
        cold_start=document.text("cold_start"),
        confirm_k=k,
        confirm_n=int(confirm.number("n", default=k, least=k, most=1000)),
        confidence=confirm.number("confidence", default=0.9, least=0.0, most=1.0),
        parameters=_parameters(_mapping(document, "parameters"), detector),
        positive=tests.texts("positive"),
        negative=tests.texts("negative"),
        path=path,
        line=document.line,
    )


def _parameters(given: Located, detector: str) -> dict[str, float]:
    part = PARAMETERS_OF.get(detector)
    if part is None:
        given.refuse_unknown(())
        return {}
    defaults = getattr(Parameters(), part)
    given.refuse_unknown(field.name for field in fields(defaults))
    found: dict[str, float] = {}
    for name in given.values:
        default = getattr(defaults, name)
        value = given.number(name, default=default, least=-1e12, most=1e12)
        found[name] = int(value) if isinstance(default, int) else float(value)
    return found


def _document(path: Path) -> Located:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ConfigError(error.strerror or "can't be read", where=str(path)) from error
    except (yaml.MarkedYAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(getattr(error, "problem", None) or str(error), where=where) from error
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("is not a rule: expected keys and values", where=f"{path}:1")
    return _located(node, path)


def _located(node: yaml.MappingNode, path: Path, depth: int = 0) -> Located:
    _check_keys(node, path)
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    return Located(str(path), node.start_mark.line + 1, _plain(node, path, depth), lines)


def _plain(node: yaml.Node, path: Path, depth: int = 0) -> Any:
    where = f"{path}:{node.start_mark.line + 1}"
    if depth > _DEPTH_MAX:  # deeper than any rule, or an alias inside what it names
        raise ConfigError("is nested too deeply", where=where)
    if isinstance(node, yaml.MappingNode):
        _check_keys(node, path)
        nested = any(isinstance(value, yaml.MappingNode) for _, value in node.value)
        return {
            key.value: _located(value, path, depth + 1)
            if nested and isinstance(value, yaml.MappingNode)
            else _plain(value, path, depth + 1)
            for key, value in node.value
        }
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, path, depth + 1) for item in node.value]
    try:
        return _SCALARS.construct_object(node)  # type: ignore[no-untyped-call]
    except (yaml.MarkedYAMLError, ValueError) as error:
        message = getattr(error, "problem", None) or str(error)
        raise ConfigError(message, where=where) from error


def _check_keys(node: yaml.MappingNode, path: Path) -> None:
    """Refuse a key that is no text and a key given twice: the first would be lost silently."""
    seen: set[str] = set()
    for key, _ in node.value:
        where = f"{path}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError("a key must be text", where=where)
        if key.value in seen:
            raise ConfigError(f'"{key.value}" is given twice', where=where)
        seen.add(key.value)


_SCALARS = yaml.constructor.SafeConstructor()
_DEPTH_MAX = 8


def _mapping(document: Located, key: str) -> Located:
    value = document.values.get(key)
    if value is None:
        return Located(document.path, document.line, {}, {})
    if not isinstance(value, Located):
        raise ConfigError(f'"{key}" must hold keys and values', where=document.where(key))
    return value
