"""SMB 1 commands ([MS-CIFS] 2.2): what `SmbReader` takes from each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.core.messages import SmbCall
from tocsin.parse.protocols.ntlm import user_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.core.messages import Message
    from tocsin.parse.protocols.segments import Segment
    from tocsin.parse.protocols.smb import SmbReader

TRANS, TRANS2, TRANS2_MORE, WRITE, SESSION, TREE, NT_TRANS, NT_CREATE = (
    0x25, 0x32, 0x33, 0x2F, 0x73, 0x75, 0xA0, 0xA2,
)  # fmt: skip
_HEAD, _WORDS, _NAME_BYTES = 33, 33, 512
_SETUP_TRANS2, _FUNCTION, _NT_FUNCTION_END = _WORDS + 28, _WORDS + 36, _WORDS + 38
_CLEAR_TEXT_WORDS = 13


def messages(reader: SmbReader, pdu: bytes, segment: Segment) -> Iterator[Message]:
    """Yield what one SMB 1 message says; short or odd ones say nothing."""
    if len(pdu) < _HEAD + 2:
        return
    command, status = pdu[4], int.from_bytes(pdu[5:9], "little")
    is_answer = bool(pdu[9] & 0x80)
    facts: dict[str, str | int] = {"mid": int.from_bytes(pdu[30:32], "little")}
    name = ""
    if command == SESSION:
        yield from _session(reader, pdu, status, segment, is_answer=is_answer)
        return
    if not is_answer:
        name = _asked(reader, pdu, command, facts)
        if command == WRITE:
            start = int.from_bytes(pdu[_WORDS + 22 : _WORDS + 24], "little")
            file = pdu[_WORDS + 4 : _WORDS + 6]
            yield from reader.wrote(file, pdu[start:] if start else b"", segment, dialect=1)
            return
        if command == TRANS:
            start = int.from_bytes(pdu[_WORDS + 24 : _WORDS + 26], "little")
            file = pdu[_WORDS + 30 : _WORDS + 32]
            if start:
                yield from reader.piped(file, pdu[start:], segment)
    elif command in {NT_CREATE, TREE}:
        name = reader.pending.pop(int(facts["mid"]), "")
        if command == NT_CREATE and status == 0:
            reader.keep(reader.files, pdu[_WORDS + 5 : _WORDS + 7], name)
    if command in {TRANS, TRANS2, TRANS2_MORE, NT_TRANS, NT_CREATE, TREE}:
        yield SmbCall(
            **segment.common(),
            dialect=1,
            command=command,
            name=name,
            status=status,
            is_response=is_answer,
            facts=facts,
        )


def _asked(reader: SmbReader, pdu: bytes, command: int, facts: dict[str, str | int]) -> str:
    """Return the name in a request and add what it asks for to ``facts``."""
    mid = int(facts["mid"])
    if command == TRANS2 and len(pdu) >= _SETUP_TRANS2 + 2 and pdu[_WORDS - 1] >= 15:
        facts["sub"] = int.from_bytes(pdu[_SETUP_TRANS2 : _SETUP_TRANS2 + 2], "little")
    elif command == TRANS and len(pdu) >= _WORDS + 32:
        facts["sub"] = int.from_bytes(pdu[_WORDS + 28 : _WORDS + 30], "little")
        facts["fid"] = int.from_bytes(pdu[_WORDS + 30 : _WORDS + 32], "little")
    elif command == NT_TRANS and len(pdu) >= _NT_FUNCTION_END:
        facts["total_data"] = int.from_bytes(pdu[_WORDS + 7 : _WORDS + 11], "little")
        facts["sub"] = int.from_bytes(pdu[_FUNCTION:_NT_FUNCTION_END], "little")
    elif command in {NT_CREATE, TREE}:
        size = 2 * pdu[_WORDS - 1] + _WORDS + 2
        if command == TREE:
            size += int.from_bytes(pdu[_WORDS + 6 : _WORDS + 8], "little")
        name = _text(pdu, size)
        reader.keep(reader.pending, mid, name)
        return name
    return ""


def _text(pdu: bytes, at: int) -> str:
    """Return the zero-ended text at or just behind ``at``."""
    raw = pdu[at : at + _NAME_BYTES]
    if pdu[11] & 0x80:
        raw = pdu[at + (at & 1) : at + _NAME_BYTES]
        return raw.decode("utf-16-le", "replace").partition("\x00")[0]
    return raw.partition(b"\x00")[0].decode("latin-1")


def _session(
    reader: SmbReader, pdu: bytes, status: int, segment: Segment, *, is_answer: bool
) -> Iterator[Message]:
    if is_answer:
        yield from reader.logged_in(status, segment)
        return
    if pdu[_WORDS - 1] == _CLEAR_TEXT_WORDS:
        lengths = int.from_bytes(pdu[_WORDS + 14 : _WORDS + 16], "little") + int.from_bytes(
            pdu[_WORDS + 16 : _WORDS + 18], "little"
        )
        reader.user = _text(pdu, _WORDS + 28 + lengths)
    else:
        reader.user = user_in(pdu) or reader.user
