"""Log-ins that the account's own past does not know."""

from __future__ import annotations

from tests.detect.messages import attacked, judged
from tocsin.core.log_messages import LogEvent
from tocsin.core.parameters import Parameters
from tocsin.core.places import Place
from tocsin.core.times import DAY_NS, HOUR_NS
from tocsin.detect.base import Policy
from tocsin.detect.unusual_login import UnusualLogin
from tocsin.testing.log_messages import told
from tocsin.testing.scenes import START_NS

OFFICE, HOME, FAR = "192.0.2.10", "198.51.100.20", "203.0.113.77"
PLACES = {
    OFFICE: Place("DE", 52.5, 13.4),
    HOME: Place("DE", 52.4, 13.1),
    FAR: Place("BR", -23, -46),
}


def login(day: int, hour: int, source: str, user: str = "ana", minute: int = 0) -> LogEvent:
    at_ns = START_NS + day * DAY_NS + hour * HOUR_NS + minute * 60_000_000_000
    return told(
        at_ns, source, "ssh_publickey", category="authentication", outcome="success",
        facts={"user.name": user},
    )  # fmt: skip


def cron(days: int) -> list[LogEvent]:
    return [told(START_NS + n * HOUR_NS, "", "cron_command", category="process", outcome="unknown")
            for n in range(24 * days)]  # fmt: skip


def weeks(days: int = 10, sources: tuple[str, ...] = (OFFICE, HOME)) -> list[LogEvent]:
    rows = cron(days) + [
        login(day, hour, sources[(day + hour) % len(sources)])
        for day in range(days) for hour in (8, 11, 14, 17)
    ]  # fmt: skip
    return sorted(rows, key=lambda one: one.at_ns)


def found_with(rows: list[LogEvent]) -> list[tuple[float, str]]:
    detector = UnusualLogin(Policy("rule", Parameters()), places=PLACES.get)
    return [(d.observed, ",".join(d.contributions)) for d in detector.judge(rows, source="a")]


def test_two_places_every_day_are_nothing() -> None:
    assert judged(UnusualLogin, weeks()) == []


def test_a_network_that_nobody_came_from_is_told_with_what_is_usual() -> None:
    (found,) = judged(UnusualLogin, [*weeks(), login(10, 12, FAR)])

    assert found.reason == (
        "'ana' was let in at web01 (ssh publickey) from 203.0.113.77: nobody came from "
        "203.0.113.0/24 before; 40 log-ins on 10 days are known; 2 points, and 2 is the bound"
    )
    assert (found.attackers, found.victims, found.users) == ((FAR,), ("web01",), ("ana",))
    assert found.facts["level"] == "low"


def test_without_days_of_history_a_new_network_is_nothing() -> None:
    assert judged(UnusualLogin, [*weeks(days=2), login(2, 12, FAR)]) == []


def test_a_colleagues_network_alone_is_nothing() -> None:
    rows = [*weeks(), login(10, 9, FAR, user="bob"), login(10, 12, FAR)]

    assert judged(UnusualLogin, rows) == []


def test_another_country_weighs_more() -> None:
    assert found_with([*weeks(), login(12, 12, FAR)]) == [(4.0, "network,country")]


def test_two_places_too_far_apart_need_no_history() -> None:
    rows = [login(0, 8, OFFICE), login(0, 8, FAR, minute=30)]

    assert found_with(rows) == [(3.0, "travel")]
    assert judged(UnusualLogin, rows) == []  # nobody says where the addresses are


def test_an_hour_far_from_the_usual_ones_is_told() -> None:
    (found,) = judged(UnusualLogin, [*weeks(), login(10, 2, OFFICE)])

    assert found.contributions == {"hour": 2.0}
    assert judged(UnusualLogin, [*weeks(), login(10, 20, OFFICE)]) == []


def test_an_account_that_comes_back_after_months_is_told() -> None:
    rows = [*weeks(), *[one for one in cron(60) if one.at_ns > START_NS + 10 * DAY_NS]]
    (found,) = judged(UnusualLogin, [*rows, login(60, 12, OFFICE)])

    assert found.contributions == {"dormant": 2.0}


def test_the_first_log_in_of_a_programs_account_or_of_root_is_told() -> None:
    for user, points in (("www-data", 3.0), ("root", 2.0)):
        (found,) = judged(UnusualLogin, [*weeks(), login(10, 12, OFFICE, user=user)])
        assert found.contributions == {"first_login": points}
    assert judged(UnusualLogin, [*weeks(), login(10, 12, OFFICE, user="carla")]) == []


def test_an_account_of_ever_new_networks_gets_no_point_for_another() -> None:
    nets = tuple(f"198.18.{n}.9" for n in range(16))
    rows = sorted([*cron(6), *(login(n // 4, 8 + n % 4 * 3, nets[n % 16]) for n in range(24))],
                  key=lambda one: one.at_ns)  # fmt: skip

    assert judged(UnusualLogin, [*rows, login(6, 12, FAR)]) == []


def test_a_network_that_stood_out_is_usual_after_three_days() -> None:
    rows = [*weeks(), *(login(10 + n, 12, FAR) for n in range(6))]

    assert len(judged(UnusualLogin, rows)) == 3


def test_conformance_attack_raises_once() -> None:
    assert len(attacked(UnusualLogin)) == 1
