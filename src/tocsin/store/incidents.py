"""Incidents as rows: the contract's object beside what is needed to build it again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tocsin.core.detection import Counts, Detection, Selector
from tocsin.core.incident import Incident, Stage
from tocsin.store.tables import INCIDENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_IDS_MAX = 500  # SQLite bounds the parameters of one statement


def put_incidents(connection: sa.Connection, incidents: Iterable[Incident]) -> None:
    """Write incidents; one that is known is replaced, and keeps the status a person gave it."""
    for incident in incidents:
        row = {
            "site": incident.site,
            "first_ns": incident.first_ns,
            "priority": incident.priority,
            "body": incident_text(incident),
        }
        where = INCIDENT.c.id == incident.id
        if connection.execute(sa.update(INCIDENT).where(where).values(**row)).rowcount == 0:
            connection.execute(
                sa.insert(INCIDENT).values(id=incident.id, status=incident.status, **row)
            )


def load_incidents(
    connection: sa.Connection, *, ids: Sequence[str] | None = None
) -> list[Incident]:
    """Return incidents (all, or those named) in the order of first_ns, then id."""
    query = sa.select(INCIDENT.c.body, INCIDENT.c.status)
    rows: list[tuple[str, str]] = []
    if ids is None:
        rows = [tuple(row) for row in connection.execute(query)]
    else:
        for at in range(0, len(ids), _IDS_MAX):
            part = query.where(INCIDENT.c.id.in_(ids[at : at + _IDS_MAX]))
            rows += [tuple(row) for row in connection.execute(part)]
    found = [incident_of(body, status=status) for body, status in rows]
    return sorted(found, key=lambda incident: (incident.first_ns, incident.id))


def incident_text(incident: Incident) -> str:
    """Return the row's body: ``{"incident": contract's object, "state": every field}``."""
    state = asdict(incident)
    return json.dumps({"incident": incident.to_json(), "state": state}, separators=(",", ":"))


def incident_of(body: str, *, status: str | None = None) -> Incident:
    """Build the incident of a row's body; ``status`` is the row's, set by people."""
    state: dict[str, Any] = json.loads(body)["state"]
    state["kinds"] = tuple(Stage(**stage) for stage in state["kinds"])
    state["detections"] = tuple(_detection(one) for one in state["detections"])
    state["counts"] = Counts(**state["counts"])
    state["sources"] = tuple((str(path), int(n)) for path, n in state["sources"])
    if status is not None:
        state["status"] = status
    return Incident(**_tuples(state))


def _detection(state: Mapping[str, Any]) -> Detection:
    values = _tuples(state)
    values["selector"] = Selector(**_tuples(values["selector"]))
    values["counts"] = Counts(**values["counts"])
    return Detection(**values)


def _tuples(state: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in state.items()}
