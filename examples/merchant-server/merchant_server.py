#!/usr/bin/env python3
"""A payment company's API in small: merchants are made, read and removed over HTTP.

    PUT    /merchants/{id}   makes or changes a merchant; 201 the first time, 200 later
    GET    /merchants/{id}   JSON, or a page for browsers (Accept: text/html), which needs no token and shows no key
    DELETE /merchants/{id}   204, or 404 when there is none
    GET    /health           200, without a token

Every other request carries "Authorization: Bearer TOKEN". The data is one JSON file, replaced atomically, so a crash loses nothing that was acknowledged.
The token comes from a file or from the environment variable MERCHANT_TOKEN, never from the command line, where every user of the machine could read it.
"""

import argparse
import hmac
import html
import json
import os
import re
import secrets
import signal
import socket
import sys
import tempfile
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY_BYTES = 64 * 1024
MAX_MERCHANTS = 10_000
MAX_IDEMPOTENCY_KEYS = 10_000
SOCKET_TIMEOUT_SECONDS = 15
ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
FIELDS = {"display_name": str, "currency": str, "callback_url": str, "owner": str}


class Problem(Exception):
    """An answer that is not what the caller hoped for."""

    def __init__(self, status, detail, headers=None):
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


class Merchants:
    """The merchants, in memory and in a file."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.merchants, self.keys = {}, {}
        try:
            with open(path, encoding="utf-8") as file:
                data = json.load(file)
            self.merchants, self.keys = data["merchants"], data["idempotency_keys"]
        except FileNotFoundError:
            self.save()
        except (ValueError, KeyError, TypeError) as error:
            raise SystemExit(f"merchant-server: {path} is damaged ({error}); put it back from a backup or remove it") from error

    def save(self):
        """Old or new content, never half of it; only the owner may read it, for it holds the merchants' keys."""
        directory = os.path.dirname(os.path.abspath(self.path))
        fd, temporary = tempfile.mkstemp(dir=directory, prefix=".merchants-")
        try:
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump({"merchants": self.merchants, "idempotency_keys": self.keys}, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            os.unlink(temporary)
            raise
        directory_fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory_fd)
        finally:
            os.close(directory_fd)

    def change(self, act):
        """Runs act(merchants, keys) and keeps its changes only when they are on disk."""
        with self.lock:
            before = json.dumps([self.merchants, self.keys])
            try:
                result = act(self.merchants, self.keys)
                self.save()
                return result
            except Problem:
                self.merchants, self.keys = json.loads(before)
                raise
            except OSError as error:
                self.merchants, self.keys = json.loads(before)
                raise Problem(503, f"cannot write the data: {error.strerror}") from error

    def put(self, merchant_id, wanted, key):
        body = json.dumps(wanted, sort_keys=True)

        def act(merchants, keys):
            used = keys.get(key) if key else None
            if used and used != {"id": merchant_id, "body": body}:
                raise Problem(409, "this Idempotency-Key came with another request before")
            created = merchant_id not in merchants
            if created and len(merchants) >= MAX_MERCHANTS:
                raise Problem(507, f"there are {MAX_MERCHANTS} merchants already")
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            old = merchants.get(merchant_id, {"id": merchant_id, "api_key": "mk_" + secrets.token_urlsafe(32), "created_at": now})
            kept = {field: old[field] for field in ("id", "api_key", "created_at")}
            same = {**kept, **wanted} == {name: value for name, value in old.items() if name != "updated_at"}
            merchants[merchant_id] = old if same and not created else {**kept, **wanted, "updated_at": now}
            if key:
                keys[key] = {"id": merchant_id, "body": body}
                while len(keys) > MAX_IDEMPOTENCY_KEYS:
                    del keys[next(iter(keys))]
            return created, merchants[merchant_id]

        return self.change(act)

    def get(self, merchant_id):
        with self.lock:
            merchant = self.merchants.get(merchant_id)
            return dict(merchant) if merchant else None

    def delete(self, merchant_id):
        def act(merchants, keys):
            if merchant_id not in merchants:
                raise Problem(404, f"no merchant {merchant_id}")
            del merchants[merchant_id]
            for key in [name for name, used in keys.items() if used["id"] == merchant_id]:
                del keys[key]  # the same request may make the merchant anew

        self.change(act)


def check_merchant(value):
    if not isinstance(value, dict):
        raise Problem(422, "the body must be a JSON object")
    for name, item in value.items():
        if name not in FIELDS:
            raise Problem(422, f"unknown field {name!r}; there are {', '.join(FIELDS)}")
        if not isinstance(item, FIELDS[name]) or len(item) > 500:
            raise Problem(422, f"{name} must be a text of at most 500 characters")
    if not re.fullmatch(r"[A-Z]{3}", value.get("currency", "EUR")):
        raise Problem(422, "currency must be three capital letters such as EUR")
    return {"currency": "EUR", **value}


