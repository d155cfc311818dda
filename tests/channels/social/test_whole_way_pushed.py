"""What Facebook and X push, all the way: brought twice, lost, or overtaken by what happened since."""

from pydantic import SecretStr

from tests.channels.social.office import Office, only
from tests.channels.social.services import at_facebook, at_x


@only(at_facebook)
def test_a_push_that_is_brought_again_changes_nothing(office: Office) -> None:
    service = office.service
    service.comment(service.root, "Wanneer?", False)
    for _ in range(2):
        office.follow()
    assert office.rows("SELECT count(*), max(jsonb_array_length(revised_from)) FROM message") == [(1, 0)]
    assert office.rows("SELECT repeated > 0 FROM account_state") == [(True,)]


@only(at_x)
def test_a_push_that_is_brought_again_changes_nothing_on_x(office: Office) -> None:
    state = office.service.state
    office.change(consumer_secret=SecretStr(state.consumer_secret))
    body = state.event("post.mention.create", state.posts[office.service.comment("", "Wanneer?", False)])
    for _ in range(2):
        office.receive(state.signed(body), body)
    office.read()
    assert office.rows("SELECT count(*) FROM message") == [(1,)]
    assert office.rows("SELECT repeated FROM account_state") == [(2,)]  # the second push, and reading it


@only(at_facebook)
def test_what_a_colleague_hides_and_shows_again_at_facebook_is_so_at_the_desk(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    for hidden, publication in ((True, "hidden"), (False, "published")):
        service.state.hide(asked, hidden)
        office.follow()
        assert office.rows("SELECT text, publication FROM message") == [("Wat een onzin", publication)]
    assert office.rows("SELECT count(*) FROM ticket_event WHERE type = 'moderated'") == [(2,)]


@only(at_facebook)
def test_hiding_and_showing_again_whose_push_was_lost_are_found_by_looking_again(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    for hidden, publication in ((True, "hidden"), (False, "published"), (True, "hidden")):
        service.state.hide(asked, hidden)
        office.later(hours=2)
        office.read()
        assert office.rows("SELECT text, publication FROM message") == [("Wat een onzin", publication)]


@only(at_facebook)
def test_a_comment_that_is_gone_before_its_hiding_is_looked_at_changes_nothing(office: Office) -> None:
    service = office.service
    asked = service.comment(service.root, "Wat een onzin", False)
    office.read()
    service.state.hide(asked, True)
    service.state.quiet = True
    service.state.remove(asked)
    office.follow()
    assert office.rows("SELECT publication FROM message") == [("published",)]
