"""What Zeek's and Suricata's logs say of services becomes messages like those of packets."""

from __future__ import annotations

import json

import pytest

from tocsin.core.codec import message_from_plain, message_to_plain
from tocsin.core.messages import (
    DnsMessage,
    FileTransfer,
    HttpRequest,
    HttpResponse,
    KerberosMessage,
    Login,
    Message,
    SshBanner,
    TlsCertificate,
    TlsHello,
)
from tocsin.parse.flow_lines import FlowReader

ENDS = {"id.orig_h": "192.0.2.7", "id.orig_p": 40_000, "id.resp_h": "198.51.100.5", "uid": "C1"}
EVE = {
    "timestamp": "2026-03-01T10:00:00.000001+0000", "flow_id": 7, "src_ip": "192.0.2.7",
    "src_port": 40_000, "dest_ip": "198.51.100.5", "dest_port": 80, "proto": "TCP",
}  # fmt: skip


def read(*records: dict[str, object]) -> list[Message]:
    reader = FlowReader()
    reader.read("\n".join(map(json.dumps, records)).encode(), base=100)
    assert reader.weird == {}
    return reader.messages


def zeek(port: int, **more: object) -> list[Message]:
    return read({"ts": 1_772_359_200.000001, **ENDS, "id.resp_p": port, **more})


def test_a_look_up_and_its_answer_are_two_messages() -> None:
    asked, answered = zeek(
        53, query="WWW.example.org", qtype=1, rcode=0, answers=["198.51.100.9"], trans_id=7
    )

    assert isinstance(asked, DnsMessage)
    assert isinstance(answered, DnsMessage)
    assert (asked.name, asked.is_response, asked.at_ns) == (
        "www.example.org", False, 1_772_359_200_000_001_000,
    )  # fmt: skip
    assert (answered.answers, answered.from_client) == (((1, "198.51.100.9"),), False)


def test_a_request_keeps_what_the_log_has_of_its_headers() -> None:
    asked, answered = zeek(
        80, method="GET", host="example.org", uri="/a?b=1", user_agent="x/1", referrer="-",
        status_code=404, resp_mime_types=["text/html"],
    )  # fmt: skip

    assert isinstance(asked, HttpRequest)
    assert isinstance(answered, HttpResponse)
    assert (asked.target, asked.headers) == ("/a?b=1", (("user-agent", "x/1"),))
    assert (answered.status, answered.request) == (404, asked)


def test_a_certificate_that_its_holder_signed_is_one() -> None:
    hello, shown = zeek(
        4443, version="TLSv12", server_name="a.example", cipher="X", subject="CN=a", issuer="CN=a"
    )

    assert isinstance(hello, TlsHello)
    assert (hello.version, hello.server_name) == (771, "a.example")
    assert isinstance(shown, TlsCertificate)
    assert shown.is_self_signed


@pytest.mark.parametrize(
    ("more", "port", "outcomes"),
    [
        ({"auth_success": False, "auth_attempts": 3}, 22, ["failure"] * 3),
        ({"auth_success": True, "auth_attempts": 2}, 22, ["success"]),
        ({"auth_attempts": 0}, 22, []),
        ({"mailfrom": "a", "last_reply": "535 5.7.8 no"}, 25, ["failure"]),
        ({"mailfrom": "a", "last_reply": "554 5.7.1 bad smtp-auth user"}, 25, ["failure"]),
        ({"mailfrom": "a", "last_reply": "250 ok"}, 25, []),
        ({"command": "PASS", "reply_code": 530, "user": "bob"}, 21, ["failure"]),
    ],
)
def test_log_ins_are_told_with_their_outcome(
    more: dict[str, object], port: int, outcomes: list[str]
) -> None:
    found = zeek(port, **more)

    assert [one.outcome for one in found if isinstance(one, Login)] == outcomes


def test_a_file_that_is_sent_has_a_name() -> None:
    (found,) = zeek(21, command="STOR", reply_code=226, arg="ftp://198.51.100.5/up/dump.sql")

    assert isinstance(found, FileTransfer)
    assert (found.name, found.is_upload) == ("dump.sql", True)


def test_kerberos_refusals_have_their_number() -> None:
    asked, refused = zeek(
        88, request_type="AS", client="bob/EXAMPLE", error_msg="KDC_ERR_PREAUTH_FAILED"
    )

    assert isinstance(asked, KerberosMessage)
    assert isinstance(refused, KerberosMessage)
    assert (asked.type, refused.type, refused.error, refused.user) == (10, 30, 24, "bob")


def test_a_log_with_a_header_is_told_by_its_path() -> None:
    reader = FlowReader()
    head = (
        "#path\thttp\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\turi\n"
    )
    line = "1.5\tC1\t192.0.2.7\t4000\t198.51.100.5\t80\tGET\t/x\n"

    reader.read((head + line).encode(), base=0)

    (found,) = reader.messages
    assert isinstance(found, HttpRequest)
    assert (found.target, found.at_ns) == ("/x", 1_500_000_000)


def test_events_of_suricata_are_read() -> None:
    answer = {
        "type": "answer", "rrname": "a.example", "rrtype": "A", "rcode": "NXDOMAIN", "id": 1,
    }  # fmt: skip
    found = read(
        {**EVE, "event_type": "http", "http": {"http_method": "GET", "url": "/x", "status": 200}},
        {**EVE, "event_type": "tls", "tls": {"sni": "a.example", "ja3": {"hash": "0a"}}},
        {**EVE, "event_type": "dns", "dns": answer},
        {**EVE, "event_type": "ssh", "ssh": {"client": {"software_version": "OpenSSH_9.6"}}},
        {**EVE, "event_type": "alert", "alert": {"signature": "x"}},
    )

    assert [type(one) for one in found] == [
        HttpRequest, HttpResponse, TlsHello, DnsMessage, SshBanner,
    ]  # fmt: skip
    assert isinstance(found[3], DnsMessage)
    assert (found[3].rcode, found[3].is_response) == (3, True)


def test_what_is_no_address_or_number_is_counted_and_said() -> None:
    reader = FlowReader()
    bad = {"ts": 1.0, **ENDS, "id.orig_h": "nobody", "id.resp_p": 80, "method": "GET", "uri": "/"}
    worse = {**bad, "id.orig_h": "192.0.2.7", "status_code": "many"}

    reader.read((json.dumps(bad) + "\n" + json.dumps(worse)).encode(), base=0)

    assert reader.weird == {"no address where one is due": 1, "no valid number": 1}


def test_messages_come_back_from_plain_values() -> None:
    for one in zeek(80, method="GET", uri="/", status_code=200):
        assert message_from_plain(message_to_plain(one)) == one


def test_no_other_kind_of_message_is_made() -> None:
    with pytest.raises(ValueError, match="no kind of message: 'Popen'"):
        message_from_plain({"is": "Popen"})
