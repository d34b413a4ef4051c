"""Services whose answers reflections are made of, and how to tell an answer from a question.

Sources: US-CERT TA14-017A (UDP-based amplification attacks) and C. Rossow, "Amplification
Hell", NDSS 2014, for the protocols; the protocols' own RFCs for the direction bits.
"""

from __future__ import annotations

import numpy as np

from tocsin.kernels.compiled import part

_DNS, _NTP, _NETBIOS, _ISAKMP, _RIP, _NAT_T, _MDNS, _LLMNR = (
    53, 123, 137, 500, 520, 4500, 5353, 5355,
)  # fmt: skip
# Answers of these are never a transfer, so that many times the question is an amplification.
_AMPLIFIERS = (
    17, 19, 53, 69, 111, 123, 137, 161, 177, 389, 427, 520, 623, 1434, 1604, 1900, 3283, 3702,
    5093, 5351, 5353, 5683, 10001, 10074, 11211, 17185, 30718, 32414, 33848, 37020, 37810, 41794,
    47808, 48899,
)  # fmt: skip
_OTHERS = (
    1194, 1701, 2362, 3389, 3478, 4500, 5060, 5355, 6881, 7001, 9987, 10080, 20800, 26000, 27015,
    27016, 27960, 28960, 30120,
)  # fmt: skip
_WELL_KNOWN = 1024


def _ports(*ports: int) -> np.ndarray:
    table = np.zeros(1 << 16, dtype=np.uint8)
    table[list(ports)] = 1
    return table


AMPLIFIERS = _ports(*_AMPLIFIERS)
SERVICES = _ports(*range(1, _WELL_KNOWN), *_AMPLIFIERS, *_OTHERS)


@part
def is_answer(b, row):  # type: ignore[no-untyped-def]
    """Tell whether a UDP packet looks like the answer of a service.

    It comes from a service's port; where both ports are the service's, or the protocol says
    it in a bit that was captured, that bit decides.
    """
    port = row["src_port"]
    if SERVICES[port] == 0:
        return False
    if row["is_fragment"]:
        return port != row["dst_port"]
    at, captured = row["payload_at"], row["captured"]
    if (port == _DNS or port == _NETBIOS or port == _MDNS or port == _LLMNR) and captured >= 3:
        return b[at + 2] & 0x80 != 0
    if port == _NTP and captured >= 1:
        mode = b[at] & 7
        return mode != 1 and mode != 3
    if port != row["dst_port"]:
        return True
    if port == _RIP and captured >= 1:
        return b[at] == 2
    if port == _ISAKMP or port == _NAT_T:
        if port == _NAT_T:
            at, captured = at + 4, captured - 4
        if captured < 16:
            return False
        for i in range(8, 16):  # a responder's cookie
            if b[at + i] != 0:
                return True
    return False
