"""The command line against a server: every online command once in earnest, as text and as data, and what it refuses."""
import http.server
import json
import os
import re
import signal
import stat
import subprocess
import threading
import urllib.error
import urllib.request
import xml.dom.minidom

import pytest
import yaml

from lib.server import forget_child, keep_child
from lib.things import score
from test_cli_offline import on_terminal

VOLUME = {"data": {"type": "volume", "params": {"size": "1Gi"}}}
BROKEN = {"db": {"type": "sqlite", "params": {"schema": "CREATE TABEL x"}}}
SECRETIVE = {"session": {"type": "secret", "params": {"keys": ["key"], "length": 32}}}


@pytest.fixture
def server(start):
    return start()


@pytest.fixture
def app(server, tmp_path):
    """app(name, resources, ...) writes a Score file and returns its path."""

    def write(name="shop", resources=None, **more):
        path = tmp_path / f"{name}.yaml"
        path.write_text(score(name, resources if resources is not None else VOLUME, **more))
        return path

    return write


def data(server, *words, **more):
    done = server.cli(*words, "--output", "json", **more)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def test_a_plan_changes_nothing(server, app):
    done = server.cli("plan", app())
    assert done.returncode == 0, done
    assert "2 to create" in done.stdout and re.search(r"\+ data +volume", done.stdout) and "platform security-scan (" in done.stdout
    assert server.cli("diff", app()).stdout == done.stdout == server.cli("deploy", app(), "--dry-run").stdout
    assert data(server, "plan", app())["summary"]["create"] == 2
    assert "no applications yet" in server.cli("list").stderr
    assert data(server, "list")["items"] == []


def test_deploying_and_following(server, app):
    done = server.cli("deploy", app(), "--follow")
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    places = [next(i for i, line in enumerate(lines) if re.search(part, line))
              for part in ("Deploying", "^ pre-deployment$", "✓ platform  security-scan", "^ deployment$", "✓ app +resources", "    ✓ data ", "✓ app +workload",
                           "^ post-deployment$", "cost-monitoring", "shop is active in development", "Next:")]
    assert places == sorted(places), done.stdout
    assert "local@1.0.0" in done.stdout and "✗" not in done.stdout
    changed = app("shop", {"data": {"type": "volume", "params": {"size": "2Gi"}}})
    plan = server.cli("plan", changed)
    assert re.search(r"~ data +volume +size 1Gi -> 2Gi +\(in place\)", plan.stdout), plan.stdout
    accepted = server.cli("deploy", changed)
    assert accepted.returncode == 0 and re.search(r"deployment d-\w{26}", accepted.stdout) and "--follow" in accepted.stdout
    assert server.cli("deploy", changed, "--wait").returncode == 0
    assert data(server, "deploy", changed, "--wait")["state"] == "completed"


def test_a_failure_is_told_with_its_step(server, app):
    done = server.cli("deploy", app(resources=BROKEN), "--follow")
    assert done.returncode == 1 and "✗ db" in done.stdout and "TABEL" in done.stdout and "shop failed in development" in done.stdout, done
    assert done.stdout.count("near \"TABEL\"") == 1, done.stdout
    assert "innominatus explain ORC-4011" in done.stdout
    assert server.cli("deploy", app(resources=BROKEN), "--wait").returncode == 1
    status = server.cli("status", "shop")
    assert status.returncode == 0 and "failed" in status.stdout and "TABEL" in status.stdout
    logs = server.cli("logs", "shop")
    assert logs.returncode == 0 and "TABEL" in logs.stdout


