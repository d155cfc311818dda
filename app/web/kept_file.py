"""A file that came with a form: stored by its content, typed by its first bytes, a part in memory at a time."""

from typing import NamedTuple

from starlette.datastructures import UploadFile

from app.web.sniff import content_type
from app.web.state import State
from app.web.text import clean

CHUNK = 256 * 1024
HEAD = 2048
LONGEST_NAME = 200


class KeptFile(NamedTuple):
    """What stands in a row that names it. `size` is in bytes."""

    sha256: str
    name: str
    content_type: str
    size: int


def keep(state: State, file: UploadFile) -> KeptFile:
    """Store it. Raises `Invalid` "too_large" beyond the installation's largest upload."""
    head = file.file.read(HEAD)
    file.file.seek(0)
    blob = state.blobs.put(iter(lambda: file.file.read(CHUNK), b""), state.settings.max_upload_bytes)
    name = clean(file.filename or "attachment")[:LONGEST_NAME]
    return KeptFile(blob.digest, name, content_type(head), blob.size)
