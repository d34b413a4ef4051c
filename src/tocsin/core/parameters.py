"""Thresholds of the detectors that live inside kernels, with units and sources.

A rule file under ``rules/detectors`` may set each by its name; the defaults here are what
the rule files ship. Kernels get them as flat arrays, in field order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """Port scans: threshold random walk in a pessimistic form (Jung et al., IEEE S&P 2004).

    A first contact counts as failed until it is answered. One that is younger than
    ``pending_s`` weighs ``pending_weight`` of a failure, so that a browser's burst is not
    a scan; a refused or older one weighs in full.
    """

    success_benign: float = 0.8  # theta_0: a benign first contact is answered
    success_scanner: float = 0.2  # theta_1
    log_odds_alarm: float = 4.595  # ln(0.99 / 0.01): detection .99 at false alarm .01
    log_odds_floor: float = -6.0  # how much goodwill earlier successes may buy
    pending_s: float = 1.0
    pending_weight: float = 0.34
    ports_min: int = 5  # distinct ports on one host (vertical)
    hosts_min: int = 6  # distinct hosts on one port (horizontal)
    slow_ports_min: int = 20  # distinct-count form, over an episode
    slow_hosts_min: int = 40
    slow_failed_share: float = 0.5
    episode_gap_s: float = 4 * 3600.0
    # Probes that begin without a SYN, and UDP: distinct ports or hosts that came to nothing.
    odd_flags_min: int = 10  # NULL, FIN, XMAS: no program sends them
    acks_min: int = 20  # ACK, FIN with ACK: refused, or unanswered for pending_s
    udp_ports_min: int = 16
    udp_hosts_min: int = 32
    odd_answered_share: float = 0.2


@dataclass(frozen=True, slots=True)
class FloodParameters:
    """SYN floods by shape, per target and one-second window; needs no history (RFC 4987)."""

    half_open_min: int = 100  # SYN without completion in one window
    half_open_decisive: int = 400  # in one window, enough alone
    windows_min: int = 2  # windows over half_open_min within ten seconds, else
    completion_max: float = 0.1
    sources_share_min: float = 0.5  # distinct sources per SYN: spoofed or widely distributed
    ports_max: int = 8  # few ports: aimed at a service, not a scan
    episode_gap_s: float = 900.0
    half_open_rate: float = 2000.0  # a second, over 100 ms at least: enough alone


@dataclass(frozen=True, slots=True)
class SurgeParameters:
    """Floods and reflections by the shape of what arrives unasked, per target and second.

    Rates are packets a second of one shape towards one target, over the open second so far
    and 100 ms at least (`tocsin.kernels.verdicts`).
    """

    packets_min: int = 100  # fewer in a second are not judged
    episode_gap_s: float = 900.0
    windows_min: int = 3  # seconds of ten over a quarter of a bound, else
    spread_rate: float = 800.0  # UDP or TCP of ever new conversations, without answers
    odd_rate: float = 300.0  # TCP with flags that no stack sends
    stream_rate: float = 5000.0  # one-way UDP of few conversations, always the same length
    answers_rate: float = 500.0  # answers of UDP services by several hosts
    replies_rate: float = 200.0  # echo replies
    reflected_rate: float = 300.0  # SYN-ACK and RST by several hosts
    overfed_rate: float = 300.0  # answers at least ten times their question
    echoes_rate: float = 400.0  # echo requests
    errors_rate: float = 4000.0  # ICMP errors
    ipv6_rate: float = 200.0  # extension headers, neighbour discovery
    fragments_rate: float = 1000.0  # later fragments of nothing
    answered_max: float = 0.2  # share of conversations that the target answers
    fresh_share_min: float = 0.7  # packets that begin a conversation: ever new ones
    usual_ratio: float = 3.0  # times what the target usually gets
    sources_min: int = 8  # several hosts


@dataclass(frozen=True, slots=True)
class SpikeParameters:
    """Traffic spikes: a target's rate against its own exponentially weighted past."""

    half_life_windows: float = 60.0
    warmup_windows: int = 30
    deviations_min: float = 8.0
    ratio_min: float = 5.0
    packets_s_min: float = 200.0  # below these nobody calls it a spike
    bytes_s_min: float = 1_000_000.0
    flows_s_min: float = 20.0
    shift_windows: int = 60
    episode_gap_s: float = 900.0


@dataclass(frozen=True, slots=True)
class GuessParameters:
    """Password guessing, from authentication events and from flows of one service."""

    failures_min: int = 8  # failed authentications by one source within window_s
    window_s: float = 600.0
    flows_min: int = 8  # short similar connections to one service within window_s
    flow_bytes_max: int = 12_000  # payload of one guess, both directions
    similarity_max: float = 0.35  # coefficient of variation of payload bytes
    success_failures_min: int = 4  # failures before a success that make it a compromise
    episode_gap_s: float = 4 * 3600.0
    noise_sources_min: int = 10  # sources that fail at one service and host in a UTC day
    burst_min: int = 4  # of one source within 0.3 window_s: few mistype that often
    slow_min: int = 6  # in longer than window_s with no log-in between, none after episode_gap_s


