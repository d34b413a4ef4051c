"""What detectors hear of dense formats, whose mass of records kernels count.

Log-ins that were let in, privileges used or refused, and jobs of cron: each the first time in an
hour, then at each doubling (`tocsin.kernels.log_heard`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.kernels import log_heard
from tocsin.parse.template import AUTHENTICATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.parse.compile import Compiled
    from tocsin.parse.template import Template

_COMMANDS = frozenset(
    ("sudo_command", "cron_command", "sudo_not_allowed", "sudo_command_not_allowed", "sudo_message")
)
_LOCAL = frozenset(("sudo_password", "sudo_password_required", "su_password"))
_COMINGS = frozenset(("host_started", "host_stopping", "ssh_listening", "ssh_stopped"))
_KEY = 0x7465_6C6C


def how_heard(template: Template) -> int:
    """Return what of a template's records tells one from another, `UNHEARD` for none heard."""
    if template.action in _COMMANDS:
        return log_heard.BY_COMMAND
    is_entry = template.outcome == "success" and template.category == AUTHENTICATION
    if is_entry or template.action in _LOCAL or template.action in _COMINGS:
        return log_heard.BY_PARTY
    return log_heard.UNHEARD


class Hearing:
    """Choose the records of one log that are heard."""

    def __init__(self, compiled: Compiled) -> None:
        self._how = np.array([how_heard(one) for one in compiled.meanings], dtype=np.uint8)
        self._table = np.zeros(log_heard.SETS * log_heard.WAYS, dtype=log_heard.HEARD)
        self._heard = np.zeros(0, dtype=np.uint8)

    def choose(self, data: NDArray[np.uint8], rows: NDArray[np.void]) -> NDArray[np.bool_]:
        """Return which rows are heard."""
        if len(self._heard) < len(rows):
            self._heard = np.zeros(len(rows), dtype=np.uint8)
        log_heard.hear(data, rows, len(rows), self._how, _KEY, self._table, self._heard)
        return np.asarray(self._heard[: len(rows)] == 1)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: used rows only."""
        used = np.flatnonzero(self._table["tag"])
        return {"rows": used, "table": self._table[used]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._table[:] = np.zeros(1, dtype=log_heard.HEARD)
        self._table[state["rows"]] = state["table"]
