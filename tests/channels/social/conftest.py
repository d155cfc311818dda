"""An account of each service in turn, for what must hold at every one of them."""

from collections.abc import Iterator

import pytest

from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from tests.channels.social.office import Office, name_of, opened
from tests.channels.social.services import at_facebook, at_flickr, at_mastodon, at_vimeo, at_x


@pytest.fixture(params=[at_facebook, at_vimeo, at_flickr, at_mastodon, at_x], ids=name_of)
def office(
    request: pytest.FixtureRequest, database: Database, keys: Keys, blobs: BlobStore, settings: Settings
) -> Iterator[Office]:
    with opened(request.param(), database, keys, blobs, settings) as made:
        yield made
