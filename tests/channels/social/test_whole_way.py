"""Every service all the way: a comment becomes a ticket, its answer stands there, and what follows joins."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, text
from starlette.types import ASGIApp

from app.accounts import change
from app.accounts.directory import Accounts
from app.channels.contract import Kind, WebhookRequest
from app.channels.social import facebook, flickr, mastodon, vimeo, x
from app.channels.social.mastodon_settings import MastodonSettings
from app.channels.social.x_settings import XSettings
from app.delivery.deliver import deliver_waiting
from app.errors import Conflict
from app.identity.principal import SYSTEM
from app.intake.admit import admit_waiting
from app.intake.compare import compare
from app.intake.means import Means
from app.intake.read_account import read_account
from app.intake.receive import receive
from app.models import Message, Organisation
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets.outbox import enqueue
from app.tickets.take_back import take_back
from app.vocabulary import MessageKind, Visibility
from tests.channels.social import facebook_setup, flickr_setup, vimeo_setup
from tests.channels.social.moving_clock import MovingClock
from tests.emulators import flickr_state, vimeo_state
from tests.emulators.facebook import Facebook
from tests.emulators.flickr import Flickr
from tests.emulators.mastodon import Mastodon
from tests.emulators.run import serve
from tests.emulators.vimeo import Vimeo
from tests.emulators.x import X


@dataclass
class Service:
    """What people do at a service, in the same words for each. `comment` takes what it is under and by whom: us or them."""

    kind: Kind
    state: Any
    app: ASGIApp
    settings: Callable[[str], Any]
    channel: Callable[[Any, MovingClock], Any]
    root: str
    comment: Callable[[str, str, bool], str]


def _facebook() -> Service:
    state = Facebook()

    def comment(under: str, said: str, ours: bool) -> str:
        return state.comment(under, said, state.page if ours else ("61001", "Jan Voorbeeld"))

    def channel(settings: Any, clock: MovingClock) -> facebook.FacebookChannel:
        return facebook.FacebookChannel(settings, clock=clock)

    post = state.post("De markt verhuist")
    return Service(facebook.KIND, state, state.app, facebook_setup.connected, channel, post, comment)


def _vimeo() -> Service:
    state = Vimeo()

    def comment(under: str, said: str, ours: bool) -> str:
        return state.comment(under, said, vimeo_state.OWN if ours else vimeo_state.ANNA)

    def channel(settings: Any, clock: MovingClock) -> vimeo.VimeoChannel:
        return vimeo.VimeoChannel(settings, clock=clock)

    video = state.video("Raadsvergadering")
    return Service(vimeo.KIND, state, state.app, vimeo_setup.connected, channel, video, comment)


def _flickr() -> Service:
    state = Flickr()
    photo = state.photo("De nieuwe brug")

    def comment(_under: str, said: str, ours: bool) -> str:
        return state.comment(photo, said, flickr_state.OWN if ours else flickr_state.ANNA)

    def channel(settings: Any, clock: MovingClock) -> flickr.FlickrChannel:
        return flickr.FlickrChannel(settings, clock=clock)

    return Service(flickr.KIND, state, state.app, flickr_setup.connected, channel, photo, comment)


def _mastodon() -> Service:
    state = Mastodon("127.0.0.1")

    def comment(under: str, said: str, ours: bool) -> str:
        below: dict[str, Any] = {"reply_to": under} if under else {}
        return state.in_the_app(said, **below) if ours else state.mention("anna@elders.example", said, **below)

    def settings(base: str) -> MastodonSettings:
        given = {"api_url": base, "access_token": "token-of-gemeente", "account_id": state.own.id}
        return MastodonSettings.model_validate(given | {"scopes": mastodon.SCOPES})

    def channel(settings: Any, clock: MovingClock) -> mastodon.MastodonChannel:
        return mastodon.MastodonChannel(settings, clock=clock)

    return Service(mastodon.KIND, state, state.app, settings, channel, "", comment)


def _x() -> Service:
    state = X()

    def comment(under: str, said: str, ours: bool) -> str:
        below: dict[str, Any] = {"reply_to": under} if under else {}
        at = state.moment
        return state.in_the_app(said, at=at, **below) if ours else state.mention("anna", said, at=at, **below)

    def settings(base: str) -> XSettings:
        given = {"api_url": base, "access_token": "token-of-voorbeeldstad", "user_id": state.own.id, "scopes": x.SCOPES}
        return XSettings.model_validate(given)

    def channel(settings: Any, clock: MovingClock) -> x.XChannel:
        return x.XChannel(settings, clock=clock)

    return Service(x.KIND, state, state.app, settings, channel, "", comment)


@dataclass
class Office:
    """One account of one service in one installation."""

    service: Service
    means: Means
    settings: Settings
    account_id: int
    clock: MovingClock

    def later(self, **by: float) -> None:
        self.clock.move(**by)
        self.service.state.moment = self.clock.moment

    def change(self, **given: Any) -> None:
        """Give the account other settings."""
        accounts = self.means.accounts
        settings = accounts.settings(self.account_id, self.service.kind.key).model_copy(update=given)
        with self.means.database.unit_of_work() as session:
            change.update_account(session, self.means.keys, self.account_id, settings=settings)

    def read(self) -> None:
        """Read the account and admit all that came."""
        assert read_account(self.means, self.account_id).retry_in is None
        while admit_waiting(self.means):
            pass

    def admit_now(self) -> None:
        """Admit what was to be looked at again later."""
        self.rows("UPDATE raw_item SET not_before = now() WHERE state = 'new' RETURNING 1")
        while admit_waiting(self.means):
            pass

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.means.database.unit_of_work() as session:
            return [tuple(row) for row in session.execute(text(query), values)]

    def answer(self, said: str) -> None:
        """Answer the first reaction, and deliver."""
        ((ticket, address),) = self.rows("SELECT ticket_id, address_id FROM message WHERE kind = 'reaction' LIMIT 1")
        common = {"ticket_id": ticket, "account_id": self.account_id}
        columns = {**common, "kind": MessageKind.REPLY, "text": said, "visibility": Visibility.PUBLIC}
        with self.means.database.unit_of_work() as session:
            made: int = session.execute(insert(Message).values(columns).returning(Message.id)).scalar_one()
            enqueue(session, **common, message_id=made, address_id=address)
        self.deliver()

    def deliver(self) -> None:
        """Send until nothing is left to do now."""
        m = self.means
        while deliver_waiting(m.database, m.accounts, m.keys, m.blobs, self.settings, "w"):
            pass


@pytest.fixture(params=[_facebook, _vimeo, _flickr, _mastodon, _x], ids=lambda made: made.__name__[1:])
def office(
    request: pytest.FixtureRequest, database: Database, keys: Keys, blobs: BlobStore, settings: Settings
) -> Iterator[Office]:
    service: Service = request.param()
    clock = MovingClock()
    service.state.moment = clock.moment
    kind = replace(service.kind, build=lambda config: service.channel(config.settings, clock))
    accounts = Accounts(database, keys, {kind.key: kind}, "http://127.0.0.1:8000")
    with serve(service.app) as base:
        with database.unit_of_work() as session:
            made = session.execute(insert(Organisation).values(name="Voorbeeldstad").returning(Organisation.id))
            account_id = change.create(
                session, keys, organisation_id=made.scalar_one(), kind=kind.key, name="social",
                settings=service.settings(base), receipts=False,
            )  # fmt: skip
        yield Office(service, Means(database, accounts, keys, blobs, lease_seconds=5.0), settings, account_id, clock)


def states(office: Office) -> set[tuple[str, str]]:
    return set(office.rows("SELECT state, reason FROM raw_item"))


def test_from_a_comment_to_its_answer_and_back(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    ((said, *message),) = office.rows("SELECT text, visibility, author_verified, external_id FROM message")
    assert said.endswith("Wanneer is dat?")
    assert message == ["public", True, asked]

    office.answer("Op 1 december.")
    assert office.rows("SELECT state, problem FROM delivery") == [("sent", "")]
    ours = office.rows("SELECT external_id FROM delivery")[0][0]
    office.later(minutes=70)
    office.read()
    assert ("applied", "echo") in states(office)
    assert office.rows("SELECT count(*) FROM message") == [(2,)]

    service.comment(asked, "En hoe laat?", False)
    office.later(minutes=70)
    service.comment(asked, "Om negen uur, zegt een collega.", True)
    office.read()
    kinds = office.rows("SELECT kind, ticket_id FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "reaction", "own_post"]
    assert len({ticket for _, ticket in kinds}) == 1
    assert ours
    assert not {state for state, _ in states(office)} & {"set_aside", "new"}


def test_an_echo_that_overtakes_its_delivery_waits_for_it_and_a_colleagues_answer_beside_it_is_kept(
    office: Office,
) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    accepted, go_on = service.state.faults.hold_after_accepting()
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(office.answer, "Op 1 december.")
        assert accepted.wait(10)
        service.comment(asked, "Dat weet ik ook, zegt een collega.", True)
        office.later(minutes=70)
        office.read()
        waiting = office.rows("SELECT reason FROM raw_item WHERE state = 'new'")
        assert waiting == [("delivery_under_way",)] * 2
        go_on.set()
        answering.result(20)
    office.admit_now()
    kinds = office.rows("SELECT kind, text FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "own_post"]
    assert kinds[2][1].endswith("zegt een collega.")
    assert ("applied", "echo") in states(office)
    assert office.rows("SELECT state FROM delivery") == [("sent",)]


def test_an_answer_of_which_nobody_knew_is_known_by_its_words_when_it_is_read(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    service.state.faults.silent_after_accepting()
    looked_for = f"/api/v1/statuses/{asked}/context" if isinstance(service.state, Mastodon) else "/"
    service.state.faults.fail(503, method="GET", path=looked_for)
    office.answer("Op 1 december.")
    assert office.rows("SELECT state FROM delivery") == [("uncertain",)]
    service.comment(asked, "Op 1 december of later, zegt een collega.", True)
    office.later(minutes=70)
    office.read()
    assert office.rows("SELECT state, external_id <> '' FROM delivery") == [("sent", True)]
    kinds = office.rows("SELECT kind, external_id <> '' FROM message ORDER BY id")
    assert kinds == [("reaction", True), ("reply", True), ("own_post", True)]


@pytest.mark.parametrize("office", [_mastodon, _x], indirect=True, ids=lambda made: made.__name__[1:])
def test_an_answer_in_several_posts_is_one_answer_when_they_are_read_back(office: Office) -> None:
    service = office.service
    office.change(split=True)
    asked = service.comment("", "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december. " * 40)
    sent = office.rows("SELECT action, state, external_id FROM delivery ORDER BY id")
    assert len(sent) >= 2
    assert [(action, state) for action, state, _ in sent] == [("send", "sent"), *[("part", "sent")] * (len(sent) - 1)]
    office.later(minutes=70)
    service.comment(sent[-1][2], "Dank voor het lange antwoord", False)
    office.read()
    kinds = office.rows("SELECT kind, ticket_id FROM message ORDER BY id")
    assert [kind for kind, _ in kinds] == ["reaction", "reply", "reaction"]
    assert len({ticket for _, ticket in kinds}) == 1
    assert office.rows("SELECT count(*) FROM raw_item WHERE reason = 'echo'") == [(len(sent),)]
    assert asked


@pytest.mark.parametrize("split", [False, True], ids=["one", "several"])
def test_an_answer_that_is_taken_back_goes_there_and_stays_here_as_such(office: Office, split: bool) -> None:
    service = office.service
    if split and not hasattr(office.means.accounts.settings(office.account_id, service.kind.key), "split"):
        pytest.skip("this service takes any length")
    office.change(**({"split": True} if split else {}))
    service.comment(service.root, "Wanneer is dat?", False)
    office.read()
    office.answer("Dat is op 1 december. " * (40 if split else 1))
    ((reply,),) = office.rows("SELECT id FROM message WHERE kind = 'reply'")
    with office.means.database.unit_of_work() as session:
        take_back(session, SYSTEM, reply)
    office.deliver()
    said = service.state.posted() if hasattr(service.state, "posted") else service.state.said()
    assert said == []
    assert office.rows("SELECT DISTINCT state FROM delivery") == [("sent",)]
    assert office.rows("SELECT withdrawn_at IS NOT NULL FROM message WHERE kind = 'reply'") == [(True,)]
    with pytest.raises(Conflict) as refused, office.means.database.unit_of_work() as session:
        take_back(session, SYSTEM, reply)
    assert refused.value.code == "taken_back"


@pytest.mark.parametrize("office", [_x], indirect=True, ids=["x"])
def test_an_answer_of_which_only_the_first_post_went_out_is_left_to_a_person(office: Office) -> None:
    service = office.service
    office.change(split=True)
    service.comment("", "Wanneer is dat?", False)
    office.read()
    service.state.limits["create"] = 1
    office.answer("Dat is op 1 december. " * 40)
    ((state, problem),) = office.rows("SELECT state, problem FROM delivery")
    assert (state, problem[:8]) == ("uncertain", "1 of 4 p")


@pytest.mark.parametrize("office", [_facebook, _vimeo, _flickr], indirect=True, ids=lambda made: made.__name__[1:])
def test_an_edit_and_a_deletion_follow(office: Office) -> None:
    service = office.service
    pushes = isinstance(service.state, Facebook)
    asked = service.comment(service.root, "Wannneer?", False)
    office.read()
    service.state.edit(asked, "Wanneer?")
    follow(office, pushes)
    assert office.rows("SELECT text, jsonb_array_length(revised_from) FROM message") == [("Wanneer?", 1)]
    service.state.remove(asked)
    follow(office, pushes)
    ((publication, withdrawn),) = office.rows("SELECT publication, withdrawn_at FROM message")
    assert publication == "withdrawn"
    assert isinstance(withdrawn, datetime)


@pytest.mark.parametrize(
    "office", [_facebook, _vimeo, _flickr, _mastodon], indirect=True, ids=lambda made: made.__name__[1:]
)
def test_what_the_service_holds_is_compared_with_what_we_know(office: Office) -> None:
    service = office.service
    first, second = (service.comment(service.root, words, False) for words in ("Wanneer?", "Waar?"))
    service.comment(first, "Morgen, zegt een collega.", True)
    office.read()
    office.later(minutes=6)
    service.state.edit(first, "Wanneer dan?")
    service.comment(first, "Hoe laat?", False)  # the comparison reads what came in meanwhile
    compared = compare(office.means, office.account_id)
    assert (compared.unknown, compared.held >= 2) == (0, True)
    office.read()
    office.rows("UPDATE raw_item SET key = 'lost' WHERE key LIKE '%' || :id || '%' RETURNING 1", id=second)
    again = compare(office.means, office.account_id)
    assert again.unknown == 1
    assert second in again.samples[0]


@pytest.mark.parametrize("office", [_facebook], indirect=True, ids=["facebook"])
def test_a_push_that_is_brought_again_changes_nothing(office: Office) -> None:
    service = office.service
    service.comment(service.root, "Wanneer?", False)
    for _ in range(2):
        follow(office, True)
    assert office.rows("SELECT count(*), max(jsonb_array_length(revised_from)) FROM message") == [(1, 0)]
    assert office.rows("SELECT repeated > 0 FROM account_state") == [(True,)]


@pytest.mark.parametrize("office", [_x], indirect=True, ids=["x"])
def test_a_push_that_is_brought_again_changes_nothing_on_x(office: Office) -> None:
    state = office.service.state
    office.change(consumer_secret=SecretStr(state.consumer_secret))
    body = state.event("post.mention.create", state.posts[office.service.comment("", "Wanneer?", False)])
    row = office.means.accounts.row(office.account_id)
    request = WebhookRequest("POST", "https://x.example/hooks/k", state.signed(body), body, "192.0.2.1", office.clock())
    for _ in range(2):
        receive(office.means, row, request)
    office.read()
    assert office.rows("SELECT count(*) FROM message") == [(1,)]
    assert office.rows("SELECT repeated FROM account_state") == [(2,)]  # the second push, and reading it


@pytest.mark.parametrize("office", [_facebook], indirect=True, ids=["facebook"])
def test_what_a_colleague_hides_and_shows_again_at_facebook_is_so_at_the_desk(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    for hidden, publication in ((True, "hidden"), (False, "published")):
        service.state.hide(asked, hidden)
        follow(office, True)
        assert office.rows("SELECT text, publication FROM message") == [("Wat een onzin", publication)]
    assert office.rows("SELECT count(*) FROM ticket_event WHERE type = 'moderated'") == [(2,)]


@pytest.mark.parametrize("office", [_facebook], indirect=True, ids=["facebook"])
def test_hiding_whose_push_was_lost_is_found_by_looking_again(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    service.state.hide(asked, True)
    office.later(minutes=6)
    office.read()
    assert office.rows("SELECT text, publication FROM message") == [("Wat een onzin", "hidden")]


@pytest.mark.parametrize("office", [_facebook], indirect=True, ids=["facebook"])
def test_a_comment_that_is_gone_before_its_hiding_is_looked_at_changes_nothing(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    service.state.hide(asked, True)
    service.state.quiet = True
    service.state.remove(asked)
    follow(office, True)
    assert office.rows("SELECT publication FROM message") == [("published",)]


def follow(office: Office, pushes: bool) -> None:
    """What changed comes by itself (Facebook) or is found at the next look."""
    office.later(minutes=70)
    if pushes:
        body, headers = office.service.state.pushes[-1]
        row = office.means.accounts.row(office.account_id)
        request = WebhookRequest("POST", "https://x.example/hooks/k", headers, body, "192.0.2.1", office.clock())
        assert receive(office.means, row, request).status == 200
    office.read()
