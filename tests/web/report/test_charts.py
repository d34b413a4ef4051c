"""The two charts: small, the same each time, without anything of the input in them."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl

from tests.web.report.made import at, bad_morning, compromise
from tocsin.core.times import NS_PER_S
from tocsin.web.report.charts import SVG_BYTES_MAX, strip_svg, timeline_svg
from tocsin.web.report.model import Timeline

INCIDENT = compromise().incident
DAY_S = 86_400


def timeline(count: int, *, bucket_ns: int = NS_PER_S, usual: float | None = None) -> Timeline:
    counts = tuple((n * 7919) % 1000 for n in range(count))
    expected = None if usual is None else (usual,) * count
    return Timeline(bucket_ns, at("05:41:00"), counts, expected, at("05:41:34"))


def test_a_day_of_seconds_is_as_small_as_a_minute() -> None:
    long = timeline_svg(timeline(DAY_S, usual=500.0), incident=INCIDENT, salt="a")

    assert 1000 < len(long) < 15_000 < SVG_BYTES_MAX


def test_the_same_series_gives_the_same_drawing_whatever_the_settings_of_matplotlib() -> None:
    first = timeline_svg(timeline(60), incident=INCIDENT, salt="a")

    with mpl.rc_context({"axes.grid": True, "font.size": 30, "svg.fonttype": "path"}):
        second = timeline_svg(timeline(60), incident=INCIDENT, salt="a")

    assert first == second


def test_a_drawing_takes_its_colours_from_the_page_and_names_no_date_or_address() -> None:
    text = timeline_svg(timeline(60, usual=3.0), incident=INCIDENT, salt="a")

    assert "var(--bar)" in text
    assert "var(--usual)" in text
    assert "var(--accent)" in text
    assert "metadata" not in text
    assert "http" not in text
    assert "#0" not in text


def test_a_usual_series_is_drawn_only_where_one_is_known() -> None:
    known = timeline(60, usual=3.0)

    assert "var(--usual)" not in timeline_svg(timeline(60), incident=INCIDENT, salt="a")
    for unfit in ((1.0,), (float("nan"),) * 60):
        odd = replace(known, expected_counts=unfit)
        assert "var(--usual)" not in timeline_svg(odd, incident=INCIDENT, salt="a")


def test_no_series_and_no_time_give_no_chart() -> None:
    assert timeline_svg(timeline(0), incident=INCIDENT, salt="a") == ""
    assert timeline_svg(timeline(9, bucket_ns=0), incident=INCIDENT, salt="a") == ""
    assert timeline_svg(timeline(9, bucket_ns=2**62), incident=INCIDENT, salt="a") == ""
    assert strip_svg([], inputs=bad_morning().inputs, salt="a") == ""


def test_a_series_of_nothing_but_zeros_is_drawn() -> None:
    flat = replace(timeline(10), counts=(0,) * 10)

    assert timeline_svg(flat, incident=INCIDENT, salt="a").startswith("<svg")


def test_an_incident_of_a_single_instant_or_of_years_is_drawn() -> None:
    for bucket_ns in (1000, NS_PER_S, 400 * DAY_S * NS_PER_S):
        text = timeline_svg(timeline(20, bucket_ns=bucket_ns), incident=INCIDENT, salt="a")
        assert text.endswith("</svg>")


def test_ten_thousand_incidents_are_one_path_per_priority() -> None:
    incidents = [
        replace(INCIDENT, priority=f"P{1 + n % 5}", first_ns=n * DAY_S * 10**9 // 10, last_ns=n * 10**13)
        for n in range(10_000)
    ]  # fmt: skip

    text = strip_svg(incidents, inputs=(), salt="a")

    assert text.startswith("<svg")
    assert len(text) < SVG_BYTES_MAX
    assert text.count("var(--p3)") == 1
