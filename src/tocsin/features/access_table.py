"""Access lines in the log lane: read by a kernel, counted by client, given on as tallies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.core.addresses import address_text
from tocsin.core.log_messages import WebTally
from tocsin.kernels.access_scan import AccessBounds, AccessScan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tocsin.core.parameters import Parameters
    from tocsin.kernels.access_scan import AccessTexts
    from tocsin.kernels.log_scan import LogTables

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
        for tally in tallies:
            self.messages.append(_message(buffer, rows[int(tally["row"])], tally, self._crawl_min))
        return told

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


def _message(buffer: NDArray[np.uint8], row: np.void, tally: np.void, crawl_min: int) -> WebTally:
    one = tally["client"]
    at, length = int(row["extra_2_at"]), int(row["extra_2_length"])
    agent = bytes(buffer[at : at + length]).decode("ascii") if one["named"] else ""
    return WebTally(
        at_ns=int(tally["at_ns"]),
        offset=int(row["offset"]),
        client=address_text(int(one["src_hi"]), int(one["src_lo"])),
        server=SERVER,
        start_ns=int(one["first_ns"]),
        start_offset=int(one["first_offset"]),
        size_bytes=int(row["length"]),
        first_ns=int(one["first_ns"]),
        first_offset=int(one["first_offset"]),
        requests=int(one["requests"]),
        answered=int(one["answered"]),
        failed=int(one["failed"]),
        paths=int(one["paths"]),
        points=int(one["points"]) + int(one["points_before"]),
        named=int(one["named"]),
        bytes=int(one["bytes"]),
        agent=agent,
        crawled=int(one["crawled"]) if one["crawl"] >= crawl_min else 0,
        refused=int(one["refused"]) + int(one["refused_before"]),
    )
