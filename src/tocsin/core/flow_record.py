"""One record of a flow log (Zeek, Suricata, Argus, NetFlow), whatever wrote it, as a row."""

from __future__ import annotations

import numpy as np

# How a record's conversation went, as far as the record tells.
(MIDSTREAM, UNANSWERED, REFUSED, ANSWERED, ONE_WAY, REPLY_OPEN, REPLY_RST) = range(7)

FLOW_RECORD = np.dtype(
    [
        ("start_ns", "i8"), ("end_ns", "i8"),
        ("src_hi", "u8"), ("src_lo", "u8"), ("dst_hi", "u8"), ("dst_lo", "u8"),
        ("src_port", "u2"), ("dst_port", "u2"), ("proto", "u1"), ("shape", "u1"),
        ("is_ssh", "u1"),  # the other end spoke SSH, by the log or by its port
        ("packets_out", "i8"), ("packets_in", "i8"), ("bytes_out", "i8"), ("bytes_in", "i8"),
        ("offset", "i8"), ("length", "i8"),  # of the line, its line feed included
    ]
)  # fmt: skip
"""Times int64 ns UTC, addresses as halves (`tocsin.core.addresses`), bytes of payload where
the log tells them apart, offsets in the decompressed stream."""
