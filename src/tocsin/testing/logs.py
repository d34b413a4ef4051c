"""Authentication logs made by hand, for tests of detectors, here and in plugins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


def line(at_s: float, message: str, *, program: str = "sshd[100]", host: str = "web01") -> bytes:
    """Return one RFC 3164 line, ``at_s`` seconds after 2026-01-01T00:00:00Z."""
    stamp = (START + timedelta(seconds=at_s)).strftime("%b %e %H:%M:%S")
    return f"{stamp} {host} {program}: {message}\n".encode()


def failed(at_s: float, *, source: str, port: int, user: str = "root") -> bytes:
    """Return a refused password."""
    return line(at_s, f"Failed password for {user} from {source} port {port} ssh2")


def accepted(at_s: float, *, source: str, port: int, user: str = "root") -> bytes:
    """Return an accepted password."""
    return line(at_s, f"Accepted password for {user} from {source} port {port} ssh2")


def guessing(
    *, at_s: float, failures: int, every_s: float = 1.0, source: str = "203.0.113.9"
) -> list[bytes]:
    """Return refused passwords at an even pace, each from another port."""
    return [failed(at_s + n * every_s, source=source, port=40_000 + n) for n in range(failures)]


def ordinary_day() -> list[bytes]:
    """Return an hourly key log-in with its session, and two typing errors."""
    lines = []
    for hour in range(24):
        at_s = hour * 3600.0
        lines.append(
            line(at_s, "Accepted publickey for deploy from 192.0.2.10 port 51000 ssh2: ED25519 x")
        )
        lines.append(line(at_s + 5, "pam_unix(sshd:session): session closed for user deploy"))
    lines[18:18] = [
        failed(9 * 3600 - 30, source="192.0.2.20", port=51_001, user="ana"),
        failed(9 * 3600 - 20, source="192.0.2.20", port=51_001, user="ana"),
    ]
    return lines


def probing(*, probes: int, source: str = "203.0.113.9") -> list[bytes]:
    """Return connections that break off in the key exchange, one a second."""
    text = "Unable to negotiate with {} port {}: no matching key exchange method found."
    return [line(n, text.format(source, 40_000 + n)) for n in range(probes)]


def refused_packets(*, ports: int, source: str = "203.0.113.9") -> list[bytes]:
    """Return what a packet filter logs of a scan of one host, a port a second."""
    text = "[UFW BLOCK] IN=eth0 OUT= SRC={} DST=192.0.2.5 LEN=40 TTL=51 PROTO=TCP SPT=4000 DPT={}"
    return [line(n, text.format(source, 20 + n), program="kernel") for n in range(ports)]


def crash_loop(*, crashes: int) -> list[bytes]:
    """Return a unit that crashes once a minute."""
    text = "shop.service: Main process exited, code=dumped, status=11/SEGV"
    return [line(60 * n, text, program="systemd[1]") for n in range(crashes)]


def self_test() -> list[bytes]:
    """Return the record by which an installation proves that events come through."""
    return [line(0, "self-test from 203.0.113.9", program="tocsin")]


def settled_program(*, hours: int = 30) -> list[bytes]:
    """Return a shop that writes the same four things every four minutes."""
    texts = (
        "request {} served in {} ms", "cache holds {} items, {} were dropped",
        "peer 192.0.2.{} connected from port 4{}", "flush of {} pages took {} ms",
    )  # fmt: skip
    return [
        line(at_s + 7 * n, text.format(at_s % 200 + n, at_s % 97), program="shopd[77]")
        for at_s in range(0, hours * 3600, 240)
        for n, text in enumerate(texts)
    ]


def never_written() -> list[bytes]:
    """Return the settled shop, whose table is corrupt in the end."""
    text = "checksum of table orders is corrupt, page 12"
    return [*settled_program(), line(30 * 3600 + 5, text, program="shopd[77]")]


def unusual_window() -> list[bytes]:
    """Return the settled shop, which tries one thing again and again in the end."""
    tries = (line(30 * 3600 + n, f"no answer of 192.0.2.7, try {n}", program="shopd[77]")
             for n in range(120))  # fmt: skip
    return [*settled_program(), *tries]


def decoded_and_run() -> list[bytes]:
    """Return a decoder and an interpreter of one parent, as auditd writes them."""
    text = (
        "type=SYSCALL msg=audit(1764547200.{}00:{}): arch=c000003e syscall=59 success=yes exit=0 "
        'ppid=4000 pid={} auid=1000 uid=1000 gid=1000 euid=1000 tty=pts0 ses=3 comm="{}" '
        'exe="/usr/bin/{}" key=(null)\n'
    )
    return [
        text.format(n, 70 + n, 4001 + n, program, program).encode()
        for n, program in enumerate(("base64", "perl"))
    ]
