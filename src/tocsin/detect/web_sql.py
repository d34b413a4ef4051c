"""SQL injection in a decoded value: grammar that breaks out of a statement.

Sources: CWE-89; "SQL Injection Cheat Sheet", OWASP; the techniques of sqlmap's manual
(boolean, error, union, stacked, time). A whole statement in a field called ``query`` or
``sql`` is a database interface at work, not an injection.
"""

from __future__ import annotations

import re

_TEXT_MAX = 2048
_COMMENT = re.compile(r"/\*!?\d{0,5}(.{0,80}?)\*/")
_MAY = re.compile(
    r"\b(?:or|and|xor|having|where|union|select|sleep|order|group|case|waitfor|benchmark|exec|"
    r"drop|insert|update|delete|procedure|chr|char|from|like|dbms|declare|utl|iif|if|rlike|regexp|"
    r"limit|values|call|create|information_schema)|['\"`]|--|\|\||&&|@@|\d\)",
)
_STATEMENT = re.compile(
    r"\s*\(?\s*(?:select|insert|show|with|create|update|delete|alter|explain|describe|use|--)\b"
)
_INTERFACE = frozenset(
    {"", "q", "query", "sql", "stmt", "statement", "sql_query", "rawsql", "expr", "sqlquery"}
)
_TRUTH = r"(?:not\s+|!\s*|binary\s+)*\(*\s*"
_OPERATOR = r"\s*\)*\s*(?:<=>|<>|!=|>=|<=|=|<|>|\bnot\s+like\b|\blike\b|\brlike\b|\bregexp\b|\bis\b|\bin\b)\s*\(*\s*"
_JOIN = r"(?:\b(?:or|and|xor|having|where|when|div|if)\b|\|\||&&)\s*"

