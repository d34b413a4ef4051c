"""What is masked in a line, and what stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernels.template_masks import WORDS_MAX, collapsed, masked


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Took 19.05 seconds to spawn", "Took * to spawn"),
        ("free -3 of 17% at 10:22:31.7 on 2026-01-02", "free * of * at * on *"),
        ("peer 203.0.113.9:443 and [2001:db8::1]:22", "peer * and [*]:*"),
        ("Link 00:1a:2b:3c:4d:5e is dead", "Link * is dead"),
        ("block blk_-386 of rdd_42_3", "block blk_* of rdd_*"),
        ("open /var/log/x.log, then C:\\temp\\a.txt", "open *, then *"),
        ("fetch https://www.example.com/a?b=c now", "fetch * now"),
        ('"GET /v2/a?all=1&x=y HTTP/1.1" status: 200', '"GET * HTTP/*" status: *'),
        ("mail.example.org:25 closed", "* closed"),
        ("uid=0 user= name='x y' mode=rw,", "uid=* user=* name=* y' mode=*,"),
        ("allDrawn= false, moving =  true", "allDrawn=*, moving = *"),
        ("ws=WorkSource{12}, uid=7", "ws=*, uid=*"),
        ("(root) CMD (run-parts /etc/cron.hourly)", "(root) CMD *"),
        ("Fan speeds ( 3552 3534 3375 )", "Fan speeds ( * )"),
        ("replicate blk_1 blk_2 blk_3", "replicate blk_*"),
        ("is not an address: org.example.Thing", "is not an address: org.example.Thing"),
    ],
)
def test_what_varies_is_masked_and_the_rest_stays(line: str, words: str) -> None:
    assert " ".join(masked(line)) == words


@given(st.text(alphabet="abz019_-.:/= *{}[]()'\"é\\", max_size=60))
def test_lines_that_collapse_alike_are_masked_alike(line: str) -> None:
    assert masked(collapsed(line)) == masked(line)


def test_a_line_of_very_many_words_is_cut() -> None:
    assert len(masked("word " * 500)) == WORDS_MAX


@pytest.mark.parametrize(
    "sign", ["a", "0", "/", "=", ":", "-", " ", "*", "\\", "'", '"', "{", ".a", "= ", "a:", "* "]
)
def test_any_line_takes_linear_time(sign: str) -> None:
    begun = time.perf_counter()

    masked((sign * 1024)[:1024])

    assert time.perf_counter() - begun < 0.2
