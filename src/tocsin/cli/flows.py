"""``tocsin flows PATH...``: the flows of captures, as JSON Lines, CSV or Parquet."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import safe, words
from tocsin.core.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import TextIO

FORMATS = ("json", "csv", "parquet")
_PARQUET_ROWS = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="captures or folders")
    parser.add_argument("--format", choices=FORMATS, default="json")
    parser.add_argument("--output", metavar="FILE", help="instead of stdout; needed for parquet")
    parser.add_argument("--json", action="store_true", help="the same as --format json")


def run(args: argparse.Namespace) -> int:
    """Print every flow of every capture, in the order in which flows ended."""
    kind = "json" if args.json else args.format
    if kind == "parquet" and not args.output:
        raise UsageError("--format parquet needs --output FILE")
    from tocsin.collect.walk import gather

    gathered = gather(args.paths)
    problems: list[InputError] = list(gathered.problems)
    rows = _rows([s for s in gathered.sources if s.medium == "packets"], problems)
    if kind == "parquet":
        _write_parquet(rows, Path(args.output))
    elif args.output:
        with Path(args.output).open("w", encoding="utf-8", newline="") as stream:
            _write_text(rows, stream, kind)
    else:
        _write_text(rows, sys.stdout, kind)
    for problem in problems:
        words(f"tocsin: {safe(str(problem))}")
    return 1 if problems else 0


def _rows(sources: list[Any], problems: list[InputError]) -> Iterator[dict[str, Any]]:
    from tocsin.core.parameters import Parameters
    from tocsin.pipeline.flow_records import flow_records

    for source in sources:
        yield from flow_records(source, parameters=Parameters(), problems=problems)


def _write_text(rows: Iterator[dict[str, Any]], stream: TextIO, kind: str) -> None:
    if kind == "json":
        stream.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        return
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(stream, fieldnames=list(row))
            writer.writeheader()
        writer.writerow(row)


def _write_parquet(rows: Iterator[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None
    batch: list[dict[str, Any]] = []

    def flush(writer: pq.ParquetWriter | None) -> pq.ParquetWriter:
        table = pa.Table.from_pylist(batch)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        batch.clear()
        return writer

    for row in rows:
        batch.append(row)
        if len(batch) >= _PARQUET_ROWS:
            writer = flush(writer)
    if batch:
        writer = flush(writer)
    if writer is not None:
        writer.close()
