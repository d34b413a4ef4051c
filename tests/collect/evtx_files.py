"""Windows event log files made for tests: elements written plainly, without templates."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

_CHUNK_BYTES, _HEADER_BYTES = 1 << 16, 4096


@dataclass(frozen=True)
class Element:
    """An XML element: attributes, then text or elements."""

    name: str
    content: str | list[Element] = ""
    attributes: dict[str, str] = field(default_factory=dict)


def logon(number: int, *, user: str = "bob", address: str = "203.0.113.9") -> Element:
    """Return a refused log-on at 05:41 on 2026-11-23."""
    data = {"TargetUserName": user, "IpAddress": address, "LogonType": "3"}
    return Element("Event", [
        Element("System", [
            Element("Provider", attributes={"Name": "Microsoft-Windows-Security-Auditing"}),
            Element("EventID", "4625"),
            Element("TimeCreated", attributes={"SystemTime": f"2026-11-23T05:41:{number % 60:02}.000000Z"}),
            Element("EventRecordID", str(number)),
            Element("Channel", "Security"),
            Element("Computer", "dc01.example"),
        ]),
        Element("EventData", [Element("Data", value, {"Name": name}) for name, value in data.items()]),
    ])  # fmt: skip


def evtx(events: list[Element], *, per_chunk: int = 20) -> bytes:
    """Return an event log file."""
    parts = [events[at : at + per_chunk] for at in range(0, len(events), per_chunk)]
    header = struct.pack(
        "<8sQQQIHHHH", b"ElfFile\0", 0, len(parts) - 1, len(events) + 1, 128, 1, 3, 4096, len(parts)
    ).ljust(120, b"\0")
    header += struct.pack("<II", 0, zlib.crc32(header))
    out, number = header.ljust(_HEADER_BYTES, b"\0"), 1
    for part in parts:
        out += _chunk(part, number)
        number += len(part)
    return out


def _chunk(events: list[Element], first: int) -> bytes:
    body, last_at = b"", 512
    for number, event in enumerate(events, first):
        last_at = 512 + len(body)
        fragment = b"\x0f\x01\x01\0" + _element(event, last_at + 24 + 4) + b"\0"
        size = 24 + len(fragment) + 4
        size += -size % 8
        filetime = 134_400_000_000_000_000 + number * 10_000_000
        record = struct.pack("<IIQQ", 0x2A2A, size, number, filetime) + fragment
        body += record.ljust(size - 4, b"\0") + struct.pack("<I", size)
    last = first + len(events) - 1
    head = struct.pack("<8sQQQQIIII", b"ElfChnk\0", first, last, first, last, 128, last_at,
                       512 + len(body), zlib.crc32(body)).ljust(120, b"\0")  # fmt: skip
    tables = b"\0" * (512 - 128)
    head += struct.pack("<II", 1, zlib.crc32(head + tables)) + tables
    return (head + body).ljust(_CHUNK_BYTES, b"\0")


def _name(name: str, at: int) -> bytes:
    """Return a name's offset and the name itself, which stands right behind it."""
    value = 0
    for sign in name:
        value = (value * 65599 + ord(sign)) & 0xFFFFFFFF
    text = name.encode("utf-16-le")
    return struct.pack("<IIHH", at + 4, 0, value & 0xFFFF, len(name)) + text + b"\0\0"


def _text(text: str) -> bytes:
    return struct.pack("<BBH", 0x05, 0x01, len(text)) + text.encode("utf-16-le")


def _element(element: Element, at: int) -> bytes:
    """Return an element that begins at ``at`` in its chunk."""
    has_attributes = bool(element.attributes)
    start = at + 5  # token, size
    inner = _name(element.name, start)
    if has_attributes:
        attributes = b""
        begin = start + len(inner) + 4
        for place, (name, value) in enumerate(element.attributes.items(), 1):
            token = 0x06 if place == len(element.attributes) else 0x46
            attributes += struct.pack("<B", token) + _name(name, begin + len(attributes) + 1)
            attributes += _text(value)
        inner += struct.pack("<I", len(attributes)) + attributes
    if not element.content:
        inner += b"\x03"
    else:
        inner += b"\x02"
        if isinstance(element.content, str):
            inner += _text(element.content)
        else:
            for one in element.content:
                inner += _element(one, start + len(inner))
        inner += b"\x04"
    return struct.pack("<BI", 0x41 if has_attributes else 0x01, len(inner)) + inner
