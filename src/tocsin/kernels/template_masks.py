"""What varies in a log line, put behind masks: numbers, addresses, paths, names, values.

First, runs of letters and digits that hold a digit become one ``0`` (`collapsed`; the kernel
`tocsin.kernels.template_shapes` hashes that form). What follows sees nothing else, so that
lines with one hash have one mask whatever their numbers. Then come the things that free text
holds everywhere: URLs, host names, paths, hardware addresses, quoted words, what stands behind
an equals sign, truth values, amounts with their units; a row of masks becomes one. The
steps are general on purpose: none knows a program but cron, whose commands are free text.

Source: the preprocessing of Drain (He et al., ICWS 2017) and what its users add by hand for each
system; here one list serves all. Linear in the text, which is cut at `TEXT_BYTES_MAX`.
"""

from __future__ import annotations

import re

MASK = "*"
TEXT_BYTES_MAX, WORDS_MAX = 1024, 64
_RUN = re.compile(r"[A-Za-z0-9]*[0-9][A-Za-z0-9]*")
_TOP = (
    r"(?:com|net|org|edu|gov|mil|info|biz|io|local|lan|internal|test|example|invalid"
    r"|(?:com|co|ac|edu|net|org|gov)\.[a-z]{2})"
)
_UNITS = (
    r"(?: ?(?:ms|us|ns|s|sec|secs|seconds?|mins?|minutes?|hours?|days?|[KMGT]?i?B|[KMGT]?bps)\b)?"
)
_STEPS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\b(CMD|COMMAND) ?[(=].*$", r"\1 *"),  # cron, sudo: the rest is a command
        (r"\b[a-z][a-z+.]{1,9}://[^\s'\"<>\])},;]+", "0"),
        (r"(?<![\w.-])[\w-]+(?:\.[\w-]+)*\." + _TOP + r"(?::0)?(?![\w.])", "0"),
        (r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+:0(?!\w)", "0"),
        (r"(?<![\w:\\])[A-Za-z]:?\\[^\s'\"\])},;]*", "0"),
        (r"(?<![\w.*)\]])~?/[\w.\-/+@%$~#:=]*[\w/](?:\?[^\s'\"<>]*)?", "0"),
        (r"(?<![\w-])(?:0|[0a-fA-F]{2,})(?:[-:](?:0|[0a-fA-F]{2,})){3,}(?![\w-])", "0"),
        (r"(?<=[\w\]])( ?= ?)\"[^\"]*\"", r"\1*"),
        (r"(?<=[\w\]])=(?![=>])[^\s,;)\]}=]+(?=[\s,;)\]}]|$)", "=*"),
        (r"(?<=\w)( = {0,3}|= {1,3})(?![^\s=]*=)[^\s,;)\]}=]+(?=[\s,;)\]}]|$)", r"\1*"),
        (r"'[^'\s]+'", "'*'"),
        (r'"[^"\s]+"', '"*"'),
        (r"\b(?:true|false|null|TRUE|FALSE|True|False|NULL)\b", "0"),
        (r"<?[-+]?0(?:[.:/,_@#+-]+0)*%?" + _UNITS, "*"),
        (r"\*+(?:[\s,;|/:@#&.-]*\*+)+", "*"),
        (r"(?<!\S)([^\s*]*\*[^\s*]*?)[,;]?(?:\s+\1[,;]?)+(?!\S)", r"\1"),
    )
)


def collapsed(text: str) -> str:
    """Return a text with every run of letters and digits that holds a digit as ``0``.

    >>> collapsed("blk_-38 of 10.2.0.7 at 0x1f, eth1")
    'blk_-0 of 0.0.0.0 at 0, 0'
    """
    return _RUN.sub("0", text)


def masked(text: str) -> tuple[str, ...]:
    """Return the words of a line, what varies in them masked; at most `WORDS_MAX`.

    >>> masked("Took 19.05 seconds to open /var/lib/x from web1.example.com:80, mode=rw")
    ('Took', '*', 'to', 'open', '*', 'from', '*,', 'mode=*')
    """
    text = collapsed(text)
    for pattern, mask in _STEPS:
        text = pattern.sub(mask, text)
    words = text.split()
    return tuple(words if len(words) <= WORDS_MAX else [*words[: WORDS_MAX - 1], MASK])
