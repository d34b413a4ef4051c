"""The kernel's shapes: equal for lines that collapse alike, for one owner."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernels.log_scan import read_only
from tocsin.kernels.template_masks import collapsed
from tocsin.kernels.template_shapes import shape_hash

TEXT = st.text(alphabet="abzAZ019_-.: =/", max_size=40)


def shape(text: str, owner: int = 1) -> int:
    data = read_only(text.encode() or b"\0")
    return int(shape_hash(data, 0, len(text), owner))


@settings(deadline=None)
@given(TEXT, TEXT)
def test_lines_have_one_shape_when_they_collapse_alike(one: str, other: str) -> None:
    assert shape(one) == shape(collapsed(one))
    assert (shape(one) == shape(other)) == (collapsed(one) == collapsed(other))


def test_another_owner_has_other_shapes() -> None:
    assert shape("a line", 1) != shape("a line", 2)
