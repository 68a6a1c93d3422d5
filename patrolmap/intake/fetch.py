"""
A place's map from OpenStreetMap's servers, through osmnx, kept as a file that can be read again.

The answer is written down before anything is made of it, so the streets of a precinct are
pinned: the same file gives the same precinct, with or without a network. Of tags only
those that are read are kept: shops carry telephone numbers.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

import osmnx as ox
import requests
import shapely
from pyproj import Geod
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import InputError
from patrolmap.intake.osm_rules import GONE_KEYS, MAIN_KEYS, READ_KEYS

LARGEST_KM2: Final = 150.0  # a large town; a precinct has a few
LARGEST_ANSWER: Final = 300_000_000  # bytes, as told by the server and as they come unpacked
TIMEOUT_S: Final = 180.0  # of one request, on both sides
SUFFIX: Final = ".osm.gz"
_BUSY: Final = (429, 504)  # osmnx would wait and ask again without end
_KEYS: Final = tuple(key for key in MAIN_KEYS if key not in GONE_KEYS)
_KEPT: Final = READ_KEYS | {"type"}
_EARTH: Final = Geod(ellps="WGS84")
# what an answer leads to that is not as the servers write it, however it is wrong
_NO_ANSWER: Final = (
    AttributeError, LookupError, OverflowError, RecursionError, ShapelyError, TypeError, ValueError,
)  # fmt: skip
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML holds them
_ORDER: Final = {"node": 0, "way": 1, "relation": 2}


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the file, the state of the map, objects, and tags not kept."""

    file: Path
    osm_base: str
    objects: int
    tags_left_out: int


def fetch_place(place: str, file: Path) -> Fetched:
    """
    Fetch the map of a place and keep it.

    Parameters
    ----------
    place
        What Nominatim knows as an area, such as ``"武进区, 常州"``.
    file
        Where to keep the answer; its name ends in .osm.gz.

    Returns
    -------
    fetched
        `patrolmap.intake.osm.read_osm` reads its file.

    Raises
    ------
    InputError
        If the file exists, the servers cannot be reached or refuse, nothing is called so,
        what is called so is no area or larger than 150 km², or the answer is empty.
    """
    if file.exists():
        raise InputError(f"{file.name} exists already. Read it with --osm, or remove it first.")
    with TemporaryDirectory() as cache, _osmnx(cache), _said_of(place):
        area = _area(place)
        try:
            ox.features_from_polygon(area, dict.fromkeys(_KEYS, True))
        except InterruptedError:  # osmnx's word for: the answers are there, as was asked
            answers = _answers(Path(cache))
    if not answers:
        raise InputError(
            f"The map server had no answer for '{place}': the area may be too large or the "
            "server too busy. Try a smaller area, or later."
        )
    try:
        return _keep(answers, file)
    except _NO_ANSWER as error:
        raise InputError(
            f"What the map server sent for '{place}' is no map. Try again later, or read a map "
            "file: --osm FILE."
        ) from error


