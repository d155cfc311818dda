"""The `weerklank` command: one function per subcommand, thin, with the words that a person at a terminal needs."""

import argparse
import asyncio
import contextlib
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import log, mail_in
from app.assignment import replay
from app.bench import run as bench
from app.bench.report import as_json, as_table
from app.demo import seed
from app.errors import DomainError
from app.identity import staff, tokens
from app.identity.lookup import agent_by_email, site_by_key
from app.identity.passwords import passwords
from app.intake import ledger
from app.intake.compare import compare_all
from app.main import exit_on_signals, listening, server
from app.settings import Settings
from app.storage import migrate
from app.storage.database import open_database
from app.system import open_system
from app.vocabulary import RawState, Role, Scope
from app.web.stream import Hub
from app.worker import Worker, means_of, work

OK, WRONG, USAGE, UNAVAILABLE = 0, 1, 2, 69
AWAY = "The database cannot be used. See that it runs at WEERKLANK_DATABASE_URL, and run `weerklank migrate`."

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; gives the exit status. What is wrong with the input is said on standard error, with the fix."""
    exit_on_signals()
    options = parser().parse_args(arguments)
    try:
        settings = Settings.read(os.environ)
        log.configure(settings.log_level)
        return int(options.run(settings, options))
    except DomainError as error:
        _say(error)
        return int(options.when_wrong)
    except (DBAPIError, PoolTimeout) as error:
        log.trouble("database.not_usable", error=error)
        print(f"{AWAY} ({type(error).__name__})", file=sys.stderr)
        return UNAVAILABLE


def serve(settings: Settings, options: argparse.Namespace) -> int:
    """Web and worker in one process: for trying, and for a small office."""
    with listening(settings) as sock, open_system(settings, name="weerklank serve", migrated=True) as system:
        if options.demo:
            print(seed.demo(system).words, flush=True)
        hub = Hub(system.database)
        running = server(system, hub)
        with Worker(system) as worker, contextlib.closing(hub.start()):
            print(f"Weerklank: {settings.base_url}/desk", flush=True)
            asyncio.run(_both(lambda: running.serve([sock]), worker.run_jobs))
    return OK


async def _both(serving: Callable[[], object], jobs: Callable[[], object]) -> None:
    task = asyncio.ensure_future(jobs())  # type: ignore[call-overload]
    try:
        await serving()  # type: ignore[misc]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def web(settings: Settings, options: argparse.Namespace) -> int:
    """The web application alone; run `weerklank migrate` before it."""
    with listening(settings) as sock, open_system(settings, name="weerklank web") as system:
        hub = Hub(system.database)
        with contextlib.closing(hub.start()):
            asyncio.run(server(system, hub).serve([sock]))
    return OK


def worker(settings: Settings, options: argparse.Namespace) -> int:
    """A worker alone; as many as wanted, on as many machines."""
    with open_system(settings, name="weerklank worker") as system:
        work(Worker(system))
    return OK


def migrate_schema(settings: Settings, options: argparse.Namespace) -> int:
    """Bring the database's schema up to date; safe to run twice, and at the same time on two machines."""
    with open_database(settings, name="weerklank migrate") as database:
        migrate.upgrade(database)
    print("The schema is up to date.")
    return OK


def demo(settings: Settings, options: argparse.Namespace) -> int:
    """Fill an empty installation with a fictional municipality."""
    with open_system(settings, name="weerklank demo", migrated=True) as system:
        print(seed.demo(system).words)
    return OK


def admin_create(settings: Settings, options: argparse.Namespace) -> int:
    """An administrator who can sign in; the organisation is made when there is none."""
    password = options.password or _ask_password()
    with (
        open_system(settings, name="weerklank admin", migrated=True) as system,
        system.database.unit_of_work() as session,
    ):
        organisation = staff.own_organisation(session) or staff.create_organisation(session, options.organisation)
        staff.create_agent(
            session,
            passwords(settings.password_cost),
            organisation_id=organisation,
            email=options.email,
            name=options.name,
            role=Role.ADMIN,
            password=password,
        )
    print(f"{options.email} can sign in at {settings.base_url}/desk.")
    return OK


def token_create(settings: Settings, options: argparse.Namespace) -> int:
    """An API token; it is shown once and kept nowhere."""
    with open_system(settings, name="weerklank token") as system, system.database.unit_of_work() as session:
        agent = agent_by_email(session, options.agent) if options.agent else None
        site = site_by_key(session, options.site) if options.site else None
        scopes = [Scope(scope) for scope in options.scope]
        issued = tokens.issue(session, options.name, scopes, agent_id=agent, site_id=site)
    print(issued.token)
    return OK


