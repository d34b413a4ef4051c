"""Applications for teams and single sign-on: ERP, documents, chat, tickets, monitoring, identity.

Sources: each program's own log or source: Odoo res_users, Paperless-ngx, Redmine, Uptime Kuma, File Browser,
Rocket.Chat, Synapse, MeshCentral, Seafile, Apereo CAS, Joomla, RabbitMQ, xrdp, Immich, Miniflux, ntfy, Magento,
Mailu, Stirling PDF, Mattermost, Baserow, Portainer.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Meaning, RecordFormat, Template

_FAILED, _DONE, _WHEN = "failure", "success", "{@timestamp:stamp}"

FAMILIES = (
    Family("meshcentral", "meshcentral", ("meshcentral", "MeshCentral"), (
        Template("Failed <login|password> <attempt |>for {user.name:text} from {source.address}", "meshcentral_login", _FAILED),
        Template("Failed password for {user.name:text} from {source.address} port {source.port}", "meshcentral_login", _FAILED),
    )),
    Family("luci", "luci", ("luci", "uhttpd"), (
        Template("\\[info\\] luci: failed login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _FAILED),
        Template("\\[info\\] luci: accepted login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _DONE),
        Template("luci: failed login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _FAILED),
        Template("luci: accepted login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _DONE),
        Template("failed login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _FAILED),
        Template("accepted login on {url.path:word} for {user.name:text} from {source.address}", "router_login", _DONE),
    )),
    Family("qnap", "qnap", ("qlogd",), (
        Template("conn log: Users: {user.name:text}, Source IP: {source.address}, Computer name: {:text}, Action: Login Fail", "qnap_login", _FAILED),
        Template("conn log: Users: {user.name:text}, Source IP: {source.address}, Computer name: {:text}, Action: Login OK", "qnap_login", _DONE),
    )),
    Family("paloalto", "paloalto", ("paloalto", "PAN-OS"), ()),
)  # fmt: skip

LAYOUTS = (
    Layout("odoo", "odoo", (_WHEN + " {process.pid:int} {log.level:word} {database.name:word} {:word}: {message}",), templates=(
        Template("Login failed for db:{:word} login:{user.name:text} from {source.address}", "odoo_login", _FAILED),
        Template("Login successful for db:{:word} login:{user.name:text} from {source.address}", "odoo_login", _DONE),
        Template("Login attempt ignored for {source.address} on {:text}", "odoo_login", _FAILED),
    )),
    Layout("paperless", "paperless", ("\\[" + _WHEN + "\\] \\[{log.level:word}\\] \\[paperless.auth\\] {message}",), templates=(
        Template("Login failed for user `{user.name:text}` from <|private >IP `{source.address}`.", "paperless_login", _FAILED),
        Template("Login failed for user `{user.name:text}` from <|private >IP `{source.address}.`", "paperless_login", _FAILED),
        Template("Login failed for user `{user.name:text}`<.| from> {:trusted}", "paperless_login", _FAILED),
    )),
    Layout("redmine", "redmine", ("{message}",), templates=(
        Template("Failed login for '{user.name:text}' from {source.address} at {:text}", "redmine_login", _FAILED),
        Template("Successful authentication for '{user.name:text}' from {source.address} at {:text}", "redmine_login", _DONE),
    )),
    Layout("rails", "rails", ("{:word} \\[{@timestamp:stamp} #{process.pid:int}\\] <| >{log.level:word} -- {:word} {message}", "{:word} \\[{@timestamp:stamp} #{process.pid:int}\\] <| >{log.level:word} -- : {message}"), templates=(
        Template("<|\\[{:word}\\] >Failed login for '{user.name:text}' from {source.address} at {:text}", "rails_login", _FAILED),
        Template("<|\\[{:word}\\] >Failed login for '{user.name:text}' from {source.address}", "rails_login", _FAILED),
    )),
    Layout("uptime_kuma", "uptime_kuma", (_WHEN + " \\[{:word}\\] {log.level:word}: {message}",), templates=(
        Template("Incorrect username or password for user {user.name:text}. IP={source.address}", "uptime_kuma_login", _FAILED),
        Template("Incorrect username or password for user {user.name:text} IP={source.address}", "uptime_kuma_login", _FAILED),
        Template("Invalid token provided for user {user.name:text}. IP={source.address}", "uptime_kuma_login", _FAILED),
        Template("<No|Too many> {:trusted}. IP={source.address}", "uptime_kuma_login", _FAILED),
        Template("Successfully logged in user {user.name:text}. IP={source.address}", "uptime_kuma_login", _DONE),
    )),
    Layout("filebrowser", "filebrowser", (_WHEN + " /api/login: {message}",), templates=(
        Template("<401|403> {source.address:endpoint}<|{:text}>", "filebrowser_login", _FAILED),
        Template("<401|403> {source.address}<| {:text}>", "filebrowser_login", _FAILED),
    )),
    Layout("rocket_chat", "rocket_chat", ("{message}",), templates=(
        Template("Failed login detected - Username\\[ {user.name:text} \\] ClientAddress\\[ {source.address} \\] ForwardedFor\\[ {:text}", "rocket_chat_login", _FAILED),
        Template("{:word} {:word} {:word} Failed login detected - Username\\[{user.name:text}\\] ClientAddress\\[{source.address}\\] {:text}", "rocket_chat_login", _FAILED),
    )),
    Layout("synapse", "synapse", (_WHEN + " - synapse.access.{:word} - {:int} - {log.level:word} - {:word} - {source.address} - {:int} - {message}",), templates=(
        Template('{:text} <401|403> "POST /_matrix/client/<r0|v3|api/v1>/login {:text}', "matrix_login", _FAILED),
        Template('{:text} 200 "POST /_matrix/client/<r0|v3|api/v1>/login {:text}', "matrix_login", _DONE),
    )),
    Layout("seafile", "seafile", (_WHEN + " \\[{log.level:word}\\] seahub.{:trusted} login {message}",), templates=(
        Template("Login attempt limit reached, <username|email/username>: {user.name:text}, ip: {source.address}, <attemps|attempts>: {:int}", "seafile_login", _FAILED),
        Template("Failed login attempt, <username|email/username>: {user.name:text}, ip: {source.address}{:text}", "seafile_login", _FAILED),
    )),
    Layout("joomla", "joomla", (_WHEN + "\t{log.level:word} {source.address}\t{message}", _WHEN + " {log.level:word} {source.address} {message}"), templates=(
        Template("joomlafailure<\t| >{error.message}", "joomla_login", _FAILED),
    )),
    Layout("rabbitmq", "rabbitmq", (_WHEN + " \\[{log.level:word}\\] \\<{tocsin.connection:word}\\> {message}",), templates=(
        Template("accepting AMQP connection {:word} ({source.address:endpoint} -> {:endpoint}{:text}", "rabbitmq_connected", "unknown", SESSION),
        Template("<closing|error on|Error on|terminating|refused> AMQP connection {:word} ({source.address:endpoint} -> {:endpoint}{:text}", "rabbitmq_connected", "unknown", SESSION),
        Template("<PLAIN|AMQPLAIN> login refused: user '{user.name:text}' - invalid credentials", "rabbitmq_login", _FAILED),
        Template("HTTP access denied: user '{user.name:text}' - invalid credentials", "rabbitmq_login", _FAILED),
        Template("connection {:trusted}: user '{user.name:text}' authenticated and granted access to vhost {:text}", "rabbitmq_login", _DONE),
    )),
    Layout("xrdp", "xrdp", ("\\[{@timestamp:stamp}\\] \\[{log.level:word}<| | >\\] {message}",), templates=(
        Template("<|{:trusted} >AUTHFAIL: user={user.name:text} ip={source.address} time={:word}", "rdp_login", _FAILED),
        Template("<|{:trusted} >AUTHFAIL: user={user.name:text} ip={source.address:endpoint} time={:word}", "rdp_login", _FAILED),
    )),
    Layout("nest", "nest", ("\\[Nest\\] {:trusted} \\[{:word}\\] {message}",), templates=(
        Template("Failed login attempt for user {user.name:text} from ip address {source.address}", "immich_login", _FAILED),
    )),
    Layout("magento", "magento", ("\\[" + _WHEN + "\\] crowdsec-events.{log.level:word}:  {message}", "\\[" + _WHEN + "\\] crowdsec-events.{log.level:word}: {message}"), templates=(
        Template('\\{"type":"<ADMIN|CUSTOMER|USER>_LOGIN_FAILED","ip":"{source.address}"{:text}', "magento_login", _FAILED),
        Template('\\{"type":"<ADMIN|CUSTOMER|USER>_LOGIN_SUCCESS","ip":"{source.address}"{:text}', "magento_login", _DONE),
    )),
    Layout("limiter", "mailu", ("\\[" + _WHEN + "\\] {log.level:word} in {:word}: {message}",), templates=(
        Template("Authentication attempt from {source.address} has been rate-limited.", "login_limited", _FAILED, PROBE),
        Template("Authentication attempt from {source.address} for {user.name:text} has been rate-limited.", "login_limited", _FAILED, PROBE),
        Template("Login <failed|attempt> for: {user.name:text} from: {source.address}{:text}", "mailu_login", _FAILED),
    )),
    Layout("stirling", "stirling", (_WHEN + " {log.level:word} <| >{:word} \\[{:word}\\] {message}", _WHEN + " {log.level:word}  {:word} \\[{:word}\\] {message}"), templates=(
        Template("Failed login attempt from IP: {source.address}", "stirling_login", _FAILED),
        Template("Failed login attempt from IP: \\[{source.address}\\]", "stirling_login", _FAILED),
    )),
    Layout("sshesame", "sshesame", (_WHEN + " \\[{source.address:endpoint}\\] {message}",), templates=(
        Template("authentication for user {:quoted} <with password {:quoted}|without credentials|with public key {:quoted}> rejected", "ssh_login", _FAILED),
        Template("authentication for user {:quoted} <with password {:quoted}|without credentials|with public key {:quoted}> accepted", "honeypot_login", "unknown", PROBE),
        Template("\\[channel {:int}\\] command {process.command_line:quoted} requested", "honeypot_command", "unknown", PROBE),
        Template("\\[channel {:int}\\] input: {process.command_line:quoted}", "honeypot_command", "unknown", PROBE),
        Template("\\[channel {:int}\\] <session requested|closed>", "honeypot_event", "unknown", SESSION),
    )),
    Layout("paloalto_auth", "paloalto", ("<|{@timestamp:stamp} ><|{host.name:word} >1,{:trusted},{:word},SYSTEM,{:word},{:trusted},{:stamp},{:trusted},{event.code:word},{message}",), templates=(
        Template("{:trusted},\"failed authentication for user '{user.name:text}'. {:trusted}From: {source.address}.{:text}", "firewall_login", _FAILED),
        Template("{:trusted},\"authenticated for user '{user.name:text}'. {:trusted}From: {source.address}.{:text}", "firewall_login", _DONE),
    )),
    Layout("alb", "http.access", tuple(
        "<http|https|h2|ws|wss|grpcs> {@timestamp:stamp} {:word} {source.address:endpoint} {:word} {:word} {:word} {:word} {http.response.status_code:int} {:word} {:int} {http.response.body.bytes:int} {message}"
        for _ in (1,)
    ), templates=(
        Template('"{http.request.method:word} {url.original:word} {:word}" {user_agent.original:quoted} {:text}', "http_request", "unknown", "web"),
        Template('"{http.request.method:word} {url.original:word} {:word}" "{user_agent.original:trusted}" {:text}', "http_request", "unknown", "web"),
    )),
    Layout("exchange_access", "exchange", (
        _WHEN + ",{:word},{:int},{:endpoint},{source.address:endpoint},{user.name:trusted},{:trusted},{:trusted},{:trusted},{:trusted},{message}",
    ), templates=(
        Template("{:trusted}AuthFailed:{:text}", "exchange_login", _FAILED),
        Template("{:trusted}-ERR Authentication failure{:text}", "exchange_login", _FAILED),
        Template("{:trusted}LOGIN failed{:text}", "exchange_login", _FAILED),
        Template("{:trusted}LogonDenied{:text}", "exchange_login", _FAILED),
    )),
    Layout("exchange_receive", "exchange", (
        _WHEN + ",{:trusted},{:word},{:int},{:endpoint},{source.address:endpoint},{message}",
    ), templates=(
        Template("*,,Inbound authentication failed with error LogonDenied for User {user.name}", "exchange_login", _FAILED),
        Template("*,,Inbound authentication failed {:text}", "exchange_login", _FAILED),
        Template("{:trusted}535 5.7.3 Authentication unsuccessful{:text}", "exchange_login", _FAILED),
    )),
)  # fmt: skip

RECORD_FORMATS = (
    RecordFormat("miniflux", "miniflux", ("authentication_failed", "client_ip"), {"time": "@timestamp", "client_ip": "source.address", "username": "user.name"},
                 (Meaning({"authentication_failed": "true"}, "miniflux_login", _FAILED),)),
    RecordFormat("ntfy", "ntfy", ("visitor_ip", "http_status"), {
        "time": "@timestamp", "visitor_ip": "source.address", "http_status": "http.response.status_code", "http_path": "url.path", "http_method": "http.request.method",
    }, (Meaning({"http_status": ("401", "403", "429"), "error": "*unauthorized*"}, "ntfy_login", _FAILED),)),
    RecordFormat("cas", "cas", ("action", "clientIpAddress"), {"when": "@timestamp", "clientIpAddress": "source.address", "who": "user.name"}, (
        Meaning({"action": "AUTHENTICATION_FAILED"}, "cas_login", _FAILED), Meaning({"action": "AUTHENTICATION_SUCCESS"}, "cas_login", _DONE),
    )),
    RecordFormat("opencanary", "opencanary", ("logtype", "src_host", "dst_port"), {
        "utc_time": "@timestamp", "src_host": "source.address", "src_port": "source.port", "logdata.USERNAME": "user.name", "dst_port": "destination.port",
    }, (Meaning({"logdata.USERNAME": "*"}, "honeypot_login", _FAILED), Meaning({"logtype": "*"}, "honeypot_event", "unknown", PROBE))),
    RecordFormat("sonicwall_vpn", "sonicwall", ("id=sslvpn", "sn", "msg", "src"), {"time": "@timestamp", "src": "source.address", "usr": "user.name", "fw": "host.name"}, (
        Meaning({"msg": ("*login denied*", "*login failed*", "*failed login*")}, "vpn_login", _FAILED), Meaning({"msg": ("*login successful*", "*logged in*")}, "vpn_login", _DONE),
    )),
    RecordFormat("sonicwall", "sonicwall", ("id=firewall", "sn", "msg", "src"), {"time": "@timestamp", "src": "source.address", "usr": "user.name", "fw": "host.name"}, (
        Meaning({"msg": ("*login denied*", "*login failed*", "*Failed login*")}, "firewall_login", _FAILED),
        Meaning({"msg": ("*login allowed*", "*logged in*")}, "firewall_login", _DONE),
    )),
)  # fmt: skip
