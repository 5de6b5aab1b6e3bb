"""The provisioner `gitea` as a developer meets it: a Score file, the real server with its plugin host and sandbox, and a protocol fake of Gitea, and the real server that the environment names, that is
out of reach for a while and loses answers."""
import json
import time

import pytest
from lib import gitea
from lib.client import WAIT_SECONDS
from lib.things import end_after_stop, score, secret_file, stop_once, write_config

TYPES = ["gitea-org", "gitea-repo", "gitea-deploy-key", "gitea-webhook", "git-commit"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPGNd6JBSsV2Z9VxqpxJ3Iu0Z5xBqvS5qBl0k1KbZm9c ci"
RESOURCES = {
    "org": {"type": "gitea-org", "params": {"name": "shop", "description": "The shop"}},
    "code": {"type": "gitea-repo", "params": {"owner": "${resources.org.name}", "name": "web", "topics": ["go"], "protectedBranches": {"release": {"approvals": 1}}}},
    "key": {"type": "gitea-deploy-key", "params": {"repository": "${resources.code.full_name}", "key": KEY}},
    "token": {"type": "secret", "params": {"keys": ["password"]}},
    "hook": {"type": "gitea-webhook", "params": {"repository": "${resources.code.full_name}", "url": "http://127.0.0.1:9/hook", "secret": "${resources.token.password}"}},
    "files": {"type": "git-commit", "params": {"repository": "${resources.code.full_name}", "path": "deploy", "files": {"app.yaml": {"kind": "Thing"}, "note.txt": "hello\n"}}},
}


REPAIR = {"metadata": {"annotations": {"innominatus.dev/drift": "repair"}}}


@pytest.fixture(params=["fake", "real"])
def backend(request):
    if request.param == "real" and gitea.missing():
        pytest.skip(gitea.missing())
    with gitea.Server() if request.param == "fake" else gitea.Real() as server:
        server.remove("shop", "platform")
        yield server
        server.remove("shop", "platform")


def entry(backend, tmp_path, types=TYPES, **config):
    return {"name": "gitea", "plugin": "gitea", "types": types, "config": {"url": backend.url, "credentials": secret_file(tmp_path / "gitea-token", backend.token), **config}}


def ours(resources):
    return {name: resources[name]["state"] for name in RESOURCES}


def nothing_left(backend):
    return backend.repo("shop/web") is None and backend.org("shop") is None


def test_a_score_file_becomes_a_repository_with_all_that_belongs_to_it_and_nothing_is_left_behind(start, backend, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=RESOURCES), environment="development")
    assert deployment["state"] == "completed", (dev.logs(deployment["id"]), dev.executions(deployment["id"]))
    resources = dev.resources(application="shop")
    assert set(ours(resources).values()) == {"active"}, resources
    assert {path: text for path, text in backend.files("shop/web").items() if path != "README.md"} == {"deploy/app.yaml": "kind: Thing\n", "deploy/note.txt": "hello\n"}
    assert len(backend.messages("shop/web")) == 2 and resources["files"]["outputs"]["commit"] == backend.head("shop/web")
    assert [rule["rule_name"] for rule in backend.part("shop/web", "branch_protections")] == ["release"]
    keys, hooks = backend.part("shop/web", "keys"), backend.part("shop/web", "hooks")
    assert len(keys) == len(hooks) == 1 and keys[0]["read_only"] and KEY.startswith(keys[0]["key"]) and hooks[0]["active"], (keys, hooks)

    changed = json.loads(json.dumps(RESOURCES))
    changed["files"]["params"]["files"] = {"app.yaml": {"kind": "Other"}}
    changed["code"]["params"]["description"] = "The web"
    assert dev.deploy(score("shop", resources=changed), environment="development")["state"] == "completed"
    assert sorted(backend.files("shop/web")) == ["README.md", "deploy/app.yaml"] and backend.files("shop/web")["deploy/app.yaml"] == "kind: Other\n"
    assert backend.repo("shop/web")["description"] == "The web" and len(backend.messages("shop/web")) == 3
    assert dev.deploy(score("shop", resources=changed), environment="development")["state"] == "completed"
    assert len(backend.messages("shop/web")) == 3  # nothing to do is no commit

    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)
    everything = b"".join(path.read_bytes() for path in server.state.rglob("*") if path.is_file() and path.name != "admin.key")
    for clear in {backend.token, *backend.hook_secrets}:
        assert len(clear) >= 32 and clear.encode() not in everything and clear not in server.log()


