"""What the compiler does not find by itself: comparing many at once, and fetching ahead.

`equal_mask` is one unaligned load and one comparison of vectors (two of 128 bits where the
processor has no wider ones); a line feed is found five times as fast as byte by byte.
`equal_tags` looks at a whole set of a table so, `same_bytes` at two texts. `prefetch` asks for memory that is needed
a few packets later; it may name any place and changes nothing.
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


def _equal_tags(tags, first, tag):  # type: ignore[no-untyped-def]
    """Return 16 bits: bit k tells whether ``tags[first + k] == tag`` (uint32)."""
    return np.uint16(sum(1 << k for k in range(TAGS) if tags[first + k] == tag))


def _prefetch(rows, i, at, lines):  # type: ignore[no-untyped-def]
    """Fetch cache lines of ``rows[i]`` from its byte ``at`` on; both are constants."""
    del rows, i, at, lines


def _same_bytes(a, i, b, j):  # type: ignore[no-untyped-def]
    """Tell whether `WIDTH` bytes of ``a`` at ``i`` and of ``b`` at ``j`` are the same."""
    return bool(np.array_equal(a[i : i + WIDTH], b[j : j + WIDTH]))


def _lowest_bit(mask):  # type: ignore[no-untyped-def]
    """Return the place of the lowest bit that is set in a mask that is not 0."""
    bits = int(mask)
    return (bits & -bits).bit_length() - 1


def _emit_equal(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Compare a vector at a place of an array with one value; the result has a bit for each."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    size = TAGS if signature.return_type == types.uint16 else WIDTH
    item = ir.IntType(signature.args[0].dtype.bitwidth)
    vector = ir.VectorType(item, size)
    place = builder.bitcast(builder.gep(array.data, [args[1]]), vector.as_pointer())
    value = args[2] if args[2].type == item else builder.trunc(args[2], item)
    nothing = ir.Constant(vector, ir.Undefined)
    wanted = builder.insert_element(nothing, value, ir.Constant(_MASK, 0))
    everywhere = ir.Constant(ir.VectorType(_MASK, size), [0] * size)
    wanted = builder.shuffle_vector(wanted, nothing, everywhere)
    equal = builder.icmp_unsigned("==", builder.load(place, align=1), wanted)
    return builder.bitcast(equal, ir.IntType(size))


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


def _emit_same_bytes(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Compare two vectors; as one number, so that no lane is looked at by itself."""
    vector, number = ir.VectorType(_BYTE, WIDTH), ir.IntType(WIDTH)
    loaded = []
    for k in (0, 2):
        array = context.make_array(signature.args[k])(context, builder, args[k])
        place = builder.bitcast(builder.gep(array.data, [args[k + 1]]), vector.as_pointer())
        loaded.append(builder.load(place, align=1))
    differs = builder.bitcast(builder.icmp_unsigned("!=", *loaded), number)
    return builder.icmp_unsigned("==", differs, ir.Constant(number, 0))


def _type_equal_mask(context, b, p, c):  # type: ignore[no-untyped-def]
    del context, c
    return types.uint32(b, p, types.int64), _emit_equal


def _type_equal_tags(context, tags, first, tag):  # type: ignore[no-untyped-def]
    del context, tag
    return types.uint16(tags, first, types.uint32), _emit_equal


def _type_same_bytes(context, a, i, b, j):  # type: ignore[no-untyped-def]
    del context
    return types.boolean(a, i, b, j), _emit_same_bytes


def _type_prefetch(context, rows, i, at, lines):  # type: ignore[no-untyped-def]
    del context
    signature = types.void(rows, i, at, lines)
    return signature, _emit_prefetch(at.literal_value, lines.literal_value)


def _type_lowest_bit(context, mask):  # type: ignore[no-untyped-def]
    del context, mask
    return types.int64(types.uint32), _emit_lowest_bit


def _compiled(typing: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    return intrinsic(prefer_literal=True)(typing) if COMPILED else plain


equal_mask = _compiled(_type_equal_mask, _equal_mask)
equal_tags = _compiled(_type_equal_tags, _equal_tags)
same_bytes = _compiled(_type_same_bytes, _same_bytes)
prefetch = _compiled(_type_prefetch, _prefetch)
lowest_bit = _compiled(_type_lowest_bit, _lowest_bit)
