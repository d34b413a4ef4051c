"""Readers of neighbours, names and TLS: real bytes, and any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.messages import (
    ArpMessage,
    DhcpMessage,
    DnsMessage,
    IcmpMessage,
    Login,
    Message,
    RouterAdvertisement,
    TlsHello,
)
from tocsin.core.segments import Segment
from tocsin.parse.protocols.arp import ArpReader
from tocsin.parse.protocols.dhcp import DhcpReader
from tocsin.parse.protocols.dhcp6 import Dhcp6Reader
from tocsin.parse.protocols.dns import DnsReader, name_at
from tocsin.parse.protocols.icmp import IcmpReader
from tocsin.parse.protocols.readers import READERS
from tocsin.parse.protocols.snmp import SnmpReader
from tocsin.parse.protocols.tls import TlsReader

QUESTION = bytes.fromhex("0007010000010000000000000377777707") + b"example\3org\0\0\1\0\1"
ANSWER = (
    bytes.fromhex("00078180000100020000000003777777") + b"\7example\3org\0\0\1\0\1"
    + bytes.fromhex("c00c000500010000003c0006") + b"\3web\xc0\x10"
    + bytes.fromhex("c02d000100010000003c0004c6336405")
)  # fmt: skip
ARP = bytes.fromhex("0001080006040001020000000009c0000209000000000000c0000201")
HELLO = bytes.fromhex(
    "16030100550100005103030000000000000000000000000000000000000000000000000000000000000000"
    "00000413011302010000240000001400120000" + "0f" + b"www.example.org".hex()
    + "0010000500030268320a0a0000"
)  # fmt: skip


def segment(data: bytes, *, proto: int = 17, port: int = 53, kind: int = 0) -> Segment:
    return Segment(
        at_ns=1, offset=24, client="192.0.2.7", server="198.51.100.53",
        client_port=40_000 if proto in {6, 17} else 0, server_port=port, proto=proto, start_ns=1,
        start_offset=24, from_client=True, size_bytes=len(data), data=data, icmp_type=kind,
    )  # fmt: skip


def test_a_question_and_its_answer_are_read() -> None:
    (asked,) = DnsReader().read(segment(QUESTION))
    (told,) = DnsReader().read(segment(ANSWER))

    assert isinstance(asked, DnsMessage)
    assert isinstance(told, DnsMessage)
    assert (asked.name, asked.qtype, asked.is_response) == ("www.example.org", 1, False)
    assert told.answers == ((5, "web.example.org"), (1, "198.51.100.5"))
    assert (told.rcode, told.answers_total, told.answer_bytes) == (0, 2, 10)


def test_dns_over_tcp_is_gathered_from_its_parts() -> None:
    stream = len(QUESTION).to_bytes(2) + QUESTION
    reader = DnsReader()

    first = list(reader.read(segment(stream[:9], proto=6)))
    (found,) = reader.read(segment(stream[9:], proto=6))

    assert first == []
    assert isinstance(found, DnsMessage)
    assert found.name == "www.example.org"


@pytest.mark.parametrize("data", [b"\xc0\x0c" * 40, b"\x3f" * 90, b"\xc0", b"\7exa"])
def test_names_that_loop_or_are_cut_end(data: bytes) -> None:
    name, _ = name_at(data, 0)

    assert len(name) < 400


def test_arp_is_read() -> None:
    (found,) = ArpReader().read(segment(ARP, proto=0, port=0))

    assert isinstance(found, ArpMessage)
    assert (found.operation, found.sender_mac, found.sender, found.target) == (
        1, "02:00:00:00:00:09", "192.0.2.9", "192.0.2.1",
    )  # fmt: skip


def test_an_echo_is_read() -> None:
    (found,) = IcmpReader().read(segment(b"abc", proto=1, port=0, kind=8))

    assert isinstance(found, IcmpMessage)
    assert (found.type, found.data) == (8, b"abc")


def test_a_lease_is_read() -> None:
    options = bytes.fromhex("3501023604c00002010304c00002fe0604c00002fdff")
    data = bytes(16) + bytes.fromhex("c000024d") + bytes(8) + bytes.fromhex("020000000009")
    data += bytes(236 - len(data)) + bytes.fromhex("63825363") + options

    (found,) = DhcpReader().read(segment(data, port=67))

    assert isinstance(found, DhcpMessage)
    assert (found.type, found.server_id, found.offered, found.routers) == (
        2, "192.0.2.1", "192.0.2.77", ("192.0.2.254",),
    )  # fmt: skip


def option(number: int, data: bytes) -> bytes:
    return number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def test_a_lease_of_ipv6_is_read() -> None:
    address = bytes.fromhex("20010db8000000000000000000000077")
    lease = option(3, bytes(12) + option(5, address + bytes(8)))
    client = option(1, bytes.fromhex("00030001020000000009"))
    names = option(23, bytes.fromhex("20010db8000000000000000000000053"))
    data = b"\2abc" + client + option(2, b"\0\3\0\1server") + lease + names

    (found,) = Dhcp6Reader().read(segment(data, port=546))

    assert isinstance(found, DhcpMessage)
    assert (found.type, found.client_mac, found.offered, found.name_servers) == (
        2, "02:00:00:00:00:09", "2001:db8::77", ("2001:db8::53",),
    )  # fmt: skip
    assert found.server_id == segment(data).client


def test_a_hello_is_read_whole_and_in_parts() -> None:
    (whole,) = TlsReader().read(segment(HELLO, proto=6, port=443))
    reader = TlsReader()
    parts = [*reader.read(segment(HELLO[:20], proto=6)), *reader.read(segment(HELLO[20:], proto=6))]

    assert isinstance(whole, TlsHello)
    assert (whole.server_name, whole.alpn, whole.version) == ("www.example.org", ("h2",), 0x0303)
    assert whole.fingerprints["ja4"].startswith("t12d0202h2_")
    assert [one.server_name for one in parts if isinstance(one, TlsHello)] == ["www.example.org"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(READERS),
    st.lists(st.binary(max_size=200), max_size=4),
    st.sampled_from([b"", QUESTION, ANSWER, HELLO, ARP]),
    st.sampled_from([1, 6, 17]),
)
def test_any_bytes_are_read_without_an_error(
    reader: type, parts: list[bytes], start: bytes, proto: int
) -> None:
    one = reader()
    for data in [start, *parts]:
        given = segment(data, proto=proto)
        reader.claims(given)  # type: ignore[attr-defined]
        for found in one.read(given):
            assert isinstance(found, Message)
            assert (found.at_ns, found.offset) == (given.at_ns, given.offset)


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        ("302602010104067075626c6963a01902044a1b2c3d020100020100300b300906052b060102010500", 1),
        ("302602010004067075626c6963a11902044a1b2c3d020100020100300b300906052b060102010500", 1),
        ("302602010104067075626c6963a51902044a1b2c3d020100020100300b300906052b060102010500", 0),
        ("303e020103301102042f3d5a6c020300ffe30401040201030410300e0400020100020100040004000400", 0),
        ("3026020101047f7075626c6963", 0),
        ("30", 0),
    ],
    ids=["get of 2c", "get-next of 1", "bulk", "version 3", "a length that lies", "cut"],
)
def test_the_community_of_an_snmp_question_is_a_try(text: str, tries: int) -> None:
    found = list(SnmpReader().read(segment(bytes.fromhex(text), port=161)))

    assert [(one.service, one.outcome) for one in found if isinstance(one, Login)] == [
        ("snmp", "tried")
    ] * tries


TARGET = bytes.fromhex("fe80000000000000000000000000aaaa")


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (135, TARGET + bytes.fromhex("0101020000000007"), (1, "02:00:00:00:00:07", "fe80::7")),
        (136, TARGET + bytes.fromhex("0201020000000006"), (2, "02:00:00:00:00:06", "fe80::aaaa")),
        (136, TARGET, (2, "", "fe80::aaaa")),
    ],
)
def test_neighbours_of_ipv6_are_read_as_those_of_ipv4(
    kind: int, data: bytes, told: tuple[int, str, str]
) -> None:
    one = segment(data, proto=58, port=0, kind=kind)._replace(client="fe80::7", server="fe80::9")

    (found,) = IcmpReader().read(one)

    assert isinstance(found, ArpMessage)
    assert (found.operation, found.sender_mac, found.sender) == told
    assert found.target == ("fe80::aaaa" if kind == 135 else "fe80::9")


def test_a_router_of_ipv6_is_read_with_its_prefix_and_name_servers() -> None:
    data = bytes(8) + bytes.fromhex(
        "0101020000000001"
        "030440c0000151800000384000000000" + "20010db8000500000000000000000000"
        "190300000000003c" + "20010db8000500000000000000000053"
    )

    (found,) = IcmpReader().read(segment(data, proto=58, port=0, kind=134))

    assert isinstance(found, RouterAdvertisement)
    assert (found.router_mac, found.prefixes, found.name_servers) == (
        "02:00:00:00:00:01", ("2001:db8:5::/64",), ("2001:db8:5::53",),
    )  # fmt: skip
