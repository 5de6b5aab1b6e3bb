"""One Score file (a web application with a database, a route, a volume and a secret) on this machine alone, and on a cluster, a database server and a vault: deployed,
updated, changed behind the server's back and repaired, and removed with nothing left behind, as each backend itself lists it."""
import contextlib
import json
import os
import pathlib
import socket
import sys
import time

import pytest
import yaml
from lib import openbao
from lib.client import WAIT_SECONDS
from lib.server import forget_child, keep_child
from lib.things import write_config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kube  # noqa: E402  the path comes first
import kube_fake  # noqa: E402
import pg  # noqa: E402

SPACE = "shop-development"
REPAIR = {"annotations": {"innominatus.dev/drift": "repair"}}


def web_application(size="1Gi", path="/", image="registry.example.com/web:1"):
    """The file. Nothing in it says where it runs."""
    return yaml.safe_dump({
        "apiVersion": "score.dev/v1b1", "metadata": {"name": "web"},
        "containers": {"web": {"image": image, "variables": {"DATABASE_URL": "${resources.db.url}", "SESSION_KEY": "${resources.session.key}", "PUBLIC_URL": "${resources.front.url}"},
                               "volumes": {"/data": {"source": "${resources.data}"}}}},
        "service": {"ports": {"http": {"port": 80, "targetPort": 8080}}},
        "resources": {"db": {"type": "postgres", "metadata": REPAIR}, "data": {"type": "volume", "metadata": REPAIR, "params": {"size": size}},
                      "front": {"type": "route", "metadata": REPAIR, "params": {"host": "web.example.com", "path": path, "port": 80}},
                      "session": {"type": "secret", "metadata": REPAIR, "params": {"keys": ["key"]}}}}, sort_keys=False)


@pytest.fixture
def cluster():
    if pg.missing():
        pytest.skip(pg.missing())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pg.Cluster(port=port) as cluster:
        keep_child(cluster.server.pid)
        cluster.ask("ALTER ROLE postgres PASSWORD 'of-the-superuser'")
        yield cluster
        forget_child(cluster.server.pid if cluster.server else 0)


