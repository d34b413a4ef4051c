"""nfcapd files (NetFlow v5, v9, IPFIX as nfdump keeps them): exported as text by nfdump.

nfdump runs without a shell, in UTC, with a bound on its time and on its output; its CSV is
what is read, and what offsets and evidence refer to.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from typing import TYPE_CHECKING

from tocsin.collect.raw import RawFile
from tocsin.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

# nffile.h: magic 0xA50C, then the layout's version (1 or 2), in either byte order.
MAGICS = (b"\x0c\xa5\x01\x00", b"\x0c\xa5\x02\x00", b"\xa5\x0c\x00\x01", b"\xa5\x0c\x00\x02")
SECONDS_MAX = 600.0
_PIECE_BYTES = 1 << 20


class Exported(RawFile):
    """The text that nfdump made; the temporary file goes when this goes."""

    def __init__(self, text: tempfile._TemporaryFileWrapper[bytes]) -> None:
        super().__init__(text.name)
        self._text = text  # held: closing it deletes the file


def exported(path: str, *, spool_dir: Path | None, bytes_max: int) -> Exported:
    """Return an nfcapd file as CSV text; raises `InputError` when nfdump is missing or fails."""
    program = shutil.which("nfdump")
    if program is None:
        message = "is an nfcapd file, and nfdump is not installed: apt-get install nfdump"
        raise InputError(message, path=path, offset=0)
    text = tempfile.NamedTemporaryFile(dir=spool_dir, prefix="tocsin-nfdump-")  # noqa: SIM115
    with subprocess.Popen(  # noqa: S603
        [program, "-r", path, "-o", "csv"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={"TZ": "UTC", "LC_ALL": "C"},
    ) as child:  # fmt: skip
        watch = threading.Timer(SECONDS_MAX, child.kill)
        watch.start()
        try:
            while child.stdout is not None and (piece := child.stdout.read(_PIECE_BYTES)):
                text.write(piece)
                if text.tell() > bytes_max:
                    child.kill()
                    message = f"nfdump's text of it is more than {bytes_max:,} bytes"
                    raise InputError(message, path=path, offset=0)
        finally:
            watch.cancel()
    text.flush()
    if child.returncode != 0:
        message = f"is an nfcapd file that nfdump can't read (exit code {child.returncode})"
        raise InputError(message, path=path, offset=0)
    return Exported(text)
