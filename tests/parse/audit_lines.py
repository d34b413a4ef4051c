"""Audit records as auditd writes them."""

from __future__ import annotations


def hexed(text: str) -> str:
    """Return a text as auditd writes one that holds anything odd."""
    return text.encode().hex().upper()


def quoted(text: str) -> str:
    """Return a text in quotation marks, or in hexadecimal where it must be."""
    is_plain = bool(text) and all(33 <= ord(sign) < 127 and sign != '"' for sign in text)
    return f'"{text}"' if is_plain else hexed(text)


def execution(
    arguments: list[str], *, exe: str, serial: int = 1001, uid: int = 1000, key: str = "(null)"
) -> list[str]:
    """Return the records of one execution, each with its line feed."""
    head = f"msg=audit(1795412460.123:{serial}):"
    told = " ".join(f"a{n}={quoted(one)}" for n, one in enumerate(arguments))
    return [
        f"type=SYSCALL {head} arch=c000003e syscall=59 success=yes exit=0 a0=55d5 a1=55e0 a2=5600 a3=8"
        f" items=2 ppid=900 pid=901 auid=1000 uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid}"
        f" egid={uid} sgid={uid} fsgid={uid} tty=pts0 ses=4 comm={quoted(exe.rsplit('/', 1)[-1][:15])}"
        f" exe={quoted(exe)} subj=unconfined key={key}\n",
        f"type=EXECVE {head} argc={len(arguments)} {told}\n",
        f'type=CWD {head} cwd="/home/alice"\n',
        f"type=PATH {head} item=0 name={quoted(exe)} inode=42 dev=fd:00 mode=0100755 ouid=0 ogid=0"
        " rdev=00:00 nametype=NORMAL cap_fp=0\n",
        f"type=PROCTITLE {head} proctitle={hexed(chr(0).join(arguments))}\n",
    ]
