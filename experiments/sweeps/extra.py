"""Libraries that only some analyses need, and that are installed with an extra of keystay."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.errors import InputError


def library(module: str, extra: str, purpose: str) -> Any:
    """Return a module, or raise an `InputError` that says what it is needed for and how to install it.

    >>> library("not_there.at_all", "search", "a search")
    Traceback (most recent call last):
        ...
    sim.errors.InputError: a search needs not_there, which can't be imported (No module named 'not_there');
    install it with pip install 'keystay[search]'
    """
    try:
        return import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise InputError(
            f"{purpose} needs {name}, which can't be imported ({error}); install it with pip install 'keystay[{extra}]'"
        ) from None
