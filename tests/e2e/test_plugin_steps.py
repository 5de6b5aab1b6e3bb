"""Step types that plugins bring: log, outputs, secrets, retries, waiting, cancel, crash, and the entry that runs them; and `terraform`, whose
state is kept by the server itself."""
import os
import shutil
import time

import pytest
import yaml
from lib.server import BUILD
from lib.things import score, sha256, write_config

STEPS = BUILD / "tests/bad-plugins/steps.so"
TERRAFORM = shutil.which("terraform") or shutil.which("tofu")
MODULE = """
variable "word" { type = string }
resource "terraform_data" "thing" { input = var.word }
output "word" { value = terraform_data.thing.output }
output "hidden" {
  value     = "hidden-$${terraform_data.thing.id}"
  sensitive = true
}
"""


def entry(name="steps", **more):
    return {"name": name, "plugin": str(STEPS), "sha256": sha256(STEPS), **more}


def workflow(name, steps, **more):
    """A platform workflow that runs for the application of its own name alone."""
    steps = [{"when": f'metadata.name == "{name}"', **step} for step in steps]
    return yaml.safe_dump({"apiVersion": "workflow.dev/v1", "kind": "PlatformWorkflow",
                           "metadata": {"name": name, "owner": "platform-team", "phase": "pre-deployment", "version": "1.0.0"},
                           "spec": {"triggers": ["all_deployments"], "steps": steps, **more}}, sort_keys=False)


def configure(directory, workflows, entries, change=None):
    platform = directory / "workflows/platform"
    platform.mkdir(parents=True)
    for name, steps in workflows.items():
        (platform / f"{name}.yaml").write_text(workflow(name, steps))
    (directory / "policies").mkdir()

    def changed(config):
        config["workflowPolicies"] = {"workflowsRoot": "./workflows"}
        config["policies"] = {"path": "./policies"}
        if change:
            change(config)

    return write_config(directory, changed, entries=entries)


def steps_of(client, deployment):
    return {step["name"]: step for execution in client.executions(deployment["id"]) for step in execution["steps"]}


def work(name, mode="speak", type="work", **more):
    config = {"mode": mode, **more.pop("config", {})}
    return {"name": name, "type": type, "config": config, **more}


def test_a_step_of_a_plugin_logs_has_outputs_and_secrets_and_passes_them_on(start, tmp_path):
    flows = {"speaks": [work("first", env={"WORD": "from env"}, config={"word": "hello"}),
                        work("second", config={"word": "${steps.first.outputs.who} and ${steps.first.outputs.list.0}"}, env={"WORD": "${steps.first.outputs.token}"},
                             outputs={"heard": "${result.variable}"})]}
    server = start(configure(tmp_path / "config", flows, [entry()]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("speaks"))
    assert deployment["state"] == "completed", deployment
    first, second = (steps_of(dev, deployment)[name] for name in ("first", "second"))
    assert first["outputs"]["who"] == "speaks" and first["outputs"]["where"] == "development" and first["outputs"]["workflow"] == "speaks", first
    assert first["outputs"]["variable"] == "from env" and first["outputs"]["list"] == [1, {"two": None}] and first["outputs"]["attempt"] == 1
    assert len(first["outputs"]["key"]) == 64
    logs = dev.logs(deployment["id"])
    assert "first says hello" in logs and "40 % nearly half" in logs and "somewhere" in logs, logs
    assert "second says speaks and 1" in logs, logs
    everything = str(steps_of(dev, deployment)) + str(logs) + server.log()
    assert "t0ps3cret" not in everything  # a secret output stays one, also when the next step hands it on
    assert set(second["outputs"]) == {"heard"}, second


def test_a_step_of_a_plugin_waits_is_tried_again_and_fails_by_its_manifest(start, tmp_path):
    quick = {"attempts": 3, "delay": "1ms"}
    flows = {"waits": [work("slow", "pending")], "retried": [work("again", "later", retry=quick)], "fails": [work("bad", "fail", retry=quick)],
             "crashes": [work("down", "crash", retry={"attempts": 2, "delay": "1ms"})], "crashes-once": [work("down-once", "crash", type="once")]}
    server = start(configure(tmp_path / "config", flows, [entry()]))
    dev = server.add_user("dev", "shop")
    ids = {name: dev.submit(score(name)).json["id"] for name in flows}
    ended = {name: dev.wait(number) for name, number in ids.items()}
    slow = steps_of(dev, ended["waits"])["slow"]
    assert ended["waits"]["state"] == "completed" and slow["outputs"] == {"asked": 3} and slow["attempt"] == 1, slow
    assert [line for line in dev.logs(ids["waits"]) if line.startswith("asked")] == ["asked 1", "asked 2", "asked 3"]
    again = steps_of(dev, ended["retried"])["again"]
    assert ended["retried"]["state"] == "completed" and again["attempt"] == 3 and again["outputs"]["attempt"] == 3, again
    bad = steps_of(dev, ended["fails"])["bad"]
    assert bad["state"] == "failed" and bad["attempt"] == 1 and "it cannot be done" in bad["error"]["message"], bad  # FAILED is not tried again
    down = steps_of(dev, ended["crashes"])["down"]
    assert down["state"] == "failed" and down["error"]["class"] == "CRASHED" and down["error"]["signal"] == "SIGABRT", down
    assert "about to crash" in down["error"]["last_logs"], down
    assert steps_of(dev, ended["crashes-once"])["down-once"]["error"]["class"] == "CRASHED"


def test_a_canceled_step_of_a_plugin_stops_in_good_order(start, tmp_path):
    server = start(configure(tmp_path / "config", {"stops": [work("long", "wait")]}, [entry()]))
    dev = server.add_user("dev", "shop")
    number = dev.submit(score("stops")).json["id"]
    dev.wait_event(number, "step.started", "long")
    until = time.monotonic() + 240
    while "waiting to be canceled" not in dev.logs(number):
        assert time.monotonic() < until, dev.ok(f"/deployments/{number}")
        time.sleep(0.02)
    assert dev.post(f"/deployments/{number}/cancel").status in (200, 202)
    deployment = dev.wait(number)
    assert deployment["state"] == "canceled", deployment
    assert steps_of(dev, deployment)["long"]["state"] == "canceled"
    assert "stops in good order" in dev.logs(number)


def test_the_entry_that_runs_a_step_is_chosen_by_name_or_by_match(start, tmp_path):
    flows = {"named": [work("here", provisioner="steps-b"), work("there")]}
    entries = [entry("steps-a", match={"environment": "development"}), entry("steps-b", match={"environment": "production"})]
    server = start(configure(tmp_path / "config", flows, entries))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("named"))
    assert deployment["state"] == "completed", deployment
    steps = steps_of(dev, deployment)
    assert steps["here"]["provisioner"] == "steps-b" and steps["there"]["provisioner"] == "steps-a", steps
    assert {name: server.admin().ok(f"/plugins/{name}")["calls"] for name in ("steps-a", "steps-b")} == {"steps-a": 1, "steps-b": 1}


