"""What tests of message detectors share: run one, and say briefly what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.testing.attacks import attacks_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.episodes import MessageDetector


def judged(cls: type[MessageDetector], rows: Sequence[Message]) -> list[Detection]:
    return list(cls(Policy("rule", Parameters())).judge(rows, source="capture.pcap"))  # type: ignore[attr-defined]


def attacked(cls: type[MessageDetector]) -> list[Detection]:
    return judged(cls, attacks_on(cls.name, first=0, copies=1))
