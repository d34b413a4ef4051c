"""systemd's journal as JSON (``journalctl -o json``): a wrapper around every program's messages.

Who wrote an entry is told by what the journal itself adds (``_COMM``, ``_UID``) and no program can
forge; ``SYSLOG_IDENTIFIER`` is the writer's word. Source: systemd.journal-fields(7).
"""

from __future__ import annotations

from tocsin.parse.template import RecordFormat

RECORD_FORMATS = (
    RecordFormat(
        name="journal",
        dataset="journal",
        has=("__REALTIME_TIMESTAMP", "MESSAGE"),
        fields={
            "__REALTIME_TIMESTAMP": "@timestamp",
            "_HOSTNAME": "host.name",
            "_COMM": "process.name",
            "_PID": "process.pid",
            "_UID": "process.user.id",
            "_SYSTEMD_UNIT": "systemd.unit",
        },
        message="MESSAGE",
        program="_COMM",
    ),
)
