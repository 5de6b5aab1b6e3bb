"""A real server in a directory of its own: started on a free port, killed, started again, stopped."""
import json
import os
import pathlib
import signal
import subprocess
import threading

from lib import processes
from lib.client import Client

BUILD = pathlib.Path(os.environ.get("INNO_BUILD_DIR", "build/dev")).resolve()
BINARY = pathlib.Path(os.environ.get("INNO_BINARY", BUILD / "bin/innominatus")).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[3]
START_SECONDS = 240  # a limit for what hangs, not a measure
SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer")


class Server:
    def __init__(self, directory, config=None, env=None, state=None):
        """config: path of an admin-config (default: the installed one). env: more environment variables."""
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.state = pathlib.Path(state) if state else self.directory / "state"
        self.home = self.directory / "home"
        self.config = config
        self.env = {**os.environ, "XDG_STATE_HOME": str(self.home), "XDG_CONFIG_HOME": str(self.directory / "config"), **(env or {})}
        for name in ("INNOMINATUS_SERVER", "INNOMINATUS_API_KEY"):
            self.env.pop(name, None)
        self.log_path = self.directory / "server.log"
        self.process, self.url, self.reader, self.exit_code = None, None, None, None
        self.ready = threading.Event()

    # ---- life ----

    def command(self):
        words = [str(BINARY), "serve", "--listen", "127.0.0.1:0", "--state-dir", str(self.state)]
        return words + (["--admin-config", str(self.config)] if self.config else [])

    def _read_log(self, stream, ready):
        with open(self.log_path, "ab") as log:
            for line in stream:
                log.write(line)
                log.flush()
                if b" is ready" in line:
                    self.url = line.decode().partition(' url="')[2].partition('"')[0]
                    ready.set()
        ready.set()

    def launch(self):
        """Starts the process without waiting until it is ready."""
        self.ready = threading.Event()
        self.process = subprocess.Popen(self.command(), env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        keep_child(self.process.pid)
        self.reader = threading.Thread(target=self._read_log, args=(self.process.stderr, self.ready), daemon=True)
        self.reader.start()
        return self

    def start(self):
        self.url = None
        self.launch()
        if not self.ready.wait(START_SECONDS) or not self.url:
            raise AssertionError(f"the server did not start (exit code {self.process.poll()}):\n{self.log()[-4000:]}")
        return self

    def _ended(self):
        self.reader.join()
        self.process.stderr.close()
        code = self.process.returncode
        forget_child(self.process.pid)
        self.process = None
        return code

    def kill(self):
        """kill -9. Returns {pid: exe} of processes that outlived it although they must not."""
        self.process.kill()
        return self.died()

    def died(self):
        """The same when it has killed itself."""
        self.process.wait(START_SECONDS)
        left = processes.leftovers(_known_children)
        processes.reap(_known_children)
        self.exit_code = self._ended()
        return left

    def stop(self, number=signal.SIGTERM):
        """Returns the exit code."""
        self.process.send_signal(number)
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"the server did not stop:\n{self.log()[-4000:]}") from None
        left = processes.leftovers(_known_children)
        assert not left, f"processes outlived the server: {left}"
        return self._ended()

    def restart(self):
        assert self.stop() == 0, self.log()[-4000:]
        return self.start()

    def close(self):
        """Ends the test's server and looks whether it was well."""
        if self.process and self.process.poll() is None:
            code = self.stop()
            assert code == 0, f"the server ended with {code}:\n{self.log()[-4000:]}"
        log = self.log()
        marks = [mark for mark in SANITIZER_MARKS if mark in log]
        assert not marks, log[max(0, log.find(marks[0]) - 200):][:6000]

    # ---- what it wrote ----

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def admin_key(self):
        return (self.state / "admin.key").read_text().strip()

    def server_json(self):
        return json.loads((self.home / "innominatus/server.json").read_text())

    # ---- people ----

    def admin(self):
        return Client(self, self.admin_key)

    def add_user(self, name, team, role="user", password=None, expires_in=None):
        """A client with a fresh key of a new user."""
        admin = self.admin()
        body = {"name": name, "team": team, "role": role, **({"password": password} if password else {})}
        assert admin.post("/users", body).status == 201
        answer = admin.post(f"/users/{name}/api-keys", {"name": "test", **({"expires_in": expires_in} if expires_in else {})})
        assert answer.status == 201, answer
        return Client(self, answer.json["key"], name=name, team=team, key_id=answer.json["id"])

    # ---- the command line ----

    def cli(self, *words, key=None, input=None, **env):
        """Runs the command line as the user of `key` (default: as a local user would, with the server's own key file)."""
        environment = {**self.env, "NO_COLOR": "1", **env}
        if key:
            environment.update(INNOMINATUS_SERVER=self.url, INNOMINATUS_API_KEY=key)
        return subprocess.run([str(BINARY), *map(str, words)], env=environment, text=True, capture_output=True, check=False, timeout=300,
                              **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))


_known_children = set()


def keep_child(pid):
    """A process of the test itself, which is no leftover of a server."""
    _known_children.add(pid)


def forget_child(pid):
    _known_children.discard(pid)
