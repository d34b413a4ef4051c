r"""Access lines of the usual form, read at once: what `tocsin.parse.access_line` says of them.

An address, two dashes, a stamp, a request of three words, status and size, referrer and agent;
no escapes, and nothing behind. Any other line is left to the reader of all forms.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.parse.fields import ip_of
from tocsin.parse.record_formats import judge_status

if TYPE_CHECKING:
    from tocsin.core.event import Event

_PLAIN = re.compile(
    r"([0-9a-f.:]{2,45}) - - \[[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\]"
    r' "([A-Z]{1,32}) ([!#-\[\]-~]{1,8192}) HTTP/([0-9.]{1,8})" ([0-9]{3}) ([0-9]{1,18}|-)'
    r' "([^"\\]*)" "([^"\\]*)"',
    re.ASCII,
)


def plain_access_event(text: str, stamp: str | None) -> Event | None:
    """Return the event of an access line of the usual form, None for any other line.

    ``stamp`` is its time, as a kernel read it.
    """
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    client, method, target, version, status, size, referrer, agent = found.groups()
    ip = ip_of(client)
    if ip is None:
        return None
    path, sign, query = target.partition("?")
    event: Event = {
        "@timestamp": stamp,
        "event.dataset": "http.access",
        "source.ip": ip,
        "http.request.method": method,
        "url.original": target,
        "url.path": path,
    }
    if sign:
        event["url.query"] = query
    event["http.version"] = version
    event["http.response.status_code"] = int(status)
    if size != "-":
        event["http.response.body.bytes"] = int(size)
    if referrer not in {"-", ""}:
        event["http.request.referrer"] = referrer
    if agent not in {"-", ""}:
        event["user_agent.original"] = agent
    judge_status(event)
    return event
