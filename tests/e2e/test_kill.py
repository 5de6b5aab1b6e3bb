"""kill -9 at any moment: nothing acknowledged is lost, nothing completed is repeated, no process stays, the audit chain holds."""
import json
import random
import shutil
import sqlite3
import threading

import pytest
import yaml
from lib.backend import Backend
from lib.client import FINAL
from lib.things import ROOT, example_files, sha256, write_config

ROUNDS = 20
TEAMS = ("alpha", "beta")
APPLICATIONS = ("shop", "cart", "once")  # in each team
OUTSTANDING = 2  # deployments of one application that its client leaves in the queue

COUNTING = """apiVersion: workflow.dev/v1
kind: PlatformWorkflow
metadata: {name: counting, owner: platform-team, phase: post-deployment, version: 1.0.0, priority: 5}
spec:
  triggers: [all_deployments]
  steps:
    - name: count
      type: http
      config: {method: GET, url: 'http://ADDRESS/count/${metadata.run}'}
    - name: again
      type: http
      config: {method: GET, url: 'http://ADDRESS/again/${metadata.run}'}
"""


def spec_of(application, run, number):
    """run is the name of this very deployment; its side effects carry it."""
    spec = {"apiVersion": "score.dev/v1b1", "metadata": {"name": application, "run": run}, "containers": {"web": {"image": "registry.example.com/web:1.0"}}}
    if application == "once":  # a POST must not be repeated; an interrupted one fails and says so
        step = {"name": "post", "type": "http", "config": {"method": "POST", "url": "http://ADDRESS/post/${metadata.run}"}}
        spec["workflows"] = {"post": {"steps": [step]}}
        return spec
    spec["resources"] = {"data": {"type": "volume", "params": {"size": f"{1 + number % 3}Gi"}},
                         "payments": {"type": "payment-gateway", "params": {"displayName": run}}}
    if application == "shop":
        spec["metadata"]["product"] = "ecommerce"
        spec["resources"].update(db={"type": "sqlite", "params": {"migrations": "migrations"}}, web={"type": "dns"})
    spec["workflows"] = {"compute": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "20ms"}},
                                               {"name": "add", "type": "lua", "config": {"script": "return {sum = 1 + 1}"}}]}}
    return spec


class Submitter(threading.Thread):
    """Deploys one application again and again, through every crash, and keeps what was acknowledged. A request without an answer is sent again with the
    same Idempotency-Key."""

    def __init__(self, client, application, address, up, stop):
        super().__init__(daemon=True)
        self.client, self.application, self.address, self.up, self.stop = client, application, address, up, stop
        self.acknowledged, self.failure = {}, None

    def through(self, request):
        while True:
            self.up.wait()
            try:
                answer = request()
                if answer.status != 503:
                    return answer
            except OSError:
                pass
            except Exception as error:  # noqa: BLE001  half an answer of a server that is being killed
                if type(error).__module__ != "http.client":
                    raise
            self.stop.wait(0.02)

    def wait_final(self, deployment_id):
        after = 0
        while True:
            answer = self.through(lambda: self.client.get(f"/deployments/{deployment_id}/events", follow="true", after=after, timeout=240))
            assert answer.status == 200, answer
            if answer.json["ended"]:
                return
            after = answer.json["last"]
            deployment = self.through(lambda: self.client.get(f"/deployments/{deployment_id}"))
            if deployment.json["state"] in FINAL:
                return

    def run(self):
        try:
            number, open_ones = 0, []
            while not self.stop.is_set():
                run = f"{self.client.team}-{self.application}-{number}"
                spec = json.loads(json.dumps(spec_of(self.application, run, number)).replace("ADDRESS", self.address))
                body = {"spec": yaml.safe_dump(spec), **({"files": example_files()} if self.application == "shop" else {})}
                answer = self.through(lambda: self.client.post("/specs", body, headers={"Idempotency-Key": run}))
                assert answer.status == 202, answer
                self.acknowledged[run] = answer.json["id"]
                open_ones.append(answer.json["id"])
                if len(open_ones) >= OUTSTANDING:
                    self.wait_final(open_ones.pop(0))
                number += 1
        except BaseException as error:  # noqa: BLE001  told by the test
            self.failure = error


