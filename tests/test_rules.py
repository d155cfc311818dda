"""Rules of the house that no linter knows, held by looking at the files."""

import re
import subprocess
from pathlib import Path

from app.settings import PREFIX, Settings
from app.storage import revision

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "app").rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if ".tools" not in path.parts)
LONGEST = 400
FORBIDDEN_NAMES = {"service", "services", "utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
# What is found in a list, said by path from the root.
Found = list[str]


def lines_with(pattern: str, paths: list[Path], except_in: tuple[str, ...] = ()) -> Found:
    """`path:line` of every match outside the excepted files."""
    expression = re.compile(pattern)
    return [
        f"{name}:{number}"
        for path in paths
        if (name := path.relative_to(ROOT).as_posix()) not in except_in
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if expression.search(line)
    ]


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = r"datetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\("
    assert lines_with(asking, SOURCES, ("app/clock.py",)) == []


def test_only_the_database_commits() -> None:
    assert lines_with(r"\.commit\(", SOURCES, ("app/storage/database.py",)) == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {path.relative_to(ROOT).as_posix(): size for path in SOURCES + TESTS if (size := _length(path)) > LONGEST}
    assert long == {}


def test_files_are_named_by_what_they_do() -> None:
    named = [path.relative_to(ROOT).as_posix() for path in SOURCES if {path.stem, path.parent.name} & FORBIDDEN_NAMES]
    assert named == []


def test_nothing_is_left_to_be_done_and_nothing_pretends() -> None:
    assert lines_with(r"\b(TODO|FIXME|XXX)\b|NotImplementedError", SOURCES) == []


def test_our_own_modules_are_imported_at_the_top_only() -> None:
    assert lines_with(r"^\s+(from app[. ]|import app\b)|\bTYPE_CHECKING\b", SOURCES) == []


def test_no_test_sleeps_and_none_patches() -> None:
    fixed = r"(?<!asyncio\.)\bsleep\((?!every\))|\bmonkeypatch\.setattr|unittest\.mock|\bmocker\b"
    assert lines_with(fixed, TESTS, ("tests/test_rules.py", "tests/until.py")) == []


def test_every_revision_is_named_by_its_date_and_says_so() -> None:
    for path in (revision.folder() / "versions").glob("*.py"):
        assert revision.order(path.stem)
        assert f'revision = "{path.stem}"' in path.read_text().replace(": str", "")


def test_the_example_environment_names_every_setting_and_no_other() -> None:
    named = set(re.findall(rf"^#?\s?({PREFIX}\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named == {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_repository_names_no_machine_and_no_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [
        ROOT / name
        for name in listed
        if Path(name).suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".html", ".js", ""}
    ]
    machine = r"/" + r"work/(main|shared)|/" + r"tmp/wk\b|(pypi|pythonhosted|npmjs)\.(org|com)"
    assert lines_with(machine, [path for path in texts if path.is_file()]) == []


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
