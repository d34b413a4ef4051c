"""What in an access line calls for a look: literals for the kernel that reads them all.

Of a line whose texts are plain once their escapes are decoded (letters, digits, a few signs; no
quotes, brackets, separators) an attack can only be one of those named here: a climb (``..``), a
wrapper or an address in a value, a file of the system, words that only attacks hold (some of them
only together), the path of a known exploit. The judge of what they find is `is_suspect`, which is
`tocsin.detect.web.signatures`.
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
from tocsin.kernels.web_table import (
    ATTACK,
    ATTACK_AGENT,
    ATTACK_TARGET,
    FILE,
    FILE_OTHER,
    GUESSED,
    LOGIN,
    PROBED,
    SCANNER,
    SQL,
    SQL_OTHER,
    STATIC,
    UNLINKED,
    WORDPRESS,
)

_IN_TARGETS = (
    "connect ", "..", ":/", "data:", "/etc/", "/proc/", "boot.ini", "win.ini", "system.ini",
    "/.ssh", ".bash_", "/.bash", "/.aws", "id_rsa", "authorized_keys", ".htpasswd", "web-inf",
    ":windows", ":winnt", ":inetpub", "/var/log", "/./", "///", "/bin/", "/sbin/", "system32",
    "--", "document.cookie", "document.domain", "cmd=", "exec=", "execute=", "command=", "syscmd",
    "invokefunction", "/c99.", "/r57.", "/wso", "/b374k", "shell.", "alfashell", "/alfa.",
    "backdoor", "/cmd.", "/mini.", "jspspy", "aspxspy", "antsword", "indoxploit", "/shell?",
    "setup.cgi", "hnap1", "gponform", "deviceupgrade", "picsdesc", "picdesc", "wanip", "/ud/",
    "tmunblock", "hndunblock", "apply.cgi", "ping.cgi", "diagnostic.cgi", "nvramtools",
    "/cgi-bin/", "stok=", "/language/", "eval-stdin", "/solr/", "wls-wsat", "/_async",
    "jmxinvoker", ".portal?", "/lang/custom", "autodiscover", "/script ", "/scripttext ", "0x2e",
    "0x2f", "0x5c", "invoke-", "start-p", "0x0a", "?\xad", "&\xad", "\xe0\x80", "\xe0@",
)  # fmt: skip
_IN_AGENTS = (
    "select ", " or ", " and ", "call ", " by ", "__", "rlike", "shell_exec", "proc_open",
    "assert", "pcntl_exec", "create_function", "call_user_func", "file_put_contents",
    "base64_decode", "preg_replace", "array_map", "md5", "usort", "ob_start", "shutdown",
)  # fmt: skip
_ANYWHERE = (
    "java.", "java:", "processbuilder", "classloader", "__class", "__proto", "__globals",
    "__import", "information_schema", "ro0ab", "aaead", "h4si", "oot.ini", "etcpasswd", "jndi",
    "invokertransformer", "instantiatetransformer", "clonetransformer", "constanttransformer",
    "chainedtransformer", "forclosure", "whileclosure", "instantiatefactory",
    "prototypeclonefactory", "prototypeserializationfactory", "child_process", "ognl", "xwork",
    "clojure.core", "bsh.", "groovy.lang", "com.sun", "org.apache", "spring.cloud",
    "global.process", "\xac\xed", "../", "script:", "script :", "scriptalert", "alert(", "prompt(",
    "confirm(", "eval(", "atob(", "sleep(", "benchmark(", "waitfor", "union select", "union all",
    "union distinct", "() ", "wget ", ";curl", "; curl", ";cat", "; cat", ";/", "; /", ";id",
    "; id", "system(", "exec(", "passthru", "phpinfo(", "gopher:", "jar:", "netdoc:", "sftp:",
    "dict:", "ldap:", "ldaps:", "rmi:", "dns:", "expect:", "phar:", "zlib:", "union(", "select(",
    "concat(", "concat_", "@@", "--", "outfile", "dumpfile", "order by ", "group by ", "case when",
    "rlike s", "from mysql.", "from performance_schema.", "from pg_", "from sqlite_", "from all_",
    "from master.", "from sysibm.", "from sys", "from dual", "from user_tables", "from msysaccess",
    "from domain.", "unmarshaller", "whoami", "uname", "ifconfig", "ipconfig", "chmod ", "ping -",
    "ping6 -", "ping.exe -", "cat /", "cat -", "ls /", "ls -", "type /", "type -", "type c:",
    "dir c:", "rm -rf", "nc -", "traditional -", "sh -c", "bash -", "powershell ",
    "powershell.exe", "cmd/", "cmd /", "cmd.exe", "certutil", "downloadstring", "encodedcommand",
    "new-object", "iwr ", "curl ", "tftp ", "ftpget ", "/dev/tcp", "/dev/udp",
)  # fmt: skip
# A comparison behind a word that joins conditions: SQL with both only.
_JOINS = tuple(
    f"{before}{word}{behind}"
    for before in ' =-./,:~@?&;()"'
    for word in ("or", "and", "xor", "having", "where", "when", "div", "if")
    for behind in " -"
)
_SQL = _JOINS
_SQL_OTHER = (
    "rlike ", " like ", " regexp ", " is ", " in ", "between ", " order ", " group ",
    "= select", "=select", "in select", "like select",
    *(f"{a}{sign}{b}" for a in range(10) for b in range(10) for sign in ("=", " = ", "= ", " =")),
)  # fmt: skip
_FILE = ("/home/", "/root/")
_FILE_OTHER = ("/apache", "/httpd", "/nginx", "/auth", "/access", "/syslog", "/messages")
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
        ATTACK_AGENT: _IN_AGENTS,
        ATTACK: _ANYWHERE,
        SQL: _SQL,
        SQL_OTHER: _SQL_OTHER,
        FILE: _FILE,
        FILE_OTHER: _FILE_OTHER,
        PROBED: PROBED_PATHS,
        GUESSED: GUESSED_PATHS,
        SCANNER: SCANNER_NAMES,
        UNLINKED: UNLINKED_PATHS,
        STATIC: NO_PAGES,
        LOGIN: _LOGINS,
        WORDPRESS: ("/wp-login.php ",),
    }
    return [(text.encode("latin-1"), mark) for mark, texts in by_mark.items() for text in texts]


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