@pytest.fixture
def backend():
    server = Backend()
    yield server
    server.shutdown()
    server.server_close()


def configure(tmp_path, plugin, backend):
    root = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", root)
    (root / "platform/counting.yaml").write_text(COUNTING.replace("ADDRESS", backend.address))
    token = tmp_path / "token"
    token.write_text("t" * 30)

    def change(config):
        config["workflowPolicies"]["workflowsRoot"] = str(root)
        config["network"] = {"allow": [backend.address]}

    entry = {"product": "ecommerce", "name": "gateway", "type": "payment-gateway", "plugin": str(plugin), "sha256": sha256(plugin), "grant": ["network"],
             "config": {"endpoint": f"http://{backend.address}", "token": f"file:{token}"}, "shared": True}
    return write_config(tmp_path / "config", change, product_entries=[entry])


def check_database(path, backend, runs):
    """runs: {run: deployment id}. What the store says, held against what the backend saw."""
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    count, least, most = database.execute("SELECT count(*), min(number), max(number) FROM events").fetchone()
    assert (least, most) == (1, count), "event numbers have gaps"
    twice = database.execute("SELECT deployment_id, step, count(*) FROM events WHERE type = 'step.completed' GROUP BY step_id HAVING count(*) > 1").fetchall()
    assert not twice, f"completed more than once: {twice}"
    later = database.execute("SELECT b.type, b.step, b.deployment_id FROM events a JOIN events b ON b.step_id = a.step_id AND b.number > a.number AND b.type LIKE 'step.%' "
                             "WHERE a.type = 'step.completed'").fetchall()
    assert not later, f"moved after they had completed: {later}"
    assert database.execute("SELECT count(*) FROM tasks").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM application_environments WHERE active_deployment_id IS NOT NULL").fetchone() == (0,)

    finished = {(deployment, step): (state, at, attempt) for deployment, step, state, at, attempt in
                database.execute("SELECT deployment_id, name, state, finished_at, attempt FROM steps")}
    repeated = 0
    for at, method, path_seen, body, _ in backend.requests:
        if method == "PUT":
            run, step = json.loads(body)["display_name"], "payments"
        elif path_seen.startswith(("/count/", "/again/", "/post/")):
            step, run = path_seen[1:].split("/")
        else:
            continue
        state, finished_at, _ = finished[(runs[run], step)]
        assert state in ("completed", "failed"), (run, step, state)
        assert at <= finished_at, f"{method} {path_seen} came {at - finished_at} us after step {step} of {run} had {state}"
    for run, deployment in runs.items():
        for step, prefix in (("count", "/count/"), ("again", "/again/")):
            if finished.get((deployment, step), ("",))[0] == "completed":
                seen = sum(1 for r in backend.requests if r[2] == prefix + run)
                assert seen >= 1, (run, step)
                repeated += seen - 1
        if (deployment, "post") in finished:
            posts = sum(1 for r in backend.requests if r[1] == "POST" and r[2] == "/post/" + run)
            assert posts <= 1, f"{run} was posted {posts} times"
            assert posts == 1 or finished[(deployment, "post")][0] == "failed"
    return repeated


