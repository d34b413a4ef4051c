"""Lines made of declared templates, each with its label: what grouping is measured on here."""

from __future__ import annotations

import random
import re
from pathlib import Path

LINES = Path(__file__).parent / "lines_of_ten_kinds.txt"
_NAMES = (
    "alpha bravo carol delta ezra fanny gus hilde ivan jorge karla lena mona nils olga pavel quinn"
    " rosa sven tove ulf vera walt xenia yara zoe"
).split()
_FIELD = re.compile(r"\{(\w+)\}")
_FALLING = 0.8  # the n-th template comes n ** -0.8 as often as the first


def kinds() -> dict[str, list[tuple[str, str]]]:
    """Return (label, template) of each kind of log."""
    found: dict[str, list[tuple[str, str]]] = {}
    for text in LINES.read_text(encoding="utf-8").splitlines():
        if text.startswith("== "):
            some = found[text[3:]] = []
        elif not text.startswith("#"):
            label, tab, template = text.partition("\t")
            some.append((label, template) if tab else (text, text))
    return found


def lines_of(templates: list[tuple[str, str]], *, total: int, seed: int) -> list[tuple[str, str]]:
    """Return ``total`` lines with their labels, frequent and rare ones as logs have them."""
    some = random.Random(seed)
    weights = [(n + 1) ** -_FALLING for n in range(len(templates))]
    some.shuffle(weights)
    chosen = some.choices(templates, weights, k=total)
    return [
        (_FIELD.sub(lambda m: _value(m[1], some), text).replace("<<", "{").replace(">>", "}"), label)
        for label, text in chosen
    ]


def _value(field: str, some: random.Random) -> str:
    name, other = some.choice(_NAMES), some.choice(_NAMES)
    number = some.choice([some.randrange(10), some.randrange(1000), some.randrange(10**7)])
    code = f"{some.randrange(16**7):07x}"
    match field:
        case "n" | "port":
            return str(number)
        case "neg":
            return str(number - 500)
        case "f":
            return f"{some.random() * 100:.{some.randrange(1, 5)}f}"
        case "ip":
            return f"203.0.113.{number % 256}"
        case "user":
            return name + some.choice(["", "", ".k", "1", "_x"])
        case "host":
            return name + some.choice(["-", "", "-a", "7"]) + some.choice(["", str(number % 99)])
        case "fqdn":
            return f"{name}.{other}.example.{some.choice(['com', 'net', 'org'])}"
        case "hex":
            return f"0x{code}"
        case "hx":
            return code
        case "mac":
            return ":".join(f"{some.randrange(256):02x}" for _ in range(6))
        case "path":
            return f"/{name}/{other}" + some.choice(["", ".log", f"/{name}.conf", f"/{number}"])
        case "bool":
            return some.choice(["true", "false"])
        case "iface":
            return some.choice(["eth0", "eth1", "en0", "wlan0", "ib0"])
        case "state":
            return some.choice(["NEW", "SCHEDULED", "RUNNING", "KILLED", "COMMIT_PENDING"])
        case "cls":
            return f"org.example.{name}.{other.title()}Event"
        case "pkg":
            return f"com.example.{name}"
        case "date":
            return f"Sat Jun {some.randrange(1, 30)} 0{number % 9}:{some.randrange(10, 60)}:12 2005"
        case "list":
            return " ".join(f"node-{some.randrange(400)}" for _ in range(some.randrange(1, 6)))
        case "nums":
            return " ".join(str(some.randrange(9999)) for _ in range(some.randrange(2, 7)))
        case "life":
            return some.choice([f"0{number % 9}:17", "<1 sec", f"0{number % 9}:{number % 50 + 10}:07"])
        case "cmd":
            return some.choice(["run-parts /etc/cron.hourly", "/usr/lib/sa/sa1 1 1", "/bin/true"])
        case "obj":
            record = f"Record<<{code} u0 com.example.{name}/.ui.{other.title()}Activity t{number}>>"
            return f"WindowToken<<{code} token=Token<<{code[:6]} {record}>>>>"
    raise ValueError(f"no field is called {field!r}")
