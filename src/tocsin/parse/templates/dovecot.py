"""Dovecot: log-ins to IMAP, POP3, ManageSieve and submission, in syslog and in its own log.

``rip=`` is the client's address. Names pass ``auth_username_chars`` and hold no ``>`` nor comma; the
rest of a line is Dovecot's own. Source: Dovecot 1.x to 2.4, login-common and auth.
"""

from __future__ import annotations

from tocsin.parse.template import SESSION, Family, Layout, Template

_ACTIONS = {
    "imap": "imap_login", "pop3": "pop3_login", "managesieve": "sieve_login",
    "submission": "smtp_login",
}  # fmt: skip
_ENDS = (
    "user=<{user.name:text}>, method={:word}, rip={source.address}, {:text}",
    "user=<{user.name:text}>, method={:word}, rip={source.address}",
    "user=<{user.name:text}>, rip={source.address}, {:text}",
    "user=<{user.name:text}>, rip={source.address}",
    "method={:word}, rip={source.address}, {:text}",
    "rip={source.address}, {:text}",
    "rip={source.address}",
)
_WHY = (
    "auth failed", "tried to use ", "disconnected while ", "auth process ", "client didn't finish",
    "client sent an invalid cert", "no auth attempts", "auth service ", "proxy dest auth failed",
    "disconnected before ", "too many invalid ", "cert required",
)  # fmt: skip


def _protocol(name: str, action: str, *, is_named: bool = True) -> tuple[Template, ...]:
    start = f"{name}-login: <|Info: >" if is_named else "<|Info: >"
    return (
        *(Template(f"{start}<Login|Logged in>: {end}", action, "success") for end in _ENDS[:4]),
        *(
            Template(f"{start}{{:trusted}} ({why}{{:trusted}}): {end}", action, "failure")
            for why in _WHY[:5]
            for end in _ENDS
        ),
        *(Template(f"{start}Aborted login: {end}", action, "failure") for end in _ENDS),
        *(
            Template(f"{start}{{:trusted}}: {end}", f"{name}_closed", "failure", SESSION)
            for end in _ENDS
        ),
    )


_WORKER = tuple(
    Template(f"{start}{{:word}}({{user.name:word}},{{source.address}}{close} {what}", "mail_login",
             "failure", is_invalid_user="nown" in what)
    for start in ("auth{:trusted}: ", "auth{:trusted}: Info: ", "auth: <Info|Error|Warning>: ", "<Info|Error|Warning>: auth{:trusted}: ",
                  "auth{:trusted}: conn {:trusted}): auth-worker{:trusted}: ")
    for close in ("):", r",\<{:word}\>):")
    for what in (
        "unknown user", "unknown user{:text}",
        "pam_authenticate() failed: User not known to {:text}",
        "<Password mismatch|password mismatch>", "<Password mismatch|password mismatch>{:text}",
        "pam_authenticate() failed: {error.message}",
        "<invalid credentials|Invalid credentials|Authentication failure>",
        "<invalid credentials|Invalid credentials|Authentication failure>{:text}",
    )
)  # fmt: skip

TEMPLATES = (
    *(template for name, action in _ACTIONS.items() for template in _protocol(name, action)),
    *_WORKER,
    Template("<imap|pop3|lmtp|managesieve|submission>({user.name:word}): {:text}",
             "mail_session", "unknown", SESSION),
)  # fmt: skip

FAMILIES = (
    Family("dovecot", "dovecot", ("dovecot", "dovecot-auth"), TEMPLATES),
    *(
        Family(f"dovecot_{name}", "dovecot", (f"{name}-login",), _protocol(name, action, is_named=False))
        for name, action in _ACTIONS.items()
    ),
)  # fmt: skip
LAYOUTS = (
    Layout("dovecot", "dovecot", ("{@timestamp:stamp} {message}",), templates=TEMPLATES,
),
)  # fmt: skip
