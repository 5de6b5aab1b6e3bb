"""A second deploy: unchanged, changed, removed, orphaned, removed on request, replaced; deprovision and delete."""
import http.server
import json
import pathlib
import sqlite3
import threading

from lib.things import EXAMPLE, bad_entry, example, example_files, score, sha256, write_config

VOLUME = {"type": "volume", "params": {"size": "1Gi"}}


def generations(client):
    return {name: resource["generation"] for name, resource in client.resources().items()}


def test_an_unchanged_deploy_calls_nobody(ecommerce, merchant):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    assert shop.deploy(EXAMPLE.read_text(), example_files())["state"] == "completed"
    before, calls = generations(shop), {p["name"]: p["calls"] for p in shop.items("/plugins")}
    puts = merchant.requests("PUT")
    assert len(puts) == 1
    again = shop.deploy(EXAMPLE.read_text(), example_files())
    assert again["state"] == "completed", again
    assert again["summary"]["unchanged"] == 6 and not any(again["summary"][kind] for kind in ("create", "update", "replace", "remove")), again["summary"]
    assert again["revision"] == 2
    assert generations(shop) == before
    assert merchant.requests("PUT") == puts
    now = {p["name"]: p["calls"] for p in shop.items("/plugins")}
    assert now["payment-gateway-provisioner"] == calls["payment-gateway-provisioner"]
    migrate = next(s for w in shop.executions(again["id"]) for s in w["steps"] if s["name"] == "migrate")
    assert migrate["state"] == "completed" and migrate["outputs"]["version"] == 2  # a step runs with every deployment; each file once


def test_changed_params_update_in_place(ecommerce, merchant):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    assert shop.deploy(EXAMPLE.read_text(), example_files())["state"] == "completed"
    before = shop.resources()
    changed = example(data={"size": "3Gi"}, payments={"displayName": "The Other Shop"})
    plan = shop.post("/specs/plan", {"spec": changed, "files": example_files()}).json
    fields = {c["resource"]: [(f["path"], f["from"], f["to"]) for f in c["fields"]] for c in plan["changes"] if c["change"] == "update"}
    assert fields["data"] == [("/size", "2Gi", "3Gi")] or fields["data"][0][1:] == ("2Gi", "3Gi"), fields
    deployment = shop.deploy(changed, example_files())
    assert deployment["state"] == "completed" and deployment["summary"]["update"] == 2, deployment
    after = shop.resources()
    assert {n: r["id"] for n, r in after.items()} == {n: r["id"] for n, r in before.items()}
    assert {n for n in after if after[n]["generation"] != before[n]["generation"]} == {"data", "payments"}
    assert after["payments"]["outputs"]["merchant_id"] == before["payments"]["outputs"]["merchant_id"]
    assert [m["display_name"] for m in merchant.merchants().values()] == ["The Other Shop"]


def test_what_leaves_the_file_is_removed_or_orphaned(ecommerce, merchant):
    server = ecommerce(lambda config: config["workflowPolicies"].pop("allowedProductWorkflows"))
    shop = server.add_user("shop", "shop")
    both = {"data": VOLUME, "web": {"type": "dns"}}
    assert shop.deploy(score(resources=both))["state"] == "completed"
    first = shop.resources()
    directory = pathlib.Path(first["data"]["outputs"]["path"])
    (directory / "precious").write_text("data")

    deployment = shop.deploy(score())
    assert deployment["state"] == "completed" and deployment["summary"]["remove"] >= 1, deployment
    states = {r["name"]: r["state"] for r in shop.items("/resources")}
    assert states["data"] == "orphaned", states
    assert states.get("web", "terminated") == "terminated", states
    assert (directory / "precious").exists()

    assert shop.deploy(score(resources=both))["state"] == "completed"  # taken up again, with what it holds
    again = shop.resources()
    assert again["data"]["state"] == "active" and again["data"]["id"] == first["data"]["id"]
    assert (directory / "precious").read_text() == "data"

    deployment = shop.deploy(score(), allowRemove="data")
    assert deployment["state"] == "completed", deployment
    assert shop.ok(f"/resources/{first['data']['id']}")["state"] == "terminated"
    assert not directory.exists()


