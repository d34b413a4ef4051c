"""What guards a host and its small services: doas, inetd and its kin, blockers of addresses, snort.

Sources: doas(1), OpenBSD's inetd, rpcbind, nfs-utils, Net-SNMP's snmpd, ConfigServer's lfd, DenyHosts,
Snort's and Suricata's "fast" alerts.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, Family, Layout, Template

_ALERTS = tuple(
    Template(rf"{stars}\[{{:word}}\] {{rule.name:trusted}} {stars}\[Classification: {{rule.category:trusted}}\] \[Priority: {{event.severity:int}}\]<:|> \{{{{network.transport:word}}\}} {{source.address:endpoint}} -\> {{destination.address:endpoint}}",
             "attack_reported", "unknown", PROBE)
    for stars in ("", r"\[**\] ")
) + tuple(
    Template(rf"{stars}\[{{:word}}\] {{rule.name:trusted}} {stars}\[Priority: {{event.severity:int}}\]<:|> \{{{{network.transport:word}}\}} {{source.address:endpoint}} -\> {{destination.address:endpoint}}",
             "attack_reported", "unknown", PROBE)
    for stars in ("", r"\[**\] ")
)  # fmt: skip

FAMILIES = (
    Family("doas", "doas", ("doas",), (
        Template("failed auth for {user.name:word}", "doas_login", "failure"),
        Template("command not permitted for {user.name:word}: {process.command_line}", "doas_refused", "failure", "iam"),
        Template("{user.name:word} ran command {process.command_line:text} as {user.effective.name:word} from {:word}", "doas_command", "success", "iam"),
    )),
    Family("lfd", "intrusion_tools", ("lfd", "csf"), (
        Template("<|({:word}) |*Blocked* >Failed {service.name:word} login from {source.address}<|:| {:text}>", "address_banned", "failure", PROBE),
        Template("<*Blocked in csf* |*User Processing* ||*Port Scan* detected from >{source.address:endpoint} {:text}", "address_banned", "failure", PROBE),
        Template("({:word}) {:trusted} from {source.address} ({:text}", "address_banned", "failure", PROBE),
        Template("*Port Scan* detected from {source.address} {:text}", "port_scan_reported", "failure", PROBE),
    )),
    Family("denyhosts", "intrusion_tools", ("DenyHosts", "denyhosts"), (
        Template("Added the following hosts to /etc/hosts.deny - {source.address} ({:text}", "address_banned", "unknown", PROBE),
    )),
    Family("rpc", "rpc", ("rpcbind", "portmap", "rpc.mountd", "mountd", "rpc.statd"), (
        Template("connect from {source.address} to {:trusted}: request from <unauthorized host|non-local host|unprivileged port>", "rpc_refused", "failure", PROBE),
        Template("refused mount request from {source.address} for {:text}", "mount_refused", "failure", PROBE),
        Template("refused mount request from {tocsin.claimed.host:word} ({source.address}) for {:text}", "mount_refused", "failure", PROBE),
        Template("mount request denied from {source.address} for {:text}", "mount_refused", "failure", PROBE),
        Template("authenticated <mount|unmount> request from {source.address:endpoint} for {:text}", "mount", "success", "file"),
    )),
    Family("inetd", "inetd", ("inetd",), (
        Template("refused connection from {source.address}, service {service.name:word} ({:word})", "service_refused", "failure", PROBE),
        Template("connection from {source.address}, service {service.name:word} ({:word})", "service_connected", "unknown", "session"),
    )),
    Family("snmpd", "snmp", ("snmpd", "snmptrapd"), (
        Template(r"Connection from <UDP|TCP|UDP/IPv6>: {source.address:endpoint}-\>{:endpoint} REFUSED", "snmp_refused", "failure", PROBE),
        Template(r"Connection from <UDP|TCP|UDP/IPv6>: {source.address:endpoint} REFUSED", "snmp_refused", "failure", PROBE),
        Template(r"Connection from <UDP|TCP|UDP/IPv6>: {source.address:endpoint}-\>{:endpoint}", "snmp_connected", "unknown", "session"),
        Template(r"Authentication failed for <|user >{user.name:text} from <UDP|TCP>: {source.address:endpoint}", "snmp_login", "failure"),
    )),
    Family("snort", "snort", ("snort", "suricata"), _ALERTS),
)  # fmt: skip
LAYOUTS = (
    Layout("snort_fast", "snort", (
        r"{:int}/{:int}-{:int}:{:int}:{:int}.{:int} <| >{message}", r"{:int}/{:int}/{:int}-{:int}:{:int}:{:int}.{:int} <| >{message}",
    ), templates=_ALERTS),
)  # fmt: skip
