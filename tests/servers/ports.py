"""Free ports on the loopback address."""

import random
import socket

# Below the range from which systems take the port of an outgoing connection (32768 on Linux, 49152 elsewhere): a port
# chosen now would else be some client's by the time that a server wants it.
PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port on the loopback address")


def answers(port: int) -> bool:
    """Whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
