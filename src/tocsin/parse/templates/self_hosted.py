"""Applications that people run for themselves: what each writes of a refused log-in.

The address stands at the end or behind a name that the program gives it; the user's name, which the
client chose, stands before. Sources: each program's source or documentation of its log.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Layout, Meaning, RecordFormat, Template

_FAILED = "failure"


def _refused(name: str, *lines: str) -> tuple[Template, ...]:
    return tuple(Template(line, f"{name}_login", _FAILED) for line in lines)


def _layout(name: str, heads: tuple[str, ...], *lines: str, dataset: str = "") -> Layout:
    dataset = dataset or name
    return Layout(name, dataset, heads, templates=_refused(dataset, *lines))


_AT = "{@timestamp:stamp}"
LAYOUTS = (
    _layout("adguard", (_AT + " <|{:int}#{:int} >\\[info\\] <auth|Auth>: {message}",),
            'failed to login user from ip "{source.address}": {:text}',
            "failed to find user by {:trusted}; ip {source.address}, user {user.name}",
            'failed to find user: "{user.name:text}" from ip {source.address}',
            "failed to <login|log in> user with IP {source.address}"),
    _layout("baikal", ("\\[" + _AT + "\\] {message}", "PHP message: {message}"),
            "\\[client {source.address}\\] user {user.name:text} authentication failure for {:text}",
            "Baikal: user {user.name:text} authentication failure for {:text} from {source.address}"),
    _layout("firefly", ("\\[" + _AT + "\\] {:word}.<INFO|WARNING|ERROR|NOTICE>: {message}",),
            'Login failed. Attempt for user "{user.name:text}" failed from IP {source.address}',
            "Login failed for user {user.name:text} from {source.address}",
            "Login failed. Attempt for user {user.name:text} from IP {source.address} failed.",
            'User "{user.name:text}" failed MFA from IP {source.address}'),
    _layout("joplin_server", (_AT + ": <|\\[error\\] |>App: {message}",),
            "403: POST /api/sessions: {source.address}: {:text}",
            "POST /login (403) ({:word}) ip: {source.address}", dataset="joplin"),
    _layout("meshcentral", (_AT + "<| GMT+0000| (Coordinated Universal Time)> {message}",),
            "Failed login attempt from {source.address}",
            "Failed password for {user.name:text} from {source.address} port {source.port} agent {:text}"),
    _layout("opensearch", ("\\[" + _AT + "\\]\\[WARN \\]\\[{:trusted}\\] \\[{:word}\\] {message}",),
            "Authentication finally failed for {user.name:text} from {source.address:endpoint}"),
    _layout("pihole", ("\\[" + _AT + " {:trusted}\\] WARNING: API: {message}",),
            "Unauthorized login attempt from {source.address}"),
    _layout("pterodactyl", ("<| >WARN: \\[" + _AT + "\\] {message}",),
            "failed to validate user credentials ({:trusted}) ip={source.address:endpoint} {:text}"),
    _layout("syncthing", ("\\[{:word}\\] " + _AT + " WARNING: {message}",),
            'Wrong credentials supplied during API authorization by "{user.name:text}" from {source.address:endpoint}',
            "Wrong credentials supplied during API authorization from {source.address:endpoint}"),
    _layout("teamspeak_query", (_AT + "|{:word} <|{:trusted}>|Query {:trusted}|{:trusted}|{message}",
                          _AT + "|WARNING |{:trusted}|{:trusted}|{message}"),
            'query from {:int} {source.address:endpoint} issued: login with account "{user.name:text}"{:text}failed',
            'query from {:int} {source.address:endpoint} attempted to login with account "{user.name:text}" and failed!', dataset="teamspeak"),
    _layout("servarr_warning", ("<|\\[v{:word}\\] >" + _AT + "|Warn|Auth|{message}",),
            "Auth-Failure ip {source.address} username <'|>{user.name:text}<'|>",
            "Auth-Failure ip {source.address} username {user.name}", dataset="servarr"),
    _layout("zoneminder_debug", (_AT + " {:word}\\[{process.pid:int}\\].<ERR|WAR> \\[{source.address}\\] \\[{message}",),
            "Could not retrieve user {user.name:text} details\\] at {:text}",
            'Login denied for user "{user.name:text}"\\] at {:text}', dataset="zoneminder"),
)  # fmt: skip
_JSON = {"time": "@timestamp", "timestamp": "@timestamp"}
RECORD_FORMATS = (
    RecordFormat("gitlab_application_json", "gitlab", ("severity", "time", "message", "correlation_id"), _JSON,
                 message="message", templates=_refused("gitlab", "Failed Login: username={user.name:text} ip={source.address}")),
    RecordFormat("overseerr", "overseerr", ("label", "message", "account.ip"), {
        **_JSON, "account.ip": "source.address", "account.email": "user.name",
    }, (Meaning({"message": "Failed *"}, "overseerr_login", _FAILED), Meaning({"message": "*incorrect*"}, "overseerr_login", _FAILED))),
    RecordFormat("pterodactyl_json", "pterodactyl", ("message", "subsystem", "ip"), {
        **_JSON, "ip": "source.address", "username": "user.name",
    }, (Meaning({"message": "*failed to validate user credentials*"}, "pterodactyl_login", _FAILED),)),
    RecordFormat("openappsec", "openappsec", ("eventTime", "eventData.sourceIP", "eventData.securityAction"), {
        "eventTime": "@timestamp", "eventData.sourceIP": "source.address", "eventData.httpMethod": "http.request.method",
        "eventData.httpUriPath": "url.path", "eventData.httpUriQuery": "url.query", "eventData.waapIncidentType": "threat.name",
    }, (
        Meaning({"eventData.waapIncidentType": ("*Scanning*", "*Bot*", "*Error Disclosure*")}, "web_scan_reported", _FAILED, PROBE),
        Meaning({"eventData.waapIncidentType": ("*Error Limit*", "*Rate Limit*")}, "http_limited", _FAILED, PROBE),
        Meaning({"eventData.securityAction": ("Prevent", "Detect")}, "waf_blocked", _FAILED, PROBE),
    )),
    RecordFormat("cas_application", "cas", ("action", "clientIpAddress", "application"), {
        "when": "@timestamp", "clientIpAddress": "source.address", "who": "user.name",
    }, (Meaning({"action": "AUTHENTICATION_FAILED"}, "cas_login", _FAILED), Meaning({"action": "AUTHENTICATION_SUCCESS"}, "cas_login", "success"))),
)  # fmt: skip
