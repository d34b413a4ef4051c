"""Who is measured beside Tocsin, and how each is run on a file; none is needed.

Each command does that program's usual work on a file and writes its result to a file:
tcpdump copies packets, nfpcapd and argus make flow records, fail2ban-regex matches its
sshd filter, sshg-parser prints the attacks it sees.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.measure import Command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKETS, LINES = "packets", "lines"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with.

    ``is_slow``: measured at a tenth of both sizes, at most twice, and marked so.
    ``candidates``: where its program may lie.
    """

    name: str
    unit: str
    does: str
    candidates: tuple[str, ...]
    command: Callable[[str, Path, Path], Command]
    is_slow: bool = False

    def program(self) -> str | None:
        """Return the path of the installed program, or None."""
        for candidate in self.candidates:
            found = shutil.which(candidate)
            if found is not None:
                return found
        return None


def _tcpdump(program: str, data: Path, scratch: Path) -> Command:
    # As root it would change to a user that may not write here.
    keep = ("-Z", "root") if os.geteuid() == 0 else ()
    return Command((program, *keep, "-r", str(data), "-w", str(scratch / "copy.pcap")))


def _nfpcapd(program: str, data: Path, scratch: Path) -> Command:
    folder = scratch / "nfdump"
    folder.mkdir(parents=True, exist_ok=True)
    return Command((program, "-r", str(data), "-w", str(folder)))


def _argus(program: str, data: Path, scratch: Path) -> Command:
    return Command((program, "-r", str(data), "-w", str(scratch / "argus.out")))


def _fail2ban(program: str, data: Path, scratch: Path) -> Command:
    argv = (program, "--usedns", "no", str(data), "sshd")
    return Command(argv, stdout=scratch / "fail2ban.txt")


def _sshguard(program: str, data: Path, scratch: Path) -> Command:
    return Command((program,), stdin=data, stdout=scratch / "sshguard.txt")


PEERS = (
    Peer("tcpdump", PACKETS, "copy", ("tcpdump", "/usr/sbin/tcpdump"), _tcpdump),
    Peer("nfpcapd", PACKETS, "NetFlow records", ("nfpcapd",), _nfpcapd),
    Peer("argus", PACKETS, "flow records", ("argus", "/usr/sbin/argus"), _argus, is_slow=True),
    Peer("sshg-parser", LINES, "attack lines",
         ("sshg-parser", "/usr/libexec/sshguard/sshg-parser", "/usr/lib/sshguard/sshg-parser"),
         _sshguard, is_slow=True),
    Peer("fail2ban-regex", LINES, "sshd filter", ("fail2ban-regex",), _fail2ban, is_slow=True),
)  # fmt: skip
