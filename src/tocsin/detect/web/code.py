"""Signatures of code that an application would run: lookups, templates, objects, scripts.

Sources: CVE-2021-44228 and its obfuscations; CVE-2014-6271; CVE-2022-22965; "Server-Side
Template Injection", Kettle, 2015; "Java Unmarshaller Security", Bechler, 2017; CWE-502,
-611, -917, -1336.
"""

from __future__ import annotations

import re

from tocsin.core.patterns import pattern
from tocsin.detect.web.values import BODY, COOKIE, HEADER, PATH, QUERY, UPLOAD

_LOOKUP = pattern(
    r"\$\{(?:[^${}]{0,40}:-|(?:lower|upper|date|env|sys|java|base64)[^${}]{0,3}:'?)([^${}]{0,60})\}"
)
_ROUNDS = 10
_PARTS = frozenset({PATH, QUERY, BODY, COOKIE})
_ALL: frozenset[str] = frozenset()


def lookups_resolved(text: str) -> str:
    """Return lower-case text with nested lookups (``${lower:j}``, ``${::-j}``) resolved.

    What remains of an attack holds ``${jndi:``; ``jndi`` outside of a lookup is taken out.
    """
    for _ in range(_ROUNDS):
        before = text
        text = _LOOKUP.sub(lambda found: found[1].strip("'"), text)
        if text == before:
            break
    return (
        "${jndi"
        if re.search(
            (
                r"\$\{\s{0,4}jndi\s{0,4}:|\$\{[^}]{0,20}j[^a-z]{0,8}n[^a-z]{0,8}d[^a-z]{0,8}"
                r"i[^a-z]{0,4}:"
            ),
            text,
        )
        else ""
    )


