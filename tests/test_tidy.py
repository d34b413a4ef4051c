"""House rules that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINES_MAX, FUNCTION_LINES_MAX = 400, 60
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DETECTORS = sorted(
    path
    for path in (ROOT / "src/tocsin/detect").glob("*.py")
    if path.stem
    not in {
        "__init__",
        "accounts",
        "alarm_budget",
        "base",
        "command_signs",
        "control_signs",
        "domains",
        "episodes",
        "exfiltration_requests",
        "exfiltration_signs",
        "registry",
        "log_amounts",
        "login_history",
        "pauses",
        "presence",
        "relations",
        "signs",
        "surges",
        "trips",
        "vector_history",
        "volumes",
    }
)
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "handler", "misc", "common"}
UNIT_FIRST = re.compile(r"^(ns|ms|seconds|secs|max|min)_(?!per_)[a-z]")
# The packet kernel's loop keeps a dozen tables in registers: cut up, it loses half its pace.
LONG_LOOPS = {"observe"}
BROAD = {"Exception", "BaseException"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
        and not (path.parent.name == "kernels" and node.name in LONG_LOOPS)
    ]

    assert path.read_text(encoding="utf-8").count("\n") <= LINES_MAX
    assert long == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_swallows_every_exception(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in BROAD)
    ]

    assert broad == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    prints = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]

    assert prints == [] or "cli" in path.parts


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_is_named_after_what_it_holds(path: Path) -> None:
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_units_stand_last_in_names(path: Path) -> None:
    names = [node.arg for node in ast.walk(parsed(path)) if isinstance(node, ast.arg)]

    assert [name for name in names if UNIT_FIRST.match(name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_public_name_is_documented(path: Path) -> None:
    tree = parsed(path)
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]

    assert ast.get_docstring(tree) is not None
    assert bare == [] or "migrations" in path.parts


@pytest.mark.parametrize("path", DETECTORS, ids=name_of)
def test_a_detector_has_its_rule_and_its_test(path: Path) -> None:
    assert (ROOT / f"rules/detectors/{path.stem}.yml").is_file()
    assert (ROOT / f"tests/detect/test_{path.stem}.py").is_file()
