"""What the scanner leaves: rows that are read in Python, for the log lane.

A row that no dense template knows is read by `tocsin.parse.records`; what that finds is written
back into the row (its time, its source, what it means as a log-in), so that counts, index
and the authentication kernel see one table of rows whoever read them. What else an event
says goes on as a message.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.networks import NO_PROXIES
from tocsin.core.times import HOUR_NS, parse_rfc3339
from tocsin.kernels import scanner, web_clients
from tocsin.parse.connections import Connections
from tocsin.parse.event_messages import asked_event, messages_of
from tocsin.parse.events import event_of, head_of, original_of, text_of, time_text
from tocsin.parse.heard import Hearing
from tocsin.parse.joining import Joiner
from tocsin.parse.pieces import Piece
from tocsin.parse.plain_access import plain_access_event
from tocsin.parse.records import RecordReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tocsin.core.event import Event
    from tocsin.core.messages import Message
    from tocsin.core.networks import Proxies
    from tocsin.kernels.log_scan import Stamps
    from tocsin.parse.compile import Compiled

Suspicion = Callable[[str, str, str, str], bool]  # target, referrer, agent, method
_SUSPECT = web_clients.SUSPECT
_LOOKS = _SUSPECT | web_clients.OF_RULE | web_clients.FLOOD
PROGRAMS_MAX, TRIES_MAX, TOLD_MAX = 1024, 64, 64
_TEXTS = tuple(f"extra_{k}_{what}" for k in range(3) for what in ("at", "length"))
_METHOD_MAX = 20  # its space and mark included
_LOGINS = ("_login", "_register")


class SparseRows:
    """Reads the rows of one log that kernels leave."""

    def __init__(
        self,
        compiled: Compiled,
        *,
        stamps: Stamps,
        is_suspect: Suspicion | None = None,
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        self._compiled = compiled
        self._is_suspect = is_suspect
        self._records = RecordReader(stamps, proxies=proxies)
        self._joiner = Joiner(stamps, proxies=proxies)
        self._lines = 0  # of the log so far
        self._connections = Connections()
        self._hearing = Hearing(compiled)
        self._programs: OrderedDict[bytes, int] = OrderedDict()  # unknown ones: tries in vain
        self._told: OrderedDict[str, tuple[int, int]] = OrderedDict()  # by source: hour, how often
        self._last_ns = stamps.fallback_ns
        self.messages: list[tuple[tuple[int, int], Message]] = []

    def read(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], told: NDArray[np.uint8]
    ) -> None:
        """Read what kernels left of ``rows`` (places in ``data``); fills them in place.

        ``told`` says of access lines that a kernel read why they are passed on
        (`tocsin.kernels.web_clients`), `NOT_PLAIN` of all other records.
        """
        first_line, self._lines = self._lines + 1, self._lines + len(rows)
        is_access = told != web_clients.NOT_PLAIN
        heard = self._hearing.choose(data, rows)
        why = np.where(is_access, told & _LOOKS, 0)
        why[self._calm(data, rows, why)] ^= _SUSPECT
        is_asked = why == web_clients.OF_RULE
        self._ask(data, rows[is_asked])
        wanted = (why != 0) & ~is_asked
        if not is_access.all():
            wanted |= (self._is_left(rows) | heard) & ~is_access
        chosen = np.flatnonzero(wanted)
        if len(chosen) == 0:
            self._end_before(first_line + len(rows))
            return
        names = rows.dtype.names or ()
        for place, values in zip(chosen.tolist(), rows[chosen].tolist(), strict=True):
            row = dict(zip(names, values, strict=True))
            base = row["at"]
            whole = bytes(data[base : base + row["length"]])
            if is_access[place]:
                self._access(whole, row)
                continue
            if row["template"] >= 0:
                event = event_of(whole, row, self._compiled, base)
                self._tell(event, row, is_bounded=bool(heard[place]))
                continue
            if not row["family"] and row["program_length"] and self._is_given_up(whole, row, base):
                continue
            piece = Piece(
                original_of(whole, row, base), head_of(whole, row, base), first_line + place, row
            )
            is_joined = self._joiner.add(piece)
            self._fill(rows, place, piece, whole, base, is_joined=is_joined)
        self._end_before(first_line + len(rows))

    def _end_before(self, next_line: int) -> None:
        """End the last record unless the next line may go on with it; pass on what is whole."""
        self._joiner.settle(next_line - 1)
        for piece in self._joiner.done(in_order=False):
            event, row = piece.event or {}, piece.row
            event["event.original"] = event.get("event.original") or piece.text
            event["log.line"], event["log.offset"] = piece.line, row["offset"]
            if "event.action" in event or "EventID" in event:
                at_ns = self._last_ns if piece.at_ns is None else piece.at_ns
                told = messages_of(event, row, at_ns)
                self.messages += [(piece.offset_done, message) for message in told]

    def advance(self) -> None:
        """End every record: the source has been idle for longer than their lines may take."""
        self._joiner.finish()
        self._end_before(self._lines + 1)

    def _is_left(self, rows: NDArray[np.void]) -> NDArray[np.bool_]:
        tables, template = self._compiled.log_tables, rows["template"]
        left = tables.is_told.take(template, mode="clip")
        unread = np.flatnonzero(template < 0)
        family, weird = rows["family"][unread], rows["weird"][unread]
        left[unread] = (tables.is_sparse[family] | (family == scanner.NO_FAMILY)) & (
            (weird == scanner.FINE) | (weird == scanner.NO_HEADER) | (weird == scanner.BAD_STAMP)
        )
        return left

    def _calm(
        self, data: NDArray[np.uint8], rows: NDArray[np.void], why: NDArray[np.uint8]
    ) -> NDArray[np.intp]:
        """Return which access lines only seemed to hold an attack; a flood is not asked about."""
        seeming = np.flatnonzero(why & (_SUSPECT | web_clients.FLOOD) == _SUSPECT)
        if len(seeming) == 0 or self._is_suspect is None:
            return seeming[:0]
        columns = [rows[name][seeming].tolist() for name in _TEXTS]
        texts = (_texts(data, spans) for spans in zip(*columns, strict=True))
        return seeming[[not self._is_suspect(*one) for one in texts]]

    def _access(self, line: bytes, row: dict[str, int]) -> None:
        """Pass on an access line that a kernel read."""
        event = self._access_event(line, row["ts_ns"], row["offset"])
        self._last_ns = row["ts_ns"]
        self.messages += [
            ((row["offset"], 1), one) for one in messages_of(event, row, row["ts_ns"])
        ]

    def _ask(self, data: NDArray[np.uint8], rows: NDArray[np.void]) -> None:
        """Pass on to event rules the access lines that only they ask for; kernels counted them."""
        columns = (rows[name].tolist() for name in ("at", "length", "offset", "ts_ns"))
        for at, length, offset, at_ns in zip(*columns, strict=True):
            event = self._access_event(bytes(data[at : at + length]), at_ns, offset)
            asked = asked_event(event, at_ns=at_ns, offset=offset, size_bytes=length)
            self.messages.append(((offset, 1), asked))

    def _access_event(self, line: bytes, at_ns: int, offset: int) -> Event:
        text = text_of(line)
        event = plain_access_event(text, time_text(at_ns)) or self._records.read(text, head=None)
        event["event.original"] = text
        event["log.line"], event["log.offset"] = 0, offset
        return event

    def _tell(self, event: Event, row: dict[str, int], *, is_bounded: bool) -> None:
        """Pass on what an event says, of one source in an hour only so often."""
        stamp = event["@timestamp"]
        at_ns = self._last_ns if stamp is None else parse_rfc3339(stamp)
        client = event.get("source.ip", "")
        if client and not is_bounded and self._is_enough(client, at_ns // HOUR_NS):
            return
        self.messages += [((row["offset"], 1), one) for one in messages_of(event, row, at_ns)]

    def _is_enough(self, client: str, hour: int) -> bool:
        """Tell whether a source was heard so often in an hour that only powers of two count."""
        known_hour, told = self._told.get(client, (hour, 0))
        told = told + 1 if known_hour == hour else 1
        self._told[client] = hour, told
        self._told.move_to_end(client)
        if len(self._told) > PROGRAMS_MAX:
            self._told.popitem(last=False)
        return told > TOLD_MAX and told & (told - 1) != 0

    def _is_given_up(self, data: bytes, row: dict[str, int], base: int) -> bool:
        known = self._programs.get(_program(data, row, base), 0)
        return known >= TRIES_MAX and bool(row["has_stamp"])

    def _note(self, data: bytes, row: Mapping[str, int], base: int, event: Event) -> None:
        """Remember of an unknown program how often its records meant nothing to any format."""
        if row["family"] or not row["program_length"]:
            return
        program = _program(data, row, base)
        tries = 0 if "event.action" in event else self._programs.get(program, 0) + 1
        self._programs[program] = tries
        self._programs.move_to_end(program)
        if len(self._programs) > PROGRAMS_MAX:
            self._programs.popitem(last=False)

    def _fill(
        self,
        rows: NDArray[np.void],
        place: int,
        piece: Piece,
        data: bytes,
        base: int,
        *,
        is_joined: bool,
    ) -> None:
        """Write into a row what its line says; one that was joined is no record of its own."""
        row = rows[place]
        row["mark"] = scanner.JOINED if is_joined else 0
        event = piece.event
        if event is None:  # it waits for other lines, or went to them
            row["weird"], row["template"] = scanner.FINE, len(self._compiled.log_tables.roles) - 1
            if piece.at_ns is not None:
                row["ts_ns"], row["has_stamp"] = piece.at_ns, 1
                self._last_ns = piece.at_ns
            return
        event["log.line"], event["log.offset"] = piece.line, piece.row["offset"]
        self._connections.complete(event)
        self._note(data, piece.row, base, event)
        stamp = event["@timestamp"]
        if stamp is not None:
            self._last_ns = parse_rfc3339(stamp)
            row["ts_ns"], row["has_stamp"] = self._last_ns, 1
        piece.at_ns = self._last_ns
        if "tocsin.weird" not in event:
            row["weird"] = scanner.FINE
        elif row["weird"] == scanner.FINE:
            row["weird"] = scanner.AMBIGUOUS_SOURCE
        self._take(row, event, data, base)

    def _take(self, row: np.void, event: Event, data: bytes, base: int) -> None:
        """Write source, user and meaning of an event into its row."""
        address = event.get("source.ip")
        if address is not None:
            row["src_hi"], row["src_lo"] = address_halves(address)
            row["has_source"] = 1
        if not event.get("event.action"):
            return
        user = event.get("user.name", "").encode("utf-8", "surrogateescape")
        start = int(row["at"]) - base
        at = data.find(user, start, start + int(row["length"])) if user else -1
        if at >= 0:
            row["user_at"], row["user_length"] = at + base, len(user)
        row["template"] = self._meaning(event)
        row["count"] = event.get("tocsin.count", 1)

    def _meaning(self, event: Event) -> int:
        """Return the row of roles: of a log-in that was refused or let in, else of nothing."""
        outcome = event.get("event.outcome")
        if outcome in {"failure", "success"} and event["event.action"].endswith(_LOGINS):
            return self._compiled.row_of(
                event["event.dataset"].split(".", maxsplit=1)[0],
                has_succeeded=outcome == "success",
                is_unknown_user=bool(event.get("tocsin.user_unknown")),
            )
        return len(self._compiled.log_tables.roles) - 1

    def take_messages(self) -> list[tuple[tuple[int, int], Message]]:
        """Return what was read since the last call, each with its place in the log's order."""
        found, self.messages = self.messages, []
        return found

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {
            "joiner": self._joiner.state(),
            "lines": self._lines,
            "connections": self._connections.state(),
            "hearing": self._hearing.state(),
            "programs": list(self._programs.items()),
            "told": list(self._told.items()),
            "last_ns": self._last_ns,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._joiner.restore(state["joiner"])
        self._lines = state["lines"]
        self._connections.restore(state["connections"])
        self._hearing.restore(state["hearing"])
        self._programs = OrderedDict(state["programs"])
        self._told = OrderedDict((client, (known[0], known[1])) for client, known in state["told"])
        self._last_ns = state["last_ns"]


def _program(data: bytes, row: Mapping[str, int], base: int) -> bytes:
    at = row["program_at"] - base
    return data[at : at + row["program_length"]]


def _texts(data: NDArray[np.uint8], spans: Sequence[int]) -> tuple[str, str, str, str]:
    """Return target, referrer, agent and method of an access line that a kernel read."""
    at, length, referrer_at, referrer_length, agent_at, agent_length = spans
    first = max(at - _METHOD_MAX, 0)
    text = bytes(data[first : agent_at + agent_length]).decode("ascii", "replace")
    method = text[: at - first - 1].rpartition('"')[2]
    target = text[at - first : at - first + length]
    referrer = text[referrer_at - first : referrer_at - first + referrer_length]
    agent = text[agent_at - first :]
    return target, "" if referrer == "-" else referrer, "" if agent == "-" else agent, method
