"""The packet kernel against its own plain-Python form."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from tests.features.captures import CLIENT, RESOLVER, SERVER, dns_answer, lane_of, pcap, tcp, udp

_SCRIPT = "from tests.kernels.test_packets import digest; print(digest())"


def digest() -> str:
    """Return a hash of all that a lane gives for a capture with scan, flood, names and ARP."""
    hosts = [f"198.51.100.{i + 1}" for i in range(12)]
    packets = [
        (100.0, udp(CLIENT, RESOLVER, sport=5000, dport=53)),
        (100.1, udp(RESOLVER, CLIENT, sport=53, dport=5000, data=dns_answer(hosts[:4]))),
        *((101 + i, tcp(CLIENT, host, dport=23)) for i, host in enumerate(hosts)),
        *((120 + i / 1e4, tcp(f"192.0.2.{i % 250}", SERVER, sport=i)) for i in range(600)),
        (125.0, bytes(12) + b"\x08\x06" + bytes(28)),
        (126.0, b"cut"),
    ]
    found = lane_of(pcap(packets)).take()
    rows = (found.trips, found.windows, found.flows)
    return hashlib.sha256(b"".join(part.tobytes() for part in rows)).hexdigest()


def test_compiled_and_plain_python_give_the_same_rows() -> None:
    plain = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SCRIPT],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert plain.stdout.strip() == digest()
