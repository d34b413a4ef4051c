"""The ways that lead to an open case: its dedup key, its episodes, its parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.addresses import net_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.incidents.case import Case


class Ways:
    """Finds open cases; holds no more than the cases that it was given hold themselves."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, ...], Case] = {}
        self._by_episode: dict[tuple[str, str], Case] = {}
        self._by_party: dict[tuple[str, str], list[Case]] = {}

    def of_key(self, key: tuple[str, ...]) -> Case | None:
        """Return the case with a dedup key."""
        return self._by_key.get(key)

    def of_episode(self, site: str, episode: str) -> Case | None:
        """Return the case that an episode of a detector belongs to."""
        return self._by_episode.get((site, episode))

    def of_party(self, site: str, party: str) -> Sequence[Case]:
        """Return the cases that a party (or a network of parties) has a part in."""
        return self._by_party.get((site, party), ())

    def add_key(self, case: Case) -> None:
        """Let the case be found by its key; a later case with the same key takes its place."""
        self._by_key[case.key] = case

    def rekey(self, case: Case, key: tuple[str, ...]) -> None:
        """Give a case another key."""
        self._by_key.pop(case.key, None)
        case.key = key
        self._by_key[key] = case

    def add_episode(self, case: Case, episode: str) -> None:
        """Let the case be found by an episode, if it counts it."""
        if episode in case.totals:
            self._by_episode[(case.site, episode)] = case

    def add_party(self, case: Case, party: str) -> None:
        """Let the case be found by a party."""
        cases = self._by_party.setdefault((case.site, party), [])
        if case not in cases:
            cases.append(case)

    def drop_party(self, case: Case, party: str) -> None:
        """Let the case be found by a party no longer."""
        cases = self._by_party.get((case.site, party), [])
        if case in cases:
            cases.remove(case)
        if not cases:
            self._by_party.pop((case.site, party), None)

    def drop(self, case: Case) -> None:
        """Let the case be found no longer."""
        if self._by_key.get(case.key) is case:
            del self._by_key[case.key]
        for episode in case.totals:
            self._by_episode.pop((case.site, episode), None)
        nets = {net_of(victim) for victim in case.victims}
        for party in (*case.attackers, *case.victims, *case.hosts, *case.key, *nets):
            self.drop_party(case, party)
