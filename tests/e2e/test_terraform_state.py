"""The state backend of Terraform and OpenTofu: documents, versions, locks, and the real program where there is one."""
import base64
import itertools
import json
import os
import shutil
import subprocess

import pytest
from lib.client import Client
from lib.database import Database, pg
from lib.server import forget_child, keep_child

STATE = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "5b9d0a8e", "outputs": {"password": {"value": "hush-hush-42", "sensitive": True}}, "resources": []}
LOCK = {"ID": "6e8b9c1f-1", "Operation": "OperationTypeApply", "Info": "", "Who": "jane@laptop", "Version": "1.11.0", "Created": "2026-01-01T00:00:00Z", "Path": ""}
PATH = "/terraform/state/shop"
numbers = itertools.count()


@pytest.fixture(scope="module")
def cluster():
    cluster = None if pg.missing() else pg.Cluster()
    if cluster:
        keep_child(cluster.server.pid)
    yield cluster
    if cluster:
        forget_child(cluster.server.pid)
        cluster.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def server(request, start, cluster):
    if request.param == "sqlite":
        return start()
    if not cluster:
        pytest.skip(pg.missing())
    return start(env={"INNOMINATUS_DATABASE": cluster.database(f"e2e{next(numbers)}")})


@pytest.fixture
def dev(server):
    return server.add_user("dev", "alpha")


def put(client, state, **query):
    return client.post(PATH, state, **query)


def test_a_state_is_kept_as_it_was_written_and_every_version_of_it(dev):
    assert dev.get(PATH).status == 404
    text = json.dumps(STATE, indent=2)
    assert put(dev, text, type="application/json").status == 200
    assert dev.get(PATH).text == text
    assert put(dev, text, type="application/json").status == 200  # sent again after an answer that got lost
    assert put(dev, {**STATE, "serial": 2}).status == 200
    versions = dev.items(PATH + "/versions")
    assert [(v["version"], v["serial"], v["updated_by"]) for v in versions] == [(2, 2, "dev"), (1, 1, "dev")]
    assert dev.get(PATH, version=1).text == text
    assert dev.get(PATH, version=7).status == 404
    assert dev.delete(PATH).status == 200
    assert dev.delete(PATH).status == 200
    assert dev.get(PATH).status == 404
    assert dev.items(PATH + "/versions")[0]["deleted"] is True
    assert dev.get(PATH, version=1).text == text
    assert dev.items("/terraform/state") == []


def test_only_the_last_fifty_versions_are_kept(dev):
    for serial in range(1, 54):
        assert put(dev, {**STATE, "serial": serial}).status == 200
    versions = [v["version"] for v in dev.items(PATH + "/versions")]
    assert versions == list(range(53, 3, -1))


def test_who_holds_the_lock_alone_may_write(dev):
    assert dev.request("LOCK", PATH, LOCK).status == 200
    assert dev.request("LOCK", PATH, LOCK).status == 200  # the same holder again
    other = dev.request("LOCK", PATH, {**LOCK, "ID": "other", "Who": "joe"})
    assert other.status == 423 and other.json == LOCK
    for answer in (put(dev, STATE), put(dev, STATE, ID="other"), dev.delete(PATH), dev.request("UNLOCK", PATH, {"ID": "other"})):
        assert answer.status == 423 and answer.json["Who"] == "jane@laptop", answer
    assert put(dev, STATE, ID=LOCK["ID"]).status == 200
    assert dev.items("/terraform/state")[0]["lock"]["Who"] == "jane@laptop"
    assert dev.get(PATH).json == STATE  # reading needs no lock
    assert dev.request("UNLOCK", PATH, LOCK).status == 200
    assert dev.request("UNLOCK", PATH, LOCK).status == 200
    assert put(dev, {**STATE, "serial": 2}).status == 200


def test_a_lock_that_was_left_behind_can_be_broken_and_that_is_audited(server, dev):
    assert dev.request("LOCK", PATH, LOCK).status == 200
    assert dev.request("UNLOCK", PATH, {}).status == 422
    assert dev.request("UNLOCK", PATH).status == 200
    assert dev.request("LOCK", PATH, {**LOCK, "ID": "next"}).status == 200
    row = server.admin().items("/audit", action="terraform.force_unlock")[0]
    assert row["actor"] == "dev" and row["object"] == "shop" and row["detail"]["lock"]["Who"] == "jane@laptop"


def test_states_belong_to_a_team(server, dev):
    other, admin, viewer = server.add_user("joe", "beta"), server.admin(), server.add_user("eve", "alpha", role="viewer")
    assert put(dev, STATE).status == 200
    assert other.get(PATH).status == 404
    assert put(other, {**STATE, "lineage": "beta"}).status == 200
    assert dev.get(PATH).json["lineage"] == STATE["lineage"]
    assert admin.get(PATH, team="beta").json["lineage"] == "beta"
    assert {(s["team"], s["name"]) for s in admin.items("/terraform/state")} == {("alpha", "shop"), ("beta", "shop")}
    assert viewer.get(PATH).status == 403 and viewer.request("LOCK", PATH, LOCK).status == 403


