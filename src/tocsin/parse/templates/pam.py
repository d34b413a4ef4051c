"""Linux-PAM's pam_unix, as any program may log it.

The remote user (``ruser``) is the remote side's word and stands before ``rhost``: unless
the program is sshd, which never fills it, `` rhost=`` must occur exactly once.
sshd, sudo and su log each refusal themselves, so here theirs is not counted again.
"""

from __future__ import annotations

from tocsin.parse.template import (
    NEUTRAL,
    REFUSED,
    SESSION,
    SSH,
    SU,
    SUDO,
    UNKNOWN,
    Family,
    Template,
)  # fmt: skip

_HEAD = "authentication failure; logname={:word} uid={:int} euid={:int} tty="
_LOCAL = (("sshd", SSH), ("sudo", SUDO), ("su", SU), ("su-l", SU))


def failures(prefix: str, *, service: int, role: int, head: str = _HEAD) -> tuple[Template, ...]:
    """Return the forms of a refusal: with and without a user name, with and without a host."""

    def one(tail: str) -> Template:
        return Template(prefix + head + tail, "pam_login", "failure", role=role, service=service)

    return (
        one("ssh ruser= rhost={source.address}  user={user.name}"),
        one("ssh ruser= rhost={source.address}"),
        one("{:word} ruser={tocsin.claimed.user:text} rhost= < |>user={user.name:word}"),
        one("{:word} ruser={tocsin.claimed.user:text} rhost={source.address} [ ]user={user.name}"),
        one("{:word} ruser={tocsin.claimed.user:text} rhost={source.address}"),
        one("{:word} ruser={tocsin.claimed.user:text} rhost="),
    )


def sessions(prefix: str) -> tuple[Template, ...]:
    """Return the forms of a session's beginning and end."""
    return (
        Template(
            prefix + "session opened for user {user.name:word}(uid={:int}) by {:text}",
            "session_opened", "success", SESSION,
        ),
        Template(
            prefix + "session opened for user {user.name:word} by {:text}",
            "session_opened", "success", SESSION,
        ),
        Template(
            prefix + "session closed for user {user.name}", "session_closed", "unknown", SESSION
        ),
    )  # fmt: skip


_MODULES = (
    Template("pam_unix(passwd:chauthtok): password changed for {user.target.name:word}",
             "password_changed", "success", "iam"),
    Template("pam_{:word}({:word}): user '{user.name}' denied access (incorrect password or"
             " invalid membership)", "pam_login", "failure"),
    Template("pam_{:word}({:word}): Consecutive login failures for user {user.name:word} account"
             " {:text}locked", "account_locked", "failure"),
    Template("pam_{:word}({:word}): user {user.name:word} ({:int}) tally {:int}, deny {:int}",
             "account_locked", "failure"),
    Template("pam_{:word}({:word}): access denied for user `{user.name}' from `{source.address}'",
             "pam_access", "failure"),
    Template("pam_{:word}({:word}): Refused user {user.name} for service {:word}",
             "pam_access", "failure"),
    Template("pam_ldap: error trying to bind as user {:text} (Invalid credentials)",
             "pam_login", "failure"),
    Template("Invalid verification code for {user.name}", "pam_login", "failure"),
    Template("Did not receive verification code from user", "pam_login", "failure"),
)  # fmt: skip
_OTHERS = (
    *_MODULES,
    Template("pam_unix({:word}): check pass; user unknown", "pam_unknown_user", "failure"),
    Template("pam_unix({:word}): {error.message:trusted}", "pam_message"),
    *failures("pam_unix: ", service=UNKNOWN, role=REFUSED),
    *failures("(pam_unix) ", service=UNKNOWN, role=REFUSED),
    Template(
        "PAM {tocsin.count} more authentication failure[s]; logname={:word} uid={:int}"
        " euid={:int} tty={:word} ruser= rhost={source.address}  user={user.name}",
        "pam_login", "failure",
    ),
    Template(
        "PAM {tocsin.count} more authentication failure[s]; logname={:word} uid={:int}"
        " euid={:int} tty={:word} ruser= rhost={source.address}",
        "pam_login", "failure",
    ),
)  # fmt: skip

FAMILY = Family(
    is_dense=True,
    name="pam",
    dataset="pam",
    programs=(),
    templates=(
        *(t for name, service in _LOCAL
          for t in failures(f"pam_unix({name}:auth): ", service=service, role=NEUTRAL)),
        *sessions("pam_unix({:word}): "),
        *failures("pam_unix({:word}): ", service=UNKNOWN, role=REFUSED),
        *failures("pam_{:word}({:word}): ", service=UNKNOWN, role=NEUTRAL),
        *_OTHERS,
    ),
    is_shared=True,
    is_bare=True,
)  # fmt: skip
