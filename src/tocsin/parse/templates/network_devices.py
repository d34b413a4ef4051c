"""Firewalls and network devices: netfilter's lines, Cisco, Fortinet, MikroTik, pf.

Sources: the kernel's xt_LOG and nf_log_syslog, Cisco's ASA and IOS message lists, FortiOS log reference, RouterOS topics.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Meaning, RecordFormat, Template

_TUPLE = {
    "SRC": "source.address", "DST": "destination.address", "SPT": "source.port", "DPT": "destination.port", "PROTO": "network.transport",
    "IN": "network.interface.in", "OUT": "network.interface.out", "LEN": "network.bytes",
}  # fmt: skip
NETFILTER = RecordFormat("netfilter", "netfilter", ("SRC", "DST", "PROTO"), _TUPLE, (
    Meaning({"PROTO": "*"}, "packet_logged", "unknown", "network"),
))  # fmt: skip
_FORTINET_FIELDS = {
    "srcip": "source.address", "srcport": "source.port", "dstip": "destination.address", "dstport": "destination.port", "user": "user.name",
    "devname": "host.name", "action": "fortinet.action", "attack": "threat.name", "msg": "message", "remip": "source.address", "ui": "fortinet.ui",
}  # fmt: skip
_FORTINET = (
    Meaning({"action": ("ssl-login-fail", "tunnel-login-fail")}, "vpn_login", "failure"),
    Meaning({"action": "login", "status": ("failed", "failure")}, "admin_login", "failure"),
    Meaning({"action": "login", "status": "success"}, "admin_login", "success"),
    Meaning({"action": "Authentication", "status": ("failed", "failure")}, "radius_login", "failure"),
    Meaning({"action": "Authentication", "status": "success"}, "radius_login", "success"),
    Meaning({"action": ("tunnel-up", "ssl-new-con")}, "vpn_session", "success", SESSION),
    Meaning({"type": "anomaly"}, "attack_reported", "failure", PROBE), Meaning({"subtype": ("anomaly", "ips", "virus")}, "attack_reported", "failure", PROBE),
    Meaning({"logdesc": "*login failed*"}, "admin_login", "failure"),
    Meaning({"logdesc": "*login successful*"}, "admin_login", "success"),
    Meaning({"action": ("deny", "block", "blocked", "dropped")}, "packet_refused", "failure", "network"),
    Meaning({"action": "*"}, "firewall_event", "unknown", "network"),
)  # fmt: skip
FORTINET = RecordFormat(
    "fortinet", "fortinet", ("type", "subtype", "level"), {**_FORTINET_FIELDS}, _FORTINET
)
FORTIAUTH = RecordFormat(
    "fortinet_auth",
    "fortinet",
    ("category", "subcategory", "action"),
    {**_FORTINET_FIELDS},
    _FORTINET,
)
SOPHOS_PACKETS = RecordFormat("sophos_packets", "sophos", ("sub=packetfilter", "action", "srcip"), {
    "srcip": "source.address", "dstip": "destination.address", "srcport": "source.port", "dstport": "destination.port",
}, (
    Meaning({"action": ("drop", "reject", "*flood", "*scan")}, "packet_refused", "failure", "network"), Meaning({"action": "*"}, "packet_logged", "unknown", "network"),
))  # fmt: skip
RECORD_FORMATS = (FORTINET, FORTIAUTH, SOPHOS_PACKETS)

FAMILIES = (
    Family("kernel", "kernel", ("kernel", "vmunix"), (
        Template("wireguard: {:word}: <Invalid handshake initiation|Invalid MAC of handshake, dropping packet|Invalid handshake response|Receiving cookie response|Unrecognized message> from {source.address:endpoint}", "vpn_probe", "failure", PROBE),
        Template("wireguard: {:word}: Packet has unallowed src IP ({:host}) from peer {:int} ({source.address:endpoint})", "vpn_probe", "failure", PROBE),
        Template("wireguard: {:word}: {:trusted}", "vpn_message", "unknown", SESSION),
        Template("Out of memory: Kill<ed|> process {process.target.pid:int} ({process.target.name:text}) {:text}", "oom_kill", "failure", "host"),
        Template("Memory cgroup out of memory: Kill<ed|> process {process.target.pid:int} ({process.target.name:text}) {:text}", "oom_kill", "failure", "host"),
        Template("{process.target.name:word} invoked oom-killer: {:text}", "oom_invoked", "failure", "host"),
        Template("{process.target.name:word}\\[{process.target.pid:int}\\]: segfault at {:text}", "process_crashed", "failure", "process"),
        Template("traps: {process.target.name:word}\\[{process.target.pid:int}\\] <general protection|trap> {:text}", "process_crashed", "failure", "process"),
        Template("{process.target.name:word}\\[{process.target.pid:int}\\] <general protection|trap divide error|trap invalid opcode>{:text}", "process_crashed", "failure", "process"),
        Template("<blk_update_request: ><I/O|critical medium|critical target|critical space allocation> error, dev {disk.name:word}, {:text}", "disk_error", "failure", "host"),
        Template("<I/O|critical medium|critical target> error, dev {disk.name:word}, {:text}", "disk_error", "failure", "host"),
        Template("blk_update_request: {:trusted} error, dev {disk.name:word}, {:text}", "disk_error", "failure", "host"),
        Template("end_request: I/O error, dev {disk.name:word}, {:text}", "disk_error", "failure", "host"),
        Template("Buffer I/O error on <dev|device> {disk.name:word}, {:text}", "disk_error", "failure", "host"),
        Template("<sd|nvme|sr> {:trusted}: \\[{disk.name:word}\\] <tag#{:int} |>{:text}<Medium Error|Hardware Error|Unrecovered read error>{:text}", "disk_error", "failure", "host"),
        Template("sd {:word} \\[{disk.name:word}\\] {:trusted}Sense Key : <Medium Error|Hardware Error|Aborted Command>{:text}", "disk_error", "failure", "host"),
        Template("ata{:word} {:trusted}<exception Emask|failed command:|SError:|error: \\{|COMRESET failed>{:text}", "disk_error", "failure", "host"),
        Template("ata{:word} <exception Emask|failed command:|SError:|error: \\{|COMRESET failed>{:text}", "disk_error", "failure", "host"),
        Template("nvme {disk.name:word} <controller is down;|Device not ready;|Removing after probe failure>{:text}", "disk_failed", "failure", "host"),
        Template("nvme {disk.name:word} <I/O {:int} |I/O tag {:int} |controller is down;|Device not ready;|>{:text}<timeout|reset|aborting>{:text}", "disk_error", "failure", "host"),
        Template("nvme nvme{:int}: <controller is down|I/O {:int}|Device not ready|Removing after probe failure>{:text}", "disk_error", "failure", "host"),
        Template("EXT4-fs error (device {disk.name:word}): {error.message}", "filesystem_error", "failure", "host"),
        Template("EXT4-fs <warning|> (device {disk.name:word}): {error.message}", "filesystem_warning", "failure", "host"),
        Template("EXT4-fs ({disk.name:word}): <Remounting filesystem read-only|Delayed block allocation failed>{:text}", "filesystem_error", "failure", "host"),
        Template("Aborting journal on device {disk.name:word}.", "filesystem_error", "failure", "host"),
        Template("XFS ({disk.name:word}): <Corruption|Metadata|metadata I/O error|Internal error|log I/O error>{:text}", "filesystem_error", "failure", "host"),
        Template("BTRFS <error|critical|warning> (device {disk.name:word}{:trusted}): {error.message}", "filesystem_error", "failure", "host"),
        Template("md/raid{:trusted}:{disk.name:word} Disk failure on {:text}", "disk_failed", "failure", "host"),
        Template("md: <super_written gets error|kicking non-fresh>{:text}", "disk_failed", "failure", "host"),
        Template("EDAC {:word} {tocsin.count} CE {:text}", "memory_corrected", "failure", "host"),
        Template("EDAC {:word} {tocsin.count} UE {:text}", "memory_uncorrected", "failure", "host"),
        Template("mce: \\[Hardware Error\\]: Machine check events logged", "memory_corrected", "failure", "host"),
        Template("mce: \\[Hardware Error\\]: {error.message}", "memory_uncorrected", "failure", "host"),
        Template("{:text}\\[Hardware Error\\]: Machine check {:text}", "memory_uncorrected", "failure", "host"),
        Template("CPU{:int}: <Core|Package> temperature above threshold, cpu clock throttled{:text}", "cpu_throttled", "failure", "host"),
        Template("{:text}critical temperature reached{:text}", "overheated", "failure", "host"),
        Template("{driver.name:trusted} {network.interface.name:word} NIC Link is Down", "link_down", "failure", "network"),
        Template("{driver.name:trusted} {network.interface.name:word} NIC Link is Up {:text}", "link_up", "unknown", "network"),
        Template("{:text}: <NIC |>Link is <Down|down>", "link_down", "failure", "network"),
        Template("{:text}: <NIC |>Link is <Up|up>{:text}", "link_up", "unknown", "network"),
        Template("{:text}: <link becomes ready|carrier acquired|renamed from>{:text}", "link_up", "unknown", "network"),
        Template("device {network.interface.name:word} entered promiscuous mode", "promiscuous_mode", "unknown", "network"),
        Template("<INFO: |>task {process.target.name:word}:{:int} blocked for more than {:int} seconds.", "task_hung", "failure", "host"),
        Template("watchdog: BUG: soft lockup - {:text}", "task_hung", "failure", "host"),
        Template("BUG: {error.message}", "kernel_fault", "failure", "host"), Template("Oops: {error.message}", "kernel_fault", "failure", "host"),
        Template("Kernel panic - not syncing: {error.message}", "kernel_fault", "failure", "host"),
        Template("nf_conntrack: <|nf_conntrack: >table full, dropping packet<|.>", "conntrack_full", "failure", "network"),
        Template("TCP: request_sock_TCP: Possible SYN flooding on port {destination.port:int}. {:text}", "syn_flooding", "failure", PROBE),
        Template("possible SYN flooding on port {destination.port:int}. {:text}", "syn_flooding", "failure", PROBE),
        Template("TCP: {:trusted}: Possible SYN flooding on port {:word} {:text}", "syn_flooding", "failure", PROBE),
        Template('audit: type={:int} audit({@timestamp:stamp}:{:int}): apparmor="DENIED" {:text}', "access_denied", "failure", "file"),
        Template("wireguard: {network.interface.name:word}: <Invalid handshake initiation|Invalid MAC of handshake, dropping packet> from {source.address:endpoint}", "vpn_probe", "failure", PROBE),
        Template("wireguard: {network.interface.name:word}: Packet has unallowed src IP ({tocsin.claimed.address:word}) from peer {:int} ({source.address:endpoint})", "vpn_probe", "failure", PROBE),
        Template("{kernel.module:word}: loading out-of-tree module taints kernel.", "module_loaded", "unknown", "host"),
        Template("{kernel.module:word}: module verification failed: signature and/or required key missing - tainting kernel", "module_loaded", "unknown", "host"),
    ), formats=(NETFILTER,)),
    Family("disk_monitors", "disk_monitor", ("smartd", "mdadm", "mdmonitor", "zed", "rasdaemon", "mcelog"), (
        Template("Device: {disk.name:word}{:trusted}, {tocsin.count} <Currently unreadable (pending)|Offline uncorrectable> sectors{:text}", "disk_error", "failure", "host"),
        Template("Device: {disk.name:word}{:trusted}, {tocsin.count} <Currently unreadable (pending)|Offline uncorrectable> sectors", "disk_error", "failure", "host"),
        Template("Device: {disk.name:word}{:trusted}, <FAILED SMART self-check. BACK UP DATA NOW!|SMART Failure: {:text}>", "disk_failed", "failure", "host"),
        Template("Device: {disk.name:word}{:trusted}, ATA error count increased from {:int} to {:int}", "disk_error", "failure", "host"),
        Template("<Fail|FailSpare|DegradedArray|DeviceDisappeared> event detected on md device {disk.name:text}", "disk_failed", "failure", "host"),
        Template("eid={:int} class=statechange {:text}vdev_state=<FAULTED|UNAVAIL|REMOVED|DEGRADED>{:text}", "disk_failed", "failure", "host"),
        Template("eid={:int} class=<checksum|io|data|probe_failure> {:text}", "disk_error", "failure", "host"),
    )),
    Family("cisco", "cisco", ("ASA", "PIX", "FWSM", "FTD", "SEC_LOGIN", "SEC", "SYS", "AAA", "LINK", "LINEPROTO", "DAEMON", "AUTHPRIV"), (
        Template('Login denied from {source.address}/{source.port} to {:word} for user "{user.name}"', "ssh_login", "failure"),
        Template('Login permitted from {source.address}/{source.port} to {:word} for user "{user.name}"', "ssh_login", "success"),
        Template("AAA user <authentication|authorization> Rejected{:trusted}: reason = {:trusted}: server = {:word}, User = {user.name:text}: user IP = {source.address}", "aaa_login", "failure"),
        Template("AAA user <authentication|authorization> Rejected{:trusted}: reason = {:trusted}: server = {:word} : user = {user.name:text} : user IP = {source.address}", "aaa_login", "failure"),
        Template("AAA user <authentication|authorization> Rejected : reason = {:trusted} : local database : user = {user.name:text} : user IP = {source.address}", "aaa_login", "failure"),
        Template("PAM: Authentication failure for <illegal user |>{user.name:text} from {source.address} - {:word}", "ssh_login", "failure"),
        Template("AAA user <authentication|authorization> <Rejected|Locked Out> {:trusted}", "aaa_login", "failure"),
        Template("AAA user authentication Successful {:text}user = {user.name}", "aaa_login", "success"),
        Template("Console enable password incorrect for {tocsin.tries:int} tries (from {:word} (remote {source.address}))", "console_login", "failure"),
        Template("Deny inbound {:text} from {source.address}/{source.port} to {:text}", "packet_refused", "failure", "network"),
        Template("Deny <tcp|udp|icmp> src {:trusted}:{source.address}/{source.port} dst {:text}", "packet_refused", "failure", "network"),
        Template("Deny <TCP|UDP|IP|inbound|outbound|ICMP>{:trusted} from {source.address}/{source.port} to {:text}", "packet_refused", "failure", "network"),
        Template("Deny <TCP|UDP|IP|inbound|outbound|ICMP>{:trusted} from {source.address} to {:text}", "packet_refused", "failure", "network"),
        Template("Login failed \\[user: {user.name:text}\\] \\[Source: {source.address}\\] \\[localport: {:int}\\] {:text}", "ssh_login", "failure"),
        Template("Login Success \\[user: {user.name:text}\\] \\[Source: {source.address}\\] \\[localport: {:int}\\] {:text}", "ssh_login", "success"),
        Template("list {:word} denied {:word} {source.address}({source.port}) {:text}", "packet_refused", "failure", "network"),
        Template("Group <|{:word} >User <|{user.name:word} >IP <|\\<>{source.address}<|\\>> {:text}", "vpn_session", "unknown", SESSION),
        Template("<Group = {:word}, |>Username = {user.name:text}, IP = {source.address}, {:text}", "vpn_session", "unknown", SESSION),
    )),
)  # fmt: skip
