"""What is known of an account's log-ins: networks, countries, hours, the last one; bounded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from tocsin.core.log_messages import LogEvent
from tocsin.core.times import DAY_NS, HOUR_NS
from tocsin.detect.presence import Presence

if TYPE_CHECKING:
    from tocsin.core.messages import Message

NETWORKS_MAX, COUNTRIES_MAX, DAY_HOURS = 16, 8, 24
LOGINS_MIN, DAYS_MIN = 5, 3  # before an account's habits are known
TRUSTED_DAYS = 3  # a network that stood out is usual once it was used on so many days
ROAMING_SHARE = 0.25
_LOCAL = frozenset({"su_password", "polkit_login", "sudo_command"})


def is_login(message: Message) -> bool:
    """Tell a log-in of a named account that was let in."""
    if not isinstance(message, LogEvent):
        return False
    event = message.event
    return (
        event.get("event.outcome") == "success"
        and event.get("event.category") == "authentication"
        and bool(event.get("user.name"))
        and event.get("event.action") not in _LOCAL
    )


def network_of(address: str) -> str:
    """Return the network that a provider gives to one neighbourhood: /24 of IPv4, /48 of IPv6.

    >>> network_of("203.0.113.9"), network_of("2001:db8:7:1::9")
    ('203.0.113.0/24', '2001:db8:7::/48')
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    bits = 24 if isinstance(parsed, IPv4Address) else 48
    return str(ip_network((parsed, bits), strict=False))


@dataclass(slots=True)
class Account:
    """The log-ins of one account; plain values only."""

    presence: Presence = field(default_factory=Presence)
    logins: int = 0
    networks_total: int = 0
    networks: dict[str, list[int]] = field(default_factory=dict)  # last day, days
    doubted: dict[str, list[int]] = field(default_factory=dict)  # the same, of those that stood out
    countries: dict[str, None] = field(default_factory=dict)
    hours: list[int] = field(default_factory=lambda: [0] * DAY_HOURS)
    last_ns: int = 0
    last_source: str = ""
    last_point: list[float] = field(default_factory=list)  # latitude, longitude, accuracy

    @property
    def is_known(self) -> bool:
        """Whether the account has habits that a log-in can be compared with."""
        return self.logins >= LOGINS_MIN and self.presence.days >= DAYS_MIN

    @property
    def is_roaming(self) -> bool:
        """Whether new networks are this account's habit."""
        return self.networks_total > ROAMING_SHARE * self.logins

    def hours_away(self, at_ns: int) -> int:
        """Return how many hours lie between this hour of the day and the nearest usual one."""
        hour = at_ns // HOUR_NS % DAY_HOURS
        apart = (abs(hour - one) for one, count in enumerate(self.hours) if count)
        return min((min(gap, DAY_HOURS - gap) for gap in apart), default=0)

    def days_away(self, at_ns: int) -> float:
        """Return how many days the account was silent before this moment."""
        return (at_ns - self.last_ns) / DAY_NS if self.last_ns else 0.0

    def learn(self, at_ns: int, network: str, country: str, *, has_stood_out: bool) -> None:
        """Take a log-in in; what stood out is learnt only when it comes again on other days."""
        self.presence.see(at_ns)
        self.logins += 1
        self.last_ns = max(self.last_ns, at_ns)
        day = at_ns // DAY_NS
        known = self.networks.get(network)
        if known is None and has_stood_out:
            doubt = self.doubted.pop(network, None) or [-1, 0]
            if day > doubt[0]:
                doubt[:] = [day, doubt[1] + 1]
            self.doubted[network] = doubt
            if len(self.doubted) > NETWORKS_MAX:
                del self.doubted[next(iter(self.doubted))]
            if doubt[1] < TRUSTED_DAYS:
                return
            del self.doubted[network]
        self.hours[at_ns // HOUR_NS % DAY_HOURS] += 1
        if known is None:
            known = self.networks[network] = [-1, 0]
            self.networks_total += 1
            if len(self.networks) > NETWORKS_MAX:
                del self.networks[min(self.networks, key=lambda one: self.networks[one][0])]
        if day > known[0]:
            known[:] = [day, known[1] + 1]
        if country and len(self.countries) < COUNTRIES_MAX:
            self.countries[country] = None

    def plain(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> Account:
        """Take back what `plain` gave."""
        return cls(**{**values, "presence": Presence(**values["presence"])})
