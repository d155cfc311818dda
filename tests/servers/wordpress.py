"""A real WordPress of the tests' own: MariaDB on a socket, PHP's own web server on a loopback port, installed as people do.

Everything is done over HTTP, by WordPress's own pages: installing, signing in, the comment form. Only a backlog of thousands is
written into the tables at once.
"""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from tests.needs import needs
from tests.servers.ports import answers, free_port
from tests.until import until

# All visitors of a test come from one address, and WordPress lets an address comment every fifteen seconds.
NO_FLOOD = "<?php add_filter( 'wp_is_comment_flood', '__return_false', 99 );\n"
CORE = Path("/usr/share/wordpress")
PLUGIN = Path(__file__).parents[2] / "docs/integrations/wordpress/weerklank.php"
ADMIN, PASSWORD = "beheerder", "geheim-van-de-site"
OPTIONS = {
    "comment_previously_approved": "0", "comment_moderation": "0", "comments_notify": "0", "moderation_notify": "0",
    "timezone_string": "", "gmt_offset": "0", "permalink_structure": "",
}  # fmt: skip
CONFIG = """<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_ENVIRONMENT_TYPE', 'local' ); // application passwords without TLS
define( 'WP_DEFAULT_THEME', 'twentytwentyone' );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISABLE_WP_CRON', true );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_DEBUG_LOG', '{folder}/php.log' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {{
    define( $name . '_KEY', hash( 'sha256', $name . '{folder}' ) );
    define( $name . '_SALT', hash( 'sha256', '{folder}' . $name ) );
}}
$table_prefix = 'wp_';
if ( is_readable( '{folder}/constants.json' ) ) {{
    foreach ( json_decode( file_get_contents( '{folder}/constants.json' ), true ) as $name => $value ) {{
        define( $name, $value );
    }}
}}
defined( 'ABSPATH' ) || define( 'ABSPATH', __DIR__ . '/' );
require_once ABSPATH . 'wp-settings.php';
"""


