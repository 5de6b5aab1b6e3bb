"""The provisioner `kubernetes` as a developer meets it: a Score file, the real server with its plugin host and sandbox, and the fake API server, or the real one that
INNOMINATUS_TEST_KUBECONFIG names."""
import base64
import contextlib
import json
import os
import pathlib
import shutil
import sys
import time

import pytest
import yaml
from lib.things import write_config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import kube  # noqa: E402  the path comes first
import kube_fake  # noqa: E402

REAL = "INNOMINATUS_TEST_KUBECONFIG" in os.environ
SPACE = "e2e-development"
TYPES = ["workload", "route", "volume", "config", "namespace"]


def score(image="registry.example.com/web:1", **containers):
    """A web application with a volume, a route and a secret. The same for every provisioner."""
    return yaml.safe_dump({
        "apiVersion": "score.dev/v1b1", "metadata": {"name": "shop"},
        "containers": {"web": {"image": image, "variables": {"SESSION_KEY": "${resources.session.key}", "PUBLIC_URL": "${resources.web.url}"},
                               "files": {"/etc/shop/shop.yaml": {"content": "host: ${resources.web.host}\n"}},
                               "volumes": {"/data": {"source": "${resources.data}"}}, **containers}},
        "service": {"ports": {"http": {"port": 80, "targetPort": 8080}}},
        "resources": {"data": {"type": "volume", "params": {"size": "1Gi"}}, "session": {"type": "secret", "params": {"keys": ["key"]}},
                      "web": {"type": "route", "params": {"host": "shop.example.com", "port": 80}}}})


@pytest.fixture
def cluster():
    """(client, url, kubeconfig's members, fake or None)"""
    with contextlib.ExitStack() as stack:
        if REAL:
            url, token, ca = kube.real()
            client = kube.Client(url, token, ca)
            stack.enter_context(kube.Kubelet(client))
            yield client, {"url": url, "credentials": token, "ca": pathlib.Path(ca).read_text()}, None
            client("DELETE", f"/api/v1/namespaces/{SPACE}")
            until = time.monotonic() + 120
            while client("GET", f"/api/v1/namespaces/{SPACE}")[0] != 404 and time.monotonic() < until:
                time.sleep(0.5)
        else:
            fake = stack.enter_context(kube_fake.Server())
            yield kube.Client(fake.url, "admin-token"), {"url": fake.url, "credentials": "admin-token"}, fake


def config(tmp_path, drift=None, **members):
    def change(all):
        if drift:
            all["drift"] = drift
        all["provisioners"][0]["types"] = ["sqlite", "dns", "secret"]  # the shipped `local`: the rest is the cluster's
        all["provisioners"].append({"name": "cluster", "plugin": "kubernetes", "types": TYPES, "config": members})
    return write_config(tmp_path / "config", change)


def left(client):
    """What of ours the namespace holds."""
    found = []
    for path in ("/api/v1/namespaces/%s/configmaps", "/api/v1/namespaces/%s/secrets", "/api/v1/namespaces/%s/services", "/api/v1/namespaces/%s/persistentvolumeclaims",
                 "/apis/apps/v1/namespaces/%s/deployments", "/apis/apps/v1/namespaces/%s/replicasets", "/api/v1/namespaces/%s/pods",
                 "/apis/networking.k8s.io/v1/namespaces/%s/ingresses"):
        found += [f"{path.rsplit('/', 1)[1]}/{item['metadata']['name']}" for item in client.items(path % SPACE)]
    return sorted(name for name in found if "kube-root-ca" not in name and "default-token" not in name)


def deployment_of(client):
    status, obj = client("GET", f"/apis/apps/v1/namespaces/{SPACE}/deployments/shop")
    assert status == 200, obj
    return obj


