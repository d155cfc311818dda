"""Which runs of characters are one emoji to a reader: by the grammar of Unicode's UTS #51, section 1.4.9.

Why no list of the 3,800 known sequences: it ages every year, and the grammar knows next year's. It also joins a few
sequences that no font shows as one; a service that counts those apart refuses a text that is a hair too long, and says so.
"""

import re

_FLAG = "[\U0001f1e6-\U0001f1ff]"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_ONE = f"{_PICTURE}(?:\ufe0f?{_TONE}|\ufe0f)?(?:{_TAGS})?"
EMOJI = re.compile(f"{_FLAG}{_FLAG}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*|{_TONE}")


def with_emoji_as(text: str, placeholder: str) -> str:
    """The text with every emoji, however long, replaced by one character."""
    return EMOJI.sub(placeholder, text)
