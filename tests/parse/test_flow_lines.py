"""Flow logs of four tools, line by line."""

import numpy as np

from tocsin.core.addresses import address_text
from tocsin.core.flow_record import ANSWERED, REFUSED, REPLY_RST, UNANSWERED
from tocsin.parse.flow_lines import FlowReader

ZEEK = (
    b"#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
    b"\tduration\torig_bytes\tresp_bytes\tconn_state\torig_pkts\tresp_pkts\n"
)


def _zeek(**changes: str) -> bytes:
    fields = {
        "ts": "1700000000.250000", "src": "192.0.2.1", "sport": "40000", "dst": "198.51.100.7",
        "dport": "22", "proto": "tcp", "service": "ssh", "duration": "1.5", "out": "900",
        "back": "1800", "state": "SF", "packets": "9", "answers": "8",
    } | changes  # fmt: skip
    return "\t".join(fields.values()).encode() + b"\n"


def test_a_zeek_connection_is_read_with_its_ends_times_and_outcome() -> None:
    rows = FlowReader().read(ZEEK + _zeek(), base=0)

    assert len(rows) == 1
    assert rows["start_ns"][0] == 1_700_000_000_250_000_000
    assert rows["end_ns"][0] == 1_700_000_001_750_000_000
    assert address_text(rows["src_hi"][0], rows["src_lo"][0]) == "192.0.2.1"
    assert (rows["shape"][0], rows["is_ssh"][0], rows["dst_port"][0]) == (ANSWERED, 1, 22)
    assert rows["offset"][0] == len(ZEEK)


def test_every_bad_record_is_weird_with_a_reason_and_none_is_lost() -> None:
    bad = (
        _zeek(src="mail.example.org"), _zeek(ts="never"), _zeek(ts="nan"), _zeek(ts="1e300"),
        _zeek(dport="70000"), _zeek(packets="9" * 400), b"cut\tline\n", b"\0\0\n", b"{broken\n",
        b"[]\n", _zeek(duration="-5"),
    )  # fmt: skip
    reader = FlowReader()

    rows = reader.read(ZEEK + b"".join(bad) + _zeek(service="-", duration="-", out="-"), base=0)

    assert len(rows) == 1
    assert reader.records == 12
    assert reader.events + sum(reader.weird.values()) == reader.records
    assert reader.weird["no address where one is due"] == 1
    assert reader.weird["no valid time"] == 3


def test_an_argus_record_says_by_its_state_how_it_went() -> None:
    head = b"StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n"
    line = (
        "2018/09/27 22:40:52.362768,0.1,tcp,192.0.2.1,5000,   ->,198.51.100.7,81,{},0,0,2,134,70,\n"
    )

    data = head + "".join(line.format(state) for state in ("S_", "S_RA", "CON", "REQ")).encode()
    rows = FlowReader().read(data, base=0)

    assert rows["shape"].tolist() == [UNANSWERED, REFUSED, ANSWERED, UNANSWERED]


def test_an_eve_flow_keeps_the_zone_of_its_times_and_other_events_are_no_flows() -> None:
    flow = (
        b'{"timestamp":"2021-06-06T16:00:02.0+0200","event_type":"flow","src_ip":"2001:db8::1",'
        b'"src_port":1,"dest_ip":"2001:db8::2","dest_port":80,"proto":"TCP","flow":{'
        b'"pkts_toserver":1,"pkts_toclient":0,"bytes_toserver":60,"bytes_toclient":0,'
        b'"start":"2021-06-06T16:00:00.5+0200","end":"2021-06-06T16:00:01.0+0200","state":"new"}}\n'
    )
    alert = flow.replace(b'"event_type":"flow"', b'"event_type":"alert"')
    reader = FlowReader()

    rows = reader.read(flow + alert, base=0)

    assert (reader.records, reader.events, len(rows)) == (2, 2, 1)
    assert rows["start_ns"][0] == 1_622_988_000_500_000_000
    assert rows["shape"][0] == UNANSWERED


def test_a_one_way_netflow_record_of_a_reset_is_a_reply() -> None:
    head = b"ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
    line = b"2018-01-12 15:37:30,2018-01-12 15:37:30,0.0,192.0.2.1,192.0.2.2,902,5000,TCP,...A.R..,0,0,1,40,0,0\n"

    rows = FlowReader().read(head + line, base=0)

    assert np.array_equal(rows["shape"], [REPLY_RST])
