"""From flow records to the few packets that stand for them, as the packet kernel takes them.

A conversation's opening, its answer and its end are what contacts, targets and guesses
look at; a record holds all three. So a record becomes one to six packets (SYN, SYN-ACK or
RST, data of either side, both FIN), and every kernel table steps as it does for a capture.
What a record does not hold, the pace of packets within it, is not made up: sizes are cut
at 64 KiB, and no rates of packets or bytes are judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core import flow_record as fr
from tocsin.kernels.decode import DECODED, ICMP, ICMPV6, IPV4, IPV6, TCP
from tocsin.kernels.flow_table import ACK, FIN, PSH, RST, SYN

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANNER = b"SSH-2.0-"  # stands where a log says that the other end spoke SSH
_HEADERS_BYTES, _SIZE_MAX = 40, 65535
_V4 = 0xFFFF
# (shapes, flags, is the initiator's, at the end, carries payload, only with packets back)
_TCP_STEPS = (
    ((fr.UNANSWERED, fr.REFUSED, fr.ANSWERED, fr.ONE_WAY), SYN, True, False, False),
    ((fr.ANSWERED,), SYN | ACK, False, False, False),
    ((fr.REPLY_OPEN,), SYN | ACK, True, False, False),
    ((fr.REPLY_RST,), RST | ACK, True, False, False),
    ((fr.ANSWERED, fr.ONE_WAY, fr.MIDSTREAM), ACK, True, False, True),
    ((fr.REFUSED,), RST | ACK, False, False, False),
    # A refused connection is not half-open: nothing of it stays at the target.
    ((fr.REFUSED,), ACK, True, False, False),
    ((fr.REPLY_RST,), ACK, False, False, False),
    ((fr.ANSWERED,), ACK | PSH, False, True, True),
    ((fr.ANSWERED,), FIN | ACK, True, True, False),
    ((fr.ANSWERED,), FIN | ACK, False, True, False),
)


def packets_of(records: NDArray[np.void]) -> NDArray[np.void]:
    """Return packets (dtype `decode.DECODED`) of records (`FLOW_RECORD`), in time order."""
    is_tcp = records["proto"] == TCP
    parts = []
    for shapes, flags, is_out, at_end, has_data in _TCP_STEPS:
        own = records[is_tcp & np.isin(records["shape"], shapes)]
        parts.append(_step(own, flags, is_out=is_out, at_end=at_end, has_data=has_data))
    others = records[~is_tcp]
    parts.append(_step(others, 0, is_out=True, at_end=False, has_data=True))
    answered = others[others["packets_in"] > 0]
    parts.append(_step(answered, 0, is_out=False, at_end=True, has_data=True))
    rank_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    packets = np.concatenate(parts)
    return packets[np.lexsort((rank_of, packets["offset"], packets["ts_ns"]))]


def _step(
    records: NDArray[np.void], flags: int, *, is_out: bool, at_end: bool, has_data: bool
) -> NDArray[np.void]:
    packets = np.zeros(len(records), dtype=DECODED)
    ends = ("src", "dst") if is_out else ("dst", "src")
    for to, own in zip(("src", "dst"), ends, strict=True):
        for part in ("hi", "lo", "port"):
            packets[f"{to}_{part}"] = records[f"{own}_{part}"]
    packets["ts_ns"] = records["end_ns" if at_end else "start_ns"]
    packets["offset"], packets["proto"], packets["flags"] = (
        records["offset"],
        records["proto"],
        flags,
    )
    is_v4 = (records["src_hi"] == 0) & (records["src_lo"] >> np.uint64(32) == _V4)
    packets["ethertype"] = np.where(is_v4, IPV4, IPV6)
    is_icmp = np.isin(records["proto"], (ICMP, ICMPV6))
    packets["icmp_type"] = np.where(is_icmp, records["src_port"] & 255, 0)
    packets["src_port"][is_icmp] = 0
    packets["dst_port"][is_icmp] = 0
    if has_data:
        size = records["bytes_out" if is_out else "bytes_in"]
        packets["payload"] = np.minimum(size, _SIZE_MAX - _HEADERS_BYTES)
        if not is_out:
            spoke = (records["is_ssh"] == 1) & (packets["payload"] > 0)
            packets["captured"] = np.where(spoke, len(BANNER), 0)
    packets["wirelen"] = packets["payload"] + _HEADERS_BYTES
    return packets
