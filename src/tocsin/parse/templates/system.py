"""What a host says of itself: accounts, privileges, cron, systemd, services that come and go.

Sources: shadow-utils, polkit, systemd (src/core, catalog), cron, PAM modules, each program's own source.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Template

_IAM, _PROCESS, _HOST = "iam", "process", "host"

FAMILIES = (
    Family("accounts", "accounts", (
        "useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "gpasswd", "passwd", "chpasswd", "chage",
        "adduser", "chfn", "chsh", "newusers",
    ), (
        Template("new user: name={user.target.name:word}, UID=0, {:text}", "user_created_root", "success", _IAM),
        Template("new user: name={user.target.name:word}, UID={user.target.id:word}, {:text}", "user_created", "success", _IAM),
        Template("new group: name={group.name:word}, GID={group.id:int}", "group_created", "success", _IAM),
        Template("<add|added> '{user.target.name:word}' to <shadow |>group '{group.name:word}'", "group_joined", "success", _IAM),
        Template("add '{user.target.name:word}' to <shadow |>group '{group.name:word}'{:text}", "group_joined", "success", _IAM),
        Template("user {user.target.name:word} added by {user.name:word} to group {group.name:word}", "group_joined", "success", _IAM),
        Template("user {user.target.name:word} removed by {user.name:word} from group {group.name:word}", "group_left", "success", _IAM),
        Template("change user '{user.target.name:word}' UID from '{:int}' to '0'", "user_made_root", "success", _IAM),
        Template("change user '{user.target.name:word}' {:text}", "user_changed", "success", _IAM),
        Template("delete user '{user.target.name:word}'", "user_deleted", "success", _IAM),
        Template("password for '{user.target.name:word}' changed by '{user.name:word}'", "password_changed", "success", _IAM),
        Template("password changed for {user.target.name:word}", "password_changed", "success", _IAM),
        Template("changed password expiry for {user.target.name:word}", "user_changed", "success", _IAM),
        Template("pam_unix({:word}): password changed for {user.target.name:word}", "password_changed", "success", _IAM),
        Template("failed adding user '{user.target.name:word}', {error.message}", "user_created", "failure", _IAM),
    )),
    Family("polkit", "polkit", ("polkitd", "pkexec", "polkit-agent-helper-1"), (
        Template("{user.name:word}: Executing command \\[USER={user.effective.name:word}\\] \\[TTY={:word}\\] \\[CWD={:text}\\] \\[COMMAND={process.command_line}\\]", "pkexec_command", "success", _IAM),
        Template("{user.name:word}: <The value for|Error executing command as another user>{error.message}", "pkexec_refused", "failure", _IAM),
        Template("Operator of {:text} FAILED to authenticate to gain authorization for action {:text}", "polkit_login", "failure"),
        Template("Operator of {:text} successfully authenticated as {user.effective.name:word} to gain {:text}", "polkit_login", "success"),
    )),
    Family("systemd", "systemd", ("systemd",), (
        Template("{service.name:word}: Main process exited, code=<killed|dumped>, status={:text}", "service_crashed", "failure", _PROCESS),
        Template("{service.name:word}: Main process exited, code=exited, status={process.exit_code:int}/{:text}", "service_failed", "failure", _PROCESS),
        Template("{service.name:word}: Failed with result '{error.message:word}'.", "service_failed", "failure", _PROCESS),
        Template("{service.name:word}: Scheduled restart job, restart counter is at {tocsin.restarts:int}.", "service_restarting", "failure", _PROCESS),
        Template("{service.name:word}: Service <|RestartSec={:word} expired>{:text}scheduling restart.", "service_restarting", "failure", _PROCESS),
        Template("{service.name:word}: Start request repeated too quickly.", "service_crash_loop", "failure", _PROCESS),
        Template("{service.name:word}: A process of this unit has been killed by the OOM killer.", "oom_kill", "failure", _PROCESS),
        Template("{service.name:word}: Watchdog timeout (limit {:word})!", "service_hung", "failure", _PROCESS),
        Template("{service.name:word}: <start|stop> operation timed out. {:text}", "service_hung", "failure", _PROCESS),
        Template("{service.name:word}: Unit entered failed state.", "service_failed", "failure", _PROCESS),
        Template("{service.name:word}: main process exited, code=<killed|dumped|exited>, status={:text}", "service_failed", "failure", _PROCESS),
        Template("Unit {service.name:word} entered failed state.", "service_failed", "failure", _PROCESS),
        Template("Failed to start {service.name:text}.", "service_start", "failure", _PROCESS),
        Template("Failed to start {service.name:word} - {:text}", "service_start", "failure", _PROCESS),
        Template("Dependency failed for {service.name:text}.", "service_start", "failure", _PROCESS),
        Template("Timed out waiting for device {:text}", "device_timeout", "failure", _HOST),
        Template("<Started|Starting|Stopped|Stopping|Finished|Reached target|Listening on|Created slice|Closed|Mounted|Unmounted|Removed slice|Reloading|Reloaded> {service.name}", "service_state", "unknown", _PROCESS),
        Template("{service.name:word}: {:text}", "service_message", "unknown", _PROCESS),
    )),
    Family("coredump", "systemd", ("systemd-coredump",), (
        Template("Process {:int} ({process.name:word}) of user {user.id:int} dumped core.", "process_crashed", "failure", _PROCESS),
        Template("Process {:int} ({process.name:word}) of user {user.id:int} dumped core.{:text}", "process_crashed", "failure", _PROCESS),
    )),
    Family("cron", "cron", ("anacron", "atd", "crontab", "cronie", "fcron"), (
        Template("({user.name:word}) CMD ({process.command_line})", "cron_command", "unknown", _PROCESS),
        Template("({user.name:word}) AUTH (crontab command not allowed)", "crontab_refused", "failure", "iam"),
        Template("({user.name:word}) REPLACE ({user.target.name:word})", "crontab_replaced", "success", "configuration"),
        Template("({user.name:word}) <BEGIN EDIT|END EDIT|LIST|DELETE> ({user.target.name:word})", "crontab_edited", "success", "configuration"),
        Template("Job `{:text}' <started|terminated>", "cron_command", "unknown", _PROCESS),
    )),
    Family("time", "time", ("chronyd", "ntpd", "systemd-timesyncd"), (
        Template("System clock wrong by {:text}", "clock_stepped", "failure", _HOST),
        Template("System clock was stepped by {:text}", "clock_stepped", "unknown", _HOST),
        Template("Can't synchronise: {error.message}", "clock_unsynchronised", "failure", _HOST),
    )),
    Family("log_daemon", "log_daemon", ("rsyslogd", "systemd-journald", "syslog-ng", "journald", "syslogd", "logrotate"), (
        Template("imuxsock{:text}begin to drop messages due to rate-limiting", "log_dropped", "failure", _HOST),
        Template("imjournal: {:int} messages lost due to rate-limiting{:text}", "log_dropped", "failure", _HOST),
        Template("Suppressed {tocsin.count} messages from {service.name:word}", "log_dropped", "failure", _HOST),
        Template("Missed {tocsin.count} kernel messages", "log_dropped", "failure", _HOST),
        Template("<action|omfwd>{:text}suspended{:text}", "log_forwarding", "failure", _HOST),
        Template("exiting on signal {:int}.", "log_stopped", "unknown", _HOST),
        Template('\\[origin software="rsyslogd"{:text}exiting on signal {:int}.', "log_stopped", "unknown", _HOST),
        Template("Journal stopped", "log_stopped", "unknown", _HOST),
        Template("File {:text} corrupted or uncleanly shut down, renaming and replacing.", "log_corrupted", "failure", _HOST),
        Template("Vacuuming done, freed {:text}", "log_vacuumed", "unknown", _HOST),
        Template("error: {error.message}", "logrotate", "failure", _HOST),
    )),
    Family("intrusion_tools", "intrusion_tools", ("fail2ban", "fail2ban.actions", "fail2ban-server", "fail2ban.filter", "sshguard", "scanlogd", "portsentry", "psad", "endlessh"), (
        Template("<|fail2ban.actions{:trusted}\\[{:int}\\]: ><NOTICE|WARNING><|  | >  \\[{fail2ban.jail:word}\\] <Ban|Found|Restore Ban> {source.address}", "address_banned", "unknown", PROBE),
        Template("<|fail2ban.actions{:trusted}\\[{:int}\\]: ><NOTICE|WARNING> \\[{fail2ban.jail:word}\\] <Ban|Restore Ban> {source.address}", "address_banned", "unknown", PROBE),
        Template("<|fail2ban.actions{:trusted}\\[{:int}\\]: ><NOTICE|WARNING> <| >\\[{fail2ban.jail:word}\\] Unban {source.address}", "address_unbanned", "unknown", _HOST),
        Template("INFO {:trusted}\\[{fail2ban.jail:word}\\] Found {source.address} {:text}", "address_found", "unknown", PROBE),
        Template('Blocking "{source.address}/{:int}" for {:text}', "address_banned", "unknown", PROBE),
        Template('Attack from "{source.address}" on service {:text}', "attack_reported", "unknown", PROBE),
        Template("Blocking {source.address:endpoint} for {:text}", "address_banned", "unknown", PROBE),
        Template("{source.address} to {:host} port<s|> {scan.ports:trusted}, {:text}", "port_scan_reported", "unknown", PROBE),
        Template("{source.address}:{source.port} to {:host} port<s|> {scan.ports:trusted}, {:text}", "port_scan_reported", "unknown", PROBE),
        Template("attackalert: <Connect|SYN/Normal scan|UDP scan|XMAS scan|FIN scan|NULL scan|Unknown type scan|TCP SYN/Normal scan> from host: {tocsin.claimed.host:word}/{source.address} to {:text}", "port_scan_reported", "unknown", PROBE),
        Template("attackalert: Host {source.address} has been blocked via {:text}", "address_banned", "unknown", PROBE),
        Template("scan detected: {source.address} -\\> {:text}", "port_scan_reported", "unknown", PROBE),
        Template("ACCEPT host={source.address} port={source.port} {:text}", "tarpit_connected", "failure", PROBE),
        Template("{@timestamp:stamp} ACCEPT host={source.address} port={source.port} {:text}", "tarpit_connected", "failure", PROBE),
        Template("{@timestamp:stamp} CLOSE host={source.address} port={source.port} {:text}", "tarpit_closed", "unknown", SESSION),
    )),
    Family("clamav", "clamav", ("clamd", "clamav", "freshclam", "clamscan"), (
        Template("{file.path:text}: {threat.name:word} FOUND", "malware_found", "failure", "malware"),
        Template("{file.path:text}: {threat.name:word}({:word}) FOUND", "malware_found", "failure", "malware"),
    )),
)  # fmt: skip
