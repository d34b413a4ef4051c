r"""Exim's main and reject logs, in files and in syslog.

The client stands as ``name (helo) [address]:port``, each part but the address may be missing. The
name comes from the reverse DNS and HELO from the client, which may imitate an address in brackets:
``) [`` must stand once. Source: the Exim 4.x specification, chapter "Log files".
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_HOSTS = (
    r"{tocsin.claimed.host:word} ({tocsin.claimed.helo:text}) \[{source.address}\]",
    r"({tocsin.claimed.helo:text}) \[{source.address}\]",
    r"{tocsin.claimed.host:word} \[{source.address}\]",
    r"\[{source.address}\]",
)
_LOGIN_ENDS = (
    "{:trusted}: <535|435> {:text}(set_id={user.name:text})",
    "{:trusted}: <535|435> {:text}(set_id={user.name:text}){:text}",
    "{:trusted}: <535|435> {error.message}",
    ": <535|435> {:text}(set_id={user.name:text})",
    ": <535|435> {:text}(set_id={user.name:text}){:text}",
    ": <535|435> {error.message}",
)
# What stands behind a host, the meaning of the line, and its category.
_VERBS = (
    ("smtp_relay_refused", "{:text}relay not permitted{:text}"),
    ("smtp_relay_refused", "{:text}relay not permitted"),
    ("smtp_user_unknown", "{:text}rejected RCPT {:text}: <Unrouteable address|Unknown user|unknown user|User unknown|user unknown|no such user|No such user>"),
    ("smtp_user_unknown", "{:text}rejected RCPT {:text}: <Unrouteable address|Unknown user|unknown user|User unknown|user unknown|no such user|No such user>{:text}"),
    ("smtp_rejected", "{:text}<rejected|temporarily rejected> {:text}"),
    ("smtp_rejected", "{:text}sender verify fail for {:text}"),
    ("smtp_login", "{:text}authentication mechanism not supported{:text}"),
)  # fmt: skip
_STARTS = ("", "{:word} ", "F=<{:word}> ", "{:word} F={:word} ", "{:word} U={:word} ")

TEMPLATES = (
    *(
        Template(f"{{smtp.auth.method:word}} authenticator failed for {host}{end}", "smtp_login", "failure")
        for host in _HOSTS for end in _LOGIN_ENDS
    ),
    *(
        Template(f"{start}H={host}{verb}", action, "failure", PROBE)
        for action, verb in _VERBS for host in _HOSTS for start in _STARTS
    ),
    *(
        Template(f"{head}{host}{tail}", action, "failure", PROBE)
        for head, tail, action in (
            ("SMTP protocol <synchronization error|violation>{:text} H=", "{:text}", "smtp_probe"),
            ("SMTP call from ", " dropped: {error.message}", "smtp_too_many_errors"),
            ("SMTP call from ", "{:text} dropped: {error.message}", "smtp_too_many_errors"),
            ("no MAIL in SMTP connection from ", "{:text}", "smtp_probe"),
            ("no MAIL in <SMTPS|TLS> connection from ", "{:text}", "smtp_probe"),
            ("rejected <EHLO|HELO> from ", ": {error.message}", "smtp_rejected"),
            ("rejected <EHLO|HELO> from ", "{:text}: {error.message}", "smtp_rejected"),
            ("<unqualified sender rejected|unqualified recipient rejected>: {:text} H=", "{:text}", "smtp_rejected"),
            ("rejected <VRFY|EXPN|ETRN> from ", "{:text}", "smtp_probe"),
            ("rejected connection from ", ": {error.message}", "smtp_rejected"),
            ("rejected connection from H=", ": {error.message}", "smtp_rejected"),
            ("refused connection from ", " {:text}", "smtp_rejected"),
            ("Connection from ", " refused: {error.message}", "smtp_rate_limited"),
            ("Connection from ", "{:text} refused: {error.message}", "smtp_rate_limited"),
            ("TLS error on connection from ", "{:text}", "smtp_tls_error"),
            ("unexpected disconnection while reading SMTP command from ", "{:text}", "smtp_lost"),
            ("SMTP data timeout (message abandoned) on connection from ", "{:text}", "smtp_timeout"),
            ("SMTP command timeout on connection from ", "{:text}", "smtp_timeout"),
            ('SMTP protocol error in "{smtp.command:text}" H=', "{:text}", "smtp_probe"),
            ("<|{:word} >SMTP connection from ", "{:text} closed by DROP in ACL", "smtp_rejected"),
            ("<|{:word} >SMTP connection from ", " closed by DROP in ACL", "smtp_rejected"),
            ('SMTP syntax error in "{smtp.command:text}" H=', "{:text}", "smtp_probe"),
            ('SMTP syntax error in "{smtp.command:text}" from ', "{:text}", "smtp_probe"),
        )
        for host in _HOSTS
    ),
    *(
        Template(f"{{:word}} <= {{smtp.sender:text}} H={host}{{:trusted}} A={{smtp.auth.method:word}}:{{user.name:word}} {{:text}}",
                 "smtp_login", "success")
        for host in _HOSTS
    ),
    *(Template(f"<|{{:word}} >SA: Action: {{:text}} (host={host}) for {{:text}}", "mail_blocked", "failure", PROBE)
      for host in (r"{tocsin.claimed.host:word} \[{source.address}\]", r"\[{source.address}\]")),
    *(Template(f"{{:word}} <= {{smtp.sender:text}} H={host}{{:text}}", "smtp_received", "unknown", SESSION)
      for host in _HOSTS),
)  # fmt: skip

FAMILY = Family("exim", "exim", ("exim", "exim4"), TEMPLATES, once=(") [",))
LAYOUTS = (
    Layout("exim", "exim", (
        r"{@timestamp:stamp} \[{process.pid:int}\] {message}",
        "{@timestamp:stamp} {message}",
    ), templates=TEMPLATES, once=(") [",)),
)  # fmt: skip
