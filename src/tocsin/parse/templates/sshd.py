"""OpenSSH's server, 5.x to 10.x: sshd, and since 9.8 sshd-session and sshd-auth.

``[preauth]`` at the end and ``error: `` or ``fatal: `` at the start are taken off before.
One refused attempt is one ``Failed METHOD`` line (or ``error: PAM:`` where PAM speaks for
itself); ``Failed none`` is only the client asking which methods there are, a refused
public key is the client offering its keys in turn.
"""

from __future__ import annotations

from tocsin.parse.template import (
    HINT,
    NEUTRAL,
    PROBE,
    REFUSED,
    SESSION,
    SSH,
    SUCCESS,
    Family,
    Template,
)


def _login(words: str, action: str, *, outcome: str, role: int) -> tuple[Template, ...]:
    """Return the forms of an authentication result: invalid name, known name, with details."""
    ends = (
        "from {source.address} port {source.port} ssh{:int}",
        "from {source.address} port {source.port} ssh{:int}: {:word} {ssh.key.hash:word}",
    )
    return tuple(
        Template(
            f"{words} for {who}{{user.name}} {end}",
            action,
            outcome,
            role=role,
            is_invalid_user=bool(who),
        )
        for end in ends
        for who in ("<invalid user |illegal user >", "")
    )


def _peer(words: str, action: str, *, outcome: str = "failure") -> tuple[Template, ...]:
    """Return the forms of a line whose subject is a connection."""
    tail = "{source.address} port {source.port}"
    return (
        Template(f"{words} authenticating user {{user.name}} {tail}", action, outcome, role=HINT),
        Template(
            f"{words} invalid user {{user.name}} {tail}", action, outcome, is_invalid_user=True
        ),
        Template(f"{words} user {{user.name}} {tail}", action, "unknown", SESSION),
        Template(f"{words} {tail}", action, "unknown", PROBE),
        Template(f"{words} {{source.address}}", action, "unknown", PROBE),
    )


_RESULTS = (
    Template("Failed {ssh.method:word} for \\<invalid username\\> from {source.address}"
             " port {source.port} ssh{:int}", "ssh_login", "failure", role=REFUSED,
             is_invalid_user=True),
    *_login("Failed password", "ssh_password", outcome="failure", role=REFUSED),
    *_login("Failed none", "ssh_none", outcome="failure", role=NEUTRAL),
    *_login("Failed publickey", "ssh_publickey", outcome="failure", role=NEUTRAL),
    *_login(
        "Failed <keyboard-interactive|keyboard-interactive/pam|keyboard-interactive/bsdauth"
        "|unknown>",
        "ssh_keyboard_interactive",
        outcome="failure", role=REFUSED,
    ),
    Template(  # the client's own words stand at the end
        "Failed hostbased for <invalid user |illegal user |>{user.name:text} from {source.address}"
        " port {source.port} ssh{:int}: {:text}", "ssh_login", "failure", role=NEUTRAL,
    ),
    *_login("Failed {ssh.method:word}", "ssh_login", outcome="failure", role=NEUTRAL),
    Template(
        "Failed {ssh.method:word} for {user.name:word} from {source.address} port {source.port}"
        " ssh{:int}: {:text} (serial {:int}) CA {:word} {:word}",
        "ssh_login", "failure", role=NEUTRAL,
    ),
    Template(  # protocol 1: what it says of the remote user is short, or the end is not known
        "Failed {ssh.method:word} for {user.name:word} from {source.address} port {source.port}"
        " ssh1: {:word} {:word}[ ]{:word}",
        "ssh_login", "failure", role=NEUTRAL,
    ),
    *_login("Accepted password", "ssh_password", outcome="success", role=SUCCESS),
    *_login(
        "Accepted keyboard-interactive<|/pam|/bsdauth>", "ssh_keyboard_interactive",
        outcome="success", role=SUCCESS,
    ),
    *_login("Accepted publickey", "ssh_publickey", outcome="success", role=NEUTRAL),
    Template(
        "Accepted hostbased for {user.name:text} from {source.address} port {source.port}"
        " ssh{:int}: {:text}", "ssh_login", "success",
    ),
    Template(  # one word: whom the ticket names
        "Accepted <gssapi-with-mic|gssapi-keyex> for {user.name:text} from {source.address}"
        " port {source.port} ssh{:int}: {:text}", "ssh_login", "success",
    ),
    *_login("Accepted {ssh.method:word}", "ssh_login", outcome="success", role=NEUTRAL),
    Template(
        "Accepted {ssh.method:word} for {user.name:word} from {source.address} port {source.port}"
        " ssh{:int}: {:text} (serial {:int}) CA {:word} {:word}",
        "ssh_login", "success",
    ),
    *_login("Postponed {ssh.method:word}", "ssh_postponed", outcome="unknown", role=NEUTRAL),
)  # fmt: skip

