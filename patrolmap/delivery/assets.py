"""The front-end libraries beside the app, and how a page takes them along."""

from __future__ import annotations

import base64
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Final

from patrolmap.errors import StoreError

_PACKAGE: Final = Path(__file__).parent.parent
_URL: Final = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_FONT: Final = re.compile(r"@font-face\s*\{[^}]*\}")
# Of the icon fonts the map's signs need one, and every browser that draws the map reads woff2.
_ICONS: Final = re.compile(r"url\([^)]*fa-solid-900\.woff2\)")
_OLD_FORMAT: Final = re.compile(r",\s*url\([^)]+\)\s*format\(['\"]?truetype['\"]?\)")


def static_folder() -> Path:
    """
    Find the folder that the app serves to everybody: libraries and base maps only.

    It lies in the wheel, or beside a checkout's package. It has no sign-in, so nothing of
    the station goes there.
    """
    inside = _PACKAGE / "static"
    return inside if inside.is_dir() else _PACKAGE.parent / "static"


def vendor_path(name: str) -> Path:
    """
    Find a file of a front-end library, such as ``leaflet/dist/leaflet.js``.

    Raises
    ------
    StoreError
        If the libraries have not been fetched.
    """
    path = static_folder() / "vendor" / name
    if not path.is_file():
        raise StoreError(
            f"The map library {name} is missing. Fetch the libraries: python tools/fetch_assets.py"
        )
    return path


@cache
def script(name: str) -> str:
    """Read a library so that it can stand inside a page's script element."""
    text = vendor_path(name).read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text).replace("</script", "<\\/script")


@cache
def style(name: str) -> str:
    """Read a style sheet with its pictures and the one font of the signs inside."""
    path = vendor_path(name)
    text = _with_one_font(path.read_text(encoding="utf-8"))
    return _URL.sub(lambda found: _inside(path.parent, found), text)


def _with_one_font(text: str) -> str:
    """Leave out the fonts nobody needs, and the second names of the one that is needed."""
    kept = next((face for face in _FONT.findall(text) if _ICONS.search(face)), "")
    return _OLD_FORMAT.sub("", kept) + _FONT.sub("", text)


def _inside(folder: Path, found: re.Match[str]) -> str:
    address = found[1]
    if address.startswith(("data:", "#")):
        return found[0]
    path = folder / re.split("[?#]", address)[0]
    return f"url({data_url(path)})"


def data_url(path: Path) -> str:
    """
    Write a file as a data URL.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
