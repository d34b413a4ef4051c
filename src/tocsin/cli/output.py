"""What commands print: data on stdout, words on stderr, nothing from an input unescaped."""

from __future__ import annotations

import json
import math
import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_ELLIPSIS, _DELETE = "…", "\x7f"
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}  # controls, bidi and zero-width, separators


def print_json(value: Any) -> None:
    """Print one JSON line on stdout; NaN and infinities become null, hidden characters escapes."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)
    if not text.isascii() or _DELETE in text:
        text = "".join(json.dumps(char)[1:-1] if _is_hidden(char) else char for char in text)
    print(text.replace(_DELETE, "\\u007f"))


def words(text: str) -> None:
    """Say something to the person, on stderr; only line feeds in it are obeyed."""
    print("\n".join(safe(line) for line in text.split("\n")), file=sys.stderr)


def safe(text: str) -> str:
    r"""Return text in which nothing can move the cursor or reorder the line.

    >>> safe("web01" + chr(27) + "[2J")
    'web01\\x1b[2J'
    """
    return "".join(_visible(char) for char in text)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN


def _visible(char: str) -> str:
    if not _is_hidden(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def print_table(rows: Sequence[Sequence[str]], *, header: Sequence[str]) -> None:
    """Print columns that fit the terminal; the widest column gives way.

    When stdout is no terminal nothing is cut: a file has no width. Cells are made `safe`.
    """
    lines = [tuple(header), *(tuple(safe(cell) for cell in row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - 2 * (len(widths) - 1)
        widest = max(range(len(widths)), key=lambda i: widths[i])
        widths[widest] = max(12, widths[widest] - max(0, sum(widths) - room))
    for line in lines:
        cells = (_fit(cell, width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _fit(cell: str, width: int) -> str:
    if len(cell) > width:
        return cell[: width - 1] + _ELLIPSIS
    return cell.ljust(width)
