"""Success after guessing: what is said, and what is not raised."""

from __future__ import annotations

from tests.fixtures import parameters_policy
from tocsin.detect.account_compromise import AccountCompromise
from tocsin.kernels import layouts
from tocsin.testing.conformance import auth_trip


def judged(code: int) -> list[object]:
    detector = AccountCompromise(parameters_policy())
    return list(detector.judge(auth_trip(code), source="auth.log"))


def test_only_a_success_is_explained() -> None:
    assert judged(layouts.GUESS_EVENTS) == []
    assert len(judged(layouts.SUCCESS_AFTER_GUESSING)) == 1


def test_the_reason_names_the_account_and_the_failures_before_it() -> None:
    trip = auth_trip(layouts.SUCCESS_AFTER_GUESSING)
    trip["user_last"], trip["failures"], trip["threshold"] = b"deploy", 78, 4

    (found,) = AccountCompromise(parameters_policy()).judge(trip, source="auth.log")

    assert found.kind == "account_compromise"
    assert found.users == ("deploy",)
    assert found.reason.startswith(
        "password log-in as 'deploy' accepted after 78 failed log-ins by the same source in "
    )
