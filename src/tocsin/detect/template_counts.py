"""Count vectors: a program writes in ten minutes what it does not usually write in ten minutes.

Each window of a program is scored against the program's own past (`vector_history`: templates
that are seldom there or missing, counts off their usual, combinations and orders that never
came), then learned. It is raised when no window that is remembered was as strange, by a margin,
and the source's budget allows it (`alarm_budget`). What is raised is not learned, until it has
come `shift_windows` times in a row: then it is the new usual, and that is said once.

Sources: as in `vector_history`; DESIGN's law 5. Catches bursts of rare lines, work that is not
done any more, runs in another order. Misses what declared templates know, JSON and access lines,
slow drifts, and a program's first `windows_min` windows, in which nothing is raised. Memory: the
bounded episodes and `PROGRAMS_MAX` programs (about 12 kB each).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import TemplatesJoined, TemplateWindow
from tocsin.core.times import NS_PER_S
from tocsin.detect.alarm_budget import CROWD, CROWD_MIN, AlarmBudget
from tocsin.detect.episodes import UPDATED, Crossing, MessageDetector
from tocsin.detect.presence import HOURS_MIN, Presence
from tocsin.detect.trips import plural
from tocsin.detect.vector_history import SET, TRIPLES, VOLUME, VectorHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

PROGRAMS_MAX = 96
_MARGIN, _WARM_UP_WINDOWS = 1.2, 30
_SHOWN, _SHOWN_MAX, _CONTRIBUTIONS = 3, 100, 8


@dataclass(slots=True)
class _Program:
    """One program's past, and the windows that were strange and are not learned yet."""

    history: VectorHistory = field(default_factory=VectorHistory)
    presence: Presence = field(default_factory=Presence)
    shadow: list[tuple[dict[int, int], int, int, float]] = field(default_factory=list)

    def learn(self, counts: Mapping[int, int], triples: int, unseen: int) -> None:
        """Take a window into the past."""
        self.history.learn(counts, triples=triples, unseen=unseen)

    def join(self, joined: Iterable[tuple[int, int]]) -> None:
        """Let templates be parts of others."""
        for template, whole in joined:
            self.history.join(template, whole)
            for counts, *_ in self.shadow:
                if template in counts:
                    counts[whole] = counts.get(whole, 0) + counts.pop(template)


