"""Records that only event rules want to hear of: found by their texts, read one by one.

Kernels count log-ins and sessions without making events, and records that mean nothing to any
format are dropped. A rule may ask for either. So all texts that rules ask for are looked for at
once, in records of such templates and programs as a rule may be about; what holds none costs a
few nanoseconds a byte, what no rule can be about nothing. Which those are is known from what a
template says of its records (action, outcome) before any is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.networks import NO_PROXIES
from tocsin.core.times import parse_rfc3339
from tocsin.detect.sigma.atoms import atoms_of
from tocsin.detect.sigma.possible import may_hold
from tocsin.detect.sigma.sources import sources_of
from tocsin.kernels.line_marks import ALWAYS, NEVER, WHOLE, mark_lines
from tocsin.kernels.literals import compile_literals
from tocsin.parse.connections import Connections
from tocsin.parse.event_messages import asked_event
from tocsin.parse.events import event_of, head_of, original_of
from tocsin.parse.known import known_templates
from tocsin.parse.records import RecordReader
from tocsin.pipeline.rule_windows import window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tocsin.core.messages import Message
    from tocsin.core.networks import Proxies
    from tocsin.core.predicates import EventRule
    from tocsin.detect.sigma.ruleset import RuleSet
    from tocsin.kernels.literals import Literals
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.compile import Compiled

_OF_TEMPLATES = ("event.action", "event.outcome", "event.category", "event.dataset")
_FOREIGN = frozenset({"windows", "macos"})  # their events never lack an action or stand in XML
_PROGRAMS = frozenset({"sshd", "sudo", "cron", "crond", "login", "su", "systemd", "kernel"})
_BITS = 31  # sets of rules beyond share the last


def _stands(name: str, text: str) -> bool:
    """Tell whether a text of a field stands in a record's message, and says something there.

    What templates and readers say of a record (``event.*``) is not in it, its program's name
    before it.
    """
    is_said = name.startswith("event.") and name != "event.original"
    return not is_said and name != "process.name" and text not in _PROGRAMS


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """What to look for, and in the records of which templates and families."""

    literals: Literals
    of_template: NDArray[np.int32]
    of_family: NDArray[np.int32]
    windows: NDArray[np.int32]  # of templates: see `tocsin.pipeline.rule_windows`

    @property
    def is_needed(self) -> bool:
        """Whether any record is to be looked at."""
        return bool(self.of_template.any() or self.of_family.any())


def rule_texts(rules: RuleSet, compiled: Compiled) -> RuleTexts:
    """Return what event rules want to hear of that nobody else passes on."""
    wanted = _Wanted([rule for rule in rules.rules if rule.logsource.product not in _FOREIGN])
    of_template = np.zeros(len(compiled.log_tables.roles), dtype=np.int32)
    for number, meaning in enumerate(compiled.meanings):
        if not meaning.is_told:
            of_template[number] = wanted.of(
                dataset=compiled.families[number].dataset, action=meaning.action,
                outcome=meaning.outcome, category=meaning.category,
            )  # fmt: skip
    windows = np.full(len(of_template), WHOLE, dtype=np.int32)
    known: dict[tuple[str, int], int] = {}
    for number, meaning in enumerate(compiled.meanings):
        what = int(of_template[number])
        if what not in {NEVER, ALWAYS}:
            key = (meaning.line, what)
            if key not in known:
                known[key] = window_of(meaning.line, wanted.texts_of(what))
            windows[number] = known[key]
    of_family = np.zeros(len(compiled.datasets), dtype=np.int32)
    of_family[0] = wanted.of_unread()
    for number, dataset in enumerate(compiled.datasets):
        if number:
            what = wanted.of(dataset=dataset)
            is_sparse = bool(compiled.log_tables.is_sparse[number])
            # What is read anyhow is passed on where it means something.
            of_family[number] = NEVER if is_sparse and what == ALWAYS else what
    return RuleTexts(compile_literals(wanted.pairs()), of_template, of_family, windows)


class _Wanted:
    """What rules ask of records, gathered: records about which the same rules ask share a bit."""

    def __init__(self, rules: Sequence[EventRule]) -> None:
        self._rules = rules
        self._atoms: dict[str, tuple[str, ...] | None] = {}
        self._texts: dict[str, int] = {}
        self._bits: dict[frozenset[str], int] = {}
        self._known: dict[tuple[str, ...], int] = {}

    def of(self, *, dataset: str, action: str = "", outcome: str = "", category: str = "") -> int:
        """Return what to do with records of which this much is known."""
        key = (dataset, action, outcome, category)
        known = self._known.get(key)
        if known is None:
            values = zip(_OF_TEMPLATES, (action, outcome, category, dataset), strict=True)
            event = {name: value for name, value in values if value}
            sources = sources_of(event)
            asked = [
                rule
                for rule in self._rules
                if sources.admit(rule.logsource) and may_hold(rule.condition, event, _OF_TEMPLATES)
            ]
            known = self._known[key] = self._gather(asked, is_whole=True)
        return known

    def of_unread(self) -> int:
        """Return what to do with records of programs and formats that nobody described.

        A rule about them of which no text can be said is not asked.
        """
        asked = [
            rule
            for rule in self._rules
            if rule.logsource.category != "webserver"
            and may_hold(rule.condition, {}, _OF_TEMPLATES[:1])
        ]
        return self._gather(asked, is_whole=False)

    def _gather(self, rules: Sequence[EventRule], *, is_whole: bool) -> int:
        if not rules:
            return NEVER
        bit, what = self._bit(rules), NEVER
        for rule in rules:
            texts = self._texts_of(rule)
            if texts is None:
                what = ALWAYS if is_whole else what
                continue
            for text in texts:
                self._texts[text] = self._texts.get(text, 0) | bit
            what = what if what == ALWAYS else bit
        return what

    def _bit(self, rules: Sequence[EventRule]) -> int:
        ids = frozenset(rule.id for rule in rules)
        place = self._bits.setdefault(ids, len(self._bits))
        return 1 << min(place, _BITS - 1)

    def _texts_of(self, rule: EventRule) -> tuple[str, ...] | None:
        if rule.id not in self._atoms:
            atoms = atoms_of(rule.condition, _stands)
            self._atoms[rule.id] = None if atoms is None else tuple({text for _, text, _ in atoms})
        return self._atoms[rule.id]

    def texts_of(self, what: int) -> list[str]:
        """Return the texts that bear one of the bits."""
        return [text for text, bits in self._texts.items() if bits & what]

    def pairs(self) -> list[tuple[bytes, int]]:
        """Return the texts to look for with their bits."""
        return [
            (text.encode("utf-8", "surrogateescape"), bits)
            for text, bits in sorted(self._texts.items())
        ]


class RuleLines:
    """Reads the records of one log that only event rules want to hear of."""

    def __init__(self, texts: RuleTexts, *, stamps: Stamps, proxies: Proxies = NO_PROXIES) -> None:
        self._texts = texts
        self._compiled = known_templates()
        self._records = RecordReader(stamps, proxies=proxies)
        self._connections = Connections()
        self._last_ns = stamps.fallback_ns
        self._marked = np.zeros(0, dtype=np.uint8)
        self.messages: list[Message] = []

    def read(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], told: NDArray[np.uint8]
    ) -> None:
        """Read what rules want of scanned rows, before anybody fills these."""
        if len(self._marked) < len(rows):
            self._marked = np.zeros(len(rows), dtype=np.uint8)
        texts = self._texts
        found = mark_lines(
            data,
            rows,
            len(rows),
            told,
            texts.of_template,
            texts.of_family,
            texts.windows,
            tuple(texts.literals),
            self._marked,
        )
        stamped = np.flatnonzero(rows["has_stamp"]) if found else None
        names = rows.dtype.names or ()
        for place in np.flatnonzero(self._marked[: len(rows)]).tolist() if found else ():
            row = dict(zip(names, rows[place].tolist(), strict=True))
            before = 0 if stamped is None else int(np.searchsorted(stamped, place, side="right"))
            if stamped is not None and before:
                self._last_ns = int(rows["ts_ns"][stamped[before - 1]])
            self._read(data, row)
        if len(rows) and rows["has_stamp"][-1]:
            self._last_ns = int(rows["ts_ns"][-1])

    def _read(self, data: NDArray[np.uint8], row: dict[str, Any]) -> None:
        base = row["at"]
        whole = bytes(data[base : base + row["length"]])
        if row["template"] >= 0:
            event = event_of(whole, row, self._compiled, base)
        else:
            event = self._records.read(
                original_of(whole, row, base), head=head_of(whole, row, base)
            )
            is_sparse = self._compiled.log_tables.is_sparse[row["family"]] or not row["family"]
            if "event.action" in event and is_sparse:
                return  # somebody else passes it on
            event["event.original"] = original_of(whole, row, base)
        event["log.line"], event["log.offset"] = 0, row["offset"]
        self._connections.complete(event)
        stamp = event.get("@timestamp")
        if isinstance(stamp, str):
            self._last_ns = parse_rfc3339(stamp)
        self.messages.append(
            asked_event(event, at_ns=self._last_ns, offset=row["offset"], size_bytes=row["length"])
        )

    def take_messages(self) -> list[Message]:
        """Return what was read since the last call."""
        found, self.messages = self.messages, []
        return found

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"connections": self._connections.state(), "last_ns": self._last_ns}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._connections.restore(state["connections"])
        self._last_ns = state["last_ns"]
