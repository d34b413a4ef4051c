"""The scenes of a whole day: an ordinary one, and one with the usual strangers at the door.

The logs are shifted: each action is real and keeps its real course of seconds, while the hours
between actions are skipped by setting the receiver's clock forward. Captures are never shifted.
"""

import math
import random
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .capture import Capture, packet_times
from .clients import Person, Reader, fetch_package, look_up, start_resolver
from .hosts import Host
from .site import MIRROR, RESOLVER, WEB01, Site
from .syslog import Record, SceneClock
from .truth import Attack, Truth
from .web01 import Web01, start_nginx, start_web01

DAY_S = 86_400
CAPTURE_S = 200
CAPTURE_SNAP_BYTES = 192
STRANGERS = 40
VISITS_TOGETHER_MAX = 4
STRANGERS_USERS = [
    "root",
    "root",
    "root",
    "admin",
    "admin",
    "test",
    "ubuntu",
    "oracle",
    "postgres",
    "pi",
    "user",
    "git",
    "ftpuser",
    "guest",
    "deploy",
]
LETTERS = "abcdefghijkmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Day:
    """What happens at which second of the day, played in that order."""

    web01: Web01
    midnight_s: float
    plan: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def at(self, clock_time: str, action: Callable[[], None]) -> None:
        """Plan an action at ``HH:MM:SS``."""
        hours, minutes, seconds = map(int, clock_time.split(":"))
        self.plan.append((hours * 3600 + minutes * 60 + seconds, action))

    def at_second(self, second: float, action: Callable[[], None]) -> None:
        """Plan an action at a second of the day."""
        self.plan.append((second, action))

    def plan_cron(self) -> None:
        """Let cron run at each minute at which its table names a job."""
        for hour in range(24):
            for minute in (17, 30, *((25,) if hour == 6 else ())):
                minute_s = hour * 3600 + minute * 60
                # Planned ahead of the minute, so that the clock never stands behind it.
                self.plan.append((minute_s - 2, self._cron(self.midnight_s + minute_s)))

    def play(self) -> None:
        """Play the plan."""
        for second, action in sorted(self.plan, key=lambda step: step[0]):
            self.web01.receiver.settle()
            self.web01.receiver.clock.jump_to(self.midnight_s + second)
            action()

    def _cron(self, minute_s: float) -> Callable[[], None]:
        def run() -> None:
            if self.web01.receiver.clock.now() < minute_s - 1.0:
                self.web01.run_cron(minute_s)

        return run


@dataclass(slots=True)
class Session:
    """A login that stays open until it is left."""

    person: Person
    user: str
    _ssh: "subprocess.Popen[str] | None" = None

    def enter(self) -> None:
        """Log in by key and stay."""
        self._ssh = self.person.host.start(*self.person.by_key(self.user, "cat"))
        time.sleep(1.5)

    def leave(self) -> None:
        """Log out."""
        if self._ssh:
            self._ssh.communicate(timeout=20)


