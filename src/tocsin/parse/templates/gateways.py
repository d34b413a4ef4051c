"""Gateways of people and networks: SoftEther, ocserv, pppd, TACACS+, 389 DS, load balancers, switches, pf.

Sources: SoftEther's security log, ocserv's worker and main, pppd's auth.c, tac_plus, 389 Directory Server's access
log, F5's audit of httpd, NetScaler's syslog messages, pfSense's filterlog, HPE, Arista and iDRAC message lists.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_FAILED, _DONE, _WHEN = "failure", "success", "{@timestamp:stamp}"
_SOFTETHER = tuple(
    Template(f'{before}Connection "{{:word}}": User authentication failed. The user name that has been provided was "{{user.name:text}}", from {{source.address}}.', "vpn_login", _FAILED)
    for before in ("", r"\[HUB {:quoted}\] ", r"\<SECURITY_LOG\>: ", r"({:stamp}) \<SECURITY_LOG\>: ", r"({:stamp}) \<SECURITY_LOG\>: \[HUB {:quoted}\] ")
)  # fmt: skip
_NETSCALER = (
    Template("default {:word} LOGIN_FAILED {:int} {:int} : <| >User {user.name:text} - Client_ip {source.address} - {:text}", "vpn_login", _FAILED),
    Template("default {:word} LOGIN {:int} {:int} : <| >Context {:word} - SessionId: {:int}- User {user.name:word} - Client_ip {source.address} - {:text}", "vpn_login", _DONE),
    Template('default {:word} CMD_EXECUTED {:int} {:int} : <| >User {user.name:word} - Remote_ip {source.address} - Command {:trusted} - Status "ERROR: Invalid username or password"', "admin_login", _FAILED),
)  # fmt: skip
_PF_BLOCKED, _PF_PASSED = "<block|reject>", "<pass|rdr|nat>"
_PF = tuple(
    Template("{:trusted},{:trusted},{:trusted},{:trusted},{network.interface.in:word},{:word}," + verdict + ",{:word}," + rest, action, outcome, "network")
    for verdict, action, outcome in ((_PF_BLOCKED, "packet_refused", _FAILED), (_PF_PASSED, "packet_logged", "unknown"))
    for rest in (
        "4,{:word},{:trusted},{:word},{:word},{:word},{:word},{:word},{network.transport:word},{:int},{source.address},{destination.address:host},{source.port},{destination.port:int},{:text}",
        "4,{:word},{:trusted},{:word},{:word},{:word},{:word},{:word},{network.transport:word},{:int},{source.address},{destination.address:host},{:text}",
        "6,{:word},{:word},{:word},{network.transport:word},{:int},{:int},{source.address},{destination.address:host},{source.port},{destination.port:int},{:text}",
        "6,{:word},{:word},{:word},{network.transport:word},{:int},{:int},{source.address},{destination.address:host},{:text}",
    )
)  # fmt: skip

_NETSCREEN = "NetScreen device_id={:word} <| >\\[{:trusted}\\]"

FAMILIES = (
    Family("softether", "softether", ("vpnserver", "softether", "SoftEther", "vpnbridge"), _SOFTETHER),
    Family("ocserv", "ocserv", ("ocserv",), (
        Template(r"<main|worker|sec-mod>\[{user.name:word}\]:<| >{source.address:endpoint} failed authentication{:text}", "vpn_login", _FAILED),
        Template("<main|worker|sec-mod>:<| >{source.address:endpoint} failed authentication <attempt |>for <user |>'{user.name:text}'{:text}", "vpn_login", _FAILED),
        Template(r"<main|worker|sec-mod>\[{user.name:word}\]:<| >{source.address:endpoint} user logged in", "vpn_login", _DONE),
        Template(r"<main|worker|sec-mod>\[{user.name:word}\]:<| >{source.address:endpoint} user disconnected{:text}", "vpn_session", "unknown", SESSION),
        Template("<main|worker|sec-mod>:<| >{source.address:endpoint} {error.message}", "vpn_message", "unknown", SESSION),
    )),
    Family("pppd", "ppp", ("pppd", "pptpd", "xl2tpd", "accel-ppp"), (
        Template("Peer {user.name:text} failed <CHAP|EAP|PAP> authentication", "vpn_login", _FAILED),
        Template("<PAP|CHAP|EAP> authentication <failure|failed> for {user.name}", "vpn_login", _FAILED),
        Template("<PAP|CHAP|EAP> <peer |>authentication succeeded for {user.name}", "vpn_login", _DONE),
    )),
    Family("tacacs", "tacacs", ("tac_plus", "tac_plus-ng", "tacacs"), (
        Template("login query for '{user.name:text}' {:word} from {source.address} rejected", "tacacs_login", _FAILED),
        Template("login query for '{user.name:text}' port {:word} from {source.address} rejected", "tacacs_login", _FAILED),
        Template("login query for '{user.name:text}' <|port >{:word} from {source.address} accepted", "tacacs_login", _DONE),
        Template("{:host}: login failure: {user.name:word} {source.address} ({:host}) {:word}", "tacacs_login", _FAILED),
    )),
    Family("kadmind", "kerberos", ("kadmind",), (
        Template("Authentication attempt failed: {source.address}, {error.message}", "kerberos_login", _FAILED),
    )),
    Family("pdns", "pdns", ("pdns", "pdns_server"), (
        Template("AXFR of domain '{dns.question.name:word}' denied: client IP {source.address} has no permission", "dns_transfer_refused", _FAILED, PROBE),
        Template("AXFR of domain '{dns.question.name:word}' <initiated by|allowed: client IP> {source.address}{:text}", "dns_transfer", "unknown", "network"),
        Template("Received NOTIFY for {dns.question.name:word} from {source.address} for which we are not authoritative{:text}", "dns_refused", _FAILED, PROBE),
        Template("Received NOTIFY for {dns.question.name:word} from {source.address} for which we are not authoritative", "dns_refused", _FAILED, PROBE),
    )),
    Family("bigip", "bigip", ("httpd", "httpd_24"), (
        Template("{:trusted}AUDIT - user {:word} - RAW: httpd({:word}): <user|User>={user.name:word}({:word}) {:trusted}host={source.address} failed to login after {:text}", "admin_login", _FAILED),
        Template("{:trusted}AUDIT - user {:word} - RAW: httpd({:word}): <user|User>={user.name:word} {:trusted}host={source.address} failed to login after {:text}", "admin_login", _FAILED),
        Template("{:trusted}AUDIT - user {:word} - RAW: httpd({:word}): <user|User>={user.name:word}({:word}) {:trusted}host={source.address} attempts={:int} start={:text}", "admin_login", _DONE),
    )),
    Family("pf", "pf", ("filterlog",), _PF),
    Family("lemonldap", "lemonldap", ("LLNG", "lemonldap-ng", "Lemonldap"), (
        Template("was not found in LDAP directory ({source.address})", "sso_login", _FAILED, is_invalid_user=True),
        Template("<\\[warn\\] |\\[notice\\] |Lemonldap::NG : |:NG : |>{user.name:text} was not found in LDAP directory ({source.address})", "sso_login", _FAILED, is_invalid_user=True),
        Template("<\\[warn\\] |\\[notice\\] |Lemonldap::NG : |:NG : |>Bad password for {user.name:text} ({source.address})", "sso_login", _FAILED),
    )),
    Family("vm_pop3d", "vm-pop3d", ("vm-pop3d",), (
        Template("User '{user.name:text}' - <Failed|failed|bad|Bad> auth, from={source.address}", "pop3_login", _FAILED),
        Template("User '{user.name:word}' - {:word} auth, {:trusted}from={source.address}", "pop3_login", _FAILED),
    )),
    Family("vmware_old", "esxi", ("vmware-hostd", "vmware-authd"), (
        Template("Rejected password for user {user.name:text} from {source.address}", "esxi_login", _FAILED),
        Template("Accepted password for user {user.name:text} from {source.address}", "esxi_login", _DONE),
        Template("login from {source.address} as {user.name}", "esxi_login", _DONE),
    )),
    Family("netscreen", "netscreen", ("NetScreen", "ns5gt", "ns5gt-wlan"), tuple(
        Template(_NETSCREEN + line, action, outcome, category) for line, action, outcome, category in (
            ("{:trusted}: Multiple login failures occurred for user {user.name:text} from IP address {source.address:endpoint}{:text}", "admin_login", _FAILED, "authentication"),
            ("{:trusted}: Login attempt to system by admin {user.name:text} via {:word} from {source.address:endpoint} has failed{:text}", "admin_login", _FAILED, "authentication"),
            ("{:trusted}: Admin user {user.name:text} has logged on via {:word} from {source.address:endpoint}{:text}", "admin_login", _DONE, "authentication"),
        )
    )),
    Family("hpe_switch", "switch", ("auth", "mgr"), (
        Template("Invalid user name/password on {service.name:word} session<| User '{user.name:text}'> is trying to login from {source.address}", "switch_login", _FAILED),
        Template("User '{user.name:text}' logged in from {source.address} to {:text}", "switch_login", _DONE),
    )),
    Family("arista", "switch", ("Aaa",), (
        Template(r"%AAA-{:int}-LOGIN_FAILED: user {user.name:text} failed to login \[from: {source.address}\] {:text}", "switch_login", _FAILED),
        Template(r"%AAA-{:int}-LOGIN: user {user.name:text} logged in \[from: {source.address}\] {:text}", "switch_login", _DONE),
    )),
    Family("idrac", "idrac", ("Severity",), (
        Template("{:word} Category: Audit, MessageID: {event.code:word}, Message: Unable to log in for {user.name:text} from {source.address} using {:text}", "bmc_login", _FAILED),
        Template("{:word} Category: Audit, MessageID: {event.code:word}, Message: Successfully logged in using {user.name:text}, from {source.address} and {:text}", "bmc_login", _DONE),
    )),
    Family("junos_flow", "junos", ("RT_FLOW",), (
        Template(r"<RT_FLOW_SESSION_DENY: |>session denied {source.address}/{source.port}-\>{destination.address:host}/{destination.port} {:text}", "packet_refused", _FAILED, "network"),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("softether", "softether", (_WHEN + " {message}", "{:word}, {@timestamp:stamp} {message}", "\\[{:word}\\] {message}"), templates=_SOFTETHER),
    Layout("zabbix", "zabbix", ("{:int}:{:int}:{:word} {message}",), templates=(
        Template('failed login of user "{user.name:text}" from "{source.address}"', "zabbix_login", _FAILED),
    )),
    Layout("vpn_concentrator", "cisco", ("{:int} {@timestamp:stamp} SEV={:int} {event.code:word} RPT={:int} {source.address} {message}",), templates=(
        Template("Authentication rejected: {:trusted}, user = {user.name:text}, domain = {:text}", "vpn_login", _FAILED),
        Template("User \\[{user.name:text}\\] Group \\[{:text}", "vpn_session", "unknown", SESSION),
    )),
    Layout("serv_u", "serv-u", ("\\[{:int}\\] {:word} {:word} {:word} - ({tocsin.connection:int}) {message}",), templates=(
        Template("Connected to {source.address} (local address {:host}, port {:int})", "ftp_connected", "unknown", SESSION),
        Template('Invalid login credentials; user: "{user.name:text}"; password: {:text}', "ftp_login", _FAILED),
        Template('Password wrong too many times for user "{user.name:text}" - disconnecting', "ftp_attempts_exceeded", _FAILED),
        Template('User "{user.name:text}" logged in', "ftp_login", _DONE),
    )),
    Layout("vshell", "vshell", ('{@timestamp:stamp} VShellSSH2 {:word} {:word} {source.address} {source.port:word} {user.name:word} {:trusted} "{:int}: {message}', '{@timestamp:stamp} VShellSSH2 {:word} {:word} - - {user.name:word} {:trusted} "{:int}: {message}'), templates=(
        Template("Authentication for {:text} failed: {:text}", "ssh_login", _FAILED),
        Template("Connection from {:host} rejected by Deny Hosts {:text}", "ssh_refused", _FAILED, PROBE),
        Template('{:word} for user {:word} accepted"', "ssh_login", _DONE),
        Template("Connection accepted from {:text}", "ssh_connection", "unknown", SESSION),
    )),
    Layout("netscaler", "netscaler", (_WHEN + " {host.name:word} {:word} : {message}", _WHEN + " {:word} {host.name:word} {:word} : {message}"), templates=_NETSCALER),
    Layout("dirsrv", "ldap", (r"\[{@timestamp:stamp}\] conn={tocsin.connection:int} {message}",), templates=(
        Template("fd={:int} slot={:int} <|SSL >connection from {source.address} to {:host}", "ldap_connected", "unknown", SESSION),
        Template('op={:int} BIND dn="{user.name:text}" method={:text}', "ldap_bind", "unknown", SESSION),
        Template("op={:int} RESULT err=49 tag=97 {:text}", "ldap_login", _FAILED),
        Template("op={:int} RESULT err=0 tag=97 {:text}", "ldap_login", _DONE),
        Template("op={:int} {:text}", "ldap_operation", "unknown", SESSION),
    )),
)  # fmt: skip
