"""kill -9 at any moment: nothing acknowledged is lost, nothing completed is repeated, no process stays, the audit chain holds. tests/soak/kill.py does the
same for hundreds of rounds, also on PostgreSQL."""
import threading

import pytest
import yaml
from lib.backend import Backend
from lib.database import Database
from lib.kill import Load, Submitter, check_database, configure, spec_of
from lib.things import example_files

ROUNDS = 20


@pytest.fixture
def backend():
    server = Backend()
    yield server
    server.shutdown()
    server.server_close()


def test_twenty_kills_under_load_lose_and_repeat_nothing(start, plugin, backend, tmp_path):
    load = Load(start(configure(tmp_path, plugin, backend)), backend)
    for _ in range(ROUNDS):
        load.kill()
    print("#", load.finish(least=ROUNDS))


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
    check_database(Database(server), backend, {run: answer.json["id"]})
