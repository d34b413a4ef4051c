"""Hosts of the range: each is a process in network, mount, name and process namespaces of its own.

Clean-up is left to the kernel. Process 1 of a host is ``cat`` reading a pipe that only the
recorder holds: when the recorder ends, for whatever reason, ``cat`` reads the end of the pipe,
leaves, and the kernel kills every process of that host and frees its links and mounts.
Nothing is named in the machine's own namespaces, so several recorders can run side by side.
"""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_TIMEOUT_S = 30
COMMAND_TIMEOUT_S = 300

# Every host: no home of the machine, no name and no resolver of the machine.
BASE_SCRIPT = """
set -eu
mount -t tmpfs -o mode=755 tmpfs /root
mount -t tmpfs -o mode=755 tmpfs /home
hostname {name}
cp {hosts} {scratch}/hosts
echo 'nameserver {resolver}' > {scratch}/resolv.conf
mount --bind {scratch}/hosts /etc/hosts
mount --bind {scratch}/resolv.conf "$(readlink -f /etc/resolv.conf)"
{more}
echo ready
exec cat > /dev/null
"""


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the range; ``pid`` is its process 1 as the machine sees it."""

    name: str
    pid: int
    scratch: Path
    anchor: subprocess.Popen[str]

    def run(
        self,
        *argv: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        is_checked: bool = True,
    ) -> str:
        """Run a command on the host to its end and return its standard output.

        Raises `RuntimeError` with its words when it fails and ``is_checked``.
        """
        done = subprocess.run(
            self.enter(argv),
            input=stdin,
            env=environment(env),
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_TIMEOUT_S,
        )
        if is_checked and done.returncode:
            raise RuntimeError(f"{self.name}: {shlex.join(argv)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, *argv: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a command on the host; it ends with the host at the latest."""
        return subprocess.Popen(
            self.enter(argv),
            env=environment(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )

    def net(self, *argv: str) -> str:
        """Run a command of the machine inside the host's network namespace only."""
        done = subprocess.run(
            self.enter_net(argv), capture_output=True, text=True, check=False, env=environment()
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {shlex.join(argv)}: {done.stderr.strip()}")
        return done.stdout

    def enter(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs ``argv`` in all namespaces of the host."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "-u", "-p", "--", *argv]

    def enter_net(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs ``argv`` in the host's network namespace."""
        return ["nsenter", "-t", str(self.pid), "-n", "--", *argv]

    def stop(self) -> None:
        """End the host and everything that runs on it."""
        if self.anchor.stdin:
            self.anchor.stdin.close()
        self.anchor.wait(START_TIMEOUT_S)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a bare environment: a path, a plain locale, UTC, and ``more``."""
    return {"PATH": PATH, "LC_ALL": "C", "TZ": "UTC", "HOME": "/root", **(more or {})}


def start_host(name: str, *, scratch: Path, resolver: str, names: str, script: str = "") -> Host:
    """Start a host named ``name`` whose hosts file is ``names``; ``script`` is more set-up.

    Raises `RuntimeError` when its set-up fails.
    """
    scratch.mkdir(mode=0o755)
    hosts = scratch / "names"
    hosts.write_text(names, encoding="ascii")
    text = BASE_SCRIPT.format(
        name=name, scratch=scratch, hosts=hosts, resolver=resolver, more=script
    )
    anchor = subprocess.Popen(
        ["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
        + ["sh", "-c", text],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    words = anchor.stdout.readline() if anchor.stdout else ""
    if words.strip() != "ready":
        anchor.kill()
        raise RuntimeError(f"{name}: set-up failed, got {words!r}")
    children = Path(f"/proc/{anchor.pid}/task/{anchor.pid}/children").read_text(encoding="ascii")
    return Host(name, int(children.split()[0]), scratch, anchor)


def require_root() -> None:
    """Raise `PermissionError` unless the recorder may make namespaces."""
    if os.geteuid() != 0:
        raise PermissionError("recording needs root, to make namespaces")
