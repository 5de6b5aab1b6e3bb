"""Single tasks of the queue: dead letters are requeued and discarded, a deployment that waits is taken out."""
import http.server
import re
import threading

import pytest

from lib.things import score, write_config


class Backend:
    """Answers 503 until it is told to be well."""

    def __init__(self):
        backend = self
        self.well, self.asked, self.trace = False, 0, ""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                backend.asked += 1
                backend.trace = self.headers.get("traceparent", "")
                self.send_response(200 if backend.well else 503)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def backend():
    one = Backend()
    yield one
    one.server.shutdown()
    one.server.server_close()


def app(backend, name="shop"):
    say = {"name": "say", "type": "lua", "config": {"script": "return {said = 'done'}"}}
    call = {"name": "call", "type": "http", "config": {"url": f"http://{backend.address}/x"}, "retry": {"attempts": 1}}
    return score(name, workflows={"notify": {"steps": [{**say, "name": "before"}, call, {**say, "name": "after"}]}})


def dead(client, deployment):
    found = client.items("/queue/tasks", state="dead", deployment_id=deployment)
    assert len(found) == 1, found
    return found[0]


def steps_of(client, deployment):
    return {step["name"]: step for execution in client.executions(deployment) if execution["name"] == "notify" for step in execution["steps"]}


def last_event(client, deployment):
    return client.events(deployment)[-1]["id"]


def end_after(client, deployment, after):
    """Types of the deployment's own events beyond a number, until it has ended again."""
    found = []
    while True:
        page = client.ok(f"/deployments/{deployment}/events", follow="true", after=after)
        found += [event["type"] for event in page["items"] if event["type"].startswith("deployment.")]
        after = page["last"]
        if page["ended"]:
            return found


@pytest.fixture
def world(start, tmp_path, backend):
    server = start(write_config(tmp_path / "config", lambda config: config.setdefault("network", {}).update(allow=[backend.address])))
    return server, server.add_user("dev", "shop"), backend


def test_a_dead_task_is_tried_once_more_and_its_deployment_goes_on(world):
    server, dev, backend = world
    failed = dev.deploy(app(backend))
    assert failed["state"] == "failed"
    task = dead(dev, failed["id"])
    before = steps_of(dev, failed["id"])
    assert before["after"]["state"] == "skipped" and before["call"]["attempt"] == 1
    last = last_event(dev, failed["id"])
    again = dev.post(f"/queue/tasks/{task['id']}/requeue")  # still ill: dead once more
    assert again.status == 202 and again.json["attempt"] == 2 and again.json["deployment_id"] == failed["id"], again
    assert end_after(dev, failed["id"], last) == ["deployment.resumed", "deployment.failed"]
    assert dead(dev, failed["id"])["attempt"] == 2
    backend.well, last = True, last_event(dev, failed["id"])
    said = server.cli("queue", "requeue", task["id"], key=dev.key)
    assert said.returncode == 0 and "tried once more" in said.stdout, said
    assert end_after(dev, failed["id"], last) == ["deployment.resumed", "deployment.completed"]
    assert dev.ok(f"/deployments/{failed['id']}")["state"] == "completed"
    after = steps_of(dev, failed["id"])
    assert {name: step["state"] for name, step in after.items()} == {"before": "completed", "call": "completed", "after": "completed"}
    assert after["call"]["attempt"] == 3 and backend.asked == 3
    assert re.fullmatch(f"00-{failed['trace_id']}-[0-9a-f]{{16}}-01", backend.trace), backend.trace
    assert after["before"]["started_at"] == before["before"]["started_at"]  # did not run again
    assert dev.items("/queue/tasks", state="dead") == []
    assert dev.ok("/specs/shop")["environments"][0]["state"] == "active"
    assert dev.post(f"/queue/tasks/{task['id']}/requeue").status == 409
    rows = server.admin().items("/audit", action="task.requeue")
    assert [(row["actor"], row["object"]) for row in rows] == [("dev", task["id"])] * 2
    assert dev.deploy(app(backend))["state"] == "completed"  # the lock is free