def test_a_score_file_runs_on_a_cluster_is_updated_and_leaves_nothing(start, cluster, tmp_path):
    client, access, _ = cluster
    server = start(config(tmp_path, **access, quotas={"*": {"pods": "10"}}))
    dev = server.add_user("dev", "e2e")
    ended = dev.deploy(score(), environment="development")
    assert ended["state"] == "completed", (ended, dev.logs(ended["id"]))
    resources = dev.resources(application="shop")
    assert {r["state"] for r in resources.values()} == {"active"} and resources["data"]["outputs"]["source"] == "shop.data", resources
    assert left(client)[:1] == ["configmaps/shop.web.files"] and "deployments/shop" in left(client) and "persistentvolumeclaims/shop.data" in left(client)
    pod = deployment_of(client)["spec"]["template"]["spec"]
    assert any(v.get("persistentVolumeClaim", {}).get("claimName") == "shop.data" for v in pod["volumes"])
    assert {"name": "PUBLIC_URL", "value": "http://shop.example.com"} in pod["containers"][0]["env"]
    status, secret = client("GET", f"/api/v1/namespaces/{SPACE}/secrets/shop.web.secrets")
    assert status == 200
    key = base64.b64decode(secret["data"]["env.SESSION_KEY"])
    assert len(key) == 32
    assert any("ScalingReplicaSet" in line for line in dev.logs(ended["id"])), dev.logs(ended["id"])
    assert client("GET", f"/api/v1/namespaces/{SPACE}/resourcequotas/innominatus")[1]["spec"]["hard"] == {"pods": "10"}

    assert dev.deploy(score("registry.example.com/web:2"), environment="development")["state"] == "completed"
    assert deployment_of(client)["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/web:2"

    # changed by hand: the next deployment says whose fields they are, and changes nothing else
    client.patch(f"/apis/apps/v1/namespaces/{SPACE}/deployments/shop", {"spec": {"replicas": 3}})
    failed = dev.deploy(score("registry.example.com/web:3"), environment="development")
    assert failed["state"] == "failed", failed
    step = next(s for w in dev.executions(failed["id"]) for s in w["steps"] if s.get("error"))
    assert ".spec.replicas" in step["error"]["message"] and "kubectl-edit" in step["error"]["message"], step

    # in clear it is where `local` keeps what it has made, and nowhere else
    state = b"".join(path.read_bytes() for path in server.state.rglob("*") if path.is_file() and path.name != "admin.key" and "plugins" not in path.parts)
    assert key not in state and secret["data"]["env.SESSION_KEY"].encode() not in state and key.decode() not in server.log()
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left(client) == []


def test_an_entry_that_takes_over_puts_back_what_was_changed_by_hand(start, cluster, tmp_path):
    client, access, _ = cluster
    server = start(config(tmp_path, **access, force=True))
    dev = server.add_user("dev", "e2e")
    assert dev.deploy(score(), environment="development")["state"] == "completed"
    client.patch(f"/apis/apps/v1/namespaces/{SPACE}/deployments/shop", {"spec": {"replicas": 3}})
    assert client("DELETE", f"/api/v1/namespaces/{SPACE}/services/shop")[0] == 200
    assert dev.deploy(score(), environment="development", force="true")["state"] == "completed"
    assert deployment_of(client)["spec"]["replicas"] == 1 and "services/shop" in left(client)
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left(client) == []


def test_what_is_changed_by_hand_is_found_told_and_repaired_where_it_should_be(start, cluster, tmp_path):
    client, access, _ = cluster
    server = start(config(tmp_path, drift={"interval": "200ms"}, **access))
    dev = server.add_user("dev", "e2e")
    spec = yaml.safe_load(score())
    spec["resources"]["settings"] = {"type": "config", "params": {"data": {"colour": "blue"}}, "metadata": {"annotations": {"innominatus.dev/drift": "repair"}}}
    assert dev.deploy(yaml.safe_dump(spec), environment="development")["state"] == "completed"
    path, until = f"/api/v1/namespaces/{SPACE}/configmaps/shop.settings", time.monotonic() + 240
    client.patch(path, {"data": {"colour": "red"}})
    client.patch(f"/apis/apps/v1/namespaces/{SPACE}/deployments/shop", {"spec": {"replicas": 3}})
    while time.monotonic() < until and (client("GET", path)[1]["data"] != {"colour": "blue"} or "shop" not in dev.resources(drift="true")):
        time.sleep(0.2)
    assert client("GET", path)[1]["data"] == {"colour": "blue"}
    drift = dev.ok(f"/resources/{dev.resources()['shop']['id']}")["drift"]
    assert "replicas" in json.dumps(drift["diff"]) and deployment_of(client)["spec"]["replicas"] == 3, drift  # reported, left alone
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left(client) == []


def test_a_run_finishes_by_itself_when_the_api_server_is_away_in_its_middle(start, cluster, tmp_path):
    client, access, fake = cluster
    if REAL:
        pytest.skip("a real server is stopped by hand")
    server = start(config(tmp_path, **access, attempts=2))
    dev = server.add_user("dev", "e2e")
    with fake.fake.lock:
        fake.fake.hold = True  # no rollout gets ready
    answer = dev.submit(score(), environment="development")
    assert answer.status == 202, answer
    deployment = answer.json["id"]
    until = time.monotonic() + 240
    while not any("replicas" in line for line in dev.logs(deployment)) and time.monotonic() < until:
        time.sleep(0.1)
    fake.halt()
    while not any("does not answer" in line for line in dev.logs(deployment)) and time.monotonic() < until:
        time.sleep(0.1)
    fake.fake.hold = False
    with kube_fake.Server(port=fake.port, fake=fake.fake):
        ended = dev.wait(deployment)
        assert ended["state"] == "completed", (ended, dev.logs(deployment))
        assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
        assert left(client) == []


def test_the_same_file_is_deployed_by_local(start, tmp_path):
    server = start(write_config(tmp_path / "config"))
    dev = server.add_user("dev", "e2e")
    ended = dev.deploy(score(), environment="development")
    assert ended["state"] == "completed", ended
    resources = dev.resources(application="shop")
    assert {r["state"] for r in resources.values()} == {"active"} and resources["web"]["outputs"]["url"] == "http://shop.example.com", resources
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"


def test_a_kubeconfig_with_a_credential_plugin_works_inside_the_sandbox(start, cluster, tmp_path):
    client, access, _ = cluster
    program, authority, kubeconfig = tmp_path / "get-token", tmp_path / "ca.pem", tmp_path / "kubeconfig"
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": access["credentials"]}}
    program.write_text(f"#!/bin/sh\ntest -n \"$KUBERNETES_EXEC_INFO\" && echo '{json.dumps(credential)}'\n")
    program.chmod(0o755)
    authority.write_text(access.get("ca", ""))
    exec_plugin = {"apiVersion": credential["apiVersion"], "command": str(program), "interactiveMode": "Never"}
    kubeconfig.write_text(yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": access["url"], **({"certificate-authority": str(authority)} if REAL else {})}}],
        "users": [{"name": "u", "user": {"exec": exec_plugin}}]}))
    path = config(tmp_path, kubeconfig=f"file:{kubeconfig}")
    loaded = yaml.safe_load(path.read_text())
    loaded["provisioners"][-1]["grant"] = ["network", "secrets", "exec", f"exec:{program}", f"read:{authority}"]
    path.write_text(yaml.safe_dump(loaded))
    server = start(path)
    dev = server.add_user("dev", "e2e")
    ended = dev.deploy(score(), environment="development")
    assert ended["state"] == "completed", (ended, dev.logs(ended["id"]))
    assert access["credentials"] not in "".join(dev.logs(ended["id"])) + server.log()
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left(client) == []


