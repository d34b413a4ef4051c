"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The recordings that come with the project."""
    return ROOT / "sample_data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Captures and logs with truth; set ``TOCSIN_DATA``, else beside the checkout."""
    place = Path(os.environ.get("TOCSIN_DATA", ROOT.parent / "shared" / "data"))
    if not place.is_dir():
        pytest.skip(f"{place} is not there: captures with truth are not part of the project")
    return place
