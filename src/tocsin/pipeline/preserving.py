"""Performing `PreserveEvidence`: from selectors to a sealed folder per incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.evidence.keeping import NO_TIME, RECORD, Bound
from tocsin.evidence.reading import Source as EvidenceSource
from tocsin.evidence.selection import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.core.incident import Incident
    from tocsin.evidence.manifest import Manifest
    from tocsin.evidence.selection import LineFinder, LineMatcher, Selected
    from tocsin.evidence.vault import Vault
    from tocsin.kernels.log_scan import Stamps
    from tocsin.pipeline.replay import Read

RECORDS_MAX, BYTES_MAX = 100_000, 64 << 20
_HEAD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Preserved:
    """One incident, its evidence as it was collected, and the manifest that seals it."""

    incident: Incident
    selections: tuple[Selected, ...]
    manifest: Manifest | None


def collect(
    incident: Incident,
    *,
    selectors: Sequence[Selector],
    reads: Sequence[Read],
    year: int | None = None,
    zone: str = "UTC",
) -> tuple[Selected, ...]:
    """Read again what an incident's selectors describe, from each of its sources.

    The bounds of DESIGN section 4 hold per incident, so its sources share them.
    """
    expected = dict(incident.sources)
    own = [read for read in reads if any(s.source == read.source.path for s in selectors)]
    share = max(len(own), 1)
    bound = Bound(records_max=RECORDS_MAX // share, bytes_max=BYTES_MAX // share)
    return tuple(
        select(
            EvidenceSource(read.source.path, read.source.medium, read.source, read.ended.index),
            selectors=[s for s in selectors if s.source == read.source.path],
            lines=_lines(read, year=year, zone=zone),
            expected=expected.get(read.source.path, 0),
            bound=bound,
        )
        for read in own
    )


def _lines(read: Read, *, year: int | None, zone: str) -> LineMatcher:
    """Return how the lines of a source are matched; of a capture nobody asks."""
    if read.source.medium != "log":
        return flow_matcher(read.source.head(_HEAD_BYTES))
    from tocsin.kernels.log_scan import Stamps

    return line_matcher(Stamps(year, zone, read.source.mtime_ns, read.newest))


def line_matcher(stamps: Stamps) -> LineMatcher:
    """Return how lines of a log are matched: with the times that its lane read."""
    from tocsin.parse.matching_lines import LineSearch

    def of(selectors: Sequence[Selector]) -> LineFinder:
        search = LineSearch(selectors, stamps=stamps)

        def find(data: bytes, *, base: int) -> tuple[NDArray[np.void], list[bytes]]:
            found = search.find(data, base=base)
            rows = np.zeros(len(found), dtype=RECORD)
            rows["offset"], rows["caplen"] = found["offset"], found["length"]
            rows["ts_ns"] = np.where(found["has_stamp"] == 1, found["ts_ns"], NO_TIME)
            first = (found["offset"] - base).tolist()
            ends = (found["offset"] - base + found["length"]).tolist()
            return rows, [data[a:b] for a, b in zip(first, ends, strict=True)]

        return find

    return of


def flow_matcher(head: bytes) -> LineMatcher:
    """Return how lines of a flow log are matched; ``head`` holds the log's header."""

    def of(selectors: Sequence[Selector]) -> LineFinder:
        def find(data: bytes, *, base: int) -> tuple[NDArray[np.void], list[bytes]]:
            from tocsin.parse.flow_matching import matching_flows

            found = matching_flows(data, base=base, head=head, selectors=selectors)
            rows = np.zeros(len(found), dtype=RECORD)
            rows["offset"], rows["ts_ns"] = found["offset"], found["start_ns"]
            rows["caplen"] = np.minimum(found["length"], base + len(data) - found["offset"])
            spans = zip((rows["offset"] - base).tolist(), rows["caplen"].tolist(), strict=True)
            return rows, [data[a : a + length] for a, length in spans]

        return find

    return of


def preserve(
    incident: Incident,
    *,
    selectors: Sequence[Selector],
    reads: Sequence[Read],
    vault: Vault,
    versions: Mapping[str, Any],
    year: int | None = None,
    zone: str = "UTC",
) -> Preserved:
    """Collect and write an incident's evidence; the same evidence again writes nothing."""
    selections = collect(incident, selectors=selectors, reads=reads, year=year, zone=zone)
    manifest = vault.preserve(incident, selections=selections, versions=versions)
    sealed = incident.with_evidence(manifest.path, manifest.sha256)
    return Preserved(sealed, selections, manifest)
