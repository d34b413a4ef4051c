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
    "burpcollaborator", "paros", "censysinspect", "expanse, a palo alto", "internet-measurement",
    "leakix", "l9scan", "httpx - open-source", "wp_is_mobile", "masspwn", "hello, world",
    "hello world", "nimbostratus", "wprecon", "droopescan", "cmsmap", "whatwaf", "wafw00f",
    "xsstrike", "nosqlmap", "tplmap", "kiterunner", "interactsh", "gospider", "hakrawler",
    "jbrofuzz", "brutus", "medusa/", "patator", "cloudmapping experiment", "zmap",
    "project25499", "keydrop", "odin (https", "nmap", "sysscan", "webbandit",
    "w00tw00t", "scan.lol", "criminalip", "netsystemsresearch",
    "pentest", "mozlila", "custom-asynchttpclient",
)  # fmt: skip
_ANYWHERE = (
    "/wp-login", "/wp-admin",
    "/wp-config", "/wp-content/plugins", "/wp-json", "/xmlrpc.php", "/phpmyadmin",
    "/php-my-admin", "/myadmin", "/my-admin", "/pma ", "/pma/", "/adminer", "/manager/html",
    "/manager/status", "/manager/text", "/cgi-bin/", "/actuator", "/solr/", "/jenkins",
    "/boaform", "/hnap1", "/gponform", "/phpunit", "/_ignition", "/druid/", "/nacos",
    "/autodiscover", "/nmaplowercheck", "/sdk ", "/evox/about", "/trace.axd", "/elmah",
    "/nice ports", "/nice%20ports", "fckeditor/", "/phppgadmin", "/sqladmin", "/dbadmin",
    "/mysqladmin", "/websql", "/vtigercrm", "/a2billing", "/recordings/", "/telescope",
    "/webdav/", "/owa/auth", "/ecp/", "/aspnet_client", "/_vti_bin", "/server-status",
    "/jmx-console", "/web-console", "/axis2", "/struts", "/manager/", "/host-manager",
    "/sap/public", "/irj/portal", "/geoserver", "/hudson", "/cfide", "/wp-includes/",
    "/joomla", "/typo3", "/magento", "/downloader/", "/plesk-stat", "/horde", "/zabbix",
    "/nagios", "/cacti", "/pandora_console", "/remote/login", "/dana-na", "/global-protect",
    "/+cscoe+", "/vpn/index", "/logon/logonpoint", "/sslvpn",
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
# Shells that intruders leave, under the names that those who look for them know.
_SHELLS = (
    "shell.php", "shell.asp", "shell.aspx", "shell.jsp", "shells.php", "_sh.php", "cyberspy5.asp",
    "zehir4.asp", "elmaliseker.asp", "cgitelnet.pl", "perlweb.pl", "cgishell.pl", "aspydrv.asp",
    "phpspy.php", "phpremoteview.php", "nstview.php", "backdoor.php", "cmdasp.asp", "locus7s.php",
    "safe0ver.php", "stressbypass.php", "sosyete.php", "zacosmall.php", "jspspy.jsp",
    "aspxspy.aspx",
)  # fmt: skip
_SHELLS_BY_NAME = (
    "c99.php", "c100.php", "r57.php", "wso.php", "wso2.php", "b374k.php", "b374k-mini.php",
    "alfa.php", "alfa-rex.php", "alfanew.php", "mini.php", "indoxploit.php", "idx.php", "up.php",
    "uploader.php", "cmd.php", "cmd.asp", "cmd.aspx", "cmd.jsp", "webadmin.php", "simple_cmd.php",
    "antichat.php", "locus.php", "erne.php", "browser.jsp", "1.php", "x.php", "xx.php", "z.php",
    "0x.php", "0day.php", "about.php7", "radio.php", "lock360.php", "fm.php",
    "tinyfilemanager.php", "filemanager.php", "bypass.php", "ws.php", "wp-conflg.php",
    "wp-l0gin.php", "wp-blog.php", "wp-signin.php", "sym403.php", "mailer.php", "leafmailer.php",
    "marijuana.php", "priv8.php", "symlink.php", "deface.php", "sadrazam.php", "ngh.php",
    "matamu.php", "iron.php", "ekin0x.php", "dive.php", "cpg_143_incl_xpl.php",
)  # fmt: skip
_DOCUMENTS = ("/readme.txt", "/readme.md", "/changelog.txt", "/changelog.md", "/license.txt")
_UNLINKED = (
    *_HIDDEN,
    *(f"{end} " for end in (*_ENDINGS, *_SHELLS)),
    *(f"/{name} " for name in _SHELLS_BY_NAME),
)
PROBED_PATHS = (*_ANYWHERE, *_UNLINKED)
_PROBED = frozenset(PROBED_PATHS)
# What no page leads to, whatever a request says that it came from.
UNLINKED_PATHS = (*_UNLINKED, *(f"{name} " for name in _DOCUMENTS))
STATIC_ENDINGS = tuple(
    f".{ending} "
    for ending in (
        "css", "js", "mjs", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif",
        "bmp", "woff", "woff2", "ttf", "eot", "otf", "mp3", "mp4", "webm", "ogg", "wav", "m4s",
        "ts", "m3u8", "mpd", "pdf", "zip", "gz", "xz", "deb", "rpm", "jar", "whl", "exe", "msi",
        "iso", "swf", "txt", "xml", "json", "wasm", "tif", "tiff", "heic", "pbf", "mvt",
    )
)  # fmt: skip
# What programs ask for in a hurry; no pages either.
_PROGRAMS = (
    "/api/", "/rest/", "/v1/", "/v2/", "/v3/", ".git/", "/npm/", "/graphql", "/rpc/", "/metrics",
    "/packages/", "/simple/", "/artifactory/", "/repository/", "/objects/", "/tiles/", "/tile/",
    "/blobs/", "/chunk", "/segment", "/thumb", "/avatar",
)  # fmt: skip
NO_PAGES = (*STATIC_ENDINGS, *_PROGRAMS)
GUESSED_PATHS = tuple(f"/{word}{end}" for word in _LAST for end in (" ", "/ ", "."))
SCANNERS = pattern("|".join(map(re.escape, SCANNER_NAMES)), re.IGNORECASE)


def probe_in(path: str) -> str:
    """Return the literal that makes a path, without its query, one that scanners ask for.

    >>> probe_in("/wp-content/../.git/config"), probe_in("/admin.php"), probe_in("/about")
    ('/.g', '/admin.', '')
    """
    found = (literal for _, literal in _automaton().iter(path.lower() + " "))
    return max(found, key=_PROBED.__contains__, default="")


def is_proxied(target: str, method: str) -> bool:
    """Tell a request for somebody else's page, which only a proxy serves.

    >>> is_proxied("http://www.example.com/", "GET"), is_proxied("mx.example.com:25", "CONNECT")
    (True, True)
    >>> is_proxied("/?to=http://www.example.com/", "GET")
    False
    """
    return (
        method == "CONNECT" or target[:7].lower() == "http://" or target[:8].lower() == "https://"
    )


@lru_cache(maxsize=1)
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for literal in (*PROBED_PATHS, *GUESSED_PATHS):
        automaton.add_word(literal, literal)
    automaton.make_automaton()
    return automaton
