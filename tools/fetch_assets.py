"""
Copy the front-end libraries that the maps need into ``static/vendor/``, beside ``app.py``.

npm installs exactly what ``package-lock.json`` names; the lists under ``copies`` in
``package.json`` say which files of each package the maps use. They keep their place inside
the package (``static/vendor/leaflet/dist/leaflet.js``), so that a style sheet finds its
images. Every licence goes with them. A second run does nothing until one of its inputs changes.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
STAMP = "fetched.sha256"
INPUTS = ("package.json", "package-lock.json", ".npmrc", "tools/fetch_assets.py")

# Older ones do not read a lock without download addresses.
OLDEST_NPM = 8

# Packages that carry no licence file, and one of the same holder under the same terms that does.
LICENCE_ELSEWHERE = {
    "@protomaps/basemaps": "protomaps-leaflet",
    "pmtiles": "protomaps-leaflet",
}


def main() -> None:
    """Fetch, copy, check and put in place; or say that all of it is there already."""
    fingerprint = _fingerprint()
    if _stamped(VENDOR) == fingerprint:
        print("front-end libraries: up to date")
        (VENDOR / STAMP).touch()
        return
    _install()
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    count = _copy_files(fresh) + _copy_licences(fresh)
    _check_styles(fresh)
    (fresh / STAMP).write_text(fingerprint, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    print(f"front-end libraries: {count} files in {VENDOR.relative_to(ROOT)}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _stamped(folder: Path) -> str | None:
    """Read what a folder was made from, provided that every file is still there."""
    stamp = folder / STAMP
    whole = stamp.exists() and all(
        any((folder / package).glob(pattern))
        for package, patterns in _copies().items()
        for pattern in patterns
    )
    return stamp.read_text(encoding="utf-8") if whole else None


def _copies() -> dict[str, list[str]]:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    return dict(package["copies"])


def _install() -> None:
    npm = _find_npm() or _install_npm()
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("The front-end libraries could not be installed: npm's message stands above.")


def _find_npm() -> str | None:
    """Find the npm of this environment or of the system, if it is new enough."""
    beside_python = str(Path(sys.executable).parent)
    for place in (beside_python, None):
        npm = shutil.which("npm", path=place)
        if npm and _major_version(npm) >= OLDEST_NPM:
            return npm
    return None


def _major_version(npm: str) -> int:
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _install_npm() -> str:
    print("No npm on this machine: taking Node from a Python package.")
    lock = str(ROOT / "requirements-node.lock")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
    if subprocess.run(command, check=False).returncode:
        sys.exit("Node could not be installed: pip's message stands above.")
    return _find_npm() or sys.exit("Node was installed, but its npm does not run.")


def _copy_files(target: Path) -> int:
    count = 0
    for package, patterns in _copies().items():
        for pattern in patterns:
            sources = sorted((MODULES / package).glob(pattern))
            if not sources:
                sys.exit(f"package.json: {package} has no file {pattern}. Mend its list.")
            for source in sources:
                _copy(source, target / source.relative_to(MODULES))
            count += len(sources)
    return count


def _copy_licences(target: Path) -> int:
    """Copy the licence of every package, those bundled inside another one included."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    names = [path.removeprefix("node_modules/") for path in lock["packages"] if path]
    packages = [name for name in names if not name.startswith("@types/")]
    for name in packages:
        holder = MODULES / LICENCE_ELSEWHERE.get(name, name)
        texts = sorted(p for p in holder.iterdir() if re.search("licen[cs]e", p.name.lower()))
        if not texts:
            sys.exit(f"{name} carries no licence text. Say in {__file__} where it stands.")
        _copy(texts[0], target / "licences" / f"{name.replace('/', '__')}.txt")
    return len(packages)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _check_styles(folder: Path) -> None:
    """Refuse a style sheet that asks another host for a file, or for one that was not copied."""
    for sheet in sorted(folder.rglob("*.css")):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8")):
            if address.startswith(("data:", "#")):
                continue
            is_external = re.match(r"[a-z]+:|//", address)
            if is_external or not (sheet.parent / re.split("[?#]", address)[0]).is_file():
                sys.exit(f"{sheet.relative_to(folder)}: url({address}) would not load offline.")


if __name__ == "__main__":
    main()
