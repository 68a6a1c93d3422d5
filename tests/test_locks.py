import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.MULTILINE)


def _text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _pins(name):
    return dict(PIN.findall(_text(name)))


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_every_package_of_a_lock_is_exact_and_hashed(name):
    packages = re.split(r"\n(?=\S)", _text(name).strip())
    assert all(re.match(PIN, package) and "--hash=sha256:" in package for package in packages)


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_no_lock_says_where_its_packages_came_from(name):
    assert not re.search(r"://|--index|--find-links|--extra|--trusted", _text(name))


def test_the_npm_lock_says_nowhere_where_its_packages_came_from():
    packages = json.loads(_text("package-lock.json"))["packages"]
    installed = [package for path, package in packages.items() if path]
    assert all("integrity" in package and "resolved" not in package for package in installed)


def test_the_tests_run_on_the_versions_that_users_get():
    developers = _pins("requirements-dev.lock")
    assert all(developers[name] == version for name, version in _pins("requirements.lock").items())
