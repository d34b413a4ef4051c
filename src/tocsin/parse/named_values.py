"""Records of named values, flat: JSON objects, ``key=value`` pairs, CEF and LEEF.

A name that stands twice is ambiguous: what two programs might read differently names
nobody (`Values.twice`). Bounded: `VALUES_MAX` values, `DEPTH_MAX` levels.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

VALUES_MAX, DEPTH_MAX = 1024, 32
_PAIR = re.compile(
    r"""(?<![^\s,;|(\['"])([A-Za-z_@][\w.@/-]{0,63})=(?:"((?:[^"\\]|\\.)*+)"|'([^']*+)'|([^\s,;"']*+))""",
    re.ASCII,
)
_CEF = re.compile(r"CEF: ?[0-9]\|((?:[^|\\]|\\.)*+\|){5}(?:[^|\\]|\\.)*+\|")
_CEF_BAR = re.compile(r"(?<!\\)\|")
_CEF_KEY = re.compile(r"(?:^|(?<= ))([A-Za-z][\w.\[\]]{0,63})(?<!\\)=", re.ASCII)
_LEEF = re.compile(r"LEEF: ?([12]\.0)\|([^|]{0,255})\|([^|]{0,255})\|([^|]{0,63})\|([^|]{0,255})\|")
_LEEF_SEPARATOR = re.compile(r"(0?x[0-9A-Fa-f]{1,4}|[^\w|=]|)\|", re.ASCII)
_LEEF_KEY = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
_LEEF_HEAD = ("version", "vendor", "product", "product_version", "id")
_ADDED = re.compile(r"_?[A-Z][A-Z0-9_]*")  # a field of the journal
_CEF_HEAD = ("version", "vendor", "product", "product_version", "id", "name", "severity")


# Values that a remote side chooses: where nothing is quoted, the rest of the line may be its too.
_CHOSEN = frozenset((
    "user", "username", "user_name", "user.name", "login", "account", "acct", "name", "email",
    "uri", "url", "path", "request", "query", "referer", "referrer", "agent", "user_agent", "ua",
    "file", "filename", "msg", "message", "error", "reason", "helo", "host", "hostname", "domain",
    "from", "to", "subject", "command", "cmd", "args", "title", "banner", "version",
))  # fmt: skip
_NOTHING = ("?", "(null)", "(none)", "unset", "--")  # how programs write that there is none


@dataclass(slots=True)
class Values:
    """Named values of one record; nested names are joined by dots, places of lists too.

    ``twice`` holds names that stood more than once; ``document`` is what JSON held. ``is_paired``:
    they came as pairs, where a value may hold what looks like others; ``loose`` are the names
    that one may have brought along.
    """

    named: dict[str, Any] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    is_paired: bool = False
    document: Any = None

    def text(self, name: str) -> str:
        """Return a value as text, empty when there is none; truth values in lower case."""
        value = self.named.get(name)
        if value is None or value in _NOTHING:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)

    def add(self, name: str, value: Any) -> None:
        """Take one value in; a second of the same name makes both doubtful."""
        if name in self.named:
            self.twice.add(name)
        elif len(self.named) < VALUES_MAX:
            self.named[name] = value


def json_values(text: str) -> Values | None:
    """Return the values of a JSON object, None when the text is none."""
    twice: set[str] = set()

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice.update(name for name in found if names.count(name) > 1)
        return found

    try:
        document = json.loads(text, object_pairs_hook=hook)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    values = Values(twice=twice, document=document)
    _flatten(document, "", values, DEPTH_MAX)
    return values


def _flatten(value: Any, name: str, values: Values, depth: int) -> None:
    inside = name + "." if name else ""
    if isinstance(value, dict) and depth:
        for key, one in value.items():
            _flatten(one, inside + str(key), values, depth - 1)
    elif isinstance(value, list) and _ADDED.fullmatch(name) and _are_bytes(value):
        values.add(name, bytes(value).decode("utf-8", errors="backslashreplace"))
    elif isinstance(value, list) and depth:
        for place, one in enumerate(value[:64]):
            _flatten(one, f"{inside}{place}", values, depth - 1)
    elif value is not None:
        values.add(name, value)


def _are_bytes(value: list[Any]) -> bool:
    """Tell whether a list is how the journal writes a text that is not printable."""
    return bool(value) and all(type(one) is int and 0 <= one <= 255 for one in value)  # noqa: PLR2004


def values_in(text: str) -> Values | None:
    """Return the values of a record that tells its form by itself: JSON, CEF, LEEF."""
    if text.startswith("{") and text.endswith("}"):
        return json_values(text)
    if text.startswith("CEF:"):
        return cef_values(text)
    return leef_values(text) if text.startswith("LEEF:") else None


def pair_values(text: str) -> Values:
    """Return ``key=value`` pairs; values in quotation marks may hold anything."""
    values = Values(is_paired=True)
    pairs = list(_PAIR.finditer(text))
    is_loose, quotes = not _are_all(text, pairs), False
    for found in pairs:
        name, quoted, single, bare = found.groups()
        quotes |= bare is None
        if is_loose:
            values.loose.add(name)
        elif bare is not None and not quotes and name.lower() in _CHOSEN:
            is_loose = True
        value = quoted if quoted is not None else single if single is not None else bare
        if single is not None and "=" in single:  # msg='op=login res=failed'
            for inner in _PAIR.finditer(single):
                values.add(inner[1], inner[2] or inner[3] or inner[4] or "")
        values.add(name, value or "")
    return values


def _are_all(text: str, pairs: list[re.Match[str]]) -> bool:
    """Tell whether a text holds nothing but pairs and what separates them."""
    ends = [0, *(found.end() for found in pairs)]
    starts = [*(found.start() for found in pairs), len(text)]
    between = zip(ends, starts, strict=True)
    return not any(text[end:start].strip(" \t,;|()[]") for end, start in between)


def cef_values(text: str) -> Values | None:
    """Return what an event in ArcSight's Common Event Format says, None when it is none.

    The seven fields of its head are called ``cef.vendor``, ``cef.product``, ``cef.id`` and so on.
    """
    head = _CEF.match(text)
    if head is None:
        return None
    values = Values()
    parts = _CEF_BAR.split(head.group()[len("CEF:") : -1])
    for name, value in zip(_CEF_HEAD, parts, strict=False):
        values.add(f"cef.{name}", _plain(value.strip()))
    rest = text[head.end() :]
    keys = list(_CEF_KEY.finditer(rest))
    ends = [*(found.start() for found in keys[1:]), len(rest)]
    for found, end in zip(keys, ends, strict=False):
        values.add(found[1], _plain(rest[found.end() : end].strip()))
    return values


def leef_values(text: str) -> Values | None:
    """Return what an event in IBM's Log Event Extended Format says, None when it is none.

    Its head's fields are called ``leef.vendor``, ``leef.product``, ``leef.id`` and so on; version
    2.0 names the separator of its values (a sign, or its number in hexadecimal), 1.0 has tabs.
    """
    head = _LEEF.match(text)
    if head is None:
        return None
    rest, separator = text[head.end() :], "\t"
    if head[1] == "2.0" and (named := _LEEF_SEPARATOR.match(rest)) is not None:
        sign, rest = named[1], rest[named.end() :]
        number = sign.lower().removeprefix("0").removeprefix("x")
        separator = chr(int(number, 16)) if len(sign) > 1 and number else sign or "\t"
    values = Values()
    for name, value in zip(_LEEF_HEAD, head.groups(), strict=True):
        values.add(f"leef.{name}", value)
    for pair in rest.split(separator if separator in rest else "\t"):
        name, sign, value = pair.partition("=")
        if sign and _LEEF_KEY.fullmatch(name.strip()):
            values.add(name.strip(), value)
    return values


def _plain(text: str) -> str:
    return re.sub(r"\\([\\|=nr])", lambda f: {"n": "\n", "r": "\r"}.get(f[1], f[1]), text)
