"""Text of unknown origin made harmless to look at: what hides or reorders is spelt out.

HTML escaping keeps such text out of the markup; it does not keep it from lying. Controls
and ANSI sequences, direction overrides (the "Trojan Source" trick, CVE-2021-42574),
zero-width and blank look-alike characters are therefore written as escapes.
"""

from __future__ import annotations

import unicodedata
from typing import Any

TEXT_MAX = 400
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Zl", "Zp", "Zs"})
# Letters and marks by category, but with no ink: fillers, joiners, variation selectors.
_BLANK = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
_MARKS_MAX = 2  # more combining marks on one letter cover the lines around


class Visible(str):
    """Text that was made visible already, to a length of its own; still to be escaped."""

    __slots__ = ()


def visible(text: str, *, chars_max: int = TEXT_MAX) -> str:
    r"""Return text with nothing hidden, at most ``chars_max`` characters and an ellipsis.

    >>> visible("bob" + chr(0x202E) + "nimda" + chr(27) + "[2J")
    'bob\\u202enimda\\x1b[2J'
    """
    parts: list[str] = []
    marks = 0
    length = 0
    for char in text[: chars_max + 1]:
        marks = marks + 1 if unicodedata.category(char) == "Mn" else 0
        part = _escape(char) if _is_hidden(char) or marks > _MARKS_MAX else char
        length += len(part)
        if length > chars_max:
            return "".join(parts) + "…"
        parts.append(part)
    return "".join(parts)


def visible_bytes(raw: bytes, *, chars_max: int = TEXT_MAX) -> str:
    r"""Return a raw line as text; what is not UTF-8 stands as ``\xNN``; no line end.

    >>> visible_bytes(b"Failed password for caf\xe9\n")
    'Failed password for caf\\xe9'
    """
    head = raw[: 4 * chars_max + 4].rstrip(b"\r\n")
    return visible(head.decode("utf-8", "backslashreplace"), chars_max=chars_max)


def finalize(value: Any) -> Any:
    """Make every value that a template prints visible; markup of our own passes.

    Given to Jinja2 as ``finalize``, so that no template can forget it.
    """
    if value is None:
        return ""
    if isinstance(value, Visible) or hasattr(value, "__html__"):
        return value
    return visible(str(value))


def _is_hidden(char: str) -> bool:
    if " " <= char <= "~":
        return False
    return unicodedata.category(char) in _HIDDEN or ord(char) in _BLANK


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:  # noqa: PLR2004 - one byte
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004
