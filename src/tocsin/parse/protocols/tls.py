"""TLS handshakes in the clear (RFC 5246, RFC 8446): hellos with fingerprints, the leaf certificate.

JA3 and JA3S after Althouse, Atkinson, Atkins (2017), JA4 after FoxIO (2023). Certificates
are read by the cryptography library; TLS 1.3 encrypts them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import TlsCertificate, TlsHello
from tocsin.core.times import NS_PER_S
from tocsin.parse.protocols.segments import GATHER_BYTES_MAX, Reader, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message

_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 22, 1, 2, 11
_NAME, _ALPN, _GROUPS, _FORMATS, _SIGNATURES, _VERSIONS = 0, 16, 10, 11, 13, 43
_GREASE = 0x0A0A
_JA4_VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3"}


class TlsReader(Reader):
    """Gather each side's handshake messages; keeps their bytes until they are whole."""

    name: ClassVar[str] = "tls"

    def __init__(self) -> None:
        self.records = [b"", b""]
        self.messages = [b"", b""]
        self.server_name = ""
        self.is_over = [False, False]

    @classmethod
    def claims(cls, segment: Segment) -> bool:
        """Tell by a handshake record of SSL 3 or later."""
        data = segment.data
        return len(data) > 5 and data[0] == _HANDSHAKE and data[1] == 3 and data[2] <= 4

    def read(self, segment: Segment) -> Iterator[Message]:
        """Yield hellos and a certificate as they become whole."""
        side = 0 if segment.from_client else 1
        if self.is_over[side]:
            return
        if segment.is_gap:
            self.records[side] = self.messages[side] = b""
        data = self.records[side] + segment.data
        while len(data) >= 5 and not self.is_over[side]:
            size = int.from_bytes(data[3:5])
            if data[0] != _HANDSHAKE or data[1] != 3:
                self.is_over[side] = True
                break
            if len(data) < 5 + size:
                break
            self.messages[side] += data[5 : 5 + size]
            data = data[5 + size :]
        self.records[side] = data if len(data) <= GATHER_BYTES_MAX else b""
        yield from self._messages(segment, side)
        if len(self.messages[side]) > GATHER_BYTES_MAX:
            self.is_over[side] = True
            self.messages[side] = b""

    def _messages(self, segment: Segment, side: int) -> Iterator[Message]:
        while len(self.messages[side]) >= 4:
            kind, size = self.messages[side][0], int.from_bytes(self.messages[side][1:4])
            if len(self.messages[side]) < 4 + size:
                return
            body = self.messages[side][4 : 4 + size]
            self.messages[side] = self.messages[side][4 + size :]
            if kind == _CLIENT_HELLO:
                hello = _client_hello(segment, body)
                self.server_name = hello.server_name
                yield hello
            elif kind == _SERVER_HELLO:
                yield _server_hello(segment, body)
            elif kind == _CERTIFICATE and len(body) > 6:
                leaf = body[6 : 6 + int.from_bytes(body[3:6])]
                found = _certificate(segment, leaf, self.server_name)
                if found is not None:
                    yield found


def _client_hello(segment: Segment, body: bytes) -> TlsHello:
    at = 35 + (body[34] if len(body) > 34 else 0)
    size = int.from_bytes(body[at : at + 2])
    ciphers = _numbers(body[at + 2 : at + 2 + size])
    at += 2 + size
    at += 1 + (body[at] if at < len(body) else 0)
    extensions = _extensions(body, at)
    version = int.from_bytes(body[:2])
    groups = _numbers(extensions.get(_GROUPS, b"")[2:])
    formats = list(extensions.get(_FORMATS, b"")[1:])
    ja3 = ",".join(
        "-".join(str(n) for n in part if not _is_grease(n))
        for part in ([version], ciphers, list(extensions), groups, formats)
    )
    offered = [n for n in _numbers(extensions.get(_VERSIONS, b"")[1:]) if not _is_grease(n)]
    alpn = _alpn(extensions.get(_ALPN, b""))
    return TlsHello(
        **segment.common(),
        version=max(offered, default=version),
        server_name=_server_name(extensions.get(_NAME, b"")),
        alpn=alpn,
        fingerprints={
            "ja3": hashlib.md5(ja3.encode(), usedforsecurity=False).hexdigest(),
            "ja4": _ja4(max(offered, default=version), ciphers, extensions, alpn),
        },
    )


