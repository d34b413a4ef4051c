"""What records of unknown programs say in plain words: that a log-in was refused or let in.

Records of named values keep what the remote side wrote apart from where it came from, so that
a few usual words in the values that name the event are enough; the source stands under a
name of its own. Text lines are believed only where no word of the remote side can stand before
the address: from the line's start each word up to it is one of a closed vocabulary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.core.event import Event
    from tocsin.parse.named_values import Values

_TELLING = (
    "event", "event.action", "event_type", "eventType", "event.type", "event_name", "eventName",
    "action", "type", "operation", "msg", "message", "error", "err", "reason", "result",
    "outcome", "event.outcome", "status", "activity", "detail", "description", "name",
    "cef.name", "act", "logdesc", "log_subtype",
)  # fmt: skip
_OUTCOMES = ("success", "successful", "succeeded", "is_success", "authenticated", "ok")
_LOGIN = re.compile(
    r"log.?(?:in|on)\b|logged.?in|sign.?in\b|signed.?in|authenticat|(?<![a-z])auth(?![a-z])|password|credential|passcode"
    r"|\b(?:2fa|mfa|totp|otp)\b|user not found|unknown user",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"fail|invalid|incorrect|wrong|denied|reject|refused|unauthori[sz]ed|unsuccessful|not found"
    r"|unknown user|\bbad\b|mismatch|locked|does.?n.t match",
    re.IGNORECASE,
)
_LET_IN = re.compile(r"succe|logged.?in|signed.?in|accepted|granted", re.IGNORECASE)
_TEXT_MAX = 400


def judge_words(event: Event, values: Values) -> None:
    """Say that a record of an unknown program is of a log-in, where it names a source."""
    if "source.ip" not in event:
        return
    text = " ".join(values.text(name)[:_TEXT_MAX] for name in _TELLING if name in values.named)
    if not _LOGIN.search(text):
        return
    said = next((values.text(name) for name in _OUTCOMES if name in values.named), "")
    if said == "false" or (said != "true" and _REFUSED.search(text)):
        outcome = "failure"
    elif said == "true" or _LET_IN.search(text):
        outcome = "success"
    else:
        return
    event["event.action"] = "generic_login"
    event["event.outcome"] = outcome
    event["event.category"] = "authentication"
