"""How long something has been watched: hours and days in which it was seen.

Time that merely passed teaches nothing: a capture may be made of pieces. What compares with
the past counts the hours and days that it really saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.times import DAY_NS, HOUR_NS

DAYS_MIN, HOURS_MIN = 3, 24


@dataclass(slots=True)
class Presence:
    """The last day and hour (UTC, since 1970) of being seen, and how many there were."""

    day: int = -1
    days: int = 0
    hour: int = -1
    hours: int = 0

    def see(self, at_ns: int) -> bool:
        """Count this moment; tell whether it is the first of an hour. Late ones don't count."""
        hour = at_ns // HOUR_NS
        if hour <= self.hour:
            return False
        self.hour, self.hours = hour, self.hours + 1
        day = at_ns // DAY_NS
        if day > self.day:
            self.day, self.days = day, self.days + 1
        return True

    @property
    def is_long(self) -> bool:
        """Whether it was seen in `HOURS_MIN` hours of `DAYS_MIN` days before this one."""
        return self.days > DAYS_MIN and self.hours > HOURS_MIN
