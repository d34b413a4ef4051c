"""What each recorded file holds, in the form that ``tocsin evaluate`` reads."""

import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

GAP_S = 300.0


@dataclass(frozen=True, slots=True)
class Attack:
    """The labelled attack of a file; times in seconds since the epoch."""

    kinds: tuple[str, ...]
    attackers: tuple[str, ...]
    victims: tuple[str, ...]
    times: Sequence[float]
    also: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of one file; ``times`` are the stamps of all its records."""

    name: str
    label: str
    times: Sequence[float]
    note: str
    attack: Attack | None = None

    def entry(self) -> dict[str, Any]:
        """Return the file's entry of a truth document."""
        stamps = sorted(self.times)
        attack = self.attack
        is_log = ".pcap" not in self.name
        # A log is watched all the time that it covers; a capture counts without its long gaps.
        idle_s = 0.0 if is_log else sum(b - a for a, b in pairwise(stamps) if b - a > GAP_S)
        return {
            "label": self.label,
            "kinds": list(attack.kinds) if attack else [],
            "attackers": list(attack.attackers) if attack else [],
            "victims": list(attack.victims) if attack else [],
            "start": stamps[0],
            "end": stamps[-1],
            "attack_start": min(attack.times) if attack else None,
            "attack_end": max(attack.times) if attack else None,
            "active_s": round(stamps[-1] - stamps[0] - idle_s, 1),
            "decidable": True,
            "also": list(attack.also) if attack else [],
            "records": len(stamps),
            "note": self.note,
        }


def update_truth(path: Path, truths: Sequence[Truth]) -> None:
    """Put the entries of newly recorded files into a truth file, the others stay."""
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        document: dict[str, Any] = {"about": "see README.md", "files": {}}
        if text:
            document = json.loads(text)
        for truth in truths:
            document["files"][truth.name] = truth.entry()
        document["files"] = dict(sorted(document["files"].items()))
        file.truncate(0)
        file.write(json.dumps(document, indent=1) + "\n")
