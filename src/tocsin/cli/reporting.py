"""From an analysis to the report: samples, timelines and sums, as values for the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tocsin import __version__
from tocsin.core.addresses import address_text
from tocsin.core.errors import UsageError
from tocsin.core.times import NS_PER_S, rfc3339
from tocsin.evidence.keeping import NO_TIME
from tocsin.kernels import decode, framing
from tocsin.web.report.layout import write_report
from tocsin.web.report.model import (
    EvidenceFile,
    IncidentDetails,
    InputRead,
    InputSkipped,
    LogLine,
    Report,
    Sought,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.incident import Incident
    from tocsin.evidence.selection import Selected
    from tocsin.pipeline.analysis import Analysis
    from tocsin.pipeline.preserving import Preserved
    from tocsin.pipeline.wiring import Wiring
    from tocsin.store.state import StateFolder

SAMPLES, BUCKETS = 8, 80
_FLAGS = "FSRPAUEC"
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}


def write(path: Path, *, analysis: Analysis, wiring: Wiring, state: StateFolder) -> None:
    """Write the report of an analysis to ``path``; raises `UsageError` where it can't."""
    problems = {problem.path: str(problem) for problem in analysis.problems}
    reads = analysis.fresh.reads if analysis.fresh else []
    inputs = tuple(
        InputRead(
            path=read.source.path,
            medium=read.ended.medium,
            format="+".join(
                filter(None, (read.source.format, read.source.framing, read.source.compression))
            ),
            bytes=read.bytes,
            records=read.ended.stats.records,
            events=read.ended.stats.events,
            filtered=read.ended.stats.filtered,
            weird=read.ended.stats.weird,
            late=read.ended.stats.late,
            untemplated=read.ended.stats.untemplated,
            flows=read.ended.stats.flows,
            first_ns=read.ended.stats.first_ns,
            last_ns=read.ended.stats.last_ns,
            problem=problems.pop(read.source.path, None),
        )
        for read in reads
    )
    accounts = analysis.fresh.accounts if analysis.fresh else None
    report = Report(
        version=__version__,
        inputs=inputs,
        skipped=tuple(InputSkipped(one.path, one.reason) for one in analysis.skipped),
        incidents=tuple(
            _details(incident, analysis.preserved.get(incident.id), state)
            for incident in analysis.incidents
        ),
        sought=tuple(
            Sought(rule=rule, title=one.title, kind=one.kind, cold_start=one.cold_start)
            for rule, one in wiring.about.items()
        ),
        settings=_settings(wiring),
        problems=tuple(problems.values()),
        suppressed=dict(accounts.by_rule) if accounts else {},
        known_before=len(analysis.known),
        wall_s=analysis.wall_s,
        chain_head=analysis.head,
    )
    try:
        write_report(path, report)
    except OSError as error:
        raise UsageError(f"can't write the report {path}: {error.strerror}") from error


def _settings(wiring: Wiring) -> dict[str, str]:
    """Return what a person needs to get the same result again."""
    year = "the file's modification time" if wiring.year is None else str(wiring.year)
    span = {"leaves out before": wiring.since_ns, "leaves out after": wiring.until_ns}
    return {
        "zone of log stamps without one": wiring.zone,
        "year of log stamps without one": year,
        **{name: str(rfc3339(at_ns)) for name, at_ns in span.items() if at_ns is not None},
        "inside and outside": wiring.home.words,
        "proxies believed": ", ".join(wiring.proxies.networks) or "none",
        "key of tables and samples": f"{wiring.parameters.sketch_key:016x}",
        "assets configured": f"{len(wiring.assets):,}",
        "suppressions configured": f"{len(wiring.suppressions):,}",
    }


def _details(
    incident: Incident, preserved: Preserved | None, state: StateFolder
) -> IncidentDetails:
    if preserved is None:
        return IncidentDetails(incident)
    packets = [one for one in preserved.selections if one.medium == "packets"]
    lines = [one for one in preserved.selections if one.medium in ("log", "flows")]
    return IncidentDetails(
        incident=incident,
        timeline=_timeline(incident, preserved.selections),
        log_lines=tuple(line for one in lines for line in _log_lines(one))[:SAMPLES],
        log_lines_total=sum(one.matched for one in lines),
        packet_lines=tuple(text for one in packets for text in _packet_lines(one))[:SAMPLES],
        packets_total=sum(one.matched for one in packets),
        evidence=_evidence(incident, state),
    )


def _timeline(incident: Incident, selections: Sequence[Selected]) -> Timeline | None:
    times = np.concatenate([one.rows["ts_ns"] for one in selections] or [np.zeros(0, np.int64)])
    times = times[times != NO_TIME]
    if not len(times):
        return None
    start_ns, end_ns = int(times.min()), int(times.max())
    bucket_ns = max((end_ns - start_ns) // BUCKETS + 1, NS_PER_S // 1000)
    counts = np.bincount((times - start_ns) // bucket_ns, minlength=1)
    exact = all(one.is_exact for one in selections)
    return Timeline(
        bucket_ns=bucket_ns,
        start_ns=start_ns,
        counts=tuple(int(count) for count in counts),
        detected_ns=incident.detected_ns,
        records="records" if exact else "sampled records",
    )


def _log_lines(selected: Selected) -> list[LogLine]:
    data = selected.data[:SAMPLES]
    pairs = zip(selected.rows["offset"][: len(data)].tolist(), data, strict=True)
    return [LogLine(raw.rstrip(b"\r\n"), selected.source, at) for at, raw in pairs]


def _packet_lines(selected: Selected) -> list[str]:
    """Return one line per packet, from the same decoder that the engine uses."""
    data = selected.data[:SAMPLES]
    index = np.zeros(len(data), dtype=framing.PACKET)
    index["at"] = np.concatenate(([0], np.cumsum([len(one) for one in data])[:-1])) if data else 0
    for name in ("ts_ns", "caplen", "wirelen", "link"):
        index[name] = selected.rows[name][: len(data)]
    rows = np.zeros(len(data), dtype=decode.DECODED)
    decode.decode(np.frombuffer(b"".join(data), dtype=np.uint8), index, len(data), rows)
    return [_packet_line(row) for row in rows]


def _packet_line(row: np.void) -> str:
    src = address_text(int(row["src_hi"]), int(row["src_lo"]))
    dst = address_text(int(row["dst_hi"]), int(row["dst_lo"]))
    proto = _PROTOCOLS.get(int(row["proto"]), f"protocol {int(row['proto'])}")
    flags = "".join(name for bit, name in enumerate(_FLAGS) if int(row["flags"]) >> bit & 1)
    return (
        f"{rfc3339(int(row['ts_ns']))}  {proto}  {src} {int(row['src_port'])} > "
        f"{dst} {int(row['dst_port'])}  {f'[{flags}]  ' if flags else ''}"
        f"{int(row['wirelen'])} bytes"
    )


def _evidence(incident: Incident, state: StateFolder) -> tuple[EvidenceFile, ...]:
    if incident.evidence_path is None:
        return ()
    manifest = state.root / incident.evidence_path / "manifest.json"
    items = json.loads(Path(manifest).read_text(encoding="utf-8"))["items"]
    return tuple(
        EvidenceFile(item["name"], item["bytes"], item["sha256"], item.get("what", ""))
        for item in items
    )
