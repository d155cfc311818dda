"""Writing to a real WordPress: answers, corrections and verdicts, looked at on its own page."""

from collections.abc import Callable

import pytest

from app.channels.comments.wordpress import KIND, WordPressChannel
from app.channels.contract import (
    AttachmentOut,
    Moderation,
    OwnPost,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    capabilities,
)
from app.fetch import Fetched, FetchError, fetch
from app.vocabulary import Verdict, Visibility
from tests.channels.comments.wordpress_setup import answer, channel_of, read, settings, under_page
from tests.servers.wordpress import WordPress


@pytest.fixture
def channel(wordpress: WordPress) -> WordPressChannel:
    return channel_of(wordpress)


def test_an_answer_stands_under_the_comment_on_the_page_signed_and_harmless(
    wordpress: WordPress, channel: WordPressChannel
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
    reaction, echo = read(channel)[0]
    assert reaction.external_id == str(number)
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
