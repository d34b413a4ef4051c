"""Web servers and proxies beside nginx and Apache: HAProxy, lighttpd, Squid, Traefik, Caddy, Envoy, IIS.

The client's address is the server's own word; forwarded-for values are claims. Sources: HAProxy
configuration manual (section 8), Squid's native format, W3C Extended Log File Format, each JSON schema.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Family, Layout, Meaning, RecordFormat, Template

_HAPROXY = (
    Template('{source.address:endpoint} \\[{@timestamp:stamp}\\] {:word} {:word} {:word} {http.response.status_code:int} {http.response.body.bytes:int} {:word} {:word} {:word} {:word} {:word} <|\\{{:trusted}\\} ><|\\{{:trusted}\\} >"{http.request.method:word} {url.original:text} HTTP/{http.version:word}"', "http_request", "unknown", "web"),
    Template('{source.address:endpoint} \\[{@timestamp:stamp}\\] {:word} {:word} {:word} {http.response.status_code:int} {http.response.body.bytes:int} {:word} {:word} {:word} {:word} {:word} <|\\{{:trusted}\\} ><|\\{{:trusted}\\} >"{url.original:text}"', "http_request", "unknown", "web"),
    Template("{source.address:endpoint} \\[{@timestamp:stamp}\\] {:word}: SSL handshake failure{:text}", "tls_probe", "failure", PROBE),
    Template("{source.address:endpoint} \\[{@timestamp:stamp}\\] {:word}: SSL handshake failure", "tls_probe", "failure", PROBE),
    Template("{source.address:endpoint} \\[{@timestamp:stamp}\\] {:word}: {error.message}", "proxy_error", "failure", PROBE),
    Template("Server {service.name:word} is DOWN{:text}", "service_down", "failure", "process"),
    Template("Server {service.name:word} is UP{:text}", "service_up", "unknown", "process"),
    Template("backend {service.name:word} has no server available!", "service_down", "failure", "process"),
)  # fmt: skip
_CODE = "<({:word})|{:word}> "
_LIGHTTPD = tuple(
    Template(_CODE + text, action, "failure", category)
    for text, action, category in (
        ("password doesn't match for {:text} username: {user.name:text}, IP: {source.address}", "http_login", "authentication"),
        ("password doesn't match for {:text} username: {user.name:text} IP: {source.address}", "http_login", "authentication"),
        ("get_password failed, IP: {source.address}", "http_login", "authentication"),
        ("digest: auth failed {:text}, IP: {source.address}", "http_login", "authentication"),
        ("digest: auth failed: {:text}, IP: {source.address}", "http_login", "authentication"),
        ("digest: <digest> <mismatch>{:text}, IP: {source.address}", "http_login", "authentication"),
    )
)  # fmt: skip
_SUHOSIN = (
    Template(
        "<|({:word}) ><|FastCGI-stderr: ><|mod_fastcgi.c.{:int}: ><ALERT|ALERT-SIMULATION> - {error.message:text} (attacker '{source.address}'{:text}",
        "php_attack",
        "failure",
        PROBE,
    ),
)
_HTTP = {
    "method": "http.request.method", "uri": "url.original", "status": "http.response.status_code", "host": "url.domain",
}  # fmt: skip

_TINYPROXY = (
    Template('Unauthorized connection from "{tocsin.claimed.host:word}" \\[{source.address}\\]<|.>', "proxy_refused", "failure", PROBE),
    Template('Unauthorized connection from "{source.address}"<|.>', "proxy_refused", "failure", PROBE),
    Template('Client <connection |>limit exceeded{:trusted}from "{source.address}"{:text}', "proxy_refused", "failure", PROBE),
)  # fmt: skip
_MONITORIX = (
    Template("NOTEXIST - {source.address:endpoint} {error.message}", "http_not_found", "failure", PROBE),
    Template("AUTHERR - {source.address:endpoint} Authentication error: user {user.name:word}", "http_login", "failure"),
    Template("AUTHERR - {source.address:endpoint}<| {error.message}>", "http_login", "failure"),
    Template("NOTALLOWED - {source.address:endpoint}<| {error.message}>", "http_forbidden", "failure", PROBE),
)  # fmt: skip

FAMILIES = (
    Family("tinyproxy", "tinyproxy", ("tinyproxy",), _TINYPROXY),
    Family(
        "mod_evasive",
        "apache.error",
        ("mod_evasive",),
        (
            Template(
                "<Blacklisting|Blocklisting> address {source.address}: possible DoS attack.",
                "http_limited",
                "failure",
                PROBE,
            ),
        ),
    ),
    Family("monitorix", "monitorix", ("monitorix-httpd", "monitorix"), _MONITORIX),
    Family("haproxy", "haproxy", ("haproxy",), _HAPROXY),
    Family("lighttpd", "lighttpd", ("lighttpd", "suhosin"), (*_SUHOSIN, *_LIGHTTPD)),
    Family("squid", "squid", ("squid", "squid-cache"), ()),
)
_PROXY3 = "{@timestamp:stamp} {service.name:word} %s {user.name:word} {source.address:endpoint} {:endpoint} {:int} {:int} {:int} {message}"
LAYOUTS = (
    Layout("tinyproxy", "tinyproxy", tuple(
        f"{{log.level:word}}{' ' * n} {{@timestamp:stamp}} \\[{{process.pid:int}}\\]: {{message}}" for n in range(8)
    ), family="tinyproxy"),
    Layout("monitorix", "monitorix", ("{@timestamp:stamp} - {message}",), family="monitorix"),
    Layout("3proxy_refused", "3proxy", (_PROXY3 % "<00001|00002|00003|00004|00005|00006|00007|00008|00009>",), templates=(
        Template("{url.original:text}", "proxy_login", "failure"),
    )),
    Layout("3proxy", "3proxy", (_PROXY3 % "{:int}",), templates=(
        Template("{url.original:text}", "proxy_request", "unknown", "network"),
    )),
    Layout("tomcat", "tomcat", (
        "{@timestamp:stamp} {log.level:word} \\[{:trusted}\\] org.apache.catalina.realm.LockOutRealm.filterLockedAccounts {message}",
    ), templates=(
        Template('An attempt was made to authenticate the locked user <"|\\[>{user.name:text}<"|\\]><|.>', "tomcat_login", "failure"),
    )),
    Layout("zoraxy", "http.access", (
        "{@timestamp:stamp} \\[{:stamp}\\] \\[router:{:trusted}\\] \\[origin:{url.domain:trusted}\\] \\[client: {source.address}\\] {message}",
    ), templates=(
        Template("\\[useragent: {user_agent.original:trusted}\\] {http.request.method:word} {url.original:word} {http.response.status_code:int}", "http_request", "unknown", "web"),
    )),
    Layout("haproxy", "haproxy", ("{@timestamp:stamp} {:word} {message}",), family="haproxy"),
    Layout("lighttpd", "lighttpd", ("{@timestamp:stamp}: {message}",), templates=(*_SUHOSIN, *_LIGHTTPD)),
    Layout("squid", "squid", tuple(
        f"{{@timestamp:stamp}} {' ' * n}{{:int}} {{source.address}} {{squid.result:word}}/{{http.response.status_code:int}} {{http.response.body.bytes:int}} {{http.request.method:word}} {{url.original:word}} {{user.name:word}} {{message}}"
        for n in range(6)
    ), templates=(
        Template("{:word} {:word}", "http_request", "unknown", "web"),
    )),
    Layout("iis", "iis", (
        "{@timestamp:stamp} {destination.address:word} {http.request.method:word} {url.path:word} {url.query:word} {destination.port:int} {user.name:word} {source.address} {user_agent.original:word} {http.request.referrer:word} {http.response.status_code:int} {:int} {:int} {:int}",
        "{@timestamp:stamp} {destination.address:word} {http.request.method:word} {url.path:word} {url.query:word} {destination.port:int} {user.name:word} {source.address} {user_agent.original:word} {http.response.status_code:int} {:int} {:int} {:int}",
        "{@timestamp:stamp} <W3SVC{:int}|{:word}> {:word} {destination.address:word} {http.request.method:word} {url.path:word} {url.query:word} {destination.port:int} {user.name:word} {source.address} HTTP/{http.version:word} {user_agent.original:word} {:text} {http.response.status_code:int} {:int} {:int} {:int} {:int} {:int}",
    ), templates=(Template("", "http_request", "unknown", "web"),)),
)  # fmt: skip
RECORD_FORMATS = (
    RecordFormat("coraza", "coraza", ("logger=http.handlers.waf", "msg"), {"ts": "@timestamp"}, message="msg", templates=(
        Template('\\[client "{source.address}"\\] Coraza: {:text}', "waf_blocked", "failure", PROBE),
    )),
    RecordFormat("caddy", "caddy", ("request.remote_ip", "request.uri"), {
        "ts": "@timestamp", "request.remote_ip": "source.address", "request.remote_port": "source.port", "request.method": "http.request.method",
        "request.host": "url.domain", "request.uri": "url.original", "status": "http.response.status_code", "size": "http.response.body.bytes",
        "request.headers.User-Agent.0": "user_agent.original", "request.headers.Referer.0": "http.request.referrer",
        "request.headers.X-Forwarded-For.0": "tocsin.claimed.forwarded", "user_id": "user.name",
    }),
    RecordFormat("caddy_old", "caddy", ("request.remote_addr", "request.uri"), {
        "ts": "@timestamp", "request.remote_addr": "source.address", "request.method": "http.request.method",
        "request.host": "url.domain", "request.uri": "url.original", "status": "http.response.status_code", "size": "http.response.body.bytes",
        "request.headers.User-Agent.0": "user_agent.original", "request.headers.Referer.0": "http.request.referrer",
    }),
    RecordFormat("traefik", "traefik", ("ClientHost", "RequestPath", "RequestMethod"), {
        "time": "@timestamp", "StartUTC": "@timestamp", "ClientHost": "source.address", "ClientPort": "source.port", "ClientUsername": "user.name",
        "RequestMethod": "http.request.method", "RequestPath": "url.original", "RequestHost": "url.domain",
        "DownstreamStatus": "http.response.status_code", "DownstreamContentSize": "http.response.body.bytes", "request_User-Agent": "user_agent.original",
        "request_Referer": "http.request.referrer", "request_X-Forwarded-For": "tocsin.claimed.forwarded",
    }),
    RecordFormat("cloudflare", "cloudflare", ("ClientIP", "ClientRequestURI", "EdgeResponseStatus"), {
        "EdgeStartTimestamp": "@timestamp", "ClientIP": "source.address", "ClientRequestMethod": "http.request.method", "ClientRequestURI": "url.original",
        "ClientRequestHost": "url.domain", "EdgeResponseStatus": "http.response.status_code", "EdgeResponseBytes": "http.response.body.bytes",
        "ClientRequestUserAgent": "user_agent.original", "ClientRequestReferer": "http.request.referrer",
    }),
    RecordFormat("nginx_json", "nginx.access", ("remote_addr", "request_uri", "status"), {
        "time_iso8601": "@timestamp", "time_local": "@timestamp", "time": "@timestamp", "timestamp": "@timestamp", "remote_addr": "source.address", "remote_port": "source.port",
        "remote_user": "user.name", "request_method": "http.request.method", "request_uri": "url.original", "status": "http.response.status_code",
        "body_bytes_sent": "http.response.body.bytes", "http_user_agent": "user_agent.original", "http_referer": "http.request.referrer",
        "http_referrer": "http.request.referrer", "http_host": "url.domain", "http_x_forwarded_for": "tocsin.claimed.forwarded",
    }),
    RecordFormat("envoy", "envoy", ("downstream_remote_address", "path", "response_code"), {
        "start_time": "@timestamp", "downstream_remote_address": "source.address", "method": "http.request.method", "path": "url.original",
        "authority": "url.domain", "response_code": "http.response.status_code", "bytes_sent": "http.response.body.bytes",
        "user_agent": "user_agent.original", "x_forwarded_for": "tocsin.claimed.forwarded",
    }),
    RecordFormat("envoy_origin", "envoy", ("downstream_remote_address", "x-envoy-origin-path", "response_code"), {
        "start_time": "@timestamp", "downstream_remote_address": "source.address", "method": "http.request.method", "x-envoy-origin-path": "url.original",
        ":authority": "url.domain", "authority": "url.domain", "response_code": "http.response.status_code", "bytes_sent": "http.response.body.bytes",
        "user-agent": "user_agent.original", "x-forwarded-for": "tocsin.claimed.forwarded", "referer": "http.request.referrer",
    }),
    RecordFormat("modsecurity", "modsecurity", ("transaction.client_ip", "transaction.request.uri"), {
        "transaction.time_stamp": "@timestamp", "transaction.client_ip": "source.address", "transaction.client_port": "source.port",
        "transaction.request.method": "http.request.method", "transaction.request.uri": "url.original", "transaction.response.http_code": "http.response.status_code",
        "transaction.request.headers.Host": "url.domain", "transaction.request.headers.User-Agent": "user_agent.original", "transaction.messages.0.message": "message",
    }, (Meaning({"transaction.messages.0.message": "*"}, "waf_blocked", "failure", PROBE),)),
    RecordFormat("waf_audit", "modsecurity", ("transaction.remote_address", "request.request_line"), {
        "transaction.time": "@timestamp", "transaction.remote_address": "source.address", "transaction.remote_port": "source.port",
        "request.request_line": "http.request.raw", "response.status": "http.response.status_code", "request.headers.Host": "url.domain",
    }, (Meaning({"audit_data.messages.0": "*"}, "waf_blocked", "failure", PROBE),)),
)  # fmt: skip
