"""Things around the server: configurations, the merchant server, the out-of-tree provisioner, Score files."""
import base64
import copy
import fcntl
import hashlib
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import threading
import time

import yaml

from lib.server import BUILD, ROOT, START_SECONDS, forget_child, keep_child

EXAMPLE = ROOT / "examples/ecommerce-app.yaml"
BAD = BUILD / "tests/bad-plugins"


def example_files():
    """The uploads that go with the example, as the command line sends them."""
    return {f"migrations/{path.name}": base64.b64encode(path.read_bytes()).decode() for path in sorted((ROOT / "examples/migrations").glob("*.sql"))}


def example(**resources):
    """The example as an object, with resources changed: name=None removes one, name={...} merges into its params."""
    spec = yaml.safe_load(EXAMPLE.read_text())
    for name, params in resources.items():
        if params is None:
            del spec["resources"][name]
        else:
            spec["resources"][name].setdefault("params", {}).update(params)
    return spec


def score(name="shop", resources=None, variables=None, **more):
    """A small Score file, as text."""
    spec = {"apiVersion": "score.dev/v1b1", "metadata": {"name": name}, "containers": {"web": {"image": "registry.example.com/web:1.0"}}}
    if variables:
        spec["containers"]["web"]["variables"] = variables
    if resources:
        spec["resources"] = resources
    spec["metadata"].update(more.pop("metadata", {}))
    spec.update(more)
    return yaml.safe_dump(spec, sort_keys=False)


def secret_file(path, text):
    """A file with a credential, as an admin would keep it; what an entry's config says about it."""
    path.write_text(text + "\n")
    path.chmod(0o600)
    return f"file:{path}"


def stop_once(backend, method, path):
    """A fake backend carries this request out, and is gone before it answers; the event is set then."""
    shut = threading.Event()

    def after(*request):
        if request == (method, path) and not shut.is_set():
            backend.halt()
            shut.set()
        return False

    backend.after = after
    return shut


def end_after_stop(dev, deployment, backend, shut):
    """Starts it again when the run has noticed that it was stopped; the deployment at its end."""
    assert shut.wait(240)
    while not any("trying again" in line for line in dev.logs(deployment)):
        dev.wait_event(deployment, "resource.provisioning")
    backend.start()
    return dev.wait(deployment)


# ---- configurations ----

BASE = yaml.safe_load((ROOT / "admin-config.yaml").read_text())


def write_config(directory, change=None, entries=(), product_entries=()):
    """The shipped admin-config with more provisioner entries; change(config) alters the rest."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    config = copy.deepcopy(BASE)
    config["workflowPolicies"]["workflowsRoot"] = str(ROOT / "workflows")
    config["provisioners"] += entries
    if product_entries:
        config["productProvisioners"] = list(product_entries)
    if change:
        change(config)
    path = directory / "admin-config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    path.chmod(0o600)
    return path


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def bad_entry(name, file, **more):
    """An entry for one of the bad plugins; its type is the entry's name unless the plugin's manifest says otherwise."""
    path = BAD / f"{file}.so"
    return {"name": name, "plugin": str(path), "sha256": sha256(path), **more}


def gateway_entry(plugin, merchant, **more):
    return {"product": "ecommerce", "name": "payment-gateway-provisioner", "type": "payment-gateway", "version": "1.0.0", "plugin": str(plugin),
            "sha256": sha256(plugin), "grant": ["network"], "config": {"endpoint": merchant.url, "token": f"file:{merchant.token_file}", "timeout": "10s"}, **more}


# ---- the provisioner of the example, built out of the tree ----

def _run(*words):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"{words}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def _cached(name):
    match = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return match.group(1) if match else ""


def gateway_plugin():
    """payment-gateway.so, built against an installed SDK alone. Built once; tests that run at the same time wait for each other."""
    place = BUILD / "tests/e2e-gateway"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sanitize = _cached("INNO_SANITIZE")
        flags = f"-fsanitize={sanitize} -fno-sanitize-recover=all" if sanitize else ""
        _run("cmake", f"-DCMAKE_INSTALL_PREFIX={place / 'prefix'}", "-P", BUILD / "sdk/cmake_install.cmake")
        _run("cmake", "-S", ROOT / "examples/payment-gateway-provisioner", "-B", place / "build", "-G", "Ninja", "-DBUILD_TESTING=OFF", "-DCMAKE_BUILD_TYPE=Debug",
             f"-DCMAKE_PREFIX_PATH={place / 'prefix'}", f"-DCMAKE_C_FLAGS={flags}")
        _run("cmake", "--build", place / "build")
    found = list((place / "build").glob("payment-gateway.so"))
    assert len(found) == 1, "the example's build made no payment-gateway.so"
    found[0].chmod(0o755)
    return found[0]


class Merchant:
    """The example's merchant server."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.token = secrets.token_urlsafe(24)
        self.token_file, self.data, self.port_file = self.directory / "token", self.directory / "merchants.json", self.directory / "port"
        self.token_file.write_text(self.token + "\n")
        self.token_file.chmod(0o600)
        self.process, self.port = None, 0

    def start(self):
        self.port_file.unlink(missing_ok=True)
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "examples/merchant-server/merchant_server.py"), "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data),
                 "--token-file", str(self.token_file), "--port-file", str(self.port_file)], stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        keep_child(self.process.pid)
        until = time.monotonic() + START_SECONDS
        while not self.port_file.exists() or not self.port_file.read_text():
            assert self.process.poll() is None and time.monotonic() < until, "the merchant server did not start"
            time.sleep(0.02)
        self.port = int(self.port_file.read_text())
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def merchants(self):
        return json.loads(self.data.read_text())["merchants"]

    def requests(self, method):
        """The paths of the requests of that method so far."""
        return re.findall(rf'"{method} (\S+) ', (self.directory / "log").read_text())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            forget_child(self.process.pid)
            self.process = None


def secret_values(server):
    """Reads nothing of the server: the seal key as it lies on disk, for tests that look for it elsewhere."""
    return (server.state / "seal.key").read_bytes()


def files_below(directory):
    for path, _, names in os.walk(directory):
        for name in names:
            yield pathlib.Path(path) / name
