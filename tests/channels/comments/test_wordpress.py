"""A real WordPress: what is read from it, what is written to it, and what becomes of both."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.channels.comments.wordpress import KIND, WordPressChannel
from app.channels.contract import (
    AttachmentOut,
    Moderation,
    OwnPost,
    Reaction,
    Refused,
    Revision,
    Sent,
    Uncertain,
    Unreachable,
    Withdrawal,
    capabilities,
)
from app.fetch import Fetched, FetchError, fetch
from app.vocabulary import AddressKind, Publication, Verdict, Visibility
from tests.channels.comments.wordpress_setup import answer, channel_of, read, settings, under_page
from tests.channels.social.moving_clock import MovingClock
from tests.channels.social.resident import resident_bytes
from tests.servers.wordpress import WordPress, backlog

SETTLED = {"minutes": 3}


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def channel(wordpress: WordPress, clock: MovingClock) -> WordPressChannel:
    return channel_of(wordpress, clock=clock)


# --- in ------------------------------------------------------------------------------------------------------------


def test_a_comment_by_the_sites_own_form_is_read_once_with_its_page(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Afval & 'grof' vuil")
    number = wordpress.comment(post, "Waarom <b>hier</b>?\n\nEn a < b & 'zo' http://x.example/?a=1&b=2", "Els")
    said, items, cursor = read(channel)
    (reaction,) = said
    assert isinstance(reaction, Reaction)
    assert (reaction.external_id, items[0].key) == (str(number), f"comment:{number}")
    assert reaction.text == "Waarom hier?\n\nEn a < b & 'zo' http://x.example/?a=1&b=2"
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.EMAIL, "els@burgers.example")
    assert (reaction.author.name, reaction.author.verified) == ("Els", False)
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
        assert said == [Revision(str(number), text)]
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
    assert said == [Revision(str(edited), "anders"), Withdrawal(str(trashed)), Withdrawal(str(deleted))]
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == []


def test_a_page_that_goes_to_the_trash_takes_its_comments_along(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Weg ermee")
    number = wordpress.comment(post, "Nee")
    _, _, cursor = read(channel)
    wordpress.api("DELETE", f"posts/{post}")
    clock.move(minutes=16)
    assert read(channel, cursor)[0] == [Withdrawal(str(number))]


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


# --- out -----------------------------------------------------------------------------------------------------------


def test_an_answer_stands_under_the_comment_on_the_page_signed_and_harmless(
    wordpress: WordPress, channel: WordPressChannel, clock: MovingClock
) -> None:
    post = wordpress.publish("Antwoord")
    number = wordpress.comment(post, "Wanneer?")
    text = "Op <script>alert(1)</script> & dinsdag.\n\nGroet"
    sent = channel.send(answer(number, text, signed_by="Team Groen"))
    page = wordpress.page(post)
    assert f'id="comment-{sent.external_id}"' in page
    assert "Team Groen" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; dinsdag." in page
    assert page.index("Wanneer?") < page.index("dinsdag")
    assert sent.url.endswith(f"#comment-{sent.external_id}")
    assert [one.external_id for one in read(channel)[0]] == [str(number)]  # our own waits until it is written down
    clock.move(**SETTLED)
    echo = read(channel)[0][-1]
    assert isinstance(echo, OwnPost)
    assert (echo.external_id, echo.text, echo.parent_id) == (sent.external_id, text, str(number))


def test_our_own_answer_is_found_by_its_key_wherever_it_went(wordpress: WordPress, channel: WordPressChannel) -> None:
    number = wordpress.comment(wordpress.publish("Zoek"), "Waar?")
    first = answer(number, "Hier.", key="wk1.0000000000000001")
    other = answer(number, "Daar.", key="wk2.0000000000000002")
    assert channel.find_sent(first) is None
    sent = channel.send(first)
    found = channel.find_sent(first)
    assert found is not None
    assert (found.external_id, found.url) == (sent.external_id, sent.url)
    assert channel.find_sent(other) is None
    assert channel.find_sent(answer(number, "Hier.", key="wk3.0000000000000003")) is None
    channel.amend(sent, answer(number, "Hier, naast de kerk.", key="wk1.0000000000000001"))
    channel.retract(sent)
    assert channel.find_sent(first) is not None  # in the trash: it did go out
    wordpress.sql(f"UPDATE wp_comments SET comment_agent = '' WHERE comment_ID = {sent.external_id}")
    assert channel.find_sent(answer(number, "Hier, naast\nde kerk.")) is not None


def test_a_site_that_falls_silent_after_accepting_is_asked_before_anything_is_sent_again(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Stil")
    number = wordpress.comment(post, "Hallo?")

    def deaf(method: str, url: str, **more: object) -> Fetched:
        answered = fetch(method, url, **more)  # type: ignore[arg-type]
        if method == "POST":
            raise FetchError("no whole answer within the deadline", sent=True)
        return answered

    message = answer(number, "Hallo terug.")
    with pytest.raises(Uncertain):
        channel_of(wordpress, http=deaf).send(message)
    found = channel.find_sent(message)
    assert found is not None
    assert channel.send(message) == found  # WordPress itself refuses the same words twice: they are there
    assert wordpress.page(post).count("Hallo terug.") == 1


def test_the_same_words_under_another_comment_are_another_answer(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Tweemaal")
    one, two = wordpress.comment(post, "Een?"), wordpress.comment(post, "Twee?", "Ander")
    sent = {channel.send(answer(number, "Dank u.", key=f"wk{number}.0")).external_id for number in (one, two)}
    assert len(sent) == 2


def test_a_publication_without_a_parent_stands_under_the_page(wordpress: WordPress, channel: WordPressChannel) -> None:
    post = wordpress.publish("Samen")
    message = answer("", "Wij vatten samen.", thread=under_page(post))
    sent = channel.send(message)
    assert "Wij vatten samen." in wordpress.page(post)
    assert channel.find_sent(message) == sent
    with pytest.raises(Refused, match="page"):
        channel.send(answer("", "Nergens"))


def test_what_nobody_would_see_or_everybody_should_not_is_refused_before_it_is_sent(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Nee")
    number = wordpress.comment(post, "Vraag?")
    refused = {
        "too_long": answer(number, "é" * 40_000),
        "private": answer(number, "Onder ons", visibility=Visibility.DIRECT),
        "attachments": answer(number, "Zie", attachments=(AttachmentOut("a.pdf", "application/pdf", 1, lambda: b"x"),)),
        "gone": answer(999_999, "Wie?"),
        "rest_comment_invalid_id": answer("sociaal:12/../posts", "Wie?"),
    }
    wordpress.api("POST", f"comments/{number}", status="hold")
    refused["held"] = answer(number, "Nu niet")
    for code, message in refused.items():
        with pytest.raises(Refused) as caught:
            channel.send(message)
        assert caught.value.code == code
    wordpress.api("POST", f"comments/{number}", status="approve")
    wordpress.sql(f"UPDATE wp_posts SET comment_status = 'closed' WHERE ID = {post}")
    with pytest.raises(Refused, match="closed"):
        channel.send(answer(number, "Te laat"))


def test_the_longest_answer_that_fits_is_taken_by_wordpress(wordpress: WordPress, channel: WordPressChannel) -> None:
    number = wordpress.comment(wordpress.publish("Lang"), "Vertel?")
    assert channel.limits.max_length is not None
    longest = "<" + "a" * (channel.limits.max_length - len("&lt;"))
    assert channel.limits.measure(longest) == channel.limits.max_length
    sent = channel.send(answer(number, longest))
    raw = wordpress.api("GET", f"comments/{sent.external_id}", context="edit")["content"]["raw"]
    assert raw == longest.replace("<", "&lt;")


def test_our_answer_is_corrected_in_place_and_taken_back(wordpress: WordPress, channel: WordPressChannel) -> None:
    post = wordpress.publish("Herstel")
    number = wordpress.comment(post, "Wanneer?")
    sent = channel.send(answer(number, "Dinsdag."))
    for _ in range(2):
        assert channel.amend(sent, answer(number, "Woensdag.")).external_id == sent.external_id
    assert "Woensdag." in wordpress.page(post)
    assert "Dinsdag." not in wordpress.page(post)
    for _ in range(2):
        channel.retract(sent)
    assert "Woensdag." not in wordpress.page(post)
    channel.retract(Sent("999999"))


def test_every_verdict_is_carried_out_on_the_page_and_may_be_repeated(
    wordpress: WordPress, channel: WordPressChannel
) -> None:
    post = wordpress.publish("Oordeel")
    wordpress.settings(comment_moderation="1")
    number = wordpress.comment(post, "Zichtbaar?")
    wordpress.settings(comment_moderation="0")
    wordpress.sql("UPDATE wp_comments SET comment_author_IP = '192.0.2.7', comment_agent = 'Bladeraar/1.0'")
    seen: Callable[[], bool] = lambda: "Zichtbaar?" in wordpress.page(post)  # noqa: E731
    assert not seen()
    for verdict, visible in (
        (Verdict.APPROVE, True),
        (Verdict.HIDE, False),
        (Verdict.RESTORE, True),
        (Verdict.REMOVE, False),
        (Verdict.HIDE, False),
        (Verdict.RESTORE, True),
    ):
        for _ in range(2):
            channel.moderate(Moderation(str(number), verdict, "omdat"))
            assert seen() is visible, verdict
    assert wordpress.sql("SELECT comment_author_IP, comment_agent FROM wp_comments") == "192.0.2.7\tBladeraar/1.0\n"
    wordpress.api("POST", f"comments/{number}", status="spam")
    channel.moderate(Moderation(str(number), Verdict.REMOVE, "weg"))
    channel.moderate(Moderation(str(number), Verdict.APPROVE, "toch"))
    assert seen()
    wordpress.api("DELETE", f"comments/{number}", force=True)
    channel.moderate(Moderation(str(number), Verdict.REMOVE, "weg"))
    with pytest.raises(Refused, match="gone"):
        channel.moderate(Moderation(str(number), Verdict.RESTORE, "terug"))


def test_a_verdict_of_an_account_without_the_right_is_refused(wordpress: WordPress) -> None:
    number = wordpress.comment(wordpress.publish("Recht"), "Iets")
    _, password = wordpress.user_with_role("author", "schrijver")
    author = WordPressChannel(settings(wordpress.url, "schrijver", password))
    with pytest.raises(Unreachable, match="role"):
        author.moderate(Moderation(str(number), Verdict.HIDE, "x"))


def test_the_channel_can_do_what_its_protocols_say() -> None:
    able = {"Pulls", "Receives", "Lists", "Sends", "Amends", "Moderates"}
    assert set(capabilities(KIND.channel)) == able
    assert (KIND.key, KIND.family) == ("comments.wordpress", "comments")
