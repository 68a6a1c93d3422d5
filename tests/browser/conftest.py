"""The app as its users have it: served on this machine, seen through a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from patrolmap.store import geopackage as store
from patrolmap.ui.clock import NOW_VARIABLE
from patrolmap.workflow import app_script
from patrolmap.workflow.demo import DEMO_DATE
from tests import tiny
from tests.browser.driving import App
from tests.browsing import DESKTOP, Watch, launched, sync_api
from tests.delivery.pages import make_hostile
from tests.workflow.building import build_demo_lists, build_tiny, plan_few

ARTEFACTS = Path(__file__).parent / "artefacts"
START_WITHIN_S = 120
NOW = f"{DEMO_DATE}T06:50:00"  # the morning of the planned day, whenever the tests run
HOSTILE = "<script>hacked=1</script><img src=x onerror=hacked=1>![x](http://a.example/x.png)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo precinct with a plan of few iterations."""
    path = tmp_path_factory.mktemp("browser") / "demo.gpkg"
    build_demo_lists(path)
    plan_few(path, DEMO_DATE)
    return path


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny precinct, every name in it written to do harm, with a plan."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.gpkg"
    build_tiny(path, make_hostile(tiny.precinct(), HOSTILE))
    settings = replace(store.read_settings(path), name=HOSTILE)
    store.write_settings(path, settings)
    plan_few(path, tiny.DAY)
    return path


@pytest.fixture(scope="session")
def demo_address(demo_file: Path) -> Iterator[str]:
    """Where the app shows the demo."""
    with served(demo_file) as address:
        yield address


@pytest.fixture(scope="session")
def hostile_address(hostile_file: Path) -> Iterator[str]:
    """Where the app shows the hostile precinct."""
    with served(hostile_file) as address:
        yield address


@contextmanager
def served(precinct: Path) -> Iterator[str]:
    """Serve the app on a free port until the work is done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = app_script()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = {**os.environ, "PATROLMAP_PRECINCT": str(precinct), NOW_VARIABLE: NOW}
    process = subprocess.Popen(command, cwd=script.parent, env=environment)
    try:
        _wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], address: str) -> None:
    """Ask until the app answers; one that ends instead is an error at once."""
    for _attempt in range(START_WITHIN_S * 5):
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except (urllib.error.URLError, TimeoutError):
            try:
                code = process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"the app ended with code {code}")
        else:
            return
    pytest.fail(f"the app did not answer within {START_WITHIN_S} s")


@pytest.fixture(scope="session")
def chromium() -> Iterator[sync_api.Browser]:
    """One browser for all tests; each opens pages of its own."""
    with launched() as browser:
        yield browser


@pytest.fixture(params=[DESKTOP], ids=["desktop"])
def page(request, chromium) -> Iterator[sync_api.Page]:
    """A page of its own; its last picture is kept, named by the test."""
    page = chromium.new_page(viewport=request.param)
    yield page
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")
    page.close()


@pytest.fixture
def watch(page) -> Iterator[Watch]:
    """Refuse everything but this machine; after the test nothing may have gone wrong."""
    seen = Watch()
    seen.follow(page)
    yield seen
    assert seen == Watch()


@pytest.fixture
def app(page, watch, demo_address) -> App:
    """The demo in the app, at its first page."""
    return App(page, demo_address).open()


@pytest.fixture
def hostile_app(page, watch, hostile_address) -> App:
    """The hostile precinct in the app, at its first page."""
    return App(page, hostile_address).open()
