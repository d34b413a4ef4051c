"""SQL injection in a decoded value: grammar that breaks out of a statement.

Sources: CWE-89; "SQL Injection Cheat Sheet", OWASP; the techniques of sqlmap's manual
(boolean, error, union, stacked, time). A whole statement in a field called ``query`` or
``sql`` is a database interface at work, not an injection.
"""

from __future__ import annotations

import re

from tocsin.core.patterns import pattern

_TEXT_MAX = 2048
_COMMENT = pattern(r"/\*!?\d{0,5}(.{0,80}?)\*/")
_MAY = pattern(
    r"\b(?:or|and|xor|having|where|union|select|sleep|order|group|case|waitfor|benchmark|exec|"
    r"drop|insert|update|delete|procedure|chr|char|from|like|dbms|declare|utl|iif|if|rlike|regexp|"
    r"limit|values|call|create|information_schema)|['\"`]|--|\|\||&&|@@|\d\)",
)
_STATEMENT = pattern(
    r"\s*\(?\s*(?:select|insert|show|with|create|update|delete|alter|explain|describe|use|--)\b"
)
_INTERFACE = frozenset(
    {"", "q", "query", "sql", "stmt", "statement", "sql_query", "rawsql", "expr", "sqlquery"}
)
_TRUTH = r"(?:not\s+|!\s*|binary\s+)*\({0,8}\s*"
_OPERATOR = (
    r"\s*\){0,8}\s*(?:<=>|<>|!=|>=|<=|=|<|>|\bnot\s+like\b|\blike\b|"
    r"\brlike\b|\bregexp\b|\bis\b|\bin\b)\s*\({0,8}\s*"
)
_JOIN = r"(?:\b(?:or|and|xor|having|where|when|div|if)\b|\|\||&&)\s*"

