"""Who may what over the real socket: no key, expired and revoked keys, roles, attempts at passwords, repeated requests, sizes."""
import concurrent.futures
import socket
import time

import pytest
from lib.client import Client
from lib.things import score
from test_teams import operations

PASSWORD = "correct horse battery staple"
# Metrics while it listens on loopback only; the pages hold nothing, what they show needs a key.
OPEN = {("GET", "//health"), ("GET", "//ready"), ("POST", "/login"), ("GET", "//metrics"), ("GET", "//swagger-user"), ("GET", "//swagger-admin")}


def target_of(path):
    return path[len("/api/v1"):] if path.startswith("/api/v1/") else "/" + path


def test_without_a_key_every_route_is_401(start):
    server = start()
    nobody, tried = Client(server, None), 0
    for method, path, _ in operations(server.admin()):
        target = target_of(path.replace("{", "").replace("}", ""))
        for key in (None, "", "nonsense", server.admin_key[:-1], server.admin_key + "x"):
            answer = Client(server, key).request(method, target)
            if (method, target_of(path)) in OPEN:
                assert answer.status != 401 or method == "POST", (method, path, answer)
                continue
            assert answer.status == 401, (method, path, key, answer)
            assert answer.headers["WWW-Authenticate"] and answer.json["code"] == "ORC-2002"
        # the older prefix is the same API
        if path.startswith("/api/v1/") and (method, target) not in OPEN:
            assert nobody.request(method, "//api" + target).status == 401
        tried += 1
    assert tried >= 45, tried


def test_expired_and_revoked_keys_are_refused(start):
    server = start()
    dev = server.add_user("dev", "dev")
    kept = dev.post("/profile/api-keys", {"name": "second"})
    assert kept.status == 201
    second = Client(server, kept.json["key"])
    assert second.get("/profile").status == 200
    seconds, brief = 1, None
    while not brief or brief.get("/profile").status != 200:  # a slow machine may not come to use a key of a second
        seconds *= 2
        assert seconds < 200
        brief = Client(server, dev.post("/profile/api-keys", {"name": f"brief{seconds}", "expires_in": f"{seconds}s"}).json["key"])
    deadline = time.monotonic() + 240
    while brief.get("/profile").status == 200:
        assert time.monotonic() < deadline, "an expired key still works"
        time.sleep(0.1)
    assert brief.get("/profile").status == 401
    assert dev.get("/profile").status == 200
    assert second.delete(f"/profile/api-keys/{kept.json['id']}").status == 204
    assert second.get("/profile").status == 401  # at once, cached or not
    third = Client(server, server.admin().post("/users/dev/api-keys", {"name": "third"}).json["key"])
    assert third.get("/profile").status == 200
    assert server.admin().delete("/users/dev").status == 204
    assert third.get("/profile").status == 401
    server.restart()
    for client in (dev, brief, second, third):
        assert client.get("/profile").status == 401


def test_a_viewer_reads_and_does_nothing_else(start):
    server = start()
    user, viewer = server.add_user("dev", "dev"), server.add_user("eve", "dev", role="viewer")
    deployment = user.deploy(score(resources={"data": {"type": "volume"}}))
    assert viewer.get(f"/deployments/{deployment['id']}").status == 200
    answers = [viewer.submit(score()), viewer.delete("/specs/shop"), viewer.post(f"/deployments/{deployment['id']}/cancel"),
               viewer.post("/users", {"name": "x", "role": "admin", "team": "dev"}), viewer.get("/audit"), viewer.get("/admin/config")]
    assert {a.status for a in answers} == {403}, answers
    assert all(a.json["code"] == "ORC-2003" and "role" in a.json["detail"] for a in answers), answers
    assert [u.status for u in (user.post("/users", {"name": "x", "role": "admin", "team": "dev"}), user.get("/admin/config"), user.get("/users"))] == [403] * 3
    assert len(user.items("/deployments")) == 1


