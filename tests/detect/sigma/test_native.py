"""Audit records and cloud logs under their writers' names; texts of regular expressions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.detect.sigma.native import audit_values, native_values
from tocsin.detect.sigma.regex_texts import texts_in
from tocsin.detect.sigma.seen import Seen
from tocsin.detect.sigma.sources import sources_of


def test_joined_records_answer_for_all_of_them() -> None:
    found = audit_values(
        'type=SYSCALL msg=audit(1.1:7): arch=c000003e syscall=59 success=yes uid=33 comm="sh"'
        ' exe="/usr/bin/dash"\n'
        'type=EXECVE msg=audit(1.1:7): argc=3 a0="sh" a1="-c" a2=6964202D61\n'
        'type=PATH msg=audit(1.1:7): item=1 name="/etc/cron.d/x" nametype=CREATE'
    )

    assert found["type"] == ["SYSCALL", "EXECVE", "PATH"]
    assert found["syscall"] == ["59", "execve"]
    assert (found["CommandLine"], found["Image"]) == ("sh -c id -a", "/usr/bin/dash")
    assert found["TargetFilename"] == ["/etc/cron.d/x"]


def test_a_title_and_a_sudo_command_are_decoded() -> None:
    assert audit_values("type=PROCTITLE msg=audit(1.1:7): proctitle=6964002D61")["CommandLine"] == (
        "id -a"
    )
    said = "type=USER_CMD msg=audit(1.1:8): pid=1 msg='cwd=\"/\" cmd=6964202D61 res=success'"
    assert audit_values(said)["CommandLine"] == "id -a"


@pytest.mark.parametrize(
    ("record", "product", "service"),
    [
        ('{"eventSource":"iam.amazonaws.com","eventName":"CreateUser"}', "aws", "cloudtrail"),
        ('{"protoPayload":{"methodName":"SetIamPolicy"}}', "gcp", "gcp.audit"),
        ('{"eventType":"user.session.start","published":"x"}', "okta", "okta"),
        ('{"action":"repo.access","actor":"ana","org":"shop"}', "github", "audit"),
        ('{"operationName":"x","category":"AuditLogs","resourceId":"y"}', "azure", "auditlogs"),
    ],
)
def test_a_cloud_log_is_known_by_its_names(record: str, product: str, service: str) -> None:
    event = {"event.dataset": "generic", "event.original": record}

    found = sources_of(event)

    assert (found.products, found.services) == ((product,), (service,))


def test_a_nested_name_is_found_in_the_record() -> None:
    event = {"event.dataset": "generic", "event.original": '{"a":{"b":[{"c":1},{"c":2}]}}'}

    assert Seen(event, {}).value("a.b.c") == [1, 2]


def test_half_a_surrogate_pair_is_no_reason_to_stop() -> None:
    from tocsin.detect.sigma.matchers import matcher

    event: dict[str, Any] = {"x": "a\ud800b"}

    assert matcher(["field", "x", "re", ["a.b", ""], True])(Seen(event, {}))


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("curl .*http", {"curl "}), ("(curl|wget) -o", {"curl -o", "wget -o"}), ("a?b+", {"b"}),
        ("[0-9]+", None), ("x|", None), ("(?<a", None), (r"-(W|R)\s", {"-w", "-r"}),
    ],
)  # fmt: skip
def test_texts_of_which_one_must_be_there(pattern: str, texts: set[str] | None) -> None:
    assert texts_in(pattern) == texts


PIECES = st.sampled_from(
    ("type=EXECVE", "type=PATH", " msg=audit(1.1:7): ", "a0=", "a1=4142", "name=", '"', "'", "=",
     "{", "}", ":", ",", "msg='", "nametype=CREATE", "syscall=59", "arch=c000003e", "proctitle=00")
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=6), max_size=30).map("".join))
def test_any_record_is_read_without_an_error(text: str) -> None:
    for dataset in ("auditd", "generic", "sudo"):
        event = {"event.dataset": dataset, "event.original": text, "process.command_line": text}

        assert isinstance(native_values(event), dict)
        sources_of(event)
