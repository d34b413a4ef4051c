"""Signs of remote control, added up; and programs that show a few."""

from __future__ import annotations

import pytest

from tests.detect.messages import attacked, judged
from tocsin.core.messages import HttpRequest, TlsCertificate
from tocsin.core.times import DAY_NS
from tocsin.detect.control_signs import of_opening
from tocsin.detect.remote_control import RemoteControl
from tocsin.testing.neighbour_messages import MS, opened
from tocsin.testing.scenes import START_NS

INSIDE, OUTSIDE = "192.0.2.7", "8.8.8.8"


def test_a_log_on_in_clear_text_is_enough() -> None:
    (found, *_) = attacked(RemoteControl)

    assert (found.kind, found.attackers, found.victims) == (
        "c2", ("203.0.113.1",), (INSIDE,),
    )  # fmt: skip
    assert found.observed == 8.0
    assert found.reason == (
        "a log-on that tells a stranger the host's user and system; commands of capitals and "
        "bars at an odd port, in 1 message over 0.1 ms; signs 8.0, 5 is the bound"
    )


def _certificate(subject: str, *, port: int = 7084, issuer: str = "") -> TlsCertificate:
    return TlsCertificate(
        at_ns=START_NS, offset=24, client=INSIDE, server=OUTSIDE, server_port=port,
        subject=subject, issuer=issuer or subject, is_self_signed=not issuer,
        not_before_ns=0, not_after_ns=3650 * DAY_NS,
    )  # fmt: skip


def test_the_certificate_of_a_framework_is_enough() -> None:
    (found,) = judged(RemoteControl, [_certificate("CN=AsyncRAT Server")])

    assert found.contributions["framework_certificate"] == 6.0


def test_a_camera_with_a_certificate_of_its_own_is_calm() -> None:
    assert judged(RemoteControl, [_certificate("CN=camera")] * 40) == []


def _post(n: int, target: str, body: bytes, *, led: bool = False) -> HttpRequest:
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/x-www-form-urlencoded"),)
    if led:
        headers += (("referer", "http://www.example.org/form"), ("user-agent", "Mozilla/5.0 x"))
    return HttpRequest(
        at_ns=START_NS + n * 1000 * MS, offset=24 + n, client=INSIDE, server=OUTSIDE,
        server_port=80, method="POST", target=target, host="www.example.org", headers=headers,
        body=body,
    )  # fmt: skip


def test_bare_posts_of_random_values_are_command_and_control() -> None:
    rows = [_post(n, f"/x7Qm.php?n=x4tk7t4jo6{n}", b"q=" + b"9f3a" * 20) for n in range(3)]

    (found, *_) = judged(RemoteControl, rows)

    assert (found.attackers, found.victims) == ((OUTSIDE,), (INSIDE,))


def test_a_form_that_a_page_led_to_is_calm() -> None:
    rows = [_post(n, "/contact.php", b"name=anna&text=hello", led=True) for n in range(30)]

    assert judged(RemoteControl, rows) == []


def test_the_owner_of_a_bind_shell_is_who_called() -> None:
    row = opened(
        START_NS, INSIDE, OUTSIDE, b"Microsoft Windows [Version 10.0.1]\r\n", port=4444,
        from_client=False,
    )  # fmt: skip

    (found,) = judged(RemoteControl, [row])

    assert (found.attackers, found.victims) == ((INSIDE,), (OUTSIDE,))


@pytest.mark.parametrize(
    ("from_client", "attacker", "victim"), [(False, OUTSIDE, INSIDE), (True, INSIDE, OUTSIDE)]
)
def test_who_types_the_commands_is_the_attacker(
    from_client: bool, attacker: str, victim: str
) -> None:
    row = opened(START_NS, INSIDE, OUTSIDE, b"id\n", port=4444, from_client=from_client)

    (found,) = judged(RemoteControl, [row])

    assert (found.attackers, found.victims) == ((attacker,), (victim,))


@pytest.mark.parametrize(
    ("data", "port", "signs"),
    [
        (b"uid=0(root) gid=0(root)\n", 443, {"shell"}),
        (b"bash: cannot set terminal process group (7): Not a tty\n", 4444, {"shell"}),
        (b"$ ", 4444, {"shell"}),
        (b"# comment\n[settings]\nkey = 1\n", 4444, set()),
        (b"whoami\n", 4444, {"command"}),
        (b"cat /etc/passwd\n", 9001, {"command"}),
        (b"net user\r\n", 9001, {"command"}),
        (b"ls\r\n", 21, set()),
        (b"PING\r\n", 6379, set()),
        (b"stats\r\n", 11211, set()),
        (b"identify yourself\n", 9001, set()),
        (b"Gh0st\xad\0\0\0", 8000, {"known_opening"}),
        (b"\0\0\0\1", 23, {"bot_opening"}),
        (b"NICK DEU|XP|8372\r\nUSER x\r\n", 6667, {"irc_bot"}),
        (b"220 mail.example.org ESMTP\r\n", 25, set()),
        (b'{"jsonrpc": "2.0", "method": "login"}', 9000, set()),
        (b"host=desk-4\0os=Windows 10\0a\0b\0c\0\1\2\3\4\5\6\7", 8089, set()),
        (b"<14>Jan 1 00:00:00 web01 app: njrat was found", 6514, set()),
    ],
)
def test_what_an_opening_shows(data: bytes, port: int, signs: set[str]) -> None:
    assert of_opening(opened(START_NS, INSIDE, OUTSIDE, data, port=port)) == signs
