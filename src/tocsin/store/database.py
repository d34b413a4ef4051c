"""One database per state: SQLite in WAL mode by default, PostgreSQL by URL.

A commit is on disk when it returns (``synchronous=FULL``). A transaction begins with
``BEGIN IMMEDIATE``, so that two writers wait for each other instead of failing halfway.
Alembic is imported only when an older database must be brought up to date: it costs more
than the rest of a start.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tocsin.core.errors import ConfigError, IntegrityError, UsageError
from tocsin.store.tables import HEAD, METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_S = 10
_VERSION = sa.Table(
    "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
)


class Database:
    """Transactions over one store; reading and writing is done by the modules beside this."""

    __slots__ = ("engine", "where")

    def __init__(self, engine: sa.Engine, *, where: str) -> None:
        self.engine = engine
        self.where = where

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Give a connection in one transaction: all of it is kept, or nothing.

        Raises `IntegrityError` when the file is not a database or is damaged.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except sa.exc.DatabaseError as error:
            raise IntegrityError(f"database: {error.orig}", where=self.where) from error

    def close(self) -> None:
        """Release what the engine holds; safe to call twice."""
        self.engine.dispose()

    def version(self) -> str | None:
        """Return the migration that the database stands at; ``None`` when it is empty."""
        with self.begin() as connection:
            return _version(connection)

    def migrate(self) -> str | None:
        """Bring the tables to `HEAD`; return the version before (``None``: fresh).

        Raises `ConfigError` for a database that a newer Tocsin wrote.
        """
        with self.begin() as connection:
            before = _version(connection)
            if before is None:
                METADATA.create_all(connection)
                _VERSION.create(connection, checkfirst=True)
                connection.execute(_VERSION.insert().values(version_num=HEAD))
            elif before > HEAD:
                message = f"database is of version {before}, this Tocsin knows up to {HEAD}"
                raise ConfigError(message, where=self.where)
            elif before != HEAD:
                upgrade(connection)
        return before

    def problems(self) -> list[str]:
        """Return what a check of the file and of its tables finds; empty when it is sound."""
        with self.begin() as connection:
            version = _version(connection)
            if version != HEAD:
                return [f"version {version or 'none'}, expected {HEAD}: run `tocsin store migrate`"]
            found = [
                f"table {name} is missing"
                for name in sorted(
                    set(METADATA.tables) - set(sa.inspect(connection).get_table_names())
                )
            ]
            if connection.dialect.name == "sqlite":
                rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
                found += [str(row) for row in rows if row != "ok"]
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                found += [f"table {row[0]}, row {row[1]}: refers to nothing" for row in broken]
        return found


def open_database(place: Path | str, *, create: bool = True) -> Database:
    """Open the database at a path (SQLite) or a URL, at its newest version.

    With ``create`` false a missing file raises `UsageError`.
    """
    with ExitStack() as stack:
        database = connect(place, create=create)
        stack.callback(database.close)
        database.migrate()
        stack.pop_all()  # it stays open when nothing went wrong
    return database


def connect(place: Path | str, *, create: bool = True) -> Database:
    """Open the database as it is, without migrating it."""
    if isinstance(place, Path):
        if not create and not place.is_file():
            raise UsageError("there is no state here", where=str(place.parent))
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(place)), poolclass=NullPool)
        sa.event.listen(engine, "connect", _configure)
        sa.event.listen(engine, "begin", _begin_immediate)
        return Database(engine, where=str(place))
    try:
        engine = sa.create_engine(place, poolclass=NullPool)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise ConfigError(f"can't use this database URL: {error}") from error
    return Database(engine, where=engine.url.render_as_string(hide_password=True))


def upgrade(connection: sa.Connection) -> None:
    """Run the migrations that are due, inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def _configure(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # Tocsin says when a transaction begins
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
