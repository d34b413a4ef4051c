"""Opening the lane that fits a source's medium; what another medium needs is not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.errors import UsageError
from tocsin.pipeline.beside import Beside

if TYPE_CHECKING:
    from tocsin.core.inputs import SourceStatus
    from tocsin.features.log_lane import LogLane
    from tocsin.features.packet_lane import PacketLane
    from tocsin.pipeline.wiring import Wiring

    Lane = PacketLane | LogLane


@dataclass(frozen=True, slots=True)
class LaneOptions:
    """What differs between drivers: late records, the time of stamps without a year, threads."""

    live: bool
    fallback_ns: int
    threads: int = 1


def open_lane(status: SourceStatus, *, wiring: Wiring, options: LaneOptions) -> Lane:
    """Return a fresh lane for a source that opened; raises `UsageError` for other media."""
    match status.medium:
        case "packets":
            return _packet_lane(status, wiring, options)
        case "flows":
            return _flow_lane(status, wiring)
        case "log":
            return _log_lane(status, wiring, options)
        case _:
            raise UsageError(f"no lane for medium {status.medium!r}", where=status.source)


def _packet_lane(status: SourceStatus, wiring: Wiring, options: LaneOptions) -> PacketLane:
    from tocsin.features.packet_lane import RING, PacketLane
    from tocsin.parse.protocols.conversations import Conversations

    return PacketLane(
        status.source,
        parameters=wiring.parameters,
        live=options.live,
        since_ns=wiring.since_ns,
        until_ns=wiring.until_ns,
        conversations=Conversations(),
        beside=Beside(RING - 1) if options.threads > 1 else None,
    )


def _flow_lane(status: SourceStatus, wiring: Wiring) -> PacketLane:
    from tocsin.features.record_lane import RecordLane
    from tocsin.parse.flow_lines import FlowReader

    return RecordLane(
        status.source,
        reader=FlowReader(),
        parameters=wiring.parameters,
        since_ns=wiring.since_ns,
        until_ns=wiring.until_ns,
    )


def _log_lane(status: SourceStatus, wiring: Wiring, options: LaneOptions) -> LogLane:
    from tocsin.detect.web.access_literals import is_suspect
    from tocsin.features.log_lane import RING, LogLane
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.known import known_templates, log_tables
    from tocsin.parse.sparse_rows import SparseRows
    from tocsin.pipeline.rule_lines import RuleLines

    stamps = Stamps(
        year=wiring.year, zone=wiring.zone, fallback_ns=options.fallback_ns, newest=status.newest
    )
    texts = wiring.rule_texts
    return LogLane(
        status.source,
        tables=log_tables(),
        reader=SparseRows(
            known_templates(), stamps=stamps, is_suspect=is_suspect, proxies=wiring.proxies
        ),
        access_texts=wiring.access_texts,
        rule_reader=(
            RuleLines(texts, stamps=stamps, proxies=wiring.proxies) if texts.is_needed else None
        ),
        parameters=wiring.parameters,
        live=options.live,
        year=wiring.year,
        zone=wiring.zone,
        fallback_ns=options.fallback_ns,
        newest=status.newest,
        since_ns=wiring.since_ns,
        until_ns=wiring.until_ns,
        beside=Beside(RING - 1) if options.threads > 1 else None,
    )
