"""kill -9 at any moment: nothing acknowledged is lost, nothing completed is repeated, no process stays, the audit chain holds. tests/soak/kill.py does the
same for hundreds of rounds, also on PostgreSQL."""
import http.client
import socket
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
    submitter = Submitter(client, "shop", backend.address, threading.Event(), threading.Event())
    submitter.up.set()
    server.launch()  # it may die before it is ready
    server.ready.wait()
    bodies = {}
    while not bodies or (server.process.poll() is None and server.url):  # nobody says how many deployments it takes to pass the point so often
        run = f"{point}-{number}-{len(bodies)}"
        bodies[run] = {"spec": yaml.safe_dump(spec_of("shop", run, 0)), "files": example_files()}
        if not server.url:
            break
        try:
            answer = client.post("/specs", bodies[run], headers={"Idempotency-Key": run})
            if answer.status == 202:
                client.wait(answer.json["id"])
        except (OSError, http.client.HTTPException):
            break
    assert not server.died()
    assert server.exit_code == -9, (point, number, server.exit_code)
    del server.env["INNOMINATUS_FAILPOINTS"]
    server.start()
    runs = {}
    for run, body in bodies.items():
        answer = submitter.through(lambda body=body, run=run: client.post("/specs", body, headers={"Idempotency-Key": run}))
        assert answer.status == 202, answer
        assert client.wait(answer.json["id"])["state"] == "completed"
        runs[run] = answer.json["id"]
    assert len(client.items("/deployments", limit=200)) == len(runs)
    assert {r["state"] for r in client.items("/resources")} == {"active"}
    assert server.stop() == 0
    check_database(Database(server), backend, runs)


def test_the_backend_takes_no_half_request_for_one():
    """What it got of a caller that was killed while it wrote must not make the whole request, sent again, a conflict."""
    backend = Backend()
    head = f"PUT /merchants/a HTTP/1.1\r\nHost: {backend.address}\r\nIdempotency-Key: k\r\n"
    for text in (head, head + "Content-Length: 2\r\n\r\n", head + "Content-Length: 2\r\n\r\n{"):
        with socket.create_connection(("127.0.0.1", backend.server_port)) as connection:
            connection.sendall(text.encode())
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b""
    whole = http.client.HTTPConnection(backend.address)
    whole.request("PUT", "/merchants/a", b"{}", {"Idempotency-Key": "k"})
    assert whole.getresponse().status == 200 and len(backend.requests) == 1
    backend.shutdown()
