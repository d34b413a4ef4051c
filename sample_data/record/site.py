"""The recorded site: a router with three segments, and the hosts on them.

Addresses come from the documentation ranges only (RFC 5737, RFC 3849)::

    site     198.51.100.0/24  2001:db8:51::/64   web01 .10, files .20, ns1 .53, mirror .80
    office   192.0.2.0/24     2001:db8:2::/64    the people and machines that belong here
    outside  203.0.113.0/24                      strangers; the attacker is .66

Link-local IPv6 addresses are switched off but for the router's fe80::1, so that no other address
is ever seen; checksum and segmentation offload are off, so that captures hold what a wire would
carry.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from .hosts import Host, start_host

WEB01 = "198.51.100.10"
FILES = "198.51.100.20"
RESOLVER = "198.51.100.53"
MIRROR = "198.51.100.80"
ATTACKER = "203.0.113.66"
GATEWAYS = {
    "site": ("198.51.100.1/24", "2001:db8:51::1/64"),
    "office": ("192.0.2.1/24", "2001:db8:2::1/64"),
    "outside": ("203.0.113.1/24", ""),
}
NAMES = {
    "web01": (WEB01, "2001:db8:51::10"),
    "files": (FILES, "2001:db8:51::20"),
    "ns1": (RESOLVER, "2001:db8:51::53"),
    "mirror": (MIRROR, "2001:db8:51::80"),
}
OFFLOADS = ("tx", "sg", "tso", "gso", "gro")


@dataclass(slots=True)
class Site:
    """The router and its segments; leaving the context ends every host."""

    has_ipv6: bool = False
    hosts: list[Host] = field(default_factory=list)
    _directory: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        """Make the scratch folder and the router."""
        self._directory = tempfile.TemporaryDirectory(prefix="tocsin-record-")
        self.scratch.chmod(0o755)
        try:
            self._start_router()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every host and remove the scratch folder."""
        self.close()

    def close(self) -> None:
        """End every host, the newest first, and remove the scratch folder."""
        while self.hosts:
            self.hosts.pop().stop()
        if self._directory:
            self._directory.cleanup()

    @property
    def scratch(self) -> Path:
        """The folder of this recording; gone at its end."""
        assert self._directory
        return Path(self._directory.name)

    @property
    def router(self) -> Host:
        """The router between the segments."""
        return self.hosts[0]

    def add(self, name: str, segment: str, address: str, *, script: str = "") -> Host:
        """Start a host on a segment; ``address`` is IPv4 without its prefix length."""
        host = self._start(name, script)
        number = len(self.hosts)
        port = f"port{number}"
        self.router.net(
            *("ip", "link", "add", port, "type", "veth"),
            *("peer", "name", "eth0", "netns", str(host.pid)),
        )
        self.router.net("ip", "link", "set", port, "master", segment, "addrgenmode", "none", "up")
        _quiet(self.router, port)
        mac = f"02:00:00:00:{number:02x}:{int(address.rsplit('.', 1)[1]):02x}"
        host.net("ip", "link", "set", "lo", "up")
        host.net("ip", "link", "set", "eth0", "address", mac, "addrgenmode", "none", "up")
        _quiet(host, "eth0")
        gateway4, gateway6 = GATEWAYS[segment]
        host.net("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        host.net("ip", "route", "add", "default", "via", gateway4.split("/")[0])
        if self.has_ipv6 and gateway6:
            last = int(address.rsplit(".", 1)[1])
            own = gateway6.replace("::1/", f"::{last}/")
            host.net("ip", "-6", "addr", "add", own, "dev", "eth0", "nodad")
            host.net("ip", "-6", "route", "add", "default", "via", gateway6.split("/")[0])
        return host

    def _start(self, name: str, script: str = "") -> Host:
        # One hosts file for all, as on a small site: a name stands for its IPv4 address here;
        # the resolver gives IPv6 addresses too.
        names = "".join(f"{v4} {host}.example.org {host}\n" for host, (v4, _) in NAMES.items())
        host = start_host(
            name,
            scratch=self.scratch / name,
            resolver=RESOLVER,
            names="127.0.0.1 localhost\n" + (names if name == "web01" else ""),
            script=script,
        )
        self.hosts.append(host)
        if not self.has_ipv6:
            host.net("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        return host

    def _start_router(self) -> None:
        router = self._start("router")
        router.net("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0")
        router.net("sysctl", "-qw", "net.ipv4.conf.default.rp_filter=0")
        for number, (segment, (gateway4, gateway6)) in enumerate(GATEWAYS.items()):
            mac = f"02:00:00:00:00:{number:02x}"
            router.net(
                *("ip", "link", "add", segment, "address", mac, "type", "bridge"),
                *("mcast_snooping", "0"),
            )
            router.net("ip", "link", "set", segment, "addrgenmode", "none", "up")
            router.net("ip", "addr", "add", gateway4, "dev", segment)
            if self.has_ipv6 and gateway6:
                # A router solicits its neighbours from a link-local address or not at all.
                for address in (gateway6, "fe80::1/64"):
                    router.net("ip", "-6", "addr", "add", address, "dev", segment, "nodad")
            _quiet(router, segment)
        if self.has_ipv6:
            router.net("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        router.net("ip", "route", "add", "blackhole", "default")


def _quiet(host: Host, link: str) -> None:
    """Switch the offloads of a link off; segments on the wire are then real ones."""
    for feature in OFFLOADS:
        host.net("ethtool", "-K", link, feature, "off")
