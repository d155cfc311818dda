"""Words as search sees them: folded (no case, no accents), then stemmed in Dutch and in English.

Both stems are kept, since a reaction's language is often wrong and names are neither. They are written to
`message.terms` and asked for with `query`; PostgreSQL's own 'dutch' would not join huis and huizen, nor kappen and gekapt.
A change here, or of the stemmer, must raise `TERMS_VERSION`, so that older rows are found and written again.
"""

import re
import unicodedata
from functools import lru_cache
from threading import local

from app.tickets import stemmers

TERMS_VERSION = 1

_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 60  # characters; longer runs are encoded files, not words
_MOST_WORDS = 5_000  # different ones per text; far more than anybody writes by hand
_MOST_CHARACTERS = 200_000
_MOST_ASKED = 12
_stemmers = local()  # a stemmer keeps the word it works on, so each thread needs its own


def terms(text: str) -> list[str]:
    """The stems of a text, each once, in order of appearance; safe for `array_to_tsvector`."""
    found: dict[str, None] = {}
    words = dict.fromkeys(_WORD.findall(folded(text[:_MOST_CHARACTERS])))
    for word in list(words)[:_MOST_WORDS]:
        if len(word) <= _LONGEST_WORD:
            found.update(dict.fromkeys(_stems(word)))
    return list(found)


def query(text: str) -> str | None:
    """A tsquery that asks for every word, the last one by its beginning; None when there is no word in it."""
    words = [word for word in _WORD.findall(folded(text[:1_000])) if len(word) <= _LONGEST_WORD][:_MOST_ASKED]
    if not words:
        return None
    asked = [_either(_stems(word)) for word in words[:-1]]
    return " & ".join([*asked, _either((*_stems(words[-1]), words[-1]), ":*")])


def folded(text: str) -> str:
    """Small letters without accents: é and E are e, the ligature ij is ij."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _either(stems: tuple[str, ...], suffix: str = "") -> str:
    """Words hold letters and digits only, so that quotes keep them apart from the operators."""
    return "(" + " | ".join(f"'{stem}'{suffix}" for stem in dict.fromkeys(stems)) + ")"


@lru_cache(maxsize=32_768)
def _stems(word: str) -> tuple[str, ...]:
    dutch, english = _own_stemmers()
    return tuple(dict.fromkeys(stem for stem in (dutch.stemWord(word), english.stemWord(word)) if stem)) or (word,)


def _own_stemmers() -> tuple[stemmers.Stemmer, stemmers.Stemmer]:
    if not hasattr(_stemmers, "pair"):
        _stemmers.pair = stemmers.pair()
    pair: tuple[stemmers.Stemmer, stemmers.Stemmer] = _stemmers.pair
    return pair
