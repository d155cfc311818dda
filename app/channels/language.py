"""Dutch or English? A small count of the commonest words; under four words nobody can tell, and it says so.

Why no library: the ones tried cost 0.7 seconds or 96 MB and were wrong on "ok" and "Prima plan!" just the same.
"""

import re

_WORD = re.compile(r"[a-zà-ÿ']{1,20}")
_LOOKED_AT = 900
_DUTCH = frozenset(
    "de het een en van ik te dat die niet zijn is op aan met als voor had er maar om hem dan zou of wat mijn men dit zo door"
    " over ze zich bij ook tot je mij uit der daar naar heb hoe heeft hebben deze u want nog zal me zij nu ge geen omdat iets"
    " worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja eens hier wie werd altijd wordt"
    " wezen kunnen ons zelf tegen na reeds wil kon niets uw iemand geweest andere wij we onze graag geachte beste groet"
    " vriendelijke gemeente straat waarom wanneer bedankt alvast jullie worden".split()
)
_ENGLISH = frozenset(
    "the of and to a in that it was i for on you he be with as by at have are this not but had his they from she which or we"
    " an there her were one do been all their has would will what if can when so no said who more about up them some could"
    " him into its then my your our than me these any out other did dear regards please thank thanks kind sincerely hello"
    " how why where because am is should council street".split()
)


def guess_language(text: str) -> str:
    """`"nl"`, `"en"`, or an empty string when it is neither clearly or there are fewer than four words."""
    words = _WORD.findall(text[:_LOOKED_AT].lower())
    if len(words) < 4:
        return ""
    dutch = sum(map(_DUTCH.__contains__, words))
    english = sum(map(_ENGLISH.__contains__, words))
    best = max(dutch, english)
    if best < 2 or best * 12 < len(words) or dutch == english:
        return ""
    return "nl" if dutch > english else "en"
