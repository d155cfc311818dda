import pytest
from pydantic import SecretStr

from app.accounts.connection import connected_fields
from app.channels.comments.settings import FormSettings
from app.channels.contract import Kind
from app.channels.mail.settings import MailSettings
from app.channels.registry import KINDS
from app.desk import drawn
from app.errors import Invalid
from app.vocabulary import Language
from app.web.i18n import translations

SECRET = SecretStr("geheim")
STORED = MailSettings(
    address="info@voorbeeldstad.example", imap_host="localhost", imap_user="info", imap_password=SECRET
)


def given(settings: MailSettings | None = STORED) -> dict[str, str]:
    """What a browser sends when nobody touches the form."""
    return {box.name: box.value for box in drawn.boxes(MailSettings, settings, {}, Language.DUTCH)}


def test_a_secret_is_never_written_on_the_page_and_an_empty_box_keeps_it() -> None:
    box = next(b for b in drawn.boxes(MailSettings, STORED, {}, Language.DUTCH) if b.name == "setting_imap_password")
    assert (box.shape, box.value, box.stored) == ("secret", "", True)
    assert drawn.read(MailSettings, given(), STORED) == STORED


def test_a_new_secret_replaces_the_old_one() -> None:
    read = drawn.read(MailSettings, {**given(), "setting_imap_password": "nieuw"}, STORED)
    assert isinstance(read, MailSettings)
    assert read.imap_password.get_secret_value() == "nieuw"


def test_wrong_fields_are_all_named_at_once_and_never_echoed() -> None:
    with pytest.raises(Invalid) as refused:
        drawn.read(MailSettings, {**given(), "setting_address": "geen adres", "setting_imap_port": "70000"}, None)
    assert {fault.field for fault in refused.value.faults} == {"address", "imap_port"}
    assert "geen adres" not in str(refused.value.faults)


def test_lists_are_one_value_a_line() -> None:
    typed = "a@voorbeeldstad.example\r\n\r\nb@voorbeeldstad.example"
    read = drawn.read(MailSettings, {**given(), "setting_aliases": typed}, STORED)
    assert isinstance(read, MailSettings)
    assert read.aliases == ("a@voorbeeldstad.example", "b@voorbeeldstad.example")


def test_fields_that_begin_alike_stand_together_under_that_name() -> None:
    groups = drawn.grouped(drawn.boxes(MailSettings, None, {}, Language.DUTCH))
    titles = [title for title, _ in groups]
    assert "IMAP" in titles
    assert "SMTP" in titles
    assert sum(len(boxes) for _, boxes in groups) == len(MailSettings.model_fields)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@pytest.mark.parametrize("language", list(Language))
def test_every_kind_can_be_drawn_with_a_label_for_every_field(kind: Kind, language: Language) -> None:
    boxes = drawn.boxes(kind.settings, None, {}, language)
    assert len(boxes) == len(set(kind.settings.model_fields) - connected_fields(kind.settings))
    assert all(box.label for box in boxes)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_every_hint_of_every_kind_exists_in_dutch(kind: Kind) -> None:
    hints = {box.hint for box in drawn.boxes(kind.settings, None, {}, Language.DUTCH) if box.hint}
    dutch = translations(Language.DUTCH)
    assert {hint for hint in hints if dutch.gettext(hint) == hint} == set()


def test_a_choice_is_shown_by_its_label_and_sent_by_its_value() -> None:
    box = next(b for b in drawn.boxes(FormSettings, None, {}, Language.DUTCH) if b.name == "setting_moderation")
    assert box.options == (("after", "Na publicatie"), ("before", "Voor publicatie"))
