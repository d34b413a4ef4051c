"""nginx's error log (``ngx_log_error``): the client stands behind what it sent.

Text of the client stands between the message and ``, client: ``, and again behind it, so each
form names what follows its text; a line in which that stands twice names nobody.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Layout, Template


def _messages(client: str) -> tuple[Template, ...]:
    """Return the forms of messages about a client."""
    return (
        Template('user "{user.name:text}" was not found in "{:word}"' + client, "http_login", "failure", is_invalid_user=True),
        Template('user "{user.name:text}": password mismatch' + client, "http_login", "failure"),
        Template("client login failed: {:quoted} while in http auth state" + client, "mail_login", "failure"),
        Template("PAM: user '{user.name:text}' - not authenticated: {error.message:text}" + client, "http_login", "failure"),
        Template("auth request unexpected status: <401|403> while sending to client" + client, "http_unauthenticated", "failure", "web"),
        Template("no user/password was provided for basic authentication" + client, "http_unauthenticated", "failure", "web"),
        Template("<access forbidden by rule|directory index of {:quoted} is forbidden>" + client, "http_forbidden", "failure", "web"),
        Template("<limiting|delaying> <requests|request|connections><,|> {:trusted}zone {:quoted}" + client, "http_limited", "failure", PROBE),
        Template("open() {:text} failed (2: No such file or directory)" + client, "http_not_found", "failure", "web"),
        Template("{:text} is not found (2: No such file or directory)" + client, "http_not_found", "failure", "web"),
        Template("{:text} failed (<13: Permission denied|20: Not a directory|36: File name too long>)" + client, "http_forbidden", "failure", "web"),
        Template("client sent {:text}" + client, "http_probe", "failure", PROBE),
        Template("SSL_do_handshake() failed {:text}" + client, "tls_probe", "failure", PROBE),
        Template("client intended to send too large body{:text}" + client, "http_probe", "failure", PROBE),
        Template("<\\[client {:word}\\] |>ModSecurity: {:text}" + client, "waf_blocked", "failure", PROBE),
        Template("<connect() failed|upstream timed out|upstream prematurely closed connection|no live upstreams|recv() failed>{:text}" + client, "upstream_failed", "failure", "process"),
        Template("NAXSI_<FMT|EXLOG|LOG>: {:text}" + client, "waf_blocked", "failure", PROBE),
        Template('FastCGI sent in stderr: "PHP message: user {user.name:text} authentication failure for {:text}" while reading <response header from upstream|upstream>' + client, "http_login", "failure"),
        Template('FastCGI sent in stderr: "PHP message: Failed login for {user.name:text}" while reading <response header from upstream|upstream>' + client, "http_login", "failure"),
        Template("FastCGI sent in stderr: {error.message:text}" + client, "php_warning", "unknown", "process"),
        Template("{error.message:text}" + client, "http_error", "failure", "web"),
    )  # fmt: skip


LAYOUTS = (
    Layout(
        name="nginx_error",
        dataset="nginx.error",
        once=(", client: ",),
        is_certain=True,
        lines=(
            "{@timestamp:stamp} \\[{log.level:word}\\] {process.pid:int}#{:int}: *{:word} {message}",
            "{@timestamp:stamp} \\[{log.level:word}\\] {process.pid:int}#{:int}: {message}",
        ),
        templates=(
            *(one for tail in ("", ", server: {:text}") for one in _messages(", client: {source.address}" + tail)),
        ),
    ),
)  # fmt: skip
