"""What protocol fakes of backends share: a strict HTTP server whose routes are a table, that can be stopped and started again with all that it holds.

A fake answers only what it lists, which is a part of the system's own OpenAPI document: another path, method or member of a body is refused, a body without
`Content-Type: application/json` too. Every request is kept in `requests` as (method, path).
"""
import http.server
import json
import os
import re
import socket
import socketserver
import subprocess
import threading
import urllib.parse


class Refusal(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status, self.message = status, message


class Gone(Exception):
    """Whoever asked has closed the connection: nothing is done, as servers do that end the work of a request with its connection. Without it the request of a plugin that was canceled or
    killed could be carried out after the next plugin has removed everything."""


def went_away(connection):
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Request:
    def __init__(self, method, path, query, body, token):
        self.method, self.path, self.query, self.body, self.token = method, path, query, body, token


def check_body(body, shape, where="body"):
    """A shape is a type, a tuple of types, a set of texts, [shape of items], {"*": shape} for maps, or {name: shape}; a name that ends with ! is required."""
    if isinstance(shape, (type, tuple)):
        good = isinstance(body, shape) and not (isinstance(body, bool) and shape is int)
        if not good:
            raise Refusal(422, f"{where}: {type(body).__name__} instead of {shape}")
    elif isinstance(shape, set):
        if body not in shape:
            raise Refusal(422, f"{where}: {body!r} is none of {sorted(shape)}")
    elif isinstance(shape, list):
        check_body(body, list, where)
        for number, item in enumerate(body):
            check_body(item, shape[0], f"{where}.{number}")
    elif "*" in shape:
        check_body(body, dict, where)
        for name, value in body.items():
            check_body(value, shape["*"], f"{where}.{name}")
    else:
        check_body(body, dict, where)
        known = {name.rstrip("!"): (inner, name.endswith("!")) for name, inner in shape.items()}
        for name, value in body.items():
            if name not in known:
                raise Refusal(422, f"{where}.{name} is unknown")
            check_body(value, known[name][0], f"{where}.{name}")
        for name, (_, required) in known.items():
            if required and name not in body:
                raise Refusal(422, f"{where}.{name}: Required")


class Fake:
    """A subclass has `routes`: [(method, pattern, shape of the body or None, function(request, *groups) -> (status, answer))], and authorize(headers)."""

    routes = ()

    def __init__(self):
        self.lock = threading.Lock()
        self.requests, self.server, self.port = [], None, 0
        self.down = True
        self.before = None  # called with (method, path) before a request is looked at; what it returns as true is not answered
        self.after = None  # the same when it is done: the answer is lost
        self.compiled = [(method, re.compile(pattern + "$"), shape, function) for method, pattern, shape, function in self.routes]

    # ---- life ----

    def start(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self):
                fake.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):  # a client that went away
                pass

        self.down = False
        self.server = Listener(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def halt(self):
        """Nobody listens any more, and connections that are open are not served. What it holds stays."""
        self.down = True
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.halt()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    # ---- requests ----

    def authorize(self, headers):
        """The token's owner; a Refusal without."""
        raise NotImplementedError

    def refusal(self, status, message):
        """The body of a failure."""
        return {"message": message}

    def answer(self, handler, path, query):
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        who = self.authorize(handler.headers)
        found = [(shape, function, match) for method, pattern, shape, function in self.compiled
                 if method == handler.command and (match := pattern.match(path))]
        if not found:
            raise Refusal(405 if any(pattern.match(path) for _, pattern, _, _ in self.compiled) else 404, f"no {handler.command} {path}")
        shape, function, match = found[0]
        body = None
        if raw:
            if not handler.headers.get("Content-Type", "").startswith("application/json"):
                raise Refusal(422, "Unsupported Content-Type")
            try:
                body = json.loads(raw)
            except ValueError as error:
                raise Refusal(422, str(error)) from error
        if shape is not None:
            check_body(body, shape)
        elif raw:
            raise Refusal(422, f"{handler.command} {path} takes no body")
        request = Request(handler.command, path, query, body, who)
        with self.lock:
            if went_away(handler.connection):
                raise Gone
            return function(self, request, *map(urllib.parse.unquote, match.groups()))

    def handle(self, handler):
        parsed = urllib.parse.urlsplit(handler.path)
        self.requests.append((handler.command, parsed.path))
        if (self.before and self.before(handler.command, parsed.path)) or self.down:
            handler.close_connection = True
            return
        try:
            status, body = self.answer(handler, parsed.path, dict(urllib.parse.parse_qsl(parsed.query)))
        except Gone:
            handler.close_connection = True
            return
        except Refusal as refused:
            status, body = refused.status, self.refusal(refused.status, refused.message)
        if (self.after and self.after(handler.command, parsed.path)) or self.down:
            handler.close_connection = True
            return
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        handler.send_response(status)
        if text:
            handler.send_header("Content-Type", "application/json;charset=utf-8")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)


def run(fake, words, prefix, token):
    """Runs the words with the fake's address and token in PREFIX_URL and PREFIX_TOKEN, and gives their exit code."""
    with fake:
        env = {**os.environ, f"{prefix}_URL": fake.url, f"{prefix}_TOKEN": token, f"{prefix}_FAKE": "1"}
        return subprocess.run(words, env=env, check=False).returncode

