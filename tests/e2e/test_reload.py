"""The configuration read again: all of it or nothing, told to whoever asked, while the server works."""
import concurrent.futures
import os
import pathlib
import shutil
import signal
import threading
import time

import yaml

from lib.server import ROOT
from lib.things import BAD, bad_entry, score, sha256, write_config

GATE = {"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1h"}}]}}
WORKFLOW = """apiVersion: workflow.dev/v1
kind: PlatformWorkflow
metadata: {name: extra, owner: platform, phase: pre-deployment, version: 1.0.0}
spec: {triggers: [all_deployments], steps: [{name: say, type: lua, config: {script: 'return {said = "MARK"}'}}]}
"""


def own_files(directory, change=None, entries=()):
    """A configuration with workflows and policies of its own."""
    directory = pathlib.Path(directory)
    shutil.copytree(ROOT / "workflows", directory / "workflows")
    (directory / "policies").mkdir()

    def changed(config):
        config["workflowPolicies"]["workflowsRoot"] = "./workflows"
        config.setdefault("policies", {})["path"] = "./policies"
        if change:
            change(config)

    return write_config(directory, changed, entries=list(entries))


def edit(path, change):
    config = yaml.safe_load(path.read_text())
    change(config)
    path.write_text(yaml.safe_dump(config, sort_keys=False))


def wait_for_log(server, text, after=0):
    until = time.monotonic() + 240
    while text not in server.log()[after:]:
        assert time.monotonic() < until, server.log()[-3000:]
        time.sleep(0.05)


def test_a_reload_puts_new_settings_workflows_and_policies_in_force_and_tells_what_changed(start, tmp_path):
    path = own_files(tmp_path / "config")
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    same = admin.post("/admin/reload")
    assert same.status == 200 and same.json["changed"] is False, same
    (path.parent / "workflows/platform/extra.yaml").write_text(WORKFLOW)
    (path.parent / "policies/no-blue.lua").write_text(
        'return {name = "no-blue", on = "deployment", description = "blue is out", severity = "deny",\n'
        '        check = function(input) return input.spec.metadata.name == "blue" end}\n')
    edit(path, lambda config: config["workflowPolicies"].update(maxStepsPerWorkflow=17))
    answer = admin.post("/admin/reload")
    assert answer.status == 200, answer
    report = answer.json
    assert report["changed"] and report["revision"] != report["previous"]
    assert report["workflows"] == {"added": ["platform/extra"], "removed": [], "changed": []}
    assert report["policies"]["added"] == ["no-blue"] and report["restart"] == []
    assert [(s["key"], s["to"]) for s in report["settings"]] == [("workflowPolicies.maxStepsPerWorkflow", 17)]
    assert admin.ok("/admin/config")["revision"] == report["revision"]
    assert dev.submit(score("blue")).status == 403
    green = dev.submit(score("green")).json["id"]
    done = dev.wait(green)
    assert done["state"] == "completed" and "extra" in [w["name"] for w in done["workflows"]]
    rows = [row for row in admin.ok("/audit?action=config.reload")["items"]]
    assert len(rows) == 2 and rows[0]["actor"] == "admin" and rows[0]["object"] == report["revision"] and rows[0]["result"] == "ok"
    assert dev.post("/admin/reload").status == 403
    said = server.cli("admin", "reload")
    assert said.returncode == 0 and "nothing has changed" in said.stdout, said
    edit(path, lambda config: config.update(queue={"workers": 3}))
    said = server.cli("admin", "reload")
    assert said.returncode == 0 and "queue.workers" in said.stderr and "restart" in said.stderr, said


def test_a_bad_file_changes_nothing_and_every_problem_is_told(start, tmp_path):
    path = own_files(tmp_path / "config")
    server = start(path)
    admin = server.admin()
    before = admin.ok("/admin/config")["revision"]
    good = path.read_text()
    path.write_text(good + "wrokflowPolicies: {}\n")
    answer = admin.post("/admin/reload")
    assert answer.status == 422 and any("wrokflowPolicies" in e["message"] and "workflowPolicies" in e.get("suggestion", "") for e in answer.json["errors"]), answer
    said = server.cli("admin", "reload")
    assert said.returncode == 3 and "wrokflowPolicies" in said.stderr, said
    path.write_text(good)
    (path.parent / "workflows/platform/extra.yaml").write_text(WORKFLOW.replace("type: lua", "type: lau"))
    (path.parent / "policies/broken.lua").write_text("return {\n")
    edit(path, lambda config: config["provisioners"].append(bad_entry("chatty", "chatty", sha256="0" * 64)))
    answer = admin.post("/admin/reload")
    assert answer.status == 422, answer
    files = {pathlib.Path(e["file"]).name for e in answer.json["errors"] if e["severity"] == "error"}
    assert files == {"extra.yaml", "broken.lua", "admin-config.yaml"}, answer.json["errors"]
    assert admin.ok("/admin/config")["revision"] == before
    assert [p["name"] for p in admin.ok("/plugins")["items"]] == ["local"]
    assert "broken" not in str(admin.ok("/policies"))
    assert admin.ok("/audit?action=config.reload")["items"] == []
    seen = len(server.log())
    server.process.send_signal(signal.SIGHUP)
    wait_for_log(server, "was not reloaded, everything stays", seen)
    assert "extra.yaml" in server.log()[seen:] and "broken.lua" in server.log()[seen:]
    path.write_text(good)
    os.unlink(path.parent / "workflows/platform/extra.yaml")
    os.unlink(path.parent / "policies/broken.lua")
    server.process.send_signal(signal.SIGHUP)
    wait_for_log(server, "was reloaded; nothing has changed", seen)


