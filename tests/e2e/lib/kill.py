"""Load through deaths of the server, and what must be true afterwards: nothing acknowledged is lost, nothing completed is repeated, no process stays, the
audit chain holds, event numbers have no gaps. Shared by test_kill.py (a few rounds) and tests/soak/kill.py (hundreds)."""
import collections
import json
import random
import shutil
import threading

import yaml
from lib.client import FINAL
from lib.database import Database
from lib.things import ROOT, example_files, sha256, write_config

POINTS = ("engine.after_claim", "engine.before_step", "engine.before_finish", "engine.after_finish", "store.commit", "store.after_commit")
POINT_SECONDS = 10  # a point that nobody passes is given up, and the server is killed at that moment

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


def check_database(database, backend, runs):
    """database: lib.database.Database; runs: {run: deployment id}. What the store says, held against what the backend saw."""
    assert database.integrity() == "ok"
    count, least, most = database.rows("SELECT count(*) AS a, min(number) AS b, max(number) AS c FROM events")[0]
    assert (least, most) == (1, count), "event numbers have gaps"
    twice = database.rows("SELECT min(deployment_id) AS d, min(step) AS s, count(*) AS n FROM events WHERE type = 'step.completed' GROUP BY step_id HAVING count(*) > 1")
    assert not twice, f"completed more than once: {twice}"
    later = database.rows("SELECT b.type, b.step, b.deployment_id FROM events a JOIN events b ON b.step_id = a.step_id AND b.number > a.number AND b.type LIKE 'step.%' "
                          "WHERE a.type = 'step.completed'")
    assert not later, f"moved after they had completed: {later}"
    assert database.rows("SELECT count(*) AS n FROM tasks") == [(0,)]
    assert database.rows("SELECT count(*) AS n FROM application_environments WHERE active_deployment_id IS NOT NULL") == [(0,)]

    finished = {(deployment, step): (state, at, attempt) for deployment, step, state, at, attempt in
                database.rows("SELECT deployment_id, name, state, finished_at, attempt FROM steps")}
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


class Load:
    """Submitters for every team and application, and the server that dies under them."""

    def __init__(self, server, backend, seed=None):
        self.server, self.backend = server, backend
        self.seed = random.randrange(1 << 32) if seed is None else seed
        self.random = random.Random(self.seed)
        self.up, self.stopping = threading.Event(), threading.Event()
        self.clients = {team: server.add_user(f"{team}-dev", team) for team in TEAMS}
        self.up.set()
        self.submitters = [Submitter(self.clients[team], application, backend.address, self.up, self.stopping) for team in TEAMS for application in APPLICATIONS]
        self.deaths, self.seen = collections.Counter(), 0
        for submitter in self.submitters:
            submitter.start()

    def acknowledged(self):
        return sum(len(s.acknowledged) for s in self.submitters)

    def check_alive(self):
        failures = [f"{s.client.team}/{s.application}: {s.failure!r}" for s in self.submitters if s.failure]
        assert not failures, (self.seed, failures)

    def _await_load(self):
        while self.acknowledged() == self.seen:  # load has come through since the last death
            self.check_alive()
            assert self.server.process.poll() is None, self.server.log()[-4000:]
            self.stopping.wait(0.01)

    def kill(self):
        """One death at a random moment."""
        self._await_load()
        self.stopping.wait(self.random.random() * 0.5)
        self.check_alive()
        self.up.clear()
        left = self.server.kill()
        assert not left, f"seed {self.seed}: processes outlived the server: {left}"
        self.deaths["moment"] += 1
        self._again()

    def die_at_a_point(self):
        """One death at a named point, passed for the N-th time: the server that runs is killed, the next one dies by itself."""
        point, number = self.random.choice(POINTS), self.random.randrange(1, 60)
        self.up.clear()
        left = self.server.kill()
        assert not left, f"seed {self.seed}: processes outlived the server: {left}"
        self.server.env["INNOMINATUS_FAILPOINTS"] = f"{point}=kill@{number}"
        self.server.launch()  # it may die before it is ready
        self.server.ready.wait()
        if self.server.url:
            self.up.set()
        for _ in range(POINT_SECONDS * 100):
            if self.server.process.poll() is not None:
                break
            self.stopping.wait(0.01)
        self.up.clear()
        by_itself = self.server.process.poll() is not None
        left = self.server.died() if by_itself else self.server.kill()
        assert not left, f"seed {self.seed}, {point}@{number}: processes outlived the server: {left}"
        assert self.server.exit_code == -9, (self.seed, point, number, self.server.exit_code, self.server.log()[-4000:])
        self.deaths[point if by_itself else "moment"] += 1
        del self.server.env["INNOMINATUS_FAILPOINTS"]
        self._again()

    def _again(self):
        self.seen = self.acknowledged()
        self.server.start()
        self.up.set()

    def finish(self, least):
        """No more load; everything that was acknowledged ends. Stops the server and looks at all of it. Returns figures."""
        self.stopping.set()
        for submitter in self.submitters:
            submitter.join(600)
            assert not submitter.is_alive() and not submitter.failure, (self.seed, submitter.client.team, submitter.application, submitter.failure)
        runs = {run: deployment for s in self.submitters for run, deployment in s.acknowledged.items()}
        assert len(set(runs.values())) == len(runs) >= least
        interrupted = self._check_ends()
        for team, client in self.clients.items():
            known = {d["id"] for d in client.items("/deployments", limit=200)}
            assert known == {deployment for run, deployment in runs.items() if run.startswith(team)}, "a deployment that nobody asked for, or one is gone"
            for application in ("shop", "cart"):
                states = {r["name"]: r["state"] for r in client.items("/resources", application=application)}
                assert set(states.values()) == {"active"}, (self.seed, states)
        assert len(self.backend.merchants) == len(TEAMS) * 2
        report = self.server.admin().ok("/audit/verify")
        assert report["valid"] is True and not report["problems"] and report["rows"] > len(runs), report
        accepted = [row["object"] for row in self.server.admin().items("/audit", action="deployment.accept", limit=200)]
        assert sorted(accepted) == sorted(runs.values())  # one row each, in the transaction of the act
        assert self.server.stop() == 0
        with Database(self.server) as database:
            repeated = check_database(database, self.backend, runs)
            events = database.rows("SELECT count(*) AS n FROM events")[0][0]
        return {"seed": self.seed, "deaths": dict(self.deaths), "deployments": len(runs), "interrupted posts": interrupted,
                "requests of unfinished steps repeated": repeated, "events": events, "audit rows": report["rows"]}

    def _check_ends(self):
        interrupted = 0
        for submitter in self.submitters:
            for run, deployment in submitter.acknowledged.items():
                ended = submitter.client.wait(deployment)
                if ended["state"] != "completed":
                    assert submitter.application == "once" and ended["error"]["class"] == "INTERRUPTED", (self.seed, run, ended)
                    interrupted += 1
        return interrupted
