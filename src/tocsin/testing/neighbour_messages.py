"""Messages of neighbours and names, made by hand for tests and conformance."""

from __future__ import annotations

from tocsin.core.messages import (
    Answered,
    ArpMessage,
    DhcpMessage,
    DnsMessage,
    IcmpMessage,
    Message,
    Opening,
    TlsHello,
)

MS = 1_000_000
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac(number: int) -> str:
    """Return a locally administered hardware address of its own."""
    return f"02:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def asked(at_ns: int, sender: str, target: str, *, by: int, to: str = BROADCAST) -> ArpMessage:
    """Return an ARP request of station ``by``."""
    return ArpMessage(
        at_ns=at_ns, offset=at_ns // MS, client=mac(by), server=to, proto=0, size_bytes=46,
        operation=1, sender_mac=mac(by), sender=sender, target_mac="00:00:00:00:00:00",
        target=target,
    )  # fmt: skip


def answered(at_ns: int, sender: str, target: str, *, by: int, to: int) -> ArpMessage:
    """Return an ARP reply of station ``by`` to station ``to``."""
    return ArpMessage(
        at_ns=at_ns, offset=at_ns // MS, client=mac(by), server=mac(to), proto=0, size_bytes=46,
        operation=2, sender_mac=mac(by), sender=sender, target_mac=mac(to), target=target,
    )  # fmt: skip


def looked_up(
    at_ns: int, client: str, name: str, *, kind: int = 1, code: int | None = None, size: int = 0
) -> DnsMessage:
    """Return a question, or an answer if ``code`` is given."""
    return DnsMessage(
        at_ns=at_ns, offset=at_ns // MS, client=client, server="198.51.100.53", proto=17,
        client_port=40_000, server_port=53, from_client=code is None, size_bytes=60, id=7,
        is_response=code is not None, name=name, qtype=kind, rcode=code or 0, answer_bytes=size,
    )  # fmt: skip


def echoed(
    at_ns: int, client: str, server: str, data: bytes, *, is_reply: bool = False
) -> IcmpMessage:
    """Return an echo request, or its reply."""
    return IcmpMessage(
        at_ns=at_ns, offset=at_ns // MS, client=client, server=server, proto=1,
        from_client=not is_reply, size_bytes=len(data), type=0 if is_reply else 8, code=0,
        data=data,
    )  # fmt: skip


def leased(
    at_ns: int, server: str, client: str, *, kind: int = 2, router: str = "", net: str = "192.0.2"
) -> DhcpMessage:
    """Return a DHCP message: 1 discover, 2 offer."""
    return DhcpMessage(
        at_ns=at_ns, offset=at_ns // MS, client=f"{net}.9", server=server or "255.255.255.255",
        proto=17, client_port=68, server_port=67, from_client=kind == 1, size_bytes=300,
        type=kind, client_mac=client, server_id=server, offered=f"{net}.77",
        routers=(router,) if router else (), name_servers=(router,) if router else (),
    )  # fmt: skip


def opened(
    at_ns: int, client: str, server: str, data: bytes, *, port: int = 4433, from_client: bool = True
) -> Opening:
    """Return the first bytes that a side sent."""
    return Opening(
        at_ns=at_ns, offset=at_ns // MS, client=client, server=server, client_port=40_000,
        server_port=port, from_client=from_client, size_bytes=len(data), data=data,
        start_ns=at_ns, start_offset=at_ns // MS,
    )  # fmt: skip


def replied(at_ns: int, client: str, server: str, *, port: int) -> Answered:
    """Return the sign that a server sent its first data."""
    return Answered(
        at_ns=at_ns, offset=at_ns // MS, client=client, server=server, client_port=40_000,
        server_port=port, from_client=False, size_bytes=5,
        start_ns=at_ns, start_offset=at_ns // MS,
    )  # fmt: skip


def greeted(at_ns: int, client: str, server: str, *, size: int = 517) -> Message:
    """Return the hello of a new TLS conversation at port 443."""
    return TlsHello(
        at_ns=at_ns, offset=at_ns // MS, client=client, server=server, client_port=40_000,
        server_port=443, size_bytes=size, start_ns=at_ns, start_offset=at_ns // MS, version=772,
        server_name="www.example.org",
    )  # fmt: skip
