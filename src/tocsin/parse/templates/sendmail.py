r"""Sendmail's daemon, under the names that distributions give it.

``relay=`` is written last but the reason, as ``name [address]`` with what the reverse DNS says before it;
``(may be forged)`` says that it does not lead back. Arguments of the client stand before it, so
``, relay=`` must stand once. Source: Sendmail 8.x Installation and Operation Guide, srvrsmtp.c.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Template

_RELAYS = (  # what begins with the address comes first: nothing can stand before it
    r"\[{source.address}\] (may be forged)",
    r"\[{source.address}\]",
    r"{tocsin.claimed.host:word} \[{source.address}\] (may be forged)",
    r"{tocsin.claimed.host:word} \[{source.address}\]",
)
_REJECTS = (
    ("smtp_relay_refused", "{smtp.status:word} {:text}Relaying denied{:text}"),
    ("smtp_user_unknown", "{smtp.status:word} {:text}User unknown{:text}"),
    ("smtp_user_unknown", "{smtp.status:word} {:text}User unknown"),
    ("smtp_rate_limited", "{smtp.status:word} {:text}<Connection rate limit exceeded.|Too many open connections.>{:text}"),
    ("smtp_rate_limited", "{smtp.status:word} {:text}<Connection rate limit exceeded.|Too many open connections.>"),
    ("smtp_rejected", "{error.message}"),
)  # fmt: skip


def _both(line: str, action: str, outcome: str, category: str) -> tuple[Template, ...]:
    """Return a form with and without a queue identifier before it."""
    return (
        Template(line, action, outcome, category),
        Template("{smtp.queue:word}: " + line, action, outcome, category),
    )


TEMPLATES = (
    *(
        one
        for relay in _RELAYS
        for action, reject in _REJECTS
        for one in _both(f"ruleset={{:word}}, {{:text}}, relay={relay}, reject={reject}", action, "failure", PROBE)
    ),
    *(
        one
        for relay in _RELAYS
        for line, action, outcome, category in (
            (f"AUTH failure ({{:trusted}}): {{:trusted}}, user={{user.name}}, relay={relay}", "smtp_login", "failure", "authentication"),
            (f"AUTH failure {{:text}}, relay={relay}", "smtp_login", "failure", "authentication"),
            (f"AUTH=server, relay={relay}, authid={{user.name:text}}, mech={{:word}}, bits={{:int}}", "smtp_login", "success", "authentication"),
            (f"rejecting commands from {relay} due to {{error.message}}", "smtp_probe", "failure", PROBE),
            (f"rejecting commands from  {relay} due to {{error.message}}", "smtp_probe", "failure", PROBE),
            (f"{relay}: possible SMTP attack: command={{smtp.command:word}}, count={{tocsin.tries:int}}", "smtp_login_attack", "failure", PROBE),
            (f"{relay}: <expn|vrfy|EXPN|VRFY> {{:text}}\\[rejected\\]", "smtp_probe", "failure", PROBE),
            (f"{relay}: Possible SMTP RCPT flood, throttling.", "smtp_flood", "failure", PROBE),
            (f"{relay} did not issue MAIL/EXPN/VRFY/ETRN during connection to {{:word}}", "smtp_nothing", "unknown", SESSION),
            (f"timeout waiting for input from {relay} during {{:text}}", "smtp_timeout", "unknown", SESSION),
            (f"lost input channel from {relay} to {{:word}} after {{:word}}", "smtp_lost", "unknown", SESSION),
            (f"from={{smtp.sender:word}}, {{:text}}, relay={relay}", "smtp_received", "unknown", SESSION),
            (f"STARTTLS=server, relay={relay}, {{:text}}", "smtp_tls", "unknown", SESSION),
            (f"Milter: {{:text}}, relay={relay}, reject={{error.message}}", "smtp_rejected", "failure", PROBE),
        )
        for one in _both(line, action, outcome, category)
    ),
    *_both(r"ruleset=check_relay, arg1={:word}, arg2={source.address}, relay={:text}", "smtp_rejected", "failure", PROBE),
)  # fmt: skip

FAMILY = Family(
    "sendmail", "sendmail",
    ("sendmail", "sm-mta", "sm-msp-queue", "sm-acceptingconnections", "sendmail-in", "mta"),
    TEMPLATES,
)  # fmt: skip
