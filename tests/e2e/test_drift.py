"""What somebody changes behind the server's back is found, shown with its difference, and repaired where the annotation says so."""
import json
import pathlib
import shutil

from lib.things import score, write_config

REPAIR = {"metadata": {"annotations": {"innominatus.dev/drift": "repair"}}}


def looking(tmp_path, policy=None):
    """A configuration under which resources are looked at often."""

    def change(config):
        config["drift"] = {"interval": "200ms"}
        if policy:
            (tmp_path / "policies").mkdir()
            (tmp_path / "policies/p.lua").write_text(policy)
            config["policies"] = {**config.get("policies", {}), "path": str(tmp_path / "policies")}

    return write_config(tmp_path / "config", change)


def deployed(start, config, **resources):
    server = start(config)
    dev = server.add_user("dev", "dev")
    deployment = dev.deploy(score(resources=resources))
    assert deployment["state"] == "completed", deployment
    return server, dev, deployment


def told(dev, resource, words, after=0):
    """The event that tells that the resource differs, in these words. What is changed between the two questions of a look (how is it, what would be
    changed) is told in others first."""
    while True:
        event = dev.wait_for_event("resource.drift", after)
        if event["resource_id"] == resource["id"] and words in json.dumps(event["data"]):
            return event
        after = event["id"]


def test_a_volume_and_a_database_that_are_gone_are_found_and_shown(start, tmp_path):
    server, dev, _ = deployed(start, looking(tmp_path), data={"type": "volume"}, db={"type": "sqlite"}, name={"type": "dns"})
    found = dev.resources()
    calm = server.cli("status", "shop", "--drift", key=dev.key)
    assert calm.returncode == 0 and "0 of 4 resources differ from what was applied" in calm.stdout, calm
    shutil.rmtree(found["data"]["outputs"]["path"])
    told(dev, found["data"], "terminated")
    pathlib.Path(found["db"]["outputs"]["path"]).unlink()
    told(dev, found["db"], "terminated")
    data = dev.ok(f"/resources/{found['data']['id']}")
    assert data["state"] == "degraded"
    assert data["drift"]["diff"] == [{"path": "/state", "from": "active", "to": "terminated"}] and "not there" in data["drift"]["reason"]
    assert dev.ok(f"/resources/{found['db']['id']}/status")["drift"]["detected_at"]
    assert set(dev.resources(drift="true")) == {"data", "db"} and set(dev.resources(drift="false")) == {"name", "shop"}
    application = dev.ok("/specs/shop")["environments"][0]
    assert application["drift"] is True and application["state"] == "degraded"
    shown = server.cli("status", "shop", key=dev.key).stdout
    assert "shop · development · degraded" in shown and "data: not as it was applied, since" in shown, shown
    shown = server.cli("resource", "show", "data", key=dev.key).stdout
    assert "the directory is not there" in shown and "~ /state: active -> terminated" in shown, shown
    (tmp_path / "shop.yaml").write_text(score(resources={"data": {"type": "volume"}, "db": {"type": "sqlite"}, "name": {"type": "dns"}}))
    planned = server.cli("plan", tmp_path / "shop.yaml", key=dev.key).stdout
    assert "not as it was applied: the directory is not there  (in place)" in planned, planned
    shown = server.cli("status", "--drift", key=dev.key)
    assert shown.returncode == 0 and "data (volume) of shop in development is not as it was applied" in shown.stdout, shown
    assert "~ /state: active -> terminated" in shown.stdout and "2 of 4 resources differ" in shown.stdout
    items = json.loads(server.cli("status", "shop", "--drift", "--output", "json", key=dev.key).stdout)["items"]
    assert {item["name"] for item in items if "drift" in item} == {"data", "db"}
    metrics = server.admin().get("//metrics").text
    assert "innominatus_resources_drifted 2" in metrics and 'innominatus_drift_checks_total{result="drifted"}' in metrics
    assert dev.deploy(score(resources={"data": {"type": "volume"}, "db": {"type": "sqlite"}, "name": {"type": "dns"}}))["state"] == "completed"
    assert not dev.resources(drift="true") and dev.ok("/specs/shop")["environments"][0]["drift"] is False
    assert pathlib.Path(found["data"]["outputs"]["path"]).is_dir()


def test_what_is_to_be_repaired_is_even_when_the_server_dies_in_between(start, tmp_path):
    server, dev, deployment = deployed(start, looking(tmp_path), data={"type": "volume", **REPAIR})
    path = pathlib.Path(dev.resources()["data"]["outputs"]["path"])
    path.chmod(0o700)
    event = dev.wait_for_event("resource.drift")
    assert "0700" in json.dumps(event["data"]), event
    server.kill()
    server.start()
    dev.wait_for_event("resource.drift_cleared")
    assert path.stat().st_mode & 0o777 == 0o755
    repair = dev.items("/deployments", kind="resource")[-1]
    assert dev.wait(repair["id"])["state"] == "completed" and repair["created_by"] == "system"
    assert "resource" == repair["kind"] and dev.executions(repair["id"])[0]["steps"][0]["name"] == "data"
    assert dev.ok("/specs/shop")["environments"][0]["deployment_id"] == deployment["id"]
    assert [row for row in server.admin().items("/audit") if row["action"] == "resource.drift" and row["actor"] == "system"]


def test_a_policy_refuses_a_repair_and_says_why(start, tmp_path):
    policy = """return {name = 'no-hands', on = 'resource', applies_to = {'resource'}, check = function(input)
      if input.operation == 'repair' and #input.drift.diff > 0 then
        return {message = 'volumes are put right by people', fix = 'ask the platform team'} end end}"""
    server, dev, _ = deployed(start, looking(tmp_path, policy), data={"type": "volume", **REPAIR})
    path = pathlib.Path(dev.resources()["data"]["outputs"]["path"])
    path.chmod(0o700)
    dev.wait_for_event("policy.denied")
    drift = dev.resources()["data"]["drift"]
    assert "volumes are put right by people" in drift["repair"]["denied"], drift
    assert not dev.items("/deployments", kind="resource")
    shown = server.cli("status", "shop", "--drift", key=dev.key)
    assert "the repair was refused" in shown.stdout and "volumes are put right by people" in shown.stdout, shown
    path.chmod(0o755)
    dev.wait_for_event("resource.drift_cleared")
    assert dev.resources()["data"]["state"] == "active"
