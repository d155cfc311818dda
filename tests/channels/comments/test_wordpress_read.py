"""Reading a real WordPress: what is new, what was edited, what is gone, and who wrote it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.channels.comments.wordpress import WordPressChannel
from app.channels.comments.wordpress_comment import Comment
from app.channels.comments.wordpress_read import AWAY, RECENT, Position
from app.channels.contract import (
    Moderation,
    OwnPost,
    Reaction,
    Revision,
    Unreachable,
    Withdrawal,
)
from app.vocabulary import AddressKind, Publication, Verdict, Visibility
from tests.channels.comments.wordpress_setup import channel_of, read, settings
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.resident import resident_bytes
from tests.servers.wordpress import WordPress, backlog


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def channel(wordpress: WordPress, clock: MovingClock) -> WordPressChannel:
    return channel_of(wordpress, clock=clock)


def test_a_comment_by_the_sites_own_form_is_read_once_with_its_page(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Afval & 'grof' vuil")
    number = wordpress.comment(post, "Waarom <b>hier</b>?\n\nEn a < b & 'zo' http://x.example/?a=1&b=2", "Els & Co")
    said, items, cursor = read(channel)
    (reaction,) = said
    assert isinstance(reaction, Reaction)
    assert (reaction.external_id, items[0].key) == (str(number), f"comment:{number}")
    assert reaction.text == "Waarom hier?\n\nEn a < b & 'zo' http://x.example/?a=1&b=2"
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.EMAIL, "els.&.co@burgers.example")
    assert (reaction.author.name, reaction.author.verified) == ("Els & Co", False)
    assert (reaction.visibility, reaction.publication) == (Visibility.PUBLIC, Publication.PUBLISHED)
    assert reaction.subject is not None
    assert (reaction.subject.key, reaction.subject.url) == (f"post:{post}", f"{wordpress.url}/?p={post}")
    assert reaction.subject.title == "Afval & ‘grof’ vuil"
    assert reaction.sent_at is not None
    assert abs(reaction.sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert b"127.0.0.1:" not in items[0].body.replace(wordpress.url.encode(), b"")
    assert b"author_ip" not in items[0].body
    assert read(channel, cursor)[:2] == ([], [])


def test_new_comments_come_oldest_first_page_after_page_though_many_are_of_the_same_second(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Druk")
    backlog(wordpress, post, 350)
    wordpress.sql(
        "UPDATE wp_comments SET comment_date = UTC_TIMESTAMP() - INTERVAL 20 SECOND,"
        " comment_date_gmt = comment_date WHERE comment_author RLIKE 'Bewoner (1..|2[0-4].)$'"
    )
    _, items, cursor = read(channel)
    keys = [item.key for item in items]
    assert len(set(keys)) == 350
    assert sorted(keys) == sorted(channel.inventory())
    assert read(channel, cursor)[1] == []


def test_a_comment_that_waits_for_approval_is_held_and_spam_is_left_alone_until_somebody_says_it_is_none(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Plan")
    wordpress.settings(comment_moderation="1")
    held = wordpress.comment(post, "Mag dit?")
    spam = wordpress.comment(post, "Toch geen reclame", "Ander")
    wordpress.api("POST", f"comments/{spam}", status="spam")
    said, _, cursor = read(channel)
    assert [(one.external_id, getattr(one, "publication", "")) for one in said] == [(str(held), Publication.HELD)]
    wordpress.api("POST", f"comments/{spam}", status="approve")
    clock.move(minutes=90)  # the overlap has passed, the look at recent ones is due
    said, _, cursor = read(channel, cursor)
    assert [one.external_id for one in said] == [str(spam)]


def test_comments_from_before_the_start_are_never_read(wordpress: WordPress, clock: MovingClock) -> None:
    channel = channel_of(wordpress, clock=clock, backfill_days=2)
    post = wordpress.publish("Oud")
    old, young = wordpress.comment(post, "drie dagen geleden"), wordpress.comment(post, "gisteren", "Ander")
    for number, days in ((old, 3), (young, 1)):
        wordpress.sql(
            f"UPDATE wp_comments SET comment_date = comment_date - INTERVAL {days} DAY,"
            f" comment_date_gmt = comment_date_gmt - INTERVAL {days} DAY WHERE comment_ID = {number}"
        )
    said, _, cursor = read(channel)
    assert [one.external_id for one in said] == [str(young)]
    clock.move(minutes=16)
    assert read(channel, cursor)[1] == []
    assert list(channel.inventory()) == [f"comment:{young}"]


@pytest.mark.parametrize(("zone", "offset"), [("Pacific/Auckland", "13"), ("America/Los_Angeles", "-8")])
def test_a_site_far_away_in_its_own_time_is_read_from_now_on(
    wordpress: WordPress, clock: MovingClock, zone: str, offset: str
) -> None:
    wordpress.settings(timezone_string=zone, gmt_offset=offset)
    channel = channel_of(wordpress, clock=clock, backfill_days=0)
    post = wordpress.publish("Ver weg")
    wordpress.comment(post, "Van gisteren")
    wordpress.sql("UPDATE wp_comments SET comment_date = comment_date - INTERVAL 2 HOUR")
    _, items, cursor = read(channel)
    assert items == []
    number = wordpress.comment(post, "Van ver", "Ander")
    (reaction,), _, cursor = read(channel, cursor)
    assert reaction.external_id == str(number)
    assert isinstance(reaction, Reaction)
    assert reaction.sent_at is not None
    assert abs(reaction.sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert read(channel, cursor)[1] == []


def test_an_hour_that_comes_twice_in_autumn_loses_nothing(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Winteruur")
    wordpress.comment(post, "voor het verzetten")
    _, _, cursor = read(channel)
    second = wordpress.comment(post, "erna", "Ander")
    wordpress.sql(
        f"UPDATE wp_comments SET comment_date = comment_date - INTERVAL 55 MINUTE WHERE comment_ID = {second}"
    )
    clock.move(minutes=5)
    assert [one.external_id for one in read(channel, cursor)[0]] == [str(second)]


def test_a_recent_edit_is_seen_at_once_and_each_edit_is_an_item_of_its_own(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    number = wordpress.comment(wordpress.publish("Wijzigen"), "fout")
    _, items, cursor = read(channel)
    keys = [items[0].key]
    for text in ("goed", "fout", "goed"):
        wordpress.api("POST", f"comments/{number}", content=text)
        clock.move(minutes=1)
        said, items, cursor = read(channel, cursor)
        assert said == [Revision(str(number), text, publication=Publication.PUBLISHED)]
        keys += [item.key for item in items]
    assert len(set(keys)) == 4


def test_edits_and_deletions_of_older_comments_are_found_by_looking_again(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Later")
    edited, trashed, deleted, stays = (wordpress.comment(post, text, f"Bewoner {text}") for text in "abcd")
    wordpress.sql("UPDATE wp_comments SET comment_date = comment_date - INTERVAL 5 HOUR")
    wordpress.sql("UPDATE wp_comments SET comment_date_gmt = comment_date")
    last = wordpress.comment(post, "van nu", "Ander")
    said, _, cursor = read(channel)
    assert [one.external_id for one in said] == [str(one) for one in (edited, trashed, deleted, stays, last)]
    wordpress.api("POST", f"comments/{edited}", content="anders")
    wordpress.api("DELETE", f"comments/{trashed}")
    wordpress.api("DELETE", f"comments/{deleted}", force=True)
    assert read(channel, cursor)[0] == []  # not yet looked at again
    clock.move(minutes=16)
    said, _, cursor = read(channel, cursor)
    assert said == [
        Revision(str(edited), "anders", publication=Publication.PUBLISHED),
        Withdrawal(str(trashed)),
        Withdrawal(str(deleted)),
    ]
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == []


def test_what_we_removed_ourselves_is_not_withdrawn_until_it_is_deleted(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    number = wordpress.comment(wordpress.publish("Grof"), "Onbehoorlijk")
    _, _, cursor = read(channel)
    channel.moderate(Moderation(str(number), Verdict.REMOVE, "Scheldwoorden."))
    clock.move(minutes=16)
    said, _, cursor = read(channel, cursor)
    assert said == []
    channel.moderate(Moderation(str(number), Verdict.RESTORE, "Toch niet."))
    clock.move(minutes=16)
    said, _, cursor = read(channel, cursor)
    assert said == []
    channel.moderate(Moderation(str(number), Verdict.REMOVE, "Toch wel."))
    wordpress.api("DELETE", f"comments/{number}", force=True)
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == [Withdrawal(str(number))]


def test_a_page_that_goes_to_the_trash_takes_its_comments_along(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Weg ermee")
    number = wordpress.comment(post, "Nee")
    _, _, cursor = read(channel)
    wordpress.api("DELETE", f"posts/{post}")
    clock.move(minutes=16)
    said, _, cursor = read(channel, cursor)
    assert said == [Withdrawal(str(number))]
    wordpress.restore(post)
    clock.move(minutes=16)
    said, _, cursor = read(channel, cursor)
    assert said == [Revision(str(number), "Nee", publication=Publication.PUBLISHED, back=True)]
    assert read(channel, cursor)[0] == []


def test_what_is_held_approved_binned_and_restored_there_is_followed_without_the_plugin(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    number = wordpress.comment(wordpress.publish("Beheer"), "Mag dit?")
    _, _, cursor = read(channel)
    for status, publication, back in (
        ("hold", Publication.HELD, False), ("approve", Publication.PUBLISHED, False),
        ("spam", None, False), ("unspam", Publication.PUBLISHED, True),
        ("trash", None, False), ("untrash", Publication.PUBLISHED, True), ("trash", None, False),
    ):  # fmt: skip
        wordpress.api("POST", f"comments/{number}", status=status)
        clock.move(minutes=16)
        said, _, cursor = read(channel, cursor)
        changed = Revision(str(number), "Mag dit?", publication=publication, back=back)
        assert said == [changed if publication else Withdrawal(str(number))]
    wordpress.api("DELETE", f"comments/{number}", force=True)
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == [], "it was gone already"


def test_what_is_away_does_not_push_out_what_is_there() -> None:
    """An older one that moves up in the list of the newest must not take the place of one whose edits are still to be seen."""
    seen = {number: AWAY if number == 490 else "version" for number in range(1, RECENT + 1)}
    at = datetime(2026, 11, 29, tzinfo=UTC)
    kept = Position(at, at, 0.0, {number + 1: version for number, version in seen.items()}).with_seen([Comment(id=1)])
    assert set(kept.seen) == set(range(2, RECENT + 2))
    assert kept.with_seen([Comment(id=999)]).seen.keys() == {*range(3, RECENT + 2), 999}


def test_a_signed_in_visitor_is_known_by_the_site_and_whoever_may_moderate_is_one_of_us(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Wie")
    question = wordpress.comment(post, "Vraag?")
    visitor, password = wordpress.user_with_role("subscriber", "inwoner")
    colleague, colleagues_password = wordpress.user_with_role("editor", "redacteur")
    for user, word in (("inwoner", password), ("redacteur", colleagues_password)):
        own = WordPressChannel(settings(wordpress.url, user, word))
        own._api.create({"post": post, "parent": question, "content": f"van {user}"})
    _, reaction, own_post = read(channel)[0]
    assert isinstance(reaction, Reaction)
    assert reaction.author.verified
    assert reaction.author.address == f"wordpress:{wordpress.url.removeprefix('http://')}:{visitor}"
    assert (reaction.parent_id, reaction.text) == (str(question), "van inwoner")
    assert isinstance(own_post, OwnPost)
    assert (own_post.parent_id, own_post.text, own_post.author_name) == (str(question), "van redacteur", "redacteur")
    assert colleague


def test_a_reader_who_is_editor_reads_all_and_a_subscriber_is_told_what_is_missing(wordpress: WordPress) -> None:
    post = wordpress.publish("Rollen")
    number = wordpress.comment(post, "Iets")
    _, password = wordpress.user_with_role("editor", "lezer")
    editor = WordPressChannel(settings(wordpress.url, "lezer", password))
    assert [one.external_id for one in read(editor)[0]] == [str(number)]
    assert editor.check().problem is None
    _, password = wordpress.user_with_role("subscriber", "abonnee")
    health = WordPressChannel(settings(wordpress.url, "abonnee", password)).check()
    assert "role" in (health.problem or "")
    wrong = WordPressChannel(settings(wordpress.url, "lezer", "abcd efgh"))
    assert "application password" in (wrong.check().problem or "")
    with pytest.raises(Unreachable, match="application password"):
        read(wrong)


@pytest.mark.chaos
def test_a_backlog_of_ten_thousand_is_read_whole_in_constant_memory(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    backlog(wordpress, wordpress.publish("Storm"), 10_000)
    before = resident_bytes()
    keys: set[str] = set()
    most = 0
    for page in channel.pull(None):
        keys.update(item.key for item in page.items)
        assert len(page.cursor) < 40_000
        most = max(most, resident_bytes() - before)
    assert len(keys) == 10_000
    assert most < 50_000_000
