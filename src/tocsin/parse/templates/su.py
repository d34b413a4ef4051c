"""su (util-linux, shadow, BSD, AIX): the account acted for is ``user.target.name``."""

from __future__ import annotations

from tocsin.parse.template import REFUSED, SU, SUCCESS, Family, Template

FAMILY = Family(
    is_dense=True,
    name="su",
    dataset="su",
    programs=("su", "su-l", "runuser"),
    templates=(
        Template("FAILED SU (to {user.target.name:word}) {user.name:word} on {:word}",
                 "su_password", "failure", role=REFUSED),
        Template("FAILED su for {user.target.name:word} by {user.name}",
                 "su_password", "failure", role=REFUSED),
        Template("BAD SU {user.name:word} to {user.target.name:word} on {:word}",
                 "su_password", "failure", role=REFUSED),
        Template("failed: {:word} changing from {user.name:word} to {user.target.name:word}",
                 "su_password", "failure", role=REFUSED),
        Template("Authentication failed for {user.name:word}", "su_password", "failure",
                 role=REFUSED),
        Template("(to {user.target.name:word}) {user.name:word} on {:word}",
                 "su_password", "success", role=SUCCESS),
        Template("Successful su for {user.target.name:word} by {user.name}",
                 "su_password", "success", role=SUCCESS),
        Template("'su {user.target.name:word}' failed for {user.name:word} on {:word}",
                 "su_password", "failure", role=REFUSED),
        Template("'su {user.target.name:word}' succeeded for {user.name:word} on {:word}",
                 "su_password", "success", role=SUCCESS),
        Template("+ {:word} {user.name:word}:{user.target.name}", "su_password", "success",
                 role=SUCCESS),
        Template("- {:word} {user.name:word}:{user.target.name}", "su_password", "failure",
                 role=REFUSED),
    ),
    service=SU,
)  # fmt: skip
