"""What sensors say of names, requests, certificates and log-ins, as messages of packets.

Zeek's dns, http, ssl, ssh, ftp, smtp, kerberos and rdp logs, and the events of those names of
Suricata's EVE, hold what the protocol readers would have read, so that the same detectors
take it. A fact that a log doesn't hold (bodies, passwords, most headers) is left empty.
Sources: Zeek "Log files" manual, Suricata "EVE JSON format".
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from tocsin.core.log_messages import LogEvent
from tocsin.core.messages import (
    DnsMessage,
    FileTransfer,
    HttpRequest,
    HttpResponse,
    KerberosMessage,
    Login,
    SshBanner,
    TlsCertificate,
    TlsHello,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tocsin.core.messages import Message
    from tocsin.core.segments import Common

_UNSET = (None, "", "-", "(empty)")
_TCP, _UDP, _SEVERITY_MAX = 6, 17, 2
_ATTEMPTS_MAX, _ANSWERS_MAX, _TEXT_MAX = 10, 32, 2048
_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "NULL": 10, "PTR": 12, "MX": 15, "TXT": 16,
          "AAAA": 28, "SRV": 33, "SVCB": 64, "HTTPS": 65, "ANY": 255}  # fmt: skip
_CODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
_VERSIONS = {"TLSv10": 769, "TLSv11": 770, "TLSv12": 771, "TLSv13": 772, "TLS 1.2": 771,
             "TLS 1.3": 772, "TLSv1": 769, "SSLv3": 768}  # fmt: skip
_KERBEROS = {"C_PRINCIPAL_UNKNOWN": 6, "S_PRINCIPAL_UNKNOWN": 7, "CLIENT_REVOKED": 18,
             "PREAUTH_FAILED": 24, "PREAUTH_REQUIRED": 25}  # fmt: skip
_REQUESTS = {"AS": 10, "TGS": 12}


def zeek_messages(kind: str, get: Callable[[str], Any], at_ns: int, offset: int) -> list[Message]:
    """Return what one record of a Zeek log (its ``#path`` is ``kind``) says.

    Raises `ValueError` when an address or a number is none.
    """
    read = _ZEEK.get(kind)
    if read is None:
        return []
    ends = (get("id.orig_h"), get("id.orig_p"), get("id.resp_h"), get("id.resp_p"))
    common = _common(ends, at_ns, offset, str(get("uid")), _UDP if kind == "dns" else _TCP)
    return list(read(_texts(get), common))


def eve_messages(record: dict[str, Any], at_ns: int, offset: int) -> list[Message]:
    """Return what one event of Suricata says.

    Raises `ValueError` when an address or a number is none.
    """
    kind = str(record.get("event_type"))
    read, told = _EVE.get(kind), record.get(kind)
    if read is None or not isinstance(told, dict):
        return []
    ends = tuple(record.get(k) for k in ("src_ip", "src_port", "dest_ip", "dest_port"))
    is_answer = kind == "dns" and told.get("type") in ("answer", "response")
    if is_answer and record.get("src_port") == 53:  # noqa: PLR2004 - seen from the server
        ends = (*ends[2:], *ends[:2])
    proto = _UDP if str(record.get("proto")).upper() == "UDP" else _TCP
    common = _common(ends, at_ns, offset, str(record.get("flow_id")), proto)
    return list(read(told, common))


def kind_of_json(record: dict[str, Any]) -> str:
    """Return which of Zeek's logs a JSON record is of, by its fields; empty: none that is read."""
    for field, kind in _BY_FIELD:
        if field in record:
            return kind
    return ""


_BY_FIELD = (
    ("query", "dns"), ("uri", "http"), ("method", "http"), ("server_name", "ssl"),
    ("cipher", "ssl"), ("auth_attempts", "ssh"), ("auth_success", "ssh"), ("mailfrom", "smtp"),
    ("last_reply", "smtp"), ("reply_code", "ftp"), ("request_type", "kerberos"),
    ("security_protocol", "rdp"),
)  # fmt: skip


@lru_cache(maxsize=1 << 14)
def _address(text: str) -> str:
    return str(ip_address(text))


def _common(ends: tuple[Any, ...], at_ns: int, offset: int, name: str, proto: int) -> Common:
    client, client_port, server, server_port = ends
    return {
        "at_ns": at_ns,
        "offset": offset,
        "client": _address(str(client)),
        "server": _address(str(server)),
        "client_port": int(client_port or 0) & 0xFFFF,
        "server_port": int(server_port or 0) & 0xFFFF,
        "proto": proto,
        "start_ns": at_ns,
        "start_offset": zlib.crc32(name.encode()),  # tells conversations apart, nothing more
        "from_client": True,
        "size_bytes": 0,
    }


def _texts(get: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return ``get`` with None for what a log calls unset."""

    def known(name: str) -> Any:
        value = get(name)
        return None if isinstance(value, str) and value in _UNSET else value

    return known


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:_TEXT_MAX]


def _whole(value: Any) -> int:
    return int(value) if value not in _UNSET else 0


def _list(value: Any) -> list[str]:
    found = value if isinstance(value, list) else _text(value).split(",") if value else []
    return [str(one)[:_TEXT_MAX] for one in found[:_ANSWERS_MAX]]


def _is_true(value: Any) -> bool:
    return value is True or value == "T"


def _dns(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    told: dict[str, Any] = {
        "id": _whole(get("trans_id")),
        "name": _text(get("query")).lower().rstrip("."),
        "qtype": _whole(get("qtype")),
    }
    if get("query") is None:
        return
    yield DnsMessage(**common, **told, is_response=False)
    if get("rcode") is not None:
        yield _answer(common, told, _whole(get("rcode")), _list(get("answers")))


def _answer(common: Common, told: dict[str, Any], code: int, answers: list[str]) -> DnsMessage:
    back: Common = {**common, "from_client": False}
    return DnsMessage(
        **back,
        **told,
        is_response=True,
        rcode=code,
        answers=tuple((_type_of(text), text) for text in answers),
        answers_total=len(answers),
        answer_bytes=sum(map(len, answers)),
    )


def _type_of(answer: str) -> int:
    try:
        return 28 if ":" in _address(answer) else 1
    except ValueError:
        return 16 if answer.startswith("TXT ") else 5


def _http(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    if get("method") is None:
        return
    named = (("user-agent", "user_agent"), ("referer", "referrer"), ("origin", "origin"))
    headers = tuple((name, _text(get(ours))) for name, ours in named if get(ours) is not None)
    yield from _exchange(
        common,
        (_text(get("method")), _text(get("uri")), _text(get("host"))),
        headers,
        _whole(get("status_code")),
        next(iter(_list(get("resp_mime_types"))), ""),
    )


def _exchange(
    common: Common,
    what: tuple[str, str, str],
    headers: tuple[tuple[str, str], ...],
    status: int,
    kind: str,
) -> Iterator[Message]:
    method, target, host = what
    asked = HttpRequest(**common, method=method, target=target, host=host, headers=headers)
    yield asked
    if status:
        back: Common = {**common, "from_client": False}
        said = (("content-type", kind),) if kind else ()
        yield HttpResponse(**back, status=status, headers=said, request=asked)


def _ssl(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    prints = {name: _text(get(name)) for name in ("ja3", "ja4") if get(name) is not None}
    version = _VERSIONS.get(_text(get("version")), 0)
    name = _text(get("server_name"))
    yield TlsHello(**common, version=version, server_name=name, fingerprints=prints)
    yield from _certificate(common, _text(get("subject")), _text(get("issuer")))


def _certificate(common: Common, subject: str, issuer: str) -> Iterator[Message]:
    if subject:
        back: Common = {**common, "from_client": False}
        is_own = subject == issuer
        yield TlsCertificate(**back, subject=subject, issuer=issuer, is_self_signed=is_own)


def _ssh(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    back: Common = {**common, "from_client": False}
    for side, ours in ((common, "client"), (back, "server")):
        if get(ours) is not None:
            yield SshBanner(**side, text=_text(get(ours)))
    success = get("auth_success")
    tries = min(_whole(get("auth_attempts")), _ATTEMPTS_MAX)
    if _is_true(success):
        yield Login(**back, service="ssh", outcome="success")
    elif success is not None:
        for _ in range(max(tries, 1)):
            yield Login(**back, service="ssh", outcome="failure")


def _ftp(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    verb, code = _text(get("command")), _whole(get("reply_code"))
    user = _text(get("user"))
    if verb in {"RETR", "STOR", "APPE", "STOU"}:
        name = _text(get("arg")).rpartition("/")[2]
        is_up = verb != "RETR"
        yield FileTransfer(**common, service="ftp", verb=verb, name=name, is_upload=is_up)
    elif verb == "PASS" and code in {230, 430, 530}:
        outcome = "success" if code == 230 else "failure"  # noqa: PLR2004
        yield Login(**common, service="ftp", outcome=outcome, user=user)


def _smtp(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    reply = _text(get("last_reply"))
    is_refusal = reply[:3] in {"534", "535", "538"} or (
        reply[:1] == "5" and "auth" in reply.lower()
    )
    if is_refusal:
        back: Common = {**common, "from_client": False}
        yield Login(**back, service="smtp", outcome="failure", reason=reply[:80])


def _kerberos(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    user, _, realm = _text(get("client")).partition("/")
    told: dict[str, Any] = {"user": user, "realm": realm, "service": _text(get("service"))}
    kind = _REQUESTS.get(_text(get("request_type")), 0)
    if kind:
        yield KerberosMessage(**common, type=kind, **told)
    error = _KERBEROS.get(_text(get("error_msg")).removeprefix("KDC_ERR_"), 0)
    if error:
        back: Common = {**common, "from_client": False}
        yield KerberosMessage(**back, type=30, error=error, **told)


def _rdp(get: Callable[[str], Any], common: Common) -> Iterator[Message]:
    yield Login(**common, service="rdp", outcome="tried", user=_text(get("cookie")))


def _eve_dns(told: dict[str, Any], common: Common) -> Iterator[Message]:
    asked = told.get("queries")
    first = asked[0] if isinstance(asked, list) and asked and isinstance(asked[0], dict) else told
    kind = _TYPES.get(_text(first.get("rrtype")), 0)
    name = _text(first.get("rrname")).lower().rstrip(".")
    question: dict[str, Any] = {"id": _whole(told.get("id")), "name": name, "qtype": kind}
    if told.get("type") in ("answer", "response"):
        rows = told.get("answers")
        rows = rows if isinstance(rows, list) else []
        answers = [_text(one.get("rdata")) for one in rows[:_ANSWERS_MAX] if isinstance(one, dict)]
        yield _answer(common, question, _CODES.get(_text(told.get("rcode")), 0), answers)
    else:
        yield DnsMessage(**common, **question, is_response=False)


def _eve_http(told: dict[str, Any], common: Common) -> Iterator[Message]:
    named = (("user-agent", "http_user_agent"), ("referer", "http_refer"))
    headers = tuple((name, _text(told[ours])) for name, ours in named if told.get(ours))
    what = (_text(told.get("http_method")), _text(told.get("url")), _text(told.get("hostname")))
    if what[0]:
        kind = _text(told.get("http_content_type"))
        yield from _exchange(common, what, headers, _whole(told.get("status")), kind)


def _eve_tls(told: dict[str, Any], common: Common) -> Iterator[Message]:
    ja3 = told.get("ja3")
    prints = {"ja3": _text(ja3.get("hash"))} if isinstance(ja3, dict) else {}
    if told.get("ja4"):
        prints["ja4"] = _text(told["ja4"])
    version = _VERSIONS.get(_text(told.get("version")), 0)
    name = _text(told.get("sni"))
    yield TlsHello(**common, version=version, server_name=name, fingerprints=prints)
    yield from _certificate(common, _text(told.get("subject")), _text(told.get("issuerdn")))


def _eve_ssh(told: dict[str, Any], common: Common) -> Iterator[Message]:
    back: Common = {**common, "from_client": False}
    for side, name in ((common, "client"), (back, "server")):
        end = told.get(name)
        if isinstance(end, dict) and end.get("software_version"):
            version = _text(end.get("proto_version")) or "2.0"
            yield SshBanner(**side, text=f"SSH-{version}-{_text(end['software_version'])}")


def _eve_krb5(told: dict[str, Any], common: Common) -> Iterator[Message]:
    error = _KERBEROS.get(_text(told.get("error_code")).removeprefix("KDC_ERR_"), 0)
    names: dict[str, Any] = {"user": _text(told.get("cname")), "realm": _text(told.get("realm"))}
    if error:
        back: Common = {**common, "from_client": False}
        yield KerberosMessage(**back, type=30, error=error, **names)


_ZEEK = {
    "dns": _dns, "http": _http, "ssl": _ssl, "ssh": _ssh, "ftp": _ftp, "smtp": _smtp,
    "kerberos": _kerberos, "rdp": _rdp,
}  # fmt: skip


def _eve_alert(told: dict[str, Any], common: Common) -> Iterator[Message]:
    """Pass on what a sensor reports of its own accord: an attack, or something less certain."""
    severity = _whole(told.get("severity"))
    if not 1 <= severity <= _SEVERITY_MAX:
        return
    event = {
        "event.dataset": "suricata",
        "event.action": "attack_reported" if severity == 1 else "alert_reported",
        "event.category": "intrusion_detection",
        "event.outcome": "unknown",
        "event.severity": severity,
        "rule.name": _text(told.get("signature")),
        "rule.category": _text(told.get("category")),
        "source.ip": common["client"],
        "destination.ip": common["server"],
    }
    yield LogEvent(**common, event=event)


_EVE = {
    "alert": _eve_alert,
    "dns": _eve_dns,
    "http": _eve_http,
    "tls": _eve_tls,
    "ssh": _eve_ssh,
    "krb5": _eve_krb5,
}
