"""Reports made by hand: a bad morning, a calm one, and one that is full to the brim."""

from __future__ import annotations

import math

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.incident import Incident, Stage
from tocsin.core.times import NS_PER_S, parse_rfc3339
from tocsin.core.vocabulary import kind_of
from tocsin.web.report.model import (
    EvidenceFile,
    IncidentDetails,
    InputRead,
    InputSkipped,
    LogLine,
    Report,
    Sought,
    Timeline,
)

DAY = "2026-11-23T"
MINUTE_NS = 60 * NS_PER_S


def at(clock: str) -> int:
    return parse_rfc3339(f"{DAY}{clock}Z")


def detection(
    *,
    detector: str,
    kind: str,
    reason: str,
    observed: float,
    threshold: float,
    score: float,
    span: tuple[str, str],
    attackers: tuple[str, ...],
    victims: tuple[str, ...],
    expected: float | None = None,
    p_value: float | None = None,
    source: str = "sample_data/edge.pcap",
    window_s: float = 1.0,
    contributions: dict[str, float] | None = None,
) -> Detection:
    first_ns, last_ns = at(span[0]), at(span[1])
    return Detection(
        detector=detector,
        rule=f"{detector}",
        kind=kind,
        entity=victims[0],
        episode="e1",
        source=source,
        detected_ns=first_ns + 2 * NS_PER_S,
        offset=4096,
        first_ns=first_ns,
        last_ns=last_ns,
        reason=reason,
        figure="",
        observed=observed,
        threshold=threshold,
        score=score,
        selector=Selector(source, "packets", first_ns, last_ns),
        expected=expected,
        p_value=p_value,
        window_s=window_s,
        attackers=attackers,
        victims=victims,
        contributions=contributions or {},
    )


def incident(
    *,
    ident: str,
    kind: str,
    title: str,
    priority: str,
    severity: str,
    span: tuple[str, str],
    detections: tuple[Detection, ...],
    counts: Counts,
    why: dict[str, str],
    runbook: tuple[str, ...],
    kinds: tuple[Stage, ...] = (),
    users: tuple[str, ...] = (),
    assets: tuple[str, ...] = (),
    service: str | None = None,
    techniques: tuple[str, ...] = (),
    levels: tuple[str, str] = ("medium", "medium"),
    facts: dict[str, str | int | float] | None = None,
    attackers_total: int = 0,
    after_s: int = 2,
) -> Incident:
    first_ns, last_ns = at(span[0]), at(span[1])
    lead = detections[0]
    return Incident(
        id=ident,
        dedup_key=f"{kind}/{ident}",
        site="office",
        title=title,
        kind=kind,
        kinds=kinds or (Stage(kind, first_ns),),
        type="security",
        category=kind_of(kind).category,
        severity=severity,
        impact=levels[0],
        urgency=levels[1],
        priority=priority,
        confidence=0.97,
        first_ns=first_ns,
        last_ns=last_ns,
        detected_ns=first_ns + after_s * NS_PER_S,
        records_to_detect=9,
        attackers=lead.attackers,
        victims=lead.victims,
        reasons=tuple(d.reason for d in detections),
        detections=detections,
        counts=counts,
        sources=((lead.source, counts.events + counts.packets),),
        service=service,
        users=users,
        assets=assets,
        techniques=techniques,
        why=why,
        runbook=runbook,
        facts=facts or {},
        attackers_total=attackers_total,
        evidence_path=f"evidence/{ident}",
        manifest_sha256="9f2c41d7e0b8" * 5 + "77aa",
    )


def evidence_files(*names: str) -> tuple[EvidenceFile, ...]:
    what = {"capture": "packets of the incident, with a margin", "lines": "raw log lines",
            "detections": "detections with their numbers", "counts": "exact totals"}  # fmt: skip
    return tuple(
        EvidenceFile(
            name,
            18_204 * (place + 1),
            f"{place + 3:x}a7c19e0f54b2d68" * 4,
            what[name.split("-")[0].split(".")[0]],
        )
        for place, name in enumerate(names)
    )


