"""``tocsin config check|show``: is the configuration right, and what is in force."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.output import print_json, words

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, text in (("check", "is this file right?"), ("show", "what is in force")):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--config", metavar="FILE", help="configuration (TOML)")
        verb.add_argument("--rules", metavar="DIR", action="append", default=[])
        verb.add_argument("--json", action="store_true", help="accepted; show prints JSON anyhow")


def run(args: argparse.Namespace) -> int:
    """Load everything that a run would load; an error names file and line, exit code 2."""
    from tocsin.pipeline.assemble import assemble
    from tocsin.settings.load import load_settings

    settings = load_settings(Path(args.config) if args.config else None)
    wiring = assemble(config=args.config, rules=tuple(args.rules))
    if args.verb == "check":
        words(f"{args.config or 'defaults'}: right; {len(wiring.rules)} rules")
        return 0
    print_json({"settings": asdict(settings), "parameters": asdict(wiring.parameters)})
    return 0
