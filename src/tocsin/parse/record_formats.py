"""What records of named values mean: a declared format where one fits, else usual names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.times import rfc3339
from tocsin.parse.fields import ADDRESSES, ip_of, put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tocsin.core.event import Event
    from tocsin.parse.named_values import Values
    from tocsin.parse.stamp_text import StampReader
    from tocsin.parse.template import Meaning, RecordFormat

AMBIGUOUS = "source is ambiguous"
LOGIN_PATHS = ("login", "signin", "sign_in", "sign-in", "logon", "/auth", "/session", "/token")
_WORDPRESS, _WORDPRESS_SAYS = "/wp-login.php", {200: "failure", 302: "success"}
_SERVED, _UNAUTHORIZED, _REFUSALS = 200, 401, frozenset({401, 403, 429})
_REFUSED_FROM = 400
_EPOCH_DIGITS = {10: 10**9, 13: 10**6, 16: 10**3, 19: 1}
# What unknown programs usually call things; the first name that is there counts.
USUAL: Mapping[str, tuple[str, ...]] = {
    "@timestamp": ("@timestamp", "timestamp", "time", "ts", "datetime", "date", "eventTime",
                   "event_time", "t", "TimeCreated", "Timestamp", "asctime", "time_local"),
    "source.address": ("source.ip", "src_ip", "srcip", "source_ip", "client_ip", "clientip",
                       "remote_addr", "remote_ip", "remoteAddr", "RemoteAddr", "remote_address",
                       "client.ip", "clientIp", "ClientIP", "ip_address", "ipAddress", "ip",
                       "client_addr", "peer", "remote", "sourceIPAddress"),
    "user.name": ("user.name", "user", "username", "userName", "user_name", "login", "account"),
    "host.name": ("host.name", "hostname", "host", "computer"),
    "log.level": ("level", "log.level", "severity", "lvl", "levelname"),
    "message": ("message", "msg", "MESSAGE", "log", "text"),
    "http.request.method": ("http.request.method", "method", "request_method", "verb"),
    "url.original": ("url.original", "uri", "request_uri", "url", "path"),
    "http.response.status_code": ("http.response.status_code", "status", "status_code", "code"),
    "user_agent.original": ("user_agent.original", "user_agent", "http_user_agent", "userAgent"),
}  # fmt: skip


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
    fields = known.fields if known is not None else _usual(values)
    if known is None and not _is_one_source(values):
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


def is_doubtful(path: str, values: Values) -> bool:
    """Tell whether a name, or one that it stands under, occurred more than once."""
    return bool(values.twice) and any(part in values.twice for part in (path, *path.split(".")))


def _is_one_source(values: Values) -> bool:
    """Tell whether all usual names of a source agree: one of several may be injected.

    Of pairs that nothing quotes, what stands behind a remote side's value is doubted as well.
    """
    paths = [path for path in USUAL["source.address"] if path in values.named]
    named = {ip_of(values.text(path)) for path in paths} - {None}
    if len(named) > 1:
        return False
    return not named or not any(path in values.loose for path in paths)


def _usual(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, paths in USUAL.items():
        path = next((one for one in paths if one in values.named), None)
        if path is not None:
            found[path] = name
    return found


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
    is_post = event.get("http.request.method") == "POST"
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
