"""Types of `local` that live on a server: a PostgreSQL database and a Redis user from a Score file, through the real plugin host with its sandbox."""
import base64
import pathlib
import signal
import sys
import time

import pytest
from lib.server import forget_child, keep_child
from lib.things import score, write_config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import pg  # noqa: E402  the path comes first
import redis_server  # noqa: E402
from ports import free_port  # noqa: E402

RESOURCES = {"db": {"type": "postgres", "params": {"migrations": "./sql"}}, "cache": {"type": "redis"}}
FILES = {"sql/001_orders.sql": "CREATE TABLE orders (id int)", "sql/002_first.sql": "INSERT INTO orders VALUES (1)"}


@pytest.fixture
def cluster():
    if pg.missing():
        pytest.skip(pg.missing())
    with pg.Cluster(port=free_port()) as cluster:
        keep_child(cluster.server.pid)
        cluster.ask("ALTER ROLE postgres PASSWORD 'of-the-superuser'")
        yield cluster
        forget_child(cluster.server.pid if cluster.server else 0)


@pytest.fixture
def redis(tmp_path):
    if redis_server.missing():
        pytest.skip(redis_server.missing())
    with redis_server.Server(tmp_path) as server:
        keep_child(server.process.pid)
        yield server
        forget_child(server.process.pid)


def entry(tmp_path, cluster, redis, **more):
    for name, text in (("pg", "of-the-superuser"), ("redis", redis_server.PASSWORD)):
        (tmp_path / name).write_text(text + "\n")
        (tmp_path / name).chmod(0o600)
    return {"name": "servers", "plugin": "local", "types": ["postgres", "redis"], "grant": ["network"], "config": {
        "postgres": {"url": f"postgres://postgres@127.0.0.1:{cluster.port}/postgres", "password": f"file:{tmp_path / 'pg'}"},
        "redis": {"url": redis.url, "password": f"file:{tmp_path / 'redis'}"}}, **more}


def uploads():
    return {path: base64.b64encode(text.encode()).decode() for path, text in FILES.items()}


def test_a_database_and_a_cache_are_made_and_nothing_is_left_behind(start, cluster, redis, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(tmp_path, cluster, redis)]))
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(score("shop", resources=RESOURCES, variables={"DSN": "${resources.db.url}"}), uploads(), environment="development")
    assert deployment["state"] == "completed", deployment
    resources = dev.resources(application="shop")
    assert resources["db"]["state"] == resources["cache"]["state"] == "active"
    database = resources["db"]["outputs"]["name"]
    assert cluster.ask("SELECT count(*) FROM orders", database) == ["1"]
    assert cluster.ask("SELECT tableowner FROM pg_tables WHERE tablename = 'orders'", database) == [database]
    assert resources["cache"]["outputs"]["username"] in redis.talk("ACL USERS")
    size = dev.post(f"/resources/{resources['db']['id']}/actions/size").json["outputs"]
    assert size["bytes"] > 1000000 and size["connections"] == 0, size
    stored = f"SELECT rolpassword FROM pg_authid WHERE rolname = '{database}'"
    before = cluster.ask(stored)
    rotated = dev.wait(dev.post(f"/resources/{resources['db']['id']}/actions/rotate-password").json["id"])
    assert rotated["state"] == "completed" and cluster.ask(stored) != before, rotated
    assert dev.resources(application="shop")["db"]["state"] == "active", "status logs in with the new password"
    again = dev.deploy(score("shop", resources=RESOURCES, variables={"DSN": "${resources.db.url}"}), uploads(), environment="development", force="true")
    assert dev.ok(f"/resources/{resources['db']['id']}/status")["health"] == "active", "a provision keeps the password that was rotated in"
    assert again["state"] == "completed" and cluster.ask("SELECT count(*) FROM orders", database) == ["1"]
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert cluster.ask("SELECT datname FROM pg_database ORDER BY 1") == ["postgres", "template0", "template1"]
    assert cluster.ask(r"SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\_%'") == ["postgres"]
    assert "*1\r\n$7\r\ndefault" in redis.talk("ACL USERS")