class WordPress:
    """One site in `folder`. `url` is its address; `user` and `password` are an application password of its administrator."""

    def __init__(self, folder: Path) -> None:
        needs("wordpress")
        self._mariadbd, self._php = needs("mariadb"), needs("php")
        self.folder = folder
        self.root = folder / "site"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.user, self.password = ADMIN, ""
        self._always = self.root / "wp-content/mu-plugins"
        self._constants = folder / "constants.json"
        self._socket = folder / "db.sock"
        self._children: list[subprocess.Popen[bytes]] = []
        self._session = httpx.Client(base_url=self.url, timeout=60)

    def start(self) -> None:
        """Make the database and the site, start both, and install."""
        self._start_database()
        shutil.copytree(CORE, self.root, ignore=shutil.ignore_patterns("wp-config.php", ".htaccess"))
        (self.root / "wp-config.php").write_text(CONFIG.format(socket=self._socket, folder=self.folder))
        self._always.mkdir()
        (self._always / "tests.php").write_text(NO_FLOOD)
        port = int(self.url.rpartition(":")[2])
        self._run(
            [str(self._php), "-d", "display_errors=0", "-S", f"127.0.0.1:{port}", "-t", str(self.root)],
            "php-server.log", PHP_CLI_SERVER_WORKERS="4",
        )  # fmt: skip
        until(lambda: answers(port), 20, saying="PHP answers")
        self._install()

    def stop(self) -> None:
        """End both servers."""
        self._session.close()
        for child in reversed(self._children):
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(20)

    # --- what people do there ---------------------------------------------------------------------------------------

    def publish(self, title: str, content: str = "Lees hier het plan.") -> int:
        """A page with comments open; gives its id."""
        return int(
            self.api("POST", "posts", title=title, content=content, status="publish", comment_status="open")["id"]
        )

    def comment(self, post: int, text: str, name: str = "Een Bewoner", email: str = "", parent: int = 0) -> int:
        """Comment as a visitor does, by the form under the page; gives the comment's id."""
        email = email or f"{name.lower().replace(' ', '.')}@burgers.example"
        with httpx.Client(base_url=self.url, timeout=60) as visitor:
            page = visitor.get(f"/?p={post}", follow_redirects=True)
            assert 'action="' + self.url + '/wp-comments-post.php"' in page.text, page.text[:2000]
            form = {"comment": text, "author": name, "email": email, "url": "", "comment_post_ID": str(post)}
            sent = visitor.post("/wp-comments-post.php", data={**form, "comment_parent": str(parent), "submit": "1"})
        assert sent.status_code == 302, sent.text
        found = re.search(r"#comment-(\d+)", sent.headers["location"])
        assert found, sent.headers["location"]
        return int(found[1])

    def page(self, post: int) -> str:
        """The page as every visitor sees it."""
        return httpx.get(f"{self.url}/?p={post}", follow_redirects=True, timeout=60).text

    def api(self, method: str, path: str, **values: Any) -> Any:
        """Ask WordPress's REST API as its administrator, signed in by cookie: what somebody does in WordPress's own pages."""
        route = {"rest_route": f"/wp/v2/{path}"}
        headers = {"X-WP-Nonce": self._nonce}
        sent = self._session.request(method, "/", params=route | (values if method == "GET" else {}), headers=headers,
            json=None if method == "GET" else values)  # fmt: skip
        assert sent.status_code < 300, sent.text
        return sent.json()

    def restore(self, post: int) -> None:
        """Take a page out of the trash, by the link that stands there; it comes back as a draft, with its comments."""
        trash = self._session.get("/wp-admin/edit.php?post_status=trash&post_type=post").text
        link = re.search(rf'href="([^"]*post={post}&amp;action=untrash[^"]*)"', trash)
        assert link, trash
        assert self._session.get(unescape(link[1])).status_code == 302

    def user_with_role(self, role: str, name: str) -> tuple[int, str]:
        """A new user; gives their id and an application password."""
        made = self.api(
            "POST", "users", username=name, email=f"{name}@voorbeeldstad.example", password=PASSWORD, roles=[role]
        )
        return int(made["id"]), self._application_password(made["id"])

    def settings(self, **options: str) -> None:
        """Change options of the site, in its table."""
        for name, value in options.items():
            self.sql(f"UPDATE wp_options SET option_value = '{value}' WHERE option_name = '{name}'")

    def run_later(self) -> None:
        """Let the time come for what our plugin has put off, and run it."""
        key = 'i:1[0-9](?=[0-9]{8};a:[0-9]+:.s:[0-9]+:"(?:wp_update_comment|weerklank))'  # a moment, in PHP's own notation
        due = f"REGEXP_REPLACE(option_value, '{key}', 'i:10')"
        self.sql(f"UPDATE wp_options SET option_value = {due} WHERE option_name = 'cron'")
        assert httpx.get(f"{self.url}/wp-cron.php?doing_wp_cron", timeout=60).status_code == 200

    def use_plugin(self, hook: str, secret: str) -> None:
        """Put our plugin where WordPress always loads it, with the address and the secret of an account."""
        self._constants.write_text(json.dumps({"WK_COMMENTS_HOOK": hook, "WK_COMMENTS_SECRET": secret}))
        shutil.copy(PLUGIN, self._always / PLUGIN.name)

    def clear(self) -> None:
        """Take away all comments, our plugin and what was set."""
        self.sql("DELETE FROM wp_comments; DELETE FROM wp_commentmeta;")
        self.settings(**OPTIONS)
        self._constants.unlink(missing_ok=True)
        (self._always / PLUGIN.name).unlink(missing_ok=True)

    def sql(self, statement: str) -> str:
        """What MariaDB says to a statement."""
        told = ["mariadb", "--no-defaults", f"--socket={self._socket}", "-uroot", "-N", "wordpress"]
        return subprocess.run(told, input=statement, capture_output=True, text=True, check=True).stdout

    def log(self) -> str:
        """Warnings and errors of PHP in WordPress's code and ours."""
        path = self.folder / "php.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- starting ---------------------------------------------------------------------------------------------------

    def _start_database(self) -> None:
        data = self.folder / "data"
        owner = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        data.mkdir()
        if os.geteuid() == 0:
            entry = pwd.getpwnam(owner)
            for path in (self.folder, data):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        made = subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--user={owner}", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        self._run(
            [str(self._mariadbd), "--no-defaults", f"--user={owner}", f"--datadir={data}", f"--socket={self._socket}",
             "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
             "--performance-schema=OFF", f"--pid-file={data}/db.pid"],
            "mariadb.log",
        )  # fmt: skip
        create = ["mariadb", "--no-defaults", f"--socket={self._socket}", "-uroot", "-e", "CREATE DATABASE wordpress"]
        until(
            lambda: subprocess.run(create, capture_output=True).returncode == 0, 60, 0.1,
            f"MariaDB answers ({self.folder}/mariadb.log)",
        )  # fmt: skip

    def _run(self, command: list[str], log: str, **environment: str) -> None:
        with (self.folder / log).open("wb") as out:
            self._children.append(
                subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                    env={**os.environ, **environment},
                )
            )  # fmt: skip

    def _install(self) -> None:
        form = {
            "weblog_title": "Voorbeeldstad", "user_name": ADMIN, "admin_password": PASSWORD, "admin_password2": PASSWORD,
            "pw_weak": "1", "admin_email": "beheer@voorbeeldstad.example", "blog_public": "0", "Submit": "Install",
        }  # fmt: skip
        done = self._session.post("/wp-admin/install.php?step=2", data=form)
        assert "wp-login.php" in done.text, done.text
        self.settings(**OPTIONS)
        self._session.cookies.set("wordpress_test_cookie", "WP Cookie check")
        entry = {"log": ADMIN, "pwd": PASSWORD, "testcookie": "1", "redirect_to": f"{self.url}/wp-admin/"}
        assert self._session.post("/wp-login.php", data=entry).status_code == 302
        self._nonce = self._session.get("/wp-admin/admin-ajax.php?action=rest-nonce").text
        self.password = self._application_password("me")

    def _application_password(self, user: int | str) -> str:
        return str(self.api("POST", f"users/{user}/application-passwords", name="Weerklank")["password"])


@contextmanager
def running_wordpress() -> Iterator[WordPress]:
    """A site that is installed, and gone at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="wp-"))
    folder.chmod(0o755)
    site = WordPress(folder)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def backlog(site: WordPress, post: int, many: int) -> None:
    """Write `many` comments of visitors into the site's table, a second apart, the newest now."""
    site.sql(
        "INSERT INTO wp_comments (comment_post_ID, comment_author, comment_author_email, comment_author_url,"
        " comment_author_IP, comment_date, comment_date_gmt, comment_content, comment_approved, comment_agent,"
        " comment_type, comment_parent, user_id)"
        f" SELECT {post}, CONCAT('Bewoner ', seq), CONCAT('bewoner', seq, '@burgers.example'), '', '127.0.0.1',"
        f" UTC_TIMESTAMP() - INTERVAL ({many} - seq) SECOND, UTC_TIMESTAMP() - INTERVAL ({many} - seq) SECOND,"
        f" CONCAT('Reactie nummer ', seq, '.'), '1', 'Browser', 'comment', 0, 0 FROM seq_1_to_{many}"
    )
