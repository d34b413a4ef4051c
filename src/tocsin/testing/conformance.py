"""The battery that every detector passes, shipped or from a plugin.

`check_detector` takes a factory (each check starts with a fresh detector) and holds a
detector's promises against rows that trip it: it is pure, says its numbers, keeps the
order, leaves rows of others alone, survives a restart and stays bounded. `rows_for` makes
rows for every code that the shipped detectors judge; a plugin may bring its own.
"""

from __future__ import annotations

import copy
import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from tocsin.core.addresses import address_halves
from tocsin.core.messages import Message
from tocsin.core.times import NS_PER_S
from tocsin.detect.base import AUTH_TRIPS, MESSAGES, PACKET_TRIPS, WINDOWS
from tocsin.kernels import layouts
from tocsin.testing.attacks import attacks_on
from tocsin.testing.scenes import START_NS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tocsin.core.detection import Detection
    from tocsin.detect.base import Detector

SOURCE = "conformance"
PACKET_CODES = (
    layouts.SCAN_VERTICAL, layouts.SCAN_HORIZONTAL, layouts.SCAN_SLOW_VERTICAL,
    layouts.SCAN_SLOW_HORIZONTAL, layouts.SYN_FLOOD, layouts.SPIKE, layouts.GUESS_FLOWS,
    layouts.LEVEL_SHIFT,
    layouts.UDP_FLOOD, layouts.ICMP_FLOOD, layouts.TCP_FLOOD, layouts.IPV6_DOS,
    layouts.AMPLIFICATION, layouts.TCP_REFLECTION,
)  # fmt: skip
AUTH_CODES = (
    layouts.GUESS_EVENTS, layouts.SUCCESS_AFTER_GUESSING, layouts.BACKGROUND_NOISE,
    layouts.ACCOUNT_FOCUS, layouts.MANY_NAMES,
)  # fmt: skip
FOREIGN_CODE = 250
STATE_BYTES_MAX = 4 << 20
CROWD, CROWD_OF_ATTACKS = 6000, 1200
Rows = Any  # a structured array, or a list of messages
_DTYPES = {
    PACKET_TRIPS: layouts.PACKET_TRIP,
    AUTH_TRIPS: layouts.AUTH_TRIP,
    WINDOWS: layouts.TARGET_WINDOW,
}


class NotConformingError(AssertionError):
    """A detector breaks a promise; the message says which, and with what it was seen."""


def packet_trip(code: int, *, at_s: float = 20.0, last: int = 9) -> NDArray[np.void]:
    """Return one trip (shape (1,)) of 203.0.113.``last`` against 198.51.100.10."""
    row = np.zeros(1, dtype=layouts.PACKET_TRIP)
    at_ns = START_NS + round(at_s * NS_PER_S)
    row["code"], row["proto"], row["port"] = code, 6, 22
    row["at_ns"], row["last_ns"], row["first_ns"] = at_ns, at_ns, at_ns - 10 * NS_PER_S
    row["window_start_ns"], row["window_ns"] = at_ns - NS_PER_S, NS_PER_S
    row["offset"] = row["last_offset"] = 24 + round(at_s * 1000)
    row["first_offset"] = 24
    row["src_hi"], row["src_lo"] = address_halves(f"203.0.113.{last}")
    row["dst_hi"], row["dst_lo"] = address_halves("198.51.100.10")
    for name, value in _FIGURES.items():
        row[name] = value
    return row


_FIGURES = {
    "packets": 90, "flows": 50, "bytes": 5400, "contacts": 50, "failures": 40, "successes": 2,
    "pending": 8, "distinct": 50, "sources": 1, "records_to_detect": 9, "observed": 50.0,
    "expected": 4.0, "deviation": 1.0, "threshold": 8.0, "score": 12.5,
}  # fmt: skip