def test_what_is_changed_by_hand_is_put_back(start, backend, tmp_path):
    def look_often(config):
        config["drift"] = {"interval": "1s"}

    resources = {name: {**resource, **REPAIR} for name, resource in RESOURCES.items()}
    server = start(write_config(tmp_path / "config", look_often, entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    assert dev.deploy(score("shop", resources=resources), environment="development")["state"] == "completed"
    repo, key, hook = "/api/v1/repos/shop/web", backend.part("shop/web", "keys")[0], backend.part("shop/web", "hooks")[0]
    note = backend.part("shop/web", "contents/deploy/note.txt")
    by_hand = {
        "org": ("/api/v1/orgs/shop", "PATCH", {"description": "by hand"}),
        "code": (repo, "PATCH", {"private": False, "description": "by hand"}),
        "key": (f"{repo}/keys/{key['id']}", "DELETE", None),
        "hook": (f"{repo}/hooks/{hook['id']}", "PATCH", {"active": False, "events": ["push"]}),
        "files": (f"{repo}/contents", "POST", {"branch": "main", "files": [{"operation": "delete", "path": "deploy/note.txt", "sha": note["sha"]}]}),
    }
    repaired = {
        "org": lambda: backend.org("shop")["description"] == "The shop",
        "code": lambda: backend.repo("shop/web")["private"],
        "key": lambda: len(backend.part("shop/web", "keys")) == 1,
        "hook": lambda: backend.part("shop/web", "hooks")[0]["active"],
        "files": lambda: backend.files("shop/web").get("deploy/note.txt") == "hello\n",
    }
    for name, request in by_hand.items():
        status, answer = backend.ask(*request)
        assert status < 300, (name, status, answer)
        until = time.monotonic() + WAIT_SECONDS
        while not (repaired[name]() and dev.resources(application="shop")[name]["state"] == "active"):
            assert time.monotonic() < until, (name, dev.resources(application="shop")[name])
            time.sleep(0.1)
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


@pytest.mark.parametrize("method,path", [("POST", "/api/v1/orgs/shop/repos"), ("POST", "/api/v1/repos/shop/web/contents"), ("PUT", "/api/v1/repos/shop/web/topics")])
def test_a_run_finishes_by_itself_when_gitea_is_stopped_in_its_middle_and_started_again(start, backend, tmp_path, method, path):
    """At one moment the request is done and its answer lost; the server is gone until the run has noticed."""
    shut = stop_once(backend, method, path)
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path, attempts=20)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.submit(score("shop", resources=RESOURCES), environment="development").json["id"]
    ended = end_after_stop(dev, deployment, backend, shut)
    assert ended["state"] == "completed", (ended, dev.logs(deployment))
    assert set(ours(dev.resources(application="shop")).values()) == {"active"}
    repos = backend.get("/api/v1/orgs/shop/repos")
    assert len(repos) == 1 and len(backend.messages("shop/web")) == 2  # no double
    assert len(backend.part("shop/web", "keys")) == len(backend.part("shop/web", "hooks")) == 1
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert nothing_left(backend)


def test_a_workload_is_committed_where_the_admin_says(start, backend, tmp_path):
    def change(config):
        config["resourceDefinitions"] = {"workload": "gitea"}

    backend.make_org("platform")
    backend.make_repo("platform", "deploy")
    manifests = {"repository": "platform/deploy", "namespace": "{team}-{environment}"}
    server = start(write_config(tmp_path / "config", change, entries=[entry(backend, tmp_path, ["workload"], manifests=manifests)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop"), environment="development")
    assert deployment["state"] == "completed", (dev.logs(deployment["id"]), dev.executions(deployment["id"]))
    files = backend.files("platform/deploy")
    deployed = [text for path, text in files.items() if path.startswith("shop/development/shop/") and path.endswith("deployment.yaml")]
    assert len(deployed) == 1 and "namespace: shop-development" in deployed[0] and "registry.example.com/web:1.0" in deployed[0], files
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert list(backend.files("platform/deploy")) == ["README.md"]


def test_commits_of_others_at_the_same_time_are_waited_for(start, tmp_path):
    with gitea.Server() as backend:
        backend.rejections = 5
        server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
        dev = server.add_user("dev", "shop")
        deployment = dev.deploy(score("shop", resources={name: RESOURCES[name] for name in ("org", "code", "files")}), environment="development")
        assert deployment["state"] == "completed", (deployment, dev.logs(deployment["id"]))
        step = next(s for w in dev.executions(deployment["id"]) for s in w["steps"] if s["name"] == "files")
        assert step["attempt"] == 1 and backend.files("shop/web")["deploy/note.txt"] == "hello\n" and backend.files("shop/web")["theirs"] == "0", step


def test_a_token_that_is_refused_fails_at_once_and_is_not_shown(start, backend, tmp_path):
    config = entry(backend, tmp_path)
    (tmp_path / "gitea-token").write_text("not-the-token-0123456789\n")
    server = start(write_config(tmp_path / "config", entries=[config]))
    dev = server.add_user("dev", "shop")
    failed = dev.deploy(score("shop", resources={"org": RESOURCES["org"]}), environment="development")
    assert failed["state"] in ("failed", "rolled_back"), failed
    step = next(s for w in dev.executions(failed["id"]) for s in w["steps"] if s["name"] == "org")
    assert step["error"]["class"] == "UNAUTHORIZED" and step["attempt"] == 1 and "not-the-token" not in json.dumps(step) + server.log(), step
