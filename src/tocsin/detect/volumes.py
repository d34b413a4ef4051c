"""What the volume of a conversation says by itself: how much, at which port, to a mute or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.core.messages import Volume

_TCP, _UDP, _QUIC_PORT, _SSH_PORT = 6, 17, 443, 22
KIB, MIB = 1 << 10, 1 << 20
DATABASES = frozenset({1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 11211, 27017, 50000})
_SHARES = frozenset({139, 445, 2049})
# Where programs that everybody has listen; anything else is unusual.
_USUAL = DATABASES | _SHARES | frozenset(
    {20, 21, 22, 23, 25, 43, 53, 80, 88, 110, 111, 119, 135, 143, 179, 389, 443, 464, 465, 502,
     514, 515, 554, 563, 587, 593, 601, 631, 636, 646, 853, 873, 902, 989, 990, 993, 995, 1080,
     1194, 1352, 1494, 1720, 1723, 1883, 1935, 2003, 2083, 2087, 2096, 2195, 2525, 2598, 3074,
     3128, 3260, 3268, 3269, 3389, 3478, 3690, 4500, 5000, 5001, 5004, 5060, 5061, 5201, 5222,
     5223, 5228, 5269, 5349, 5671, 5672, 5722, 5900, 5985, 5986, 6514, 6667, 6697, 7547, 8000,
     8008, 8009, 8080, 8081, 8086, 8333, 8443, 8883, 8888, 9000, 9001, 9090, 9092, 9093, 9100,
     9300, 9418, 9443, 10000, 10050, 10051, 11371, 19302}
)  # fmt: skip
# Where the protocol is known by its opening: who is silent there does not speak it.
_SPEAKING = frozenset({21, 22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 995, 8000, 8080, 8443})
# Where receivers are silent by design: logs, printers, counters, measuring programs.
_MUTE = frozenset({20, 514, 515, 601, 2003, 5001, 5201, 6514, 9100})
SILENT_BYTES = 32 * KIB
_SENT, _BULK, _LARGE, _HUGE = 64 * KIB, MIB, 32 * MIB, 100 * MIB
_SENT_RATIO, _BULK_RATIO = 4, 10
# Signs that tell of nothing but volume.
VOLUMES = frozenset({"sent", "bulk", "large", "huge", "outlier", "off_hours"})


def is_odd(port: int) -> bool:
    """Tell a port where no common service listens."""
    return port not in _USUAL


def level_of(sent_bytes: float, received_bytes: float) -> str:
    """Return the sign of a volume that goes one way, empty when there is none.

    >>> level_of(3 << 20, 1000), level_of(3 << 20, 2 << 20)
    ('bulk', '')
    """
    if sent_bytes < _SENT_RATIO * received_bytes or sent_bytes < _SENT:
        return ""
    if sent_bytes < _BULK_RATIO * received_bytes or sent_bytes < _BULK:
        return "sent"
    if sent_bytes < _LARGE:
        return "bulk"
    return "large" if sent_bytes < _HUGE else "huge"


def amount(size_bytes: float) -> str:
    """Return a number of bytes for people.

    >>> amount(1500), amount(20 * 1024), amount(3 * 1024 * 1024)
    ('1,500 bytes', '20 KiB', '3.0 MiB')
    """
    if size_bytes < 10 * KIB:
        return f"{size_bytes:,.0f} bytes"
    return f"{size_bytes / KIB:,.0f} KiB" if size_bytes < MIB else f"{size_bytes / MIB:,.1f} MiB"


def of_volume(
    m: Volume, *, is_turned: bool, is_ftp: bool, has_spoken: bool, is_out: bool
) -> set[str] | None:
    """Return the signs in a conversation's volume, None when it is nobody's business.

    The sender is the client, or the server if ``is_turned``; ``has_spoken`` says that a known
    protocol is spoken. What a server sends to who asked for it is its purpose, unless it is a
    database that answers an outside host, or the asker never asked anything.
    """
    if m.proto != _TCP and not (m.proto == _UDP and m.server_port == _QUIC_PORT):
        return None
    sent, received = (m.bytes_in, m.bytes_out) if is_turned else (m.bytes_out, m.bytes_in)
    port, found = m.server_port, set()
    is_silent = m.is_whole and received == 0 and sent >= SILENT_BYTES and port not in _MUTE
    if is_turned and not is_out and not is_odd(port):
        is_silent = False  # within the network, only where nothing else listens
    is_much = level_of(sent, received) != ""
    if is_silent and not has_spoken and not is_ftp and m.client_port not in _MUTE:
        found.add("silent_receiver")
        if port in _SPEAKING:
            found.add("masked_port")
    elif is_turned:
        if port in DATABASES and is_out and level_of(sent, received) not in {"", "sent"}:
            return {"database_outside"}
        return None
    if is_odd(port) and (is_out or found) and not is_ftp:
        found.add("odd_port")
    if port in _SHARES and is_out and is_much:
        found.add("share_outside")
    if port == _SSH_PORT and is_out and sent >= _BULK:
        found.add("ssh_copy")
    return found if found or is_much else None
