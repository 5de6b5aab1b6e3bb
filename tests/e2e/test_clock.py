"""The wall clock is set forwards and back by hours while the server works: leases and timers go by the monotonic clock, ids go on, tokens expire by the wall
clock."""
import pathlib
import struct
import time

import pytest
from lib.backend import Backend
from lib.client import Client
from lib.database import Database
from lib.things import score, write_config

HOUR = 3600 * 1000000


class Clock:
    """The server adds to its wall clock what stands in this file (core/base/clock.h)."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.write_bytes(struct.pack("=q", 0))

    def set(self, hours):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", int(hours * HOUR)))


@pytest.fixture
def backend():
    server = Backend()
    yield server
    server.shutdown()
    server.server_close()


def test_hours_forwards_and_back_lose_and_repeat_nothing(start, backend, tmp_path):
    clock = Clock(tmp_path / "clock")
    config = write_config(tmp_path / "config", lambda c: c.update(network={"allow": [backend.address]}))
    server = start(config, env={"INNOMINATUS_CLOCK_OFFSET": str(clock.path)})
    dev, admin = server.add_user("dev", "shop", password="correct horse battery"), server.admin()
    brief = Client(server, admin.post("/users/dev/api-keys", {"name": "brief", "expires_in": "2h"}).json["key"])
    session = Client(server, Client(server, None).post("/login", {"name": "dev", "password": "correct horse battery"}).json["token"])
    assert brief.get("/profile").status == session.get("/profile").status == 200

    def app(name, *steps):
        return score(name, workflows={"w": {"steps": list(steps)}})

    def post(path):
        return {"name": "post", "type": "http", "config": {"method": "POST", "url": f"http://{backend.address}{path}"}}

    waiting = dev.submit(app("later", {"name": "wait", "type": "delay", "config": {"duration": "4h"}}, post("/later"))).json["id"]
    short = dev.submit(app("soon", {"name": "wait", "type": "delay", "config": {"duration": "3s"}}, post("/soon"))).json["id"]
    dev.wait_event(waiting, "step.waiting", "wait")
    ids = [waiting, short]

    clock.set(-3)  # backwards: what is due in three seconds is due in three seconds
    assert dev.wait(short)["state"] == "completed"
    ids.append(dev.submit(app("back", post("/back"))).json["id"])
    assert dev.wait(ids[-1])["state"] == "completed"
    assert brief.get("/profile").status == 200
    assert dev.ok(f"/deployments/{waiting}")["state"] in ("running", "waiting")
    assert server.admin().get("//health").json["uptime_seconds"] >= 0

    clock.set(1)  # forwards, not as far as anything is due
    ids.append(dev.submit(app("forth", post("/forth"))).json["id"])
    assert dev.wait(ids[-1])["state"] == "completed"
    assert brief.get("/profile").status == 200
    assert dev.ok(f"/deployments/{waiting}")["state"] in ("running", "waiting")

    clock.set(5)  # what was to be in four hours is now; what held for two hours is over
    assert dev.wait(waiting)["state"] == "completed"
    until = time.monotonic() + 240
    while brief.get("/profile").status != 401:  # believed for some seconds
        assert time.monotonic() < until
        time.sleep(0.1)
    assert session.get("/profile").status == 200
    clock.set(13)
    until = time.monotonic() + 240
    while session.get("/profile").status != 401:
        assert time.monotonic() < until
        time.sleep(0.1)

    clock.set(0)
    server.restart()  # and an earlier process was hours ahead
    ids.append(dev.submit(app("last", {"name": "wait", "type": "delay", "config": {"duration": "1s"}}, post("/last"))).json["id"])
    assert dev.wait(ids[-1])["state"] == "completed"
    assert ids == sorted(ids)
    for path in ("/later", "/soon", "/back", "/forth", "/last"):
        assert sum(1 for request in backend.requests if request[2] == path) == 1, path
    report = admin.ok("/audit/verify")
    assert report["valid"] is True and not report["problems"], report
    assert server.stop() == 0
    with Database(server) as database:
        count, least, most = database.rows("SELECT count(*) AS a, min(number) AS b, max(number) AS c FROM events")[0]
        assert (least, most) == (1, count), "event numbers have gaps"
        assert database.rows("SELECT count(*) AS n FROM steps WHERE attempt > 1") == [(0,)]
        assert database.rows("SELECT count(*) AS n FROM tasks") == [(0,)]
