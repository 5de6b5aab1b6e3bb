"""Many clients at once, of several teams, some of them hostile, until the server is told to stop under that load. Whatever the build's sanitizer watches is
looked at in the end; with ThreadSanitizer this is the test of the whole program's locking."""
import base64
import http.client
import json
import os
import pathlib
import random
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.raw import connect  # noqa: E402  the path comes first
from lib.server import ROOT, Server  # noqa: E402

SECONDS = float(os.environ.get("INNO_HAMMER_SECONDS", "10"))  # of load; what is asserted does not depend on it
HELLO = (ROOT / "examples/hello.yaml").read_text()
GONE = (OSError, http.client.HTTPException)
WANTED = {200, 202, 401, 403, 422}

RAW = [
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /api/v1/specs HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"GET /api/v1/specs/%2e%2e/%00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /api/v1/specs/%c0%af HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(400)) + b"\r\n",
    b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20000 + b"\r\n\r\n",
    b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /health HTTP/1.1\r\nHost: a\r\n",
    b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\":",
]
BOMB = "x: &a [" + ",".join("z" * 9) + "]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20))


class Load:
    def __init__(self, server, seed):
        self.server, self.random, self.stop, self.answers, self.faults = server, random.Random(seed), threading.Event(), {}, []
        self.lock = threading.Lock()

    def request(self, client, method, path, body=None, **more):
        try:
            answer = client.request(method, path, body, timeout=240, **more)
        except GONE as error:
            if not self.stop.is_set():
                self.faults.append(f"{method} {path}: {error!r}")
            return None
        with self.lock:
            self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
        if answer.status >= 500 and answer.status != 503:
            self.faults.append(f"{method} {path}: {answer}")
        return answer

    def run(self, act, *arguments):
        while not self.stop.is_set():
            act(self, *arguments)


def deploys(load, client):
    name = f"app-{load.random.randrange(6)}"
    spec = HELLO.replace("name: hello", f"name: {name}")
    answer = load.request(client, "POST", "/specs", json.dumps({"spec": spec}), type="application/json",
                          headers={"Idempotency-Key": f"{name}-{load.random.randrange(2000)}"}, supersede=load.random.choice(["true", "false"]))
    if answer is not None and answer.status == 202 and load.random.random() < 0.4:
        load.request(client, "POST", f"/deployments/{answer.json['id']}/cancel")
    if load.random.random() < 0.15:
        load.request(client, "DELETE", f"/specs/{name}", environment="development")


def reads(load, client):
    lists = ["/specs", "/deployments", "/workflows", "/resources", "/queue/tasks", "/queue/stats", "/environments", "/plugins", "/policies",
             "/policies/violations", "/profile", "/profile/api-keys", "/workflows/products", "//health", "//ready", "//openapi.json", "/graph/app-1"]
    answer = load.request(client, "GET", load.random.choice(lists))
    items = answer.json.get("items", []) if answer is not None and answer.status == 200 and answer.body.startswith(b"{\"items\"") else []
    for item in load.random.sample(items, min(2, len(items))):
        for path in (f"/deployments/{item.get('id')}", f"/deployments/{item.get('id')}/logs", f"/workflows/{item.get('id')}", f"/resources/{item.get('id')}/history"):
            load.request(client, "GET", path)


def follows(load, client):
    answer = load.request(client, "GET", "/deployments", limit=1)
    for item in answer.json["items"] if answer is not None and answer.status == 200 else []:
        load.request(client, "GET", f"/deployments/{item['id']}/events", follow="true", after=load.random.choice([0, 10**9]))
        load.request(client, "GET", f"/deployments/{item['id']}/logs", follow="true")


def administers(load, admin):
    name = f"u{load.random.randrange(10**6)}"
    load.request(admin, "POST", "/users", {"name": name, "team": "shop", "role": "viewer"})
    key = load.request(admin, "POST", f"/users/{name}/api-keys", {"name": "a"})
    if key is not None and key.status == 201:
        load.request(admin, "GET", "/audit", limit=200)
        load.request(admin, "DELETE", f"/profile/api-keys/{key.json['id']}")
    load.request(admin, "DELETE", f"/users/{name}")
    load.request(admin, "GET", load.random.choice(["/audit/verify", "/users", "/teams", "/admin/config"]))


def logs_in(load, nobody):
    load.request(nobody, "POST", "/login", {"name": load.random.choice(["shopper", "nobody"]), "password": load.random.choice(["correct horse battery", "x"])})
    load.stop.wait(0.2)


def is_denied(load, viewer):
    load.request(viewer, "POST", "/specs", HELLO, type="application/yaml")
    load.request(viewer, "GET", "/audit")
    load.request(viewer, "GET", "/specs", team="shop")


def is_hostile(load):
    try:
        with connect(load.server, timeout=2) as connection:
            connection.sendall(load.random.choice(RAW))
            if load.random.random() < 0.7:
                connection.settimeout(0.2)
                connection.recv(4096)
    except OSError:
        pass


def sends_nonsense(load, client):
    bodies = [BOMB, "[" * 5000, "\x00" * 100, "a: &a [*a]", "apiVersion: score.dev/v1b1\nmetadata: {name: ../../x}\ncontainers: {}\n", "{" * 100000]
    for path in ("/specs/validate", "/specs/plan"):
        load.request(client, "POST", path, load.random.choice(bodies), type="application/yaml")
    load.request(client, "POST", "/specs", json.dumps({"spec": HELLO, "files": {"../x": base64.b64encode(b"x").decode()}}), type="application/json")
    load.request(client, "GET", "/deployments", cursor=load.random.choice(["AAAA", "W10", "%", "x" * 2000]))


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "server")
    yield server.start()
    server.close()


def test_many_clients_at_once_and_a_stop_under_load(server):
    admin, shop = server.admin(), server.add_user("shopper", "shop", password="correct horse battery")
    bank, viewer, nobody = server.add_user("banker", "bank"), server.add_user("looker", "bank", role="viewer"), server.add_user("gone", "bank")
    nobody.key = None
    load = Load(server, 20261121)
    acts = [(deploys, shop), (deploys, bank), (deploys, shop), (reads, shop), (reads, admin), (reads, bank), (follows, shop), (follows, bank),
            (administers, admin), (logs_in, nobody), (is_denied, viewer), (is_hostile,), (is_hostile,), (sends_nonsense, bank)]
    threads = [threading.Thread(target=load.run, args=act) for act in acts]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    until = time.monotonic() + 200  # a slow machine takes longer until everything has happened once
    while not WANTED <= set(load.answers) and time.monotonic() < until:
        time.sleep(0.1)
    server.process.send_signal(signal.SIGTERM)
    load.stop.set()
    for thread in threads:
        thread.join(240)
    assert not any(thread.is_alive() for thread in threads)
    assert server.process.wait(240) == 0, server.log()[-6000:]
    server._ended()
    assert not load.faults, load.faults[:5]
    assert WANTED <= set(load.answers), load.answers
    server.start()  # what it left behind can be used
    assert server.admin().ok("/audit/verify")["valid"] is True
