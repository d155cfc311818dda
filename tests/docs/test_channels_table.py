from app.channels.contract import CAPABILITIES
from app.channels.mail.settings import MailSettings
from app.channels.registry import KINDS
from tests.docs.capabilities import PAGE, table, with_table
from tests.docs.pages import coded, page, rows, section


def test_the_table_of_capabilities_is_what_the_code_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text), "run `make docs`"


def test_the_table_has_every_kind_and_every_protocol() -> None:
    made = table()
    assert all(f"`{kind.key}`" in made for kind in KINDS)
    assert all(protocol.__name__ in made for protocol in CAPABILITIES)


def test_a_kind_that_pulls_and_sends_is_shown_so() -> None:
    names = [protocol.__name__ for protocol in CAPABILITIES]
    mail = next(row for row in rows(table()) if row[0] == "`mail`")
    able = {name for name, cell in zip(names, mail[2:], strict=True) if cell == "yes"}
    assert able == {"Pulls", "Listens", "Accepts", "Completes", "Lists", "Sends"}


def test_the_page_explains_every_protocol() -> None:
    explained = {row[0] for row in rows(page("channels"))}
    assert {protocol.__name__ for protocol in CAPABILITIES} <= explained


def test_the_page_describes_every_kind() -> None:
    named = set(coded(page("channels")))
    assert {kind.key for kind in KINDS} <= named


def test_every_setting_of_a_mail_account_is_told_by_its_label() -> None:
    told = " ".join(row[0] for row in rows(section(page("channels"), "Mail"))).lower()
    properties = MailSettings.model_json_schema()["properties"].values()
    labels = [
        str(told_as["labels"]["en"]).lower().removeprefix("imap ").removeprefix("smtp ") for told_as in properties
    ]
    assert len(labels) > 20
    assert [label for label in labels if label not in told] == []
