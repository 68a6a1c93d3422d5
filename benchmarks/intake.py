# ruff: noqa: PLC0415 - each reader is imported in a process of its own
"""
OpenStreetMap extracts to layers, side by side with osmnx and pyrosm in one run.

    .venv/bin/python -m benchmarks.intake [FOLDER]

FOLDER holds the extracts, by default ../shared/data/osm. Each reader runs in a process of
its own, so that memory is its own too: `user` is processor time, `peak` the largest memory.
What they make differs: patrolmap makes every layer, with duplicates merged and notes;
pyrosm the walking streets, buildings and places; osmnx the streets and the places, and
only from XML, which the extract is unpacked to first (not counted). pyrosm is no dependency:
install it to have it measured (`uv pip install pyrosm`).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

FILES = ("heidelberg.osm.pbf", "multicity.osm.pbf")
PLACES = {"amenity": True, "shop": True, "leisure": True, "barrier": ["gate", "lift_gate"]}
PEER_LIMIT_S = 900


def main() -> None:
    """Measure every reader on every extract and print a table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/osm")
    print(f"{'extract':22} {'reader':10} {'wall':>8} {'user':>8} {'peak':>8}  made")
    for name in FILES:
        with TemporaryDirectory() as scratch:
            unpacked = Path(scratch) / "map.osm"
            unpack(folder / name, unpacked)
            for reader in READERS:
                file = unpacked if reader == "osmnx" else folder / name
                print(f"{name:22} {reader:10} {measured(reader, file)}", flush=True)


def unpack(file: Path, target: Path) -> None:
    """Write an extract as XML, which osmnx reads."""
    import osmium

    with osmium.SimpleWriter(str(target)) as writer:
        for entity in osmium.FileProcessor(str(file)):
            writer.add(entity)


def measured(reader: str, file: Path) -> str:
    """Run a reader in a process of its own, and say what it took."""
    command = [sys.executable, "-m", "benchmarks.intake", "--reader", reader, str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PEER_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"more than {PEER_LIMIT_S} s"
    if done.returncode:
        return done.stderr.decode().strip().splitlines()[-1]
    told = json.loads(done.stdout.splitlines()[-1])
    figures = f"{told['wall']:7.2f}s {told['user']:7.2f}s {told['peak']:6d}MB"
    return f"{figures}  {told['made']}"


def run(reader: str, file: Path) -> None:
    """Read a file, once, and print the figures; imports and compiling are not counted."""
    read = READERS[reader]()
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    made = read(file)
    after = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "wall": time.perf_counter() - began,
        "user": after.ru_utime - before.ru_utime,
        "peak": after.ru_maxrss // 1024,
        "made": made,
    }
    print(json.dumps(figures))


Reader = Callable[[Path], str]


def patrolmap() -> Reader:
    """Every layer of a precinct."""
    from patrolmap.intake.osm import read_osm

    def read(file: Path) -> str:
        extract = read_osm(file)
        return f"{len(extract.streets)} streets, {len(extract.basemap)} on the base map"

    return read


def pyrosm() -> Reader:
    """Streets, buildings and places."""
    import pyrosm as peer

    def read(file: Path) -> str:
        osm = peer.OSM(str(file))
        streets, buildings = osm.get_network("all"), osm.get_buildings()
        places = osm.get_pois(PLACES)
        return f"{len(streets)} streets, {len(buildings)} buildings, {len(places)} places"

    return read


def osmnx() -> Reader:
    """Streets and places, from XML."""
    import osmnx as peer

    def read(file: Path) -> str:
        graph = peer.graph_from_xml(file, simplify=True, retain_all=True)
        places = peer.features_from_xml(file, tags=PLACES)
        return f"{graph.number_of_edges()} edges, {len(places)} places"

    return read


READERS = {"patrolmap": patrolmap, "pyrosm": pyrosm, "osmnx": osmnx}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reader"]:
        run(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
