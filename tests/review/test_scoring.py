"""Scoring: recall, false incidents and delays, with their denominators."""

from __future__ import annotations

from tests.fixtures import ATTACKER, confirmed, detection
from tocsin.core.incident import Incident
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Identity
from tocsin.review.scoring import Scored, summary
from tocsin.review.truth import FileTruth

SCAN = FileTruth("scan.pcap", "attack", ("port_scan_vertical",), (ATTACKER,), (), attack_start=8.5)
CALM = FileTruth("calm.pcap", "benign", active_s=7200.0)


def scan_incident(attacker: str = ATTACKER) -> Incident:
    book = Casebook(identity=Identity())
    book.file(confirmed(detection(attackers=(attacker,))), site="lab")
    ((case, _),) = book.take_changed()
    return case.snapshot(identity=book.identity, pages={})


def test_an_attack_with_the_right_kind_and_party_is_found() -> None:
    scored = Scored(SCAN, (scan_incident(),))

    assert len(scored.right) == 1
    assert scored.delay_s() == 1.5


def test_the_right_kind_with_other_parties_is_wrong() -> None:
    scored = Scored(SCAN, (scan_incident("203.0.113.200"),))

    assert (len(scored.right), len(scored.wrong)) == (0, 1)


def test_what_a_file_holds_also_is_never_wrong() -> None:
    also = FileTruth("scan.pcap", "attack", ("port_scan_vertical",), ("203.0.113.200",))
    truth = FileTruth("scan.pcap", "attack", ("c2",), (ATTACKER,), also=(also,))

    assert Scored(truth, (scan_incident("203.0.113.200"),)).wrong == ()


def test_the_summary_counts_false_incidents_per_benign_hour() -> None:
    found = summary([Scored(SCAN, (scan_incident(),)), Scored(CALM, (scan_incident(),))])

    assert found["attacks"] == {"found": 1, "of": 1}
    assert found["incidents_per_attack"] == 1.0
    assert found["benign"]["false_medium_and_above"] == 1
    assert found["benign"]["false_medium_and_above_per_hour"] == 0.5


def test_undecidable_files_are_beside_the_denominator() -> None:
    hidden = FileTruth("x.pcap", "attack", ("c2",), (ATTACKER,), is_decidable=False)

    found = summary([Scored(hidden, ())])

    assert found["attacks"] == {"found": 0, "of": 0}
    assert found["undecidable"] == [{"file": "x.pcap", "found": False}]
