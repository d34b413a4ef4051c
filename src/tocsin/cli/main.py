"""The ``tocsin`` command: finds the subcommand, runs it, and turns errors into exit codes.

Commands live in modules of this package, one each, and are imported only when asked for:
``tocsin --help`` loads nothing heavy.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from tocsin import __version__
from tocsin.cli import cycles
from tocsin.cli.output import safe, words
from tocsin.core.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "analyze": "read captures and logs, print incidents, keep evidence",
    "parse": "print log records as events, one JSON object per record",
    "flows": "print the flows of captures",
    "watch": "follow growing files and raise incidents as they happen",
    "incident": "list and show incidents",
    "evidence": "list, show, verify and export evidence",
    "rule": "list, show, check and test rules",
    "model": "list, show, train and verify models",
    "evaluate": "score captures or logs against a truth file",
    "config": "check and show the configuration",
    "store": "migrate and check the state's database",
}
LATER = {
    "serve": "the analyst's web desk",
    "contain": "containment",
    "oncall": "people on call",
    "notify": "notification",
    "plan": "response plans",
    "drill": "drills",
    "metrics": "response metrics",
    "health": "the daemon's health",
}
USAGE, INTERRUPTED = 2, 130
_WIRES = frozenset({"analyze", "watch"})  # they settle by themselves, once an engine is wired


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        words(f"tocsin: {safe(message)}")
        words(f"see: {self.prog} --help")
        raise SystemExit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see the contract)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    cycles.begin()
    try:
        return _run(arguments)
    except TocsinError as error:
        words(f"tocsin: {safe(str(error))}")
        return error.exit_code
    except KeyboardInterrupt:
        words("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away (``| head``): nothing to say, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return 0 if arguments else USAGE
    name, rest = arguments[0], arguments[1:]
    if name == "--version":
        print(f"tocsin {__version__}")
        return 0
    if name in LATER:
        words(f"tocsin: {name} ({LATER[name]}) is not in this version")
        return USAGE
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, [*COMMANDS, *LATER], n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        words(f'tocsin: unknown command "{safe(name)}"{hint}')
        words("see: tocsin --help")
        return USAGE
    module = importlib.import_module(f"tocsin.cli.{name}")
    parser = _Parser(prog=f"tocsin {name}", description=COMMANDS[name])
    module.add_arguments(parser)
    if name not in _WIRES:
        cycles.settle()
    code = module.run(parser.parse_args(rest))
    sys.stdout.flush()
    cycles.settle()  # what is left goes with the process
    return int(code)


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = ["usage: tocsin COMMAND ...", "", "commands:"]
    lines += [f"  {name.ljust(width)}  {text}" for name, text in COMMANDS.items()]
    lines += ["", f"not in this version: {', '.join(LATER)}", ""]
    lines += ["tocsin COMMAND --help tells what each takes; tocsin --version"]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
