"""``tocsin model list|show|train|verify``: the models that learned detectors judge with."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.cli.output import print_json, words
from tocsin.core.errors import TocsinError, UsageError
from tocsin.core.times import rfc3339
from tocsin.kernels import layouts
from tocsin.store.models import (
    ModelCard,
    find_model,
    list_models,
    read_card,
    shipped_folder,
    write_model,
)

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

_MADE_UP = "some of its calm windows were made up by a generator, not recorded; see data"
_HASH_BYTES = 1 << 20
_SYNTHETIC_SEED = 20_261_123
_LIMITS = (
    "says that a minute is unlike its training data, never that it is hostile",
    "blind to what looks calm within a minute: beacons, slow scans, quiet logins",
    "a network whose calm traffic differs from the data above must train its own model",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's verbs and arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="models by name")
    show = verbs.add_parser("show", help="the card of a model")
    show.add_argument("name", metavar="NAME")
    verify = verbs.add_parser("verify", help="check arrays against their cards; exit 4 if altered")
    verify.add_argument("name", metavar="NAME", nargs="*", help="default: all")
    train = verbs.add_parser("train", help="learn what calm traffic looks like")
    _add_training_arguments(train)
    for verb in (listing, show, verify):
        verb.add_argument(
            "--models", metavar="DIR", action="append", default=[],
            help="look here before the shipped models (repeatable)",
        )  # fmt: skip
    for verb in (listing, show, verify, train):
        verb.add_argument("--json", action="store_true", help="JSON Lines on stdout")


def _add_training_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help="lower-case letters, digits, hyphens")
    add(
        "--from",
        dest="calm",
        metavar="CAPTURE",
        nargs="+",
        default=[],
        help="captures of calm traffic, no attack in them",
    )
    add("--out", metavar="DIR", default="models", help="where model and card go (models)")
    add("--train-share", metavar="X", type=float, default=0.7,
        help="share of windows to train on; the later rest sets the threshold (0.7)")  # fmt: skip
    add("--rate", metavar="X", type=float, default=0.001,
        help="nominal share of calm windows over the threshold (0.001)")  # fmt: skip
    add("--packets-min", metavar="N", type=int, default=200,
        help="packets a minute below which an address is not judged (200)")  # fmt: skip
    add("--synthetic", metavar="N", type=int, default=0,
        help="add N made-up calm windows; the card says so (0)")  # fmt: skip
    add("--licence", metavar="TEXT", default="not stated", help="licence of the captures")
    add("--date", metavar="DAY", help="date on the card (the newest capture's modification day)")
    add("--seed", metavar="N", type=int, default=0, help="seed of the forest (0)")


def run(args: argparse.Namespace) -> int:
    """Perform the verb; return the exit code of the contract."""
    match args.verb:
        case "list":
            return _list(args)
        case "show":
            return _show(args)
        case "verify":
            return _verify(args)
        case _:
            return _train(args)


def _folders(args: argparse.Namespace) -> tuple[Path, ...]:
    return (*(Path(folder) for folder in args.models), shipped_folder())


def _list(args: argparse.Namespace) -> int:
    exit_code = 0
    for path in list_models(*_folders(args)):
        try:
            card = read_card(path)
        except TocsinError as error:
            words(str(error))
            exit_code = max(exit_code, error.exit_code)
            continue
        if args.json:
            print_json({**_brief(card), "path": str(path)})
        else:
            print(
                f"{card.name:<20} {card.detector:<18} {card.date}  threshold {card.threshold:.3f}"
                f"  nominal false alarms {card.false_alarm_rate:.2%} of windows"
            )
    return exit_code


def _show(args: argparse.Namespace) -> int:
    card = read_card(find_model(args.name, *_folders(args)))
    if args.json:
        print_json(card.to_json())
        return 0
    print(f"{card.name}: {card.method} for {card.detector}, {card.date}")
    print(f"threshold {card.threshold:.4f}, nominal rate {card.false_alarm_rate:.2%}")
    for title, rows in (("data", card.data), ("metrics", [card.metrics])):
        for row in rows:
            figures = ", ".join(f"{key} {value}" for key, value in row.items())
            print(f"{title}: {figures}")
    print(f"features: {', '.join(card.features)}")
    for limit in card.limits:
        print(f"limit: {limit}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from tocsin.pipeline.traffic_models import load_traffic_model

    folders = _folders(args)
    paths = [find_model(name, *folders) for name in args.name] or list_models(*folders)
    exit_code = 0
    for path in paths:
        problem = None
        try:
            load_traffic_model(path)
        except TocsinError as error:
            problem = str(error)
            exit_code = max(exit_code, error.exit_code)
        if args.json:
            print_json({"name": path.stem, "path": str(path), "ok": not problem, "reason": problem})
        else:
            print(f"{path.stem}: {problem or 'arrays, card and forest agree'}")
    return exit_code


def _train(args: argparse.Namespace) -> int:
    from tocsin.review.training import (
        METHOD,
        TrainingParameters,
        over_threshold,
        split_by_time,
        train,
    )

    if not 0.0 < args.train_share < 1.0:
        raise UsageError(f"--train-share lies between 0 and 1, got {args.train_share}")
    if not args.calm and not (args.synthetic > 0 and args.date):
        raise UsageError("--from names the captures to learn from; without, --synthetic and --date")
    parameters = TrainingParameters(
        seed=args.seed, packets_min=args.packets_min, false_alarm_rate=args.rate
    )
    tables, data = _calm_data(args)
    # Each table is split at its own time: made-up windows have no date of their own.
    halves = [split_by_time(table, train_share=args.train_share) for table in tables]
    earlier, later = (np.concatenate(side) for side in zip(*halves, strict=True))
    model = train(earlier, later, parameters=parameters)
    metrics = model.metrics | {
        f"later_{kind}": over_threshold(model, half[1], parameters=parameters)
        for kind, half in zip(("recorded", "made_up"), halves, strict=False)
    }
    card = ModelCard(
        name=args.name,
        method=METHOD,
        detector="unusual_traffic",
        date=args.date or _newest_day(args.calm),
        features=_feature_names(),
        threshold=model.calibration.threshold,
        false_alarm_rate=args.rate,
        parameters=parameters.to_json() | {"train_share": args.train_share},
        data=tuple(data),
        metrics=metrics,
        limits=(*_LIMITS, _MADE_UP) if args.synthetic > 0 else _LIMITS,
    )
    path = write_model(Path(args.out), card, model.arrays)
    if args.json:
        print_json({**_brief(card), "path": str(path), "metrics": metrics})
        return 0
    figures = model.calibration
    print(
        f"trained {card.name} on {model.metrics['windows_trained']:,} calm windows; "
        f"threshold {figures.threshold:.4f} from {figures.windows:,} later ones "
        f"({figures.false_alarms} over it; true rate at most {figures.upper_95:.3%})"
    )
    words(f"next: tocsin model show {card.name} --models {path.parent}")
    return 0


def _calm_data(args: argparse.Namespace) -> tuple[list[NDArray[np.void]], list[dict[str, Any]]]:
    """Return tables of calm windows (recorded, made up) and what the card says of each source."""
    from tocsin.review.calm_traffic import calm_windows

    recorded, data = [], []
    for path in args.calm:
        windows = _recorded(path)
        recorded.append(windows)
        data.append(
            {
                "name": Path(path).name,
                "sha256": _sha256(path),
                "licence": args.licence,
                "windows": len(windows),
                "windows_busy": _busy(windows, args.packets_min),
                "first": rfc3339(int(windows["start_ns"][0])) if len(windows) else None,
                "last": rfc3339(int(windows["start_ns"][-1])) if len(windows) else None,
            }
        )
        words(f"read {len(windows):,} windows from {path}")
    tables = [np.concatenate([np.empty(0, dtype=layouts.TARGET_WINDOW), *recorded])]
    if args.synthetic > 0:
        made_up = calm_windows(args.synthetic, seed=_SYNTHETIC_SEED)
        tables.append(made_up)
        data.append(
            {
                "name": "made-up calm windows (tocsin.review.calm_traffic)",
                "licence": "that of Tocsin",
                "windows": len(made_up),
                "windows_busy": _busy(made_up, args.packets_min),
                "seed": _SYNTHETIC_SEED,
            }
        )
    return tables, data


def _recorded(path: str) -> NDArray[np.void]:
    from tocsin.collect.source import open_source
    from tocsin.core.parameters import Parameters
    from tocsin.pipeline.target_windows import target_windows

    return target_windows(open_source(path, site=path), parameters=Parameters())


def _busy(windows: NDArray[np.void], packets_min: int) -> int:
    return int((windows["packets_in"] >= packets_min).sum())


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while piece := stream.read(_HASH_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _newest_day(paths: list[str]) -> str:
    newest_s = max(Path(path).stat().st_mtime for path in paths)
    return datetime.fromtimestamp(newest_s, UTC).date().isoformat()


def _feature_names() -> tuple[str, ...]:
    from tocsin.kernels.window_vector import FEATURE_NAMES

    return FEATURE_NAMES


def _brief(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "detector": card.detector,
        "method": card.method,
        "date": card.date,
        "threshold": card.threshold,
        "false_alarm_rate": card.false_alarm_rate,
    }