def test_mistakes_and_denials_have_their_exit_codes(server, app, tmp_path):
    path = app()
    path.write_text(path.read_text().replace("containers:", "conatiners:"))
    done = server.cli("deploy", path)
    assert done.returncode == 3 and f"{path}:" in done.stderr and "^^^^^^^^^^ help: did you mean" in done.stderr, done
    done = server.cli("deploy", app(), "--env", "nowhere")
    assert done.returncode == 3 and "production" in done.stderr
    assert server.cli("status", "none").returncode == 5
    assert server.cli("logs", "d-01ARZ3NDEKTSV4RRFFQ69G5FAV").returncode == 5
    done = server.cli("list", key="wrong")
    assert done.returncode == 4 and "INNOMINATUS_API_KEY" in done.stderr
    viewer = server.add_user("eye", "shop", role="viewer")
    done = server.cli("deploy", app(), key=viewer.key)
    assert done.returncode == 4 and "ORC-2003" in done.stderr
    problem = server.cli("deploy", app(), "--output", "json", key=viewer.key)
    assert problem.returncode == 4 and json.loads(problem.stdout)["code"] == "ORC-2003"


def test_a_denial_names_policy_path_and_fix(start, app, tmp_path):
    from lib.things import write_config

    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "no-volumes.lua").write_text(
        'return {name = "no-volumes", on = "deployment", check = function(input) for n, r in pairs(input.spec.resources) do if r.type == "volume" then '
        'return {message = n .. " is a volume", path = "/resources/" .. n, fix = "use sqlite"} end end end}')
    server = start(write_config(tmp_path / "config", lambda config: config.update(policies={"path": str(policies)})), name="strict")
    for words in (["deploy"], ["plan"], ["deploy", "--dry-run"]):
        done = server.cli(*words, app())
        assert done.returncode == 4, done
        assert "denied by 1 policy; nothing was changed" in done.stderr and "no-volumes" in done.stderr and "/resources/data" in done.stderr and "fix: use sqlite" in done.stderr
    violations = server.cli("policy", "violations")
    assert "no-volumes" in violations.stdout
    assert any(p["name"] == "no-volumes" for p in data(server, "policy", "list")["items"])


def test_what_policies_warn_of_is_told_by_a_deployment(start, app, tmp_path):
    from lib.things import write_config

    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "soon.lua").write_text('return {name = "soon", on = "deployment", severity = "warn", check = function(input) return {message = "volumes end soon", fix = "use sqlite"} end}')
    server = start(write_config(tmp_path / "config", lambda config: config.update(policies={"path": str(policies)})), name="warns")
    for words in (["deploy"], ["deploy", "--wait"], ["deploy", "--follow"]):
        done = server.cli(*words, app())
        assert done.returncode == 0 and "warning: policy soon: volumes end soon; fix: use sqlite\n" in done.stderr, done
    assert [v["policy"] for v in data(server, "deploy", app())["violations"]] == ["soon"]


def test_a_list_of_an_application_that_never_was_is_not_an_empty_one(server, app):
    assert server.cli("deploy", app(), "--wait").returncode == 0
    for verb in ("deployments", "list-resources", "list-workflows"):
        done = server.cli(verb, "shopp")
        assert done.returncode == 5 and 'there is no application "shopp"' in done.stderr and "`innominatus list` shows" in done.stderr, done
        assert server.cli(verb, "shop").returncode == 0
    assert server.cli("deployments", "shop", "--state", "failed").returncode == 0
    assert server.cli("delete", "shop", "--force", "--wait").returncode == 0
    done = server.cli("list-resources", "shop")
    assert done.returncode == 0 and not done.stdout, done


def test_a_plan_has_a_line_for_each_of_several_fields_and_counts_what_is_kept(server, app):
    assert server.cli("deploy", app(), "--wait").returncode == 0
    path = app("shop", {})
    path.write_text(path.read_text().replace("web:1.0", "web:2.0").replace("containers:", "service: {ports: {http: {port: 80}}}\ncontainers:"))
    plan = server.cli("plan", path)
    assert plan.returncode == 0 and "1 to update, 1 to keep as orphaned" in plan.stdout and "to remove" not in plan.stdout, plan
    assert re.search(r"^  ~ shop +workload +\(in place\)$", plan.stdout, re.M), plan.stdout
    assert re.search(r"^      ~ containers/web/image registry.example.com/web:1.0 -> registry.example.com/web:2.0$", plan.stdout, re.M), plan.stdout
    assert re.search(r"^      \+ service ", plan.stdout, re.M), plan.stdout
    cost = data(server, "plan", path)["cost"]
    assert cost["after"] == cost["before"] > 0, cost  # what is kept goes on costing


