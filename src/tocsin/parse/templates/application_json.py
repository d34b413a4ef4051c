"""Web applications that log in JSON or ``key=value`` pairs.

The address is a value of its own in each; what the client's headers claim is kept apart. Sources: each
program's documentation of its log.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Meaning, RecordFormat, Template

_FAILED, _DONE = "failure", "success"
_NEXTCLOUD = (
    Template("Login failed: <'|>{user.name:text}<'|> (Remote IP: <'|>{tocsin.claimed.forwarded:word}<'|>)", "nextcloud_login", _FAILED),
    Template("Login failed: {user.name}", "nextcloud_login", _FAILED),
    Template("Login successful: {user.name}", "nextcloud_login", _DONE),
    Template("Login attempt: {user.name}", "nextcloud_attempt", "unknown", SESSION),
    Template("Two-factor challenge failed: {user.name}", "nextcloud_login", _FAILED),
    Template("Trusted domain error. {:text}", "nextcloud_probe", _FAILED, PROBE),
    Template("Bruteforce attempt from {:text}", "nextcloud_login", _FAILED),
)  # fmt: skip
_WEB = {"method": "http.request.method", "path": "url.path", "status": "http.response.status_code"}

RECORD_FORMATS = (
    RecordFormat("nextcloud", "nextcloud", ("reqId", "remoteAddr", "message", "app"), {
        "time": "@timestamp", "remoteAddr": "source.address", "method": "http.request.method", "url": "url.original",
        "userAgent": "user_agent.original", "app": "nextcloud.app",
    }, message="message", templates=_NEXTCLOUD),
    RecordFormat("owncloud", "owncloud", ("reqId", "remoteAddr", "message"), {
        "time": "@timestamp", "remoteAddr": "source.address", "method": "http.request.method", "url": "url.original",
    }, message="message", templates=_NEXTCLOUD),
    RecordFormat("gitlab", "gitlab", ("remote_ip", "controller", "action"), {
        "time": "@timestamp", "remote_ip": "source.address", "method": "http.request.method", "path": "url.original",
        "status": "http.response.status_code", "username": "user.name", "ua": "user_agent.original",
        "params.0.value.login": "user.name", "params.1.value.login": "user.name", "params.2.value.login": "user.name",
    }, (
        Meaning({"controller": "SessionsController", "action": "create", "status": ("0", "200", "401", "422")}, "gitlab_login", _FAILED),
        Meaning({"controller": "SessionsController", "action": "create", "status": "302"}, "gitlab_login", _DONE),
        Meaning({"controller": "OmniauthCallbacksController", "action": "failure"}, "gitlab_login", _FAILED),
    )),
    RecordFormat("gitlab_ldap", "gitlab", ("remote_ip", "controller=OmniauthCallbacksController", "action", "params.0.key=username"), {
        "time": "@timestamp", "remote_ip": "source.address", "path": "url.original", "params.0.value": "user.name",
    }, (
        Meaning({"action": "failure"}, "gitlab_login", _FAILED), Meaning({"status": "302"}, "gitlab_login", _DONE),
    )),
    RecordFormat("gitlab_auth", "gitlab", ("message", "remote_ip", "env"), {
        "time": "@timestamp", "remote_ip": "source.address", "path": "url.original", "request_method": "http.request.method",
    }, (Meaning({"message": "Rack_Attack"}, "http_limited", _FAILED, PROBE),)),
    RecordFormat("grafana", "grafana", ("logger", "remote_addr"), {
        "t": "@timestamp", "remote_addr": "source.address", "uname": "user.name", "error": "error.message", "method": "http.request.method",
        "path": "url.path", "status": "http.response.status_code",
    }, (
        Meaning({"error": ("*invalid username or password*", "*user not found*", "*password-auth.failed*", "*failed to authenticate*")}, "grafana_login", _FAILED),
        Meaning({"msg": ("Invalid username or password", "*Failed to authenticate*")}, "grafana_login", _FAILED),
        Meaning({"path": "/login", "status": ("401", "403")}, "grafana_login", _FAILED),
        Meaning({"msg": "Successful Login"}, "grafana_login", _DONE),
    )),
    RecordFormat("authelia", "authelia", ("level", "msg", "remote_ip"), {
        "time": "@timestamp", "remote_ip": "source.address", "method": "http.request.method", "path": "url.path",
    }, (
        Meaning({"msg": "Unsuccessful*authentication attempt*"}, "authelia_login", _FAILED),
        Meaning({"msg": ("*authentication attempt by user*is marked unsuccessful*", "*authentication attempt*")}, "authelia_login", _FAILED),
        Meaning({"msg": "Successful*authentication attempt*"}, "authelia_login", _DONE),
        Meaning({"error": "*user not found*", "path": "*/firstfactor"}, "authelia_login", _FAILED),
    ), message="msg", templates=(
        Template("Unsuccessful {:word} authentication attempt by user '{user.name:text}'{:text}", "authelia_login", _FAILED),
        Template("Unsuccessful {:word} authentication attempt by user '{user.name}'", "authelia_login", _FAILED),
        Template("Successful {:word} authentication attempt made by user '{user.name}'", "authelia_login", _DONE),
    )),
    RecordFormat("authentik", "authentik", ("event", "client_ip", "action"), {
        "timestamp": "@timestamp", "client_ip": "source.address", "identifier": "user.name", "context.username": "user.name", "user.username": "user.name",
    }, (
        Meaning({"action": ("login_failed", "invalid_identifier")}, "authentik_login", _FAILED), Meaning({"action": ("login",)}, "authentik_login", _DONE),
        Meaning({"action": "suspicious_request"}, "authentik_probe", _FAILED, PROBE),
    )),
    RecordFormat("authentik_request", "authentik", ("event", "remote", "runtime"), {
        "timestamp": "@timestamp", "remote": "source.address", "method": "http.request.method", "event": "url.original", "status": "http.response.status_code",
        "user_agent": "user_agent.original",
    }),
    RecordFormat("keycloak_json", "keycloak", ("loggerName", "message", "timestamp"), {
        "timestamp": "@timestamp", "mdc.ipAddress": "source.address", "hostName": "host.name",
    }, message="message", templates=(
        Template('type=<"|>LOGIN_ERROR<"|>, {:text}ipAddress=<"|>{source.address}<"|>, {:text}username=<"|>{user.name}', "keycloak_login", _FAILED),
        Template('type=<"|>LOGIN_ERROR<"|>, {:text}ipAddress=<"|>{source.address}<"|>, {:text}', "keycloak_login", _FAILED),
        Template('type=<"|>LOGIN<"|>, {:text}ipAddress=<"|>{source.address}<"|>, {:text}', "keycloak_login", _DONE),
    )),
    RecordFormat("keycloak_event", "keycloak", ("type", "realmId", "ipAddress"), {
        "time": "@timestamp", "ipAddress": "source.address", "details.username": "user.name", "username": "user.name", "error": "error.message",
    }, (Meaning({"type": "*_ERROR"}, "keycloak_login", _FAILED), Meaning({"type": "LOGIN"}, "keycloak_login", _DONE))),
    RecordFormat("vault", "vault", ("type", "request.path", "request.remote_address"), {
        "time": "@timestamp", "request.remote_address": "source.address", "request.remote_port": "source.port", "auth.display_name": "user.name", "request.path": "url.path", "error": "error.message",
    }, (
        Meaning({"type": "response", "request.path": "auth/*", "error": "*"}, "vault_login", _FAILED),
        Meaning({"type": "response", "error": "*permission denied*"}, "vault_refused", _FAILED, PROBE),
        Meaning({"type": "response"}, "vault_request", _DONE, SESSION),
    )),
    RecordFormat("teleport", "teleport", ("event", "code", "uid"), {
        "time": "@timestamp", "addr.remote": "source.address", "user": "user.name", "error": "error.message",
    }, (
        Meaning({"event": "user.login", "success": "false"}, "teleport_login", _FAILED), Meaning({"event": "user.login", "success": "true"}, "teleport_login", _DONE),
    )),
    RecordFormat("sftpgo", "sftpgo", ("sender", "level", "protocol"), {
        "time": "@timestamp", "client_ip": "source.address", "ip": "source.address", "username": "user.name", "error": "error.message",
    }, (
        Meaning({"sender": "connection_failed"}, "sftp_login", _FAILED), Meaning({"sender": "login"}, "sftp_login", _DONE),
    )),
    RecordFormat("sftpgo_message", "sftpgo", ("sender", "level", "message", "connection_id"), {"time": "@timestamp"}, message="message", templates=(
        Template('User "{user.name:text}" logged in with {:trusted}from ip "{source.address}"{:text}', "sftp_login", _DONE),
    )),
    RecordFormat("cowrie", "cowrie", ("eventid", "src_ip", "session"), {
        "timestamp": "@timestamp", "src_ip": "source.address", "src_port": "source.port", "username": "user.name", "input": "process.command_line",
    }, (
        Meaning({"eventid": "cowrie.login.failed"}, "ssh_login", _FAILED), Meaning({"eventid": "cowrie.login.success"}, "ssh_login", _DONE),
        Meaning({"eventid": "cowrie.*"}, "honeypot_event", "unknown", PROBE),
    )),
)  # fmt: skip
