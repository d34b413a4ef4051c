r"""Postfix: who was refused by smtpd and postscreen, and whose log-in failed.

The client stands in brackets right after its name, which comes from the reverse DNS and is
the client's word; Postfix writes no bracket into a name. HELO, sender and recipient stand behind.
Source: Postfix 2.x to 3.9, smtpd.c, smtpd_sasl_glue.c, postscreen*.c.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Template

_C = r"{tocsin.claimed.host:host}\[{source.address}\]"


_REJECTS = tuple(
    Template(rf"{{:word}}: <reject|reject_warning|milter-reject|milter-hold|discard|hold|proxy-reject>: {{smtp.stage:word}} from {_C}: {text}",
             action, "failure", PROBE, is_invalid_user=action == "smtp_user_unknown")
    for action, text in (
        ("smtp_relay_refused", "{smtp.status:word} {:word} <{:word}>: Relay access denied; {:text}"),
        ("smtp_user_unknown", "{smtp.status:word} {:word} <{:word}>: Recipient address rejected: User unknown{:text}"),
        ("smtp_listed", "{smtp.status:word} {:word} Service unavailable; Client host {:text}"),
        ("smtp_rejected", "{error.message}"),
    )
)  # fmt: skip

FAMILY = Family(
    name="postfix",
    dataset="postfix",
    programs=("postfix", "postfix-mta", "postfix-smo", "postfix-incoming", "postfix-out",
              "smtpd", "postscreen", "smtpd-server", "opensmtpd"),
    templates=(
        Template(rf"<|warning: >{_C}: SASL {{smtp.auth.method:word}} authentication failed: {{:text}}, sasl_username={{user.name:word}}",
                 "smtp_login", "failure"),
        Template(rf"<|warning: |error: |fatal: |info: >{_C}: SASL {{smtp.auth.method:word}} authentication failed:{{:text}}",
                 "smtp_login", "failure"),
        Template(rf"<|warning: |error: |fatal: |info: >{_C}: SASL {{smtp.auth.method:word}} authentication <failed|aborted|failure>[:]",
                 "smtp_login", "failure"),
        Template(rf"{{:word}}: client={_C}, sasl_method={{smtp.auth.method:word}}, sasl_username={{user.name:word}}",
                 "smtp_login", "success"),
        Template(rf"{{:word}}: client={_C}, sasl_method={{smtp.auth.method:word}}, sasl_username={{user.name:word}}, {{:text}}",
                 "smtp_login", "success"),
        Template(rf"{{:word}}: client={_C}", "smtp_client", "unknown", SESSION),
        Template(rf"{{:word}}: <reject|warning|hold|discard|redirect|filter|replace>: <header|body> {{:text}} from {_C}; from=\<{{:text}}", "smtp_rejected", "failure", PROBE),
        *_REJECTS,
        Template(rf"improper command pipelining after {{smtp.command:word}} from {_C}:{{:text}}", "smtp_probe", "failure", PROBE),
        Template(rf"improper command pipelining after {{smtp.command:word}} from {_C}", "smtp_probe", "failure", PROBE),
        Template(rf"too many errors after {{smtp.command:word}} from {_C}", "smtp_too_many_errors", "failure", PROBE),
        Template(rf"too many errors after {{smtp.command:word}} ({{:int}} bytes) from {_C}", "smtp_too_many_errors", "failure", PROBE),
        Template(rf"warning: non-SMTP command from {_C}: {{:text}}", "smtp_probe", "failure", PROBE),
        # OpenSMTPD's daemon has the same name.
        Template("{tocsin.connection:word} smtp connected address={source.address} host={tocsin.claimed.host:word}", "smtp_connected", "unknown", SESSION),
        Template("{tocsin.connection:word} smtp authentication user={user.name:word} address={source.address} host={tocsin.claimed.host:word} result=<permfail|tempfail>", "smtp_login", "failure"),
        Template("{tocsin.connection:word} smtp authentication user={user.name:word} result=<permfail|tempfail>", "smtp_login", "failure"),
        Template("{tocsin.connection:word} smtp authentication user={user.name:word} address={source.address} host={tocsin.claimed.host:word} result=ok", "smtp_login", "success"),
        Template("{tocsin.connection:word} smtp authentication user={user.name:word} result=ok", "smtp_login", "success"),
        Template("{tocsin.connection:word} smtp failed-command address={source.address} {:text}", "smtp_rejected", "failure", PROBE),
        Template("{tocsin.connection:word} smtp failed-command command={:text}", "smtp_rejected", "failure", PROBE),
        Template(rf"warning: Illegal address syntax from {_C} in {{:text}}", "smtp_probe", "failure", PROBE),
        Template(r"<BLACKLISTED|DENYLISTED> \[{source.address}\]:{source.port}", "smtp_listed", "failure", PROBE),
        Template(rf"warning: <Connection|Message delivery request|Recipient address|New TLS session|AUTH> {{:word}} limit exceeded: {{:int}} from {_C} for service {{:text}}",
                 "smtp_rate_limited", "failure", PROBE),
        Template(rf"warning: {{:text}} rate limit exceeded: {{:int}} from {_C} for service {{:text}}", "smtp_rate_limited", "failure", PROBE),
        Template(rf"lost connection after <AUTH|UNKNOWN|EHLO|HELO|CONNECT|STARTTLS|RCPT|MAIL|DATA> from {_C}", "smtp_lost", "unknown", SESSION),
        Template(rf"lost connection after {{:text}} from {_C}", "smtp_lost", "unknown", SESSION),
        Template(rf"timeout after {{:text}} from {_C}", "smtp_timeout", "unknown", SESSION),
        Template(rf"SSL_accept error from {_C}: {{error.message}}", "smtp_tls_error", "failure", PROBE),
        Template(rf"connect from {_C}", "smtp_connected", "unknown", SESSION),
        Template(rf"disconnect from {_C} {{:text}}", "smtp_disconnected", "unknown", SESSION),
        Template(rf"disconnect from {_C}", "smtp_disconnected", "unknown", SESSION),
        Template("warning: hostname {tocsin.claimed.host:word} does not resolve to address {source.address}", "smtp_reverse_mapping", "unknown", SESSION),
        Template("warning: hostname {tocsin.claimed.host:word} does not resolve to address {source.address}: {:text}", "smtp_reverse_mapping", "unknown", SESSION),
        Template(r"NOQUEUE: reject: {smtp.stage:word} from \[{source.address}\]:{source.port}: {smtp.status:word} {:word} Service unavailable; {:text}",
                 "smtp_listed", "failure", PROBE),
        Template(r"NOQUEUE: reject: {smtp.stage:word} from \[{source.address}\]:{source.port}: {error.message}", "smtp_rejected", "failure", PROBE),
        Template(r"<PREGREET|BARE NEWLINE|COMMAND PIPELINING|NON-SMTP COMMAND|COMMAND TIME LIMIT|COMMAND COUNT LIMIT|COMMAND LENGTH LIMIT> {:int} after {:word} from \[{source.address}\]:{source.port}: {:text}",
                 "smtp_probe", "failure", PROBE),
        Template(r"<BARE NEWLINE|COMMAND PIPELINING|NON-SMTP COMMAND|COMMAND TIME LIMIT|COMMAND COUNT LIMIT|COMMAND LENGTH LIMIT> from \[{source.address}\]:{source.port} {:text}",
                 "smtp_probe", "failure", PROBE),
        Template(r"DNSBL rank {:int} for \[{source.address}\]:{source.port}", "smtp_listed", "failure", PROBE),
        Template(r"HANGUP after {:word} from \[{source.address}\]:{source.port} in tests {:text}", "smtp_hangup", "unknown", SESSION),
        Template(r"CONNECT from \[{source.address}\]:{source.port} to \[{:host}\]:{:port}", "smtp_connected", "unknown", SESSION),
    ),
)  # fmt: skip
