r"""JSON that is no lines: lists of records, records over several lines, records in a wrapper.

CloudTrail's files are ``{"Records": [...]}``, Azure's ``{"records": [...]}`` or ``{"value": ...}``,
Kubernetes' lists ``{"items": [...]}``, CloudWatch's exports ``{"events": [...]}`` or
``{"logEvents": [...]}``. Each record comes out as it stands, on one line. Brackets are followed,
not understood: what is no JSON gives lines that a reader calls weird.
"""

from __future__ import annotations

import json
import re

from tocsin.collect.framing.base import RECORD_BYTES_MAX

_WRAPPERS = rb'"(?:Records|records|value|items|Items|events|Events|logEvents|entries)"\s*:\s*'
_WRAPS = re.compile(_WRAPPERS + rb"\Z")
_WRAPPED = re.compile(rb'\s*\{(?:\s*"[^"\n]{1,64}"\s*:\s*(?:"[^"\n]{0,512}"|[\w.+-]{1,64}'
                      rb"|\{\s*\}|\[[^\[\]{}\n]{0,512}\])\s*,){0,12}?\s*"
                      + _WRAPPERS + rb"\[\s*\{")  # fmt: skip
_LIST = re.compile(rb"\s*\[\s*\{")
_SPREAD = re.compile(rb"\s*\{[ \t]*\r?\n")
_STRUCTURE, _STRING = re.compile(rb'["{}\[\]]'), re.compile(rb'["\\]')
_BREAK = re.compile(rb"\s*\n\s*")
_BETWEEN = b" \t\r\n,[]\x1e\xef\xbb\xbf"
_WRAPPER_BYTES_MAX = 1 << 14


def is_document(head: bytes) -> bool:
    """Tell whether an input begins like a list, a wrapper or an object over several lines."""
    if _WRAPPED.match(head):
        return True
    found = _LIST.match(head)
    if found is None and not _SPREAD.match(head):
        return False
    text = head[head.index(b"{") :].decode("utf-8", errors="replace")
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


class Documents:
    """Follows brackets and strings; holds one record of at most `RECORD_BYTES_MAX` bytes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._depth, self._base = 0, 0  # brackets open; those outside the records
        self._in_string = self._is_escaped = self._may_wrap = False
        self._is_rest = False  # behind the records of a wrapper: nothing more to give

    def feed(self, data: bytes) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        at, end = 0, len(data)
        while at < end:
            if self._is_escaped:
                self._hold(data[at : at + 1])
                self._is_escaped = False
                at += 1
                continue
            found = (_STRING if self._in_string else _STRUCTURE).search(data, at)
            stop = end if found is None else found.start()
            self._between(data[at:stop], out)
            if found is None:
                break
            self._sign(found[0], out)
            at = found.end()
        return b"".join(out)

    def _between(self, text: bytes, out: list[bytes]) -> None:
        if self._depth > self._base or self._in_string:
            self._may_wrap = self._may_wrap and not text.strip()
            self._hold(text)
            return
        first, *more = text.split(b"\n")  # between records: lines of no record
        self._stray(first)
        for line in more:
            self._give(out)
            self._stray(line)

    def _stray(self, text: bytes) -> None:
        if self._held or text.strip(_BETWEEN):
            self._hold(text)

    def _sign(self, sign: bytes, out: list[bytes]) -> None:
        if self._in_string:
            self._hold(sign)
            self._is_escaped = sign == b"\\"
            self._in_string = self._is_escaped
            return
        may_wrap, self._may_wrap = self._may_wrap, False
        if sign == b'"':
            self._in_string = True
            self._hold(sign)
        elif sign == b"{":
            if may_wrap:  # {"Records": [{ : what follows are the records
                self._held.clear()
                self._base = self._depth
            elif self._depth == self._base:
                self._give(out)
            self._depth += 1
            self._hold(sign)
        elif sign == b"[":
            self._open_list()
        else:
            self._close(sign, out)

    def _open_list(self) -> None:
        if self._depth == self._base and not self._held and not self._is_rest:
            self._depth += 1
            self._base += 1
            return
        if self._depth == 1 and self._base == 0 and len(self._held) <= _WRAPPER_BYTES_MAX:
            self._may_wrap = _WRAPS.search(self._held) is not None
        self._depth += 1
        self._hold(b"[")

    def _close(self, sign: bytes, out: list[bytes]) -> None:
        if self._depth == 0:
            self._hold(sign)
            return
        self._depth -= 1
        if self._is_rest:
            if self._depth == 0:
                self._base, self._is_rest = 0, False
        elif self._depth >= self._base:
            self._hold(sign)
            if self._depth == self._base:
                self._give(out)
        else:  # the list of the records ends
            self._give(out)
            self._base, self._is_rest = 0, self._depth > 0

    def _hold(self, text: bytes) -> None:
        if self._is_rest:
            return
        self._held += text[: max(RECORD_BYTES_MAX - len(self._held), 0)]

    def _give(self, out: list[bytes]) -> None:
        text = _BREAK.sub(b"", bytes(self._held)).strip(b" \t\r,")
        self._held.clear()
        if text.strip(b"}]"):
            out.append(text + b"\n")

    def finish(self) -> bytes:
        """See `tocsin.collect.framing.base.Unfolder`."""
        out: list[bytes] = []
        self._give(out)
        return b"".join(out)

    @property
    def damage(self) -> str:
        """See `tocsin.collect.framing.base.Unfolder`."""
        return "the JSON document is cut short" if self._depth or self._in_string else ""
