"""What is remembered of hosts and of who talks to whom, to judge what is carried out.

Bounded, the longest silent gives way: `CONVERSATIONS_MAX` conversations with what they
carried, `ADDRESSES_MAX` addresses that a name led to, `HOSTS_MAX` hosts, `LEVELS_MAX`
relations with their volume.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from math import log2
from statistics import median
from typing import TYPE_CHECKING, Any
from zlib import crc32

from tocsin.core.times import DAY_NS, HOUR_NS

if TYPE_CHECKING:
    from tocsin.core.messages import Volume

CONVERSATIONS_MAX, ADDRESSES_MAX, HOSTS_MAX, LEVELS_MAX, FTP_MAX = 4096, 4096, 1024, 1024, 1024
PATHS_MAX, ENDS_MAX = 16, 16
_FLOOR_BYTES = 32_768
_PEERS_MIN, _SPREAD_MIN = 20, 1.0
_HISTORY_DAYS_MIN = 3


@dataclass(slots=True)
class Host:
    """One host: when it asked for its own address, how many names it looked up, and more.

    ``odd_ends`` are far ends at unusual ports, ``hours`` a mask of the hours of earlier days
    in which it was active (UTC), ``today`` that of day ``day``.
    """

    looked_up_ns: int = 0
    look_ups: int = 0
    odd_ends: dict[str, None] = field(default_factory=dict)
    in_swarm: bool = False  # it speaks BitTorrent
    libraries: dict[str, None] = field(default_factory=dict)
    told: dict[str, list[int]] = field(default_factory=dict)  # far end: last hash, bytes told
    paths: dict[str, dict[str, None]] = field(default_factory=dict)
    first_day: int = -1
    day: int = -1
    hours: int = 0
    today: int = 0

    def live(self, now_ns: int) -> bool:
        """Note activity; tell whether it is at an hour unlike all of the days before."""
        day, hour = now_ns // DAY_NS, now_ns % DAY_NS // HOUR_NS
        if self.first_day < 0:
            self.first_day = self.day = day
        if day > self.day:
            self.hours, self.today, self.day = self.hours | self.today, 0, day
        self.today |= 1 << hour
        near = sum(1 << (hour + step) % 24 for step in (-1, 0, 1))
        return day - self.first_day >= _HISTORY_DAYS_MIN and not self.hours & near

    def note(self, table: dict[str, None], name: str) -> int:
        """Remember a distinct name, within `ENDS_MAX`; return how many there are."""
        if len(table) < ENDS_MAX:
            table[name] = None
        return len(table)

    def tell(self, far: str, value: str) -> int:
        """Add up coded values told to a far end, unless the last one comes again."""
        if far not in self.told and len(self.told) >= ENDS_MAX:
            self.told.pop(next(iter(self.told)))
        known = self.told.setdefault(far, [0, 0])
        digest = crc32(value.encode())
        if digest != known[0]:
            known[0], known[1] = digest, known[1] + len(value)
        return known[1]

    def note_path(self, path: str, domain: str) -> int:
        """Remember that a domain was asked for a path; return how many domains were."""
        if path not in self.paths:
            if len(self.paths) >= PATHS_MAX:
                self.paths.pop(next(iter(self.paths)))
            self.paths[path] = {}
        return self.note(self.paths[path], domain)


class Relations:
    """Hosts, names, conversations and volumes of one source."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, Host] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()
        self._carried: OrderedDict[int, list[int]] = OrderedDict()  # out, in, spoken
        self._levels: OrderedDict[str, list[int]] = OrderedDict()  # relation -> bytes out, in
        self._ftp: OrderedDict[str, None] = OrderedDict()

    def host(self, address: str) -> Host:
        """Return what is known of a host."""
        known = self._hosts.get(address)
        if known is None:
            known = self._hosts[address] = Host()
        _bound(self._hosts, address, HOSTS_MAX)
        return known

    def note_name(self, address: str, name: str) -> None:
        """Remember that a name led to an address."""
        self._names[address] = name[:255]
        _bound(self._names, address, ADDRESSES_MAX)

    def name_of(self, address: str) -> str:
        """Return the name that led to an address, empty when none did."""
        return self._names.get(address, "")

    def note_ftp(self, one: str, other: str) -> None:
        """Remember that two hosts speak FTP: what else they carry may belong to it."""
        key = _pair(one, other)
        self._ftp[key] = None
        _bound(self._ftp, key, FTP_MAX)

    def is_ftp(self, one: str, other: str) -> bool:
        """Tell whether two hosts speak FTP."""
        return _pair(one, other) in self._ftp

    def speak(self, start_offset: int) -> None:
        """Remember that a conversation is of a known protocol."""
        self._conversation(start_offset)[2] = 1

    def has_spoken(self, start_offset: int) -> bool:
        """Tell whether a conversation is of a known protocol."""
        return self._conversation(start_offset)[2] == 1

    def carry(self, m: Volume, relation: str, *, is_turned: bool) -> tuple[int, int, int]:
        """Add what a conversation carried since it was last told of to its relation.

        Returns (bytes sent before, bytes sent, bytes received); ``is_turned``: by the server.
        """
        known = self._conversation(m.start_offset)
        out, back = max(m.bytes_out - known[0], 0), max(m.bytes_in - known[1], 0)
        known[0], known[1] = m.bytes_out, m.bytes_in
        level = self.meet(relation)
        before = level[0]
        level[0] += back if is_turned else out
        level[1] += out if is_turned else back
        return before, level[0], level[1]

    def meet(self, relation: str) -> list[int]:
        """Remember that a relation exists; return the bytes sent and received in it."""
        level = self._levels.get(relation)
        if level is None:
            level = self._levels[relation] = [0, 0]
        _bound(self._levels, relation, LEVELS_MAX)
        return level

    def _conversation(self, start_offset: int) -> list[int]:
        known = self._carried.get(start_offset)
        if known is None:
            known = self._carried[start_offset] = [0, 0, 0]
        _bound(self._carried, start_offset, CONVERSATIONS_MAX)
        return known

    def usual(self, relation: str) -> tuple[float, float, int] | None:
        """Return (usual bytes, deviations above, relations), of all others met so far.

        Robust: median and median absolute deviation of the logarithms, at least a factor of
        two. None with fewer than 20 others.
        """
        sent = {key: max(level[0], _FLOOR_BYTES) for key, level in self._levels.items()}
        own = sent.pop(relation, _FLOOR_BYTES)
        others = [log2(one) for one in sent.values()]
        if len(others) < _PEERS_MIN:
            return None
        middle = median(others)
        spread = max(1.4826 * median(abs(one - middle) for one in others), _SPREAD_MIN)
        above = (log2(own) - middle) / spread
        return 2.0**middle, above, len(others)

    def state(self) -> dict[str, Any]:
        """Return all as plain values, in their order."""
        return {
            "hosts": [(address, asdict(one)) for address, one in self._hosts.items()],
            "names": list(self._names.items()),
            "carried": [(start, list(one)) for start, one in self._carried.items()],
            "levels": [(key, list(level)) for key, level in self._levels.items()],
            "ftp": list(self._ftp),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        self._hosts = OrderedDict((address, Host(**one)) for address, one in state["hosts"])
        self._names = OrderedDict((address, name) for address, name in state["names"])
        self._carried = OrderedDict((start, list(one)) for start, one in state["carried"])
        self._levels = OrderedDict((key, list(level)) for key, level in state["levels"])
        self._ftp = OrderedDict((key, None) for key in state["ftp"])


def _pair(one: str, other: str) -> str:
    return f"{min(one, other)}|{max(one, other)}"


def _bound(table: OrderedDict[Any, Any], key: Any, most: int) -> None:
    table.move_to_end(key)
    if len(table) > most:
        table.popitem(last=False)