def compromise() -> IncidentDetails:
    guessing = detection(
        detector="ssh_guessing", kind="brute_force", observed=412, expected=3.1, threshold=30,
        score=13.7, p_value=1.1e-9, window_s=1800, source="sample_data/auth.log",
        reason="412 failed log-ins in 30 min; this host's usual is 3.1 (p = 1e-9)",
        span=("05:41:00", "06:12:31"), attackers=("203.0.113.77",), victims=("198.51.100.5",),
        contributions={"failures from this source": 8.1, "distinct user names": 3.2, "invalid users": 1.9, "short connections": 0.5},
    )  # fmt: skip
    entered = detection(
        detector="account_compromise", kind="account_compromise", observed=412, threshold=4,
        score=103, window_s=0, source="sample_data/auth.log",
        reason="203.0.113.77 logged in as 'deploy' with a password after 412 refusals",
        span=("06:12:31", "06:12:31"), attackers=("203.0.113.77",), victims=("198.51.100.5",),
    )  # fmt: skip
    stages = (Stage("brute_force", at("05:41:00")), Stage("account_compromise", at("06:12:31")))
    made = incident(
        ident="a3f1c09be2d4", kind="account_compromise", priority="P1", severity="critical",
        title="Account 'deploy' entered after password guessing by 203.0.113.77 against 198.51.100.5: 412 failures in 30 min",
        span=("05:41:00", "06:12:31"), detections=(entered, guessing),
        counts=Counts(413, 9127, 431, 1_841_220), kinds=stages, users=("deploy", "root", "admin", "oracle", "git"),
        assets=("web01",), service="ssh", techniques=("T1078", "T1110.001"), levels=("high", "critical"),
        after_s=34,
        why={"severity": "access was gained after guessing", "impact": "web01 is of high criticality",
             "urgency": "somebody seems to be inside: every minute counts", "priority": "web01 holds customer data: P1 whatever the matrix",
             "confidence": "log and packets agree"},
        runbook=("Ask the account's owner now, by telephone: was it you, from that address, at that minute?",
                 "If not: keep the session's traces, then end it: who; loginctl list-sessions; loginctl terminate-session ID.",
                 "Lock the account: usermod -L -e 1 NAME; remove keys you do not know from ~NAME/.ssh/authorized_keys (keep a copy).",
                 "Cut the host off if anything of that shows; do not switch it off: memory is evidence."),
    )  # fmt: skip
    counts = tuple(
        int(13 + 5 * math.sin(i / 2.3) + (i * 7919) % 5) if 9 <= i < 41 else (i * 31) % 3 // 2
        for i in range(50)
    )
    lines = tuple(
        LogLine(f"Nov 23 05:41:{second:02d} web01 sshd[{2700 + second}]: Failed password for {user} from 203.0.113.77 port {40000 + second} ssh2\n".encode(), "sample_data/auth.log", 8000 + 99 * second)
        for second, user in ((3, "root"), (7, "invalid user oracle"), (11, "invalid user b\x1b[31mad\u202e"), (16, "deploy"))
    ) + (LogLine(b"Nov 23 06:12:31 web01 sshd[3391]: Accepted password for deploy from 203.0.113.77 port 52218 ssh2\n", "sample_data/auth.log", 51_022),)  # fmt: skip
    return IncidentDetails(
        made,
        Timeline(MINUTE_NS, at("05:32:00"), counts, (0.1,) * 50, at("05:41:34"), "log events"),
        lines, 413,
        ("2026-11-23T05:41:03.118200Z     74 B  Ether / IP / TCP 203.0.113.77:40003 > 198.51.100.5:ssh S",
         "2026-11-23T05:41:03.118411Z     74 B  Ether / IP / TCP 198.51.100.5:ssh > 203.0.113.77:40003 SA"), 9127,
        evidence_files("capture-1.pcap", "lines-1.log", "detections.json", "counts.json"),
    )  # fmt: skip


