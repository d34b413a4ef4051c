r"""Mail servers beside the three large ones: Courier, Cyrus, UW-IMAP, qmail, Perdition and others.

Courier and UW-IMAP write the address last, Cyrus after the reverse name, qmail after the
program's name. Sources: each program's own source; Debian's packages of them.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

COURIER = Family("courier", "courier", (
    "courierpop3login", "courierpop3d", "courieresmtpd", "courieresmtpd-ssl", "courieresmtpd-msa",
    "imaplogin", "imapd-ssl", "pop3d", "pop3d-ssl", "pop3login", "authdaemond", "imapd",
    "ipop3d", "imaps", "ipop3",
), (
    Template(r"LOGIN FAILED, user={user.name:text}, ip=\[{source.address}\]", "mail_login", "failure"),
    Template(r"LOGIN FAILED, user={user.name:text}, ip=\[{source.address}\], port=\[{source.port}\]", "mail_login", "failure"),
    Template(r"LOGIN FAILED, method={:word}, ip=\[{source.address}\]", "mail_login", "failure"),
    Template(r"LOGIN FAILED, method={:word}, ip=\[{source.address}\], port=\[{source.port}\]", "mail_login", "failure"),
    Template(r"LOGIN FAILED, ip=\[{source.address}\]", "mail_login", "failure"),
    Template(r"LOGIN FAILED, ip=\[{source.address}\], port=\[{source.port}\]", "mail_login", "failure"),
    Template(r"LOGIN: ip=\[{source.address}\], command={:text}", "mail_command", "unknown", SESSION),
    Template(r"LOGIN, user={user.name:text}, ip=\[{source.address}\], {:text}", "mail_login", "success"),
    Template(r"LOGIN, user={user.name:text}, ip=\[{source.address}\]", "mail_login", "success"),
    Template("error,relay={source.address},{:text}535 Authentication failed{:text}", "smtp_login", "failure"),
    Template("error,relay={source.address},port={source.port},{:text}535 Authentication failed{:text}", "smtp_login", "failure"),
    Template("error,relay={source.address},{:text}User <unknown|does not exist>{:text}", "smtp_user_unknown", "failure", PROBE),
    Template("error,relay={source.address},{error.message}", "smtp_rejected", "failure", PROBE),
    # UW-IMAP writes under the same names.
    Template(r"Login failed user={user.name:text} auth={:text} host={tocsin.claimed.host:word} \[{source.address}\]", "imap_login", "failure"),
    Template(r"Login failed user={user.name:text} auth={:text} host=\[{source.address}\]", "imap_login", "failure"),
    Template(r"Login <disabled|excessive login failures> user={user.name:text} auth={:text} host={tocsin.claimed.host:word} \[{source.address}\]", "imap_login", "failure"),
    Template(r"<Login excessive login failures|Autologout|Login disabled> user={user.name:text} auth={:text} host={tocsin.claimed.host:word} \[{source.address}\]", "imap_login", "failure"),
    Template(r"<AUTHENTICATE|Authenticated> {:word} failure host={tocsin.claimed.host:word} \[{source.address}\]", "imap_login", "failure"),
    Template(r"AUTHENTICATE {:word} failure host=\[{source.address}\]", "imap_login", "failure"),
    Template(r"Login user={user.name:text} host={tocsin.claimed.host:word} \[{source.address}\]{:text}", "imap_login", "success"),
    Template(r"<imap|pop3|imaps|pop3s> <SSL |>service init from {source.address}", "mail_connected", "unknown", SESSION),
    Template(r"Failed {:word} override of user={user.name:text} host={tocsin.claimed.host:word} \[{source.address}\]", "imap_login", "failure"),
    Template(r"badlogin: {tocsin.claimed.host:word} \[{source.address}\] {error.message}", "imap_login", "failure"),
    Template(r"badlogin: \[{source.address}\] {error.message}", "imap_login", "failure"),
    Template(r"authentication failure: {:text}", "mail_login", "failure"),
))  # fmt: skip

CYRUS = Family("cyrus", "cyrus", (
    "cyrus", "timsieved", "sieve", "pop3", "lmtpunix", "saslauthd", "cyrus-imapd", "imap",
), (
    Template(r"badlogin: {tocsin.claimed.host:word}\[{source.address}\] {:word} {error.message}", "imap_login", "failure"),
    Template(r"badlogin: {tocsin.claimed.host:word} \[{source.address}\] {:word} \[{:text}", "imap_login", "failure"),
    Template(r"badlogin: {tocsin.claimed.host:word} \[{source.address}\] {:word} {user.name:text} SASL({:trusted}): {error.message}", "imap_login", "failure"),
    Template(r"badlogin: {tocsin.claimed.host:word} \[{source.address}\] {:word} {user.name:word} {error.message}", "imap_login", "failure"),
    Template(r"badlogin: {tocsin.claimed.host:word} \[{source.address}\] {error.message}", "imap_login", "failure"),
    Template(r"badlogin: \[{source.address}\] {error.message}", "imap_login", "failure"),
    Template(r"<login|User logged in>: {tocsin.claimed.host:word} \[{source.address}\] {user.name:word} {:text}", "imap_login", "success"),
    Template(r"login: \[{source.address}\] {user.name:word} {:text}", "imap_login", "success"),
    Template(r"do_auth         : auth failure: \[user={user.name:text}\] \[service={:word}\] \[realm={:text}\] \[mech={:word}\] \[reason={error.message:text}\]", "sasl_login", "failure"),
))  # fmt: skip

QMAIL = Family("qmail", "qmail", (
    "qmail", "qmail-smtpd", "rblsmtpd", "vpopmail", "vchkpw", "vchkpw-pop3", "vchkpw-smtp", "vchkpw-imap", "tcp-env",
    "spamdyke", "qmail-smtpd-auth", "chkuser",
), (
    Template("{:word} rblsmtpd: {source.address} pid {:int} {:text}", "smtp_listed", "failure", PROBE),
    Template("rblsmtpd: {source.address} pid {:int}: {:text}", "smtp_listed", "failure", PROBE),
    Template("{source.address} pid {:int}: {:text}", "smtp_listed", "failure", PROBE),
    Template("{source.address} pid {:int} {:text}", "smtp_listed", "failure", PROBE),
    Template("<|{:word} ><|rblsmtpd: >{dns.blocklist:word} blocked {source.address} {:text}", "smtp_listed", "failure", PROBE),
    Template("{:word} qmail-smtpd: {:int} badiprbl: ip {source.address} rbl: {:text}", "smtp_listed", "failure", PROBE),
    Template("{:word} tcpserver: deny {:int} {:word}:{:endpoint} {:word}:{source.address:endpoint}:{:text}", "smtp_rejected", "failure", PROBE),
    Template("vchkpw-<smtp|pop3|imap|submission|smtps>: password fail (pass: '{:text}') {user.name:text}:{source.address}", "mail_login", "failure"),
    Template("vchkpw-<smtp|pop3|imap|submission|smtps>: <password fail|vpopmail user not found|null password given|password incorrect|user not found> {user.name:text}:{source.address}",
             "mail_login", "failure"),
    Template("vchkpw-<smtp|pop3|imap|submission|smtps>: <password fail|null password given> ({:trusted}) {user.name:text}:{source.address}",
             "mail_login", "failure"),
    Template("vchkpw-<smtp|pop3|imap|submission|smtps>: ({:word}) login success {user.name:text}:{source.address}", "mail_login", "success"),
    Template("DENIED_{spamdyke.reason:word} from: {:text} to: {:text} origin_ip: {source.address} origin_rdns: {:text}", "smtp_rejected", "failure", PROBE),
    Template("FILTER_{spamdyke.reason:word} {:text} origin_ip: {source.address} {:text}", "smtp_rejected", "failure", PROBE),
))  # fmt: skip

PERDITION = Family("perdition", "perdition", (
    "perdition", "perdition.imaps", "perdition.imap4s", "perdition.imap4", "perdition.pop3", "perdition.pop3s",
    "perdition.managesieve", "perdition.imap",
), (
    Template('Auth: {source.address:endpoint}->{:word} client-secure={:word} authorisation_id={:word} authentication_id="{user.name:text}" server={:text} status="failed: {error.message:text}"', "mail_login", "failure"),
    Template('Auth: {source.address:endpoint}->{:word} {:text}authentication_id="{user.name:text}" server={:text} status="ok"', "mail_login", "success"),
    Template('Auth: {source.address:endpoint}->{:word} user={user.name:text} {:trusted}status="failed: {error.message:text}"', "mail_login", "failure"),
    Template("Fatal Error reading authentication information from client {source.address:endpoint}->{:word} {error.message}", "mail_login", "failure"),
))  # fmt: skip

OTHERS = (
    Family("solid-pop3d", "solid-pop3d", ("solid-pop3d", "spop3d"), (
        Template("authentication failed: no such user: {user.name:text} - {source.address}", "pop3_login", "failure", is_invalid_user=True),
        Template("authentication failed: no such user: {user.name:text} - {tocsin.claimed.host:word} ({source.address})", "pop3_login", "failure", is_invalid_user=True),
        Template("authentication failed: can't map user name: {user.name:text} - {source.address}", "pop3_login", "failure"),
        Template("<APOP |>authentication failed for <mapped |>user {user.name:text} - {source.address}", "pop3_login", "failure"),
        Template("root login not allowed - {source.address}", "pop3_login", "failure"),
        Template("can't find APOP secret for user {user.name:text} - {source.address}", "pop3_login", "failure"),
        Template("APOP authentication failed for {user.name:text} - {source.address}", "pop3_login", "failure"),
        Template("authentication failed for {user.name:text} - {source.address}", "pop3_login", "failure"),
        Template("authentication failed for {user.name:text} - {tocsin.claimed.host:word} ({source.address})", "pop3_login", "failure"),
        Template("user {user.name:text} authenticated - {source.address}", "pop3_login", "success"),
    )),
    Family("stunnel", "stunnel", ("stunnel", "stunnel4"), (
        Template(r"LOG{:int}\[{:trusted}\]: VERIFY ERROR: depth={:int}, error={error.message}", "tls_refused", "failure", PROBE),
        Template(r"LOG{:int}\[{:trusted}\]: SSL_accept from {source.address:endpoint} : {error.message}", "tls_refused", "failure", PROBE),
        Template(r"LOG{:int}\[{:trusted}\]: <Service|Connection> \[{:word}\] <accepted|refused> connection from {source.address:endpoint}", "tls_connected", "unknown", SESSION),
    )),
    Family("saslauthd", "saslauthd", ("saslpasswd2",), ()),
    Family("amavis", "amavis", ("amavis", "amavisd", "amavisd-new"), (
        Template(r"({:word}) <Blocked|Passed> <INFECTED|SPAM|SPAMMY|BANNED|BAD-HEADER-{:int}>{:text}, \[{source.address}\]{:text}", "mail_blocked", "failure", PROBE),
        Template(r"({:word}) Blocked <INFECTED|SPAM|BANNED|SPAMMY>{:text}\}, \[{source.address}\]:{source.port}{:text}", "mail_blocked", "failure", PROBE),
        Template(r"({:word}) Passed CLEAN \{{:trusted}\}, \[{source.address}\]:{source.port}{:text}", "mail_passed", "unknown", SESSION),
    )),
)  # fmt: skip

FAMILIES = (COURIER, CYRUS, QMAIL, PERDITION, *OTHERS)

_ASSP = (
    Template(r"\[SSL-out\] {source.address} SSL negotiation with client failed: {error.message}", "smtp_tls_error", "failure", PROBE),
    Template("Blocking {source.address} - too much AUTH errors ({:int});", "smtp_login", "failure"),
    Template(r"<|\[{:trusted}\] >{source.address} <|\<{:word}\> <|to: {:word} >>max sender authentication errors ({:int}) exceeded {:text}", "smtp_login", "failure"),
    Template(r"<|\[{:trusted}\] >{source.address} <|\<{:word}\> ><|to: {:word} >\[SMTP Error\] 535 {error.message}", "smtp_login", "failure"),
    Template(r"<|\[{:trusted}\] >{source.address} <|\<{:word}\> ><|to: {:word} >\[{:trusted}\] {:text}", "smtp_rejected", "failure", PROBE),
    Template("{smtp.queue:word} {source.address} {:text}<relay attempt blocked|authentication failed>{:text}", "smtp_relay_refused", "failure", PROBE),
)  # fmt: skip
LAYOUTS = (
    Layout("stunnel", "stunnel", ("{@timestamp:stamp} {message}",), family="stunnel"),
    Layout("assp", "assp", ("{@timestamp:stamp} {message}",), templates=_ASSP),
    Layout("domino", "domino", (
        r"\[{process.pid:trusted}\] {@timestamp:stamp}   {message}", "{@timestamp:stamp}   {message}",
    ), templates=(
        Template("smtp: {user.name:text} \\[{source.address}\\] authentication failure using internet password", "smtp_login", "failure"),
        Template("SMTP Server: Authentication failed for user {user.name:text} ; connecting host {source.address}", "smtp_login", "failure"),
        Template("SMTP Server: Authentication failed for user {user.name:text} ; connecting host \\[{source.address}\\]", "smtp_login", "failure"),
        Template("smtp: {user.name:text} {source.address} authentication failure using internet password", "smtp_login", "failure"),
        Template("SMTP Server \\[{:trusted}\\] Authentication failed for user {user.name:text} ; connecting host \\[{source.address}\\]", "smtp_login", "failure"),
        Template("SMTP Server<|: | \\[{:trusted}\\] >Connection from \\[{source.address}\\] rejected for policy reasons. {error.message}", "smtp_rejected", "failure", PROBE),
        Template("SMTP Server: {source.address} connected", "smtp_connected", "unknown", SESSION),
        Template("<http|imap|pop3|ldap>: {user.name:text} \\[{source.address}\\] authentication failure using internet password", "mail_login", "failure"),
    )),
    Layout("qmail_multilog", "qmail", ("{@timestamp:stamp} {message}",), templates=QMAIL.templates),
    Layout("oracle_mail", "oracleims", (
        '\\<co ts="{@timestamp:stamp}" pi="{:trusted}" sc="{:trusted}" dr="+" ac="{:trusted}" tr="TCP\\|{:trusted}\\|{:int}\\|{source.address}\\|{source.port}" {message}',
        '<co ts={:quoted} pi={:quoted} sc={:quoted} dr={:quoted} ac={:quoted} tr="TCP\\|{:word}\\|{:int}\\|{source.address}\\|{source.port}" {message}',
    ), templates=(
        Template('{:text}mi="Bad password" us="{user.name:text}" di="535 {:text}"{:text}', "smtp_login", "failure"),
        Template('{:text}mi="{:text}" us="{user.name:text}" di="535 {:text}"{:text}', "smtp_login", "failure"),
    )),
)  # fmt: skip
