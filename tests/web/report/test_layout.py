"""The page as a whole: escaping, bounds, form, and what it says when nothing was found."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.report.made import bad_morning, calm_morning
from tocsin.web.report.layout import PAGE_BYTES_MAX, render_report, write_report
from tocsin.web.report.model import IncidentDetails, Report

if TYPE_CHECKING:
    from pathlib import Path

_VOID = {"meta", "input", "br", "link", "img", "hr"}
_KEPT_FIELDS = {"medium", "priority"}  # closed lists of our own, checked apart
SCRIPT = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def values(self, attribute: str) -> list[str]:
        return [a[attribute] or "" for _, a in self.elements if attribute in a]


def hostile(value: Any, text: str) -> Any:
    """Return the value with every string in it replaced."""
    if isinstance(value, str):
        return text
    if isinstance(value, bytes):
        return text.encode("utf-8", "surrogatepass")
    if isinstance(value, tuple):
        return tuple(hostile(item, text) for item in value)
    if isinstance(value, dict):
        return {text: hostile(next(iter(value.values())), text)} if value else {}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            f.name: hostile(getattr(value, f.name), text)
            for f in fields(value)
            if f.name not in _KEPT_FIELDS
        }
        return replace(value, **changed)
    return value


def crowd(report: Report, count: int) -> Report:
    """Return the report with ``count`` incidents, each with an id of its own."""
    made = [
        replace(d, incident=replace(d.incident, id=f"{n:012x}"))
        for n, d in ((n, report.incidents[n % len(report.incidents)]) for n in range(count))
    ]
    return replace(report, incidents=tuple(made))


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(sorted(attributes))) for tag, attributes in Page(text).elements]


def test_a_page_is_well_formed_with_distinct_ids_and_links_that_lead_somewhere() -> None:
    page = Page(render_report(bad_morning()))

    assert page.faults == []
    assert page.open == []
    assert len(page.values("id")) == len(set(page.values("id")))
    assert {link.removeprefix("#") for link in page.values("href")} <= set(page.values("id"))


def test_headings_step_down_one_level_at_a_time() -> None:
    tags = [tag for tag, _ in Page(render_report(bad_morning())).elements]

    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]

    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_a_page_fetches_nothing_and_runs_nothing() -> None:
    text = render_report(bad_morning())
    page = Page(text)

    assert "http:" not in text
    assert "https:" not in text
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "img", "iframe"})
    assert [name for _, a in page.elements for name in a if name.startswith("on")] == []
    assert all(link.startswith("#") for link in page.values("href") + page.values("src"))
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page.values("content")


def test_markup_in_any_field_is_text() -> None:
    text = render_report(hostile(bad_morning(), SCRIPT))

    assert SCRIPT not in text
    assert "script" not in {tag for tag, _ in Page(text).elements}
    assert "&lt;script&gt;" in text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=6),
            st.sampled_from(["'><b ", '" onclick="', "\x1b[2J", "\u202e", "\u200b", "-->", "</style>"]),
        ),
        max_size=5,
    ).map("".join)
)  # fmt: skip
def test_no_text_of_the_input_changes_the_page_around_it(text: str) -> None:
    report = replace(bad_morning(), incidents=bad_morning().incidents[2:3])
    plain = shape(render_report(hostile(report, "plain")))

    page = render_report(hostile(report, text or "plain"))

    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\ufeff]", page) is None
    assert shape(page) == plain


def test_escapes_of_a_terminal_and_of_direction_are_spelt_out() -> None:
    text = render_report(bad_morning())

    assert "invalid user b\\x1b[31mad\\u202e from 203.0.113.77" in text


def test_equal_reports_give_equal_bytes_in_any_order_of_incidents(tmp_path: Path) -> None:
    report = bad_morning()
    turned = replace(report, incidents=report.incidents[::-1])

    write_report(tmp_path / "build" / "one.html", report)
    write_report(tmp_path / "build" / "two.html", turned)

    one = (tmp_path / "build" / "one.html").read_bytes()
    assert one == (tmp_path / "build" / "two.html").read_bytes()
    assert len(one) < 100_000


def test_a_thousand_incidents_fit_and_what_has_no_section_is_counted() -> None:
    text = render_report(crowd(bad_morning(), 1000))
    page = Page(text)

    assert len(text.encode()) < PAGE_BYTES_MAX
    assert page.faults == []
    assert text.count('<section class="incident') == 50
    assert text.count('<th scope="row"><span class="v">') >= 950
    assert "950 of these have no section of their own below" in text


def test_the_longest_hostile_values_do_not_burst_the_bound() -> None:
    report = hostile(crowd(bad_morning(), 1200), "\u202e<\"'&" * 400)
    many = tuple(replace(d, log_lines=d.log_lines * 40, packet_lines=d.packet_lines * 40) for d in report.incidents)  # fmt: skip
    inputs = report.inputs * 500

    text = render_report(
        replace(report, incidents=many, inputs=inputs, problems=("&" * 900,) * 900)
    )

    assert 500_000 < len(text.encode()) < PAGE_BYTES_MAX
    assert Page(text).faults == []
    assert "not listed here" in text
    assert "900 more inputs not shown here" in text


def test_the_gravest_incident_stands_first() -> None:
    text = render_report(bad_morning())

    order = re.findall(r'<section class="incident (p\d)', text)

    assert order == ["p1", "p2", "p3", "p5"]
    assert "<h1>4 incidents, the gravest P1</h1>" in text


def test_an_incident_says_what_was_observed_and_what_is_usual() -> None:
    words = " ".join(" ".join(Page(render_report(bad_morning())).words).split())

    assert "Observed 412 Usual 3.1 Threshold 30 Score 13.7 p-value 1e-9" in words
    assert "web01 holds customer data: P1 whatever the matrix" in words
    assert "tocsin evidence verify a3f1c09be2d4" in words
    assert "194 more attackers not shown here" in words


def test_a_report_without_incidents_says_what_was_read_sought_and_not_seen() -> None:
    text = render_report(calm_morning())

    assert "<h1>No incidents found</h1>" in text
    assert "Nothing in these inputs crossed a threshold of the 4 rules that were active" in text
    assert "20,118,402 records = 20,118,399 events + 3 weird (malformed) + 0 filtered" in text
    assert "Every record is accounted for." in text
    assert "does not show that nothing happened" in text
    assert Page(text).faults == []


def test_a_report_of_nothing_at_all_is_still_a_page() -> None:
    text = render_report(Report(version="0.1.0"))

    assert "No input was read." in text
    assert "No rule was active: nothing could be found." in text
    assert Page(text).faults == []


def test_records_that_do_not_add_up_are_called_a_fault() -> None:
    report = calm_morning()
    leaky = replace(report, inputs=(replace(report.inputs[0], events=20_118_000),))

    assert "399 records are not accounted for. This is a fault." in render_report(leaky)


def test_an_incident_without_chart_evidence_or_sample_has_its_section() -> None:
    report = bad_morning()
    bare = IncidentDetails(replace(report.incidents[1].incident, evidence_path=None, runbook=()))

    text = render_report(replace(report, incidents=(bare,)))

    assert "No evidence was kept for this incident in this run." in text
    assert "tocsin evidence verify" not in text
    assert "<h1>1 incident, priority P3</h1>" in text