def test_a_step_that_was_running_when_the_server_was_killed_goes_on_by_its_manifest(start, tmp_path):
    flows = {"repeats": [work("long", "wait", timeout="3s")], "never-twice": [work("long", "wait", type="once")]}
    server = start(configure(tmp_path / "config", flows, [entry(limits={"maxHosts": 2})]))
    dev = server.add_user("dev", "shop")
    ids = {name: dev.submit(score(name)).json["id"] for name in flows}
    for number in ids.values():
        until = time.monotonic() + 240
        while "waiting to be canceled" not in dev.logs(number):
            assert time.monotonic() < until, dev.ok(f"/deployments/{number}")
            time.sleep(0.02)
    assert not server.kill()
    server.start()
    never = dev.wait(ids["never-twice"])
    assert never["state"] in ("failed", "rolled_back") and never["error"]["class"] == "INTERRUPTED", never
    repeated = dev.wait(ids["repeats"])  # it ran again, and into its timeout
    assert steps_of(dev, repeated)["long"]["error"]["class"] == "TIMEOUT", repeated


@pytest.mark.skipif(not TERRAFORM, reason="neither terraform nor tofu is installed")
def test_terraform_plans_waits_and_applies_that_plan_with_its_state_in_the_server(start, tmp_path):
    module = {"inline": MODULE, "variables": {"word": "hello"}}
    flows = {"infra": [{"name": "plan", "type": "terraform", "config": {"operation": "plan", **module}},
                       {"name": "apply", "type": "terraform", "config": {"operation": "apply", "plan": "${steps.plan.outputs.plan}", **module}},
                       {"name": "look", "type": "terraform", "config": {"operation": "output", **module}}]}
    key = tmp_path / "key"
    terraform = {"name": "tf", "plugin": "terraform", "grant": ["exec", "network"], "limits": {"memory": "1GiB"}}
    path = configure(tmp_path / "config", flows, [terraform])
    server = start(path)
    robot = server.add_user("robot", "platform")
    key.write_text(robot.key)
    key.chmod(0o600)
    config = yaml.safe_load(path.read_text())
    config["provisioners"][-1]["config"] = {"url": f"{server.url}/api/v1/terraform/state", "credentials": f"file:{key}"}
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    assert server.admin().post("/admin/reload").status == 200
    dev = server.add_user("dev", "shop")
    resources = {"stack": {"type": "terraform", "params": {"inline": MODULE, "variables": {"word": "as a resource"}}}}
    deployment = dev.deploy(score("infra", resources=resources))
    assert deployment["state"] == "completed", (deployment, dev.logs(deployment["id"]))
    steps = steps_of(dev, deployment)
    assert {name: steps["plan"]["outputs"][name] for name in ("add", "change", "destroy")} == {"add": 1, "change": 0, "destroy": 0}
    assert steps["apply"]["outputs"]["add"] == 1 and steps["apply"]["outputs"]["word"] == "hello", steps["apply"]
    assert steps["look"]["outputs"]["word"] == "hello" and "hidden-" not in str(steps)
    logs = dev.logs(deployment["id"])
    assert any("terraform_data.thing: Creation complete" in line for line in logs), logs
    stack = dev.resources()["stack"]
    assert stack["state"] == "active" and stack["outputs"]["word"] == "as a resource", stack
    states = robot.items("/terraform/state")
    assert len(states) == 2 and not any(state.get("lock") for state in states), states
    on_disk = [path for path, _, names in os.walk(server.state / "plugins") if "terraform.tfstate" in names and not path.endswith("/data")]
    assert not on_disk, on_disk
    answer = dev.delete("/specs/infra", environment="development")
    assert answer.status == 202, answer
    assert dev.wait(answer.json["id"])["state"] == "completed"
    left = {state["name"]: robot.ok(f"/terraform/state/{state['name']}") for state in robot.items("/terraform/state")}
    assert [len(state["resources"]) for name, state in left.items() if name.startswith("stack_")] in ([], [0]), left  # destroyed
