"""Success after guessing: the log-in that ends a series of failures from one source.

Follows ATT&CK T1078 (valid accounts) reached by T1110. Only a success by password or
keyboard-interactive counts: a public key can't be guessed. Misses a success from another
address than the guessing. May raise with no history. Memory: the authentication table of
the log kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.ssh_guessing import SshGuessing, text_of
from tocsin.detect.trips import plural, span_text
from tocsin.kernels import layouts

if TYPE_CHECKING:
    import numpy as np


class AccountCompromise(SshGuessing):
    """Explain success trips of the authentication kernel."""

    name: ClassVar[str] = "account_compromise"
    code: ClassVar[int] = layouts.SUCCESS_AFTER_GUESSING
    kind: ClassVar[str] = "account_compromise"

    def reason(self, trip: np.void) -> str:
        """Say who got in, after how many failures."""
        return (
            f"password log-in as {text_of(trip['user_last'])!r} accepted after "
            f"{plural(int(trip['failures']), 'failed log-in')} by the same source in "
            f"{span_text(int(trip['first_ns']), int(trip['last_ns']))}; "
            f"{int(trip['threshold'])} failures before a success is the bound"
        )

    def users_named(self, trip: np.void, users: tuple[str, ...]) -> tuple[str, ...]:
        """Return the account that was entered: the others were only tried."""
        del users
        return (text_of(trip["user_last"]),)
