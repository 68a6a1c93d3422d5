"""Nominatim and Overpass on this machine, answering from a map file: no internet."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import osmium
from osmium.osm import Node, Relation, Way

BASE = "2026-01-01T00:00:00Z"
SLOTS = "Connected as: 1\nCurrent time: now\nAnnounced endpoint: none\nRate limit: 2\n2 slots\n"


def overpass_answer(file: Path) -> dict[str, Any]:
    """Give a map file as Overpass would, telephone numbers and all."""
    elements = [_element(entity) for entity in osmium.FileProcessor(str(file))]
    return {"version": 0.6, "osm3s": {"timestamp_osm_base": BASE}, "elements": elements}


def _element(entity: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"id": entity.id, "tags": dict(entity.tags)}
    if isinstance(entity, Node):
        return found | {"type": "node", "lat": entity.lat, "lon": entity.lon}
    if isinstance(entity, Way):
        return found | {"type": "way", "nodes": [node.ref for node in entity.nodes]}
    assert isinstance(entity, Relation)
    kinds = {"n": "node", "w": "way", "r": "relation"}
    members = [{"type": kinds[m.type], "ref": m.ref, "role": m.role} for m in entity.members]
    return found | {"type": "relation", "members": members}


def nominatim_answer(box: tuple[float, float, float, float], kind: str = "Polygon") -> list[Any]:
    """Give an area (or a point) as Nominatim would."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    coordinates = [ring] if kind == "Polygon" else [west, south]
    return [{
        "osm_type": "relation", "osm_id": 1, "lat": str(south), "lon": str(west),
        "class": "boundary",
        "type": "administrative", "place_rank": 16, "importance": 0.5, "addresstype": "suburb",
        "name": "某区", "display_name": "某区", "place_id": 1,
        "boundingbox": [str(south), str(north), str(west), str(east)],
        "geojson": {"type": kind, "coordinates": coordinates},
    }]  # fmt: skip


@contextmanager
def serving(
    nominatim: object, overpass: object, *, status: int = 200, packed: bool = False
) -> Iterator[str]:
    """Serve both on a free port of this machine; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(SLOTS.encode() if "status" in self.path else _json(nominatim), 200)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(_json(overpass), status)

        def _answer(self, body: bytes, code: int) -> None:
            self.send_response(code)
            if packed:
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _json(answer: object) -> bytes:
    return json.dumps(answer).encode()
