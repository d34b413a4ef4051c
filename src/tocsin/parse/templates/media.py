"""Media servers and download managers.

Sources: the programs' own logs and source: Servarr's authentication logger, SABnzbd's interface, Audiobookshelf's
Auth, Navidrome, Overseerr and Jellyseerr, Ombi, Immich, Calibre-Web, Komga, qBittorrent, Plex, Kavita.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Family, Layout, Meaning, RecordFormat, Template

_FAILED, _DONE, _WHEN = "failure", "success", "{@timestamp:stamp}"
_SERVARR = tuple(
    Template(f"<|\\[{{log.level:word}}\\] >Auth: {words}", "servarr_login", outcome)
    for words, outcome in (
        ("Auth-Failure ip {source.address} username '{user.name}'", _FAILED),
        ("Auth-Failure ip {source.address} username {user.name}", _FAILED),
        ("Auth-Unauthorized ip {source.address} url {url.original}", _FAILED),
        ("Auth-Success ip {source.address} username '{user.name}'", _DONE),
        ("Auth-Success ip {source.address} username {user.name}", _DONE),
    )
)
_SAB = (
    Template(
        "<Unsuccessful login attempt from|Mislukte login poging van|Erfolgloser Login-Versuch von|Erfolgloser Anmeldeversuch von|"
        "Tentative de connexion infructueuse depuis|Tentative de connexion échouée depuis|Intento de inicio de sesión fallido desde|"
        "Misslyckat inloggningsförsök från|Mislykket innloggingsforsøk fra> {source.address} {:text}",
        "sabnzbd_login", _FAILED,
    ),
    Template("Successful login from {source.address} {:text}", "sabnzbd_login", _DONE),
    Template("Refused connection from: {source.address}{:text}", "sabnzbd_refused", _FAILED, PROBE),
    Template('Refused connection with hostname "{tocsin.claimed.host:text}" from: {source.address}{:text}', "sabnzbd_refused", _FAILED, PROBE),
    Template("API Key <missing|incorrect>{:trusted}<from|>: {source.address}{:text}", "sabnzbd_refused", _FAILED, PROBE),
)  # fmt: skip
_SEERR_ENDS = (
    '"ip":"{source.address}","email":"{user.name:text}"{:text}',
    '"ip":"{source.address}"{:text}',
)
_SEERR = tuple(
    Template(
        "<\\[{:word}\\]|>\\[Auth\\]: Failed <sign-in|login> attempt {:trusted}" + end,
        "seerr_login",
        _FAILED,
    )
    for end in _SEERR_ENDS
)

FAMILIES = (
    Family("servarr", "servarr", (
        "Sonarr", "Radarr", "Lidarr", "Prowlarr", "Readarr", "Whisparr", "Bazarr", "sonarr", "radarr", "lidarr", "prowlarr",
        "readarr", "whisparr", "mono",
    ), _SERVARR),
    Family("sabnzbd", "sabnzbd", ("sabnzbd", "SABnzbd", "sabnzbdplus"), _SAB),
)  # fmt: skip

LAYOUTS = (
    Layout("tautulli", "tautulli", (_WHEN + " - {log.level:word} :: {:trusted} : Tautulli WebAuth :: {message}",), templates=(
        Template("Invalid <admin |user |guest |>login attempt from '{source.address}'.", "tautulli_login", _FAILED),
        Template("<Admin|Guest|User> user '{user.name:text}' logged into Tautulli.", "tautulli_login", _DONE),
    )),
    Layout("servarr", "servarr", (_WHEN + "\\|{log.level:word}\\|Auth\\|{message}",), templates=tuple(
        Template(one.line.partition("Auth: ")[2], one.action, one.outcome) for one in _SERVARR
    )),
    Layout("servarr_console", "servarr", ("\\[{log.level:word}\\] {message}",), family="servarr"),
    Layout("sabnzbd", "sabnzbd", (_WHEN + "::{log.level:word}::\\[{:word}\\] {message}",), family="sabnzbd"),
    Layout("ombi", "ombi", (_WHEN + " \\[{log.level:word}\\] {message}",), templates=(
        Template("Failed login attempt by IP: {source.address}", "ombi_login", _FAILED),
    )),
    Layout("seerr", "seerr", (_WHEN + " \\[{log.level:word}\\]{message}",), templates=tuple(
        Template(one.line, one.action, one.outcome) for one in _SEERR
    )),
    Layout("seerr_words", "seerr", (_WHEN + " \\[{log.level:word}\\]\\[Auth\\]: {message}",), templates=(
        *(Template("Failed <sign-in|login> attempt {:trusted}" + end, "seerr_login", _FAILED) for end in _SEERR_ENDS),
        Template("Failed <sign-in|login> attempt from user with incorrect {:trusted} credentials \\{{:text}ip: '{source.address}'{:text}", "seerr_login", _FAILED),
    )),
    Layout("qbittorrent", "qbittorrent", ("({log.level:word}) " + _WHEN + " - {message}",), templates=(
        Template("WebAPI login failure. Reason: {error.message:trusted}, attempt count: {:int}, IP: {source.address}, username: {user.name}", "qbittorrent_login", _FAILED),
        Template("WebAPI login success. IP: {source.address}", "qbittorrent_login", _DONE),
    )),
    Layout("calibre_web", "calibre_web", ("\\[" + _WHEN + "\\] <| >{log.level:word} \\{{:word}\\} {message}",), templates=(
        Template('Login failed for user "{user.name:text}" IP-address: {source.address}', "calibre_login", _FAILED),
        Template("Login failed for user '{user.name:text}' IP-address: {source.address}", "calibre_login", _FAILED),
        Template("OPDS Login failed for user {:text} IP-address: {source.address}", "calibre_login", _FAILED),
    )),
    Layout("komga", "komga", (_WHEN + " {log.level:word} {:int} --- \\[{:trusted}\\] {:word} <| > : {message}", _WHEN + "  {log.level:word} {:int} --- \\[{:trusted}\\] {:word} : {message}"), templates=(
        Template("Failed login attempt from IP: {source.address}<|{:text}>", "komga_login", _FAILED),
    )),
)  # fmt: skip

RECORD_FORMATS = (
    RecordFormat("audiobookshelf", "audiobookshelf", ("timestamp", "source", "message", "levelName"), {"timestamp": "@timestamp"},
                 message="message", templates=(
        Template('\\[Auth\\] Failed login attempt for username "{user.name:text}" from ip {source.address} ({error.message})', "audiobookshelf_login", _FAILED),
        Template('\\[Auth\\] Failed login attempt for username "{user.name:text}" from ip {source.address}', "audiobookshelf_login", _FAILED),
        Template("\\[Auth\\] Failed login attempt {:int} of {:int} from {source.address}{:text}", "audiobookshelf_login", _FAILED),
    )),
    RecordFormat("navidrome", "navidrome", ("msg", "remoteAddr", "httpStatus"), {
        "time": "@timestamp", "remoteAddr": "source.address", "httpStatus": "http.response.status_code", "userAgent": "user_agent.original",
    }, (
        Meaning({"msg": "*/auth/login", "httpStatus": ("401", "403", "429")}, "navidrome_login", _FAILED),
        Meaning({"msg": "*/auth/login", "httpStatus": "200"}, "navidrome_login", _DONE),
    )),
    RecordFormat("immich", "immich", ("context", "message", "level"), {"timestamp": "@timestamp"}, message="message", templates=(
        Template("Failed login attempt for user {user.name:text} from ip address {source.address}", "immich_login", _FAILED),
    )),
)  # fmt: skip
