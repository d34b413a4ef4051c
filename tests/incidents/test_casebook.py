"""Casebook: one attack is one incident."""

from __future__ import annotations

from typing import Any

from tests.fixtures import ATTACKER, VICTIM, confirmed, detection
from tocsin.core.detection import Counts, Detection, Finding
from tocsin.core.incident import Incident
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Asset, Identity

HOUR_S = 3600.0


def filed(*detections: Detection | Finding, assets: tuple[Asset, ...] = ()) -> list[Incident]:
    book = Casebook(identity=Identity(assets=assets))
    for one in detections:
        book.file(one if isinstance(one, Finding) else confirmed(one), site="lab")
    return [case.snapshot(identity=book.identity, pages={}) for case, _ in book.take_changed()]


def guess(attacker: str, *, episode: str, observed: float = 10, **more: Any) -> Detection:
    return detection(
        kind="brute_force",
        attackers=(attacker,),
        entity=attacker,
        victims=(),
        host="web01",
        service="ssh",
        episode=episode,
        observed=observed,
        medium="log",
        source="auth.log",
        **more,
    )


def test_later_reports_of_an_episode_replace_earlier_ones() -> None:
    (incident,) = filed(
        detection(observed=10, last_s=10), detection(observed=400, at_s=30, last_s=30)
    )

    assert incident.counts == Counts(packets=400)
    assert (incident.first_ns, incident.last_ns) == (10_000_000_000, 30_000_000_000)
    assert incident.detected_ns == 10_000_000_000


def test_scans_of_several_hosts_by_one_source_are_one_incident() -> None:
    (incident,) = filed(
        detection(episode="a", victims=("198.51.100.1",), facts={"scan": "vertical"}),
        detection(episode="b", victims=("198.51.100.2",), facts={"scan": "vertical"}),
    )

    assert incident.victims == ("198.51.100.1", "198.51.100.2")
    assert incident.counts == Counts(packets=20)


def test_two_sources_that_scan_are_two_incidents() -> None:
    found = filed(detection(episode="a"), detection(episode="b", attackers=("203.0.113.10",)))

    assert len(found) == 2


def test_silence_longer_than_four_hours_begins_another_incident() -> None:
    found = filed(detection(episode="a", at_s=0), detection(episode="b", at_s=4 * HOUR_S + 1))

    assert len(found) == 2
    assert len({incident.id for incident in found}) == 2


def test_a_scan_and_guessing_at_the_same_victim_are_stages_of_one_incident() -> None:
    (incident,) = filed(
        detection(episode="a"),
        detection(episode="b", kind="brute_force", service="ssh", at_s=60),
    )

    assert incident.kind == "brute_force"
    assert [stage.kind for stage in incident.kinds] == ["port_scan", "brute_force"]


def test_log_and_packets_of_one_connection_fold_by_its_port() -> None:
    packets = detection(
        episode="p", kind="brute_force", service="ssh", ports=(40001, 40002), observed=40
    )
    log = guess(ATTACKER, episode="l", ports=(40002,), at_s=11, observed=40)

    (incident,) = filed(packets, log)

    assert incident.victims == (VICTIM,)
    assert [path for path, _ in incident.sources] == ["auth.log", "capture.pcap"]
    assert incident.confidence > 0.98


def test_log_first_then_packets_fold_too() -> None:
    log = guess(ATTACKER, episode="l", ports=(40002,))
    packets = detection(
        episode="p", kind="brute_force", service="ssh", ports=(40001, 40002), at_s=11
    )

    (incident,) = filed(log, packets)

    assert incident.victims == (VICTIM,)


def test_forty_weak_guessers_in_a_day_are_one_low_incident() -> None:
    found = filed(*(guess(f"203.0.113.{n}", episode=str(n), at_s=n * 1000.0) for n in range(1, 41)))

    (incident,) = found
    assert incident.severity == "low"
    assert incident.attackers_total == 40
    assert "background noise" in incident.why["severity"]


def test_a_source_that_persists_among_them_gets_its_own_incident() -> None:
    weak = [guess(f"203.0.113.{n}", episode=str(n), at_s=n * 10.0) for n in range(1, 6)]
    strong = guess("203.0.113.77", episode="s", at_s=70, observed=412)

    found = filed(*weak, strong)

    assert [(i.severity, len(i.attackers)) for i in found] == [("low", 5), ("medium", 1)]


