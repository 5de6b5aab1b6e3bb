"""`innominatus plugin check --conformance` of bundled types that live on a server: PostgreSQL, Redis, OpenBao, and the fakes of Gitea and Kubernetes."""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import gitea  # noqa: E402  the path comes first
import kube  # noqa: E402
import kube_fake  # noqa: E402
import openbao  # noqa: E402
import pg  # noqa: E402
import redis_server  # noqa: E402
from plugin_check import PLUGINS, check, keeps_all  # noqa: E402
from ports import free_port  # noqa: E402

SUPERUSER = "of-the-superuser"
def conforms(tmp_path, plugin, config, params, *words):
    """Each rule is kept by each type of params; none is left out."""
    files = {"config": config, "params": params}
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    done = check(PLUGINS / f"{plugin}.so", "--conformance", "--output", "json", *(word for name in files for word in (f"--{name}", tmp_path / f"{name}.json")),
                 *(word for type in params for word in ("--type", type)), *words)
    keeps_all(done, params)


@pytest.fixture
def cluster():
    if pg.missing():
        pytest.skip(pg.missing())
    with pg.Cluster(port=free_port()) as cluster:
        cluster.ask(f"ALTER ROLE postgres PASSWORD '{SUPERUSER}'")
        yield cluster


@pytest.fixture
def bao(tmp_path):
    if openbao.missing():
        pytest.skip(openbao.missing())
    with openbao.Server(tmp_path / "bao") as bao:
        yield bao


def roles(cluster):
    return cluster.ask(r"SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\_%'")


def test_postgres_of_local_passes(cluster, tmp_path):
    config = {"postgres": {"url": f"postgres://postgres@127.0.0.1:{cluster.port}/postgres", "password": SUPERUSER}}
    conforms(tmp_path, "local", config, {"postgres": {"connections": 5}}, "--grant", "network")
    assert cluster.ask("SELECT datname FROM pg_database ORDER BY 1") == ["postgres", "template0", "template1"]
    assert roles(cluster) == ["postgres"]


def test_redis_of_local_passes(tmp_path):
    if redis_server.missing():
        pytest.skip(redis_server.missing())
    with redis_server.Server(tmp_path) as redis:
        conforms(tmp_path, "local", {"redis": {"url": redis.url, "password": redis_server.PASSWORD}}, {"redis": {}}, "--grant", "network")
        assert "*1\r\n$7\r\ndefault" in redis.talk("ACL USERS")


def test_kubernetes_roles_of_vault_pass(bao, tmp_path):
    bao.ok("POST", "/v1/sys/auth/kubernetes", {"type": "kubernetes"})
    conforms(tmp_path, "vault", {"url": bao.url, "credentials": bao.token, "policies": ["base"]},
             {"vault-kubernetes-role": {"serviceAccounts": ["web"], "namespaces": ["shop"], "policies": ["base"], "audience": "vault", "tokenTtl": "10m"}})
    assert bao.keys("/v1/auth/kubernetes/role") == bao.keys("/v1/secret/metadata/innominatus") == []


def test_database_roles_of_vault_pass(bao, cluster, tmp_path):
    bao.ok("POST", "/v1/sys/mounts/database", {"type": "database"})
    bao.ok("POST", "/v1/database/config/pg", {
        "plugin_name": "postgresql-database-plugin", "allowed_roles": "*", "username": "postgres", "password": SUPERUSER,
        "connection_url": f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{cluster.port}/postgres?sslmode=disable"})
    databases = {"shop": {"connection": "pg", "creation": ["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"]}}
    conforms(tmp_path, "vault", {"url": bao.url, "credentials": bao.token, "databases": databases},
             {"vault-database-role": {"database": "shop", "ttl": "1h", "maxTtl": "2h", "credentials": True}})
    assert bao.keys("/v1/database/roles") == bao.keys("/v1/secret/metadata/innominatus/.database") == []
    assert bao.keys("/v1/sys/leases/lookup/database/creds") == [] and roles(cluster) == ["postgres"]


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_workloads_of_gitea_pass(kind, tmp_path):
    if kind == "real" and gitea.missing():
        pytest.skip(gitea.missing())
    workload = {"apiVersion": "score.dev/v1b1", "metadata": {"name": "shop"}, "containers": {"web": {"image": "registry.example.com/shop:1.0"}},
                "service": {"ports": {"www": {"port": 80}}}}
    with gitea.Server() if kind == "fake" else gitea.Real() as server:
        server.remove("platform")
        server.make_org("platform")
        server.make_repo("platform", "deploy")
        manifests = {"repository": "platform/deploy", "branch": "main", "path": "{team}"}
        conforms(tmp_path, "gitea", {"url": server.address, "credentials": server.token, "owner": "platform", "manifests": manifests}, {"workload": workload})
        assert list(server.files("platform/deploy")) == ["README.md"]
        server.remove("platform")


def test_kubernetes_passes_against_its_fake(tmp_path):
    workload = {"apiVersion": "score.dev/v1b1", "metadata": {"name": "web"}, "containers": {"web": {"image": "registry.example.com/web:1.0"}}}
    params = {"workload": workload, "volume": {"size": "1Gi"}, "namespace": {"labels": {"cost": "shop"}}, "route": {"host": "{thing}.example.com", "port": 80},
              "config": {"data": {"greeting": "hello"}, "secretData": {"key": "value"}}}
    with kube_fake.Server() as server:
        server.fake.instant = True  # the waiting is tried elsewhere
        conforms(tmp_path, "kubernetes", {"url": server.url, "credentials": "admin-token"}, params)
        client = kube.Client(server.url, "admin-token")
        for left in ("/apis/apps/v1/deployments", "/apis/networking.k8s.io/v1/ingresses", "/api/v1/persistentvolumeclaims", "/api/v1/configmaps", "/api/v1/secrets",
                     "/api/v1/services", "/api/v1/resourcequotas"):
            assert client.items(left) == []
        assert [n["metadata"]["name"] for n in client.items("/api/v1/namespaces")] == ["check-development", "default"]  # the team's stays


# ---- what is granted ----

def test_without_grant_a_plugin_has_what_its_manifest_wants(tmp_path):
    if redis_server.missing():
        pytest.skip(redis_server.missing())
    with redis_server.Server(tmp_path) as redis:
        (tmp_path / "config.json").write_text(json.dumps({"redis": {"url": redis.url, "password": redis_server.PASSWORD}}))
        done = check(PLUGINS / "local.so", "--conformance", "--output", "json", "--config", tmp_path / "config.json", "--type", "redis")
    detail = next(f["detail"] for f in json.loads(done.stdout)["findings"] if f["rule"] == "provision")
    assert done.returncode == 1 and "grant: [network]" in detail, done


def test_a_grant_that_lacks_what_the_manifest_wants_is_refused_as_the_server_does():
    done = check(PLUGINS / "vault.so", "--grant", "read:/etc/hosts")
    assert done.returncode == 3 and 'it wants the permission "network"' in done.stderr, done


@pytest.mark.parametrize("word", ["internet", "exec:../sh", "read:etc"])
def test_a_word_that_grants_nothing_is_an_error(word):
    done = check(PLUGINS / "local.so", "--grant", word)
    assert done.returncode == 3 and f'grants "{word}"' in done.stderr and "write:/PATH" in done.stderr, done