def test_a_run_finishes_by_itself_when_its_server_is_stopped_and_started_again(start, cluster, redis, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(tmp_path, cluster, redis)]))
    dev = server.add_user("dev", "shop")
    forget_child(cluster.server.pid)
    forget_child(redis.process.pid)
    cluster.halt()
    redis.halt()
    again = {"attempts": 10, "delay": "1s", "factor": 1}
    slow = {"provision": {"phase": "pre-deployment", "steps": [{"name": name, "type": "resource", "config": {"resource": name}, "retry": again} for name in ("db", "cache")]}}
    deployment = dev.submit(score("shop", resources={"db": {"type": "postgres"}, "cache": {"type": "redis"}}, workflows=slow), environment="development").json["id"]
    dev.wait_event(deployment, "step.retrying", "db")
    cluster.resume()
    keep_child(cluster.server.pid)
    dev.wait_event(deployment, "step.retrying", "cache")
    redis.start()
    keep_child(redis.process.pid)
    ended = dev.wait(deployment)
    assert ended["state"] == "completed", ended
    assert len(cluster.ask("SELECT datname FROM pg_database WHERE datname LIKE 'shop%'")) == 1
    assert dev.resources()["cache"]["outputs"]["username"] in redis.talk("ACL USERS")


UNTIL_GO = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'go') LOOP PERFORM pg_sleep(0.05); END LOOP; END $$"


def wait_until(is_so):
    until = time.monotonic() + 240
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def is_connected(port):
    """Does anybody have a connection to this port of the loopback?"""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2] == f"0100007F:{port:04X}" and row[3] == "01" for row in rows)


def test_a_server_that_dies_in_the_middle_of_a_provision_ends_no_run(start, cluster, redis, tmp_path):
    """PostgreSQL with its database, role and first migration made, in the second one; Redis when it has been asked and has not answered."""
    server = start(write_config(tmp_path / "config", entries=[entry(tmp_path, cluster, redis)]))
    dev = server.add_user("dev", "shop")
    again = {"attempts": 10, "delay": "1s", "factor": 1}
    steps = {"provision": {"phase": "pre-deployment", "steps": [{"name": name, "type": "resource", "config": {"resource": name}, "retry": again} for name in ("db", "cache")]}}
    files = {"sql/001_orders.sql": "CREATE TABLE orders AS SELECT 1 AS id", "sql/002_wait.sql": UNTIL_GO}
    redis.process.send_signal(signal.SIGSTOP)
    deployment = dev.submit(score("shop", resources=RESOURCES, workflows=steps), {path: base64.b64encode(text.encode()).decode() for path, text in files.items()},
                            environment="development").json["id"]
    wait_until(lambda: cluster.ask("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'") == ["1"])
    forget_child(cluster.server.pid)
    cluster.halt(signal.SIGQUIT)
    dev.wait_event(deployment, "step.retrying", "db")
    cluster.resume()
    keep_child(cluster.server.pid)
    cluster.ask("CREATE DATABASE go")
    wait_until(lambda: is_connected(redis.port))
    forget_child(redis.process.pid)
    redis.halt()
    dev.wait_event(deployment, "step.retrying", "cache")
    redis.start()
    keep_child(redis.process.pid)
    ended = dev.wait(deployment)
    assert ended["state"] == "completed", ended
    resources = dev.resources(application="shop")
    assert cluster.ask("SELECT count(*) FROM orders", resources["db"]["outputs"]["name"]) == ["1"], "the first migration is not repeated"
    assert len(cluster.ask("SELECT datname FROM pg_database WHERE datname LIKE 'shop%'")) == 1
    assert resources["cache"]["outputs"]["username"] in redis.talk("ACL USERS")


def test_without_the_network_granted_it_says_so(start, cluster, redis, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry(tmp_path, cluster, redis, grant=[])]))
    dev = server.add_user("dev", "shop")
    for resource in ({"db": {"type": "postgres"}}, {"cache": {"type": "redis"}}):
        failed = dev.deploy(score("shop", resources=resource), environment="development")
        step = next(s for w in dev.executions(failed["id"]) for s in w["steps"] if s["name"] in resource)
        assert "grant: [network]" in step["error"]["message"], step
