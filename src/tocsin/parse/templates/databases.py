"""Databases: MySQL and MariaDB, PostgreSQL, MongoDB, Redis, SQL Server, CouchDB, Elasticsearch and others.

User names stand in the client's quotation marks before the host; the host is the server's own word.
Sources: MySQL 5.x-8.x sql_authentication.cc, PostgreSQL auth.c, MongoDB log messages 20249 and 5286202, SQL Server event 18456.
"""

from __future__ import annotations

from tocsin.parse.template import PROBE, SESSION, Family, Layout, Meaning, RecordFormat, Template

_MYSQL = (
    *(
        Template(f"<{head}|>{text}", action, outcome, category)
        for head in (r"\[{log.level:word}\] ", r"\[{log.level:word}\] \[{:word}\] \[{:word}\] ")
        for text, action, outcome, category in (
            ("Access denied for user '{user.name:text}'@'{source.address}' (using password: <YES|NO>)", "mysql_login", "failure", "authentication"),
            ("Access denied for user '{user.name:text}'@'{source.address}' to database '{database.name:text}'", "mysql_login", "failure", "authentication"),
            ("Access denied for user '{user.name:text}'@'{source.address}'", "mysql_login", "failure", "authentication"),
            ("Host '{source.address}' is blocked because of many connection errors{:text}", "mysql_blocked", "failure", PROBE),
            ("IP address '{source.address}' could not be resolved: {:text}", "mysql_reverse_mapping", "unknown", SESSION),
            ("Aborted connection {:word} to db: '{:text}' user: '{user.name:text}' host: '{source.address}' ({error.message:text})", "mysql_aborted", "failure", SESSION),
            ("InnoDB: {:text}corrupt{:text}", "database_corrupted", "failure", "host"),
            ("Table '{:text}' is marked as crashed and should be repaired", "database_corrupted", "failure", "host"),
            ("Too many connections", "database_exhausted", "failure", "process"),
            ("{:trusted}mysqld: ready for connections.{:text}", "service_started", "unknown", "process"),
            ("<|{:trusted}>mysqld got signal {:int} ;", "process_crashed", "failure", "process"),
        )
    ),
)  # fmt: skip
_POSTGRES = (
    Template('<FATAL|FEHLER|ERROR>:  password authentication failed for user "{user.name}"', "postgresql_login", "failure"),
    Template('FATAL:  <Ident|Peer|LDAP|PAM|RADIUS|GSSAPI|SCRAM|certificate> authentication failed for user "{user.name}"', "postgresql_login", "failure"),
    Template('FATAL:  role "{user.name:text}" does not exist', "postgresql_login", "failure", is_invalid_user=True),
    Template('FATAL:  no pg_hba.conf entry for <host|replication connection from host> "{source.address}", user "{user.name:text}", {:text}', "postgresql_login", "failure"),
    Template('FATAL:  pg_hba.conf rejects connection for host "{source.address}", user "{user.name:text}", {:text}', "postgresql_login", "failure"),
    Template('FATAL:  database "{database.name:text}" does not exist', "postgresql_refused", "failure", PROBE),
    Template("LOG:  connection received: host={source.address} port={source.port}", "postgresql_connected", "unknown", SESSION),
    Template("LOG:  connection authorized: user={user.name:word} {:text}", "postgresql_login", "success"),
    Template("LOG:  invalid length of startup packet", "postgresql_probe", "failure", PROBE),
    Template("FATAL:  <unsupported frontend protocol|no PostgreSQL user name specified in startup packet>{:text}", "postgresql_probe", "failure", PROBE),
    Template("FATAL:  <sorry, too many clients already|remaining connection slots are reserved>{:text}", "database_exhausted", "failure", "process"),
    Template("PANIC:  {error.message}", "database_panic", "failure", "process"),
    Template("LOG:  server process (PID {:int}) was terminated by signal {:text}", "process_crashed", "failure", "process"),
    Template("LOG:  database system is ready to accept connections", "service_started", "unknown", "process"),
    Template("LOG:  database system is shut down", "service_stopped", "unknown", "process"),
    Template("<ERROR|FATAL|PANIC|LOG>:  could not {:text}: No space left on device", "disk_full", "failure", "host"),
    Template("LOG:  AUDIT: <SESSION|OBJECT>,{:int},{:int},READ,{:text},{tocsin.rows:int}", "rows_read", "success", "database"),
    Template("LOG:  AUDIT: <SESSION|OBJECT>,{:int},{:int},READ,{:text}", "rows_read", "success", "database"),
    Template("ERROR:  {error.message}", "database_error", "failure", "database"),
    Template("LOG:  {:trusted}", "database_message", "unknown", "database"),
    Template("<STATEMENT|DETAIL|HINT|WARNING|FATAL|CONTEXT>:  {:text}", "database_message", "unknown", "database"),
)  # fmt: skip
_PGBOUNCER = (
    Template("<LOG|WARNING> {:word}: {database.name:word}/{user.name:word}@{source.address:endpoint} <login failed|pooler error|closing because>: <|password >authentication failed{:text}", "postgresql_login", "failure"),
    Template("<LOG|WARNING> {:word}: {database.name:word}/{user.name:word}@{source.address:endpoint} <login failed|pooler error>: {error.message}", "postgresql_login", "failure"),
    Template("LOG {:word}: {database.name:word}/{user.name:word}@{source.address:endpoint} login attempt: {:text}", "postgresql_attempt", "unknown", SESSION),
)  # fmt: skip

