"""The parties of a case, in the order in which they were met, however many an attack brings.

Up to `KEPT_MAX` names are kept as they are. Beyond it the names with the smallest keyed hashes
stay, whatever the order in which they came, and the distinct total is estimated from the largest
of those (bottom-k sketch: Bar-Yossef et al., RANDOM 2002; standard error 1 / sqrt(k - 2)).
"""

from __future__ import annotations

import heapq
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEPT_MAX = 16_384
_HASHES = 1 << 64


class Parties:
    """An ordered, bounded set of names with the number of all that were ever added."""

    def __init__(self, names: Iterable[str] = (), *, kept_max: int = KEPT_MAX) -> None:
        self._kept: dict[str, None] = {}
        self._largest: list[tuple[int, str]] | None = None  # by falling hash; from the bound on
        self._kept_max = kept_max
        self.add(names)

    def add(self, names: Iterable[str]) -> tuple[str, ...]:
        """Add names; return those that had to go, never one that stays."""
        gone: list[str] = []
        for name in names:
            if name in self._kept:
                continue
            if self._largest is None and len(self._kept) >= self._kept_max:
                self._largest = [(-_hash(one), one) for one in self._kept]
                heapq.heapify(self._largest)
            if self._largest is not None:
                entry = (-_hash(name), name)
                if entry < self._largest[0]:
                    gone.append(name)
                    continue
                _, dropped = heapq.heapreplace(self._largest, entry)
                del self._kept[dropped]
                gone.append(dropped)
            self._kept[name] = None
        return tuple(gone)

    def clear(self) -> None:
        """Forget all names."""
        self._kept.clear()
        self._largest = None

    @property
    def total(self) -> int:
        """How many distinct names were added: exact below the bound, estimated beyond it."""
        if self._largest is None:
            return len(self._kept)
        return round((self._kept_max - 1) * _HASHES / (1 - self._largest[0][0]))

    def holds_all(self, names: Iterable[str]) -> bool:
        """Tell whether every one of ``names`` is kept."""
        return all(name in self._kept for name in names)

    def holds_any(self, names: Iterable[str]) -> bool:
        """Tell whether one of ``names`` is kept."""
        return any(name in self._kept for name in names)

    def are_only(self, names: Iterable[str]) -> bool:
        """Tell whether nobody but ``names`` was ever added."""
        return self._largest is None and self._kept.keys() <= set(names)

    def state(self) -> dict[str, object]:
        """Return the names as plain values, and whether others had to go."""
        return {"names": list(self._kept), "is_full": self._largest is not None}

    @classmethod
    def restored(cls, state: dict[str, object], *, kept_max: int = KEPT_MAX) -> Parties:
        """Return what `state` described."""
        names = state["names"]
        assert isinstance(names, list)  # noqa: S101 - our own checkpoint, verified by its hash
        one = cls(names, kept_max=kept_max)
        if state["is_full"]:
            one._largest = [(-_hash(name), name) for name in one._kept]
            heapq.heapify(one._largest)
        return one

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: object) -> bool:
        return name in self._kept


def _hash(name: str) -> int:
    data = name.encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(data, digest_size=8, key=b"tocsin.parties").digest(), "big")