def auth_trip(code: int, *, at_s: float = 20.0, last: int = 9) -> NDArray[np.void]:
    """Return one trip (shape (1,)) of 12 failures for root by 203.0.113.``last`` on web01."""
    row = np.zeros(1, dtype=layouts.AUTH_TRIP)
    at_ns = START_NS + round(at_s * NS_PER_S)
    row["code"], row["service"], row["service_name"] = code, 1, b"ssh"
    row["at_ns"], row["last_ns"], row["first_ns"] = at_ns, at_ns, at_ns - 10 * NS_PER_S
    row["offset"] = row["last_offset"] = round(at_s * 100)
    row["src_hi"], row["src_lo"] = address_halves(f"203.0.113.{last}")
    row["failures"] = row["failures_window"] = row["records_to_detect"] = 12
    row["users_distinct"], row["threshold"] = 1, 8.0
    row["source_ports"][0, :2] = (40_000, 40_001)
    row["users"][0, 0] = row["user_last"] = b"root"
    row["host"] = b"web01"
    if code == layouts.MANY_NAMES:
        row["users_distinct"] = 12
    if code == layouts.ACCOUNT_FOCUS:
        row["users"][0, 0] = row["user_last"] = b"carla"
    if code in {layouts.BACKGROUND_NOISE, layouts.ACCOUNT_FOCUS}:
        row["sources_distinct"] = 1
        row["sources_hi"][0, 0], row["sources_lo"][0, 0] = row["src_hi"][0], row["src_lo"][0]
        row["src_hi"] = row["src_lo"] = 0
    return row


def flooded_window(*, at_s: float = 0.0, last: int = 9) -> NDArray[np.void]:
    """Return one closed window (shape (1,)) of a host that 7,000 sources flooded."""
    row = np.zeros(1, dtype=layouts.TARGET_WINDOW)
    row["start_ns"] = START_NS + round(at_s) // 60 * 60 * NS_PER_S
    row["hi"], row["lo"] = address_halves(f"198.51.100.{last}")
    row["packets_in"] = row["flows_in"] = row["syn_in"] = row["small_in"] = 60_000
    row["bytes_in"], row["sources"], row["ports"] = 3_240_000, 7000, 1
    row["first_offset"], row["last_offset"] = 24 + round(at_s), 1024 + round(at_s)
    return row


def rows_for(wants: str, *, detector: str = "", copies: int = 3, first: int = 0) -> Rows:
    """Return ``copies`` rows in time order per code that detectors of ``wants`` know.

    Messages are those of ``copies`` attacks on ``detector`` (`tocsin.testing.attacks`).

    Raises `NotConformingError` when nobody gives out such rows.
    """
    match wants:
        case "messages":
            return attacks_on(detector, first=first, copies=copies)
        case "packet_trips":
            made = [
                packet_trip(code, at_s=20.0 + n, last=9 + n)
                for n in range(copies)
                for code in PACKET_CODES
            ]
        case "auth_trips":
            made = [
                auth_trip(code, at_s=20.0 + n, last=9 + n)
                for n in range(copies)
                for code in AUTH_CODES
            ]
        case "windows":
            made = [flooded_window(at_s=60.0 * n, last=9 + n) for n in range(copies)]
        case _:
            _broken(f"wants one of {sorted(_DTYPES)}", repr(wants))
    return np.concatenate(made)


def check_detector(make: Callable[[], Detector], *, rule: str, rows: Rows | None = None) -> None:
    """Run the whole battery; raises `NotConformingError` at the first broken promise."""
    one = make()
    given = rows_for(one.wants, detector=one.name) if rows is None else rows
    found = _judged(make(), given)
    if not found:
        _broken("at least one detection from rows that should trip it", "none")
    for each in found:
        check_numbers(each, rule=rule)
    check_pure(make, rows=given)
    check_order(found)
    check_foreign(make)
    check_hearing(make, rows=given)
    check_restart(make, rows=given)
    check_bounded(make)


def check_pure(make: Callable[[], Detector], *, rows: Rows) -> None:
    """Hold it to the same detections from the same rows, which stay as they were."""
    before = _image(rows)
    first, second = _judged(make(), rows), _judged(make(), rows)
    if _image(rows) != before:
        _broken("rows that judging leaves as they were", "changed rows")
    if first != second:
        _broken("the same detections from the same rows", "others the second time")


def check_numbers(found: Detection, *, rule: str) -> None:
    """Ask for figures that a person can check, and where the records are."""
    numbers = {"observed": found.observed, "threshold": found.threshold, "score": found.score,
               "window_s": found.window_s, **found.contributions}  # fmt: skip
    if found.expected is not None:
        numbers["expected"] = found.expected
    for name, number in numbers.items():
        if not math.isfinite(number):
            _broken(f"a finite {name}", str(number))
    if found.p_value is not None and not 0.0 <= found.p_value <= 1.0:
        _broken("a p_value between 0 and 1", str(found.p_value))
    for name, text in {"reason": found.reason, "figure": found.figure}.items():
        if not any(sign.isdigit() for sign in text):
            _broken(f"figures in the {name}", repr(text))
    if not (found.entity and found.episode and found.kind):
        _broken("an entity, an episode and a kind", f"{found.entity!r} {found.episode!r}")
    if found.rule != rule or found.source != SOURCE or found.selector.source != SOURCE:
        _broken(f"rule {rule!r} and source {SOURCE!r}", f"{found.rule!r}, {found.source!r}")
    where = found.selector
    if not 0 < where.start_ns <= where.end_ns or where.first_offset > where.last_offset:
        _broken("a selector that spans time and bytes", repr(where))
    if not found.first_ns <= found.last_ns:
        _broken("first_ns at or before last_ns", f"{found.first_ns} and {found.last_ns}")


