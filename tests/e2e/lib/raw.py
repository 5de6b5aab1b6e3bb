"""Bytes to a server as they stand, and what comes back."""
import contextlib
import socket
import urllib.parse

PATIENCE = 240  # seconds: a limit for what hangs, not a measure


def connect(server, timeout=PATIENCE):
    url = urllib.parse.urlsplit(server.url)
    return socket.create_connection((url.hostname, url.port), timeout=timeout)


def read(connection):
    """Everything up to the end; a reset is an end, waiting in vain is none."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            answer += part
    return answer


def talk(server, *parts, half_close=False):
    """Sends the parts and gives everything that comes back until the server ends the connection. half_close: for requests that may be cut off; of a whole
    one the answer may get lost, as libmicrohttpd takes the end for the client's leaving."""
    with connect(server) as connection:
        with contextlib.suppress(OSError):  # it may have heard enough
            for part in parts:
                connection.sendall(part)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        return read(connection)
