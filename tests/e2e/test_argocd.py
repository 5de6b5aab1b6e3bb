"""The provisioner `argocd` as a developer meets it: a Score file, the real server with its plugin host and sandbox, and a protocol fake of Argo CD that is stopped and started
again."""
import json
import pathlib
import time

import pytest
from lib import argocd
from lib.client import WAIT_SECONDS
from lib.things import end_after_stop, score, secret_file, stop_once, write_config

TYPES = ["argocd-project", "argocd-repository", "argocd-app"]
RESOURCES = {
    "project": {"type": "argocd-project", "params": {"name": "shop", "sources": ["https://git.example.com/shop/*"], "destinations": [{"namespace": "shop-development"}]}},
    "token": {"type": "secret", "params": {"keys": ["password"]}},
    "code": {"type": "argocd-repository", "params": {"url": "https://git.example.com/shop/deploy.git", "project": "${resources.project.name}", "username": "robot",
                                                     "password": "${resources.token.password}"}},
    "app": {"type": "argocd-app", "params": {"project": "${resources.project.name}", "repoURL": "${resources.code.url}", "path": "apps/shop", "namespace": "shop-development"}},
}


@pytest.fixture
def backend():
    with argocd.Server() as server:
        yield server


def entry(backend, tmp_path, **config):
    return {"name": "argocd", "plugin": "argocd", "types": TYPES, "config": {"url": backend.url, "credentials": secret_file(tmp_path / "argocd-token", backend.token), **config}}


def nothing_left(backend):
    return backend.apps == {} and backend.repositories == {} and list(backend.projects) == ["default"]


def step_of(dev, deployment, name):
    return next(s for w in dev.executions(deployment["id"]) for s in w["steps"] if s["name"] == name)


def test_a_score_file_becomes_an_application_that_is_synced_healthy_changed_and_gone(start, backend, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=RESOURCES), environment="development")
    assert deployment["state"] == "completed", (dev.logs(deployment["id"]), dev.executions(deployment["id"]))
    resources = dev.resources(application="shop")
    assert {resources[name]["state"] for name in RESOURCES} == {"active"}, resources
    name = resources["app"]["outputs"]["name"]
    assert resources["app"]["outputs"]["revision"] == "a" * 40 and backend.syncs == [name]
    assert len(backend.repositories["https://git.example.com/shop/deploy.git", "shop"]["password"]) == 32
    changed = json.loads(json.dumps(RESOURCES))
    changed["app"]["params"]["path"] = "apps/other"
    assert dev.deploy(score("shop", resources=changed), environment="development")["state"] == "completed"
    assert backend.apps[name]["spec"]["source"]["path"] == "apps/other" and backend.syncs == [name, name]
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


def test_a_sync_that_fails_is_told_its_application_stays_and_the_next_deployment_syncs_it_again(start, backend, tmp_path):
    backend.fate = ("Degraded", "Failed", [{"type": "SyncError", "message": "no such CRD"}])
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    for syncs in (1, 2):  # onFailure: rollback stops, for now: what was made stays, is listed, and is taken up again
        deployment = dev.deploy(score("shop", resources=RESOURCES), environment="development")
        step = step_of(dev, deployment, "app")
        assert deployment["state"] == "failed" and "one or more objects failed to apply" in step["error"]["message"], step
        assert len(backend.apps) == 1 and len(backend.syncs) == syncs
        assert {name: row["state"] for name, row in dev.resources(application="shop").items()} == {"project": "active", "token": "active", "code": "active", "app": "failed"}
    backend.fate = None
    deployment = dev.deploy(score("shop", resources=RESOURCES), environment="development")
    assert deployment["state"] == "completed" and len(backend.syncs) == 3, (deployment, dev.logs(deployment["id"]))
    assert dev.resources(application="shop")["app"]["state"] == "active"
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


def test_what_a_failed_sync_left_is_removed_with_the_application(start, backend, tmp_path):
    backend.fate = ("Degraded", "Failed", [{"type": "SyncError", "message": "no such CRD"}])
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    assert dev.deploy(score("shop", resources=RESOURCES), environment="development")["state"] == "failed"
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


