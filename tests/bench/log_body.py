"""The lines of one pass over a generated log, written again and again with moving stamps."""

from __future__ import annotations

import argparse
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

LINES_S = 100
START_S = 1_767_225_600  # 2026-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class StampForm:
    """How a log writes the second: ``text`` of seconds since the epoch, always as long."""

    width: int
    text: Callable[[int], str]


def _syslog(time_s: int) -> str:
    """Return ``Jan  1 00:00:00``: RFC 3164 pads the day with a space."""
    moment = time.gmtime(time_s)
    return f"{time.strftime('%b', moment)} {moment.tm_mday:2d} {time.strftime('%H:%M:%S', moment)}"


def _common(time_s: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S", time.gmtime(time_s))


SYSLOG, COMMON = StampForm(15, _syslog), StampForm(20, _common)


@dataclass(frozen=True, slots=True)
class LogBody:
    """The lines of one pass, where each begins (one more: the end) and where its stamp does."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    stamps_at: NDArray[np.int64]
    form: StampForm

    @property
    def lines(self) -> int:
        """How many lines one pass has."""
        return len(self.starts) - 1

    def at_pass(self, number: int) -> NDArray[np.uint8]:
        """Return the bytes with their stamps moved on by ``number`` bodies."""
        second = (np.arange(self.lines) + number * self.lines) // LINES_S
        seconds = range(int(second[0]), int(second[-1]) + 1)
        stamps = "".join(self.form.text(START_S + s) for s in seconds)
        table = np.frombuffer(stamps.encode(), dtype=np.uint8).reshape(-1, self.form.width)
        rows = second - second[0]
        for i in range(self.form.width):
            self.data[self.stamps_at + i] = table[rows, i]
        return self.data


def body_of(lines: Iterable[tuple[int, str]], form: StampForm) -> LogBody:
    """Return the body of whole ASCII lines, each with the bytes before its stamp.

    Lines are taken one by one: a body of a million holds little more than its bytes.
    """
    data, starts, heads = bytearray(), array("q", [0]), array("q")
    for head, text in lines:
        data += text.encode("ascii")
        starts.append(len(data))
        heads.append(head)
    begins = np.array(starts, dtype=np.int64)
    stamps_at = begins[:-1] + np.array(heads, dtype=np.int64)
    return LogBody(np.frombuffer(data, dtype=np.uint8), begins, stamps_at, form)


def addresses(rng: np.random.Generator, *, v4: int = 20_000, v6: int = 2_000) -> list[str]:
    """Return clients of the benchmarking and documentation ranges (RFC 2544, RFC 3849)."""
    low = rng.integers(1, 255, (v4, 3)).tolist()
    short = [f"198.{18 + high % 2}.{middle}.{last}" for high, middle, last in low]
    long = [f"2001:db8:{a:x}::{b:x}" for a, b in rng.integers(1, 65535, (v6, 2)).tolist()]
    return [*short, *long]


def write_log(path: Path, body: LogBody, *, lines: int) -> None:
    """Write a log of ``lines`` lines."""
    with path.open("wb") as stream:
        for number in range(-(-lines // body.lines)):
            left = lines - number * body.lines
            data = body.at_pass(number)
            stream.write((data if left >= body.lines else data[: body.starts[left]]).data)


def write_all(make_body: Callable[..., LogBody], *, seed: int, name: str) -> None:
    """Write one log per size, ``DIR/<name>-<N>.log``, as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--body", type=int, required=True, help="lines of one pass")
    parser.add_argument("--lines", type=int, nargs="+", required=True)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--name", default=name, help="how the files' names begin")
    args = parser.parse_args()
    body = make_body(args.body, seed=args.seed)
    for lines in args.lines:
        write_log(args.folder / f"{args.name}-{lines}.log", body, lines=lines)
