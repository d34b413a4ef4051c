"""What the compiler does not find by itself: comparing many at once, and fetching ahead.

`equal_mask` is one unaligned load and one comparison of vectors (two of 128 bits where the
processor has no wider ones); a line feed is found five times as fast as byte by byte.
`between_mask` finds classes of bytes so, `same_mask` compares two places, `load_8` takes eight
bytes as one number. `equal_tags` looks at a whole set of a table. `prefetch` asks for memory that
is needed a few packets later; it may name any place and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from tocsin.kernels.compiled import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, TAGS, LINE_BYTES = 32, 16, 64
_BYTE, _MASK, _INDEX = ir.IntType(8), ir.IntType(WIDTH), ir.IntType(64)


def _equal_mask(b, p, c):  # type: ignore[no-untyped-def]
    """Return 32 bits: bit k tells whether ``b[p + k] == c``; all 32 bytes must be in ``b``."""
    return np.uint32(sum(1 << k for k in range(WIDTH) if b[p + k] == c))


def _between_mask(b, p, low, high):  # type: ignore[no-untyped-def]
    """Return 32 bits: bit k tells whether ``low <= b[p + k] <= high``, as `equal_mask`."""
    return np.uint32(sum(1 << k for k in range(WIDTH) if low <= b[p + k] <= high))


def _same_mask(b, p, other, q):  # type: ignore[no-untyped-def]
    """Return 32 bits: bit k tells whether ``b[p + k] == other[q + k]``, as `equal_mask`."""
    return np.uint32(sum(1 << k for k in range(WIDTH) if b[p + k] == other[q + k]))


def _load_8(b, p):  # type: ignore[no-untyped-def]
    """Return ``b[p : p + 8]`` as uint64, the first byte lowest; all eight must be in ``b``."""
    return np.uint64(sum(int(b[p + k]) << 8 * k for k in range(8)))


def _equal_tags(tags, first, tag):  # type: ignore[no-untyped-def]
    """Return 16 bits: bit k tells whether ``tags[first + k] == tag`` (uint32)."""
    return np.uint16(sum(1 << k for k in range(TAGS) if tags[first + k] == tag))


def _prefetch(rows, i, at, lines):  # type: ignore[no-untyped-def]
    """Fetch cache lines of ``rows[i]`` from its byte ``at`` on; both are constants."""
    del rows, i, at, lines


def _lowest_bit(mask):  # type: ignore[no-untyped-def]
    """Return the place of the lowest bit that is set in a mask that is not 0."""
    bits = int(mask)
    return (bits & -bits).bit_length() - 1


def _highest_bit(mask):  # type: ignore[no-untyped-def]
    """Return the place of the highest bit that is set in a mask that is not 0."""
    return int(mask).bit_length() - 1


def _emit_equal(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Compare a vector at a place of an array with one value; the result has a bit for each."""
    size = TAGS if signature.return_type == types.uint16 else WIDTH
    item = ir.IntType(signature.args[0].dtype.bitwidth)
    found = _vector(context, builder, signature.args[0], args[:2], size)
    equal = builder.icmp_unsigned("==", found, _everywhere(builder, args[2], item, size))
    return builder.bitcast(equal, ir.IntType(size))


