"""The kubelet's door that an API server opens for `logs` and `exec`: a node of its own, and HTTPS on the loopback. Nothing runs: a log is "N lines of CONTAINER", and a
command is told back; `fail N WORDS` ends with N and says its words as errors. Exec speaks SPDY, as kubelets do; WebSockets are refused, as those of 1.20 do with the newer ones.
"""
import http.server
import json
import ssl
import threading
import urllib.parse

import spdy


def _status(code):
    if not code:
        return {"metadata": {}, "status": "Success"}
    return {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "message": f"command terminated with non-zero exit code: exit status {code}",
            "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]}}


def _run(words):
    """What a container's program would have said: (exit code, standard output, standard error)."""
    if words[0] == "fail":
        return int(words[1]), b"", " ".join(words[2:]).encode()
    return 0, json.dumps(words).encode(), b""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _exec(self, query):
        upgrade = self.headers.get("Upgrade", "")
        if not upgrade.upper().startswith("SPDY/3.1"):
            return self._answer(403, f"no {upgrade} here")
        offered = ",".join(self.headers.get_all("X-Stream-Protocol-Version", []))
        if "v4.channel.k8s.io" not in offered:
            return self._answer(403, f"unable to negotiate protocol: {offered}")
        self.send_response(101)
        for name, value in (("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        connection = spdy.Connection(self.rfile, self.wfile)
        wanted = {"error"} | {name for name, key in (("stdin", "input"), ("stdout", "output"), ("stderr", "error")) if query.get(key, ["0"])[0] in ("1", "true")}
        while not wanted <= set(connection.streams):
            if not connection.read():
                return None
        code, out, err = _run(query["command"])
        for name, data in (("stdout", out), ("stderr", err), ("error", json.dumps(_status(code)).encode())):
            if name in wanted:
                connection.write(name, data)
        while connection.read():  # until the client has gone
            pass
        return None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query, parts = urllib.parse.parse_qs(url.query), url.path.strip("/").split("/")
        self.server.asked.append(self.path)
        if parts[0] == "containerLogs" and len(parts) == 4:
            return self._answer(200, f"{query.get('tailLines', ['all'])[0]} lines of {parts[3]}")
        if parts[0] == "exec" and len(parts) == 4:
            return self._exec(query)
        return self._answer(404, "404 page not found")

    do_POST = do_GET


class Kubelet:
    """with Kubelet(certificate, key) as kubelet: kubelet.port, kubelet.asked"""

    def __init__(self, certificate, key):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.asked = self.asked = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def node(self, name):
        """What the API server must know of it."""
        return ({"metadata": {"name": name}, "spec": {"unschedulable": True}},
                {"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": self.port}},
                            "conditions": [{"type": "Ready", "status": "True"}]}})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
