"""What the server tells of itself: metrics with true values, request and trace ids, pages to try the API."""
import base64
import hashlib
import re
import shutil
import subprocess
import time

import pytest

from lib.client import WAIT_SECONDS
from lib.things import score, write_config

LINE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')


def metrics(client):
    """{(name, label=value, ...): value}, once nothing else is on its way: an answer is counted after it was sent."""
    until = time.monotonic() + WAIT_SECONDS
    found = read(client)
    while found[("innominatus_http_requests_in_flight",)] != 1:
        assert time.monotonic() < until
        found = read(client)
    return found


def read(client):
    answer = client.get("//metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            name, labels, value = LINE.match(line).groups()
            found[(name, *re.findall(r'(\w+="(?:[^"\\]|\\.)*")', labels or ""))] = float(value)
    return found


class Change:
    """What has been added to counters since."""

    def __init__(self, client):
        self.client, self.before = client, metrics(client)
        self.after = self.before

    def look(self):
        self.after = metrics(self.client)
        return self

    def __call__(self, name, **labels):
        key = (name, *(f'{label}="{value}"' for label, value in labels.items()))
        return self.after.get(key, 0) - self.before.get(key, 0)


def test_counters_say_what_really_happened(start):
    server = start()
    dev = server.add_user("dev", "shop")
    change = Change(dev)
    for _ in range(7):
        assert dev.get("/deployments").status == 200
    for _ in range(3):
        assert dev.get("/deployments/d-none").status == 404
    assert dev.get("//nowhere").status == 404
    deployments = [dev.wait(dev.submit(score(f"app-{i}", resources={"name": {"type": "dns"}, "disk": {"type": "volume"}})).json["id"]) for i in range(4)]
    assert [d["state"] for d in deployments] == ["completed"] * 4
    steps = [step for d in deployments for w in d["workflows"] for step in dev.ok(f"/workflows/{w['id']}")["steps"]]
    change.look()
    requests = "innominatus_http_requests_total"
    assert change(requests, route="/deployments", method="GET", status="2xx") == 7
    assert change(requests, route="/deployments/{id}", method="GET", status="4xx") == 3
    assert change(requests, route="none", method="none", status="4xx") == 1
    assert change(requests, route="/specs", method="POST", status="2xx") == 4
    assert change("innominatus_http_request_duration_seconds_count", route="/deployments", method="GET") == 7
    assert change("innominatus_http_request_duration_seconds_bucket", route="/deployments", method="GET", le="+Inf") == 7
    assert change.after[("innominatus_http_requests_in_flight",)] == 1  # the one that asks
    assert change("innominatus_deployments_accepted_total", kind="deploy") == 4
    assert change("innominatus_deployments_total", kind="deploy", state="completed") == 4
    for type in {step["type"] for step in steps}:
        for state in ("completed", "skipped"):
            wanted = len([step for step in steps if (step["type"], step["state"]) == (type, state)])
            assert change("innominatus_steps_total", type=type, state=state) == wanted, (type, state)
        assert change("innominatus_step_duration_seconds_count", type=type) == len([s for s in steps if s["type"] == type and s["state"] == "completed"])
    assert change("innominatus_plugin_calls_total", provisioner="local", operation="provision", outcome="ok") == 12  # two resources and a workload each
    assert change("innominatus_plugin_call_duration_seconds_count", provisioner="local", operation="provision") == 12
    assert change("innominatus_policy_evaluations_total", point="deployment", result="passed") >= 4
    commits = change("innominatus_store_commits_total")
    assert commits > 0 and commits == change("innominatus_store_commit_duration_seconds_count") == change("innominatus_store_batch_units_count")
    assert change("innominatus_store_batch_units_sum") >= commits and change("innominatus_store_statement_duration_seconds_count") > commits
    assert change("innominatus_http_request_bytes_total") > 4 * 100


def test_gauges_say_how_it_stands(start):
    server = start()
    dev = server.add_user("dev", "shop")
    waiting = dev.submit(score("long", workflows={"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1h"}}]}})).json["id"]
    dev.wait_event(waiting, "step.waiting", "wait")
    assert dev.submit(score("long")).status == 202  # waits for its application
    found = metrics(dev)
    tasks = {key[1:]: value for key, value in found.items() if key[0] == "innominatus_queue_tasks"}
    assert len(tasks) == 7 and tasks[('kind="step"', 'state="waiting"')] == 1
    assert sum(value for (kind, _), value in tasks.items() if kind == 'kind="deployment"') == 1
    assert found[("innominatus_plugin_state", 'provisioner="local"', 'state="ready"')] == 1
    assert found[("innominatus_plugin_circuit_open", 'provisioner="local"')] == 0
    assert found[("process_open_fds",)] > 3 and found[("process_threads",)] > 8 and found[("process_resident_memory_bytes",)] > 1 << 20
    assert found[("process_cpu_seconds_total",)] > 0 and found[("process_start_time_seconds",)] > 1.6e9
    assert [value for key, value in found.items() if key[0] == "innominatus_build_info"] == [1]
    assert dev.post(f"/deployments/{waiting}/cancel").status == 202
    assert dev.wait(waiting)["state"] == "canceled"
    assert metrics(dev)[("innominatus_steps_total", 'type="delay"', 'state="canceled"')] == 1


