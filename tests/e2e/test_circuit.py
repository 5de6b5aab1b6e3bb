"""A backend that goes away: its provisioner is left alone, what needs it waits, everybody is told, and everything goes on when it is back."""
import time
from concurrent.futures import ThreadPoolExecutor

from lib.things import BAD, score, sha256, write_config


def entry_of(name):
    path = BAD / f"{name}.so"
    return {"name": name, "plugin": str(path), "sha256": sha256(path)}


def set_mood(server, name, mood):
    place = server.state / "plugins" / name
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (place / "mood").write_text(mood)


def wait_until(holds, what):
    until = time.monotonic() + 240  # a limit for what hangs, not a measure
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def shown(admin, name):
    return [p for p in admin.ok("/plugins")["items"] if p["name"] == name][0]


def test_a_run_finishes_by_itself_when_its_backend_is_back(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry_of("moody")]))
    dev, admin = server.add_user("dev", "shop"), server.admin()
    set_mood(server, "moody", "away")
    for i in range(4):  # three tries each: some of them fail before it is noticed that nobody can succeed
        assert dev.submit(score(f"first-{i}", resources={"disk": {"type": "thing"}})).status == 202
    wait_until(lambda: shown(admin, "moody")["state"] == "open_circuit", "ten failures in a row, and the circuit is not open")
    about = shown(admin, "moody")
    assert "failed calls of its backend in a row" in about["reason"] and "no answer from 192.0.2.1:5432" in about["reason"], about
    assert about["circuit"]["state"] in ("open", "half_open") and about["circuit"]["openings"] >= 1, about
    listed = server.cli("plugin", "list")
    assert listed.returncode == 0 and "moody is open_circuit: " in listed.stdout and "192.0.2.1" in listed.stdout, listed
    told = server.cli("doctor").stdout
    assert "plugins: degraded, " in told and "1 open_circuit" in told and "`innominatus plugin list` says which one" in told, told
    metrics = admin.get("//metrics").text
    assert 'innominatus_plugin_circuit_open{provisioner="moody"} 1' in metrics, metrics
    assert 'innominatus_plugin_circuit_openings_total{provisioner="moody"}' in metrics
    (tmp_path / "followed.yaml").write_text(score("followed", resources={"disk": {"type": "thing"}}))
    follower = ThreadPoolExecutor().submit(server.cli, "deploy", tmp_path / "followed.yaml", "--follow", key=dev.key)
    ids = [dev.submit(score(f"app-{i}", resources={"disk": {"type": "thing"}})).json["id"] for i in range(3)]
    for name in ids:
        dev.wait_event(name, "step.waiting")
    waiting = [step for execution in dev.executions(ids[0]) for step in execution["steps"] if step["state"] == "waiting"]
    assert all(step["error"]["code"] == "ORC-4031" and step["retry_at"] for step in waiting), waiting
    wait_until(lambda: dev.ok("/deployments?application=followed")["items"], "nobody has deployed it")
    dev.wait_event(dev.ok("/deployments?application=followed")["items"][0]["id"], "step.waiting")
    set_mood(server, "moody", "well")
    assert "disk waits: plugin moody: it is " in follower.result(timeout=300).stdout
    assert [dev.wait(one)["state"] for one in ids] == ["completed"] * 3
    assert shown(admin, "moody")["state"] == "ready"
    told = [event["type"] for event in admin.ok("/events?type=plugin.")["items"]]
    assert told[0] == "plugin.open_circuit" and told[-1] == "plugin.ready", told


def test_ready_tells_of_a_backend_that_is_away_and_stays_ready(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[entry_of("moody_health")]))
    admin = server.admin()
    set_mood(server, "moody_health", "away")

    def plugins():
        answer = admin.get("//ready")
        assert answer.status == 200 and answer.json["status"] == "ok", answer
        return answer.json["checks"]["plugins"]

    wait_until(lambda: "1 unhealthy" in plugins()["detail"], "an absent backend is not told")
    assert plugins()["status"] == "degraded" and "192.0.2.1" not in str(plugins())  # it is open to everybody
    assert shown(admin, "moody_health")["health"]["status"] == "failed"
    listed = server.cli("plugin", "list")
    assert "unhealthy" in listed.stdout and "no answer from 192.0.2.1:5432" in listed.stdout, listed
    calls = server.state / "plugins/moody_health/calls"
    before = calls.read_text().split()
    for _ in range(20):
        plugins()
    assert set(before) == {"health"} and len(calls.read_text().split()) <= len(before) + 1  # not each time that somebody asks