def test_twenty_kills_under_load_lose_and_repeat_nothing(start, plugin, backend, tmp_path):
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    server = start(configure(tmp_path, plugin, backend))
    clients = {team: server.add_user(f"{team}-dev", team) for team in TEAMS}
    up, stop = threading.Event(), threading.Event()
    up.set()
    submitters = [Submitter(clients[team], application, backend.address, up, stop) for team in TEAMS for application in APPLICATIONS]
    for submitter in submitters:
        submitter.start()

    def acknowledged():
        return sum(len(s.acknowledged) for s in submitters)

    failures = lambda: [f"{s.client.team}/{s.application}: {s.failure!r}" for s in submitters if s.failure]  # noqa: E731
    before = 0
    for _ in range(ROUNDS):
        while acknowledged() == before and not failures():  # load has come through since the last kill
            stop.wait(0.01)
        assert not failures(), (seed, failures())
        stop.wait(moments.random() * 0.5)
        up.clear()
        left = server.kill()
        assert not left, f"seed {seed}: processes outlived the server: {left}"
        before = acknowledged()
        server.start()
        up.set()
    stop.set()
    for submitter in submitters:
        submitter.join(240)
        assert not submitter.is_alive() and not submitter.failure, (seed, submitter.client.team, submitter.application, submitter.failure)

    runs = {run: deployment for s in submitters for run, deployment in s.acknowledged.items()}
    assert len(set(runs.values())) == len(runs) >= ROUNDS
    interrupted = 0
    for submitter in submitters:
        for run, deployment in submitter.acknowledged.items():
            ended = submitter.client.wait(deployment)
            if ended["state"] != "completed":
                assert submitter.application == "once" and ended["error"]["class"] == "INTERRUPTED", (seed, run, ended)
                interrupted += 1
    for team, client in clients.items():
        known = {d["id"] for d in client.items("/deployments", limit=200)}
        assert known == {deployment for run, deployment in runs.items() if run.startswith(team)}, "a deployment that nobody asked for, or one is gone"
        for application in ("shop", "cart"):
            states = {r["name"]: r["state"] for r in client.items("/resources", application=application)}
            assert set(states.values()) == {"active"}, (seed, states)
    assert len(backend.merchants) == len(TEAMS) * 2
    report = server.admin().ok("/audit/verify")
    assert report["valid"] is True and not report["problems"] and report["rows"] > len(runs), report
    accepted = [row["object"] for row in server.admin().items("/audit", action="deployment.accept", limit=200)]
    assert sorted(accepted) == sorted(runs.values())  # one row each, in the transaction of the act
    assert server.stop() == 0
    repeated = check_database(server.state / "innominatus.db", backend, runs)
    print(f"# seed {seed}: {len(runs)} deployments, {interrupted} interrupted posts, {repeated} requests of unfinished steps repeated")


@pytest.mark.parametrize("point", ["engine.after_claim", "engine.before_step", "engine.before_finish", "engine.after_finish", "store.after_commit"])
@pytest.mark.parametrize("number", [1, 5, 12])
def test_dying_at_a_named_point_is_survived(start, plugin, backend, tmp_path, point, number):
    config = configure(tmp_path, plugin, backend)
    server = start(config)
    client = server.add_user("dev", "alpha")
    assert server.stop() == 0
    server.env["INNOMINATUS_FAILPOINTS"] = f"{point}=kill@{number}"
    run = f"{point}-{number}"
    body = {"spec": yaml.safe_dump(spec_of("shop", run, 0)), "files": example_files()}
    submitter = Submitter(client, "shop", backend.address, threading.Event(), threading.Event())
    submitter.up.set()
    server.launch()  # it may die before it is ready
    server.ready.wait()
    if server.process.poll() is None and server.url:
        try:
            client.post("/specs", body, headers={"Idempotency-Key": run})
        except OSError:
            pass
    assert not server.died()
    assert server.exit_code == -9, (point, number, server.exit_code)
    del server.env["INNOMINATUS_FAILPOINTS"]
    server.start()
    answer = submitter.through(lambda: client.post("/specs", body, headers={"Idempotency-Key": run}))
    assert answer.status == 202, answer
    assert client.wait(answer.json["id"])["state"] == "completed"
    assert len(client.items("/deployments")) == 1
    assert {r["state"] for r in client.items("/resources")} == {"active"}
    assert server.stop() == 0
    check_database(server.state / "innominatus.db", backend, {run: answer.json["id"]})
