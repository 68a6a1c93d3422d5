"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from patrolmap.errors import StoreError


def write_whole(path: Path, content: str | bytes) -> None:
    """
    Write a file so that a failure leaves the old one as it was.

    Raises
    ------
    StoreError
        If the folder does not exist or cannot be written to.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}. Choose another folder."
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise StoreError(
            f"{path} cannot be written: {error.strerror}. Free some space, or choose another name."
        ) from error