def test_denials_are_counted_by_policy(start, tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/no.lua").write_text('return {name = "no", on = "deployment", description = "no", severity = "deny", check = function(i) return i.spec.metadata.name == "no" end}')
    (tmp_path / "policies/slow.lua").write_text('return {name = "slow", on = "deployment", description = "slow", severity = "warn", check = function(i) if i.spec.metadata.name == "slow" then while true do end end end}')
    server = start(write_config(tmp_path / "config", lambda config: config.setdefault("policies", {}).update(path=str(tmp_path / "policies"), overrides={"slow": "warn"})))
    dev = server.add_user("dev", "shop")
    change = Change(dev)
    assert dev.submit(score("no")).status == 403
    assert dev.submit(score("slow")).status == 202
    change.look()
    assert change("innominatus_policy_denials_total", policy="no") == 1
    assert change("innominatus_policy_evaluations_total", point="deployment", result="denied") == 1
    assert change("innominatus_policy_budget_stops_total", policy="slow") >= 1


def test_promtool_finds_nothing_wrong(start):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (Debian: prometheus)")
    server = start()
    dev = server.add_user("dev", "shop")
    assert dev.wait(dev.submit(score("app")).json["id"])["state"] == "completed"
    done = subprocess.run(["promtool", "check", "metrics"], input=dev.get("//metrics").text, text=True, capture_output=True, check=False)
    assert done.returncode == 0 and not done.stdout and not done.stderr, done


def test_metrics_may_want_a_key(start, tmp_path):
    server = start(write_config(tmp_path / "config", lambda config: config.update(metrics={"auth": "key"})))
    nobody = server.admin()
    nobody.key = None
    assert nobody.get("//metrics").status == 401
    assert server.admin().get("//metrics").status == 200


def test_the_pages_hold_all_they_need_and_allow_nothing_else(start):
    server = start()
    nobody = server.admin()
    nobody.key = None
    for role in ("user", "admin"):
        page = nobody.get(f"//swagger-{role}")
        assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8", page
        policy = page.headers["Content-Security-Policy"]
        assert page.headers.get_all("Content-Security-Policy") == [policy] and "unsafe" not in policy and policy.startswith("default-src 'none'")
        for tag, directive in (("script", "script-src"), ("style", "style-src")):
            inside = re.findall(f"<{tag}[^>]*>(.*?)</{tag}>", page.text, re.S)
            assert len(inside) == 1
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            assert f"{directive} 'sha256-{digest}'" in policy
        assert not re.search(r"\bon\w+=|(?:src|href)=\"(?:https?:)?//|@[A-Z]+@", page.text.split("<script>")[0])
        assert f'data-role="{role}"' in page.text


def test_the_openapi_document_says_which_roles_may_use_a_route(start):
    server = start()
    api = server.add_user("dev", "shop").ok("//openapi.json")
    roles = {f"{method.upper()} {path}": operation["x-roles"] for path, item in api["paths"].items() for method, operation in item.items()}
    assert roles["GET /health"] == ["admin", "operator", "user", "viewer"]
    assert roles["POST /api/v1/specs"] == ["admin", "operator", "user"]
    assert roles["POST /api/v1/admin/reload"] == ["admin"]


def test_request_and_trace_ids_reach_the_log_and_the_deployment(start):
    server = start()
    dev = server.add_user("dev", "shop")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = dev.submit(score("app"), headers={"X-Request-Id": "my-request.7", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.status == 202 and answer.headers["X-Request-Id"] == "my-request.7", answer
    assert dev.wait(answer.json["id"])["trace_id"] == trace
    lines = [line for line in server.log().splitlines() if "request_id=my-request.7" in line]
    assert lines and any(f'trace_id="{trace}"' in line and "submitSpec" in line for line in lines), lines
    for bad in ("00-" + "0" * 32 + "-00f067aa0ba902b7-01", "ff-" + trace + "-00f067aa0ba902b7-01", "00-" + trace.upper() + "-00f067aa0ba902b7-01", "x"):
        problem = dev.get("/deployments/d-none", headers={"traceparent": bad})
        assert problem.status == 404 and re.fullmatch("[0-9a-f]{32}", problem.json["trace_id"]) and problem.json["trace_id"] != trace
    assert server.admin().ok("/audit?request_id=my-request.7")["items"][0]["action"] == "deployment.accept"


def test_a_graph_comes_in_pages_that_add_up_and_in_other_forms(start):
    dev = start().add_user("dev", "shop")
    assert dev.deploy(score("app", resources={"name": {"type": "dns"}, "disk": {"type": "volume"}}))["state"] == "completed"
    whole, nodes, edges, cursor = dev.ok("/graph/app"), [], [], None
    while True:
        page = dev.ok("/graph/app", limit=4, cursor=cursor)
        nodes, edges, cursor = nodes + page["nodes"], edges + page["edges"], page.get("next_cursor")
        if not cursor:
            break
        assert len(page["nodes"]) == 4
    assert nodes == whole["nodes"] and "next_cursor" not in whole
    assert sorted(map(str, edges)) == sorted(map(str, whole["edges"]))
    for form, kind in (("dot", "text/vnd.graphviz"), ("mermaid", "text/vnd.mermaid"), ("svg", "image/svg+xml")):
        drawn = dev.get("/graph/app", format=form)
        assert drawn.status == 200 and drawn.headers["Content-Type"].startswith(kind) and "app" in drawn.text, drawn
        assert drawn.headers.get_all("Content-Security-Policy") == ["default-src 'none'; frame-ancestors 'none'"]
        assert dev.get("/graph/none", format=form).status == 404
    for wrong in ({"limit": 0}, {"limit": 1001}, {"cursor": -1}, {"format": "png"}):
        assert dev.get("/graph/app", **wrong).status == 400
