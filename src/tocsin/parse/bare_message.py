"""What stands around messages: the monitor's marks of sshd, the time of the kernel's ring."""

from __future__ import annotations

import re

_AROUND = (" [preauth]",)
_BEFORE = ("error: ", "fatal: ")
_RING = re.compile(r"(?:kernel: ?)?\[ *[0-9]{1,9}\.[0-9]{6}\]:? +")


def bare_message(message: str) -> str:
    """Return a message without what its program, or the kernel's ring, puts around it.

    >>> bare_message("error: Connection reset [preauth]")
    'Connection reset'
    """
    message = message.rstrip()
    ring = _RING.match(message)
    if ring is not None:
        message = message[ring.end() :]
    for tail in _AROUND:
        message = message.removesuffix(tail)
    for start in _BEFORE:
        if message.startswith(start):
            return message.removeprefix(start)
    return message
