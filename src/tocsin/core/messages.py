"""Messages: what the ends of a conversation said, as protocol readers understood it.

The packet kernel marks the few payloads that somebody can read (DESIGN, section 4); a
reader turns each into at most a few of these. All text in them was written by a remote
side: it names nobody by itself, and is escaped wherever it is shown. ``client`` began the
conversation, ``server`` answered; both are addresses from packet headers (or MAC addresses
for ARP), never from payload.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What all messages have: when, where in the source, between whom, who said it.

    ``offset`` is that of the record which completed the message, ``start_offset`` that of
    the conversation's first record: it tells conversations of one source apart.
    """

    at_ns: int
    offset: int
    client: str
    server: str
    client_port: int = 0
    server_port: int = 0
    proto: int = 6
    start_ns: int = 0
    start_offset: int = 0
    from_client: bool = True
    size_bytes: int = 0  # of the payload by its headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Message):
    """One of the first three payloads of a side that no reader knows (at most 1,024 bytes)."""

    data: bytes
    number: int = 0  # of the side's payloads


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Message):
    """The server of a TCP conversation that is read sent data for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshBanner(Message):
    """What an end of an SSH connection calls itself (RFC 4253, section 4.2), in Latin-1."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Message):
    """How much payload a conversation has carried so far, told whenever it has grown by a step.

    ``bytes_out`` are the client's, ``bytes_in`` the server's, by the headers, repeats
    included; see `tocsin.kernels.marks` for the steps. ``is_whole``: both directions of a TCP
    conversation are captured, from the first SYN on.
    """

    bytes_out: int
    bytes_in: int
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalled(Message):
    """A client of a web or TLS server said that it takes nothing now: a window of zero.

    ``bytes_in`` is what the server had sent by then (payload by the headers; 0 where only the
    client's direction is captured).
    """

    bytes_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTransfer(Message):
    """A file asked for by name: of the client's (``is_upload``) or of the server's."""

    service: str
    verb: str
    name: str
    is_upload: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEncrypted(Message):
    """A conversation with a mail server that goes on in TLS (STARTTLS, RFC 3207)."""

    greeting: str  # what the client called itself


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSent(Message):
    """A mail handed to a server in the clear (RFC 5321, 5322), as far as it was read.

    ``greeting`` is what the client called itself; ``text`` the beginning of what it says,
    decoded, ``files`` the names of what is attached.
    """

    greeting: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    files: tuple[str, ...] = ()
    has_logged_in: bool = False
    has_id: bool = True  # a Message-ID, as mail programs give


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsMessage(Message):
    """A DNS query or answer (RFC 1035), also mDNS (RFC 6762) and LLMNR (RFC 4795).

    ``name`` is lower-case with escapes for odd bytes, without the final dot.
    ``answers`` are (type, text or size) of the answer section, bounded.
    """

    id: int
    is_response: bool
    name: str
    qtype: int
    rcode: int = 0
    answers: tuple[tuple[int, str], ...] = ()
    answers_total: int = 0
    answer_bytes: int = 0  # of all record data in the answer section
    is_truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest(Message):
    """The head of an HTTP/1 request (RFC 9112), and what of its body followed at once."""

    method: str
    target: str  # as sent, decoded as Latin-1
    host: str
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes = b""
    is_whole: bool = True  # the head ended with an empty line

    def header(self, name: str) -> str:
        """Return the first header of that lower-case name, empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse(Message):
    """The head of an HTTP/1 response, and the request that it answers where that was seen."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    request: HttpRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPiece(Message):
    """A payload that left an HTTP/1 head, or the body of a request, unfinished.

    ``part`` is "head" or "body", ``pieces`` the payloads so far, ``gathered_bytes`` what
    they hold together, ``length`` the body's claimed length.
    """

    part: str
    pieces: int
    gathered_bytes: int
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsHello(Message):
    """A TLS ClientHello or ServerHello (RFC 8446) with its fingerprints.

    ``fingerprints`` holds ``ja3``, ``ja4`` of a client, ``ja3s`` of a server.
    """

    version: int
    server_name: str = ""
    alpn: tuple[str, ...] = ()
    fingerprints: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCertificate(Message):
    """The leaf certificate that a server showed in the clear (TLS up to 1.2)."""

    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    serial: str = ""
    not_before_ns: int = 0
    not_after_ns: int = 0
    is_self_signed: bool = False
    sha256: str = ""
    server_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Message):
    """An attempt to log in, in the clear, and how it ended.

    ``service`` is ftp, telnet, smtp, pop3, imap, smb, ldap, kerberos, rdp, http, mysql ...;
    ``outcome`` is "failure", "success" or "tried" (the answer was not seen).
    """

    service: str
    outcome: str
    user: str = ""
    reason: str = ""
    secret: str = ""  # tells one password from another, where it was sent in the clear


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbCall(Message):
    """An SMB1 or SMB2/3 command with what it names ([MS-CIFS], [MS-SMB2])."""

    dialect: int  # 1 or 2
    command: int
    name: str = ""  # share, file or pipe
    status: int = 0  # NTSTATUS of a response
    is_response: bool = False
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcCall(Message):
    """A DCE/RPC bind or request (C706, [MS-RPCE]); over TCP or an SMB pipe."""

    kind: str  # "bind", "request", "response" or "fault"
    interface: str = ""  # UUID, lower case
    opnum: int = -1
    data: bytes = b""  # first 256 bytes of the stub


@dataclass(frozen=True, slots=True, kw_only=True)
class KerberosMessage(Message):
    """A Kerberos message (RFC 4120): AS-REQ 10, AS-REP 11, TGS-REQ 12, TGS-REP 13, ERROR 30."""

    type: int
    error: int = 0
    user: str = ""
    realm: str = ""
    service: str = ""
    etypes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArpMessage(Message):
    """An ARP packet (RFC 826), or its like of IPv6 (RFC 4861, without ``target_mac``).

    Of ARP, ``client`` and ``server`` are the frame's MAC addresses.
    """

    operation: int  # 1 request, 2 reply
    sender_mac: str
    sender: str
    target_mac: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterAdvertisement(Message):
    """A router of IPv6 says that it is there, and for which prefixes (RFC 4861, RFC 8106)."""

    router: str
    router_mac: str
    prefixes: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpMessage(Message):
    """A DHCP message (RFC 2131)."""

    type: int  # 1 discover, 2 offer, 3 request, 5 ack, 6 nak, 8 inform
    client_mac: str
    server_id: str = ""
    offered: str = ""
    routers: tuple[str, ...] = ()
    name_servers: tuple[str, ...] = ()
    host_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmpMessage(Message):
    """An ICMP or ICMPv6 message that carries data, or tells of the network (RFC 792, 4443)."""

    type: int
    code: int
    id: int = 0
    sequence: int = 0
    data: bytes = b""  # first 256 bytes behind the header
