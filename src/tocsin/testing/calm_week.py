"""An ordinary week of a host and its two administrators; nobody should be told of anything."""

from __future__ import annotations

from tocsin.testing import logs
from tocsin.testing.intruders import access, sudo

_DAY_S, _HOUR_S = 86_400.0, 3600.0
_OFFICE, _HOME, _BACKUP = "192.0.2.10", "198.51.100.20", "192.0.2.40"


def ordinary_week(*, days: int = 8) -> list[bytes]:
    """Return an auth.log: log-ins from two places, sudo, cron, backups, upgrades and a reboot."""
    lines: list[tuple[float, bytes]] = []
    for day in range(days):
        at_s = day * _DAY_S
        lines += _cron(at_s) + _backups(at_s)
        if day % 7 < 5:
            lines += _work(at_s + 8 * _HOUR_S, "ana", _OFFICE, port=50_000 + day)
            lines += _work(at_s + 9 * _HOUR_S, "ben", _OFFICE, port=51_000 + day)
            lines += _work(at_s + 18 * _HOUR_S, "ana", _HOME, port=52_000 + day)
        if day == 3:
            lines += _upgrade(at_s + 10 * _HOUR_S)
        if day == 5:
            lines += _reboot(at_s + 6 * _HOUR_S)
    return [text for _, text in sorted(lines, key=lambda one: one[0])]


def _work(at_s: float, user: str, source: str, *, port: int) -> list[tuple[float, bytes]]:
    """Return a log-in by key, a mistyped password of sudo, a few commands, the end."""
    accepted = f"Accepted publickey for {user} from {source} port {port} ssh2: ED25519 SHA256:x"
    opened = f"pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)"
    wrong = f"pam_unix(sudo:auth): authentication failure; logname={user} uid=1000 euid=0 tty=/dev/pts/0 ruser={user} rhost=  user={user}"
    commands = (
        "/usr/bin/systemctl restart shop.service", "/usr/bin/tail -n 100 /var/log/syslog",
        "/usr/bin/apt list --upgradable", "/usr/bin/nano /etc/nginx/sites-available/shop",
        "/usr/bin/rm /var/log/nginx/access.log.14.gz", "/usr/bin/systemctl reload nginx",
    )  # fmt: skip
    found = [
        (at_s, logs.line(at_s, accepted)),
        (at_s, logs.line(at_s, opened)),
        (at_s + 60, logs.line(at_s + 60, wrong, program="sudo")),
    ]
    for n, command in enumerate(commands):
        when_s = at_s + 90 + 600 * n
        found.append((when_s, sudo(when_s, command, user=user)))
    end_s = at_s + 2 * _HOUR_S
    text = f"pam_unix(sshd:session): session closed for user {user}"
    return [*found, (end_s, logs.line(end_s, text))]


def _cron(at_s: float) -> list[tuple[float, bytes]]:
    found = []
    for hour in range(24):
        when_s = at_s + hour * _HOUR_S + 17 * 60
        texts = (
            "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
            f"(www-data) CMD (/usr/bin/php /srv/shop/cron.php --job {hour})",
        )
        found += [(when_s, logs.line(when_s, text, program="CRON[900]")) for text in texts]
    when_s = at_s + 6.5 * _HOUR_S
    text = (
        "(root) CMD (test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily ))"
    )
    return [*found, (when_s, logs.line(when_s, text, program="CRON[901]"))]


def _backups(at_s: float) -> list[tuple[float, bytes]]:
    when_s = at_s + 2 * _HOUR_S
    text = f"Accepted publickey for backup from {_BACKUP} port 40022 ssh2: RSA SHA256:y"
    return [(when_s, logs.line(when_s, text))]


def _upgrade(at_s: float) -> list[tuple[float, bytes]]:
    """Return what the upgrade of a few packages logs: an account for a program, restarts."""
    texts = (
        ("useradd[3000]", "new user: name=_chrony, UID=114, GID=121, home=/var/lib/chrony, shell=/usr/sbin/nologin, from=none"),
        ("usermod[3001]", "change user '_chrony' password"),
        ("chage[3002]", "changed password expiry for _chrony"),
        ("groupadd[3003]", "new group: name=_ssh, GID=122"),
        ("sshd[100]", "Received signal 15; terminating."),
        ("sshd[3100]", "Server listening on 0.0.0.0 port 22."),
        ("systemd-logind[600]", "New seat seat0."),
        ("rsyslogd", '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="500" x-info="https://www.rsyslog.com"] exiting on signal 15.'),
        ("rsyslogd", '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="3200" x-info="https://www.rsyslog.com"] start'),
        ("systemd[1]", "Stopped System Logging Service."),
        ("systemd[1]", "Started System Logging Service."),
        ("dbus-daemon[400]", "[system] Reloaded configuration"),
    )  # fmt: skip
    return [
        (at_s + n, logs.line(at_s + n, text, program=program))
        for n, (program, text) in enumerate(texts)
    ]


def _reboot(at_s: float) -> list[tuple[float, bytes]]:
    """Return a planned reboot that takes three minutes."""
    before = (
        ("systemd-logind[600]", "System is rebooting."),
        ("sshd[100]", "Received signal 15; terminating."),
        ("rsyslogd", '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="500" x-info="https://www.rsyslog.com"] exiting on signal 15.'),
    )  # fmt: skip
    after = (
        ("kernel", "[    0.000000] Linux version 6.1.0-18-amd64 (gcc-12) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1"),
        ("kernel", "[    4.123456] e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None"),
        ("systemd[1]", "Started System Logging Service."),
        ("systemd-logind[610]", "New seat seat0."),
        ("sshd[110]", "Server listening on 0.0.0.0 port 22."),
    )  # fmt: skip
    found = [
        (at_s + n, logs.line(at_s + n, text, program=name)) for n, (name, text) in enumerate(before)
    ]
    up_s = at_s + 180
    return found + [
        (up_s + n, logs.line(up_s + n, text, program=name)) for n, (name, text) in enumerate(after)
    ]


def calm_access(*, hours: int = 30) -> list[bytes]:
    """Return an access log of a small shop: people, a few failures, an answer of 500 now and then."""
    return [
        access(
            30.0 * n,
            status=500 if n % 400 == 7 else (404 if n % 50 == 3 else (403 if n % 90 == 5 else 200)),
            source=f"192.0.2.{n * 7 % 60 + 1}",
            path=f"/shop/{n % 37}",
            size=2000 + n % 900,
        )
        for n in range(120 * hours)
    ]
