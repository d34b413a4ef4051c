"""Password guessing, spraying and user searches at services that say how a log-in ended.

Failures are counted per client, server and service within a window: many for few users
are guessing, many users with few tries each spraying; refusals that say "no such user"
a search for users. A success soon after makes it an account compromise. Sources: the
services' own answers (see `tocsin.parse.protocols`); MITRE ATT&CK T1110.001, T1110.003.

Catches hydra, medusa, ncrack, nmap's brute scripts at FTP, Telnet, mail, SMB, LDAP, Kerberos
and databases. A person who forgot a password stays below the bound. Misses slower guessing,
and what is encrypted. May raise with no history. Memory: `tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import KerberosMessage, Login
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_USERS_SHOWN = 8
_PREAUTH_FAILED, _NO_SUCH_USER, _ERROR, _AS_REP = 24, 6, 30, 11
_SPRAY_USERS, _SPRAY_SHARE = 8, 0.5
_AFTER_S = 600.0


class LoginGuessing(MessageDetector):
    """Count failed log-ins."""

    name: ClassVar[str] = "login_guessing"

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold, at each doubling, and for a success after it."""
        for message in rows:
            if isinstance(message, Login):
                yield from self._login(
                    message, message.service, message.outcome, message.user, source
                )
            elif isinstance(message, KerberosMessage):
                yield from self._kerberos(message, source)

    def _kerberos(self, m: KerberosMessage, source: str) -> Iterator[Detection]:
        if m.type == _ERROR and m.error in {_PREAUTH_FAILED, _NO_SUCH_USER}:
            outcome = "unknown" if m.error == _NO_SUCH_USER else "failure"
            yield from self._login(m, "kerberos", outcome, m.user, source)
        elif m.type == _AS_REP:
            yield from self._login(m, "kerberos", "success", m.user, source)

    def _login(
        self, m: Message, service: str, outcome: str, user: str, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.guess
        key = f"{m.client}|{m.server}|{service}"
        if outcome == "success":
            known = self.episodes.get(key)
            if known is None or not known.times or "entered" in known.tallies:
                return
            failures = len(known.times)
            is_after = m.at_ns - known.times[-1] < _AFTER_S * 1e9
            if is_after and failures >= p.success_failures_min and user in known.names:
                known.tally("entered")
                known.last_ns, known.last_offset = m.at_ns, m.offset
                known.records_to_detect = known.records_to_detect or known.records
                yield self.report(
                    known, m, self._entered(known, m, service, user), phase="raised", source=source
                )
            return
        if outcome not in {"failure", "unknown"}:
            return
        episode = self.episodes.step(key, m)
        if user:
            episode.note(user)
        if outcome == "unknown":
            episode.tally("unknown")
        total = episode.tally("failures")
        recent = episode.within(m.at_ns, p.window_s)
        if not episode.reported and recent < p.failures_min:
            return
        phase = episode.phase(total, p.failures_min)
        if phase is not None:
            crossing = self._failed(episode, m, service)
            yield self.report(episode, m, crossing, phase=phase, source=source)

    def _failed(self, episode: Episode, m: Message, service: str) -> Crossing:
        failures, users = episode.tallies["failures"], len(episode.names)
        unknown = episode.tallies.get("unknown", 0.0)
        kind = "brute_force"
        if unknown > _SPRAY_SHARE * failures:
            kind = "user_enumeration"
        elif users >= _SPRAY_USERS and users > _SPRAY_SHARE * failures:
            kind = "password_spray"
        span = span_text(episode.first_ns, episode.last_ns)
        return Crossing(
            kind=kind,
            reason=(
                f"{plural(round(failures), 'failed log-in')} at {service} in {span} for "
                f"{plural(max(users, 1), 'user')}; {self.policy.parameters.guess.failures_min:.0f} "
                f"within {self.policy.parameters.guess.window_s / 60:.0f} min is the bound"
            ),
            figure=f"{plural(round(failures), 'failure')} in {span}",
            observed=failures,
            threshold=float(self.policy.parameters.guess.failures_min),
            attackers=(m.client,),
            victims=(m.server,),
            users=tuple(episode.names)[:_USERS_SHOWN],
            service=service,
            port=m.server_port or None,
            facts={"failures": round(failures), "users": users},
        )

    def _entered(self, episode: Episode, m: Message, service: str, user: str) -> Crossing:
        failures = episode.tallies["failures"]
        span = span_text(episode.first_ns, m.at_ns)
        return Crossing(
            kind="account_compromise",
            reason=(
                f"{user!r} logged in at {service} after {plural(round(failures), 'failure')} of "
                f"the same client in {span}; "
                f"{self.policy.parameters.guess.success_failures_min:.0f} before it is the bound"
            ),
            figure=f"{plural(round(failures), 'failure')} in {span}",
            observed=failures,
            threshold=float(self.policy.parameters.guess.success_failures_min),
            attackers=(m.client,),
            victims=(m.server,),
            users=(user,),
            service=service,
            port=m.server_port or None,
            facts={"failures": round(failures)},
        )
