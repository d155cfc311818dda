"""Stored files: named by their content, bounded, whole or absent."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from app.errors import Invalid, NotFound
from app.settings import Settings
from app.storage.blobs import BlobStore, FolderBlobs, blob_store
from tests.until import until

ROOT = Path(__file__).parent.parent.parent


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_comes_back_by_the_digest_of_its_content(blobs: BlobStore) -> None:
    content = os.urandom(700_000)
    blob = blobs.put(content, limit=1_000_000)
    assert blob.digest == hashlib.sha256(content).hexdigest()
    assert blob.size == 700_000
    assert blobs.exists(blob.digest)
    assert blobs.read(blob.digest) == content
    assert max(len(part) for part in blobs.stream(blob.digest)) < 700_000


def test_content_in_parts_is_the_same_as_content_given_whole(blobs: BlobStore) -> None:
    assert blobs.put(iter([b"een ", b"", b"twee"]), limit=100) == blobs.put(b"een twee", limit=100)


def test_an_empty_file_is_a_file(blobs: BlobStore) -> None:
    assert blobs.read(blobs.put(b"", limit=0).digest) == b""


def test_equal_files_are_stored_once(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    for _ in range(3):
        store.put(b"dezelfde foto", limit=100)
    assert len(files(tmp_path)) == 1


def test_a_file_over_the_limit_is_refused_before_the_rest_is_read_and_leaves_nothing(tmp_path: Path) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b"x" * 1000

    with pytest.raises(Invalid) as refused:
        FolderBlobs(tmp_path).put(endless(), limit=5000)
    assert refused.value.code == "too_large"
    assert len(read) == 6
    assert files(tmp_path) == []


def test_a_source_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"begin"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        FolderBlobs(tmp_path).put(broken(), limit=100)
    assert files(tmp_path) == []


def test_a_process_killed_while_storing_leaves_no_file_with_a_name(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.storage.blobs import FolderBlobs\n"
        "def slow():\n"
        "    yield b'x' * 1000000\n"
        "    print('half', flush=True)\n"
        "    sys.stdin.read()\n"
        "FolderBlobs(Path(sys.argv[1])).put(slow(), limit=10000000)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert {path.parent.name for path in files(tmp_path)} <= {"part"}
    assert FolderBlobs(tmp_path).put(b"x" * 1_000_000, limit=10_000_000).size == 1_000_000


def test_threads_that_store_the_same_file_at_once_all_succeed(tmp_path: Path) -> None:
    store, digests = FolderBlobs(tmp_path), []
    threads = [Thread(target=lambda: digests.append(store.put(b"gelijk" * 9999, limit=10**6).digest)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 8
    assert len(set(digests)) == 1
    until(lambda: len(files(tmp_path)) == 1)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64])
def test_a_name_that_is_no_digest_or_is_not_there_is_not_found(blobs: BlobStore, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.stream(name)


def test_a_full_disk_is_an_error_and_leaves_nothing_with_a_name(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from app.storage.blobs import FolderBlobs\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))\n"
        "try: FolderBlobs(Path(sys.argv[1])).put(b'x' * 1000000, limit=10000000)\n"
        "except OSError as error: print(error.errno)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "27"
    assert files(tmp_path) == []


def test_the_settings_say_where_files_are_kept(tmp_path: Path) -> None:
    blob_store(Settings(data=tmp_path / "a")).put(b"een", limit=9)
    blob_store(Settings(data=tmp_path / "a", blob_store=str(tmp_path / "b"))).put(b"twee", limit=9)
    assert len(files(tmp_path / "a" / "blobs")) == 1
    assert len(files(tmp_path / "b")) == 1
    with pytest.raises(Invalid, match="s3://"):
        blob_store(Settings(data=tmp_path, blob_store="ftp://elders"))
