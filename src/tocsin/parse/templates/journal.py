"""systemd's journal: a wrapper around every program's messages, as JSON or exported.

Who wrote an entry is told by what the journal itself adds (`tocsin.parse.journal`);
``SYSLOG_IDENTIFIER`` is the writer's word. Source: systemd.journal-fields(7).
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
            "_EXE": "process.executable",
            "_CMDLINE": "process.title",
            "_PID": "process.pid",
            "_UID": "process.user.id",
            "_SYSTEMD_UNIT": "systemd.unit",
            "_TRANSPORT": "journald.transport",
            "PRIORITY": "log.level",
            "CONTAINER_NAME": "container.name",
        },
        message="MESSAGE",
        program="journal()",
    ),
)
