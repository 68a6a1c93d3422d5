"""Is this an OpenStreetMap file of a size that can be read? Asked before anything is parsed."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, cast

from patrolmap.errors import InputError

# The largest file of each kind that is read [MB]: a province at about 4 GB of memory, where a
# precinct has a few MB. XML takes about 15 times the space of PBF, packed XML twice.
LARGEST_MB: Final = {".osm": 1500, ".osm.gz": 200, ".osm.bz2": 200, ".osm.pbf": 100}
LARGEST_UNPACKED_MB: Final = 1500
_MB: Final = 1_000_000
_ADVICE: Final = "Cut the precinct out of it: osmium extract --bbox WEST,SOUTH,EAST,NORTH."
_Opener = Callable[[Path], IO[bytes]]


def check_osm_file(file: Path) -> None:
    """
    Refuse what cannot be an OpenStreetMap file.

    Raises
    ------
    InputError
        If the file is missing, named otherwise, empty, larger than `LARGEST_MB`, or
        packed and damaged or larger than 1500 MB inside.
    """
    if not file.is_file():
        raise InputError(f"{file.name}: there is no such file. Check the name and folder.")
    suffix = next((s for s in LARGEST_MB if file.name.lower().endswith(s)), None)
    if suffix is None:
        raise InputError(
            f"{file.name} is not named as an OpenStreetMap file ({', '.join(LARGEST_MB)}). "
            "Export the area as OSM XML or PBF."
        )
    size_mb = file.stat().st_size / _MB
    if size_mb == 0:
        raise InputError(f"{file.name} is empty. Download or export it again.")
    if size_mb > LARGEST_MB[suffix]:
        raise InputError(
            f"{file.name} has {size_mb:.0f} MB; at most {LARGEST_MB[suffix]} MB are read. {_ADVICE}"
        )
    openers = {".osm.gz": gzip.open, ".osm.bz2": bz2.open}
    if suffix in openers:
        _check_unpacked(file, cast("_Opener", openers[suffix]))


def _check_unpacked(file: Path, opener: _Opener) -> None:
    """Unpack once and keep nothing: a small file may hold an endless one."""
    unpacked = 0
    try:
        with opener(file) as stream:
            while block := stream.read(4 * _MB):
                unpacked += len(block)
                if unpacked > LARGEST_UNPACKED_MB * _MB:
                    raise InputError(
                        f"{file.name} unpacks to more than {LARGEST_UNPACKED_MB} MB. {_ADVICE}"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(file, error) from error


def damaged(file: Path, error: Exception) -> InputError:
    """Make the error for a file that a parser gave up on."""
    return InputError(
        f"{file.name} cannot be read: {error}. It is cut off, damaged or no OpenStreetMap file. "
        "Download or export it again."
    )
