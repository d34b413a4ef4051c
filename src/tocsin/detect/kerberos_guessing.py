"""Kerberos: passwords sprayed or guessed, and user names tried, at a domain controller.

Counted per client and controller within ``guess.window_s``: refused pre-authentication
(error 24) and distinct names that the controller doesn't know (error 6; RFC 4120, section
7.5.9). "Pre-authentication required" (25) is part of every log-in and counts for nothing.
Where no answer is captured, distinct names in requests count.

Source: ATT&CK T1110.003 and T1589; the tools are kerbrute and Rubeus. Misses spraying
slower than the window and over many clients. A log-in server for many people fails for few
of them. May raise all of it with no history. Memory: the bounded episodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import KerberosMessage
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection

SPRAY_USERS_MIN, UNKNOWN_MIN, SILENT_MIN, USERS_MAX = 5, 8, 20, 16
_AS_REQ, _AS_REP, _ERROR = 10, 11, 30
_UNKNOWN, _REVOKED, _REFUSED = 6, 18, 24


class KerberosGuessing(MessageDetector):
    """Count refused pre-authentication and unknown names per client and controller."""

    name: ClassVar[str] = "kerberos_guessing"
    hears = (KerberosMessage,)

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if isinstance(message, KerberosMessage) and message.type in {_AS_REQ, _AS_REP, _ERROR}:
                yield from self._one(message, source)

    def _one(self, message: KerberosMessage, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.guess
        key = f"{message.client}|{message.server}"
        episode = self.episodes.step(key, message)
        if message.type != _AS_REQ:
            episode.tally("answers")
        unknown, refused = episode.tallies.get("unknown", 0), episode.tallies.get("users", 0)
        failures = len(episode.times)
        user = message.user.lower()
        if message.type == _ERROR and message.error in {_REFUSED, _REVOKED}:
            failures = episode.within(message.at_ns, p.window_s)
            if episode.note(f"user {user}"):
                refused = episode.tally("users")
        elif message.type == _ERROR and message.error == _UNKNOWN:
            if episode.note(f"none {user}"):
                unknown = episode.tally("unknown")
        elif message.type == _AS_REQ and not episode.tallies.get("answers"):
            if user and episode.note(f"asks {user}"):
                asked = episode.tally("asked")
                yield from self._say(
                    message, source, "user_enumeration",
                    (asked, SILENT_MIN, "name asked for without an answer seen"),
                )  # fmt: skip
            return
        else:
            return
        if refused >= SPRAY_USERS_MIN:
            what = (refused, SPRAY_USERS_MIN, "user with a refused password")
            yield from self._say(message, source, "password_spray", what)
        elif failures >= p.failures_min:
            what = (failures, p.failures_min, "refused password")
            yield from self._say(message, source, "brute_force", what)
        elif unknown >= UNKNOWN_MIN:
            what = (unknown, UNKNOWN_MIN, "name that the controller doesn't know")
            yield from self._say(message, source, "user_enumeration", what)

    def _say(
        self, message: KerberosMessage, source: str, kind: str, what: tuple[float, float, str]
    ) -> Iterator[Detection]:
        observed, least, noun = what
        episode = self.episodes.get(f"{message.client}|{message.server}")
        phase = episode.phase(float(observed), float(least)) if episode else None
        if episode is None or phase is None:
            return
        users = tuple(name[5:] for name in episode.names)[:USERS_MAX]
        head, _, tail = noun.partition(" ")
        counted = f"{plural(int(observed), head)} {tail}"
        crossing = Crossing(
            kind=kind,
            reason=(
                f"Kerberos: {counted} in {span_text(episode.first_ns, episode.last_ns)}; "
                f"{least:.0f} within {self.policy.parameters.guess.window_s / 60:.0f} min "
                "is the bound"
            )
            if noun != "refused password"
            else (
                f"Kerberos: {plural(int(observed), noun)} in "
                f"{span_text(episode.first_ns, episode.last_ns)}; {least:.0f} is the bound"
            ),
            figure=counted if noun != "refused password" else plural(int(observed), noun),
            observed=float(observed),
            threshold=float(least),
            attackers=(message.client,),
            victims=(message.server,),
            users=users,
            service="kerberos",
            port=message.server_port or None,
            facts={
                "users_refused": int(episode.tallies.get("users", 0)),
                "users_unknown": int(episode.tallies.get("unknown", 0)),
            },
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)
