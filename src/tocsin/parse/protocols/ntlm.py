"""NTLMSSP ([MS-NLMP]): who logs in, from the AUTHENTICATE message."""

from __future__ import annotations

_SIGNATURE, _AUTHENTICATE, _LEAST = b"NTLMSSP\x00", 3, 64
NAME_BYTES_MAX = 128


def user_in(blob: bytes) -> str | None:
    """Return the user name of an AUTHENTICATE message in ``blob``, None when there is none.

    An anonymous log-in has an empty name.
    """
    at = blob.find(_SIGNATURE)
    if at < 0 or len(blob) < at + _LEAST:
        return None
    message = blob[at:]
    if int.from_bytes(message[8:12], "little") != _AUTHENTICATE:
        return None
    length = int.from_bytes(message[36:38], "little")
    start = int.from_bytes(message[40:44], "little")
    raw = message[start : start + min(length, NAME_BYTES_MAX)]
    is_unicode = message[60] & 1
    return raw.decode("utf-16-le" if is_unicode else "latin-1", "replace")
