"""Performing `PreserveEvidence`: from selectors to a sealed folder per incident."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.networks import NO_PROXIES
from tocsin.evidence.keeping import NO_TIME, RECORD, Bound
from tocsin.evidence.reading import Source as EvidenceSource
from tocsin.evidence.selection import Wanted, select
from tocsin.pipeline import parallel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tocsin.core.detection import Selector
    from tocsin.core.incident import Incident
    from tocsin.core.networks import Proxies
    from tocsin.evidence.manifest import Manifest
    from tocsin.evidence.selection import LineFinder, LineMatcher, Selected
    from tocsin.evidence.vault import Vault
    from tocsin.kernels.log_scan import Stamps
    from tocsin.pipeline.replay import Read

RECORDS_MAX, BYTES_MAX, SHOWN_MAX = 100_000, 64 << 20, 100
_HEAD_BYTES = 64 << 10
# What is held at once of several incidents; a record takes so much beside its own bytes.
_HELD_MAX, _HELD_BYTES = 32 << 20, 90


@dataclass(frozen=True, slots=True)
class Preserved:
    """One incident, its evidence, and the manifest that seals it.

    Of ``selections`` all rows are there, and the bytes of the first records, to be shown.
    """

    incident: Incident
    selections: tuple[Selected, ...]
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class Reader:
    """How sources are read again: as they were read the first time, on so many cores."""

    year: int | None = None
    zone: str = "UTC"
    proxies: Proxies = NO_PROXIES
    jobs: int = 1

    def matcher(self, read: Read) -> LineMatcher:
        """Return how the lines of a source are matched; of a capture nobody asks."""
        if read.source.medium != "log":
            return flow_matcher(read.source.head(_HEAD_BYTES))
        from tocsin.kernels.log_scan import Stamps

        stamps = Stamps(self.year, self.zone, read.source.mtime_ns, read.newest)
        return line_matcher(stamps, proxies=self.proxies)


_Asked = tuple[
    "Read", list[tuple[int, Wanted]]
]  # of a source: what each incident (its number) wants


def collect(
    wanted: Sequence[tuple[Incident, Sequence[Selector]]],
    *,
    reads: Sequence[Read],
    reader: Reader,
) -> list[tuple[Selected, ...]]:
    """Read again what the selectors of incidents describe, from each of their sources.

    The bounds of DESIGN section 4 hold per incident, so its sources share them.
    """
    found: list[list[Selected]] = [[] for _ in wanted]
    asked = list(_asked(wanted, reads))
    jobs = _jobs([read for read, _ in asked], reader.jobs)
    parts = [part for one in asked for part in _dealt(one, max(jobs // len(asked), 1))]
    done = parallel.work_beside(parts, work=partial(_select, reader=reader), jobs=jobs)
    for (_, some), selections in zip(parts, done, strict=True):
        for (number, _), selected in zip(some, selections, strict=True):
            found[number].append(selected)
    return [tuple(selections) for selections in found]


def _asked(
    wanted: Sequence[tuple[Incident, Sequence[Selector]]], reads: Sequence[Read]
) -> Iterator[_Asked]:
    """Yield each source of which evidence is wanted, in the order of reading."""
    named = [{s.source for s in selectors} for _, selectors in wanted]
    paths = {read.source.path for read in reads}
    for read in reads:
        path = read.source.path
        some = []
        for number, (incident, selectors) in enumerate(wanted):
            if path not in named[number]:
                continue
            share = len(named[number] & paths)
            bound = Bound(records_max=RECORDS_MAX // share, bytes_max=BYTES_MAX // share)
            own = [s for s in selectors if s.source == path]
            some.append((number, Wanted(own, dict(incident.sources).get(path, 0), bound)))
        if some:
            yield read, some


def _jobs(reads: Sequence[Read], jobs: int) -> int:
    """Return how many cores are worth it; what is decompressed for all is read in one process."""
    is_shared = all(read.source.is_as_stored and not read.source.is_stream for read in reads)
    return jobs if is_shared and sum(r.bytes for r in reads) >= parallel.PARALLEL_BYTES_MIN else 1


def _dealt(asked: _Asked, hands: int) -> list[_Asked]:
    """Return one source's incidents in so many parts, those with most records apart."""
    read, some = asked
    order = sorted(range(len(some)), key=lambda place: -some[place][1].expected)
    parts = [sorted(order[hand::hands]) for hand in range(min(hands, len(some)))]
    return [(read, [some[place] for place in part]) for part in parts]


def _select(asked: _Asked, *, reader: Reader) -> list[Selected]:
    read, some = asked
    source = EvidenceSource(read.source.path, read.source.medium, read.source, read.ended.index)
    return select(source, [wanted for _, wanted in some], lines=reader.matcher(read))


def line_matcher(stamps: Stamps, *, proxies: Proxies = NO_PROXIES) -> LineMatcher:
    """Return how lines of a log are matched: with the times and sources that its lane read."""
    from tocsin.parse.matching_lines import LineSearch
    from tocsin.parse.shared_lines import SharedLines

    shared = SharedLines(stamps)

    def of(selectors: Sequence[Selector]) -> LineFinder:
        search = LineSearch(selectors, stamps=stamps, proxies=proxies, shared=shared)

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
    incidents: Sequence[Incident],
    *,
    selectors: Mapping[str, Sequence[Selector]],
    reads: Sequence[Read],
    vault: Vault,
    versions: Mapping[str, Any],
    reader: Reader,
) -> dict[str, Preserved]:
    """Collect and write incidents' evidence; the same evidence again writes nothing.

    ``selectors`` and the result are by the incidents' ids.
    """
    preserved = {}
    for some in _batches(incidents, reads):
        wanted = [(incident, selectors.get(incident.id, ())) for incident in some]
        found = collect(wanted, reads=reads, reader=reader)
        found.reverse()
        for incident in some:
            selections = found.pop()  # what is written need not be held
            manifest = vault.preserve(incident, selections=selections, versions=versions)
            sealed = incident.with_evidence(manifest.path, manifest.sha256)
            shown = tuple(one.first(SHOWN_MAX) for one in selections)
            preserved[incident.id] = Preserved(sealed, shown, manifest)
    return preserved


def _batches(incidents: Sequence[Incident], reads: Sequence[Read]) -> Iterator[list[Incident]]:
    """Yield incidents whose evidence is collected together: within a bound, or one alone."""
    record_bytes = {
        read.source.path: _HELD_BYTES + read.bytes / max(read.ended.stats.records, 1)
        for read in reads
    }
    batch: list[Incident] = []
    held = 0.0
    for incident in incidents:
        expected = sum(
            min(records, RECORDS_MAX) * record_bytes.get(path, 0.0)
            for path, records in incident.sources
        )
        if batch and held + expected > _HELD_MAX:
            yield batch
            batch, held = [], 0.0
        batch.append(incident)
        held += expected
    if batch:
        yield batch