def test_an_orphan_goes_when_it_is_named_and_with_its_application(start):
    shop = start().add_user("shop", "shop")

    def orphaned():
        assert shop.deploy(score(resources={"data": VOLUME}))["state"] == "completed"
        row = shop.resources()["data"]
        assert shop.deploy(score())["state"] == "completed"
        assert shop.ok(f"/resources/{row['id']}")["state"] == "orphaned"
        return row["id"], pathlib.Path(row["outputs"]["path"])

    orphan, directory = orphaned()
    assert shop.deploy(score())["state"] == "completed" and directory.exists()
    deployment = shop.deploy(score(), allowRemove="data")
    assert deployment["state"] == "completed" and deployment["summary"]["remove"] == 1, deployment
    assert shop.ok(f"/resources/{orphan}")["state"] == "terminated" and not directory.exists()

    orphan, directory = orphaned()
    gone = shop.wait(shop.delete("/specs/shop").json["id"])
    assert gone["state"] == "completed", gone
    assert shop.ok(f"/resources/{orphan}")["state"] == "terminated" and not directory.exists()


def test_a_type_that_nobody_serves_is_refused_and_another_type_is_another_resource(start):
    server = start()
    shop = server.add_user("shop", "shop")
    assert shop.deploy(score(resources={"key": {"type": "secret", "params": {"keys": ["a"]}}, "data": VOLUME}))["state"] == "completed"
    before = shop.resources()
    smaller = score(resources={"key": {"type": "secret", "params": {"keys": ["a"]}}, "data": {"type": "postgres-nobody-serves"}})
    refused = shop.submit(smaller)
    assert refused.status == 422, refused
    assert "postgres-nobody-serves" in refused.text
    assert shop.resources()["data"]["generation"] == before["data"]["generation"]

    retyped = score(resources={"key": {"type": "secret", "params": {"keys": ["a"]}}, "data": {"type": "dns"}})
    deployment = shop.deploy(retyped)  # removed plus created; the volume holds data and is kept
    assert deployment["state"] == "completed", deployment
    states = {(r["name"], r["type"]): r["state"] for r in shop.items("/resources")}
    assert states[("data", "dns")] == "active" and states[("data", "volume")] == "orphaned", states


def test_a_replacement_is_made_only_with_leave(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad_entry("good", "good")]))
    shop = server.add_user("shop", "shop")
    one, other = (score(resources={"hello": {"type": "greeting", "params": {"mode": mode}}}) for mode in ("loud", "quiet"))
    assert shop.deploy(one)["state"] == "completed"
    before = shop.resources()["hello"]
    refused = shop.submit(other)
    assert refused.status == 409, refused
    assert refused.json["code"] == "ORC-4018" and "--allow-replace hello" in refused.text
    assert shop.resources()["hello"]["generation"] == before["generation"]
    deployment = shop.deploy(other, allowReplace="hello")
    assert deployment["state"] == "completed" and deployment["summary"]["replace"] == 1, deployment
    after = shop.resources()["hello"]
    assert after["state"] == "active" and after["params"] == {"mode": "quiet"} and after["id"] != before["id"], after


