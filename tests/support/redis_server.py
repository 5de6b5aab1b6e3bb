"""A Redis server of its own for black-box tests, on a free port of the loopback, with a password for `default` and an ACL file.

    with redis_server.Server(directory) as redis:
        redis.talk("ACL USERS")

missing() says why there is none (for pytest.skip), or is None.
"""
import os
import pathlib
import socket
import subprocess

from listening import wait_listening
from ports import free_port

PROGRAM = os.environ.get("INNO_TEST_REDIS", "/usr/bin/redis-server")
SECONDS = 240  # a limit for what hangs, not a measure
PASSWORD = "of-the-admin"


def missing():
    return None if os.access(PROGRAM, os.X_OK) else "no redis-server (Debian package redis-server)"


class Server:
    def __init__(self, directory):
        self.port, self.process, self.acl = free_port(), None, pathlib.Path(directory) / "users.acl"
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.acl.write_text(f"user default on >{PASSWORD} ~* &* +@all\n")
        self.process = subprocess.Popen([PROGRAM, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--aclfile", str(self.acl)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not wait_listening(self.process, self.port, SECONDS):
            self.halt()
            raise RuntimeError("redis does not start")
        return self

    def halt(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def talk(self, *commands):
        """All that it answers to these, as the administrator."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall("".join(f"{command}\r\n" for command in (f"AUTH {PASSWORD}", *commands, "QUIT")).encode())
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.halt()
