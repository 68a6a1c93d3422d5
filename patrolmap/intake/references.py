"""What refers to rows of another layer by their ids, so that it follows when ids change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

# layer whose ids change -> where they stand: (layer, column)
REFERENCES: Final = {
    "schools": (
        ("gates", "school_id"), ("bells", "school_id"), ("exceptions", "school_id"),
        ("helpers", "school_id"), ("helpers", "window_id"),
        ("posts", "school_id"), ("posts", "window_id"),
    ),
    "gates": (("posts", "gate_id"), ("bells", "gate_ids")),
    "bases": (("units", "start_id"), ("units", "end_id")),
}  # fmt: skip


def referring_layers(layer: str) -> tuple[str, ...]:
    """
    List the layers that refer to one.

    Examples
    --------
    >>> referring_layers("bases"), referring_layers("venues")
    (('units',), ())
    """
    return tuple(dict.fromkeys(name for name, _ in REFERENCES.get(layer, ())))


def naming_one(layer: str) -> tuple[tuple[str, str], ...]:
    """
    List where one row of a layer is named alone, as layer and column: without it, nothing is.

    Examples
    --------
    >>> naming_one("gates")
    (('posts', 'gate_id'),)
    """
    return tuple(where for where in REFERENCES.get(layer, ()) if where[1] not in _HOW)


def follow_ids(
    frames: Mapping[str, pd.DataFrame], layer: str, renamed: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """
    Give the frames that refer to a layer with its new ids in place of the old ones.

    Parameters
    ----------
    frames
        Those of `referring_layers`, by name.
    layer
        Whose ids changed.
    renamed
        Old id to new id, all at once: two rows may have exchanged theirs.

    Returns
    -------
    changed
        Those frames alone in which something changed.
    """
    changed: dict[str, pd.DataFrame] = {}
    for name, column in REFERENCES.get(layer, ()):
        frame = changed.get(name, frames[name])
        follow = _HOW.get(column, _whole)
        values = frame[column].map(lambda text, f=follow: f(text, renamed), na_action="ignore")
        if not values.equals(frame[column]):
            changed[name] = frame.assign(**{column: values.astype(frame[column].dtype)})
    return changed


def _whole(text: str, renamed: Mapping[str, str]) -> str:
    return renamed.get(text, text)


def _window(text: str, renamed: Mapping[str, str]) -> str:
    """Follow in ``S01:arrival:all``; an id may hold colons itself, so that the end is cut off."""
    parts = text.rsplit(":", 2)
    return ":".join([renamed.get(parts[0], parts[0]), *parts[1:]])


def _several(text: str, renamed: Mapping[str, str]) -> str:
    return ",".join(dict.fromkeys(renamed.get(part, part) for part in text.split(",")))


_HOW: Final[dict[str, Callable[[str, Mapping[str, str]], str]]] = {
    "window_id": _window, "gate_ids": _several,
}  # fmt: skip
