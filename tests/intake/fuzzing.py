"""
Files damaged at random, read in a process of its own: ``python -m tests.intake.fuzzing``.

Libraries that are not written in Python could end the whole process; whoever starts this one
sees that by its exit code. Every round is the same for the same seed.
"""

from __future__ import annotations

import bz2
import faulthandler
import gzip
import io
import random
import signal
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import osmium

from patrolmap.errors import DatumError, PatrolmapError
from patrolmap.intake.choices import Choices
from patrolmap.intake.osm import read_osm
from patrolmap.intake.tables import examine
from tests import osm_maps, tiny

ROUND_S = 60  # longer is a hang
SPLICES = (
    b"9" * 20, b"\0" * 8, b"<", b'"', b"[", b"\xff\xfe", b"-1", b"e999", b"NaN", b",", b"\n",
    b"\xe4\xb8", b"&lt;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"1e308", b"../../x", b"{}",
)  # fmt: skip
NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b"<way>", b"</way>"), (b"(", b")"), (b'"', b'"'))
DEPTH = 20_000
PACKED = (".xlsx", ".zip", ".gz", ".bz2")


def seeds(folder: Path) -> dict[str, Path]:
    """Write one valid file of every format; give them by what they are called."""
    venues = tiny.venues().reset_index()
    venues["geometry"] = venues.geometry.representative_point()
    venues.to_file(folder / "a.geojson")
    venues.to_file(folder / "a.gpkg", layer="venues")
    venues[["venue_id", "name", "kind", "geometry"]].to_file(folder / "a.shp", encoding="UTF-8")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            archive.write(folder / f"a{part}", f"a{part}")
    table = venues.drop(columns="geometry").assign(lon=venues.geometry.x, lat=venues.geometry.y)
    table.to_csv(folder / "a.csv", index=False)
    table.to_excel(folder / "a.xlsx", index=False)
    xml = _small_map()
    for suffix, pack in ((".osm", bytes), (".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)):
        (folder / f"a{suffix}").write_bytes(pack(xml))
    _to_pbf(folder / "a.osm", folder / "a.osm.pbf")
    names = (
        ".csv",
        ".xlsx",
        ".geojson",
        ".gpkg",
        ".zip",
        ".osm",
        ".osm.gz",
        ".osm.bz2",
        ".osm.pbf",
    )
    return {name: folder / f"a{name}" for name in names}


def _small_map() -> bytes:
    """Draw two streets, a school with a gate, a relation and a shop."""
    town = osm_maps.OsmMap()
    town.street(1, (0, 0), (100, 0), (100, 100))
    town.street(2, (100, 100), (200, 100), tags="highway=footway oneway=yes")
    campus = town.box(3, 120, 20, 60, "amenity=school name=一小")
    town.relation(4, [campus], "amenity=school name=一小分校")
    town.node(5, 120, 40, "barrier=gate entrance=yes")
    town.node(6, 10, 10, "shop=convenience name=小店 opening_hours=24/7")
    return town.text().encode()


def _to_pbf(source: Path, target: Path) -> None:
    with osmium.SimpleWriter(str(target)) as writer:
        for each in osmium.FileProcessor(str(source)):
            writer.add(each)


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Flip, cut, repeat, swap or nest some of the bytes."""
    cells = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(len(cells) + 1)
        match rng.randrange(7):
            case 0:
                cells[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del cells[at : at + rng.choice([1, 4, 100, len(cells)])]
            case 2:
                cells[at:at] = rng.choice(SPLICES)
            case 3:
                cells[at:at] = cells[rng.randrange(len(cells) + 1) :][:50]
            case 4:
                cells = _swap_tokens(cells, rng)
            case 5 if len(cells) < len(data) + DEPTH:
                opens, closes = rng.choice(NESTS)
                deep = rng.choice([3, DEPTH // len(opens)])
                cells[at:at] = opens * deep + closes * rng.choice([0, deep])
            case _:
                cells[at : at + 1] = bytes(
                    [(cells[at] ^ 1 << rng.randrange(8)) if at < len(cells) else 0]
                )
    return bytes(cells) or b"x"


def _swap_tokens(cells: bytearray, rng: random.Random) -> bytearray:
    mark = rng.choice([b",", b'"', b"<", b"\n", b"="])
    tokens = bytes(cells).split(mark)
    one, two = (rng.randrange(len(tokens)) for _ in range(2))
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return bytearray(mark.join(tokens))


def mutate_inside(data: bytes, suffix: str, rng: random.Random) -> bytes:
    """Damage what a packed file holds, and pack it again."""
    if suffix == ".gz":
        return gzip.compress(mutate(gzip.decompress(data), rng))
    if suffix == ".bz2":
        return bz2.compress(mutate(bz2.decompress(data), rng))
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        target = rng.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutate(part, rng) if name == target else part)
    return packed.getvalue()


def read_list(path: Path) -> None:
    """Read a list; every row is kept or told."""
    datum = "wgs84" if path.suffix in (".csv", ".xlsx") else None
    found = examine(path, "venues", Choices(datum=datum))
    if found.frame is not None:
        assert found.rows_in == found.rows_kept + len(found.left_out), found.report
    else:
        assert found.problems


def check(path: Path, read: Callable[[Path], object]) -> str:
    """Read a file: it comes in, or is refused by name; anything else is a fault."""
    refusal = _refusal(path, read)
    if refusal is None:
        return "read"
    named = path.name.split(".")[0] in str(refusal)
    assert named or isinstance(refusal, DatumError), str(refusal)
    return "refused"


def _refusal(path: Path, read: Callable[[Path], object]) -> PatrolmapError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read(path)
    except PatrolmapError as error:
        return error
    return None


def main(rounds: int, seed: int, wanted: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Damage each format that many times; give how often it was read and refused."""
    tally: dict[str, dict[str, int]] = {}
    with TemporaryDirectory() as folder:
        for name, path in seeds(Path(folder)).items():
            if wanted and name not in wanted:
                continue
            whole = path.read_bytes()
            read = read_osm if ".osm" in name else read_list
            assert check(path, read) == "read", name
            tally[name] = {"read": 0, "refused": 0}
            for number in range(rounds):
                rng = random.Random(f"{name} {seed} {number}")
                inside = path.suffix in PACKED and rng.random() < 0.7
                damaged = mutate_inside(whole, path.suffix, rng) if inside else mutate(whole, rng)
                path.write_bytes(damaged)
                print(name, number, flush=True)  # noqa: T201 - the last one names the culprit
                signal.alarm(ROUND_S)
                tally[name][check(path, read)] += 1
                signal.alarm(0)
    return tally


if __name__ == "__main__":
    faulthandler.enable()
    print(main(int(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:])))  # noqa: T201
