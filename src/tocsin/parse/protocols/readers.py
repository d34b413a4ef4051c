"""The readers there are, in the order in which they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.parse.protocols.http import HttpReader

if TYPE_CHECKING:
    from tocsin.parse.protocols.segments import Reader

READERS: tuple[type[Reader], ...] = (HttpReader,)
