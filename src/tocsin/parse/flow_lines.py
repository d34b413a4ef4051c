"""Lines of flow logs to rows: Zeek (TSV, JSON), Suricata EVE, Argus and nfdump CSV.

A line says itself what it is: JSON objects by their keys, delimited lines by the header
that came before them. What other logs of Zeek, and other events of EVE, say of a
conversation become messages (`tocsin.parse.service_records`).
Sources: Zeek "conn.log" manual, Suricata "EVE JSON format", argus ra(1), nfdump(1).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.flow_record import (
    ANSWERED,
    FLOW_RECORD,
    MIDSTREAM,
    ONE_WAY,
    REFUSED,
    REPLY_OPEN,
    REPLY_RST,
    UNANSWERED,
)
from tocsin.parse.service_records import eve_messages, kind_of_json, zeek_messages
from tocsin.parse.zeek_columns import conn_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tocsin.core.messages import Message

LINE_BYTES_MAX = 64 << 10
_PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "ipv6-icmp": 58, "icmp6": 58,
              "icmpv6": 58, "sctp": 132, "arp": 0, "unknown_transport": 0}  # fmt: skip
_ZEEK = dict.fromkeys(("S1", "SF", "RSTO", "RSTR", "S2", "S3"), ANSWERED) | {
    "REJ": REFUSED, **dict.fromkeys(("S0", "RSTOS0", "SH"), UNANSWERED)
}  # fmt: skip
_ARGUS = dict.fromkeys(("CON", "FIN", "ACC", "CLO"), ANSWERED) | {"REQ": UNANSWERED}
_UNSET = ("", "-", "(empty)")
_NUMBER_MAX = 1 << 53
_YEARS = range(1970, 2200)
_SSH, _TCP, _UDP, _ACK, _SYN, _RST = 22, 6, 17, 16, 2, 4
_ADDRESS, _TIME, _NUMBER = "no address where one is due", "no valid time", "no valid number"
_CUT, _TOO_LONG, _NO_HEADER = "wrong number of columns", "record over 64 KiB", "no header before it"
_halves = lru_cache(maxsize=1 << 16)(address_halves)
Row = tuple[Any, ...]


class _BadError(ValueError):
    """A field that isn't what its column says."""


def _count(text: Any, top: int = _NUMBER_MAX) -> int:
    if text is None or text in _UNSET:
        return 0
    try:
        value = int(text, 0) if isinstance(text, str) and text[:2] == "0x" else int(text)
    except (ValueError, TypeError, OverflowError) as error:
        raise _BadError(_NUMBER) from error
    if not 0 <= value <= top:
        raise _BadError(_NUMBER)
    return value


def _ends(source: Any, target: Any) -> tuple[int, int, int, int]:
    try:
        return (*_halves(source), *_halves(target))
    except (ValueError, AttributeError, TypeError) as error:
        raise _BadError(_ADDRESS) from error


def _epoch(value: Any) -> int:
    """Return ns of seconds since the epoch, to the microsecond; also of an ISO 8601 time."""
    try:
        seconds = float(value)
    except (ValueError, TypeError):
        return _stamp(value)
    if not 0 <= seconds < 1 << 33:
        raise _BadError(_TIME)
    return round(seconds * 1e6) * 1000


def _stamp(text: Any) -> int:
    try:
        when = datetime.fromisoformat(text.replace("/", "-"))
    except (ValueError, TypeError, AttributeError) as error:
        raise _BadError(_TIME) from error
    if when.year not in _YEARS:
        raise _BadError(_TIME)
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    whole = when.replace(microsecond=0)
    return int(whole.timestamp()) * 1_000_000_000 + when.microsecond * 1000


def _span_ns(value: Any) -> int:
    try:
        seconds = 0.0 if value is None or value in _UNSET else float(value)
    except (ValueError, TypeError) as error:
        raise _BadError(_NUMBER) from error
    if not 0 <= seconds < 1 << 31:
        raise _BadError(_NUMBER)
    return round(seconds * 1e6) * 1000


def _proto(value: Any) -> int:
    known = _PROTOCOLS.get(str(value).lower())
    return _count(value, 255) if known is None else known


