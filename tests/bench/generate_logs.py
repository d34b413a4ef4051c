"""Write auth.log files for pace measurements: a public sshd under its usual guessing.

One body of lines is made, and written as often as the wanted size asks, each time with its
stamps moved on (100 lines a second). Addresses come from documentation and benchmarking
ranges (RFC 5737, RFC 2544, RFC 3849). Everything is seeded.

``python tests/bench/generate_logs.py DIR --body N --lines N [N ...]``
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINES_S = 100
START_S = 1_767_225_600  # 2026-01-01T00:00:00Z
STAMP_BYTES = 15
_NAMES = (
    "root", "admin", "ubuntu", "test", "oracle", "postgres", "git", "user", "deploy", "ftp",
    "nagios", "pi", "www-data", "support", "guest", "jenkins",
)  # fmt: skip
_PAM_FAILURE = (
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh"
    " ruser= rhost={a}  user={u}"
)
# Share of lines, process, and the message; {u} user, {a} address, {p} port, {k} key.
_FORMS = (
    (0.28, "sshd", "Failed password for {u} from {a} port {p} ssh2"),
    (0.14, "sshd", "Failed password for invalid user {u} from {a} port {p} ssh2"),
    (0.12, "sshd", "Invalid user {u} from {a} port {p}"),
    (0.12, "sshd", _PAM_FAILURE),
    (0.12, "sshd", "Received disconnect from {a} port {p}:11: Bye Bye [preauth]"),
    (0.08, "sshd", "Connection closed by authenticating user {u} {a} port {p} [preauth]"),
    (0.03, "sshd", "Accepted publickey for ops from 198.51.100.40 port {p} ssh2: RSA SHA256:{k}"),
    (0.03, "sshd", "pam_unix(sshd:session): session opened for user ops(uid=1000) by (uid=0)"),
    (0.03, "CRON", "pam_unix(cron:session): session closed for user root"),
    (0.02, "sudo", "     ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/true"),
    (0.03, "sshd", "Disconnected from authenticating user {u} {a} port {p} [preauth]"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogBody:
    """The lines of one pass, and where each begins (one more: the end)."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @property
    def lines(self) -> int:
        """How many lines one pass has."""
        return len(self.starts) - 1

    def at_pass(self, number: int) -> NDArray[np.uint8]:
        """Return the bytes with their stamps moved on by ``number`` bodies."""
        second = (np.arange(self.lines) + number * self.lines) // LINES_S
        stamps = "".join(_stamp(START_S + s) for s in range(int(second[0]), int(second[-1]) + 1))
        table = np.frombuffer(stamps.encode(), dtype=np.uint8).reshape(-1, STAMP_BYTES)
        rows = second - second[0]
        for i in range(STAMP_BYTES):
            self.data[self.starts[:-1] + i] = table[rows, i]
        return self.data


def _stamp(time_s: int) -> str:
    """Return ``Jan  1 00:00:00``: RFC 3164 pads the day with a space."""
    moment = time.gmtime(time_s)
    return f"{time.strftime('%b', moment)} {moment.tm_mday:2d} {time.strftime('%H:%M:%S', moment)}"


def make_body(lines: int, *, seed: int = 3) -> LogBody:
    """Make ``lines`` lines of syslog (RFC 3164) with room for their stamps."""
    rng = np.random.default_rng(seed)
    forms = rng.choice(len(_FORMS), lines, p=[form[0] for form in _FORMS]).tolist()
    addresses = _addresses(rng)
    address = (rng.random(lines) ** 2 * len(addresses)).astype(int).tolist()
    is_rare = rng.random(lines) < 0.4
    common = (rng.random(lines) ** 3 * len(_NAMES)).astype(int)
    user = np.where(is_rare, len(_NAMES) + rng.integers(0, 3000, lines), common).tolist()
    port = rng.integers(32768, 61000, lines).tolist()
    pid = rng.integers(300, 99999, lines).tolist()
    names = [*_NAMES, *(f"u{i:04d}" for i in range(3000))]
    texts = []
    for i in range(lines):
        _, process, message = _FORMS[forms[i]]
        said = message.format(
            u=names[user[i]], a=addresses[address[i]], p=port[i], k=f"{pid[i]:043d}"
        )
        texts.append(f"{' ' * STAMP_BYTES} web01 {process}[{pid[i]}]: {said}\n")
    starts = np.concatenate(([0], np.cumsum([len(text) for text in texts])))
    return LogBody(np.frombuffer("".join(texts).encode(), dtype=np.uint8).copy(), starts)


def _addresses(rng: np.random.Generator) -> list[str]:
    low = rng.integers(1, 255, (20000, 3)).tolist()
    v4 = [f"198.{18 + high % 2}.{middle}.{last}" for high, middle, last in low]
    v6 = [f"2001:db8:{a:x}::{b:x}" for a, b in rng.integers(1, 65535, (2000, 2)).tolist()]
    return [*v4, *v6]


def write_log(path: Path, body: LogBody, *, lines: int) -> None:
    """Write a log of ``lines`` lines."""
    with path.open("wb") as stream:
        for number in range(-(-lines // body.lines)):
            left = lines - number * body.lines
            data = body.at_pass(number)
            stream.write((data if left >= body.lines else data[: body.starts[left]]).data)


def main() -> None:
    """Write one log per size: ``DIR/lines-<N>.log``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--body", type=int, required=True)
    parser.add_argument("--lines", type=int, nargs="+", required=True)
    args = parser.parse_args()
    body = make_body(args.body)
    for lines in args.lines:
        write_log(args.folder / f"lines-{lines}.log", body, lines=lines)


if __name__ == "__main__":
    main()