class TemplateCounts(MessageDetector):
    """Compare windows of counts per template with a program's own past."""

    name: ClassVar[str] = "template_counts"
    hears = (TemplateWindow, TemplatesJoined)
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._programs: OrderedDict[str, _Program] = OrderedDict()
        self._budget = AlarmBudget(policy.parameters.novelty.alarms_per_day)

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a strange window, and when it has become the usual."""
        for m in rows:
            if isinstance(m, TemplateWindow) and m.counts:
                yield from self._judge(m, source)
            elif isinstance(m, TemplatesJoined):
                for program in self._programs.values():
                    program.join(m.joined)

    def _program(self, key: str) -> _Program:
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = _Program()
            if len(self._programs) > PROGRAMS_MAX:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return program

    def _judge(self, m: TemplateWindow, source: str) -> Iterator[Detection]:
        program, counts = self._program(f"{m.server}|{m.program}"), dict(m.counts)
        p, past = self.policy.parameters.novelty, program.history
        found = past.surprises(counts, triples=m.triples, unseen=m.unseen, is_whole=m.is_whole)
        score = sum(found.values())
        program.presence.see(m.start_ns)
        is_settled = past.windows >= p.windows_min and program.presence.hours >= HOURS_MIN
        bound = max(p.window_score_min, _MARGIN * past.highest)
        if not is_settled or score < bound:
            for *_, once in program.shadow:  # strange ones that did not last: only remembered
                past.keep_score(m.start_ns, once)
            program.shadow.clear()
            program.learn(counts, m.triples, m.unseen)
            if past.windows > _WARM_UP_WINDOWS:
                past.keep_score(m.start_ns, score)
            return
        program.shadow.append((counts, m.triples, m.unseen, score))
        is_shift = len(program.shadow) >= p.shift_windows
        key = f"{m.server}|{m.program}"
        if not self._budget.allows(m.at_ns, score) and not self.goes_on(key, m.at_ns):
            key = CROWD
        yield from self._report(m, found, bound, program, key, source)
        if is_shift:
            for window, triples, unseen, once in program.shadow:
                program.learn(window, triples, unseen)
                past.keep_score(m.start_ns, once)
            program.shadow.clear()

    def _report(
        self,
        m: TemplateWindow,
        found: dict[int | str, float],
        bound: float,
        one: _Program,
        key: str,
        source: str,
    ) -> Iterator[Detection]:
        past, score, highest = (
            one.history,
            sum(found.values()),
            one.history.highest,
        )
        host, program = m.server or "this host", m.program or "the log's writer"
        episode = self.episodes.step(key, m)
        if episode.records == 1:
            episode.first_ns, episode.first_offset = m.start_ns, m.start_offset
        episode.last_offset = m.last_offset
        least = CROWD_MIN if key == CROWD else 1
        phase = episode.phase(float(episode.records), float(least))
        p_value = 1 / (past.compared + 1)
        lasting = f"; {episode.records} others were held back" if key == CROWD else ""
        if episode.reported and len(one.shadow) >= self.policy.parameters.novelty.shift_windows:
            phase = phase or UPDATED
            lasting = f"; so for {len(one.shadow)} windows: from now on this is its usual"
        if phase is None:
            return
        window_s = (m.at_ns - m.start_ns) / NS_PER_S
        order = sorted(found.items(), key=lambda one: (-one[1], str(one[0])))
        crossing = Crossing(
            kind="log_anomaly",
            reason=(
                f"{program} on {host}: {plural(sum(dict(m.counts).values()), 'line')} in "
                f"{window_s / 60:.0f} min unlike any of {past.windows:,} windows before; "
                + "; ".join(_said(what, much, m, past) for what, much in order[:_SHOWN])
                + f" (score {score:.1f}, the highest before {highest:.1f}, "
                f"{bound:.1f} is the bound, p = {p_value:.2g}){lasting}"
            ),
            figure=f"{program}: an unusual {window_s / 60:.0f} min (score {score:.1f})",
            observed=score,
            expected=highest,
            threshold=bound,
            attackers=(),
            victims=(host,),
            service=m.program or None,
            facts={"program": m.program, "windows": past.windows},
            contributions={str(what): round(much, 3) for what, much in order[:_CONTRIBUTIONS]},
        )
        found_one = self.report(episode, m, crossing, phase=phase, source=source)
        yield replace(found_one, p_value=p_value)

    def state(self) -> dict[str, Any]:
        """Return programs, budget and episodes as plain values."""
        programs = [
            [key, one.history.to_plain(), asdict(one.presence),
             [[list(counts.items()), *rest] for counts, *rest in one.shadow]]
            for key, one in self._programs.items()
        ]  # fmt: skip
        return {**super().state(), "programs": programs, "budget": self._budget.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._programs = OrderedDict(
            (
                key,
                _Program(
                    VectorHistory.from_plain(history), Presence(**presence),
                    [(dict(counts), triples, unseen, once)
                     for counts, triples, unseen, once in shadow],
                ),
            )
            for key, history, presence, shadow in state["programs"]
        )  # fmt: skip
        self._budget.restore(state["budget"])


def _said(what: int | str, much: float, m: TemplateWindow, past: VectorHistory) -> str:
    """Say what surprises, and how much."""
    if what == SET:
        return f"these {plural(len(m.counts), 'template')} never came together (10^-{much:.1f})"
    if what == TRIPLES:
        return f"{m.unseen} of {m.triples} triples in a row never came before (10^-{much:.1f})"
    counts = dict(m.counts)
    if what == VOLUME:
        level = 2**past.volume.mean - 1
        return f"{sum(counts.values()):,} lines in all, usually {level:.0f} (10^-{much:.1f})"
    number = int(what)
    part = past.parts.get(number)
    usual = f"in {part.windows} windows, about {2**part.mean - 1:.0f} each" if part else "never"
    if number not in counts:
        return f"template {number} is missing, before {usual} (10^-{much:.1f})"
    text = m.texts[list(counts).index(number)][:_SHOWN_MAX]
    lines = plural(counts[number], "line")
    return f"{lines} {text!r} (template {number}), before {usual} (10^-{much:.1f})"
