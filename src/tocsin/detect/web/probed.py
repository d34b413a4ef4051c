"""What scanners of web servers ask for, and what they call themselves.

Literals in lower case; a space stands for the end of a path. They are looked for in requests
on the wire (`probe_in`) and, all at once, in the lines of access logs
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
    "/wp-login", "/wp-admin",
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
# Files that no page links to; /.well-known is for anybody.
_HIDDEN = tuple(f"/.{letter}" for letter in "abcdefghijklmnopqrstuvxyz_")
PROBED_PATHS = (*_ANYWHERE, *_HIDDEN, *(f"{end} " for end in _ENDINGS))
GUESSED_PATHS = tuple(f"/{word}{end}" for word in _LAST for end in (" ", "/ ", "."))
SCANNERS = pattern("|".join(map(re.escape, SCANNER_NAMES)), re.IGNORECASE)


def probe_in(path: str) -> str:
    """Return the literal that makes a path, without its query, one that scanners ask for.

    >>> probe_in("/wp-content/../.git/config"), probe_in("/admin.php"), probe_in("/about")
    ('/.g', '/admin.', '')
    """
    found = (literal for _, literal in _automaton().iter(path.lower() + " "))
    return max(found, key=PROBED_PATHS.__contains__, default="")


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for literal in (*PROBED_PATHS, *GUESSED_PATHS):
        automaton.add_word(literal, literal)
    automaton.make_automaton()
    return automaton
