"""Faults that any program may log, and the rest of the kernel's and systemd's words for them.

Tried where a program's own templates say nothing. Each is anchored at what the program writes itself.
Sources: Linux 4 to 6 (drivers/ata, block, drivers/nvme, fs, mm/oom_kill.c, drivers/edac, arch/x86/kernel/cpu/mce,
drivers/net), systemd, smartmontools' smartd.cpp, mdadm's Monitor.c, LVM's and ZFS' messages, kubelet's klog, haproxy, supervisord.
"""

from __future__ import annotations

from tocsin.parse.template import Family, Template

_HOST, _PROCESS, _NETWORK = "host", "process", "network"


def _all(action: str, category: str, *lines: str, outcome: str = "failure") -> tuple[Template, ...]:
    """Return templates that mean the same."""
    return tuple(Template(line, action, outcome, category) for line in lines)


# A driver, the place of its card, the card, as drivers say them.
_CARDS = tuple(
    place + card + what
    for place in ("{:word} {:word} ", "{:word} ")
    for card in (
        "{network.interface.name:word}:",
        "{network.interface.name:word}: {:word}: {:word}",
    )
    for what in ("", " NIC", " NIC Copper", " NIC SerDes")
)
_UNITS = (
    *_all("service_crash_loop", _PROCESS,
        "Start request repeated too quickly for {service.name:word}",
        "{service.name:word} start request repeated too quickly, refusing to start.",
        "gave up: {service.name:word} entered FATAL state, too many start retries too quickly",
        "{@timestamp:stamp} INFO gave up: {service.name:word} entered FATAL state, too many start retries too quickly",
        '{:trusted}CrashLoopBackOff: \\\\"back-off {:word} restarting failed container={service.name:word} {:text}',
        "{:trusted}CrashLoopBackOff: {:trusted}back-off {:word} restarting failed container={service.name:word} {:text}",
    ),
    *_all("service_crashed", _PROCESS,
        "<|{@timestamp:stamp} INFO >exited: {service.name:word} (terminated by {:text}; not expected)",
        "<|{@timestamp:stamp} INFO >exited: {service.name:word} (exit status {process.exit_code:int}; not expected)",
    ),
    *_all("process_crashed", _PROCESS, "Process {:int} ({process.target.name:word}) of user {:int} killed by {:word} - dumping core"),
    *_all("service_down", _PROCESS,
        '{:trusted}"Probe failed" probeType="<Liveness|Readiness|Startup>" pod="{service.name:trusted}" {:text}',
        "<TCP_CHECK|HTTP_CHECK|MISC_CHECK> on service \\[{service.name:trusted}\\]{:trusted} failed{:text}",
        "Removing service \\[{service.name:trusted}\\]{:text} from VS {:text}",
        "Server {service.name:word} is DOWN{:text}",
        "backend {service.name:word} has no server available!",
    ),
    *_all("container_died", _PROCESS, 'time="{@timestamp:stamp}" level=<error|warning|info> msg="<shim disconnected|shim reaped|container died>"{:text}'),
    *_all("container_unhealthy", _PROCESS, 'time="{@timestamp:stamp}" level=<error|warning> msg="Health check for container {service.name:word} error: {:text}'),
    *_all("oom_kill", _PROCESS,
        "Killed {service.name:word} due to memory <pressure|used>{:text}",
        "oom-kill:{:trusted}task={process.target.name:trusted},pid={process.target.pid:int},uid={:int}",
        "Killed process {process.target.pid:int} ({process.target.name:text}) total-vm:{:text}",
        "Killed process {process.target.pid:int} ({process.target.name:trusted}), UID {:text}",
        "oom_reaper: reaped process {process.target.pid:int} ({process.target.name:text}), now {:text}",
        "Memory cgroup out of memory: OOM victim {:text}",
        '{:trusted}"Got sys oom event" {:text}', "{:trusted}System OOM encountered, victim process: {process.target.name:word}, pid: {:int}{:text}",
    ),
)  # fmt: skip
_DISKS = (
    *_all("disk_error", _HOST,
        "print_req_error: {:trusted} error, dev {disk.name:word}, {:text}",
        "ata{:word} <hard|soft> resetting link", "ata{:word} status: \\{ {:text}", "ata{:word} revalidation failed{:text}",
        "ata{:word} {:trusted}limiting SATA link speed{:text}", "ata{:word} failed to IDENTIFY{:text}", "ata{:word} qc timeout{:text}",
        "sd {:word} \\[{disk.name:word}\\] <|tag#{:int} >FAILED Result: {:text}", "sd {:word} \\[{disk.name:word}\\] <|tag#{:int} >Unhandled <error|sense> code",
        "sd {:word} \\[{disk.name:word}\\] <|tag#{:int} >Add. Sense: {:text}", "<mpt2sas|mpt3sas|megaraid_sas|hpsa|aacraid|arcmsr>{:text}<fault|timeout|offline|failed|abort>{:text}",
        "nvme {disk.name:word} Abort status: {:text}", "nvme {disk.name:word} <resetting controller|Identify Controller failed>{:text}",
        "nvme{:word} {:trusted}: <Read|Write>({:text}media error{:text}", "critical <medium|target> error, dev {disk.name:word}, {:text}",
        "device-mapper: multipath: <|{:word} >Failing path {disk.name:word}", "<L|l>ost <|async >page write due to I/O error on {disk.name:word}",
        "Device: {disk.name:word}{:trusted} number of Error Log entries increased from {:int} to {:int}",
        "Device: {disk.name:word}{:trusted}, {:int} <Currently unreadable|Offline uncorrectable>{:text}",
        "zio pool={disk.name:word} vdev={:word} error={:int} {:text}", "<|/dev/>{disk.name:trusted}: <read failed after|write failed after|pread failed>{:text}",
        "mmc{:int}: <error|Timeout waiting for hardware interrupt|cache flush error>{:text}",
        "mmcblk{:int}: <error|timed out|recovery failed>{:text}",
    ),
    *_all("disk_failed", _HOST,
        "ata{:word} disable<d|d device>", "sd {:word} rejecting I/O to offline device", "sd {:word} <|\\[{disk.name:word}\\] >Device offlined - not ready after error recovery",
        "md/raid{:trusted}: Operation continuing on {:int} devices.", "device-mapper: raid: Failed to read superblock of device{:text}",
        "Device: {disk.name:word}{:trusted} SMART Failure: {:text}", "Device: {disk.name:word}{:trusted} Failed SMART usage Attribute: {:text}",
        "Device: {disk.name:word}{:trusted} Self-Test Log error count increased from {:int} to {:int}", "Device: {disk.name:word}{:trusted} FAILED SMART self-check{:text}",
        "Device: {disk.name:word}{:trusted} Critical Warning ({:word}): {:text}", "Device: {disk.name:word}{:trusted} <unable to open device|removed|failed to open>{:text}",
        "WARNING: Device for PV {:word} not found or rejected by a filter{:text}", "WARNING: VG {disk.name:word} is missing PV {:text}",
        "Device {disk.name:word} has <read|write> error{:text}", "Couldn't find device with uuid {:text}", "WARNING: Pool '{disk.name:trusted}' has encountered an uncorrectable I/O failure{:text}",
        "md{:int}: raid array is {:text}degraded{:text}",
    ),
    *_all("filesystem_error", _HOST,
        "EXT4-fs ({disk.name:word}): <previous I/O error to superblock detected|I/O error while writing superblock|failed to convert|Filesystem error recorded>{:text}",
        "EXT<2|3>-fs error (device {disk.name:word}): {:text}", "JBD2: Detected IO errors while flushing file data on {disk.name:word}", "JBD2: I/O error {:text}",
        "XFS ({disk.name:word}): <Log I/O Error|log I/O error|I/O Error Detected|xfs_do_force_shutdown|Unmount and run xfs_repair|Corruption detected|page discard>{:text}",
        "BTRFS <error|critical> (device {disk.name:word}): {:text}", "BTRFS warning (device {disk.name:word}): <csum failed|checksum|lost page write>{:text}",
        "BTRFS: error (device {disk.name:word}){:text}", "BTRFS info (device {disk.name:word}): forced readonly{:text}",
        "F2FS-fs ({disk.name:word}): {:text}<corrupt|error>{:text}", "FAT-fs ({disk.name:word}): error, {:text}", "SQUASHFS error: {:text}",
    ),
    *_all("smart_attribute", _HOST, "Device: {disk.name:word}{:trusted} SMART <Prefailure|Usage> Attribute: {:text}", outcome="unknown"),
    *_all("disk_full", _HOST,
        "{:text}: No space left on device", "{:text}: No space left on device{:trusted}\\[{:text}", "{:text}(OS errno 28 - No space left on device){:text}",
        "{:text}No space left on device (28)", "{:text}(28: No space left on device)", "{:text}OS error: No space left on device{:text}",
        "{:text}: <Disk quota exceeded|write failed, file system is full|file system full>", "{:text}Disk is full writing {:text}",
        "WARNING: Thin pool {disk.name:word} <data|metadata> is now {:word} full.", "{:trusted}Insufficient space on thin pool {:text}",
        '{:trusted}"Eviction manager: {:text}disk pressure{:text}', "{:text}452 4.3.1 Insufficient system storage{:text}", "uid {:int} on {:word}: file system full",
        "Space on {disk.name:word} is {:word} full{:text}", "'{disk.name:trusted}' space usage {:word} matches resource limit {:text}",
    ),
)  # fmt: skip
_MACHINE = (
    *_all("memory_corrected", _HOST,
        "<|\\{{:int}\\}>\\[Hardware Error\\]: <|  >event severity: corrected", "<|{:word} >\\[Hardware Error\\]: Corrected error{:text}",
        "<|mce: >\\[Hardware Error\\]: Machine check events logged", "Corrected memory errors on page {:text}", "Hardware event. This is not a software error.",
        "mce_record:{:text}, Corrected error{:text}", "{:trusted}mc_event:{:trusted} Corrected error{:text}", "{:text}: {:int} Corrected error<|s>: memory{:text}",
    ),
    *_all("memory_uncorrected", _HOST,
        "<|\\{{:int}\\}>\\[Hardware Error\\]: <|  >event severity: <fatal|recoverable|panic>", "<|{:word} >\\[Hardware Error\\]: Uncorrected{:text}",
        "mce: Uncorrected hardware memory error {:text}", "Memory failure: {:word} {:text}", "MCE {:word} Killing {process.target.name:trusted}:{:int} due to hardware memory corruption{:text}",
        "{:trusted}mc_event:{:trusted} Uncorrected error{:text}", "<|mce: >\\[Hardware Error\\]: CPU {:int}: Machine Check<| Exception>: {:text}",
    ),
    *_all("overheated", _HOST,
        "THD engine: thermal critical trip{:text}", "Device: {disk.name:word}{:trusted} Temperature {:int} Celsius reached critical limit of {:text}",
        "{:trusted}: critical temperature reached{:text}", "{:trusted}temperature (degrees C) exceeds threshold{:text}", "IPMI{:text}Temperature{:text}critical{:text}",
    ),
    *_all("cpu_throttled", _HOST, "<|mce: >CPU{:int}: <Core|Package> temperature <|is >above threshold, cpu clock <|is >throttled{:text}"),
    *_all("power_failure", _HOST,
        "UPS {:word} on battery", "UPS {:word} battery is low", "Power failure.", "UPS battery is low", "Running on UPS batteries.", "{:trusted}power supply <failed|failure|lost>{:text}",
        "hwmon {:text}power supply{:text}fail{:text}",
    ),
    *_all("link_down", _NETWORK,
        *(f"{before} Link {word}" for before in _CARDS for word in ("is Down", "is down", "down")), "{:word}: (slave {network.interface.name:word}): link status definitely down{:text}",
        "bonding: {:word}: link status definitely down for interface {network.interface.name:word} disabling it", "{network.interface.name:word}: Lost carrier",
        "{network.interface.name:word}: Link DOWN", "{:word}: port {:int}({network.interface.name:trusted}) entered disabled state", "\\<info\\>  \\[{:word}\\] device ({network.interface.name:word}): state change: activated -\\> unavailable (reason 'carrier-changed'{:text}",
    ),
    *_all("link_up", _NETWORK,
        *(f"{before} Link {word}<|{{:text}}>" for before in _CARDS for word in ("is Up", "is up", "up")), "{:word}: (slave {network.interface.name:word}): link status definitely up{:text}",
        "bonding: {:word}: link status definitely up for interface {network.interface.name:word} {:text}", "{network.interface.name:word}: Gained carrier", "{network.interface.name:word}: Link UP",
        outcome="unknown",
    ),
    *_all("link_hung", _NETWORK, "NETDEV WATCHDOG: {network.interface.name:word} ({:word}): {:text}timed out{:text}", "{:word} {:word} {network.interface.name:word}: Detected Hardware Unit Hang:<|{:text}>"),
    *_all("kernel_fault", _HOST, "general protection fault{:text} \\[#{:text}", "kernel BUG at {:text}", "Unable to handle kernel {:text}", "Internal error: {:text} \\[#{:text}", "Kernel BUG at {:text}"),
    *_all("task_hung", _HOST, "<NMI |>watchdog: BUG: soft lockup - {:text}", "NMI watchdog: Watchdog detected hard LOCKUP {:text}", "<rcu: |>INFO: rcu_{:text} stall{:text}"),
    *_all("resource_exhausted", _HOST,
        "VFS: file-max limit {:int} reached", "cgroup: fork rejected by pids controller in {service.name:word}", "TCP: out of memory -- consider tuning tcp_mem",
        "<|neighbour: >{:word} neighbo<|u>r table overflow!", "{:text}: <Too many open files|Cannot allocate memory|Resource temporarily unavailable>", "{:text}(24: Too many open files)",
        '{:trusted}"Eviction manager: attempting to reclaim" resourceName="{:trusted}"{:text}', "{:trusted}worker_connections are not enough{:text}", "page allocation failure{:text}", "{process.target.name:word} page allocation failure{:text}",
        "TCP: too many orphaned sockets", "{:text}java.lang.OutOfMemoryError{:text}", "{:text}server reached pm.max_children setting{:text}",
    ),
    *_all("certificate_expiring", _HOST,
        "Certificate for {tls.server.name:word} <expires|will expire> in {:word} days{:text}", "{:text}certificate <|for {:word} |of {:word} ><expires|will expire|is about to expire|is going to expire> in {:text}",
        "'{tls.server.name:trusted}' certificate expires in {:text}", "The following certificates will expire soon{:text}",
    ),
    *_all("certificate_expired", _HOST, "x509: certificate has expired{:text}", "{:text}: x509: certificate has expired or is not yet valid{:text}", "{:text}: certificate has expired{:text}", "{:text} certificate <has |is ><expired|already expired>{:text}",
          "{:text}ignored, certificate expired{:text}", "Failed to renew certificate {tls.server.name:word} with error{:text}", "{:text}certificate expired on {:text}"),
)  # fmt: skip
_COMINGS = (
    *_all("host_started", _PROCESS, "Linux version {:text}", "Command line: {:text}", "Startup finished in {:text}", "systemd {:word} running in system mode{:text}", "-- Boot {:word} --", "-- Reboot --", outcome="unknown"),
    *_all("host_stopping", _PROCESS, "reboot: {:text}", "shutting down for system <reboot|halt|poweroff>", outcome="unknown"),
    *_all("log_started", _HOST, "\\[origin software={:text} start", "Journal started", "syslog-ng starting up; {:text}", "Runtime Journal ({:text}", outcome="unknown"),
    *_all("log_stopped", _HOST, "\\[origin software={:text} exiting on signal {:int}.", "syslog-ng shutting down; {:text}", outcome="unknown"),
    *_all("audit_started", _HOST, "Init complete, auditd {:text}", "Started dispatcher: {:text}", outcome="unknown"),
    *_all("audit_stopped", _HOST, "The audit daemon is exiting.", "The audit daemon is now <|changing and >suspend{:text}", outcome="unknown"),
    *_all("clock_stepped", _HOST, "Time has been changed", "System clock time unset or jumped backwards{:text}", "Clock jumped backwards{:text}", outcome="unknown"),
)  # fmt: skip

FAMILY = Family(
    "faults", "host", (), (*_UNITS, *_DISKS, *_MACHINE, *_COMINGS), is_shared=True, is_last=True
)
