"""Ordinary clients of the site: people with ssh, and readers of pages."""

import random
import secrets
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .hosts import Host
from .site import MIRROR, RESOLVER, WEB01
from .web01 import PAGES

SSH = (
    *("ssh", "-F", "none", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=15"),
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
)
# Hands ssh one password a prompt, as a person would who mistypes it at first.
ASKPASS = '#!/bin/sh\nhead -n 1 "$ASKPASS_LIST"\nsed -i 1d "$ASKPASS_LIST"\n'


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who logs in to web01 from a host, by key or by password."""

    host: Host
    address: str = ""

    def make_key(self) -> str:
        """Make a key pair and return the public key."""
        key = self.host.scratch / "key"
        if not key.exists():
            self.host.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key))
        return key.with_suffix(".pub").read_text(encoding="ascii")

    def by_key(self, user: str, *command: str, options: Sequence[str] = ()) -> list[str]:
        """Return the command line of a login by key."""
        key = str(self.host.scratch / "key")
        offer = ("-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", key)
        return [*SSH, *offer, *options, f"{user}@{WEB01}", *command]

    def login_by_key(self, user: str, *command: str, stdin: str = "") -> None:
        """Log in by key, run a command and leave."""
        self.host.run(*self.by_key(user, *command), stdin=stdin, is_checked=False)

    def login_by_password(self, user: str, passwords: Sequence[str], *command: str) -> None:
        """Log in over one connection, trying the passwords in turn; leave when none is left."""
        number = secrets.token_hex(8)
        asker = self.host.scratch / f"ask{number}"
        asker.write_text(ASKPASS, encoding="ascii")
        asker.chmod(0o755)
        waiting = self.host.scratch / f"passwords{number}"
        waiting.write_text("".join(f"{password}\n" for password in passwords), encoding="utf-8")
        bind = ("-b", self.address) if self.address else ()
        self.host.run(
            *(*SSH, *bind, "-o", "PubkeyAuthentication=no"),
            *("-o", f"NumberOfPasswordPrompts={len(passwords)}"),
            *("-o", "PreferredAuthentications=password", f"{user}@{WEB01}", *command),
            env={
                "SSH_ASKPASS": str(asker),
                "SSH_ASKPASS_REQUIRE": "force",
                "ASKPASS_LIST": str(waiting),
            },
            is_checked=False,
        )

    def knock(self) -> None:
        """Connect to the ssh port and leave at once, as a simple monitor does."""
        self.host.run("bash", "-c", f"exec 3<>/dev/tcp/{WEB01}/22; read -r _ <&3")

    def sudo(self, user: str, typed: Sequence[str], *command: str) -> None:
        """Log in by key with a terminal and type passwords at sudo's prompts, then leave."""
        argv = self.by_key(user, "sudo", "-p", "'pass:'", *command, options=("-tt",))
        session = self.host.start(*argv)
        assert session.stdin
        assert session.stdout
        for password in typed:
            _read_until(session, "pass:")
            session.stdin.write(password + "\n")
            session.stdin.flush()
        session.stdout.read()  # to its end: an end of input sent early would cancel the prompt
        session.wait(30)


def _read_until(session: "subprocess.Popen[str]", words: str) -> None:
    seen = ""
    assert session.stdout
    while words not in seen:
        character = session.stdout.read(1)
        if not character:
            return
        seen += character


@dataclass(slots=True)
class Reader:
    """Fetches pages at a person's pace in a thread of its own until `stop`."""

    host: Host
    seed: int
    pause_s: float = 1.5
    has_ipv6: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the page at hand."""
        self._ended.set()
        if self._thread:
            self._thread.join(60)

    def _read(self) -> None:
        rng = random.Random(self.seed)
        while not self._ended.wait(rng.expovariate(1 / self.pause_s)):
            pages = rng.choices(list(PAGES), k=rng.randint(1, 3))
            if rng.random() < 0.03:
                pages.append("favicon.ico#missing")
            urls = [f"http://web01.example.org/{page.removesuffix('#missing')}" for page in pages]
            family = rng.choice(("-4", "-6")) if self.has_ipv6 else "-4"
            self.host.run(
                *("curl", family, "-sS", "--max-time", "20", "-o", "/dev/null"),
                *_outputs([url if "favicon" in url else url + ".html" for url in urls]),
                is_checked=False,
            )


def _outputs(urls: Sequence[str]) -> list[str]:
    first, *others = urls
    return [first, *(part for url in others for part in ("-o", "/dev/null", url))]


def look_up(host: Host, rng: random.Random) -> None:
    """Ping by name: one lookup of the site's resolver, a few echoes."""
    name = rng.choice(("ns1", "web01", "mirror"))
    family = rng.choice(("-4", "-4", "-6"))
    host.run("ping", family, "-c", str(rng.randint(2, 5)), f"{name}.example.org", is_checked=False)


def fetch_package(host: Host, package: str, folder: Path) -> None:
    """Download a package from the site's mirror."""
    url = f"http://mirror.example.org/{package}_1.0_all.deb"
    host.run("curl", "-4", "-sS", "-o", str(folder / "package.deb"), url)


def start_resolver(host: Host) -> None:
    """Answer for the names of the site."""
    names = {"web01": WEB01, "ns1": RESOLVER, "mirror": MIRROR, "files": "198.51.100.20"}
    records = [
        part
        for name, v4 in names.items()
        for part in (
            "--host-record",
            f"{name}.example.org,{v4},2001:db8:51::{v4.rsplit('.', 1)[1]}",
        )
    ]
    host.start(
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"),
        *("--user=root", "--pid-file=", "--local=/org/", *records),
    )
