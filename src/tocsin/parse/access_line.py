r"""Access lines of web servers: Common and Combined Log Format, with what people add to them.

The client's address stands first, or after a virtual host. All else but status and size is the
client's word: user, request, referrer, agent. nginx writes ``"`` in them as ``\x22``, Apache as
``\"``: the request ends at the first mark that no backslash escapes. Where a server escapes
nothing, what follows a stray mark is not taken for status or agent.
Source: Apache mod_log_config, nginx ngx_http_log_module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.core.times import rfc3339
from tocsin.parse.fields import ip_of, put
from tocsin.parse.record_formats import AMBIGUOUS, judge_status

if TYPE_CHECKING:
    from tocsin.core.event import Event
    from tocsin.parse.stamp_text import StampReader

_LINE = re.compile(
    r"(?P<first>[^\s\"\[]{1,255})(?: (?P<second>[^\s\"\[]{1,255}))?"
    r"(?: (?P<third>[^\s\"\[]{1,255}))?(?: (?P<user>[^\[]{0,255}?))?"
    r" \[(?P<stamp>[0-9]{1,2}/[A-Za-z]{3}[a-z.]{0,7}/[0-9]{4}:[0-9:]{8}(?:\.[0-9]+)?"
    r"(?: [+-][0-9]{4}| )?)\](?: (?P<host>[\w.:-]{1,255}))?",
    re.ASCII,
)
_REQUEST = re.compile(
    r' "((?:[^"\\]|\\.)*+)"(?: (?P<status>[0-9]{3})| -)(?: (?P<bytes>[0-9]{1,18}|-))?'
)
_QUOTED = re.compile(r' "((?:[^"\\]|\\.)*+)"')
_WORDS = re.compile(
    r"(?P<method>[A-Za-z_-]{1,32}) (?P<target>\S.*?)(?: HTTP/(?P<version>[0-9.]{1,8}))?"
)
_ESCAPE = re.compile(r'\\x([0-9A-Fa-f]{2})|\\(["\\])')
_FORWARDED = re.compile(r"[0-9A-Fa-f.:]{2,45}(?:, [0-9A-Fa-f.:]{2,45})*")
_PORT = re.compile(r"[^:]+:[0-9]{1,5}")


def read_access_line(event: Event, text: str, stamps: StampReader) -> bool:
    """Say in ``event`` what an access line says; return whether it is one."""
    found = _LINE.match(text)
    if found is None:
        return False
    request = _REQUEST.match(text, found.end())
    if request is None:
        return False
    event["event.dataset"] = "http.access"
    ns = stamps.whole(found["stamp"].strip())
    if ns is not None:
        event["@timestamp"] = rfc3339(ns)
    _put_client(event, found)
    if found["host"]:
        put(event, "url.domain", found["host"])
    _put_request(event, request[1])
    if request["status"]:
        event["http.response.status_code"] = int(request["status"])
    if request["bytes"] and request["bytes"] != "-":
        event["http.response.body.bytes"] = int(request["bytes"])
    _put_rest(event, text, request.end())
    event.setdefault("url.original", "")
    judge_status(event)
    return True


def _put_client(event: Event, found: re.Match[str]) -> None:
    """Say who the client is: the first word, or the second behind a virtual host."""
    first, second, third, user = found["first"], found["second"], found["third"], found["user"]
    is_second = bool(second) and ip_of(second) is not None and third is not None
    if is_second and (ip_of(first) is None or _PORT.fullmatch(first)):
        put(event, "url.domain", first)
        put(event, "source.address", second)
        user = user if user is None else user.partition(" ")[2] or user
    elif is_second:
        event["tocsin.weird"] = AMBIGUOUS
        return
    else:
        put(event, "source.address", first)
        if third is not None:
            user = f"{third} {user}" if user else third
    if user and user.strip() not in {"-", ""}:
        put(event, "user.name", user.strip().removeprefix("- "))


def _put_request(event: Event, request: str) -> None:
    words = _WORDS.fullmatch(plain(request))
    if words is None:
        event["http.request.raw"] = plain(request)
        return
    event["http.request.method"] = words["method"]
    target = words["target"]
    event["url.original"] = target
    path, sign, query = target.partition("?")
    event["url.path"] = path
    if sign:
        event["url.query"] = query
    put(event, "http.version", words["version"] or "")


def _put_rest(event: Event, text: str, at: int) -> None:
    """Take referrer and agent, the first two quoted texts; a list of addresses is a claim."""
    names = ("http.request.referrer", "user_agent.original", "tocsin.claimed.forwarded")
    for name in names:
        found = _QUOTED.match(text, at)
        if found is None:
            return
        value = plain(found[1])
        if value not in {"-", ""} and (name != names[2] or _FORWARDED.fullmatch(value)):
            event[name] = value
        at = found.end()


def plain(text: str) -> str:
    r"""Return text without the server's escapes: ``\x22`` and ``\"``.

    >>> plain(r"a\x22b\"c")
    'a"b"c'
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], text)
