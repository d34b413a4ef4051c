"""Numbers in network byte order, read from a buffer; the caller has checked the bounds."""

from __future__ import annotations

import numpy as np

from tocsin.kernels.lean import inlined


@inlined
def be16(b, p):  # type: ignore[no-untyped-def]
    """Return the 16-bit number at ``p``."""
    return (np.int64(b[p]) << 8) | np.int64(b[p + 1])


@inlined
def be32(b, p):  # type: ignore[no-untyped-def]
    """Return the 32-bit number at ``p``, as int64."""
    return (
        (np.int64(b[p]) << 24)
        | (np.int64(b[p + 1]) << 16)
        | (np.int64(b[p + 2]) << 8)
        | np.int64(b[p + 3])
    )


@inlined
def be64(b, p):  # type: ignore[no-untyped-def]
    """Return the 64-bit number at ``p``, as uint64."""
    return (np.uint64(be32(b, p)) << np.uint64(32)) | np.uint64(be32(b, p + 4))


@inlined
def le16(b, p):  # type: ignore[no-untyped-def]
    """Return the little-endian 16-bit number at ``p``."""
    return np.int64(b[p]) | (np.int64(b[p + 1]) << 8)


@inlined
def mac(b, p):  # type: ignore[no-untyped-def]
    """Return the 48-bit address at ``p``, as uint64."""
    return np.uint64((be16(b, p) << 32) | be32(b, p + 2))