def test_a_running_deployment_keeps_what_it_was_accepted_with(start, tmp_path):
    path = own_files(tmp_path / "config")
    extra = path.parent / "workflows/platform/extra.yaml"
    extra.write_text(WORKFLOW.replace("pre-deployment", "post-deployment"))
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    short = {"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "3s"}}]}}
    running = dev.submit(score("first", workflows=short)).json["id"]
    dev.wait_event(running, "step.waiting", "wait")
    revision = dev.ok(f"/deployments/{running}")["config_revision"]
    extra.write_text(extra.read_text().replace("MARK", "OTHER"))
    edit(path, lambda config: config["workflowPolicies"].update(maxStepsPerWorkflow=19))
    assert admin.post("/admin/reload").json["workflows"]["changed"] == ["platform/extra"]
    second = dev.submit(score("second")).json["id"]
    done = dev.wait(running)
    assert done["state"] == "completed" and done["config_revision"] == revision
    said = {}
    for name, deployment in (("first", done), ("second", dev.wait(second))):
        found = [w["id"] for w in deployment["workflows"] if w["name"] == "extra"]
        said[name] = dev.ok(f"/workflows/{found[0]}")["steps"][0]["outputs"]["said"]
    assert said == {"first": "MARK", "second": "OTHER"}


def test_an_entry_that_is_removed_serves_its_resources_until_they_are_gone(start, tmp_path):
    path = own_files(tmp_path / "config")
    edit(path, lambda config: config["provisioners"].append({"name": "second", "plugin": "local", "types": ["dns"], "match": {"team": "shop"}}))
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    assert dev.wait(dev.submit(score("app", resources={"name": {"type": "dns"}})).json["id"])["state"] == "completed"
    assert [r["provisioner"]["name"] for r in dev.ok("/resources?type=dns")["items"]] == ["second"]
    edit(path, lambda config: config["provisioners"].pop())
    report = admin.post("/admin/reload").json
    assert report["provisioners"]["removed"] == ["second"] and report["provisioners"]["draining"] == ["second"]
    states = {p["name"]: p["state"] for p in admin.ok("/plugins")["items"]}
    assert states == {"local": "ready", "second": "draining"}
    other = dev.wait(dev.submit(score("other", resources={"name": {"type": "dns"}})).json["id"])
    assert other["state"] == "completed"
    assert {r["provisioner"]["name"] for r in dev.ok("/resources?type=dns&application=other")["items"]} == {"local"}
    assert dev.wait(dev.delete("/specs/app").json["id"])["state"] == "completed"
    wait_for_log(server, "provisioner second owns nothing any more and is gone")
    assert [p["name"] for p in admin.ok("/plugins")["items"]] == ["local"]


def test_a_changed_plugin_gets_a_host_beside_the_old_one_which_ends_its_call(start, tmp_path):
    """The old host hangs in a call; the new one serves meanwhile."""
    first, second = BAD / "hang.so", BAD / "chatty.so"
    place = tmp_path / "plugin.so"
    shutil.copy(first, place)
    place.chmod(0o755)
    entry = {"name": "changing", "plugin": str(place), "sha256": sha256(place), "limits": {"timeout": "1h"}}
    path = own_files(tmp_path / "config", entries=[entry])
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    hanging = dev.submit(score("old", resources={"thing": {"type": "bad"}})).json["id"]
    dev.wait_event(hanging, "resource.provisioning")
    shutil.copy(second, tmp_path / "next.so")
    os.replace(tmp_path / "next.so", place)
    edit(path, lambda config: config["provisioners"][-1].update(sha256=sha256(place)))
    answer = admin.post("/admin/reload")
    assert answer.status == 200 and answer.json["provisioners"]["changed"] == ["changing"], answer
    states = sorted((p["name"], p["state"]) for p in admin.ok("/plugins")["items"])
    assert states == [("changing", "draining"), ("changing", "ready"), ("local", "ready")]
    assert dev.wait(dev.submit(score("new", resources={"thing": {"type": "bad"}})).json["id"])["state"] == "completed"
    assert dev.ok(f"/deployments/{hanging}")["state"] == "running"
    assert dev.post(f"/deployments/{hanging}/cancel").status == 202
    assert dev.wait(hanging)["state"] == "canceled"


def test_reloads_under_load_disturb_nobody(start, tmp_path):
    path = own_files(tmp_path / "config")
    server = start(path)
    admin, devs = server.admin(), [server.add_user(f"dev{i}", f"team{i}") for i in range(3)]
    extra, over = path.parent / "workflows/platform/extra.yaml", threading.Event()

    def deploy(dev):
        return [dev.wait(dev.submit(score(f"app-{i}", resources={"name": {"type": "dns"}})).json["id"])["state"] for i in range(4)]

    def change():
        count = 0
        while not over.is_set():
            extra.write_text(WORKFLOW.replace("MARK", str(count)))
            edit(path, lambda config: config["workflowPolicies"].update(maxStepsPerWorkflow=20 + count % 5))
            answer = admin.post("/admin/reload")
            assert answer.status == 200, answer
            server.process.send_signal(signal.SIGHUP)
            count += 1
        return count

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        changing = pool.submit(change)
        states = [state for done in pool.map(deploy, devs) for state in done]
        over.set()
        assert changing.result() > 0
    assert states == ["completed"] * 12
