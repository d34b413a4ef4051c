"""The templates of one log: what its lines say, how often, in windows of ten minutes.

Only lines that no declared format knows are mined: what is declared has detectors of its own,
and dense logs lose nothing. JSON and access lines are left out too: their fields tell more. The
kernel `tocsin.kernels.template_shapes` counts; Python mines what has a new shape
(`tocsin.kernels.template_miner`) and hands on two kinds of messages: a template that its
program never wrote before, and what a program wrote in a window that is over.

Bounds: `SHAPES_MAX` shapes, the half that was seen longest ago is dropped (and read anew when it
comes back); 768 owners, later ones share a place; 6,144 counts in a window; a line costs a look
by Python at most once in `LINES_PER_LOOK`, beyond `LOOKS_MAX` in reserve: what is beyond is
counted as ``crowded`` and not mined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.log_messages import NewTemplate, TemplatesJoined, TemplateWindow
from tocsin.core.times import NS_PER_S
from tocsin.kernels import auth_clock as clock
from tocsin.kernels import template_shapes as shapes
from tocsin.kernels.template_masks import TEXT_BYTES_MAX
from tocsin.kernels.template_miner import TemplateMiner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.messages import Message
    from tocsin.core.parameters import Parameters

WINDOW_S = 600
SHAPES_MAX = shapes.SHAPE_SLOTS * 3 // 4
LINES_PER_LOOK, LOOKS_MAX = 32, 8192
PARTS_MAX, LINE_MAX, TEXTS_MAX = 128, 240, 4096
_MASK_64 = (1 << 64) - 1


class TemplateTable:
    """Mine and count the lines of one log; keeps about 2.5 MB."""

    def __init__(self, parameters: Parameters, *, live: bool, fallback_ns: int) -> None:
        self.miner = TemplateMiner()
        self.crowded = 0
        self.messages: list[Message] = []
        self._times = np.zeros(clock.TIMES_SIZE, dtype=np.int64)
        self._times[clock.RUNNING] = fallback_ns
        self._times[clock.LATENESS_NS] = round(parameters.log_lateness_s * NS_PER_S)
        self._times[clock.JUMP_MAX_NS] = round(parameters.jump_max_s * NS_PER_S)
        self._times[clock.LIVE] = int(live)
        self._figures = np.zeros(shapes.FIGURES, dtype=np.int64)
        self._figures[shapes.WINDOW_NS] = WINDOW_S * NS_PER_S
        self._figures[shapes.WINDOW] = fallback_ns // (WINDOW_S * NS_PER_S)
        self._shapes = np.zeros(shapes.SHAPE_SLOTS, dtype=shapes.SHAPE)
        self._owners = np.zeros(shapes.OWNER_SLOTS, dtype=shapes.OWNER)
        self._counts = np.zeros(shapes.COUNT_SLOTS, dtype=shapes.COUNT)
        self._grams = np.zeros(shapes.GRAM_SLOTS, dtype=np.uint64)
        self._contexts = np.zeros(shapes.CONTEXTS, dtype=shapes.CONTEXT)
        self._names: list[tuple[str, str]] = [("", "")]  # host and program by owner
        self._known: set[tuple[int, int]] = set()  # owner and template
        self._looks, self._looked_at = LOOKS_MAX, 0
        self._marked = 0  # rows of the batch that is read
        self._texts: dict[int, str] = {}

    def mark(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], told: NDArray[np.uint8]
    ) -> None:
        """Mark the rows that are mined; ``told`` is that of `tocsin.features.access_table`."""
        self._marked = int(shapes.mark(data, rows, len(rows), told))

    def read(self, data: NDArray[np.uint8], rows: NDArray[np.void]) -> None:
        """Take marked rows in their order."""
        if not self._marked:
            return
        at = 0
        tables = (self._shapes, self._owners, self._counts, self._grams, self._contexts)
        while True:
            at, why = shapes.count(data, rows, len(rows), at, self._times, self._figures, tables)
            if why == shapes.DONE:
                return
            if why == shapes.WINDOW_OVER:
                self._close()
                self._figures[shapes.WINDOW] = self._window_now()
            elif why == shapes.NEW_OWNER:
                self._add_owner(data, rows[at])
            elif not self._may_look():
                rows["mark"][at] = 0
                self.crowded += 1
            else:
                self._add_shape(data, rows[at])

    def advance(self, now_ns: int) -> None:
        """Let time move on while the source is idle: a window that is over is told."""
        now_ns -= int(self._times[clock.LATENESS_NS])
        if self._times[clock.HAS_BEGUN] and now_ns > self._times[clock.RUNNING]:
            self._times[clock.RUNNING] = now_ns
            if self._window_now() != self._figures[shapes.WINDOW]:
                self._close()
                self._figures[shapes.WINDOW] = self._window_now()

    def finish(self) -> None:
        """Tell the last window, which is not whole: what is missing from it may be to come."""
        self._close(is_whole=False)

    def take_messages(self) -> list[Message]:
        """Return what was found since the last call."""
        found, self.messages = self.messages, []
        return found

    def _window_now(self) -> int:
        return int(self._times[clock.RUNNING]) // (WINDOW_S * NS_PER_S)

    def _may_look(self) -> bool:
        """Tell whether a line may be mined: so many in reserve, one more every so many lines."""
        seen = int(self._figures[shapes.CLOCK]) + self.crowded
        gained, rest = divmod(seen - self._looked_at, LINES_PER_LOOK)
        self._looks = min(self._looks + gained, LOOKS_MAX)
        self._looked_at = seen - rest
        if self._looks == 0:
            return False
        self._looks -= 1
        return True

    def _add_owner(self, data: NDArray[np.uint8], row: np.void) -> None:
        h = int(self._figures[shapes.OWNER_HASH]) & _MASK_64
        slot = shapes.slot_of(self._owners, h)
        self._owners[slot] = (h, 0, len(self._names))
        self._names.append((_text(data, row, "host"), _text(data, row, "program")))
        self._figures[shapes.OWNERS] += 1

    def _add_shape(self, data: NDArray[np.uint8], row: np.void) -> None:
        if self._figures[shapes.SHAPES] >= SHAPES_MAX:
            self._drop_shapes()
        h = int(self._figures[shapes.HASH]) & _MASK_64
        owner = int(self._figures[shapes.OWNER_NOW])
        at, length = int(row["message_at"]), min(int(row["message_length"]), TEXT_BYTES_MAX)
        line = bytes(data[at : at + length]).decode("utf-8", errors="backslashreplace")
        template = self.miner.add(line, clock=int(self._figures[shapes.CLOCK]))
        joined = self.miner.take_joined()
        if joined:
            self._follow(joined, row)
        slot = shapes.slot_of(self._shapes, h)
        self._shapes[slot] = (h, self._figures[shapes.CLOCK], owner, template, 0)
        self._figures[shapes.SHAPES] += 1
        if (owner, template) not in self._known:
            self._known.add((owner, template))
            self._tell(row, owner, template, line)

    def _tell(self, row: np.void, owner: int, template: int, line: str) -> None:
        """Hand on that a program wrote something for the first time."""
        host, program = self._names[owner]
        mine = self._shapes[(self._shapes["hash"] != 0) & (self._shapes["owner"] == owner)]
        hits = np.bincount(mine["template"], weights=mine["hits"], minlength=1)
        at_ns = int(row["ts_ns"]) if row["has_stamp"] else int(self._times[clock.RUNNING])
        offset = int(row["offset"])
        self.messages.append(
            NewTemplate(
                at_ns=max(at_ns, int(self._times[clock.RUNNING])), offset=offset, client="",
                server=host, start_ns=at_ns, start_offset=offset, size_bytes=int(row["length"]),
                program=program, template=template, text=self._text(template),
                line=line[:LINE_MAX], lines=int(hits.sum()),
                templates=int(np.count_nonzero(hits)), singles=int(np.count_nonzero(hits == 1)),
            )
        )  # fmt: skip

    def _text(self, template: int) -> str:
        known = self._texts.get(template)
        if known is None:
            if len(self._texts) >= TEXTS_MAX:
                self._texts.clear()
            known = self._texts[template] = self.miner.text(template)[:LINE_MAX]
        return known

    def _follow(self, joined: list[tuple[int, int]], row: np.void) -> None:
        """Give shapes and contexts the templates that theirs have become part of; say so."""
        root = self.miner.root
        self.messages.append(
            TemplatesJoined(
                at_ns=int(self._times[clock.RUNNING]), offset=int(row["offset"]), client="",
                server="", joined=tuple(joined),
            )
        )  # fmt: skip
        self._texts.clear()
        self._known = {(owner, root(template)) for owner, template in self._known}
        for table, name in (
            (self._shapes, "template"), (self._contexts, "before"), (self._contexts, "last"),
        ):  # fmt: skip
            values, places = np.unique(table[name], return_inverse=True)
            moved = np.array([root(v) if v > 0 else v for v in values.tolist()], dtype=np.int32)
            table[name] = moved[places]

    def _drop_shapes(self) -> None:
        """Keep the half of the shapes that was seen last."""
        used = self._shapes[self._shapes["hash"] != 0]
        order = np.lexsort((used["hash"], used["last"]))
        kept = used[order[len(order) // 2 :]]
        self._shapes[:] = np.zeros(1, dtype=shapes.SHAPE)
        for one in kept:
            self._shapes[shapes.slot_of(self._shapes, int(one["hash"]))] = one
            self.miner.touch(int(one["template"]), int(one["last"]))
        self._figures[shapes.SHAPES] = len(kept)
        pairs = {(int(one["owner"]), int(one["template"])) for one in kept}
        self._known = pairs

    def _close(self, *, is_whole: bool = True) -> None:
        """Tell of each owner what it wrote in the window, and begin a new one."""
        used = self._counts[self._counts["count"] > 0]
        if len(used) == 0:
            return
        end_ns = (int(self._figures[shapes.WINDOW]) + 1) * WINDOW_S * NS_PER_S
        used = used[np.lexsort((used["first_offset"], used["owner"]))]
        starts = np.flatnonzero(np.diff(used["owner"], prepend=-1))
        for part in np.split(used, starts[1:]):
            self.messages.append(self._window(part, end_ns, is_whole=is_whole))
        self._counts[:] = np.zeros(1, dtype=shapes.COUNT)
        self._figures[shapes.COUNTS] = 0

    def _window(self, part: NDArray[np.void], end_ns: int, *, is_whole: bool) -> TemplateWindow:
        host, program = self._names[int(part["owner"][0])]
        grams = {
            code: int(part["count"][part["template"] == code].sum())
            for code in (shapes.ALL_GRAMS, shapes.UNSEEN_GRAMS)
        }
        lines = part[part["template"] >= 0]
        counts: dict[int, int] = {}
        firsts: dict[int, int] = {}
        for one in lines[:PARTS_MAX]:
            template = self.miner.root(int(one["template"]))
            counts[template] = counts.get(template, 0) + int(one["count"])
            firsts.setdefault(template, int(one["first_offset"]))
        return TemplateWindow(
            at_ns=end_ns, offset=int(self._figures[shapes.LAST_OFFSET]), client="", server=host,
            start_ns=end_ns - WINDOW_S * NS_PER_S,
            start_offset=int(lines["first_offset"].min()) if len(lines) else 0,
            program=program, last_offset=int(lines["last_offset"].max()) if len(lines) else 0,
            counts=tuple(sorted(counts.items())),
            texts=tuple(self._text(template) for template in sorted(counts)),
            triples=grams[shapes.ALL_GRAMS], unseen=grams[shapes.UNSEEN_GRAMS],
            is_whole=is_whole,
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: used rows only."""
        tables = {"shapes": self._shapes, "owners": self._owners, "contexts": self._contexts}
        kept: dict[str, Any] = {}
        for name, table in tables.items():
            used = np.flatnonzero(table["hash"])
            kept[name] = {"rows": used, "values": table[used]}
        counted, gram = np.flatnonzero(self._counts["count"]), np.flatnonzero(self._grams)
        kept["counts"] = {"rows": counted, "values": self._counts[counted]}
        kept["grams"] = {"rows": gram, "values": self._grams[gram]}
        return {
            "tables": kept,
            "times": self._times.copy(),
            "figures": self._figures.copy(),
            "miner": self.miner.state(),
            "names": [list(name) for name in self._names],
            "known": sorted(self._known),
            "looks": [self._looks, self._looked_at, self.crowded],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint; the table must be fresh."""
        tables = {
            "shapes": self._shapes, "owners": self._owners, "contexts": self._contexts,
            "counts": self._counts, "grams": self._grams,
        }  # fmt: skip
        for name, kept in state["tables"].items():
            tables[name][kept["rows"]] = kept["values"]
        self._times[:], self._figures[:] = state["times"], state["figures"]
        self.miner.restore(state["miner"])
        self._names = [(host, program) for host, program in state["names"]]
        self._known = {(owner, template) for owner, template in state["known"]}
        self._looks, self._looked_at, self.crowded = state["looks"]


def _text(data: NDArray[np.uint8], row: np.void, name: str) -> str:
    at = int(row[f"{name}_at"])
    raw = bytes(data[at : at + int(row[f"{name}_length"])])
    return raw.decode("utf-8", errors="backslashreplace")
