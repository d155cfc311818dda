"""Only the two stemmers that search needs are loaded, and nobody else notices how."""

import subprocess
import sys

from app.tickets import stemmers

LOADED = """
import sys
from app.tickets import stemmers
assert "snowballstemmer" not in sys.modules
print(*sorted(name for name in sys.modules if name.startswith("snowballstemmer")))
import snowballstemmer
print(snowballstemmer.stemmer("german").stemWord("häuser"), stemmers.pair()[0].stemWord("huizen"))
"""


def test_a_dutch_and_an_english_stemmer_are_given_each_time_anew() -> None:
    (dutch, english), other = stemmers.pair(), stemmers.pair()
    assert (dutch.stemWord("huizen"), dutch.stemWord("huis"), english.stemWord("trees")) == ("huis", "huis", "tree")
    assert dutch is not other[0]


def test_no_other_language_is_loaded_and_the_whole_package_can_still_be_imported() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded, stems = done.stdout.splitlines()
    assert loaded.split() == [
        f"snowballstemmer.{name}" for name in ("among", "basestemmer", "dutch_stemmer", "english_stemmer")
    ]
    assert stems == "haus huis"
