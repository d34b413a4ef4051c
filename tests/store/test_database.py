"""The store keeps all of a run or nothing, and gives back what it was given."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sqlalchemy as sa

from tests.evidence.made import incident, opened
from tocsin.core.errors import ConfigError, IntegrityError, NotPermittedError, UsageError
from tocsin.store.checkpoints import Checkpoint, find_checkpoint, put_checkpoint, unpack
from tocsin.store.database import connect, open_database, upgrade
from tocsin.store.incidents import load_incidents, put_incidents
from tocsin.store.intake import (
    KnownInput,
    find_grown,
    find_input,
    find_shorter,
    incident_ids_of,
    put_input,
)
from tocsin.store.state import StateFolder, state_path
from tocsin.store.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = KnownInput("ab" * 32, 100_000, "auth.log", "cd" * 32, 5, "run-1", {"records": 7})


def test_an_incident_comes_back_field_by_field(tmp_path: Path) -> None:
    _, database = opened(tmp_path)
    one = incident("a" * 12).with_evidence("evidence/aaaaaaaaaaaa", "00" * 32)
    with database.begin() as connection:
        put_incidents(connection, [incident("b" * 12), one])
        put_incidents(connection, [one])

    with database.begin() as connection:
        found = load_incidents(connection)

        assert found == [one, incident("b" * 12)]
        assert load_incidents(connection, ids=["b" * 12]) == [incident("b" * 12)]
    database.close()


def test_a_failure_inside_a_transaction_keeps_nothing_of_it(tmp_path: Path) -> None:
    _, database = opened(tmp_path)

    with pytest.raises(KeyboardInterrupt), database.begin() as connection:
        put_incidents(connection, [incident()])
        raise KeyboardInterrupt

    with database.begin() as connection:
        assert load_incidents(connection) == []
    database.close()


def test_an_input_is_known_by_content_and_by_its_beginning(tmp_path: Path) -> None:
    _, database = opened(tmp_path)
    with database.begin() as connection:
        put_incidents(connection, [incident()])
        put_input(connection, KNOWN, incident_ids=["a3f1c09be2d4"])
        put_input(connection, KNOWN, incident_ids=["a3f1c09be2d4"])

    with database.begin() as connection:
        assert find_input(connection, "ab" * 32) == KNOWN
        assert find_input(connection, "00" * 32) is None
        assert find_grown(connection, prefix_sha256="cd" * 32, bytes_now=100_001) == [KNOWN]
        assert find_grown(connection, prefix_sha256="cd" * 32, bytes_now=100_000) == []
        assert find_shorter(connection, path="auth.log") == []
        assert incident_ids_of(connection, "ab" * 32) == ["a3f1c09be2d4"]
    database.close()


def test_a_checkpoint_keeps_arrays_and_plain_values(tmp_path: Path) -> None:
    _, database = opened(tmp_path)
    table = np.zeros(2, dtype=[("ns", "i8"), ("seen", "u1")])
    table["ns"] = [1, 2**62]
    state = {"table": table, "offset": np.int64(7), "names": ["a"], "last": None}

    with database.begin() as connection:
        put_checkpoint(connection, Checkpoint("auth.log", 3, {}))
        put_checkpoint(connection, Checkpoint("auth.log", 9, state))
        found = find_checkpoint(connection, "auth.log")

    assert found is not None
    assert (found.offset, found.state["offset"], found.state["last"]) == (9, 7, None)
    assert found.state["table"].tolist() == [(1, 0), (2**62, 0)]
    database.close()


def test_a_damaged_checkpoint_is_an_integrity_error() -> None:
    with pytest.raises(IntegrityError):
        unpack(b"not an archive")


def test_migrations_from_nothing_make_the_same_tables_as_a_fresh_database(tmp_path: Path) -> None:
    fresh = open_database(tmp_path / "fresh.db")
    migrated = connect(tmp_path / "migrated.db")
    with migrated.begin() as connection:
        upgrade(connection)

    assert _columns(tmp_path / "fresh.db") == _columns(tmp_path / "migrated.db")
    assert set(_columns(tmp_path / "fresh.db")) == {*METADATA.tables, "alembic_version"}
    assert migrated.version() == fresh.version() == "0001"
    fresh.close()
    migrated.close()


def test_a_fresh_database_does_not_import_alembic(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tocsin.store.database import open_database;"
        f"open_database(pathlib.Path({str(tmp_path / 'x.db')!r})).close();"
        "print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    database = open_database(tmp_path / "x.db")
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError, match="version 9999, this Tocsin knows up to 0001"):
        open_database(tmp_path / "x.db")


def test_a_file_that_is_no_database_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, just text " * 100)

    with pytest.raises(IntegrityError):
        open_database(tmp_path / "x.db")
    with pytest.raises(UsageError):
        open_database(tmp_path / "absent" / "x.db", create=False)


def test_commits_are_synchronous_and_the_check_is_clean(tmp_path: Path) -> None:
    database = open_database(tmp_path / "x.db")
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert database.problems() == []


def test_a_second_process_is_told_who_holds_the_state(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()
    code = (
        "import pathlib; from tocsin.store.state import StateFolder; from tocsin.core.errors import *\n"
        f"try:\n  with StateFolder(pathlib.Path({str(tmp_path)!r})).lock('watch'): pass\n"
        "except NotPermittedError as e: print(e, e.exit_code)"
    )

    with state.lock("analyze sample_data"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

    assert "(analyze sample_data) holds the state 5\n" in done.stdout
    with state.lock("again"):
        pass


def test_the_lock_of_one_process_is_held_against_itself(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).prepare()

    with state.lock("one"), pytest.raises(NotPermittedError), state.lock("two"):
        pass


def test_the_state_is_found_in_the_agreed_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_STATE", "/one")
    monkeypatch.setenv("XDG_STATE_HOME", "/two")
    monkeypatch.setenv("HOME", "/home/ada")

    assert str(state_path("/zero")) == "/zero"
    assert str(state_path()) == "/one"
    monkeypatch.delenv("TOCSIN_STATE")
    assert str(state_path()) == "/two/tocsin"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert str(state_path()) == "/home/ada/.local/state/tocsin"
    assert StateFolder(tmp_path / "s").prepare().root.stat().st_mode & 0o777 == 0o700


def _columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    found = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in tables}
    connection.close()
    return found
