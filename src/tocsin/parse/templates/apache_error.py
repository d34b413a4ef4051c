r"""Apache's error log, 2.2 and 2.4, with ModSecurity.

``[client ADDRESS]`` (2.4 adds ``:PORT``) is Apache's own; everything behind it may hold what the
client sent. A second ``[client `` is the client's text (ModSecurity 2 repeats its own, with the
same address). Source: Apache HTTP Server, core.c, mod_auth_*.c, mod_authz_*.c; ModSecurity's reference manual.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Layout, Template

_LOGIN, _WEB = "http_login", "web"
_ENDS = ("", ", referer: {tocsin.claimed.referrer:text}")
_MESSAGES = (
    ("user `{user.name:text}' in realm `{:text}' not found: {:text}", _LOGIN, "authentication", True),
    ("user `{user.name:text}' in realm `{:text}' <denied by provider|authorization failure|authentication failure>{:text}", _LOGIN, "authentication", False),
    ("user {user.name:text} denied by provider{:text}", _LOGIN, "authentication", False),
    ("auth_ldap authenticate: user {user.name:text} authentication failed; {:text}", _LOGIN, "authentication", False),
    ("Got error 'PHP message: user {user.name:text} authentication failure for {:text}", _LOGIN, "authentication", False),
    ("<|PHP message: ><Failed login for|Failed login attempt for|Login failed for> {user.name:text}, referer: {:text}", _LOGIN, "authentication", False),
    ("<|PHP message: ><Failed login for|Failed login attempt for|Login failed for> {user.name}", _LOGIN, "authentication", False),
    ('<ERR|WAR|INF> \\[Login denied for user "{user.name:text}"<\\]{:text}| details{:text}>', _LOGIN, "authentication", False),
    ("<ERR|WAR|INF> \\[Could not retrieve user {user.name:text} details\\]{:text}", _LOGIN, "authentication", True),
    ("/bin/{:trusted}: warning: HTTP_{:trusted}: ignoring function definition attempt{:text}", "shellshock", PROBE, False),
    ("/bin/{:trusted}: warning: HTTP_{:trusted}: ignoring function definition attempt", "shellshock", PROBE, False),
    ("/bin/{:trusted}: error importing function definition for `{:text}", "shellshock", PROBE, False),
    ("No hostname was provided via SNI for a name based virtual host", "tls_probe", PROBE, False),
    ("mod_qos({:int}): access denied, {:text}", "http_limited", PROBE, False),
    ("user {user.name:text} not found: {:text}", _LOGIN, "authentication", True),
    ("user {user.name:text}: authentication failure for {:text}", _LOGIN, "authentication", False),
    ("user {user.name:text}: password mismatch: {:text}", _LOGIN, "authentication", False),
    ("user {user.name:text}: authorization failure for {:text}", "http_forbidden", "authentication", False),
    ("user <`|'>{user.name:text}': {:text}", _LOGIN, "authentication", False),
    ("Authorization of user {user.name:text} to access {:text} failed, reason: {:text}", "http_forbidden", "authentication", False),
    ("access to {:text} failed, reason: user '{user.name:text}' does not meet {:text}", "http_forbidden", "authentication", False),
    ("access to {:text} failed, reason: {:text}", "http_forbidden", "authentication", False),
    ("client used wrong authentication scheme: {:text}", _LOGIN, "authentication", False),
    ("Digest: <invalid|unknown|client|user|realm|nonce|uri|missing> {:text}", _LOGIN, "authentication", False),
    ("<invalid nonce|realm mismatch|unknown algorithm|invalid qop|missing user, realm, nonce, uri, digest, cnonce|client |invalid opaque|uri mismatch|nonce expired>{:text}", _LOGIN, "authentication", False),
    ("client denied by server configuration: {:text}", "http_forbidden", _WEB, False),
    ("<script not found or unable to stat|File does not exist|Directory index forbidden by|Directory index forbidden by Options directive|attempt to invoke directory as script|Cannot serve directory>{:text}", "http_not_found", _WEB, False),
    ("script '{:text}' not found or unable to stat", "http_not_found", _WEB, False),
    ("<Invalid URI in request|Invalid method in request|request failed:|Invalid HTTP|erroneous characters after protocol string|URI too long|File name too long|client sent|Request header|request header|Client sent malformed|Handler for|chunked Transfer-Encoding forbidden|Unknown Transfer-Encoding|Request body>{:text}", "http_probe", PROBE, False),
    ("<Hostname {:word} provided via SNI and hostname {:text}|Hostname provided via SNI {:text}|Hostname {:word} provided via HTTP{:text}|SSL {:text}>", "tls_probe", PROBE, False),
    ("<|Negotiation: discovered file(s) matching request: >{:text} (None could be negotiated).", "http_not_found", _WEB, False),
    ("ModSecurity: <|Access denied|Warning> {:text}", "waf_blocked", PROBE, False),
    ("ModSecurity:  {:text}", "waf_blocked", PROBE, False),
    ("<ModSecurity|mod_security>{:text}", "waf_blocked", PROBE, False),
    (r"mod_evasive: {:text}", "http_limited", PROBE, False),
    ("PHP <Fatal|Parse> error: {:text}", "php_error", "process", False),
    ("PHP <Warning|Notice|Deprecated>: {:text}", "php_warning", "process", False),
    ("file permissions deny server access: {:text}", "http_forbidden", _WEB, False),
    ("(13)Permission denied: {:text}", "http_forbidden", _WEB, False),
    ("({:int}){:trusted}: access to {:text} failed{:text}", "http_forbidden", _WEB, False),
    ("({:int})File name too long: {:text}", "http_probe", PROBE, False),
    ("<Attempt to serve directory|search permissions are missing on a component of the path|Options ExecCGI is off in this directory|Symbolic link not allowed>{:text}", "http_forbidden", _WEB, False),
    ("invalid URI path ({:text}", "http_probe", PROBE, False),
    ("stderr from {:text}: script not found or unable to stat", "http_not_found", _WEB, False),
    ("request scheme could be spoofed{:text}", "http_probe", PROBE, False),
)  # fmt: skip
_FAILURES = tuple(
    Template(f"{code}{text}", action, "unknown" if action == "php_warning" else "failure", category, is_invalid_user=unknown)
    for text, action, category, unknown in _MESSAGES
    for code in ("", "AH{:int}: ")
)  # fmt: skip
_HEADS = tuple(
    before + level + process + rest
    for before in (r"\[{@timestamp:stamp}\] ", "")
    for level in (r"\[{log.level:word}\] ",)
    for process in ("", r"\[pid {process.pid:int}\] ", r"\[pid {process.pid:int}:tid {:word}\] ")
    for rest in (
        r"\[client {source.address:endpoint}\] \[client {:trusted}\] {message}",
        r"\[client {source.address:endpoint}\] {message}",
        r"({:trusted}){:trusted}: \[client {source.address:endpoint}\] {message}",
        r"\[remote {source.address:endpoint}\] {message}",
    )
)
_NO_CLIENT = tuple(
    r"\[{@timestamp:stamp}\] \[{log.level:word}\] " + process + "{message}"
    for process in ("", r"\[pid {process.pid:int}\] ", r"\[pid {process.pid:int}:tid {:word}\] ")
)

LAYOUTS = (
    Layout("apache_error", "apache.error", _HEADS, templates=_FAILURES, is_certain=True),
    Layout("apache_server", "apache.error", _NO_CLIENT, templates=(
        Template("AH00052: child pid {:int} exit signal {error.message}", "process_crashed", "failure", "process"),
        Template("<|AH{:int}: >child pid {:int} exit signal {error.message}", "process_crashed", "failure", "process"),
        Template("<|AH{:int}: >server reached MaxRequestWorkers setting{:text}", "resource_exhausted", "failure", "process"),
        Template("<|AH{:int}: >caught SIGTERM, shutting down", "service_stopped", "unknown", "process"),
        Template("<|AH{:int}: >Apache/{:text} configured -- resuming normal operations", "service_started", "unknown", "process"),
    )),
)  # fmt: skip
