"""The signs of command and control, each told from one message; see `remote_control`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tocsin.core.patterns import bytes_pattern, pattern
from tocsin.core.times import DAY_NS
from tocsin.detect.domains import is_random

if TYPE_CHECKING:
    from tocsin.core.messages import HttpRequest, HttpResponse, Opening, TlsCertificate, TlsHello

# sign -> (points, words)
SIGNS: dict[str, tuple[float, str]] = {
    "log_on": (5.0, "a log-on that tells a stranger the host's user and system"),
    "shell": (5.0, "a shell's prompt or output at an odd port"),
    "command": (5.0, "a shell's command and nothing else at an odd port"),
    "known_opening": (5.0, "the opening of a known remote control program"),
    "command_words": (3.0, "commands of capitals and bars at an odd port"),
    "framework_certificate": (6.0, "the certificate of a remote control program"),
    "bot_opening": (3.0, "the opening of a bot"),
    "irc_bot": (5.0, "a bot's name in a chat"),
    "program_pushed": (5.0, "a program pushed by the far end behind its length"),
    "self_signed": (1.5, "a certificate that its holder signed, at an odd port"),
    "long_validity": (1.0, "valid for over nine years"),
    "plain_subject": (1.0, "made out to no domain"),
    "nameless_hello": (1.0, "TLS to no named server at an odd port"),
    "dynamic_name": (2.0, "found by a dynamic name"),
    "bare_post": (1.5, "posts to a bare script that no page led to"),
    "random_value": (2.0, "random values under one-letter names"),
    "coded_body": (1.5, "a body that is one coded text"),
    "odd_agent": (1.0, "no user agent, or one of long ago"),
    "known_gate": (3.0, "the path or user agent of known malware"),
    "address_host": (1.0, "a server named by its address"),
    "again": (1.5, "again and again"),
    "program_sent": (3.0, "a program sent as something else"),
    "archive_posted": (2.5, "an archive or a list of passwords posted"),
}
_USUAL_TLS = frozenset({443, 8443, 465, 587, 636, 853, 989, 990, 993, 995, 5061, 5223, 5228, 8883})
_CHAT = frozenset({21, 23, 25, 80, 110, 119, 143, 443, 587, 1883, 2525, 5222, 5900, 6379, 8080})
_SHELLS = frozenset(
    {21, 22, 23, 25, 110, 143, 513, 514, 587, 2323}
)  # where prompts and banners belong
_SYSTEM = bytes_pattern(
    rb"windows\s?(?:xp|vista|7|8|10|11|server|nt)|\bwin(?:xp|vista|7|8|10|32|64)\b"
    rb"|microsoft windows|linux \d|ubuntu|service pack|x(?:86|64)\b",
    re.IGNORECASE,
)
_DELIMITERS = (b"|", b";;", b"^", b"<>", b"@@", b"##", b"**", b"|'|'|")
_PRINTABLE = frozenset({9, 10, 13, *range(32, 127)})
_FIELDS_MIN, _SAMPLE = 4, 512
_SHELL = bytes_pattern(
    rb"microsoft windows \[version|^[a-z]:\\[^\r\n<>|]{0,120}>|uid=\d{1,6}\([a-z]"
    rb"|^(?:sh|bash)-\d\.\d{1,2}[$#]|can't access tty|no job control in this shell"
    rb"|^[\w.-]{1,32}@[\w.-]{1,64}:[^\r\n]{0,80}[$#] |windows powershell\r?\n?copyright"
    rb"|^ps [a-z]:\\|cannot set terminal process group|\A[$#] \Z|\A\x1b\]0;\w+@",
    re.IGNORECASE | re.MULTILINE,
)
# A whole payload that is one line of a person at a shell that nobody invited.
_COMMAND = bytes_pattern(
    rb"(?:id|whoami(?: /(?:all|priv|groups))?|uname -\w{1,3}|pwd|hostname|ifconfig(?: -a)?"
    rb"|ip (?:a|addr|route)|ipconfig(?: /all)?|ls(?: -\w{1,4})?(?: [\w./~-]{1,80})?"
    rb"|ps (?:aux|-ef|auxf)|net(?: (?:user|localgroup|view|share|group))[^\r\n]{0,80}"
    rb"|systeminfo|tasklist(?: /\w{1,3})?|cat /(?:etc|proc|root|home)/[^\r\n]{1,80}"
    rb"|netstat -\w{1,6}|crontab -l|sudo -l|uptime|arp -a|dir(?: [a-z]:\\[^\r\n]{0,80})?"
    rb"|cd [/~.\\a-z][^\r\n]{0,80}|(?:wget|curl)(?: -\w{1,4})* https?://[^\r\n]{1,200}"
    rb"|python\d? -c [\"']import pty[^\r\n]{1,120}|(?:/bin/)?(?:ba)?sh -i)[ ;]{0,2}\r?\n"
    rb"(?:[ -~\t]{1,200}\r?\n){0,8}\Z",
)
_KNOWN = bytes_pattern(
    rb"^(?:gh0st|lv\||ll\||inf\||new-connection\||\x24\x04\xff\x00|bot_id|heartbeat\|"
    rb"|#botstart|kl0g|xtremerat|darkcomet|quser|\d{1,5}\x00(?:ll|lv|inf|act))"
    rb"|^[^\r\n]{0,64}\|'\|'\|",
    re.IGNORECASE,
)
_WORDS = bytes_pattern(rb"^[A-Z_]{2,16}\|[^\r\n]{0,200}")
_IRC = bytes_pattern(
    rb"^(?:PASS [^\r\n]{0,64}\r?\n)?NICK [^\r\n]{0,64}(?:\||\[|\d{4,}|USA|XP|x86)", re.MULTILINE
)
_FRAMEWORKS = pattern(
    r"dcrat|asyncrat|quasar|cobalt ?strike|pwnage|metasploit|sliver|venom ?rat|bitrat|orcus"
    r"|xworm|havoc|mythic|merlin|poshc2|covenant|ares ?rat|qwqdanchun|empire c2|gh0st",
    re.IGNORECASE,
)
_DYNAMIC = pattern(
    r"(?:^|\.)(?:duckdns\.org|no-?ip\.\w+|ddns\.net|hopto\.org|zapto\.org|sytes\.net|myftp\.\w+"
    r"|servebeer\.com|serveftp\.com|bounceme\.net|redirectme\.net|dynu\.\w+|dyndns\.\w+"
    r"|ddnsfree\.com|chickenkiller\.com|mooo\.com|portmap\.io|ngrok\.io|3322\.org|publicvm\.com"
    r"|gotdns\.\w+|ydns\.eu|freedynamicdns\.\w+|webhop\.\w+|myvnc\.com|serveminecraft\.net)$"
)
_SCRIPT = pattern(
    r"^/(?:[\w%~.-]{1,40}/){0,4}[\w-]{1,32}\.(?:php|asp|aspx|jsp|cgi|pl)$", re.IGNORECASE
)
_GATE = pattern(
    r"/(?:fre|gate|gateway|panel|logs?|cmd|bot|tasks?|upload|loki|pony|config)\.php$|/panel/|/pws/|/mars?/"
    r"|/submit\.php\?id=\d|/wp-includes/[\w-]{1,16}\.php\?\w=",
    re.IGNORECASE,
)
_BAD_AGENT = pattern(
    r"charon; inferno|^loader$|^agent$|smoke ?loader|hancitor|^vb ?http|^test$|winhttp ?loader",
    re.IGNORECASE,
)
_OLD_AGENT = pattern(
    r"msie [4-8]\.|^mozilla/[45]\.0$|^mozilla/4\.0 \(compatible;\)$", re.IGNORECASE
)
_CODED = bytes_pattern(rb"^(?:[\w%.-]{1,16}=)?[A-Za-z0-9+/=_%-]{48,}$")
_ARCHIVE = bytes_pattern(
    rb"^PK\x03\x04|\r\nPK\x03\x04|filename=\"[^\"]{0,80}(?:passw|\.zip|cookies|wallet)",
    re.IGNORECASE,
)
_PROGRAM_TYPES = pattern(r"octet-stream|msdownload|dosexec|x-msdos|x-executable|zip", re.IGNORECASE)
_LONG_NS = 9 * 365 * DAY_NS


def is_dynamic(name: str) -> bool:
    """Tell a name below a provider of dynamic names."""
    return _DYNAMIC.search(name) is not None


def of_opening(m: Opening) -> set[str]:
    """Return the signs in one of the first payloads that a side sent."""
    data, found = m.data[:_SAMPLE], set()
    if m.server_port not in _SHELLS:
        if _SHELL.search(data):
            found.add("shell")
        if _COMMAND.match(data):
            found.add("command")
    if m.number:
        return found
    if _KNOWN.search(data):
        found.add("known_opening")
    if m.server_port not in _CHAT:
        if _is_log_on(data):
            found.add("log_on")
        if _WORDS.match(data):
            found.add("command_words")
    if data == b"\0\0\0\1" and m.from_client:
        found.add("bot_opening")
    if not m.from_client and (data[4:6] == b"MZ" or data[4:8] == b"\x7fELF"):
        found.add("program_pushed")
    if _IRC.search(data):
        found.add("irc_bot")
    return found


def _is_log_on(data: bytes) -> bool:
    """Tell fields between delimiters of one kind, nearly all printable, that name a system."""
    is_text = sum(byte in _PRINTABLE for byte in data) >= 0.9 * len(data)
    has_fields = any(data.count(d) >= _FIELDS_MIN for d in _DELIMITERS)
    return is_text and has_fields and _SYSTEM.search(data) is not None


def of_hello(m: TlsHello) -> set[str]:
    """Return the signs in a client's hello."""
    is_bare = m.from_client and not m.server_name and m.server_port not in _USUAL_TLS
    return {"nameless_hello"} if is_bare else set()


