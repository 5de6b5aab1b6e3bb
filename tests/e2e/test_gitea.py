"""The provisioner `gitea` as a developer meets it: a Score file, the real server with its plugin host and sandbox, and a protocol fake of Gitea that is stopped, started
again, and loses answers."""
import json

import pytest
from lib import gitea
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


@pytest.fixture
def backend():
    with gitea.Server() as server:
        yield server


def entry(backend, tmp_path, types=TYPES, **config):
    return {"name": "gitea", "plugin": "gitea", "types": types, "config": {"url": backend.url, "credentials": secret_file(tmp_path / "gitea-token", backend.token), **config}}


def ours(resources):
    return {name: resources[name]["state"] for name in RESOURCES}


def test_a_score_file_becomes_a_repository_with_all_that_belongs_to_it_and_nothing_is_left_behind(start, backend, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(backend, tmp_path)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=RESOURCES), environment="development")
    assert deployment["state"] == "completed", (dev.logs(deployment["id"]), dev.executions(deployment["id"]))
    resources = dev.resources(application="shop")
    assert set(ours(resources).values()) == {"active"}, resources
    repo = backend.repos["shop/web"]
    assert repo.files() == {"README.md": "# web\n", "deploy/app.yaml": "kind: Thing\n", "deploy/note.txt": "hello\n"} and len(repo.messages) == 2
    assert resources["files"]["outputs"]["commit"] == repo.branches["main"]
    assert len(repo.keys) == len(repo.hooks) == 1 and list(repo.protections) == ["release"]
    secret = next(iter(repo.hooks.values()))["config"]["secret"]
    assert len(secret) == 32

    changed = json.loads(json.dumps(RESOURCES))
    changed["files"]["params"]["files"] = {"app.yaml": {"kind": "Other"}}
    changed["code"]["params"]["description"] = "The web"
    assert dev.deploy(score("shop", resources=changed), environment="development")["state"] == "completed"
    assert repo.files() == {"README.md": "# web\n", "deploy/app.yaml": "kind: Other\n"} and repo.description == "The web" and len(repo.messages) == 3

    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert backend.repos == {} and backend.orgs == {}
    everything = b"".join(path.read_bytes() for path in server.state.rglob("*") if path.is_file() and path.name != "admin.key")
    for clear in (secret, backend.token):
        assert clear.encode() not in everything and clear not in server.log()


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
    repo = backend.repos["shop/web"]
    assert len(backend.repos) == 1 and len(repo.messages) == 2 and len(repo.keys) == len(repo.hooks) == 1  # no double
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert backend.repos == {} and backend.orgs == {}


def test_a_workload_is_committed_where_the_admin_says(start, backend, tmp_path):
    def change(config):
        config["resourceDefinitions"] = {"workload": "gitea"}

    manifests = {"repository": "platform/deploy", "namespace": "{team}-{environment}"}
    server = start(write_config(tmp_path / "config", change, entries=[entry(backend, tmp_path, ["workload"], manifests=manifests)]))
    dev = server.add_user("dev", "shop")
    backend.make("platform", {"name": "deploy", "auto_init": True})
    deployment = dev.deploy(score("shop"), environment="development")
    assert deployment["state"] == "completed", (dev.logs(deployment["id"]), dev.executions(deployment["id"]))
    files = backend.repos["platform/deploy"].files()
    deployed = [text for path, text in files.items() if path.startswith("shop/development/shop/") and path.endswith("deployment.yaml")]
    assert len(deployed) == 1 and "namespace: shop-development" in deployed[0] and "registry.example.com/web:1.0" in deployed[0], files
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert list(backend.repos["platform/deploy"].files()) == ["README.md"]


def test_a_token_that_is_refused_fails_at_once_and_is_not_shown(start, backend, tmp_path):
    config = entry(backend, tmp_path)
    (tmp_path / "gitea-token").write_text("not-the-token-0123456789\n")
    server = start(write_config(tmp_path / "config", entries=[config]))
    dev = server.add_user("dev", "shop")
    failed = dev.deploy(score("shop", resources={"org": RESOURCES["org"]}), environment="development")
    assert failed["state"] in ("failed", "rolled_back"), failed
    step = next(s for w in dev.executions(failed["id"]) for s in w["steps"] if s["name"] == "org")
    assert step["error"]["class"] == "UNAUTHORIZED" and step["attempt"] == 1 and "not-the-token" not in json.dumps(step) + server.log(), step
