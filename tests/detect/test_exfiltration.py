"""What is carried out of a network, by what it says and by how much it is; and calm uploads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.detect.messages import attacked
from tocsin.core.messages import FileTransfer, HttpRequest, MailEncrypted, Opening
from tocsin.core.networks import Home
from tocsin.core.parameters import Parameters
from tocsin.detect.base import Policy
from tocsin.detect.exfiltration import Exfiltration
from tocsin.detect.exfiltration_requests import of_request
from tocsin.detect.exfiltration_signs import is_inventory, of_files, of_opening
from tocsin.testing.attacks.exfiltration import stored
from tocsin.testing.captures import Framed
from tocsin.testing.neighbour_messages import MS, looked_up, opened
from tocsin.testing.scenes import START_NS, EngineRun, capture, wiring
from tocsin.testing.talks import talk
from tocsin.testing.uploads import (
    INSIDE,
    OUTSIDE,
    calm_uploads,
    encrypted_upload,
    ftp_upload,
    mail,
    pieces,
    raw_upload,
    thief_mail,
)
from tocsin.testing.uploads import looked_up as name_asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

HOME = Home(("192.0.2.0/24",))


def found_in(packets: Iterable[Framed]) -> list[Detection]:
    run = EngineRun(replace(wiring(detectors=["exfiltration"]), home=HOME))
    return run([capture(packets)]).detections


def judged(rows: Sequence[Message]) -> list[Detection]:
    return list(Exfiltration(Policy("rule", Parameters(), HOME)).judge(rows, source="capture.pcap"))


def test_a_file_named_as_thieves_name_theirs_is_enough() -> None:
    (found, *_) = attacked(Exfiltration)

    assert (found.kind, found.attackers, found.victims) == (
        "exfiltration", ("203.0.113.1",), ("192.0.2.7",),
    )  # fmt: skip
    assert found.records_to_detect == 1
    assert found.contributions["stolen_name"] == 5.0


def test_a_thief_s_mail_is_found_with_its_signs() -> None:
    (found,) = found_in(thief_mail())

    assert (found.kind, found.attackers, found.victims) == ("exfiltration", (OUTSIDE,), (INSIDE,))
    assert found.observed == 13.5
    assert found.reason == (
        "a name as password thieves give to what they send; a description of the host with its "
        "name and its user's; it names the machine that sends it; mail handed over by a program "
        "under a bare host name; mail handed to an outside server; a mail to its own sender; a "
        "mail without an id of its own, over 0.1 ms; signs 13.5, 5.0 is the bound "
        "(home is 192.0.2.0/24)"
    )


def test_a_description_of_the_host_alone_is_found_in_a_mail() -> None:
    text = b"User Name: anna<br>Computer Name: DESK-4<br>OSFullName: Windows<br>RAM: 8 GB"

    (found,) = found_in(mail(b"hello", text, greeting=b"[192.0.2.7]"))

    assert (found.kind, round(found.observed, 1)) == ("exfiltration", 5.5)


def test_a_raw_stream_to_a_mute_receiver_is_found_and_grows() -> None:
    found = found_in(raw_upload())

    first, second, *_ = found
    assert (first.kind, second.kind) == ("unusual_data_access", "exfiltration")
    assert (second.attackers, second.victims) == ((OUTSIDE,), (INSIDE,))
    assert second.contributions == {"silent_receiver": 2.5, "odd_port": 1.5, "sent": 1.0}
    assert second.selector.port == 4444
    assert found[-1].is_update
    assert found[-1].figure.startswith("1.5 MiB sent")
    assert {one.episode for one in found} == {found[0].episode}


def test_who_comes_for_the_data_is_the_attacker_too() -> None:
    ends = (OUTSIDE, 50_000, INSIDE, 4444)

    (*_, found) = found_in(talk(1.0, ends, pieces(300_000, side="<"), pace_s=0.0005))

    assert (found.kind, found.attackers, found.victims) == ("exfiltration", (OUTSIDE,), (INSIDE,))


def test_within_the_network_volume_alone_is_only_unusual() -> None:
    (*_, found) = found_in(raw_upload(server="192.0.2.40"))

    assert found.kind == "unusual_data_access"
    assert "both ends lie inside" in found.reason


def test_a_port_whose_protocol_is_not_spoken_is_a_sign() -> None:
    (found, *_) = found_in(raw_upload(port=443))

    assert "masked_port" in found.contributions


@pytest.mark.parametrize("port", [514, 9100, 5201])
def test_receivers_that_are_mute_by_design_are_calm(port: int) -> None:
    assert found_in(raw_upload(port=port)) == []


def test_one_way_captures_do_not_make_receivers_mute() -> None:
    assert found_in(p for p in raw_upload() if p.src == INSIDE) == []


def test_an_archive_sent_by_ftp_is_found_with_its_volume() -> None:
    found = found_in(ftp_upload(b"customers.zip", size_bytes=1 << 21))

    assert (found[0].kind, found[-1].kind) == ("exfiltration", "exfiltration")
    assert "silent_receiver" not in found[-1].contributions
    assert found[-1].contributions["bulk"] == 1.5


def test_what_is_fetched_by_ftp_is_calm() -> None:
    assert found_in(ftp_upload(b"customers.zip", size_bytes=1 << 20, verb=b"RETR")) == []


def test_a_site_published_by_ftp_is_calm() -> None:
    assert found_in(ftp_upload(b"index.html", size_bytes=40_000)) == []


def test_calm_uploads_are_calm() -> None:
    assert found_in(calm_uploads()) == []


def _bots_call() -> list[Framed]:
    return [
        *name_asked("api.telegram.org", OUTSIDE, at_s=1.0),
        *encrypted_upload("api.telegram.org", size_bytes=200_000, at_s=2.0),
    ]


def test_a_bot_s_service_after_a_look_at_itself_is_found() -> None:
    packets = [*name_asked("api.ipify.org", "198.51.100.20"), *_bots_call()]

    found = found_in(packets)

    assert found[-1].kind == "exfiltration"
    assert found[-1].facts["domain"] == "api.telegram.org"
    assert set(found[-1].contributions) == {"looked_itself_up", "bot_channel", "sent"}


def test_a_bot_s_service_alone_is_calm() -> None:
    assert found_in(_bots_call()) == []


def test_a_swarm_of_peers_at_unusual_ports_is_calm() -> None:
    names = [p for n in range(4) for p in name_asked(f"www{n}.example.org", "198.51.100.20",
                                                    at_s=n / 10)]  # fmt: skip
    peers = [
        p
        for n in range(8)
        for p in talk(1.0 + n / 100, (INSIDE, 50_000 + n, f"203.0.113.{n + 1}", 51_000 + n),
                      [("<", bytes([200, 1, 2])), *pieces(400_000)], pace_s=0.001)
    ]  # fmt: skip

    assert found_in([*names, *peers]) == []


def test_an_address_never_looked_up_at_an_unusual_port_is_doubtful() -> None:
    names = [p for n in range(4) for p in name_asked(f"www{n}.example.org", "198.51.100.20",
                                                    at_s=n / 10)]  # fmt: skip
    ends = (INSIDE, 50_000, OUTSIDE, 51_000)
    upload = talk(1.0, ends, [("<", bytes([200, 1, 2])), *pieces(400_000)], pace_s=0.001)

    (found, *_) = found_in([*names, *upload])

    assert (found.kind, found.observed, found.threshold) == ("unusual_data_access", 4.0, 3.5)


def test_a_database_that_answers_an_outside_host_is_found() -> None:
    greeting = ("<", b"\x4a\0\0\0\x0a8.0.36\0" + bytes(60))
    asked = (">", b"\x12\0\0\0\x03select * from t")
    ends = (OUTSIDE, 50_000, INSIDE, 3306)
    rows = [greeting, asked, *pieces(3 << 20, side="<")]

    (found, *_) = found_in(talk(1.0, ends, rows, pace_s=0.0005))

    assert (found.kind, found.attackers, found.victims) == ("exfiltration", (OUTSIDE,), (INSIDE,))


def _relations(size_bytes: int) -> list[Framed]:
    packets: list[Framed] = []
    for n in range(24):
        packets += encrypted_upload(
            "www.example.org", size_bytes=17_000, server=f"203.0.113.{n + 20}", at_s=n / 10,
            client_port=54_000 + n,
        )  # fmt: skip
    return [*packets, *encrypted_upload("drive.example.org", size_bytes=size_bytes, at_s=5.0)]


def test_a_copy_by_ssh_to_an_address_without_a_name_is_doubtful() -> None:
    ssh = [("<", b"SSH-2.0-OpenSSH_9.6\r\n"), (">", b"SSH-2.0-OpenSSH_9.6\r\n")]
    copy = talk(1.0, (INSIDE, 50_000, OUTSIDE, 22), [*ssh, *pieces(2 << 20)], pace_s=0.0005)

    (found, *_) = found_in(copy)

    assert (found.kind, found.observed) == ("unusual_data_access", 3.5)
    assert found_in([*name_asked("git.example.org", OUTSIDE), *copy]) == []


def test_far_more_than_other_relations_carry_is_doubtful_when_large() -> None:
    (found, *_) = found_in(_relations(40 << 20))

    assert found.kind == "unusual_data_access"
    assert found.contributions == {"outlier": 1.5, "large": 2.0}
    assert found.expected is not None


def test_a_few_mib_more_than_others_are_calm() -> None:
    assert found_in(_relations(4 << 20)) == []


def _request(
    method: str, target: str, body: bytes, *, host: str = "www.example.org", **more: str
) -> HttpRequest:
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return HttpRequest(
        at_ns=START_NS, offset=24, client=INSIDE, server=OUTSIDE, server_port=80, method=method,
        target=target, host=host, headers=headers, body=body,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "signs"),
    [
        (_request("PUT", "/secret.zip", b"PK\3\4" + bytes(60), user_agent="curl/8"),
         {"put", "archive", "documents", "no_page", "tool_agent"}),
        (_request("POST", "/", b"x" * 90, host="203.0.113.9:6677",
                  soapaction='"http://tempuri.org/Endpoint/Set"'),
         {"placeholder_call", "no_page", "old_agent", "address_host"}),
        (_request("POST", "/five/fre.php", b"\x12\0\x27\0\0\0\7\0\0\0ckav.ru\1\0\x0a\0\0\0",
                  content_encoding="binary", user_agent="Mozilla/4.08 (Charon; Inferno)"),
         {"coded_post", "odd_coding", "no_page", "old_agent"}),
        (_request("POST", "/up", b'--x\r\nContent-Disposition: form-data; filename="System Info.txt"',
                  user_agent="agent"),
         {"stolen_name", "no_page"}),
        (_request("POST", "/g", b"d=VXNlcjogYW5uYQpQQyBOYW1lOiBERVNLLTQKT1M6IFdpbmRvd3MKQ1BVOiB4Cg=="),
         {"inventory", "no_page", "old_agent"}),
        (_request("POST", "/v1", b'{"os": "Windows", "device_id": "7", "lang": "en"}'), set()),
        (_request("POST", "/up", b'--x\r\nfilename="photos.zip"\r\n\r\nPK\3\4', referer="http://w/"),
         set()),
        (_request("POST", "/c", b"\x1f\x8b\x08" + bytes(range(60)), content_encoding="gzip"), set()),
    ],
)  # fmt: skip
def test_what_a_request_shows(request_: HttpRequest, signs: set[str]) -> None:
    assert of_request(request_) == signs


def test_a_browser_s_libraries_are_fetched_by_thieves_only() -> None:
    rows = [_request("GET", f"/x/{name}.dll", b"", host=OUTSIDE) for name in ("nss3", "sqlite3")]

    (found,) = judged(rows)

    assert (found.kind, found.observed) == ("exfiltration", 5.0)


def test_kib_of_coded_values_told_in_targets_are_found() -> None:
    rows = [
        _request("GET", f"/i?d={(b'%04d' % n).hex() * 12}", b"", host=OUTSIDE) for n in range(60)
    ]

    (found, *_) = judged(rows)

    assert (found.kind, found.observed) == ("unusual_data_access", 4.5)
    assert judged(rows[:20]) == []


def test_a_token_that_comes_again_tells_nothing_new() -> None:
    rows = [_request("GET", "/i?token=" + "a8Kd0" * 20, b"", host=OUTSIDE) for _ in range(200)]

    assert judged(rows) == []


def test_one_path_at_hosts_that_have_nothing_in_common_is_found() -> None:
    value = "Jf4=" + "a8Kd0" * 12
    rows = [
        _request("GET", f"/he2a/?{value}", b"", host=f"www.shop{n}.com") for n in ("a", "b", "c")
    ]

    (found,) = judged(rows)

    assert "one_path" in found.contributions


@pytest.mark.parametrize(
    ("data", "signs"),
    [
        (b"\0\1\0\1\2\2\x1cnet.tcp://203.0.113.9:26791/", {"message_framing"}),
        (b"root:x:0:0:root:/root:/bin/bash\n", {"secrets"}),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", {"secrets"}),
        (b"PK\3\4\x14\0", {"archive"}),
        (b"name,number\nann,078-05-1120\nbob,219-09-9999\neve,457-55-5462\n", {"personal_data"}),
        (b"SSH-2.0-OpenSSH_9.6\r\n", set()),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", set()),
    ],
)
def test_what_an_opening_shows(data: bytes, signs: set[str]) -> None:
    assert of_opening(opened(START_NS, INSIDE, OUTSIDE, data)) == signs


def test_what_an_outside_host_sends_is_no_loss() -> None:
    row = opened(START_NS, INSIDE, OUTSIDE, b"root:x:0:0:root:/root:\n", from_client=False)

    assert judged([row]) == []


def test_a_mail_that_goes_on_encrypted_counts_after_a_look_at_itself() -> None:
    asked = looked_up(START_NS, INSIDE, "checkip.dyndns.org")
    row = MailEncrypted(
        at_ns=START_NS + 5000 * MS, offset=90, client=INSIDE, server=OUTSIDE, client_port=40_000,
        server_port=587, start_offset=80, greeting="DESK-4",
    )  # fmt: skip

    assert judged([row]) == []
    assert [one.kind for one in judged([asked, row])] == ["unusual_data_access"]


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("PW_anna-DESK-4_2026_01_02.html", {"stolen_name", "stamped_name"}),
        ("DESK-4 - Passwords ID - x.txt", {"stolen_name", "sensitive_name"}),
        ("ntds.dit", {"stolen_name"}),
        ("customers.sql.gz", {"documents", "sensitive_name"}),
        ("index.html", set()),
        ("co_op-menu.txt", set()),
    ],
)
def test_what_a_name_shows(name: str, signs: set[str]) -> None:
    assert of_files([name]) == signs


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Username: anna\nPC Name: DESK-4\nOS: Windows 11\nRAM: 8 GB", True),
        ("username=anna&computername=DESK-4&os=w&av=none", True),
        ('{"user": "anna", "hostname": "DESK-4", "os": "w", "ip": "1"}', True),
        ("Dear user, the meeting is at 10:00, system: ok", False),
        ("user: anna, password: x", False),
        ("os=Windows&cpu=4&lang=en&device_id=7", False),
    ],
)
def test_what_describes_a_host(text: str, is_found: bool) -> None:
    assert is_inventory(text) is is_found


def test_a_doubt_becomes_certain_in_the_same_episode() -> None:
    rows: list[FileTransfer | Opening] = [
        stored(START_NS, INSIDE, OUTSIDE, "report.xlsx"),
        stored(START_NS + 9 * MS, INSIDE, OUTSIDE, "passwords.txt"),
    ]

    first, second = judged(rows)

    assert (first.kind, second.kind) == ("unusual_data_access", "exfiltration")
    assert first.episode == second.episode
    assert (first.is_update, second.is_update) == (False, True)
