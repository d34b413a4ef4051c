"""Data carried out: what is sent, how much of it, to whom, added up per pair of hosts.

Signs of content (names that password thieves give, a description of host and user, secrets,
archives posted or put, browsers' libraries fetched, one path at many hosts) and of volume
(much sent and little received, a receiver that never says a word, an unusual port, an
address that was never looked up, far more than other relations carry) each have points; no
one ordinary sign is enough. Sources: published analyses of password thieves; Bertino and
Ghinita, "Towards mechanisms for detection and prevention of data exfiltration by insiders",
ASIACCS 2011; Marchetti et al., "Analysis of high volumes of network traffic for advanced
persistent threat detection", Computer Networks 2016 (volumes against own and peers' past);
MITRE ATT&CK T1041, T1048, T1567.

Catches password thieves over SMTP, FTP, HTTP and raw TCP, uploads by FTP or PUT, raw streams
(nc), databases that answer the outside. Misses what goes to a named service over TLS in
ordinary amounts, conversations under 16 KiB that nobody reads, UDP but for QUIC. With no
history everything but ``outlier`` (20 relations) and ``off_hours`` (3 days) may raise.
Signs between ``doubt_min`` and ``signs_min`` give an `unusual_data_access`, as does volume
within the network or between two hosts of unknown place. Memory: episodes and `Relations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.core.messages import (
    DnsMessage,
    FileTransfer,
    HttpRequest,
    Login,
    MailEncrypted,
    MailSent,
    Opening,
    TlsHello,
    Volume,
)
from tocsin.core.times import NS_PER_S
from tocsin.detect import exfiltration_requests as requests
from tocsin.detect import exfiltration_signs as signs_of
from tocsin.detect.domains import registered
from tocsin.detect.episodes import RAISED, Crossing, MessageDetector
from tocsin.detect.exfiltration_signs import DECISIVE, SIGNS
from tocsin.detect.relations import Relations
from tocsin.detect.trips import span_text
from tocsin.detect.volumes import KIB, VOLUMES, amount, is_odd, level_of, of_volume

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tocsin.core.detection import Detection
    from tocsin.core.messages import Message
    from tocsin.detect.base import Policy
    from tocsin.detect.episodes import Episode

OUT, INSIDE, OUTSIDE = "out", "inside", "outside"
_LOOK_UP_S, _LOOK_UPS_MIN, _ODD_ENDS_MAX, _DOMAINS_MIN, _LIBRARIES_MIN = 600, 3, 4, 3, 2
_SWARM = b"\x13BitTorrent protocol"
_TCP, _QUIC_PORT, _TOLD_BYTES = 6, 443, 4 * KIB
_COMPARED_BYTES, _DEVIATIONS_MIN = 4 << 20, 4.0
_MAIL_PORTS = frozenset({25, 465, 587, 2525})
_MAIL = frozenset({"mail_port", "mail_of_a_program"})
_PATIENCE_BYTES = 128 * KIB  # a swarm shows itself before a peer got so much
# They only lend weight to others.
_SUPPORT = frozenset(
    {"looked_itself_up", "bare_address", "odd_port", "odd_name", "nameless_hello", "again",
     "off_hours", "address_host", "no_page", "old_agent", "tool_agent"}
)  # fmt: skip


class Exfiltration(MessageDetector):
    """Add up the signs of each pair of (near, far) hosts."""

    name: ClassVar[str] = "exfiltration"

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.relations = Relations()

    def judge(self, rows: Iterable[Message], *, source: str) -> Iterator[Detection]:
        """Yield a detection when the signs reach a bound, and when they or the bytes double."""
        for m in rows:
            if isinstance(m, Volume):
                yield from self._carried(m, source)
                continue
            if m.proto == _TCP and not isinstance(m, Opening):
                self.relations.speak(m.start_offset)
            if isinstance(m, DnsMessage):
                self._looked_up(m)
                continue
            sender, receiver, found = self._signs(m)
            if found:
                yield from self._add(m, sender, receiver, found, source)

    def _looked_up(self, m: DnsMessage) -> None:
        is_lookup = signs_of.is_ip_lookup(m.name)
        if not m.is_response and not is_lookup:
            return
        host = self.relations.host(m.client)
        if is_lookup:
            host.looked_up_ns = m.at_ns
        if m.is_response:
            host.look_ups += 1
            for _, address in m.answers:
                self.relations.note_name(address, m.name)

    def _signs(self, m: Message) -> tuple[str, str, set[str]]:
        """Return who sends, who receives, and the signs of it."""
        match m:
            case TlsHello():
                return m.client, m.server, self._hello(m) if m.from_client else set()
            case HttpRequest():
                return m.client, m.server, self._request(m)
            case MailSent():
                found = signs_of.of_mail(m)
                return m.client, m.server, found | ({"mail_port"} if found else set())
            case MailEncrypted():
                found = {"mail_of_a_program"} if signs_of.is_bare(m.greeting) else {"mail_port"}
                return m.client, m.server, found
            case FileTransfer():
                return self._moved(m)
            case Opening() if m.number:
                pass
            case Opening() if m.data.startswith(_SWARM):
                for end in (m.client, m.server):
                    self.relations.host(end).in_swarm = True
            case Opening():
                ends = (m.client, m.server) if m.from_client else (m.server, m.client)
                found = signs_of.of_opening(m)
                odd = {"odd_port"} if found and is_odd(m.server_port) else set()
                return *ends, found | odd
            case Login() if m.service == "ftp":
                self.relations.note_ftp(m.client, m.server)
            case _:
                pass
        return m.client, m.server, set()

    def _hello(self, m: TlsHello) -> set[str]:
        self.relations.meet(f"{m.client}|{m.server}")
        if m.server_name:
            self.relations.note_name(m.server, m.server_name)
        if signs_of.is_ip_lookup(m.server_name):
            self.relations.host(m.client).looked_up_ns = m.at_ns
        found = {"mail_port"} if m.server_port in _MAIL_PORTS else set()
        if not m.server_name:
            return found | {"nameless_hello"}
        return found | signs_of.of_name(m.server_name)

    def _request(self, m: HttpRequest) -> set[str]:
        self.relations.meet(f"{m.client}|{m.server}")
        host = self.relations.host(m.client)
        name = m.host.partition(":")[0].lower()
        if name and not signs_of.is_address(name):
            self.relations.note_name(m.server, name)
        if signs_of.is_ip_lookup(name):
            host.looked_up_ns = m.at_ns
            return set()
        found = requests.of_request(m) if m.method in {"POST", "PUT"} else set()
        library = requests.library_of(m)
        if library and host.note(host.libraries, library) >= _LIBRARIES_MIN:
            found |= {"browser_libraries"} | (
                {"address_host"} if signs_of.is_address(name) else set()
            )
        coded = requests.coded_of(m)
        if coded and host.tell(m.server, coded) >= _TOLD_BYTES:
            found |= {"told_in_targets", "no_page"} | (
                {"address_host"} if signs_of.is_address(name) else set()
            )
        path = requests.path_of(m)
        if path and host.note_path(path, registered(name)) >= _DOMAINS_MIN:
            found |= {"one_path", "no_page"} | (set() if m.header("user-agent") else {"old_agent"})
        return found

    def _moved(self, m: FileTransfer) -> tuple[str, str, set[str]]:
        self.relations.note_ftp(m.client, m.server)
        found = signs_of.of_transfer(m)
        holds = self.policy.home.holds
        if not m.is_upload:
            is_out = holds(m.server) and not holds(m.client)
            return m.server, m.client, found | {"ftp_fetch"} if is_out else set()
        is_inside = holds(m.client) and holds(m.server)
        return m.client, m.server, found | {"ftp_inside" if is_inside else "ftp_upload"}

    def _carried(self, m: Volume, source: str) -> Iterator[Detection]:
        """Judge what a conversation has carried: by its client's will, or pulled from inside."""
        if m.proto != _TCP and m.server_port != _QUIC_PORT:
            return
        ours, theirs = self.policy.home.holds(m.client), self.policy.home.holds(m.server)
        is_back = m.bytes_in > m.bytes_out
        if is_back and ours and not theirs:
            return  # a download
        is_turned = theirs if ours != theirs else is_back
        near, far = (m.server, m.client) if is_turned else (m.client, m.server)
        key, scope = f"{near}|{far}", self._scope(near, far)
        before, total, total_back = self.relations.carry(m, key, is_turned=is_turned)
        is_ftp = self.relations.is_ftp(near, far)
        if scope == OUT and is_odd(m.server_port) and not is_ftp:
            host = self.relations.host(near)
            host.note(host.odd_ends, far)
        found = of_volume(
            m,
            is_turned=is_turned,
            is_ftp=is_ftp,
            has_spoken=self.relations.has_spoken(m.start_offset),
            is_out=scope == OUT,
        )
        if found is None and self.episodes.get(key) is None:
            return
        episode = self.episodes.step(key, m)
        episode.tallies["bytes sent"], episode.tallies["bytes received"] = total, total_back
        episode.bytes = total + total_back
        episode.first_ns = min(episode.first_ns, m.start_ns or m.at_ns)
        episode.first_offset = min(episode.first_offset, m.start_offset or m.offset)
        if total.bit_length() > before.bit_length() and total >= _COMPARED_BYTES and scope == OUT:
            usual = self.relations.usual(key)
            if usual is not None:
                episode.tallies["usual bytes"] = usual[0]
                if usual[1] >= _DEVIATIONS_MIN:
                    episode.tally("outlier")
        yield from self._judge(m, episode, near, far, found or set(), source)

    def _add(
        self, m: Message, sender: str, receiver: str, found: set[str], source: str
    ) -> Iterator[Detection]:
        holds = self.policy.home.holds
        if not holds(sender) and holds(receiver):
            return
        episode = self.episodes.step(f"{sender}|{receiver}", m)
        if {"coded_post", "odd_coding", "archive"} & found & episode.tallies.keys():
            found = found | {"again"}
        yield from self._judge(m, episode, sender, receiver, found, source)

    def _scope(self, near: str, far: str) -> str:
        holds = self.policy.home.holds
        if holds(near):
            return INSIDE if holds(far) else OUT
        return OUTSIDE

    def _judge(
        self, m: Message, episode: Episode, near: str, far: str, found: set[str], source: str
    ) -> Iterator[Detection]:
        """Weigh all signs of the pair, and report when a bound is crossed."""
        for sign in found:
            episode.tally(sign)
        episode.note(f"port {m.server_port}")
        scope = self._scope(near, far)
        signs = self._weighed(m, episode, near, far, scope)
        score = sum(signs.values())
        p = self.policy.parameters.exfiltration
        if scope != OUT and not signs.keys() & DECISIVE:
            score = min(score, p.signs_min - 0.1)
        is_sure = score >= p.signs_min
        if is_sure and not episode.tallies.get("sure") and episode.reported:
            episode.reported = 0.0  # what was a doubt is none any more
        if score < p.doubt_min:
            return
        sent = episode.tallies.get("bytes sent", 0.0)
        phase = episode.phase(score, p.doubt_min)
        if phase is None and not (
            episode.reported and sent >= 2 * max(episode.tallies.get("reported bytes", 0.0), KIB)
        ):
            return
        episode.tallies["reported bytes"] = sent
        if is_sure:
            episode.tallies["sure"] = 1.0
        is_update = episode.tally("reports") > 1.0
        crossing = self._crossing(episode, near, far, signs, score, scope)
        yield self.report(
            episode, m, crossing, phase="updated" if is_update else RAISED, source=source
        )

    def _weighed(
        self, m: Message, episode: Episode, near: str, far: str, scope: str
    ) -> dict[str, float]:
        """Return the signs that count, with their points."""
        tallies = episode.tallies
        met = {sign for sign in SIGNS if sign in tallies}
        sent = tallies.get("bytes sent", 0.0)
        level = level_of(sent, tallies.get("bytes received", 0.0))
        if level and not met & _MAIL:  # mail is sent, and rarely answered
            met.add(level)
        host = self.relations.host(near)
        if host.live(m.at_ns) and level:
            met.add("off_hours")
        if host.in_swarm or len(host.odd_ends) > _ODD_ENDS_MAX:  # one of many: peers of a swarm
            met -= {"odd_port", "silent_receiver", "masked_port"}
        elif scope == OUT and host.look_ups >= _LOOK_UPS_MIN and not self.relations.name_of(far):
            met.add("bare_address")
        if "ssh_copy" in met:  # people type addresses there
            met.discard("ssh_copy" if self.relations.name_of(far) else "bare_address")
        if self.relations.is_ftp(near, far):
            met -= {"odd_port", "silent_receiver", "masked_port"}
        if not met - _SUPPORT or (met <= _SUPPORT | VOLUMES and sent < _PATIENCE_BYTES):
            return {}
        since_ns = m.at_ns - host.looked_up_ns
        if scope == OUT and met - VOLUMES and 0 <= since_ns < _LOOK_UP_S * NS_PER_S:
            met.add("looked_itself_up")
        return {sign: SIGNS[sign][0] for sign in SIGNS if sign in met}

    def _crossing(
        self,
        episode: Episode,
        near: str,
        far: str,
        signs: dict[str, float],
        score: float,
        scope: str,
    ) -> Crossing:
        p = self.policy.parameters.exfiltration
        least = p.signs_min if score >= p.signs_min else p.doubt_min
        sent = episode.tallies.get("bytes sent", 0.0)
        usual = episode.tallies.get("usual bytes")
        name = self.relations.name_of(far)
        gravest = max(signs, key=lambda sign: signs[sign])
        carried = (
            f"{amount(sent)} sent, {amount(episode.tallies.get('bytes received', 0.0))} back; "
        )
        ports = [one for one in episode.names if one.startswith("port ")]
        place = {
            OUT: self.policy.home.words,
            INSIDE: "both ends lie inside",
            OUTSIDE: "neither end is known to lie inside",
        }
        return Crossing(
            kind="exfiltration" if score >= p.signs_min else "unusual_data_access",
            reason=(
                f"{'; '.join(SIGNS[sign][1] for sign in signs)}"
                f"{f' ({name})' if name else ''}, over "
                f"{span_text(episode.first_ns, episode.last_ns)}; {carried if sent else ''}"
                f"{f'other relations carry {amount(usual)}; ' if usual else ''}"
                f"signs {score:.1f}, {least:.1f} is the bound ({place[scope]})"
            ),
            figure=(f"{f'{amount(sent)} sent, ' if sent else ''}{SIGNS[gravest][1]}, {ports[0]}"),
            observed=score,
            expected=usual or None,
            threshold=least,
            attackers=(far,),
            victims=(near,),
            port=int(ports[0][5:]) or None if len(ports) == 1 else None,
            contributions=signs,
            facts={"bytes_out": int(sent), **({"domain": name} if name else {})},
        )

    def state(self) -> dict[str, Any]:
        """Return episodes and relations as plain values."""
        return {**super().state(), "relations": self.relations.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().restore(state)
        self.relations.restore(state["relations"])