def test_overrides_properties_parameters_and_images(server, app, tmp_path):
    path = app()
    over = tmp_path / "over.yaml"
    over.write_text("resources: {data: {params: {size: 3Gi}}, more: {type: dns}}\n")
    plan = data(server, "plan", path, "--override-file", over)
    assert plan["summary"]["create"] == 3
    assert data(server, "plan", path, "--property", "resources.extra.type=dns")["summary"]["create"] == 3
    assert server.cli("plan", path, "--property", "nonsense").returncode == 2
    assert server.cli("plan", path, "--param", "nonsense").returncode == 2
    over.write_text("[1]")
    assert server.cli("plan", path, "--override-file", over).returncode == 3
    path.write_text(path.read_text().replace("registry.example.com/web:1.0", "."))
    assert server.cli("plan", path).returncode == 3
    assert server.cli("deploy", path, "--image", "registry.example.com/web:2.0", "--wait").returncode == 0
    assert "registry.example.com/web:2.0" in server.cli("manifests", "shop").stdout


def test_looking_around(server, app):
    assert server.cli("deploy", app(resources={**VOLUME, **SECRETIVE}), "--wait").returncode == 0
    status = server.cli("status", "shop")
    assert status.returncode == 0 and "shop · development · active" in status.stdout and re.search(r"^data +volume +active +local", status.stdout, re.M), status.stdout
    assert data(server, "status", "shop")["deployment"]["state"] == "completed"
    deployment = data(server, "deployments", "shop")["items"][0]["id"]
    assert "shop · development" in server.cli("status", deployment).stdout
    assert re.search(r"^shop +development +active +1 .* \d+ [sm]$", server.cli("list").stdout, re.M), server.cli("list").stdout
    assert [r["name"] for r in data(server, "list-resources", "shop", "--type", "volume")["items"]] == ["data"]
    assert "security-scan" in server.cli("list-workflows", "shop").stdout
    assert re.search(r"^development +development", server.cli("environments").stdout, re.M)
    assert "ecommerce" in server.cli("list-products").stdout
    assert "database-setup" in server.cli("list-product-workflows", "ecommerce").stdout
    assert server.cli("list-product-workflows", "none").returncode == 5
    shown = server.cli("resource", "show", "data")
    assert "volume.default#shop.data" in shown.stdout and "hints" in shown.stdout
    identity = re.search(r"r-\w{26}", shown.stdout).group()
    assert server.cli("resource", "show", identity).stdout == shown.stdout == server.cli("resource", "show", "volume.default#shop.data").stdout
    assert "look inside" in server.cli("resource", "hints", "data").stdout
    assert server.cli("resource", "show", "none").returncode == 5
    assert "(secret)" in server.cli("resource", "show", "session").stdout
    documents = [d for d in yaml.safe_load_all(server.cli("manifests", "shop").stdout) if d]
    assert "Deployment" in {d["kind"] for d in documents}
    assert {n["type"] for n in json.loads(server.cli("graph-export", "shop", "--format", "json").stdout)["nodes"]} >= {"spec", "resource", "workflow"}
    assert server.cli("graph-export", "shop", "--format", "dot").stdout.startswith("digraph")
    assert server.cli("graph-export", "shop", "--format", "mermaid").stdout.startswith("graph LR")
    drawn = server.cli("graph-export", "shop", "--format", "svg")
    assert drawn.returncode == 0 and xml.dom.minidom.parseString(drawn.stdout).documentElement.tagName == "svg"
    assert re.search(r"^local +1\.0\.0 +volume.*ready", server.cli("plugin", "list").stdout, re.M)
    assert "allowed-step-types" in server.cli("policy", "list").stdout
    assert "workers" in server.cli("queue", "stats").stdout and data(server, "queue", "stats")["workers"] > 0
    assert server.cli("queue", "list").returncode == 0 and server.cli("queue", "show", "t-01ARZ3NDEKTSV4RRFFQ69G5FAV").returncode == 5
    assert yaml.safe_load(server.cli("admin", "show").stdout)["environments"]
    assert yaml.safe_load(server.cli("list", "--output", "yaml").stdout) == data(server, "list")


