"""A few packets in words, for a person to read; scapy is imported only when asked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tocsin.core.times import rfc3339
from tocsin.kernels.framing import PACKET, fresh_framing, walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKETS_MAX = 20
_READ_BYTES_MAX = 4 << 20
_TEXT_MAX = 300


def dissect(path: Path, *, packets_max: int = PACKETS_MAX) -> list[str]:
    """Return one line per packet of a capture's beginning: time, length, layers.

    Everything is printable ASCII: what came off the wire is escaped. Raises `OSError`.
    """
    import numpy as np

    with path.open("rb") as stream:
        data = stream.read(_READ_BYTES_MAX)
    buffer = np.frombuffer(data, dtype=np.uint8)
    index = np.zeros(packets_max, dtype=PACKET)
    state = fresh_framing()
    n, _, _ = walk(buffer, 0, len(buffer), 0, state, index, packets_max)  # type: ignore[no-untyped-call]
    return list(_lines(data, index[:n].tolist()))


def _lines(data: bytes, index: list[tuple[int, ...]]) -> Iterator[str]:
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.config import conf
    from scapy.layers import all as _layers  # noqa: F401 - registers link types
    from scapy.packet import Raw

    for at, _, time_ns, caplen, wirelen, link, _ in index:
        layer = conf.l2types.num2layer.get(link, Raw)
        try:
            text = layer(data[at : at + caplen]).summary()
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            text = f"can't be dissected ({type(error).__name__})"
        printable = text.encode("ascii", "backslashreplace").decode()
        printable = "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in printable)
        yield f"{rfc3339(time_ns)}  {wirelen:>5} B  {printable[:_TEXT_MAX]}"
