"""The lane behind ``tocsin flows``: the packet lane's reading, a wider row per flow.

Nothing is detected here, and nothing of it is on the engine's way. Memory: 131,072 rows of
about 1 kB, touched only where used, and 8,192 of those that ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.features.packet_lane import PacketLane
from tocsin.kernels import decode
from tocsin.kernels import panes as pn
from tocsin.kernels.flow_features import WIDE_ROW, blank_wide, end_flows, observe_flows
from tocsin.kernels.packet_tables import FLOWS_MAX
from tocsin.kernels.packets import OUTPUT_FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.inputs import Block
    from tocsin.core.parameters import Parameters

_OUT_ROWS = 8192


class FlowLane(PacketLane):
    """Turn the bytes of one capture into flows (dtype `WIDE_ROW`), in the order they ended.

    As in a live lane a packet that steps back is counted at its source's running time.
    ``weird_bytes`` is what weird packets weighed: with it the bytes add up to the capture's.
    """

    def __init__(self, source: str, *, parameters: Parameters) -> None:
        super().__init__(source, parameters=parameters, live=True)
        self._wide_tags = np.zeros(FLOWS_MAX, dtype=np.uint32)
        self._wide = np.zeros(FLOWS_MAX, dtype=WIDE_ROW)
        self._wide_blank = blank_wide()
        self._wide_out = np.zeros(_OUT_ROWS, dtype=WIDE_ROW)
        self._wide_weird = np.zeros((len(decode.WEIRD), 2), dtype=np.int64)
        self._scratch = np.zeros(256, dtype=np.int64)
        self._ended: list[NDArray[np.void]] = []

    @property
    def weird_bytes(self) -> int:
        """Bytes on the wire of the packets that are no events."""
        return int(self._wide_weird[:, 1].sum())

    def feed(self, block: Block) -> None:
        """Take the next bytes of the source, any cut."""
        super().feed(block)
        self._end(is_end=False)

    def finish(self) -> None:
        """End the source: every flow is given out."""
        self._end(is_end=True)
        self._tables.weird[:] = self._wide_weird[:, 0]
        super().finish()

    def take_flows(self) -> NDArray[np.void]:
        """Return the flows (dtype `WIDE_ROW`) that ended since the last call."""
        self._empty()
        ended, self._ended = self._ended, []
        return np.concatenate(ended) if ended else np.zeros(0, dtype=WIDE_ROW)

    def _observe(self, buffer: NDArray[np.uint8], rows: NDArray[np.void], n: int) -> None:
        first = 0
        while first < n:
            with np.errstate(over="ignore"):  # hashes wrap round; matters in plain Python only
                taken, status = observe_flows(
                    buffer, rows, first, n, self._wide_tags, self._wide, self._wide_blank,
                    self._wide_out, self._wide_weird, self._scratch, self._tables.own, self._state,
                )  # fmt: skip
            first += taken
            if status == OUTPUT_FULL:
                self._empty()

    def _end(self, *, is_end: bool) -> None:
        at = 0
        while at >= 0:
            at = end_flows(
                self._wide_tags, self._wide, at, self._wide_out, self._tables.own, self._state,
                is_end,
            )  # fmt: skip
            self._empty()

    def _empty(self) -> None:
        n = int(self._state[pn.FLOWS])
        if n:
            self._ended.append(self._wide_out[:n].copy())
            self._state[pn.FLOWS] = 0
