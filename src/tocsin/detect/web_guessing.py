"""Password guessing at web log-ins: many different credentials at one place.

Three places hold credentials: ``Authorization: Basic`` and ``Digest`` (counted when the
answer is a refusal, or when no answer is captured), and forms or JSON with a password field
(any method). Counted are *different* credentials within ``logins_window_s``: a program that
repeats one outdated password guesses nothing. Of forms, whose failures look like any page,
``logins_min`` different passwords for one user, as many refused (401, 403, 429), or three
times as many within a minute are guessing; ten people behind one address who log in are not.

Source: "OWASP Web Security Testing Guide" 4.2, WSTG-ATHN-03; RFC 7617 and RFC 7616. Catches
hydra, medusa, Burp, scripts. Misses guessing slower than the window, in TLS, and challenge
protocols that begin anew each time (NTLM). May raise with no history. Memory: the bounded
episodes; of credentials only hashes are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import WebTally
from tocsin.core.messages import HttpRequest, HttpResponse
from tocsin.core.patterns import pattern
from tocsin.core.times import NS_PER_S
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text
from tocsin.detect.web.values import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

USERS_MAX, TEXT_MAX = 16, 4096
_REFUSALS = frozenset({401, 403, 429})
_REFUSED, _OK = 400, 200
_FAST_FACTOR, _FAST_NS = 3, 60 * NS_PER_S
_PASSWORD = pattern(
    r"(?:^|[&?])(?:[\w.\[\]%-]{0,40}?(?:passw(?:or)?d|passwort|passwd|pwd|senha|contrase)[\w\]%]{0,16}|"
    r"pass|psd|pw|log_?pass\w*|user_?pass\w*)=([^&]*)",
    re.IGNORECASE,
)
_USER = pattern(
    r"(?:^|[&?])(?:[\w.\[\]%-]{0,40}?(?:user_?(?:name|id)?|login|e?mail|uname|account|usuario)[\w\]%]{0,8}|"
    r"log|name|uid|id)=([^&]*)",
    re.IGNORECASE,
)
_JSON_PASSWORD = pattern(
    r'"[\w.-]{0,24}(?:passw(?:or)?d|passwd|pwd|pass)"\s{0,4}:\s{0,4}"([^"]{0,128})"', re.IGNORECASE
)
_JSON_USER = pattern(
    r'"[\w.-]{0,24}(?:user(?:_?name|_?id)?|login|e?mail|account)"\s{0,4}:\s{0,4}"([^"]{0,128})"',
    re.IGNORECASE,
)
_DIGEST_USER = pattern(r'username="([^"]{0,128})"')
_DIGEST_PROOF = pattern(r'\bresponse="([0-9a-f]{8,64})"')
_QUICK = pattern(r"pass|pwd|pw=|senha|psd=|contrase", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to log in: which way, by which user name, a hash of the secret."""

    way: str  # basic, digest or form
    user: str
    secret: str


def attempt_in(request: HttpRequest) -> Attempt | None:
    """Return the credentials that a request shows, None when there are none."""
    scheme, _, rest = request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(rest.strip()[:1024], validate=True).decode("latin-1")
        except (binascii.Error, ValueError):
            return None
        user, _, secret = text.partition(":")
        return Attempt("basic", user[:64], _hash(secret))
    if scheme.lower() == "digest":
        user_found, proof = _DIGEST_USER.search(rest), _DIGEST_PROOF.search(rest)
        if proof is None:
            return None
        return Attempt("digest", user_found[1] if user_found else "", _hash(proof[1]))
    return _form(request)


def _form(request: HttpRequest) -> Attempt | None:
    body = request.body[:TEXT_MAX].decode("latin-1")
    query = request.target.partition("?")[2][:TEXT_MAX]
    if not _QUICK.search(body) and not (query and _QUICK.search(query)):
        return None
    if body.lstrip()[:1] == "{":
        secret, user = _JSON_PASSWORD.search(body), _JSON_USER.search(body)
    else:
        secret = _PASSWORD.search(body) or _PASSWORD.search(query)
        user = _USER.search(body) or _USER.search(query)
    if secret is None:
        return None
    return Attempt(
        "form", decoded(user[1].replace("+", " "))[:64] if user else "", _hash(secret[1])
    )


_REFUSED_SHARE = 0.8


