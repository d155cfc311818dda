"""The secret keys: what seals accounts' settings, and what signs addresses and links that leave the house.

From `WEERKLANK_SECRET_KEYS` when set; otherwise one is made once, in a file of the data folder that only we can read. Two
processes that start together get the same one.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

from app import log
from app.errors import Fault, Invalid
from app.settings import Settings, new_key
from app.storage.files import exclusive, replace

FILE = "secret.key"
SETTING = "WEERKLANK_SECRET_KEYS"
SIGNATURE_LETTERS = 26  # of base32: 130 bits, safe in the local part of a mail address, where case may get lost


class Keys:
    """One or more keys of 32 bytes. The first seals and signs; all of them open and verify, so that keys can be rotated."""

    def __init__(self, keys: list[bytes]) -> None:
        """`keys`: at least one, each of exactly 32 bytes."""
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("each key has 32 bytes, and there is at least one")
        self._keys = [hmac.digest(key, b"weerklank signatures", "sha256") for key in keys]
        self.fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

    def sign(self, purpose: str, text: str) -> str:
        """26 lower-case base32 letters of an HMAC-SHA256; a signature for one purpose says nothing for another."""
        return _signature(self._keys[0], purpose, text)

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Whether any of the keys made this signature, in constant time; capitals count as small letters."""
        given = signature.lower().encode(errors="replace")
        matches = [hmac.compare_digest(_signature(key, purpose, text).encode(), given) for key in self._keys]
        return any(matches)


def load_keys(settings: Settings) -> Keys:
    """The keys of these settings. Raises `Invalid`, which never repeats a key, when one is not 32 bytes in base64."""
    if settings.secret_keys is not None:
        return Keys([_decoded(part, SETTING) for part in settings.secret_keys.get_secret_value().split(",")])
    path = settings.data / FILE
    return Keys([_decoded(_made_once(path), str(path))])


def _made_once(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusive(path.with_name(f"{FILE}.lock")):
        if not path.exists():
            replace(path, f"{new_key()}\n".encode())
            log.event("keys.made", path=str(path))
    if path.stat().st_mode & 0o077:
        log.trouble("keys.readable_by_others", path=str(path))
    return path.read_text()


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        fix = "give 32 random bytes in base64 (44 characters); separate several keys by commas"
        raise Invalid("settings", "Correct the secret keys.", [Fault(where, "secret_key", fix)])
    return key


def _signature(key: bytes, purpose: str, text: str) -> str:
    per_purpose = hmac.digest(key, purpose.encode(), "sha256")
    digest = hmac.digest(per_purpose, text.encode(errors="surrogatepass"), hashlib.sha256)
    return base64.b32encode(digest).decode()[:SIGNATURE_LETTERS].lower()
