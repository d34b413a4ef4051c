"""Who read how much: wu-ftpd's transfer log (ProFTPD and vsftpd write it too), Samba's full_audit, file services.

Names of files are the client's; they stand behind the address. Sources: xferlog(5), vfs_full_audit(8), Nextcloud's admin_audit.
"""

from __future__ import annotations

from tocsin.parse.template import Family, Layout, Meaning, RecordFormat, Template

_FILE, _MODES = "file", ("a _", "b _", "a C", "b C", "a U", "b U", "a T", "b T")

LAYOUTS = (
    Layout("xferlog", "xferlog", ("{@timestamp:stamp} {:int} {source.address} {tocsin.bytes:int} {message}",), templates=tuple(
        Template(f"{{file.path:text}} {mode} {way} {who} {{user.name:word}} {{:word}} {{:int}} {{:word}} <c|i>", action, "success", _FILE)
        for mode in _MODES for way, action in (("o", "file_read"), ("i", "file_written"), ("d", "file_deleted")) for who in ("r", "a", "g")
    )),
)  # fmt: skip
FAMILIES = (
    Family("transfers", "files", (), (
        *(Template(f"{{user.name:word}}|{{source.address}}|{{:trusted}}|{call}|ok|{rest}", action, "success", _FILE) for call, rest, action in (
            ("open", "r|{file.path}", "file_read"), ("openat", "r|{file.path}", "file_read"), ("pread", "{file.path}", "file_read"),
            ("create_file", "{:trusted}|file|open|{file.path}", "file_read"), ("read", "{file.path}", "file_read"),
            ("sendfile", "{file.path}", "file_read"), ("unlink", "{file.path}", "file_deleted"), ("unlinkat", "{file.path}", "file_deleted"),
            ("rename", "{file.path}", "file_renamed"), ("renameat", "{file.path}", "file_renamed"),
        )),
        Template("{user.name:word}|{source.address}|{:trusted}|<open|openat|unlink|unlinkat|rename|renameat|connect>|fail {:text}", "file_refused", "failure", _FILE),
        Template("AUDIT: <SESSION|OBJECT>,{:int},{:int},READ,{:text},{tocsin.rows:int}", "rows_read", "success", "database"),
        Template("AUDIT: <SESSION|OBJECT>,{:int},{:int},READ,{:text}", "rows_read", "success", "database"),
    ), is_shared=True, is_last=True, once=("|ok|", "|fail")),
)  # fmt: skip
RECORD_FORMATS = (
    RecordFormat("nextcloud_audit", "nextcloud", ("reqId", "remoteAddr", "message", "level", "app=admin_audit"), {
        "time": "@timestamp", "remoteAddr": "source.address", "user": "user.name",
    }, (Meaning({"message": "*accessed*"}, "file_read", "success", _FILE), Meaning({"message": "*deleted*"}, "file_deleted", "success", _FILE)), message="message", templates=(
        Template('Login successful: <"|>{user.name:text}<"|>', "nextcloud_login", "success"), Template('Login failed: <"|>{user.name:text}<"|>', "nextcloud_login", "failure"),
        Template('Login attempt: <"|>{user.name:text}<"|>', "nextcloud_attempt", "unknown", "session"),
    )),
    RecordFormat("mongodb_slow", "mongodb", ("t.$date", "s", "c", "msg=Slow query", "attr.nreturned"), {
        "t.$date": "@timestamp", "attr.remote": "source.address", "attr.appName": "process.name", "attr.nreturned": "tocsin.rows", "attr.reslen": "tocsin.bytes",
    }, (Meaning({"attr.nreturned": "*"}, "rows_read", "success", "database"),)),
)  # fmt: skip
