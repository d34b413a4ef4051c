"""What is measured of a flow: names, units, and how each comes out of the kernel's row.

A feature that does not exist for a flow (the gaps of one packet, the answer that never came)
is masked, never 0. Rates are per second of the flow's duration, at least 0.1 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.kernels.flow_features import ENTROPY_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Value = Callable[[NDArray[np.void]], Array]

SIDES = (("out", 0, "initiator"), ("in", 1, "responder"))
_FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr")
_NS = 1e9
_DURATION_MIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Feature:
    """One column: its name, unit (empty: a number), meaning, and value over rows.

    ``value`` takes rows (dtype `flow_features.WIDE_ROW`) and returns an array of as many
    numbers, masked where the feature does not exist. ``is_whole`` tells integers.
    """

    name: str
    unit: str
    words: str
    value: Value
    is_whole: bool = True


def masked(values: Array, *, where: Array) -> Array:
    """Return the values, masked where they do not exist."""
    return np.ma.masked_array(values, mask=~np.asarray(where))


def _packets(rows: NDArray[np.void]) -> Array:
    return np.asarray(rows["packets_out"] + rows["packets_in"])


def _bytes(rows: NDArray[np.void]) -> Array:
    return np.asarray(rows["bytes_out"] + rows["bytes_in"])


def _duration_s(rows: NDArray[np.void]) -> Array:
    return np.asarray((rows["last_ns"] - rows["start_ns"]) / _NS)


def _rate(name: str) -> Value:
    def value(rows: NDArray[np.void]) -> Array:
        total = {"packets": _packets, "bytes": _bytes}.get(name, lambda r: r[name])(rows)
        return np.asarray(total / np.maximum(_duration_s(rows), _DURATION_MIN_S))

    return value


def mean_of(total: Array, count: Array) -> Array:
    """Return the mean, masked where nothing was counted."""
    return masked(total / np.maximum(count, 1), where=count > 0)


def deviation_of(squares: Array, total: Array, count: Array) -> Array:
    """Return the standard deviation (of the population), masked where nothing was counted."""
    some = np.maximum(count, 1)
    return masked(np.sqrt(np.maximum(squares / some - (total / some) ** 2, 0)), where=count > 0)


def _plain(field: str) -> Value:
    return lambda rows: np.asarray(rows[field])


def _seconds(field: str) -> Value:
    return lambda rows: masked(rows[field] / _NS, where=rows[field] >= 0)


def _side_packets(rows: NDArray[np.void], side: int) -> Array:
    return np.asarray(rows["packets_in" if side else "packets_out"])


def _side_bytes(rows: NDArray[np.void], side: int) -> Array:
    return np.asarray(rows["bytes_in" if side else "bytes_out"])


def _kept(field: str, side: int) -> Value:
    """A minimum or maximum that exists once the side sent a packet."""
    return lambda r: masked(r[field][:, side], where=_side_packets(r, side) > 0)


def _gap(field: str, side: int) -> Value:
    return lambda r: masked(r[field][:, side] / _NS, where=_side_packets(r, side) > 1)


def _window_min(rows: NDArray[np.void], side: int) -> Array:
    least, most = rows["side_window_min"][:, side], rows["side_window_max"][:, side]
    return masked(least, where=least <= most)


# fmt: off
# One feature a statement, as in a table.


def _whole_flow() -> Iterator[Feature]:
    """Yield the features of both directions together."""
    f = Feature
    gaps = lambda r: _packets(r) - 1  # noqa: E731 - a name for a short formula
    idles = lambda r: r["active_periods"] - 1  # noqa: E731
    yield f("duration_s", "s", "from the first packet to the last", _duration_s, is_whole=False)
    yield f("size_min", "bytes", "smallest packet on the wire", _plain("size_min"))
    yield f("size_max", "bytes", "largest packet on the wire", _plain("size_max"))
    yield f("size_mean", "bytes", "mean packet size",
            lambda r: _bytes(r) / _packets(r), is_whole=False)
    yield f("size_deviation", "bytes", "standard deviation of packet sizes",
            lambda r: deviation_of(r["size_square_sum"], _bytes(r), _packets(r)),
            is_whole=False)
    yield f("gap_min_s", "s", "shortest time between packets",
            lambda r: masked(r["gap_min_ns"] / _NS, where=gaps(r) > 0), is_whole=False)
    yield f("gap_mean_s", "s", "mean time between packets, 0 if there is one",
            lambda r: r["gap_sum_ns"] / _NS / np.maximum(gaps(r), 1), is_whole=False)
    yield f("gap_max_s", "s", "longest time between packets",
            lambda r: r["gap_max_ns"] / _NS, is_whole=False)
    yield f("gap_deviation_s", "s", "standard deviation of times between packets",
            lambda r: deviation_of(r["gap_square"], r["gap_sum_ns"] / _NS, gaps(r)),
            is_whole=False)
    yield f("packets_s", "packets/s", "rate of packets", _rate("packets"), is_whole=False)
    yield f("bytes_s", "bytes/s", "rate of bytes", _rate("bytes"), is_whole=False)
    yield f("packets_ratio", "", "packets of the responder per packet of the initiator",
            lambda r: mean_of(r["packets_in"], r["packets_out"]), is_whole=False)
    yield f("bytes_ratio", "", "bytes of the responder per byte of the initiator",
            lambda r: mean_of(r["bytes_in"], r["bytes_out"]), is_whole=False)
    yield f("turns", "", "how often the sender changed", _plain("turns"))
    yield f("answer_s", "s", "from the first packet to the responder's first",
            _seconds("answer_ns"), is_whole=False)
    yield f("handshake_s", "s", "from SYN to SYN-ACK", _seconds("handshake_ns"), is_whole=False)
    for name in ("syn", "fin", "rst"):
        yield f(name, "packets", f"packets with {name.upper()}", _plain(name))
    yield f("retransmit_syn", "packets", "SYN sent again", _plain("retransmit_syn"))
    yield f("ttl_min", "", "smallest TTL or hop limit", _plain("ttl_min"))
    yield f("ttl_max", "", "greatest TTL or hop limit", _plain("ttl_max"))
    yield f("active_periods", "", "periods without a silence over 1 s", _plain("active_periods"))
    yield f("active_min_s", "s", "shortest such period", _seconds("active_min_ns"), is_whole=False)
    yield f("active_mean_s", "s", "mean length of such a period",
            lambda r: mean_of(r["active_sum_ns"] / _NS, r["active_periods"]),
            is_whole=False)
    yield f("active_max_s", "s", "longest such period", _seconds("active_max_ns"), is_whole=False)
    yield f("idle_min_s", "s", "shortest silence over 1 s",
            lambda r: masked(r["idle_min_ns"] / _NS, where=idles(r) > 0), is_whole=False)
    yield f("idle_mean_s", "s", "mean of the silences over 1 s",
            lambda r: mean_of(r["idle_sum_ns"] / _NS, idles(r)), is_whole=False)
    yield f("idle_max_s", "s", "longest silence over 1 s",
            lambda r: masked(r["idle_max_ns"] / _NS, where=idles(r) > 0), is_whole=False)
    yield f("fragments", "packets", "IP fragments", _plain("fragments"))
    yield f("extension_headers", "", "IPv6 extension headers in all packets", _plain("extensions"))
    yield f("odd", "packets", "packets with a peculiarity", _plain("odd"))
    yield f("tunnels", "", "tunnels that a packet came through, at most", _plain("layers"))
    yield f("icmp_type", "", "ICMP type of the first packet", _plain("icmp_type"))
    yield f("vlan", "", "VLAN of the first packet, 0: none", _plain("vlan"))


def _one_way(tail: str, side: int, who: str) -> Iterator[Feature]:
    """Yield the features of one direction."""

    def f(name: str, unit: str, words: str, value: Value, *, whole: bool = True) -> Feature:
        return Feature(f"{name}_{tail}", unit, f"{words}, of the {who}", value, is_whole=whole)

    def timed(name: str, words: str, value: Value) -> Feature:
        return Feature(f"{name}_{tail}_s", "s", f"{words}, of the {who}", value, is_whole=False)

    def count(r: NDArray[np.void]) -> Array:
        return _side_packets(r, side)

    def filled(r: NDArray[np.void]) -> Array:
        return np.asarray(r["payload_packets"][:, side])

    payload = f"payload_{tail}"
    yield f("payload", "bytes", "payload by the headers", _plain(payload))
    yield f("size_min", "bytes", "smallest packet", _kept("side_size_min", side))
    yield f("size_max", "bytes", "largest packet", _kept("side_size_max", side))
    yield f("size_mean", "bytes", "mean packet size",
            lambda r: mean_of(_side_bytes(r, side), count(r)), whole=False)
    yield f("size_deviation", "bytes", "standard deviation of packet sizes",
            lambda r: deviation_of(r["side_size_square"][:, side], _side_bytes(r, side), count(r)),
            whole=False)
    yield f("header", "bytes", "all that is no payload: headers, padding",
            lambda r: r["header_sum"][:, side])
    yield f("header_min", "bytes", "smallest such part", _kept("header_min", side))
    yield f("header_max", "bytes", "largest such part", _kept("header_max", side))
    yield f("payload_packets", "packets", "packets with payload", filled)
    yield f("payload_min", "bytes", "smallest payload but none",
            lambda r: masked(r["payload_min"][:, side], where=filled(r) > 0))
    yield f("payload_max", "bytes", "largest payload",
            lambda r: masked(r["payload_max"][:, side], where=filled(r) > 0))
    yield f("payload_mean", "bytes", "mean payload of packets with any",
            lambda r: mean_of(r[payload], filled(r)), whole=False)
    yield f("payload_deviation", "bytes", "standard deviation of those",
            lambda r: deviation_of(r["payload_square"][:, side], r[payload], filled(r)),
            whole=False)
    yield f("small", "packets", "packets with less than 64 bytes of payload",
            lambda r: r["small"][:, side])
    yield timed("gap_min", "shortest time between packets", _gap("side_gap_min_ns", side))
    yield timed("gap_mean", "mean time between packets",
                lambda r: mean_of(r["side_gap_sum_ns"][:, side] / _NS, count(r) - 1))
    yield timed("gap_max", "longest time between packets", _gap("side_gap_max_ns", side))
    yield timed("gap_deviation", "standard deviation of times between packets",
                lambda r: deviation_of(r["side_gap_square"][:, side],
                                       r["side_gap_sum_ns"][:, side] / _NS, count(r) - 1))
    yield f("packets_rate", "packets/s", "rate of packets", _rate(f"packets_{tail}"), whole=False)
    yield f("bytes_rate", "bytes/s", "rate of bytes", _rate(f"bytes_{tail}"), whole=False)
    yield from _contents(f, side, f"window_{tail}")


def _contents(f: Callable[..., Feature], side: int, window: str) -> Iterator[Feature]:
    """Yield what the headers and payload of one direction hold."""
    for bit, name in enumerate(_FLAGS):
        yield f(name, "packets", f"packets with {name.upper()}",
                lambda r, at=side * 8 + bit: r["flag_packets"][:, at])
    yield f("ttl_min", "", "smallest TTL or hop limit", _kept("side_ttl_min", side))
    yield f("ttl_max", "", "greatest TTL or hop limit", _kept("side_ttl_max", side))
    yield f("window", "", "first TCP window that is not 0, unscaled", _plain(window))
    yield f("window_min", "", "smallest TCP window", lambda r: _window_min(r, side))
    yield f("window_max", "", "greatest TCP window", _kept("side_window_max", side))
    yield f("window_zero", "packets", "packets without RST whose TCP window is 0",
            lambda r: r["window_zero"][:, side])
    yield f("retransmits", "packets", "TCP segments that begin before what was sent already",
            lambda r: r["retransmits"][:, side])
    yield f("holes", "packets", "TCP segments that begin behind a hole",
            lambda r: r["holes"][:, side])
    yield f("entropy", "bits/byte", f"entropy of the first payload's first {ENTROPY_BYTES} bytes",
            lambda r: masked(np.round(r["entropy"][:, side].astype(np.float64), 4),
                             where=r["entropy_bytes"][:, side] > 0), whole=False)
    yield f("entropy_bytes", "bytes", "how many bytes that is measured over",
            lambda r: r["entropy_bytes"][:, side])
    yield f("bulks", "", "runs of 4 and more packets with payload, no silence over 1 s",
            lambda r: r["bulks"][:, side])
    yield f("bulk_packets", "packets", "packets in such runs", lambda r: r["bulk_packets"][:, side])
    yield f("bulk_bytes", "bytes", "payload in such runs", lambda r: r["bulk_bytes"][:, side])
    yield f("bulk_rate", "bytes/s", "payload per second of such runs",
            lambda r: mean_of(r["bulk_bytes"][:, side] * _NS, r["bulk_ns"][:, side]),
            whole=False)


# fmt: on


def _all() -> Iterator[Feature]:
    yield from _whole_flow()
    for tail, side, who in SIDES:
        yield from _one_way(tail, side, who)


FEATURES: tuple[Feature, ...] = tuple(_all())
"""Every feature, in the order of the columns."""
