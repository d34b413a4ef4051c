from __future__ import annotations

from tocsin.parse.known import known_templates


def test_bucket_holds_the_templates_that_may_begin_with_its_byte() -> None:
    compiled = known_templates()
    order, buckets = compiled.log_tables.tables[3:]
    begins = [meaning.line[:1] for meaning in compiled.meanings]

    for family, byte in ((1, ord("F")), (2, ord("F")), (1, 0)):
        at, n = buckets[family, byte]
        rows = order[at : at + n, 0].tolist()

        assert rows == sorted(rows)
        assert {begins[row] for row in rows} <= {chr(byte), "{", "["}


def test_first_bytes_that_no_template_names_share_a_bucket() -> None:
    buckets = known_templates().log_tables.tables[4]

    assert buckets[1, 0].tolist() == buckets[1, 255].tolist()
