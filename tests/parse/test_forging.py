"""The attribution law over everything declared: no text of a remote side moves the address.

For every template, layout and record format, a line is made with an attacker's text in one of
its free fields. Its source must be what it is with a plain text, or the event says that the
source is ambiguous and names nobody. `CONTRIBUTING.md` says how a template is written so that it
holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parse import forging
from tests.parse.forging import FORGED, TRUE, Form
from tests.parse.reading import STAMPS, read
from tocsin.core.event import Event
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.known import known_families, known_record_formats
from tocsin.parse.records import RecordReader
from tocsin.parse.stamp_text import StampReader
from tocsin.parse.syslog_head import syslog_head
from tocsin.parse.template import RecordFormat

AMBIGUOUS = "source is ambiguous"
NAMES = tuple(forging.programs())
FORMATS = {one.name: one for one in known_record_formats()}


def events_of(lines: list[str]) -> list[Event]:
    """Return an event per line; what only an earlier line of a connection told is taken out.

    Empty lines between them keep each a record of its own.
    """
    events = read("".join(f"{line}\n\n" for line in lines).encode("utf-8", "surrogatepass"))[::2]
    assert len(events) == len(lines)
    for event in events:
        if "tocsin.attributed_by" in event:
            del event["source.ip"]
            event.pop("source.port", None)
    return events


def check(form: Form, plain: Event, cases: list[tuple[int, str]], events: list[Event]) -> None:
    """Fail on the first case that names somebody else, with template, text and line."""
    was = plain.get("source.ip")
    for (place, text), event in zip(cases, events, strict=True):
        now, is_word = event.get("source.ip"), form.parts[place].kind == "word"
        is_empty = not text.strip(" \r\t\0") and form.is_whole(place)
        is_nobody = now is None and (event.get("tocsin.weird") == AMBIGUOUS or is_word or is_empty)
        if now not in {was, TRUE} and not is_nobody:
            pytest.fail(
                f"\n  of {form.program}, template {form.template!r}"
                f"\n  field {form.parts[place]} holds {text!r}"
                f"\n  line {form.line({place: text})!r}"
                f"\n  names {now}, was {was}; action {event.get('event.action')},"
                f" weird {event.get('tocsin.weird')}"
            )


@pytest.mark.parametrize("name", NAMES)
def test_no_text_moves_the_source_of_a_declared_form(name: str) -> None:
    lines, jobs = [], []
    for form, cases in _jobs(name):
        jobs.append((form, cases))
        lines += [form.line({}), *(form.line({place: text}) for place, text in cases)]

    events = iter(events_of(lines))

    for form, cases in jobs:
        check(form, next(events), cases, [next(events) for _ in cases])


def _jobs(name: str) -> Iterator[tuple[Form, list[tuple[int, str]]]]:
    siblings = siblings_of(name)
    for form in forging.programs()[name]:
        texts = [(at, text) for at in form.free for text in forging.attacks(form, at, siblings)]
        words = [(at, text) for at in form.words for text in forging.words(form, at)]
        yield form, list(dict.fromkeys([*texts, *words]))


@lru_cache(maxsize=256)
def siblings_of(name: str) -> tuple[Form, ...]:
    """Return the forms of a program that name a source."""
    return tuple(one for one in forging.programs()[name] if one.names_source)


@st.composite
def mixed_texts(draw: st.DrawFn) -> tuple[Form, int, list[str]]:
    """Draw a form, one of its free fields, and texts made of its own and its program's pieces."""
    name = draw(st.sampled_from(NAMES))
    form = draw(st.sampled_from([one for one in forging.programs()[name] if one.free] or [_ANY]))
    place = draw(st.sampled_from(form.free))
    pieces = [part.text for part in form.parts if part.kind == "literal"]
    pieces += [FORGED, f"{FORGED}:1", " ", "x", '"', "\\", "]", ")", "\r", "\0", "\u2028", "\u202e"]
    pieces += [one.text({}, address=FORGED) for one in siblings_of(name)[:32]]
    one = st.sampled_from(pieces) | st.text(max_size=4)
    texts = st.lists(one, max_size=6).map("".join).map(lambda text: text.replace("\n", ""))
    return form, place, draw(st.lists(texts, min_size=8, max_size=8))


_ANY = next(form for name in NAMES for form in forging.programs()[name] if form.free)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(mixed_texts())
def test_no_mix_of_a_programs_own_words_moves_the_source(
    drawn: tuple[Form, int, list[str]],
) -> None:
    form, place, texts = drawn
    plain, *events = events_of([form.line({}), *(form.line({place: text}) for text in texts)])

    check(form, plain, [(place, text) for text in texts], events)


@pytest.mark.parametrize("name", [f"family {one.name}" for one in known_families() if one.is_dense])
def test_kernels_and_the_reader_of_text_name_the_same(name: str) -> None:
    records = RecordReader(STAMPS)
    stamps = StampReader(STAMPS)
    lines = [form.line({place: text}) for form, cases in _jobs(name) for place, text in cases]
    lines = [line for line in lines if line == line.rstrip()]

    for line, by_kernel in zip(lines, events_of(lines), strict=True):
        by_text = records.read(line, head=syslog_head(line, stamps))
        for field in ("source.ip", "source.port", "user.name", "event.action", "tocsin.weird"):
            assert by_kernel.get(field) == by_text.get(field), (field, line)


@pytest.mark.parametrize("name", FORMATS)
def test_no_value_moves_the_source_of_a_record_format(name: str) -> None:
    known = FORMATS[name]
    plain, *events = events_of(
        [line for path, text in _values(known) for line in _records(known, path, text)]
    )

    for event in events:
        assert event.get("source.ip") in {TRUE, plain.get("source.ip")} or (
            "source.ip" not in event and event["tocsin.weird"] == AMBIGUOUS
        ), event["event.original"]


def _values(known: RecordFormat) -> Iterator[tuple[str, str]]:
    """Yield (path, attacker's text) for each value that is no address; plain ones first."""
    yield "", ""
    for path, meaning in known.fields.items():
        if not meaning.endswith("address") and meaning != "@timestamp":
            for text in forging.NASTY:
                yield path, text


def _records(known: RecordFormat, path: str, text: str) -> list[str]:
    record = forging.record_of(known, {path: text} if path else {})
    return [forging.json_line(record)]


def test_a_name_that_holds_the_words_of_a_refusal_does_not_hide_it() -> None:
    line = (
        '[2026-11-23T05:41:00Z] info [cpaneld] 203.0.113.9 - ro "" FAILED LOGIN ot "GET / HTTP/1.1"'
        " FAILED LOGIN cpaneld: user name not provided or invalid user"
    )

    event = RecordReader(Stamps(year=2026)).read(line, head=None)

    assert (event["source.ip"], event["event.outcome"]) == ("203.0.113.9", "failure")
