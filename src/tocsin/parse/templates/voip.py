r"""VoIP, chat and game servers: Asterisk, FreeSWITCH, Mumble, ejabberd, Prosody, ZNC, IRC, Synapse.

Asterisk quotes the caller's words before the address, in ``'...'``; the address follows ``failed for '``.
Source: Asterisk's chan_sip.c, chan_iax2.c, res_pjsip, res_security_log.c; each other program's own source.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_A = "{source.address:endpoint}"
_WHY = (
    ("Wrong password", "sip_register"), ("Username/auth name mismatch", "sip_register"), ("No matching peer found", "sip_register"),
    ("Not a local domain", "sip_register"), ("Device does not match ACL", "sip_register"), ("Peer is not supposed to register", "sip_register"),
    ("ACL error (permit/deny)", "sip_register"), ("Not a local domain", "sip_register"), ("Error", "sip_register"),
)  # fmt: skip
_CALLS = tuple(
    Template(f"{{:word}} {where}{text}", action, "failure", category)
    for where in ("", "{:word}: ", "in {:word}: ", " ")
    for text, action, category in (
        *((f"Registration from '{{sip.from:text}}' failed for '{_A}' - {why}", action, "authentication") for why, action in _WHY),
        (f"Registration from '{{sip.from:text}}' failed for '{_A}' - {{error.message}}", "sip_register", "authentication"),
        (f"Request <|'{{sip.method:word}}' >from '{{sip.from:text}}' failed for '{_A}' (callid: {{:text}}) - {{error.message}}", "sip_register", "authentication"),
        (f"Call from '{{user.name:text}}' ({_A}) to extension '{{sip.extension:text}}' rejected because extension not found in context '{{:word}}'.", "sip_call", PROBE),
        (f"Call from '{{user.name:text}}' (<TCP|UDP|TLS|WS|WSS>:{_A}) to extension '{{sip.extension:text}}' rejected because extension not found in context '{{:word}}'.", "sip_call", PROBE),
        (f"{{:word}} Call (<TCP|UDP|TLS|WS|WSS>:{_A}) to extension '{{sip.extension:text}}' rejected because extension not found in context '{{:word}}'.", "sip_call", PROBE),
        (f"Host {_A} failed to authenticate as '{{user.name}}'", "sip_login", "authentication"),
        (f"Host {_A} failed MD5 authentication for '{{user.name:text}}' ({{:text}})", "sip_login", "authentication"),
        (f"Host {_A} denied access to register peer '{{user.name}}'", "sip_login", "authentication"),
        (f"No registration for peer '{{user.name:text}}' (from {_A})", "sip_register", "authentication"),
        (f"{_A} failed to authenticate as '{{user.name}}'", "sip_login", "authentication"),
        (f"{_A} tried to authenticate with nonexistent user '{{user.name}}'", "sip_login", "authentication"),
        (f"hacking attempt detected '{_A}'", "sip_attack", PROBE),
        ("Sending fake auth rejection for <device|user> {sip.from:text};tag={:word}", "sip_register", "authentication"),
        ("Failed to authenticate <user|device> {sip.from:text};tag={:word}", "sip_register", "authentication"),
        (f"Unauthorized attempt to {{:text}} from '{_A}'", "sip_call", PROBE),
    )
)  # fmt: skip
_EVENTS = tuple(
    Template(f'{{:word}} <|{{:word}}: >SecurityEvent="{name}",{{:text}},RemoteAddress="IPV<4|6>/<UDP|TCP|TLS|WS|WSS>/{{source.address}}/{{source.port}}"{{:text}}',
             action, outcome, category)
    for name, action, outcome, category in (
        ("InvalidAccountID", "sip_register", "failure", "authentication"), ("InvalidPassword", "sip_register", "failure", "authentication"),
        ("ChallengeResponseFailed", "sip_register", "failure", "authentication"), ("FailedACL", "sip_refused", "failure", PROBE),
        ("UnexpectedAddress", "sip_refused", "failure", PROBE), ("InvalidTransport", "sip_refused", "failure", PROBE),
        ("AuthMethodNotAllowed", "sip_refused", "failure", PROBE), ("RequestBadFormat", "sip_refused", "failure", PROBE),
        ("SessionLimit", "sip_refused", "failure", PROBE), ("LoadAverageLimit", "sip_refused", "failure", PROBE),
        ("RequestNotAllowed", "sip_refused", "failure", PROBE), ("RequestNotSupported", "sip_refused", "failure", PROBE),
        ("SuccessfulAuth", "sip_register", "success", "authentication"), ("ChallengeSent", "sip_challenge", "unknown", SESSION),
    )
)  # fmt: skip
_ASTERISK = (*_EVENTS, *_CALLS)
_ASTERISK_LINES = tuple(
    rf"{start}<NOTICE|WARNING|SECURITY|ERROR|VERBOSE|DEBUG><| >\[{{process.pid:int}}\]<|\[{{:word}}\]><|:> {{message}}"
    for start in (r"\[{@timestamp:stamp}\] ", "")
)

_FREESWITCH = (
    Template(r"SIP auth <failure|challenge> (REGISTER) on sofia profile '{:word}' for \[{user.name:text}\] from ip {source.address}", "sip_register", "failure"),
    Template(r"SIP auth <failure|challenge> (INVITE) on sofia profile '{:word}' for \[{user.name:text}\] from ip {source.address}", "sip_call", "failure"),
    Template(r"<Can't find user|can't find user> \[{user.name:text}\] from {source.address}", "sip_register", "failure", is_invalid_user=True),
    Template(r"IP {source.address} Rejected by acl {:quoted}", "sip_refused", "failure", PROBE),
    Template(r"IP {source.address} Rejected by {:text}", "sip_refused", "failure", PROBE),
)  # fmt: skip
_PROSODY = (
    Template("<{:word}: |>Failed authentication attempt ({:word}) for user {user.name:text} from IP: {source.address}", "xmpp_login", "failure"),
    Template("<{:word}: |>Authenticated as {user.name}", "xmpp_login", "success"),
)  # fmt: skip

FAMILIES = (
    Family("freeswitch", "freeswitch", ("freeswitch",), tuple(
        Template(head + one.line, one.action, one.outcome, one.category, is_invalid_user=one.is_invalid_user)
        for head in (r"\[{log.level:word}\] <|\[SOFIA\] ><|\[>{:word} ", r"{:stamp} <|{:trusted}% >\[{log.level:word}\] <|\[SOFIA\] ><|\[>{:word} ")
        for one in _FREESWITCH
    )),
    Family("prosody", "prosody", ("prosody", "mod_log_auth"), _PROSODY),
    Family("asterisk", "asterisk", ("asterisk",), tuple(
        Template(rf"<NOTICE|WARNING|SECURITY|ERROR>\[{{:int}}\]<|\[{{:word}}\]><|:> {one.line}", one.action, one.outcome, one.category)
        for one in _ASTERISK
    )),
    Family("znc", "znc", ("znc",), (
        Template(r"\[{user.name:text}\] failed to login from {source.address:endpoint}", "chat_login", "failure"),
        Template(r"\[{user.name:text}\] connected to ZNC from {source.address:endpoint}", "chat_login", "success"),
    )),
    Family("kamailio", "kamailio", ("kamailio", "opensips", "/usr/sbin/kamailio"), (
        Template("<NOTICE|WARNING|INFO|ERROR>: {:trusted}: <auth|Auth> failed for user {user.name:word} from {source.address}{:text}", "sip_register", "failure"),
        Template("<NOTICE|WARNING|INFO|ERROR|ALERT>: \\<script\\>: <auth failed|Authentication failed|blocking|pike|PIKE> {:text} from {source.address}{:text}", "sip_refused", "failure", PROBE),
        Template("<pike|PIKE> - BLOCKing ip {source.address}, node={:word}", "sip_flood", "failure", PROBE),
        Template("<NOTICE|WARNING>: pike \\[{:word}\\]: {:word} PIKE - BLOCKing ip {source.address}, node={:word}", "sip_flood", "failure", PROBE),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("prosody", "prosody", ("{@timestamp:stamp} {:word}<\t| ><warn|info|error|debug><\t| >{message}",), templates=_PROSODY),
    Layout("asterisk", "asterisk", _ASTERISK_LINES, templates=_ASTERISK),
    Layout("freeswitch", "freeswitch", (
        r"<|{:word} >{@timestamp:stamp} <|{:trusted}% >\[{log.level:word}\] <|\[SOFIA\] >{:word} {message}",
    ), templates=_FREESWITCH),
    Layout("murmur", "murmur", (r"\<{log.level:word}\>{@timestamp:stamp} {message}",), templates=(
        Template(r"{:int} => \<{:int}:{user.name:text}({:trusted})\> Rejected connection from {source.address:endpoint}: {error.message}", "chat_login", "failure"),
        Template(r"{:int} => \<{:int}:{user.name:text}({:word})\> New connection: {source.address:endpoint}", "chat_connected", "unknown", SESSION),
        Template(r"{:int} => \<{:int}:(-1)\> New connection: {source.address:endpoint}", "chat_connected", "unknown", SESSION),
        Template(r"{:int} => \<{:int}:{user.name:text}({:int})\> Authenticated", "chat_login", "success"),
    )),
    Layout("ejabberd", "ejabberd", (
        r"I(\<{:word}\>:{:word}:{:int}) : {message}", r"{@timestamp:stamp} \[{log.level:word}\] \<{:trusted}@{:word}:{:word}:{:int} {message}",
        r"{@timestamp:stamp} \[{log.level:word}\] {message}",
    ), templates=(
        Template(r"(\{{:trusted}\}) Failed authentication for {user.name:text} from IP {source.address} ({:text}", "xmpp_login", "failure"),
        Template(r"(\{{:trusted}\}) Failed authentication for {user.name:text} from IP {source.address}", "xmpp_login", "failure"),
        Template(r"({:trusted}) Failed <c2s |><|{:word} >authentication for {user.name:text} from <IP |>{source.address:endpoint}: {error.message}", "xmpp_login", "failure"),
        Template(r"({:trusted}) Failed <c2s |><|{:word} >authentication for {user.name:text} from <IP |>{source.address:endpoint}", "xmpp_login", "failure"),
        Template(r"(\{{:trusted}\}) Accepted authentication for {user.name:text} by {:text}", "xmpp_login", "success"),
        Template(r"({:trusted}) Accepted c2s <|{:word} >authentication for {user.name:text} by {:text} from {source.address}", "xmpp_login", "success"),
    )),
    Layout("znc", "znc", (r"\[{@timestamp:stamp}\] {message}",), templates=(
        Template(r"\[{user.name:text}\] failed to login from {source.address:endpoint}", "chat_login", "failure"),
        Template(r"\[{user.name:text}\] connected to ZNC from {source.address:endpoint}", "chat_login", "success"),
    )),
    Layout("counter_strike", "hlds", ("L {@timestamp:stamp}: {message}",), templates=(
        Template('Bad Rcon: "rcon {:text}" from "{source.address:endpoint}"', "game_login", "failure"),
        Template('rcon from "{source.address:endpoint}": Bad Password', "game_login", "failure"),
    )),
)  # fmt: skip
