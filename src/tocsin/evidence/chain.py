"""The signed hash chain over all evidence of a state: who sealed what, when, after what.

Each record's body is canonical JSON (sorted keys, no spaces) that names the manifest's
hash and the hash of the record before; the record's hash is the SHA-256 of the body and
its signature Ed25519 (RFC 8032) over the body. A record that is changed, moved or taken
out breaks what follows. A tail cut off can't be seen from inside: the head (count and
hash) is printed and sent, and checked with ``verify --head``.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import IntegrityError, NotPermittedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

FIRST_PREVIOUS = "0" * 64
PRIVATE, PUBLIC = "chain.key", "chain.pub"
_FIELDS = {
    "seq": int, "incident": str, "manifest_version": int, "manifest_sha256": str,
    "previous": str, "recorded_at": str, "host": str, "user": str, "key": str,
}  # fmt: skip
_HEX_DIGITS = 64  # of SHA-256


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """One record as it is stored: ``body`` is the signed text, ``signature`` hexadecimal."""

    hash: str
    signature: str
    body: str

    def values(self) -> dict[str, Any]:
        """Return the body's fields; raises `IntegrityError` when it is not a record."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"a chain record is not JSON: {error}") from error
        if not isinstance(found, dict) or any(
            not isinstance(found.get(name), kind) for name, kind in _FIELDS.items()
        ):
            raise IntegrityError("a chain record lacks a field, or one is of the wrong type")
        return found

    def line(self) -> str:
        """Return the record as one line of ``chain.jsonl``."""
        content = {"hash": self.hash, "signature": self.signature, "body": self.body}
        return json.dumps(content, separators=(",", ":")) + "\n"


@dataclass(frozen=True, slots=True)
class Head:
    """How many records the chain has, and the hash of the last."""

    count: int
    hash: str

    def __str__(self) -> str:
        """Return ``<count>:<hash>``, as it is printed to people."""
        return f"{self.count}:{self.hash}"


def parse_head(text: str) -> Head:
    """Return the head that a person gave; raises `UsageError`."""
    count, colon, digest = text.strip().partition(":")
    is_hash = len(digest) == _HEX_DIGITS and not set(digest.lower()) - set("0123456789abcdef")
    if not colon or not count.isascii() or not count.isdigit() or not is_hash:
        raise UsageError(f"expected a head such as 3:<64 hexadecimal digits>, got {text!r}")
    return Head(int(count), digest.lower())


def head_of(records: Sequence[ChainRecord]) -> Head:
    """Return the head of a chain; ``0:000...`` of an empty one."""
    return Head(len(records), records[-1].hash if records else FIRST_PREVIOUS)


def make_record(
    key: Ed25519PrivateKey,
    *,
    head: Head,
    incident_id: str,
    manifest_version: int,
    manifest_sha256: str,
    recorded_at: str,
    host: str,
    user: str,
) -> ChainRecord:
    """Sign the record that follows ``head``."""
    body = json.dumps(
        {
            "seq": head.count + 1,
            "incident": incident_id,
            "manifest_version": manifest_version,
            "manifest_sha256": manifest_sha256,
            "previous": head.hash,
            "recorded_at": recorded_at,
            "host": host,
            "user": user,
            "key": key_id(key.public_key()),
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    return ChainRecord(digest, key.sign(body.encode()).hex(), body)


def chain_problems(records: Iterable[ChainRecord], *, key: Ed25519PublicKey) -> list[str]:
    """Return what is wrong with records in their order; empty when they hold."""
    problems: list[str] = []
    previous, seq = FIRST_PREVIOUS, 0
    for place, record in enumerate(records, start=1):
        try:
            values = record.values()
        except IntegrityError as error:
            problems.append(f"chain record {place}: {error}")
            previous, seq = record.hash, seq + 1
            continue
        name = f"chain record {values['seq']}"
        if hashlib.sha256(record.body.encode()).hexdigest() != record.hash:
            problems.append(f"{name}: its content does not match its hash")
        if not _is_signed(record, key):
            problems.append(f"{name}: its signature does not match key {key_id(key)}")
        if values["seq"] != seq + 1:
            problems.append(f"{name}: expected number {seq + 1}: missing or reordered")
        if values["previous"] != previous:
            problems.append(f"{name}: does not follow the record before it")
        previous, seq = record.hash, values["seq"]
    return problems


def parse_lines(text: str, *, where: str) -> list[ChainRecord]:
    """Return the records of a ``chain.jsonl``; raises `IntegrityError`."""
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found = json.loads(line)
            record = ChainRecord(found["hash"], found["signature"], found["body"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IntegrityError("not a chain record", where=f"{where}:{number}") from error
        if not all(isinstance(x, str) for x in (record.hash, record.signature, record.body)):
            raise IntegrityError("not a chain record", where=f"{where}:{number}")
        records.append(record)
    return records


def load_or_make_key(folder: Path) -> Ed25519PrivateKey:
    """Return the chain's key; on first use make ``chain.key`` (0600) and ``chain.pub``.

    Raises `NotPermittedError` when the folder can't be used, `IntegrityError` for a file
    that is no such key.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
    )

    path = folder / PRIVATE
    try:
        if not path.exists():
            text = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            _write_whole(path, text, mode=0o600)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise IntegrityError("expected an Ed25519 key", where=str(path))
        if not (folder / PUBLIC).exists():
            _write_whole(folder / PUBLIC, public_pem(key.public_key()), mode=0o644)
    except OSError as error:
        reason = error.strerror or "failed"
        raise NotPermittedError(f"can't use the chain's key: {reason}", where=str(path)) from error
    except ValueError as error:
        raise IntegrityError(f"not a private key: {error}", where=str(path)) from error
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM, as ``openssl pkeyutl`` reads it."""
    from cryptography.hazmat.primitives import serialization

    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def load_public_key(path: Path) -> Ed25519PublicKey:
    """Return the key of a ``chain.pub``; raises `IntegrityError`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PublicKey,
    )

    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise IntegrityError(
            "the chain's public key is missing or damaged", where=str(path)
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise IntegrityError("expected an Ed25519 key", where=str(path))
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the raw key."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _is_signed(record: ChainRecord, key: Ed25519PublicKey) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(bytes.fromhex(record.signature), record.body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Write by renaming, so that a killed process leaves no half key."""
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(staged, flags, mode), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    staged.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
