"""A real Postfix of the tests' own: SMTP on a loopback port, submission with STARTTLS and sign-in, delivery to Dovecot.

It never leaves the machine: mail for a domain that is not ours comes back as a real bounce.
"""

import os
import pwd
import signal
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.ports import answers, free_port
from tests.until import until

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = /tmp, /var, {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.voorbeeldstad.example
mydomain = voorbeeldstad.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:5.1.1 no local mailboxes
virtual_mailbox_domains = {domains}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:5.4.4 mail does not leave the test
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
lmtp_destination_concurrency_limit = 5
recipient_delimiter = +
message_size_limit = 73400320
mailbox_size_limit = 0
virtual_mailbox_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtpd_tls_cert_file = {certificates.certificate}
smtpd_tls_key_file = {certificates.key}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtputf8_enable = no
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
"""


class Postfix:
    """A server in `folder` on ports that stay the same over restarts; must be started as root (Postfix drops to its users)."""

    def __init__(self, folder: Path, certificates: Certificates, dovecot: Dovecot, domains: list[str]) -> None:
        self._program = needs("postfix")
        if os.geteuid() != 0:
            (pytest.fail if os.environ.get("CI") else pytest.skip)("Postfix starts as root only")
        self.smtp, self.submission = free_port(), free_port()
        self._folder = folder
        self._config = folder / "config"
        for name in ("config", "queue", "data"):
            (folder / name).mkdir()
        postfix = _owner("postfix")
        os.chown(folder / "data", *postfix)
        main = MAIN.format(
            folder=folder, domains=", ".join(domains), lmtp=dovecot.lmtp, auth=dovecot.auth, certificates=certificates
        )
        (self._config / "main.cf").write_text(main)
        (self._config / "master.cf").write_text(MASTER.format(smtp=self.smtp, submission=self.submission))

    def start(self) -> None:
        """Start and wait until SMTP answers."""
        started = subprocess.run(
            [self._program, "-c", self._config, "start"], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert started.returncode == 0, started.stderr + self.log()
        until(lambda: answers(self.smtp), saying=f"Postfix answers ({self._folder}/postfix.log)")

    def stop(self) -> None:
        """Stop in order; what is queued stays queued."""
        subprocess.run([self._program, "-c", self._config, "stop"], stdin=subprocess.DEVNULL, capture_output=True)
        until(lambda: not answers(self.smtp), saying="Postfix has stopped")

    def kill(self) -> None:
        """Kill -9 of all its processes."""
        pid = self._folder / "queue" / "pid" / "master.pid"
        if pid.exists():
            os.killpg(int(pid.read_text()), signal.SIGKILL)
        until(lambda: not answers(self.smtp), saying="Postfix has been killed")

    def restart(self) -> None:
        """Stop in order and start again, on the same ports."""
        self.stop()
        self.start()

    def flush(self) -> None:
        """Try everything that is queued now."""
        subprocess.run([self._program, "-c", self._config, "flush"], stdin=subprocess.DEVNULL, check=True)

    def log(self) -> str:
        """What the server has written."""
        path = self._folder / "postfix.log"
        return path.read_text(errors="replace") if path.exists() else ""


def _owner(name: str) -> tuple[int, int]:
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid
