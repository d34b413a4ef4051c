"""Slow port scans: how many different targets one source tried, and how few worked.

A count of distinct targets over an episode of hours (the kernel's linear-counting bitmap,
Whang et al., ACM TODS 1990) needs no run of failures, so it sees a scan that mixes in
successes to keep the walk of `port_scan` low. Misses scans that stay under the counts or
pause longer than ``episode_gap_s``. May raise with no history. Memory: none here.
"""

from __future__ import annotations

from typing import ClassVar

from tocsin.detect.port_scan import PortScan
from tocsin.kernels import layouts


class SlowPortScan(PortScan):
    """Explain scan trips of the distinct count."""

    name: ClassVar[str] = "port_scan_slow"
    codes: ClassVar[tuple[int, int]] = (
        layouts.SCAN_SLOW_VERTICAL,
        layouts.SCAN_SLOW_HORIZONTAL,
    )
