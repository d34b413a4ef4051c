"""What is measured on: kinds of input, how many records, and how their files are made."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tocsin.settings.sigma.archive import rules_folder

ROOT = Path(__file__).resolve().parents[2]
PACKETS, WHOLE, FULL = "packets", "whole packets", "full packets"
LINES, ACCESS = "lines", "access lines"
SECOND_SEED = 41  # of the second log of two
RULE_FOLDERS = ("rules/linux", "rules/web")


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of input: N records, about how many bytes each, and what generates it.

    ``is_asked``: measured only where it is asked for.
    """

    unit: str
    n: int
    record_bytes: int
    suffix: str
    script: str
    sizes_option: str
    more: tuple[str, ...] = ()
    is_asked: bool = False

    @property
    def name(self) -> str:
        """How the names of its files begin."""
        return self.unit.replace(" ", "-")

    def path(self, folder: Path, size: int, *, is_second: bool = False) -> Path:
        """Return the path of the generated file with ``size`` records."""
        return folder / f"{self.name}{'-second' if is_second else ''}-{size}.{self.suffix}"

    def generate(self, folder: Path, sizes: list[int], *, body: int, is_second: bool) -> None:
        """Write a file of each size, in a process of its own; ``body`` is that of one pass."""
        name = f"{self.name}-second" if is_second else self.name
        argv = [
            sys.executable, str(Path(__file__).with_name(self.script)), str(folder),
            "--body", str(body), self.sizes_option, *map(str, sizes), "--name", name, *self.more,
        ]  # fmt: skip
        if is_second:
            argv += ["--seed", str(SECOND_SEED)]
        subprocess.run(argv, check=True)


def _capture(unit: str, n: int, record_bytes: int, *more: str, is_asked: bool = False) -> Input:
    script, option = "generate_capture.py", "--packets"
    return Input(unit, n, record_bytes, "pcap", script, option, more, is_asked)


INPUTS = {
    one.unit: one
    for one in (
        _capture(PACKETS, 2_000_000, 125),
        _capture(WHOLE, 200_000, 800, "--snap", "2000"),
        _capture(FULL, 100_000, 1530, "--snap", "2000", "--filled", is_asked=True),
        Input(LINES, 1_000_000, 110, "log", "generate_logs.py", "--lines"),
        Input(ACCESS, 1_000_000, 210, "log", "generate_access.py", "--lines"),
    )
}


def published_rules(folder: Path) -> tuple[Path, ...]:
    """Unpack the published rules for Linux and web servers; empty where they are not there.

    They lie in ``sigma/rules.tar.gz`` of ``TOCSIN_DATA``, else of ``../shared/data``.
    """
    data = Path(os.environ.get("TOCSIN_DATA", ROOT.parent / "shared" / "data"))
    archive = data / "sigma" / "rules.tar.gz"
    if not archive.is_file():
        return ()
    target = rules_folder(archive, cache=folder)
    return tuple(target / name for name in RULE_FOLDERS if (target / name).is_dir())
