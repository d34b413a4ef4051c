"""How grave what logs show is: small scans and old passwords are worth a look, no more."""

from __future__ import annotations

import pytest

from tocsin.testing.scenes import EngineRun, log


def access(n: int, path: str, status: int) -> bytes:
    return (
        f"192.0.2.77 - - [20/Nov/2026:10:{n // 60:02}:{n % 60:02} +0000] "
        f'"GET {path} HTTP/1.1" {status} 9 "-" "curl/8"\n'
    ).encode()


@pytest.mark.parametrize(
    ("paths", "status", "severity"),
    [
        ([f"/a{n}" for n in range(12)], 404, "low"),
        ([f"/a{n}" for n in range(25)], 404, "medium"),
        (["/.env", "/.git/config"], 404, "low"),
    ],
)
def test_a_scan_in_a_log_is_as_grave_as_it_is_large(
    paths: list[str], status: int, severity: str
) -> None:
    lines = [access(n, path, status) for n, path in enumerate(paths)]

    found = EngineRun()([log(lines)]).printed()

    assert [(one["kind"], one["severity"]) for one in found] == [("web_scan", severity)]


def test_a_client_with_an_old_password_is_worth_a_look() -> None:
    text = (
        "Nov 20 {:02}:{:02}:00 mx dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 "
        "secs): user=<ana@example.com>, method=PLAIN, rip=192.0.2.20, lip=192.0.2.5, session=<a>\n"
    )
    lines = [text.format(n * 10 // 60, n * 10 % 60).encode() for n in range(40)]

    (found,) = EngineRun()([log(lines)]).printed()

    assert (found["kind"], found["severity"]) == ("brute_force", "low")