class WebGuessing(MessageDetector):
    """Count different credentials per client, server and place."""

    name: ClassVar[str] = "web_guessing"
    hears = (WebTally, HttpRequest, HttpResponse)

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the credentials."""
        for message in rows:
            if isinstance(message, WebTally):
                yield from self._refused(message, source)
            elif isinstance(message, HttpRequest):
                attempt = attempt_in(message)
                if attempt is not None:
                    yield from self._tried(message, message, attempt, None, source)
            elif isinstance(message, HttpResponse) and message.request is not None:
                attempt = attempt_in(message.request)
                if attempt is not None:
                    yield from self._tried(
                        message, message.request, attempt, message.status, source
                    )

    def _refused(self, message: WebTally, source: str) -> Iterator[Detection]:
        """Report a client that a log shows refused again and again for want of credentials."""
        p = self.policy.parameters.web
        if message.refused < max(p.refused_min, _REFUSED_SHARE * message.answered):
            return  # what signs in by steps (NTLM) is refused before each success
        episode = self.episodes.step(f"{message.client}|{message.server}|401", message)
        phase = episode.phase(float(message.refused), float(p.refused_min))
        if phase is None:
            return
        tries = plural(message.refused, "request")
        crossing = Crossing(
            kind="brute_force",
            reason=(
                f"{tries} answered 401 within {p.scan_window_s:,.0f} s, of "
                f"{message.answered:,} by this client; {p.refused_min:,} is the bound"
            ),
            figure=f"{tries} refused",
            observed=float(message.refused),
            threshold=float(p.refused_min),
            attackers=(message.client,),
            victims=(message.server,),
            service="http",
            facts={"refused": message.refused},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def _tried(
        self,
        message: Message,
        request: HttpRequest,
        attempt: Attempt,
        status: int | None,
        source: str,
    ) -> Iterator[Detection]:
        place = request.target.partition("?")[0][:100] if attempt.way == "form" else attempt.way
        key = f"{message.client}|{message.server}|{place}"
        episode = self.episodes.step(key, message)
        if status is not None:
            episode.records -= 1  # a request and its answer are one try
            self._answered(episode, attempt, status)
        # an answer decides about Basic and Digest; without one, the request has to
        is_counted = attempt.way == "form" or (
            status in _REFUSALS or (status is None and "answered" not in episode.tallies)
        )
        counts_now = (status is None) if attempt.way == "form" else is_counted
        is_new = (
            is_counted and counts_now and episode.note(_hash(f"{attempt.user}\x00{attempt.secret}"))
        )
        if is_new:
            user = "user " + attempt.user
            if (
                user in episode.tallies
                or sum(n[:5] == "user " for n in episode.tallies) < USERS_MAX
            ):
                episode.tally(user)
        p = self.policy.parameters.web
        if is_new:
            episode.within(message.at_ns, p.logins_window_s)
        if is_new or status in _REFUSALS:
            yield from self._judge(episode, message, attempt, place, source)

    def _answered(self, episode: Episode, attempt: Attempt, status: int) -> None:
        episode.tally("answered")
        if status in _REFUSALS:
            episode.tally("refused")
        elif _OK <= status < _REFUSED and attempt.way != "form":
            episode.tally("accepted")

    def _judge(
        self, episode: Episode, message: Message, attempt: Attempt, place: str, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.web
        tried = len(episode.times)
        most = max((v for n, v in episode.tallies.items() if n[:5] == "user "), default=0.0)
        refused = episode.tallies.get("refused", 0.0)
        fast = sum(1 for at in episode.times if message.at_ns - at <= _FAST_NS)
        is_guessing = (
            most >= p.logins_min
            or refused >= p.logins_min
            or fast >= _FAST_FACTOR * p.logins_min
            or (attempt.way != "form" and refused >= p.logins_min)
        )
        if attempt.way == "digest" and not refused:
            return  # a proof is new each time
        phase = episode.phase(float(tried), float(p.logins_min)) if is_guessing else None
        if phase is None:
            return
        users = [n[5:] for n in episode.tallies if n[:5] == "user " and len(n) > len("user ")]
        accepted = int(episode.tallies.get("accepted", 0.0))
        worked = f"; {accepted:,} accepted" if accepted else ""
        crossing = Crossing(
            kind="brute_force",
            reason=(
                f"{plural(tried, 'different credential')} for {plural(max(len(users), 1), 'user')} "
                f"at {place!r} in {span_text(episode.first_ns, episode.last_ns)}, "
                f"{refused:,.0f} refused{worked}; {p.logins_min:,} is the bound"
            ),
            figure=f"{plural(tried, 'password')} tried",
            observed=float(tried),
            threshold=float(p.logins_min),
            expected=1.0,
            attackers=(message.client,),
            victims=(message.server,),
            users=tuple(users[:USERS_MAX]),
            service="http",
            port=message.server_port,
            facts={
                "place": place,
                "way": attempt.way,
                "refused": int(refused),
                "accepted": accepted,
                "users_tried": len(users),
            },
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
