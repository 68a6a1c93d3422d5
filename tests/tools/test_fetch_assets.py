import json
import subprocess

import pytest

from tools import fetch_assets

LISTED = [(package, name) for package, names in fetch_assets._copies().items() for name in names]


@pytest.fixture
def vendor(tmp_path, monkeypatch):
    """An empty vendor folder and a package of one style sheet, in place of the real ones."""
    modules = tmp_path / "node_modules" / "demo"
    modules.mkdir(parents=True)
    (modules / "demo.css").write_text("a { background: url(images/a.png) }", encoding="utf-8")
    monkeypatch.setattr(fetch_assets, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(fetch_assets, "_copies", lambda: {"demo": ["demo.css", "images/*"]})
    return tmp_path / "vendor"


@pytest.mark.parametrize(("package", "name"), LISTED)
def test_every_listed_file_stands_in_the_static_folder(package, name):
    assert any((fetch_assets.VENDOR / package).glob(name))


def test_every_package_brings_its_licence():
    licences = fetch_assets.VENDOR / "licences"
    for package in fetch_assets._copies():
        text = (licences / f"{package.replace('/', '__')}.txt").read_text(encoding="utf-8")
        assert "copyright" in text.lower() or "license" in text.lower()


def test_no_style_sheet_asks_another_host():
    fetch_assets._check_styles(fetch_assets.VENDOR)


def test_every_version_is_exact():
    package = json.loads((fetch_assets.ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((fetch_assets.ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    assert package["copies"].keys() == package["dependencies"].keys()


def test_a_listed_file_that_the_package_lacks_is_an_error(vendor):
    with pytest.raises(SystemExit, match=r"demo has no file images/\*"):
        fetch_assets._copy_files(vendor)


@pytest.mark.parametrize("address", ["https://example.com/a.png", "//example.com/a.png", "b.png"])
def test_a_style_sheet_that_would_not_load_offline_is_an_error(vendor, address):
    vendor.mkdir()
    (vendor / "a.css").write_text(f"a {{ background: url('{address}') }}", encoding="utf-8")
    with pytest.raises(SystemExit, match="would not load offline"):
        fetch_assets._check_styles(vendor)


def test_a_missing_file_makes_the_stamp_void(vendor):
    (vendor / "demo").mkdir(parents=True)
    (vendor / "demo" / "demo.css").touch()
    (vendor / fetch_assets.STAMP).write_text("made", encoding="utf-8")
    assert fetch_assets._stamped(vendor) is None
    (vendor / "demo" / "images").mkdir()
    (vendor / "demo" / "images" / "a.png").touch()
    assert fetch_assets._stamped(vendor) == "made"


def test_an_npm_too_old_for_the_lock_is_passed_over(monkeypatch):
    def answer(command, **_):
        return subprocess.CompletedProcess(command, 0, stdout="6.14.4\n")

    monkeypatch.setattr(fetch_assets.subprocess, "run", answer)
    monkeypatch.setattr(fetch_assets.shutil, "which", lambda *_, **__: "npm")
    assert fetch_assets._find_npm() is None
