"""Actions of resources: asked for over REST, on the command line and by workflows; those that change are deployments, and what they set holds against the
Score file until it is reset."""
import json
import pathlib

import pytest
import yaml
from lib.server import BUILD
from lib.things import score, sha256, write_config

ACTS = BUILD / "tests/bad-plugins/acts.so"


def entry(**more):
    return {"name": "acts", "plugin": str(ACTS), "sha256": sha256(ACTS), **more}


def spec(name="shop", replicas=2, **params):
    return score(name, resources={"thing": {"type": "actor", "params": {"replicas": replicas, **params}}})


def begin(start, tmp_path, change=None):
    server = start(write_config(tmp_path / "config", change, entries=[entry()]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(spec())
    assert deployment["state"] == "completed", deployment
    return server, dev, dev.resources()["thing"]["id"]


def act(client, resource, action, arguments=None, **more):
    return client.post(f"/resources/{resource}/actions/{action}", {"arguments": arguments} if arguments is not None else None, **more)


def changed(client, resource, action, arguments=None):
    """The deployment of an action that changes, when it has ended."""
    answer = act(client, resource, action, arguments)
    assert answer.status == 202, answer
    assert answer.headers["Location"] == f"/api/v1/deployments/{answer.json['id']}"
    return client.wait(answer.json["id"])


def changes_of(plan):
    return {change["resource"]: change["change"] for change in plan["changes"]}


def planned(client, text, **query):
    answer = client.post("/specs/plan", text, type="application/yaml", **query)
    assert answer.status == 200, answer
    return answer.json


# ---- those that look ----

def test_one_that_looks_is_answered_at_once(start, tmp_path):
    server, dev, thing = begin(start, tmp_path)
    listed = {action["name"]: action for action in dev.ok(f"/resources/{thing}/actions")["items"]}
    assert listed["every"]["params"][1] == {"name": "i", "type": "i", "default": -7} and not listed["every"]["changes"], listed
    assert listed["scale"]["changes"] and listed["scale"]["params"][0]["sets"] == "replicas", listed
    answer = act(dev, thing, "every", {"s": "héllo", "i": -(2 ** 63), "b": False, "d": 0.25, "j": {"x": [None]}})
    assert answer.status == 200, answer
    assert answer.json["outputs"] == {"s": "héllo", "i": -(2 ** 63), "b": False, "d": 0.25, "j": {"x": [None]}, "operation": 6}, answer
    assert answer.json["logs"] == [{"level": "info", "text": "acting on thing"}] and answer.json["hints"][0]["kind"] == "docs", answer
    assert act(dev, thing, "every", {"s": "x"}).json["outputs"]["i"] == -7
    assert json.loads(act(dev, thing, "none").json["outputs"]["params"]) == {"replicas": 2}
    assert len(dev.items("/deployments")) == 1, "looking makes no deployment"
    rows = [row for row in server.admin().items("/audit", action="resource.action")]
    assert [row["detail"]["action"] for row in rows] == ["none", "every", "every"] and rows[0]["object"] == thing and rows[0]["actor"] == "dev", rows


def test_what_is_wrong_with_a_request_is_said(start, tmp_path):
    server, dev, thing = begin(start, tmp_path)
    for action, arguments, status, text in [
            ("every", {"s": 5}, 422, 'action every: argument \\"s\\" must be a text, the number 5 was given; its arguments: s (a text), i (a whole number, optional)'),
            ("every", {}, 422, 'argument \\"s\\" is missing'),
            ("every", {"s": "x", "ii": 1}, 422, 'unknown argument \\"ii\\"'),
            ("every", [1], 422, "must be an object"),
            ("every", {"s": "x", "j": {"$secret": "resource:r-1#password"}}, 422, "may not hold"),
            ("fly", {}, 404, 'no action \\"fly\\" for type actor; there are: every, many'),
            ("fails", {"code": -6}, 502, "asked to fail with -6"),
            ("fails", {"code": -2}, 422, "asked to fail with -2"),
            ("crashes", {}, 502, "crashed with SIG"),
            ("whispers", {}, 502, "gave a secret")]:
        answer = act(dev, thing, action, arguments)
        assert answer.status == status and text in answer.text, (action, arguments, answer)
        assert "hunter2" not in answer.text
    assert act(dev, thing, "none").status == 200, "a crash is the host's alone"
    assert dev.post(f"/resources/{thing}/actions/none", {"argument": {}}).status == 422
    assert act(dev, "r-01ARZ3NDEKTSV4RRFFQ69G5FAV", "none").status == 404
    assert act(server.add_user("viv", "shop", role="viewer"), thing, "none").status == 403
    eve = server.add_user("eve", "other")
    assert act(eve, thing, "none").status == 404 and eve.get(f"/resources/{thing}/actions").status == 404
    assert act(server.admin(), thing, "none").status == 200, "an admin may for every team"


def test_a_long_log_is_cut_and_says_so(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    logs = act(dev, thing, "talks", {"lines": 900}).json["logs"]
    assert len(logs) == 501 and logs[499]["text"] == "line 499", logs[-2:]
    assert logs[500] == {"level": "warn", "text": "the log goes on; the rest of it is left out"}, logs[-1]
    assert len(act(dev, thing, "talks", {"lines": 500}).json["logs"]) == 500


def test_an_idempotency_key_makes_it_one_request(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    first = act(dev, thing, "every", {"s": "x"}, headers={"Idempotency-Key": "look"})
    again = act(dev, thing, "every", {"s": "x"}, headers={"Idempotency-Key": "look"})
    assert first.status == again.status == 200 and again.headers["Idempotency-Replayed"] == "true" and first.json == again.json
    assert act(dev, thing, "every", {"s": "y"}, headers={"Idempotency-Key": "look"}).status == 409
    first = act(dev, thing, "scale", {"replicas": 3}, headers={"Idempotency-Key": "scale"})
    again = act(dev, thing, "scale", {"replicas": 3}, headers={"Idempotency-Key": "scale"})
    assert first.status == again.status == 202 and first.json["id"] == again.json["id"], (first, again)
    assert dev.wait(first.json["id"])["state"] == "completed"
    assert len(dev.items("/deployments")) == 2


# ---- those that change ----

def test_a_change_is_a_deployment_and_holds_against_the_file(start, tmp_path):
    server, dev, thing = begin(start, tmp_path)
    deployment = changed(dev, thing, "scale", {"replicas": 5})
    assert deployment["state"] == "completed" and deployment["kind"] == "resource", deployment
    assert "scaling thing to 5" in dev.logs(deployment["id"])
    resource = dev.ok(f"/resources/{thing}")
    assert resource["state"] == "active" and resource["params"]["replicas"] == 5, resource
    assert resource["outputs"]["replicas"] == 5 and resource["outputs"]["wanted"]["replicas"] == 5 and resource["outputs"]["before"]["replicas"] == 2, resource
    assert resource["outputs"]["password"] == {"$secret": f"resource:{thing}#password"}, "what the action does not give stays"
    held = resource["overrides"]["replicas"]
    assert held["value"] == 5 and held["action"] == "scale" and held["by"] == "dev" and held["at"], resource

    plan = planned(dev, spec())
    assert changes_of(plan)["thing"] == "none", plan["changes"]
    assert [(o["resource"], o["path"], o["value"], o["file"], o["action"], o["by"]) for o in plan["overrides"]] == [("thing", "replicas", 5, 2, "scale", "dev")]
    later = dev.deploy(spec())
    assert later["state"] == "completed" and later["summary"]["update"] == 0, later
    assert dev.ok(f"/resources/{thing}")["params"]["replicas"] == 5
    more = dev.deploy(spec(color="red"))
    assert more["summary"]["update"] == 1, more
    resource = dev.ok(f"/resources/{thing}")
    assert resource["params"] == {"replicas": 5, "color": "red"} and resource["outputs"]["replicas"] == 5, resource

    plan = planned(dev, spec(color="red"), reset="true")
    assert changes_of(plan)["thing"] == "update" and "overrides" not in plan, plan
    back = dev.deploy(spec(color="red"), reset="true")
    assert back["state"] == "completed", back
    resource = dev.ok(f"/resources/{thing}")
    assert resource["params"]["replicas"] == 2 and "overrides" not in resource and resource["outputs"]["replicas"] == 2, resource
    assert "overrides" not in planned(dev, spec(color="red"))
    assert server.admin().ok("/audit/verify")["valid"]


def test_a_file_that_says_the_same_ends_the_override(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    changed(dev, thing, "scale", {"replicas": 4})
    assert "overrides" not in planned(dev, spec(replicas=4))
    deployment = dev.deploy(spec(replicas=4))
    assert deployment["summary"]["update"] == 0, deployment
    assert "overrides" not in dev.ok(f"/resources/{thing}")
    dev.deploy(spec(replicas=1))
    assert dev.ok(f"/resources/{thing}")["params"]["replicas"] == 1


def test_a_deployment_that_waited_sees_what_was_set_meanwhile(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    slow = score("shop", resources={"thing": {"type": "actor", "params": {"replicas": 2}}},
                 workflows={"wait": {"phase": "pre-deployment", "steps": [{"name": "wait", "type": "delay", "config": {"duration": "2s"}}]}})
    first = dev.submit(slow).json["id"]
    action = act(dev, thing, "scale", {"replicas": 6}).json["id"]
    second = dev.submit(spec()).json["id"]
    assert [dev.wait(id)["state"] for id in (first, action, second)] == ["completed"] * 3
    resource = dev.ok(f"/resources/{thing}")
    assert resource["params"]["replicas"] == 6 and resource["overrides"]["replicas"]["value"] == 6, resource


def test_one_that_waits_and_gives_secrets(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    deployment = changed(dev, thing, "rotate", {"reason": "a leak"})
    assert deployment["state"] == "completed", deployment
    assert "rotated because of a leak" in dev.logs(deployment["id"])
    resource = dev.ok(f"/resources/{thing}")
    assert resource["outputs"]["password"] == {"$secret": f"resource:{thing}#password"} and resource["outputs"]["replicas"] == 2, resource
    assert "overrides" not in resource and resource["params"] == {"replicas": 2}, resource
    assert b"correct horse" not in b"".join(path.read_bytes() for path in pathlib.Path(dev.server.state).glob("innominatus.db*"))


def test_a_change_that_is_refused_leaves_the_resource_as_it_was(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    for replicas in (-1, 1000):
        answer = act(dev, thing, "scale", {"replicas": replicas})
        assert answer.status == 422 and "params of thing: /replicas is" in answer.text, answer
    deployment = changed(dev, thing, "scale", {"replicas": 13})
    assert deployment["state"] == "failed" and "13 brings bad luck" in deployment["error"]["message"], deployment
    resource = dev.ok(f"/resources/{thing}")
    assert resource["state"] == "active" and resource["params"]["replicas"] == 2 and "overrides" not in resource, resource


@pytest.mark.parametrize("action,state", [("hold", "completed"), ("hold-once", "failed")])
def test_a_change_survives_the_death_of_the_server(start, tmp_path, action, state):
    server, dev, thing = begin(start, tmp_path)
    accepted = act(dev, thing, action, {"level": 7})
    assert accepted.status == 202, accepted
    after = 0
    while "holding" not in dev.logs(accepted.json["id"]):  # as long as the test may run
        page = dev.ok(f"/deployments/{accepted.json['id']}/logs", follow="true", after=after)
        after = page["last"]
    assert not server.kill()
    server.start()
    deployment = dev.wait(accepted.json["id"])
    resource = dev.ok(f"/resources/{thing}")
    assert deployment["state"] == state, deployment
    if state == "completed":
        assert resource["state"] == "active" and resource["params"]["level"] == 7 and resource["overrides"]["level"]["value"] == 7, resource
        assert "called again" in dev.logs(accepted.json["id"])
    else:
        assert deployment["error"]["class"] == "INTERRUPTED" and "overrides" not in resource and resource["state"] == "degraded", (deployment, resource)
        assert dev.deploy(spec())["state"] == "completed"
        assert dev.ok(f"/resources/{thing}")["state"] == "active"
    assert server.admin().ok("/audit/verify")["valid"]


def test_what_may_not_be_done_twice_is_not_tried_again_when_its_time_is_over(start, tmp_path):
    server, dev, thing = begin(start, tmp_path)
    write_config(tmp_path / "config", entries=[entry(limits={"timeout": "3s"})])
    assert server.admin().post("/admin/reload").status == 200
    deployment = changed(dev, thing, "hold-once", {"level": 7})
    assert deployment["state"] == "failed" and "TIMEOUT" in deployment["error"]["class"], deployment
    assert dev.logs(deployment["id"]).count("holding") <= 1


def test_an_action_applies_nothing_but_itself(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    broken = dev.deploy(spec(replicas=9, refuse=True))
    assert broken["state"] == "failed" and dev.ok(f"/resources/{thing}")["state"] == "degraded", broken
    assert changed(dev, thing, "rotate")["state"] == "completed"
    assert dev.ok(f"/resources/{thing}")["params"] == {"replicas": 2}
    assert changes_of(planned(dev, spec(replicas=9, refuse=True)))["thing"] == "update"
    dev.deploy(spec(replicas=9, refuse=True))
    assert changed(dev, thing, "scale", {"replicas": 4})["state"] == "completed"
    assert dev.ok(f"/resources/{thing}")["params"] == {"replicas": 4}, "what was refused is not there"


def test_who_may_not_deploy_there_may_not_change_what_is_there(start, tmp_path):
    def close(config):
        config["environments"][0]["teams"] = ["other"]

    server, dev, thing = begin(start, tmp_path)
    write_config(tmp_path / "config", close, entries=[entry()])
    assert server.admin().post("/admin/reload").status == 200
    answer = act(dev, thing, "scale", {"replicas": 3})
    assert answer.status == 403 and 'team \\"shop\\" may not deploy to \\"development\\"' in answer.text, answer
    assert act(dev, thing, "none").status == 200, "looking changes nothing"
    assert dev.ok(f"/resources/{thing}")["params"]["replicas"] == 2


def test_an_action_leaves_what_has_drifted_drifted(start, tmp_path):
    def change(config):
        config["drift"] = {"interval": "200ms"}

    server, dev, thing = begin(start, tmp_path, change)
    unwell = server.state / "plugins/acts/unwell"
    unwell.touch()
    found = dev.wait_for_event("resource.drift")
    before = dev.ok(f"/resources/{thing}")["drift"]["detected_at"]
    assert changed(dev, thing, "rotate", {})["state"] == "completed"
    resource = dev.ok(f"/resources/{thing}")
    assert resource["state"] == "degraded" and resource["drift"]["detected_at"] == before, resource
    assert not dev.ok("/events?type=resource.drift_cleared")["items"] and len(dev.ok("/events?type=resource.drift")["items"]) == 1
    unwell.unlink()
    dev.wait_for_event("resource.drift_cleared", found["id"])
    assert dev.ok(f"/resources/{thing}")["state"] == "active"


def test_a_dry_run_counts_with_what_actions_have_set_and_keeps_secrets(start, tmp_path):
    _, dev, thing = begin(start, tmp_path)
    changed(dev, thing, "scale", {"replicas": 5})
    preview = {change["resource"]: change.get("preview") for change in planned(dev, spec(color="red"))["changes"]}["thing"]
    assert preview == {"changes": []}, preview
    answer = dev.post("/specs/plan", spec(color="red"), type="application/yaml", reset="true")
    assert '{"path":"/replicas","from":5,"to":2}' in answer.text and "hunter2" not in answer.text, answer


# ---- workflows ----

def configure_workflow(tmp_path, steps, phase="post-deployment"):
    platform = tmp_path / "config/workflows/platform"
    platform.mkdir(parents=True)
    (platform / "acting.yaml").write_text(yaml.safe_dump({
        "apiVersion": "workflow.dev/v1", "kind": "PlatformWorkflow", "metadata": {"name": "acting", "owner": "platform-team", "phase": phase, "version": "1.0.0"},
        "spec": {"triggers": ["all_deployments"], "variables": {"wanted": 3}, "steps": steps}}, sort_keys=False))

    def change(config):
        config["workflowPolicies"] = {"workflowsRoot": "./workflows"}

    return change


def test_a_workflow_acts_and_hands_on_what_came_of_it(start, tmp_path):
    steps = [{"name": "look", "type": "action", "config": {"resource": "thing", "action": "every", "arguments": {"s": "${metadata.name}", "i": "${variables.wanted}"}}},
             {"name": "grow", "type": "action", "config": {"resource": "thing", "action": "scale", "arguments": {"replicas": "${steps.look.outputs.i}"}},
              "outputs": {"now": "${result.replicas}"}},
             {"name": "check", "type": "validation", "config": {"checks": [{"when": "steps.grow.outputs.now == 3 and steps.look.outputs.s == 'shop'"}]}}]
    server, dev, thing = begin(start, tmp_path, configure_workflow(tmp_path, steps))
    resource = dev.ok(f"/resources/{thing}")
    assert resource["params"]["replicas"] == 3 and resource["overrides"]["replicas"]["value"] == 3, resource
    assert dev.deploy(spec())["state"] == "completed"
    assert len(dev.items("/deployments")) == 2, "a step is no deployment of its own"


def test_a_step_that_only_looks_leaves_the_resource_as_it_was(start, tmp_path):
    steps = [{"name": "look", "type": "action", "config": {"resource": "thing", "action": "every", "arguments": {"s": "x"}}}]
    _, dev, thing = begin(start, tmp_path, configure_workflow(tmp_path, steps))
    resource = dev.ok(f"/resources/{thing}")
    assert resource["state"] == "active" and resource["generation"] == 1, resource
    assert [move["to"] for move in dev.ok(f"/resources/{thing}/history")["items"]].count("updating") == 0
    again = dev.deploy(spec())
    assert again["state"] == "completed" and dev.ok(f"/resources/{thing}")["generation"] == 1, again


@pytest.mark.parametrize("config,says", [
    ({"resource": "thing", "action": "fly"}, "no action"),
    ({"resource": "thng", "action": "every"}, "no resource"),
    ({"resource": "thing", "action": "scale", "arguments": {"replicas": "many"}}, "must be a whole number"),
    ({"resource": "thing", "action": "scale"}, "is missing"),
    ({"resource": "thing"}, "action")])
def test_a_step_that_cannot_work_is_a_problem_of_the_plan(start, tmp_path, config, says):
    server = start(write_config(tmp_path / "config", configure_workflow(tmp_path, [{"name": "go", "type": "action", "config": config}]), entries=[entry()]))
    answer = server.add_user("dev", "shop").submit(spec())
    assert answer.status == 422 and says in answer.text, answer


# ---- the command line ----

def test_the_command_line_acts_and_shows_what_holds(start, tmp_path):
    server, dev, thing = begin(start, tmp_path)
    file = tmp_path / "app.yaml"
    file.write_text(spec())

    def cli(*words, code=0):
        done = server.cli(*words, key=dev.key)
        assert done.returncode == code, (words, done)
        return done

    table = cli("resource", "action", "thing", "--app", "shop").stdout
    assert "every" in table and "s=<text> [i=<whole number>]" in table and "replicas=<whole number>" in table, table
    done = cli("resource", "action", thing, "every", "s=5", "i=6", "d=1e3", "j=[1]", "b=false", "--output", "json")
    assert json.loads(done.stdout)["outputs"] == {"s": "5", "i": 6, "d": 1000, "j": [1], "b": False, "operation": 6}, done
    done = cli("resource", "action", "thing", "every", "s=hello")
    assert "acting on thing" in done.stderr and "hello" in done.stdout, done
    assert 'argument "i" must be a whole number, "six" was given' in cli("resource", "action", "thing", "every", "s=x", "i=six", code=3).stderr
    assert 'argument "s" is missing' in cli("resource", "action", "thing", "every", code=3).stderr
    assert "write KEY=VALUE" in cli("resource", "action", "thing", "every", "hello", code=2).stderr
    assert "there are: every" in cli("resource", "action", "thing", "fly", code=5).stderr
    done = cli("resource", "action", "thing", "scale", "replicas=4", "--wait")
    assert "active" in done.stdout, done
    assert "thing  replicas = 4  kept: set by scale of dev, the file says 2; --reset drops it" in cli("plan", file).stdout
    assert "thing: replicas = 4, set by scale of dev; deploy --reset drops it" in cli("status", "shop").stdout
    assert "replicas 4 -> 2" in cli("plan", file, "--reset").stdout
    cli("deploy", file, "--reset", "--wait")
    assert "kept:" not in cli("plan", file).stdout


def test_the_containers_are_scaled(start, tmp_path):
    server, dev, _ = begin(start, tmp_path)
    done = server.cli("scale", "shop", "3", "--wait", key=dev.key)
    assert done.returncode == 0, done
    deployment = dev.items("/deployments")[0]
    manifests = {item["path"]: item["content"] for item in dev.ok(f"/deployments/{dev.items('/deployments')[-1]['id']}/manifests")["items"]}
    assert deployment["kind"] == "resource", deployment
    assert "replicas: 3" in manifests["shop-deployment.yaml"], manifests
    assert dev.deploy(spec())["state"] == "completed"
    workload = dev.resources()["shop"]
    assert workload["params"]["replicas"] == 3 and workload["overrides"]["replicas"]["action"] == "scale", workload
    done = server.cli("restart", "shop", key=dev.key)
    assert done.returncode == 5 and "there are: scale" in done.stderr, done
    assert server.cli("scale", "shop", "many", key=dev.key).returncode == 2
    assert server.cli("scale", "nobody", "1", key=dev.key).returncode == 5
