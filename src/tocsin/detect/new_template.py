"""New templates: a program writes what it never wrote before.

How much that means depends on how often it happens: Good-Turing's estimate of the chance that a
program's next line is of an unseen template is the share of its lines whose template came once.
The score is that chance in powers of ten, and a point or two for words of trouble in the line.
A program is judged when its set of templates is settled: `LINES_MIN` lines in `HOURS_MIN`
different hours. Scores are held against the budget of the source (`alarm_budget`).

Sources: Good, "The population frequencies of species", Biometrika 1953; Mahoney and Chan, "PHAD",
2001, and Landauer et al., FSE 2024: unseen events find most anomalies. Catches failures, attacks
and changes that nobody wrote a rule for. Misses what declared templates know (other detectors
judge it), JSON and access lines, and programs that always say something new. Raises nothing
with no history. Memory: the bounded episodes, `PROGRAMS_MAX` programs, 512 scores.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import NewTemplate, TemplateWindow
from tocsin.detect.alarm_budget import CROWD, CROWD_MIN, AlarmBudget
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.presence import Presence
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

PROGRAMS_MAX, LINES_MIN, HOURS_MIN = 1024, 500, 12
_P_MAX = 0.01
_SHOWN_MAX = 160
_GRAVE = re.compile(
    r"panic|fatal|corrupt|exploit|overflow|segfault|attack|malware|rootkit|intru|breach|compromis"
    r"|unauthori[sz]ed|tamper|emerg|critical|out of memory|no space|uncorrect",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"error|fail|denied|refus|invalid|illegal|abort|crash|time[d-]? ?out|lost|unreach|warn|alert"
    r"|unable|cannot|can't|exception|kill|violat|mismatch|disabled|reset|dropp|missing|unexpected",
    re.IGNORECASE,
)


class NewTemplates(MessageDetector):
    """Weigh templates that are new to their program."""

    name: ClassVar[str] = "new_template"
    hears = (TemplateWindow, NewTemplate)
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._programs: OrderedDict[str, Presence] = OrderedDict()
        self._budget = AlarmBudget(policy.parameters.novelty.alarms_per_day)

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a template that is new and strange, and as such ones double."""
        for m in rows:
            if isinstance(m, TemplateWindow):
                self._seen(m).see(m.start_ns)
            elif isinstance(m, NewTemplate):
                yield from self._judge(m, source)

    def _seen(self, m: TemplateWindow | NewTemplate) -> Presence:
        key = f"{m.server}|{m.program}"
        presence = self._programs.get(key)
        if presence is None:
            presence = self._programs[key] = Presence()
            if len(self._programs) > PROGRAMS_MAX:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        return presence

    def _judge(self, m: NewTemplate, source: str) -> Iterator[Detection]:
        chance = (m.singles + 1) / (m.lines + 2)
        if m.lines < LINES_MIN or self._seen(m).hours < HOURS_MIN or chance > _P_MAX:
            return
        words = _weight(m.text)
        score = -math.log10(chance) + words
        threshold = self.policy.parameters.novelty.template_score_min
        if score < threshold:
            return
        key, least = f"{m.server}|{m.program}", 1
        if not self._budget.allows(m.at_ns, score) and not self.goes_on(key, m.at_ns):
            key, least = CROWD, CROWD_MIN
        episode = self.episodes.step(key, m)
        episode.note(m.text)
        phase = episode.phase(float(episode.records), float(least))
        if phase is None:
            return
        host, program = m.server or "this host", m.program or "the log's writer"
        new = episode.records
        others = f"; {new} others were held back" if key == CROWD else ""
        crossing = Crossing(
            kind="log_anomaly",
            reason=(
                f"{program} on {host} wrote what it never wrote before: {m.text[:_SHOWN_MAX]!r} "
                f"(template {m.template}), for example {m.line[:_SHOWN_MAX]!r}; {m.lines:,} lines "
                f"before were of {plural(m.templates, 'template')}, {m.singles} of them seen once: "
                f"an unseen one had a chance of {chance:.2g} (score {score:.1f} with "
                f"{words} for its words; {threshold:g} is the bound){others}"
            ),
            figure=f"{'programs' if others else program}: {plural(new, 'new template')}",
            observed=score,
            threshold=threshold,
            attackers=(),
            victims=(host,),
            service=m.program or None,
            facts={"template": m.template, "text": m.text[:_SHOWN_MAX], "program": m.program,
                   "new_templates": new},
            contributions={"rarity": round(score - words, 3), "words": float(words)},
        )  # fmt: skip
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return programs, budget and episodes as plain values."""
        return {
            **super().state(),
            "programs": [[key, asdict(presence)] for key, presence in self._programs.items()],
            "budget": self._budget.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._programs = OrderedDict((key, Presence(**one)) for key, one in state["programs"])
        self._budget.restore(state["budget"])


def _weight(text: str) -> int:
    """Return 2 for words of grave trouble, 1 for others of trouble, 0 for none."""
    return 2 if _GRAVE.search(text) else 1 if _TROUBLE.search(text) else 0
