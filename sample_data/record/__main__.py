"""Record scenes: ``python -m record [--output FOLDER] SCENE...`` as root; see README.md."""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .attacks import record_scan, record_ssh_guessing, record_syn_flood
from .days import record_background_noise, record_calm_day
from .hosts import require_root
from .truth import Truth, update_truth

LOG = logging.getLogger("record")
SCENES: dict[str, Callable[[Path], list[Truth]]] = {
    "ssh-guessing": record_ssh_guessing,
    "scan": record_scan,
    "syn-flood": record_syn_flood,
    "calm-day": record_calm_day,
    "background-noise": record_background_noise,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Record the named scenes, or all, into a folder each, and note their truth."""
    parser = argparse.ArgumentParser(prog="record", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(SCENES)}")
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1])
    options = parser.parse_args(argv)
    if unknown := set(options.scenes) - set(SCENES):
        parser.error(f"unknown scene {min(unknown)!r}; known: {', '.join(SCENES)}")
    require_root()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("record: told to stop"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for scene in options.scenes or SCENES:
        folder: Path = options.output / scene
        folder.mkdir(parents=True, exist_ok=True)
        LOG.info("recording %s", scene)
        truths = SCENES[scene](folder)
        update_truth(options.output / "truth.json", truths)
        for truth in truths:
            LOG.info("recorded %s: %d records", truth.name, len(truth.times))


if __name__ == "__main__":
    main()
