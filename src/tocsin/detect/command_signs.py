"""What commands say that sudo, pkexec, cron or auditd tell of; every pattern takes linear time.

Sources: MITRE ATT&CK T1070.002 and .003 (logs and history cleared), T1562.001 and .012 (loggers
stopped), T1098.004 (authorized_keys), T1053.003 (cron), T1543.002 (systemd), T1548.001 (setuid),
T1574.006 (ld.so.preload), T1136.001 (accounts), T1548.003 (sudoers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.patterns import pattern
from tocsin.detect.signs import WEAK, Sign

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_LOGS = (
    r"/var/log/(?:auth\.log|secure|syslog|messages|kern\.log|wtmp|btmp|utmp|lastlog|faillog|tallylog|"
    r"sudo\.log|audit(?:/audit\.log|/?(?=[\s;\"'*]|$))|journal|\*|(?=[\s;\"'*]|$))(?=[\s;\"'*/]|$)"
)
_LOGGERS = r"(?:rsyslogd?|syslog(?:-ng|d)?|systemd-journald|auditd|auditbeat|filebeat|wazuh-agent|ossec\w*|falco|osqueryd?|tocsin\w*)"
_PART = r"(?:^|[\s/;&|\"'(])"
_Row = tuple[str, str, str, "re.Pattern[str]"]

TAMPERING: tuple[_Row, ...] = (
    ("log_cleared", "a log of the system was cleared or removed", "medium", pattern(
        rf"{_PART}(?:rm|shred|unlink|truncate|srm|wipe)\s[^|;&]{{0,200}}{_LOGS}"
        rf"|(?:>|tee|cp /dev/null|cat /dev/null\s*>|dd if=/dev/(?:null|zero) of=)\s*{_LOGS}"
        r"|ln\s+-\w{0,4}s\w{0,4}\s+/dev/null\s+/var/log/")),
    ("history_cleared", "the history of a shell was removed or turned off", "medium", pattern(
        rf"{_PART}history\s+-[cw]|unset\s+HISTFILE|HISTFILE=/dev/null|HISTSIZE=0"
        rf"|{_PART}(?:rm|shred|truncate|ln)\s[^|;&]{{0,120}}\.(?:bash|zsh|ash|sh|python|mysql|psql)_history"
        r"|>\s*\S{0,80}\.(?:bash|zsh)_history|/dev/null\s+\S{0,80}_history")),
    ("logger_stopped", "a logger was stopped", "medium", pattern(
        rf"systemctl\s+(?:--\S+\s+){{0,3}}(?:stop|disable|mask|kill)\s+(?:--\S+\s+){{0,3}}{_LOGGERS}"
        rf"|(?:service|rc-service|/etc/init\.d/)\s{{0,4}}{_LOGGERS}\s+stop"
        rf"|{_PART}(?:pkill|killall|kill)\s+(?:-\S+\s+){{0,3}}{_LOGGERS}\b")),
    ("audit_rules_removed", "auditing was turned off", "medium", pattern(
        rf"{_PART}auditctl\s+(?:-e\s*0|-D)(?:\s|$)|{_PART}setenforce\s+0"
        rf"|{_PART}(?:aa-teardown|aa-disable|aa-complain)\b")),
    ("journal_vacuumed", "the journal was emptied", "medium", pattern(
        r"journalctl\s[^|;&]{0,80}--vacuum-(?:time=[0-9]{1,2}(?:s|m|min|h)?|size=[0-9]{1,2}[KM]?|files=1)(?:\s|$)")),
    ("clock_set", "the clock was set by hand", WEAK, pattern(
        rf"{_PART}(?:date\s+(?:-s|--set|[0-9]{{8,12}})|timedatectl\s+set-time|hwclock\s[^|;&]{{0,40}}--set|"
        r"timedatectl\s+set-ntp\s+(?:0|no|false))")),
)  # fmt: skip
PERSISTING: tuple[_Row, ...] = (
    ("preload", "a library that every program loads was set", "medium", pattern(r"/etc/ld\.so\.preload")),
    ("setuid", "a program was made setuid", "medium", pattern(
        rf"{_PART}chmod\s+(?:-\S+\s+){{0,3}}(?:[ugoa]{{0,4}}\+[rwxt]{{0,4}}s|0?[2467][0-7]{{3}})\s"
        rf"|{_PART}install\s[^|;&]{{0,80}}-m\s*0?[46][0-7]{{3}}|{_PART}setcap\s+cap_(?:setuid|sys_admin|dac_override|sys_ptrace)")),
    ("authorized_key", "an authorised key of SSH was changed", "low", pattern(r"authorized_keys")),
    ("cron_written", "a job of cron was written", WEAK, pattern(
        rf"(?:{_PART}(?:tee|cp|mv|install|sed\s+-i|nano|vi|vim|ed)\s[^|;&]{{0,200}}|>\s*)/(?:etc/cron|var/spool/cron)"
        rf"|{_PART}crontab\s+(?:-e|-u\s+\S+\s+(?:-e|/|-)|-(?:\s|$)|/\S)")),
    ("unit_written", "a unit of systemd was written or enabled", WEAK, pattern(
        rf"(?:{_PART}(?:tee|cp|mv|install|ln|nano|vi|vim)\s[^|;&]{{0,200}}|>\s*)/(?:etc|usr/lib|lib|run)/systemd/(?:system|user)/"
        rf"|systemctl\s+(?:--\S+\s+){{0,3}}(?:enable|link|edit)\s")),
    ("start_file_written", "a file that runs at log-in or start was written", WEAK, pattern(
        rf"(?:{_PART}(?:tee|cp|mv|sed\s+-i|nano|vi|vim)\s[^|;&]{{0,200}}|>>?\s*)\S{{0,60}}(?:/etc/rc\.local|/etc/profile|"
        r"\.bashrc|\.bash_profile|\.profile|/etc/pam\.d/|/etc/update-motd\.d/|/etc/init\.d/|/etc/ssh/sshd_config)")),
    ("account_made", "an account was made or given a password", WEAK, pattern(
        rf"{_PART}(?:useradd|adduser|newusers|chpasswd)\b|{_PART}passwd\s+(?!-[Sl])\S|{_PART}usermod\s[^|;&]{{0,80}}-[ps]")),
)  # fmt: skip
PRIVILEGED: tuple[_Row, ...] = (
    ("sudoers_written", "who may use sudo was changed", "low", pattern(
        rf"{_PART}visudo(?!\s+-c)|(?:{_PART}(?:tee|cp|mv|install|sed\s+-i|chmod|nano|vi|vim)\s[^|;&]{{0,200}}|>>?\s*)/etc/sudoers")),
    ("made_root", "an account was given the identity of root", "high", pattern(
        rf"{_PART}(?:useradd|adduser|usermod)\s[^|;&]{{0,120}}(?:-ou?\s+0|-uo?\s+0|--uid[\s=]0)(?:\s|$)")),
)  # fmt: skip
# What no job of cron and no unit needs to do.
SUSPICIOUS = pattern(
    r"(?:curl|wget|fetch|lwp-download)\s[^;&]{0,300}\|\s{0,4}(?:ba|da|z|k)?sh\b|base64\s+(?:-d|--decode)"
    r"|/dev/(?:tcp|udp)/|bash\s+-i\b|\bn(?:c|cat|etcat)\s[^|;&]{0,60}-[a-z]{0,4}e\b|socat\s[^|;&]{0,200}exec:"
    r"|(?:/tmp|/dev/shm|/var/tmp)/\.|python[23]?\s+-c\s[^;]{0,80}(?:socket|base64)|perl\s+-e\s[^;]{0,80}socket"
    r"|mkfifo\s+/tmp|xmrig|stratum\+tcp"
)  # fmt: skip


def signs_in(command: str, rows: tuple[_Row, ...]) -> Iterator[Sign]:
    """Yield the signs among ``rows`` that a command is."""
    text = command[:2048]
    for name, words, level, what in rows:
        if what.search(text) is not None:
            yield Sign(name, words, level)
