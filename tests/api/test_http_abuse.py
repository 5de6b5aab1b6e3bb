"""Requests that two readers could understand in two ways are refused and end the connection, so that nothing hides behind them (RFC 9112, sections 5.1, 6.1
and 6.3); headers that say who one is are believed only from whom they may come."""
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.raw import talk  # noqa: E402  the path comes first
from lib.server import Server  # noqa: E402

HIDDEN = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
AMBIGUOUS = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 0\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a space before the colon": b"Content-Length : 4\r\n\r\n",
    "a tab before the colon": b"Transfer-Encoding\t: chunked\r\n\r\n",
    "an unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\n",
    "an encoding behind another": b"Transfer-Encoding: chunked, identity\r\n\r\n",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "two hosts": b"Host: b\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("abuse") / "server")
    yield server.start()
    server.close()


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_request_is_refused_and_nothing_behind_it_is_read(server, name):
    answer = talk(server, b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\n" + JSON + AMBIGUOUS[name] + HIDDEN)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"uptime_seconds" not in answer, answer
    assert b"connection: close" in answer.lower()


def test_every_answer_of_ours_has_the_security_headers(server):
    for request in (b"GET /health", b"GET /nothing", b"POST /health", b"GET /api/v1/specs", b"TRACE /health", b"OPTIONS /api/v1/specs", b"GET /api/v1/specs/%00",
                    b"GET /metrics"):
        head = talk(server, request + b" HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n").split(b"\r\n\r\n")[0].lower()
        for wanted in (b"x-content-type-options: nosniff", b"cache-control: no-store", b"content-security-policy: default-src 'none'", b"x-frame-options: deny",
                       b"referrer-policy: no-referrer", b"x-request-id: "):
            assert wanted in head, (request, head)
        assert b"access-control-" not in head


def test_the_limit_of_logins_is_not_got_round_by_a_header(server):
    nobody = server.admin()
    nobody.key = None
    statuses = [nobody.post("/login", {"name": "admin", "password": f"guess {i}"}, headers={"X-Forwarded-For": f"10.0.0.{i}", "Forwarded": f"for=10.0.0.{i}"}).status
                for i in range(8)]
    assert statuses[:5] == [401] * 5 and statuses[5:] == [429] * 3, statuses


def test_a_limited_login_says_once_when_to_come_again(server):
    body = b'{"name": "admin", "password": "guess"}'
    for _ in range(7):
        answer = talk(server, b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 429 ") and len(re.findall(rb"\r\nretry-after:", answer, re.I)) == 1, answer


def test_a_cookie_alone_changes_nothing(server):
    server.add_user("cookie", "shop", password="correct horse battery")
    nobody = server.admin()
    nobody.key = None
    session = nobody.post("/login", {"name": "cookie", "password": "correct horse battery"})
    cookie = {"Cookie": session.headers["Set-Cookie"].split(";")[0]}
    assert nobody.get("/profile", headers=cookie).status == 200
    for sent in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x" * 43}, {"X-CSRF-Token": cookie["Cookie"].split("=")[1]}):
        assert nobody.post("/profile/api-keys", {"name": "x"}, headers={**cookie, **sent}).status == 403
    assert nobody.post("/profile/api-keys", {"name": "x"}, headers={**cookie, "X-CSRF-Token": session.json["csrf_token"]}).status == 201
    assert nobody.post("/specs/validate", "a: b", type="text/plain", headers={**cookie, "X-CSRF-Token": session.json["csrf_token"]}).status == 415


def test_an_idempotency_key_belongs_to_its_user(server):
    first, second = server.add_user("first", "one"), server.add_user("second", "two")
    made = first.post("/profile/api-keys", {"name": "mine"}, headers={"Idempotency-Key": "shared"})
    assert made.status == 201
    other = second.post("/profile/api-keys", {"name": "mine"}, headers={"Idempotency-Key": "shared"})
    assert other.status == 201 and other.json["id"] != made.json["id"] and "Idempotency-Replayed" not in other.headers
    again = first.post("/profile/api-keys", {"name": "mine"}, headers={"Idempotency-Key": "shared"})
    assert again.status == 201 and again.json["id"] == made.json["id"] and "key" not in again.json


def test_tampered_cursors_and_sorts_are_refused(server):
    admin = server.admin()
    import base64
    for text in ('["created_at",true,1,"x"]', '["password",true,"a","x"]', '["id",true,"\' OR 1=1 --","x"]', "[]", "{}", '["id",true,{},"x"]', "[" * 60):
        for sort in (None, "-id"):
            cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
            assert admin.get("/deployments", cursor=cursor, sort=sort).status in (200, 400, 422)
    assert admin.get("/deployments", sort="id; DROP TABLE users").status in (400, 422)
    for wild in ("w-%25", "w-" + "%25a" * 15, "w-_", "w-" + "x" * 200):
        assert admin.get(f"/workflows/{wild}").status == 404
