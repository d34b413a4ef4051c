"""Applications whose logs begin in ways of their own: Python and Go web servers, Java's, registries.

Sources: uvicorn's and Gin's access loggers, Harbor, SonarQube's auth events, Artifactory's access log, Jira's security
log, Apereo CAS's audit trail, Joplin Server, Pterodactyl's Wings, Supabase's Supavisor, GitLab's production log.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Family, Layout, Template

_FAILED, _DONE, _WHEN = "failure", "success", "{@timestamp:stamp}"
_BLANKS = "[ ]" * 13
_REQUEST = '{source.address:endpoint} - "{http.request.method:word} {url.original:word} HTTP/{http.version:word}" {http.response.status_code:int}'
_ASKED = (
    Template(_REQUEST, "http_request", "unknown", "web"),
    Template(_REQUEST + " {:text}", "http_request", "unknown", "web"),
)
_GIN = (
    Template(
        rf'\[GIN\] {_WHEN} \| {{http.response.status_code:int}} \| {{:trusted}} \| {_BLANKS}{{source.address}} \| {{http.request.method:word}} {_BLANKS}"{{url.original:text}}"',
        "http_request", "unknown", "web",
    ),
    Template(
        rf"\[GIN\] {_WHEN} \| {{http.response.status_code:int}} \| {{:trusted}} \| {_BLANKS}{{source.address}} \| {{http.request.method:word}} {_BLANKS}{{url.original:text}}",
        "http_request", "unknown", "web",
    ),
)  # fmt: skip
_HARBOR = tuple(
    Template(f'<|\\[{{:trusted}}\\]>\\[client IP="{client}" requestID="{{:word}}"\\]: failed to authenticate user:{{user.name:text}}, error:{{error.message}}', "harbor_login", _FAILED)
    for client in ("{source.address}", "{source.address}, {:trusted}")
)  # fmt: skip
_WINGS = tuple(
    Template(f"failed to validate user credentials ({{error.message:trusted}}) ip={{source.address:endpoint}} {method}subsystem=sftp username={{user.name}}", "sftp_login", _FAILED)
    for method in ("method={:word} ", "")
)  # fmt: skip
_JIRA_HEADS = tuple(
    f"{_WHEN} {thread} {{:word}} {{:word}} {{:word}} {client} {{url.path:word}} {{message}}"
    for thread in ("{:word}", "{:word} url: {:word} username: {:word}", "{:word} url: {:word}")
    for client in ("{source.address}", "{:host},{source.address}")
)

FAMILIES = (
    Family("gin", "http.access", ("gotify", "gin"), _GIN),
    Family("harbor", "harbor", ("harbor-core", "core"), tuple(
        Template(f"{{:stamp}} \\[{{:word}}\\] {one.line}", one.action, one.outcome) for one in _HARBOR
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("jupyter", "jupyter", (rf"\[{{:word}} {_WHEN} {{:word}}\] {{http.response.status_code:int}} {{http.request.method:word}} {{url.original:word}} ({{source.address}}) {{message}}",
                                  rf"\[{{:word}} {_WHEN} {{:word}}\] {{http.response.status_code:int}} {{http.request.method:word}} {{url.original:word}} ({{user.name:word}}@{{source.address}}) {{message}}"), templates=(
        Template("{:trusted}", "http_request", "unknown", "web"),
    )),
    Layout("cacti", "cacti", (_WHEN + " - AUTH LOGIN: {message}", _WHEN + " - AUTH {message}"), templates=(
        Template("<LOGIN FAILED: |>{:trusted}Login Failed for user '{user.name:text}' from IP Address '{source.address}'<|.>", "cacti_login", _FAILED),
        Template("{:trusted}User '{user.name:text}' authenticated{:trusted}", "cacti_login", _DONE),
    )),
    Layout("splunk", "splunk", (f"Audit:\\[timestamp={_WHEN}, user={{user.name:word}}, action=login attempt, {{message}}",), templates=(
        Template("info=failed {:text}clientip={source.address}{:text}", "splunk_login", _FAILED),
        Template("info=succeeded {:text}clientip={source.address}{:text}", "splunk_login", _DONE),
    ), once=("clientip=",)),
    Layout("deluge", "deluge", (r"{:int}:{:int}:{:int} \[{log.level:word}<| >\]\[{:trusted}\] {message}", rf"{_WHEN} \[{{log.level:word}}<| >\]\[{{:trusted}}\] {{message}}"), templates=(
        Template("Login failed (ClientIP {source.address})", "deluge_login", _FAILED),
        Template("Login success (ClientIP {source.address})", "deluge_login", _DONE),
    )),
    Layout("nzbget", "nzbget", (_WHEN + "<\t| >{log.level:word}<\t| >{message}",), templates=(
        Template("Request received on port {:int} from {source.address}, but <|username or >password invalid", "nzbget_login", _FAILED),
    )),
    Layout("radicale", "radicale", (rf"\[{_WHEN}\] \[{{:trusted}}\] \[{{log.level:word}}\] {{message}}",), templates=(
        Template("Failed login attempt from {source.address}<| (forwarded for {:trusted})><| {:trusted}>: '{user.name}'", "radicale_login", _FAILED),
        Template("Successful login: '{user.name}'", "radicale_login", _DONE),
    )),
    Layout("gin", "http.access", (r"\[GIN\] {message}",), templates=tuple(
        Template(one.line.removeprefix(r"\[GIN\] "), one.action, one.outcome, one.category) for one in _GIN
    )),
    Layout("uvicorn", "http.access", (
        "INFO:" + "[ ]" * 10 + "{message}", rf"<| >\[BACKEND\]\[{_WHEN}\] {{message}}",
        rf"{_WHEN} \| {{log.level:word}}{'[ ]' * 8}\| {{:trusted}} - {{message}}", rf"{_WHEN} - {{:word}} - {{log.level:word}} - {{message}}",
        rf"{_WHEN} {{log.level:word}} <| >uvicorn.{{:trusted}} {{message}}",
    ), templates=_ASKED),
    Layout("harbor", "harbor", (rf"{_WHEN} \[{{log.level:word}}\] {{message}}",), templates=_HARBOR),
    Layout("wings", "pterodactyl", (rf"<WARN|ERROR|INFO>: \[{_WHEN}\] {{message}}",), templates=_WINGS),
    Layout("joplin", "joplin", (_WHEN + ": {message}",), templates=(
        Template('<|\\[{:word}\\] ><|App: >/api/sessions: {source.address}: {:trusted}Invalid username or password{:trusted}"{user.name:text}"{:text}', "joplin_login", _FAILED),
        Template('<|\\[{:word}\\] ><|App: >/api/sessions: {source.address}: {:trusted}Invalid username or password{:trusted}"{user.name:text}"', "joplin_login", _FAILED),
        Template("<|\\[{:word}\\] ><|App: >/api/sessions: {source.address}: {:trusted}Invalid username or password{:text}", "joplin_login", _FAILED),
        Template("App: {source.address}: {:int} B: {http.request.method:word} {url.path:word} ({http.response.status_code:int}) ({:word})", "http_request", "unknown", "web"),
    )),
    Layout("cas", "cas", (_WHEN + " {log.level:word} \\[{:trusted}\\] - {message}",), templates=(
        Template("{:trusted}\\|CAS\\|{:text}\\|AUTHENTICATION_FAILED\\|{user.name:word}\\|{source.address}\\|{:host}", "cas_login", _FAILED),
        Template("{:trusted}\\|CAS\\|{:text}\\|AUTHENTICATION_SUCCESS\\|{user.name:word}\\|{source.address}\\|{:host}", "cas_login", _DONE),
    )),
    Layout("supavisor", "supavisor", (
        "{:int}:{:int}:{:word} project={:word} user={user.name:word} region={:word} mode={:word} type={:word} app_name={:text} peer_ip={source.address} \\[error\\] {message}",
    ), templates=(
        Template("ClientHandler: Exchange error: {error.message}", "postgresql_login", _FAILED),
        Template("ClientHandler: {error.message}", "postgresql_refused", _FAILED, PROBE),
    ), once=(" peer_ip=",)),
    Layout("gitlab_old", "gitlab", ("{:word} {:int}, {:int} {:int}:{:int}: {message}",), templates=(
        Template("Failed Login: username={user.name:text} ip={source.address}", "gitlab_login", _FAILED),
        Template("Successful Login: username={user.name:text} ip={source.address} method={:text}", "gitlab_login", _DONE),
    )),
    Layout("jira", "jira", _JIRA_HEADS, templates=(
        Template("<|login : >The user '{user.name:text}' has FAILED authentication.{:text}", "jira_login", _FAILED),
        Template("<|login : >The user '{user.name:text}' has PASSED authentication.<|{:text}>", "jira_login", _DONE),
        Template("login : '{user.name:text}' tried to login but {error.message}", "jira_login", _FAILED),
    )),
    Layout("sonarqube", "sonarqube", (_WHEN + " {log.level:word} <| >web\\[{:trusted}\\]\\[auth.event\\] {message}",), templates=(
        Template("login failure \\[cause\\|{error.message:trusted}\\]\\[method\\|{:word}\\]\\[provider\\|{:trusted}\\]\\[IP\\|{source.address}\\|{:trusted}\\]\\[login\\|{user.name}\\]", "sonarqube_login", _FAILED),
        Template("login success \\[method\\|{:word}\\]\\[provider\\|{:trusted}\\]\\[IP\\|{source.address}\\|{:trusted}\\]\\[login\\|{user.name}\\]", "sonarqube_login", _DONE),
        Template("logout success \\[IP\\|{source.address}\\|{:trusted}\\]\\[login\\|{user.name}\\]", "sonarqube_logout", "unknown", "session"),
    )),
    Layout("artifactory", "artifactory", (_WHEN + " {message}", _WHEN + " \\[{:trusted}\\] {message}"), templates=tuple(
        Template(f"\\[{words} LOGIN\\] {who}{end}", "artifactory_login", outcome)
        for words, outcome in (("DENIED", _FAILED), ("ACCEPTED", _DONE))
        for who in ("<| >for client : {user.name:text} / {source.address}", "for {user.name:text}/{source.address}")
        for end in (".", " \\[{:word}\\].")
    )),
)  # fmt: skip
