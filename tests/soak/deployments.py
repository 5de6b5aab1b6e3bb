"""Ten thousand deployments (create, update, delete mixed) of several applications and teams against one server: latency of the first thousand and of the last
one, memory, descriptors, threads, size of the database. Everything must end completed, the audit chain be whole and event numbers have no gaps.

    python3 tests/soak/deployments.py --build build/release --deployments 10000
    python3 tests/soak/deployments.py --build build/release --deployments 10000 --postgres
"""
import itertools
import random
import threading
import time

import soak

given = soak.options(__doc__, deployments=10000, clients=8, applications=40, teams=4, seed=1)

from lib import processes  # noqa: E402  the path comes first
from lib.database import Database  # noqa: E402
from lib.server import Server  # noqa: E402
from lib.things import score, write_config  # noqa: E402

TABLES = ("deployments", "workflow_runs", "steps", "step_logs", "tasks", "events", "audit", "resources", "resource_history", "secrets", "manifests", "idempotency_keys")


def spec_of(name, number):
    steps = [{"name": "add", "type": "lua", "config": {"script": "return {sum = 1 + 1}"}}]
    return score(name, resources={"data": {"type": "volume", "params": {"size": f"{1 + number % 5}Gi"}}, "web": {"type": "dns"}, "key": {"type": "secret"}},
                 variables={"NUMBER": str(number), "URL": "http://${resources.web.host}"}, workflows={"compute": {"steps": steps}})


class Worker(threading.Thread):
    """Owns some applications, so that none of its deployments waits for another."""

    def __init__(self, run, applications):
        super().__init__(daemon=True)
        self.run_state, self.applications, self.present, self.failure = run, applications, set(), None
        self.random = random.Random(f"{given.seed}-{applications[0][1]}")

    def one(self, number):
        client, name = self.random.choice(self.applications)
        started = time.monotonic()
        if name in self.present and self.random.random() < 0.12:
            answer, kind = client.delete(f"/specs/{name}"), "delete"
            self.present.discard(name)
        else:
            answer, kind = client.submit(spec_of(name, number)), "update" if name in self.present else "create"
            self.present.add(name)
        assert answer.status == 202, answer
        accepted = time.monotonic()
        ended = client.wait(answer.json["id"])
        assert ended["state"] == "completed", ended
        return kind, accepted - started, time.monotonic() - started

    def run(self):
        try:
            for number in self.run_state.numbers():
                self.run_state.note(number, *self.one(number))
        except BaseException as error:  # noqa: BLE001  told by main
            self.failure = error


class Run:
    def __init__(self, server):
        self.server, self.lock, self.counter = server, threading.Lock(), itertools.count(1)
        self.results, self.started = [], time.monotonic()

    def numbers(self):
        while (number := next(self.counter)) <= given.deployments:
            yield number

    def note(self, number, kind, accept, total):
        with self.lock:
            self.results.append((kind, accept, total))
            if len(self.results) % 1000 == 0:
                self.tell(len(self.results))

    def tell(self, count):
        pid, last = self.server.process.pid, self.results[-1000:]
        files = {path.suffix: path.stat().st_size for path in self.server.state.glob("innominatus.db*")}
        hosts = [soak.memory_kib(p)[0] for p in processes.descendants(pid)]
        soak.say(deployments=count, seconds=round(time.monotonic() - self.started, 1), server_rss_kib=soak.memory_kib(pid)[0],
                 hosts=len(hosts), hosts_rss_kib=sum(hosts), descriptors=soak.descriptors(pid), threads=soak.threads(pid), database_bytes=files, **latency(last))


def latency(results):
    figures = {}
    for name, at in (("accept", 1), ("active", 2)):
        values = [r[at] * 1000 for r in results]
        figures.update({f"{name}_p50_ms": round(soak.percentile(values, 0.5), 2), f"{name}_p99_ms": round(soak.percentile(values, 0.99), 2)})
    return figures


def check(server, run):
    admin = server.admin()
    report = admin.ok("/audit/verify")
    assert report["valid"] is True and not report["problems"], report
    assert server.stop() == 0
    with Database(server) as database:
        assert database.integrity() == "ok"
        count, least, most = database.rows("SELECT count(*) AS a, min(number) AS b, max(number) AS c FROM events")[0]
        assert (least, most) == (1, count), "event numbers have gaps"
        assert database.rows("SELECT count(*) AS n FROM tasks") == [(0,)]
        assert database.rows("SELECT count(*) AS n FROM deployments WHERE state <> 'completed'") == [(0,)]
        assert database.rows("SELECT count(*) AS n FROM deployments") == [(len(run.results),)]
        present = {name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'" if database.sqlite else
                                                     "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")}
        soak.say(rows={table: database.rows(f"SELECT count(*) AS n FROM {table}")[0][0] for table in TABLES if table in present}, audit_rows=report["rows"])


def main():
    processes.adopt_orphans()
    with soak.Place(given) as place:
        server = Server(place.path / "server", config=write_config(place.path / "config"), env=place.env).start()
        clients = [server.add_user(f"dev-{n}", f"team-{n}") for n in range(given.teams)]
        everything = [(clients[n % given.teams], f"app-{n}") for n in range(given.applications)]
        run = Run(server)
        workers = [Worker(run, everything[n::given.clients]) for n in range(given.clients)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            assert not worker.failure, repr(worker.failure)
        kinds = [r[0] for r in run.results]
        few = max(1, min(1000, len(run.results) // 2))
        soak.say(deployments=len(kinds), seconds=round(time.monotonic() - run.started, 1), kinds={kind: kinds.count(kind) for kind in set(kinds)},
                 first=latency(run.results[:few]), last=latency(run.results[-few:]), most_ever_rss_kib=soak.memory_kib(server.process.pid)[1])
        check(server, run)
        server.close()


if __name__ == "__main__":
    main()
