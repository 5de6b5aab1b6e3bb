"""Runs the words after it as in a pod: in a mount namespace of their own where the service account's files lie at their place and kubernetes.default.svc is an address of the
loopback, whose port 443 leads to the API server of kube.py. Takes INNO_KUBE_*, sets INNO_POD (or INNO_POD_MISSING: why this cannot be had), gives their exit code.

A real server gives the token itself, for a service account that it is asked to make an administrator."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import kube  # noqa: E402  the path comes first

ACCOUNT = pathlib.Path("/run/secrets/kubernetes.io/serviceaccount")  # /var/run is /run
NAME = f"inno-test-pod-{os.getpid()}"


def missing():
    if os.getuid() != 0:
        return "mount namespaces and port 443 want root"
    if not shutil.which("unshare"):
        return "no unshare (Debian package util-linux)"
    trial = "mount --bind /etc/hostname /etc/hosts && mount -t tmpfs none /run"
    if subprocess.run(["unshare", "-m", "sh", "-c", trial], check=False, capture_output=True).returncode:
        return "no mount namespaces here"
    try:
        socket.create_server((address(), 443)).close()
    except OSError as problem:
        return f"no port 443 on the loopback: {problem}"
    return None if os.path.realpath("/var/run") == "/run" else "/var/run is not /run"


def pump(source, to):
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def address():
    """One of the loopback that nobody else uses."""
    number = os.getpid()
    return f"127.77.{number // 250 % 250}.{number % 250 + 1}"


class Door:
    """A port 443 that leads elsewhere."""

    def __init__(self, host, port):
        self.address, self.to = address(), (host, port)
        self.server = socket.create_server((self.address, 443))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                client, _ = self.server.accept()
                there = socket.create_connection(self.to)
            except OSError:
                return
            for pair in ((client, there), (there, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()


def account(client):
    """The token of a service account that may do all."""
    rights = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    assert client("POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": NAME}})[0] == 201
    assert client("POST", rights, {"metadata": {"name": NAME}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                                   "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": "default"}]})[0] == 201
    status, answer = client("POST", f"/api/v1/namespaces/default/serviceaccounts/{NAME}/token",
                            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["https://kubernetes.default.svc"]}})
    assert status == 201, answer
    return answer["status"]["token"]


def inside(directory, words):
    """In the namespace already."""
    def mount(*rest):
        subprocess.run(["mount", *rest], check=True)
    mount("--bind", f"{directory}/hosts", "/etc/hosts")
    mount("-t", "tmpfs", "none", "/run")
    ACCOUNT.mkdir(parents=True)
    for name in ("token", "ca.crt"):
        (ACCOUNT / name).write_text(pathlib.Path(directory, name).read_text())
    os.execvp(words[0], words)


def run(words):
    why = missing()
    if why:
        return subprocess.run(words, env={**os.environ, "INNO_POD_MISSING": why}, check=False).returncode
    real = "INNO_KUBE_REAL" in os.environ
    url = os.environ["INNO_KUBE_URL" if real else "INNO_KUBE_TLS_URL"]
    authority = os.environ["INNO_KUBE_CA"] if real else os.environ["INNO_KUBE_DIR"] + "/ca.pem"
    client = kube.Client(url, os.environ["INNO_KUBE_TOKEN"], authority) if real else None
    where = urllib.parse.urlsplit(url)
    with tempfile.TemporaryDirectory(prefix="inno-pod-") as directory:
        try:
            place, door = pathlib.Path(directory), Door(where.hostname, where.port)
            (place / "hosts").write_text(f"127.0.0.1 localhost\n{door.address} kubernetes.default.svc\n")
            (place / "token").write_text(account(client) if real else os.environ["INNO_KUBE_TOKEN"])
            (place / "ca.crt").write_text(pathlib.Path(authority).read_text())
            return subprocess.run(["unshare", "-m", sys.executable, "-B", __file__, "--inside", directory, *words], env={**os.environ, "INNO_POD": "1"}, check=False).returncode
        finally:
            if client:
                client("DELETE", f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{NAME}")
                client("DELETE", f"/api/v1/namespaces/default/serviceaccounts/{NAME}")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(sys.argv[2], sys.argv[3:])
    sys.exit(run(sys.argv[1:]))
