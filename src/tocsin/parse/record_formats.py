"""What records of named values mean: a declared format where one fits, else usual names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.times import rfc3339
from tocsin.parse.event_json import event_of
from tocsin.parse.fields import ADDRESSES, put
from tocsin.parse.journal import journal_program
from tocsin.parse.plain_words import judge_words
from tocsin.parse.usual_names import USUAL, is_one_source, usual_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.event import Event
    from tocsin.parse.named_values import Values
    from tocsin.parse.stamp_text import StampReader
    from tocsin.parse.template import Meaning, RecordFormat

AMBIGUOUS = "source is ambiguous"
LOGIN_PATHS = ("login", "signin", "sign_in", "sign-in", "logon", "/auth", "/session", "/token")
_WORDPRESS, _WORDPRESS_SAYS = "/wp-login.php", {200: "failure", 302: "success"}
_SERVED, _UNAUTHORIZED, _REFUSALS = 200, 401, frozenset({401, 403, 429})
_REFUSED_FROM = 400
_OURS = ("source.", "event.", "user.name", "log.", "rule.", "threat.", "tocsin.", "@timestamp")
_EPOCH_DIGITS = {10: 10**9, 13: 10**6, 16: 10**3, 19: 1}


def format_of(values: Values, formats: Iterable[RecordFormat]) -> RecordFormat | None:
    """Return the first format all of whose telling values are there."""
    return next((one for one in formats if all(_has(values, path) for path in one.has)), None)


def _has(values: Values, path: str) -> bool:
    name, sign, wanted = path.partition("=")
    return name in values.named and (not sign or holds(values.text(name), wanted))


def holds(text: str, wanted: str | tuple[str, ...]) -> bool:
    """Tell whether a text is what a meaning asks for; ``*`` at an end is anything.

    >>> holds("LOGIN_ERROR", "login_*"), holds("x", ("y", "X")), holds("", "*")
    (True, True, False)
    """
    if isinstance(wanted, tuple):
        return any(holds(text, one) for one in wanted)
    text, wanted = text.lower(), wanted.lower()
    if wanted == "*":
        return bool(text)
    begins, ends = wanted.endswith("*"), wanted.startswith("*")
    core = wanted[ends : len(wanted) - begins]
    if begins and ends:
        return core in text
    if begins:
        return text.startswith(core)
    return text.endswith(core) if ends else text == core


def fill(event: Event, values: Values, known: RecordFormat | None, stamps: StampReader) -> None:
    """Say in ``event`` what a record's values mean, its message apart."""
    if known is not None and known.keeps_names:
        event.update(own_names(values.document))
    fields = known.fields if known is not None else usual_names(values)
    if known is None and not is_one_source(values):
        fields = {path: name for path, name in fields.items() if name != "source.address"}
        event["tocsin.weird"] = AMBIGUOUS
    for path, name in fields.items():
        if path not in values.named:
            continue
        if is_doubtful(path, values):
            if name in ADDRESSES:
                event["tocsin.weird"] = AMBIGUOUS
            continue
        if name == "@timestamp":
            ns = time_of(values.named[path], stamps)
            if ns is not None:
                event[name] = rfc3339(ns)
        else:
            put(event, name, values.text(path))
    event["event.dataset"] = known.dataset if known is not None else "generic"
    if known is not None:
        mean(event, values, known.meanings)
    judge_status(event)
    if "event.outcome" not in event:
        judge_words(event, values)
        name = next((one for one in USUAL["user.name"] if values.text(one)), "")
        if "event.outcome" in event and "user.name" not in event and name not in values.twice:
            put(event, "user.name", values.text(name))


def is_doubtful(path: str, values: Values) -> bool:
    """Tell whether a name, or one that it stands under, occurred more than once."""
    return bool(values.twice) and any(part in values.twice for part in (path, *path.split(".")))


def own_names(document: Any) -> Event:
    """Return a record under its writer's names, but for those that are ours to give."""
    told = event_of(document) if isinstance(document, dict) else {}
    return {name: value for name, value in told.items() if not name.startswith(_OURS)}


def program_of(known: RecordFormat, values: Values) -> str:
    """Return which program wrote the message of a record, empty when that can't be told."""
    if known.program == "journal()":
        return journal_program(values)
    if known.program.startswith("="):
        return known.program.removeprefix("=")
    return values.text(known.program) if known.program else ""


def mean(event: Event, values: Values, meanings: Iterable[Meaning]) -> None:
    """Say which of the meanings holds."""
    for meaning in meanings:
        if all(
            (not values.text(path)) if wanted == "" else holds(values.text(path), wanted)
            for path, wanted in meaning.when.items()
        ):
            event["event.action"] = meaning.action
            event["event.outcome"] = meaning.outcome
            event["event.category"] = meaning.category
            return


def judge_status(event: Event) -> None:
    """Let an HTTP status say how a request ended, where nothing else does."""
    status = event.get("http.response.status_code")
    if not isinstance(status, int) or event.get("event.outcome", "unknown") != "unknown":
        return
    if "url.original" not in event and "url.path" not in event:
        return
    event.setdefault("event.category", "web")
    event.setdefault("event.action", "http_request")
    event["event.outcome"] = "failure" if status >= _REFUSED_FROM else "success"
    _judge_web_login(event, status)


def _judge_web_login(event: Event, status: int) -> None:
    """Tell a log-in by what was asked and how it was answered, as `web_clients` does.

    WordPress answers a wrong password with its form (200) and a right one with 302; so does
    any form that posts to its own page.
    """
    path = event.get("url.path") or str(event.get("url.original", "")).partition("?")[0]
    is_post = str(event.get("http.request.method", "")).upper() == "POST"
    is_login = is_post and any(word in path.lower() for word in LOGIN_PATHS)
    is_own_page = len(path) > 1 and str(event.get("http.request.referrer", "")).endswith(path)
    if is_post and path.lower().endswith(_WORDPRESS) and status in _WORDPRESS_SAYS:
        event["event.action"], event["event.outcome"] = "http_login", _WORDPRESS_SAYS[status]
    elif is_login and status == _SERVED and is_own_page:
        event["event.action"], event["event.outcome"] = "http_login", "failure"
    elif (status == _UNAUTHORIZED and event.get("user.name")) or (is_login and status in _REFUSALS):
        event["event.action"] = "http_login"


def time_of(value: Any, stamps: StampReader) -> int | None:
    """Return a time in ns since the epoch: a number (its size tells the unit) or a text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        digits = len(str(int(abs(value))))
        unit = _EPOCH_DIGITS.get(digits)
        return (
            None
            if unit is None
            else int(value * unit)
            if isinstance(value, float)
            else value * unit
        )
    return stamps.whole(str(value))


def disown(event: Event) -> None:
    """Take back whom an event names: it may be a lie."""
    event.pop("source.ip", None)
    event.pop("source.port", None)
    event["tocsin.weird"] = AMBIGUOUS
