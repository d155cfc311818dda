"""Stored files, named by the SHA-256 of their content: equal files are stored once and no file ever changes.

A file is whole and durable before its name is known, so a row that names it can be committed after `put` returns. A crash
in between leaves a file that no row names, which costs space and nothing else.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from app.errors import Fault, Invalid, NotFound
from app.settings import Settings
from app.storage.files import sync_folder
from app.storage.s3 import S3Files

CHUNK = 256 * 1024
IN_MEMORY = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: `digest` is 64 hexadecimal digits of SHA-256, `size` is in bytes."""

    digest: str
    size: int


class Parts(Protocol):
    """The content of a file that is being read; whoever does not read it to its end closes it."""

    def __iter__(self) -> Iterator[bytes]:
        """Itself."""

    def __next__(self) -> bytes:
        """The next part."""

    def close(self) -> None:
        """Read no more."""


class BlobStore(Protocol):
    """Where files are kept. All methods may be called from several threads and processes at once."""

    def put(self, content: bytes | Iterable[bytes], limit: int) -> Blob:
        """Store content, given whole or in parts; raises `Invalid` (code "too_large") after `limit` bytes, storing nothing."""

    def stream(self, digest: str) -> Parts:
        """The content in parts of at most a few MB. Raises `NotFound` before the first part."""

    def exists(self, digest: str) -> bool:
        """Whether the file is there."""

    def read(self, digest: str) -> bytes:
        """The whole content, for small files. Raises `NotFound`."""


class FolderBlobs:
    """Files in a folder, spread over 256 subfolders; the default."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing, for us alone."""
        self._folder = folder
        (folder / "part").mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes | Iterable[bytes], limit: int) -> Blob:
        """See `BlobStore.put`: written beside, flushed to the disk, then renamed."""
        descriptor, part = tempfile.mkstemp(dir=self._folder / "part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                blob = _copy(content, file, limit)
                if not self.exists(blob.digest):
                    file.flush()
                    os.fsync(file.fileno())
                    self._keep(Path(part), blob.digest)
        finally:
            Path(part).unlink(missing_ok=True)
        return blob

    def stream(self, digest: str) -> Parts:
        """See `BlobStore.stream`."""
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise NotFound("blob", "This file is not in the store.") from None
        return _Reading(file)

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return self._path(digest).exists()

    def read(self, digest: str) -> bytes:
        """See `BlobStore.read`."""
        return b"".join(self.stream(digest))

    def _keep(self, part: Path, digest: str) -> None:
        final = self._path(digest)
        if not final.parent.exists():
            final.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        part.rename(final)
        sync_folder(final.parent)

    def _path(self, digest: str) -> Path:
        return self._folder / _checked(digest)[:2] / digest


class S3Blobs:
    """Files in an S3-compatible store, for several machines."""

    def __init__(self, files: S3Files) -> None:
        """`files` says where."""
        self._files = files

    def put(self, content: bytes | Iterable[bytes], limit: int) -> Blob:
        """See `BlobStore.put`: gathered first (on disk from 1 MB), since the name is the digest of the whole."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as gathered:
            blob = _copy(content, gathered, limit)
            if not self._files.exists(_name(blob.digest)):
                gathered.seek(0)
                self._files.upload(_name(blob.digest), gathered)
        return blob

    def stream(self, digest: str) -> Parts:
        """See `BlobStore.stream`."""
        return self._files.stream(_name(digest))

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return self._files.exists(_name(digest))

    def read(self, digest: str) -> bytes:
        """See `BlobStore.read`."""
        return b"".join(self.stream(digest))


def blob_store(settings: Settings) -> BlobStore:
    """The store that the settings name: s3://bucket/prefix, a folder, or `blobs` in the data folder."""
    if settings.blob_store is not None and "://" in settings.blob_store:
        return S3Blobs(S3Files(settings.blob_store))
    return FolderBlobs(Path(settings.blob_store) if settings.blob_store else settings.data / "blobs")


def _copy(content: bytes | Iterable[bytes], file: IO[bytes], limit: int) -> Blob:
    digest, size = hashlib.sha256(), 0
    for part in _pieces(content):
        size += len(part)
        if size > limit:
            fix = f"send at most {limit} bytes"
            raise Invalid("too_large", f"This file is too large: {fix}.", [Fault("file", "too_large", fix)])
        digest.update(part)
        file.write(part)
    return Blob(digest.hexdigest(), size)


def _pieces(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return _Reading(io.BytesIO(content)) if isinstance(content, bytes) else content


class _Reading:
    """An open file in parts. No generator: closed before its first part, one would leave the file open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = b"" if self._file.closed else self._file.read(CHUNK)
        if not part:
            self.close()
            raise StopIteration
        return part

    def close(self) -> None:
        self._file.close()


def _name(digest: str) -> str:
    return f"{_checked(digest)[:2]}/{digest}"


def _checked(digest: str) -> str:
    if _DIGEST.fullmatch(digest) is None:
        raise NotFound("blob", "A stored file is named by 64 hexadecimal digits.")
    return digest