def _ja4(
    version: int, ciphers: list[int], extensions: dict[int, bytes], alpn: tuple[str, ...]
) -> str:
    own = sorted(n for n in ciphers if not _is_grease(n))
    kinds = [n for n in extensions if not _is_grease(n)]
    rest = sorted(n for n in kinds if n not in {_NAME, _ALPN})
    offered = _numbers(extensions.get(_SIGNATURES, b"")[2:])
    signatures = [n for n in offered if not _is_grease(n)]
    first = alpn[0] if alpn else "00"
    head = (
        f"t{_JA4_VERSIONS.get(version, '00')}{'d' if _NAME in extensions else 'i'}"
        f"{min(len(own), 99):02}{min(len(kinds), 99):02}{first[0]}{first[-1]}"
    )
    text = ",".join(f"{n:04x}" for n in rest)
    if signatures:
        text += "_" + ",".join(f"{n:04x}" for n in signatures)
    return f"{head}_{_short(','.join(f'{n:04x}' for n in own))}_{_short(text)}"


def _server_hello(segment: Segment, body: bytes) -> TlsHello:
    at = 35 + (body[34] if len(body) > 34 else 0)
    cipher = int.from_bytes(body[at : at + 2])
    extensions = _extensions(body, at + 3)
    version = int.from_bytes(body[:2])
    ja3s = f"{version},{cipher},{'-'.join(str(n) for n in extensions)}"
    chosen = int.from_bytes(extensions.get(_VERSIONS, b"")[:2]) or version
    return TlsHello(
        **segment.common(),
        version=chosen,
        fingerprints={"ja3s": hashlib.md5(ja3s.encode(), usedforsecurity=False).hexdigest()},
    )


def _certificate(segment: Segment, der: bytes, server_name: str) -> TlsCertificate | None:
    from cryptography import x509
    from cryptography.x509.oid import ExtensionOID

    try:
        found = x509.load_der_x509_certificate(der)
        subject, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
        begin, end = found.not_valid_before_utc, found.not_valid_after_utc
    except (ValueError, x509.InvalidVersion):  # cut, or made by somebody careless
        return None
    names: tuple[str, ...] = ()
    try:
        extension = found.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        ).value
        if isinstance(extension, x509.SubjectAlternativeName):
            names = tuple(extension.get_values_for_type(x509.DNSName))[:16]
    except (
        ValueError,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ):
        pass
    return TlsCertificate(
        **segment.common(),
        subject=subject[:200],
        issuer=issuer[:200],
        names=names,
        serial=f"{found.serial_number:x}",
        not_before_ns=int(begin.timestamp()) * NS_PER_S,
        not_after_ns=int(end.timestamp()) * NS_PER_S,
        is_self_signed=subject == issuer,
        sha256=hashlib.sha256(der).hexdigest(),
        server_name=server_name,
    )


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    end = min(len(body), at + 2 + int.from_bytes(body[at : at + 2]))
    at += 2
    while at + 4 <= end:
        size = int.from_bytes(body[at + 2 : at + 4])
        found.setdefault(int.from_bytes(body[at : at + 2]), body[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _numbers(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw) - 1, 2)]


def _is_grease(number: int) -> bool:
    """Tell the values of RFC 8701, which clients strew in."""
    return number & 0x0F0F == _GREASE and number >> 8 == number & 0xFF


def _server_name(raw: bytes) -> str:
    size = int.from_bytes(raw[3:5])
    return raw[5 : 5 + size].decode("latin-1").lower()[:255]


def _alpn(raw: bytes) -> tuple[str, ...]:
    found, at = [], 2
    while at < len(raw) and raw[at]:
        found.append(raw[at + 1 : at + 1 + raw[at]].decode("latin-1"))
        at += 1 + raw[at]
    return tuple(name for name in found if name)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "0" * 12