def page(merchant):
    rows = "".join(
        f"<tr><th>{html.escape(name.replace('_', ' '))}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in sorted(merchant.items())
        if name != "api_key"
    )
    title = html.escape(merchant.get("display_name") or merchant["id"])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        "<style>body{font:16px system-ui;margin:3rem auto;max-width:40rem}th{text-align:left;padding:.3rem 2rem .3rem 0}</style>"
        f"<h1>{title}</h1><table>{rows}</table><p>The API key is shown to its owner only.</p></html>\n"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "merchant-server"
    sys_version = ""
    timeout = SOCKET_TIMEOUT_SECONDS

    def answer(self, status, value=None, content_type="application/json", headers=None):
        body = b"" if value is None else (value if isinstance(value, str) else json.dumps(value) + "\n").encode()
        self.send_response(status)
        if value is not None:
            self.send_header("Content-Type", content_type + "; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def read_body(self):
        """First of all, also for requests that will be refused: a connection closed on unread bytes may lose the answer."""
        length = self.headers.get("Content-Length", "0")
        problem = None
        if self.headers.get("Transfer-Encoding"):
            problem = Problem(411, "send a Content-Length")
        elif not re.fullmatch(r"[0-9]{1,12}", length):
            problem = Problem(400, "the Content-Length is no number")
        elif int(length) > MAX_BODY_BYTES:
            problem = Problem(413, f"the body has {length} bytes, the limit is {MAX_BODY_BYTES}")
        if problem:
            self.close_connection = True  # what was not read must not be taken for the next request
            raise problem
        self.body = self.rfile.read(int(length))

    def read_json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Problem(400, "the body is no JSON") from error

    def check_token(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self.server.token):
            raise Problem(401, "this needs the header Authorization: Bearer TOKEN with the right token", {"WWW-Authenticate": "Bearer"})

    def is_browser(self):
        return self.command in ("GET", "HEAD") and "text/html" in self.headers.get("Accept", "")

    def merchant_id(self):
        path = self.path.partition("?")[0]
        if not path.startswith("/merchants/"):
            raise Problem(404, "there are /merchants/{id} and /health")
        merchant_id = path[len("/merchants/"):]
        if not ID.fullmatch(merchant_id):
            raise Problem(400, "a merchant's id has 1 to 100 of a-z, 0-9, '-', '_', '.' and starts with a letter or digit")
        return merchant_id

    def dispatch(self):
        if self.path.partition("?")[0] == "/health":
            if self.command not in ("GET", "HEAD"):
                raise Problem(405, "only GET here", {"Allow": "GET, HEAD"})
            return self.answer(200, {"status": "ok", "merchants": len(self.server.merchants.merchants)})
        if self.command not in ("GET", "HEAD", "PUT", "DELETE"):
            raise Problem(405, "only GET, PUT and DELETE here", {"Allow": "GET, HEAD, PUT, DELETE"})
        if not self.is_browser():
            self.check_token()
        return getattr(self, "on_" + self.command.lower())(self.merchant_id())

    def on_get(self, merchant_id):
        merchant = self.server.merchants.get(merchant_id)
        if not merchant:
            raise Problem(404, f"no merchant {merchant_id}")
        if self.is_browser():
            return self.answer(200, page(merchant), "text/html")
        return self.answer(200, merchant)

    on_head = on_get

    def on_put(self, merchant_id):
        key = self.headers.get("Idempotency-Key", "")
        if len(key) > 200:
            raise Problem(400, "an Idempotency-Key has at most 200 characters")
        created, merchant = self.server.merchants.put(merchant_id, check_merchant(self.read_json()), key)
        self.answer(201 if created else 200, merchant, headers={"Location": f"/merchants/{merchant_id}"})

    def on_delete(self, merchant_id):
        self.server.merchants.delete(merchant_id)
        self.answer(204)

    def handle_request(self):
        try:
            self.read_body()
            self.dispatch()
        except Problem as problem:
            self.answer(problem.status, {"status": problem.status, "detail": problem.detail}, headers=problem.headers)
        except (BrokenPipeError, ConnectionResetError, socket.timeout):
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = do_PATCH = do_OPTIONS = handle_request

    def log_message(self, format, *args):  # the name is http.server's
        print(f"{self.address_string()} {format % args}", file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the default of 5 resets connections when many come at once

    def __init__(self, address, merchants, token):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)
        self.merchants, self.token = merchants, token

    def server_bind(self):  # without the reverse lookup of http.server
        self.allow_reuse_address = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]


def read_token(path):
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                token = file.read().strip()
        except OSError as error:
            raise SystemExit(f"merchant-server: cannot read the token file {path}: {error.strerror}") from error
    else:
        token = os.environ.get("MERCHANT_TOKEN", "").strip()
    if len(token) < 16:
        raise SystemExit("merchant-server: give a token of at least 16 characters by --token-file FILE or MERCHANT_TOKEN")
    return token.encode()


def parse_address(text):
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("must be ADDRESS:PORT, such as 127.0.0.1:9090 (port 0: any free one)")
    return host.strip("[]"), int(port)


def write_port(path, port):
    """Appears only when it is complete, so who waits for it never reads half a number."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(prog="merchant-server", description=__doc__.splitlines()[0])
    parser.add_argument("--listen", type=parse_address, default=("127.0.0.1", 9090), metavar="ADDRESS:PORT")
    parser.add_argument("--data", default="merchants.json", metavar="FILE", help="where the merchants are kept")
    parser.add_argument("--token-file", metavar="FILE", help="else the environment variable MERCHANT_TOKEN")
    parser.add_argument("--port-file", metavar="FILE", help="the port is written there once the server listens")
    options = parser.parse_args()
    token = read_token(options.token_file)
    try:
        server = Server(options.listen, Merchants(options.data), token)
    except OSError as error:
        raise SystemExit(f"merchant-server: {options.listen[0]}:{options.listen[1]} or {options.data}: {error.strerror}") from error
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    if options.port_file:
        write_port(options.port_file, server.server_port)
    print(f"merchant-server listens on http://{options.listen[0]}:{server.server_port}", file=sys.stderr, flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    server.server_close()


if __name__ == "__main__":
    main()
