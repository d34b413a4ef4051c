"""What programs that nobody described usually call things in JSON, CSV, logfmt and the like.

The first name that is there counts; names are compared without regard to case and signs, so
``Client IP`` of a table is ``client_ip``. Names for what headers of a client claim are not here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tocsin.parse.fields import ip_of
from tocsin.parse.pattern import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.parse.named_values import Values

USUAL: Mapping[str, tuple[str, ...]] = {
    "@timestamp": ("@timestamp", "timestamp", "time", "ts", "datetime", "date", "eventTime",
                   "event_time", "t", "TimeCreated", "asctime", "time_local", "TimeGenerated",
                   "time_iso8601", "date_time", "created_at", "logged_at", "start_time",
                   "StartTime", "timeMillis", "instant.epochSecond", "isotimestamp", "_time"),
    "source.address": ("source.ip", "source.address", "src_ip", "srcip", "source_ip", "client_ip",
                       "clientip", "remote_addr", "remote_ip", "remoteAddr", "remote_address",
                       "client.ip", "client.address", "clientIp", "ip_address", "ipaddr", "ip",
                       "client_addr", "client_address", "peer", "peer_ip", "peer_addr", "remote",
                       "sourceIPAddress", "source_address", "srcaddr", "src_addr", "src", "c-ip",
                       "remote_host", "rhost", "user_ip", "login_ip", "network.client.ip",
                       "http.client_ip", "request.remote_ip", "request.remote_addr", "request.ip",
                       "req.remoteAddress", "req.ip", "httpRequest.remoteIp", "usr.ip",
                       "client_host", "visitor_ip", "from_ip", "client.ipAddress", "attr.remote",
                       "addr"),
    "source.port": ("source.port", "src_port", "srcport", "source_port", "client_port",
                    "client.port", "remote_port", "sport", "spt", "req.remotePort"),
    "destination.address": ("destination.ip", "destination.address", "dst_ip", "dest_ip", "dstip",
                            "destination_ip", "dstaddr", "dst", "server_ip", "s-ip"),
    "destination.port": ("destination.port", "dst_port", "dest_port", "dstport", "dport", "dpt",
                         "destination_port", "server_port", "s-port"),
    "user.name": ("user.name", "user", "username", "user_name", "login", "account", "usr.name",
                  "user.username", "user.login", "user_login", "account_name", "accountname",
                  "cs-username", "principal", "user_email", "user.email", "email", "usr.email",
                  "uname", "target_user", "identifier", "suser", "duser", "actor.alternateId",
                  "userPrincipalName", "userIdentity.userName"),
    "user.id": ("user.id", "user_id", "userid", "uid", "usr.id"),
    "host.name": ("host.name", "hostname", "host", "computer", "server", "node", "machine",
                  "kubernetes.host"),
    "process.name": ("process.name", "process", "program", "procname", "comm", "appname"),
    "process.pid": ("process.pid", "pid", "process_id", "procid"),
    "service.name": ("service.name", "service", "app", "application", "app_name", "component"),
    "log.level": ("level", "log.level", "severity", "lvl", "levelname", "loglevel", "log_level",
                  "severity_text", "severityText", "priority"),
    "message": ("message", "msg", "MESSAGE", "log", "text", "body", "description", "textPayload"),
    "error.message": ("error.message", "error", "err", "err.message", "exception", "reason"),
    "error.stack_trace": ("error.stack_trace", "stack_trace", "stacktrace", "exc_info", "stack",
                          "err.stack", "exception.stacktrace"),
    "http.request.method": ("http.request.method", "method", "request_method", "verb",
                            "http_method", "cs-method", "req.method", "request.method",
                            "httpRequest.requestMethod", "http.method"),
    "url.original": ("url.original", "uri", "request_uri", "url", "path", "cs-uri-stem",
                     "req.url", "request.uri", "request.url", "httpRequest.requestUrl",
                     "request_url", "request_path", "http.url", "http.target", "http_path"),
    "http.response.status_code": ("http.response.status_code", "status", "status_code", "code",
                                  "sc-status", "http_status", "response_code", "response_status",
                                  "res.statusCode", "response.status", "httpRequest.status",
                                  "http.status_code", "http_code"),
    "user_agent.original": ("user_agent.original", "user_agent", "http_user_agent", "userAgent",
                            "cs(User-Agent)", "useragent", "agent", "httpRequest.userAgent",
                            "req.headers.user-agent", "request.headers.User-Agent.0"),
    "trace.id": ("trace.id", "trace_id", "traceId", "request_id", "requestId", "correlation_id"),
}  # fmt: skip

_PLAIN_SOURCES = frozenset(  # no one of them is more certain than another
    f"{who}{what}"
    for who in ("src", "source", "source.", "client", "client.", "remote", "remote.")
    for what in ("ip", "addr", "address")
)


def usual_names(values: Values) -> dict[str, str]:
    """Return the fields of a record by what they usually mean: path to event field."""
    found: dict[str, str] = {}
    plain: dict[str, str] = {}
    for path in values.named:
        plain.setdefault(_plain(path), path)
    for name, paths in USUAL.items():
        for path in paths:
            known = path if path in values.named else plain.get(_plain(path))
            if known is not None and known not in found and values.text(known):
                found[known] = name
                break
    return found


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """Return a name in lower case without signs; dots stay, they tell what is inside what."""
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def is_one_source(values: Values) -> bool:
    """Tell whether the usual names of a source agree: one of several may be injected.

    In pairs all of them count, elsewhere those that say as much as each other (`_PLAIN_SOURCES`).
    Of pairs that nothing quotes, what stands behind a remote side's value is doubted as well.
    """
    if values.is_paired:
        paths = [path for path in USUAL["source.address"] if path in values.named]
    else:
        paths = [path for path in values.named if _plain(path) in _PLAIN_SOURCES]
    named = {ip_of(endpoint_of(values.text(path))[0]) for path in paths} - {None}
    if len(named) > 1:
        return False
    return not values.is_paired or not named or not any(path in values.loose for path in paths)