def test_what_cannot_change_in_place_is_refused_with_the_plan_and_stays_as_it_was(start):
    server = start()
    shop = server.add_user("shop", "shop")
    one, other = (score(resources={"db": {"type": "sqlite", "params": {"schema": f"CREATE TABLE {table} (x);"}}}) for table in "ab")
    assert shop.deploy(one)["state"] == "completed"
    path = shop.resources()["db"]["outputs"]["path"]
    refused = shop.submit(other)
    assert refused.status == 409 and refused.json["code"] == "ORC-4018", refused
    assert "schema" in refused.json["detail"] and "--allow-replace db" in refused.json["errors"][0]["suggestion"]
    assert shop.ok("/specs/shop")["environments"][0]["state"] == "active"
    tables = {row[0] for row in sqlite3.connect(path).execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "a" in tables and "b" not in tables, tables
    assert shop.deploy(one)["state"] == "completed"  # back as it was
    assert shop.resources()["db"]["state"] == "active"


def test_deprovision_keeps_the_application_and_delete_closes_it(ecommerce, merchant):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    assert shop.deploy(EXAMPLE.read_text(), example_files())["state"] == "completed"
    assert merchant.merchants()
    answer = shop.delete("/specs/shop", environment="development", keepApplication="true")
    assert answer.status == 202, answer
    assert shop.wait(answer.json["id"])["state"] == "completed"
    assert not merchant.merchants()
    assert {r["state"] for r in shop.items("/resources")} <= {"terminated"}
    assert [a["name"] for a in shop.items("/specs")] == ["shop"]
    again = shop.delete("/specs/shop", keepApplication="true")
    assert again.status == 404 and "no resources in development any more" in again.json["detail"], again
    assert shop.delete("/specs/shop", environment="staging").status == 404
    closed = shop.delete("/specs/shop")  # one that was deprovisioned can still be closed
    assert closed.status == 202 and shop.wait(closed.json["id"])["state"] == "completed", closed
    assert shop.items("/specs") == [] and shop.delete("/specs/shop").status == 404

    assert shop.deploy(EXAMPLE.read_text(), example_files())["state"] == "completed"
    answer = shop.delete("/specs/shop")
    assert answer.status == 202, answer
    deletion = shop.wait(answer.json["id"])
    assert deletion["state"] == "completed" and deletion["kind"] == "delete", deletion
    assert not merchant.merchants()
    assert shop.delete("/specs/shop").status == 404


def test_one_deployment_at_a_time_and_positions_are_told(start):
    server = start()
    shop = server.add_user("shop", "shop")
    slow = score(workflows={"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1h"}}]}})
    first = shop.submit(slow).json
    shop.wait_event(first["id"], "step.waiting", "wait")
    others = [shop.submit(score()).json for _ in range(2)]
    assert [o["queue_position"] for o in others] == [1, 2], others
    assert {o["state"] for o in others} == {"queued"}
    assert shop.post(f"/deployments/{first['id']}/cancel").status == 202
    assert shop.wait(first["id"])["state"] == "canceled"
    ended = [shop.wait(o["id"]) for o in others]
    assert [e["state"] for e in ended] == ["completed", "completed"]
    assert ended[0]["finished_at"] <= ended[1]["started_at"]


class Gateway(http.server.BaseHTTPRequestHandler):
    """A gateway that keeps Idempotency-Keys for good, as real ones do for a day: the same key with another body is a conflict."""

    merchants, keys, sent = {}, {}, []

    def do_PUT(self):
        body, key = self.rfile.read(int(self.headers["Content-Length"])), self.headers["Idempotency-Key"]
        self.sent.append((key, body))
        if self.keys.setdefault(key, (self.path, body)) != (self.path, body):
            return self.reply(409, {"detail": "this Idempotency-Key came with another body"})
        self.merchants[self.path] = {**json.loads(body), "api_key": "mk_" + "x" * 20}
        return self.reply(201, self.merchants[self.path])

    def do_GET(self):
        self.reply(200 if self.path in self.merchants else 404, self.merchants.get(self.path, {"detail": "none"}))

    def do_DELETE(self):
        self.reply(200 if self.merchants.pop(self.path, None) else 404, {})

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass


def test_a_resource_made_anew_is_a_new_request_to_its_backend(start, plugin, tmp_path):
    gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    token = tmp_path / "token"
    token.write_text("t" * 30)
    config = {"endpoint": f"http://127.0.0.1:{gateway.server_port}", "token": f"file:{token}"}
    entry = {"product": "ecommerce", "name": "gateway", "type": "payment-gateway", "plugin": str(plugin), "sha256": sha256(plugin), "grant": ["network"],
             "config": config, "shared": True}
    server = start(write_config(tmp_path / "config", product_entries=[entry]))
    shop = server.add_user("shop", "shop")
    for name in ("One", "Two", "Three"):
        spec = score(resources={"payments": {"type": "payment-gateway", "params": {"displayName": name}}})
        assert shop.deploy(spec)["state"] == "completed", shop.resources()["payments"].get("error")
        if name != "Two":  # Two is changed to Three, One is removed before Two is made
            assert shop.wait(shop.delete("/specs/shop").json["id"])["state"] == "completed"
    assert not Gateway.merchants
    assert len({key for key, _ in Gateway.sent}) == 3, Gateway.sent
    gateway.shutdown()