def test_the_key_is_taken_as_a_password(dev):
    def basic(text):
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    nobody = Client(dev.server, None)
    assert put(dev, STATE).status == 200
    assert nobody.request("GET", PATH, headers=basic(f"whoever:{dev.key}")).json == STATE
    assert nobody.request("GET", PATH, headers=basic(f":{dev.key}")).status == 200
    for wrong in (basic("whoever:wrong"), basic("whoever"), basic(f"{dev.key}:"), {"Authorization": "Basic !!"}, {"Authorization": "Basic "}, {}):
        assert nobody.request("GET", PATH, headers=wrong).status == 401, wrong
    assert nobody.request("GET", "/deployments", headers=basic(f"whoever:{dev.key}")).status == 401  # here only


def test_garbage_is_refused(dev):
    for body in ("", "{", "[]", "null", "17", '{"a": 1, "a": 2}', "\x00"):
        assert put(dev, body, type="application/json").status in (400, 422), body
    for info in ("", "[]", "{}", '{"ID": 7}', '{"ID": ""}', json.dumps({"ID": "x" * 201}), json.dumps({"ID": "x", "Info": "y" * 20000})):
        assert dev.request("LOCK", PATH, info, type="application/json").status in (400, 422), info
    for name in (".hidden", "a%20b", "a%00b", "x" * 201, "%C3%A9"):
        assert dev.post(f"/terraform/state/{name}", STATE).status in (400, 404, 422), name
    assert dev.get(PATH, version="x").status == 400
    assert dev.request("PATCH", PATH, STATE).headers["Allow"] == "GET, HEAD, POST, DELETE, LOCK, UNLOCK"
    assert dev.items("/terraform/state") == []


def test_large_states_are_fine_and_too_large_ones_are_413(dev):
    state = {**STATE, "resources": ["x" * 1000] * 5000}
    assert put(dev, state).status == 200
    assert dev.get(PATH).json == state
    try:
        assert put(dev, b"{" + b" " * (17 << 20) + b"}", type="application/json").status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # told before all of it was sent
    assert dev.get(PATH).json == state


def test_nothing_of_a_state_stands_in_clear_on_the_disk(start):
    server = start()
    dev = server.add_user("dev", "alpha")
    assert put(dev, STATE).status == 200
    assert server.stop() == 0
    for file in server.state.rglob("*"):
        assert not file.is_file() or b"hush-hush-42" not in file.read_bytes(), file
    assert "hush-hush-42" not in server.log()
    with Database(server) as database:
        assert database.rows("SELECT count(*) AS n FROM terraform_states") == [(1,)]


MAIN = """
terraform {
  backend "http" {}
}
variable "size" { type = number }
resource "terraform_data" "db" { input = { size = var.size } }
output "size" { value = terraform_data.db.output.size }
output "secret" {
  value     = "s-${terraform_data.db.id}"
  sensitive = true
}
"""


@pytest.mark.parametrize("program", ["terraform", "tofu"])
def test_the_real_program_keeps_its_state_here(dev, tmp_path, program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(MAIN)
    (work / "none").write_text("")
    address = f"{dev.server.url}/api/v1{PATH}"
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "TF_CLI_CONFIG_FILE": str(work / "none"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
           "TF_HTTP_ADDRESS": address, "TF_HTTP_LOCK_ADDRESS": address, "TF_HTTP_UNLOCK_ADDRESS": address, "TF_HTTP_USERNAME": "any", "TF_HTTP_PASSWORD": dev.key}

    def run(*words):
        return subprocess.run([program, *words, "-no-color"], cwd=work, env=env, text=True, capture_output=True, check=False, timeout=240)

    def fine(*words):
        done = run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    fine("init", "-input=false")
    fine("apply", "-auto-approve", "-input=false", "-var", "size=1")
    shutil.rmtree(work / ".terraform")
    fine("init", "-input=false")  # a fresh workspace goes on with what is here
    assert json.loads(fine("output", "-json"))["size"]["value"] == 1
    assert dev.request("LOCK", PATH, LOCK).status == 200
    refused = run("apply", "-auto-approve", "-input=false", "-var", "size=2")
    assert refused.returncode != 0 and LOCK["ID"] in refused.stderr, refused.stderr
    assert dev.request("UNLOCK", PATH, LOCK).status == 200
    fine("apply", "-auto-approve", "-input=false", "-var", "size=2")
    assert json.loads(fine("output", "-json"))["size"]["value"] == 2
    fine("destroy", "-auto-approve", "-input=false", "-var", "size=2")
    assert dev.get(PATH).json["resources"] == []
    assert dev.items("/terraform/state")[0].get("lock") is None
