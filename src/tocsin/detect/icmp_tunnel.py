"""ICMP tunnels: echo messages whose contents are a conversation.

An echo's answer repeats its data (RFC 792), and each program fills it by one pattern behind
a time stamp. A tunnel's data changes all the time, in size too, and answers say other
things than requests. Source: Singh, Nordström, Lu, dos Santos, "Malicious ICMP Tunneling:
Defense against the Vulnerability", ACISP 2003.

Catches ptunnel, icmptunnel, icmpsh, hans. Misses one that hides in the pattern of a known
ping. May raise with no history. Memory: `tocsin.detect.episodes.Episodes`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import IcmpMessage
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

_ECHO, _REPLY = frozenset({8, 128}), frozenset({0, 129})
_STAMP_BYTES, _SMALL_BYTES = 16, 8
_DIFFERENT_ANSWER = 2.0


class IcmpTunnel(MessageDetector):
    """Count contents that come once, and answers that do not repeat their question."""

    name: ClassVar[str] = "icmp_tunnel"
    hears = (IcmpMessage,)
    gap_s: ClassVar[float] = 3600.0

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling of the contents."""
        for message in rows:
            if isinstance(message, IcmpMessage) and message.type in _ECHO | _REPLY:
                yield from self._said(message, source)

    def _said(self, m: IcmpMessage, source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.client}|{m.server}", m)
        data = m.data[_STAMP_BYTES:] if len(m.data) > 2 * _STAMP_BYTES else m.data
        if len(data) < _SMALL_BYTES and m.size_bytes < 2 * _STAMP_BYTES:
            return
        digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        if episode.note(digest):
            episode.tally("contents")
            episode.tally("bytes", m.size_bytes)
            if m.type in _REPLY:  # the question had other data
                episode.tally("different", _DIFFERENT_ANSWER)
            yield from self._judge(episode, m, source)

    def _judge(self, episode: Episode, m: IcmpMessage, source: str) -> Iterator[Detection]:
        p = self.policy.parameters.names
        contents, different = episode.tallies["contents"], episode.tallies.get("different", 0.0)
        # Changing data alone may be a program with a counter behind its stamp.
        if not different and contents < 2 * p.icmp_contents_min:
            return
        score = contents + different
        phase = episode.phase(score, p.icmp_contents_min)
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        total = episode.tallies["bytes"]
        crossing = Crossing(
            kind="icmp_tunnel",
            reason=(
                f"{plural(round(contents), 'different echo content')} between the two in {span} "
                f"({total:,.0f} bytes), {different / _DIFFERENT_ANSWER:,.0f} answers that do not "
                f"repeat their question; a ping repeats one pattern; "
                f"{p.icmp_contents_min:.0f} is the bound"
            ),
            figure=f"{total:,.0f} bytes in echo messages in {span}",
            observed=score,
            threshold=p.icmp_contents_min,
            attackers=(m.client,),
            victims=(m.server,),
            service="icmp",
            facts={"contents": round(contents)},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)