FAMILIES = (
    Family("mysql", "mysql", ("mysqld", "mysql", "mariadbd", "mysqld_safe", "mariadb"), once=("'@'",), templates=(
        *(Template(f"{head}{one.line}", one.action, one.outcome, one.category) for one in _MYSQL
          for head in ("", "{@timestamp:stamp} {:int} ", "{@timestamp:stamp} ")),
    )),
    Family("postgresql", "postgresql", ("postgres", "postgresql", "pgbouncer"), (
        *(Template(r"\[{:word}\] " + one.line, one.action, one.outcome, one.category, is_invalid_user=one.is_invalid_user) for one in _POSTGRES),
        *_POSTGRES,
        *(Template(inner + one.line, one.action, one.outcome, one.category, is_invalid_user=one.is_invalid_user)
          for inner in (r"\[{:word}\] {:stamp} <|{:word} >\[{:word}\] {:word}@{database.name:word} ", r"\[{:word}\] {:stamp} <|{:word} >\[{:word}\] ",
                        "{:stamp} <|{:word} >\\[{:word}\\] {:word}@{database.name:word} ", "{:stamp} <|{:word} >\\[{:word}\\] ") for one in _POSTGRES),
        *_PGBOUNCER,
        Template("<LOG|WARNING> {:word}: {:text}/{user.name:word}@{source.address:endpoint} <login failed|pooler error>: {:text}", "postgresql_login", "failure"),
    )),
)  # fmt: skip
_PG = "<|UTC |GMT |CET |CEST |EST |EDT |PST |PDT |{:word} >"
LAYOUTS = (
    Layout("mysql_general", "mysql", ("{@timestamp:stamp}{:trusted}Connect\t{message}",), once=("'@'",), templates=(
        Template("Access denied for user '{user.name:text}'@'{source.address}' {:text}", "mysql_login", "failure"),
    )),
    Layout("mysql", "mysql", ("{@timestamp:stamp} {:int} {message}", "{@timestamp:stamp} {message}"), templates=_MYSQL, once=("'@'",)),
    Layout("postgresql", "postgresql", (
        rf"{{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\] {{user.name:word}}@{{database.name:word}} {{message}}",
        rf"{{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\] {{message}}",
        rf"{{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\]: \[{{:word}}\] user={{user.name:text}},db={{database.name:text}},app={{application.name:text}},client={{source.address}} {{message}}",
        rf"{{@timestamp:stamp}} {_PG}{{source.address}}({{source.port}}) {{user.name:word}} {{database.name:word}} \[{{process.pid:word}}\] {{message}}",
        rf"{{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\] {{source.address}}({{source.port}}) {{user.name:word}}@{{database.name:word}} {{message}}",
        "{@timestamp:stamp}<| UTC| GMT| {:word}>:{source.address}({source.port}):{user.name:word}@{database.name:word}:\\[{process.pid:int}\\]:{message}",
        rf"{{source.address}} {{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\] {{user.name:word}}@{{database.name:word}} {{message}}",
        rf"{{source.address}} {{@timestamp:stamp}} {_PG}\[{{process.pid:word}}\] {{message}}",
        rf"{{@timestamp:stamp}} {_PG}{{message}}",
    ), templates=_POSTGRES),
    Layout("pgbouncer", "postgresql", ("{@timestamp:stamp} <|{:word} >\\[{process.pid:int}\\] {message}",), templates=_PGBOUNCER),
    Layout("postgresql_csv", "postgresql", (
        '{@timestamp:stamp}<| {:word}>,{user.name:quoted},{database.name:quoted},{process.pid:int},"{source.address:endpoint}",{:trusted},{:int},{:quoted},{:stamp}<| {:word}>,{message}',
    ), templates=(
        Template("{:trusted},FATAL,<28P01|28000>,{:text}", "postgresql_login", "failure"),
        Template('{:trusted},LOG,00000,"connection authorized{:text}', "postgresql_login", "success"),
        Template("{:trusted},<FATAL|ERROR>,{:text}", "database_error", "failure", "database"),
    )),
    Layout("redis", "redis", ("{process.pid:int}:{:word} {@timestamp:stamp} {:word} {message}", "\\[{process.pid:int}\\] {@timestamp:stamp} {:word} {message}"), templates=(
        Template("Possible SECURITY ATTACK detected. {:trusted}Connection from {source.address:endpoint} aborted.", "redis_probe", "failure", PROBE),
        Template("Possible SECURITY ATTACK detected. {:trusted}", "redis_probe", "failure", PROBE),
        Template("DENIED {:trusted} from {source.address:endpoint}", "redis_refused", "failure", PROBE),
    )),
    Layout("oracle", "oracle", ("{@timestamp:stamp} * {:text} * (ADDRESS=(PROTOCOL={:word})(HOST={source.address})(PORT={source.port})) * establish * {message}",), templates=(
        Template("<|{:word} * >0", "database_connected", "unknown", SESSION),
        Template("{service.name:word} * {error.code:int}", "database_refused", "failure", PROBE),
    ), once=("(ADDRESS=",)),
    Layout("mongodb", "mongodb", ("{@timestamp:stamp} <|I |W |E |F ><|{:word} ><| | |  |   |    |     >\\[{tocsin.connection:word}\\] {message}",), templates=(
        Template("authenticate db: {:word} \\{ authenticate: {:int}, {:text} \\}", "mongodb_attempt", "unknown", SESSION),
        Template("Failed to authenticate {user.name:text}@{database.name:word} with mechanism {:text}", "mongodb_login", "failure"),
        Template("SASL {:word} authentication failed for {user.name:text} on {database.name:word} from client {source.address:endpoint} ; {:text}", "mongodb_login", "failure"),
        Template("{:word} authentication failed for {user.name:text} on {database.name:word} from client {source.address:endpoint} ; {:text}", "mongodb_login", "failure"),
        Template("auth: couldn't find user {user.name:text}@{database.name:word}, {:text}", "mongodb_login", "failure", is_invalid_user=True),
        Template("Successfully authenticated as principal {user.name:text} on {:text}", "mongodb_login", "success"),
        Template("end connection {source.address:endpoint} ({:text}", "mongodb_disconnected", "unknown", SESSION),
        Template("connection accepted from {source.address:endpoint} #{:int} ({:text}", "mongodb_connected", "unknown", SESSION),
        Template("<User Assertion|Assertion>: {:text}auth fails{:text}", "mongodb_login", "failure"),
    )),
    Layout("mssql", "mssql", tuple("{@timestamp:stamp} Logon " + "[ ]" * 8 + "{message}" for _ in (1,)), templates=(
        Template(r"Login failed for user '{user.name:text}'. Reason: {:text} \[CLIENT: {source.address}\]", "mssql_login", "failure"),
        Template(r"Login failed for user '{user.name:text}'. \[CLIENT: {source.address}\]", "mssql_login", "failure"),
        Template(r"Login failed. {:text} \[CLIENT: {source.address}\]", "mssql_login", "failure"),
        Template(r"Login succeeded for user '{user.name:text}'. {:text} \[CLIENT: {source.address}\]", "mssql_login", "success"),
        Template("Error: {:text}", "mssql_error", "unknown", "database"),
    )),
    Layout("couchdb", "couchdb", ("\\[{log.level:word}\\] {@timestamp:stamp} {:word} \\<{:word}\\> {:word} {message}",), templates=(
        Template("{:word} {source.address} {user.name:word} {http.request.method:word} {url.original:word} {http.response.status_code:int} ok {:int}", "http_request", "unknown", "web"),
    )),
)  # fmt: skip
RECORD_FORMATS = (
    RecordFormat("mongodb", "mongodb", ("t.$date", "s", "c", "msg"),
        {"t.$date": "@timestamp", "attr.remote": "source.address", "attr.client": "source.address", "attr.principalName": "user.name",
         "attr.user": "user.name", "attr.authenticationDatabase": "database.name", "ctx": "tocsin.connection", "msg": "message"},
        (
            Meaning({"msg": ("Authentication failed", "Checking authorization failed", "SASL authentication failed", "Failed to authenticate")}, "mongodb_login", "failure"),
            Meaning({"msg": ("Authentication succeeded", "Successfully authenticated")}, "mongodb_login", "success"),
            Meaning({"msg": ("Connection accepted", "Connection ended", "client metadata")}, "mongodb_connected", "unknown", SESSION),
            Meaning({"s": ("F", "E")}, "mongodb_error", "failure", "process"),
        )),
    RecordFormat("elasticsearch_audit", "elasticsearch", ("event.type", "event.action", "origin.address"),
        {"@timestamp": "@timestamp", "origin.address": "source.address", "user.name": "user.name", "url.path": "url.path", "request.name": "process.name"},
        (
            Meaning({"event.action": ("authentication_failed", "anonymous_access_denied", "realm_authentication_failed")}, "elasticsearch_login", "failure"),
            Meaning({"event.action": "authentication_success"}, "elasticsearch_login", "success"),
            Meaning({"event.action": ("access_denied", "tampered_request", "run_as_denied", "connection_denied")}, "elasticsearch_refused", "failure", PROBE),
        )),
    RecordFormat("postgresql", "postgresql", ("timestamp", "pid", "error_severity", "message", "session_id"),
        {"timestamp": "@timestamp", "remote_host": "source.address", "remote_port": "source.port", "user": "user.name", "dbname": "database.name", "pid": "process.pid"},
        (
            Meaning({"message": "*authentication failed for user*"}, "postgresql_login", "failure"),
            Meaning({"message": "no pg_hba.conf entry*"}, "postgresql_login", "failure"),
            Meaning({"message": "connection authorized*"}, "postgresql_login", "success"),
            Meaning({"error_severity": ("FATAL", "PANIC")}, "postgresql_fatal", "failure", "process"),
            Meaning({"error_severity": "ERROR"}, "database_error", "failure", "database"),
        )),
)  # fmt: skip
