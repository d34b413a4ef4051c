"""``tocsin flows PATH...``: the flows of captures, as JSON Lines, CSV or Parquet."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.cli.output import print_table, safe, words
from tocsin.core.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import TextIO

    from tocsin.pipeline.flow_records import FlowTotals

    Columns = dict[str, list[Any]]

FORMATS = ("json", "csv", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="captures or folders")
    parser.add_argument("--format", choices=FORMATS, default="json")
    parser.add_argument("--output", metavar="FILE", help="instead of stdout; needed for parquet")
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument(
        "--fields", action="store_true", help="print what each field means, with its unit"
    )


def run(args: argparse.Namespace) -> int:
    """Print every flow of every capture, in the order in which flows ended."""
    if args.fields:
        return _print_fields()
    if not args.paths:
        raise UsageError("flows needs a PATH")
    kind = "json" if args.json else args.format
    if kind == "parquet" and not args.output:
        raise UsageError("--format parquet needs --output FILE")
    from tocsin.collect.walk import gather
    from tocsin.pipeline.flow_records import FlowTotals

    gathered = gather(args.paths)
    problems: list[InputError] = list(gathered.problems)
    totals = FlowTotals()
    sources = [source for source in gathered.sources if source.medium == "packets"]
    parts = _parts(sources, problems, totals)
    if kind == "parquet":
        _write_parquet(parts, Path(args.output))
    elif args.output:
        with Path(args.output).open("w", encoding="utf-8", newline="") as stream:
            _write_text(parts, stream, kind)
    else:
        _write_text(parts, sys.stdout, kind)
    for problem in problems:
        words(f"tocsin: {safe(str(problem))}")
    if totals.weird:
        words(
            f"{totals.records:,} packets: {totals.packets:,} in {totals.flows:,} flows"
            f" ({totals.bytes:,} bytes), {totals.weird:,} weird ({totals.weird_bytes:,} bytes)"
        )
    return 1 if problems else 0


def _print_fields() -> int:
    from tocsin.pipeline.flow_records import FIELDS

    rows = [(name, unit, text) for name, _, unit, text in FIELDS]
    print_table(rows, header=("field", "unit", "meaning"))
    return 0


def _parts(sources: list[Any], problems: list[InputError], totals: FlowTotals) -> Iterator[Columns]:
    from tocsin.core.parameters import Parameters
    from tocsin.pipeline.flow_records import flow_columns

    for source in sources:
        yield from flow_columns(source, parameters=Parameters(), problems=problems, totals=totals)


def _write_text(parts: Iterator[Columns], stream: TextIO, kind: str) -> None:
    from tocsin.pipeline.flow_records import FIELDS

    names = [name for name, *_ in FIELDS]
    writer = csv.writer(stream)
    if kind == "csv":
        writer.writerow(names)
    for columns in parts:
        rows = zip(*(columns[name] for name in names), strict=True)
        if kind == "csv":
            writer.writerows(rows)
        else:
            records = (dict(zip(names, row, strict=True)) for row in rows)
            stream.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in records)


def _write_parquet(parts: Iterator[Columns], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tocsin.pipeline.flow_records import FIELDS, REAL, TEXT

    types = {TEXT: pa.string(), REAL: pa.float64()}
    schema = pa.schema([pa.field(name, types.get(kind, pa.int64())) for name, kind, *_ in FIELDS])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for columns in parts:
            writer.write_table(pa.Table.from_pydict(columns, schema=schema))
