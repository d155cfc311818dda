"""Doing two things at the same moment, again and again."""

from collections.abc import Callable
from threading import Barrier, Thread


def together(rounds: int, *works: Callable[[int], None]) -> None:
    """Run `work(round)` of all works at once, `rounds` times; what goes wrong in one of them is raised here."""
    start = Barrier(len(works))
    problems: list[BaseException] = []

    def run(work: Callable[[int], None]) -> None:
        try:
            for number in range(rounds):
                start.wait(timeout=30)
                work(number)
        except BaseException as error:
            problems.append(error)
            start.abort()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
