"""The provisioner `vault` as a developer meets it: a Score file, the real server with its plugin host and sandbox, a real OpenBao."""
import json
import threading

import pytest
from lib import openbao
from lib.things import score, write_config

TYPES = ["vault-secret", "vault-policy", "vault-approle"]
APP = "/v1/secret/metadata/innominatus/shop/development/shop"
RESOURCES = {
    "smtp": {"type": "vault-secret", "params": {"data": {"user": "mail"}, "keys": ["password"]}},
    "reader": {"type": "vault-policy", "params": {"secrets": ["smtp"]}},
    "login": {"type": "vault-approle", "params": {"policies": ["${resources.reader.name}"], "tokenTtl": "10m"}},
}


@pytest.fixture
def bao(tmp_path):
    if openbao.missing():
        pytest.skip(openbao.missing())
    with openbao.Server(tmp_path / "bao", durable=True) as server:
        server.ok("POST", "/v1/sys/auth/approle", {"type": "approle"})
        yield server


def entry(bao, url=None, **config):
    return {"name": "vault", "plugin": "vault", "types": TYPES, "config": {"url": url or bao.url, "credentials": f"file:{bao.token_file}", **config}}


def left_behind(bao):
    """Everything of ours that OpenBao holds."""
    policies = [name for name in bao.keys("/v1/sys/policies/acl") if name.startswith("innominatus")]
    return bao.keys("/v1/secret/metadata/innominatus") + policies + bao.keys("/v1/auth/approle/role")


def test_a_score_file_becomes_secrets_a_policy_and_a_role_and_nothing_is_left_behind(start, bao, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(bao, f"http://localhost:{bao.port}")]))  # a name, resolved inside the sandbox
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=RESOURCES, variables={"SMTP_PASSWORD": "${resources.smtp.password}"}), environment="development")
    assert deployment["state"] == "completed", deployment
    resources = dev.resources(application="shop")
    assert {resources[name]["state"] for name in RESOURCES} == {"active"}, resources
    assert bao.keys(APP) == ["smtp"]
    secret = bao.ok("GET", APP.replace("metadata", "data") + "/smtp").data["data"]
    assert secret["user"] == "mail" and len(secret["password"]) == 32
    outputs = resources["login"]["outputs"]
    assert outputs["name"] == "innominatus.shop.development.shop.login" and set(outputs["secret_id"]) == {"$secret"}, outputs
    kept = bao.ok("GET", f"/v1/secret/data/innominatus/.approle/{outputs['name']}").data["data"]
    login = bao.ok("POST", "/v1/auth/approle/login", {"role_id": outputs["role_id"], "secret_id": kept["secret_id"]}).json["auth"]
    assert bao.ok("GET", APP.replace("metadata", "data") + "/smtp", token=login["client_token"]).data["data"] == secret
    assert bao.request("GET", f"/v1/secret/data/innominatus/.approle/{outputs['name']}", token=login["client_token"]).status == 403

    # the same again changes nothing: every secret is as it was, and has one version
    again = dev.deploy(score("shop", resources=RESOURCES, variables={"SMTP_PASSWORD": "${resources.smtp.password}"}), environment="development")
    assert again["state"] == "completed" and bao.ok("GET", APP + "/smtp").data["current_version"] == 1
    # an update in place
    changed = json.loads(json.dumps(RESOURCES))
    changed["smtp"]["params"]["data"]["user"] = "post"
    assert dev.deploy(score("shop", resources=changed), environment="development")["state"] == "completed"
    assert bao.ok("GET", APP.replace("metadata", "data") + "/smtp").data["data"] == {"user": "post", "password": secret["password"]}

    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left_behind(bao) == []
    # nothing that is secret was written anywhere in clear
    state = b"".join(path.read_bytes() for path in server.state.rglob("*") if path.is_file() and path.name != "admin.key")
    for clear in (secret["password"], kept["secret_id"], bao.token):
        assert clear.encode() not in state and clear not in server.log()


def test_a_run_finishes_by_itself_when_openbao_is_stopped_in_its_middle_and_started_again(start, bao, tmp_path):
    shut = threading.Event()

    def on_request(number):
        if number == 5:  # the third resource's request at the latest; what was asked before is done
            bao.halt()
            shut.set()
        return shut.is_set() and bao.process is None

    door = openbao.Door(bao.port, on_request)
    server = start(write_config(tmp_path / "config", entries=[entry(bao, door.url, attempts=20)]))
    dev = server.add_user("dev", "shop")
    answer = dev.submit(score("shop", resources=RESOURCES), environment="development")
    assert answer.status == 202, answer
    deployment = answer.json["id"]
    assert shut.wait(240)
    dev.wait_event(deployment, "resource.provisioning")
    bao.start()
    ended = dev.wait(deployment)
    assert ended["state"] == "completed", ended
    assert any("trying again" in line for line in dev.logs(deployment)), dev.logs(deployment)
    assert {r["state"] for n, r in dev.resources(application="shop").items() if n in RESOURCES} == {"active"}
    assert bao.ok("GET", APP + "/smtp").data["current_version"] == 1  # the stop made no double
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert left_behind(bao) == []
    door.close()


def test_a_sealed_openbao_is_said_and_the_run_goes_on_when_it_is_unsealed(start, bao, tmp_path):
    bao.seal()
    server = start(write_config(tmp_path / "config", entries=[entry(bao, attempts=20)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.submit(score("shop", resources={"smtp": RESOURCES["smtp"]}), environment="development").json["id"]
    while not any("answered 503; trying again" in line for line in dev.logs(deployment)):
        dev.wait_event(deployment, "resource.provisioning")
    bao.unseal()
    assert dev.wait(deployment)["state"] == "completed"
    assert bao.keys(APP) == ["smtp"]


def test_the_configuration_takes_its_credentials_from_openbao(start, bao, tmp_path):
    bao.ok("POST", "/v1/secret/data/platform", {"data": {"token": bao.token}})

    def change(config):
        config["vault"] = {"url": bao.url, "credentials": f"file:{bao.token_file}"}

    server = start(write_config(tmp_path / "config", change, entries=[entry(bao, credentials="vault:secret/platform#token")]))
    dev = server.add_user("dev", "shop")
    assert dev.deploy(score("shop", resources={"smtp": RESOURCES["smtp"]}), environment="development")["state"] == "completed"
    assert bao.keys(APP) == ["smtp"]
    # a secret that is gone refuses the entry at the next reload, and changes nothing
    bao.ok("DELETE", "/v1/secret/metadata/platform")
    server.config.write_text(server.config.read_text().replace("vault:secret/platform#token", "vault:secret/platform#other"))
    answer = server.admin().post("/admin/reload")
    assert answer.status == 422 and "there is no such secret" in answer.text, answer
    assert dev.deploy(score("shop", resources={"smtp": RESOURCES["smtp"]}), environment="development")["state"] == "completed"


def test_a_token_that_is_refused_fails_at_once_and_is_not_shown(start, bao, tmp_path):
    bao.token_file.write_text("hvs.not-a-token-of-this-server\n")
    server = start(write_config(tmp_path / "config", entries=[entry(bao)]))
    dev = server.add_user("dev", "shop")
    failed = dev.deploy(score("shop", resources={"smtp": RESOURCES["smtp"]}), environment="development")
    assert failed["state"] in ("failed", "rolled_back"), failed
    step = next(s for w in dev.executions(failed["id"]) for s in w["steps"] if s["name"] == "smtp")
    assert step["error"]["class"] == "UNAUTHORIZED" and step["attempt"] == 1, step
    assert "permission denied" in step["error"]["message"] and "hvs.not" not in json.dumps(step), step
