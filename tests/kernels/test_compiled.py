from __future__ import annotations

import subprocess
import sys

import pytest

from tocsin.kernels.byte_search import places_of
from tocsin.kernels.compiled import COMPILED

_SEARCH = """
import sys
from tocsin.kernels.byte_search import places_of
print(*places_of(b"a port, a port", b"port"), "numba.np.arraymath" in sys.modules)
"""


@pytest.mark.skipif(not COMPILED, reason="without compiler nothing is cached")
def test_kernel_from_the_cache_loads_nothing_that_only_compiling_needs() -> None:
    assert list(places_of(b"a port", b"port")) == [2]  # from here on it is in the cache

    done = subprocess.run(
        [sys.executable, "-c", _SEARCH], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "2 10 False"
