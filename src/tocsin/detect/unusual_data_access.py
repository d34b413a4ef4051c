"""Unusual data access: one client reads far more from a server than its other clients do.

Four views. *Logs*: bytes, rows or files that a user read, as file servers, audits of databases
and access logs tell, against others and its own past. *Bytes*: what a client was given by one
service, against the median of the service's other clients, and against the most that itself was
given in an hour before.
*Files*: distinct files of a share opened within ten minutes, against the most that another
client opened. *Dumps*: a copy of a database or a secret fetched from a web server, a
document from a makeshift one by an outside host. Sources:
Bertino and Ghinita, "Towards mechanisms for detection and prevention of data exfiltration by
insiders", ASIACCS 2011; Kamra, Terzi, Bertino, "Detecting anomalous access patterns in
relational databases", VLDB Journal 2008; MITRE ATT&CK T1039, T1213, T1530.

Catches a share that is read through, a database that is read by somebody new, a site that
is mirrored. Misses slow reading, and encrypted SMB 3 (its bytes are counted). With no
history it may raise files over ``files_min`` and dumps; bytes need five other clients, or a
day of the client's own past. Memory: episodes, `SERVICES_MAX` services with `CLIENTS_MAX`
clients each.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace
from math import log2
from statistics import median
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.log_messages import LogEvent, WebAmounts
from tocsin.core.messages import HttpResponse, SmbCall, Volume
from tocsin.core.times import HOUR_NS, NS_PER_S
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.log_amounts import amount_of, amount_text
from tocsin.detect.trips import plural, span_text
from tocsin.detect.volumes import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy
    from tocsin.detect.episodes import Episode

SERVICES_MAX, CLIENTS_MAX, CONVERSATIONS_MAX = 256, 64, 2048
_TCP, _CREATE, _CREATE_1 = 6, 5, 0xA2
_OTHERS_MIN, _DEVIATIONS_MIN, _FLOOR_BYTES, _HOURS_MIN = 5, 4.0, 65_536, 24
_FILES_RATIO = 4
_DUMP = re.compile(
    r"\.(?:sql(?:\.(?:gz|zip|bz2|xz))?|sqlite3?|mdb|dump|dmp|pst|kdbx|pem|ppk|htpasswd)$"
    r"|/(?:\.env|id_rsa|\.git/(?:config|index)|wp-config\.php\.\w{1,8}|shadow)$",
    re.IGNORECASE,
)
# Web servers that a person starts for an hour, and what nobody would publish by them.
_THROWN_UP = re.compile(r"simplehttp|basehttp|updog|webrick|uploadserver", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"\.(?:zip|rar|7z|tgz|gz|tar|csv|xlsx?|docx?|pptx?|pdf|bak|db|pst|eml|key|pfx)$", re.IGNORECASE
)
_PAGE = re.compile(r"html", re.IGNORECASE)
_OK, _PARTIAL = 200, 206

# Of one client at one service: bytes in all, bytes this hour, the most in an hour before,
# number of the hour, number of the first hour.
_Client = list[int]


class UnusualDataAccess(MessageDetector):
    """Compare clients of a service with each other, and with their own past."""

    name: ClassVar[str] = "unusual_data_access"
    hears = (Volume, SmbCall, HttpResponse, LogEvent, WebAmounts)

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._services: OrderedDict[str, OrderedDict[str, _Client]] = OrderedDict()
        self._given: OrderedDict[int, int] = OrderedDict()  # conversation -> bytes

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when a client stands out, and when what it read doubles."""
        for m in rows:
            if isinstance(m, Volume):
                yield from self._read(m, source)
            elif isinstance(m, SmbCall):
                yield from self._opened(m, source)
            elif isinstance(m, HttpResponse):
                yield from self._fetched(m, source)
            elif isinstance(m, LogEvent):
                yield from self._logged(m, source)
            elif isinstance(m, WebAmounts) and m.what == "read":
                yield from self._downloaded(m, source)

    def _read(self, m: Volume, source: str) -> Iterator[Detection]:
        """Count what a server of ours gave a client; judge at each doubling."""
        if m.proto != _TCP or not self.policy.home.holds(m.server):
            return
        given = m.bytes_in - self._given.get(m.start_offset, 0)
        self._given[m.start_offset] = m.bytes_in
        self._given.move_to_end(m.start_offset)
        if len(self._given) > CONVERSATIONS_MAX:
            self._given.popitem(last=False)
        hour = m.at_ns // HOUR_NS
        client, before = self._count(f"{m.server}|{m.server_port}", m.client, given, hour)
        p = self.policy.parameters.exfiltration
        if client[1] < p.read_bytes_min or client[0].bit_length() == before.bit_length():
            return
        usual, words = self._usual(f"{m.server}|{m.server_port}", m.client, client, hour)
        if not usual or client[1] < p.read_ratio_min * usual:
            return
        episode = self.episodes.step(f"{m.client}|{m.server}|{m.server_port}", m)
        episode.bytes = client[0]
        crossing = self._crossing(
            m,
            reason=(
                f"{amount(client[1])} given to {m.client} by {m.server} port {m.server_port} "
                f"within the hour; {words} {amount(usual)}; {p.read_ratio_min:.0f} times that is "
                "the bound"
            ),
            figure=f"{amount(client[1])} read, port {m.server_port}",
            observed=float(client[1]),
            expected=usual,
            threshold=p.read_ratio_min * usual,
        )
        yield from self._reported(episode, m, crossing, source)

    def _count(self, service: str, party: str, given: int, hour: int) -> tuple[_Client, int]:
        """Add to what a party was given; return its counts, and what it was given before."""
        client = self._client(service, party)
        if client[3] != hour:
            client[2], client[1], client[3] = max(client[2], client[1]), 0, hour
            client[4] = client[4] or hour
        before, client[0], client[1] = client[0], client[0] + given, client[1] + given
        return client, before

    def _logged(self, m: LogEvent, source: str) -> Iterator[Detection]:
        """Count what a log says was read; judge at each doubling."""
        what = amount_of(m)
        if what is None:
            return
        hour = m.at_ns // HOUR_NS
        client, before = self._count(what.service, what.party, what.given, hour)
        if client[1] < what.least or client[0].bit_length() == before.bit_length():
            return
        usual, words = self._usual(what.service, what.party, client, hour, floor=what.floor)
        ratio = self.policy.parameters.exfiltration.read_ratio_min
        if not usual or client[1] < ratio * usual:
            return
        episode = self.episodes.step(f"{what.party}|{what.service}", m)
        shown, often = amount_text(client[1], what.unit), amount_text(int(usual), what.unit)
        crossing = replace(
            self._crossing(
                m,
                reason=(
                    f"{shown} read by {what.party!r} within the hour; {words} {often}; "
                    f"{ratio:.0f} times that is the bound"
                ),
                figure=f"{shown} read",
                observed=float(client[1]),
                expected=usual,
                threshold=ratio * usual,
            ),
            attackers=(m.client,) if m.client else (),
            victims=(m.server or "this host",),
            users=(what.party,) if what.party != m.client else (),
        )
        yield from self._reported(episode, m, crossing, source)

    def _downloaded(self, m: WebAmounts, source: str) -> Iterator[Detection]:
        """Judge what a web client was given within an hour by the mean of the others."""
        ratio = self.policy.parameters.exfiltration.read_ratio_min
        usual = max(m.others_bytes / max(m.others, 1), float(_FLOOR_BYTES))
        if m.others < _OTHERS_MIN or m.bytes < ratio * usual:
            return
        episode = self.episodes.step(f"{m.client}|{m.server}|web", m)
        episode.first_ns, episode.first_offset = m.first_ns, m.first_offset
        episode.records, episode.bytes = m.requests, m.bytes
        crossing = self._crossing(
            m,
            reason=(
                f"{amount(m.bytes)} given to {m.client} within the hour in "
                f"{plural(m.requests, 'request')}; {m.others:,} other clients were given "
                f"{amount(usual)} in an hour on average; {ratio:.0f} times that is the bound"
            ),
            figure=f"{amount(m.bytes)} read",
            observed=float(m.bytes),
            expected=usual,
            threshold=ratio * usual,
        )
        yield from self._reported(episode, m, crossing, source)

    def _client(self, service: str, address: str) -> _Client:
        known = self._services.setdefault(service, OrderedDict())
        self._services.move_to_end(service)
        if len(self._services) > SERVICES_MAX:
            self._services.popitem(last=False)
        client = known.setdefault(address, [0, 0, 0, 0, 0])
        known.move_to_end(address)
        if len(known) > CLIENTS_MAX:
            known.popitem(last=False)
        return client

    def _usual(
        self, service: str, address: str, client: _Client, hour: int, *, floor: int = _FLOOR_BYTES
    ) -> tuple[float, str]:
        """Return what is usual and in whose words; 0 when nobody can say."""
        if hour - client[4] >= _HOURS_MIN and client[2]:
            return float(max(client[2], floor)), "the most it was given in an hour before is"
        others = [
            float(max(one[0], floor))
            for name, one in self._services[service].items()
            if name != address
        ]
        if len(others) < _OTHERS_MIN:
            return 0.0, ""
        levels = [log2(one) for one in others]
        middle = median(levels)
        spread = max(1.4826 * median(abs(one - middle) for one in levels), 1.0)
        if (log2(client[0]) - middle) / spread < _DEVIATIONS_MIN:
            return 0.0, ""
        return 2.0**middle, f"half of its {len(others)} other clients were given at most"

    def _opened(self, m: SmbCall, source: str) -> Iterator[Detection]:
        """Count distinct files of a share that are opened."""
        is_open = m.command == _CREATE if m.dialect > 1 else m.command == _CREATE_1
        if not (is_open and m.name and m.is_response) or m.status:
            return
        if str(m.facts.get("share", "")).upper().endswith("IPC$"):
            return
        episode = self.episodes.step(f"{m.client}|{m.server}|files", m)
        p = self.policy.parameters.exfiltration
        begun_ns = int(episode.tallies.setdefault("begun_ns", float(m.at_ns)))
        if not episode.reported and m.at_ns - begun_ns > p.files_window_s * NS_PER_S:
            episode.names.clear()
            episode.tallies["begun_ns"] = float(m.at_ns)
        if not episode.note(m.name.lower()):
            return
        files = len(episode.names)
        others = self._most_files(m)
        threshold = max(p.files_min, _FILES_RATIO * others)
        crossing = self._crossing(
            m,
            reason=(
                f"{plural(files, 'file')} of {m.server} opened by {m.client} in "
                f"{span_text(int(begun_ns), m.at_ns)}; the most that another client opened is "
                f"{others:.0f}; {threshold:.0f} is the bound"
            ),
            figure=f"{plural(files, 'file')} opened",
            observed=float(files),
            expected=float(others) if others else None,
            threshold=threshold,
        )
        yield from self._reported(episode, m, crossing, source)

    def _most_files(self, m: SmbCall) -> float:
        """Return how many files the busiest other client of a server has opened."""
        service = f"{m.server}|files"
        client = self._client(service, m.client)
        client[0] += 1
        return max(
            (float(one[0]) for name, one in self._services[service].items() if name != m.client),
            default=0.0,
        )

    def _fetched(self, m: HttpResponse, source: str) -> Iterator[Detection]:
        """Judge a copy of a database, or a secret, that a web server of ours gave out."""
        asked = m.request
        if asked is None or m.status not in {_OK, _PARTIAL} or asked.method != "GET":
            return
        if not self.policy.home.holds(m.server) or not m.body:
            return
        kind = next((value for name, value in m.headers if name == "content-type"), "")
        path = asked.target.partition("?")[0]
        program = next((value for name, value in m.headers if name == "server"), "")
        is_loose = _THROWN_UP.search(program) and not self.policy.home.holds(m.client)
        is_taken = _DUMP.search(path) or (is_loose and _DOCUMENT.search(path))
        if not is_taken or _PAGE.search(kind) or m.body.lstrip()[:1] == b"<":
            return
        episode = self.episodes.step(f"{m.client}|{m.server}|dump", m)
        shown = path[-60:]
        crossing = self._crossing(
            m,
            reason=(
                f"{shown!r} fetched by {m.client} from {m.server}, status {m.status}: a copy of a "
                f"database, a secret, or a file behind a makeshift server; 1 is the bound"
            ),
            figure=f"{plural(episode.records, 'file')} fetched, {shown}",
            observed=float(episode.records),
            expected=None,
            threshold=1.0,
        )
        yield from self._reported(episode, m, crossing, source)

    def _crossing(
        self,
        m: Message,
        *,
        reason: str,
        figure: str,
        observed: float,
        expected: float | None,
        threshold: float,
    ) -> Crossing:
        return Crossing(
            kind="unusual_data_access",
            reason=reason,
            figure=figure,
            observed=observed,
            expected=expected,
            threshold=threshold,
            attackers=(m.client,),
            victims=(m.server,),
            port=m.server_port or None,
        )

    def _reported(
        self, episode: Episode, m: Message, crossing: Crossing, source: str
    ) -> Iterator[Detection]:
        phase = episode.phase(crossing.observed, crossing.threshold)
        if phase is not None:
            yield self.report(episode, m, crossing, phase=phase, source=source)

    def state(self) -> dict[str, Any]:
        """Return episodes, services and conversations as plain values."""
        return {
            **super().state(),
            "services": [
                (service, [(address, list(one)) for address, one in clients.items()])
                for service, clients in self._services.items()
            ],
            "given": list(self._given.items()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self._services = OrderedDict(
            (service, OrderedDict((address, list(one)) for address, one in clients))
            for service, clients in state["services"]
        )
        self._given = OrderedDict((start, given) for start, given in state["given"])
