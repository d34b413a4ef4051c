"""Know an input again cheaply, before reading it whole.

An input is known by the SHA-256 of its decompressed content; a file that has grown since
by the hash of its first ``length`` bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from tocsin.collect.source import Source

PREFIX_BYTES = 64 << 10


def first_64k_sha256(source: Source) -> str:
    """Return the SHA-256 of the first 64 KiB of the decompressed content, or of all if less."""
    return hashlib.sha256(source.head(PREFIX_BYTES)).hexdigest()


def matches_prefix(source: Source, *, length: int, sha256: str) -> bool:
    """Tell whether the first ``length`` decompressed bytes have this SHA-256.

    Reads just those bytes, and none of a stream beyond its head: a stream is read once, so
    it counts as new when ``length`` exceeds 64 KiB. False when the content is shorter or
    damaged before ``length``.
    """
    if length <= PREFIX_BYTES or source.is_stream:
        head = source.head(min(length, PREFIX_BYTES))
        return len(head) == length and hashlib.sha256(head).hexdigest() == sha256
    digest = hashlib.sha256()
    left = length
    try:
        for block in source.blocks():
            data = memoryview(block.data)[:left]
            digest.update(data)
            left -= len(data)
            if not left:
                break
    except InputError:
        return False
    return not left and digest.hexdigest() == sha256
