"""Programs from outside that some tests run for real: missing ones fail in CI and are skipped elsewhere, with the remedy."""

import os
import shutil
from pathlib import Path

import pytest

# component: (a program of it, where to look besides PATH, how to get it)
COMPONENTS = {
    "postfix": ("postfix", "/usr/sbin", "apt-get install postfix"),
    "dovecot": ("dovecot", "/usr/sbin", "apt-get install dovecot-imapd dovecot-lmtpd"),
    "chromium": ("chromium", "/usr/bin", "apt-get install chromium"),
    "postgresql": ("pg_ctl", "/usr/lib/postgresql/15/bin", "apt-get install postgresql-15"),
    "faketime": ("faketime", "/usr/bin", "apt-get install faketime"),
    "mariadb": ("mariadbd", "/usr/sbin", "apt-get install mariadb-server"),
    "php": ("php", "/usr/bin", "apt-get install php-cli php-mysql"),
    "wordpress": (
        "themes/twentytwentyone",
        "/usr/share/wordpress/wp-content",
        "apt-get install wordpress wordpress-theme-twentytwentyone",
    ),
    "axe-core": ("axe.min.js", str(Path(__file__).parent / ".tools/node_modules/axe-core"), "make tools"),
}


def needs(component: str) -> Path:
    """The path of a component; without it the test fails when CI is set and is skipped otherwise."""
    program, folder, remedy = COMPONENTS[component]
    beside = Path(folder) / program
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{component} is missing: {remedy}")
        pytest.skip(f"{component} is missing: {remedy}")
    return Path(found)