def test_logs_are_streamed_to_the_end(server, app):
    assert server.cli("deploy", app()).returncode == 0
    done = server.cli("logs", "shop", "--follow")
    assert done.returncode == 0 and "rendered" in done.stdout
    assert server.cli("logs", "shop").stdout == done.stdout
    none = server.cli("logs", "shop", "--step", "nothing")
    assert none.returncode == 0 and not none.stdout and 'no lines of a step "nothing"' in none.stderr, none
    assert len(server.cli("logs", "shop", "--tail", "1").stdout.splitlines()) == 1
    lines = [json.loads(line) for line in server.cli("logs", "shop", "--follow", "--output", "json").stdout.splitlines()]
    assert [line["seq"] for line in lines] == [line["seq"] for line in data(server, "logs", "shop")["items"]]
    assert server.cli("logs", "shop", "--step", "estimate").stdout.count("\n") == 1


def test_an_application_in_two_environments_must_be_told_apart(server, app):
    for environment in ("development", "staging"):
        assert server.cli("deploy", app(), "--env", environment, "--wait").returncode == 0
    both = server.cli("status", "shop")
    assert both.returncode == 0 and "staging" in both.stdout and "development" in both.stdout
    for words in (["logs", "shop"], ["manifests", "shop"], ["delete", "shop", "--force"]):
        done = server.cli(*words)
        assert done.returncode == 2 and "development, staging" in done.stderr, done
    assert server.cli("logs", "shop", "--env", "production").returncode == 5
    assert server.cli("status", "shop", "--env", "staging").returncode == 0


def test_leaving_asks_first(server, app):
    assert server.cli("deploy", app(), "--wait").returncode == 0
    refused = server.cli("delete", "shop")
    assert refused.returncode == 2 and "data (volume)" in refused.stderr and "--force" in refused.stderr
    code, shown = on_terminal(server.env, "delete", "shop", keys=b"n\n")
    assert code == 1 and "nothing was changed" in shown
    assert data(server, "list-resources", "shop")["items"]
    assert "2 to remove" in server.cli("delete", "shop", "--dry-run").stdout
    done = server.cli("deprovision", "shop", "--force", "--follow")
    assert done.returncode == 0, done
    assert data(server, "list-resources", "shop")["items"] == []
    assert server.cli("deploy", app(), "--wait").returncode == 0
    code, shown = on_terminal(server.env, "delete", "shop", "--wait", keys=b"y\n")
    assert code == 0 and "deleted" in shown, shown
    assert server.cli("delete", "shop", "--force").returncode == 5


