"""Who is measured beside Tocsin, and how each is run on a file; none is needed.

Each command does that program's usual work on a file and writes its result to a file:
tcpdump copies packets, nfpcapd and argus make flow records, fail2ban-regex matches its
sshd filter, sshg-parser prints the attacks it sees, goaccess counts. nfstream may lie in an
environment of its own: the variable `NFSTREAM_PYTHON` names the Python there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.inputs import ACCESS, FULL, LINES, PACKETS, WHOLE
from tests.bench.measure import Command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NFSTREAM_PYTHON = "TOCSIN_BENCH_NFSTREAM"  # the Python that has it, if not this one


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with.

    ``share``: what its N is divided by, where the full one would take too long; ``repeats``:
    at most so many runs of a size. ``candidates``: where its program may lie; ``module``:
    what Python must have for it.
    """

    name: str
    units: tuple[str, ...]
    does: str
    candidates: tuple[str, ...]
    command: Callable[[str, Path, Path], Command]
    share: int = 1
    repeats: int = 5
    module: str | None = None

    def program(self) -> str | None:
        """Return the path of the installed program, or None (also: its module is missing)."""
        for candidate in self.candidates:
            found = shutil.which(candidate)
            if found is not None and (self.module is None or _has_module(found, self.module)):
                return found
        return None


def _has_module(python: str, module: str) -> bool:
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    done = subprocess.run([python, "-c", code, module], check=False, capture_output=True)
    return done.returncode == 0


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


def _suricata(program: str, data: Path, scratch: Path) -> Command:
    folder = scratch / "suricata"
    folder.mkdir(parents=True, exist_ok=True)
    rules = ("-S", "/dev/null", "-k", "none", "--runmode", "single")
    return Command((program, "-r", str(data), "-l", str(folder), *rules))


def _library(code: str) -> Callable[[str, Path, Path], Command]:
    def command(program: str, data: Path, scratch: Path) -> Command:
        return Command((program, "-c", code, str(data)), stdout=scratch / "library.txt")

    return command


_NFSTREAM = (
    "import sys, nfstream;"
    "print(sum(1 for _ in nfstream.NFStreamer(source=sys.argv[1], n_meters=1)))"
)
_SCAPY = (
    "import sys, scapy.layers.all, scapy.utils;"
    "print(sum(1 for _ in scapy.utils.PcapReader(sys.argv[1])))"
)


def _fail2ban(program: str, data: Path, scratch: Path) -> Command:
    argv = (program, "--usedns", "no", str(data), "sshd")
    return Command(argv, stdout=scratch / "fail2ban.txt")


def _sshguard(program: str, data: Path, scratch: Path) -> Command:
    return Command((program,), stdin=data, stdout=scratch / "sshguard.txt")


def _goaccess(program: str, data: Path, scratch: Path) -> Command:
    told = ("--no-global-config", "--no-progress", "--log-format=COMBINED")
    return Command((program, str(data), *told, "-o", str(scratch / "goaccess.json")))


# Suricata calls most packets that are cut short invalid and skips the work, so it gets whole
# ones; the libraries of Python would need hours.
_ALL, _UNCUT = (PACKETS, WHOLE, FULL), (WHOLE, FULL)
_PYTHONS = (os.environ.get(NFSTREAM_PYTHON, ""), sys.executable, "python3")
PEERS = (
    Peer("tcpdump", _ALL, "copy", ("tcpdump", "/usr/sbin/tcpdump"), _tcpdump),
    Peer("nfpcapd", _ALL, "NetFlow records", ("nfpcapd",), _nfpcapd),
    Peer("argus", _ALL, "flow records", ("argus", "/usr/sbin/argus"), _argus),
    Peer("suricata", _UNCUT, "no rules", ("suricata",), _suricata),
    Peer("nfstream", (PACKETS, FULL), "flows", _PYTHONS, _library(_NFSTREAM), share=10, repeats=2,
         module="nfstream"),
    Peer("scapy", (PACKETS,), "decode", (sys.executable,), _library(_SCAPY), share=100, repeats=2,
         module="scapy"),
    Peer("sshg-parser", (LINES,), "attack lines",
         ("sshg-parser", "/usr/libexec/sshguard/sshg-parser", "/usr/lib/sshguard/sshg-parser"),
         _sshguard, repeats=2),
    Peer("fail2ban-regex", (LINES,), "sshd filter", ("fail2ban-regex",), _fail2ban, share=10,
         repeats=2),
    Peer("goaccess", (ACCESS,), "statistics", ("goaccess",), _goaccess, repeats=2),
)  # fmt: skip
