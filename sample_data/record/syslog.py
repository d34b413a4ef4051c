"""A syslog receiver that writes as rsyslog does by default, with the time of the scene.

rsyslog's ``imuxsock`` ignores the stamp of the sender and takes the time of receipt, writes
``auth,authpriv.*`` to ``auth.log`` and the rest to ``syslog``, and escapes control characters
as ``#ooo``. So does this receiver; only its clock may be set forward, so that an ordinary day
is recorded in minutes: each action keeps its real course, the time between actions is skipped.
"""

import re
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

DATAGRAM_BYTES_MAX = 65536
QUIET_S = 0.3
AUTH_FACILITIES = frozenset({4, 10})
SENT = re.compile(
    r"<(?P<priority>\d{1,3})>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(?P<text>.*)", re.DOTALL
)


@dataclass(slots=True)
class SceneClock:
    """The time of the scene: the machine's, set forward by `jump_to` and never back."""

    _offset_s: float = 0.0

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._offset_s

    def begin_at(self, at_s: float) -> None:
        """Set the clock before anything was written."""
        self._offset_s = at_s - time.time()

    def jump_to(self, at_s: float) -> None:
        """Set the clock forward; a time that has passed is left as it is."""
        self._offset_s = max(self._offset_s, at_s - time.time())


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log, with the time in seconds since the epoch that was stamped on it."""

    at_s: float
    is_auth: bool
    line: str


@dataclass(slots=True)
class Receiver:
    """Receives at a datagram socket in a thread of its own until `close`."""

    path: Path
    host: str
    clock: SceneClock
    records: list[Record] = field(default_factory=list)
    _socket: socket.socket = field(
        default_factory=lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    )
    _thread: threading.Thread | None = None

    def open(self) -> None:
        """Bind the socket and start to receive."""
        self._socket.bind(str(self.path))
        self.path.chmod(0o666)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait until nothing has come for a while, so that no line is stamped too late."""
        count = -1
        while count != len(self.records):
            count = len(self.records)
            time.sleep(QUIET_S)

    def close(self) -> None:
        """Stop after what was sent so far was received."""
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.sendto(b"", str(self.path))
        end.close()
        if self._thread:
            self._thread.join(5)
        self._socket.close()

    def write(self, path: Path, *, is_auth: bool) -> list[Record]:
        """Write ``auth.log`` or ``syslog`` and return its records."""
        records = [record for record in self.records if record.is_auth == is_auth]
        path.write_text("".join(record.line + "\n" for record in records), encoding="utf-8")
        return records

    def _receive(self) -> None:
        while data := self._socket.recv(DATAGRAM_BYTES_MAX):
            self.records.append(self._record(data))

    def _record(self, data: bytes) -> Record:
        sent = SENT.fullmatch(data.decode("utf-8", "backslashreplace").rstrip("\n\0"))
        priority, text = (int(sent["priority"]), sent["text"]) if sent else (13, "")
        at_s = self.clock.now()
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(at_s))
        shown = re.sub(r"[\x00-\x1f\x7f]", lambda c: f"#{ord(c[0]):03o}", text)
        return Record(at_s, priority >> 3 in AUTH_FACILITIES, f"{stamp} {self.host} {shown}")
