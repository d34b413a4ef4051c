"""Syslog headers in text: of records that stand inside others, and loose forms of old programs.

RFC 3164 and 5424 as the scanner reads them, ``program[pid]`` without a colon, ``program [pid]:``,
``facility.level`` before a program (busybox, AIX), Cisco's ``%FACILITY-SEVERITY-MNEMONIC:``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.parse.stamp_text import StampReader

_PRIORITY = re.compile(r"<[0-9]{1,3}>(1 )?", re.ASCII)
_TAG = re.compile(
    r"(?:(?P<host>[\w.:%-]{1,255}) )?(?P<program>[^\s:\[\]\"{=]{1,64})"
    r"(?:\[(?P<pid>[0-9]{1,10})\])?:(?: +|$)",
    re.ASCII,
)
_LOOSE = re.compile(
    r"(?:UTC |GMT |Z )?(?:<[\w.]{1,24}> +)?(?:(?P<host>[\w.:%-]{1,255}) +)??(?:kernel: )?"
    r"(?:\[ *[0-9]{1,9}\.[0-9]{6}\] +)?(?:@vserver_\w{1,32} +)?"
    r"(?:[a-z0-9]{2,12}(?:\|[a-z0-9|]{2,24}:|\.)[a-z]{2,12} +)?"
    r"(?:\[(?P<named>[A-Za-z][\w./()-]{0,63})\]|(?P<program>[A-Za-z][\w./()-]{0,63}))"
    r"(?: ?\[(?P<pid>[0-9]{1,10})\](?:\([A-Za-z]{1,12}\))?|(?<=\))|(?<=\])):?(?: +|$)"
    r"(?:\[ID [0-9]{1,9} \S{1,32}\] *)?",
    re.ASCII,
)
_CISCO = re.compile(  # sequence number, host, time: each may be left out
    r"(?:(?P<host>[\w.:%-]{1,255}) +)??(?:: )?(?:[0-9]{1,10}: )?(?:[\w.-]{1,64}: )?"
    r"(?:[*.]?[A-Z][a-z]{2} +[0-9]{1,2} (?:[0-9]{4} )?[0-9:.]{5,15}(?: [A-Z]{2,5})?: )?"
    r"(?P<program>%[A-Z]\w{1,30}-[0-9]-\w{1,40})(?P<pid>(?!))?: ?",
    re.ASCII,
)
_5424 = re.compile(r" (\S{1,255}) (\S{1,48}) (\S{1,128}) \S{1,32} ")
_DATA = re.compile(r'(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*+")*+\])++)(?: |$)', re.DOTALL)
_ELEMENT = re.compile(
    r"\[([!-<>-\\^-~]{1,64})((?: [!-<>-\\^-~]{1,64}=\"(?:[^\"\\]|\\.)*+\")*+)\]", re.DOTALL
)
_PARAMETER = re.compile(r" ([!-<>-\\^-~]{1,64})=\"((?:[^\"\\]|\\.)*+)\"", re.DOTALL)
_BEFORE_DATA = re.compile(r"<[0-9]{1,3}>1 (?:\S{1,255} ){5}", re.ASCII)
_PARAMETERS_MAX = 64
_REPEATED = re.compile(r"message repeated ([0-9]{1,5}) times: \[ (.*)\]", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Head:
    """What a syslog header says of a record; ``message`` is what follows it."""

    message: str
    program: str = ""
    pid: int = -1
    host: str = ""
    ts_ns: int | None = None


def syslog_head(text: str, stamps: StampReader) -> Head | None:
    """Return what a syslog header says, None when none stands there."""
    priority = _PRIORITY.match(text)
    at = priority.end() if priority else 0
    if priority and priority[1]:
        return _rfc5424(text, at, stamps)
    ns, end = stamps.read(text, at)
    rest = text[end:].lstrip(" ")
    found = _TAG.match(rest)
    if found is None:
        return Head(rest, ts_ns=ns) if end > at else None
    return _head(found, rest, ns)


def loose_head(rest: str, ns: int | None) -> Head | None:
    """Return what stands behind a stamp in the loose forms, None when it is none of them."""
    found = _CISCO.match(rest) or _LOOSE.match(rest)
    return _head(found, rest, ns) if found is not None else None


def cisco_head(text: str) -> Head | None:
    """Return what stands before a message of a Cisco device that bears no other header."""
    found = _CISCO.match(text)
    return _head(found, text, None) if found is not None else None


def odd_head(text: str, stamps: StampReader) -> Head | None:
    """Return what stands behind a stamp in brackets, or one that names no moment."""
    text = text.lstrip(" ")
    at = 1 if text.startswith("[") else 0
    ns, end = stamps.read(text, at)
    if end == at or (at and not text.startswith("]", end)):
        return None
    return loose_head(text[end + at :].lstrip(" "), ns)


def structured_data(text: str) -> dict[str, str]:
    r"""Return the parameters of an RFC 5424 record, named after their element and themselves.

    >>> structured_data('<34>1 - - - - - [origin@1 ip="192.0.2.1" x="a\\"b"] text')
    {'origin@1.ip': '192.0.2.1', 'origin@1.x': 'a"b'}
    """
    found: dict[str, str] = {}
    head = _BEFORE_DATA.match(text)
    at = head.end() if head is not None else len(text)
    while (element := _ELEMENT.match(text, at)) is not None:
        for name, value in _PARAMETER.findall(element[2]):
            if len(found) < _PARAMETERS_MAX:
                found.setdefault(f"{element[1]}.{name}", re.sub(r"\\([\"\\\]])", r"\1", value))
        at = element.end()
    return found


def repeated(message: str) -> tuple[str, int]:
    """Return a message and how often it stands for itself.

    >>> repeated("message repeated 3 times: [ Failed login]")
    ('Failed login', 3)
    """
    found = _REPEATED.fullmatch(message) if message.startswith("message repeated") else None
    return (found[2], int(found[1])) if found is not None else (message, 1)


def _head(found: re.Match[str], rest: str, ns: int | None) -> Head:
    pid = found["pid"]
    return Head(
        message=rest[found.end() :],
        program=found["program"] or found.groupdict().get("named") or "",
        pid=int(pid) if pid else -1,
        host=found["host"] or "",
        ts_ns=ns,
    )


def _rfc5424(text: str, at: int, stamps: StampReader) -> Head | None:
    ns, end = (None, at + 1) if text.startswith("-", at) else stamps.read(text, at)
    words = _5424.match(text, end)
    if words is None:
        return None
    data = _DATA.match(text, words.end())
    if data is None:
        return None
    host, program, pid = ("" if word == "-" else word for word in words.groups())
    return Head(
        message=text[data.end() :].removeprefix("\ufeff"),
        program=program,
        pid=int(pid) if re.fullmatch("[0-9]{1,9}", pid) else -1,
        host=host,
        ts_ns=ns,
    )