def test_applications_are_custom_resources_where_the_entry_names_the_cluster(start, tmp_path):
    token, fake = secret_file(tmp_path / "cluster-token", "admin-token"), argocd.objects.Fake()
    resources = {"project": RESOURCES["project"], "app": {"type": "argocd-app", "params": {**RESOURCES["app"]["params"], "repoURL": "https://git.example.com/shop/deploy.git"}}}
    with argocd.objects.kube_fake.Server(fake=fake) as cluster:
        config = {"name": "argocd", "plugin": "argocd", "types": TYPES, "config": {"kubernetes": {"url": cluster.url, "credentials": token}}}
        server = start(write_config(tmp_path / "config", entries=[config]))
        dev = server.add_user("dev", "shop")
        deployment = dev.deploy(score("shop", resources=resources), environment="development")
        assert deployment["state"] == "completed", (deployment, dev.logs(deployment["id"]))
        outputs = dev.resources(application="shop")["app"]["outputs"]
        assert outputs["revision"] == "a" * 40 and outputs["url"] == f"{cluster.url}/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{outputs['name']}"
        assert [name for name, _ in fake.syncs] == [outputs["name"]] and ("configmaps", "argocd", f"made-by-{outputs['name']}") in fake.objects
        assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
        assert [key for key in fake.objects if key[1] == "argocd"] == []


@pytest.mark.parametrize("method,path", [("POST", "/api/v1/projects"), ("POST", "/api/v1/applications")])
def test_a_run_finishes_by_itself_when_argo_cd_is_stopped_in_its_middle_and_started_again(start, backend, tmp_path, method, path):
    shut = stop_once(backend, method, path)
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path, attempts=20)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.submit(score("shop", resources=RESOURCES), environment="development").json["id"]
    ended = end_after_stop(dev, deployment, backend, shut)
    assert ended["state"] == "completed", (ended, dev.logs(deployment))
    assert len(backend.apps) == len(backend.repositories) == 1 and len(backend.syncs) == 1
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


# ---- the real one ----

REPAIR = {"metadata": {"annotations": {"innominatus.dev/drift": "repair"}}}


@pytest.fixture
def real():
    if argocd.real.missing():
        pytest.skip(argocd.real.missing())
    with argocd.real.Real() as server:
        yield server


def real_resources(real, way="server", **app):
    """By the API server with credentials of the repository, or by custom resources, where the repository must be known: then it is public."""
    params = {"project": "${resources.project.name}", "repoURL": real.repo_url, "path": "apps/shop", "namespace": real.space, **app}
    resources = {"project": {"type": "argocd-project", "params": {"name": "shop", "sources": [real.repo_url], "destinations": [{"namespace": real.space}]}, **REPAIR},
                 "app": {"type": "argocd-app", "params": params, **REPAIR}}
    if way == "server":
        params["repoURL"] = "${resources.code.url}"
        resources["code"] = {"type": "argocd-repository", "params": {"url": real.repo_url, "project": "${resources.project.name}", "username": "robot", "password": real.git.token}}
    else:
        real.git.ask(f"/api/v1/repos/{real.repo}", "PATCH", {"private": False})
    return resources


def real_entry(real, way, tmp_path):
    if way == "server":
        return entry(real, tmp_path, attempts=20)
    (tmp_path / "ca.pem").write_bytes(pathlib.Path(real.cluster_ca).read_bytes())
    cluster = {"url": real.cluster_url, "credentials": secret_file(tmp_path / "cluster-token", real.cluster_token), "ca": f"file:{tmp_path / 'ca.pem'}"}
    return {"name": "argocd", "plugin": "argocd", "types": TYPES, "config": {"kubernetes": cluster}}


def until(condition, *about):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, about
        time.sleep(0.2)


