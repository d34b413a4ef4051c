"""Windows events as XML, as evtx tools and winlogbeat write JSON, and from collectors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parse.reading import read

NAMES = {
    "TargetUserName": "bob",
    "IpAddress": "203.0.113.9",
    "IpPort": "50123",
    "SubStatus": "0xC000006A",
}


def xml(
    number: int = 4625, *, channel: str = "Security", user: str = "bob", data: str = ""
) -> bytes:
    """Return a rendered event on one line."""
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='P'/><EventID>{number}</EventID>"
        "<TimeCreated SystemTime='2026-11-23T05:41:00.1234567Z'/>"
        f"<Channel>{channel}</Channel><Computer>dc01</Computer></System><EventData>"
        f"<Data Name='TargetUserName'>{user}</Data><Data Name='IpAddress'>203.0.113.9</Data>"
        f"<Data Name='IpPort'>50123</Data>{data}</EventData></Event>\n"
    ).encode()


def evtx_json(number: int = 4625, channel: str = "Security", **data: str) -> bytes:
    """Return an event as the evtx library writes it."""
    system = {
        "Provider": {"#attributes": {"Name": "P"}}, "EventID": number, "Channel": channel,
        "Computer": "dc01", "TimeCreated": {"#attributes": {"SystemTime": "2026-11-23T05:41:00.123456Z"}},
    }  # fmt: skip
    return (
        json.dumps({"Event": {"System": system, "EventData": {**NAMES, **data}}}).encode() + b"\n"
    )


WINLOGBEAT = {
    "@timestamp": "2026-11-23T05:41:00.123Z", "winlog": {"channel": "Security", "event_id": 4625,
    "provider_name": "P", "computer_name": "dc01", "event_data": NAMES}, "event": {"action": "logon-failed"},
}  # fmt: skip
NXLOG = {
    "EventTime": "2026-11-23 05:41:00",
    "Hostname": "dc01",
    "EventID": 4625,
    "Channel": "Security",
    **NAMES,
}


@pytest.mark.parametrize(
    "line", [xml(), evtx_json(), json.dumps(WINLOGBEAT).encode(), json.dumps(NXLOG).encode()]
)
def test_every_form_gives_the_refused_log_in(line: bytes) -> None:
    (event,) = read(line)

    assert (event["event.action"], event["event.outcome"]) == ("windows_login", "failure")
    assert (event["source.ip"], event["source.port"], event["user.name"]) == (
        "203.0.113.9",
        50123,
        "bob",
    )
    assert (event["host.name"], event["event.dataset"]) == ("dc01", "windows.security")
    assert event["@timestamp"].startswith("2026-11-23T05:41:00.")
    assert event["TargetUserName"] == "bob"


@pytest.mark.parametrize(
    ("line", "action", "outcome"),
    [
        (evtx_json(4776, Status="0x0"), "ntlm_login", "success"),
        (evtx_json(4776, Status="0xC0000064"), "ntlm_login", "failure"),
        (evtx_json(4768, Status="0x6"), "kerberos_login", "failure"),
        (evtx_json(7045, "System"), "service_installed", "success"),
        (evtx_json(1102), "log_cleared", "success"),
        (evtx_json(1, "Microsoft-Windows-Sysmon/Operational"), "process_started", "success"),
    ],
)
def test_numbers_mean_what_their_channel_says(line: bytes, action: str, outcome: str) -> None:
    (event,) = read(line)

    assert (event["event.action"], event["event.outcome"]) == (action, outcome)


def test_the_same_number_in_another_channel_means_nothing() -> None:
    (event,) = read(evtx_json(4625, "Application"))

    assert "event.action" not in event


def test_a_remote_desktop_session_names_who_came_from_where() -> None:
    line = xml(1149, channel="Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational").replace(
        b"</EventData>", b"</EventData><UserData><EventXML><Param1>bob</Param1><Param2>CORP</Param2>"
        b"<Param3>203.0.113.9</Param3></EventXML></UserData>",
    )  # fmt: skip

    (event,) = read(line)

    assert (event["event.action"], event["source.ip"], event["user.name"]) == (
        "rdp_session",
        "203.0.113.9",
        "bob",
    )


@pytest.mark.parametrize("address", ["-", "", "::1%0", "LOCAL", "not an address"])
def test_what_is_no_address_names_nobody(address: str) -> None:
    (event,) = read(evtx_json(IpAddress=address))

    assert event.get("source.ip") in {None, "::1"}


def test_a_mapped_address_is_named_in_its_usual_form() -> None:
    (event,) = read(evtx_json(IpAddress="::ffff:203.0.113.9"))

    assert event["source.ip"] == "203.0.113.9"


def test_an_address_that_stands_twice_names_nobody() -> None:
    (event,) = read(xml(data="<Data Name='IpAddress'>198.51.100.7</Data>"))
    (other,) = read(evtx_json().replace(b'"IpPort"', b'"IpAddress": "198.51.100.7", "IpPort"'))

    for one in (event, other):
        assert "source.ip" not in one
        assert one["tocsin.weird"] == "source is ambiguous"


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet="&<>'\"/= DatNmeIpAdrs198.51007", max_size=60))
def test_a_name_in_an_event_never_moves_the_address(user: str) -> None:
    escaped = user.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    for line in (xml(user=escaped), evtx_json(TargetUserName=user)):
        (event,) = read(line)
        assert event["source.ip"] == "203.0.113.9"


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["System", "EventID", "Channel", "EventData", "#attributes", "Name", "winlog", "event_data", "a"]), x, max_size=4), max_leaves=12))  # fmt: skip
def test_any_json_gives_one_event(value: Any) -> None:
    events = read(json.dumps({"Event": value, "EventID": 1, "winlog": value}).encode() + b"\n")

    assert len(events) == 1
    json.dumps(events, allow_nan=False)
