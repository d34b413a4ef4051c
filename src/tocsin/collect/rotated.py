"""Find the files into which a growing file was rotated while nobody looked.

A rotation is a rename: ``auth.log`` becomes ``auth.log.1`` or ``auth.log-20261123``. Two of
them between two looks leave a file that was never seen under the followed name.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from tocsin.collect.decompress import compression_of

if TYPE_CHECKING:
    from collections.abc import Collection

_SEPARATORS = ".-"
_HEAD_BYTES = 256


def siblings(path: str) -> dict[int, str]:
    """Return the regular files beside ``path`` that bear its name and a suffix, by inode.

    Ordered by modification time, oldest first; empty if the folder is unreadable.
    """
    folder, name = os.path.split(path)
    found: list[tuple[int, int, str, int]] = []
    try:
        entries = list(os.scandir(folder or "."))
    except OSError:
        return {}
    for entry in entries:
        if not entry.name.startswith(tuple(name + mark for mark in _SEPARATORS)):
            continue
        # An entry may be renamed or removed while the folder is read; the rest still counts.
        with contextlib.suppress(OSError):
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                row = (status.st_mtime_ns, status.st_ctime_ns, entry.path, status.st_ino)
                found.append(row)
    return {inode: sibling for _, _, sibling, inode in sorted(found)}


def is_generation(path: str, beginnings: Collection[bytes]) -> bool:
    """Tell whether a sibling may be a rotated file rather than a copy or an archive.

    ``beginnings`` are the first bytes of files read before: "copy and truncate" leaves a
    copy of one under a new name.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    is_copy = any(beginning and head.startswith(beginning) for beginning in beginnings)
    return bool(head) and not is_copy and not compression_of(head)