def test_users_and_keys(server):
    added = server.cli("admin", "add-user", "ada", "--team", "shop", "--role", "user", input="correct horse battery\n")
    assert added.returncode == 0 and "correct horse" not in added.stdout + added.stderr
    assert {u["name"] for u in data(server, "admin", "list-users")["items"]} == {"admin", "ada"}
    key = server.cli("admin", "generate-api-key", "ci", "--user", "ada", "--expires", "90d")
    assert key.returncode == 0 and re.fullmatch(r"inno_\S+\n", key.stdout) and key.stdout.strip() not in key.stderr
    assert server.cli("list", key=key.stdout.strip()).returncode == 0
    listed = data(server, "admin", "list-api-keys", "--user", "ada")["items"]
    assert [k["name"] for k in listed] == ["ci"] and key.stdout.strip() not in json.dumps(listed)
    assert server.cli("admin", "revoke-api-key", listed[0]["id"]).returncode == 2
    assert server.cli("admin", "revoke-api-key", listed[0]["id"], "--force").returncode == 0
    assert server.cli("list", key=key.stdout.strip()).returncode == 4
    assert server.cli("admin", "list-users", key=server.add_user("bob", "shop").key).returncode == 4
    assert server.cli("admin", "add-user", "eve", "--team", "shop").returncode == 2
    assert server.cli("admin", "add-user", "eve", "--team", "shop", "--role", "user", input="\n").returncode == 2
    assert server.cli("admin", "delete-user", "ada", "--force").returncode == 0
    assert server.cli("admin", "delete-user", "ada", "--force").returncode == 5


def test_signing_in_and_out(server):
    server.add_user("ada", "shop", password="correct horse battery")
    wrong = server.cli("login", "--user", "ada", input="wrong horse battery\n", INNOMINATUS_SERVER=server.url)
    assert wrong.returncode == 4 and "the password is wrong" in wrong.stderr and "innominatus login" not in wrong.stderr, wrong
    done = server.cli("login", "--user", "ada", input="correct horse battery\n", INNOMINATUS_SERVER=server.url)
    assert done.returncode == 0 and "as ada" in done.stderr, done
    path = f"{server.env['XDG_CONFIG_HOME']}/innominatus/credentials.json"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert "correct horse" not in open(path, encoding="utf-8").read()
    assert server.cli("admin", "list-users").returncode == 4  # ada's session is used now, not the local admin's key
    assert server.cli("list").returncode == 0
    assert server.cli("logout").returncode == 0
    assert server.cli("admin", "list-users").returncode == 0


def test_a_password_is_not_shown_on_a_terminal(server):
    server.add_user("ada", "shop", password="correct horse battery")
    code, shown = on_terminal({**server.env, "INNOMINATUS_SERVER": server.url}, "login", "--user", "ada", keys=b"correct horse battery\n")
    assert code == 0 and "password: " in shown and "correct horse" not in shown, shown


def test_the_audit_is_exported_and_verified(server, app, tmp_path):
    assert server.cli("deploy", app(), "--wait").returncode == 0
    assert "deployment.accept" in server.cli("audit", "list").stdout
    assert {r["action"] for r in data(server, "audit", "list", "--action", "deployment.")["items"]} <= {"deployment.accept", "deployment.completed"}
    assert "the chain is whole" in server.cli("audit", "verify").stdout
    assert server.cli("audit", "verify", "--anchor", "1:" + "0" * 64).returncode == 2  # not passed over
    export = server.cli("audit", "export")
    assert export.returncode == 0
    path = tmp_path / "audit.jsonl"
    path.write_text(export.stdout)
    assert server.cli("audit", "verify", path).returncode == 0
    lines = export.stdout.splitlines()
    head = json.loads(lines[-1])["head"]
    assert server.cli("audit", "verify", path, "--anchor", f"{head['seq']}:{head['hash']}").returncode == 0
    path.write_text("\n".join([lines[0].replace("system", "nobody"), *lines[1:]]) + "\n")
    done = server.cli("audit", "verify", path)
    assert done.returncode == 1 and "broken" in done.stdout
    path.write_text("\n".join(lines[:-2] + lines[-1:]) + "\n")
    assert server.cli("audit", "verify", path).returncode == 1
    assert server.cli("audit", "export", key=server.add_user("bob", "shop").key).returncode == 4


def test_lists_go_on_over_pages(server):
    for number in range(7):
        server.add_user(f"user{number}", "shop")
    few = server.cli("admin", "list-users", "--limit", "3")
    assert len(few.stdout.splitlines()) == 4 and "--limit" in few.stderr
    assert len(data(server, "admin", "list-users", "--limit", "0")["items"]) == 8


