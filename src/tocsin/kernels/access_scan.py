"""The reader of access lines with all that it needs in one hand: for lanes and for evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.kernels import web_clients
from tocsin.kernels.access_lines import ENDS_TARGET, IN_AGENT, IN_TARGET
from tocsin.kernels.literals import Literals, compile_literals
from tocsin.kernels.web_table import METHODS, STATUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TALLIES_MAX = 256
_NS = 1_000_000_000
_NEVER = 1 << 62
_WORDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_IN_TARGETS, _IN_AGENTS = b"_.~:@,-/?=&+ ", b"_.~:@,-/?= ();+"
_ENDS_TARGETS = b'?"\\%+'
# Letters beyond ASCII, escaped; but for those that some read as blanks, and what is never UTF-8.
_BEYOND = bytes(set(range(0x80, 0x100)) - {0x85, 0xA0, 0xC0, 0xC1})


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, dtype=np.uint8)
    kinds[list(_WORDS + _BEYOND + _IN_TARGETS)] |= IN_TARGET
    kinds[list(_WORDS + _BEYOND + _IN_AGENTS)] |= IN_AGENT
    kinds[[*range(33), *_ENDS_TARGETS, *range(127, 256)]] |= ENDS_TARGET
    return kinds


def _no_answers(kind: type[Any]) -> NDArray[Any]:
    return np.zeros((METHODS, STATUSES), dtype=kind)


@dataclass(frozen=True, slots=True)
class AccessTexts:
    """What to look for in access lines: literals with what they stand for (`web_clients`).

    A line whose texts hold none of them, and no byte but plain ones, needs no further look.
    ``rules`` uint16 (METHODS, STATUSES) tells which marks of rules count with which answer (bit 0:
    `web_table.RULE`), ``always`` uint8 where a rule may hold of which no text can be said.
    """

    literals: Literals = field(default_factory=lambda: compile_literals(()))
    kinds: NDArray[np.uint8] = field(default_factory=_kinds)
    rules: NDArray[np.uint16] = field(default_factory=lambda: _no_answers(np.uint16))
    always: NDArray[np.uint8] = field(default_factory=lambda: _no_answers(np.uint8))


@dataclass(frozen=True, slots=True)
class AccessBounds:
    """From when on a client scans or floods; times in seconds, the share from 0 to 1."""

    window_s: float = 300.0
    points_min: float = 11.0
    failed_share_min: float = 0.5
    gap_s: float = 4 * 3600.0
    flood_min: int = 20
    crowd_min: int = 250
    crawl_min: int = 40
    crawl_leak_s: float = 2.0
    refused_min: int = 6
    key: int = 0  # of the table's hash, kept secret

    def as_array(self) -> NDArray[np.int64]:
        """Return the bounds as the kernel reads them."""
        values = (
            int(self.window_s * _NS) // 2, int(self.points_min), round(100 * self.failed_share_min),
            int(self.gap_s * _NS), self.flood_min, self.crowd_min, self.key, self.crawl_min,
            int(_NS / self.crawl_leak_s), self.refused_min,
        )  # fmt: skip
        return np.array(values, dtype=np.int64)


class AccessScan:
    """Read the access lines of one source; keeps its clients between calls.

    ``templates`` are the rows of roles that stand for a refused log-in, for one that was let
    in, and for nothing; ``clock`` is that of the source's scanner.
    """

    def __init__(
        self,
        texts: AccessTexts,
        *,
        templates: tuple[int, int, int],
        clock: NDArray[np.int64],
        bounds: AccessBounds | None = None,
    ) -> None:
        self._texts = (texts.kinds, tuple(texts.literals), (texts.rules, texts.always))
        self._bounds = (bounds or AccessBounds()).as_array()
        self._templates = np.array(templates, dtype=np.int64)
        self.clock = clock
        self._table, self._crowd = web_clients.fresh_table(), web_clients.fresh_crowd()
        self._scratch = web_clients.fresh_scratch()
        self._told = np.zeros(0, dtype=np.uint8)
        self._tallies = np.zeros(_TALLIES_MAX, dtype=web_clients.TALLY)

    def read(
        self, buffer: NDArray[np.uint8], rows: NDArray[np.void]
    ) -> tuple[NDArray[np.uint8], NDArray[np.void]]:
        """Fill the rows of plain access lines in place; return why each is passed on, and tallies.

        The first is uint8 of `web_clients` reasons by row, valid until the next call; the second
        rows (dtype `web_clients.TALLY`) of clients whose scan is to be reported.
        """
        if len(self._told) < len(rows):
            self._told = np.zeros(len(rows), dtype=np.uint8)
        done, found = 0, []
        while done < len(rows):
            done, filled = web_clients.read_access(
                buffer, rows, len(rows), done, self.clock, self._templates, self._texts,
                self._table, self._crowd, self._bounds, self._told, self._tallies, self._scratch,
            )  # fmt: skip
            if filled:
                found.append(self._tallies[:filled].copy())
        told = self._told[: len(rows)]
        tallies = np.concatenate(found) if found else self._tallies[:0]
        return told, tallies

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: used rows only."""
        tags, clients = self._table
        used = np.flatnonzero(tags)
        crowd = self._crowd.copy()
        return {"rows": used, "tags": tags[used], "clients": clients[used], "crowd": crowd}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint; the table must be fresh."""
        tags, clients = self._table
        tags[state["rows"]], clients[state["rows"]] = state["tags"], state["clients"]
        self._crowd[:] = state["crowd"]
