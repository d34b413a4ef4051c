"""Password spraying, stuffing and enumeration: one source that tries many names a little each.

A guesser tries many passwords for one name; who sprays tries a few for each of many, who stuffs one
each for names that somebody else lost, who enumerates asks which names there are. From six names
with at most two tries each on (`tocsin.features.auth_table`), what a service says of the names
decides: mostly unknown ones are an enumeration (`UNKNOWN_SHARE_MIN`), else it is spraying.

Source: ATT&CK T1110.003, T1110.004 and T1589.001; OWASP, "Credential Stuffing Prevention". Misses
what is spread over many sources, and services that don't log names. May raise with no history.
Memory: the authentication table of the log kernel, bounded there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tocsin.detect.ssh_guessing import SshGuessing
from tocsin.detect.trips import plural, span_text
from tocsin.kernels import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from tocsin.core.detection import Detection

UNKNOWN_SHARE_MIN = 0.8
ENUMERATED_MIN = 10
SPRAYED_MIN = 10  # names, where a service does not say which of them exist
KNOWN_MIN = 6  # accounts that exist: whoever knows so many is no passer-by
_TELLING = frozenset({"ssh", "sshd"})  # services that say which names they don't know


class PasswordSpraying(SshGuessing):
    """Explain trips about sources that try many names."""

    name: ClassVar[str] = "password_spraying"
    code: ClassVar[int] = layouts.MANY_NAMES

    def reason(self, trip: np.void) -> str:
        """Say how many names, how many of them unknown, how often each."""
        names, failures = int(trip["users_distinct"]), int(trip["failures"])
        return (
            f"{plural(names, 'user name')} tried {failures / max(names, 1):.1f} times each in "
            f"{span_text(int(trip['first_ns']), int(trip['last_ns']))}, "
            f"{int(trip['invalid_users']):,} of {plural(failures, 'failed log-in')} for names that "
            f"the host doesn't know; {int(trip['threshold'])} names are the bound"
        )

    def _explain(self, trip: np.void, source: str) -> Detection:
        found = super()._explain(trip, source)
        names, failures = int(trip["users_distinct"]), max(int(trip["failures"]), 1)
        unknown = int(trip["invalid_users"]) / failures
        known = names * (1.0 - unknown)
        is_telling = found.service in _TELLING
        is_search = unknown >= UNKNOWN_SHARE_MIN and names >= ENUMERATED_MIN
        facts: dict[str, str | int | float] = {**found.facts, "names_tried": names}
        facts["guessing"] = 1
        if known >= KNOWN_MIN if is_telling else names >= SPRAYED_MIN:
            facts["focused"] = 1
        return replace(
            found,
            kind="user_enumeration" if is_search else "password_spray",
            figure=f"{plural(names, 'name')} tried",
            facts=facts,
        )

    def judge(self, rows: np.ndarray, *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip that is more than a mixture."""
        for found in super().judge(rows, source=source):
            if found.kind == "user_enumeration" or "focused" in found.facts:
                yield found
