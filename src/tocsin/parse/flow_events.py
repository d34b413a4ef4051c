"""From lines of flow logs to events with ECS names: what `tocsin parse` prints of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.addresses import address_text
from tocsin.core.patterns import bytes_pattern
from tocsin.core.times import rfc3339
from tocsin.parse.events import text_of
from tocsin.parse.flow_lines import LINE_BYTES_MAX, FlowReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.event import Event

_TRANSPORTS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 58: "ipv6-icmp", 132: "sctp"}
_PATH = bytes_pattern(rb"(?m)^#path\t([\w-]{1,64})")
_TYPE = bytes_pattern(rb'"event_type": ?"([\w-]{1,64})"')


class FlowEvents:
    """Carry the header, the open line, its offset and its number."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._reader = FlowReader()
        self._zeek = "unknown"
        self._kept, self._offset, self._line = b"", 0, 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield the events whose lines end in ``data``."""
        *lines, self._kept = (self._kept + data).split(b"\n")
        for line in lines:
            yield from self._event(line)
            self._offset += len(line) + 1

    def finish(self) -> Iterator[Event]:
        """Yield the event of a last line that no line feed ends."""
        yield from self._event(self._kept)
        self._kept = b""

    def _event(self, line: bytes) -> Iterator[Event]:
        self._line += 1
        known = _PATH.match(line)
        if known is not None:
            self._zeek = known[1].decode()
        reader = self._reader
        records, reader.weird = reader.records, {}
        rows = reader.read(line, base=self._offset)
        if reader.records == records:
            return  # a header or an empty line
        event: Event = {"@timestamp": None, "event.dataset": self._dataset(line, len(rows) > 0)}
        if reader.weird:
            event["tocsin.weird"] = next(iter(reader.weird))
        for row in rows:
            event["@timestamp"] = rfc3339(int(row["start_ns"]))
            event["event.duration"] = int(row["end_ns"] - row["start_ns"])
            for ours, ecs in (("src", "source"), ("dst", "destination")):
                event[f"{ecs}.ip"] = address_text(row[f"{ours}_hi"], row[f"{ours}_lo"])
                event[f"{ecs}.port"] = int(row[f"{ours}_port"])
            proto = int(row["proto"])
            event["network.transport"] = _TRANSPORTS.get(proto, str(proto))
            event["source.packets"] = int(row["packets_out"])
            event["destination.packets"] = int(row["packets_in"])
            event["source.bytes"] = int(row["bytes_out"])
            event["destination.bytes"] = int(row["bytes_in"])
        event["event.original"] = text_of(line[:LINE_BYTES_MAX])
        event["log.file.path"], event["log.offset"] = self._path, self._offset
        event["log.line"] = self._line
        yield event

    def _dataset(self, line: bytes, is_flow: bool) -> str:  # noqa: FBT001
        if line.startswith(b"{"):
            kind = _TYPE.search(line)
            if kind is not None:
                return f"suricata.{kind[1].decode()}"
            return "zeek.conn" if is_flow else "zeek"
        if self._reader.separator == ",":
            return "argus.flow" if self._reader.columns[0] == "StartTime" else "netflow.log"
        return f"zeek.{self._zeek}"