@dataclass(frozen=True, slots=True)
class WebParameters:
    """What clients do to web servers, in clear HTTP; needs no history."""

    attacks_min: int = 1  # requests with the grammar of an attack
    scan_score_min: float = 20.0  # points of failed paths, probed ones and scanners' names
    scan_log_score_min: float = 11.0  # the same in logs, which show every answer; told as low
    scan_failed_share_min: float = 0.5
    crawl_pages_min: int = 40  # different pages by one client, less crawl_leak_s a second
    crawl_leak_s: float = 2.0
    refused_min: int = 6  # requests answered 401 within scan_window_s, nearly all of a client's
    scan_window_s: float = 300.0
    logins_min: int = 10  # different credentials tried at one place
    logins_window_s: float = 600.0
    flood_requests_s: float = 100.0  # by one client to few paths
    flood_seconds_min: int = 3
    flood_crowd_requests_s: float = 500.0  # by many clients to one path
    slow_connections_min: int = 20  # unfinished requests of one client at one server
    slow_age_s: float = 4.0
    web_gap_s: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class DiscoveryParameters:
    """Searches among neighbours: ARP and ICMP."""

    hosts_min: float = 16.0  # distinct hosts asked for within window_s
    window_s: float = 10.0
    slow_hosts_min: float = 48.0  # within slow_window_s
    slow_window_s: float = 600.0
    answered_share_max: float = 0.8  # who asks for hosts that are there is no searcher
    spoof_signs_min: float = 5.0


@dataclass(frozen=True, slots=True)
class NameParameters:
    """Data hidden in names and echoes."""

    tunnel_bytes_min: float = 500.0  # said in names below one domain within the window
    tunnel_names_min: float = 10.0
    tunnel_window_s: float = 600.0
    dga_names_min: float = 12.0
    dga_share_min: float = 0.6  # of the names that do not exist
    dga_window_s: float = 600.0
    icmp_contents_min: float = 12.0


@dataclass(frozen=True, slots=True)
class ControlParameters:
    """Command and control: signs in payloads, and rhythm."""

    signs_min: float = 5.0
    beacon_calls_min: float = 48.0
    beacon_score_min: float = 0.88


@dataclass(frozen=True, slots=True)
class ExfiltrationParameters:
    """Data carried out or read in bulk: points of signs, and amounts."""

    signs_min: float = 5.0  # decisive
    doubt_min: float = 3.5  # worth a look
    files_min: float = 100.0  # distinct files of a share opened within files_window_s
    files_window_s: float = 600.0
    read_bytes_min: float = 16_777_216.0  # from one service, before it is compared with others
    read_ratio_min: float = 20.0  # times the median of the others


@dataclass(frozen=True, slots=True)
class LogParameters:
    """What logs say of sources that probe, and of hosts that fail."""

    probes_min: int = 6  # refused oddities of one source at one service within probes_window_s
    probes_window_s: float = 600.0
    refused_ports_min: int = 12  # different ports that a firewall refused one source
    refused_window_s: float = 600.0
    crashes_min: int = 3  # of one program within faults_window_s
    disk_errors_min: int = 3
    memory_errors_min: int = 3
    link_changes_min: int = 4
    faults_window_s: float = 3600.0
    error_burst_min: int = 30  # failures of an application or its upstreams within five minutes


@dataclass(frozen=True, slots=True)
class NoveltyParameters:
    """What programs never wrote, or never so; judged with a past only."""

    alarms_per_day: float = 3.0  # of one detector in one log
    template_score_min: float = 3.0  # powers of ten of the chance, and points for words
    window_score_min: float = 6.0  # the same, summed over a window's surprises
    windows_min: int = 100  # of a program's past
    shift_windows: int = 6  # strange ones in a row that become the usual


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of them, plus what the lanes themselves need."""

    scan: ScanParameters = ScanParameters()
    flood: FloodParameters = FloodParameters()
    surge: SurgeParameters = SurgeParameters()
    spike: SpikeParameters = SpikeParameters()
    guess: GuessParameters = GuessParameters()
    log: LogParameters = LogParameters()
    novelty: NoveltyParameters = NoveltyParameters()
    web: WebParameters = WebParameters()
    discovery: DiscoveryParameters = DiscoveryParameters()
    names: NameParameters = NameParameters()
    control: ControlParameters = ControlParameters()
    exfiltration: ExfiltrationParameters = ExfiltrationParameters()
    packet_lateness_s: float = 0.1
    log_lateness_s: float = 2.0
    jump_max_s: float = 86_400.0
    flow_idle_s: float = 120.0
    flow_active_s: float = 1800.0
    sketch_key: int = 0x746F6373_696E0001  # fixed in batch, random per installation live