MAY_CODE = pattern(
    r"[({\[$<%!&#]|java|processbuilder|transformer|closure|factory|classloader|__|"
    r"ro0ab|aaead|h4si|spring\.|c(?:os|posix)\n|"
    r"\xac\xed|:\d+:\"|child_process|ognl|xwork|clojure|bsh\.|groovy|com\.sun|org\.apache|global\."
)
# (attack, parts of the request or all, pattern, on the text with its capitals)
CODE: tuple[tuple[str, frozenset[str], re.Pattern[str], bool], ...] = tuple(
    (attack, where, pattern(text, re.DOTALL), is_raw)
    for attack, where, text, is_raw in (
        ("shellshock", _ALL, r"^\s{0,4}\(\)\s{0,4}\{[^{}]{0,80}[;:_]", False),
        (
            "spring4shell",
            _ALL,
            (
                r"\bclass(?:\.|\[['\"]?)module(?:\.|['\"]?\]\.?)classloader|"
                r"class\.classloader\.|spring\.cloud\.function\.routing-expression"
            ),
            False,
        ),
        (
            "java_injection",
            _ALL,
            # CVE-2022-42889 (commons-text) and its kin: lookups that fetch, resolve or run
            (
                r"\$\{\s{0,4}(?:script|dns|url|file|const|resourcebundle|urldecoder|"
                r"base64decoder|xml|localhost)\s{0,4}:[^}]{1,400}[:|/.(][^}]{0,400}\}"
            ),
            False,
        ),
        (
            "java_injection",
            _ALL,
            # the chain of CVE-2015-7501 and its kin
            (
                r"\b(?:(?:invoker|instantiate|clone|constant|chained)transformer|(?:for|while)closure|"
                r"(?:instantiate|prototypeclone|prototypeserialization)factory)\b"
            ),
            False,
        ),
        (
            "java_injection",
            _ALL,
            (
                r"java\.lang\.(?:runtime|processbuilder|system|class)|getruntime\s*\(\s*\)|"
                r"\bprocessbuilder\b|javax\.script\.|#_memberaccess|#context\s*[\[.=]|"
                r"@ognl\.|ognl\.ognlcontext|#(?:parameters|request|session|"
                r"application)\b\.|%\{\s*[(#'\"]|\$\{\s*[(#]|\bnew\s+java\.(?:io|"
                r"lang|net)\.|\bt\(java\.|java\.io\.(?:file|bufferedreader)\b|"
                r"com\.opensymphony\.xwork2|xwork\.methodaccessor|redirect(?:action)?:\s*[$%"
                r"]\{|freemarker\.template\.utility|unmarshaller|clojure\.core|"
                r"com\.sun\.org\.apache|org\.apache\.(?:commons\.collections|"
                r"xalan|wicket\.util)|java\.util\.(?:priorityqueue|hashset)\b|"
                r"bsh\.interpreter|groovy\.lang\."
            ),
            False,
        ),
        (
            "deserialisation",
            _ALL,
            (
                r"rO0AB[A-Za-z0-9+/]|\xac\xed\x00\x05|AAEAAAD/////|_\$\$ND_FUNC\$\$_|"
                r"c(?:os|posix|subprocess)\n(?:system|popen|Popen)\n|H4sIAAAAAAAA[A-Za-z0-9+"
                r"/]{4}s0|KztAAU"
            ),
            True,
        ),
        (
            "deserialisation",
            frozenset({QUERY, BODY, COOKIE, HEADER}),
            (
                r"(?:^|[;{:|])[oc]:\+?\d{1,4}:\"[\w\\]{1,120}\":\d{1,4}:\{|"
                r"!!python/object|!!javax\.|!ruby/object|\"\$type\"\s*:\s*\"system\.|"
                r"\"@type\"\s*:\s*\"(?:com\.sun|org\.apache|java\.|javax\.)|"
                r"^\s*(?:com\.sun\.rowset|org\.apache\.\w+)\.\w+"
            ),
            False,
        ),
        (
            "template_injection",
            _PARTS | {HEADER},
            (
                r"\{\{\s{0,4}-?\d{1,9}\s{0,4}[*+]\s{0,4}'?\d{1,9}|[$#@]\{\s{0,4}\d{1,9}\s{0,"
                r"4}\*\s{0,4}\d{1,9}\s{0,4}\}|<%=?\s{0,4}\d{1,9}\s{0,4}\*\s{0,4}\d|"
                r"\{\{[^}]{0,200}(?:__(?:class|globals|mro|subclasses|init|"
                r"builtins|import)__|constructor|self\._|request\.application|"
                r"config\.(?:items|from_)|cycler|lipsum|joiner|registerundefinedfiltercallba"
                r"ck|\|\s{0,2}(?:attr|system|exec|passthru))|\{\{\s{0,4}(?:config|"
                r"self|settings\.secret_key)\s{0,4}\}\}|\{%\s{0,4}(?:for|"
                r"if|set|import|include|debug)\b[^%]{0,200}(?:__|popen|import|"
                r"subclasses|os\.)|__(?:class__\.__(?:mro|base)|import__\s{0,2}\()|"
                r"#set\s{0,4}\(\s{0,4}\$\w+\s{0,4}=|\{php\}|\{system\(|<#assign\b|"
                r"constructor\.constructor\s*\(|\{\{=?\s{0,4}global\.process"
            ),
            False,
        ),
        (
            "xxe",
            _ALL,
            (
                r"<!entity\s{1,8}%?\s{0,8}[\w.:-]{1,60}\s{1,8}(?:system|"
                r"public)\s|<!doctype[^>\[]{0,120}\bsystem\s{1,8}[\"'](?:file|"
                r"ftp|php|expect|gopher|jar|netdoc|https?://[\d.:]+/)|<xi:include\b[^>]{0,12"
                r"0}\bhref|&xxe;"
            ),
            False,
        ),
        (
            "webshell",
            frozenset({UPLOAD}),
            (
                r"<\?(?:php|=)?[^?]{0,400}\b(?:eval|system|exec|shell_exec|"
                r"passthru|assert|popen|base64_decode|\$_(?:get|post|request|"
                r"cookie))\b|<%(?:@\s*page|!|=)?.{0,400}(?:getruntime|processbuilder|"
                r"request\.getparameter|createobject\(\"wscript|eval\s*\(?\s*request)|"
                r"<jsp:\w+.{0,200}runtime"
            ),
            False,
        ),
        (
            "webshell",
            _PARTS | {HEADER},
            (
                r"@?\beval\s{0,4}\(\s{0,4}(?:\$_(?:get|post|request|cookie)|"
                r"base64_decode\s*\(|gzinflate|str_rot13)|@ini_set\s*\(\s*[\"']display_error"
                r"s|<\?(?:php|=).{0,200}\$_(?:get|post|request|cookie|server)|"
                r"<%\s*eval\s+request|response\.write\s*\(.{0,80}(?:server\.mappath|"
                r"createobject)|execute\s*\(\s*\"?(?:on error resume|request)"
            ),
            False,
        ),
        (
            "code_injection",
            _PARTS | {HEADER},
            (
                r"#(?:post_render|lazy_builder|pre_render)\b|<\?php\b|<\?=|"
                r"\bphpinfo\s{0,4}\(\s{0,4}\)|(?:^|[;{(}'\"=\s@&|])(?:passthru|"
                r"shell_exec|proc_open|pcntl_exec|assert|create_function|"
                r"call_user_func(?:_array)?|file_put_contents|base64_decode|"
                r"preg_replace|array_map|print\s*\(\s*md5|die\s*\(\s*md5|"
                r"echo\s+md5|usort|ob_start)\s{0,4}\(\s{0,4}['\"$@(a-z0-9]|"
                r"\$_(?:get|post|request|server|cookie|files|session)\s{0,4}\[|"
                r"\$globals\s*\[|\$\{@?(?:print|eval|phpinfo|system)|chr\(\d+\)\.chr\(\d+\)|"
                r"\brequire\(\s?['\"](?:child_process|fs)['\"]|process\.(?:mainmodule|"
                r"binding|env\b\.)|this\.constructor\.constructor|__proto__\s*[\]\[.'\"]|"
                r"constructor(?:\.|\]\[)prototype|global\.process"
            ),
            False,
        ),
        (
            "command_injection",
            _PARTS | {HEADER},
            (
                r"(?:^|[;{(}'\"=\s@&|])(?:system|exec|popen)\s{0,4}\(\s{0,4}['\"][^'\"]{1,20"
                r"0}|<!--\s{0,4}#\s{0,4}(?:exec|include|echo|printenv|config)\b|"
                r"os\.(?:system|popen)\s*\(|subprocess\.(?:popen|call|run|"
                r"check_output)\s*\(|child_process"
            ),
            False,
        ),
    )
)
