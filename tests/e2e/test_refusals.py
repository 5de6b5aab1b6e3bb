"""What is refused, and how that is said: policies, step types, mistakes in Score files, requests that cannot be."""
import json
import sqlite3

import pytest
from lib.things import EXAMPLE, example_files, score, write_config

FIVE = """apiVersion: score.dev/v1b1
metadata:
  name: shop
conatiners: {}
containers:
  web:
    image: nginx:1.27
    variables:
      DB: ${resources.database.host}
    resources:
      limits:
        memory: 128MB
service:
  ports:
    http:
      port: eighty
resources:
  db:
    typ: volume
"""
FIVE_LINES = [4, 9, 12, 16, 19]


def test_a_product_workflow_that_is_not_allowed_denies(ecommerce):
    def take_away(config):
        config["workflowPolicies"]["allowedProductWorkflows"].remove("ecommerce/payment-integration")

    server = ecommerce(take_away)
    shop = server.add_user("shop", "shop")
    answer = shop.submit(EXAMPLE.read_text(), example_files())
    assert answer.status == 403, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json
    assert problem["code"] == "ORC-2001"
    assert len(problem["violations"]) == 1, problem["violations"]
    violation = problem["violations"][0]
    assert violation["policy"] == "allowed-product-workflows"
    assert violation["path"] == "ecommerce/payment-integration"
    assert "ecommerce/payment-integration (deployment) not in workflowPolicies.allowedProductWorkflows" in violation["message"]
    assert "ask platform-team" in violation["fix"]
    assert shop.items("/deployments") == [] and shop.items("/specs") == [] and shop.items("/resources") == []
    assert [v["policy"] for v in shop.items("/policies/violations")] == ["allowed-product-workflows"]
    audit = server.admin().items("/audit", result="denied")
    assert [(row["actor"], row["object"]) for row in audit][0][0] == "shop", audit
    plan = shop.post("/specs/plan", {"spec": EXAMPLE.read_text(), "files": example_files()})
    assert plan.status == 200 and plan.json["denied"] is True


def test_a_draft_does_not_run_and_does_not_deny(ecommerce, tmp_path):
    root = tmp_path / "workflows"

    def own_workflows(config):
        import shutil

        shutil.copytree(config["workflowPolicies"]["workflowsRoot"], root)
        file = root / "products/ecommerce/payment-integration.yaml"
        file.write_text(file.read_text().replace("metadata:\n", "metadata:\n  status: draft\n", 1))
        config["workflowPolicies"].update(workflowsRoot=str(root), allowedProductWorkflows=["ecommerce/database-setup"])

    server = ecommerce(own_workflows)
    shop = server.add_user("shop", "shop")
    deployment = shop.deploy(EXAMPLE.read_text(), example_files())
    assert deployment["state"] == "completed", deployment
    assert [w["name"] for w in deployment["workflows"] if w["tier"] == "product"] == ["ecommerce/database-setup"]


def test_a_required_workflow_that_is_missing_is_an_error(start, tmp_path):
    config = write_config(tmp_path / "config", lambda c: c["workflowPolicies"].update(requiredPlatformWorkflows=["security-scan", "licence-scan"]))
    server = start(config)
    answer = server.add_user("dev", "dev").submit(score())
    assert answer.status == 422, answer
    assert answer.json["code"] == "ORC-3003" and "licence-scan" in answer.text


@pytest.mark.parametrize("type", ["database-migration", "security", "tagging", "command", "terraform", "kubernetes"])
def test_a_score_file_may_not_name_a_platform_step_type(start, type):
    server = start()
    dev = server.add_user("dev", "dev")
    answer = dev.submit(score(workflows={"mine": {"steps": [{"name": "reach", "type": type, "config": {}}]}}))
    assert answer.status == 422, answer
    assert answer.json["code"] == "ORC-3002", answer
    assert type in answer.text
    assert dev.items("/deployments") == []


def test_five_mistakes_are_five_diagnostics_in_order(start, tmp_path):
    server = start()
    answer = server.add_user("dev", "dev").submit(FIVE, filename="shop.yaml")
    assert answer.status == 422, answer
    errors = [e for e in answer.json["errors"] if e["severity"] == "error"]
    assert [e["line"] for e in errors] == FIVE_LINES, errors
    assert all(e["column"] >= 1 and e["code"].startswith("ORC-1") for e in errors)
    assert [e["code"] for e in errors][:3] == ["ORC-1003", "ORC-1020", "ORC-1011"]
    assert "containers" in errors[0]["suggestion"]
    checked = server.admin().post("/specs/validate", FIVE, type="application/yaml")
    assert checked.status == 200 and checked.json["valid"] is False
    assert [e["line"] for e in checked.json["errors"] if e["severity"] == "error"] == FIVE_LINES

    file = tmp_path / "shop.yaml"
    file.write_text(FIVE)
    done = server.cli("validate", file)
    assert done.returncode == 3, done
    output = done.stdout + done.stderr
    places = [line.split("shop.yaml:", 1)[1].split(":")[0] for line in output.splitlines() if "shop.yaml:" in line and ": error[" in line]
    assert [int(place) for place in places] == FIVE_LINES, output
    assert 'did you mean "containers"' in output
    as_json = server.cli("--output", "json", "validate", file)
    assert as_json.returncode == 3, as_json
    assert [e["line"] for e in diagnostics(json.loads(as_json.stdout)) if e["severity"] == "error"] == FIVE_LINES