_INJECTION = tuple(
    re.compile(pattern)
    for pattern in (
        # a comparison of two literals: or 1=1, and 'a'='a', ") or ("x"="x
        _JOIN
        + _TRUTH
        + r"-?\d{1,12}(?:\s*\)*\s*(?:<=>|<>|!=|>=|<=|=|\bnot\s+like\b|\blike\b|\brlike\b|\bregexp\b|\bis\b|\bin\b)\s*\(*\s*|[<>])-?\(?\s*(?:\d|select\b|'|\"|\w{1,30}\s*\(|\w+\.\w+\()",
        _JOIN + _TRUTH + r"(['\"]).{0,24}?\1" + _OPERATOR + r"(?:n?['\"]|\d|\()",
        _JOIN
        + _TRUTH
        + r"\w{1,20}\s*\((?:[^()]{0,40}|\([^()]{0,40}\)){0,3}\)\s*(?:\|\|\s*\w+\(\d+\)\s*){0,12}(?:=|<|>|like\b)\s*(?:\d|['\"(]|\w{1,30}\s*\(|null)",
        # a quote, then an operator and a truth: ' or 1 --, ' or true#, '||1#
        r"['\"`]\s*\)*\s*(?:or|and|xor|\|\||&&|\^|-|\+|\*|div|<|=)\s*(?:not\s+)?\(*(?:\d+|true|false|null)\b\)*\s*(?:--|#|/\*|;|\|)",
        r"^[\w-]{0,12}(?<!\d)['\"]\s*\)*\s*(?:or|and|xor|\|\||&&)\s*(?:not\s+)?\(*(?:\d+|true|false|null)\)*$",
        r"['\"`]\s*\)*\s*(?:\bor\b|\band\b)\s+(?:not\s+)?(?:exists|ascii|substr|substring|length|mid|ord|user|database|updatexml|ifnull|if|char|row|make_set|elt|sleep|isnull|unicode|len|bin|hex|json_\w+)\s*\(",
        r"^-?\w{0,12}\s*['\"]\s*(?:=|<|>|-|\+|\^|&|\|)\s*['\"]\s*(?:--|#|;|$|(?:or|and)\b)",
        r"^'\s*(?:or|and)\s+'",
        # union select
        r"\bunion\s{0,8}(?:all\s{0,8}|distinct\s{0,8})?\(?\s{0,8}select\b\s{0,8}(?:all\s|distinct\s)?\s*(?:null\b|-?\d|['\"(@*`!~]|0x[0-9a-f]|user\b|version\b|database\b|unhex|x'|\w{1,40}\s*\(|[\w.]{1,60}\s*,|[\w.]{1,60}\s+(?:from\s+[\w.`]{1,60}\s*(?:where|limit|--|#|;|$)|as\s)|$|--)",
        r"\bunion\s+(?:all\s+)?select\b.{0,200}\bfrom\b.{0,80}(?:--|#|;)",
        # a subquery
        r"\(\s*select\s+(?:\*|null\b|\d|['\"(]|@@|\w{1,40}\s*\(|case\b|count\b|[\w.,\s]{1,60}?\sfrom\s+[\w.$\[\]`\"]{1,60}\s*(?:\)|where|limit|group|union|order|--|,))",
        r"['\"]\s*(?:\|\||\+|,)\s*\(\s*select\b",
        # stacked statements
        r";\s*(?:select\s+(?:[*(\d'\"@]|case\b|\w{1,40}\s*\(|[\w.,\s]{1,60}?\sfrom\b)|insert\s+into\s+\w+|update\s+[\w.`]+\s+set\s|delete\s+from\s+\w+|drop\s+(?:table|database|view|user|function|procedure)\b|create\s+(?:table|or\s+replace|user|function|database|login|alias)\b|alter\s+(?:table|user|login)\b|truncate\s+table\b|exec(?:ute)?\s*\(?\s*(?:master|xp_|sp_|@|immediate|')|declare\s+@|shutdown\b\s*(?:--|;|$|with)|waitfor\s+(?:delay|time)|call\s+\w+\s*\(|begin\s+(?:dbms|user_lock|transaction|\w+\.)|iif\s*\(|copy\s+\w+\s+(?:from|to)|if\s*\(?\s*\d+\s*=|if\s*\(\s*(?:select|user|system_user|is_srvrole))",
        # functions that answer blind, loud or late
        r"\b(?:pg_sleep|extractvalue|updatexml|make_set|benchmark|load_file|xp_cmdshell|xp_dirtree|xp_regread|sqlite_version|randomblob|ctxsys\.\w{1,20}\.\w{1,20}|dbms_\w{1,30}\.\w{1,40}|utl_(?:http|inaddr)\.\w{1,30}|user_lock\.sleep|regexp_substring|generate_series|crypt_key|json_keys|gtid_subset|gtid_subtract|st_latfromgeohash|exp\(~|name_const|geometrycollection|multipoint|linestring|fn_listextended\w*|current_setting|query_to_xml|database_to_xml|pg_read_file|lo_import|openrowset|opendatasource|sys_eval|sys_exec|group_concat|quarter|is_srvrolemember)\s*\(\s*(?:\(|select\b|\d|['\"@]|[\w.]{1,40}\s*[(,)]|~)",
        r"(?:\b(?:and|or|select|union|if|elt|case|when|then|else|xor)\b|[('\",=*|^]|[\d'\"]\s*[+-])\s*\(*\s*sleep\s*\(\s*\(?\d",
        r"\bwaitfor\s+(?:delay|time)\s*(?:\(\s*)?n?['\"]|\bprocedure\s+analyse\s*\(|\bin\s+boolean\s+mode\s*\)|\binto\s+(?:out|dump)file\b",
        # marks of error and blind techniques
        r"\bcase\s+when\s*\(*\s*(?:\d+|['\"]|ascii|substr|user|length|\(select)|\bchr?\s*\(\s*\d+\s*\)\s*(?:\|\||\+|,)\s*chr?\s*\(|\bchar\s*\(\s*\d+\s*\)\s*(?:\|\||\+)\s*char\s*\(|\bchar\s*\(\s*\d{2,3}\s*,\s*\d{2,3}\s*,|\(\s*\d+\s*=\s*\d+\s*\)\s*\*\s*\d+|\*\s*\(select\b|floor\s*\(\s*rand\s*\(|\bgroup\s+by\s+(?:concat|\w+\s+having)\b|\bconcat(?:_ws)?\s*\(\s*(?:0x[0-9a-f]{2,}|char\s*\(|'~')|::(?:text|int|numeric)\s*(?:\|\||\)|=)|\bconvert\s*\(\s*int\s*,|\bcast\s*\(\s*\(?\s*(?:chr|select|\(|\d+\s+as)",
        r"['\"%)\d]\s*\)*\s*\b(?:order|group)\s+by\s+\d{1,4}\s*(?:,|--|#|;|/\*|$|\))|['\"]\s*\)*\s*having\s+\d|['\"\d)]\s*\blimit\s+\d+\s*(?:,\s*\d+)?\s*(?:--|#|into|union|procedure)|^\d*\s*order\s+by\s+\d+$",
        r"\bfrom\s+(?:information_schema\b|mysql\.|performance_schema\.|pg_(?:catalog|shadow|user|class|tables|database)|sqlite_(?:master|schema)|all_(?:tables|users|tab_columns)|master\.\.|master\.dbo|sysibm\.|rdb\$|sys(?:objects|users|columns|databases)\b|sys\.\w+|dual\b|user_tables|msysaccessobjects|domain\.\w+|v\$version)",
        r"\b(?:select|and|or|,)\s*\(?@@(?:version|hostname|datadir|global|basedir|servername)|\bselect\s+(?:version|user|database|current_user|system_user|schema)\s*\(\s*\)|\b(?:and|or)\s+\d+\s+(?:not\s+)?between\s+\d+\s+and|\brlike\s+\(?\s*(?:sleep|select|\()|\bor\s+\d+\s+(?:group|order|rlike)\b|\belt\s*\(\s*\d+\s*=|\brow\s*\(\s*\d+\s*,\s*\d+\s*\)\s*[<>=]",
        r"\b(?:and|or)\s+(?:ascii|substr|substring|ord|mid|length|unicode|bin|hex)\s*\(\s*\(?\s*(?:select|substr|substring|mid|user|database|version|@@|lower|upper|cast)",
        # the rest of the statement commented out, behind a quote that nobody closed
        r"\bas\s+\w+\s+where\s+\d+\s*=\s*\d+|\bwhere\s+\d+\s*=\s*\d+|['\"]\s*\)+\s*as\s+\w+|['\"]\s*\)*\s+where\s+",
    )
)
# behind a quote that nobody opened: a name compared with something
_BROKEN_OUT = re.compile(
    r"['\"`]\s*\)*\s*(?:\bor\b|\band\b|\|\||&&)\s*\(*\s*['\"`]?[\w%]{0,24}['\"`]?\s*\)*\s*"
    r"(?:=|<|>|like\b|is\b)\s*\(*\s*['\"`\w(]"
)
_TAIL = re.compile(r"(['\"`])\s*\)*\s*(?:;\s*)?(?:--|#|/\*|;%00|;\x00)(?:\s|-|\+)?[\w ]{0,12}$")
_CLOSING = re.compile(r"^-?\w{0,12}%?(?:['\"]\s*\)+|\)+)\s*(?:--|#|;|$|and\b|or\b)")
_ONLY_QUOTES = re.compile(r"^-?\w{0,12}['\"`]{1,3}\)*(?:--\s?-?|#)?$")


def is_sql_injection(text: str, *, name: str = "", is_path: bool = False) -> bool:
    """Tell whether decoded lower-case text injects SQL; ``name`` is its field's.

    A path is judged by the same grammar, but not by quotes alone.
    """
    text = text[:_TEXT_MAX]
    if not _MAY.search(text):
        return False
    if name in _INTERFACE and _STATEMENT.match(text):
        return False
    if "/*" in text:
        if re.search(r"\w/\*!?\d{0,5}.{0,40}?\*/(?:select|union|from|where|and|or|\*|all)\b", text):
            text = _COMMENT.sub(" \\1 ", text) + " " + _COMMENT.sub(" ", text)
        else:
            text = _COMMENT.sub(" \\1 ", text)
    if any(pattern.search(text) for pattern in _INJECTION):
        return True
    if is_path:
        return False
    if (text.count("'") % 2 or text.count('"') % 2) and _BROKEN_OUT.search(text):
        return True
    tail = _TAIL.search(text)
    if tail is not None and text.count(tail[1]) % 2 == 1:
        return True
    return _CLOSING.match(text) is not None and ("--" in text or "#" in text)
