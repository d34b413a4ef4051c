"""The recorded server: real sshd, sudo, su and cron that log to a receiver, and nginx."""

import random
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .hosts import Host
from .site import WEB01, Site
from .syslog import Receiver, SceneClock

PEOPLE = ("alice", "bob", "carol", "deploy")
PASSWORD_DAY = "2026-01-02"
PAGES = {"index": 6, "about": 3, "news": 18, "docs": 60, "contact": 2, "prices": 24}
WORDS = [
    "the",
    "site",
    "ordinary",
    "page",
    "reader",
    "network",
    "note",
    "weather",
    "list",
    "table",
    "answer",
    "small",
    "often",
]
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

# Accounts, host keys and logs of the throwaway server live in memory and go with the host.
SCRIPT = """
d={scratch}
cp -a /etc $d/etc; umount /etc/hosts; mount --bind $d/etc /etc; cp $d/hosts /etc/hosts
for m in /run /var/log /var/mail /var/lib/sudo /var/spool/cron; do
    mkdir -p $m; mount -t tmpfs -o mode=755 tmpfs $m
done
mkdir -p /run/sshd /run/sudo /var/spool/cron/crontabs /var/log/nginx
mount -t tmpfs -o mode=755 tmpfs $d/dev
for n in null zero full random urandom tty; do
    touch $d/dev/$n; mount --bind /dev/$n $d/dev/$n
done
mkdir $d/dev/shm; mount -t tmpfs tmpfs $d/dev/shm
mkdir $d/dev/pts; mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $d/dev/pts
ln -s pts/ptmx $d/dev/ptmx; ln -s /proc/self/fd $d/dev/fd; ln -s {socket} $d/dev/log
mount --move $d/dev /dev 2>/dev/null || mount --rbind $d/dev /dev
rm -f /etc/ssh/ssh_host_* /etc/cron.daily/* /etc/cron.hourly/* /etc/cron.d/* /etc/logrotate.d/*
touch /var/log/lastlog /var/log/wtmp /var/log/btmp /run/utmp; chmod 600 /var/log/btmp
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
echo web01 > /etc/hostname
# Where the machine itself may not raise limits, sudo and su would complain of it.
sed -i /pam_limits/d /etc/pam.d/sudo /etc/pam.d/sudo-i /etc/pam.d/su
"""
SSHD_CONFIG = """\
Port 22
AddressFamily inet
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 30:30:100
UseDNS no
PrintMotd no
"""
CRONTAB = """\
SHELL=/bin/sh
MAILTO=""
PATH=/usr/sbin:/usr/bin:/sbin:/bin
17 * * * * root cd / && run-parts --report /etc/cron.hourly
25 6 * * * root cd / && run-parts --report /etc/cron.daily
*/30 * * * * deploy test -x /usr/local/bin/publish && /usr/local/bin/publish
"""
LOGROTATE = "/var/log/auth.log /var/log/syslog {\n weekly\n rotate 4\n missingok\n compress\n}\n"
SUDOERS = (
    "Defaults timestamp_timeout=0, !mail_badpass, !mail_no_user\nalice ALL=(ALL) ALL\nbob ALL=(ALL) ALL\n"
    "deploy ALL=(root) NOPASSWD: /usr/sbin/nginx\n"
)
NGINX = """\
daemon off; user www-data; worker_processes 1; pid {scratch}/nginx.pid;
error_log {scratch}/error.log;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types; access_log {scratch}/access.log combined; keepalive_timeout 15;
  server {{ listen 80; {ipv6} root {pages}; index index.html; server_tokens off; }}
}}
"""


