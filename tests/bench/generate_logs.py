"""Write auth.log files for pace measurements: a public sshd under its usual guessing.

One body of lines is made, and written as often as the wanted size asks, each time with its
stamps moved on (100 lines a second). Addresses come from documentation and benchmarking
ranges (RFC 5737, RFC 2544, RFC 3849). Everything is seeded.

``python tests/bench/generate_logs.py DIR --body N --lines N [N ...] [--seed N]``
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.log_body import SYSLOG, LogBody, addresses, body_of, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 3
PIECE = 50_000  # lines drawn at once
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


def make_body(lines: int, *, seed: int = SEED) -> LogBody:
    """Make ``lines`` lines of syslog (RFC 3164) with room for their stamps."""
    return body_of(_lines(lines, np.random.default_rng(seed)), SYSLOG)


def _lines(lines: int, rng: np.random.Generator) -> Iterator[tuple[int, str]]:
    shares = [form[0] for form in _FORMS]
    clients = addresses(rng)
    names = [*_NAMES, *(f"u{i:04d}" for i in range(3000))]
    for first in range(0, lines, PIECE):
        size = min(PIECE, lines - first)
        forms = rng.choice(len(_FORMS), size, p=shares).tolist()
        address = (rng.random(size) ** 2 * len(clients)).astype(int).tolist()
        is_rare = rng.random(size) < 0.4
        known = (rng.random(size) ** 3 * len(_NAMES)).astype(int)
        user = np.where(is_rare, len(_NAMES) + rng.integers(0, 3000, size), known).tolist()
        port = rng.integers(32768, 61000, size).tolist()
        pid = rng.integers(300, 99999, size).tolist()
        for i in range(size):
            _, process, message = _FORMS[forms[i]]
            said = message.format(
                u=names[user[i]], a=clients[address[i]], p=port[i], k=f"{pid[i]:043d}"
            )
            yield 0, f"{' ' * SYSLOG.width} web01 {process}[{pid[i]}]: {said}\n"


if __name__ == "__main__":
    write_all(make_body, seed=SEED, name="lines")
