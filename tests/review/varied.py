"""Lines made of declared templates, each with its label: what grouping is measured on here."""

from __future__ import annotations

import random
import re
from pathlib import Path

LINES = Path(__file__).parent / "lines_of_many_kinds.txt"
# fmt: off
_NAMES = (
    "alpha", "bravo", "carol", "delta", "ezra", "fanny", "gus", "hilde", "ivan", "jorge", "karla",
    "lena", "mona", "nils", "olga", "pavel", "quinn", "rosa", "sven", "tove", "ulf", "vera", "walt",
    "xenia", "yara", "zoe",
)
# fmt: on
_FIELD = re.compile(r"\{(\w+)\}")
_FALLING = 0.8  # the n-th template comes n ** -0.8 as often as the first


def kinds() -> dict[str, list[tuple[str, str]]]:
    """Return (label, template) of each kind of log."""
    found: dict[str, list[tuple[str, str]]] = {}
    some: list[tuple[str, str]] = []
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
        (
            _FIELD.sub(lambda m: _value(m[1], some), text).replace("<<", "{").replace(">>", "}"),
            label,
        )
        for label, text in chosen
    ]


def _value(field: str, some: random.Random) -> str:
    """Return a value of a field; raises `KeyError` for a field that nobody declared."""
    name, other = some.choice(_NAMES), some.choice(_NAMES)
    number = some.choice([some.randrange(10), some.randrange(1000), some.randrange(10**7)])
    code, few, hour = f"{some.randrange(16**7):07x}", range(some.randrange(1, 6)), number % 9
    record = f"Record<<{code} u0 com.example.{name}/.ui.{other.title()}Activity t{number}>>"
    values = {
        "n": str(number),
        "port": str(number % 60_000 + 1024),
        "neg": str(number - 500),
        "f": f"{some.random() * 100:.{some.randrange(1, 5)}f}",
        "ip": f"203.0.113.{number % 256}",
        "user": name + some.choice(["", "", ".k", "1", "_x"]),
        "host": name + some.choice(["-", "", "-a", "7"]) + some.choice(["", str(number % 99)]),
        "fqdn": f"{name}.{other}.example.{some.choice(['com', 'net', 'org'])}",
        "hex": f"0x{code}",
        "hx": code,
        "mac": ":".join(f"{some.randrange(256):02x}" for _ in range(6)),
        "path": f"/{name}/{other}" + some.choice(["", ".log", f"/{name}.conf", f"/{number}"]),
        "bool": some.choice(["true", "false"]),
        "iface": some.choice(["eth0", "eth1", "en0", "wlan0", "ib0"]),
        "state": some.choice(["NEW", "SCHEDULED", "RUNNING", "KILLED", "COMMIT_PENDING"]),
        "cls": f"org.example.{name}.{other.title()}Event",
        "pkg": f"com.example.{name}",
        "date": f"Sat Jun {some.randrange(1, 30)} 0{hour}:{some.randrange(10, 60)}:12 2005",
        "list": " ".join(f"node-{some.randrange(400)}" for _ in few),
        "nums": " ".join(str(some.randrange(9999)) for _ in (0, *few)),
        "life": some.choice([f"0{hour}:17", "<1 sec", f"0{hour}:{number % 50 + 10}:07"]),
        "cmd": some.choice(["run-parts /etc/cron.hourly", "/usr/lib/sa/sa1 1 1", "/bin/true"]),
        "obj": f"WindowToken<<{code} token=Token<<{code[:6]} {record}>>>>",
    }
    return values[field]