def test_a_lone_guesser_who_persists_keeps_the_incident_it_opened() -> None:
    found = filed(
        guess(ATTACKER, episode="s", at_s=10, observed=10),
        guess(ATTACKER, episode="s", at_s=60, observed=412),
    )

    (incident,) = found
    assert incident.severity == "medium"


def test_many_persistent_sources_share_one_distributed_incident() -> None:
    found = filed(
        *(guess(f"203.0.113.{n}", episode=str(n), at_s=n, observed=99) for n in range(1, 21))
    )

    assert sorted(len(i.attackers) for i in found) == [1, 1, 1, 17]


def test_success_after_guessing_is_a_stage_of_the_guessing() -> None:
    success = detection(
        kind="account_compromise",
        victims=(),
        host="web01",
        service="ssh",
        episode="x",
        users=("root",),
        at_s=20,
    )

    (incident,) = filed(guess(ATTACKER, episode="s"), success)

    assert incident.kind == "account_compromise"
    assert incident.severity == "critical"
    assert incident.priority == "P2"


def test_customer_data_gives_p1_whatever_the_matrix_says() -> None:
    shop = Asset("shop", addresses=(VICTIM,), criticality="low", data="customer")

    (incident,) = filed(detection(), assets=(shop,))

    assert incident.priority == "P1"
    assert incident.why["priority"] == "shop holds customer data: P1 whatever the matrix"


def test_a_flood_of_a_core_service_is_critical() -> None:
    gate = Asset("gate", addresses=("198.51.100.0/24",), criticality="high", is_core=True)

    (incident,) = filed(
        detection(kind="syn_flood", attackers=("*spoofed",), entity=VICTIM), assets=(gate,)
    )

    assert (incident.severity, incident.priority) == ("critical", "P1")


def test_a_spike_during_a_flood_joins_it() -> None:
    (incident,) = filed(
        detection(kind="syn_flood", attackers=("*spoofed",), entity=VICTIM, episode="f"),
        detection(kind="traffic_spike", attackers=(), entity=VICTIM, episode="s", at_s=11),
    )

    assert incident.kind == "syn_flood"
    assert incident.attackers == ("*spoofed",)


def test_a_suppressed_finding_is_counted_under_its_rule() -> None:
    book = Casebook(identity=Identity())

    book.file(Finding(detection(), "suppressed", 0.0, (), "scanner"), site="lab")

    assert book.accounts.by_rule == {"scanner": 1}
    assert list(book.take_changed()) == []


def test_floods_of_neighbours_at_one_time_are_one_carpet() -> None:
    floods = [
        detection(
            kind="udp_flood", attackers=("*spoofed",), victims=(f"198.51.100.{n}",), episode=f"e{n}"
        )
        for n in range(1, 6)
    ]

    (incident,) = filed(*floods)

    assert incident.victims == tuple(f"198.51.100.{n}" for n in range(1, 6))


def test_floods_of_neighbours_an_hour_apart_or_of_two_kinds_are_two() -> None:
    first = detection(kind="udp_flood", attackers=("*spoofed",), victims=("198.51.100.1",))
    other = detection(kind="icmp_flood", attackers=("*spoofed",), victims=("198.51.100.2",),
                      episode="f")  # fmt: skip
    later = detection(kind="udp_flood", attackers=("*spoofed",), victims=("198.51.100.3",),
                      episode="g", at_s=3600.0)  # fmt: skip

    assert len(filed(first, other)) == 2
    assert len(filed(first, later)) == 2


def test_what_a_flooded_host_sends_back_is_no_second_incident() -> None:
    flood = detection(kind="ipv6_dos", attackers=(ATTACKER,), entity=VICTIM)
    back = detection(kind="icmp_flood", attackers=(VICTIM,), entity=ATTACKER, victims=(ATTACKER,),
                     episode="b")  # fmt: skip

    (incident,) = filed(flood, back)

    assert incident.kind == "ipv6_dos"


