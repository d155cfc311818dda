"""Starting a server to measure: a free port, and waiting until it answers."""

import socket
import subprocess
from time import monotonic, sleep

import httpx

PATIENCE = 60.0


def free_port() -> int:
    """A port on the loopback address that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the address answers 200; raise RuntimeError when the process ends or a minute passes."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            sleep(0.05)
    raise RuntimeError("the server did not answer within a minute")
