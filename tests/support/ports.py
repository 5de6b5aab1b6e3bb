"""Ports of the loopback for servers of tests."""
import socket


def free_port():
    """One that nobody listens on now; the kernel gives no port twice in a short time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
