"""What an input is, told by its first bytes and never by its name.

Captures are told by their magic and a plausible header; text is a log. A binary file is
refused with a reason that a person can act on. Text written by an attacker may hold NULs
and bytes that are not UTF-8: a file with lines that look like log records is a log whatever
else it holds.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass

HEAD_BYTES = 64 << 10
_LINES_MAX = 400
_LINE_BYTES_MAX = 4 << 10
_LOG_LIKE_SHARE = 0.05
_CONTROL_SHARE_MAX = 0.02

# tcpdump's magic in micro- and nanoseconds, and that of the modified form whose record
# header has 8 bytes more (draft-ietf-opsawg-pcap; libpcap sf-pcap.c names all three).
_PCAP_MAGICS = {
    magic.to_bytes(4, order): order
    for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)
    for order in ("little", "big")
}
_PCAP_HEADER_BYTES = 24
_PCAP_MAJOR = 2
_PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
_PCAPNG_ORDERS = (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a")
_PCAPNG_HEADER_BYTES = 28

_KNOWN_BINARY: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "looks like a PNG image"),
    (b"\xff\xd8\xff", "looks like a JPEG image"),
    (b"GIF8", "looks like a GIF image"),
    (b"%PDF-", "looks like a PDF document"),
    (b"PK\x03\x04", "looks like a ZIP archive: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "looks like a 7z archive: unpack it first"),
    (b"SQLite format 3\0", "looks like an SQLite database"),
    (b"PAR1", "looks like a Parquet file"),
    (b"ElfFile\0", "looks like a Windows event log (EVTX): export it as JSON lines"),
    (b"LPKSHHRH", "looks like a journal file: export it with journalctl -o export"),
    (b"snoop\0\0\0", "looks like a snoop capture: convert it with editcap -F pcap"),
    (b"GMBU", "looks like a Network Monitor capture: convert it with editcap -F pcap"),
    (b"\xac\x01\x00\x1c", "looks like an IXIA capture: convert it with editcap -F pcap"),
    (b"\xab\x01\x00\x1c", "looks like an IXIA capture: convert it with editcap -F pcap"),
    (b"\x4d\x3c\x2b\xa1", "looks like a Navtel capture: convert it with editcap -F pcap"),
    (b"btsnoop\0", "looks like a Bluetooth capture: it holds no network packets"),
    (b"iptrace ", "looks like an AIX capture: convert it with editcap -F pcap"),
    (b"RTSS", "looks like a Network Monitor capture: convert it with editcap -F pcap"),
    (b"\x05VNF", "looks like a Visual Networks capture: convert it with editcap -F pcap"),
    (b"XCP\0", "looks like a Sniffer capture: convert it with editcap -F pcap"),
    (b"\xff\xfe", "looks like UTF-16 text: convert it to UTF-8"),
    (b"\xfe\xff", "looks like UTF-16 text: convert it to UTF-8"),
)

# nfdump's nffile.h: magic 0xA50C, then the layout's version, either byte order.
_NFCAPD_MAGICS = (b"\x0c\xa5", b"\xa5\x0c")
_NFCAPD_VERSIONS = (b"\x01\x00", b"\x02\x00", b"\x00\x01", b"\x00\x02")

_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_RECORD = re.compile(
    rb"(?:<\d{1,3}>(?:1 |[A-Za-z0-9:*%])"  # a syslog priority
    rb"|(?:[*.]?(?:\d+: )?)?" + _MONTH + rb" +\d{1,2} (?:\d{4} )?\d{1,2}:\d{2}"
    rb"|\[?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +\w{1,3} +\w{1,3} "
    rb"|\[?\d{4}[-/.]\d{2}[-/.]\d{2}[T _-]?\d{2}:\d{2}"
    rb"|[^\[\n\"]{1,300}\[\d{1,2}/" + _MONTH + rb"/\d{4}:"
    rb"|type=[A-Z_0-9]{2,40} msg=audit\("
    rb"|\[ *\d{1,9}\.\d{6}\] "  # kernel ring
    rb"|\d{10}(?:\d{3})?(?:\.\d{1,9})?[ \t,|]"  # seconds or milliseconds since the epoch
    rb"|\d{6} \d{1,2}:?\d{2}:?\d{2} "
    rb"|__(?:CURSOR|REALTIME_TIMESTAMP)="  # journal export
    rb"|<Event xmlns="  # a rendered Windows event
    # A time of day near the beginning of a line that is no table, quotation or list.
    rb"|[\w\[(<][^\n]{0,80}?(?:/\d{4}:|(?<![\d:]))\d{1,2}:\d{2}:\d{2}(?![:\d]))"
)
_HEADERS = (b"#separator \\x", b"#Software: ", b"#Version: ", b"#Fields: ")  # Zeek, W3C
_JSON_TIMES = frozenset(
    ("@timestamp", "timestamp", "time", "ts", "date", "datetime", "eventtime", "event_time",
     "utctime", "timecreated", "timegenerated", "__realtime_timestamp", "eventreceivedtime",
     "start_time", "_time", "t", "isotimestamp", "creationtime", "request", "event"),
)  # fmt: skip
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b\x08\x07")) + b"\x7f"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the first bytes tell.

    ``medium`` is ``packets``, ``log`` or, when unknown, empty with a ``reason`` that
    completes "the file ...". ``is_log_like`` is true of text in which at least one line in
    twenty begins like a log record.
    """

    medium: str
    format: str = ""
    reason: str = ""
    is_log_like: bool = False


