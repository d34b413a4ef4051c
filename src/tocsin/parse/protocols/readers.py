"""The readers there are, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.parse.protocols.arp import ArpReader
from tocsin.parse.protocols.databases import DatabaseReader
from tocsin.parse.protocols.dhcp import DhcpReader
from tocsin.parse.protocols.dhcp6 import Dhcp6Reader
from tocsin.parse.protocols.dns import DnsReader
from tocsin.parse.protocols.ftp import FtpReader
from tocsin.parse.protocols.http import HttpReader
from tocsin.parse.protocols.icmp import IcmpReader
from tocsin.parse.protocols.kerberos import KerberosReader
from tocsin.parse.protocols.ldap import LdapReader
from tocsin.parse.protocols.mail import MailReader
from tocsin.parse.protocols.rdp import RdpReader
from tocsin.parse.protocols.rpc import RpcReader
from tocsin.parse.protocols.smb import SmbReader
from tocsin.parse.protocols.snmp import SnmpReader
from tocsin.parse.protocols.ssh import SshReader
from tocsin.parse.protocols.telnet import TelnetReader
from tocsin.parse.protocols.tls import TlsReader

if TYPE_CHECKING:
    from tocsin.parse.protocols.segments import Reader

READERS: tuple[type[Reader], ...] = (
    HttpReader,
    TlsReader,
    SshReader,
    ArpReader,
    IcmpReader,
    DhcpReader,
    Dhcp6Reader,
    DnsReader,
    SnmpReader,
    SmbReader,
    RpcReader,
    KerberosReader,
    MailReader,
    FtpReader,
    DatabaseReader,
    RdpReader,
    LdapReader,
    TelnetReader,
)