def check_order(found: list[Detection]) -> None:
    """Ask for detections in the order of their rows, which is that of time."""
    times = [one.detected_ns for one in found]
    if times != sorted(times):
        _broken("detections in the order of their rows", "another order")


def check_foreign(make: Callable[[], Detector]) -> None:
    """Ask for nothing from no rows and from rows of another code."""
    detector = make()
    if detector.wants == MESSAGES:
        foreign = Message(at_ns=START_NS, offset=24, client="192.0.2.1", server="192.0.2.2")
        if _judged(detector, []) or _judged(detector, [foreign]):
            _broken("nothing from no messages and from one that says nothing", "detections")
        return
    empty = np.zeros(0, dtype=_DTYPES[detector.wants])
    if _judged(detector, empty):
        _broken("nothing from no rows", "detections")
    if detector.wants == WINDOWS:
        return
    rows = rows_for(detector.wants)
    rows["code"] = FOREIGN_CODE
    if _judged(detector, rows):
        _broken(f"nothing from rows of code {FOREIGN_CODE}", "detections")


def check_hearing(make: Callable[[], Detector], *, rows: Rows) -> None:
    """Hold it to the same from the messages that it says it hears as from all."""
    detector, whole = make(), make()
    if detector.wants != MESSAGES:
        return
    hears = getattr(detector, "hears", (Message,))
    heard = [message for message in rows if isinstance(message, hears)]
    if _judged(detector, heard) != _judged(whole, rows) or detector.state() != whole.state():
        _broken("the same without messages that it does not hear", "others")


def check_restart(make: Callable[[], Detector], *, rows: Rows) -> None:
    """Ask a fresh detector with the old one's state to go on as the old one would."""
    middle = len(rows) // 2
    old, fresh = make(), make()
    _judged(old, rows[:middle])
    fresh.restore(copy.deepcopy(old.state()))
    wanted, found = _judged(old, rows[middle:]), _judged(fresh, rows[middle:])
    if wanted != found:
        _broken("the same detections after a restart", "others")


def check_bounded(make: Callable[[], Detector]) -> None:
    """Ask for no more memory from twice the crowd, and the last one still judged."""
    detector, sizes, heard = make(), [], 0
    for half in range(2):
        rows = _crowd(detector, half)
        heard = len(_judged(detector, rows))
        sizes.append(_size(detector.state()))
    if sizes[1] > max(sizes[0] * 1.1, 1024) or sizes[1] > STATE_BYTES_MAX:
        _broken(f"a state of at most {sizes[0]:,} bytes", f"{sizes[1]:,}")
    if not heard:
        _broken("detections at the bound", "none")


def _crowd(detector: Detector, half: int) -> Rows:
    """Return CROWD rows of ever new addresses, all codes in turn."""
    wants, first = detector.wants, half * CROWD
    if wants == MESSAGES:
        first = half * CROWD_OF_ATTACKS
        return attacks_on(detector.name, first=first, copies=CROWD_OF_ATTACKS)
    base = rows_for(wants, copies=1)
    rows: NDArray[np.void] = np.resize(base, CROWD)
    number = np.arange(first, first + CROWD, dtype=np.uint64)
    low = "lo" if wants == WINDOWS else "src_lo"
    rows[low] = np.uint64(address_halves("198.18.0.0")[1]) + number
    return rows


def _image(rows: Rows) -> object:
    return rows.tobytes() if isinstance(rows, np.ndarray) else repr(rows)


def _judged(detector: Detector, rows: Rows) -> list[Detection]:
    return list(detector.judge(rows, source=SOURCE))


def _size(state: dict[str, Any]) -> int:
    """Return the bytes of arrays and of the rest as text."""
    arrays = [value for value in state.values() if isinstance(value, np.ndarray)]
    rest = {k: v for k, v in state.items() if not isinstance(v, np.ndarray)}
    return sum(array.nbytes for array in arrays) + len(json.dumps(rest, default=repr))


def _broken(wanted: str, found: str) -> NoReturn:
    raise NotConformingError(f"expected {wanted}, found {found}")
