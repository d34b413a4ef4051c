"""What scanners of web servers ask for, and what they call themselves.

Literals in lower case; a space stands for the end of a path. They are looked for in requests
on the wire (`is_probed`) and, all at once, in the lines of access logs
(`tocsin.detect.web.access_literals`). Sources: default word lists and names of the public
scanners; "OWASP Web Security Testing Guide" 4.2 (WSTG-CONF-04, -05).
"""

from __future__ import annotations

import re
from functools import lru_cache

import ahocorasick

from tocsin.core.patterns import pattern

SCANNER_NAMES = (
    "nikto", "sqlmap", "nmap scripting", "masscan", "zgrab", "gobuster", "dirbuster", "dirb/",
    "feroxbuster", "fuzz faster", "ffuf", "wfuzz", "nuclei", "acunetix", "nessus", "openvas",
    "w3af", "arachni", "whatweb", "wpscan", "joomscan", "skipfish", "wapiti", "zaproxy",
    "owasp zap", "netsparker", "qualys", "appscan", "webinspect", "jaeles", "havij", "grendel",
    "webshag", "morfeus", "zmeu", "dfind", "muieblackcat", "jorgee", "l9explore", "l9tcpid",
    "fimap", "commix", "xsser", "dalfox", "sqlninja", "bsqlbf", "dirsearch", "vega/",
    "burpcollaborator", "paros",
)  # fmt: skip
_ANYWHERE = (
    "/.env", "/.git", "/.svn", "/.hg", "/.aws", "/.ssh", "/.htaccess", "/.htpasswd", "/.ds_store",
    "/.vscode", "/.npmrc", "/.docker", "/.bash_", "/.idea", "/wp-login", "/wp-admin",
    "/wp-config", "/wp-content/plugins", "/wp-json", "/xmlrpc.php", "/phpmyadmin",
    "/php-my-admin", "/myadmin", "/my-admin", "/pma ", "/pma/", "/adminer", "/manager/html",
    "/manager/status", "/manager/text", "/cgi-bin/", "/actuator", "/solr/", "/jenkins",
    "/boaform", "/hnap1", "/gponform", "/phpunit", "/_ignition", "/druid/", "/nacos",
    "/autodiscover", "/nmaplowercheck", "/sdk ", "/evox/about", "/trace.axd", "/elmah",
    "/nice ports", "/nice%20ports",
)  # fmt: skip
_LAST = (
    "administrator", "admin", "backup", "backups", "old", "test", "config", "setup", "install",
    "shell", "cmd", "console", "debug", "server-status", "server-info", "phpinfo", "info",
    "web.config", "dump", "database", "private", "secret", "password", "passwords", "user",
    "users", "login", "log", "logs", "tmp", "temp", "upload", "uploads",
)  # fmt: skip
_ENDINGS = (
    ".bak", ".old", ".orig", ".save", ".swp", ".sql", ".tar.gz", ".tgz", ".rar", ".7z", ".ini",
    ".conf", ".mdb", ".inc", "~",
)  # fmt: skip
PROBED_PATHS = (
    *_ANYWHERE,
    *(f"/{word}{end}" for word in _LAST for end in (" ", "/ ", ".")),
    *(f"{end} " for end in _ENDINGS),
)
SCANNERS = pattern("|".join(map(re.escape, SCANNER_NAMES)), re.IGNORECASE)


def is_probed(path: str) -> bool:
    """Tell whether a path, without its query, is one that scanners probe.

    >>> is_probed("/wp-content/../.git/config"), is_probed("/admin.php"), is_probed("/about")
    (True, True, False)
    """
    return next(_automaton().iter(path.lower() + " "), None) is not None


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for literal in PROBED_PATHS:
        automaton.add_word(literal, literal)
    automaton.make_automaton()
    return automaton
