"""Attacks in access lines: whatever the judge of texts finds, the kernel passes on to it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tocsin.detect.web.access_literals import access_literals, is_suspect
from tocsin.kernels import scanner, web_clients
from tocsin.kernels.access_scan import AccessScan, AccessTexts
from tocsin.kernels.literals import compile_literals
from tocsin.kernels.log_scan import Scanner, Stamps, read_only
from tocsin.parse.known import log_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXTS = AccessTexts(compile_literals(access_literals(), plus_is_space=True))
STAMPS = Stamps(year=2026)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
SQL = [
    "select",
    "union",
    "all",
    "from",
    "or",
    "and",
    "where",
    "1",
    "2",
    "1=1",
    "null",
    "like",
    "between",
    "in",
    "is",
    "order",
    "by",
    "group",
    "having",
    "case",
    "when",
    "version",
    "user",
    "dual",
    "information_schema.tables",
    "mysql.user",
    "sys.x",
    "@@version",
    "not",
    "xor",
    "rlike",
    "limit",
    "into",
    "outfile",
    "sleep",
    "as",
    "x",
    "a,b",
]
COMMANDS = [
    "whoami",
    "uname",
    "-a",
    "-c",
    "ping",
    "ls",
    "cat",
    "/",
    "/etc/passwd",
    "rm",
    "-rf",
    "wget",
    "curl",
    "http://198.51.100.4/x",
    "chmod",
    "777",
    "+x",
    "sh",
    "bash",
    "-i",
    "nc",
    "-e",
    "cmd",
    "/c",
    "dir",
    "c:",
    "type",
    "powershell",
    "-enc",
    "certutil",
    "-urlcache",
    "id",
    "tftp",
    "iwr",
    "-uri",
    "sudo",
    "/bin/sh",
    "/usr/bin/id",
    "/home/x/.ssh/id_rsa",
    "/var/log/auth.log",
    "/home/y/access.log",
    "c:/windows/win.ini",
    "../x",
    "...",
]
OTHERS = [
    "jndi",
    "java.lang.runtime",
    "processbuilder",
    "__proto__",
    "__class__",
    "rO0ABXNy",
    "script",
    "javascript:",
    "alert",
    "document.cookie",
    "invokertransformer",
    "child_process",
    "php://filter",
    "file:///etc/passwd",
    "gopher://127.0.0.1",
    "/c99.php?cmd=id",
    "/solr/x/config",
    "/_async/",
    "/wls-wsat/",
    "%2e%2e/",
    "%252e",
    "..;/",
    "phpunit/eval-stdin.php",
    "/shell?cd+/tmp",
    "setup.cgi?todo=syscmd",
    ".htpasswd",
    "web-inf/web.xml",
]
JOINS = (
    "+",
    "+",
    "+",
    "++",
    "/",
    "=",
    ".",
    "-",
    "&",
    ":",
    "%20",
    "%2f",
    "%2E",
    "%3a",
    "",
    "0",
    "_",
)


def request(target: str, referrer: str = "-", agent: str = BROWSER, method: str = "GET") -> str:
    return (
        f'203.0.113.9 - - [24/Nov/2026:10:00:00 +0100] "{method} {target} HTTP/1.1" 200 9 '
        f'"{referrer}" "{agent}"'
    )


def told_of(lines: Sequence[str]) -> list[int]:
    """Return why each line is passed on."""
    data, tables = read_only("\n".join(lines).encode() + b"\n"), log_tables()
    lines_of, rows = Scanner(tables, stamps=STAMPS), np.zeros(len(lines), dtype=scanner.LOG_ROW)
    n, _ = lines_of.scan(data, rows, is_last=True)
    scan = AccessScan(TEXTS, templates=tables.web_rows, clock=lines_of.clock)
    return scan.read(data, rows[:n])[0].tolist()


def made_up(words: Sequence[str], count: int) -> list[tuple[str, str, str]]:
    """Return targets, referrers and agents made of words of attacks, the same in each run."""
    chosen, found = random.Random(7), []
    for _ in range(count):
        text = "".join(
            chosen.choice(words) + chosen.choice(JOINS) for _ in range(chosen.randint(1, 6))
        )
        found += [
            (f"/p?id={text}", "-", BROWSER),
            (f"/{text}", "-", BROWSER),
            ("/", f"https://www.example.com/?q={text}", BROWSER),
            ("/", "-", text.replace("+", " ") + chosen.choice(("(1)", ";", ""))),
        ]
    return found


@pytest.mark.parametrize("words", [SQL, COMMANDS, OTHERS], ids=["sql", "commands", "others"])
def test_what_the_judge_finds_the_kernel_passes_on(words: list[str]) -> None:
    asked = made_up(words, 4000)

    told = told_of([request(*texts) for texts in asked])

    attacks = [(texts, why) for texts, why in zip(asked, told, strict=True)
               if is_suspect(texts[0], texts[1].removeprefix("-"), texts[2], "GET")]  # fmt: skip
    assert len(attacks) > 50
    assert [texts for texts, why in attacks if not why & web_clients.SUSPECT] == []


@pytest.mark.parametrize(
    "target",
    [
        "/scripts/app.js",
        "/products/12-select",
        "/search?q=select+winter+coats",
        "/search?q=black+or+white",
        "/search?q=caf%C3%A9+con+leche",
        "/blog/tags/jquery%20mobile",
        "/download?file=report%2F2026%2Findex.html",
        "/windows-10/",
        "/home/index.html",
        "/factory-outlet/",
        "/assets/app-5c99e1f0.js",
        "/javascript/jquery.js",
        "/description?page1=2",
    ],
)
def test_words_that_attacks_share_with_ordinary_requests_need_no_judge(target: str) -> None:
    assert told_of([request(target)]) == [0]


@pytest.mark.parametrize(
    "target",
    [
        "/?id=1%27",
        "/?id=1%20%20or%20%201=1",
        "/?id=1++or++1=1",
        "/?f=%2e%2e%2fetc%2fpasswd",
        "/?f=%252e%252e%252f",
        "/?q=%3Cb%3E",
        "/?q=100%",
        "/?q=%u0027",
        "/?q=a%00b",
        "/?q=%C0%AE",
    ],
)
def test_escapes_hide_nothing(target: str) -> None:
    assert told_of([request(target)]) == [web_clients.SUSPECT]
