"""Password guessing at log-ins in the clear: FTP, Telnet, mail, SMB, LDAP, RDP, databases.

Counted per client, server and service are refused log-ins within ``guess.window_s``. Where
passwords are sent in the clear they must differ: a program that repeats one outdated
password guesses nothing. Half as many are enough within `BURST_S`, when all differ: nobody
types that fast. Where no answer is captured, different passwords sent are counted; of RDP,
whose outcome is in TLS, connections that ask to log in. A success after guessing was seen
is an account compromise. Names that a mail server says it doesn't know are an enumeration.

Source: ATT&CK T1110.001 and T1110.003; the counting is that of Zeek's "FTP brute-forcing"
policy. Misses guessing slower than the window, from many addresses, and inside TLS (but
RDP). May raise all of it with no history. Memory: the bounded episodes; of passwords only
short hashes are kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import Login
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import UPDATED, Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection

BURST_S, BURST_MIN = 20, 5
PERSISTENT = 30.0  # from here on a source is no background noise any more
UNREAD_FACTOR = 1.25  # passwords that can't be told apart: clients repeat stale ones
SPRAY_USERS_MIN, SPRAY_TRIES_MAX = 6, 2.0
NAMES_UNKNOWN_MIN, USERS_MAX, DIFFERENT_MIN = 20, 16, 3
_NO_SUCH_USER = "no such user"
_IN_CLEAR = frozenset({"ftp", "telnet", "smtp", "pop3", "imap", "ldap"})


class LoginGuessing(MessageDetector):
    """Count refused log-ins per client, server and service."""

    name: ClassVar[str] = "login_guessing"
    hears = (Login,)

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if not isinstance(message, Login):
                continue
            if message.service == "smtp" and message.reason == _NO_SUCH_USER:
                yield from self._unknown(message, source)
            elif message.outcome == "tried":
                yield from self._tried(message, source)
            elif message.outcome == "failure":
                yield from self._refused(message, source)
            else:
                yield from self._accepted(message, source)

    def _refused(self, message: Login, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.guess
        episode = self.episodes.step(_key(message), message)
        self._remember(episode, message)
        failures = episode.within(message.at_ns, p.window_s)
        different = episode.tallies.get("different", 0.0)
        users = episode.tallies.get("users", 0.0)
        if message.secret:
            is_guessing = different >= DIFFERENT_MIN
            least = float(p.failures_min)
        else:
            is_guessing = True
            least = p.failures_min * (1.0 if users >= DIFFERENT_MIN else UNREAD_FACTOR)
        if _burst(episode, message) >= BURST_MIN and different >= BURST_MIN:
            least = float(BURST_MIN)
        phase = episode.phase(float(failures), least) if is_guessing else None
        if phase is None and 0 < episode.reported < PERSISTENT <= failures:
            phase, episode.reported = UPDATED, float(failures)
        if phase is not None:
            words = f"{plural(failures, 'refused log-in')} to {message.service}"
            yield self._found(episode, message, phase, (words, float(failures), least), source)

    def _tried(self, message: Login, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.guess
        answered = self.episodes.get(_key(message))
        episode = self.episodes.step(_key(message) + "|tried", message)
        self._remember(episode, message)
        if answered is not None or (message.service in _IN_CLEAR and not message.secret):
            return
        tries = episode.within(message.at_ns, p.window_s)
        different = episode.tallies.get("different", 0.0)
        if message.secret and different < p.failures_min:
            return
        least = float(p.failures_min) if message.secret else p.failures_min * UNREAD_FACTOR
        phase = episode.phase(float(tries), least)
        if phase is not None:
            words = f"{plural(tries, 'log-in')} to {message.service} tried, answers not readable,"
            yield self._found(episode, message, phase, (words, float(tries), least), source)

    def _accepted(self, message: Login, source: str) -> Iterator[Detection]:
        guessing = self.episodes.get(_key(message))
        before = 0.0 if guessing is None else guessing.reported
        failures = 0 if guessing is None else len(guessing.times)
        near = guessing is not None and (
            message.at_ns - guessing.last_ns <= self.policy.parameters.guess.window_s * NS_PER_S
        )
        self.episodes.step(_key(message), message)
        if not before or not near:
            return
        episode = self.episodes.step(_key(message) + "|in", message)
        phase = episode.phase(1.0, 1.0)
        if phase is None:
            return
        user = f" as {message.user!r}" if message.user else ""
        crossing = Crossing(
            kind="account_compromise",
            reason=(
                f"logged in to {message.service}{user} after {plural(failures, 'refusal')}; "
                "1 success after guessing is the bound"
            ),
            figure=f"1 log-in after {plural(failures, 'refusal')}",
            observed=1.0,
            threshold=1.0,
            expected=0.0,
            attackers=(message.client,),
            victims=(message.server,),
            users=(message.user,) if message.user else (),
            service=message.service,
            port=message.server_port or None,
            facts={"failures_before": failures},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def _unknown(self, message: Login, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.guess
        episode = self.episodes.step(_key(message) + "|names", message)
        if not episode.note(message.user):
            return
        names = episode.within(message.at_ns, p.window_s)
        phase = episode.phase(float(names), float(NAMES_UNKNOWN_MIN))
        if phase is None:
            return
        crossing = Crossing(
            kind="user_enumeration",
            reason=(
                f"asked the mail server for {plural(names, 'name')} that it doesn't know in "
                f"{span_text(episode.first_ns, episode.last_ns)}; {NAMES_UNKNOWN_MIN} is the bound"
            ),
            figure=f"{plural(names, 'unknown name')}",
            observed=float(names),
            threshold=float(NAMES_UNKNOWN_MIN),
            attackers=(message.client,),
            victims=(message.server,),
            service=message.service,
            port=message.server_port or None,
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    @staticmethod
    def _remember(episode: Episode, message: Login) -> None:
        if message.user and episode.note(f"user {message.user}"):
            episode.tally("users")
        if message.secret and episode.note(f"{message.secret} {message.user}"):
            episode.tally("different")

    def _found(
        self,
        episode: Episode,
        message: Login,
        phase: str,
        what: tuple[str, float, float],
        source: str,
    ) -> Detection:
        words, observed, least = what
        users = [name[5:] for name in episode.names if name.startswith("user ")]
        is_spray = (
            message.service in {"smb", "ldap"}
            and len(users) >= SPRAY_USERS_MIN
            and observed / len(users) <= SPRAY_TRIES_MAX
        )
        window_min = self.policy.parameters.guess.window_s / 60
        crossing = Crossing(
            kind="password_spray" if is_spray else "brute_force",
            reason=(
                f"{words} in {span_text(episode.first_ns, episode.last_ns)} for "
                f"{plural(len(users), 'user')}; {least:.0f} within {window_min:.0f} min "
                "is the bound"
            ),
            figure=f"{observed:,.0f} tries",
            observed=observed,
            threshold=least,
            attackers=(message.client,),
            victims=(message.server,),
            users=tuple(users[:USERS_MAX]),
            service=message.service,
            port=message.server_port or None,
            facts={
                "port": message.server_port,
                "different_passwords": int(episode.tallies.get("different", 0)),
                "users_tried": len(users),
            },
        )
        found = self.report(episode, message, crossing, phase=phase, source=source)
        return replace(found, counts=replace(found.counts, events=int(observed)))


def _key(message: Login) -> str:
    return f"{message.client}|{message.server}|{message.service}"


def _burst(episode: Episode, message: Login) -> int:
    """Return how many refusals came within the last `BURST_S`."""
    oldest = message.at_ns - BURST_S * NS_PER_S
    return sum(at >= oldest for at in episode.times[-BURST_MIN:])
