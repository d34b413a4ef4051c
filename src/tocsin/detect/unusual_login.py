"""Unusual log-ins: an account is let in from where, or when, it never was before.

Points per log-in, `POINTS_MIN` raise: a network that the account never used (1; 2 when nobody
did), a country it never came from (2), an hour of the day far from its usual ones (1 from three
hours on, 2 from five), more than 30 days of silence before (2), the first log-in at all of a
privileged account (2) or of one that programs run under (3), two places further apart than
anybody travels in the time (3). Accounts that come from ever new networks by habit get no point
for another one.

Source: Freeman, Jain, Dürmuth, Biggio, Giacinto, "Who Are You? A Statistical Approach to Measuring
User Authenticity", NDSS 2016 (a log-in's features against the account's own and everybody's past,
smoothed from network to country); ATT&CK T1078. Catches stolen passwords and keys used from
elsewhere. Misses who comes from the victim's own network at its usual hours.
May raise with no history: two places too far apart, where a database of places is configured. All
else needs the log watched in 24 hours of 3 days, and (but for first log-ins) five log-ins of the
account on three days. Countries and travel need that database. Memory: episodes, `ACCOUNTS_MAX`
accounts, `NETWORKS_MAX` networks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import LogEvent
from tocsin.core.places import Place, distance_km
from tocsin.core.times import HOUR_NS
from tocsin.detect.accounts import PRIVILEGED, is_service
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.login_history import Account, is_login, network_of
from tocsin.detect.presence import Presence
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.core.places import Places
    from tocsin.detect.base import Policy

ACCOUNTS_MAX, NETWORKS_MAX = 512, 2048
POINTS_MIN, MEDIUM_FROM = 2.0, 4.0
DORMANT_DAYS, DISTANCE_KM_MIN, SPEED_KMH_MAX = 30, 500.0, 1000.0
HOURS_LOGINS_MIN, HOURS_DAYS_MIN, HOURS_ODD, HOURS_FAR = 20, 5, 3, 5

_Signs = dict[str, tuple[float, str]]  # by name: points and words


class UnusualLogin(MessageDetector):
    """Compare each log-in with the account's past."""

    name: ClassVar[str] = "unusual_login"
    hears = (LogEvent,)
    medium: ClassVar[str] = "logs"

    def __init__(self, policy: Policy, *, places: Places | None = None) -> None:
        super().__init__(policy)
        self._places = places
        self._watch = Presence()
        self._accounts: OrderedDict[str, Account] = OrderedDict()
        self._networks: OrderedDict[str, None] = OrderedDict()  # from which anybody came

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a log-in that stands out, and as such ones double."""
        for m in rows:
            if not isinstance(m, LogEvent):
                continue
            if is_login(m):
                yield from self._login(m, source)
            self._watch.see(m.at_ns)

    def _login(self, m: LogEvent, source: str) -> Iterator[Detection]:
        user, network = str(m.event["user.name"]), network_of(m.client) if m.client else ""
        place = self._places(m.client) if self._places is not None and m.client else None
        account = self._accounts.get(user)
        is_first = account is None
        if account is None:
            account = self._accounts[user] = Account()
            if len(self._accounts) > ACCOUNTS_MAX:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(user)
        signs = self._signs(m, user, account, network, place, is_first=is_first)
        points = sum(one for one, _ in signs.values())
        has_stood_out = points >= POINTS_MIN
        if has_stood_out:
            yield from self._tell(m, user, account, signs, points, source)
        self._learn(m, account, network, place, has_stood_out=has_stood_out)

    def _signs(
        self,
        m: LogEvent,
        user: str,
        account: Account,
        network: str,
        place: Place | None,
        *,
        is_first: bool,
    ) -> _Signs:
        """Return what is unusual about a log-in."""
        signs: _Signs = {}
        travelled = self._travelled(m, account, place)
        if travelled:
            signs["travel"] = (3.0, travelled)
        if not self._watch.is_long:
            return signs
        if is_first:
            if is_service(user):
                signs["first_login"] = (3.0, "the first log-in of an account for programs")
            elif user.lower() in PRIVILEGED:
                signs["first_login"] = (2.0, "the first log-in of a privileged account")
            return signs
        if not account.is_known:
            return signs
        away = account.days_away(m.at_ns)
        if away > DORMANT_DAYS:
            signs["dormant"] = (2.0, f"the account was silent for {away:.0f} days")
        if network and network not in account.networks and not account.is_roaming:
            is_new_to_all = network not in self._networks
            words = "nobody came from" if is_new_to_all else "it never came from"
            signs["network"] = (2.0 if is_new_to_all else 1.0, f"{words} {network} before")
        if place and place.country and account.countries and place.country not in account.countries:
            usual = ", ".join(account.countries)
            signs["country"] = (2.0, f"it never came from {place.country} before, but {usual}")
        gap = account.hours_away(m.at_ns)
        is_regular = account.logins >= HOURS_LOGINS_MIN and account.presence.days >= HOURS_DAYS_MIN
        if is_regular and gap >= HOURS_ODD:
            hour = m.at_ns // HOUR_NS % 24
            signs["hour"] = (
                2.0 if gap >= HOURS_FAR else 1.0,
                f"{hour:02d} h UTC is {gap} hours from its usual ones",
            )
        return signs

    def _travelled(self, m: LogEvent, account: Account, place: Place | None) -> str:
        """Return the words for two log-ins that are too far apart for the time between."""
        if place is None or not account.last_point or m.client == account.last_source:
            return ""
        before = Place("", *account.last_point)
        apart_km = distance_km(before, place)
        hours = max((m.at_ns - account.last_ns) / HOUR_NS, 1 / 60)
        if apart_km is None or apart_km < DISTANCE_KM_MIN or apart_km / hours < SPEED_KMH_MAX:
            return ""
        return (
            f"{m.client} is {apart_km:,.0f} km from {account.last_source}, "
            f"{hours * 60:,.0f} min after it"
        )

    def _learn(
        self, m: LogEvent, account: Account, network: str, place: Place | None, *,
        has_stood_out: bool,
    ) -> None:  # fmt: skip
        country = place.country if place else ""
        account.learn(m.at_ns, network, country, has_stood_out=has_stood_out)
        account.last_source = m.client
        account.last_point = []
        if place and place.latitude is not None and place.longitude is not None:
            account.last_point = [place.latitude, place.longitude, place.accuracy_km]
        if not has_stood_out and network:
            self._networks[network] = None
            self._networks.move_to_end(network)
            if len(self._networks) > NETWORKS_MAX:
                self._networks.popitem(last=False)

    def _tell(
        self,
        m: LogEvent,
        user: str,
        account: Account,
        signs: _Signs,
        points: float,
        source: str,
    ) -> Iterator[Detection]:
        host = m.server or "this host"
        episode = self.episodes.step(f"{user}|{host}|{network_of(m.client)}", m)
        phase = episode.phase(float(episode.records), 1.0)
        if phase is None:
            return
        said = "; ".join(words for _, words in signs.values())
        way = str(m.event.get("event.action", "")).replace("_", " ")
        crossing = Crossing(
            kind="unusual_login",
            reason=(
                f"{user!r} was let in at {host} ({way}) from {m.client or 'its console'}: {said}; "
                f"{plural(account.logins, 'log-in')} on {plural(account.presence.days, 'day')} "
                f"are known; {points:.0f} points, and {POINTS_MIN:.0f} is the bound"
            ),
            figure=f"{user!r} ({', '.join(signs)}), {points:.0f} points",
            observed=points,
            threshold=POINTS_MIN,
            attackers=(m.client,) if m.client else (),
            victims=(host,),
            users=(user,),
            service=str(m.event.get("event.dataset", "")).split(".", maxsplit=1)[0] or None,
            contributions={name: worth for name, (worth, _) in signs.items()},
            facts={"level": "medium" if points >= MEDIUM_FROM else "low"},
        )
        found = self.report(episode, m, crossing, phase=phase, source=source)
        yield replace(found, entity=f"{user}@{host}")

    def state(self) -> dict[str, Any]:
        """Return accounts, networks and episodes as plain values."""
        return {
            **super().state(),
            "watch": asdict(self._watch),
            "accounts": [[user, one.plain()] for user, one in self._accounts.items()],
            "networks": list(self._networks),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._watch = Presence(**state["watch"])
        self._accounts = OrderedDict(
            (user, Account.from_plain(one)) for user, one in state["accounts"]
        )
        self._networks = OrderedDict.fromkeys(state["networks"])
