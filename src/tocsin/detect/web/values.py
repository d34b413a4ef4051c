r"""What of a web request an attacker can fill: its values, decoded the way servers decode.

Pure functions without state. A request is cut into `Value`s (path, query and form fields,
JSON texts, parts of a multipart body, headers, cookies), each decoded until nothing changes:
percent escapes up to three times over, ``%uXXXX``, overlong UTF-8 of ``. / \``, HTML
entities, ``\\xNN`` and ``\\uNNNN`` of scripts. Bounded: `VALUES_MAX` values of `TEXT_MAX`
characters of a request.

Sources: RFC 3986 (escapes); "Double Encoding", OWASP; CVE-2000-0884 (overlong UTF-8).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TEXT_MAX, VALUES_MAX, ROUNDS_MAX = 4096, 128, 3
PATH, QUERY, BODY, HEADER, COOKIE, UPLOAD = "path", "query", "body", "header", "cookie", "upload"
# Headers that hold a host's or browser's own grammar, not text that an application reads.
_CALM_HEADERS = frozenset({
    "accept", "accept-encoding", "accept-language", "connection", "content-length",
    "cache-control", "pragma", "if-modified-since", "if-none-match", "range", "te", "upgrade",
    "date", "keep-alive", "dnt", "upgrade-insecure-requests", "authorization", "priority",
    "proxy-authorization", "sec-ch-ua", "sec-ch-ua-platform", "sec-ch-ua-mobile",
    "proxy-connection", "transfer-encoding", "expect", "nt", "nts", "man", "sid", "callback",
    "content-security-policy", "if-range", "server-timing", "x-amz-date",
})  # fmt: skip
_ESCAPE = pattern(r"%(?:u([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))")
_SCRIPT_ESCAPE = pattern(r"\\(?:u\{?([0-9a-fA-F]{4})\}?|x([0-9a-fA-F]{2}))")
_HEX_DOTS = pattern(r"0x(2e|2f|5c)(?![0-9a-f])|0x(2e|2f|5c)(?=0x)")
_OVERLONG = (
    ("\xc0\xae", "."), ("\xc0\x2e", "."), ("\xe0\x80\xae", "."), ("\xe0\x40\xae", "."),
    ("\xc0\xaf", "/"), ("\xc0\x2f", "/"), ("\xe0\x80\xaf", "/"), ("\xc1\x9c", "\\"),
    ("\xc1\x1c", "\\"), ("\xc0\x5c", "\\"), ("\u2215", "/"), ("\u2216", "\\"),
    ("\uff0e", "."), ("\uff0f", "/"), ("\uff3c", "\\"), ("\uff1c", "<"), ("\uff07", "'"),
)  # fmt: skip
_ODD = pattern(r"[^\x00-\x7f]")
_JSON_TEXT = pattern(r'"((?:[^"\\]|\\.)*)"(\s*:)?')
_DISPOSITION = pattern(r"\r?\nContent-Disposition:", re.IGNORECASE)
_EMPTY_LINE = pattern(r"\r?\n\r?\n")
_XML_TEXT = pattern(r">([^<>]{3,2000})</|=\"([^\"<>]{3,2000})\"")
_PART = pattern(r'name="?([^";\r\n]*)"?(?:;\s*filename="?([^"\r\n;]*)"?)?', re.IGNORECASE)
_CODE_BEGINS = pattern(r"[$%#]\{|\(\)\s?\{|%7b", re.IGNORECASE)
_PLAIN = pattern(r"[\w.~:@,-]*")
_TELLING = pattern(  # words without any sign that still name only attacks
    r"java\.|processbuilder|classloader|__(?:class|proto|globals)|information_schema|rO0AB|0x2e|"
    r"oot\.ini|etcpasswd|web-inf|jndi|(?:transformer|closure|(?:instantiate|clone|serialization)factory)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """One decoded text of a request: which part holds it, under what name."""

    where: str
    name: str
    text: str


def decoded(text: str) -> str:
    """Return ``text`` (cut to `TEXT_MAX`) with every layer of escapes taken off."""
    text = text[:TEXT_MAX]
    for _ in range(ROUNDS_MAX):
        before = text
        if "%" in text:
            text = _ESCAPE.sub(_character, text)
        if "&" in text and ";" in text:
            text = html.unescape(text)
        if "\\" in text:
            text = _SCRIPT_ESCAPE.sub(_character, text)
        if text == before:
            break
    if _ODD.search(text):
        for overlong, meant in _OVERLONG:
            text = text.replace(overlong, meant)
    return text


def dotted(text: str) -> str:
    r"""Return lower-case text with ``0x2e``, ``0x2f``, ``0x5c`` read as ``. / \``."""
    if "0x" not in text:
        return text
    return _HEX_DOTS.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def values_of(
    target: str, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
) -> tuple[Value, ...]:
    """Return what of a target and a body is worth a look; plain words are left out.

    ``target`` is the request target as sent, header names are lower-case.
    """
    return _worth_a_look(_all_values(target, headers, body))


def header_values(name: str, text: str) -> tuple[Value, ...]:
    """Return what of a header is worth a look; ``name`` is lower-case."""
    if name in _CALM_HEADERS and not _CODE_BEGINS.search(text):
        return ()
    return _worth_a_look(
        _cookies(text) if name == "cookie" else iter((Value(HEADER, name, decoded(text)),))
    )


def _worth_a_look(values: Iterator[Value]) -> tuple[Value, ...]:
    found: list[Value] = []
    for value in values:
        text = value.text
        if ".." in text or not _PLAIN.fullmatch(text) or _TELLING.search(text):
            found.append(value)
            if len(found) >= VALUES_MAX:
                break
    return tuple(found)


def _all_values(target: str, headers: Sequence[tuple[str, str]], body: bytes) -> Iterator[Value]:
    path, sign, query = target[: 2 * TEXT_MAX].partition("?")
    if "://" in path[:12]:  # the absolute form, as to a proxy
        path = "/" + path.partition("://")[2].partition("/")[2]
    yield Value(PATH, "", decoded(path))
    if sign:
        yield from _fields(query, QUERY)
    if body:
        content_type = next((text for name, text in headers if name == "content-type"), "")
        yield from _body_values(body[: 2 * TEXT_MAX].decode("latin-1"), content_type.lower())


def _fields(text: str, where: str) -> Iterator[Value]:
    for field in text.split("&")[:VALUES_MAX]:
        name, sign, value = field.partition("=")
        if sign:
            yield Value(where, decoded(name.replace("+", " ")), decoded(value.replace("+", " ")))
            if not _PLAIN.fullmatch(name) or _TELLING.search(name):
                yield Value(where, "", decoded(name.replace("+", " ")))
        else:
            yield Value(where, "", decoded(name.replace("+", " ")))


def _cookies(text: str) -> Iterator[Value]:
    for pair in text[:TEXT_MAX].split(";"):
        name, sign, value = pair.strip().partition("=")
        if sign and _TELLING.search(name):
            yield Value(COOKIE, "", name)
        yield Value(COOKIE, name if sign else "", decoded(value if sign else name))


def _body_values(text: str, content_type: str) -> Iterator[Value]:
    start = text.lstrip()[:1]
    if "multipart/" in content_type:
        yield from _parts(text)
    elif "json" in content_type or (start in {"{", "["} and "urlencoded" not in content_type):
        yield from _json_texts(text)
    elif "xml" in content_type or start == "<":
        yield Value(BODY, "", text[:TEXT_MAX])
        for found in _some(_XML_TEXT.finditer(text), VALUES_MAX):
            yield Value(BODY, "xml", decoded(found[1] or found[2]))
    elif "urlencoded" in content_type or _looks_like_form(text):
        yield from _fields(text.strip(), BODY)
    elif not _is_binary(text):
        yield Value(BODY, "", decoded(text))
    else:
        yield Value(UPLOAD, "", text[:TEXT_MAX])


def _parts(text: str) -> Iterator[Value]:
    for part in _DISPOSITION.split(text, maxsplit=VALUES_MAX)[1:]:
        head, *behind = _EMPTY_LINE.split(part, maxsplit=1)
        content = behind[0] if behind else ""
        found = _PART.search(head)
        if found is None:
            continue
        content = content.rpartition("\n--")[0] or content
        if found[2] is not None:
            yield Value(UPLOAD, found[2], content[:TEXT_MAX])
        else:
            yield Value(BODY, found[1], decoded(content))


def _json_texts(text: str) -> Iterator[Value]:
    """Yield the texts of JSON by a glance, under the name that stands before each."""
    name = ""
    for found in _some(_JSON_TEXT.finditer(text), 4 * VALUES_MAX):
        if found[2]:
            name = found[1]
            if _PLAIN.fullmatch(name) and not _TELLING.search(name):
                continue
        raw = found[1].replace('\\"', '"').replace("\\/", "/")
        raw = raw.replace("\\n", "\n").replace("\\\\", "\\")
        yield Value(BODY, name, decoded(raw))


def _some(found: Iterable[re.Match[str]], most: int) -> Iterator[re.Match[str]]:
    for number, match in enumerate(found):
        if number >= most:
            return
        yield match


def _looks_like_form(text: str) -> bool:
    name, sign, _ = text[:200].partition("=")
    return bool(sign) and re.fullmatch(r"[\w.%\[\]-]{1,100}", name) is not None


def _is_binary(text: str) -> bool:
    head = text[:256]
    return sum(1 for c in head if c < " " and c not in "\r\n\t") > len(head) // 16


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))