class Databases:
    """What both have: a PostgreSQL server."""

    def __init__(self, cluster, tmp_path):
        self.cluster = cluster
        self.password = tmp_path / "pg"
        self.password.write_text("of-the-superuser\n")
        self.password.chmod(0o600)

    def entry(self):
        return {"name": "databases", "plugin": "local", "types": ["postgres"], "grant": ["network"], "config": {
            "postgres": {"url": f"postgres://postgres@127.0.0.1:{self.cluster.port}/postgres", "password": f"file:{self.password}"}}}

    def change(self, name):
        """Somebody locks the application out."""
        self.cluster.ask(f'ALTER ROLE "{name}" NOLOGIN')

    def works(self, name):
        return self.cluster.ask(f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{name}'") == ["t"]

    def left(self):
        return self.cluster.ask("SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')") + self.cluster.ask(
            r"SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\_%' AND rolname <> 'postgres'")


class Local:
    """The provisioner `local`: directories and files below the server's state directory."""

    name = "local"

    def configure(self, config):
        config["provisioners"][0]["types"] = ["volume", "route", "secret", "workload"]

    def began(self, server):
        self.state = server.state

    def one(self, kind, name):
        found = list(self.state.glob(f"**/{kind}/*/*/*/{name}"))
        assert len(found) == 1, found
        return found[0]

    def updated(self, resources):
        return json.loads(self.one("routes", "record.json").read_text()).get("path") == "/shop"

    def change(self, resources):
        pathlib.Path(resources["data"]["outputs"]["path"]).rmdir()
        self.one("routes", "record.json").write_text("{}")
        self.one("secrets", "*.json").chmod(0o644)

    def repaired(self, resources):
        return {"the volume": pathlib.Path(resources["data"]["outputs"]["path"]).is_dir, "the route": lambda: self.updated(resources),
                "the secret": lambda: self.one("secrets", "*.json").stat().st_mode & 0o777 == 0o600}

    def left(self):
        return [path for kind in ("volumes", "routes", "secrets", "workloads") for path in self.state.glob(f"**/{kind}/*/*/*")]


class Remote:
    """A Kubernetes API server (the real one that INNOMINATUS_TEST_KUBECONFIG names, else the fake) and an OpenBao."""

    name = "remote"

    def __init__(self, stack, tmp_path):
        self.bao = stack.enter_context(openbao.Server(tmp_path / "bao"))
        if "INNOMINATUS_TEST_KUBECONFIG" in os.environ:
            url, token, ca = kube.real()
            self.client = kube.Client(url, token, ca)
            stack.enter_context(kube.Kubelet(self.client))
            stack.callback(self.client, "DELETE", f"/api/v1/namespaces/{SPACE}")
            self.access = {"url": url, "credentials": token, "ca": pathlib.Path(ca).read_text()}
        else:
            fake = stack.enter_context(kube_fake.Server())
            self.client = kube.Client(fake.url, "admin-token")
            self.access = {"url": fake.url, "credentials": "admin-token"}

    def configure(self, config):
        config["provisioners"] = [
            {"name": "cluster", "plugin": "kubernetes", "types": ["workload", "route", "volume"], "config": self.access},
            {"name": "vault", "plugin": "vault", "types": ["secret"], "config": {"url": self.bao.url, "credentials": f"file:{self.bao.token_file}"}}]

    def began(self, server):
        pass

    def ingress(self):
        [found] = self.client.items(f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses")
        return found

    def path_of(self, name):
        return f"/apis/networking.k8s.io/v1/namespaces/{SPACE}/ingresses/{name}"

    def secret(self):
        [name] = self.bao.keys("/v1/secret/metadata/innominatus/shop/development/web")
        return f"/v1/secret/data/innominatus/shop/development/web/{name}"

    def updated(self, resources):
        claim = self.client.items(f"/api/v1/namespaces/{SPACE}/persistentvolumeclaims")[0]
        return self.ingress()["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/shop" and claim["metadata"]["labels"]["innominatus.dev/owner"]

    def change(self, resources):
        ingress = self.ingress()
        ingress["spec"]["rules"][0]["host"] = "elsewhere.example.com"
        self.client.patch(self.path_of(ingress["metadata"]["name"]), {"spec": ingress["spec"]})
        self.bao.ok("POST", self.secret(), {"data": {"key": "changed by hand"}})

    def repaired(self, resources):
        return {"the route": lambda: "web.example.com" in [rule["host"] for rule in self.ingress()["spec"]["rules"]],
                "the secret": lambda: self.bao.ok("GET", self.secret()).data["data"]["key"] != "changed by hand"}

    def left(self):
        found = self.bao.keys("/v1/secret/metadata/innominatus")
        for kind in ("api/v1/namespaces/%s/configmaps", "api/v1/namespaces/%s/secrets", "api/v1/namespaces/%s/services", "api/v1/namespaces/%s/persistentvolumeclaims",
                     "apis/apps/v1/namespaces/%s/deployments", "apis/networking.k8s.io/v1/namespaces/%s/ingresses"):
            found += [item["metadata"]["name"] for item in self.client.items("/" + kind % SPACE)]
        return [name for name in found if "kube-root-ca" not in name and "default-token" not in name]


@pytest.fixture(params=["local", "remote"])
def backend(request, tmp_path):
    if request.param == "local":
        yield Local()
        return
    if openbao.missing():
        pytest.skip(openbao.missing())
    with contextlib.ExitStack() as stack:
        yield Remote(stack, tmp_path)


def wait_until(good, what):
    until = time.monotonic() + WAIT_SECONDS
    while not good():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def test_one_file_is_deployed_updated_repaired_and_removed(start, backend, cluster, tmp_path):
    databases = Databases(cluster, tmp_path)

    def configure(config):
        config["drift"] = {"interval": "300ms"}
        backend.configure(config)
        config["provisioners"].append(databases.entry())

    server = start(write_config(tmp_path / "config", configure))
    backend.began(server)
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(web_application(), environment="development")
    assert deployment["state"] == "completed", deployment
    resources = dev.resources(application="web")
    assert {resources[name]["state"] for name in ("db", "data", "front", "session")} == {"active"}, resources
    assert backend.left() and len(databases.left()) == 2
    name = resources["db"]["outputs"]["name"]

    deployment = dev.deploy(web_application(path="/shop", image="registry.example.com/web:2"), environment="development")
    assert deployment["state"] == "completed", deployment
    assert backend.updated(dev.resources(application="web"))

    backend.change(dev.resources(application="web"))
    databases.change(name)
    wait_until(lambda: databases.works(name), "the database's role was not put right")
    for what, is_right in backend.repaired(resources).items():
        wait_until(is_right, f"{what} was not put right")
    wait_until(lambda: not dev.resources(application="web", drift="true"), "drift is told after it was repaired")
    repairs = [d for d in dev.items("/deployments", kind="resource") if d["application"] == "web"]
    assert len(repairs) >= 3 and {dev.wait(d["id"])["state"] for d in repairs} == {"completed"}, repairs

    removal = dev.wait(dev.delete("/specs/web", environment="development", force="true").json["id"])
    assert removal["state"] == "completed", removal
    assert backend.left() == [] and databases.left() == []
