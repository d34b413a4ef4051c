"""Lateral movement: one host makes another run something, by services, tasks or WMI.

Signs are added up per client and server: a program written to an administrative share, a
service created and started through the service control manager, the pipes and files of
PsExec and its kin, a task registered, the registry written, domain secrets replicated to a
host. Files on shares, printing and log-ons alone say nothing. Sources: [MS-SCMR], [MS-TSCH],
[MS-DRSR]; MITRE ATT&CK T1021.002, T1569.002, T1053.005, T1003.006.

Catches PsExec, smbexec, atexec, CrackMapExec, Impacket's psexec and secretsdump in the
clear. Misses what is inside encrypted SMB 3, and says nothing of intent: administrators do
it too (put their hosts on the allowlist). May raise with no history. Memory: episodes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.messages import RpcCall, SmbCall
from tocsin.detect.episodes import Crossing, MessageDetector
from tocsin.detect.trips import plural, span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message

SIGNS_MIN = 5.0
_CREATES = frozenset({5, 0xA2})  # CREATE of SMB 2, NT_CREATE_ANDX of SMB 1
_ADMIN_SHARE = re.compile(r"\\(?:admin|[a-z])\$", re.IGNORECASE)
_PROGRAM = re.compile(r"\.(?:exe|dll|bat|cmd|ps1|vbs|scr|sys)$", re.IGNORECASE)
_TOOLS = re.compile(
    r"psexesvc|remcom|paexec|csexec|winexesvc|^\\?__\d{8,}|\\?execute\.bat$|atsvc_job",
    re.IGNORECASE,
)
_CALLS = {
    ("367abb81-9844-35f1-ad32-98f038001003", 12): "create_service",
    ("367abb81-9844-35f1-ad32-98f038001003", 24): "create_service",
    ("367abb81-9844-35f1-ad32-98f038001003", 19): "start_service",
    ("367abb81-9844-35f1-ad32-98f038001003", 31): "start_service",
    ("367abb81-9844-35f1-ad32-98f038001003", 11): "change_service",
    ("86d35949-83c9-4044-b424-db363231fd0c", 1): "register_task",
    ("1ff70682-0a51-30e8-076d-740be8cee98b", 0): "register_task",
    ("e3514235-4b06-11d1-ab04-00c04fc2dcd2", 3): "replicate",
}
# sign -> (points, words)
_SIGNS = {
    "tool": (5.0, "the file or pipe of a remote execution tool"),
    "program": (2.0, "a program written to an administrative share"),
    "create_service": (4.0, "a service created"),
    "start_service": (2.0, "a service started"),
    "change_service": (2.0, "a service changed"),
    "register_task": (5.0, "a task registered"),
    "replicate": (5.0, "domain secrets replicated"),
}


class RemoteExecution(MessageDetector):
    """Add up the signs of each client at each server."""

    name: ClassVar[str] = "remote_execution"

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when the signs reach the bound, and when they double."""
        for message in rows:
            sign = ""
            if isinstance(message, SmbCall) and not message.is_response:
                sign = _sign_of_file(message)
            elif isinstance(message, RpcCall) and message.kind == "request":
                sign = _CALLS.get((message.interface, message.opnum), "")
            if sign:
                yield from self._add(message, sign, source)

    def _add(self, m: Message, sign: str, source: str) -> Iterator[Detection]:
        episode = self.episodes.step(f"{m.client}|{m.server}", m)
        episode.tally(sign)
        if isinstance(m, SmbCall):
            episode.note(m.name[:80])
        signs = {name: points for name, (points, _) in _SIGNS.items() if name in episode.tallies}
        score = sum(signs.values())
        phase = episode.phase(score, SIGNS_MIN)
        if phase is None:
            return
        span = span_text(episode.first_ns, episode.last_ns)
        files = f" ({', '.join(list(episode.names)[:3])})" if episode.names else ""
        crossing = Crossing(
            kind="lateral_movement",
            reason=(
                f"{', '.join(_SIGNS[name][1] for name in signs)}{files} in {span}; signs "
                f"{score:.0f}, {SIGNS_MIN:.0f} is the bound"
            ),
            figure=f"{plural(len(signs), 'sign')} of remote execution in {span}",
            observed=score,
            threshold=SIGNS_MIN,
            attackers=(m.client,),
            victims=(m.server,),
            service="smb",
            contributions=signs,
            facts={"technique": "+".join(signs)},
        )
        yield self.report(episode, m, crossing, phase=phase, source=source)


def _sign_of_file(m: SmbCall) -> str:
    if m.command not in _CREATES or not m.name:
        return ""
    if _TOOLS.search(m.name):
        return "tool"
    share = str(m.facts.get("share", ""))
    return "program" if _ADMIN_SHARE.search(share) and _PROGRAM.search(m.name) else ""
