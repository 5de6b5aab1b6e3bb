"""The e-commerce example from a Score file to resources: phases and tiers in order, hints, exports, manifests, and no secret in clear anywhere."""
import json
import re
import shutil
import sqlite3

import yaml
from lib.client import Client
from lib.things import EXAMPLE, ROOT, example_files, files_below

PHASES = ["pre-deployment", "deployment", "post-deployment"]


def test_the_example_becomes_resources(ecommerce, merchant):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    deployment = shop.deploy(EXAMPLE.read_text(), example_files(), environment="development")
    assert deployment["state"] == "completed", deployment
    assert "error" not in deployment
    assert deployment["team"] == "shop" and deployment["product"] == "ecommerce" and deployment["environment"] == {"name": "development", "type": "development"}
    assert deployment["summary"]["create"] == 6, deployment["summary"]  # five resources and the workload

    order = [(w["phase"], w["tier"], w["name"]) for w in deployment["workflows"]]
    assert order == [
        ("pre-deployment", "platform", "security-scan"),
        ("pre-deployment", "product", "ecommerce/database-setup"),
        ("deployment", "application", "resources"),
        ("deployment", "product", "ecommerce/payment-integration"),
        ("deployment", "application", "workload"),
        ("post-deployment", "platform", "cost-monitoring"),
    ], order

    executions = shop.executions(deployment["id"])
    assert all(w["state"] == "completed" for w in executions), [(w["name"], w["state"]) for w in executions]
    for earlier, later in zip(executions, executions[1:]):
        assert earlier["finished_at"] <= later["started_at"], (earlier["name"], later["name"])
    steps = {(w["name"], s["name"]): s for w in executions for s in w["steps"]}
    assert {s["state"] for s in steps.values()} <= {"completed", "skipped"}, steps
    assert steps[("ecommerce/database-setup", "migrate")]["outputs"]["version"] == 2
    assert steps[("ecommerce/payment-integration", "configure")]["outputs"]["return_url"].startswith("http://shop")

    resources = shop.resources(application="shop")
    assert sorted(resources) == ["data", "db", "payments", "session", "shop", "web"] or len(resources) == 6, sorted(resources)
    assert {r["state"] for r in resources.values()} == {"active"}, {n: r["state"] for n, r in resources.items()}
    assert resources["payments"]["provisioner"]["name"] == "payment-gateway-provisioner"
    hints = {hint["kind"]: hint["value"] for hint in shop.items(f"/resources/{resources['payments']['id']}/hints")}
    assert hints["dashboard"].startswith(merchant.url + "/merchants/")
    assert list(merchant.merchants()) == [resources["payments"]["outputs"]["merchant_id"]]

    database = sqlite3.connect(resources["db"]["outputs"]["path"])
    assert {"settings", "products", "orders"} <= {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert shop.ok("/specs/shop")["environments"][0]["state"] == "active"


def test_manifests_carry_references_and_nothing_carries_a_secret(ecommerce, merchant, tmp_path):
    server = ecommerce()
    shop = server.add_user("shop", "shop", password="correct horse battery staple")
    deployment = shop.deploy(EXAMPLE.read_text(), example_files())
    manifests = shop.items(f"/deployments/{deployment['id']}/manifests")
    kinds = sorted(document["kind"] for m in manifests for document in yaml.safe_load_all(m["content"]) if document)
    assert {"ConfigMap", "Deployment", "Secret", "Service"} <= set(kinds), kinds
    secret = next(d for m in manifests for d in yaml.safe_load_all(m["content"]) if d and d["kind"] == "Secret")
    assert "data" not in secret and "stringData" not in secret, secret
    references = json.loads(secret["metadata"]["annotations"]["innominatus.dev/secret-ref"])
    assert sorted(references) == ["env.PAYMENT_API_KEY", "env.SESSION_KEY"], references

    # What must not be seen: the merchant's key, the token of the merchant server, the session key, every API key, the seal key, the password.
    values = [m["api_key"] for m in merchant.merchants().values()] + [merchant.token, shop.key, server.admin_key, "correct horse battery staple"]
    answers = []
    for client in (shop, server.admin()):
        for path in ("/resources", "/deployments", f"/deployments/{deployment['id']}", f"/deployments/{deployment['id']}/events", f"/deployments/{deployment['id']}/logs",
                     f"/deployments/{deployment['id']}/manifests", "/specs/shop", "/graph/shop", "/workflows", "/queue/tasks", "/plugins", "/policies",
                     "/profile", "/profile/api-keys"):
            answers.append((path, client.get(path, **({"team": "shop"} if client is not shop and path in ("/specs/shop", "/graph/shop") else {})).text))
        answers += [(w["id"], json.dumps(w)) for w in client.executions(deployment["id"])]
        answers += [(r["id"], json.dumps(r)) for r in client.resources().values()]
    answers += [(path, server.admin().get(path).text) for path in ("/audit", "/admin/config", "/users")]
    session = next(r for r in shop.items("/resources") if r["name"] == "session")
    assert set(session["outputs"]["key"]) == {"$secret"}, session["outputs"]
    server.restart()  # everything is on disk now
    server.stop()
    for path in files_below(tmp_path):
        if path.name in ("merchants.json", "token", "admin.key") or path.suffix == ".so":
            continue  # theirs, not the server's: the gateway's data, the file that the admin's reference names, the admin's own key
        content = path.read_bytes()
        for value in values:
            assert value.encode() not in content, f"{path} has a secret in clear"
    for path, text in answers:
        for value in values:
            assert value not in text, f"{path} answers a secret in clear"


def test_the_session_key_is_sealed_and_differs_between_environments(ecommerce):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    for environment in ("development", "staging"):
        assert shop.deploy(EXAMPLE.read_text(), example_files(), environment=environment)["state"] == "completed"
    references = {r["outputs"]["key"]["$secret"] for r in shop.items("/resources") if r["name"] == "session"}
    assert len(references) == 2
    server.stop()
    database = sqlite3.connect(server.state / "innominatus.db")
    rows = dict(database.execute("SELECT reference, sealed FROM secrets"))
    sealed = [rows[reference] for reference in references]
    assert len(set(sealed)) == 2
    assert not any(re.search(rb"[A-Za-z0-9_-]{48}", bytes(value)) for value in sealed)


READER = """apiVersion: workflow.dev/v1
kind: PlatformWorkflow
metadata: {name: reader, owner: platform-team, phase: post-deployment, version: 1.0.0, priority: 5}
spec:
  triggers: [product_deployment]
  steps:
    - name: read
      type: lua
      config:
        version: '${workflows.product/ecommerce/database-setup.schemaVersion}'
        address: '${workflows.product/ecommerce/payment-integration.returnUrl}'
        path: '${resources.db.path}'
        script: |
          return {version = config.version, address = config.address, path = config.path}
"""


def test_a_workflow_reads_what_others_export(ecommerce, tmp_path):
    root = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", root)
    (root / "platform/reader.yaml").write_text(READER)
    server = ecommerce(lambda config: config["workflowPolicies"].update(workflowsRoot=str(root)))
    shop = server.add_user("shop", "shop")
    deployment = shop.deploy(EXAMPLE.read_text(), example_files())
    assert deployment["state"] == "completed", deployment
    steps = {s["name"]: s for w in shop.executions(deployment["id"]) for s in w["steps"]}
    assert steps["read"]["outputs"] == {"version": 2, "address": "http://shop.localhost/payments/return", "path": shop.resources()["db"]["outputs"]["path"]}


def test_a_spec_without_product_has_an_empty_product_tier(start):
    server = start()
    dev = server.add_user("dev", "dev")
    deployment = dev.deploy((EXAMPLE.parent / "hello.yaml").read_text())
    assert deployment["state"] == "completed", deployment
    assert "product" not in deployment
    assert {w["tier"] for w in deployment["workflows"]} == {"platform", "application"}
    assert [w["name"] for w in deployment["workflows"] if w["tier"] == "platform"] == ["security-scan", "cost-monitoring"]


def test_the_ready_line_and_server_json_say_where_it_is(start):
    server = start()
    found = server.server_json()
    assert found["url"] == server.url
    assert open(found["key_file"], encoding="ascii").read().strip() == server.admin_key
    assert Client(server, None).get("//health").status == 200
    assert Client(server, None).get("//ready").status == 200
