"""Mail suites and what stands before mail servers: Kerio, Stalwart, Axigen, maddy, filters and grey lists.

Sources: Kerio Connect's security log, Stalwart's tracing events, Axigen's log, maddy's logger, MailScanner, rspamd's
task log, OpenBSD's spamd, Postgrey's policy lines, RainLoop's and SnappyMail's auth log, mailcow's netfilter.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_FAILED, _WHEN = "failure", "{@timestamp:stamp}"
_SERVERS = "<SMTP|IMAP|POP3|HTTP|LDAP|NNTP|XMPP|WebDAV|Exchange|CalDAV|CardDAV|ActiveSync|EWS>"
_KERIO = (
    Template(f"{_SERVERS}{{:trusted}}: Invalid password for user {{user.name:text}}. Attempt from IP address {{source.address}}<|.>", "mail_login", _FAILED),
    Template(f"{_SERVERS}{{:trusted}}: User {{user.name:text}} doesn't exist. Attempt from IP address {{source.address}}<|.>", "mail_login", _FAILED, is_invalid_user=True),
    Template(f"{_SERVERS}: Invalid password for user {{user.name:text}}. Attempt from IP address {{source.address}}<|.>", "mail_login", _FAILED),
    Template(f"{_SERVERS}: User {{user.name:text}} doesn't exist. Attempt from IP address {{source.address}}<|.>", "mail_login", _FAILED, is_invalid_user=True),
    Template("Client with IP address {source.address} has no reverse DNS entry, connection rejected {:text}", "smtp_rejected", _FAILED, PROBE),
    Template("<Relay attempt from IP address|IP address> {source.address}, mail from {:text}", "smtp_relay_refused", _FAILED, PROBE),
    Template("IP address {source.address} found in DNS blacklist {:text}", "smtp_listed", _FAILED, PROBE),
    Template(f"Failed {_SERVERS} login from {{source.address}} with SASL method {{:word}}<|.>", "smtp_login", _FAILED),
    Template(f"Failed {_SERVERS} login from {{source.address}}<|.|, {{:text}}>", "smtp_login", _FAILED),
    Template("SMTP Spam attack detected from {source.address}, {:text}", "smtp_probe", _FAILED, PROBE),
    Template("Attempt to deliver to unknown recipient {:word}, from {:word}, IP address {source.address}", "smtp_user_unknown", _FAILED, PROBE),
    Template("Administration login into Web Administration from {source.address} failed: {error.message}", "admin_login", _FAILED),
    Template("Message from IP address {source.address}, sender {:text}", "smtp_rejected", _FAILED, PROBE),
    Template("Account {user.name:text} locked {:trusted}IP address {source.address}{:text}", "account_locked", _FAILED),
)  # fmt: skip
_HERE = "listenerId = {:quoted}, localPort = {:int}, remoteIp = {source.address}, remotePort = {source.port}"
_STALWART = (
    *(
        Template(f"{{:trusted}} ({code}) {_HERE}{end}", action, outcome, category)
        for code, action, outcome, category in (
            ("<auth.failed|auth.error|auth.too-many-attempts|smtp.auth-mechanism-not-supported|smtp.auth-not-allowed|smtp.auth-exchange-too-long>", "mail_login", _FAILED, "authentication"),
            ("auth.success", "mail_login", "success", "authentication"),
            ("<security.ip-blocked|security.authentication-ban|security.brute-force-ban|security.abuse-ban|security.scan-ban|security.loiter-ban|security.ip-ban>", "address_banned", _FAILED, PROBE),
            ("<smtp.relay-not-allowed|smtp.mailbox-does-not-exist|smtp.rcpt-to-rejected|smtp.ehlo-denied>", "smtp_rejected", _FAILED, PROBE),
        )
        for end in (', accountName = "{user.name:text}", {:text}', ', accountName = "{user.name:text}"', ", {:text}", "")
    ),
)  # fmt: skip
_AXIGEN = (
    Template(r"\[{:endpoint}\] connection accepted from \[{source.address:endpoint}\]", "mail_connected", "unknown", SESSION),
    Template("Remote address updated from '{:host}' to '{source.address}'", "mail_connected", "unknown", SESSION),
    Template("SSL alert remote {source.address:endpoint}, {error.message}", "tls_probe", _FAILED, PROBE),
    Template("Authentication error for user '{user.name:text}': {error.message}", "mail_login", _FAILED),
    Template(r"User \[{user.name:text}\] successfully authorized!", "mail_login", "success"),
    Template(r"<closing session|Closing connection> from \[{source.address:endpoint}\]", "mail_disconnected", "unknown", SESSION),
)  # fmt: skip
_MADDY = tuple(
    Template(
        rf'{start}authentication failed<	| >\{{{{:trusted}}"src_ip":"{{source.address:endpoint}}","username":"{{user.name:text}}"\}}',
        "smtp_login",
        _FAILED,
    )
    for start in ("{:word}: ", "{:word}/{:word}: ", "")
)
_RAINLOOP = (
    Template(
        "Auth failed: ip={source.address} user={user.name:text} host={:word} port={:int}",
        "webmail_login",
        _FAILED,
    ),
    Template(
        "Auth failed: ip={source.address} user={user.name:text} host={:word}",
        "webmail_login",
        _FAILED,
    ),
)

FAMILIES = (
    Family("mailscanner", "mailscanner", ("MailScanner",), (
        Template("Message {:word} from {source.address} ({:text}) to {:word} is spam{:text}", "mail_blocked", _FAILED, PROBE),
    )),
    Family("rspamd", "rspamd", ("rspamd", "rspamd_proxy"), (
        Template(r"\<{:word}\>; {:word}; rspamd_task_write_log: id: \<{:text}\>, qid: \<{:word}\>, ip: {source.address}, {:trusted}(reject): {:text}", "mail_blocked", _FAILED, PROBE),
        Template(r"\<{:word}\>; {:word}; rspamd_task_write_log: {:trusted}", "mail_checked", "unknown", SESSION),
    ), once=(", ip: ",)),
    Family("spamd", "spamd", ("spamd",), (
        Template("{source.address}: connected ({:word}), lists: {:text}", "smtp_tarpitted", _FAILED, PROBE),
        Template("{source.address}: disconnected after {:int} seconds. lists: {:text}", "smtp_tarpitted", _FAILED, PROBE),
        Template("{source.address}: <connected|disconnected> {:text}", "smtp_connected", "unknown", SESSION),
    )),
    Family("postgrey", "postgrey", ("postgrey", "postgrey-whitelist", "policyd"), (
        Template("<|{:word}: >action=<greylist|reject>, reason={:trusted}, client_name={:word}, client_address={source.address}, {:text}", "smtp_greylisted", "unknown", PROBE),
        Template("<|{:word}: >action=<greylist|reject>, reason={:trusted}, client_name={:word}, client_address={source.address}/{:int}, {:text}", "smtp_greylisted", "unknown", PROBE),
    )),
    Family("maddy", "maddy", ("maddy",), _MADDY),
    Family("rainloop", "rainloop", ("rainloop", "snappymail"), _RAINLOOP),
    Family("mailcow", "mailcow", ("netfilter-mailcow", "netfilter", "php-fpm-mailcow"), (
        Template("<|NOTICE: PHP message: ><mailcow UI|SOGo>: Invalid password for {user.name:text} by {source.address}", "panel_login", _FAILED),
        Template("<|{:word}: >{source.address} matched rule id {:int} ({:text})", "address_found", _FAILED, PROBE),
        Template("<|{:word}: >Banning {source.address}/{:int} for {:text}", "address_banned", "unknown", PROBE),
    )),
    Family("domino_smtp", "domino", ("smtp",), (
        Template(r"{user.name:text} \[{source.address}\] authentication failure using internet password", "smtp_login", _FAILED),
        Template("{user.name:text} {source.address} authentication failure using internet password", "smtp_login", _FAILED),
        Template(r"\[{source.address}\] authentication failure using internet password", "smtp_login", _FAILED),
        Template("{source.address} authentication failure using internet password", "smtp_login", _FAILED),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("kerio", "kerio", (r"\[{@timestamp:stamp}\] {message}",), templates=_KERIO),
    Layout("stalwart", "stalwart", (_WHEN + " {log.level:word} {message}",), templates=_STALWART),
    Layout("axigen", "axigen", (_WHEN + " {:int} {host.name:word} {service.name:word}:{tocsin.connection:word}: {message}",), templates=_AXIGEN),
    Layout("maddy", "maddy", (_WHEN + " {message}",), templates=_MADDY),
    Layout("mailcow", "mailcow", ("NOTICE: PHP message: {message}",), templates=(
        Template("<mailcow UI|SOGo>: Invalid password for {user.name:text} by {source.address}", "panel_login", _FAILED),
    )),
    Layout("rainloop", "rainloop", (r"\[{@timestamp:stamp}\] {message}",), templates=_RAINLOOP),
)  # fmt: skip
