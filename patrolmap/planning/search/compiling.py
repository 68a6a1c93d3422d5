"""The compiler, and how it is used: the one place that knows numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

# No compiled function makes or returns an array, so none needs to count references; counting
# them took nine tenths of the time. Nothing divides by zero, so nothing need check for it.
_OPTIONS: Final[dict[str, Any]] = {"_nrt": False, "error_model": "numpy"}


def compiled(function: Function) -> Function:
    """Compile a function that other compiled functions call."""
    done: Function = njit(**_OPTIONS)(function)
    return done


def inlined(function: Function) -> Function:
    """Compile a function into its callers: handing over all arrays takes as long as 100 steps."""
    done: Function = njit(**_OPTIONS, forceinline=True)(function)
    return done


def entry(function: Function) -> Function:
    """
    Compile a function that Python calls: off the interpreter's lock, and kept on disk.

    numba compiles a kept function anew when its own file changes, or what it closes over;
    so it must close over a stamp of the other files it is made of. Where no folder can be
    written to, nothing is kept, and every process compiles it.
    """
    done: Function
    try:
        done = njit(**_OPTIONS, cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no place for the file
        done = njit(**_OPTIONS, nogil=True)(function)
    return done
