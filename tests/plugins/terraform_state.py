"""A Terraform HTTP state backend in memory, for the tests of plugins/terraform: GET, POST, DELETE, LOCK, UNLOCK below /state/, basic auth.
Prints its port. Ends with its standard input."""

import base64
import http.server
import json
import sys
import threading

states, locks = {}, {}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def granted(self):
        wanted = "Basic " + base64.b64encode(b"robot:p4ssw0rd-of-the-backend").decode()
        if self.headers.get("Authorization") == wanted:
            return True
        self.body()
        self.answer(401)
        return False

    def do_GET(self):
        if self.path == "/locks":
            return self.answer(200, json.dumps(locks).encode())
        if self.granted():
            state = states.get(self.path.split("?")[0])
            self.answer(200 if state else 204, state or b"")

    def do_POST(self):
        if self.granted():
            states[self.path.split("?")[0]] = self.body()
            self.answer(200)

    def do_DELETE(self):
        if self.granted():
            states.pop(self.path.split("?")[0], None)
            self.answer(200)

    def do_LOCK(self):
        if self.granted():
            mine = self.body().decode()
            held = locks.setdefault(self.path, mine)
            self.answer(200 if held == mine else 423, b"" if held == mine else held.encode())

    def do_UNLOCK(self):
        if self.granted():
            self.body()
            locks.pop(self.path, None)
            self.answer(200)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
