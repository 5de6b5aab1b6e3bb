"""A Kubernetes API server for tests: the fake of kube_fake.py, or the real one that INNOMINATUS_TEST_KUBECONFIG names.

Run as a program it runs the words after it with these variables and gives their exit code:
  INNO_KUBE_KUBECONFIG  file; context `admin` may do all, `dev` next to nothing, `bad` has a token that is refused
  INNO_KUBE_URL, INNO_KUBE_TOKEN, INNO_KUBE_CA   how a test asks by itself
  INNO_KUBE_DIR         certificates of a second door with TLS and client certificates (the fake only): INNO_KUBE_TLS_URL
  INNO_KUBE_REAL        set for a real server. Nobody runs pods there: a thread here says that they are ready, unless their image says never or broken.
"""
import base64
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import kube_fake  # noqa: E402  the path comes first
import kubelet  # noqa: E402


def make_certificates(directory):
    """ca, server, client: an authority, and what it signed. other-ca: one that signed nothing."""
    def run(*words):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)
    for name in ("ca", "other-ca"):
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-subj", f"/CN=test {name}")
    for name in ("server", "client"):
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (directory / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", f"{name}.pem", "-extfile", "names")


def kubeconfig(url, ca=None, tokens=(("admin", "admin-token"), ("dev", "dev-token"), ("bad", "no-such-token"))):
    cluster = {"server": url, **({"certificate-authority-data": base64.b64encode(pathlib.Path(ca).read_bytes()).decode()} if ca else {})}
    return {"apiVersion": "v1", "kind": "Config", "current-context": tokens[0][0], "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": name, "user": {"token": token}} for name, token in tokens],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": name}} for name, _ in tokens]}


class Client:
    """Requests of a test's own."""

    def __init__(self, url, token, ca=None):
        self.url, self.token = urllib.parse.urlsplit(url), token
        self.context = ssl.create_default_context(cafile=ca) if self.url.scheme == "https" else None

    def __call__(self, method, path, body=None, content="application/json"):
        kind = http.client.HTTPSConnection if self.context else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=60, **({"context": self.context} if self.context else {}))
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, {"Authorization": f"Bearer {self.token}", "Content-Type": content})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def items(self, path):
        status, answer = self("GET", path)
        assert status == 200, answer
        return answer["items"]

    def patch(self, path, body):
        """By hand, as kubectl edit does it."""
        status, answer = self("PATCH", path + "?fieldManager=kubectl-edit", body, "application/merge-patch+json")
        assert status == 200, answer
        return answer


class Kubelet:
    """Says that pods are ready, on a server where nothing runs them. With a `door` (kubelet.Kubelet) they are put on a node of its own, whose kubelet that is."""

    def __init__(self, client, door=None):
        self.client, self.door, self.over = client, door, threading.Event()
        self.node = f"inno-test-{os.getpid()}"
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _make_ready(self, pod):
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
        if self.door and not pod["spec"].get("nodeName"):
            self.client("POST", path + "/binding", {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod["metadata"]["name"]},
                                                    "target": {"apiVersion": "v1", "kind": "Node", "name": self.node}})
        self.client("PATCH", path + "/status", {"status": status}, "application/merge-patch+json")

    def _remove(self, all_of_them):
        """Pods of a node are gone when its kubelet says so."""
        for pod in self.client.items(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{self.node}"):
            if all_of_them or "deletionTimestamp" in pod["metadata"]:
                self.client("DELETE", f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}?gracePeriodSeconds=0")

    def _run(self):
        while not self.over.wait(0.3):
            try:
                for pod in self.client.items("/api/v1/pods?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dinnominatus&fieldSelector=status.phase%3DPending"):
                    if not any(word in container["image"] for container in pod["spec"]["containers"] for word in ("never", "broken")):
                        self._make_ready(pod)
                if self.door:
                    self._remove(False)
            except (OSError, http.client.HTTPException, AssertionError):
                pass  # the server is away; it is asked again

    def __enter__(self):
        if self.door:
            node, status = self.door.node(self.node)
            assert self.client("POST", "/api/v1/nodes", node)[0] == 201
            answer = self.client("PATCH", f"/api/v1/nodes/{self.node}/status", status, "application/merge-patch+json")
            assert answer[0] == 200, answer
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        if self.door:
            self._remove(True)
            self.client("DELETE", f"/api/v1/nodes/{self.node}")


def given():
    import yaml
    return yaml.safe_load(pathlib.Path(os.environ["INNOMINATUS_TEST_KUBECONFIG"]).read_text())


def certificate():
    """The files of the first user of that file who has a client certificate, as variables."""
    for user in (user["user"] for user in given()["users"]):
        if "client-certificate" in user:
            return {"INNO_KUBE_CERT": user["client-certificate"], "INNO_KUBE_CERT_KEY": user["client-key"]}
    return {}


def real():
    """(url, token, ca) of the server that INNOMINATUS_TEST_KUBECONFIG names; its user must have a token."""
    config = given()
    context = next(c["context"] for c in config["contexts"] if c["name"] == config["current-context"])
    cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"])
    user = next(u["user"] for u in config["users"] if u["name"] == context["user"])
    return cluster["server"], user["token"], cluster["certificate-authority"]


def run(words, fake=None):
    env = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="inno-kube-") as place:
        directory = pathlib.Path(place)
        make_certificates(directory)
        config = directory / "kubeconfig"
        env.update(INNO_KUBE_KUBECONFIG=str(config), INNO_KUBE_DIR=str(directory))
        if "INNOMINATUS_TEST_KUBECONFIG" in env:
            url, token, ca = real()
            config.write_text(json.dumps(kubeconfig(url, ca, (("admin", token), ("dev", "dev-token"), ("bad", "no-such-token")))))
            env.update(INNO_KUBE_URL=url, INNO_KUBE_TOKEN=token, INNO_KUBE_CA=ca, INNO_KUBE_REAL="1", **certificate())
            with kubelet.Kubelet(directory / "server.pem", directory / "server.key") as door, Kubelet(Client(url, token, ca), door):
                return subprocess.run(words, env=env, check=False).returncode
        with kube_fake.Server(fake=fake) as fake, kube_fake.Server(tls=(directory / "server.pem", directory / "server.key", directory / "ca.pem"), fake=fake.fake) as tls:
            config.write_text(json.dumps(kubeconfig(fake.url)))
            env.update(INNO_KUBE_URL=fake.url, INNO_KUBE_TOKEN="admin-token", INNO_KUBE_TLS_URL=tls.url)
            return subprocess.run(words, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
