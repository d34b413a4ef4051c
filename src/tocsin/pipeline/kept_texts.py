"""The texts that lanes look for, read from a cache: they depend on rules and code alone.

The key is a hash over the files of the event rules and the sources of all that has a say in
what is looked for; see `tocsin.settings.kept` for the files.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import tocsin
from tocsin import __version__
from tocsin.kernels.access_scan import AccessTexts
from tocsin.kernels.literals import Literals
from tocsin.parse.known import known_templates
from tocsin.pipeline.access_rules import access_texts
from tocsin.pipeline.rule_lines import RuleTexts, rule_texts
from tocsin.settings.kept import cache_folder, keep_arrays, kept_arrays

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tocsin.detect.sigma.ruleset import RuleSet

    Arrays = dict[str, NDArray[Any]]

_SOURCES = ("core", "detect", "kernels", "parse", "pipeline")


def kept_access_texts(
    rules: RuleSet, *, digest: str, cache: Path | None = None, version: str = __version__
) -> AccessTexts:
    """Return `access_texts`, from the cache where ``digest`` of the rules' files is given."""

    def make() -> Arrays:
        texts = access_texts(rules)
        return {"rules": texts.rules, "always": texts.always, **_arrays(texts.literals)}

    found = _kept("access", make, digest, cache, version)
    return AccessTexts(_literals(found), rules=found["rules"], always=found["always"])


def kept_rule_texts(
    rules: RuleSet, *, digest: str, cache: Path | None = None, version: str = __version__
) -> RuleTexts:
    """Return `rule_texts` of all known templates, likewise."""

    def make() -> Arrays:
        texts = rule_texts(rules, known_templates())
        names = ("of_template", "of_family", "windows")
        own = {name: getattr(texts, name) for name in names}
        return {**own, **_arrays(texts.literals)}

    found = _kept("records", make, digest, cache, version)
    of_template, of_family = found["of_template"], found["of_family"]
    return RuleTexts(_literals(found), of_template, of_family, found["windows"])


def _arrays(literals: Literals) -> Arrays:
    return {name: np.asarray(value) for name, value in literals._asdict().items()}


def _literals(found: Arrays) -> Literals:
    stride, marked = np.uint64(found["stride"]), np.uint64(found["marked"])
    return Literals(found["step"], found["column"], stride, marked)


def _kept(
    name: str, make: Callable[[], Arrays], digest: str, cache: Path | None, version: str
) -> Arrays:
    if not digest:
        return make()
    folder = cache or cache_folder()
    key = hashlib.sha256(f"{version} {_sources_digest()} {digest}".encode()).hexdigest()
    found = kept_arrays(name, key, folder=folder)
    if found is None:
        found = make()
        keep_arrays(name, key, found, folder=folder)
    return found


@lru_cache(maxsize=1)
def _sources_digest() -> str:
    """Return a hash over the code that decides what is looked for."""
    digest = hashlib.sha256()
    for part in _SOURCES:
        for path in sorted((Path(tocsin.__file__).parent / part).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
