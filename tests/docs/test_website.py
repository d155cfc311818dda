import json
import re

from app.api.reactions import NewReaction
from app.channels.comments.settings import FormSettings
from app.public.assets import COMMENTS_ELEMENT, files
from tests.docs.pages import ROOT, blocks, coded, page, rows, section

PAGE = page("integrations/website")
SCRIPT = files.content[COMMENTS_ELEMENT].decode()


def test_the_attributes_are_those_that_the_element_reads() -> None:
    told = {coded(row[0])[0] for row in rows(section(PAGE, "The element")) if not row[0].startswith("`--")}
    read = set(re.findall(r'this\.getAttribute\("([a-z-]+)"\)', SCRIPT)) | {"lang"}
    assert told == read


def test_every_property_of_the_style_is_told_and_no_other() -> None:
    told = {name for name in coded(section(PAGE, "The element")) if name.startswith("--weerklank-")}
    assert told == set(re.findall(r"var\((--weerklank-[a-z-]+)", SCRIPT))


def test_every_part_is_told_and_no_other() -> None:
    line = section(PAGE, "The element").partition("`::part()`")[2].partition("Keep")[0]
    assert set(coded(line)) == set(
        re.findall(r'part"?: "([a-z-]+)"', SCRIPT) + re.findall(r'"part", "([a-z-]+)"', SCRIPT)
    )


def test_the_event_is_the_one_that_is_sent() -> None:
    assert "`weerklank-sent`" in PAGE
    assert 'CustomEvent("weerklank-sent"' in SCRIPT


def test_the_defaults_are_those_of_the_settings() -> None:
    settings = FormSettings()
    assert settings.moderation == "after"
    assert "**After publication** (the default)" in PAGE
    assert f"({settings.min_seconds:g} seconds\n  unless set otherwise)" in PAGE


def test_what_is_published_has_the_fields_of_the_example() -> None:
    (example,) = blocks(section(PAGE, "What is published, and moderation"), "json")
    comment = json.loads(example)["comments"][0]
    source = (ROOT / "app/public/published.py").read_text(encoding="utf-8")
    assert set(re.findall(r'^        "(\w+)":', source, re.MULTILINE)) >= {*comment, *comment["answers"][0]}


def test_the_api_page_has_every_field_of_a_reaction() -> None:
    told = {name for row in rows(section(page("api"), "Reactions from a site's own server")) for name in coded(row[0])}
    aliases = {field.alias or name for name, field in NewReaction.model_fields.items()}
    assert aliases - told == set()
