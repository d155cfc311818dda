"""How long a post is to a Mastodon server. Pure.

Source: the server's own rule (StatusLengthValidator): graphemes, every http(s) address as a fixed number, a mention without
its server (`@jan@social.example` counts as `@jan`).
"""

import re
import unicodedata

from app.channels.social.emoji import with_emoji_as

RESERVED_FOR_MENTION = 32
"""What `@name ` of the person answered takes at most: thirty characters of name [M], the @ and a space."""

_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@([\w.-]*\w)@[\w.-]+\w")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


def length(text: str, per_address: int) -> int:
    """Characters as the server counts them; `per_address` comes from its settings."""
    text = _ADDRESS.sub("x" * per_address, unicodedata.normalize("NFC", text))
    text = with_emoji_as(_MENTION.sub(r"@\1", text), "x")
    return sum(
        1 for character in text if character not in _JOINERS and not unicodedata.category(character).startswith("M")
    )


def length_with_mention(text: str, per_address: int) -> int:
    """As `length`, with room for the mention that is put in front of an answer that has none."""
    return length(text, per_address) + (0 if text.lstrip().startswith("@") else RESERVED_FOR_MENTION)


def with_room_for_mention(text: str) -> str:
    """The text with as many characters in front as such a mention takes at most, to count in how many posts it goes."""
    return text if text.lstrip().startswith("@") else f"@{'x' * (RESERVED_FOR_MENTION - 2)} {text}"
