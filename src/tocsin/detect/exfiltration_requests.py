"""The signs in requests that carry something out; see `tocsin.detect.exfiltration_signs`."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from tocsin.detect.exfiltration_signs import (
    ARCHIVE,
    SAMPLE,
    is_address,
    is_inventory,
    of_files,
    of_text,
)

if TYPE_CHECKING:
    from tocsin.core.messages import HttpRequest

_LIBRARY = re.compile(
    r"/(nss3|sqlite3|mozglue|freebl3|softokn3|msvcp140|vcruntime140)\.dll$", re.IGNORECASE
)
_TOOL = re.compile(
    r"^(?:curl|wget|python|powershell|go-http|java|libwww|okhttp|ruby|certutil|winhttp|node|axios"
    r"|.{0,60}windowspowershell|rclone|aria2|httpie)",
    re.IGNORECASE,
)
_OLD = re.compile(r"msie [4-8]\.|^mozilla/[45]\.0$|^mozilla/4\.|^mozilla/[1-3]\.", re.IGNORECASE)
_CODINGS = frozenset({"", "gzip", "deflate", "br", "zstd", "compress", "identity", "x-gzip",
                      "aes128gcm", "dcb", "dcz", "exi", "amz-1.0", "aws-chunked"})  # fmt: skip
_TYPED = re.compile(r"json|xml|text|image|audio|video|protobuf|grpc|ocsp|timestamp|font|dns|soap",
                    re.IGNORECASE)  # fmt: skip
_SCRIPT = re.compile(r"(?:\.(?:php|asp|aspx|jsp|cgi|pl)|/)$", re.IGNORECASE)
_FILE_PART = re.compile(rb"filename=\"([^\"\r\n]{1,200})", re.IGNORECASE)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_FILE_BYTES = 65_536
_BINARY_SAMPLE, _BINARY_MIN = 512, 16
_FOLDER = re.compile(r"^/[a-z0-9]{2,8}/$")
_CODED_VALUE = re.compile(r"(?:^|&)[\w-]{1,16}=[A-Za-z0-9+/ _~()-]{40,}={0,2}(?:&|$)")
_CODED_TOKEN = re.compile(r"[A-Za-z0-9+_%=-]{48,}")


def of_request(m: HttpRequest) -> set[str]:
    """Return the signs in a request that carries something out."""
    found = _of_body(m.body[:SAMPLE]) | _of_head(m)
    names = [one.decode("latin-1") for one in _FILE_PART.findall(m.body[:SAMPLE])]
    found |= of_files(names) & {"stolen_name"}
    path = m.target.partition("?")[0]
    if m.method == "PUT":
        found |= {"put"} | of_files([path.rpartition("/")[2]]) & {"stolen_name", "documents"}
    is_coded = bool(m.header("content-encoding")) and "odd_coding" not in found
    if ARCHIVE.search(m.body[:SAMPLE]) and not is_coded:
        found.add("archive")
    is_plain = is_coded or "archive" in found or _TYPED.search(m.header("content-type").lower())
    if not is_plain and _SCRIPT.search(path) and _is_binary(m.body[:_BINARY_SAMPLE]):
        found.add("coded_post")
    if _is_by_address(m) and m.header("content-length").isdigit():
        is_file = int(m.header("content-length")[:15]) >= _FILE_BYTES
        found |= {"file_posted"} if is_file else set()
    return _of_sender(m, found) if found - {"put"} else found


def _of_head(m: HttpRequest) -> set[str]:
    found = set()
    if "tempuri.org" in m.header("soapaction").lower() or b"tempuri.org/" in m.body[:SAMPLE]:
        found.add("placeholder_call")
    if m.header("content-encoding").lower().partition(",")[0] not in _CODINGS:
        found.add("odd_coding")
    return found


def _of_sender(m: HttpRequest, found: set[str]) -> set[str]:
    """Return what speaks for a program behind a request that has signs; drop a person's."""
    agent = m.header("user-agent")
    if m.header("referer") or m.header("origin") or m.header("accept-language"):
        found -= {"archive", "stolen_name", "file_posted"}  # a person chose the file in a browser
    else:
        found.add("no_page")
        if not agent or _OLD.search(agent):
            found.add("old_agent")
        elif _TOOL.search(agent):
            found.add("tool_agent")
    return found | {"address_host"} if _is_by_address(m) else found


def _is_by_address(m: HttpRequest) -> bool:
    """Tell whether the server is named by its address, with a port or without."""
    return is_address(m.host.rpartition(":")[0] if m.host.count(":") == 1 else m.host.strip("[]"))


def _of_body(body: bytes) -> set[str]:
    """Return what a body says: as it is, its values decoded, or decoded from base64."""
    found = of_text(body)
    text = _plain(body)
    if is_inventory(text):
        found.add("inventory")
    for value in re.findall(r"[A-Za-z0-9+/]{48,}", text)[:4]:
        plain = _base64(value)
        found |= of_text(plain)
        if ARCHIVE.match(plain):
            found.add("archive")
    return found


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text[: len(text) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""


def _plain(data: bytes) -> str:
    """Decode the escapes of a form."""
    return _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()), data.replace(b"+", b" ")
    ).decode("latin-1")


def _is_binary(data: bytes) -> bool:
    """Tell data of which over a fifth is no text."""
    odd = sum(byte < 9 or 13 < byte < 32 or byte > 126 for byte in data)  # noqa: PLR2004
    return odd * 5 > len(data) >= _BINARY_MIN


def library_of(m: HttpRequest) -> str:
    """Return which library of a browser a request fetches, empty when none."""
    found = _LIBRARY.search(m.target.partition("?")[0])
    return found[1].lower() if found and m.method == "GET" else ""


def path_of(m: HttpRequest) -> str:
    """Return the short folder that a request names with a coded value, empty when none.

    A program that asks one such folder of hosts that have nothing in common hides its own
    among them.
    """
    path, _, query = m.target.partition("?")
    if not _FOLDER.match(path) or m.header("referer"):
        return ""
    said = query or m.body[:SAMPLE].decode("latin-1")
    return path if _CODED_VALUE.search(_plain(said.encode("latin-1", "replace"))) else ""


def coded_of(m: HttpRequest) -> str:
    """Return the longest coded value in a target that no page led to, empty when none."""
    if m.header("referer") or m.header("accept-language") or m.header("origin"):
        return ""
    return max(_CODED_TOKEN.findall(m.target), key=len, default="")
