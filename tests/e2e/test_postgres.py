"""PostgreSQL goes away under load and comes back: meanwhile what is asked is refused with 503, afterwards everything goes on by itself."""
import signal
import time

import pytest
from lib.backend import Backend
from lib.database import pg
from lib.kill import Load, configure
from lib.server import forget_child, keep_child

HANG_SECONDS = 240


@pytest.fixture
def cluster():
    if pg.missing():
        pytest.skip(pg.missing())
    cluster = pg.Cluster()
    keep_child(cluster.server.pid)
    yield cluster
    if cluster.server:
        forget_child(cluster.server.pid)
    cluster.stop()


@pytest.fixture
def backend():
    server = Backend()
    yield server
    server.shutdown()
    server.server_close()


def until(condition):
    end = time.monotonic() + HANG_SECONDS
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_a_database_that_crashes_under_load_is_a_503_and_loses_nothing(start, plugin, backend, cluster, tmp_path):
    server = start(configure(tmp_path, plugin, backend), env={"INNOMINATUS_DATABASE": cluster.database("e2e")})
    load = Load(server, backend)
    reader = load.clients["alpha"]
    for number in (signal.SIGQUIT, signal.SIGINT):
        before = load.acknowledged()
        until(lambda: load.acknowledged() > before + 2)
        load.check_alive()
        forget_child(cluster.server.pid)
        cluster.halt(number)
        refused = until(lambda: (answer := reader.get("/deployments")).status == 503 and answer)
        assert refused.json["code"].startswith("ORC-5") and refused.headers["Retry-After"], refused
        assert reader.get("//health").json["checks"]["store"]["status"] == "failed"
        assert reader.get("//ready").status == 503
        cluster.resume()
        keep_child(cluster.server.pid)
        until(lambda: reader.get("/deployments").status == 200)
        until(lambda: reader.get("//ready").status == 200)
    before = load.acknowledged()
    until(lambda: load.acknowledged() > before + 2)
    print("#", load.finish(least=4))
