"""What an administrator may fill in for a mail account, and what is said when it is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.channels.mail.server import Security
from app.channels.mail.settings import MailSettings

ADDRESS = "info@voorbeeldstad.example"


def made(**given: Any) -> MailSettings:
    return MailSettings.model_validate({"address": ADDRESS, **given})


def test_an_address_is_enough_for_mail_that_is_handed_over() -> None:
    assert made().imap is None
    assert made().smtp is None
    assert made().reply_template == "info+{token}@voorbeeldstad.example"
    assert made().id_domain == "voorbeeldstad.example"


@pytest.mark.parametrize(("security", "imap", "smtp"), [("tls", 993, 465), ("starttls", 143, 587)])
def test_ports_follow_from_the_protection(security: str, imap: int, smtp: int) -> None:
    filled = made(
        imap_host="mx.example", imap_user="u", imap_security=security, smtp_host="mx.example", smtp_security=security
    )
    assert filled.imap is not None
    assert filled.smtp is not None
    assert (filled.imap.port, filled.smtp.port) == (imap, smtp)
    assert filled.imap.security is Security(security)


def test_an_empty_host_from_a_form_is_no_host() -> None:
    assert made(imap_host="", smtp_host="", imap_ca_file="").imap is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_an_unprotected_connection_may_stay_on_this_machine(host: str) -> None:
    assert made(smtp_host=host, smtp_security="none").smtp is not None


WRONG = [
    ({"address": "geen adres"}, "one mail address"),
    ({"address": "a@b.example\r\nBcc: c@d.example"}, "one mail address"),
    ({"aliases": ["goed@b.example", "fout"]}, "number 2"),
    ({"form_senders": ["fout"]}, "number 1"),
    ({"reply_address": "info@voorbeeldstad.example"}, "{token}"),
    ({"reply_address": "{token}{token}@voorbeeldstad.example"}, "{token}"),
    ({"reply_address": "info@{token}.example"}, "before the @"),
    ({"message_id_domain": "geen domein"}, "domain"),
    ({"smtp_host": "mx.voorbeeldstad.example", "smtp_security": "none"}, "this machine"),
    ({"imap_host": "10.0.0.1", "imap_user": "u", "imap_security": "none"}, "this machine"),
    ({"imap_host": "mx.voorbeeldstad.example"}, "user of the mailbox"),
    ({"imap_port": 0}, "greater"),
    ({"onbekend": 1}, "Extra"),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_what_is_wrong_is_said_with_its_remedy(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        made(**given)
    assert says in str(caught.value)


def test_passwords_are_shown_to_nobody() -> None:
    filled = made(imap_password="zeer-geheim", smtp_password="zeer-geheim")
    assert "geheim" not in repr(filled) + str(filled.model_dump())


def test_every_field_has_a_label_in_both_languages() -> None:
    for name, field in MailSettings.model_json_schema()["properties"].items():
        assert set(field["labels"]) == {"nl", "en"}, name
        assert field["description"], name
