"""The flow lane: lines in, trips out."""

from tocsin.core.inputs import Block
from tocsin.core.parameters import Parameters
from tocsin.features.record_lane import RecordLane
from tocsin.kernels import layouts
from tocsin.parse.flow_lines import FlowReader

HEAD = (
    "#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
    "\tduration\torig_bytes\tresp_bytes\tconn_state\torig_pkts\tresp_pkts\n"
)


def _lines(state: str) -> str:
    return "".join(
        f"{1_700_000_000 + i}.5\t192.0.2.9\t{40_000 + i}\t198.51.100.{i + 1}\t3389\ttcp\t-\t0.1"
        f"\t0\t0\t{state}\t1\t1\n"
        for i in range(40)
    )


def _found(text: str, *, cut: int) -> RecordLane:
    lane = RecordLane("conn.log", reader=FlowReader(), parameters=Parameters())
    data = text.encode()
    for at in range(0, len(data), cut):
        lane.feed(Block("conn.log", data[at : at + cut], at))
    lane.finish()
    return lane


def test_refused_connections_to_many_hosts_are_a_horizontal_scan_however_blocks_cut() -> None:
    text = HEAD + "".join(reversed(_lines("REJ").splitlines(keepends=True)))  # as logs: by the end

    whole, cut = _found(text, cut=1 << 20), _found(text, cut=37)

    trips = whole.take().trips
    assert trips["code"][0] == layouts.SCAN_HORIZONTAL
    assert trips["port"][0] == 3389
    assert trips.tobytes() == cut.take().trips.tobytes()
    assert (whole.stats.records, whole.stats.events, whole.stats.flows) == (40, 40, 40)
    assert cut.stats == whole.stats


def test_accepted_connections_to_many_hosts_are_no_scan() -> None:
    lane = _found(HEAD + _lines("SF"), cut=1 << 20)

    assert len(lane.take().trips) == 0


def test_refused_connections_are_not_half_open() -> None:
    line = "1700000000.5\t192.0.2.9\t{}\t198.51.100.1\t902\ttcp\t-\t0.1\t0\t0\tREJ\t1\t1\n"
    text = HEAD + "".join(line.format(10_000 + i) for i in range(900))

    trips = _found(text, cut=1 << 20).take().trips

    assert layouts.SYN_FLOOD not in trips["code"]
