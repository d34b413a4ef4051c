"""Panels of hosts, routers and firewalls, and small servers with a web page of their own.

Sources: HestiaCP and VestaCP auth.log, LiteSpeed's WebAdmin Console, OPNsense and pfSense (auth.inc), RouterOS
topics, Technitium DNS, Webmin's miniserv, Proxmox Backup Server, UniFi, Synology DSM, TrueNAS, Pterodactyl,
AdGuard Home, Pi-hole, ISPConfig, Plesk, VMware ESXi, TeamSpeak 3, endlessh.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_FAILED, _DONE, _WHEN = "failure", "success", "{@timestamp:stamp}"
_ROUTER = (
    Template("<|{:word} >login failure for user {user.name:text} from {source.address} via {:word}", "router_login", _FAILED),
    Template("<|{:word} >user {user.name:text} logged in from {source.address} via {:word}", "router_login", _DONE),
    Template("{:trusted}proto TCP (SYN), {source.address:endpoint}->{destination.address:endpoint}, {:text}", "packet_refused", _FAILED, "network"),
    Template("{:trusted}proto <TCP|UDP><| ({:word})>, {source.address:endpoint}->{destination.address:endpoint}, {:text}", "packet_logged", "unknown", "network"),
)  # fmt: skip
_SENSE = (
    Template("/{:word}: <webConfigurator|Web GUI> authentication error for <user |>'{user.name:text}' from<:|> {source.address}", "firewall_login", _FAILED),
    Template("/{:word}: Successful login for user '{user.name:text}' from<:|> {source.address}< ({:text})|>", "firewall_login", _DONE),
    Template("/{:word}: User logged out for user '{user.name:text}' from<:|> {source.address}< ({:text})|>", "firewall_session", "unknown", SESSION),
    Template("<|/{:word}: >Could not login {user.name:text} via {:word} from {source.address}", "firewall_login", _FAILED),
)  # fmt: skip
_SYNOLOGY = (
    Template("User \\[{user.name:text}\\] from \\[{source.address}\\] failed to <log in|login|sign in> <via|to> \\[{:word}\\] due to {error.message}", "synology_login", _FAILED),
    Template("User \\[{user.name:text}\\] from \\[{source.address}\\] failed to <log in|login|sign in> <via|to> {error.message}", "synology_login", _FAILED),
    Template("User \\[{user.name:text}\\] from \\[{source.address}\\] <logged in|signed in> successfully via \\[{:text}\\].", "synology_login", _DONE),
    Template("Host \\[{source.address}\\] was blocked via \\[{:text}", "synology_blocked", _FAILED, PROBE),
)  # fmt: skip

_ISPCONFIG = (
    Template("Failed login for user '{user.name:text}' from {source.address} at {:text}", "panel_login", _FAILED),
    Template("Successful login for user '{user.name:text}' from {source.address} at {:text}", "panel_login", _DONE),
)  # fmt: skip

FAMILIES = (
    Family("ispconfig", "ispconfig", ("ispconfig",), _ISPCONFIG),
    Family("mikrotik", "mikrotik", (
        "system,error,critical", "system,info,account", "system,error", "system,info", "system,warning", "firewall,info", "firewall,warning", "ipsec,error", "mikrotik",
    ), _ROUTER),
    Family("sense", "sense", ("php-fpm", "opnsense", "pfSense", "configd.py"), _SENSE, is_shared=True),
    Family("synology", "synology", ("Connection", "synoscgi", "SYSTEM", "synologin"), _SYNOLOGY),
    Family("esxi", "esxi", ("Hostd", "hostd", "vpxd", "vobd", "Vpxa"), (
        Template("{:trusted}Rejected password for user {user.name:text} from {source.address}", "esxi_login", _FAILED),
        Template("{:trusted}Cannot login {user.name:text}@{source.address}<: {:text}|>", "esxi_login", _FAILED),
        Template("{:trusted}User {user.name:text}@{source.address} logged in as {:text}", "esxi_login", _DONE),
        Template("{:trusted}Accepted password for user {user.name:text} from {source.address}", "esxi_login", _DONE),
    )),
    Family("pterodactyl", "pterodactyl", ("wings", "pterodactyl"), (
        Template("{:trusted}failed to validate user credentials (invalid username or password){:text}ip={source.address:endpoint} {:text}", "sftp_login", _FAILED),
        Template("{:trusted}failed to validate user credentials (invalid username or password){:text}ip={source.address:endpoint}", "sftp_login", _FAILED),
    )),
)  # fmt: skip

LAYOUTS = (
    Layout("ispconfig", "ispconfig", ("{message}",), templates=_ISPCONFIG),
    Layout("plesk", "plesk", ("\\[" + _WHEN + "\\] <|{:word} >{log.level:word} \\[panel\\] {message}",), templates=(
        Template("Failed login attempt with login '{user.name:text}' from IP {source.address}", "panel_login", _FAILED),
    )),
    Layout("hestia", "hestia", (
        _WHEN + " {user.name:word} {source.address} failed to login", _WHEN + " {user.name:word} {source.address} {message}",
    ), templates=(
        Template("failed to login", "panel_login", _FAILED),
        Template("successfully logged in", "panel_login", _DONE),
        Template("failed to <validate|login> {:text}", "panel_login", _FAILED),
    )),
    Layout("litespeed", "litespeed", (_WHEN + " \\[{log.level:word}\\] {message}",), templates=(
        Template("{:trusted}\\[WebAdmin Console\\] Failed Login Attempt - username:{user.name:text} ip:{source.address} url:{:text}", "panel_login", _FAILED),
        Template("{:trusted}\\[WebAdmin Console\\] Failed Login Attempt - username:{user.name:text} ip:{source.address} url:", "panel_login", _FAILED),
        Template("{:trusted}\\[WebAdmin Console\\] login successful{:text}ip:{source.address}", "panel_login", _DONE),
    )),
    Layout("technitium", "technitium", ("\\[" + _WHEN + "\\] \\[{source.address:endpoint}\\] {message}",), templates=(
        Template("<|{:trusted}>DnsServerCore.DnsWebServiceException: Invalid username or password for user: {user.name}", "dns_admin_login", _FAILED),
        Template("\\[{user.name:text}\\] User logged in.", "dns_admin_login", _DONE),
    )),
    Layout("webmin", "webmin", (
        "{:word} \\[" + _WHEN + "\\] {user.name:word} {:word} {source.address} {message}",
    ), templates=(
        Template('global miniserv.pl "failed" {:text}', "webmin_login", _FAILED),
        Template('{:word} {:word} "failed" {:text}', "webmin_login", _FAILED),
        Template("{:text}", "webmin_action", "unknown", SESSION),
    )),
    Layout("proxmox_backup", "proxmox", (_WHEN + ": {message}",), family="proxmox"),
    Layout("thehive", "thehive", tuple(
        when + "\\[{log.level:word}\\] {:word}Filter \\[{:word}\\] {source.address} {message}" for when in ("", _WHEN + " ")
    ), templates=(
        Template("POST <{:word}/login|/api/login> took {:word} and returned <401|403|429> {:text}", "thehive_login", _FAILED),
        Template("POST <{:word}/login|/api/login> took {:word} and returned <200|201> {:text}", "thehive_login", _DONE),
        Template("{http.request.method:word} {url.original:word} took {:word} and returned {http.response.status_code:int} {:text}", "http_request", "unknown", "web"),
    )),
    Layout("mikrotik", "mikrotik", tuple(
        f"{topic},{{:word}} {{message}}" for topic in ("system", "firewall", "ipsec", "l2tp", "ppp", "hotspot")
    ), family="mikrotik"),
    Layout("adguard_home", "adguard_home", (_WHEN + " \\[{log.level:word}\\] {message}",), templates=(
        Template("auth: failed to login user with name {:quoted} from {source.address:endpoint}", "dns_admin_login", _FAILED),
        Template("auth: user {:quoted} is successfully logged in from ip {source.address}", "dns_admin_login", _DONE),
        Template("auth: failed user name or password, from ip {source.address}", "dns_admin_login", _FAILED),
        Template("{:trusted}auth: user {:quoted} failed to log in from ip {source.address:endpoint}<|:{:text}>", "dns_admin_login", _FAILED),
    )),
    Layout("adguard_control", "adguard_home", (_WHEN + " <|{:word} >\\[{log.level:word}\\] <|{:word} >POST {message}",), templates=(
        Template("{:host} /control/login: from ip {source.address}: invalid username or password", "dns_admin_login", _FAILED),
        Template("{source.address} /control/login: invalid username or password", "dns_admin_login", _FAILED),
    )),
    Layout("unifi", "unifi", ("\\[" + _WHEN + "\\] \\<{:word}\\> {log.level:word} <| >admin - {message}", "\\[" + _WHEN + "\\] <| >{log.level:word} <| >admin - {message}"), templates=(
        Template("Failed admin login for '{user.name:text}' from {source.address}", "unifi_login", _FAILED),
        Template("admin-login-failed {:text}", "unifi_login", _FAILED),
    )),
    Layout("teamspeak", "teamspeak", (_WHEN + "\\|{log.level:trusted}\\|{:trusted}\\|{:trusted}\\|{message}",), templates=(
        Template('query from {:int} {source.address:endpoint} attempted to login with account "{user.name:text}" and failed!', "teamspeak_login", _FAILED),
        Template("query from {:int} {source.address:endpoint} issued: login with account {:text}", "teamspeak_query", "unknown", SESSION),
        Template("query login attempt failed for {user.name:text} from {source.address:endpoint}", "teamspeak_login", _FAILED),
        Template("serveradmin login failed from {source.address:endpoint}", "teamspeak_login", _FAILED),
    )),
    Layout("mealie", "mealie", ("{log.level:word}    " + _WHEN + " - {message}", "{log.level:word}  " + _WHEN + " - {message}"), templates=(
        Template("Incorrect username or password from {source.address}", "mealie_login", _FAILED),
    )),
)  # fmt: skip
