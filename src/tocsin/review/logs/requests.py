"""Truth per web request: whether it attacks, and with what.

The unit is one HTTP request, seen in two ways: whole (method, target, headers, body), and
as one line of an access log, where only what such a log shows is scored. Detected: an
attack is said of that request; its class counts for the classes that can be told apart.
False positives are calm requests of which an attack is said.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tocsin.core.errors import ConfigError
from tocsin.review.logs.report import Report, grouped, share, share_met

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.review.logs.rows import Row

# The others are often each other (code in a language, commands, files from elsewhere).
TOLD_APART = {"sql_injection", "xss", "path_traversal", "command_injection", "log4shell"}
CLASS_OF_PAYLOAD = {
    "sqli": "sql_injection",
    "xss": "xss",
    "path-traversal": "path_traversal",
    "cmdi": "command_injection",
}
# Of the rule families that look for attacks on applications; the others guard the protocol.
CLASS_OF_FAMILY = {
    "930": "path_traversal",
    "931": "remote_file_inclusion",
    "932": "command_injection",
    "933": "php_injection",
    "934": "code_injection",
    "941": "xss",
    "942": "sql_injection",
    "943": "session_fixation",
    "944": "java_injection",
}
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_START_S = 1_767_225_600  # 2026-01-01T00:00:00Z; a request a second
_PLAIN = {chr(code) for code in range(32, 127)} - {'"', "\\"}
_FIRST_ADDRESS = (198 << 24) + (18 << 16)  # 198.18.0.0/15, for benchmarks (RFC 2544)
REQUESTS_MAX = 1 << 17  # one address each


@dataclass(frozen=True, slots=True)
class RequestTruth:
    """One request and what it is; ``attack`` is its class, None of a calm one."""

    id: str
    corpus: str
    request: Mapping[str, Any]
    attack: str | None
    is_measured: bool = True
    is_in_access_log: bool = True

    def as_json(self) -> str:
        """Return the request as one line of JSON."""
        return json.dumps({"id": self.id, "request": self.request})

    def address(self, number: int) -> str:
        """Return the client of a request: one of its own."""
        value = _FIRST_ADDRESS + number
        return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))

    def as_access_line(self, number: int) -> str:
        """Return the request as an nginx would log it (combined form, answered with 200)."""
        headers = self.request.get("headers")
        pairs = headers.items() if isinstance(headers, dict) else headers or ()
        known = {str(name).lower(): str(value) for name, value in pairs}
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(_START_S + number))
        method, uri = self.request.get("method") or "GET", self.request.get("uri") or "/"
        version = self.request.get("version") or "HTTP/1.1"
        line = _escaped(f"{method} {uri} {version}")
        referrer, agent = (_escaped(known.get(name) or "-") for name in ("referer", "user-agent"))
        return f'{self.address(number)} - - [{stamp}] "{line}" 200 512 "{referrer}" "{agent}"'


def _escaped(text: str) -> str:
    if _PLAIN.issuperset(text):
        return text
    content = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return "".join(char if char in _PLAIN else f"\\x{ord(char):02X}" for char in content)


def request_truths(rows: Sequence[Row]) -> tuple[RequestTruth, ...]:
    """Return the truth of each row; raises `ConfigError` for a row that isn't of this form."""
    found = []
    for row in rows:
        request, is_attack = row.fields.get("request"), row.flag("attack")
        if not isinstance(request, dict):
            raise row.error("request", "an object", request)
        found.append(
            RequestTruth(
                id=row.text("id"), corpus=row.text_or_none("corpus") or "requests",
                request=request, attack=row.text("class") if is_attack else None,
                is_measured=row.flag("measure", default=True),
                is_in_access_log=row.flag("visible_in_access_log", default=True),
            )
        )  # fmt: skip
    return _bounded(found, rows)


def published_payloads(rows: Sequence[Row]) -> tuple[RequestTruth, ...]:
    """Return published payloads, each as the value of a parameter."""
    found = []
    for number, row in enumerate(rows):
        kind = row.one_of("type", ("norm", *CLASS_OF_PAYLOAD))
        request = {
            "method": "GET",
            "uri": f"/?p={quote(row.text('payload'), safe='')}",
            "version": "HTTP/1.1",
            "headers": {"Host": "www.example.org", "User-Agent": _AGENT},
        }
        attack = CLASS_OF_PAYLOAD.get(kind)
        found.append(RequestTruth(f"payload:{number}", "payloads", request, attack))
    return _bounded(found, rows)


