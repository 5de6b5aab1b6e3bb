"""A real server behind an address of the test's own, so that it can be out of reach, or its answers be lost, in the middle of a run: `before`, `after`, `halt` and `start` are those of
protocol_fake. Nothing is checked or changed on the way."""
import http.client
import json
import urllib.parse

import protocol_fake

SECONDS = 60
KEPT = ("Authorization", "Content-Type", "Accept")


def ask(url, method, path, headers, body=None):
    """(status, bytes) of one request to a server of http://HOST:PORT[/PATH]."""
    there = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if there.scheme == "https" else http.client.HTTPConnection
    connection = kind(there.netloc, timeout=SECONDS)
    try:
        connection.request(method, there.path.rstrip("/") + path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Relay(protocol_fake.Fake):
    def __init__(self, upstream, token):
        super().__init__()
        self.upstream, self.token = upstream.rstrip("/"), token

    def answer(self, handler, path, query):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name: handler.headers[name] for name in KEPT if handler.headers.get(name)}
        status, text = ask(self.upstream, handler.command, handler.path, headers, body or None)
        return status, text or None


class Looks:
    """What a test asks the server itself, fake or real: `address` and `authorization` are of the class that has it."""

    def ask(self, path, method="GET", body=None):
        """(status, JSON or None)."""
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        status, text = ask(self.address, method, path, headers, None if body is None else json.dumps(body))
        return status, json.loads(text) if text.strip()[:1] in (b"{", b"[") else None

    def get(self, path):
        """What is there; None when it is not."""
        status, answer = self.ask(path)
        return answer if status == 200 else None
