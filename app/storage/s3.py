"""Stored files in an S3-compatible store, through obstore.

Credentials come from the environment in the store's usual names (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
AWS_ENDPOINT_URL), so they never pass through our settings.
"""

import os
from collections.abc import Generator
from importlib import import_module
from typing import IO, Any
from urllib.parse import urlsplit

from app.errors import Invalid, NotFound

PART = 8 * 1024 * 1024  # an S3 part has at least 5 MiB


class S3Files:
    """Files below `s3://bucket/prefix`: the raw operations that `blobs.py` builds on."""

    def __init__(self, address: str) -> None:
        """`address` is s3://bucket or s3://bucket/prefix. Opens no connection."""
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc:
            raise Invalid("settings", "Give WEERKLANK_BLOB_STORE as s3://bucket/prefix, or as a folder.")
        # Lazy: 30 MB of library that a store in a folder does not need.
        self._obstore: Any = import_module("obstore")
        stores: Any = import_module("obstore.store")
        local = _endpoint_is_plain_http()
        options = {"client_options": {"allow_http": True}} if local else {}
        self._store: Any = stores.S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **options)

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        try:
            self._obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def upload(self, name: str, file: IO[bytes]) -> None:
        """Store the file, in parts when it is large; a store shows an object only when it is whole."""
        self._obstore.put(self._store, name, file, chunk_size=PART)

    def stream(self, name: str) -> Generator[bytes]:
        """The content in parts. Raises `NotFound`."""
        try:
            answer = self._obstore.get(self._store, name)
        except FileNotFoundError:
            raise NotFound("blob", "This file is not in the store.") from None
        for part in answer.stream():
            yield bytes(part)


def _endpoint_is_plain_http() -> bool:
    return os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
