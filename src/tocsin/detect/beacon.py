"""Beacons: a host calls the same far end again and again, as a clock does.

Judged per (client, server, port) over the beginnings of its conversations: how even the
intervals are (median absolute deviation and Bowley's skew), how equal the sizes of what is
said first, and how much of the time it went on. Sources: RITA (Active Countermeasures) for
the four views; Hu et al., "BAYWATCH: Robust Beaconing Detection to Identify Infected Hosts
in Large-Scale Enterprise Networks", DSN 2016.

Catches implants that open a new connection per call, with jitter up to about a third. One
long connection, name look-ups, time and push services open none; a poll in clear HTTP counts
if it has a sign of control. Few calls are no proof: with ``beacon_calls_min`` of them (half as
many where each has such a sign) ``beacon_score_min`` is the bound; down to half of that many
the bound rises to `_SCORE_OF_FEW`. Misses slow beacons in short captures. May raise with no
history. Memory: `tocsin.detect.episodes.Episodes`, `CALLS_MAX` times each.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import HttpRequest, Opening, TlsHello
from tocsin.core.times import NS_PER_S
from tocsin.detect.control_signs import of_request
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

CALLS_MAX = 256
_INTERVAL_MIN_S, _INTERVAL_MAX_S = 0.5, 7200.0
_WIDE = 0.5  # of the median interval
# The fewest calls, as a share of those that are enough, and what they must score.
_FEW, _SCORE_OF_FEW = 0.5, 0.97
_AGAIN = 1.25  # judged again when there are so many times the calls


class Beacon(MessageDetector):
    """Judge the rhythm of each relation when its calls double."""

    name: ClassVar[str] = "beacon"
    hears = (HttpRequest, Opening, TlsHello)

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when enough calls are even enough, and when they double."""
        for message in rows:
            if (
                message.from_client
                and isinstance(message, HttpRequest | Opening | TlsHello)
                and not self.policy.home.holds(message.server)
                # What is said in clear HTTP is judged by what it says.
                and (not isinstance(message, HttpRequest) or of_request(message))
            ):
                yield from self._called(message, source)

    def _called(self, m: Message, source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.client}|{m.server}|{m.server_port}", m)
        if episode.tallies.get("last_start") == float(m.start_offset):
            return  # a further request of the same conversation
        episode.tallies["last_start"] = float(m.start_offset)
        calls = episode.tally("calls")
        episode.times.append(m.start_ns or m.at_ns)
        episode.times[:-CALLS_MAX] = []
        if isinstance(m, TlsHello) and m.server_name:
            episode.note(m.server_name)
        sizes = episode.tally("sizes", float(m.size_bytes))
        episode.tally("squares", float(m.size_bytes) ** 2)
        due = max(self._calls_min(m) * _FEW, _AGAIN * episode.tallies.get("judged", 0.0))
        if calls < due:
            return
        episode.tallies["judged"] = calls
        mean = sizes / calls
        spread = max(episode.tallies["squares"] / calls - mean * mean, 0.0) ** 0.5 / max(mean, 1.0)
        interval_s, evenness, skew = rhythm(episode.times)
        score = (evenness + (1.0 - abs(skew)) + max(0.0, 1.0 - spread)) / 3.0
        if not _INTERVAL_MIN_S <= interval_s <= _INTERVAL_MAX_S:
            return
        views = {"evenness": evenness, "skew": abs(skew), "size spread": spread}
        yield from self._judge(episode, m, score, interval_s, views, source)

    def _calls_min(self, m: Message) -> float:
        """Return how many calls make a rhythm; a sign of control in the call halves them."""
        least = self.policy.parameters.control.beacon_calls_min
        return least / 2 if isinstance(m, HttpRequest) else least

    def _score_min(self, share: float) -> float:
        """Return the bound for a share of the calls that are enough."""
        least = self.policy.parameters.control.beacon_score_min
        lacking = min(max(1.0 - share, 0.0) / (1.0 - _FEW), 1.0)
        return least + lacking * (_SCORE_OF_FEW - least)

    def _judge(
        self,
        episode: Episode,
        m: Message,
        score: float,
        interval_s: float,
        views: dict[str, float],
        source: str,
    ) -> Iterator[Detection]:
        calls = episode.tallies["calls"]
        bound = self._score_min(calls / self._calls_min(m))
        if score < bound:
            return
        phase = episode.phase(calls, self._calls_min(m) * _FEW)
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        crossing = Crossing(
            kind="c2_beacon",
            reason=(
                f"{plural(round(calls), 'new connection')} to {m.server} port {m.server_port} in "
                f"{span}, one every {interval_s:.3g} s: evenness {views['evenness']:.2f}, skew "
                f"{views['skew']:.2f}, sizes vary by {views['size spread']:.0%}; score "
                f"{score:.2f}, {bound:.2f} is the bound; people and most programs "
                f"call unevenly ({self.policy.home.words})"
            ),
            figure=f"{plural(round(calls), 'call')}, one every {interval_s:.3g} s",
            observed=score,
            threshold=bound,
            attackers=(m.server,),
            victims=(m.client,),
            port=m.server_port or None,
            contributions=views,
            facts={
                "interval_s": round(interval_s, 3),
                "calls": round(calls),
                "site": next(iter(episode.names), ""),
            },
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)


def rhythm(times_ns: list[int]) -> tuple[float, float, float]:
    """Return (median interval in s, evenness 0..1, Bowley's skew -1..1) of call times.

    Evenness is one minus the median absolute deviation over the median.

    >>> rhythm([0, 2_000_000_000, 4_000_000_000, 6_000_000_000, 8_000_000_000])
    (2.0, 1.0, 0.0)
    """
    gaps = sorted((b - a) / NS_PER_S for a, b in pairwise(times_ns) if b > a)
    if len(gaps) < 4:  # noqa: PLR2004 - no quarters
        return 0.0, 0.0, 1.0
    middle = median(gaps)
    deviation = median(abs(gap - middle) for gap in gaps)
    low, high = gaps[len(gaps) // 4], gaps[3 * len(gaps) // 4]
    spread = high - low
    # A narrow spread may lean to one side by chance: it counts by how wide it is.
    width = min(1.0, spread / (_WIDE * middle)) if middle else 1.0
    skew = width * (low + high - 2 * middle) / spread if spread else 0.0
    return middle, max(0.0, 1.0 - deviation / middle) if middle else 0.0, skew