@contextmanager
def _osmnx(cache: str) -> Iterator[None]:
    """Set osmnx up to bring raw answers, and leave it and the resolver as they were."""
    mine = {
        "cache_folder": cache,
        "use_cache": True,
        "cache_only_mode": True,
        "requests_timeout": TIMEOUT_S,
        "doh_url_template": None,  # no third server is asked where the two are
        "requests_kwargs": {**ox.settings.requests_kwargs, "hooks": {"response": _check_answer}},
    }
    before = {name: getattr(ox.settings, name) for name in mine}
    resolver = socket.getaddrinfo
    try:
        for name, value in mine.items():
            setattr(ox.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(ox.settings, name, value)
        socket.getaddrinfo = resolver


def _check_answer(response: requests.Response, *_: object, **__: object) -> None:
    """Stop at an answer that is none before its body is read, and at too long a one while it is."""
    host = _host(response.url)
    if response.status_code in _BUSY:
        raise InputError(f"{host} is too busy now ({response.status_code}). Try again later.")
    if int(response.headers.get("Content-Length", 0)) > LARGEST_ANSWER:
        raise _too_large(host)
    response.raw.stream = _bounded(response.raw.stream, host)


def _bounded(stream: Callable[..., Iterable[bytes]], host: str) -> Callable[..., Iterator[bytes]]:
    """Let a body through up to `LARGEST_ANSWER`: a packed one does not tell what it unpacks to."""

    def chunks(*how: object, **more: object) -> Iterator[bytes]:
        so_far = 0
        for chunk in stream(*how, **more):
            so_far += len(chunk)
            if so_far > LARGEST_ANSWER:
                raise _too_large(host)
            yield chunk

    return chunks


def _too_large(host: str) -> InputError:
    return InputError(f"{host} sends more than 300 MB. Choose a smaller area.")


def _host(address: str | bytes | None) -> str:
    text = address.decode() if isinstance(address, bytes) else address
    return urlsplit(text or "").hostname or "the map server"


@contextmanager
def _said_of(place: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except requests.RequestException as error:
        host = _host(error.request.url) if error.request is not None else "the map server"
        raise InputError(
            f"'{place}' cannot be fetched: {host} does not answer ({type(error).__name__}). "
            "Without a network read a map file instead: --osm FILE."
        ) from error
    except _NO_ANSWER as error:
        raise InputError(
            f"'{place}' is no area that OpenStreetMap knows. Name it as on openstreetmap.org, "
            "such as '武进区, 常州', or read a map file: --osm FILE."
        ) from error


def _area(place: str) -> BaseGeometry:
    area = ox.geocode_to_gdf(place).geometry.iloc[0]
    size_km2 = abs(_EARTH.geometry_area_perimeter(area)[0]) / 1e6
    if size_km2 > LARGEST_KM2:
        raise InputError(
            f"'{place}' has {size_km2:.0f} km²; at most {LARGEST_KM2:.0f} are fetched. Name a part "
            "of it, or cut a map file: osmium extract --bbox WEST,SOUTH,EAST,NORTH."
        )
    return shapely.make_valid(area)


def _answers(cache: Path) -> list[dict[str, Any]]:
    """Read the answers of Overpass; those of Nominatim are lists."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(cache.rglob("*.json"))]
    return [answer for answer in read if isinstance(answer, dict) and answer.get("elements")]


def _keep(answers: Iterable[Mapping[str, Any]], file: Path) -> Fetched:
    """Write the answers as one OpenStreetMap file, each object once, in the usual order."""
    objects: dict[tuple[int, int], Mapping[str, Any]] = {}
    bases = []
    for answer in answers:
        bases.append(str(answer.get("osm3s", {}).get("timestamp_osm_base", "")))
        for element in answer["elements"]:
            if element["type"] in _ORDER:
                objects[_ORDER[element["type"]], int(element["id"])] = element
    base = min(bases)
    left_out = sum(len(e.get("tags", {}).keys() - _KEPT) for e in objects.values())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<osm version="0.6" generator="patrolmap">',
        "<note>© OpenStreetMap contributors, ODbL 1.0</note>",
        f"<meta osm_base={quoteattr(base)}/>",
        *(_xml(objects[key]) for key in sorted(objects)),
        "</osm>",
    ]
    text = _UNWRITABLE.sub("", "\n".join(lines))
    file.write_bytes(gzip.compress(text.encode(errors="replace"), mtime=0))
    return Fetched(file, base, len(objects), left_out)


def _xml(element: Mapping[str, Any]) -> str:
    tags = element.get("tags", {})
    inner = [
        *(f'<nd ref="{int(ref)}"/>' for ref in element.get("nodes", ())),
        *(_member(member) for member in element.get("members", ())),
        *(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items() if k in _KEPT),
    ]
    place = ""
    if element["type"] == "node":
        place = f' lat="{float(element["lat"]):.7f}" lon="{float(element["lon"]):.7f}"'
    kind = element["type"]
    return f'<{kind} id="{int(element["id"])}"{place}>{"".join(inner)}</{kind}>'


def _member(member: Mapping[str, Any]) -> str:
    kind, role = quoteattr(str(member["type"])), quoteattr(str(member.get("role", "")))
    return f'<member type={kind} ref="{int(member["ref"])}" role={role}/>'
