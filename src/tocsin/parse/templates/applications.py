"""Web applications in syslog and in their own text logs.

Names stand before the address in most; where a program puts the client's name behind its address, the
address is found from the front. Sources: each program's own source or manual.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Meaning, RecordFormat, Template

_MONIT = (
    Template("Warning: Client '{source.address}' supplied <unknown user|wrong password for user> '{user.name:text}' accessing monit httpd", "http_login", "failure"),
    Template("HttpRequest: access denied -- client <{source.address}|\\[{source.address}\\]>: <unknown user|wrong password for user> '{user.name}'", "http_login", "failure"),
    Template("HttpRequest: access denied -- client <{source.address}|\\[{source.address}\\]>: {error.message}", "http_login", "failure"),
    Template("'{service.name:text}' process is not running", "service_down", "failure", "process"),
    Template("'{service.name:text}' <failed|space usage|disk|cpu|mem|loadavg>{:text}", "resource_limit", "failure", "host"),
)  # fmt: skip
_WORDPRESS = (
    Template("Authentication failure for {user.name:text} from {source.address}", "wordpress_login", "failure"),
    Template("Authentication attempt for unknown user {user.name:text} from {source.address}", "wordpress_login", "failure", is_invalid_user=True),
    Template("Accepted password for {user.name:text} from {source.address}", "wordpress_login", "success"),
    Template("<Blocked authentication attempt for|Blocked user enumeration attempt|Blocked username authentication attempt for>{:text} from {source.address}", "wordpress_blocked", "failure", PROBE),
    Template("<XML-RPC authentication attempt for unknown user|XML-RPC authentication failure for|REST authentication failure for|REST authentication attempt for unknown user> {user.name:text} from {source.address}", "wordpress_login", "failure"),
    Template("<XML-RPC multicall authentication failure|Pingback error {:text} generated|Pingback requested|Spam comment {:int}|Spammed comment|Comment post not found {:int}> from {source.address}", "wordpress_probe", "failure", PROBE),
    Template("Comment {:text} from {source.address}", "wordpress_probe", "failure", PROBE),
)  # fmt: skip
_WEBMIN = (
    Template("<Invalid|Non-existent|Failed> login as {user.name:text} from {source.address}", "webmin_login", "failure"),
    Template("Successful login as {user.name:text} from {source.address}", "webmin_login", "success"),
    Template("Security alert: Host {source.address} blocked after {:text}", "webmin_blocked", "failure", PROBE),
    Template("Timeout of session for {user.name}", "webmin_session", "unknown", SESSION),
)  # fmt: skip
_FROXLOR = (
    Template("\\[Login Action {source.address}\\] Unknown user '{user.name:text}' tried to login.", "panel_login", "failure", is_invalid_user=True),
    Template("\\[Login Action {source.address}\\] User '{user.name:text}' tried to login with wrong password.", "panel_login", "failure"),
    Template('<froxlor.WARNING: |>Unknown user tried to login. {"source":"login","action":"{:int}","user":"{source.address}"\\} \\[\\]'.replace('{"source"', '\\{"source"'), "panel_login", "failure", is_invalid_user=True),
    Template('<froxlor.WARNING: |>User tried to login with wrong password. {"source":"login","action":"{:int}","user":"{source.address}"\\} \\[\\]'.replace('{"source"', '\\{"source"'), "panel_login", "failure"),
)  # fmt: skip

# base URL, time, type, address, request, referrer, user's number, link, message
_WATCHDOG = "{:word}\\|{:word}\\|user\\|{source.address}\\|{:trusted}\\|{:trusted}\\|{:word}\\|{:trusted}\\|"
_BITWARDEN = (
    Template(
        "<|\\[{:word}\\] ><|\\[{:word}\\] >Failed login attempt<|, 2FA invalid>. {source.address}",
        "bitwarden_login",
        "failure",
    ),
)

FAMILIES = (
    Family("monit", "monit", ("monit",), _MONIT),
    Family("wordpress", "wordpress", ("wordpress", "wp"), _WORDPRESS),
    Family("webmin", "webmin", ("webmin", "usermin", "miniserv.pl"), _WEBMIN),
    Family("froxlor", "froxlor", ("Froxlor", "froxlor"), _FROXLOR),
    Family("phpmyadmin", "phpmyadmin", ("phpMyAdmin",), (
        Template("user denied: {user.name:text} (<mysql-denied|allow-denied|root-denied|empty-denied>) from {source.address}", "phpmyadmin_login", "failure"),
        Template("user authenticated: {user.name:text} from {source.address}", "phpmyadmin_login", "success"),
    )),
    Family("drupal", "drupal", ("drupal",), (
        Template(_WATCHDOG + "Login attempt failed <for|from> {user.name:text}.", "drupal_login", "failure"),
        Template(_WATCHDOG + "Session opened for {user.name:text}.", "drupal_login", "success"),
        Template(_WATCHDOG + "Session closed for {user.name:text}.", "drupal_session", "unknown", SESSION),
        Template("{:word}\\|{:word}\\|{:word}\\|{source.address}\\|{:text}", "drupal_event", "unknown", "web"),
    )),
    Family("nagios", "nagios", ("nagios", "nrpe", "icinga2"), (
        Template("Host {source.address} is not allowed to talk to us!", "nrpe_refused", "failure", PROBE),
        Template("Error: Request from {source.address} contained command {:text}", "nrpe_probe", "failure", PROBE),
        Template("SERVICE ALERT: {host.target:trusted};{service.name:trusted};CRITICAL;{:text}", "service_down", "failure", "process"),
    )),
    Family("guacamole", "guacamole", ("guacd", "guacamole"), ()),
    Family("proxmox", "proxmox", ("pvedaemon", "pveproxy", "pmgdaemon", "proxmox-backup-proxy", "proxmox-backup-api"), (
        Template("authentication failure; rhost={source.address} user={user.name:text} msg={error.message}", "proxmox_login", "failure"),
        Template("authentication failure; rhost=\\[{source.address}\\]:{source.port} user={user.name:text} msg={error.message}", "proxmox_login", "failure"),
        Template("authentication failure; rhost={source.address:endpoint} user={user.name:text} msg={error.message}", "proxmox_login", "failure"),
        Template("\\<{user.name:word}\\> successful auth for user '{:text}'", "proxmox_login", "success"),
    )),
    Family("vaultwarden", "vaultwarden", ("vaultwarden", "bitwarden_rs", "bitwarden", "Bitwarden-Identity", "bitwarden-identity"), (
        Template("\\[{@timestamp:stamp}\\]\\[{:word}\\]\\[ERROR\\] Username or password is incorrect. Try again. IP: {source.address:endpoint}. Username: {user.name}.", "vaultwarden_login", "failure"),
        *_BITWARDEN,
        Template("<Identity.Failed login attempt|Failed login attempt>{:text}. {source.address}", "bitwarden_login", "failure"),
        Template("\\[<Identity|Identity - {:word}>\\] Failed login attempt{:text}. {source.address}", "bitwarden_login", "failure"),
    )),
    Family("asterisk_gui", "freepbx", ("freepbx",), (
        Template("Authentication failure for {user.name:text} from {source.address}", "freepbx_login", "failure"),
    )),
)  # fmt: skip
_WHEN = "{@timestamp:stamp}"
LAYOUTS = (
    Layout("bitwarden", "bitwarden", (_WHEN + " {message}",), templates=_BITWARDEN),
    Layout("monit", "monit", (r"\[{@timestamp:stamp}\] {log.level:word} <| |  |   |    >: {message}",), family="monit"),
    Layout("centreon", "centreon", (r"{@timestamp:stamp}\|{:trusted}\|{:trusted}\|{:trusted}\|{message}",), templates=(
        Template(r"<\[WEB\]|\[API\]|\[CAS\]> \[{source.address}\] Authentication failed for '{user.name:text}'{:text}", "centreon_login", "failure"),
        Template(r"<\[WEB\]|\[API\]|\[CAS\]> \[{source.address}\] Authentication succeeded for '{user.name:text}'{:text}", "centreon_login", "success"),
    )),
    Layout("gitlab", "gitlab", (_WHEN + ": {message}",), templates=(
        Template("Failed Login: username={user.name:text} ip={source.address}", "gitlab_login", "failure"),
        Template("Successful Login: username={user.name:text} ip={source.address} method={:text}", "gitlab_login", "success"),
    )),
    Layout("gitea", "gitea", once=(" from ",), lines=(_WHEN + " <...|>{:trusted} \\[{log.level:word}\\] {message}",), templates=(
        Template("<|{:trusted}>Failed authentication attempt for {user.name:text} from {source.address:endpoint}", "gitea_login", "failure"),
        Template("<|{:trusted}>Failed authentication attempt for {user.name:text} from {source.address:endpoint}: {error.message}", "gitea_login", "failure"),
        Template("<|{:trusted}>Failed authentication attempt from {source.address:endpoint}", "gitea_login", "failure"),
        Template("<|{:trusted}>invalid credentials from {source.address:endpoint}", "gitea_login", "failure"),
    )),
    Layout("directadmin", "directadmin", (_WHEN + ": {message}",), templates=(
        Template("'{source.address}' {:int} failed login attempt<s|>. Account '{user.name}'", "panel_login", "failure"),
        Template("'{source.address}' successful login to '{user.name:text}' after {:int} attempts", "panel_login", "success"),
    )),
    Layout("cpanel", "cpanel", (
        "\\[{@timestamp:stamp}\\] {log.level:word} \\[{process.name:word}\\] {message}",
    ), templates=(
        Template('{source.address} - {user.name:text} "{:text}" FAILED LOGIN {:word}: {error.message}', "panel_login", "failure"),
        Template('{source.address} - {user.name:text} "{:text}" DEFERRED LOGIN {:word}: {error.message}', "panel_login", "failure"),
        # Of names that hold the words of such a record.
        Template('{source.address} - {user.name:text} "{:text}" <FAILED|DEFERRED> LOGIN {:text}', "panel_login", "failure"),
        Template("{source.address} - {user.name:word} - SUCCESS LOGIN {:word}", "panel_login", "success"),
        Template("{source.address} - {user.name:word} (possessor: {:word}) - SUCCESS LOGIN {:word}", "panel_login", "success"),
        Template("{source.address} - {user.name:word} - FAILED LOGIN {:word}: {error.message}", "panel_login", "failure"),
        Template("{source.address} - {user.name:word} (possessor: {:word}) - FAILED LOGIN {:word}: {error.message}", "panel_login", "failure"),
        Template("{source.address} <PURGE|NEW> {:text}", "panel_session", "unknown", SESSION),
    )),
    Layout("wazuh_api", "wazuh", (_WHEN + " {log.level:word}: {message}",), templates=(
        Template("IP blocked due to exceeded number of logins attempts: {source.address}", "api_blocked", "failure", PROBE),
        *(
            Template('{user.name:word} {source.address} "{http.request.method:word} {url.path:text}" with parameters {:text} done in {:word}: {http.response.status_code:int}', "api_request", outcome, "web")
            for outcome in ("unknown",)
        ),
    )),
    Layout("jenkins", "jenkins", (_WHEN + " {message}",), templates=(
        Template("\\[id={:int}\\]<\t| >WARNING<\t| >{:word}: Failed login attempt from {source.address}", "jenkins_login", "failure"),
    )),
    Layout("home_assistant", "home_assistant", (_WHEN + " {log.level:word} ({:word}) \\[{:word}\\] {message}",), templates=(
        Template("Login attempt or request with invalid authentication from {tocsin.claimed.host:word} ({source.address}). {:text}", "home_assistant_login", "failure"),
        Template("Login attempt or request with invalid authentication from {tocsin.claimed.host:word} ({source.address})", "home_assistant_login", "failure"),
        Template("Login attempt or request with invalid authentication from {source.address}", "home_assistant_login", "failure"),
        Template("Login attempt or request with invalid authentication from {source.address:endpoint}. {:text}", "home_assistant_login", "failure"),
        Template("Banned IP {source.address} {:text}", "address_banned", "unknown", PROBE),
    )),
    Layout("jellyfin", "jellyfin", (r"\[{@timestamp:stamp}\] \[{log.level:word}\] \[{:word}\] {:word}: {message}", r"\[{:int}:{:int}:{:int}\] \[{log.level:word}\] \[{:word}\] {:word}: {message}"), templates=(
        Template("Authentication request for {user.name:text} has been denied (IP: {source.address}).", "jellyfin_login", "failure"),
        Template('Authentication request for {user.name:text} has been denied (IP: "{source.address}").', "jellyfin_login", "failure"),
        Template("Authentication request for {user.name:text} has succeeded.", "jellyfin_login", "success"),
    )),
    Layout("emby", "emby", (_WHEN + " {log.level:word} {:word}: {message}",), templates=(
        Template("AUTH-ERROR: {source.address} - {error.message}", "emby_login", "failure"),
        Template("AUTH-SUCCESS: {source.address} - {:text}", "emby_login", "success"),
        Template("HTTP Response {:int} to {source.address:endpoint}. {:text}", "emby_response", "unknown", "web"),
    )),
    Layout("vaultwarden", "vaultwarden", (r"\[{@timestamp:stamp}\]\[{:word}\]\[{log.level:word}\] {message}",), templates=(
        Template("Username or password is incorrect. Try again. IP: {source.address}. Username: {user.name}.", "vaultwarden_login", "failure"),
        Template("Username or password is incorrect. Try again. IP: {source.address:endpoint}. Username: {user.name}.", "vaultwarden_login", "failure"),
        Template("Invalid admin token. IP: {source.address}", "vaultwarden_login", "failure"),
        Template("Invalid TOTP code! {:text} IP: {source.address}", "vaultwarden_login", "failure"),
        Template("<Token is invalid!|Username or password is incorrect. Try again|Invalid recovery code|No user found|Invalid Yubikey OTP provided|This user has been disabled|Recovery code is incorrect. Try again.|Invalid client_id|Incorrect client_secret|Access code is invalid|Invalid password> IP: {source.address}", "vaultwarden_login", "failure"),
        Template("<Invalid password|Invalid client_id|Incorrect client_secret|Username or password is incorrect. Try again|This user has been disabled>. IP: {source.address}. Username: {user.name}.", "vaultwarden_login", "failure"),
        Template("[2FA] {:text} IP: {source.address}", "vaultwarden_login", "failure"),
    )),
    Layout("guacamole", "guacamole", (
        _WHEN + " \\[{:trusted}\\] <WARN|INFO|ERROR> <| >{:word} - {message}",
        "{:int}:{:int}:{:word} \\[{:trusted}\\] <WARN|INFO|ERROR> <| >{:word} - {message}",
        "<WARNING|INFO|SEVERE>: {message}",
    ), templates=(
        Template('Authentication attempt from <{source.address}|\\[{source.address}\\]> for user "{user.name:text}" failed<|.>', "guacamole_login", "failure"),
        *(  # the last one connected; what stands before it is what that one says of its own clients
            Template(f'Authentication attempt from \\[{claims}, {{source.address}}\\] for user "{{user.name:text}}" failed<|.>', "guacamole_login", "failure")
            for claims in ("{tocsin.claimed.forwarded:word}", "{tocsin.claimed.forwarded:word}, {:word}", "{tocsin.claimed.forwarded:word}, {:word}, {:word}")
        ),
        Template('User "{user.name:text}" successfully authenticated from <{source.address}|\\[{source.address}\\]>.', "guacamole_login", "success"),
    )),
    Layout("keycloak", "keycloak", (
        _WHEN + " {log.level:word} <| >\\[{:word}\\] ({:trusted}) {message}",
    ), formats=(RecordFormat("keycloak", "keycloak", ("type", "realmId", "ipAddress"), {
        "ipAddress": "source.address", "username": "user.name", "error": "error.message", "userId": "user.id", "clientId": "client.id",
    }, (
        Meaning({"type": ("LOGIN_ERROR", "CODE_TO_TOKEN_ERROR", "CLIENT_LOGIN_ERROR", "RESET_PASSWORD_ERROR", "IMPERSONATE_ERROR", "TOKEN_EXCHANGE_ERROR"), "error": ("user_not_found", '"user_not_found"')}, "keycloak_login", "failure"),
        Meaning({"type": "*_ERROR"}, "keycloak_login", "failure"),
        Meaning({"type": ("LOGIN", "CLIENT_LOGIN")}, "keycloak_login", "success"),
        Meaning({"type": "*"}, "keycloak_event", "unknown", SESSION),
    )),)),
    Layout("zoneminder", "zoneminder", (_WHEN + " {message}",), templates=(
        Template('web_php\\[{process.pid:int}\\].<ERR|WAR|INF|AUDIT> \\[{source.address}\\] \\[<Login denied for user "{user.name:text}"|Could not retrieve user {user.name:text} details>\\] at {:text}', "zoneminder_login", "failure"),
    )),
    Layout("openhab", "openhab", ("{source.address} -  {user.name:word}<| > \\[{@timestamp:stamp}\\] {message}",), templates=(
        Template('"{:text}" 401 {:text}', "openhab_login", "failure"),
    )),
)  # fmt: skip