def _yesterday_s() -> float:
    return (time.time() // DAY_S - 1) * DAY_S


def _start_day(site: Site) -> tuple[Day, dict[str, Person]]:
    midnight_s = _yesterday_s()
    clock = SceneClock()
    clock.begin_at(midnight_s)
    web01 = start_web01(site, clock)
    people = {}
    for number, user in enumerate(("alice", "bob", "carol", "deploy")):
        people[user] = Person(site.add(f"desk{number}", "office", f"192.0.2.{20 + number}"))
        if user != "carol":  # carol uses her password only
            web01.trust(user, people[user].make_key())
    clock.begin_at(midnight_s)
    return Day(web01, midnight_s), people


def _log_truths(
    scene: str, day: Day, folder: Path, names: tuple[str, ...]
) -> list[tuple[Truth, list[Record]]]:
    day.web01.receiver.close()
    note = "Real lines, shifted over one day: the waiting time between actions was skipped."
    found = []
    for name in names:
        records = day.web01.receiver.write(folder / name, is_auth=name == "auth.log")
        times = [math.floor(record.at_s) for record in records]
        found.append((Truth(f"{scene}/{name}", "benign", times, note), records))
    return found


def record_calm_day(folder: Path) -> list[Truth]:
    """Record an ordinary day's logs and, at a site of its own, some minutes of its traffic."""
    with ThreadPoolExecutor(2) as recorders:
        logs = recorders.submit(_record_calm_logs, folder)
        capture = recorders.submit(_record_calm_capture, folder)
        return [*logs.result(), *capture.result()]


def _record_calm_logs(folder: Path) -> list[Truth]:
    with Site() as site:
        day, people = _start_day(site)
        monitor = Person(site.add("monitor", "office", "192.0.2.40"))
        day.plan_cron()
        for hour in range(1, 24, 3):
            day.at(f"{hour:02}:42:10", monitor.knock)
        deploy = people["deploy"]
        for moment in ("03:00:05", "10:21:40", "11:58:13", "15:34:52", "17:10:29"):
            day.at(moment, lambda: deploy.login_by_key("deploy", "sudo", "/usr/sbin/nginx", "-v"))
        _plan_people(day, people)
        day.play()
        time.sleep(1)
        return [truth for truth, _ in _log_truths("calm-day", day, folder, ("auth.log", "syslog"))]


def _plan_people(day: Day, people: dict[str, Person]) -> None:
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    secret = day.web01.passwords
    long = Session(alice, "alice")
    day.at("08:02:31", long.enter)
    day.at("08:05:12", lambda: alice.sudo("alice", [secret["alice"]], "tail", "/var/log/syslog"))
    day.at("08:47:03", lambda: bob.login_by_password("bob", ["Bobs0ld", secret["bob"]], "df -h"))
    day.at("09:12:44", lambda: carol.login_by_password("carol", [secret["carol"]], "uptime"))
    day.at("09:40:18", lambda: carol.login_by_password("carl", ["mistake1"], "uptime"))
    day.at("09:40:35", lambda: carol.login_by_password("carol", [secret["carol"]], "ls"))
    typed = ["wrongword", secret["alice"]]
    day.at("10:08:20", lambda: alice.sudo("alice", typed, "/usr/sbin/nginx", "-t"))
    day.at("11:03:09", lambda: bob.login_by_key("bob", "su - deploy -c id", stdin="no-such\n"))
    command = "su - deploy -c id"
    day.at("11:03:40", lambda: bob.login_by_key("bob", command, stdin=f"{secret['deploy']}\n"))
    day.at("12:05:57", long.leave)
    afternoon = Session(bob, "bob")
    day.at("13:01:12", afternoon.enter)
    day.at("13:20:45", lambda: carol.login_by_password("carol", [secret["carol"]], "who; date"))
    day.at("14:02:26", lambda: alice.login_by_key("alice", "ls -l /var/log"))
    day.at("14:15:02", lambda: bob.sudo("bob", [secret["bob"]], "su", "-", "deploy", "-c", "id"))
    day.at("16:18:33", lambda: alice.sudo("alice", [secret["alice"]], "apt-get", "--version"))
    typed = ["Sommer24", "Sommer42", secret["carol"]]
    day.at("16:44:51", lambda: carol.login_by_password("carol", typed, "uptime"))
    day.at("17:49:20", afternoon.leave)
    day.at("21:13:37", lambda: alice.login_by_key("alice", "uptime"))


def _record_calm_capture(folder: Path) -> list[Truth]:
    with Site(has_ipv6=True) as site:
        web01 = start_web01(site, SceneClock())
        start_resolver(site.add("ns1", "site", RESOLVER))
        start_nginx(site, site.add("mirror", "site", MIRROR))
        desks = [site.add(f"desk{n}", "office", f"192.0.2.{20 + n}") for n in range(5)]
        web01.trust("alice", Person(desks[0]).make_key())
        readers = [Reader(host, 100 + n, 7, has_ipv6=True) for n, host in enumerate(desks)]
        with Capture(site.router, "site", folder / "capture.pcap", CAPTURE_SNAP_BYTES):
            for reader in readers:
                reader.start()
            _spend_minutes(site, web01, desks)
            for reader in readers:
                reader.stop()
        web01.receiver.close()
        (folder / "access.log").write_bytes(web01.access_log.read_bytes())
        stamps = [_access_time(line) for line in web01.access_log.read_text().splitlines()]
    note = "Pages, lookups, pings, package downloads and ssh sessions, at the router's site link."
    times = packet_times(folder / "capture.pcap")
    return [
        Truth("calm-day/capture.pcap", "benign", times, note),
        Truth("calm-day/access.log", "benign", stamps, "nginx, the same minutes as capture.pcap."),
    ]


def _spend_minutes(site: Site, web01: Web01, desks: list[Host]) -> None:
    rng = random.Random(5)
    alice = Person(desks[0])
    end_s = time.monotonic() + CAPTURE_S
    long = Session(alice, "alice")
    long.enter()
    while time.monotonic() < end_s:
        choice = rng.random()
        if choice < 0.45:
            look_up(rng.choice(desks), rng)
        elif choice < 0.6:
            alice.login_by_key("alice", "uptime; ls -l /etc; sleep 1")
        elif choice < 0.7:
            password = web01.passwords["carol"]
            Person(desks[2]).login_by_password("carol", [password], "cat /etc/services")
        elif choice < 0.8:
            fetch_package(rng.choice(desks), rng.choice(("small", "large")), site.scratch)
        else:
            fetch_package(rng.choice(desks), "small", site.scratch)
        time.sleep(rng.uniform(0.5, 3))
    long.leave()


def _access_time(line: str) -> float:
    stamp = line.split("[", 1)[1].split("]", 1)[0].removesuffix(" +0000")
    return time.mktime(time.strptime(stamp, "%d/%b/%Y:%H:%M:%S")) - time.timezone


def record_background_noise(folder: Path) -> list[Truth]:
    """Record a day of a public sshd: many strangers, a few failures each, none gets in."""
    rng = random.Random(23)
    with Site() as site:
        day, people = _start_day(site)
        host = site.add("strangers", "outside", "203.0.113.9")
        addresses = [f"203.0.113.{n}" for n in rng.sample(range(10, 250), STRANGERS)]
        for address in addresses:
            host.net("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        day.plan_cron()
        with ThreadPoolExecutor(VISITS_TOGETHER_MAX) as visitors:
            _plan_strangers(day, [Person(host, address) for address in addresses], rng, visitors)
            _plan_few_logins(day, people)
            day.play()
        time.sleep(1)
        ((truth, records),) = _log_truths("background-noise", day, folder, ("auth.log",))
    times = [math.floor(record.at_s) for record in records if " 203.0.113." in record.line]
    attack = Attack(("brute_force_ssh",), tuple(sorted(addresses)), (WEB01, "web01"), times)
    note = (
        f"The usual background of a public sshd: {STRANGERS} sources, a handful of failures each,"
        " none succeeds; at most one incident of severity low is right. Real lines, shifted over"
        " one day: the waiting time between actions was skipped."
    )
    return [Truth(truth.name, "mixed", truth.times, note, attack)]


def _plan_few_logins(day: Day, people: dict[str, Person]) -> None:
    alice, carol = people["alice"], people["carol"]
    secret = day.web01.passwords["carol"]
    for moment in ("08:04:11", "11:47:30", "16:20:02"):
        day.at(moment, lambda: alice.login_by_key("alice", "uptime"))
    day.at("09:15:21", lambda: carol.login_by_password("carol", ["mistyped", secret], "uptime"))
    day.at("13:40:58", lambda: carol.login_by_password("carol", [secret], "uptime"))


def _plan_strangers(
    day: Day, strangers: list[Person], rng: random.Random, visitors: ThreadPoolExecutor
) -> None:
    visits = [person for person in strangers for _ in range(rng.choice((1, 2, 2, 3)))]
    rng.shuffle(visits)
    while visits:
        together = [visits.pop() for _ in range(min(len(visits), rng.choice((1, 1, 2, 3, 4))))]
        steps = [
            (
                person,
                rng.choice(STRANGERS_USERS),
                ["".join(rng.choices(LETTERS, k=8)) for _ in range(rng.choice((1, 2, 3)))],
            )
            for person in together
        ]

        def visit(steps: list[tuple[Person, str, list[str]]] = steps) -> None:
            waiting = [
                visitors.submit(person.login_by_password, user, passwords, "id")
                for person, user, passwords in steps
            ]
            for each in waiting:
                each.result()

        day.at_second(rng.uniform(60, DAY_S - 300), visit)
