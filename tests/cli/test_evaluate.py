"""``tocsin evaluate`` over small truth files of each form, and over those of the shared data."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tocsin.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

HOST, OTHER = "203.0.113.9", "198.51.100.7"
FAILED = f"Jan  2 03:04:05 web01 sshd[7]: Failed password for root from {HOST} port 40022 ssh2"
RULE = """title: A tool that nobody needs
id: 6f0b7d0a-6a3a-4c52-9b7e-0a4f7a7f3c11
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\\\never.exe'}
  condition: selection
level: high
"""

Run = Any  # (arguments) -> (exit code, lines, words)


@pytest.fixture
def evaluated(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
        code = main(["evaluate", *map(str, arguments)])
        told = capsys.readouterr()
        return code, [json.loads(line) for line in told.out.splitlines()], told.err

    return run


def written(path: Path, *rows: dict[str, Any]) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def log_line(name: str, **fields: Any) -> dict[str, Any]:
    given = {"id": name, "service": "sshd", "group": name, "feed": FAILED, "kind": "positive",
             "measure": True, "host": HOST, "outcome": "failure"}  # fmt: skip
    return {**given, **fields}


def test_log_lines_are_scored_and_failed_ones_printed(tmp_path: Path, evaluated: Run) -> None:
    truth = written(tmp_path / "any-name", log_line("a"), log_line("b", host=OTHER))

    code, (failed, last), _ = evaluated(truth)

    assert code == 0
    assert (failed["id"], failed["wrong"]) == ("b", [HOST])
    assert last["summary"]["positives"] == {"met": 1, "of": 2, "share": 0.5}


def test_all_prints_every_item(tmp_path: Path, evaluated: Run) -> None:
    truth = written(tmp_path / "t.jsonl.gz", log_line("a"))

    _, lines, _ = evaluated(truth, "--all")

    assert [line.get("met") for line in lines] == [True, None]


def test_outcomes_are_scored_at_their_line(tmp_path: Path, evaluated: Run) -> None:
    row = {"id": "a", "service": "sshd", "lines": ["", FAILED], "line_index": 1,
           "outcome": "failure", "source": HOST, "user": "root"}  # fmt: skip

    _, (last,), _ = evaluated(written(tmp_path / "t", row))

    assert last["summary"]["met"]["met"] == 1
    assert last["summary"]["user"]["met"] == 1


def test_files_are_analysed_alone_and_a_missing_one_is_told(tmp_path: Path, evaluated: Run) -> None:
    lines = [FAILED.replace("03:04:05", f"03:04:{second:02d}") for second in range(40)]
    (tmp_path / "guess.log").write_text("\n".join(lines) + "\n")
    row = {"file": "guess.log", "source": HOST, "kinds": ["brute_force"], "log_type": "syslog",
           "excluded": None}  # fmt: skip
    truth = written(tmp_path / "t", row, {**row, "file": "gone.log"})

    code, (failed, last), told = evaluated(truth, "--jobs", 2)

    assert code == 1
    assert "gone.log: at byte 0: No such file or directory" in told
    assert (failed["file"], failed["problem"]) == ("gone.log", "No such file or directory")
    assert last["summary"]["met"] == {"met": 1, "of": 2, "share": 0.5}


def test_requests_are_seen_whole_and_in_an_access_log(tmp_path: Path, evaluated: Run) -> None:
    attack = {"method": "GET", "uri": "/?q=%27%20UNION%20SELECT%20NULL%2CNULL--%20"}
    rows = [
        {"id": "a", "request": attack, "attack": True, "class": "sql_injection", "corpus": "c"},
        {"id": "b", "request": {"method": "GET", "uri": "/?q=tea"}, "attack": False,
         "class": None, "corpus": "c"},
    ]  # fmt: skip

    _, (last,), _ = evaluated(written(tmp_path / "t", *rows))

    for view in ("whole", "access_log"):
        seen = last["summary"]["per_corpus"]["c"][view]
        assert seen["per_class"]["sql_injection"]["class_right"]["met"] == 1
        assert seen["false_positives"] == {"wrong": 0, "of": 1, "share": 0.0}


def rule_case(tmp_path: Path) -> Path:
    event = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational",
             "Provider_Name": "Microsoft-Windows-Sysmon", "Image": "C:\\never.exe"}  # fmt: skip
    identity = "6f0b7d0a-6a3a-4c52-9b7e-0a4f7a7f3c11"
    return written(tmp_path / "t", {"rule_id": identity, "title": "x", "events": [event]})


def test_rules_fire_on_their_events(tmp_path: Path, evaluated: Run) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "never.yml").write_text(RULE)

    code, (last,), _ = evaluated(rule_case(tmp_path), "--rules", tmp_path / "rules")

    assert code == 0
    assert last["summary"]["rules"] == {"met": 1, "of": 1, "share": 1.0}


def test_rules_must_be_given(tmp_path: Path, evaluated: Run) -> None:
    code, lines, told = evaluated(rule_case(tmp_path))

    assert (code, lines) == (2, [])
    assert "--rules DIR or ARCHIVE" in told


def test_recordings_are_read_beside_their_index(tmp_path: Path, evaluated: Run) -> None:
    index = written(tmp_path / "t", {"file": "a.evtx", "tactic": "Execution", "events": 1})
    written(tmp_path / "events.jsonl", {"file": "a.evtx", "event": {"EventID": 1}})

    _, lines, _ = evaluated(index)

    assert lines[-1]["summary"]["files"]["of"] == 1


def test_several_tables_of_templates_have_a_mean(tmp_path: Path, evaluated: Run) -> None:
    table = tmp_path / "t.csv"
    table.write_text("LineId,Content,EventId\n1,start of job 1,E1\n2,start of job 2,E1\n")

    _, lines, _ = evaluated(table, table)

    assert lines[-1]["summary"] == {"files": 2, "grouping_accuracy_mean": 1.0}


def test_a_wrong_row_is_a_usage_error_with_path_and_line(tmp_path: Path, evaluated: Run) -> None:
    truth = written(tmp_path / "t", log_line("a"), log_line("b", kind="maybe"))

    code, lines, told = evaluated(truth)

    assert (code, lines) == (2, [])
    assert told.strip().endswith("t:2: \"kind\" must be one of positive, negative, got 'maybe'")


def test_a_truth_that_is_not_there_is_told(tmp_path: Path, evaluated: Run) -> None:
    code, _, told = evaluated(tmp_path / "gone")

    assert code == 1
    assert "gone: at byte 0: No such file or directory" in told


def test_mixing_is_for_captures(tmp_path: Path, evaluated: Run) -> None:
    code, _, told = evaluated(written(tmp_path / "t", log_line("a")), "--mixed")

    assert code == 2
    assert "--mixed is for captures" in told


@pytest.fixture(scope="module")
def logs(shared_data: Path) -> Path:
    return shared_data / "logs"


def test_published_failures_are_read_and_nobody_else_is_named(logs: Path, evaluated: Run) -> None:
    summary = evaluated(logs / "fail2ban/lines.jsonl")[1][-1]["summary"]

    assert (summary["positives"]["of"], summary["negatives"]["of"]) == (388, 101)
    assert summary["positives"]["met"] >= 385
    assert [figure["wrong"] for figure in summary["wrong_addresses"].values()] == [0, 0, 0]


def test_published_outcomes_are_right(logs: Path, evaluated: Run) -> None:
    summary = evaluated(logs / "wazuh-ossec/events.jsonl")[1][-1]["summary"]

    assert [summary[name]["of"] for name in ("met", "source", "user")] == [86, 73, 35]
    assert summary["met"]["met"] >= 85
    assert summary["made_up_addresses"]["wrong"] == 0


def test_published_scenarios_are_incidents(logs: Path, evaluated: Run) -> None:
    summary = evaluated(logs / "crowdsec-hub/incidents.jsonl", "--jobs", 2)[1][-1]["summary"]

    assert (summary["met"]["of"], summary["without_source"]["of"]) == (175, 5)
    assert summary["met"]["met"] >= 139


def test_web_attacks_are_told_from_calm_requests(logs: Path, evaluated: Run) -> None:
    corpora = evaluated(logs / "web/requests.jsonl.gz")[1][-1]["summary"]["per_corpus"]

    assert corpora["crs"]["whole"]["detected"]["of"] == 1747
    assert corpora["crs"]["access_log"]["detected"]["of"] == 705
    for view in ("whole", "access_log"):
        seen = corpora["httpparams"][view]
        assert (seen["detected"]["of"], seen["false_positives"]["of"]) == (5881, 9653)
        assert seen["false_positives"]["share"] <= 0.002
        assert all(one["detected"]["share"] >= 0.95 for one in seen["per_class"].values())


def test_published_rules_fire_on_their_events(logs: Path, evaluated: Run) -> None:
    rules = logs.parent / "sigma/rules.tar.gz"

    summary = evaluated(logs / "sigma-regression/cases.jsonl.gz", "--rules", rules)[1][-1][
        "summary"
    ]

    assert summary["rules"] == {"met": 101, "of": 101, "share": 1.0}


def test_published_templates_are_mined(logs: Path, evaluated: Run) -> None:
    tables = sorted((logs / "loghub-2k").glob("*_structured*.csv"))

    assert evaluated(*tables)[1][-1]["summary"]["grouping_accuracy_mean"] >= 0.95


@pytest.mark.parametrize(
    "name", ["wazuh/wazuh.jsonl", "ossec/ossec.jsonl", "ossec/logtesting.jsonl"]
)
def test_outcomes_are_scored_as_they_are_published(logs: Path, evaluated: Run, name: str) -> None:
    summary = evaluated(logs / name)[1][-1]["summary"]

    assert summary["truth"] == "event outcomes"
    assert summary["made_up_addresses"]["wrong"] == 0