def _zeek(get: Callable[[str], Any]) -> Row | None:
    state = get("conn_state")
    if state is None or get("id.orig_h") is None:
        return None
    start_ns = _epoch(get("ts"))
    proto, port = _proto(get("proto")), _count(get("id.resp_p"), 65535)
    return (
        start_ns, start_ns + _span_ns(get("duration")),
        *_ends(get("id.orig_h"), get("id.resp_h")), _count(get("id.orig_p"), 65535), port,
        proto, _ZEEK.get(state, MIDSTREAM), "ssh" in str(get("service")),
        _count(get("orig_pkts")), _count(get("resp_pkts")),
        _count(get("orig_bytes")), _count(get("resp_bytes")),
    )  # fmt: skip


def _eve(record: dict[str, Any]) -> Row | None:
    flow = record.get("flow")
    if record.get("event_type") != "flow" or not isinstance(flow, dict):
        return None
    back, proto = _count(flow.get("pkts_toclient")), _proto(record.get("proto"))
    start_ns, port = _epoch(flow.get("start")), _count(record.get("dest_port"), 65535)
    end_ns = max(_epoch(flow.get("end", record.get("timestamp"))), start_ns)
    tcp = record.get("tcp")
    shape = UNANSWERED if back == 0 else REFUSED if flow.get("state") == "new" else ANSWERED
    if isinstance(tcp, dict) and "tcp_flags_ts" in tcp:
        out, into = (_count("0x" + str(tcp.get(f"tcp_flags_{end}", 0))) for end in ("ts", "tc"))
        answer = ANSWERED if into & _SYN else REFUSED if into & _RST else UNANSWERED
        shape = answer if out & _SYN else MIDSTREAM
    return (
        start_ns, end_ns, *_ends(record.get("src_ip"), record.get("dest_ip")),
        _count(record.get("src_port"), 65535), port, proto, shape,
        record.get("app_proto") == "ssh", _count(flow.get("pkts_toserver")), back,
        _count(flow.get("bytes_toserver")), _count(flow.get("bytes_toclient")),
    )  # fmt: skip


def _argus_shape(state: str, direction: str, packets: int) -> int:
    if "_" in state:
        out, _, back = state.partition("_")
        if "S" not in out:
            return MIDSTREAM
        if "S" in back or (not back and "A" in out):
            return ANSWERED
        return REFUSED if "R" in back else UNANSWERED if not back else ANSWERED
    if direction.strip() != "->":
        return MIDSTREAM
    if state == "RST":
        return REFUSED if packets <= 3 else ANSWERED  # noqa: PLR2004 (SYN, RST, one again)
    return _ARGUS.get(state, MIDSTREAM)


def _argus_port(text: str) -> int:
    return _count(text, 65535) if text.isdecimal() else _count(text or 0, 65535)