def flood() -> IncidentDetails:
    seen = detection(
        detector="syn_flood", kind="syn_flood", observed=48_212, expected=6.2, threshold=200, score=241,
        reason="48,212 half-open connections a second to port 443, 0.2 % completed, from 31,442 addresses seen once",
        span=("09:14:08", "09:20:55"), attackers=("*spoofed",), victims=("198.51.100.20",),
        contributions={"half-open a second": 5.4, "share completed": 2.1, "new sources": 1.7},
    )  # fmt: skip
    made = incident(
        ident="5be07731c9aa", kind="syn_flood", priority="P2", severity="high",
        title="SYN flood by spoofed sources against 198.51.100.20: 48,212 half-open connections a second",
        span=("09:14:08", "09:20:55"), detections=(seen,), counts=Counts(0, 19_402_118, 0, 1_047_714_372),
        techniques=("T1499.001",), levels=("medium", "high"), facts={"proto": "tcp"}, after_s=1,
        why={"severity": "the target's connections hardly complete", "impact": "no asset of the configuration is concerned, so medium is assumed",
             "urgency": "the service is being attacked now", "priority": "impact medium and urgency high give P2", "confidence": "shape decides, no history needed"},
        runbook=("Is the service reachable from outside? Ask somebody who is not in the building.", "Turn on SYN cookies: sysctl -w net.ipv4.tcp_syncookies=1.", "Ask the provider to filter; give them the slice from the evidence."),
    )  # fmt: skip
    counts = tuple(
        int(46_000 * 5 * (1 - math.exp(-(i - 12) / 3)) * (1 + 0.05 * math.sin(i)))
        if 12 <= i < 94
        else 900 + (i * 37) % 300
        for i in range(110)
    )
    lines = tuple(
        f"2026-11-23T09:14:08.0{n}1201Z     60 B  Ether / IP / TCP 192.0.2.{n * 29}:{1024 + n * 911} > 198.51.100.20:https S"
        for n in range(1, 6)
    )
    return IncidentDetails(
        made, Timeline(5 * NS_PER_S, at("09:13:08"), counts, (1050.0,) * 110, at("09:14:09"), "packets"), (), 0, lines, 19_402_118,
        evidence_files("capture-1.pcap", "detections.json"),
    )  # fmt: skip


def scan() -> IncidentDetails:
    seen = detection(
        detector="port_scan", kind="port_scan", observed=998, threshold=4.595, score=1714, window_s=0,
        reason="998 ports of 198.51.100.5 tried in 21 s, 994 of them refused or silent (log-odds 1,714; alarm at 4.6)",
        span=("07:02:11", "07:02:32"), attackers=("203.0.113.9",), victims=("198.51.100.5",),
    )  # fmt: skip
    made = incident(
        ident="c40d1f66e018", kind="port_scan", priority="P3", severity="medium",
        title="vertical port scan by 203.0.113.9 against 198.51.100.5: 998 ports in 21 s".capitalize(),
        span=("07:02:11", "07:02:32"), detections=(seen,), counts=Counts(0, 2012, 998, 120_720),
        techniques=("T1046",), facts={"scan": "vertical", "proto": "tcp"}, after_s=0, assets=("web01",),
        why={"severity": "a scan alone", "impact": "web01 is of medium criticality", "urgency": "a port scan of medium severity", "priority": "impact medium and urgency medium give P3", "confidence": "sequential test"},
        runbook=("Who is it? An outside address: look it up (whois, abuse contact).", "Compare the ports that answered with what the host should offer: ss -tlnp on the victim."),
    )  # fmt: skip
    counts = tuple(90 + (i * 53) % 21 if 5 <= i < 26 else 0 for i in range(31))
    return IncidentDetails(made, Timeline(NS_PER_S, at("07:02:06"), counts, None, at("07:02:11"), "packets"), evidence=evidence_files("capture-1.pcap"))  # fmt: skip


