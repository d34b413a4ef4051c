"""login, systemd-logind, cron and useradd: sessions and accounts, minimal forms."""

from __future__ import annotations

from tocsin.parse.template import LOGIN, REFUSED, SESSION, Family, Template

FAMILY = Family(
    is_dense=True,
    name="login",
    dataset="login",
    programs=("login", "systemd-logind", "cron", "CRON", "crond", "CROND"),
    templates=(
        Template("FAILED LOGIN ({:int}) on {:word} FROM {source.address} FOR {user.name},"
                 " Authentication failure", "login_password", "failure", role=REFUSED),
        Template("FAILED LOGIN ({:int}) on {:word} FOR {user.name}, Authentication failure",
                 "login_password", "failure", role=REFUSED),
        Template("ROOT LOGIN  on {:text}", "login_root", "success"),
        Template("LOGIN ON {:word} BY {user.name}", "login", "success"),
        Template("New session {:word} of user {user.name}.", "session_new", "success", SESSION),
        Template("New session '{:word}' of user '{user.name}'{:text}", "session_new",
                 "success", SESSION),
        Template("Session {:word} logged out. Waiting for processes to exit.", "session_end",
                 "unknown", SESSION),
        Template("Removed session {:word}.", "session_end", "unknown", SESSION),
        Template("New seat {:word}.", "host_started", "unknown", "process"),
        Template("System is {host.state:text}.", "host_stopping", "unknown", "process"),
        Template("The system will <reboot|power off|halt> now!", "host_stopping", "unknown", "process"),
        Template("({user.name:word}) CMD ({process.command_line})", "cron_command", "unknown",
                 "process"),
    ),
    service=LOGIN,
)  # fmt: skip
