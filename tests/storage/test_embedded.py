"""The embedded server, with real processes: shared, killed, restarted, and gone when the last user leaves."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.errors import Invalid
from app.storage import postmaster
from app.storage.embedded import Embedded
from tests.until import until

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """Whatever a test did, no server of its folder outlives it."""
    yield
    left = [found for pid in tmp_path.glob("**/postmaster.pid") if (found := postmaster.running(pid.parent))]
    for found in left:
        os.kill(found.pid, signal.SIGQUIT)
    assert left == []


def begin(data: Path) -> subprocess.Popen[str]:
    """A process that uses the database of `data`; its first line is the pid of the server."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.holder", str(data)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def server_of(process: subprocess.Popen[str]) -> int:
    """The pid that the process writes when it is ready."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def end(process: subprocess.Popen[str]) -> None:
    """Kill the process when it still lives."""
    assert process.stdout is not None
    process.kill()
    process.wait()
    process.stdout.close()


@contextmanager
def holder(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that uses the database of `data`, and the pid of its server."""
    process = begin(data)
    try:
        yield process, server_of(process)
    finally:
        end(process)


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path leaves room for the socket in it, wherever temporary files are."""
    return tmp_path_factory.mktemp("s")


def lives(pid: int) -> bool:
    return postmaster.command_of(pid) != ""


def connect(embedded: Embedded) -> psycopg.Connection:
    return psycopg.connect(embedded.url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def answers(embedded: Embedded) -> bool:
    try:
        connect(embedded).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_server_starts_and_its_stop_leaves_nothing_running(short: Path) -> None:
    embedded = Embedded.start(short / "data")
    pid = embedded.pid
    with connect(embedded) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    embedded.stop()
    embedded.stop()
    assert not lives(pid)
    assert not (short / "data/pg/postmaster.pid").exists()
    assert list((short / "data/run").iterdir()) == []


def test_what_was_written_is_there_after_the_next_start(tmp_path: Path) -> None:
    for number in range(2):
        embedded = Embedded.start(tmp_path)
        with connect(embedded) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (number + 1,)
        embedded.stop()


def test_two_processes_share_one_server_and_the_last_to_leave_stops_it(tmp_path: Path) -> None:
    with holder(tmp_path) as (first, server), holder(tmp_path) as (second, same):
        assert same == server
        first.terminate()
        assert first.wait(30) == 0
        assert lives(server)
        second.terminate()
        assert second.wait(30) == 0
        assert not lives(server)


def test_processes_that_start_at_the_same_moment_share_one_server(tmp_path: Path) -> None:
    processes = [begin(tmp_path) for _ in range(3)]
    servers = {server_of(process) for process in processes}
    assert len(servers) == 1
    for process in processes:
        process.terminate()
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert not lives(*servers)
    for process in processes:
        end(process)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_with_success_and_stops_the_server(tmp_path: Path, ending: signal.Signals) -> None:
    with holder(tmp_path) as (process, server):
        process.send_signal(ending)
        assert process.wait(30) == 0
        assert not lives(server)
        assert not (tmp_path / "pg/postmaster.pid").exists()


def test_after_a_kill_of_the_process_the_next_one_finds_the_server_and_stops_it(tmp_path: Path) -> None:
    with holder(tmp_path) as (process, server):
        process.kill()
        process.wait()
        assert lives(server)
    embedded = Embedded.start(tmp_path)
    assert embedded.pid == server
    embedded.stop()
    until(lambda: not lives(server), saying="the server has stopped")


def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path)
    with connect(embedded) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    before = embedded.pid
    os.kill(before, signal.SIGKILL)
    until(lambda: embedded.pid not in (0, before) and answers(embedded), 60, 0.1, saying="the server is back")
    with connect(embedded) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    embedded.stop()


def test_who_only_attached_brings_the_server_back_when_its_starter_was_killed_too(tmp_path: Path) -> None:
    with holder(tmp_path) as (starter, server):
        embedded = Embedded.start(tmp_path)
        starter.kill()
        starter.wait()
    os.kill(server, signal.SIGKILL)
    until(lambda: embedded.pid not in (0, server) and answers(embedded), 60, 0.1, saying="the server is back")
    embedded.stop()
    assert embedded.pid == 0


def test_a_pid_file_that_names_another_process_does_not_fool_the_start(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path)
    pid_file = tmp_path / "pg/postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(embedded.pid, signal.SIGKILL)
    embedded.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert postmaster.running(tmp_path / "pg") is None


def test_the_folders_above_the_data_keep_their_permissions(short: Path) -> None:
    house = short / "house"
    house.mkdir(mode=0o700)
    before = [(path, path.stat().st_mode, path.stat().st_uid) for path in (house, *house.parents)]
    embedded = Embedded.start(house / "data")
    embedded.stop()
    assert [(path, path.stat().st_mode, path.stat().st_uid) for path in (house, *house.parents)] == before
    data = house / "data"
    modes = {name: stat.S_IMODE((data / name).stat().st_mode) for name in ("", "pg", "run", "pg.lock", "pg.users")}
    assert modes == {"": 0o700, "pg": 0o700, "run": 0o700, "pg.lock": 0o600, "pg.users": 0o600}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_as_root_the_server_runs_as_another_user_with_one_capability(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path / "data")
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{embedded.pid}/status").read_text().splitlines())
    assert "0" not in status["Uid"].split()
    assert status["CapEff"] == f"{1 << 2:016x}"  # cap_dac_read_search is number 2
    assert status["NoNewPrivs"] == "1"
    embedded.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_of_the_machine_cannot_reach_the_socket(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path / "data")
    become = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]
    listed = subprocess.run([*become, "ls", str(tmp_path / "data/run")], capture_output=True, text=True, check=False)
    embedded.stop()
    assert listed.returncode != 0
    assert "denied" in listed.stderr


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / ("diep" * 30)
    embedded = Embedded.start(data)
    socket = Path((data / "pg.socket").read_text())
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert answers(embedded)
    before = embedded.pid
    os.kill(before, signal.SIGKILL)
    until(
        lambda: embedded.pid not in (0, before) and answers(embedded),
        60,
        0.1,
        saying="the server is back at the same place",
    )
    embedded.stop()
    assert not socket.exists()
    assert not (data / "pg.socket").exists()


def test_a_cluster_left_half_made_by_a_crash_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "pg.new/base").mkdir(parents=True)
    (tmp_path / "pg.new/PG_VERSION").write_text("18\n")
    embedded = Embedded.start(tmp_path)
    assert answers(embedded)
    embedded.stop()
    assert not (tmp_path / "pg.new").exists()


def test_data_of_a_version_that_is_not_installed_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg/PG_VERSION").write_text("9.6\n")
    with pytest.raises(Invalid, match=r"PostgreSQL 9\.6.*WEERKLANK_DATABASE_URL"):
        Embedded.start(tmp_path)


def test_a_server_that_cannot_start_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"did not start \(.*shared_buffers"):
        Embedded.start(tmp_path, {"shared_buffers": "veel"})


def test_a_data_folder_that_cannot_be_made_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="WEERKLANK_DATA"):
        Embedded.start(tmp_path / "file/data")


def test_a_failing_statement_leaves_no_words_of_citizens_in_the_servers_log(tmp_path: Path) -> None:
    embedded = Embedded.start(tmp_path)
    with connect(embedded) as connection:
        connection.execute("CREATE TABLE person (mail text PRIMARY KEY)")
        for _ in range(2):
            try:
                connection.execute("INSERT INTO person VALUES ('geheim@burgers.example')")
            except psycopg.errors.UniqueViolation:
                break
    embedded.stop()
    written = (tmp_path / "pg.log").read_text()
    assert "duplicate key" in written
    assert "geheim@" not in written
