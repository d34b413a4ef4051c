"""Regular expressions that are compiled when they are first asked.

A detector module may hold dozens, of which a quiet network needs none; compiling them all
took a fifth of the program's start.
"""

from __future__ import annotations

import re
from typing import Any, cast

_ASKED = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split", "pattern")


class _Later:
    """Stands for a pattern until somebody asks it something."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _ASKED:
            raise AttributeError(name)
        compiled = re.compile(self._text, self._flags)
        for method in _ASKED:  # from now on this class is in nobody's way
            setattr(self, method, getattr(compiled, method))
        return getattr(self, name)


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what answers as the compiled pattern does; raises `re.error` at the first use."""
    return cast("re.Pattern[str]", _Later(text, flags))


def bytes_pattern(text: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """Return what answers as the compiled pattern of bytes does; see `pattern`."""
    return cast("re.Pattern[bytes]", _Later(text, flags))
