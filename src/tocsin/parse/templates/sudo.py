"""sudo: who ran what, and who was refused.

The summary line counts the refused passwords of one run; PAM's lines about the same run
are therefore not counted (see `tocsin.parse.templates.pam`).
"""

from __future__ import annotations

from tocsin.parse.template import REFUSED, REFUSED_COUNT, SUDO, Family, Template

_IAM = "iam"

FAMILY = Family(
    is_dense=True,
    name="sudo",
    dataset="sudo",
    programs=("sudo",),
    templates=(
        Template("{user.name:word} : TTY={:word} ; PWD={:text} ; USER={user.effective.name:word}"
                 " ; COMMAND={process.command_line}", "sudo_command", "success", _IAM),
        Template("{user.name:word} : PWD={:text} ; USER={user.effective.name:word}"
                 " ; COMMAND={process.command_line}", "sudo_command", "success", _IAM),
        Template("{user.name:word} : {tocsin.count} incorrect password attempt[s] ; {:text}",
                 "sudo_password", "failure", role=REFUSED_COUNT),
        Template("{user.name:word} : user NOT <in sudoers|authorized on host> ; {:text}",
                 "sudo_not_allowed", "failure", role=REFUSED),
        Template("{user.name:word} : command not allowed ; {:text}",
                 "sudo_command_not_allowed", "failure", _IAM),
        Template("{user.name:word} : a password is required ; {:text}",
                 "sudo_password_required", "failure"),
        Template("{user.name:word} : {error.message}", "sudo_message", "unknown", _IAM),
    ),
    service=SUDO,
)  # fmt: skip
