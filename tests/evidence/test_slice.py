"""Slices hold exactly the packets concerned, and other people's tools read them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.evidence.made import ATTACKER, OTHER, VICTIM, capture, chosen, packet_source, syn
from tocsin.core.detection import Selector
from tocsin.core.times import NS_PER_S
from tocsin.evidence.dissect import dissect
from tocsin.evidence.slice import slice_suffix, write_slice

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.evidence.selection import Selected

PACKETS = [
    (8.5, syn(ATTACKER, VICTIM)),  # before the margin
    (9.25, syn(ATTACKER, VICTIM)),  # inside the margin
    (10.0, syn(ATTACKER, VICTIM)),
    (10.5, syn(OTHER, VICTIM)),  # another party
    (11.0, syn(VICTIM, ATTACKER, sport=22, dport=40000)),  # the answer
    (12.75, syn(ATTACKER, VICTIM)),  # inside the margin
    (13.5, syn(ATTACKER, VICTIM)),  # after it
]


def _selected() -> Selected:
    selector = Selector(
        "capture.pcap", "packets", 10 * NS_PER_S, 12 * NS_PER_S, near=(ATTACKER,), far=(VICTIM,)
    )
    return chosen(packet_source(capture(PACKETS), records=7, span_s=(8.5, 13.5)), selector)


def test_both_directions_and_a_second_around_are_selected_and_nothing_else() -> None:
    found = _selected()

    assert [t / NS_PER_S for t in found.rows["ts_ns"].tolist()] == [9.25, 10.0, 11.0, 12.75]
    assert found.rows["offset"].tolist() == [94, 164, 304, 374]
    assert (found.matched, found.is_exact, found.gaps) == (4, True, ())
    assert found.data[2] == PACKETS[4][1]


def test_port_and_protocol_narrow_the_selection() -> None:
    source = packet_source(capture(PACKETS), records=7, span_s=(8.5, 13.5))
    span = (10 * NS_PER_S, 12 * NS_PER_S)

    assert chosen(source, Selector("capture.pcap", "packets", *span, port=22)).matched == 5
    assert chosen(source, Selector("capture.pcap", "packets", *span, port=23)).matched == 0
    assert chosen(source, Selector("capture.pcap", "packets", *span, proto=17)).matched == 0
    assert chosen(source, Selector("capture.pcap", "packets", *span, near=(OTHER,))).matched == 1
    assert chosen(source, Selector("other.pcap", "packets", *span)).matched == 0


def test_the_slice_opens_in_tcpdump_and_tshark_with_its_times(tmp_path: Path) -> None:
    path = tmp_path / "capture-1.pcap"
    found = _selected()

    with path.open("wb") as stream:
        write_slice(stream, rows=found.rows, data=found.data)

    assert _times(["tcpdump", "-tt", "--nano", "-nr", str(path)]) == [
        "9.250000000", "10.000000000", "11.000000000", "12.750000000",
    ]  # fmt: skip
    assert _times(["tshark", "-r", str(path), "-T", "fields", "-e", "frame.time_epoch"]) == [
        "9.250000000", "10.000000000", "11.000000000", "12.750000000",
    ]  # fmt: skip


def test_two_link_types_give_a_pcapng_that_both_tools_open(tmp_path: Path) -> None:
    path = tmp_path / "capture-1.pcapng"
    found = _selected()
    found.rows["link"][1] = 101
    data = [found.data[0], found.data[1][14:], *found.data[2:]]
    found.rows["caplen"][1] = found.rows["wirelen"][1] = 40

    with path.open("wb") as stream:
        write_slice(stream, rows=found.rows, data=data)

    assert slice_suffix(found.rows) == "pcapng"
    fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "ip.src"]
    assert _times(["tshark", "-r", str(path), *fields])[1:3] == ["10.000000000", "11.000000000"]


@pytest.mark.enable_socket  # scapy asks for one when it is imported
def test_dissection_names_the_parties_in_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "capture-1.pcap"
    path.write_bytes(capture(PACKETS))

    first, *_rest = dissect(path, packets_max=2)

    assert first == (
        "1970-01-01T00:00:08.500000Z     54 B  "
        "Ether / IP / TCP 203.0.113.9:40000 > 198.51.100.5:ssh S"
    )
    assert len(_rest) == 1


def _times(command: list[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()]
