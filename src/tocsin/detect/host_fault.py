"""Faults as a host logs them: crashes, exhausted memory, failing disks and links, services down.

Counted per host and thing (a unit, a disk, an interface) within ``log.faults_window_s``. What is
grave by itself (an uncorrectable memory error, a disk that its own test gives up, the kernel's
memory killer) is told at once; the rest when it repeats. Of a unit that failed to start once, an
incident of level low.

Source: systemd's and the kernel's own words for their faults (`tocsin.parse.templates.system` and
`network_devices` name them). Misses faults that nothing logs. May raise with no history. Memory:
the bounded episodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tocsin.core.log_messages import LogEvent
from tocsin.detect.episodes import Crossing, Episode, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.parameters import LogParameters

# Of each action: kind, the parameter for how many are enough ("": one), the field of the thing.
_FAULTS: dict[str, tuple[str, str, str]] = {
    **dict.fromkeys(("service_crashed", "service_failed", "service_restarting"),
                    ("crash_loop", "crashes_min", "service.name")),
    **dict.fromkeys(("service_crash_loop", "kernel_fault"), ("crash_loop", "", "service.name")),
    "container_died": ("crash_loop", "crashes_min", "container.id"),
    "process_crashed": ("crash_loop", "crashes_min", "process.target.name"),
    **dict.fromkeys(("service_hung", "service_down", "service_start"),
                    ("service_down", "", "service.name")),
    **dict.fromkeys(("container_unhealthy", "task_hung"),
                    ("service_down", "crashes_min", "service.name")),
    "database_panic": ("service_down", "", "event.dataset"),
    "oom_kill": ("resource_exhaustion", "", "process.target.name"),
    **dict.fromkeys(("database_exhausted", "resource_exhausted", "conntrack_full", "disk_full"),
                    ("resource_exhaustion", "", "event.dataset")),
    **dict.fromkeys(("disk_error", "device_timeout"),
                    ("disk_failure", "disk_errors_min", "disk.name")),
    **dict.fromkeys(("disk_failed", "filesystem_error", "database_corrupted"),
                    ("disk_failure", "", "disk.name")),
    "memory_corrected": ("memory_error", "memory_errors_min", "host.name"),
    "memory_uncorrected": ("memory_error", "", "host.name"),
    "cpu_throttled": ("overheating", "crashes_min", "host.name"),
    "overheated": ("overheating", "", "host.name"),
    "power_failure": ("power_failure", "", "host.name"),
    "link_down": ("link_flap", "link_changes_min", "network.interface.name"),
    "link_up": ("link_flap", "link_changes_min", "network.interface.name"),
    "link_hung": ("link_flap", "", "network.interface.name"),
    **dict.fromkeys(("certificate_expiring", "certificate_expired"),
                    ("certificate_expiry", "", "tls.server.name")),
}  # fmt: skip
# What is a fault, but a small one: a unit that did not start once.
_SMALL = frozenset({"service_start", "certificate_expiring"})


class HostFault(MessageDetector):
    """Count faults per host and thing."""

    name: ClassVar[str] = "host_fault"
    hears = (LogEvent,)
    medium: ClassVar[str] = "logs"

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if isinstance(message, LogEvent):
                fault = _FAULTS.get(str(message.event.get("event.action", "")))
                if fault is not None:
                    yield from self._count(message, *fault, source=source)

    def _count(
        self, message: LogEvent, kind: str, bound: str, field: str, *, source: str
    ) -> Iterator[Detection]:
        p = self.policy.parameters.log
        thing = str(message.event.get(field) or message.event.get("process.name") or "host")
        host = message.server or "this host"
        episode = self.episodes.step(f"{host}|{kind}|{thing}", message)
        episode.note(str(message.event["event.action"]))
        seen = self._seen(episode, message, kind)
        threshold = float(getattr(p, bound)) if bound else 1.0
        phase = episode.phase(float(seen), threshold)
        if phase is None:
            return
        level = {"level": "low"} if set(episode.names) <= _SMALL and seen == 1 else {}
        crossing = Crossing(
            kind=kind,
            reason=self._reason(episode, thing, seen, threshold, p),
            figure=f"{thing}, {plural(episode.records, 'fault')}",
            observed=float(seen),
            threshold=threshold,
            attackers=(),
            victims=(host,),
            facts={"thing": thing, "faults": episode.records, **level},
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)

    def _seen(self, episode: Episode, message: LogEvent, kind: str) -> int:
        """Count within the window; of crashes, which several lines tell of, lines of one sort."""
        window_s = self.policy.parameters.log.faults_window_s
        if kind != "crash_loop":
            return episode.within(message.at_ns, window_s)
        sort = self.episodes.step(f"{episode.key}|{message.event['event.action']}", message)
        return sort.within(message.at_ns, window_s)

    @staticmethod
    def _reason(episode: Episode, thing: str, seen: int, threshold: float, p: LogParameters) -> str:
        words = ", ".join(name.replace("_", " ") for name in episode.names)
        return (
            f"{thing}: {plural(seen, 'fault')} ({words}) in "
            f"{span_text(episode.first_ns, episode.last_ns)}; {threshold:.0f} within "
            f"{p.faults_window_s / 60:.0f} min is the bound"
        )
