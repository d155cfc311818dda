"""The emulated Flickr speaks what the Python client that Flickr's own pages name speaks."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flickrapi import FlickrAPI
from flickrapi.auth import FlickrAccessToken
from flickrapi.exceptions import FlickrError

from tests.emulators.flickr import API_KEY, API_SECRET, TOKEN, TOKEN_SECRET, Flickr
from tests.emulators.flickr_state import ANNA, OWN
from tests.emulators.run import serve

BACK = "https://weerklank.voorbeeldstad.example/desk/back?state=a b"


@pytest.fixture
def service() -> Flickr:
    return Flickr()


@pytest.fixture
def base(service: Flickr) -> Iterator[str]:
    with serve(service.app) as address:
        yield address


def client_at(base: str, token: FlickrAccessToken | None, secret: str = API_SECRET) -> FlickrAPI:
    made = FlickrAPI(API_KEY, secret, token=token, format="parsed-json", store_token=False, timeout=10)
    made.REST_URL = f"{base}/services/rest/"
    for name in ("request_token", "authorize", "access_token"):
        setattr(made.flickr_oauth, f"{name.upper()}_URL", f"{base}/services/oauth/{name}")
    return made


@pytest.fixture
def client(base: str) -> Iterator[FlickrAPI]:
    token = FlickrAccessToken(TOKEN, TOKEN_SECRET, "write", OWN[2], OWN[1], OWN[0])
    made = client_at(base, token)
    made.flickr_oauth.token = token
    yield made
    made.flickr_oauth.session.close()


def test_consent_gives_a_token(service: Flickr, base: str) -> None:
    client = client_at(base, None)
    client.get_request_token(oauth_callback=BACK)
    url = client.auth_url(perms="write")
    back = parse_qs(urlsplit(httpx.get(url, follow_redirects=False, trust_env=False).headers["location"]).query)
    assert back["state"] == ["a b"]
    client.flickr_oauth.verifier = back["oauth_verifier"][0]
    client.get_access_token()
    token = client.token_cache.token
    assert (token.token, token.user_nsid, token.access_level) == (TOKEN, OWN[0], "write")
    assert client.token_valid(perms="write")
    client.flickr_oauth.session.close()


def test_photos_that_got_a_comment_and_their_comments_are_listed(service: Flickr, client: FlickrAPI) -> None:
    photo = service.photo("De nieuwe brug")
    said = service.comment(photo, "Mooi & <hoog>!\nWanneer open?")
    (found,) = client.photos.recentlyUpdated(min_date=1, extras="last_update")["photos"]["photo"]
    assert (found["id"], found["title"]) == (photo, "De nieuwe brug")
    (comment,) = client.photos.comments.getList(photo_id=photo)["comments"]["comment"]
    assert (comment["id"], comment["author"]) == (said, ANNA[0])
    assert comment["_content"] == "Mooi &amp; &lt;hoog&gt;!\nWanneer open?"
    later = int(comment["datecreate"]) + 1
    assert "comment" not in client.photos.comments.getList(photo_id=photo, min_comment_date=later)["comments"]
    tree = client.photos.comments.getList(photo_id=photo, format="etree")
    assert tree.find("comments/comment").attrib["authorname"] == ANNA[1]


def test_a_comment_is_made_edited_and_deleted(service: Flickr, client: FlickrAPI) -> None:
    photo = service.photo("De nieuwe brug")
    made = client.photos.comments.addComment(photo_id=photo, comment_text="Zaterdag, één uur 😀")["comment"]["id"]
    client.photos.comments.editComment(comment_id=made, comment_text="Zondag")
    assert service.said() == ["Zondag"]
    client.photos.comments.deleteComment(comment_id=made)
    assert service.said() == []
    with pytest.raises(FlickrError, match="2: Comment not found"):
        client.photos.comments.deleteComment(comment_id=made)


def test_what_flickr_refuses(service: Flickr, client: FlickrAPI, base: str) -> None:
    with pytest.raises(FlickrError, match="1: Photo not found"):
        client.photos.comments.getList(photo_id="1")
    with pytest.raises(FlickrError, match="8: Blank"):
        client.photos.comments.addComment(photo_id=service.photo("x"), comment_text=" ")
    service.perms = "read"
    with pytest.raises(FlickrError, match="99: Insufficient"):
        client.photos.comments.addComment(photo_id="1", comment_text="x")
    service.valid = False
    with pytest.raises(FlickrError, match="98"):
        client.photos.recentlyUpdated(min_date=1)


def test_a_wrong_signature_is_refused(service: Flickr, base: str) -> None:
    token = FlickrAccessToken(TOKEN, TOKEN_SECRET, "write", OWN[2], OWN[1], OWN[0])
    wrong = client_at(base, token, secret="another")
    wrong.flickr_oauth.token = token
    with pytest.raises(FlickrError, match="96"):
        wrong.photos.recentlyUpdated(min_date=1)
    wrong.flickr_oauth.session.close()
