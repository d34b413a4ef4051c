"""Detections survive JSON."""

from __future__ import annotations

import json

import pytest

from tests.fixtures import detection
from tocsin.core.codec import detection_from_plain, detection_to_plain


def test_a_detection_reads_back_equal() -> None:
    one = detection(users=("root",), ports=(40001,), facts={"scan": "vertical"})

    assert detection_from_plain(json.loads(json.dumps(detection_to_plain(one)))) == one


def test_a_missing_field_is_named() -> None:
    plain = detection_to_plain(detection())
    del plain["episode"]

    with pytest.raises(ValueError, match="'episode'"):
        detection_from_plain(plain)
