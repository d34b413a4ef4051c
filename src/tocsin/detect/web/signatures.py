"""Signatures of web attacks: how each class looks in a decoded value.

Pure functions without state, for detectors of requests on the wire and for readers of
access logs. A signature asks for the grammar of its attack (a quote, an operator and a
comparison; a separator, a command and its argument), never for a word alone: "select" and
"script" are ordinary words. All patterns are linear: bounded gaps, no nested quantifiers.

Sources: CWE-22, -78, -79, -89, -94, -98, -502, -611, -918, -917, -1336; OWASP Web Security
Testing Guide 4.2; CVE-2021-44228 (Log4Shell), CVE-2014-6271 (Shellshock), CVE-2022-22965
(Spring4Shell) and the advisories of the devices named in `tocsin.detect.web.exploits`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tocsin.core.patterns import pattern
from tocsin.detect.web.code import CODE, MAY_CODE, lookups_resolved
from tocsin.detect.web.commands import COMMANDS, DOCUMENTS, FIELDS, MAY_COMMAND, is_list_of_names
from tocsin.detect.web.exploits import exploit_of
from tocsin.detect.web.sql import is_sql_injection
from tocsin.detect.web.values import (
    BODY,
    COOKIE,
    HEADER,
    PATH,
    QUERY,
    UPLOAD,
    Value,
    dotted,
    header_values,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

EXCERPT_MAX = 120
_I = re.IGNORECASE | re.DOTALL

_SPACES = pattern(r"[\s\x00]+")
_MARKUP = pattern(r"[<>`{(=]|script")
_TAG_ALWAYS = pattern(
    r"<\s{0,4}/?\s{0,4}script\b[\s/>\"'(]|<script|"
    r"<[a-z!?][^<>]{0,300}?[\s/\"'`]on[a-z]{3,24}(?:\s|[^\w\s>]){0,40}=|"
    r"<[a-z][^<>]{0,200}?=[\s\"'`]{0,8}(?:[\x01-\x20]*j\s*a\s*v\s*a|"
    r"vb)\s*s\s*c\s*r\s*i\s*p\s*t\s*:|"
    r"<[^<>]{0,200}\bstyle\s*=[^>]{0,100}(?:expression\s*\(|javascript:|binding\s*:|@import)|"
    r"<style[^<>]{0,80}>[^<]{0,200}(?:javascript:|expression\s*\(|@import)|"
    r"<[^<>]{0,200}\b(?:datasrc|srcdoc|formaction|lowsrc|dynsrc|fscommand|seeksegmenttime)\s*=|"
    r"<iframe[^<>]{0,80}src\s*=[\"'\s]{0,4}data:|data:text/html[^,]{0,40},|"
    r"<(?:object|embed|applet|bgsound|isindex|marquee|frameset|xss)\b[\s>/]|"
    r"<meta[^<>]{0,80}http-equiv[^>]{0,80}(?:refresh|set-cookie)|<\?xml-stylesheet|<\?import\b|"
    r"<!\[cdata\[.{0,80}(?:script|javas)",
)
_SCRIPT_URL = pattern(
    r"(?:java|vb|live)script\s*:(?!\s*(?:void\b|;|$|//\s*$|return\b|history\.|print|window\.print))"
    r"[^\s]{0,80}[(=`]",
)
_CALL = pattern(
    r"\b(?:alert|prompt|confirm)\s*(?:\(|`)\s*(?:\d{1,9}\s*[)`]|['\"/]|document|location|xss|"
    r"string\.fromcharcode|self|window|origin)|"
    r"document\.(?:cookie|domain)\s*(?:=|\)|\]|;)|document\.write(?:ln)?\s*\(\s*['\"<]|"
    r"string\.fromcharcode\s*\(|\bexpression\s*\(|eval\s*\(\s*(?:name|atob|string|location)|"
    r"window\[\s*['\"]|\batob\s*\(\s*['\"]|&\{[^}]{1,60}\};?|"
    r"[{;]\s*(?:fetch|import)\s*\(\s*['\"`](?:https?:)?//",
)
_TAG_IN_URL = pattern(
    r"<(?:iframe|img|svg|math|body|html|form|input|link|style|base|div|a|xml|video|audio|"
    r"table|td|details|button|textarea|select|meta|image|template|span|layer|noscript)\b"
    r"[^>]{0,120}(?:\b(?:src|href|style|xmlns|background|action|xlink:href|code|data|id)\s*=)|"
    r"[\"'>]\s{0,4}>?\s{0,4}<(?:svg|iframe|img|body|script)\b|"
    r"^[\"'][^\"'<>]{0,40}\s+on(?:mouse|click|load|error|focus|key|blur|pointer|toggle|animation)"
    r"[a-z]{0,12}\s*=|<\?\s*(?:echo|php|=)\b|\bscript>?[a-z(]*(?:alert|document\.cookie)",
)

_CLIMB = pattern(
    r"(?:^|[\\/=:,;|'\"\s])(?:\.{2,4};?[\\/]{1,4}(?:\.[\\/]{1,3})?){2}|"
    r"(?:\.\.[\\/]{2,}){1}(?:\{|\.)|(?:\.{4}[\\/]{2}){1,}\w|(?:[\\/]\.){6}|"
    r"(?:[\\/]|^)\.{3,}[\\/]|\.{7}\w|[\\/]\.{5,}(?:$|[^\s.])|([a-z/])\1{199}.{0,20}\.\."
)
_ONE_CLIMB = pattern(r"(?:^|[\\/=:])\.\.;?[\\/]|[\\/]\.[\\/]{2}|[\\/]{3}")
_SYSTEM_FILE = pattern(
    r"^\S{0,2000}[\\/]etc[\\/]{1,4}(?:\.?[\\/])*(?:passwd|shadow|"
    r"group|gshadow|hosts|issue|motd|crontab|"
    r"sudoers|fstab|ssh[\\/]|mysql[\\/]|apache2?[\\/]|httpd[\\/]|nginx[\\/])|"
    r"[\\/]proc[\\/]+(?:self|version|cpuinfo|\d+)|(?:^|[\\/.])o?oot\.ini|"
    r"[\\/](?:boot|win|system)\.ini|"
    r"web-?inf[\\/]?(?:web\.xml|classes|lib)|"
    r"^(?:file:[\\/]*)?[a-z]:[\\/]*(?:windows|winnt|boot\.ini|inetpub)|"
    r"[\\/](?:var[\\/]+log|root|home[\\/]+\w+)[\\/]+(?:\.ssh|"
    r"\.bash|apache|httpd|nginx|auth|access|syslog|"
    r"messages)|\.(?:htpasswd|bash_history|aws[\\/]credentials)\b|(?:id_rsa|authorized_keys)$|"
    r"\betcpasswd\b|[\\/]?\{file\}$"
)
_WRAPPER = pattern(
    r"^\s*(?:(?:php|phar|expect|zip|zlib|glob|ogg|compress\.\w{1,8}|"
    r"rar|ssh2)://|file:/{1,3}(?!\s|$)|"
    r"data:(?!image|audio|video|font)[^,]{0,40}(?:base64,|,<\?|"
    r"text/plain,<))|=\s*(?:php://(?:filter|input)|expect://)"
)
_REMOTE = pattern(
    r"^(?:https?|ftps?)://[^\s/?#]{1,200}/[^\s]{0,300}(?:\.(?:txt|php\d?|inc|dat|log|cmd|asp)"
    r"(?:\?{1,2}|%00|\x00)[^\s=]{0,20}$|\x00$)"
)
_INCLUDING = pattern(
    r"^(?:page|file|include|inc|path|template|document|doc|dir|folder|root|pg|cont(?:ent)?|"
    r"mosconfig_absolute_path|globals\[\w*\]|_server\[document_root\]|_config\[.*\]|\w+_?path)$"
)
_REMOTE_SCRIPT = pattern(
    r"^(?:https?|ftps?)://[^\s/?#]{1,200}/[^\s?]{0,300}\.(?:txt|php\d?|inc|dat)\??$"
)
_INTERNAL = pattern(
    r"^\s*(?:(?:gopher|dict|tftp|ldaps?|jar|netdoc|sftp)://\S|"
    r"(?:https?|ftp):/{1,3}(?:[^\s@/]{0,60}@)?"
    r"(?:169\.254\.169\.254|169\.254\.170\.2|metadata\.(?:google|azure)|100\.100\.100\.200|"
    r"instance-data|192\.0\.0\.192|\[(?:::1?|::ffff:(?:7f|127|169)[^\]]*|fd00:ec2::254)\]|"
    r"0x7f|0x[0-9a-f]{8}\b|2130706433|2852039166|017700000001|"
    r"0177\.|127\.\d|127\.0\.0\.1|0\.0\.0\.0|"
    r"(?:localhost|localtest\.me|127-0-0-1\.\S+)(?=[:/]|$)))"
)
_LOCAL = pattern(r"^\s*(?:https?|ftp):/{1,3}(?:localhost|127\.\d|0\.0\.0\.0|\[::1?\])")
_FETCHES = pattern(
    r"ur[il]|src|source|dest|host|proxy|fetch|target|feed|img|image|load|site|link|"
    r"file|path|page|remote|domain|server|^u$"
)
_ODD = pattern(  # more than names, numbers and comments
    r"['\"<`|$\\{]|\.\.[/\\]|--|\(\)|\bselect\b|/\*|\bsleep\b|\b(?:or|and)\b|;\s*(?:/|id\b|cat\b)"
)
_RETURNS = pattern(r"redirect|return|origin|referr?er|callback|next|continue|back")


@dataclass(frozen=True, slots=True)
class WebFinding:
    """An attack seen in one value: its class, where it stood, and a piece of it."""

    attack: str
    where: str
    name: str
    excerpt: str


def web_attacks_in(
    target: str,
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> tuple[WebFinding, ...]:
    """Return the attacks in a request, one per class, the class that was met first first.

    ``target`` is the request target as sent (path and query), ``headers`` have lower-case
    names, ``body`` is what is known of the body. Text that is no request gives nothing.
    """
    found: dict[str, WebFinding] = {}
    exploit = exploit_of(target, method=method, headers=headers, body=body)
    if exploit is not None:
        found[exploit] = WebFinding(exploit, "request", "", target[:EXCERPT_MAX])
    for value in values_of(target, headers=headers, body=body):
        one = _finding(value, target)
        if one is not None:
            found.setdefault(one.attack, one)
    for name, text in headers:
        one = _header_finding(name, text)
        if one is not None:
            found.setdefault(one.attack, one)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def _header_finding(name: str, text: str) -> WebFinding | None:
    """Judge a header; what a client sends again and again is judged only once."""
    found = (_finding(value, "") for value in header_values(name, text))
    return next((one for one in found if one is not None), None)


def _finding(value: Value, target: str) -> WebFinding | None:
    attack = attack_in(value, target=target)
    if attack is None:
        return None
    return WebFinding(attack, value.where, value.name, value.text[:EXCERPT_MAX])


def attack_in(value: Value, *, target: str = "") -> str | None:
    """Return the class of the attack that a value holds, None for a calm one."""
    low = value.text.lower()
    code = _code_in(value, low)
    if code is not None:
        return code
    spaced = _SPACES.sub(" ", low)
    if value.where == UPLOAD:
        return None
    if value.where in {HEADER, COOKIE} and not _ODD.search(spaced):
        return None
    if _is_xss(value, spaced):
        return "xss"
    if is_sql_injection(spaced, name=value.name.lower(), is_path=value.where == PATH):
        return "sql_injection"
    if value.where == PATH:
        return "path_traversal" if _climbs_above_root(low) else None
    file_attack = _file_attack(value, low)
    if file_attack is not None:
        return file_attack
    if _is_command(value, low):
        is_shell = value.name.lower() in {"cmd", "exec", "shell"} and ".php" in target.lower()
        return "webshell" if is_shell else "command_injection"
    return None


def _code_in(value: Value, low: str) -> str | None:
    if "${" in low and "jndi" in lookups_resolved(low):
        return "log4shell"
    if not MAY_CODE.search(low):
        return None
    for attack, where, shape, is_raw in CODE:
        if where and value.where not in where:
            continue
        if shape.search(value.text if is_raw else low):
            return attack
    return None


def _is_xss(value: Value, text: str) -> bool:
    if value.where == HEADER and value.name not in {"user-agent", "referer", "x-forwarded-for"}:
        return _TAG_ALWAYS.search(text) is not None
    if not _MARKUP.search(text):
        return False
    if value.where == BODY and value.name == "" and text.lstrip().startswith("<"):
        return False  # a document of its own: SOAP, a feed, a page
    if _TAG_ALWAYS.search(text) or _SCRIPT_URL.search(text):
        return True
    if value.where in {QUERY, PATH}:
        return (_CALL.search(text) or _TAG_IN_URL.search(text)) is not None
    return False


def _climbs_above_root(path: str) -> bool:
    """Tell whether a path leaves its root, or holds steps that only attacks hold."""
    if "." not in path:
        return False
    path = dotted(path)
    if ".." in path:
        depth = 0
        for part in re.split(r"[\\/]+", path):
            step = part.rstrip(";")
            depth += -1 if step == ".." else (1 if step not in {"", "."} else 0)
            if depth < 0:
                return True
        if "..;/" in path or "..\\" in path or "....//" in path:
            return True
    found = _SYSTEM_FILE.search(path)
    if found is None:
        return False
    is_whole = found.end() == len(path) and path.count("/") == path[found.start() :].count("/")
    return ".." in path or "/proc/self/" in path or "web-inf/" in path or is_whole


def _file_attack(value: Value, low: str) -> str | None:
    if value.where == HEADER and value.name not in {"user-agent", "referer", "x-forwarded-for"}:
        text = dotted(low)
        return "path_traversal" if "../../" in text or "..\\..\\" in text else None
    text = dotted(low)
    if "://" in text or "file:" in text or "data:" in text:
        if _INTERNAL.search(text) and (not _LOCAL.match(text) or _may_fetch(value.name.lower())):
            return "ssrf"
        if value.where in {QUERY, BODY, COOKIE} and _WRAPPER.search(text):
            return "path_traversal" if text.startswith("file:") else "file_inclusion"
        including = _INCLUDING.match(value.name.lower()) and _REMOTE_SCRIPT.search(text)
        if value.where == QUERY and (including or _REMOTE.search(text)):
            return "file_inclusion"
    if value.where == HEADER:
        return "path_traversal" if text.count("../") > 2 else None  # noqa: PLR2004
    if _SYSTEM_FILE.search(text) and (len(text) < EXCERPT_MAX or _ONE_CLIMB.search(text)):
        return "path_traversal"
    if ".." in text or "/./" in text:
        is_prose = value.where == BODY and (" " in text or len(text) > 2 * EXCERPT_MAX)
        if not is_prose and _CLIMB.search(text):
            return "path_traversal"
    return None


def _may_fetch(name: str) -> bool:
    """Tell a field whose address the server fetches from one where the browser returns to."""
    return _FETCHES.search(name) is not None and _RETURNS.search(name) is None


def _is_command(value: Value, low: str) -> bool:
    text = low.strip(" \t")
    if value.where == HEADER and value.name not in {"user-agent", "referer", "x-forwarded-for"}:
        return False
    if value.where == HEADER and not re.search(r"[|`]|\$\(|;\s*(?:/|cat|wget|curl|id$)", text):
        return False
    if not MAY_COMMAND.search(text) or is_list_of_names(value.name, text):
        return False
    is_document = value.where == BODY and len(text) > 2 * EXCERPT_MAX
    for scope, shape in COMMANDS:
        if is_document and scope != DOCUMENTS:
            continue
        if scope == FIELDS and value.where not in {QUERY, HEADER}:
            continue
        if shape.search(text):
            return True
    return False
