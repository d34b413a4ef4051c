"""Calm traffic that looks like something: every detector is on, each decisive by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tocsin.confirm.confirm import Suppression
from tocsin.core.networks import Home
from tocsin.testing import calm_devices as devices
from tocsin.testing import calm_networks as networks
from tocsin.testing.scenes import EngineRun, capture, wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.testing.captures import Framed

SCENES: dict[str, Callable[[], Sequence[Framed]]] = {
    "a monitoring host that polls sixty others": networks.monitoring,
    "a gateway with hundreds of clients": networks.gateway,
    "a recursive resolver": networks.resolver,
    "a busy server without its answers": lambda: networks.one_way(from_server=False),
    "a busy server's answers alone": lambda: networks.one_way(from_server=True),
    "health checks of load balancers": networks.balancer,
    "backscatter of a flood elsewhere": networks.backscatter,
    "a mail server that lists new senders grey": networks.greylisting,
    "a backup of 2 GB at night": devices.night_backup,
    "a speed test": devices.speed_test,
    "a film from many servers": devices.streaming,
    "a file sharing client": devices.peers,
    "multicast of a home": devices.chatter,
    "time servers asked every 64 s": devices.clocks,
}


def _found(packets: Sequence[Framed], **changes: object) -> list[tuple[str, str, str]]:
    run = EngineRun(replace(wiring(), home=Home((networks.HOME,)), **changes))  # type: ignore[arg-type]
    return [
        (one["kind"], one["severity"], one["title"]) for one in run([capture(packets)]).printed()
    ]


@pytest.mark.parametrize("scene", SCENES)
def test_calm_scenes_raise_nothing_at_all(scene: str) -> None:
    assert _found(SCENES[scene]()) == []


@pytest.mark.parametrize("scene", [devices.things, devices.polling])
def test_a_clock_that_calls_a_named_site_is_only_worth_a_look(
    scene: Callable[[], Sequence[Framed]],
) -> None:
    ((kind, severity, _),) = _found(scene())

    assert (kind, severity) == ("c2_beacon", "low")


def test_a_scanner_is_silent_on_the_allowlist_and_found_without() -> None:
    listed = Suppression(name="allowlist", reason="allowlisted", attacker="192.0.2.66")

    assert _found(networks.scanner(), suppressions=(listed,)) == []
    assert {kind for kind, _, _ in _found(networks.scanner())} == {"web_scan"}
