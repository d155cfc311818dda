"""What an account's page says that this very account can do."""

from collections.abc import Mapping, Sequence

from app.channels.contract import AccountConfig
from app.channels.mail.channel import KIND as MAIL
from app.channels.social.facebook import FacebookChannel
from app.channels.social.facebook_settings import FacebookSettings
from app.channels.social.mastodon import MastodonChannel
from app.channels.social.mastodon_settings import MastodonSettings
from app.channels.social.x import XChannel
from app.channels.social.x_settings import XSettings
from app.desk.able import able
from app.vocabulary import Language

HEALTH = {"missing_scopes": ["write:statuses"], "quotas": [{"unit": "calls (reading)", "used": 12, "limit": 300}]}


def mastodon(**given: object) -> MastodonChannel:
    return MastodonChannel(MastodonSettings.model_validate(given))


def said(lines: Sequence[tuple[str, Sequence[str]]]) -> Mapping[str, Sequence[str]]:
    return dict(lines)


def test_a_servers_own_limit_and_the_rights_that_were_given_are_this_accounts() -> None:
    settings = MastodonSettings(max_characters=5000, scopes=("read:statuses",))
    shown = said(able(MastodonChannel(settings), settings, HEALTH, None, Language.DUTCH))
    assert "Hoogstens 5.000 tekens, zoals de dienst telt" in shown["Antwoorden"]
    assert "Langere worden niet verstuurd" in shown["Antwoorden"]
    assert shown["Privé"][0] == "Alleen de afzender, als rechtstreeks bericht"
    assert shown["Rechten"] == ("read:statuses",)
    assert shown["Kijk hiernaar"] == ["ontbrekende rechten: write:statuses"]
    assert shown["Tegoed"] == ["12 van 300 aanroepen (lezen) gebruikt"]


def test_two_accounts_of_one_kind_may_differ() -> None:
    first, second = (XSettings(split=split, max_length=most) for split, most in ((False, 280), (True, 25_000)))
    shown = [said(able(XChannel(one), one, None, 1.5, Language.ENGLISH)) for one in (first, second)]
    assert [one["Answers"][1:] for one in shown] == [
        ["At most 280 characters, as the service counts", "Longer ones are not sent"],
        ["At most 25,000 characters, as the service counts", "Longer ones go out as several posts"],
    ]
    assert shown[0]["Price"] == ["About $0.010", "About $0.200 with a link in it"]
    assert shown[0]["Allowance"] == ["$1.50 spent"]


def test_how_long_a_private_reply_is_possible_is_said() -> None:
    settings = FacebookSettings()
    shown = said(able(FacebookChannel(settings), settings, None, None, Language.ENGLISH))
    assert shown["In private"][-1] == "Within 7 days"


def test_a_mailbox_that_cannot_send_does_not_claim_to() -> None:
    settings = MAIL.settings.model_validate({"address": "info@voorbeeldstad.example"})
    channel = MAIL.build(AccountConfig(1, "Post", settings, "https://desk.voorbeeldstad.example/hooks/k"))
    shown = said(able(channel, settings, None, None, Language.ENGLISH))
    assert "Answers" not in shown["Can"]
