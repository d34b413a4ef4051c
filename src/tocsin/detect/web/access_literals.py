"""What in an access line calls for a look: literals for the kernel that reads them all.

Of a line whose texts are plain (letters, digits, a few signs; no escapes, quotes, brackets) an
attack can only be one of those named here: a climb (``..``), a wrapper or an address in a
value, a file of the system, a word that only attacks hold, the path of a known exploit. The
judge of what they find is `is_suspect`, which is `tocsin.detect.web.signatures`.
"""

from __future__ import annotations

from functools import lru_cache

from tocsin.detect.web.probed import (
    GUESSED_PATHS,
    NO_PAGES,
    PROBED_PATHS,
    SCANNER_NAMES,
    UNLINKED_PATHS,
    is_proxied,
)
from tocsin.detect.web.signatures import web_attacks_in
from tocsin.kernels.web_clients import (
    ATTACK,
    ATTACK_TARGET,
    GUESSED,
    LOGIN,
    PROBED,
    SCANNER,
    STATIC,
    UNLINKED,
    WORDPRESS,
)

_IN_TARGETS = (
    "connect ", "%3f ", "/usr/", "://", "..", "file:", "data:", "php:", "jar:", "127.",
    "localhost", "0.0.0.", "169.254.", "0x", "::1", "2130706433", "2852039166", "0177",
    "100.100.100.", "192.0.0.192", "metadata",
    "instance-data", "/etc/", "/proc/", ".ini", "/.ssh", "/.bash", "/.aws", "id_rsa",
    "authorized_keys", ".htpasswd", "web-inf", "winnt", "windows", "inetpub", "/var/", "/root/",
    "/home/", "/./", "///", "{file}", "bin/", "system32", "script", "document.", "window",
    "onerror", "=on", "--", "cmd=", "exec=", "execute=", "command=", "syscmd", "invokefunction",
    "c99", "r57", "wso", "b374k", "shell.", "backdoor", "cmd.", "mini.", "alfa", "jspspy",
    "aspxspy", "antsword", "/shell?", "setup.cgi", "hnap1", "gponform", "deviceupgrade",
    "picsdesc", "picdesc", "wanip", "/ud/", "tmunblock", "hndunblock", "apply.cgi", "ping.cgi",
    "diagnostic.cgi", "nvramtools", "/cgi-bin/", "stok=", "/language/", "eval-stdin", "/solr/",
    "wls-wsat", "/_async", "jmxinvoker", "/console/", "dana-na", "tmui", "cscot", "/lang/",
    "fgt_lang", "autodiscover", "/vpns/", "/vpn/", "scripttext", "/script",
)  # fmt: skip
_EQUATIONS = tuple(f"{a}={b}" for a in range(10) for b in range(10))  # as in or 1=1
_ANYWHERE = (
    "java.", "java:", "processbuilder", "classloader", "__", "information_schema", "ro0ab",
    "aaead", "h4si", "oot.ini", "etcpasswd", "jndi", "transformer", "closure", "factory",
    "child_process", "ognl", "xwork", "clojure", "bsh.", "groovy", "com.sun", "org.apache",
    "spring.", "global.", "../", "javascript", "vbscript", "livescript", "alert(", "prompt(",
    "confirm(", "eval(", "atob(", "sleep(", "benchmark(", "waitfor", "union select", "union all",
    "union distinct", "select ", "() ",
    "wget ", ";curl", "; curl", ";cat", "; cat", ";/", "; /", ";id", "; id", "system(", "exec(",
    "passthru", "phpinfo", " or ", " and ", "gopher:", "dict:", "ldap:", "ldaps:", "rmi:",
    "dns:", "expect:", "phar:", "zlib:", "union(", "select(", "concat(", "concat_", "@@",
    "--", "outfile", " by ", "call ",
    *_EQUATIONS,
)  # fmt: skip
_LOGINS = ("login", "signin", "sign_in", "sign-in", "logon", "/auth", "/session", "/token")

ACCESS_EVENT = {"event.dataset": "http.access", "url.original": "/"}
REQUEST_TEXTS = frozenset(
    {
        "url.original",
        "url.path",
        "url.query",
        "user_agent.original",
        "http.request.referrer",
    }
)  # fields whose text stands in a line as it is


def access_literals() -> list[tuple[bytes, int]]:
    """Return (literal, mark of `tocsin.kernels.web_clients`) pairs."""
    by_mark = {
        ATTACK_TARGET: _IN_TARGETS,
        ATTACK: _ANYWHERE,
        PROBED: PROBED_PATHS,
        GUESSED: GUESSED_PATHS,
        SCANNER: SCANNER_NAMES,
        UNLINKED: UNLINKED_PATHS,
        STATIC: NO_PAGES,
        LOGIN: _LOGINS,
        WORDPRESS: ("/wp-login.php ",),
    }
    return [(text.encode(), mark) for mark, texts in by_mark.items() for text in texts]


@lru_cache(maxsize=16_384)
def is_suspect(target: str, referrer: str, agent: str, method: str) -> bool:
    """Tell whether a request shows an attack by its target, referrer or agent.

    A request for somebody else's page is none yet: what it was answered says so.
    """
    if is_proxied(target, method):
        return True
    headers = tuple(
        (name, text) for name, text in (("referer", referrer), ("user-agent", agent)) if text
    )
    return bool(web_attacks_in(target, method=method, headers=headers))