def of_certificate(m: TlsCertificate) -> set[str]:
    """Return the signs in a server's certificate."""
    found = set()
    if _FRAMEWORKS.search(m.subject) or _FRAMEWORKS.search(m.issuer):
        found.add("framework_certificate")
    if m.is_self_signed and m.server_port not in _USUAL_TLS:
        found.add("self_signed")
        if m.not_after_ns - m.not_before_ns > _LONG_NS:
            found.add("long_validity")
        if "." not in m.subject.partition("CN=")[2].partition(",")[0] and not m.names:
            found.add("plain_subject")
    return found


def of_request(m: HttpRequest) -> set[str]:
    """Return the signs in a request of an inside host to an outside server."""
    found = set()
    path, _, query = m.target.partition("?")
    agent = m.header("user-agent")
    led = m.header("referer") or m.header("origin") or m.header("accept-language")
    is_post = m.method == "POST"
    if _BAD_AGENT.search(agent) or (is_post and _GATE.search(m.target) and not led):
        found.add("known_gate")
    if is_post and not led and _SCRIPT.match(path):
        found.add("bare_post")
        pairs = [*_pairs(query), *_pairs(m.body[:_SAMPLE].decode("latin-1"))]
        if any(len(k) == 1 and _is_coded(v) for k, v in pairs):
            found.add("random_value")
        if _CODED.match(m.body[:_SAMPLE]):
            found.add("coded_body")
        if not agent or _OLD_AGENT.search(agent):
            found.add("odd_agent")
        if _is_address(m.host.partition(":")[0]):
            found.add("address_host")
    if is_post and not led and _ARCHIVE.search(m.body[:_SAMPLE]):
        found.add("archive_posted")
    return found


def of_response(m: HttpResponse) -> set[str]:
    """Return the signs in an answer from outside."""
    if not (m.body[:2] == b"MZ" or m.body[:4] == b"\x7fELF"):
        return set()
    kind = next((value for key, value in m.headers if key == "content-type"), "")
    found = set() if _PROGRAM_TYPES.search(kind) else {"program_sent"}
    if m.request is not None and _is_address(m.request.host.partition(":")[0]):
        found |= {"program_sent", "address_host"}
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    found = (part.partition("=") for part in text.split("&")[:32])
    return [(name, value) for name, _, value in found]


def _is_coded(value: str) -> bool:
    return len(value) > 7 and (is_random(value.lower()) or _CODED.match(value.encode()) is not None)  # noqa: PLR2004


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