def published_requests(rows: Sequence[Row]) -> tuple[RequestTruth, ...]:
    """Return published regression requests that a rule against attacks must find.

    Where the payload stands is not published: the view of an access log counts none of them.
    Requests that one rule must not find say nothing of the others, and are not measured.
    """
    found = []
    for row in rows:
        family = row.text("category").split("-")
        attack = CLASS_OF_FAMILY.get(family[1] if len(family) > 1 else "")
        request = {n: row.fields.get(n) for n in ("method", "uri", "version", "headers", "data")}
        is_measured = row.flag("attack") and attack is not None and bool(row.fields.get("method"))
        found.append(
            RequestTruth(row.text("id"), "rule regressions", request, attack,
                         is_measured=is_measured, is_in_access_log=False)
        )  # fmt: skip
    return _bounded(found, rows)


def _bounded(found: list[RequestTruth], rows: Sequence[Row]) -> tuple[RequestTruth, ...]:
    if len(found) > REQUESTS_MAX:
        message = f"more than {REQUESTS_MAX:,} requests"
        raise ConfigError(message, where=rows[REQUESTS_MAX].where)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ScoredRequest:
    """One request and the classes of attack said of it: whole, and in an access log.

    None: the request could not be read, or is not scored in that view.
    """

    truth: RequestTruth
    whole: frozenset[str] | None
    in_log: frozenset[str] | None

    def to_json(self) -> dict[str, Any]:
        """Return the line of an item."""
        views = {"whole": self.whole, "access_log": self.in_log}
        seen = {name: None if said is None else sorted(said) for name, said in views.items()}
        met = bool(self.whole) == (self.truth.attack is not None)
        if self.in_log is not None:
            met = met and bool(self.in_log) == (self.truth.attack is not None)
        return {
            "id": self.truth.id,
            "corpus": self.truth.corpus,
            "attack": self.truth.attack,
            "met": met if self.truth.is_measured else None,
            "said": seen,
            "request": self.truth.request,
        }


def score_requests(
    truths: Sequence[RequestTruth],
    whole: Mapping[int, frozenset[str]],
    in_log: Mapping[int, frozenset[str]],
) -> Report:
    """Return detection and class shares per corpus and class, and false positives.

    Both mappings hold, by a request's number, the classes of attack said of it.
    """
    scored = [
        ScoredRequest(
            truth,
            whole.get(number, frozenset()),
            in_log.get(number, frozenset()) if truth.is_in_access_log else None,
        )
        for number, truth in enumerate(truths)
    ]
    measured = [one for one in scored if one.truth.is_measured]
    summary = {
        "truth": "web requests",
        "rows": len(scored),
        "not_measured": len(scored) - len(measured),
        "per_corpus": {
            corpus: {
                "whole": _view([(one.truth, one.whole or frozenset()) for one in rows]),
                "whole_if_in_access_log": _view(
                    [(o.truth, o.whole or frozenset()) for o in rows if o.in_log is not None]
                ),
                "access_log": _view([(o.truth, o.in_log) for o in rows if o.in_log is not None]),
            }
            for corpus, rows in grouped(measured, lambda one: one.truth.corpus).items()
        },
    }
    return Report(tuple(one.to_json() for one in scored), summary)


def _view(pairs: Sequence[tuple[RequestTruth, frozenset[str]]]) -> dict[str, Any]:
    attacks = [pair for pair in pairs if pair[0].attack is not None]
    calm = [said for truth, said in pairs if truth.attack is None]
    false = share(sum(bool(said) for said in calm), len(calm))
    return {
        "detected": share_met(bool(said) for _, said in attacks),
        "false_positives": {"wrong": false["met"], "of": false["of"], "share": false["share"]},
        "per_class": {
            name: {
                "detected": share_met(bool(said) for _, said in rows),
                **(
                    {"class_right": share_met(name in said for _, said in rows)}
                    if name in TOLD_APART
                    else {}
                ),
            }
            for name, rows in grouped(attacks, lambda pair: pair[0].attack).items()
        },
    }
