"""nginx's error log (``ngx_log_error``): the client stands behind what it sent.

Text of the client stands between the message and ``, client: ``, and again behind it, so each
form names what follows its text; a line in which that stands twice names nobody.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Layout, Template

_CLIENT = ", client: {source.address}, server: {:text}"

LAYOUTS = (
    Layout(
        name="nginx_error",
        dataset="nginx.error",
        once=(", client: ",),
        lines=(
            "{@timestamp:stamp} \\[{log.level:word}\\] {process.pid:int}#{:int}: *{:int} {message}",
            "{@timestamp:stamp} \\[{log.level:word}\\] {process.pid:int}#{:int}: {message}",
        ),
        templates=(
            Template('user "{user.name:text}" was not found in "{:word}"' + _CLIENT,
                     "http_login", "failure", is_invalid_user=True),
            Template('user "{user.name:text}": password mismatch' + _CLIENT,
                     "http_login", "failure"),
            Template("access forbidden by rule" + _CLIENT, "http_forbidden", "failure", "web"),
            Template("limiting <requests|connections>, excess: {:word} by zone {:quoted}" + _CLIENT,
                     "http_limited", "failure", PROBE),
        ),
    ),
)  # fmt: skip