_INJECTION = tuple(
    pattern(text)
    for text in (
        # a comparison of two literals: or 1=1, and 'a'='a', ") or ("x"="x
        _JOIN
        + _TRUTH
        + (
            r"-?\d{1,12}(?:\s*\){0,8}\s*(?:<=>|<>|!=|>=|<=|=|\bnot\s+like\b|"
            r"\blike\b|\brlike\b|\bregexp\b|\bis\b|\bin\b)\s*\({0,8}\s*|"
            r"[<>])-?\(?\s*(?:\d|select\b|'|\"|\w{1,30}\s*\(|\w+\.\w+\()"
        ),
        _JOIN + _TRUTH + r"(['\"]).{0,24}?\1" + _OPERATOR + r"(?:n?['\"]|\d|\()",
        _JOIN
        + _TRUTH
        + (
            r"\w{1,20}\s*\((?:[^()]{0,40}|\([^()]{0,40}\)){0,3}\)\s*(?:\|\|\s*\w+\(\d+\)"
            r"\s*){0,12}(?:=|<|>|like\b)\s*(?:\d|['\"(]|\w{1,30}\s*\(|"
            r"null)"
        ),
        # a quote, then an operator and a truth: ' or 1 --, ' or true#, '||1#
        (
            r"['\"`]\s*\){0,8}\s*(?:or|and|xor|\|\||&&|\^|-|\+|\*|div|<|"
            r"=)\s*(?:not\s+)?\({0,8}(?:\d+|true|false|null)\b\){0,8}\s*(?:--|"
            r"#|/\*|;|\|)"
        ),
        (
            r"^[\w-]{0,12}(?<!\d)['\"]\s*\){0,8}\s*(?:or|and|xor|\|\||&&)\s*(?:not\s+)?\({0,8}(?"
            r":\d+|true|false|null)\){0,8}$"
        ),
        (
            r"['\"`]\s*\){0,8}\s*(?:\bor\b|\band\b)\s+(?:not\s+)?(?:exists|"
            r"ascii|substr|substring|length|mid|ord|user|database|updatexml|"
            r"ifnull|if|char|row|make_set|elt|sleep|isnull|unicode|len|"
            r"bin|hex|json_\w+)\s*\("
        ),
        r"^-?\w{0,12}\s*['\"]\s*(?:=|<|>|-|\+|\^|&|\|)\s*['\"]\s*(?:--|#|;|$|(?:or|and)\b)",
        r"^'\s*(?:or|and)\s+'",
        # union select
        (
            r"\bunion\s{0,8}(?:all\s{0,8}|distinct\s{0,8})?\(?\s{0,8}select\b\s{0,8}(?:a"
            r"ll\s|distinct\s)?\s*(?:null\b|-?\d|['\"(@*`!~]|0x[0-9a-f]|"
            r"user\b|version\b|database\b|unhex|x'|\w{1,40}\s*\(|[\w.]{1,60}\s*,|"
            r"[\w.]{1,60}\s+(?:from\s+[\w.`]{1,60}\s*(?:where|limit|"
            r"--|#|;|$)|as\s)|$|--)"
        ),
        r"\bunion\s+(?:all\s+)?select\b.{0,200}\bfrom\b.{0,80}(?:--|#|;)",
        # a subquery
        (
            r"\(\s*select\s+(?:\*|null\b|\d|['\"(]|@@|\w{1,40}\s*\(|"
            r"case\b|count\b|[\w.,\s]{1,60}?\sfrom\s+[\w.$\[\]`\"]{1,60}\s*(?:\)|"
            r"where|limit|group|union|order|--|,))"
        ),
        r"['\"]\s*(?:\|\||\+|,)\s*\(\s*select\b",
        # stacked statements
        (
            r";\s*(?:select\s+(?:[*(\d'\"@]|case\b|\w{1,40}\s*\(|[\w.,\s]{1,60}?\sfrom\b"
            r")|insert\s+into\s+\w+|update\s+[\w.`]+\s+set\s|delete\s+from\s+\w+|"
            r"drop\s+(?:table|database|view|user|function|procedure)\b|"
            r"create\s+(?:table|or\s+replace|user|function|database|"
            r"login|alias)\b|alter\s+(?:table|user|login)\b|truncate\s+table\b|"
            r"exec(?:ute)?\s*\(?\s*(?:master|xp_|sp_|@|immediate|')|"
            r"declare\s+@|shutdown\b\s*(?:--|;|$|with)|waitfor\s+(?:delay|"
            r"time)|call\s+\w+\s*\(|begin\s+(?:dbms|user_lock|transaction|"
            r"\w+\.)|iif\s*\(|copy\s+\w+\s+(?:from|to)|if\s*\(?\s*\d+\s*=|"
            r"if\s*\(\s*(?:select|user|system_user|is_srvrole))"
        ),
        # functions that answer blind, loud or late
        (
            r"\b(?:pg_sleep|extractvalue|updatexml|make_set|benchmark|"
            r"load_file|xp_cmdshell|xp_dirtree|xp_regread|sqlite_version|"
            r"randomblob|ctxsys\.\w{1,20}\.\w{1,20}|dbms_\w{1,30}\.\w{1,40}|"
            r"utl_(?:http|inaddr)\.\w{1,30}|user_lock\.sleep|regexp_substring|"
            r"generate_series|crypt_key|json_keys|gtid_subset|gtid_subtract|"
            r"st_latfromgeohash|exp\(~|name_const|geometrycollection|"
            r"multipoint|linestring|fn_listextended\w*|current_setting|"
            r"query_to_xml|database_to_xml|pg_read_file|lo_import|openrowset|"
            r"opendatasource|sys_eval|sys_exec|group_concat|quarter|"
            r"is_srvrolemember)\s*\(\s*(?:\(|select\b|\d|['\"@]|[\w.]{1,40}\s*[(,)]|"
            r"~)"
        ),
        (
            r"(?:\b(?:and|or|select|union|if|elt|case|when|then|else|"
            r"xor)\b|[('\",=*|^]|[\d'\"]\s*[+-])\s*\({0,8}\s*sleep\s*\(\s*\(?\d"
        ),
        (
            r"\bwaitfor\s+(?:delay|time)\s*(?:\(\s*)?n?['\"]|\bprocedure\s+analyse\s*\(|"
            r"\bin\s+boolean\s+mode\s*\)|\binto\s+(?:out|dump)file\b"
        ),
        # marks of error and blind techniques
        (
            r"\bcase\s+when\s*\({0,8}\s*(?:\d+|['\"]|ascii|substr|user|length|"
            r"\(select)|\bchr?\s*\(\s*\d+\s*\)\s*(?:\|\||\+|,)\s*chr?\s*\(|"
            r"\bchar\s*\(\s*\d+\s*\)\s*(?:\|\||\+)\s*char\s*\(|\bchar\s*\(\s*\d{2,3}\s*,"
            r"\s*\d{2,3}\s*,|\(\s*\d+\s*=\s*\d+\s*\)\s*\*\s*\d+|\*\s*\(select\b|"
            r"floor\s*\(\s*rand\s*\(|\bgroup\s+by\s+(?:concat|\w+\s+having)\b|"
            r"\bconcat(?:_ws)?\s*\(\s*(?:0x[0-9a-f]{2,}|char\s*\(|'~')|"
            r"::(?:text|int|numeric)\s*(?:\|\||\)|=)|\bconvert\s*\(\s*int\s*,|"
            r"\bcast\s*\(\s*\(?\s*(?:chr|select|\(|\d+\s+as)"
        ),
        (
            r"['\"%)\d]\s*\){0,8}\s*\b(?:order|group)\s+by\s+\d{1,4}\s*(?:,|"
            r"--|#|;|/\*|$|\))|['\"]\s*\){0,8}\s*having\s+\d|['\"\d)]\s*\blimit\s+\d+\s*(?:,"
            r"\s*\d+)?\s*(?:--|#|into|union|procedure)|^\d*\s*order\s+by\s+\d+$"
        ),
        (
            r"\bfrom\s+(?:information_schema\b|mysql\.|performance_schema\.|"
            r"pg_(?:catalog|shadow|user|class|tables|database)|sqlite_(?:master|"
            r"schema)|all_(?:tables|users|tab_columns)|master\.\.|master\.dbo|"
            r"sysibm\.|rdb\$|sys(?:objects|users|columns|databases)\b|"
            r"sys\.\w+|dual\b|user_tables|msysaccessobjects|domain\.\w+|"
            r"v\$version)"
        ),
        (
            r"\b(?:select|and|or|,)\s*\(?@@(?:version|hostname|datadir|"
            r"global|basedir|servername)|\bselect\s+(?:version|user|"
            r"database|current_user|system_user|schema)\s*\(\s*\)|\b(?:and|"
            r"or)\s+\d+\s+(?:not\s+)?between\s+\d+\s+and|\brlike\s+\(?\s*(?:sleep|"
            r"select|\()|\bor\s+\d+\s+(?:group|order|rlike)\b|\belt\s*\(\s*\d+\s*=|"
            r"\brow\s*\(\s*\d+\s*,\s*\d+\s*\)\s*[<>=]"
        ),
        (
            r"\b(?:and|or)\s+(?:ascii|substr|substring|ord|mid|length|"
            r"unicode|bin|hex)\s*\(\s*\(?\s*(?:select|substr|substring|"
            r"mid|user|database|version|@@|lower|upper|cast)"
        ),
        # the rest of the statement commented out, behind a quote that nobody closed
        (
            r"\bas\s+\w+\s+where\s+\d+\s*=\s*\d+|\bwhere\s+\d+\s*=\s*\d+|"
            r"['\"]\s*\){1,8}\s*as\s+\w+|['\"]\s*\){0,8}\s+where\s+"
        ),
    )
)
# behind a quote that nobody opened: a name compared with something
_BROKEN_OUT = pattern(
    r"['\"`]\s*\){0,8}\s*(?:\bor\b|\band\b|\|\||&&)\s*\({0,8}\s*['\"`]?[\w%]{0,24}['\"`]?\s*\){0,8}\s*"
    r"(?:=|<|>|like\b|is\b)\s*\({0,8}\s*['\"`\w(]"
)
_TAIL = pattern(r"(['\"`])\s*\){0,8}\s*(?:;\s*)?(?:--|#|/\*|;%00|;\x00)(?:\s|-|\+)?[\w ]{0,12}$")
_CLOSING = pattern(r"^-?\w{0,12}%?(?:['\"]\s*\)+|\){1,8})\s*(?:--|#|;|$|and\b|or\b)")


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
