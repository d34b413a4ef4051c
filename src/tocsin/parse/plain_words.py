"""What records of unknown programs say in plain words: that a log-in was refused or let in.

Records of named values keep what the remote side wrote apart from where it came from, so that
a few usual words in the values that name the event are enough; the source stands under a
name of its own. Text lines are believed only where no word of the remote side can stand before
the address: from the line's start each word up to it is one of a closed vocabulary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.parse.fields import ip_of

if TYPE_CHECKING:
    from tocsin.core.event import Event
    from tocsin.parse.named_values import Values

_TELLING = (
    "event", "event.action", "event_type", "eventType", "event.type", "event_name", "eventName",
    "action", "type", "operation", "msg", "message", "error", "err", "reason", "result",
    "outcome", "event.outcome", "status", "activity", "detail", "description", "name",
    "outcome.result", "outcome.reason", "status.failureReason", "Operation", "errorMessage",
    "responseElements.ConsoleLogin", "cef.name", "act", "logdesc", "log_subtype",
)  # fmt: skip
_OUTCOMES = ("success", "successful", "succeeded", "is_success", "authenticated", "ok")
_LOGIN = re.compile(
    r"log.?(?:in|on)(?!(?-i:[a-z]))|logged.?in|sign.?in(?!(?-i:[a-z]))|session.start|signed.?in|authenticat|(?<![a-z])auth(?![a-z])|password|credential|passcode"
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


_LOGIN_WORDS = frozenset((
    "login", "logon", "log-in", "sign-in", "signin", "auth", "authenticate", "authentication",
    "password", "credential", "credentials",
))  # fmt: skip
_REFUSALS = frozenset((
    "failed", "failure", "failures", "denied", "refused", "rejected", "invalid", "incorrect",
    "wrong", "bad", "unauthorized", "unauthorised", "unsuccessful", "illegal", "blocked",
))  # fmt: skip
_GLUE = frozenset((
    "a", "an", "the", "has", "been", "was", "is", "of", "on", "to", "at", "in", "via", "over",
    "too", "many", "multiple", "repeated", "possible", "new", "incoming", "inbound", "remote",
    "tcp", "udp", "ssh", "sftp", "ftp", "http", "https", "smtp", "imap", "pop3", "sip", "telnet",
    "rdp", "vnc", "web", "api", "gui", "vpn", "ssl", "tls", "ldap", "server", "service",
    "authorization", "authorisation", "access", "connection", "request", "attempt", "attempts",
    "handshake", "session", "warning", "error", "notice", "info", "detected", "warn", "err",
    "severe", "fatal", "critical", "audit", "security", "supplied", "during",
))  # fmt: skip
_WORDS = _LOGIN_WORDS | _REFUSALS | _GLUE
# Behind these no program puts what the remote side typed, as it may behind "user" or "fail".
_BEFORE_FROM = (
    _LOGIN_WORDS
    | (_REFUSALS - {"invalid", "incorrect", "wrong", "bad", "illegal", "unauthorized"})
    | {"attempt", "attempts", "access", "connection", "request", "handshake", "session"}
    | {"authorization", "authorisation", "detected"}
)
_POINTERS = frozenset(("ip", "host", "client", "address", "peer", "source"))
_ADDRESS = re.compile(
    r"\[?(?P<a>(?:::[Ff]{4}:)?[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})\]?"
    r"(?:[:#][0-9]{1,5})?(?=$|[\s,;)\"'>]|[.:](?:$|\s))",
    re.ASCII,
)
_USER = re.compile(
    r"[ ,;:(.-]*+(?:for|as|with)? ?(?:user|username|account|login name)[ :=]++"
    r"(?:\"(?P<a>[^\"]++)\"|'(?P<b>[^']++)'|(?P<c>[^\s\"']++))[.)!]?$",
    re.ASCII,
)
_STEPS_MAX = 14


def plain_refusal(event: Event, text: str) -> bool:
    """Believe a refusal all of whose words before the address are of a closed vocabulary.

    >>> event = {}
    >>> plain_refusal(event, "Failed login attempt from 203.0.113.9 for user 'ana'")
    True
    >>> event["source.ip"], event["user.name"]
    ('203.0.113.9', 'ana')
    >>> plain_refusal({}, "Invalid user from 198.51.100.7")
    False
    """
    words: list[str] = []
    at = 0
    for _ in range(_STEPS_MAX):
        found = _ADDRESS.match(text, at)
        if found is not None:
            return _believe(event, text, found, words)
        space = text.find(" ", at)
        if space < 0:
            return False
        word = text[at:space].strip(":,;()[]-=\"'").lower()
        if word and word not in _WORDS and word not in _POINTERS and word != "from":
            return False
        if word:
            words.append(word)
        at = space + 1
        while at < len(text) and text[at] in " \"'(<":
            at += 1
    return False


def _believe(event: Event, text: str, found: re.Match[str], words: list[str]) -> bool:
    if words.count("from") != 1 or _REFUSALS.isdisjoint(words):
        return False
    place = words.index("from")
    if (
        not place
        or words[place - 1] not in _BEFORE_FROM
        or not _POINTERS.issuperset(words[place + 1 :])
    ):
        return False
    source = ip_of(found["a"])
    if source is None:
        return False
    event["source.ip"] = source
    is_login = not _LOGIN_WORDS.isdisjoint(words)
    event["event.action"] = "generic_login" if is_login else "generic_refused"
    event["event.outcome"] = "failure"
    event["event.category"] = "authentication" if is_login else "intrusion_detection"
    event.setdefault("event.dataset", "generic")
    user = _USER.fullmatch(text, found.end())
    if is_login and user is not None:
        event["user.name"] = user["a"] or user["b"] or user["c"]
    return True
