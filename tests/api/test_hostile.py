"""What a hostile client sends gets a clear 4xx or a closed connection: never a 5xx, never a leak, and never at another client's cost. One server for the file;
a bystander asks it ordinary questions all the time. (Smuggling: test_http_abuse.py; deadlines of bodies: test_http_server.c.)"""
import base64
import contextlib
import json
import pathlib
import re
import resource
import select
import socket
import struct
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.raw import connect, read, talk  # noqa: E402  the path comes first
from lib.server import Server  # noqa: E402

PATIENCE = 120  # seconds: a limit for what hangs, not a measure
HEADERS_SECONDS = 8  # the server's own deadline is 10
IDLE = 1000
SCORE = "apiVersion: score.dev/v1b1\nmetadata: {name: hello}\ncontainers: {web: {image: nginx}}\n"


class Bystander(threading.Thread):
    """Asks as an ordinary client and keeps what was not answered as it should be."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client, self.ending, self.lock = server.admin(), threading.Event(), threading.Condition()
        self.answers, self.failures = 0, []

    def run(self):
        while not self.ending.wait(0.01):
            began = time.monotonic()
            try:
                statuses = [self.client.get(path, timeout=PATIENCE).status for path in ("//health", "/specs")]
            except OSError as error:
                statuses = repr(error)
                if time.monotonic() - began > HEADERS_SECONDS:  # a machine that runs nobody for so long; not the doing of another client
                    continue
            with self.lock:
                self.answers += 1
                if statuses != [200, 200]:
                    self.failures.append(statuses)
                self.lock.notify_all()

    def see(self):
        """Two whole rounds from now on, and none before has failed."""
        with self.lock:
            wanted = self.answers + 2
            assert self.lock.wait_for(lambda: self.answers >= wanted, PATIENCE), "another client waits for its answer"
            assert not self.failures, self.failures[:5]


def descriptors(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def resident(server):
    return int(pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    # The server is started with few descriptors and takes what it may have by itself; a sanitizer's quarantine would look like a leak.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
    server = Server(tmp_path_factory.mktemp("hostile") / "server", env={"ASAN_OPTIONS": "quarantine_size_mb=4:malloc_context_size=2"}).start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    bystander = Bystander(server)
    bystander.start()
    bystander.see()
    server.bystander = bystander
    yield server
    bystander.ending.set()
    bystander.join(PATIENCE)
    server.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module", autouse=True)
def slow(server):
    """Requests that never come to an end, begun before the other tests so that nobody waits for them: see the last test."""
    beginnings = {"headers that are dripped": b"GET /health HTTP/1.1\r\nHost: a\r\nX: ", "a half-sent request line": b"GET /hea", "nothing": b"",
                  "more cookies than fit": b"GET /health HTTP/1.1\r\nHost: a\r\nCookie: " + b"; ".join(b"a%d=b" % i for i in range(200)) + b"\r\n\r\n",
                  "a NUL before more parameters than fit": b"GET /\0?" + b"&".join(b"a%d=b" % i for i in range(200)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                  "only line ends": b"\r\n" * 3000, "a chunk size of all ones": CHUNKED + b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
                  "a half-sent body": b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"}
    connections = {name: connect(server) for name in beginnings}
    for name, connection in connections.items():
        connection.sendall(beginnings[name])
    yield connections
    for connection in connections.values():
        connection.close()


@pytest.fixture(autouse=True)
def well(server):
    yield
    assert server.process.poll() is None, server.log()[-4000:]
    server.bystander.see()


# ---- talking ----

def head(method, path, *headers, key=None, body=None, type="application/json"):
    """The bytes of a request; `body` None: no body."""
    lines = [b"%s %s HTTP/1.1" % (method.encode(), path if isinstance(path, bytes) else path.encode()), b"Host: a", b"Connection: close"]
    lines += [b"Authorization: Bearer " + key.encode()] if key else []
    lines += [b"Content-Type: %s" % type.encode(), b"Content-Length: %d" % len(body)] if body is not None else []
    lines += [header if isinstance(header, bytes) else header.encode() for header in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def split(answer):
    """Status, headers in lower case, body of the first answer."""
    top, _, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})", top)
    assert status, answer[:500]
    headers = {name.strip().lower().decode(): value.strip().decode("latin1") for name, _, value in (line.partition(b":") for line in top.split(b"\r\n")[1:])}
    return int(status.group(1)), headers, body


def refused(answer, *statuses):
    """A closed connection or a 4xx; one of ours is a problem that says what is wrong."""
    if not answer and not statuses:
        return
    status, headers, body = split(answer)
    assert 400 <= status < 500, answer[:800]
    assert not statuses or status in statuses, answer[:800]
    if "x-request-id" in headers:
        assert headers["content-type"] == "application/problem+json", answer[:800]
        problem = json.loads(body)
        assert problem["status"] == status and problem["code"].startswith("ORC-") and problem["detail"], problem


def all_refused(answers, *statuses):
    wrong = {}
    for name, answer in answers.items():
        try:
            refused(answer, *statuses)
        except AssertionError as error:
            wrong[name] = str(error)[:400]
    assert not wrong, json.dumps(wrong, indent=1, default=str)


# ---- framing ----

HIDDEN = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
LOGIN = b"POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "a negative length": LOGIN + b"Content-Length: -1\r\n\r\n{}",
    "a length over 64 bits": LOGIN + b"Content-Length: 18446744073709551617\r\n\r\n{}",
    "a length in hexadecimal": LOGIN + b"Content-Length: 0x2\r\n\r\n{}",
    "a length with letters behind it": LOGIN + b"Content-Length: 2abc\r\n\r\n{}",
    "an empty length": LOGIN + b"Content-Length:\r\n\r\n{}",
    "a chunk size over 64 bits": CHUNKED + b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk size with 0x": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk size that is a word": CHUNKED + b"two\r\n{}\r\n0\r\n\r\n",
    "a chunk without its line end": CHUNKED + b"2\r\n{}0\r\n\r\n",
    "an encoding in letters of both sizes behind a tab": LOGIN + b"Transfer-Encoding:\tcHuNkEd, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an encoding in quotes": LOGIN + b"Transfer-Encoding: \"chunked\"\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an encoding with a vertical tab": LOGIN + b"Transfer-Encoding: \x0bchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a header that is folded": b"GET /api/v1/specs HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nConnection: close\r\n\r\n",
    "a header without a colon": b"GET /health HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "a NUL in the target": b"GET /hea\0lth HTTP/1.1\r\nHost: a\r\n\r\n",
    "a NUL in the method": b"G\0ET /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
    "only NUL bytes": bytes(20000),
    "a space before the target's end": b"GET /health  x HTTP/1.1\r\nHost: a\r\n\r\n",
    "an asterisk as the target": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "CONNECT": b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n",
}
OTHERS = {
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0",
    "HTTP of another century": b"GET /health HTTP/9.9\r\nHost: a\r\n\r\n",
    "no HTTP at all": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a TLS ClientHello": bytes.fromhex("16030100c4010000c00303") + bytes(range(32)) + b"\x20" + bytes(32) + b"\0\x02\x13\x01\x01\0" + bytes(100),
    "a PROXY line": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
}


def test_broken_requests_are_refused(server):
    all_refused({name: talk(server, BROKEN[name], half_close=True) for name in BROKEN})


def test_requests_of_other_protocols_are_refused(server):
    for name, request in OTHERS.items():
        answer = talk(server, request, half_close=True)
        if not answer.startswith(b"HTTP/1.1 505 "):  # a version of HTTP that nobody speaks
            refused(answer)


def test_bare_line_ends_hide_no_second_request(server):
    for end in (b"\n", b"\r"):
        answer = talk(server, LOGIN.replace(b"\r\n", end) + b"Connection: close" + end + b"Content-Length: %d" % len(HIDDEN) + end + end + HIDDEN)
        assert b"uptime_seconds" not in answer
        refused(answer)


def test_lines_that_are_no_headers_hide_no_second_request(server):
    """libmicrohttpd forgets what follows a NUL and takes a line without a name for the end of the headers: what stands behind it is then no request."""
    for line in (b": chunked", b"X: a\0b", b"X: a\0\r\n", b"X\0: y", b"Transfer-Encoding\0: chunked", b"\0Transfer-Encoding: chunked"):
        answer = talk(server, LOGIN + line + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (5 + len(HIDDEN)) + b"0\r\n\r\n" + HIDDEN)
        assert b"uptime_seconds" not in answer and not re.search(rb"HTTP/1\.1 [235]", answer), (line, answer)


# ---- sizes ----

def test_ten_megabytes_are_refused_before_they_are_sent(server):
    with connect(server) as connection:
        connection.sendall(LOGIN + b"Content-Length: 10485760\r\n\r\n")
        refused(read(connection), 413)


def test_ten_megabytes_that_are_sent_all_the_same_get_their_answer(server):
    refused(talk(server, LOGIN + b"Content-Length: 10485760\r\n\r\n", *[bytes(1 << 20)] * 10), 413)


def test_ten_thousand_headers_are_refused(server):
    refused(talk(server, b"GET /health HTTP/1.1\r\nHost: a\r\n", b"".join(b"X-%d: y\r\n" % i for i in range(10000)), b"\r\n"))


def test_sixty_four_kilobytes_of_one_part_are_refused(server):
    long = b"a" * 65536
    lines = {"name": (b"GET", b"/health", long + b": x"), "value": (b"GET", b"/health", b"X: " + long), "target": (b"GET", b"/" + long, b"X: y"),
             "query": (b"GET", b"/health?" + long, b"X: y"), "method": (long, b"/health", b"X: y"),
             "cookie": (b"GET", b"/health", b"Cookie: innominatus_session=" + long), "key": (b"GET", b"/api/v1/specs", b"Authorization: Bearer " + long)}
    all_refused({part: talk(server, b"%s %s HTTP/1.1\r\nHost: a\r\n%s\r\nConnection: close\r\n\r\n" % (method, target, header))
                 for part, (method, target, header) in lines.items()})


def test_a_target_within_the_limit_may_still_ask_too_much(server):
    key = server.admin_key
    refused(talk(server, head("GET", "/" + "a/" * 400, key=key)), 400)
    refused(talk(server, head("GET", "/api/v1/specs?" + "&".join(f"a{i}=b" for i in range(200)), key=key)), 400)
    refused(talk(server, head("GET", "/api/v1/specs?limit=" + "9" * 3000, key=key)), 400)
    refused(talk(server, head("GET", "/api/v1/specs/" + "n" * 3000, key=key)), 400, 404, 422)


# ---- targets, methods, headers ----

PATHS = [b"/api/v1/../../etc/passwd", b"/api/v1/%2e%2e/%2e%2e/etc/passwd", b"/api/v1/specs/..%2f..%2fadmin", b"/api/v1/specs/%252e%252e", b"/..", b"//", b"///api//v1//specs",
         b"/api/v1/specs/%00", b"/api/v1/specs/a%00b", b"/api/v1/specs/%c0%ae%c0%ae", b"/api/v1/specs/%c0%af", b"/api/v1/specs/%ed%a0%80", b"/api/v1/specs/%f4%90%80%80",
         b"/api/v1/specs/%ff%fe", b"/api/v1/specs/\xff\xfe", b"/api/v1/specs/%", b"/api/v1/specs/%4", b"/api/v1/specs/%zz", b"/api/v1/specs/%0d%0aSet-Cookie:x=y",
         b"/api/v1/specs/a%1b[31m", b"/api/v1/specs/%7f", b"/schemas/..%2f..%2fadmin-config.yaml", b"/schemas/%2e%2e", b"/api/v1/plugins/..%2f..", b"/api/v1/graph/%2e%2e",
         b"/api/v1/specs#fragment", b"http://other.example/api/v1/%2e%2e", b"/api/v9/specs", b"/API/V1/SPECS", b"/api/v1/specs/;jsessionid=1", b"/api/v1/specs/{name}",
         b"\\api\\v1\\specs", b"api/v1/specs", b"?x"]
QUERIES = [b"limit=%00", b"limit=%ff", b"limit=-1", b"limit=0", b"limit=1e3", b"limit=99999999999999999999", b"limit=1&limit=2", b"cursor=%00", b"cursor=../..", b"cursor=%c0%af",
           b"sort=%27%20OR%201=1--", b"sort=\xff", b"unknown=1", b"%00=1", b"=", b"limit", b"team=%00", b"limit=%", b"limit=1%0d%0aX:y", b"cursor=" + b"A" * 4000]


def test_no_spelling_of_a_path_leads_elsewhere(server):
    all_refused({repr(path): talk(server, head("GET", path, key=server.admin_key)) for path in PATHS})


def test_malformed_queries_are_refused(server):
    all_refused({repr(query): talk(server, head("GET", b"/api/v1/specs?" + query, key=server.admin_key)) for query in QUERIES}, 400, 422)


def test_unknown_methods_are_told_the_known_ones(server):
    for method in ("BREW", "PATCH", "PUT", "TRACE", "PROPFIND", "get", "GETGET", "OPTIONS", "G" * 100, "\xff", "GET,POST"):
        answer = talk(server, head("GET", "/api/v1/specs", key=server.admin_key).replace(b"GET", method.encode("latin1"), 1))
        refused(answer)
        status, headers, _ = split(answer)
        assert status == 400 or "GET" in headers["allow"], (method, answer)


def test_a_key_that_is_none_opens_nothing(server):
    values = (b"\xff\xfe", b"\xc0\xaf", b"\x01\x02", b"\x7f", b"Bearer", b"Bearer  ", b"Basic YTpi", b"Bearer " + b"k" * 2000, b"Bearer \xff" * 3)
    all_refused({repr(value[:20]): talk(server, head("GET", "/api/v1/specs", b"Authorization: " + value)) for value in values}, 400, 401)


def test_odd_headers_of_a_good_request_change_nothing(server):
    odd = [b"Range: bytes=0-1,5-", b"X-Request-Id: \xff\xff", b"X-Forwarded-For: \xff, ::1, 999.1.1.1", b"traceparent: 00-" + b"z" * 51, b"Accept: \xff/\xff;q=nan", b"Accept-Encoding: gzip;q=9",
           b"If-None-Match: \"\xff", b"If-Match: *", b"Cookie: =;;a; innominatus_session; =\xff", b"Upgrade: websocket", b"Last-Event-ID: -9999999999999999999", b"Origin: null",
           b"Content-Encoding: gzip", b"Max-Forwards: -1", b"Via: 1.1 \x80", b"Referer: \x80", b"User-Agent: \x80${jndi:ldap://x}"]
    for header in odd:
        status, headers, body = split(talk(server, head("GET", "/api/v1/specs", header, key=server.admin_key)))
        assert (status == 200 and "items" in json.loads(body)) or (400 <= status < 500 and headers["content-type"] == "application/problem+json"), (header, status, body[:300])
        assert "content-range" not in headers


# ---- bodies ----

TYPES = ["text/plain", "text/html", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/octet-stream", "application/jsonx", "json",
         "", ";", "application/json; charset=utf-16", "\xff", "application/" + "j" * 3000]


def test_bodies_of_other_types_are_refused(server):
    for path in ("/api/v1/users", "/api/v1/specs/validate", "/api/v1/login"):
        request = head("POST", path, key=server.admin_key, body=b"{}", type="@TYPE@")
        all_refused({f"{path} {type[:40]!r}": talk(server, request.replace(b"@TYPE@", type.encode("latin1"))) for type in TYPES}, 400, 401, 415, 422, 429)


DEEP = 100000
JSON = {
    "nothing": b"", "white space": b" \n ", "a NUL": b"\0", "a text": b'"x"', "a list": b"[]", "a number": b"1", "null": b"null", "two values": b"{}{}", "a cut-off object": b'{"name": "x"',
    "a NUL in a text": b'{"name": "a\\u0000b", "team": "shop", "role": "user"}', "a raw NUL in a text": b'{"name": "a\0b"}', "a lone surrogate": b'{"name": "\\ud800"}',
    "invalid UTF-8": b'{"name": "\xff"}', "overlong UTF-8": b'{"name": "\xc0\xaf"}', "UTF-16": '{"name": "x"}'.encode("utf-16"), "a byte order mark": b'\xef\xbb\xbf{"name": 1}',
    "a key twice": b'{"name": "a", "name": "b"}', "deep lists": b'{"name": ' + b"[" * DEEP + b"]" * DEEP + b"}", "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "open lists": b"[" * 900000, "wide": json.dumps({f"k{i}": i for i in range(50000)}).encode(), "a wide list": b'{"name": [' + b"1," * 200000 + b"1]}",
    "a number without end": b'{"name": ' + b"9" * 500000 + b"}", "an exponent without end": b'{"name": 1e999999999}', "a name without end": b'{"name": "' + b"n" * 900000 + b'"}',
    "keys that hash alike": json.dumps({"a" * (i % 7) + chr(0x4E00 + i): 1 for i in range(20000)}).encode(), "NaN": b'{"name": NaN}', "a comment": b'{"name": 1 /* x */}',
    "single quotes": b"{'name': 'x'}", "escapes only": b'{"name": "' + b"\\u0041" * 100000 + b'"}', "a prototype": b'{"__proto__": {"role": "admin"}, "constructor": 1}',
}


def test_json_bodies_that_are_wrong_are_refused(server):
    all_refused({name: talk(server, head("POST", "/api/v1/users", key=server.admin_key, body=JSON[name])) for name in JSON}, 400, 413, 422)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
YAML = {
    "nothing": b"", "a NUL": b"a: b\0c", "invalid UTF-8": b"a: \xff\xfe", "UTF-16": SCORE.encode("utf-16"), "a tab": b"a:\n\tb: c", "an alias bomb": BOMB.encode(),
    "an alias of itself": b"a: &a [*a]\n", "an alias of nothing": b"a: *b\n", "a merge of itself": b"a: &a\n  <<: *a\n", "a thousand aliases": b"a: &a x\nb: [" + b"*a, " * 1000 + b"*a]\n",
    "deep flow": b"[" * DEEP, "deep blocks": b"".join(b" " * i + b"a:\n" for i in range(1200)), "deep dashes": b"- " * 50000 + b"x", "wide": b"".join(b"k%d: v\n" % i for i in range(60000)),
    "a key twice": SCORE.encode() + b"metadata: {name: other}\n", "many documents": b"---\na: 1\n" * 10000, "a tag of code": b"a: !!python/object/apply:os.system [id]\n",
    "an endless text": b'a: "' + b"x" * 900000, "an endless block": b"a: |\n" + b"  x\n" * 200000, "many anchors": b"".join(b"k%d: &a%d x\n" % (i, i) for i in range(40000)),
    "a key that is a map": b"? {a: b}\n: c\n", "a key that is large": b"? " + b"k" * 500000 + b"\n: v\n", "braces": b"{" * 400000, "quotes": b"'" * 500001, "a directive": b"%YAML 9.9\n---\na: b\n",
    "exclamation marks": b"!" * 300000, "comments": b"#" * 900000, "colons": b": " * 300000, "question marks": b"? " * 300000, "line ends": b"\n" * 900000,
}


def test_score_files_that_are_wrong_are_refused_with_their_problems(server):
    answers = {name: talk(server, head("POST", "/api/v1/specs/validate", key=server.admin_key, body=YAML[name], type="application/yaml")) for name in YAML}
    assert all(answers.values()), [name for name, answer in answers.items() if not answer]
    read = {name: json.loads(split(answer)[2]) for name, answer in answers.items() if split(answer)[0] == 200}  # validate answers for a file that it could read
    assert not [name for name, answer in read.items() if answer["valid"] is not False or not answer["errors"]], read
    all_refused({name: answer for name, answer in answers.items() if name not in read}, 400, 413, 422)


def test_uploads_that_are_wrong_are_refused(server):
    def submit(**members):
        body = json.dumps({"spec": SCORE, **members}).encode()
        return talk(server, head("POST", "/api/v1/specs/validate", key=server.admin_key, body=body))

    for files in ({"a\0b": "eA=="}, {"a": "no base64!"}, {"a": 1}, [], "x", {f"f{i}": "" for i in range(300)}):
        refused(submit(files=files), 400, 422)
    for name in ("../../etc/passwd", "/etc/passwd", ""):  # a name that no Score file can refer to is only a name: nothing is written
        assert split(submit(files={name: "eA=="}))[0] in (200, 400, 422)
    assert split(submit(files={"a.bin": base64.b64encode(bytes(1000)).decode()}))[0] == 200


# ---- connections ----

def test_pipelined_requests_are_answered_in_their_order(server):
    key = server.admin_key.encode()
    requests = b"".join(b"GET /api/v1/specs/nothing-%d HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % (i, key) for i in range(100))
    answer = talk(server, requests + HIDDEN.replace(b"Host: a", b"Host: a\r\nConnection: close"))
    assert list(dict.fromkeys(int(n) for n in re.findall(rb"nothing-(\d+)", answer))) == list(range(100))
    assert answer.count(b"HTTP/1.1 404 ") == 100 and answer.count(b"HTTP/1.1 200 ") == 1


def test_a_pipeline_behind_a_refusal_is_dropped(server):
    answer = talk(server, LOGIN + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
    assert answer.count(b"HTTP/1.1 ") == 1 and split(answer)[0] == 400


def test_continue_is_said_for_bodies_that_are_wanted_only(server):
    with connect(server) as connection:
        connection.sendall(LOGIN + b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        first = connection.recv(65536)
        assert first.startswith(b"HTTP/1.1 100 "), first
        connection.sendall(b"{}")
        refused(read(connection), 422)
    with connect(server) as connection:
        connection.sendall(LOGIN + b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
        refused(read(connection), 413)
    with connect(server) as connection:  # a body may be awaited so that the connection can go on
        connection.sendall(head("POST", "/api/v1/users", b"Expect: 100-continue", b"Content-Length: 2"))
        answer = connection.recv(65536).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"{}")
        refused(answer + read(connection), 401)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_connections_that_are_reset_at_any_moment_cost_nothing(server):
    request = head("POST", "/api/v1/specs/validate", key=server.admin_key, body=SCORE.encode(), type="application/yaml")
    big = head("GET", "/openapi.json", key=server.admin_key)
    for cut in range(0, len(request), 7):
        connection = connect(server)
        connection.sendall(request[:cut])
        reset(connection)
    for amount in (0, 1, 100, 5000) * 5:  # in the middle of an answer
        connection = connect(server)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(big)
        if amount:
            connection.recv(amount)
        reset(connection)


def test_clients_that_do_not_read_hold_up_nobody(server):
    request = head("GET", "/openapi.json", key=server.admin_key).replace(b"Connection: close\r\n", b"")
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            connection = stack.enter_context(connect(server))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                for _ in range(8):
                    connection.send(request)
        server.bystander.see()


def test_a_thousand_idle_connections_leave_room_for_others(server):
    with contextlib.ExitStack() as stack:
        answered = [stack.enter_context(connect(server)) for _ in range(IDLE // 2)]
        for connection in answered:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        for connection in answered:
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        # These are kept for their next request; those that say nothing until the deadline of headers, so they come last and are counted at once.
        for _ in range(IDLE // 2):
            stack.enter_context(connect(server))
        ends = time.monotonic() + HEADERS_SECONDS
        while descriptors(server) < IDLE and time.monotonic() < ends:
            time.sleep(0.01)  # the last ones are connected before they are accepted
        assert descriptors(server) >= IDLE
        server.bystander.see()
        answered[0].sendall(head("GET", "/health"))  # nobody is turned away
        assert read(answered[0]).startswith(b"HTTP/1.1 200 ")


# ---- what is left ----

def test_requests_that_never_end_are_ended(server, slow):
    drip = slow["headers that are dripped"]
    ends = time.monotonic() + PATIENCE
    with contextlib.suppress(ConnectionError):  # each byte is activity; the deadline does not care
        while time.monotonic() < ends and not select.select([drip], [], [], 0.1)[0]:
            drip.sendall(b"y")
    for name in ("headers that are dripped", "a half-sent request line", "nothing", "only line ends", "more cookies than fit", "a NUL before more parameters than fit"):
        assert select.select([slow[name]], [], [], PATIENCE)[0], name
        answer = read(slow[name])
        assert answer == b"" or 400 <= split(answer)[0] < 500, name


def test_nothing_is_left_of_all_that(server):
    def attack():
        for name in ("an alias bomb", "wide", "deep flow"):
            talk(server, head("POST", "/api/v1/specs/validate", key=server.admin_key, body=YAML[name], type="application/yaml"))
        for name in ("wide", "deep objects"):
            talk(server, head("POST", "/api/v1/users", key=server.admin_key, body=JSON[name]))
        for name in BROKEN:
            talk(server, BROKEN[name], half_close=True)

    attack()
    ends = time.monotonic() + PATIENCE
    while descriptors(server) > 100 and time.monotonic() < ends:  # those of the idle connections go when it sees their end
        server.bystander.see()
    before, memory = descriptors(server), resident(server)
    for _ in range(5):
        attack()
    server.bystander.see()
    ends = time.monotonic() + PATIENCE
    while descriptors(server) > before + 8 and time.monotonic() < ends:
        server.bystander.see()
    assert descriptors(server) <= before + 8, sorted(str(entry.resolve()) for entry in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir())
    assert resident(server) - memory < 48 << 20
    assert "ORC-5" not in "".join(re.findall(r"status=5\d\d.*", server.log()))
