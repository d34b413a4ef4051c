"""Signs: what one record of a host's log says of somebody who is inside it.

A sign has a level of its own. A *weak* one may be anybody's work: it opens no incident, and joins
that of an intruder on the same host (`tocsin.incidents.inside`). Detectors of signs name them;
this is what they share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent
from tocsin.core.vocabulary import level_rank
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_SHOWN_MAX = 120
WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its name, what it says, its level (`WEAK`: none), how many are enough.

    From ``grave_from`` on a sign is worth one level more. ``thing`` tells signs of one name apart.
    """

    name: str
    words: str
    level: str = "low"
    least: int = 1
    grave_from: int = 0
    user: str = ""
    thing: str = ""


class SignDetector(MessageDetector):
    """Tell signs per account, host and thing."""

    medium: ClassVar[str] = "logs"
    hears: ClassVar[tuple[type[Message], ...]] = (LogEvent,)
    kind: ClassVar[str]
    window_s: ClassVar[float] = 3600.0

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the first signs that are enough, and at each doubling."""
        for m in rows:
            if isinstance(m, LogEvent):
                for sign in self.signs(m):
                    yield from self._count(m, sign, source)

    def signs(self, m: LogEvent) -> Iterator[Sign]:
        """Yield what a record is a sign of."""
        raise NotImplementedError

    def _count(self, m: LogEvent, sign: Sign, source: str) -> Iterator[Detection]:
        host = m.server or "this host"
        user = sign.user or str(m.event.get("user.name") or "")
        episode = self.episodes.step(f"{user}|{host}|{sign.name}|{sign.thing}", m)
        seen = episode.within(m.at_ns, self.window_s)
        phase = episode.phase(float(seen), float(sign.least))
        if phase is None:
            return
        level = sign.level
        if sign.grave_from and seen >= sign.grave_from and level != WEAK:
            level = ("low", "medium", "high", "critical")[min(level_rank(level), 3)]
        facts: dict[str, str | int | float] = {"sign": sign.name, "level": level}
        if level == WEAK:
            facts = {"sign": sign.name, "weak": 1, "level": "low"}
        said = text_of(m)
        shown = f": {said!r}" if said else ""
        crossing = Crossing(
            kind=self.kind,
            reason=(
                f"{sign.words} ({plural(seen, 'time')} in "
                f"{span_text(episode.first_ns, episode.last_ns)}; {sign.least} is the bound){shown}"
            ),
            figure=f"{sign.words}, {plural(seen, 'time')}",
            observed=float(seen),
            threshold=float(sign.least),
            attackers=(m.client,) if m.client else (),
            victims=(host,),
            users=(user,) if user else (),
            service=str(m.event.get("event.dataset", "")).split(".", maxsplit=1)[0] or None,
            facts=facts,
        )
        found = self.report(episode, m, crossing, phase=phase, source=source)
        yield replace(found, entity=f"{user}@{host}" if user else host)


def text_of(m: LogEvent) -> str:
    """Return the beginning of the command that an event tells of, if any."""
    return command_of(m)[:_SHOWN_MAX]


def command_of(m: LogEvent) -> str:
    """Return the command that an event tells of: sudo's, cron's, or what auditd saw started."""
    said = m.event.get("process.command_line")
    if said:
        return str(said)
    if m.event.get("event.action") != "process_started":
        return ""
    parts = (str(m.event.get(f"auditd.a{n}") or "") for n in range(4))
    return " ".join(part for part in parts if part)
