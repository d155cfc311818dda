"""Secrets of accounts at rest and in forms."""

import pytest
from cryptography.fernet import Fernet, MultiFernet
from pydantic import BaseModel, SecretStr

from app.accounts.sealed import KEEP, read, reseal, seal, shown, unseal
from app.errors import Invalid


class Mailbox(BaseModel):
    host: str
    port: int = 993
    password: SecretStr = SecretStr("")


OLD, NEW = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
MAILBOX = Mailbox(host="imap.voorbeeldstad.example", password=SecretStr("geheim-woord"))


def test_sealed_settings_come_back_whole_and_hide_their_secret() -> None:
    sealed = seal(MultiFernet([OLD]), MAILBOX)
    assert b"geheim-woord" not in sealed
    assert unseal(MultiFernet([OLD]), Mailbox, sealed) == MAILBOX


def test_after_resealing_the_old_key_may_go() -> None:
    sealed = reseal(MultiFernet([NEW, OLD]), seal(MultiFernet([OLD]), MAILBOX))
    assert unseal(MultiFernet([NEW]), Mailbox, sealed) == MAILBOX


def test_a_lost_key_is_said_in_words() -> None:
    with pytest.raises(Invalid) as raised:
        unseal(MultiFernet([NEW]), Mailbox, seal(MultiFernet([OLD]), MAILBOX))
    assert raised.value.code == "account_sealed"
    assert "WEERKLANK_SECRET_KEYS" in raised.value.fix


def test_a_form_shows_that_a_secret_is_set_and_never_which() -> None:
    assert shown(MAILBOX) == {"host": "imap.voorbeeldstad.example", "port": 993, "password": KEEP}
    assert shown(Mailbox(host="h"))["password"] == ""


def test_a_secret_left_alone_in_the_form_stays() -> None:
    kept = read(Mailbox, {"host": "nieuw.example", "password": KEEP}, before=MAILBOX)
    assert kept == Mailbox(host="nieuw.example", password=SecretStr("geheim-woord"))


def test_every_wrong_field_is_named_at_once_without_its_value() -> None:
    with pytest.raises(Invalid) as raised:
        read(Mailbox, {"port": "geheim-getal"})
    assert [f.field for f in raised.value.faults] == ["host", "port"]
    assert "geheim-getal" not in str(raised.value.faults)
