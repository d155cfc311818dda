"""What the pages point at exists: links, headings, files, commands."""

import re
from pathlib import Path

import pytest

from app.cli import parser
from app.settings import PREFIX, Settings
from app.storage import revision
from tests.docs.pages import PAGES, ROOT, blocks, coded, without_blocks

LINK = re.compile(r"\]\(([^)\s]+)\)")
IN_THE_TREE = re.compile(r"(app|tests|docs|migrations)/[\w./*{}<>-]*|[\w-]+/\w+\.py")
EMAIL = "you@voorbeeldstad.example"
NOT_SETTINGS = {f"{PREFIX}TEST_DATABASE_URL"}

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def anchors(path: Path) -> set[str]:
    """The headings of a page as GitHub and Forgejo name them."""
    found = re.findall(r"^#+ (.+)$", without_blocks(path.read_text(encoding="utf-8")), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in found]
    return {heading.replace(" ", "-") for heading in plain}


@every_page
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = []
    for link in LINK.findall(without_blocks(path.read_text(encoding="utf-8"))):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@every_page
def test_every_file_that_a_page_names_exists(path: Path) -> None:
    named = [word for word in coded(without_blocks(path.read_text(encoding="utf-8"))) if IN_THE_TREE.fullmatch(word)]
    missing = [word for word in named if not any(mark in word for mark in "*{<") and not _exists(word)]
    assert missing == []


@every_page
def test_every_setting_that_a_page_names_exists(path: Path) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named - known - NOT_SETTINGS == set()


@every_page
def test_every_command_that_a_page_shows_is_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = [line for block in blocks(text, "sh") for line in block.splitlines() if re.match(r"weerklank ", line)]
    shown += [word for word in coded(without_blocks(text)) if re.match(r"weerklank [a-z]", word)]
    for command in shown:
        if not set(command) & set("…[") and not command.startswith("weerklank COMMAND"):
            _parses(command)


@every_page
def test_what_make_is_told_to_do_it_can(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    told = {word.split()[1] for word in coded(text) if re.fullmatch(r"make [a-z0-9-]+", word)}
    told |= {found for block in blocks(text, "sh") for found in re.findall(r"^make ([a-z0-9-]+)", block, re.MULTILINE)}
    assert told - targets == set()


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## [Unreleased]") == text.index("## [")
    assert list((revision.folder() / "versions").glob("*.py")), "there is a first migration to speak of"


def _exists(word: str) -> bool:
    return (ROOT / word).exists() or (ROOT / "app" / word).exists()


def _parses(command: str) -> None:
    """Only whether it is understood: `parse_args` ends the program for what is not."""
    words = [re.sub(r"^[\"']|[\"']$", "", word) for word in re.findall(r"\"[^\"]*\"|\S+", command)][1:]
    needed = {
        "token create": ["x", "--site", "x", "--scope", "reactions:create"],
        "admin create": [EMAIL, "--name", "x"],
    }
    given = [*words, *needed.get(" ".join(words), [])]
    if given == ["mail-in"]:
        given += ["--recipient", EMAIL]
    try:
        parser().parse_args(given)
    except SystemExit:
        pytest.fail(f"`{command}` is not understood")
