"""Rule files: what is shipped loads whole; what is wrong is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tocsin.core.errors import ConfigError
from tocsin.core.parameters import Parameters
from tocsin.core.vocabulary import KINDS
from tocsin.detect.registry import detector_classes
from tocsin.settings.resources import shipped
from tocsin.settings.rules import DetectorRule, load_rules
from tocsin.testing.rule_scenes import SCENES

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = load_rules([shipped("rules")])
RULE = """\
title: Port scan
id: {id}
description: Tries many ports.
detector: port_scan
kind: port_scan
cold_start: all of it
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def refused(folder: Path, more: str) -> str:
    write(folder, "x.yml", RULE.format(id="one") + more)
    (problem,) = load_rules([folder]).problems
    return str(problem).removeprefix(f"{folder}/")


def test_every_shipped_rule_loads() -> None:
    assert SHIPPED.problems == ()
    assert {rule.detector for rule in SHIPPED.rules} == {
        "account_compromise", "amplification", "arp_spoof", "beacon", "dga", "dns_tunnel",
        "exfiltration", "unusual_data_access", "worm",
        "api_abuse", "distributed_guessing", "http_error_burst", "log_silence", "log_tampering",
        "password_spraying", "persistence", "privilege_abuse", "unusual_login",
        "event_rules", "firewall_scan", "host_fault", "new_template", "post_exploitation", "service_probing",
        "template_counts",
        "guessing_noise", "host_discovery", "http_flood", "icmp_flood", "icmp_tunnel", "ipv6_dos",
        "kerberos_guessing", "lateral_movement", "login_guessing", "new_device", "new_service", "port_scan",
        "port_scan_slow",
        "remote_control", "rogue_dhcp", "slow_http", "smb_exploit", "ssh_guessing",
        "ssh_guessing_flows", "syn_flood", "tcp_flood", "tcp_reflection", "traffic_level_shift",
        "traffic_spike", "udp_flood", "unusual_traffic", "web_attack", "web_guessing", "web_scan",
    }  # fmt: skip


def test_the_shipped_thresholds_are_the_defaults() -> None:
    assert SHIPPED.parameters() == Parameters()


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda rule: rule.detector)
def test_a_shipped_rule_tells_a_person_what_to_do(rule: DetectorRule) -> None:
    assert UUID(rule.id).version == 4
    assert rule.kind in KINDS
    assert rule.detector in detector_classes()
    assert 4 <= len(rule.runbook) <= 8
    assert rule.falsepositives != ()
    assert {*rule.positive, *rule.negative} <= SCENES.keys()
    assert rule.negative != ()


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    said = refused(tmp_path, "parameters:\n  ports_mni: 9\n")

    assert said == 'x.yml:8: unknown key "ports_mni"; did you mean "ports_min"?'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("levle: low\n", 'x.yml:7: unknown key "levle"; did you mean "level"?'),
        (
            "level: loud\n",
            'x.yml:7: "level" must be one of info, low, medium, high, critical, got "loud"',
        ),
        ("runbook: call me\n", 'x.yml:7: "runbook" must be a list of texts'),
        ("confirm: 3\n", 'x.yml:7: "confirm" must hold keys and values'),
        ("confirm:\n  k: 0\n", 'x.yml:8: "k" must be from 1 to 1000, got 0'),
        ("confirm:\n  k: 3\n  n: 2\n", 'x.yml:9: "n" must be from 3 to 1000, got 2'),
        ("confirm:\n  confidence: 1.5\n", 'x.yml:8: "confidence" must be from 0 to 1, got 1.5'),
        ("parameters:\n  ports_min: many\n", "x.yml:8: \"ports_min\" must be a number, got 'many'"),
        ("tests:\n  positiv: []\n", 'x.yml:8: unknown key "positiv"; did you mean "positive"?'),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, more: str, said: str) -> None:
    assert refused(tmp_path, more) == said


@pytest.mark.parametrize("text", ["", "- a\n", "title: [x\n"])
def test_what_is_no_rule_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, "x.yml", text)

    loaded = load_rules([tmp_path])

    assert loaded.rules == ()
    assert str(loaded.problems[0]).startswith(f"{tmp_path}/x.yml:")


def test_a_missing_key_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "x.yml", "title: Port scan\nid: one\n")

    (problem,) = load_rules([tmp_path]).problems

    assert str(problem) == f'{tmp_path}/x.yml:1: "detector" is missing'


def test_a_wrong_rule_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", "title: [x\n")
    write(tmp_path, "b.yml", RULE.format(id="two"))

    loaded = load_rules([tmp_path])

    assert [rule.id for rule in loaded.rules] == ["two"]
    assert len(loaded.problems) == 1


def test_an_id_is_used_once(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", RULE.format(id="one"))
    write(tmp_path, "b.yml", RULE.format(id="one"))

    (problem,) = load_rules([tmp_path]).problems

    assert str(problem) == f"{tmp_path}/b.yml:1: id one is also that of {tmp_path}/a.yml"


def test_a_rule_overlays_the_thresholds_of_its_detector(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", RULE.format(id="one") + "parameters: {ports_min: 9}\n")

    found = load_rules([tmp_path]).parameters()

    assert (found.scan.ports_min, found.scan.hosts_min) == (9, 6)
    assert found.flood == Parameters().flood


def test_two_rules_that_disagree_about_a_threshold_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", RULE.format(id="one") + "parameters: {ports_min: 9}\n")
    write(tmp_path, "b.yml", RULE.format(id="two") + "parameters: {ports_min: 7}\n")

    with pytest.raises(ConfigError, match=r"b\.yml:1: ports_min is 9 in another rule, got 7"):
        load_rules([tmp_path]).parameters()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("tags: &x [*x]\n", "x.yml:7: is nested too deeply"),
        ("confirm: &x {k: *x}\n", "x.yml:7: is nested too deeply"),
        ("? [a, b]\n: 1\n", "x.yml:7: a key must be text"),
        ("title: again\n", 'x.yml:7: "title" is given twice'),
        ("confirm:\n  k: 1\n  k: 2\n", 'x.yml:9: "k" is given twice'),
        ("status: 2026-13-45\n", "x.yml:7: month must be in 1..12"),
        ("status: !!python/name:os.system x\n", "x.yml:7: could not determine a constructor"),
    ],
)
def test_a_hostile_document_is_a_problem_and_no_crash(tmp_path: Path, more: str, said: str) -> None:
    assert refused(tmp_path, more).startswith(said)
