"""In which language somebody wrote: what the service says, else what the words say, else what the account speaks. Pure."""

from app.channels.language import guess_language


def of(text: str, given: str, fallback: str) -> str:
    """Two or three lower-case letters. Wrong in silence nowhere: an employee sees the text itself."""
    if given:
        return given.lower().replace("_", "-").partition("-")[0][:3]
    return guess_language(text) or fallback