def test_following_goes_on_over_a_restart_of_the_server(server, app):
    """The client asks again until the server is back on its port."""
    port = server.url.rsplit(":", 1)[1]
    waits = {"wait": {"steps": [{"name": "pause", "type": "delay", "config": {"duration": "3s"}}]}}
    follower = subprocess.Popen([str(server.command()[0]), "deploy", str(app(workflows=waits)), "--follow"], env=server.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    keep_child(follower.pid)
    first = [follower.stdout.readline() for _ in range(4)]
    assert any("security-scan" in line for line in first), first
    assert server.stop() == 0
    words = server.command()
    server.command = lambda: [*words[:3], f"127.0.0.1:{port}", *words[4:]]
    server.start()
    out, errors = follower.communicate(timeout=240)
    forget_child(follower.pid)
    assert follower.returncode == 0 and "shop is active" in out, (out, errors)


class Stopping(http.server.BaseHTTPRequestHandler):
    """Stands before the server, and answers each question once as a server does that is about to stop."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self):
        asked = re.sub(r"[?&]after=[^&]*", "", self.path)
        if asked not in self.server.refused:
            self.server.refused.append(asked)
            return self.say(503, b'{"status": 503, "code": "ORC-9005", "detail": "the server is stopping"}')
        self.pass_on(None)

    def pass_on(self, body):
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type", "Idempotency-Key") if self.headers[name]}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.server.behind + self.path, body, kept), timeout=240) as answer:
                self.say(answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            self.say(refusal.code, refusal.read())

    def say(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_following_goes_on_whatever_a_stopping_server_refuses(server, app):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stopping) as before:
        before.refused, before.behind, before.daemon_threads = [], server.url, True
        threading.Thread(target=before.serve_forever, daemon=True).start()
        done = server.cli("deploy", app(), "--follow", INNOMINATUS_SERVER=f"http://127.0.0.1:{before.server_address[1]}", INNOMINATUS_API_KEY=server.admin_key)
        before.shutdown()
    assert done.returncode == 0 and "shop is active" in done.stdout, done
    for question in ("/deployments/d-", "/workflows/", "/resources"):
        assert any(question in path for path in before.refused), before.refused


def test_an_interrupted_follower_says_that_the_deployment_goes_on(server, app):
    waits = {"wait": {"steps": [{"name": "pause", "type": "delay", "config": {"duration": "10h"}}]}}
    follower = subprocess.Popen([str(server.command()[0]), "deploy", str(app(workflows=waits)), "--follow"], env=server.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    keep_child(follower.pid)
    deployment = re.search(r"d-\w{26}", follower.stdout.readline()).group()
    assert any("security-scan" in follower.stdout.readline() for _ in range(4))
    follower.send_signal(signal.SIGINT)
    _, errors = follower.communicate(timeout=240)
    forget_child(follower.pid)
    assert follower.returncode == -signal.SIGINT and f"innominatus logs {deployment} --follow" in errors, errors
    assert data(server, "status", deployment)["state"] in ("running", "waiting")
    assert server.cli("cancel", deployment, "--force").returncode == 0
    server.cli("logs", deployment, "--follow")
    assert data(server, "status", deployment)["state"] == "canceled"


def test_another_team_is_for_those_who_may(server, app):
    shop = server.add_user("ada", "shop")
    assert server.cli("deploy", app(), "--wait", key=shop.key).returncode == 0
    assert server.cli("status", "shop", "--team", "shop").returncode == 0
    assert re.search(r"^shop .* shop ", server.cli("list", "--team", "shop").stdout, re.M)
    other = server.add_user("bob", "other")
    assert server.cli("status", "shop", key=other.key).returncode == 5
    assert server.cli("status", "shop", "--team", "shop", key=other.key).returncode == 4