def test_attempts_at_a_password_are_limited(start):
    server = start()
    server.add_user("dev", "dev", password=PASSWORD)
    nobody = Client(server, None)
    good = nobody.post("/login", {"name": "dev", "password": PASSWORD})
    assert good.status == 200, good
    assert Client(server, good.json["token"]).get("/profile").json["name"] == "dev"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: nobody.post("/login", {"name": "dev", "password": f"wrong {n}"}), range(12)))
    statuses = sorted(a.status for a in answers)
    assert statuses.count(401) <= 5 and statuses.count(401) + statuses.count(429) == 12 and 429 in statuses, statuses
    limited = nobody.post("/login", {"name": "dev", "password": PASSWORD})  # the right one does not help now
    assert limited.status == 429 and 1 <= int(limited.headers["Retry-After"]) <= 61, limited
    unknown = nobody.post("/login", {"name": "nobody-there", "password": PASSWORD})
    assert unknown.status == 401
    assert unknown.json["detail"].replace("nobody-there", "X") == next(a for a in answers if a.status == 401).json["detail"].replace("dev", "X")
    assert Client(server, good.json["token"]).get("/profile").status == 200  # sessions are no attempts
    rows = server.admin().items("/audit", action="login")
    assert {row["result"] for row in rows} == {"ok", "failed"}
    assert PASSWORD not in server.log() and good.json["token"] not in server.log()
    assert Client(server, good.json["token"]).post("/logout").status == 204
    assert Client(server, good.json["token"]).get("/profile").status == 401


def test_the_same_request_twice_is_one_deployment(start):
    server = start()
    dev, other = server.add_user("dev", "dev"), server.add_user("other", "dev")
    key = {"Idempotency-Key": "one"}
    first, second = dev.submit(score(), headers=key), dev.submit(score(), headers=key)
    assert first.status == second.status == 202 and first.json["id"] == second.json["id"]
    assert second.headers["Location"] == first.headers["Location"] == f"/api/v1/deployments/{first.json['id']}"
    another = dev.submit(score(variables={"A": "b"}), headers=key)
    assert another.status == 409 and another.json["code"] == "ORC-3005", another
    assert other.submit(score(), headers=key).json["id"] != first.json["id"]  # keys are a person's own
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = {a.json["id"] for a in pool.map(lambda _: dev.submit(score("race"), headers={"Idempotency-Key": "race"}), range(8))}
    assert len(ids) == 1
    server.restart()
    assert dev.submit(score(), headers=key).json["id"] == first.json["id"]
    assert len([d for d in dev.items("/deployments") if d["application"] == "race"]) == 1


def test_a_body_beyond_the_limit_is_refused_before_it_is_sent(start):
    server = start()
    dev = server.add_user("dev", "dev")
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=240) as connection:
        connection.sendall(f"POST /api/v1/specs HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {dev.key}\r\nContent-Type: application/yaml\r\n"
                           f"Content-Length: {(1 << 20) + 1}\r\n\r\n".encode())
        answer = connection.recv(4096)  # nothing of the body was sent
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert dev.submit("# " + "x" * (1 << 20)).status == 413
    assert dev.submit(score() + "# " + "x" * ((1 << 20) - 4096)).status == 202  # and below it is fine


def test_the_body_limit_can_be_set(start):
    dev = start(env={"INNOMINATUS_MAX_BODY": "64Ki"}).add_user("dev", "dev")
    assert dev.submit("# " + "x" * (64 << 10)).status == 413
    assert dev.submit(score()).status == 202


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-User", "X-Real-Ip"])
def test_headers_of_a_client_are_not_believed(start, header):
    server = start()
    dev = server.add_user("dev", "dev")
    assert dev.submit(score(), headers={header: "admin"}).status == 202
    rows = server.admin().items("/audit", action="deployment.accept")
    assert [(row["actor"], row["source_ip"]) for row in rows] == [("dev", "127.0.0.1")]
