"""Remote access beside OpenSSH: Dropbear, Telnet, xinetd, rsh, remote desktops; directories and VPNs.

Sources: each program's own source (Dropbear svr-auth*.c, OpenVPN ssl.c, charon, slapd's loglevel 256, ...).
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Meaning, RecordFormat, Template

_E = "{source.address:endpoint}"
_OPENVPN = (
    Template(f"{_E} TLS Error: {{error.message}}", "vpn_handshake", "failure", PROBE),
    Template(f"{_E} TLS Auth Error: {{error.message}}", "vpn_login", "failure"),
    Template(f"{_E} SENT CONTROL \\[{{user.name:word}}\\]: 'AUTH_FAILED' {{:text}}", "vpn_login", "failure"),
    Template(f"{_E} VERIFY <ERROR|X509NAME ERROR|EKU ERROR|SCRIPT ERROR>: {{error.message}}", "vpn_login", "failure"),
    Template(f"{_E} Fatal TLS error {{error.message}}", "vpn_handshake", "failure", PROBE),
    Template(f"{_E} WARNING: Bad encapsulated packet length from peer {{:text}}", "vpn_probe", "failure", PROBE),
    Template(f"{_E} \\[{{user.name:word}}\\] Peer Connection Initiated with {{:text}}", "vpn_login", "success"),
    Template(f"{_E} PLUGIN_CALL: plugin function PLUGIN_AUTH_USER_PASS_VERIFY failed {{:text}}", "vpn_login", "failure"),
    Template(f"{_E} SIGUSR1\\[soft,connection-reset\\] received, {{:text}}", "vpn_reset", "unknown", PROBE),
    Template(f"{_E} SIGUSR1\\[soft,{{:trusted}}\\] received, {{:text}}", "vpn_restart", "unknown", PROBE),
    Template(f"{_E} Connection reset, restarting {{:text}}", "vpn_reset", "unknown", PROBE),
    Template("user '{user.name:text}' could not authenticate.", "vpn_login", "failure"),
    Template(f"{_E} Authenticate/Decrypt packet error: {{error.message}}", "vpn_probe", "failure", PROBE),
    Template("TLS Error: cannot locate HMAC in incoming packet from \\[AF_INET<6|>\\]{source.address:endpoint}", "vpn_probe", "failure", PROBE),
    Template("TLS Error: incoming packet authentication failed from \\[AF_INET<6|>\\]{source.address:endpoint}", "vpn_probe", "failure", PROBE),
    Template(f"TLS: Initial packet from \\[AF_INET<6|>\\]{_E}, {{:text}}", "vpn_connected", "unknown", SESSION),
    Template(f"{_E} TLS: Initial packet from {{:text}}", "vpn_connected", "unknown", SESSION),
    Template(f"{{user.name:word}}/{_E} {{:text}}", "vpn_session", "unknown", SESSION),
)  # fmt: skip
_NAMED_CLIENTS = (
    f"client {_E}", f"client @{{:word}} {_E}",
)  # fmt: skip
_NAMED = tuple(
    Template(f"<|security: ><|info: |warning: |error: |notice: >{client}{name}{view}{text}", action, "failure", PROBE)
    for client in _NAMED_CLIENTS
    for name in ("", " ({tocsin.claimed.query:word})", "/key {:word}", "/key {:word} ({tocsin.claimed.query:word})")
    for view in (": ", ": view {:word}: ")
    for text, action in (
        ("query <|(cache) >'{dns.question.name:word}' denied{:text}", "dns_refused"), ("query <|(cache) >'{dns.question.name:word}' denied", "dns_refused"),
        ("query <|(cache) >denied", "dns_refused"), ("zone transfer '{dns.question.name:word}' denied", "dns_transfer_refused"),
        ("bad zone transfer request: {:text}", "dns_transfer_refused"), ("update '{dns.question.name:word}' denied", "dns_update_refused"),
        ("rate limit drop {:text}", "dns_limited"), ("rate limit slip {:text}", "dns_limited"), ("notify question section contains no SOA", "dns_probe"),
        ("error sending response: {:text}", "dns_probe"), ("received notify for zone {:text}", "dns_refused"),
    )
) + tuple(
    Template(f"<|queries: ><|info: >{client} ({{:word}}): query: {{dns.question.name:word}} {{dns.question.class:word}} {{dns.question.type:word}} {{:text}}", "dns_query", "unknown", "network")
    for client in _NAMED_CLIENTS
)  # fmt: skip
_VNC = (
    Template("<| >Connections: <blacklisted|blocklisted>: {source.address:word}<|::{source.port}>", "vnc_attempts_exceeded", "failure", PROBE),
    Template("<| >Connections: <closed|disconnected>: {source.address:word}::{source.port} ({:text}uthentication failure)", "vnc_login", "failure"),
    Template("<| >Connections: <closed|disconnected>: {source.address:word}::{source.port} {:trusted}(\\[AuthFailure\\]{:text}", "vnc_login", "failure"),
    Template("<| >Connections: accepted: {source.address:word}::{source.port}", "vnc_connected", "unknown", SESSION),
    Template("<rfbAuthProcessClientMessage: |>authentication failed from {source.address}", "vnc_login", "failure"),
    Template("<rfbAuthProcessClientMessage: |>password check failed<| from {source.address}>", "vnc_login", "failure"),
)  # fmt: skip
_NSD = (
    Template("<info: |notice: |warning: |>axfr for <|zone >{dns.question.name:word} from <|client >{source.address} refused, no acl matches{:text}", "dns_transfer_refused", "failure", PROBE),
    Template("<info: |notice: |warning: |><axfr|ixfr> for <|zone >{dns.question.name:word} from <|client >{source.address} refused, {:text}", "dns_transfer_refused", "failure", PROBE),
    Template("<info: |notice: |warning: |>ratelimit block {dns.question.name:word} type {:word} target {:word} query {source.address} {:text}", "dns_limited", "unknown", PROBE),
    Template("<info: |notice: |warning: |><axfr|ixfr> for <|zone >{dns.question.name:word} from <|client >{source.address} refused, no acl matches", "dns_transfer_refused", "failure", PROBE),
)  # fmt: skip

FAMILIES = (
    Family("dropbear", "dropbear", ("dropbear",), (
        Template("\\[{:int}\\] {@timestamp:stamp} <bad|Bad> password attempt for '{user.name:text}' from {source.address:endpoint}", "ssh_login", "failure"),
        Template("<bad|Bad> password attempt for '{user.name:text}' from {source.address:endpoint}", "ssh_login", "failure"),
        Template("<bad|Bad> PAM password attempt for '{user.name:text}' from {source.address:endpoint}", "ssh_login", "failure"),
        Template("<login|Login> attempt for nonexistent user '{user.name:text}' from {source.address:endpoint}", "ssh_login", "failure", is_invalid_user=True),
        Template("<login|Login> attempt for nonexistent user from {source.address:endpoint}", "ssh_login", "failure", is_invalid_user=True),
        Template("<login|Login> attempt with wrong user {user.name:text} from {source.address:endpoint}", "ssh_login", "failure", is_invalid_user=True),
        Template("Root password login attempt for '{user.name:text}' from {source.address:endpoint} rejected", "ssh_login", "failure"),
        Template("<user|User> '{user.name:text}' has <blank password|invalid shell>, rejected", "ssh_login", "failure"),
        Template("<exit|Exit> before auth from \\<{source.address:endpoint}\\>: (user '{user.name:text}', {:int} fails): {:text}", "ssh_disconnected", "failure", PROBE),
        Template("<max|Max> auth tries reached - user '{user.name:text}' from {source.address:endpoint}", "ssh_attempts_exceeded", "failure", PROBE),
        Template("<exit|Exit> before auth (user '{user.name:text}', {:int} fails): Max auth tries reached - user '{:text}' from {source.address:endpoint}", "ssh_attempts_exceeded", "failure", PROBE),
        Template("<exit|Exit> before auth from \\<{source.address:endpoint}\\>: {error.message}", "ssh_disconnected", "failure", PROBE),
        Template("<exit|Exit> before auth from \\<{source.address:endpoint}\\>: (user '{user.name:text}', {:int} fails): {error.message:trusted}", "ssh_disconnected", "failure", PROBE),
        Template("<exit|Exit> before auth (user '{user.name:text}', {:int} fails): {error.message:trusted}", "ssh_disconnected", "failure", PROBE),
        Template("<pubkey|Pubkey|password|Password|PAM password> auth succeeded for '{user.name:text}' from {source.address:endpoint}", "ssh_login", "success"),
        Template("<pubkey|Pubkey> auth succeeded for '{user.name:text}' with {:text} from {source.address:endpoint}", "ssh_login", "success"),
        Template("Child connection from {source.address:endpoint}", "ssh_connection", "unknown", SESSION),
    ), is_bare=True),
    Family("telnet", "telnet", ("telnetd", "in.telnetd"), (
        Template("refused connect from {source.address}", "telnet_refused", "failure", PROBE),
        Template("refused connect from {tocsin.claimed.host:word} ({source.address})", "telnet_refused", "failure", PROBE),
        Template("connect from {source.address}", "telnet_connected", "unknown", SESSION),
        Template("ttloop: {:text}", "telnet_probe", "unknown", SESSION),
    )),
    Family("xinetd", "xinetd", ("xinetd",), (
        Template("FAIL: {service.name:word} {:word} from={source.address}", "service_refused", "failure", PROBE),
        Template("FAIL: {service.name:word} {:word} {:trusted}", "service_refused", "failure", PROBE),
        Template("START: {service.name:word} pid={:int} from={source.address}", "service_connected", "unknown", SESSION),
        Template("refused connect from {source.address}", "service_refused", "failure", PROBE),
    )),
    Family("tcp_wrappers", "tcp_wrappers", ("tcpd", "in.rshd", "in.rlogind", "in.fingerd"), (
        Template("refused connect from {tocsin.claimed.host:word} ({source.address})", "service_refused", "failure", PROBE),
        Template("refused connect from {source.address}", "service_refused", "failure", PROBE),
    )),
    Family("rsh", "rsh", ("rshd", "rlogind", "rexecd", "remshd"), (
        Template("Connection from {source.address} on illegal port", "rsh_probe", "failure", PROBE),
        Template("Permission denied on {:word} as {user.name:text} from {source.address}", "rsh_login", "failure"),
        Template("{user.name:word}@{source.address} as {user.effective.name:word}: permission denied{:text}", "rsh_login", "failure"),
    )),
    Family("remote_desktop", "remote_desktop", ("xrdp", "xrdp-sesman", "Xvnc", "vncserver", "vino-server", "x11vnc", "screensharingd", "vncserver-x11"), (
        Template("<\\[|><ERROR|WARN|INFO|WARNING><\\]|> AUTHFAIL: user={user.name:text} ip={source.address} time={:word}", "rdp_login", "failure"),
        Template("<|\\[{:word}\\] >AUTHFAIL: user={user.name:text} ip={source.address:endpoint} time={:word}", "rdp_login", "failure"),
        Template("<|\\[{:word}\\] >login failed for <display|user> {user.name}", "rdp_login", "failure"),
        Template("Authentication: FAILED :: User Name: {user.name:text} :: Viewer Address: {source.address} :: Type: {:word}", "vnc_login", "failure"),
        Template("Authentication: SUCCEEDED :: User Name: {user.name:text} :: Viewer Address: {source.address} :: Type: {:word}", "vnc_login", "success"),
        *_VNC,
    )),
    Family("slapd", "slapd", ("slapd",), (
        Template("conn={tocsin.connection:int} fd={:int} ACCEPT from IP={source.address:endpoint} ({:text}", "ldap_connected", "unknown", SESSION),
        Template('conn={tocsin.connection:int} op={:int} BIND dn="{user.name:text}" {:text}', "ldap_bind", "unknown", SESSION),
        Template("conn={tocsin.connection:int} op={:int} RESULT tag=97 err=49 {:text}", "ldap_login", "failure"),
        Template("conn={tocsin.connection:int} op={:int} RESULT tag=97 err=0 {:text}", "ldap_login", "success"),
        Template("conn={tocsin.connection:int} op={:int} RESULT {:text}", "ldap_result", "unknown", SESSION),
        Template("conn={tocsin.connection:int} fd={:int} closed{:text}", "ldap_closed", "unknown", SESSION),
    )),
    Family("openvpn", "openvpn", ("openvpn", "ovpn-server", "ovpn-client", "openvpn-server", "ovpn-udp", "ovpn-tcp"), _OPENVPN),
    Family("ipsec", "ipsec", ("charon", "charon-systemd", "pluto", "ipsec", "racoon", "strongswan"), (
        Template("{:int}\\[<IKE|CFG|ENC|NET|JOB|MGR|KNL|LIB>\\] {:trusted} authentication of '{user.name:text}' with {:text} failed", "vpn_login", "failure"),
        Template("{:int}\\[<IKE|CFG>\\] EAP method {:word} failed for peer {user.name}", "vpn_login", "failure"),
        Template("{:int}\\[<IKE|CFG>\\] {:trusted}EAP method {:word} failed for peer {user.name}", "vpn_login", "failure"),
        Template("{:int}\\[<IKE|CFG>\\] XAuth authentication of '{user.name:text}' <failed|successful>", "vpn_login", "failure"),
        Template("{:int}\\[<IKE|CFG>\\] RADIUS authentication of '{user.name:text}' failed", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] tried {:int} shared key<s|> for {:trusted} - '{source.address}', but MAC mismatched", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] {source.address} is initiating {:text}", "vpn_connected", "unknown", SESSION),
        Template("{:int}\\[IKE\\] received <AUTHENTICATION_FAILED|NO_PROPOSAL_CHOSEN> {:text}", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] no IKE config found for {:endpoint}...{source.address:endpoint}, sending {:word}", "vpn_probe", "failure", PROBE),
        Template("{:int}\\[CFG\\] looking for {:text} matching {:endpoint}...{source.address:endpoint}\\[{:text}", "vpn_connected", "unknown", SESSION),
        Template('"{:trusted}"<\\[{:int}\\]|> {source.address} #{:int}: {:trusted}authentication failure{:text}', "vpn_login", "failure"),
        Template("packet from {source.address:endpoint}: {error.message}", "vpn_probe", "failure", PROBE),
        Template("{:int}\\[NET\\] \\<{:word}|{tocsin.connection:int}\\> received packet: from {source.address}\\[{source.port:int}\\] to {:text}", "vpn_packet", "unknown", SESSION),
        Template("{:int}\\[NET\\] \\<{tocsin.connection:int}\\> received packet: from {source.address}\\[{source.port:int}\\] to {:text}", "vpn_packet", "unknown", SESSION),
        Template("{:int}\\[IKE\\] \\<{tocsin.connection:int}\\> {source.address} is initiating {:text}", "vpn_connected", "unknown", SESSION),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> EAP-MS-CHAPv2 verification failed, retry ({:int})", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> EAP method {:word} failed for peer {user.name}", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> <XAuth|PAM> authentication of '{user.name:text}' failed", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> <XAuth|PAM> authentication of '{user.name:text}' successful", "vpn_login", "success"),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> authentication of '{user.name:text}' with {:text} failed", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] \\<{:word}|{tocsin.connection:int}\\> <received AUTHENTICATION_FAILED notify error|no shared key found for {:text}|tried {:int} shared <key|keys> for {:text}, but MAC mismatched>", "vpn_login", "failure"),
        Template("{:int}\\[IKE\\] \\<{:int}\\> no IKE config found for {:word}...{source.address}, sending {:word}", "vpn_probe", "failure", PROBE),
        Template("{:int}\\[JOB\\] \\<{:word}\\> deleting half open IKE_SA with {source.address} after timeout", "vpn_half_open", "failure", PROBE),
        Template("{:int}\\[IKE\\] no IKE config found for {:word}...{source.address}, sending {:word}", "vpn_probe", "failure", PROBE),
    )),
    Family("dante", "dante", ("danted", "sockd", "dante-server"), (
        *(
            Template(f"<info|warning>: block({{:int}}): tcp/accept \\]: {{source.address:endpoint}} {{:word}}: error after reading {{:trusted}}: {text}", "proxy_login", "failure")
            for text in ('could not access user "{user.name:text}"\'s records{:text}', 'system password authentication failed for user "{user.name}"',
                         'pam_authenticate() for user "{user.name:text}" failed: {:text}', "{error.message}")
        ),
        Template("<info|warning>: block({:int}): tcp/accept \\]: {source.address:endpoint} {:word}: {error.message}", "proxy_refused", "failure", PROBE),
    )),
    Family("named", "named", ("named", "named-pkcs11", "bind9"), _NAMED),
    Family("nsd", "nsd", ("nsd",), _NSD),
    Family("dns_resolvers", "dns_resolver", ("unbound", "dnsmasq", "pihole-FTL", "pdns_recursor", "dnsdist", "kresd"), (
        Template("<|{:int} {:word} >query\\[{dns.question.type:word}\\] {dns.question.name:word} from {source.address}", "dns_query", "unknown", "network"),
        Template("\\[{:word}\\] info: {source.address} {dns.question.name:word} {dns.question.type:word} {dns.question.class:word}", "dns_query", "unknown", "network"),
        Template("\\[{:word}\\] <notice|info>: ip_ratelimit exceeded {source.address} {:text}", "dns_limited", "failure", PROBE),
        Template("\\[{:word}\\] <notice|info>: ip_ratelimit {:trusted}", "dns_limited", "failure", PROBE),
        Template("possible DNS-rebind attack detected: {dns.question.name:word}", "dns_rebind", "failure", PROBE),
    )),
    Family("samba", "samba", ("smbd", "nmbd", "winbindd", "smb", "samba", "smbd_audit"), (
        Template("Denied connection from ({source.address})", "smb_refused", "failure", PROBE),
        Template("Denied connection from {tocsin.claimed.host:word} ({source.address})", "smb_refused", "failure", PROBE),
        Template("Connection denied from {source.address}<|{:text}>", "smb_refused", "failure", PROBE),
        Template("<|  >Auth: \\[{:trusted}\\] user \\[{:word}\\]\\\\\\[{user.name:text}\\] at \\[{:trusted}\\] with \\[{:word}\\] status \\[NT_STATUS_OK\\] workstation \\[{tocsin.claimed.workstation:text}\\] remote host \\[ipv<4|6>:{source.address:endpoint}\\] {:text}", "smb_login", "success"),
        Template("<|  >Auth: \\[{:trusted}\\] user \\[{:word}\\]\\\\\\[{user.name:text}\\] at \\[{:trusted}\\] with \\[{:word}\\] status \\[NT_STATUS_OK\\] {:trusted}", "smb_login", "success"),
        Template("<|  >Auth: \\[{:trusted}\\] user \\[{:word}\\]\\\\\\[{user.name:text}\\] at \\[{:trusted}\\] with \\[{:word}\\] status \\[NT_STATUS_{:word}\\] workstation \\[{tocsin.claimed.workstation:text}\\] remote host \\[ipv<4|6>:{source.address:endpoint}\\] {:text}", "smb_login", "failure"),
    )),
    Family("radius", "radius", ("radiusd", "freeradius"), (
        Template("({:int}) <Login incorrect|Invalid user>{:trusted}: \\[{user.name:text}\\] (from client {:word} port {:int} cli {:text}", "radius_login", "failure"),
        Template("<Login incorrect|Invalid user>{:trusted}: \\[{user.name:text}\\] (from client {:text}", "radius_login", "failure"),
        Template("({:int}) Login OK: \\[{user.name:text}\\] (from client {:text}", "radius_login", "success"),
        Template("Login OK: \\[{user.name:text}\\] (from client {:text}", "radius_login", "success"),
    )),
    Family("kerberos", "kerberos", ("krb5kdc", "kdc"), (
        Template("<AS_REQ|TGS_REQ> ({:trusted}) {source.address}: <PREAUTH_FAILED|CLIENT_NOT_FOUND|LOCKED_OUT|CLIENT EXPIRED|CLIENT KEY EXPIRED>: {user.name:word} for {:text}", "kerberos_login", "failure"),
        Template("<AS_REQ|TGS_REQ> ({:trusted}) {source.address}: NEEDED_PREAUTH: {user.name:word} for {:text}", "kerberos_preauth", "unknown", SESSION),
        Template("<AS_REQ|TGS_REQ> ({:trusted}) {source.address}: ISSUE: authtime {:word}, etypes \\{{:trusted}\\}, {user.name:word} for {:text}", "kerberos_login", "success"),
        Template("<AS_REQ|TGS_REQ> ({:trusted}) {source.address}: ISSUE: {:trusted}, {user.name:word} for {:text}", "kerberos_login", "success"),
    )),
    Family("cimserver", "cimserver", ("cimserver",), (
        Template("PGS{:int}: Authentication failed for user {user.name:word}.", "cim_login", "failure"),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("dropbear", "dropbear", ("\\[{process.pid:int}\\] {@timestamp:stamp} {message}",), family="dropbear"),
    Layout("vnc", "vnc", ("{@timestamp:stamp} {message}",), templates=_VNC),
    Layout("openvpn", "openvpn", ("{@timestamp:stamp} {message}", "{@timestamp:stamp} us={:int} {message}"), family="openvpn"),
    Layout("named", "named", ("{@timestamp:stamp} {message}",), family="named"),
    Layout("nsd", "nsd", ("\\[{@timestamp:stamp}\\] nsd\\[{process.pid:int}\\]: {message}",), family="nsd"),
    Layout("unbound", "dns_resolver", ("\\[{@timestamp:stamp}\\] unbound{message}",), family="dns_resolvers"),
    Layout("endlessh", "intrusion_tools", ("{@timestamp:stamp} {message}",), family="intrusion_tools"),
    Layout("fail2ban", "intrusion_tools", ("{@timestamp:stamp} fail2ban.<actions|filter|jail|server>{:trusted}: {message}",), family="intrusion_tools"),
    Layout("portsentry", "intrusion_tools", ("{:word} - {@timestamp:stamp} Host: {tocsin.claimed.host:word}/{source.address} Port: {destination.port:int} {message}",), templates=(
        Template("<TCP|UDP> Blocked", "port_scan_reported", "unknown", PROBE),
    )),
    Layout("freeradius", "radius", ("{@timestamp:stamp} : {log.level:word}: {message}", "{@timestamp:stamp} : Auth: {message}"), family="radius"),
)  # fmt: skip
RECORD_FORMATS = (
    RecordFormat("samba_json", "samba", ("type=Authentication", "Authentication.status"), {
        "timestamp": "@timestamp", "Authentication.remoteAddress": "source.address", "Authentication.clientAccount": "user.name",
    }, (
        Meaning({"Authentication.status": "NT_STATUS_OK"}, "smb_login", "success"), Meaning({"Authentication.status": "NT_STATUS_*"}, "smb_login", "failure"),
    )),
)  # fmt: skip
