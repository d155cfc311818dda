"""How many SMS a text costs: GSM 03.38 where every character is in its alphabet, else UCS-2 (3GPP TS 23.038, 23.040).

One message holds 160 septets or 70 code units; several hold 153 or 67 each, since a header joins them. A character that
takes two (the euro sign and brackets in GSM, an emoji in UCS-2) is never cut in half.
"""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

CHARACTERS = 1600
"""The longest `Body` that Twilio takes, in characters (twilio.com/docs/messaging/api/message-resource)."""


def segments(text: str) -> int:
    """0 for an empty text. Raises nothing: what is in neither alphabet does not exist in Unicode."""
    if all(c in _BASIC or c in _EXTENDED for c in text):
        return _parts([2 if c in _EXTENDED else 1 for c in text], 160, 153)
    return _parts([2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67)


def _parts(sizes: Iterable[int], alone: int, joined: int) -> int:
    sizes = list(sizes)
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, used = 1, 0
    for size in sizes:
        if used + size > joined:
            parts, used = parts + 1, 0
        used += size
    return parts
