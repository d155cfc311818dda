"""A real Dovecot of the tests' own: IMAP (plain, STARTTLS and TLS), LMTP, and sign-in for Postfix's submission port."""

import imaplib
import os
import pwd
import signal
import subprocess
from pathlib import Path

from tests.needs import needs
from tests.servers.certificates import Certificates
from tests.servers.ports import answers, free_port
from tests.until import until

PASSWORD = "geheim-genoeg"
UNKNOWN = ("niemand@voorbeeldstad.example", "niemand@burgers.example")
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = yes
ssl_cert = <{certificates.certificate}
ssl_key = <{certificates.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mailbox_idle_check_interval = 1s
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/unknown
  deny = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/homes/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
protocol lmtp {{
  postmaster_address = postmaster@voorbeeldstad.example
}}
"""


class Dovecot:
    """A server in `folder`, on ports that stay the same over restarts.

    Every address has a mailbox, made when it is first used, with the one `PASSWORD`; only those in `UNKNOWN` do not exist.
    (A file of users would be read again once a second at most, and each failed sign-in costs seconds.)
    """

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        self._program = needs("dovecot")
        self.folder = folder
        self.imap, self.imaps, self.lmtp, self.auth = (free_port() for _ in range(4))
        self._process: subprocess.Popen[bytes] | None = None
        self._root = os.geteuid() == 0
        self._owner = pwd.getpwnam("mail") if self._root else pwd.getpwuid(os.geteuid())
        (folder / "homes").mkdir()
        os.chown(folder / "homes", self._owner.pw_uid, self._owner.pw_gid)
        (folder / "unknown").write_text("".join(f"{address}:\n" for address in UNKNOWN))
        self._config = folder / "dovecot.conf"
        self._config.write_text(self._text(certificates))

    def _text(self, certificates: Certificates) -> str:
        me = self._owner.pw_name
        return CONFIG.format(
            folder=self.folder,
            certificates=certificates,
            password=PASSWORD,
            uid=self._owner.pw_uid,
            gid=self._owner.pw_gid,
            internal="dovecot" if self._root else me,
            login="dovenull" if self._root else me,
            group="dovecot" if self._root else self._owner.pw_gid,
            chroot="" if self._root else "chroot =",
            imap=self.imap,
            imaps=self.imaps,
            lmtp=self.lmtp,
            auth=self.auth,
        )

    def start(self) -> None:
        """Start and wait until somebody can sign in and LMTP answers.

        That the port answers is not enough: Dovecot's master process listens before any other one runs, and its log then says
        "disconnected before auth was ready". On a busy machine, where they start slowly, the first clients may be turned away.
        """
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", self._config], stdin=subprocess.DEVNULL, start_new_session=True
        )
        log = self.folder / "dovecot.log"
        until(lambda: answers(self.lmtp) and self._lets_in(), 30, 0.02, f"Dovecot lets somebody in (see {log})")

    def _lets_in(self) -> bool:
        try:
            with imaplib.IMAP4("127.0.0.1", self.imap, timeout=10) as client:
                client.login("wacht@voorbeeldstad.example", PASSWORD)
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def stop(self) -> None:
        """Stop in order; connected clients hear BYE."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 of all its processes: connections are reset, nothing is tidied."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in order and start again, on the same ports."""
        self.stop()
        self.start()

    def _end(self, by: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if by is signal.SIGKILL:
            os.killpg(process.pid, by)
        else:
            process.send_signal(by)
        process.wait(20)
        until(lambda: not answers(self.imap), saying="Dovecot has stopped")
