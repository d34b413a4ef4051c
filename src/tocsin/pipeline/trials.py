"""Runs for an evaluation: texts and files in, events, detections or incidents out."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.collect.source import open_source
from tocsin.collect.walk import gather
from tocsin.core.errors import InputError
from tocsin.parse.event_json import event_of
from tocsin.pipeline.events import HTTP_JSON, line_events, log_events
from tocsin.pipeline.parallel import work_beside
from tocsin.pipeline.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from tocsin.core.event import Event
    from tocsin.core.incident import Incident
    from tocsin.pipeline.matching import EventMatcher
    from tocsin.pipeline.wiring import Wiring

_ATTACKS = {"web_attack", "exploit"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One file analysed alone in a fresh state; ``is_read`` is False when nothing was."""

    incidents: tuple[Incident, ...]
    problems: tuple[InputError, ...]
    is_read: bool = True


def events_of_logs(
    logs: Mapping[str, bytes],
    *,
    year: int | None,
    zone: str,
    problem: Callable[[InputError], None],
) -> dict[str, list[Event]]:
    """Return the events of each log, read from a file of its own.

    ``problem`` takes what could not be read; what could be is returned all the same.
    """
    found: dict[str, list[Event]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, content) in enumerate(logs.items()):
            path = Path(scratch) / f"{number:06d}.log"
            path.write_bytes(content)
            found[name] = []
            try:
                source = open_source(str(path), site=name)
                for event in log_events(source, year=year, zone=zone):
                    found[name].append(event)
            except InputError as error:
                problem(InputError(error.reason, path=name, offset=error.offset))
            path.unlink()
    return found


def attacks_in_requests(
    requests: Sequence[str],
    *,
    matcher: EventMatcher,
    problem: Callable[[InputError], None],
) -> dict[int, frozenset[str]]:
    """Return the class of attack said of each request that attacks, by its number.

    Requests are lines of JSON (`tocsin.parse.http_json`), judged whole.
    """
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "requests.jsonl"
        path.write_text("".join(f"{line}\n" for line in requests), encoding="utf-8")
        source = open_source(str(path), site=str(path))
        for event in line_events(source, form=HTTP_JSON, matcher=matcher, problem=problem):
            said = event.get("tocsin.attack")
            if said:
                found[event["log.line"] - 1] = frozenset([said] if isinstance(said, str) else said)
    return found


def attacks_in_access_log(
    lines: Sequence[str], clients: Mapping[str, int], *, wiring: Wiring
) -> dict[int, frozenset[str]]:
    """Return the classes of attack detected of each client of an access log, by its number."""
    found: dict[int, frozenset[str]] = {}
    if not lines:
        return found
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "access.log"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        outcome = replay([open_source(str(path), site="access.log")], wiring=wiring)
    for detection in outcome.detections:
        if detection.kind not in _ATTACKS:
            continue
        classes = str(detection.facts.get("attacks") or detection.facts.get("attack") or "other")
        said = {name.strip() for name in classes.split(",")}
        for client in detection.attackers:
            number = clients.get(client)
            if number is not None:
                found[number] = found.get(number, frozenset()) | said
    return found


def marked_events(documents: Iterable[Mapping[str, Any]], *, matcher: EventMatcher) -> list[Event]:
    """Return events given as objects with the names their writer gave, marked by rules."""
    return [matcher.mark(event_of(dict(document))) for document in documents]


def trials(paths: Sequence[str], *, wiring: Wiring, jobs: int = 1) -> Iterator[Trial]:
    """Analyse each file alone in a fresh state, some at once; yield what came of each."""
    return work_beside(paths, work=partial(_trial, wiring=wiring), jobs=jobs)


def _trial(path: str, *, wiring: Wiring) -> Trial:
    gathered = gather([path])
    outcome = replay(gathered.sources, wiring=wiring)
    return Trial(
        tuple(outcome.incidents),
        (*gathered.problems, *outcome.problems),
        is_read=bool(gathered.sources),
    )
