"""Password guessing from authentication events: refused log-ins per source in ten minutes.

Follows ATT&CK T1110.001 (password guessing). The kernel counts only the line that stands
for one refused authentication, so that three lines about one attempt are one failure.

Catches one source guessing at one host's service: ``failures_min`` in ``window_s``, ``burst_min``
in three tenths of it, or ``slow_min`` at any pace with no log-in between. Misses guessing spread
over many sources that each stay below all three. May raise with no history. Memory: the
authentication table of the log kernel, bounded there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.addresses import address_text
from tocsin.core.detection import Counts, Detection, Selector
from tocsin.detect.base import AUTH_TRIPS, Policy, Stateless
from tocsin.detect.trips import episode_of, is_update, plural, ports_of, span_text
from tocsin.kernels import layouts
from tocsin.kernels.auth_entry import BURST_PARTS, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


# Whoever guesses there is inside already.
LOCAL, ABUSE = frozenset({"sudo", "su"}), "privilege_abuse"


class SshGuessing(Stateless):
    """Explain guessing trips of the authentication kernel."""

    name: ClassVar[str] = "ssh_guessing"
    wants: ClassVar[str] = AUTH_TRIPS
    code: ClassVar[int] = layouts.GUESS_EVENTS
    kind: ClassVar[str] = "brute_force"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def judge(self, rows: NDArray[np.void], *, source: str) -> Iterator[Detection]:
        """Yield one detection per trip."""
        for trip in rows[rows["code"] == self.code]:
            yield self._explain(trip, source)

    def reason(self, trip: np.void) -> str:
        """Say how many failures, in what time, for how many names."""
        names = plural(int(trip["users_distinct"]), "user name")
        p = self.policy.parameters.guess
        least = int(trip["threshold"])
        minutes = p.window_s / 60 * (BURST_PARTS / PARTS if least == p.burst_min else 1)
        bound = f"within {minutes:.0f} min"
        if least == p.slow_min and least not in {p.burst_min, p.failures_min}:
            bound = "without a log-in between"
        return (
            f"{plural(int(trip['failures']), 'failed log-in')} in "
            f"{span_text(int(trip['first_ns']), int(trip['last_ns']))} for {names}; "
            f"{least:,} {bound} is the bound"
        )

    def _explain(self, trip: np.void, source: str) -> Detection:
        remote = bool(trip["src_hi"] or trip["src_lo"])
        attacker = address_text(int(trip["src_hi"]), int(trip["src_lo"])) if remote else None
        host = text_of(trip["host"]) or None
        service = text_of(trip["service_name"]) or "unknown"
        users = tuple(dict.fromkeys(n for n in map(text_of, trip["users"]) if n))
        near = (attacker,) if attacker else ()
        is_local = service in LOCAL and self.kind == "brute_force"
        return Detection(
            detector=self.name,
            rule=self.policy.rule,
            kind=ABUSE if is_local else self.kind,
            entity=attacker or text_of(trip["user_last"]) or "unknown",
            episode=episode_of(trip, attacker, host, service),
            source=source,
            detected_ns=int(trip["at_ns"]),
            offset=int(trip["offset"]),
            first_ns=int(trip["first_ns"]),
            last_ns=int(trip["last_ns"]),
            window_start_ns=int(trip["first_ns"]),
            window_s=(int(trip["last_ns"]) - int(trip["first_ns"])) / 1e9,
            reason=self.reason(trip),
            figure=(
                f"{plural(int(trip['failures']), 'failure')} in "
                f"{span_text(int(trip['first_ns']), int(trip['last_ns']))}"
            ),
            observed=float(trip["failures"]),
            threshold=float(trip["threshold"]),
            score=float(trip["failures"]) / max(float(trip["threshold"]), 1.0),
            records_to_detect=int(trip["records_to_detect"]),
            is_update=is_update(trip),
            attackers=near,
            victims=(),
            users=self.users_named(trip, users),
            host=host,
            service=service,
            source_ports=ports_of(trip["source_ports"]),
            counts=Counts(events=int(trip["failures"]) + int(trip["successes"])),
            selector=Selector(
                source=source,
                medium="log",
                start_ns=int(trip["first_ns"]),
                end_ns=int(trip["last_ns"]),
                near=near,
                users=() if attacker else users,
                first_offset=int(trip["first_offset"]),
                last_offset=int(trip["last_offset"]),
            ),
            facts={
                "failures": int(trip["failures"]),
                **({"level": "medium"} if is_local else {}),
            },
        )

    def users_named(self, trip: np.void, users: tuple[str, ...]) -> tuple[str, ...]:
        """Return the accounts aimed at."""
        del trip
        return users


def text_of(raw: bytes | np.bytes_) -> str:
    r"""Return log bytes as text, what is not UTF-8 as ``\\xNN``."""
    return bytes(raw).decode("utf-8", errors="backslashreplace")
