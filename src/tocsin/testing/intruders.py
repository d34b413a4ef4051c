"""What intruders leave in a host's logs, and who tries to come in; lines for tests and rules."""

from __future__ import annotations

from datetime import timedelta

from tocsin.testing import logs

ATTACKER = "203.0.113.9"


def focused_guessing(*, sources: int = 24, user: str = "carla") -> list[bytes]:
    """Return one try of a password for one account from each of many sources, a minute apart."""
    return [
        logs.failed(60.0 * n, source=f"198.51.100.{n + 1}", port=40_000 + n, user=user)
        for n in range(sources)
    ]


def spraying(*, names: int = 16, source: str = ATTACKER) -> list[bytes]:
    """Return one try for each of many accounts that exist, ten seconds apart."""
    return [
        logs.failed(10.0 * n, source=source, port=40_000 + n, user=f"person{n}")
        for n in range(names)
    ]


def enumeration(*, names: int = 24, source: str = ATTACKER) -> list[bytes]:
    """Return one try for each of many names that the host does not know."""
    text = "Failed password for invalid user name{} from {} port {} ssh2"
    return [logs.line(5.0 * n, text.format(n, source, 40_000 + n)) for n in range(names)]


def sudo(at_s: float, command: str, *, user: str = "ana") -> bytes:
    """Return a command run by sudo."""
    text = f"     {user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND={command}"
    return logs.line(at_s, text, program="sudo")


def not_in_sudoers(at_s: float = 0.0, *, user: str = "mallory") -> bytes:
    """Return the refusal of an account that sudoers does not name."""
    text = f" {user} : user NOT in sudoers ; TTY=pts/1 ; PWD=/tmp ; USER=root ; COMMAND=/bin/bash"
    return logs.line(at_s, text, program="sudo")


def new_account(at_s: float, *, user: str = "backdoor", shell: str = "/bin/bash") -> bytes:
    """Return the making of an account."""
    text = f"new user: name={user}, UID=1005, GID=1005, home=/home/{user}, shell={shell}, from=/dev/pts/0"
    return logs.line(at_s, text, program="useradd[4711]")


def whole_intrusion() -> list[bytes]:
    """Return guessing that succeeds, then root, an account, a key, and a log that is cleared."""
    return [
        *logs.guessing(at_s=0, failures=40),
        logs.accepted(60, source=ATTACKER, port=41_000, user="deploy"),
        sudo(120, "/bin/bash", user="deploy"),
        new_account(180),
        logs.line(181, "add 'backdoor' to group 'sudo'", program="usermod[4712]"),
        sudo(240, "/usr/bin/tee -a /root/.ssh/authorized_keys", user="deploy"),
        sudo(300, "/usr/bin/systemctl enable updater.service", user="deploy"),
        sudo(360, "/usr/bin/truncate -s 0 /var/log/auth.log", user="deploy"),
    ]


def access(
    at_s: float, *, status: int, source: str = "192.0.2.20", path: str = "/", size: int = 512
) -> bytes:
    """Return a line of an access log in the combined form."""
    stamp = (logs.START + timedelta(seconds=at_s)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    text = f'{source} - - [{stamp}] "GET {path} HTTP/1.1" {status} {size} "-" "{agent}"\n'
    return text.encode()


def failing_server() -> list[bytes]:
    """Return two calm minutes, then one in which half of the requests fail."""
    calm = [access(n / 2, status=200, source=f"192.0.2.{n % 20 + 1}") for n in range(240)]
    bad = [
        access(120 + n / 2, status=502 if n % 2 else 200, source=f"192.0.2.{n % 20 + 1}")
        for n in range(120)
    ]
    return [*calm, *bad]


def refused_client() -> list[bytes]:
    """Return a client that is refused twice a second, beside others that are served."""
    return [
        line
        for n in range(120)
        for line in (
            access(n / 2, status=200, source=f"192.0.2.{n % 20 + 1}"),
            access(n / 2, status=401, source=ATTACKER, path="/api/v1/orders"),
        )
    ]