def _emit_between(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Compare the distances from ``low``: what is below it wraps and lies above ``high``."""
    found = _vector(context, builder, signature.args[0], args[:2], WIDTH)
    low = _everywhere(builder, args[2], _BYTE, WIDTH)
    span = _everywhere(builder, builder.sub(args[3], args[2]), _BYTE, WIDTH)
    within = builder.icmp_unsigned("<=", builder.sub(found, low), span)
    return builder.bitcast(within, _MASK)


def _emit_same(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    one = _vector(context, builder, signature.args[0], args[:2], WIDTH)
    other = _vector(context, builder, signature.args[2], args[2:], WIDTH)
    return builder.bitcast(builder.icmp_unsigned("==", one, other), _MASK)


def _emit_load_8(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    place = _place(context, builder, signature.args[0], args)
    return builder.load(builder.bitcast(place, _INDEX.as_pointer()), align=1)


def _place(context: Any, builder: Any, kind: Any, args: Any) -> Any:
    """Return a pointer to an element of an array, whatever its index."""
    return builder.gep(context.make_array(kind)(context, builder, args[0]).data, [args[1]])


def _vector(context: Any, builder: Any, kind: Any, args: Any, size: int) -> Any:
    """Load a vector at a place of an array."""
    vector = ir.VectorType(ir.IntType(kind.dtype.bitwidth), size)
    place = _place(context, builder, kind, args)
    return builder.load(builder.bitcast(place, vector.as_pointer()), align=1)


def _everywhere(builder: Any, value: Any, item: Any, size: int) -> Any:
    """Return a vector that holds one value everywhere."""
    value = value if value.type == item else builder.trunc(value, item)
    nothing = ir.Constant(ir.VectorType(item, size), ir.Undefined)
    wanted = builder.insert_element(nothing, value, ir.Constant(_MASK, 0))
    return builder.shuffle_vector(
        wanted, nothing, ir.Constant(ir.VectorType(_MASK, size), [0] * size)
    )


def _emit_prefetch(at: int, lines: int) -> Callable[..., Any]:
    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte = builder.bitcast(builder.gep(array.data, [args[1]]), _BYTE.as_pointer())
        kinds = [_BYTE.as_pointer(), _MASK, _MASK, _MASK]
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), "llvm.prefetch.p0"
        )
        for line in range(lines):
            place = builder.gep(byte, [ir.Constant(_INDEX, at + line * LINE_BYTES)])
            how = [ir.Constant(_MASK, value) for value in (0, 3, 1)]  # read, keep, data
            builder.call(function, [place, *how])
        return context.get_dummy_value()

    return emit


def _emit_lowest_bit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    del context, signature
    zeros = builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))
    return builder.zext(zeros, _INDEX)


def _emit_highest_bit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    del context, signature
    zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))
    return builder.zext(builder.sub(ir.Constant(_MASK, WIDTH - 1), zeros), _INDEX)


def _type_equal_mask(context, b, p, c):  # type: ignore[no-untyped-def]
    del context, c
    return types.uint32(b, p, types.int64), _emit_equal


def _type_between_mask(context, b, p, low, high):  # type: ignore[no-untyped-def]
    del context, low, high
    return types.uint32(b, p, types.int64, types.int64), _emit_between


def _type_same_mask(context, b, p, other, q):  # type: ignore[no-untyped-def]
    del context
    return types.uint32(b, p, other, q), _emit_same


def _type_load_8(context, b, p):  # type: ignore[no-untyped-def]
    del context
    return types.uint64(b, p), _emit_load_8


def _type_equal_tags(context, tags, first, tag):  # type: ignore[no-untyped-def]
    del context, tag
    return types.uint16(tags, first, types.uint32), _emit_equal


def _type_prefetch(context, rows, i, at, lines):  # type: ignore[no-untyped-def]
    del context
    signature = types.void(rows, i, at, lines)
    return signature, _emit_prefetch(at.literal_value, lines.literal_value)


def _type_lowest_bit(context, mask):  # type: ignore[no-untyped-def]
    del context, mask
    return types.int64(types.uint32), _emit_lowest_bit


def _type_highest_bit(context, mask):  # type: ignore[no-untyped-def]
    del context, mask
    return types.int64(types.uint32), _emit_highest_bit


def _compiled(typing: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    return intrinsic(prefer_literal=True)(typing) if COMPILED else plain


equal_mask = _compiled(_type_equal_mask, _equal_mask)
between_mask = _compiled(_type_between_mask, _between_mask)
same_mask = _compiled(_type_same_mask, _same_mask)
load_8 = _compiled(_type_load_8, _load_8)
equal_tags = _compiled(_type_equal_tags, _equal_tags)
prefetch = _compiled(_type_prefetch, _prefetch)
lowest_bit = _compiled(_type_lowest_bit, _lowest_bit)
highest_bit = _compiled(_type_highest_bit, _highest_bit)
