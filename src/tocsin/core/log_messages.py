"""Messages of logs: an event, and what lanes counted of lines that no object stands for.

As in `tocsin.core.messages`, text in them may be a remote side's, and names nobody by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.core.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEvent(Message):
    """What a record of a log says, as flat ECS names (CONTRACT, "Event"), if an event rule asks.

    ``client`` is ``source.ip`` (empty where the record names no trusted address), ``server`` the
    host that wrote the record as it calls itself (empty where it does not say). Event rules alone
    hear of it: what others find does not depend on which rules there are.
    """

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent(AskedEvent):
    """What a record of a log says, for all detectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate(Message):
    """A program wrote what it never wrote before in this log (`tocsin.kernels.template_miner`).

    ``server`` is the host as it calls itself, ``text`` the template, ``line`` the beginning of
    the line. Before it the program had written ``lines`` of ``templates`` different ones, of
    which ``singles`` came once.
    """

    program: str
    template: int
    text: str
    line: str
    lines: int
    templates: int
    singles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesJoined(Message):
    """Templates of this log turned out to be parts of others: (part, whole), in that order."""

    joined: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateWindow(Message):
    """What a program wrote in a window that is over: (template, lines) and the templates' texts.

    ``at_ns`` is the end of the window, ``start_ns`` its beginning. ``triples`` are lines that
    follow two others of their process, ``unseen`` those whose three templates never came so.
    ``is_whole`` is False where the log ended within the window.
    """

    program: str
    last_offset: int
    counts: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]
    triples: int = 0
    unseen: int = 0
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebTally(Message):
    """What a client asked a web server for so far, counted from the lines of an access log.

    Given out when its points reach the bound of a scan (`tocsin.detect.web_scan`) and at each
    doubling; ``first_offset`` is where its first line begins, ``paths`` how many different ones
    failed, ``named`` how many requests bore a scanner's name, the last one in ``agent``.
    """

    first_ns: int
    first_offset: int
    requests: int
    answered: int
    failed: int
    paths: int
    points: int
    named: int
    bytes: int
    agent: str = ""
    crawled: int = 0  # different pages in quick succession
    refused: int = 0  # answered 401, for want of credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPause(Message):
    """A log was silent longer than it ever was, or its clock went back (``gap_ns`` is negative).

    ``usual_ns`` is the longest silence before, ``days`` on how many days the log was seen.
    Unless ``is_over`` the silence lasts.
    """

    gap_ns: int
    usual_ns: int
    days: int
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAmounts(Message):
    """How much a web client was refused or given since ``first_ns``, by an access log.

    ``what`` is "refused" (401, 403, 429: `tocsin.kernels.web_amounts.REFUSED_MIN` of them in five
    minutes) or "read" (within an hour); told at the bound and at each doubling. ``others`` clients
    were given ``others_bytes`` in an hour.
    """

    what: str
    first_ns: int
    first_offset: int
    requests: int
    refused: int
    bytes: int
    others: int
    others_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebErrors(Message):
    """How many of a minute's requests a web server answered with 5xx, by its access log.

    ``usual`` is the share that such answers had before.
    """

    errors: int
    requests: int
    usual: float