def test_nothing_is_requeued_behind_a_later_deployment_or_for_another_team(world):
    server, dev, backend = world
    other = server.add_user("eve", "other")
    task = dead(dev, dev.deploy(app(backend))["id"])
    for act in ("requeue", "discard", "cancel"):
        assert other.post(f"/queue/tasks/{task['id']}/{act}").status == 404
        assert dev.post(f"/queue/tasks/t-none/{act}").status == 404
    assert dev.post(f"/queue/tasks/{task['id']}/cancel").status == 409
    backend.well = True
    assert dev.deploy(score("shop"))["state"] == "completed"
    refused = dev.post(f"/queue/tasks/{task['id']}/requeue")
    assert refused.status == 409 and "later deployment" in refused.json["detail"], refused
    assert dev.post(f"/queue/tasks/{task['id']}/discard").status == 202
    assert dev.items("/queue/tasks", state="dead") == []
    assert dev.post(f"/queue/tasks/{task['id']}/discard").status == 409


def test_policies_are_asked_again_before_a_requeue(start, tmp_path, backend):
    (tmp_path / "policies").mkdir()

    def change(config):
        config.setdefault("network", {}).update(allow=[backend.address])
        config.setdefault("policies", {}).update(path=str(tmp_path / "policies"))

    server = start(write_config(tmp_path / "config", change))
    dev = server.add_user("dev", "shop")
    failed = dev.deploy(app(backend))
    task = dead(dev, failed["id"])
    (tmp_path / "policies/no.lua").write_text('return {name = "closed", on = "deployment", description = "closed for today", severity = "deny", check = function() return true end}')
    assert server.admin().post("/admin/reload").status == 200
    refused = dev.post(f"/queue/tasks/{task['id']}/requeue")
    assert refused.status == 403 and "closed" in refused.json["detail"], refused
    assert dev.ok(f"/deployments/{failed['id']}")["state"] == "failed" and dead(dev, failed["id"])["id"] == task["id"]


def test_a_deployment_that_waits_is_taken_out_of_the_queue(world):
    server, dev, _ = world
    pause = {"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1h"}}]}}
    running = dev.submit(score("long", workflows=pause)).json["id"]
    dev.wait_event(running, "step.waiting", "wait")
    waiting = dev.submit(score("long")).json
    refused = server.cli("queue", "cancel", waiting["task_id"], key=dev.key)
    assert refused.returncode != 0 and "--force" in refused.stderr, refused
    done = server.cli("queue", "cancel", waiting["task_id"], "--force", key=dev.key)
    assert done.returncode == 0, done
    assert dev.wait(waiting["id"])["state"] == "canceled"
    step = dev.items("/queue/tasks", deployment_id=running)[0]
    refused = dev.post(f"/queue/tasks/{step['id']}/cancel")
    assert refused.status == 409 and "cancel the deployment" in refused.json["detail"], refused
    assert dev.post(f"/deployments/{running}/cancel").status == 202
    assert dev.wait(running)["state"] == "canceled"


def test_dead_letters_are_discarded_and_requeued_in_bulk_by_filters(world):
    server, dev, backend = world
    failed = {name: dev.deploy(app(backend, name))["id"] for name in ("shop", "cart", "till")}
    assert dev.post("/queue/dead-letters/discard").status == 403  # platform's people only
    admin = server.admin()
    refused = admin.post("/queue/dead-letters/discard", aplication="shop")
    assert refused.status == 400 and "application" in refused.json["detail"], refused
    gone = admin.post("/queue/dead-letters/discard", application="shop")
    assert gone.status == 200 and [item["deployment_id"] for item in gone.json["items"]] == [failed["shop"]] and gone.json["refused"] == []
    assert admin.post("/queue/dead-letters/discard", since="2999-01-01T00:00:00Z").json["items"] == []
    backend.well = True
    assert dev.deploy(score("till"))["state"] == "completed"
    last = last_event(dev, failed["cart"])
    again = admin.post("/queue/dead-letters/requeue").json
    assert [item["deployment_id"] for item in again["items"]] == [failed["cart"]] and again["more"] is False
    assert [item["code"] for item in again["refused"]] == ["ORC-3005"]  # a later deployment of till was accepted
    assert end_after(dev, failed["cart"], last) == ["deployment.resumed", "deployment.completed"]
    assert len(admin.items("/audit", action="task.requeue")) == 1
