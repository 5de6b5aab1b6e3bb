"""A backend that remembers every request with its time: the merchant API for the example's provisioner, and counters for `http` steps."""
import http.server
import json
import threading
import time


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        backend = self.server.backend
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length or 0))
        if len(body) < int(length or 0) or (self.command == "PUT" and length is None):  # the caller was killed while it wrote: that is no request
            self.close_connection = True
            return
        with backend.lock:
            status, answer = backend.answer(self.command, self.path, body, self.headers.get("Idempotency-Key"))
        text = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:  # the caller was killed
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = handle_any

    def log_message(self, format, *args):
        pass


class Backend(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.backend, self.lock = self, threading.Lock()
        self.merchants, self.keys = {}, {}
        self.requests = []  # (time in us, method, path, body, key)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def answer(self, method, path, body, key):
        self.requests.append((time.time_ns() // 1000, method, path, body.decode(), key))
        if not path.startswith("/merchants/"):
            return 200, {"seen": sum(1 for r in self.requests if r[1:3] == (method, path))}
        if method == "PUT":  # the same key with another body is a conflict, for good
            if self.keys.setdefault(key, (path, body)) != (path, body):
                return 409, {"detail": "this Idempotency-Key came with another body"}
            old = self.merchants.get(path, {"api_key": f"mk_{len(self.merchants):04d}_{'x' * 20}"})
            self.merchants[path] = {**old, **json.loads(body)}
        elif method == "DELETE":
            self.merchants.pop(path, None)
            return 200, {}
        return (200, self.merchants[path]) if path in self.merchants else (404, {"detail": "none"})

    def handle_error(self, request, client_address):
        pass  # a killed caller
