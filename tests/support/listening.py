"""Waiting for a server that a test has started."""
import socket
import time


def wait_listening(process, port, seconds):
    """True when it takes connections on the loopback; False when it has ended, or the time is over."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(0.02)
