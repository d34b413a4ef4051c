"""Performing `PreserveEvidence`: from selectors to a sealed folder per incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.evidence.keeping import Bound
from tocsin.evidence.lines import match_text
from tocsin.evidence.reading import Source as EvidenceSource
from tocsin.evidence.selection import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.core.detection import Selector
    from tocsin.core.incident import Incident
    from tocsin.evidence.manifest import Manifest
    from tocsin.evidence.selection import Selected
    from tocsin.evidence.vault import Vault
    from tocsin.pipeline.replay import Read

RECORDS_MAX, BYTES_MAX = 100_000, 64 << 20


@dataclass(frozen=True, slots=True)
class Preserved:
    """One incident, its evidence as it was collected, and the manifest that seals it."""

    incident: Incident
    selections: tuple[Selected, ...]
    manifest: Manifest | None


def collect(
    incident: Incident, *, selectors: Sequence[Selector], reads: Sequence[Read]
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
            lines=match_text,
            expected=expected.get(read.source.path, 0),
            bound=bound,
        )
        for read in own
    )


def preserve(
    incident: Incident,
    *,
    selectors: Sequence[Selector],
    reads: Sequence[Read],
    vault: Vault,
    versions: Mapping[str, Any],
) -> Preserved:
    """Collect and write an incident's evidence; the same evidence again writes nothing."""
    selections = collect(incident, selectors=selectors, reads=reads)
    manifest = vault.preserve(incident, selections=selections, versions=versions)
    sealed = incident.with_evidence(manifest.path, manifest.sha256)
    return Preserved(sealed, selections, manifest)
