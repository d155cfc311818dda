"""Stored files in an S3-compatible store, against one that speaks the protocol on a loopback port."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import Invalid, NotFound
from app.settings import Settings
from app.storage.blobs import BlobStore, blob_store
from tests.servers.objects import running_object_store

Objects = dict[str, bytes]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BlobStore, Objects]]:
    with running_object_store() as (address, objects):
        names = {
            "AWS_ENDPOINT_URL": address,
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
        }
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        yield blob_store(Settings(data=tmp_path, blob_store="s3://emmer/weerklank")), objects


def test_a_file_is_kept_below_the_prefix_and_comes_back(store: tuple[BlobStore, Objects]) -> None:
    blobs, objects = store
    blob = blobs.put(iter([b"een ", b"foto"]), limit=100)
    assert objects == {f"/emmer/weerklank/{blob.digest[:2]}/{blob.digest}": b"een foto"}
    assert blobs.exists(blob.digest)
    assert blobs.read(blob.digest) == b"een foto"


def test_a_large_file_travels_in_parts_and_arrives_whole(store: tuple[BlobStore, Objects]) -> None:
    blobs, _ = store
    content = os.urandom(20 * 1024 * 1024)
    assert blobs.read(blobs.put(content, limit=len(content)).digest) == content


def test_a_file_over_the_limit_is_never_sent(store: tuple[BlobStore, Objects]) -> None:
    blobs, objects = store
    with pytest.raises(Invalid):
        blobs.put(b"x" * 1001, limit=1000)
    assert objects == {}


def test_what_is_not_there_is_not_found(store: tuple[BlobStore, Objects]) -> None:
    blobs, _ = store
    assert not blobs.exists("0" * 64)
    with pytest.raises(NotFound):
        blobs.read("0" * 64)