def show_ledger(settings: Settings, options: argparse.Namespace) -> int:
    """For every account: what it has seen and what became of it. Exit 1 when a sum does not hold or something is missing."""
    with open_system(settings, name="weerklank ledger") as system:
        if options.compare:
            compare_all(means_of(system))
        with system.database.read_only(snapshot=True) as session:
            accounts = ledger.read(session)
    print(json.dumps([_line(a) for a in accounts], indent=2) if options.json else _table(accounts))
    return WRONG if any(account.alarm for account in accounts) else OK


def _line(account: ledger.Account) -> dict[str, object]:
    return {
        "account": account.account_id, "name": account.name, "kind": account.kind, "seen": account.seen,
        **{state.value: number for state, number in account.counts.items()}, "difference": account.difference,
        "gap": account.gap, "unauthentic": account.unauthentic, "problem": account.problem,
    }  # fmt: skip


def _table(accounts: Sequence[ledger.Account]) -> str:
    lines = [_line(account) for account in accounts]
    names = ["account", "kind", "seen", *(state.value for state in RawState), "difference", "gap"]
    rows = [names, *([str(line[name]) for name in names] for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def replay_decisions(settings: Settings, options: argparse.Namespace) -> int:
    """Decide again from the stored facts and compare. Exit 1 when a decision of this engine version comes out differently."""
    with open_system(settings, name="weerklank decisions") as system:
        found = replay.replay(system.database, limit=options.limit)
    print(found.words)
    return OK if not found.different else WRONG


def run_bench(settings: Settings, options: argparse.Namespace) -> int:
    """Measure on a database of its own; compare ratios within one run, since machines differ."""
    figures = bench.measure(settings, options.what, options.quick)
    print(as_json(figures) if options.json else as_table(figures))
    return OK if all(figure.kept for figure in figures) else WRONG


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("Password: ")


def _say(error: DomainError) -> None:
    print(error.fix, file=sys.stderr)
    for fault in error.faults:
        print(f"  {fault.field}: {fault.fix}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The command line. Each command's help is its function's docstring."""
    top = argparse.ArgumentParser(prog="weerklank", description="Back office for the public's reactions.")
    commands = top.add_subparsers(required=True, metavar="command")

    serving = _add(commands, "serve", serve)
    serving.add_argument("--demo", action="store_true", help="fill an empty installation with a fictional municipality")
    _add(commands, "web", web)
    _add(commands, "worker", worker)
    _add(commands, "migrate", migrate_schema)
    _add(commands, "demo", demo)

    admin = _add(_group(commands, "admin", "administrators"), "create", admin_create)
    admin.add_argument("email")
    admin.add_argument("--name", required=True)
    admin.add_argument("--organisation", default="Onze organisatie", help="made when there is none yet")
    admin.add_argument("--password", help="asked for, or read from standard input, when not given")

    token = _add(_group(commands, "token", "API tokens"), "create", token_create)
    token.add_argument("name", help="what it is for")
    owner = token.add_mutually_exclusive_group(required=True)
    owner.add_argument("--agent", metavar="EMAIL", help="acts as this agent")
    owner.add_argument("--site", metavar="KEY", help="acts for this site")
    token.add_argument("--scope", action="append", required=True, choices=[str(s) for s in Scope])

    mail = _add(commands, "mail-in", mail_in.take)
    mail.set_defaults(when_wrong=mail_in.TEMPORARY)
    mail_in.add_arguments(mail)

    shown = _add(commands, "ledger", show_ledger)
    shown.add_argument("--json", action="store_true")
    shown.add_argument("--compare", action="store_true", help="ask every service what it holds, and compare")

    again = _add(_group(commands, "decisions", "routing decisions"), "replay", replay_decisions)
    again.add_argument("--limit", type=int, default=10_000, help="how many of the newest")

    measured = _add(commands, "bench", run_bench)
    measured.add_argument("what", nargs="*", choices=[[], *bench.BENCHES], help="everything when not given")
    measured.add_argument("--json", action="store_true")
    measured.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    return top


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command
) -> argparse.ArgumentParser:
    about = (run.__doc__ or "").strip()
    made = commands.add_parser(name, help=about, description=about)
    made.set_defaults(run=run, when_wrong=USAGE)
    return made


def _group(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str
) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    return commands.add_parser(name, help=about).add_subparsers(required=True, metavar="command")