def background() -> IncidentDetails:
    sources = tuple(f"192.0.2.{n}" for n in range(1, 61))
    seen = detection(
        detector="ssh_guessing", kind="brute_force", observed=36, expected=28, threshold=30, score=1.2, p_value=0.04, window_s=1800,
        source="sample_data/auth.log", reason="36 failed log-ins in 30 min from 192.0.2.14, the busiest of 214 sources",
        span=("00:04:10", "23:51:02"), attackers=sources, victims=("198.51.100.5",),
    )  # fmt: skip
    made = incident(
        ident="0d9e8a7b6c5f", kind="brute_force", priority="P5", severity="low",
        title="SSH password guessing by 214 sources against 198.51.100.5: 3,118 tries, background",
        span=("00:04:10", "23:51:02"), detections=(seen,), counts=Counts(3118, 0, 0, 0),
        service="ssh", techniques=("T1110.001",), levels=("low", "low"), attackers_total=214, after_s=600,
        why={"severity": "the everyday noise of a public service, none let in", "impact": "test01 is of low criticality", "urgency": "password guessing of low severity", "priority": "impact low and urgency low give P5", "confidence": "one view"},
        runbook=("Nothing today. Keys instead of passwords end this for good: PasswordAuthentication no.",),
    )  # fmt: skip
    counts = tuple(int(130 + 25 * math.sin(i / 4) + (i * 101) % 40) for i in range(24))
    return IncidentDetails(made, Timeline(60 * MINUTE_NS, at("00:00:00"), counts, (128.0,) * 24, at("00:14:10"), "log events"), evidence=evidence_files("lines-1.log"))  # fmt: skip


SOUGHT = (
    Sought(
        "account_compromise", "Log-in succeeded after guessing", "account_compromise", "all of it"
    ),
    Sought("port_scan", "Port scan", "port_scan", "all of it; the test needs no history"),
    Sought("syn_flood", "SYN flood", "syn_flood", "all of it, by shape"),
    Sought("traffic_spike", "Traffic spike", "traffic_spike", "nothing until a baseline exists"),
)


def inputs() -> tuple[InputRead, ...]:
    return (
        InputRead("sample_data/edge.pcap", "packets", "pcapng", 1_904_221_884, 20_118_402, 20_118_399, 0, {"tcp_header_short": 3}, flows=48_112, first_ns=at("05:30:00"), last_ns=at("09:31:12")),
        InputRead("sample_data/auth.log", "log", "syslog+gzip", 5_310_448, 48_112, 48_090, 12, {"no_time": 8, "nul_bytes": 2}, late=0, untemplated=1204, first_ns=at("00:00:02"), last_ns=at("23:59:48"), problem="the last record is cut short at byte 5310448"),
    )  # fmt: skip


def bad_morning() -> Report:
    return Report(
        version="0.1.0", inputs=inputs(), skipped=(InputSkipped("sample_data/photo.jpg", "neither a capture nor a log"),),
        incidents=(background(), scan(), compromise(), flood()), sought=SOUGHT,
        settings={"time zone of logs": "UTC", "year of logs": "2026", "rules": "11 shipped, none of your own", "settings version": "1f03ab2"},
        limits=("edge.pcap was recorded with a snap length of 128 bytes: payloads are cut.",), problems=("sample_data/auth.log: the last record is cut short at byte 5310448",),
        suppressed={"own-scanner": 4}, site="office", wall_s=7.42, made_ns=parse_rfc3339("2026-11-24T08:02:11Z"), chain_head="6:" + "be12" * 16,
    )  # fmt: skip


def calm_morning() -> Report:
    return Report(
        version="0.1.0",
        inputs=inputs()[:1],
        sought=SOUGHT,
        settings={"time zone of logs": "UTC"},
        wall_s=5.2,
    )
