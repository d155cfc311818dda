"""The two stemmers that search needs, without the thirty others that their package loads.

Why not plain imports: `snowballstemmer/__init__` imports every language there is, which costs each of our processes 7 MB and
a third of a second at its start. So the package's folder is made known without running its `__init__`, the two modules are
loaded from it, and it is forgotten again: whoever imports the package later gets the whole of it.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Protocol

PACKAGE = "snowballstemmer"


class Stemmer(Protocol):
    """One language's; keeps the word that it works on, so it belongs to one thread."""

    def stemWord(self, word: str) -> str:  # noqa: N802  (the library's own name)
        """The stem of a word in small letters."""


def _load(*languages: str) -> list[Any]:
    if PACKAGE in sys.modules:  # whole already
        return [_of(language) for language in languages]
    spec = find_spec(PACKAGE)
    bare = ModuleType(PACKAGE)
    bare.__path__ = list((spec and spec.submodule_search_locations) or ())
    sys.modules[PACKAGE] = bare
    try:
        return [_of(language) for language in languages]
    finally:
        del sys.modules[PACKAGE]


def _of(language: str) -> Any:
    return getattr(import_module(f"{PACKAGE}.{language}_stemmer"), f"{language.capitalize()}Stemmer")


_dutch, _english = _load("dutch", "english")


def pair() -> tuple[Stemmer, Stemmer]:
    """A Dutch and an English stemmer of one's own."""
    return _dutch(), _english()
