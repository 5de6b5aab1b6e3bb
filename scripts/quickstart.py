"""What scripts/try does once the packages are there. Standard library only."""
import argparse
import ctypes
import fcntl
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
PLACE = pathlib.Path(os.environ.get("INNOMINATUS_TRY_PLACE") or ROOT / "build/try").absolute()  # everything but the build
BUILD = os.environ.get("INNOMINATUS_TRY_BUILD")  # for tests: a build that is there already
PREFIX = PLACE / "prefix"
APP = "examples/ecommerce-app.yaml"
START_SECONDS = 60
STOP_SECONDS = 40  # the server drains for at most 20
MARK = ".innominatus-try"  # in a state directory that may begin anew
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """Something that ends the try; its text says what to do."""


class Interrupted(Exception):
    """Ctrl-C or SIGTERM."""


def say(text="", end="\n"):
    print(text, end=end, flush=True)


def shown(path):
    """A path as it is typed in the root of the sources."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def mark(text):
    green = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    say(f" {chr(27) + '[32m' if green else ''}✓{chr(27) + '[0m' if green else ''} {text:<16}", end=" ")


# ---- building ----

def run(log, *words):
    """Runs a tool with its output in a log; the end of the log is shown when it fails."""
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)
    if done.returncode:
        raise Failure(f"{words[0]} failed; the whole output is in {log}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-30:]))


def build():
    log = PLACE / "build.log"
    log.unlink(missing_ok=True)
    began = time.monotonic()
    if not BUILD:
        run(log, "cmake", "--preset", "release")
        run(log, "cmake", "--build", "--preset", "release")
    run(log, "cmake", "--install", BUILD or "build/release", "--prefix", PREFIX)
    # The product team's provisioner knows nothing of this tree: it is built against what was installed just now.
    run(log, "cmake", "-S", "examples/payment-gateway-provisioner", "-B", PLACE / "payment-gateway", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF",
        f"-DCMAKE_PREFIX_PATH={PREFIX}")
    run(log, "cmake", "--build", PLACE / "payment-gateway")
    plugin = PLACE / "payment-gateway/payment-gateway.so"
    plugin.chmod(0o755)  # a file that others may write is not loaded
    return plugin, time.monotonic() - began


# ---- processes ----

def _dies_with_us():
    """A server must not outlive a try that was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def spawn(log, *words, **env):
    with open(log, "ab") as file:
        return subprocess.Popen([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
                                preexec_fn=_dies_with_us, env={**os.environ, **env})


def wait_for(process, what, log, ready):
    until = time.monotonic() + START_SECONDS
    while True:
        found = ready()
        if found:
            return found
        if process.poll() is not None or time.monotonic() > until:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise Failure(f"{what} did not start; {log} ends with\n{tail}")
        time.sleep(0.05)


def end(process):
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_json(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


class Merchant:
    """The payment company of the example."""

    def __init__(self):
        self.place = PLACE / "merchant"
        self.token_file, self.port_file, self.process, self.url = self.place / "token", self.place / "port", None, None

    def start(self):
        self.place.mkdir(parents=True, exist_ok=True)
        if not self.token_file.exists():
            with open(os.open(self.token_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(24) + "\n")
        port = self.port_file.read_text().strip() if self.port_file.exists() else "0"  # the one of the last time, for the links that were given out
        log = self.place / "merchant.log"
        for port in dict.fromkeys((port, "0")):
            self.port_file.unlink(missing_ok=True)
            self.process = spawn(log, sys.executable, "examples/merchant-server/merchant_server.py", "--listen", f"127.0.0.1:{port}", "--data",
                                 self.place / "merchants.json", "--token-file", self.token_file, "--port-file", self.port_file)
            try:
                found = wait_for(self.process, "the merchant server", log, lambda: self.port_file.exists() and self.port_file.read_text().strip())
                self.url = f"http://127.0.0.1:{found}"
                return
            except Failure:
                if port == "0":
                    raise


class Server:
    """The server, started again when it dies."""

    def __init__(self, state):
        self.state, self.log, self.home = state, PLACE / "server.log", PLACE / "home"
        self.process, self.url, self.stopping, self.keeper = None, None, threading.Event(), None
        self.lock = threading.Lock()

    def spawn(self, listen):
        self.process = spawn(self.log, PREFIX / "bin/innominatus", "serve", "--listen", listen, "--state-dir", self.state, "--admin-config",
                             PLACE / "admin-config.yaml", XDG_STATE_HOME=str(self.home))

        def ready():
            found = read_json(self.home / "innominatus/server.json")
            return found["url"] if found and found["pid"] == self.process.pid else None

        return wait_for(self.process, "the server", self.log, ready)

    def start(self):
        self.log.unlink(missing_ok=True)
        self.url = self.spawn("127.0.0.1:0")
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()

    def keep(self):
        while not self.stopping.is_set():
            code = self.process.wait()
            with self.lock:
                if self.stopping.is_set():
                    return
                how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
                print(f" ! the server ended ({how}); starting it again", file=sys.stderr, flush=True)
                try:
                    self.spawn(self.url.removeprefix("http://"))
                except Failure as failure:
                    print(f" ! {failure}", file=sys.stderr, flush=True)
                    return

    def stop(self):
        self.stopping.set()
        with self.lock:
            end(self.process)

    def api(self, method, path, body=None):
        """As admin. A server that is just being started again is asked again."""
        key = (self.state / "admin.key").read_text().strip()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", method=method, data=json.dumps(body).encode() if body else None,
                                         headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read() or b"null")
            except OSError as error:
                if time.monotonic() > until:
                    raise Failure(f"the server does not answer: {error}") from error
                time.sleep(0.2)


# ---- the state directory and the configuration ----

def prepare_state(keep):
    state = pathlib.Path(os.environ.get("INNOMINATUS_TRY_STATE") or PLACE / "state").absolute()
    if state.exists() and not keep:
        if any(state.iterdir()) and not (state / MARK).exists():
            raise Failure(f"{state} is not from an earlier scripts/try: remove it yourself, or set INNOMINATUS_TRY_STATE to another directory")
        shutil.rmtree(state)
    if not keep:
        shutil.rmtree(PLACE / "merchant", ignore_errors=True)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state / MARK).touch()
    return state


def write_config(plugin, merchant):
    """The shipped configuration, with the provisioner that was built just now pinned by its hash."""
    shipped = (PREFIX / "share/innominatus/admin-config.yaml").read_text()
    text = shipped.replace("workflowsRoot: ./workflows", f"workflowsRoot: {json.dumps(str(PREFIX / 'share/innominatus/workflows'))}")
    if text == shipped:
        raise Failure("the shipped admin-config.yaml has another workflowsRoot than scripts/try expects")
    text += f"""
# Added by scripts/try.
productProvisioners:
  - product: ecommerce
    name: payment-gateway
    type: payment-gateway
    version: 1.0.0
    plugin: {json.dumps(str(plugin))}
    sha256: {hashlib.sha256(plugin.read_bytes()).hexdigest()}
    grant: [network]
    config:
      endpoint: {merchant.url}
      token: {json.dumps(f'file:{merchant.token_file}')}
network: {{allow: ['{merchant.url.removeprefix('http://')}']}}
"""
    path = PLACE / "admin-config.yaml"
    path.write_text(text)
    path.chmod(0o600)


def make_user(server):
    """User shop of team shop; its key lies in a file, for the commands that are suggested later."""
    status, answer = server.api("POST", "/users", {"name": "shop", "role": "user", "team": "shop"})
    if status not in (201, 409):  # 409: there since the last time
        raise Failure(f"the user shop could not be made: {answer}")
    status, answer = server.api("POST", "/users/shop/api-keys", {"name": "scripts/try", "expires_in": "168h"})
    if status != 201:
        raise Failure(f"a key for the user shop could not be made: {answer}")
    key_file, env_file = PLACE / "shop.key", PLACE / "env"
    for path, text in ((key_file, answer["key"] + "\n"),
                       (env_file, f"export PATH='{PREFIX / 'bin'}':\"$PATH\" INNOMINATUS_SERVER='{server.url}' INNOMINATUS_API_KEY=\"$(cat '{key_file}')\"\n")):
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return answer["key"]


# ---- deploying and showing ----

def cli(server, key, *words, **more):
    # What could be next is said at the end: the commands that `deploy` names would not find a server that is stopped.
    env = {**os.environ, "INNOMINATUS_SERVER": server.url, "INNOMINATUS_API_KEY": key, "XDG_STATE_HOME": str(server.home), "INNOMINATUS_HINTS": "off"}
    return subprocess.run([str(PREFIX / "bin/innominatus"), *words], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False, **more)


def deploy(server, key):
    """The exit code. A deployment that was accepted goes on when the server comes back; one that was not is sent again."""
    code = 6
    for _ in range(5):
        code = cli(server, key, "deploy", APP, "--env", "development", "--follow").returncode
        if code != 6 or server.stopping.is_set():
            break
        server.api("GET", "/profile")  # until it answers
    return code


def show(server, key, keep_running):
    say()
    cli(server, key, "list-resources")
    say()
    if keep_running:
        say(" Next, in another terminal:")
        say(f"   . {shown(PLACE / 'env')}")
        for command in ("innominatus status shop", f"innominatus plan {APP}      # edit it first: what would change", "innominatus graph-export shop --format mermaid",
                        "innominatus logs shop", "innominatus delete shop --force"):
            say(f"   {command}")
        say(f"\n The server runs at {server.url}; its log is {shown(server.log)}. Ctrl-C stops it.")
    else:
        say(" Next: scripts/try keeps the server running and says how to go on")


def interrupt(number, frame):
    raise Interrupted


def claim():
    """A second try would take the state directory away from the first one's server. Returns the lock, which ends with this process."""
    lock = open(PLACE / "lock", "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise Failure(f"another one runs in {PLACE}: stop it with Ctrl-C, or use its server (. {shown(PLACE / 'env')})") from error
    return lock


def attempt(arguments, parts):
    keep_running = sys.stdout.isatty() and not arguments.once
    PLACE.mkdir(parents=True, exist_ok=True)
    parts["lock"] = claim()
    mark("packages")
    plugin, seconds = build()
    mark(f"build ({seconds:.0f} s)")
    state = prepare_state(arguments.keep)
    parts["merchant"] = merchant = Merchant()
    merchant.start()
    write_config(plugin, merchant)
    parts["server"] = server = Server(state)
    server.start()
    mark("server")
    say(f"{server.url}  (SQLite, state in {state})")
    key = make_user(server)
    say("\n As user shop of team shop:")
    code = deploy(server, key)
    if code == 0:
        show(server, key, keep_running)
    else:
        say(f"\n The deployment did not succeed; the server's log is {shown(server.log)}")
    while keep_running:
        signal.pause()
    return code


def main():
    parser = argparse.ArgumentParser(prog="scripts/try", description="Deploys the example with a server of its own.")
    parser.add_argument("--once", action="store_true", help="stop everything afterwards; the exit code is the deployment's")
    parser.add_argument("--keep", action="store_true", help="go on with the state of the last time")
    arguments = parser.parse_args()
    parts = {}
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    try:
        code = attempt(arguments, parts)
    except Interrupted:
        say("\n stopping")
        code = 0 if sys.stdout.isatty() and not arguments.once else 130
    except Failure as failure:
        print(f"\nscripts/try: {failure}", file=sys.stderr, flush=True)
        code = 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if "server" in parts:
            parts["server"].stop()
        if "merchant" in parts:
            end(parts["merchant"].process)
    return code


if __name__ == "__main__":
    sys.exit(main())
