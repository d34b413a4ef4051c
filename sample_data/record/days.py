"""stub"""
from pathlib import Path
from .truth import Truth
def record_calm_day(folder: Path) -> list[Truth]:
    raise NotImplementedError
def record_background_noise(folder: Path) -> list[Truth]:
    raise NotImplementedError
