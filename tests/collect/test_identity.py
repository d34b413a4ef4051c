"""Known inputs are recognised by a prefix."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tocsin.collect.identity import first_64k_sha256, matches_prefix
from tocsin.collect.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

LINE = b"Nov 11 08:04:51 host sshd[1]: Failed password for root from 203.0.113.9 port 1 ssh2\n"


def test_a_file_that_has_grown_matches_its_former_content(tmp_path: Path) -> None:
    former = LINE * 3000
    path = tmp_path / "auth.log"
    path.write_bytes(former + LINE)

    source = open_source(str(path), site="lab")

    sha256 = hashlib.sha256(former).hexdigest()
    assert matches_prefix(source, length=len(former), sha256=sha256)
    assert not matches_prefix(source, length=len(former) - 1, sha256=sha256)
    assert not matches_prefix(source, length=len(former) * 2, sha256=sha256)
    assert first_64k_sha256(source) == hashlib.sha256(former[:65536]).hexdigest()


def test_a_short_prefix_needs_only_the_head(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_bytes(LINE)

    source = open_source(str(path), site="lab")

    sha256 = hashlib.sha256(LINE).hexdigest()
    assert matches_prefix(source, length=len(LINE), sha256=sha256)
    assert not matches_prefix(source, length=len(LINE) + 1, sha256=sha256)