def recognise(head: bytes) -> Recognition:
    """Tell what an input is from its first (decompressed) bytes, up to 64 KiB of them."""
    if not head:
        return Recognition("", reason="is empty")
    return _capture(head) or _flows(head) or _text(head[:HEAD_BYTES])


def _flows(head: bytes) -> Recognition | None:
    """Return what flow log this is, by its header or the keys of its first records."""
    if head[:2] in _NFCAPD_MAGICS and head[2:4] in _NFCAPD_VERSIONS:
        why = "is an nfcapd stream: write it as text first, nfdump -r FILE -o csv"
        return Recognition("", reason=why)
    if head.startswith(_HEADERS[0]):
        return Recognition("flows", "zeek", is_log_like=True)
    if head.startswith(b"StartTime,"):
        return Recognition("flows", "binetflow", is_log_like=True)
    if head.startswith(b"ts,te,td,"):
        return Recognition("flows", "nfdump", is_log_like=True)
    if not head.startswith(b"{"):
        return None
    for line in head.split(b"\n", 8)[:8]:
        if line.startswith(b"{") and line.rstrip().endswith(b"}") and _is_json_record(line):
            if b'"id.orig_h"' in line:
                return Recognition("flows", "zeek", is_log_like=True)
            if b'"event_type"' in line and b'"src_ip"' in line:
                return Recognition("flows", "eve", is_log_like=True)
    return None


def _capture(head: bytes) -> Recognition | None:
    """Return what a capture's magic tells, or None if there is none."""
    order = _PCAP_MAGICS.get(head[:4])
    if order is not None:
        return _pcap(head, "<H" if order == "little" else ">H")
    if head[:4] == _PCAPNG_MAGIC:
        return _pcapng(head)
    return None


def _pcap(head: bytes, major_layout: str) -> Recognition | None:
    """Judge what follows the magic of a classic capture; None for text that begins with it."""
    if len(head) < _PCAP_HEADER_BYTES:
        return Recognition("", reason="is a capture cut short inside its 24-byte header")
    (major,) = struct.unpack_from(major_layout, head, 4)
    if major == _PCAP_MAJOR:
        return Recognition("packets", "pcap")
    if _is_log_like(head):
        return None
    reason = f"is a capture of format version {major}; only version 2 is known"
    return Recognition("", reason=reason)


def _pcapng(head: bytes) -> Recognition | None:
    """Judge what follows pcapng's magic, which are line ends; None for text."""
    mark = head[8:12]
    if not any(order.startswith(mark) for order in _PCAPNG_ORDERS):
        return None
    if len(head) < _PCAPNG_HEADER_BYTES:
        return Recognition("", reason="is a capture cut short inside its first block")
    return Recognition("packets", "pcapng")


def _text(head: bytes) -> Recognition:
    """Tell a log or other text from binary data."""
    for magic, reason in _KNOWN_BINARY:
        if head.startswith(magic):
            return Recognition("", reason=reason)
    if _is_log_like(head):
        return Recognition("log", "log", is_log_like=True)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls <= len(head) * _CONTROL_SHARE_MAX:
        return Recognition("log", "log")
    shown = head[:4].hex(" ")
    return Recognition("", reason=f"is not a capture nor a text log: starts with {shown}")


def _is_log_like(head: bytes) -> bool:
    """Tell whether at least one in twenty of the first lines begins like a log record."""
    if head.startswith(_HEADERS):
        return True
    lines = [line for line in head.split(b"\n", _LINES_MAX)[:_LINES_MAX] if line.strip(b"\r\0 ")]
    found = sum(_is_record(line.lstrip(b"\0\xef\xbb\xbf")[:_LINE_BYTES_MAX]) for line in lines)
    return found > 0 and found >= len(lines) * _LOG_LIKE_SHARE


def _is_record(line: bytes) -> bool:
    """Tell whether one line begins like a log record."""
    if line.startswith(b"{"):
        return _is_json_record(line)
    return _RECORD.match(line) is not None


def _is_json_record(line: bytes) -> bool:
    """Tell whether a line is a JSON object with a time among its own keys."""
    if not line.rstrip().endswith(b"}"):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return any(str(key).lower() in _JSON_TIMES for key in value)