_REFUSALS = (
    Template(
        "<Invalid|Illegal> user {user.name} from {source.address} port {source.port}",
        "ssh_invalid_user", "failure", role=HINT, is_invalid_user=True,
    ),
    Template(
        "<Invalid|Illegal> user {user.name} from {source.address}",
        "ssh_invalid_user", "failure", role=HINT, is_invalid_user=True,
    ),
    Template("input_userauth_request: invalid user {user.name}", "ssh_invalid_user", "failure"),
    Template(
        "maximum authentication attempts exceeded for [invalid user ]{user.name}"
        " from {source.address} port {source.port} ssh{:int}",
        "ssh_attempts_exceeded", "failure",
    ),
    Template(
        "Disconnecting <authenticating|invalid> user {user.name} {source.address}"
        " port {source.port}: Too many authentication failures",
        "ssh_attempts_exceeded", "failure",
    ),
    Template(
        "Disconnecting <authenticating|invalid> user {user.name} {source.address}"
        " port {source.port}: Change of username or service not allowed: {:word} -> {:word}",
        "ssh_disconnecting", "failure",
    ),
    Template(
        "Disconnecting {source.address} port {source.port}: {error.message}",
        "ssh_disconnecting", "failure",
    ),
    Template(
        "Disconnecting: Too many authentication failures for {user.name}",
        "ssh_attempts_exceeded", "failure",
    ),
    Template("Disconnecting: {error.message}", "ssh_disconnecting", "failure"),
    Template(
        "PAM: {error.message:text} for <illegal|invalid> user {user.name} from {source.address}",
        "ssh_pam", "failure", role=NEUTRAL, is_invalid_user=True,
    ),
    *(
        Template(
            f"PAM: {text} for <illegal user |>{{user.name}} from {{source.address}}{via}",
            "ssh_pam", "failure", role=role, is_invalid_user=False,
        )
        for text, role in (
            ("<A|a>uthentication <failure|error>", NEUTRAL),
            ("User not known to the underlying authentication module", NEUTRAL),
            ("User account has expired", NEUTRAL),
            ("Permission denied", NEUTRAL),
            ("Maximum number of tries exceeded", NEUTRAL),
        )
        for via in (" via {server.address:host}", "")
    ),
    *(
        Template(f"User {{user.name}} from {{source.address}} not allowed because {why}",
                 "ssh_user_not_allowed", "failure")
        for why in (
            "not listed in AllowUsers", "listed in DenyUsers", "not in any group",
            "a group is listed in DenyGroups", "account is locked",
            "none of user's groups are listed in AllowGroups",
            "shell {:word} does not exist", "shell {:word} is not executable",
        )
    ),
    Template(
        "User {user.name} not allowed because {error.message}", "ssh_user_not_allowed", "failure"
    ),
    Template(
        "<SSHD_LOGIN_FAILED: |>Login failed for user '{user.name}' from host '{source.address}'",
        "ssh_login", "failure",
    ),
    Template(
        "Authentication tried for {user.name} with correct key but not from a permitted host"
        " (host={tocsin.claimed.host:word}, ip={source.address}).",
        "ssh_user_not_allowed", "failure",
    ),
    Template(
        "Authentication tried for {user.name} with correct key but not from a permitted host"
        " (host={tocsin.claimed.host:word}, ip={source.address}, required options: {:text}).",
        "ssh_user_not_allowed", "failure",
    ),
    Template(
        "Login restricted for {user.name}: {error.message:text} from {source.address}"
        " port {source.port} ssh{:int}", "ssh_user_not_allowed", "failure",
    ),
    Template(
        "ROOT LOGIN REFUSED FROM {source.address} port {source.port}",
        "ssh_root_refused", "failure",
    ),
    Template("ROOT LOGIN REFUSED FROM {source.address}", "ssh_root_refused", "failure"),
    Template(
        "refused connect from {tocsin.claimed.host} ({source.address})", "ssh_refused", "failure"
    ),
    Template("PAM service(sshd) ignoring max retries; {:text}", "ssh_pam_retries", "failure"),
)  # fmt: skip

