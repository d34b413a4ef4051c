"""Formats that carry other programs' records: GELF, CEF, LEEF.

Their sender names what happened in fields of its own; the address stands in one of them. Sources:
Graylog's GELF 1.1, ArcSight's CEF implementation standard, IBM's LEEF event components.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Meaning, RecordFormat

_FAILED, _DONE = "failure", "success"
_LOGIN = ("*login*", "*logon*", "*log-in*", "*authenticat*", "*sign-in*", "*signin*")
_BAD = (
    "*fail*",
    "*invalid*",
    "*denied*",
    "*refused*",
    "*incorrect*",
    "*unsuccessful*",
    "*lockout*",
)
_GOOD = ("*succe*", "*accepted*", "*granted*")


def _told(what: str, outcome: tuple[str, ...]) -> tuple[Meaning, ...]:
    """Return the meanings of a record whose title is ``what``: its own words, then its outcome's."""
    found = [
        Meaning({what: word, name: _BAD}, "generic_login", _FAILED)
        for word in _LOGIN
        for name in outcome
    ]
    found += [
        Meaning({what: word, name: _GOOD}, "generic_login", _DONE)
        for word in _LOGIN
        for name in outcome
    ]
    found += [
        Meaning(
            {
                name: (
                    "blocked",
                    "block",
                    "deny",
                    "denied",
                    "drop",
                    "dropped",
                    "reject",
                    "rejected",
                    "quarantine*",
                )
            },
            "generic_blocked",
            _FAILED,
            PROBE,
        )
        for name in outcome
    ]
    return tuple(found)


RECORD_FORMATS = (
    RecordFormat("gelf", "gelf", ("version", "host", "short_message"), {
        "timestamp": "@timestamp", "host": "host.name", "level": "log.level", "short_message": "message", "full_message": "error.stack_trace", "_source_ip": "source.address", "_src_ip": "source.address",
        "_client_ip": "source.address", "_remote_addr": "source.address", "_ip": "source.address", "_user": "user.name", "_username": "user.name", "_user_name": "user.name",
        "_application_name": "service.name", "_app": "service.name", "_container_name": "container.name", "_pid": "process.pid", "facility": "service.name", "_facility": "service.name",
        "_method": "http.request.method", "_request_method": "http.request.method", "_url": "url.original", "_request_path": "url.original", "_status": "http.response.status_code",
        "_response_status": "http.response.status_code", "_user_agent": "user_agent.original",
    }),
    RecordFormat("cef", "cef", ("cef.vendor",), {
        "rt": "@timestamp", "end": "@timestamp", "start": "@timestamp", "src": "source.address", "spt": "source.port", "dst": "destination.address", "dpt": "destination.port",
        "duser": "user.name", "suser": "user.name", "dhost": "destination.domain", "dvchost": "host.name", "dvc": "observer.address", "shost": "source.domain", "proto": "network.transport",
        "app": "network.protocol", "act": "cef.act", "outcome": "cef.outcome", "msg": "message", "reason": "error.message", "request": "url.original",
        "requestMethod": "http.request.method", "requestClientApplication": "user_agent.original", "fname": "file.name", "filePath": "file.path", "sproc": "process.name", "dproc": "process.name",
        "cef.name": "rule.name", "cef.vendor": "observer.vendor", "cef.product": "observer.product", "cef.severity": "event.severity", "cef.id": "event.code", "cat": "cef.category",
    }, _told("cef.name", ("outcome", "act", "cef.name"))),
    RecordFormat("leef", "leef", ("leef.vendor",), {
        "devTime": "@timestamp", "src": "source.address", "srcPort": "source.port", "dst": "destination.address", "dstPort": "destination.port", "usrName": "user.name", "accountName": "user.name",
        "identHostName": "host.name", "identSrc": "host.ip", "proto": "network.transport", "sev": "event.severity", "cat": "leef.category", "action": "leef.action", "url": "url.original",
        "reason": "error.message", "msg": "message", "leef.vendor": "observer.vendor", "leef.product": "observer.product", "leef.id": "event.code", "policy": "rule.name",
    }, _told("leef.id", ("action", "cat", "leef.id"))),
)  # fmt: skip