def test_requests_that_look_like_data_carried_out_belong_to_the_web_attack() -> None:
    (incident,) = filed(
        detection(kind="web_attack", attackers=(ATTACKER,), victims=(VICTIM,), episode="a"),
        detection(
            kind="unusual_data_access", attackers=(VICTIM,), victims=(ATTACKER,), episode="b"
        ),
    )

    assert (incident.kind, incident.attackers, incident.victims) == (
        "web_attack", (ATTACKER,), (VICTIM,),
    )  # fmt: skip


ROUTER, NET = "198.51.100.1", "198.51.100.0/24"


def asks(*, hosts: int, at_s: float = 10.0) -> Detection:
    return detection(
        kind="host_discovery", attackers=(ROUTER, "02:00:00:00:00:01"), entity=ROUTER,
        victims=(NET,), episode="arp", at_s=at_s, facts={"proto": "arp", "targets": hosts},
    )  # fmt: skip


def scans(*, hosts: int, at_s: float = 11.0) -> Detection:
    return detection(
        kind="port_scan", attackers=(ATTACKER,), victims=("198.51.100.7", "198.51.100.8"),
        episode="scan", at_s=at_s, facts={"scan": "horizontal", "targets": hosts},
    )  # fmt: skip


def test_what_a_router_asks_for_a_scan_belongs_to_the_scan_whatever_is_seen_first() -> None:
    for order in ([asks(hosts=16), scans(hosts=12)], [scans(hosts=12), asks(hosts=16)]):
        (incident,) = filed(*order, asks(hosts=250, at_s=14), scans(hosts=250, at_s=14))

        assert (incident.kind, incident.attackers) == ("port_scan", (ATTACKER,))
        assert incident.victims == ("198.51.100.7", "198.51.100.8")


def test_who_searches_a_network_is_not_hidden_by_a_small_scan_of_it() -> None:
    found = filed(scans(hosts=12), asks(hosts=254))

    assert [one.attackers[0] for one in found] == [ATTACKER, ROUTER]


def small_scan(attacker: str, *, targets: int = 9, last_s: float = 900.0, **more: Any) -> Detection:
    facts = {"scan": "vertical", "targets": targets, "outside": 1}
    return detection(
        kind="port_scan", attackers=(attacker,), entity=attacker, victims=("198.51.100.7",),
        facts=facts, last_s=last_s, observed=float(targets), episode=attacker, **more,
    )  # fmt: skip


def test_small_slow_scans_from_outside_are_one_low_incident_a_day() -> None:
    (incident,) = filed(*[small_scan(f"203.0.113.{n}") for n in range(1, 40)])

    assert (incident.severity, len(incident.attackers)) == ("low", 39)
    assert incident.title == (
        "Vertical port scan by 39 sources against 198.51.100.7: 39 small scans, background"
    )


def test_a_scan_from_outside_in_a_hurry_or_of_many_ports_stands_for_itself() -> None:
    noise = [small_scan(f"203.0.113.{n}") for n in range(1, 4)]
    fast = small_scan("203.0.113.66", last_s=20.0)
    wide = small_scan("203.0.113.67", targets=600)

    found = filed(*noise, fast, wide)

    assert [(one.severity, one.attackers_total) for one in found] == [
        ("low", 3), ("medium", 1), ("medium", 1),
    ]  # fmt: skip


def test_a_small_scan_that_grows_keeps_its_incident() -> None:
    (incident,) = filed(small_scan("203.0.113.9"), small_scan("203.0.113.9", targets=400))

    assert (incident.severity, incident.title) == (
        "medium", "Vertical port scan by 203.0.113.9 against 198.51.100.7: 400 of something",
    )  # fmt: skip


def probe(attacker: str, *, events: int) -> Detection:
    return detection(
        kind="host_discovery", attackers=(attacker,), entity=attacker, victims=(), host="web01",
        facts={"probe": "sshd", "events": events}, observed=float(events), episode=attacker,
        counts=Counts(events=events), medium="log", service="sshd",
    )  # fmt: skip


def test_a_few_odd_events_of_many_sources_are_one_low_incident_a_day() -> None:
    found = filed(
        *[probe(f"203.0.113.{n}", events=6) for n in range(1, 31)],
        probe("203.0.113.99", events=400),
    )

    assert [(one.severity, one.attackers_total) for one in found] == [("low", 30), ("low", 1)]