def _argus(get: Callable[[str], Any]) -> Row:
    start_ns = _epoch(get("StartTime"))
    total, proto = _count(get("TotPkts")), _proto(get("Proto"))
    size, out = _count(get("TotBytes")), _count(get("SrcBytes"))
    port, state = _argus_port(get("Dport")), get("State")
    shape = _argus_shape(state, get("Dir"), total)
    into = 0 if shape == UNANSWERED or size <= out else max(total // 2, 1)
    return (
        start_ns, start_ns + _span_ns(get("Dur")), *_ends(get("SrcAddr"), get("DstAddr")),
        _argus_port(get("Sport")), port, proto, shape, port == _SSH,
        max(total - into, 1), into, out, max(size - out, 0),
    )  # fmt: skip


def _nfdump(get: Callable[[str], Any]) -> Row:
    start_ns, end_ns = _epoch(get("ts")), _epoch(get("te"))
    source, target = _count(get("sp"), 65535), int(float(get("dp") or 0)) & 0xFFFF
    flags, shape = get("flg"), MIDSTREAM
    if "S" in flags:
        shape = UNANSWERED if "A" not in flags else REPLY_OPEN if source < target else ONE_WAY
    elif "R" in flags and _count(get("ipkt")) == 1:
        shape = REPLY_RST
    return (
        start_ns, max(start_ns, end_ns), *_ends(get("sa"), get("da")), source, target,
        _proto(get("pr")), shape, target == _SSH, _count(get("ipkt")), _count(get("opkt")),
        _count(get("ibyt")), _count(get("obyt")),
    )  # fmt: skip


class FlowReader:
    """Carries the header; `read` gives rows, and counts where every other line went.

    ``head`` is the beginning of the source, so that a reader may start in its middle.
    ``messages`` are what the lines read since it was emptied say besides, in their order.
    ``weird`` counts by reason, ``records`` all lines but empty ones and headers.
    """

    def __init__(self, *, head: bytes = b"") -> None:
        self.columns: tuple[str, ...] = ()
        self.kind = ""  # of a Zeek log with a header, by its path
        self.messages: list[Message] = []
        self.separator = "\t"
        self.weird: dict[str, int] = {}
        self.records = self.events = 0
        for line in head.split(b"\n")[:40]:
            self._is_header(line.decode("utf-8", "replace").rstrip("\r"))

    def _is_header(self, line: str) -> bool:
        if line.startswith("#"):
            if line.startswith("#path\t"):
                self.kind = line[6:].strip()
            elif line.startswith("#fields"):
                self.separator = "\t"
                self.columns = tuple(line.split("\t")[1:])
            return True
        if line.startswith(("StartTime,", "ts,te,td,")):
            self.separator = ","
            self.columns = tuple(name.strip() for name in line.split(","))
            return True
        return False

    def read(self, data: bytes, *, base: int) -> NDArray[np.void]:
        """Return a row (`FLOW_RECORD`) per whole line of ``data`` that tells of a flow."""
        if self.separator == "\t" and self.columns:
            fast = conn_rows(
                data, base, self.columns, protocols=_PROTOCOLS, shapes=_ZEEK,
                other_shape=MIDSTREAM, halves=_halves,
            )  # fmt: skip
            if fast is not None:
                self.records += len(fast)
                self.events += len(fast)
                return fast
        rows: list[Row] = []
        offset = base
        for raw in data.split(b"\n"):
            length = len(raw) + 1
            at, offset = offset, offset + length
            if not raw.strip():
                continue
            line = raw.decode("utf-8", "replace").rstrip("\r")
            if line[0] in "#St" and self._is_header(line):
                continue
            self.records += 1
            try:
                if length > LINE_BYTES_MAX:
                    raise _BadError(_TOO_LONG)
                row = self._json(line, at) if line[0] == "{" else self._delimited(line, at)
            except _BadError as error:
                self.weird[str(error)] = self.weird.get(str(error), 0) + 1
                continue
            self.events += 1
            if row is not None:
                rows.append((*row, at, length))
        return np.array(rows, dtype=FLOW_RECORD)

    def _delimited(self, line: str, offset: int) -> Row | None:
        values = line.split(self.separator)
        if not self.columns:
            raise _BadError(_NO_HEADER)
        if len(values) != len(self.columns):
            raise _BadError(_CUT)
        get = dict(zip(self.columns, values, strict=True)).get
        if self.separator == "\t":
            row = _zeek(get)
            if row is None:
                self._tell(lambda: zeek_messages(self.kind, get, _epoch(get("ts")), offset))
            return row
        return _argus(get) if self.columns[0] == "StartTime" else _nfdump(get)

    def _json(self, line: str, offset: int) -> Row | None:
        """Return the row of a JSON record, None when it tells of no whole flow."""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = "no whole JSON object"
            raise _BadError(message) from error
        if "event_type" in record:
            row = _eve(record)
            if row is None and record["event_type"] != "flow":
                self._tell(lambda: eve_messages(record, _epoch(record.get("timestamp")), offset))
            return row
        row, get = _zeek(record.get), record.get
        if row is None:
            kind = kind_of_json(record)
            self._tell(lambda: zeek_messages(kind, get, _epoch(get("ts")), offset) if kind else [])
        return row

    def _tell(self, read: Callable[[], list[Message]]) -> None:
        try:
            self.messages += read()
        except _BadError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise _BadError(_NUMBER if "invalid literal" in str(error) else _ADDRESS) from error
