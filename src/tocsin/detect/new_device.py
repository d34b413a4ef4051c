"""New device: a hardware address appears on a network that was watched for days.

Stations say who they are in ARP, IPv6 neighbour discovery and DHCP; whoever says so for the
first time after days of watching (`presence`) is new. Sources: RFC 826, RFC 4861, RFC 2131;
NIST SP 800-94 section 5.2.3; CIS Control 1 (inventory of assets). Telephones change their
address at will (RFC 9724): a locally administered one is new only where none was before.

Catches a device that was plugged in, and an access point that somebody brought. Misses one
that only listens, one behind a router, one that takes a known address (`arp_spoof` tells),
and changing addresses where they are usual. All of a day are one episode, so that a flood
of addresses is one, too. Raises nothing with no history. Memory: episodes, and
`DEVICES_MAX` hardware addresses, the longest silent gives way.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import ArpMessage, DhcpMessage
from tocsin.detect.episodes import Crossing, Episodes, MessageDetector
from tocsin.detect.presence import Presence
from tocsin.detect.trips import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy

DEVICES_MAX = 1024
_NAMED_MAX = 8
_GROUP, _LOCAL = 1, 2  # bits of the first octet, IEEE 802 section 8.2
_NOBODY = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - an address, nothing is bound


class NewDevice(MessageDetector):
    """Remember who has spoken on the link."""

    name: ClassVar[str] = "new_device"
    hears = (ArpMessage, DhcpMessage)
    gap_s: ClassVar[float] = 24 * 3600.0

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.episodes = Episodes(gap_s=self.gap_s, episodes_max=1)  # of the day
        self._devices: OrderedDict[str, None] = OrderedDict()
        self._link = Presence()
        self._has_local = False  # a locally administered address was usual here

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection for a station that speaks for the first time."""
        for m in rows:
            if isinstance(m, ArpMessage):
                device, address, name = m.sender_mac, m.sender, ""
            elif isinstance(m, DhcpMessage) and m.from_client:
                device, address, name = m.client_mac, "", m.host_name
            else:
                continue
            self._link.see(m.at_ns)
            if device in self._devices:
                self._devices.move_to_end(device)
                continue
            yield from self._met(m, device, address, name, source)

    def _met(
        self, m: Message, device: str, address: str, name: str, source: str
    ) -> Iterator[Detection]:
        bits = int(device[:2], 16) if device else _GROUP
        if bits & _GROUP:
            return
        known = len(self._devices)
        self._devices[device] = None
        if known >= DEVICES_MAX:
            self._devices.popitem(last=False)
        is_local = bool(bits & _LOCAL)
        if not self._link.is_long or (is_local and self._has_local):
            self._has_local |= is_local
            return
        episode = self.episodes.step(f"day {self._link.day}", m)
        episode.note(device)
        count = int(episode.tally("devices"))
        phase = episode.phase(float(count), 1.0)
        if phase is None:
            return
        shown = address if address not in _NOBODY else ""
        called = f", calls itself {name[:60]!r}" if name else ""
        more = f"; it is number {count:,} of this day" if count > 1 else ""
        crossing = Crossing(
            kind="new_device",
            reason=(
                f"{device}{f' at {shown}' if shown else ''}{called} spoke on this link for the "
                f"first time; {plural(known - count + 1, 'other')} met on the "
                f"{self._link.days - 1} days before{more}"
            ),
            figure=f"{plural(count, 'hardware address')} never met before",
            observed=float(count),
            threshold=1.0,
            expected=0.0,
            attackers=(),
            victims=tuple(episode.names)[:_NAMED_MAX] + ((shown,) if shown else ()),
            facts={"mac": device, "address": shown, "name": name[:60]},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return devices and episodes as plain values."""
        return {
            **super().state(),
            "devices": list(self._devices),
            "link": asdict(self._link),
            "has_local": self._has_local,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._devices = OrderedDict.fromkeys(state["devices"])
        self._link = Presence(**state["link"])
        self._has_local = state["has_local"]