def diagnostics(value):
    """Every diagnostic below value."""
    if isinstance(value, dict) and "severity" in value:
        return [value]
    children = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    return [found for child in children for found in diagnostics(child)]


def test_requests_that_cannot_be_are_told_so(start):
    server = start()
    dev = server.add_user("dev", "dev")
    cases = [
        (dev.post("/specs", '{"spec": ', type="application/json"), 400),
        (dev.post("/specs", "a: [", type="application/yaml"), 400),
        (dev.post("/specs", b"\xff\xfe", type="application/yaml"), 400),
        (dev.post("/specs", score(), type="text/html"), 415),
        (dev.post("/specs", score()), 415),
        (dev.post("/specs", {"spec": 1}), 422),
        (dev.post("/specs", {"spec": score(), "flies": {}}), 422),
        (dev.post("/specs", score(), type="application/yaml", enviroment="development"), 400),
        (dev.get("/deployments", limit=0), 400),
        (dev.get("/deployments", limit=201), 400),
        (dev.get("/deployments", sort="nothing"), 400),
        (dev.get("/deployments", cursor="%%%"), 400),
        (dev.get("/nothing"), 404),
        (dev.request("PUT", "/specs", "x"), 405),
        (dev.submit(score(), environment="moon"), 422),
        (dev.submit(score(metadata={"team": "other"})), 403),
        (dev.submit("a" * (1 << 20) + "aa"), 413),
        (dev.get("/deployments/d-00000000000000000000000000"), 404),
    ]
    for number, (answer, status) in enumerate(cases):
        assert answer.status == status, (number, status, answer)
        assert answer.headers["Content-Type"] == "application/problem+json", number
        problem = answer.json
        assert problem["status"] == status and problem["code"].startswith("ORC-") and problem["title"] and problem["detail"], (number, problem)
        assert answer.headers["X-Request-Id"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'did you mean "environment"' in cases[7][0].json["detail"]
    assert dev.items("/deployments") == []


def test_the_type_of_an_environment_is_never_taken_from_the_file(start):
    server = start()
    dev = server.add_user("dev", "dev")
    lie = score(environment={"type": "development"})
    answer = dev.submit(lie, environment="production")
    assert answer.status == 422 and answer.json["code"] == "ORC-3013", answer
    plan = dev.post("/specs/plan", score(), type="application/yaml", environment="pr-17").json
    assert plan["environment"]["name"] == "pr-17" and plan["environment"]["type"] == "development", plan["environment"]


def test_a_denial_leaves_an_audit_row_and_nothing_else(start, tmp_path):
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "backups.lua").write_text(
        'return {name = "needs-backup", on = "deployment", description = "no backup",\n'
        "  check = function(input)\n"
        "    for name, res in pairs(input.spec.resources or {}) do\n"
        '      if res.type == "volume" and not (res.metadata and res.metadata.annotations) then\n'
        '        return {message = name .. " has no backup", path = "/resources/" .. name, fix = "annotate it"}\n'
        "      end\n    end\n  end}\n")
    (policies / "endless.lua").write_text('return {name = "endless", on = "deployment", description = "x", check = function(input)\n'
                                          '  if input.application == "endless" then while true do end end\nend}\n')
    server = start(write_config(tmp_path / "config", lambda c: c.update(policies={"path": str(policies)})))
    dev = server.add_user("dev", "dev")
    answer = dev.submit(score(resources={"data": {"type": "volume"}}))
    assert answer.status == 403, answer
    assert [(v["policy"], v["path"], v["fix"]) for v in answer.json["violations"]] == [("needs-backup", "/resources/data", "annotate it")]
    over = dev.submit(score("endless"))
    assert over.status == 403 and "ORC-2004" in over.text, over  # over its budget: closed, never open
    assert dev.deploy(score())["state"] == "completed"
    server.stop()
    database = sqlite3.connect(server.state / "innominatus.db")
    assert database.execute("SELECT count(*) FROM deployments").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM audit WHERE result = 'denied'").fetchone() == (2,)
