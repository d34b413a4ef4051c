"""FTP servers: vsftpd, ProFTPD, Pure-FTPd, wu-ftpd, the BSD and MIT ones, FileZilla.

Source: each program's own source (vsftpd logging.c, ProFTPD mod_auth, Pure-FTPd ftpd.c).
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Template

_PEER = r"{server.name:word} ({tocsin.claimed.host:word}\[{source.address}\])"
_PROFTPD = tuple(
    Template(f"{head}{text}", action, outcome, category, is_invalid_user="no such user" in text)
    for head in (
        _PEER + ": ", _PEER + " - ", _PEER + ":", "mod_sftp/{:word}: ", "",
    )
    for text, action, outcome, category in (
        ("USER {user.name:text} (Login failed): {error.message}", "ftp_login", "failure", "authentication"),
        ("USER {user.name:text}: no such user found from {tocsin.claimed.host:word} \\[{:host}\\] to {:word}", "ftp_login", "failure", "authentication"),
        ("USER {user.name:text}: no such user found from {tocsin.claimed.host:word} \\[{:host}\\] to {:word}:{:int}", "ftp_login", "failure", "authentication"),
        ("USER {user.name:text}: no such user", "ftp_login", "failure", "authentication"),
        ("USER {user.name:text}: Login successful.", "ftp_login", "success", "authentication"),
        ("ANON {user.name:text}: Login successful.", "ftp_login", "success", "authentication"),
        ("SECURITY VIOLATION: {user.name:text} login attempted.", "ftp_login", "failure", "authentication"),
        ("SECURITY VIOLATION: <|Root >{user.name:text} login attempted<|.>", "ftp_login", "failure", "authentication"),
        ("Maximum login attempts ({:int}) exceeded<|, connection refused>", "ftp_attempts_exceeded", "failure", PROBE),
        ("no matching <key exchange|client host key|server|client> {:text}", "ssh_negotiation", "failure", PROBE),
        ("FTP session opened.", "ftp_connected", "unknown", SESSION),
        ("FTP session closed.", "ftp_disconnected", "unknown", SESSION),
    )
    if head
)  # fmt: skip
# Pure-FTPd writes in the language that it was built for.
_PURE_REFUSALS = (
    ("Authentication failed for user ", ""), ("Authentifizierung fehlgeschlagen für Benutzer ", "<|.>"),
    ("Erreur d'authentification pour l'utilisateur ", ""), ("", " c'est un batard, il connait pas son code"),
    ("Autentificación fallida para el usuario ", ""), ("Autenticazione falita per l'utente ", ""),
    ("Authenticatie mislukt voor gebruiker ", ""), ("Autorisatie faalde voor gebruiker ", ""),
    ("Godkendelse mislykkedes for ", ""), ("Godkjennelse mislyktes for ", ""),
    ("Behörighetskontroll misslyckas för användare ", ""), ("Azonosítás sikertelen ", " felhasználónak"),
    ("Autenticação falhou para usuário ", ""), ("Autentificare esuata pentru utilizatorul ", ""),
    ("Autentifikace uživatele selhala ", ""), ("Autentifikacia uzivatela zlyhala ", ""),
    ("Autentyfikacja nie powiodła się dla użytkownika ", ""), ("Авторизация не удалась пользователю ", ""),
    ("", " kullanýcýsý için giriþ hatalý"), ("使用者", "驗證失敗"),
)  # fmt: skip
_VSFTPD = (
    Template("authentication failure; logname={:word} uid={:int} euid={:int} tty={:word} ruser={tocsin.claimed.user:text} rhost={source.address} user={user.name:word}", "ftp_login", "failure"),
    Template("authentication failure; logname={:word} uid={:int} euid={:int} tty={:word} ruser={tocsin.claimed.user:text} rhost={source.address}", "ftp_login", "failure"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] FAIL LOGIN: Client "{source.address}"', "ftp_login", "failure"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] FAIL LOGIN: Client "{source.address}", {:text}', "ftp_login", "failure"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] OK LOGIN: Client "{source.address}"', "ftp_login", "success"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] OK LOGIN: Client "{source.address}", {:text}', "ftp_login", "success"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] OK DOWNLOAD: Client "{source.address}", "{file.path:text}", {tocsin.bytes:int} bytes, {:text}', "file_read", "success", "file"),
    Template(r'<\[pid {:int}\] |>\[{user.name:text}\] <FAIL|OK> <DOWNLOAD|UPLOAD|DELETE|MKDIR|RENAME|CHMOD|RMDIR>: Client "{source.address}", {:text}', "ftp_transfer", "unknown", SESSION),
    Template(r'<\[pid {:int}\] |>CONNECT: Client "{source.address}"', "ftp_connected", "unknown", SESSION),
    Template(r'<\[pid {:int}\] |>CONNECT: Client "{source.address}", {:text}', "ftp_connected", "unknown", SESSION),
)  # fmt: skip

_PYFTPD = (
    Template("{source.address:endpoint}-\\[{:word}\\] USER '{user.name:text}' failed login<|.|: {error.message}>", "ftp_login", "failure"),
    Template("{source.address:endpoint}-\\[{:word}\\] USER '{user.name:text}' logged in.", "ftp_login", "success"),
)  # fmt: skip
_RSYNC = (
    Template("auth failed on module {:word} from {tocsin.claimed.host:word} ({source.address}) for {user.name:text}: {error.message}", "rsync_login", "failure"),
    Template("auth failed on module {:word} from {tocsin.claimed.host:word} ({source.address})<|: {error.message}>", "rsync_login", "failure"),
    Template("rsync denied on module {:word} from {tocsin.claimed.host:word} ({source.address})", "rsync_refused", "failure", PROBE),
    Template("rsync <on|to> {:trusted} from {user.name:word}@{tocsin.claimed.host:word} ({source.address})", "rsync_login", "success"),
)  # fmt: skip

FAMILIES = (
    Family("rsync", "rsync", ("rsyncd", "rsync"), _RSYNC),
    Family("pyftpdlib", "pyftpdlib", ("pyftpdlib",), _PYFTPD),
    Family("vsftpd", "vsftpd", ("vsftpd",), _VSFTPD),
    Family("proftpd", "proftpd", ("proftpd",), (
        *_PROFTPD,
        Template("refused connect from {tocsin.claimed.host:word} ({source.address})", "ftp_refused", "failure", PROBE),
        Template("Refused connect from {tocsin.claimed.host:word} ({source.address})", "ftp_refused", "failure", PROBE),
    )),
    Family("pure_ftpd", "pure-ftpd", ("pure-ftpd", "pure-ftpd-mysql", "pure-ftpd-ldap", "pure-ftpd-postgresql"), (
        *(
            Template(rf"(<?|{{:word}}|{{:word}}@{{:word}}>@{{source.address}}) \[WARNING\] {before}\[{{user.name:text}}\]{after}", "ftp_login", "failure")
            for before, after in _PURE_REFUSALS
        ),
        Template(r"(<?|{:word}|{:word}@{:word}>@{source.address}) \[INFO\] {user.name:text} is now logged in", "ftp_login", "success"),
        Template(r"(<?|{:word}|{:word}@{:word}>@{source.address}) \[INFO\] New connection from {:word}", "ftp_connected", "unknown", SESSION),
        Template(r"(<?|{:word}|{:word}@{:word}>@{source.address}) \[ERROR\] Too many authentication failures", "ftp_attempts_exceeded", "failure", PROBE),
        Template(r"(<?|{:word}|{:word}@{:word}>@{source.address}) \[<ERROR|WARNING|INFO|NOTICE|DEBUG>\] {:text}", "ftp_message", "unknown", SESSION),
    )),
    Family("wu_ftpd", "wu-ftpd", ("wu-ftpd", "ftpd", "in.ftpd", "gssftpd", "ftp", "lukemftpd", "tnftpd"), (
        Template(r"failed login from {tocsin.claimed.host:word} \[{source.address}\]", "ftp_login", "failure"),
        Template(r"failed login from {tocsin.claimed.host:word} \[{source.address}\], {:text}", "ftp_login", "failure"),
        Template(r"login failed from {tocsin.claimed.host:word} \[{source.address}\]", "ftp_login", "failure"),
        Template(r"repeated login failures from {tocsin.claimed.host:word} \[{source.address}\]", "ftp_attempts_exceeded", "failure", PROBE),
        Template("repeated login failures from {source.address} ({tocsin.claimed.host:word})", "ftp_attempts_exceeded", "failure", PROBE),
        Template("FTP LOGIN FAILED FROM {source.address}, {user.name:text}", "ftp_login", "failure"),
        Template("FTP LOGIN FROM {source.address} as {user.name:text}", "ftp_login", "success"),
        Template(r"FTP LOGIN REFUSED ({:text}) FROM {tocsin.claimed.host:word} \[{source.address}\], {user.name:text}", "ftp_login", "failure"),
        Template(r"FTP LOGIN FROM {tocsin.claimed.host:word} \[{source.address}\], {user.name:text}", "ftp_login", "success"),
        Template(r"connection from {tocsin.claimed.host:word} \[{source.address}\]", "ftp_connected", "unknown", SESSION),
        Template(r"connection from {source.address} ({tocsin.claimed.host:word})", "ftp_connected", "unknown", SESSION),
        Template(r"connection from {source.address:endpoint} <({tocsin.claimed.host:word})|>{:text}", "ftp_connected", "unknown", SESSION),
    )),
)  # fmt: skip
LAYOUTS = (
    Layout("rsync", "rsync", ("{@timestamp:stamp} \\[{process.pid:int}\\] {message}",), templates=_RSYNC),
    Layout("pyftpdlib", "pyftpdlib", ("{@timestamp:stamp} {message}", "\\[{:word} {@timestamp:stamp}\\] {message}"), templates=_PYFTPD),
    Layout("filezilla_1", "filezilla", ("\\<{@timestamp:stamp}\\> FTP Session {process.session:int} {source.address} {message}",), templates=(
        Template("\\[Response\\] 530 {error.message}", "ftp_login", "failure"),
        Template("{user.name:word} \\[Response\\] 530 {error.message}", "ftp_login", "failure"),
        Template("{user.name:word} \\[Response\\] 230 {:text}", "ftp_login", "success"),
        Template("\\[Response\\] 230 {:text}", "ftp_login", "success"),
    )),
    Layout("vsftpd", "vsftpd", ("{@timestamp:stamp} {message}",), family="vsftpd"),
    Layout("proftpd", "proftpd", (r"{@timestamp:stamp} {:word} proftpd\[{process.pid:int}\] {message}",
                                  r"{@timestamp:stamp} {:word} proftpd\[{process.pid:int}\]: {message}",
                                  r"{@timestamp:stamp} mod_sftp/{:word}\[{process.pid:int}\]: {message}"),
           family="proftpd"),
    Layout("filezilla", "filezilla", ("({process.session:int}) {@timestamp:stamp} - ({user.name:text}) ({source.address})\\> {message}",
                                      "({process.session:int})- {@timestamp:stamp} - ({user.name:text}) ({source.address})\\> {message}"), templates=(
        Template("530 {error.message}", "ftp_login", "failure"),
        Template("230 {:text}", "ftp_login", "success"),
    )),
)  # fmt: skip
