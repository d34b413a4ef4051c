"""Incident: the contract's JSON."""

from __future__ import annotations

import json

from tests.fixtures import confirmed, detection
from tocsin.core.incident import Incident
from tocsin.incidents.casebook import Casebook
from tocsin.incidents.identity import Identity


def incident() -> Incident:
    book = Casebook(identity=Identity())
    book.file(confirmed(detection(facts={"scan": "vertical", "proto": "tcp"})), site="lab")
    ((case, _),) = book.take_changed()
    return case.snapshot(identity=book.identity, pages={})


def test_fields_of_the_contract_are_all_there() -> None:
    found = incident().with_evidence("evidence/x", "00").to_json()

    assert found["schema"] == "tocsin.incident/1"
    assert found["first_seen"] == "1970-01-01T00:00:10.000000Z"
    assert found["scan"] == "vertical"
    assert found["category"] == "information-gathering"
    assert found["techniques"] == ["T1046"]
    assert found["evidence"] == {"path": "evidence/x", "manifest_sha256": "00"}
    assert found["detections"][0]["records"] == 10


def test_it_is_plain_json_without_nan() -> None:
    assert json.loads(json.dumps(incident().to_json(), allow_nan=False))["priority"] == "P3"