@dataclass(slots=True)
class Web01:
    """The server, its log receiver, and the random passwords of its throwaway accounts."""

    host: Host
    receiver: Receiver
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def access_log(self) -> Path:
        """Where nginx writes its requests."""
        return self.host.scratch / "access.log"

    def trust(self, user: str, public_key: str) -> None:
        """Let a key log in as a user."""
        home = f"/home/{user}/.ssh"
        self.host.run("install", "-d", "-o", user, "-m", "700", home)
        self.host.run("tee", "-a", f"{home}/authorized_keys", stdin=public_key)
        self.host.run("chown", user, f"{home}/authorized_keys")

    def run_cron(self, minute_s: float) -> None:
        """Let cron live through the start of one minute of the scene, which must lie ahead."""
        clock = self.receiver.clock
        clock.jump_to(minute_s - 1.0)
        began = time.strftime("@%Y-%m-%d %H:%M:%S", time.gmtime(minute_s - 1.0))
        cron = self.host.start(
            *("timeout", "2.2", "cron", "-f"), env={"LD_PRELOAD": FAKETIME, "FAKETIME": began}
        )
        cron.wait(10)
        self.host.run("rm", "-f", "/run/crond.pid")


def start_web01(site: Site, clock: SceneClock) -> Web01:
    """Start the server with sshd and nginx and wait until both answer."""
    socket = site.scratch / "log.sock"
    receiver = Receiver(socket, "web01", clock)
    receiver.open()
    scratch = site.scratch / "web01"
    script = f"mkdir {scratch}/dev\n" + SCRIPT.format(scratch=scratch, socket=socket)
    host = site.add("web01", "site", WEB01, script=script)
    web01 = Web01(host, receiver)
    for user in PEOPLE:
        web01.passwords[user] = secrets.token_urlsafe(9)
        host.run("useradd", "-m", "-s", "/bin/bash", user)
    lines = "".join(f"{user}:{password}\n" for user, password in web01.passwords.items())
    host.run("chpasswd", stdin=lines)
    for user in PEOPLE:  # made before any day that is played
        host.run("chage", "-d", PASSWORD_DAY, user)
    for path, text in (
        ("/etc/ssh/sshd_config", SSHD_CONFIG),
        ("/etc/crontab", CRONTAB),
        ("/etc/logrotate.d/web01", LOGROTATE),
        ("/etc/cron.daily/logrotate", "#!/bin/sh\nlogrotate -s /run/rotated /etc/logrotate.conf\n"),
        ("/etc/sudoers.d/web01", SUDOERS),
    ):
        host.run("tee", path, stdin=text)
    host.run("chmod", "755", "/etc/cron.daily/logrotate")
    receiver.records.clear()  # the making of the accounts is not part of the scene
    host.start("/usr/sbin/sshd", "-D")
    start_nginx(site, host)
    wait_for_port(host, 22)
    receiver.records.clear()
    return web01


def start_nginx(site: Site, host: Host) -> subprocess.Popen[str]:
    """Serve made-up pages and packages from a host."""
    pages = host.scratch / "pages"
    pages.mkdir(mode=0o755)
    make_pages(pages)
    ipv6 = "listen [::]:80;" if site.has_ipv6 else ""
    config = host.scratch / "nginx.conf"
    config.write_text(NGINX.format(scratch=host.scratch, pages=pages, ipv6=ipv6), encoding="ascii")
    server = host.start("nginx", "-c", str(config), "-e", str(host.scratch / "error.log"))
    wait_for_port(host, 80)
    return server


def make_pages(folder: Path) -> None:
    """Write pages of made-up words, the sizes of ``PAGES`` in KiB, and two packages of noise."""
    rng = random.Random(7)
    for name, size_kib in PAGES.items():
        words = " ".join(rng.choice(WORDS) for _ in range(size_kib * 170))
        page = f"<!doctype html><title>{name}</title><p>{words}\n"
        (folder / f"{name}.html").write_text(page, encoding="ascii")
    for name, size_kib in (("small", 90), ("large", 700)):
        (folder / f"{name}_1.0_all.deb").write_bytes(rng.randbytes(size_kib * 1024))


def wait_for_port(host: Host, port: int, *, attempts_max: int = 50) -> None:
    """Wait until a port of the host listens. Raises `TimeoutError` after five seconds."""
    for _ in range(attempts_max):
        if host.net("ss", "-Hltn", f"sport = :{port}").strip():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{host.name}: port {port} does not listen")
