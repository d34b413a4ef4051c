"""Which program wrote an entry of the journal, by what no sender can write.

The journal adds ``_UID``, ``_EXE``, ``_SYSTEMD_UNIT`` and ``_TRANSPORT`` itself. ``_COMM`` is the
name that a process gave itself, and ``SYSLOG_IDENTIFIER`` whatever it says: root's are believed,
another user's only as far as the program's file or unit bears them out. So ``logger -t sshd`` and a
program that renames itself speak for nobody. Source: systemd.journal-fields(7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.parse.named_values import Values

_SYSTEM_UIDS = 1000
_COMM_MAX = 15  # the kernel cuts names there
_OF_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/snap/", "/nix/store/")
_OTHERS = ("/usr/local/tmp/", "/usr/tmp/")
# They act for users, with root's rights; the journal names the user who called them.
_SET_UID = frozenset(
    ("sudo", "su", "passwd", "pkexec", "chsh", "chfn", "newgrp", "crontab", "doas")
)
_WRITERS = frozenset(("logger", "systemd-cat"))
_INTERPRETERS = ("python", "perl", "ruby", "node", "java", "php")


def journal_program(values: Values) -> str:
    """Return the program that wrote an entry, empty when that can't be told."""
    transport = values.text("_TRANSPORT")
    if transport in {"kernel", "audit"}:
        return transport
    if values.twice & {"_COMM", "_UID", "_EXE"}:
        return ""
    comm, said = values.text("_COMM"), values.text("SYSLOG_IDENTIFIER")
    uid, unit = (
        values.text("_UID"),
        values.text("_SYSTEMD_UNIT").partition(".")[0].partition("@")[0],
    )
    exe = values.text("_EXE").removesuffix(" (deleted)")
    is_installed = exe.startswith(_OF_SYSTEM) and not exe.startswith(_OTHERS)
    name = exe.rsplit("/", 1)[-1] if is_installed else ""
    if comm in _WRITERS or name in _WRITERS:
        return comm or name
    is_system = uid.isascii() and uid.isdigit() and int(uid) < _SYSTEM_UIDS
    is_unit = bool(said) and is_system and _is_same(said, unit)
    if uid in {"", "0"} or _is_same(name, comm) or (not exe and comm in _SET_UID):
        is_script = uid == "0" and (not comm or comm.startswith(_INTERPRETERS))
        return said if said and (_is_same(said, comm) or is_unit or is_script) else comm
    if is_unit:
        return said
    return comm if is_system and _is_same(unit, comm) else name


def _is_same(name: str, comm: str) -> bool:
    """Tell whether a name is that of a process, as the kernel cuts it.

    >>> _is_same("systemd-networkd", "systemd-network"), _is_same("postfix/smtpd", "smtpd")
    (True, True)
    """
    name, comm = name.lower(), comm.lower()
    first, last = name.split("/", 1)[0], name.rsplit("/", 1)[-1]
    return bool(comm) and comm in {first, last, last[:_COMM_MAX]}
