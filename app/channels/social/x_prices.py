"""What X asks for each call, in US dollars. Source: docs.x.com/x-api/getting-started/pricing, 2026-04-20."""

from app.channels.social.x_length import has_address

OWN_READ = 0.001  # one post that mentions us, or that we made ourselves ([M] for the latter)
READ = 0.005  # any other post
CREATE = 0.015
CREATE_WITH_ADDRESS = 0.20
CREATE_SUMMONED = 0.01


def price_of(text: str, *, reply: bool) -> float:
    """What a post will cost: an address in it makes it ten to twenty times as dear."""
    if has_address(text):
        return CREATE_WITH_ADDRESS
    return CREATE_SUMMONED if reply else CREATE