_CONNECTIONS = (
    *_peer("Connection closed by", "ssh_disconnected"),
    *_peer("Connection reset by", "ssh_reset"),
    *_peer("Disconnected from", "ssh_disconnected"),
    Template(
        "Received disconnect from {source.address} port {source.port}:{:int}: {error.message}:"
        " Auth <fail|cancel>", "ssh_disconnect_received", "failure", PROBE,
    ),
    Template(
        "Received disconnect from {source.address}: {:int}: {error.message}: Auth <fail|cancel>",
        "ssh_disconnect_received", "failure", PROBE,
    ),
    Template(
        "Received disconnect from {source.address} port {source.port}:{:int}: {error.message}",
        "ssh_disconnect_received",
    ),
    Template(
        "Received disconnect from {source.address}: {:int}: {error.message}",
        "ssh_disconnect_received",
    ),
    Template(
        "Connection from {source.address} port {source.port} on {:host} port {:port}"
        '[ rdomain ""]',
        "ssh_connection", "unknown", SESSION,
    ),
    Template("Connection from {source.address} port {source.port}", "ssh_connection",
             "unknown", SESSION),
    Template(
        "Starting session: {session.type:text} for {user.name:word} from {source.address}"
        " port {source.port} id {:int}",
        "ssh_session", "success", SESSION,
    ),
    Template(
        "Timeout before authentication for connection from {source.address} to {:host},"
        " pid = {:int}",
        "ssh_timeout", "failure", role=HINT,
    ),
    Template(
        "Timeout before authentication for {source.address} port {source.port}",
        "ssh_timeout", "failure", role=HINT,
    ),
    Template("Timeout before authentication for {source.address}", "ssh_timeout", "failure",
             role=HINT),
    Template("Timeout, client not responding from user {user.name} {source.address}"
             " port {source.port}", "ssh_timeout", "unknown", SESSION),
    Template("Close session: user {user.name} from {source.address} port {source.port}"
             " id {:int}", "ssh_session_closed", "unknown", SESSION),
)  # fmt: skip

_PROBES = (
    Template("Did not receive identification string from {source.address} port {source.port}",
             "ssh_probe", "failure", PROBE),
    Template("Did not receive identification string from {source.address}",
             "ssh_probe", "failure", PROBE),
    Template("Bad protocol version identification {tocsin.claimed.banner} from {source.address}"
             " port {source.port}", "ssh_bad_banner", "failure", PROBE),
    Template("Bad protocol version identification {tocsin.claimed.banner} from {source.address}",
             "ssh_bad_banner", "failure", PROBE),
    Template("banner exchange: Connection from {source.address} port {source.port}:"
             " {error.message}", "ssh_bad_banner", "failure", PROBE),
    Template("Unable to negotiate <with|a key exchange method with|> {source.address}"
             " port {source.port}: {error.message}", "ssh_negotiation", "failure", PROBE),
    Template("Unable to negotiate with {source.address}: {error.message}",
             "ssh_negotiation", "failure", PROBE),
    Template("ssh_dispatch_run_fatal: Connection from {source.address} port {source.port}:"
             " {error.message}", "ssh_protocol_error", "failure", PROBE),
    Template("ssh_dispatch_run_fatal: Connection from <authenticating|invalid> user {user.name}"
             " {source.address} port {source.port}: {error.message:word} {:word}",
             "ssh_protocol_error", "failure", PROBE),
    Template("kex_exchange_identification: {error.message}", "ssh_probe", "failure", PROBE),
    Template("Protocol major versions differ for {source.address} port {source.port}: {:text}",
             "ssh_probe", "failure", PROBE),
    Template("drop connection #{:int} from \\[{source.address}\\]:{source.port} on \\[{:host}\\]"
             ":{:port} {error.message}", "ssh_dropped", "failure", PROBE),
    Template("srclimit_penalise: {:word}: new {source.address}/{:int} <active|deferred> penalty {error.message}",
             "ssh_penalty", "failure", PROBE),
    Template("srclimit_penalise: {error.message:trusted}", "ssh_penalty", "failure", PROBE),
    Template("scanned from {source.address} with {:text}", "ssh_scanned", "failure", PROBE),
    Template("Address {source.address} maps to {tocsin.claimed.host:word}, but this does not map"
             " back to the address[.][ - POSSIBLE BREAK-IN ATTEMPT!]",
             "ssh_reverse_mapping", "unknown", PROBE),
    Template("reverse mapping checking getaddrinfo for {tocsin.claimed.host} \\[{source.address}\\]"
             " failed[.][ - POSSIBLE BREAK-IN ATTEMPT!]",
             "ssh_reverse_mapping", "unknown", PROBE),
    Template('Nasty PTR record "{tocsin.claimed.host}" is set up for {source.address}, ignoring',
             "ssh_reverse_mapping", "unknown", PROBE),
    Template("Read from socket failed: {error.message}", "ssh_protocol_error"),
    Template("Write failed: {error.message}", "ssh_protocol_error"),
    Template("Server listening on {server.address:host} port {:port}.", "ssh_listening",
             "unknown", "process"),
    Template("Received signal {:int}; terminating.", "ssh_stopped", "unknown", "process"),
)  # fmt: skip

FAMILY = Family(
    is_dense=True,
    name="sshd",
    dataset="sshd",
    programs=("sshd", "sshd-session", "sshd-auth"),
    templates=(*_RESULTS, *_REFUSALS, *_CONNECTIONS, *_PROBES),
    service=SSH,
    is_bare=True,
)
