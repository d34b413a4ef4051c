"""Behind a proxy: whom a configured one names is the source, what anybody else says is a claim."""

from __future__ import annotations

import json

import pytest

from tocsin.core.networks import NO_PROXIES, Proxies
from tocsin.kernels.log_scan import Stamps
from tocsin.parse.records import RecordReader

OURS = Proxies(("10.0.0.0/24", "2001:db8::53"))
CLIENT, FORGED, PROXY = "203.0.113.9", "198.51.100.7", "10.0.0.5"


def asked(forwarded: str, *, by: str = PROXY) -> str:
    return (
        f'{by} - - [24/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 404 9 "-" "curl/8" "{forwarded}"'
    )


def source(line: str, proxies: Proxies = OURS) -> tuple[str | None, str | None]:
    """Return (source, proxy) of a line's event."""
    event = RecordReader(Stamps(year=2026), proxies=proxies).read(line, head=None)
    return event.get("source.ip"), event.get("tocsin.proxy")


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (CLIENT, CLIENT),
        (f"{FORGED}, {CLIENT}", CLIENT),
        (f"{FORGED}, {CLIENT}, 10.0.0.6", CLIENT),
        (f"{FORGED}, 10.0.0.6", FORGED),  # the proxy before ours was asked by it
        ("2001:db8::9", "2001:db8::9"),
    ],
)
def test_the_last_address_that_is_no_proxy_is_the_source(forwarded: str, client: str) -> None:
    assert source(asked(forwarded)) == (client, PROXY)


@pytest.mark.parametrize(
    "forwarded", ["-", "unknown", f"{CLIENT}, unknown", "10.0.0.6, 10.0.0.7", "203.0.113.999"]
)
def test_a_list_that_names_nobody_leaves_the_proxy(forwarded: str) -> None:
    assert source(asked(forwarded)) == (PROXY, None)


def test_what_others_say_is_a_claim() -> None:
    assert source(asked(FORGED, by=CLIENT)) == (CLIENT, None)
    assert source(asked(FORGED), NO_PROXIES) == (PROXY, None)


def test_a_record_of_named_values_is_read_likewise() -> None:
    line = json.dumps({
        "level": "info", "ts": 1764000000.5, "logger": "http.log.access", "msg": "handled request",
        "request": {
            "remote_ip": "2001:db8::53", "remote_port": "4711", "method": "GET", "uri": "/",
            "host": "www.example.com", "headers": {"X-Forwarded-For": [f"{FORGED}, {CLIENT}:1234"]},
        },
        "status": 404,
    })  # fmt: skip

    event = RecordReader(Stamps(year=2026), proxies=OURS).read(line, head=None)

    assert event["source.ip"] == CLIENT
    assert event["tocsin.claimed.forwarded"] == f"{FORGED}, {CLIENT}:1234"
    assert "source.port" not in event
