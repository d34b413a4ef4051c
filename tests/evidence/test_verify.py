"""Evidence that was touched is found, whatever was done to it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.evidence.made import (
    ATTACKER,
    capture,
    chosen,
    incident,
    log_source,
    opened,
    packet_source,
    syn,
)
from tocsin.core.detection import Selector
from tocsin.core.errors import IntegrityError, UsageError
from tocsin.core.times import NS_PER_S
from tocsin.evidence.chain import parse_head
from tocsin.evidence.export import export
from tocsin.evidence.vault import Vault
from tocsin.evidence.verify import Report, verify
from tocsin.store.incidents import put_incidents
from tocsin.store.state import StateFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tocsin.core.incident import Incident
    from tocsin.evidence.selection import Selected

FIRST, SECOND = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
LINE = b"1970-01-01T00:00:11Z host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"


def selections() -> list[Selected]:
    packets = capture([(t, syn(ATTACKER, "198.51.100.5")) for t in (10, 11, 12)])
    span = (10 * NS_PER_S, 12 * NS_PER_S)
    return [
        chosen(
            packet_source(packets, records=3, span_s=(10, 12)),
            Selector("capture.pcap", "packets", *span, near=(ATTACKER,)),
        ),
        chosen(log_source(LINE), Selector("auth.log", "log", *span, near=(ATTACKER,))),
    ]


def run(state_root: Path, *incidents: Incident, is_killed: bool = False) -> list[bool]:
    """Do what a driver does; return whether each manifest was new."""
    state, database = opened(state_root)
    try:
        vault = Vault(state, database)
        vault.clean()
        manifests = [
            vault.preserve(one, selections=selections(), versions={"tocsin": "0.1.0"})
            for one in incidents
        ]
        if is_killed:
            return []
        with database.begin() as connection:
            for one, manifest in zip(incidents, manifests, strict=True):
                vault.seal(connection, manifest=manifest, recorded_ns=1_764_000_000 * NS_PER_S)
                put_incidents(connection, [one.with_evidence(manifest.path, manifest.sha256)])
        vault.publish()
        return [manifest.is_new for manifest in manifests]
    finally:
        database.close()


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    run(tmp_path / "state", incident(FIRST), incident(SECOND))
    found, database = opened(tmp_path / "state")
    database.close()
    return found


def check(state: StateFolder, place: str | None = None, head: str | None = None) -> Report:
    return verify(
        place or str(state.root), state=state, head=None if head is None else parse_head(head)
    )


def test_untouched_evidence_holds_and_plain_sha256sum_agrees(state: StateFolder) -> None:
    report = check(state)

    assert (report.problems, report.notes, report.folders, report.records) == ((), (), 2, 2)
    subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=state.evidence / FIRST, check=True, capture_output=True,
    )  # fmt: skip
    assert sorted(path.name for path in (state.evidence / FIRST).iterdir()) == [
        "SHA256SUMS", "capture-1.pcap", "detections.json", "incident.json",
        "lines-1.jsonl", "lines-1.log", "manifest.json", "rules.json",
    ]  # fmt: skip
    assert (state.evidence / FIRST / "lines-1.log").read_bytes() == LINE


def test_running_again_adds_nothing_and_growth_adds_a_version(state: StateFolder) -> None:
    assert run(state.root, incident(FIRST), incident(SECOND)) == [False, False]
    assert check(state).records == 2

    assert run(state.root, incident(FIRST, records=9)) == [True]

    assert (state.evidence / FIRST).is_dir()
    assert (state.evidence / f"{FIRST}.v2").is_dir()
    assert check(state, FIRST).problems == ()
    assert (check(state, FIRST).folders, check(state).records) == (2, 3)


def test_a_killed_run_leaves_a_note_and_the_next_one_cleans_it(state: StateFolder) -> None:
    run(state.root, incident("cccccccccccc"), is_killed=True)
    (state.evidence / ".staging-dddddddddddd").mkdir()

    report = check(state)

    assert report.problems == ()
    assert report.notes == (
        ".staging-dddddddddddd: not in the chain; left by a run that was killed",
        "cccccccccccc: not in the chain; left by a run that was killed",
    )
    assert run(state.root, incident("cccccccccccc")) == [True]
    assert check(state).notes == ()


def test_a_store_that_lost_its_tail_does_not_make_a_run_destroy_sealed_folders(
    state: StateFolder,
) -> None:
    connection = sqlite3.connect(state.database)
    connection.execute("DELETE FROM chain WHERE seq = 2")
    connection.commit()
    connection.close()

    run(state.root)

    assert (state.evidence / SECOND / "manifest.json").is_file()
    assert f"incident {SECOND}: its evidence is missing from the chain" in check(state).problems


def test_a_copy_cut_in_its_last_line_is_completed_by_the_next_run(state: StateFolder) -> None:
    copy = state.evidence / "chain.jsonl"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-40])

    assert check(state).notes == ("chain.jsonl: 1 records behind the store",)
    run(state.root)
    assert copy.read_bytes() == whole


def _flip(folder: Path) -> None:
    path = folder / "capture-1.pcap"
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)


def _reorder(folder: Path) -> None:
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    content["items"].reverse()
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _reorder_sums(folder: Path) -> None:
    path = folder / "SHA256SUMS"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_flip, f"{FIRST}/capture-1.pcap: altered"),
        (lambda f: (f / "rules.json").unlink(), f"{FIRST}/rules.json: removed"),
        (lambda f: (f / "more.txt").write_text("x"), f"{FIRST}/'more.txt': added"),
        (
            lambda f: (f / "lines-1.log").rename(f / "lines-2.log"),
            f"{FIRST}/lines-1.log: renamed to 'lines-2.log'",
        ),
        (_reorder, f"{FIRST}/manifest.json: items reordered"),
        (_reorder_sums, f"{FIRST}/SHA256SUMS: altered or reordered"),
        (lambda f: (f / "manifest.json").unlink(), f"{FIRST}/manifest.json: removed"),
        (lambda f: f.rename(f.parent / "gone"), f"{FIRST}: removed"),
        (lambda f: (f.parent / "new file").write_text("x"), "new file: added"),
    ],
)
def test_each_way_of_touching_the_folder_is_found(
    state: StateFolder, tamper: Callable[[Path], object], said: str
) -> None:
    tamper(state.evidence / FIRST)

    problems = check(state).problems

    assert any(problem.startswith(said) for problem in problems), problems


def test_an_item_that_became_a_link_to_the_same_bytes_is_found(state: StateFolder) -> None:
    path = state.evidence / FIRST / "rules.json"
    path.rename(state.root / "elsewhere.json")
    path.symlink_to(state.root / "elsewhere.json")

    assert check(state).problems[0].startswith(f"{FIRST}/rules.json: altered")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE chain SET body = replace(body, 'tocsin', 'nicost') || ' ' WHERE seq = 1",
         "chain record 1: its content does not match its hash"),
        ("DELETE FROM chain WHERE seq = 1", "chain record 2: expected number 1"),
        ("UPDATE chain SET seq = 3 - seq + 10", "chain record 2: expected number 1"),
        ("UPDATE chain SET signature = '00' || substr(signature, 3) WHERE seq = 2",
         "chain record 2: its signature does not match"),
        ("UPDATE chain SET manifest_sha256 = record_hash WHERE seq = 2",
         "chain record 2: its row differs from what was signed"),
        ("DELETE FROM chain WHERE seq = 2", "chain.jsonl: 1 records more than the store"),
    ],
)  # fmt: skip
def test_each_way_of_touching_the_chain_is_found(
    state: StateFolder, statement: str, said: str
) -> None:
    connection = sqlite3.connect(state.database)
    connection.execute(statement)
    connection.commit()
    connection.close()

    problems = check(state).problems

    assert any(problem.startswith(said) for problem in problems), problems


def test_a_tail_cut_everywhere_is_found_with_the_head_only(state: StateFolder) -> None:
    head = str(check(state).head)
    connection = sqlite3.connect(state.database)
    connection.execute("DELETE FROM chain WHERE seq = 2")
    connection.execute("DELETE FROM incident WHERE id = ?", (SECOND,))
    connection.commit()
    connection.close()
    copy = state.evidence / "chain.jsonl"
    copy.write_text(copy.read_text().splitlines(keepends=True)[0])

    assert check(state).problems == ()
    assert check(state, head=head).problems == (
        "the chain's tail was cut: 1 records, the head says 2",
    )


def test_an_export_verifies_alone_and_shows_a_flipped_bit(
    state: StateFolder, tmp_path: Path
) -> None:
    found, database = opened(state.root)
    path = export(FIRST, state=found, database=database, target=tmp_path / "out.zip")
    head = str(Vault(found, database).head())
    database.close()
    nowhere = type(state)(tmp_path / "nowhere")

    assert check(nowhere, str(path), head).problems == ()
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(path).extractall(folder)
    assert check(nowhere, str(folder), head).problems == ()
    assert check(nowhere, str(folder / FIRST)).problems == ()
    _flip(folder / FIRST)
    assert check(nowhere, str(folder)).problems[0].startswith(f"{FIRST}/capture-1.pcap: altered")


def test_an_export_with_a_member_that_climbs_out_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil", "x")

    with pytest.raises(IntegrityError, match="unexpected member"):
        verify(str(path), state=opened_state(tmp_path))


def test_a_state_killed_before_it_had_tables_holds_nothing_and_that_is_said(
    tmp_path: Path,
) -> None:
    state = StateFolder(tmp_path).prepare()
    state.database.touch()

    assert check(state).notes == ("the database is still empty",)
    assert check(state).problems == ()
    assert len(check(state, head="1:" + "ab" * 32).problems) == 1


def test_an_unknown_name_is_a_usage_error(state: StateFolder) -> None:
    with pytest.raises(UsageError):
        check(state, "eeeeeeeeeeee")
    with pytest.raises(UsageError):
        check(state, "no/such/path")


def opened_state(root: Path) -> StateFolder:
    state, database = opened(root / "s")
    database.close()
    return state


def test_the_key_is_its_owners_alone(state: StateFolder) -> None:
    assert (state.keys / "chain.key").stat().st_mode & 0o777 == 0o600
    assert (state.keys / "chain.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