def test_a_platform_workflow_applies_what_kustomize_makes(start, cluster, tmp_path):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    client, access, _ = cluster
    path = config(tmp_path, **access)
    workflows = tmp_path / "workflows"
    (workflows / "platform").mkdir(parents=True)
    overlay = {"kustomization.yaml": "namePrefix: team-\nresources: [map.yaml]\n", "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata: {a: b}\n"}
    (workflows / "platform/base.yaml").write_text(yaml.safe_dump({
        "apiVersion": "workflow.dev/v1", "kind": "PlatformWorkflow", "metadata": {"name": "base", "phase": "pre-deployment", "version": "1.0.0"},
        "spec": {"triggers": ["all_deployments"], "steps": [{"name": "overlay", "type": "kustomize", "config": {"files": overlay}}]}}))
    loaded = yaml.safe_load(path.read_text())
    loaded["workflowPolicies"]["workflowsRoot"] = str(workflows)
    loaded["workflowPolicies"]["requiredPlatformWorkflows"] = ["base"]
    path.write_text(yaml.safe_dump(loaded))
    server = start(path)
    dev = server.add_user("dev", "e2e")
    ended = dev.deploy(json.dumps({"apiVersion": "score.dev/v1b1", "metadata": {"name": "shop"}, "containers": {"web": {"image": "registry.example.com/web:1"}}}),
                       environment="development")
    assert ended["state"] == "completed", (ended, dev.logs(ended["id"]))
    assert "configmaps/team-base" in left(client)
