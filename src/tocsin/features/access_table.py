"""Access lines in the log lane: read by a kernel, counted by client, given on as tallies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.addresses import address_text
from tocsin.core.log_messages import WebTally
from tocsin.kernels.access_scan import AccessBounds, AccessScan

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.parameters import Parameters
    from tocsin.kernels.access_scan import AccessTexts
    from tocsin.kernels.log_scan import LogTables

_LINE = ("offset", "length", "extra_2_at", "extra_2_length")
_COUNTS = (
    "src_hi", "src_lo", "first_ns", "first_offset", "requests", "answered", "failed", "paths",
    "points", "points_before", "named", "bytes", "crawled", "crawl", "refused", "refused_before",
)  # fmt: skip
SERVER = "web"  # an access log does not say whose it is


class AccessTable:
    """The clients of one access log, and what they asked for."""

    def __init__(
        self,
        texts: AccessTexts,
        *,
        tables: LogTables,
        clock: NDArray[np.int64],
        parameters: Parameters,
    ) -> None:
        web = parameters.web
        self._crawl_min = web.crawl_pages_min
        bounds = AccessBounds(
            window_s=web.scan_window_s,
            points_min=web.scan_log_score_min,
            failed_share_min=web.scan_failed_share_min,
            gap_s=web.web_gap_s,
            flood_min=int(web.flood_requests_s) // 5,
            crowd_min=int(web.flood_crowd_requests_s) // 2,
            crawl_min=web.crawl_pages_min,
            crawl_leak_s=web.crawl_leak_s,
            refused_min=web.refused_min,
            key=parameters.sketch_key,
        )
        self._scan = AccessScan(texts, templates=tables.web_rows, clock=clock, bounds=bounds)
        self.messages: list[WebTally] = []

    def read(self, buffer: NDArray[np.uint8], rows: NDArray[np.void]) -> NDArray[np.uint8]:
        """Fill the rows of plain access lines; return why each is passed on (`web_clients`)."""
        told, tallies = self._scan.read(buffer, rows)
        if len(tallies):
            self._note(buffer, rows, tallies)
        return told

    def _note(
        self, buffer: NDArray[np.uint8], rows: NDArray[np.void], tallies: NDArray[np.void]
    ) -> None:
        """Keep what kernels say of clients; ``rows`` are those that the tallies point into."""
        lines = _tuples(rows[tallies["row"]], _LINE)
        counts = _tuples(tallies["client"], _COUNTS)
        self.messages += [
            _message(buffer, at_ns, line, count, self._crawl_min)
            for at_ns, line, count in zip(tallies["at_ns"].tolist(), lines, counts, strict=True)
        ]

    def take_messages(self) -> list[WebTally]:
        """Return the tallies since the last call."""
        found, self.messages = self.messages, []
        return found

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return self._scan.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._scan.restore(state)


def _tuples(table: NDArray[np.void], names: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
    """Yield some columns of each row, in the order of ``names``."""
    return zip(*(table[name].tolist() for name in names), strict=True)


def _message(
    buffer: NDArray[np.uint8],
    at_ns: int,
    line: tuple[int, ...],
    count: tuple[int, ...],
    crawl_min: int,
) -> WebTally:
    offset, size_bytes, agent_at, agent_length = line
    (
        src_hi, src_lo, first_ns, first_offset, requests, answered, failed, paths,
        points, points_before, named, answer_bytes, crawled, crawl, refused, refused_before,
    ) = count  # fmt: skip
    agent = ""
    if named:
        agent = bytes(buffer[agent_at : agent_at + agent_length]).decode("ascii")
    return WebTally(
        at_ns=at_ns,
        offset=offset,
        client=address_text(src_hi, src_lo),
        server=SERVER,
        start_ns=first_ns,
        start_offset=first_offset,
        size_bytes=size_bytes,
        first_ns=first_ns,
        first_offset=first_offset,
        requests=requests,
        answered=answered,
        failed=failed,
        paths=paths,
        points=points + points_before,
        named=named,
        bytes=answer_bytes,
        agent=agent,
        crawled=crawled if crawl >= crawl_min else 0,
        refused=refused + refused_before,
    )
