r"""Lateral movement: programs started on another Windows host over SMB and RPC.

Signs, with points: files and pipes of PsExec and its kin (PSEXESVC, RemCom, PAExec,
winexe), of wmiexec and smbexec (``ADMIN$\__<time>``), of Cobalt Strike's pipes; a service
created or started (svcctl, [MS-SCMR]), above all one that runs a shell; a task registered
or run ([MS-TSCH]); a method executed over WMI ([MS-WMI]); a program put on ADMIN$ or C$;
replication of secrets by one that first looks up names (DCSync, [MS-DRSR]).

Source: ATT&CK T1021.002, T1569.002, T1053.005, T1047, T1003.006. `POINTS_MIN` raise: shares
used as shares, printing, SYSVOL and look-ups of services stay below. Misses what encrypted
SMB 3 hides, and WinRM. Administrators who start services from afar are found, too. May
raise all of it with no history. Memory: the bounded episodes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import RpcCall, SmbCall
from tocsin.core.patterns import pattern
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection

POINTS_MIN = 3.0
_CREATES, _WRITE = frozenset({5, 0xA2}), 9
_TOOLS = pattern(
    r"psexesvc|remcom(?:svc|_)|paexec[-_]|csexecsvc|winexesvc|ahexec|msse-\d+-server|postex_|"
    r"msagent_[0-9a-f]|btobto",
    re.IGNORECASE,
)
_OUTPUT = pattern(r"^\\?(?:temp\\|windows\\temp\\)?__(?:\d{6,}|output)", re.IGNORECASE)
_PROGRAM = pattern(r"\.(?:exe|dll|bat|cmd|ps1|scr|vbs|com)$", re.IGNORECASE)
_SHARE = pattern(r"^(?:ADMIN|[A-Z])\$$")
_NAME_CHARS = 200
_SERVICES = "367abb81-9844-35f1-ad32-98f038001003"
_SHELLS = tuple(
    word.encode("utf-16-le") for word in ("%COMSPEC%", "cmd.exe", "cmd /", "powershell")
)
_CALLS = {
    **{(_SERVICES, n): ("service created", 2.0) for n in (12, 24, 44, 45, 60)},
    **{(_SERVICES, n): ("service started", 1.0) for n in (19, 31)},
    ("1ff70682-0a51-30e8-076d-740be8cee98b", 0): ("job added to the scheduler", 3.0),
    ("86d35949-83c9-4044-b424-db363231fd0c", 1): ("task registered", 2.0),
    ("86d35949-83c9-4044-b424-db363231fd0c", 12): ("task run", 1.0),
    ("9556dc99-828c-11cf-a37e-00aa003240c7", 24): ("WMI method executed", 0.5),
}
_REPLICATION, _NAMES, _CHANGES = "e3514235-4b06-11d1-ab04-00c04fc2dcd2", 12, 3


def smb_sign(call: SmbCall) -> tuple[str, float]:
    """Return what an SMB call is a sign of, with its points; ("", 0.0) for ordinary ones."""
    name = call.name[:_NAME_CHARS]
    if call.is_response or call.command not in _CREATES or not name:
        return "", 0.0
    if _TOOLS.search(name):
        return "file or pipe of a remote execution tool", POINTS_MIN
    share = str(call.facts.get("share", ""))
    if not _SHARE.match(share):
        return "", 0.0
    if _OUTPUT.match(name):
        return "output file of a remote shell on an administrative share", POINTS_MIN
    if _PROGRAM.search(name):
        return "program on an administrative share", 1.0
    return "", 0.0


def rpc_sign(call: RpcCall) -> tuple[str, float]:
    """Return what an RPC request is a sign of, with its points; ("", 0.0) for ordinary ones."""
    if call.kind != "request":
        return "", 0.0
    sign, points = _CALLS.get((call.interface, call.opnum), ("", 0.0))
    if sign == "service created" and any(word in call.data for word in _SHELLS):
        return "service created that runs a shell", POINTS_MIN
    return sign, points


class LateralMovement(MessageDetector):
    """Add up the signs of remote execution per client and server."""

    name: ClassVar[str] = "lateral_movement"
    hears = (SmbCall, RpcCall)

    def judge(self, rows: Iterable[object], *, source: str) -> Iterator[Detection]:
        """Yield a detection at the threshold and at each doubling."""
        for message in rows:
            if isinstance(message, SmbCall):
                sign, points = smb_sign(message)
            elif isinstance(message, RpcCall):
                sign, points = rpc_sign(message)
                if message.interface == _REPLICATION and message.kind == "request":
                    sign, points = self._replicates(message)
            else:
                continue
            if sign:
                yield from self._add(message, sign, points, source)

    def _replicates(self, message: RpcCall) -> tuple[str, float]:
        """Tell who looks names up and then replicates; controllers only replicate."""
        key = f"{message.client}|{message.server}|replication"
        if message.opnum == _NAMES:
            self.episodes.step(key, message)
        elif message.opnum == _CHANGES and self.episodes.get(key) is not None:
            return "secrets replicated by one that looked up names (DCSync)", POINTS_MIN
        return "", 0.0

    def _add(
        self, message: SmbCall | RpcCall, sign: str, points: float, source: str
    ) -> Iterator[Detection]:
        episode = self.episodes.step(f"{message.client}|{message.server}", message)
        count = episode.tally(f"sign {sign}")
        # a sign that is weak alone stays weak however often it comes
        total = episode.tally("points", points if count == 1 or points >= POINTS_MIN else 0.0)
        phase = episode.phase(total, POINTS_MIN)
        if phase is None:
            return
        signs = {name[5:]: n for name, n in episode.tallies.items() if name[:5] == "sign "}
        words = ", ".join(f"{n:.0f} x {name}" for name, n in signs.items())
        named = f" ({message.name[:60]!r})" if isinstance(message, SmbCall) else ""
        crossing = Crossing(
            kind="lateral_movement",
            reason=(
                f"{words}{named} in {span_text(episode.first_ns, episode.last_ns)}; "
                f"{total:.1f} points, {POINTS_MIN:.0f} are the bound"
            ),
            figure=f"{plural(int(sum(signs.values())), 'sign')}: {sign}"[:80],
            observed=total,
            threshold=POINTS_MIN,
            expected=0.0,
            attackers=(message.client,),
            victims=(message.server,),
            service="smb" if isinstance(message, SmbCall) else "rpc",
            facts={"sign": sign},
            contributions=signs,
        )
        yield self.report(episode, message, crossing, phase=phase, source=source)
