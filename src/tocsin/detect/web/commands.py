"""Command injection in a decoded value: a separator, a command, and what stands behind it.

Many commands are English words (cat, find, more, time); those count only with a path, an
option or a number behind them. Sources: CWE-78; "OS Command Injection", OWASP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.patterns import pattern

if TYPE_CHECKING:
    import re

_BEFORE = r"(?:^\s{0,4}|[;|&`\n\r]\s{0,4}|\$\(\s{0,4}|\|\|\s{0,4}|['\"]\s{0,4}[;|&]{1,2}\s{0,4})"
_SEPARATED = r"(?:[;|`\n\r]\s{0,4}|&&\s{0,4}|\$\(\s{0,4}|&\s{0,4}(?=/|\w+(?:\.exe)?\s+[-/]))"
_QUOTED = r"[\"'\\^]{0,2}"
_PLAIN_COMMANDS = (
    r"(?:whoami|uname|ifconfig|ipconfig|netstat|nslookup|systeminfo|tasklist|wget|curl|ncat|"
    r"busybox|powershell|tftp|ftpget|chmod|chown|passthru|printenv|nmap|telnetd|reboot|iptables|"
    r"mkfifo|socat|lynx|uptime|phpinfo|ls|ps|nc|sh|bash|ksh|zsh|perl|python\d?|ruby|id|pwd|w|arp|"
    r"traceroute|dig|base64|xxd|rm|mv|cp|mkdir|crontab|useradd|passwd|net\s+user|reg\s+query|"
    r"certutil|bitsadmin|mshta|wmic|rundll32|cmd(?:\.exe)?)"
)
_ENGLISH_COMMANDS = (
    r"(?:cat|more|less|find|sort|date|time|host|type|head|tail|touch|kill|top|who|last|make|cut|"
    r"split|join|dir|echo|sleep|test|ping6?(?:\.exe)?|set|env|export|source|cd|del|copy|"
    r"move|start|tee|nohup|telnet|ftp|ssh|net|reg|gcc|awk|sed|grep|php|node|timeout|tar|dd|eval|"
    r"exec|killall|printf|read|rev|nl|od|strings|file|df|du|mount|logger|mail|expr|at|"
    r"nohup|diff|finger|groups|ed|vi|man|xargs|egrep|fgrep|zcat|tac|comm|cmp|ln|su|sudo)"
)
_END = r"(?=\s*(?:$|[;|&`#<>)'\"\x00\n\r]))"
_ARGUMENT = (
    r"(?:\s+|\$\{?ifs\}?[$\d@*]*|<|%09|\t)\s*['\"]?(?:-{1,2}[a-z0-9]|/|\\|\.{1,2}/|~|[a-z]:|\d+\b|"
    r"\$|https?:|>|\*|[\w.-]+/|%\w+%|[\w-]+\.(?:txt|php|sh|ini|conf|py|exe|log|html?)\b)"
)
_BIN = r"(?:/(?:usr/|usr/local/)?s?bin/|c:\\windows\\system32\\)"
_PREFIXED = r"(?:sudo\s+|nohup\s+|exec\s+|busybox\s+|time\s+)?"

SHORT, DOCUMENTS, FIELDS = "short", "documents", "fields"
# (where it counts, pattern): in short values, also in long texts of a body, or only in
# fields of the target and in headers.
COMMANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (SHORT, pattern(_SEPARATED + _PREFIXED + _QUOTED + _PLAIN_COMMANDS + _QUOTED + _END)),
    (
        SHORT,
        pattern(_SEPARATED + _PREFIXED + _PLAIN_COMMANDS + r"(?:\s+-{1,2}\w|" + _ARGUMENT + ")"),
    ),
    (SHORT, pattern(_SEPARATED + _PREFIXED + _ENGLISH_COMMANDS + _ARGUMENT)),
    (FIELDS, pattern(r"(?:^|[\s;|&`'\"(=$<>])" + _BIN + r"\w")),
    (SHORT, pattern(r"[;|&`(]\s{0,4}" + _BIN + r"\w")),
    (
        SHORT,
        pattern(
            r"`\s*(?:/\w|(?:"
            + _PLAIN_COMMANDS[3:-1]
            + r"|true|false|cat|echo|sleep|ping)\b)[^`]{0,200}`"
        ),
    ),
    (
        SHORT,
        pattern(
            r"^[\s+]*[;|&]{1,2}[\s;|&+]*(?:dir|cat|type|echo|sleep|ping|"
            r"set|ls|id)(?:\s|\+|\||$)"
        ),
    ),
    (SHORT, pattern(r"^['\"]?\s*[;|&]{1,2}\s*(?:" + _PLAIN_COMMANDS[3:-1] + r")\b")),
    (SHORT, pattern(r"(?:^|[;|&]\s{0,4})ping6?(?:\.exe)?\s+-[nciw]\s*\d+\s+[\w.:]+")),
    (SHORT, pattern(r"^\s*['\"`]?(?:uname|whoami|ifconfig|ipconfig)(?:\s+-\w+)?['\"`]?\s*$")),
    (
        SHORT,
        pattern(
            r"^\s*\+?\s*dir(?:\s|\+)+[a-z]:|^\s*(?:cat|ls|type)\s+(?:-\w+\s+)*(?:/|"
            r"\.\./|[a-z]:\\)"
        ),
    ),
    (
        DOCUMENTS,
        pattern(
            r"(?:^|[;|&`$(\n]\s{0,4})(?:cd\s+/\w*\s*;\s*)?(?:/bin/)?(?:busybox\s+)?(?:wg"
            r"et|curl|tftp|ftpget)(?:\s+|\$\{?ifs\}?|\+)(?:-\S{1,40}\s+){0,6}['\"]?(?:ht"
            r"tps?://|\d{1,3}\.\d{1,3}\.\d{1,3}\.)"
        ),
    ),
    (
        DOCUMENTS,
        pattern(
            r"\$\{ifs\}|\$ifs\b|/dev/(?:tcp|udp)/[\w.]+/\d|\bnc(?:\.traditional)?\s+(?:-"
            r"\w+\s+)*-e\s|\brm\s+-rf\s+[/*.~]|\bbash\s+-[ic]\b.{0,4}['\">&]|"
            r"\bsh\s+-c\s+['\"]"
        ),
    ),
    (
        DOCUMENTS,
        pattern(
            r"\bcmd(?:\.exe)?\s*/[ckr]\s*\S|\bpowershell(?:\.exe)?\s+(?:-\w+\s+){1,6}\S|"
            r"%comspec%|\bcertutil(?:\.exe)?\s+-urlcache|(?:invoke-expression|"
            r"downloadstring|iex\s*\(|-encodedcommand)\b"
        ),
    ),
    (
        SHORT,
        pattern(
            r"\$\(\s*(?:"
            + _PLAIN_COMMANDS[3:-1]
            + r"|"
            + _ENGLISH_COMMANDS[3:-1]
            + r")(?:\s|\))|[<>]\(\s*(?:"
            + _PLAIN_COMMANDS[3:-1]
            + (
                r")\b|\bchmod\s+(?:\+x|[0-7]{3,4})\s+\S|\bwget\s+(?:-\S+\s+)*https?://|"
                r"\bcurl\s+(?:-\S+\s+){1,4}https?://"
            )
        ),
    ),
    (
        SHORT,  # loops and cmdlets of Windows shells
        pattern(
            r"\bfor\s{1,20}(?:/[dflr]\s{1,20})?(?:[^%]{0,60}\s)?%{1,2}\S{0,12}\s{1,8}in\s{1,8}\("
            r"[^)]{0,120}\)\s{0,4}do\b|\binvoke-(?:expression|webrequest|command|restmethod)\b|"
            r"\bstart-process\s|\bnew-object\s{1,4}(?:net|system)\.|\biwr\s{1,4}(?:-\w+\s+)?https?:"
        ),
    ),
    (FIELDS, pattern(r"^[|;]\w{2,12}[|;]?$")),
    (SHORT, pattern(r"^(?:/\w[\w./-]*)?\w{0,12}\s*[|;]\s*id\s*[|;]?\s*$")),
)
MAY_COMMAND = pattern(
    r"[;|&`$\n\r<>(]|bin/|system32|\b(?:ping6?|dir|cat|ls|type|uname|whoami|ifconfig|ipconfig|cmd|"
    r"powershell|wget|curl|busybox|tftp|ftpget|rm|chmod|nc|bash|sh|certutil|iex|iwr)\b|%comspec|invoke-|start-p"
)
_NAMES = pattern(r"[\w.:-]+(?:\s?[|;,&]\s?[\w.:-]+)+")
_LIST = pattern(r"\w+(?:[|;]\w+){2,}")
_LISTING = pattern(r"field|sort|order|column|select|include|expand|key|attr|prop|metric|group")


def is_list_of_names(name: str, text: str) -> bool:
    """Tell a list of column names (``fields=name|id``) from a command behind a separator."""
    if _LIST.fullmatch(text):
        return True
    return _LISTING.search(name.lower()) is not None and _NAMES.fullmatch(text) is not None
