r"""Which lines go on with the record before them: stack traces, statements, details of PostgreSQL.

Only a line that says nothing by itself is asked about: whoever can write a line feed into a log
gains no event by it. Sources: how Java, Python, Go, Ruby, PHP, .NET and Node print stack traces;
PostgreSQL manual, "Error Reporting and Logging".
"""

from __future__ import annotations

import re

TRACE = re.compile(
    r"\s*(?:at [\w.$<>/@\[\] ]{1,200}\(|\.\.\. [0-9]{1,5} (?:more|common frames)"
    r"|Caused by: |Suppressed: "
    r"|Traceback \(most recent call last\):|File \"[^\"]{1,400}\", line [0-9]{1,7}"
    r"|During handling of the above exception|The above exception was the direct cause"
    r"|goroutine [0-9]{1,9} \[|created by [\w./*()]{1,200}|#[0-9]{1,4} [\w/{\\]"
    r"|Stack trace:$|thrown in /"
    r"|from [\w/.-]{1,400}:[0-9]{1,7}:in |--- End of (?:inner exception )?stack trace"
    r"|#011|[a-z][\w$]{0,60}(?:\.[\w$]{1,60}){1,12}(?:Exception|Error|Throwable)\b)",
    re.ASCII,
)
_TRACE_END = re.compile(
    r"[A-Za-z_][\w.]{0,200}(?:Error|Exception|Warning|Interrupt|Exit|Fault|Timeout)(?:: |$)",
    re.ASCII,
)
_CALL = re.compile(r"[\w./*()\[\]{}-]{1,300}\((?:0x[0-9a-f]+|\.\.\.|[^()]{0,200})\)$", re.ASCII)
_LEVEL = re.compile(
    r"(?<![\w:])(?:(?:ERROR|FATAL|PANIC|LOG|WARNING|NOTICE|INFO|DEBUG[1-5]?)"
    r"|(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION)):  ",
    re.ASCII,
)
_CLOCK = re.compile(
    r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?|(?<=\[)[0-9]{1,9}-[0-9]{1,9}(?=\])", re.ASCII
)
_PREFIX_MAX = 200


def is_trace(text: str) -> bool:
    """Tell whether a line stands in a stack trace.

    >>> is_trace("	at org.example.Main.run(Main.java:12)"), is_trace("attached")
    (True, False)
    """
    return TRACE.match(text) is not None


def ends_trace(text: str) -> bool:
    """Tell whether a line may end or go on with a trace that has begun."""
    return _TRACE_END.match(text) is not None or _CALL.match(text) is not None


def detail_of(text: str, before: str) -> str:
    """Return which detail of ``before`` a line of PostgreSQL gives, empty when it gives none.

    Both lines begin alike (``log_line_prefix``), their times apart.

    >>> detail_of("05:41:00 [7] DETAIL:  x", "05:41:00 [7] ERROR:  y")
    'detail'
    """
    found = _LEVEL.search(text, 0, _PREFIX_MAX)
    if found is None or found[1] is None:
        return ""
    first = _LEVEL.search(before, 0, _PREFIX_MAX)
    if first is None or first[1] is not None:
        return ""
    mine, its = text[: found.start()], before[: first.start()]
    return found[1].lower() if _CLOCK.sub("", mine) == _CLOCK.sub("", its) else ""
