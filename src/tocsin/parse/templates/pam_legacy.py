"""pam_unix before Linux-PAM 1.0: ``sshd(pam_unix)[15794]: authentication failure; ...``."""

from __future__ import annotations

from tocsin.parse.template import REFUSED, REFUSED_COUNT, UNKNOWN, Family, Template
from tocsin.parse.templates.pam import failures, sessions

FAMILY = Family(
    is_dense=True,
    name="pam_legacy",
    dataset="pam",
    programs=("(pam_unix)",),
    templates=(
        *failures("", service=UNKNOWN, role=REFUSED),
        *(
            Template(
                "{tocsin.count} more authentication failure[s]; logname={:word} uid={:int}"
                " euid={:int} tty={:word} ruser= rhost={source.address}" + end,
                "pam_login", "failure", role=REFUSED_COUNT,
            )
            for end in ("  user={user.name}", "")
        ),
        *sessions(""),
        Template("check pass; user unknown", "pam_unknown_user", "failure"),
    ),
)  # fmt: skip