@pytest.mark.parametrize("way", ["server", "objects"])
def test_the_real_one_syncs_what_is_committed_repairs_what_is_changed_by_hand_and_keeps_nothing(start, real, tmp_path, way):
    def look_often(config):
        config["drift"] = {"interval": "1s"}

    server = start(write_config(tmp_path / "config", look_often, entries=[real_entry(real, way, tmp_path)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=real_resources(real, way)), environment="development")
    assert deployment["state"] == "completed", (deployment, dev.logs(deployment["id"]))
    resources = dev.resources(application="shop")
    name = resources["app"]["outputs"]["name"]
    assert resources["app"]["outputs"]["revision"] == real.head() and real.maps() == {"one": "hello"}
    # a new commit, and an application that asks for it
    real.write({"apps/shop/a.yaml": argocd.real.config_map("one", "again"), "apps/shop/b.yaml": argocd.real.config_map("more", "hello")})
    deployment = dev.deploy(score("shop", resources=real_resources(real, way, revision=real.head())), environment="development")
    assert deployment["state"] == "completed" and real.maps() == {"one": "again", "more": "hello"}, (deployment, dev.logs(deployment["id"]))
    assert dev.resources(application="shop")["app"]["outputs"]["revision"] == real.head()
    # another path: what the one before made is removed
    resources = real_resources(real, way, path="apps/other")
    deployment = dev.deploy(score("shop", resources=resources), environment="development")
    assert deployment["state"] == "completed" and real.maps() == {"two": "hello"}, (deployment, dev.logs(deployment["id"]), real.maps())
    # by hand: the application's spec, what it made, and the project
    real.cluster.patch(f"{argocd.real.ARGO}/applications/{name}", {"spec": {"source": {"path": "apps/shop"}}})
    until(lambda: real.app(name)["spec"]["source"]["path"] == "apps/other" and dev.resources(application="shop")["app"]["state"] == "active" and real.maps() == {"two": "hello"}, real.maps())
    real.cluster.patch(f"{argocd.real.ARGO}/appprojects/shop", {"spec": {"description": "by hand"}})
    until(lambda: not real.get("/api/v1/projects/shop")["spec"].get("description"))
    real.cluster.patch(f"/api/v1/namespaces/{real.space}/configmaps/two", {"data": {"greeting": "by hand"}})
    until(lambda: real.maps() == {"two": "hello"} and dev.resources(application="shop")["app"]["state"] == "active", real.maps(), dev.resources(application="shop")["app"])
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert real.left() == []


@pytest.mark.parametrize("way", ["server", "objects"])
def test_the_real_one_tells_why_a_sync_fails_and_syncs_again(start, real, tmp_path, way):
    server = start(write_config(tmp_path / "config", entries=[real_entry(real, way, tmp_path)]))
    dev = server.add_user("dev", "shop")
    real.write({"apps/shop/b.yaml": argocd.real.PONY})
    for _ in range(2):
        deployment = dev.deploy(score("shop", resources=real_resources(real, way)), environment="development")
        step = step_of(dev, deployment, "app")
        assert deployment["state"] == "failed" and "one or more" in step["error"]["message"], step
        assert dev.resources(application="shop")["app"]["state"] == "failed"
    real.write({"apps/shop/b.yaml": None})
    deployment = dev.deploy(score("shop", resources=real_resources(real, way)), environment="development")
    assert deployment["state"] == "completed" and real.maps() == {"one": "hello"}, (deployment, dev.logs(deployment["id"]))
    # a path that is not there
    deployment = dev.deploy(score("shop", resources=real_resources(real, way, path="apps/none")), environment="development")
    step = step_of(dev, deployment, "app")
    assert deployment["state"] == "failed" and "apps/none" in step["error"]["message"], step
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert real.left() == []


@pytest.mark.parametrize("method,path", [("POST", "/api/v1/projects"), ("POST", "/api/v1/repositories"), ("POST", "/api/v1/applications")])
def test_a_run_finishes_by_itself_when_the_real_one_is_out_of_reach_in_its_middle(start, real, tmp_path, method, path):
    shut = stop_once(real, method, path)
    server = start(write_config(tmp_path / "config", entries=[real_entry(real, "server", tmp_path)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.submit(score("shop", resources=real_resources(real)), environment="development").json["id"]
    ended = end_after_stop(dev, deployment, real, shut)
    assert ended["state"] == "completed" and real.maps() == {"one": "hello"}, (ended, dev.logs(deployment))
    assert len(real.app(dev.resources(application="shop")["app"]["outputs"]["name"])["status"]["history"]) == 1
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert real.left() == []
