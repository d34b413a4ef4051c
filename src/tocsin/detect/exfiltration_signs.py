"""The signs that something is carried out of a network, each told from one message.

See `tocsin.detect.exfiltration`, which adds them up. Sources: published analyses of password
thieves (Agent Tesla, Snake, HawkEye, RedLine, Lokibot, Pony, Azorult, Vidar, Raccoon, Stealc,
Formbook) for the shapes that they share; MITRE ATT&CK T1041, T1048, T1555, T1567.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tocsin.detect.domains import is_random, registered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.core.messages import FileTransfer, MailSent, Opening

# sign -> (points, words)
SIGNS: dict[str, tuple[float, str]] = {
    "stolen_name": (5.0, "a name as password thieves give to what they send"),
    "secrets": (4.0, "password hashes, private keys or a dump of a database in the clear"),
    "personal_data": (3.0, "rows of card numbers, of people's numbers or of passwords"),
    "told_in_targets": (2.5, "KiB of coded values in the targets of requests"),
    "inventory": (3.5, "a description of the host with its name and its user's"),
    "browser_libraries": (3.5, "the libraries fetched that open a browser's store of passwords"),
    "one_path": (3.5, "one path with coded values at hosts that have nothing in common"),
    "database_outside": (3.5, "a database that answers an outside host"),
    "drop_service": (2.5, "a service where anybody can leave files"),
    "share_outside": (2.5, "a file share outside"),
    "message_framing": (3.0, "a program's own remote calls ([MC-NMF]) to an outside host"),
    "placeholder_call": (2.5, "remote calls under a placeholder's name (tempuri.org)"),
    "silent_receiver": (2.5, "a receiver that never says a word"),
    "looked_itself_up": (2.0, "the host asked shortly before what its own address is"),
    "bot_channel": (2.0, "a chat service's interface for bots"),
    "ftp_upload": (2.0, "files sent by FTP"),
    "archive": (2.0, "an archive"),
    "documents": (2.0, "archives, tables or documents by their names"),
    "ssh_copy": (2.0, "a copy by SSH to an address without a name"),
    "coded_post": (2.0, "a post that is neither text nor a known type"),
    "odd_coding": (2.0, "a content coding that does not exist"),
    "tells_host_name": (1.5, "it names the machine that sends it"),
    "mail_of_a_program": (1.5, "mail handed over by a program under a bare host name"),
    "bare_address": (1.5, "an address that was never looked up, while others were"),
    "address_host": (1.5, "a server named by its address"),
    "nameless_hello": (1.5, "TLS to no named server"),
    "stamped_name": (1.5, "a record named after its time"),
    "odd_name": (1.0, "a name that looks generated, or under a domain that costs nothing"),
    "odd_port": (1.5, "an unusual port"),
    "masked_port": (1.5, "a port whose protocol is not spoken"),
    "again": (1.5, "more than once"),
    "outlier": (1.5, "far more than other relations carry"),
    "webhook_service": (1.0, "a chat service that takes files from programs"),
    "mail_port": (1.0, "mail handed to an outside server"),
    "ftp_fetch": (1.0, "files fetched by FTP from inside"),
    "ftp_inside": (1.0, "files sent by FTP within the network"),
    "sensitive_name": (1.5, "a name that speaks of secrets"),
    "old_agent": (1.0, "no user agent, or one of long ago"),
    "file_posted": (1.0, "a file posted to a server that is named by its address"),
    "put": (1.0, "a file put"),
    "off_hours": (1.0, "at an hour when this host was never active"),
    "mail_to_itself": (0.5, "a mail to its own sender"),
    "mail_of_a_script": (0.5, "a mail without an id of its own"),
    "tool_agent": (0.5, "the user agent of a tool"),
    "no_page": (0.5, "no page led there"),
    "sent": (1.0, "much more sent than received"),
    "bulk": (1.5, "over a MiB sent, little received"),
    "large": (2.0, "over 32 MiB sent, little received"),
    "huge": (2.5, "over 100 MiB sent, little received"),
}
# What shows by itself that data is being stolen, wherever it goes.
DECISIVE = frozenset(
    {"stolen_name", "secrets", "inventory", "browser_libraries", "one_path", "message_framing"}
)
SAMPLE = 4096
_STOLEN = re.compile(
    r"(?-i:(?:^|[/\\ =])(?:PW_[^\s/\\]{1,64}[-/]\w|(?:CO|SC|KL|CC|HD|CB)_[^\s/\\]{1,64}"
    r"(?:/\w|-[^\s/\\]{1,64}_\d{4}_\d\d?_\d\d?)))"
    r"|key ?_?-?(?:log|stroke)s?(?![a-z])|keylogger|steal(?:er|ed)\b|recovered (?:from|by):? "
    r"|hawk ?eye|agent ?tesla|(?:^|[^a-z])(?:passwords?|cookies?|autofills?|credentials?|wallets?"
    r"|logins?|clipboard|system ?_?info(?:rmation)?|userinformation|stored ?_?data)(?![a-z])"
    r"[^\r\n/\\]{0,60}\.(?:txt|html?|zip|rar|7z|log|sqlite|db|csv)\b"
    r"|login ?data$|(?:^|[/\\])(?:ntds\.dit|shadow|id_rsa|lsass\S{0,12}\.dmp|sam\.(?:save|hiv))$"
    r"|\.kdbx\b|pc ?_?name ?[:=|]|snake (?:keylogger|tracker)",
    re.IGNORECASE,
)
_DOCUMENTS = re.compile(
    r"\.(?:zip|rar|7z|tgz|gz|bz2|xz|tar|cab|iso|sql|db|sqlite3?|mdb|accdb|dbf|bak|dmp|csv|xlsx?"
    r"|docx?|pptx?|pdf|pst|ost|eml|vsdx?|dwg|p12|pfx|pem|key|ppk|ovpn|vmdk|ova)$",
    re.IGNORECASE,
)
_SENSITIVE = re.compile(
    r"secret|confident|customer|client.?list|payroll|salar|credit|\bssn|bank|employee|personnel"
    r"|dump|exfil|stolen|loot|passw|users?\b|account|financ|patient|medical|contract",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    rb"^root:(?:x|\*|\$\w{1,2}\$[^:\r\n]{8,}):\d*:|\nroot:(?:x|\$\w{1,2}\$[^:\r\n]{8,}):\d*:"
    rb"|-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----"
    rb"|-- (?:MySQL|MariaDB|PostgreSQL) (?:database )?dump|aws_secret_access_key\s*="
    rb"|^Administrator:500:[0-9a-fA-F]{32}:"
)
_PERSONAL = re.compile(
    rb"\b(?:4\d{3}|5[1-5]\d{2}|6011)[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b|\b\d{3}-\d{2}-\d{4}\b"
    rb"|^[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{2,16}[:;,|]\S{4,64}\r?$",
    re.MULTILINE,
)
_PERSONAL_MIN = 3
_STAMPED = re.compile(
    r"\d{4}[-_.]?\d{2}[-_.]?\d{2}[^/\\]{0,24}\.(?:txt|html?|log|zip)$|"
    r"\d\d?[-_.]\d\d?[-_.]\d{4}[^/\\]{0,24}\.(?:txt|html?|log|zip)$",
    re.IGNORECASE,
)
_CHEAP = frozenset({"top", "xyz", "shop", "click", "icu", "cyou", "buzz", "su", "pw", "rest",
                    "bond", "monster", "sbs", "cfd", "lol", "tk", "ml", "ga", "cf", "gq", "quest",
                    "fun", "site", "online", "space", "store", "live"})  # fmt: skip
ARCHIVE = re.compile(rb"PK\x03\x04|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|UEsDB[A-P]")
_LABELS = {
    "user": r"user(?:[ _-]?name)?|login|account",
    "machine": r"(?:pc|computer|machine|host|client|device)[ _-]?(?:name|id)?|netbios",
    "system": r"o\.?s\.?(?:[ _-]?(?:full ?name|name|version|platform|type))?|operating ?system"
    r"|windows(?: version)?|platform|system",
    "hardware": r"cpu|processor|ram|memory|gpu|video ?card|hw ?_?id|serial|screen ?size",
    "network": r"(?:public |external |local )?ip(?: ?address)?|country|isp|mac(?: ?address)?|city",
    "time": r"(?:local )?time(?: ?zone)?|date(?: ?time)?|log ?date|language|keyboard|uptime",
    "defence": r"anti ?virus|firewall|av",
    "loot": r"passwords?|cookies?|wallets?|cards?|auto ?fills?|credit ?cards?",
}
_LABEL = {
    name: re.compile(
        rf"(?:^|[\r\n>|&;,{{*\"\-\[ ]){words}(?:</?\w{{1,8}}>|&nbsp;|[\s\"*\]])*[:=]", re.IGNORECASE
    )
    for name, words in _LABELS.items()
}
_FOLDED = re.compile(r"(username|computername|osfullname|pcname|osplatform)", re.IGNORECASE)
_FRAMING = b"\x00\x01\x00\x01"
_IP_LOOKUP = re.compile(
    r"(?:^|\.)(?:checkip\.amazonaws\.com|checkip\.dyndns\.\w+|ipify\.org|ip-api\.com|icanhazip\.com"
    r"|ipinfo\.io|ifconfig\.(?:me|co|io)|myexternalip\.com|wtfismyip\.com|reallyfreegeoip\.org"
    r"|freegeoip\.\w+|ipwho\.is|ipwhois\.\w+|ipecho\.net|ident\.me|eth0\.me|ip\.sb|geoplugin\.net"
    r"|ipapi\.co|iplogger\.\w+|2ip\.\w+|seeip\.org|whatismyip(?:address)?\.\w+|ipbase\.com"
    r"|ipgeolocation\.io|api\.myip\.com|ip\.42\.pl|extreme-ip-lookup\.com|geoiplookup\.\w+)$"
)
_BOTS = frozenset({"api.telegram.org"})
_WEBHOOKS = frozenset({"discord.com", "discordapp.com", "hooks.slack.com"})
_DROPS = re.compile(
    r"(?:^|\.)(?:mega\.nz|mega\.co\.nz|mega\.io|transfer\.sh|file\.io|gofile\.io|anonfiles?\.com"
    r"|bayfiles\.com|catbox\.moe|0x0\.st|pixeldrain\.com|temp\.sh|bashupload\.com|oshi\.at|uguu\.se"
    r"|filebin\.net|ufile\.io|sendspace\.com|anonymfile\.\w+|tmpfiles\.org|put\.io|qaz\.im"
    r"|privatlab\.\w+|sendgb\.com|dropmefiles\.\w+|easyupload\.io|krakenfiles\.com|termbin\.com)$"
)


@lru_cache(maxsize=8192)
def is_ip_lookup(name: str) -> bool:
    """Tell a service that says to who asks what its address is."""
    return _IP_LOOKUP.search(name) is not None


def of_name(name: str) -> set[str]:
    """Return the signs in the name of a far end."""
    if name in _BOTS:
        return {"bot_channel"}
    if name in _WEBHOOKS:
        return {"webhook_service"}
    if _DROPS.search(name):
        return {"drop_service"}
    label = registered(name).partition(".")[0]
    is_odd = is_random(label) or name.rpartition(".")[2] in _CHEAP
    return {"odd_name"} if is_odd and "." in name else set()


def of_opening(m: Opening) -> set[str]:
    """Return the signs in the first bytes that a side sent, at a port of no known protocol."""
    found = set()
    data = m.data
    if data.startswith(_FRAMING) and b"net.tcp" in data[:64]:
        found.add("message_framing")
    if ARCHIVE.match(data) or data.startswith((b"\x1f\x8b\x08", b"SQLite format 3\x00")):
        found.add("archive")
    return found | of_text(data)


def of_text(data: bytes) -> set[str]:
    """Return the signs in what is said at the beginning of something."""
    found = set()
    if _SECRETS.search(data[:SAMPLE]):
        found.add("secrets")
    if is_inventory(data[:SAMPLE].decode("latin-1")):
        found.add("inventory")
    if len(_PERSONAL.findall(data[:SAMPLE])) >= _PERSONAL_MIN:
        found.add("personal_data")
    return found


def is_inventory(text: str) -> bool:
    """Tell a description of a host: labels of its user, of its name, and of two things more.

    >>> is_inventory("Time: 10:12<br>User Name: anna<br>Computer Name: DESK-4<br>RAM: 8 GB")
    True
    """
    labels = {name for name, pattern in _LABEL.items() if pattern.search(text)}
    labels |= {{"u": "user", "c": "machine", "p": "machine"}.get(word[0].lower(), "system")
               for word in _FOLDED.findall(text)}  # fmt: skip
    return {"user", "machine"} <= labels and len(labels - {"user", "machine"}) > 1


def of_files(names: Iterable[str]) -> set[str]:
    """Return the signs in the names of files that are sent."""
    found: set[str] = set()
    for name in names:
        if _STOLEN.search(name):
            found.add("stolen_name")
        if _DOCUMENTS.search(name):
            found.add("documents")
        if _SENSITIVE.search(name):
            found.add("sensitive_name")
        if _STAMPED.search(name):
            found.add("stamped_name")
    return found


def of_transfer(m: FileTransfer) -> set[str]:
    """Return the signs in a file sent or fetched; which way it goes is the caller's business."""
    return of_files([m.name])


def of_mail(m: MailSent) -> set[str]:
    """Return the signs in a mail that was handed over in the clear."""
    found = {"stolen_name"} & (of_files(m.files) | of_files([m.subject]))
    said = f"{m.subject}\n{m.text}".lower()
    if is_inventory(m.text) or is_inventory(m.subject):
        found.add("inventory")
    name = m.greeting.lower()
    if is_bare(name):
        found.add("mail_of_a_program")
        if len(name) > 3 and name in said + " ".join(m.files).lower():  # noqa: PLR2004
            found.add("tells_host_name")
    if any(_ARCHIVE_NAME.search(one) for one in m.files):
        found.add("archive")
    if not found:
        return found
    if m.sender in m.recipients:
        found.add("mail_to_itself")
    return found if m.has_id else found | {"mail_of_a_script"}


_ARCHIVE_NAME = re.compile(r"\.(?:zip|rar|7z|gz|cab)$", re.IGNORECASE)


def is_bare(greeting: str) -> bool:
    """Tell a host name without a domain, as Windows machines have, from names of servers."""
    return bool(greeting) and not set(greeting) & set(".[:") and greeting != "localhost"


def is_address(host: str) -> bool:
    """Tell an address from a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
