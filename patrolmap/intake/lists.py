"""The door of every list: which reader a file takes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from patrolmap.errors import InputError
from patrolmap.intake.choices import Choices
from patrolmap.intake.headings import Words
from patrolmap.intake.persons import find_person
from patrolmap.intake.raw import RawTable, check_file
from patrolmap.intake.sheets import read_csv
from patrolmap.intake.spatial import read_geojson, read_geopackage, read_shapefile
from patrolmap.intake.workbook import read_xlsx

_TEXTS: Final = (".csv", ".tsv", ".txt")
SUFFIXES: Final = (*_TEXTS, ".xlsx", ".geojson", ".json", ".gpkg", ".shp", ".zip")


def read_list(path: Path, words: Words, choices: Choices) -> RawTable:
    """
    Read a file of any kind to rows of text, perhaps with geometry.

    Raises
    ------
    InputError
        If it cannot be read, or its name is a person's datum.
    """
    if what := find_person(path.stem):
        raise InputError(f"The file's name looks like {what}. Rename the file.")
    check_file(path, SUFFIXES)
    suffix = path.suffix.lower()
    if choices.sheet is not None and suffix != ".xlsx":
        raise InputError(f"{path.name}: has no sheets. Leave --sheet out.")
    if suffix in _TEXTS:
        return read_csv(path, choices.encoding, words)
    if suffix == ".xlsx":
        return read_xlsx(path, words, choices.sheet)
    if suffix in (".geojson", ".json"):
        return read_geojson(path, choices.encoding)
    if suffix == ".gpkg":
        return read_geopackage(path, words.shape)
    return read_shapefile(path, choices.encoding)
