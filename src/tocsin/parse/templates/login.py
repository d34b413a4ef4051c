"""login, systemd-logind, cron and useradd: sessions and accounts, minimal forms."""

from __future__ import annotations

from tocsin.parse.template import LOGIN, REFUSED, REFUSED_COUNT, SESSION, Family, Template

FAMILY = Family(
    is_dense=True,
    name="login",
    dataset="login",
    programs=("login", "systemd-logind", "cron", "CRON", "crond", "CROND"),
    templates=(
        Template("FAILED LOGIN ({:int}) on {:word} FROM {source.address} FOR {user.name},"
                 " Authentication failure", "login_password", "failure", role=REFUSED),
        Template("FAILED LOGIN ({:int}) on '{:word}' from '{source.address}' FOR '{user.name}',"
                 " Authentication failure", "login_password", "failure", role=REFUSED),
        Template("FAILED LOGIN ({:int}) on '{:word}' FOR '{user.name}', Authentication failure",
                 "login_password", "failure", role=REFUSED),
        Template("FAILED LOGIN ({:int}) on {:word} FOR {user.name}, Authentication failure",
                 "login_password", "failure", role=REFUSED),
        Template("FAILED LOGIN <{:int}|SESSION> FROM {source.address} FOR {user.name}, {:text}",
                 "login_password", "failure", role=REFUSED),
        Template("TOO MANY LOGIN TRIES ({:int}) FROM {source.address} FOR {user.name}, {:text}",
                 "login_attempts_exceeded", "failure"),
        Template("{tocsin.count} LOGIN FAILURE[S] FROM {source.address}, {user.name}",
                 "login_password", "failure", role=REFUSED_COUNT),
        Template("{tocsin.count} LOGIN FAILURE[S] FROM {source.address}",
                 "login_password", "failure", role=REFUSED_COUNT),
        Template("REPEATED LOGIN FAILURES ON {:word} FROM {source.address}[, ]{user.name}",
                 "login_attempts_exceeded", "failure"),
        Template("invalid password for '{user.name}' on '{:word}' from '{source.address}'",
                 "login_password", "failure", role=REFUSED),
        Template("LOGIN_FAILED: Login failed for user {user.name} from host {source.address}",
                 "login_password", "failure"),
        Template("ROOT LOGIN ON {:word} FROM {source.address}", "login_root", "success"),
        Template("LOGIN ON {:word} BY {user.name:word} FROM {source.address}", "login", "success"),
        Template("ROOT LOGIN  on {:text}", "login_root", "success"),
        Template("LOGIN ON {:word} BY {user.name:word}", "login", "success"),
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
