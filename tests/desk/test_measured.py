"""What the composer says of an answer while it is written."""

from app.channels.contract import Audience, Limits
from app.channels.social.mastodon import MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from app.channels.social.x import XChannel
from app.channels.social.x_settings import XSettings
from app.desk.measured import audience, measured
from app.vocabulary import Language, Visibility

EVERYBODY = Audience(True, {"nl": "Iedereen", "en": "Everybody"})


def test_what_must_go_is_named_with_the_words_before_it() -> None:
    found = measured(Limits(EVERYBODY, max_length=20), "Dit is een zin die te lang is.", Language.DUTCH)
    assert (found.over, found.at, found.length, found.most) == (True, 20, 30, 20)
    assert found.kept + found.excess == "Dit is een zin die te lang is."
    assert found.excess == "e lang is."


def test_white_space_round_a_text_counts_for_nothing_and_moves_the_mark() -> None:
    limits = Limits(EVERYBODY, max_length=4)
    assert not measured(limits, "  vier \n", Language.DUTCH).over
    assert measured(limits, "  vijfde\n", Language.DUTCH).at == 6


def test_splitting_is_said_with_the_number_of_posts_only_where_it_was_chosen() -> None:
    text = " ".join(["woord"] * 200)
    alone = MastodonChannel(MastodonSettings()).limits
    split = MastodonChannel(MastodonSettings(split=True)).limits
    assert measured(alone, text, Language.ENGLISH).over
    assert measured(split, text, Language.ENGLISH).said == "Goes out as 3 posts."
    assert measured(split, text, Language.DUTCH).said == "Gaat uit als 3 berichten."
    assert measured(split, "kort", Language.DUTCH).said == ""


def test_what_an_answer_costs_is_said() -> None:
    limits = Limits(EVERYBODY, max_length=280, cost=lambda _: 0.015)
    assert measured(limits, "Dank u wel.", Language.DUTCH).said == "Kost ongeveer $0.015."


def test_the_audience_of_a_direct_message_is_its_sender_also_where_the_channel_is_public() -> None:
    public = Limits(EVERYBODY)
    assert audience(public, Visibility.PUBLIC, Language.DUTCH) == (True, "Iedereen")
    assert audience(public, Visibility.DIRECT, Language.DUTCH) == (False, "Alleen degene die u antwoordt")
    mastodon = MastodonChannel(MastodonSettings()).limits
    assert audience(mastodon, Visibility.DIRECT, Language.ENGLISH) == (False, "Only the sender, as a direct post")


def test_on_x_splitting_is_said_with_what_all_posts_cost_and_an_address_makes_one_dear() -> None:
    once = XChannel(XSettings()).limits
    split = XChannel(XSettings(split=True)).limits
    text = " ".join(["woord"] * 100)
    assert measured(once, "Dank u wel.", Language.ENGLISH).said == "Costs about $0.010."
    assert measured(once, "Zie https://example.org/afval", Language.ENGLISH).said == "Costs about $0.200."
    assert measured(once, text, Language.ENGLISH).over
    assert measured(split, text, Language.ENGLISH).said == "Goes out as 3 posts. Costs about $0.030."
