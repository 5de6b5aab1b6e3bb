"""The server's own life: drain on SIGTERM, one server a directory, the seal key, a changed database, starting again."""
import concurrent.futures
import os
import pathlib
import socket
import subprocess

from lib import processes
from lib.server import BINARY
from lib.things import EXAMPLE, bad_entry, example_files, score, write_config

WAITING = {"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1h"}}]}}


def test_sigterm_drains_and_the_rest_goes_on_at_the_next_start(start):
    server = start()
    dev = server.add_user("dev", "dev")
    short = score("short", workflows={"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1500ms"}}]}})
    waiting, ids = dev.submit(score("long", workflows=WAITING)).json["id"], []
    ids = [dev.submit(short).json["id"] for _ in range(3)]
    dev.wait_event(waiting, "step.waiting", "wait")
    assert server.stop() == 0
    assert "stopping" in server.log()
    assert not (server.home / "innominatus/server.json").exists()
    server.start()
    assert [dev.wait(i)["state"] for i in ids] == ["completed"] * 3
    assert dev.ok(f"/deployments/{waiting}")["state"] in ("running", "waiting")
    assert dev.post(f"/deployments/{waiting}/cancel").status == 202
    assert dev.wait(waiting)["state"] == "canceled"


def test_sigterm_ends_a_plugin_that_hangs_within_the_deadline(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad_entry("hang", "hang", limits={"timeout": "1h"})]))
    dev = server.add_user("dev", "dev")
    hanging = dev.submit(score(resources={"thing": {"type": "bad"}})).json["id"]
    dev.wait_event(hanging, "resource.provisioning")
    below = processes.descendants(server.process.pid)
    assert server.stop() == 0
    assert not [pid for pid in below if processes.name_of(pid).endswith("plugin-host")]
    assert "its provisioner says nothing; it is stopped" in server.log()  # asked to stop and then killed long before the drain's end
    assert "still run at the end of the drain" not in server.log()
    server.start()  # the step was interrupted; it is tried again
    dev.wait_event(hanging, "resource.provisioning")
    assert dev.post(f"/deployments/{hanging}/cancel").status == 202
    assert dev.wait(hanging)["state"] == "canceled"


def test_a_plugin_that_goes_on_telling_of_its_work_may_use_the_drain(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad_entry("good", "good")]))
    dev = server.add_user("dev", "dev")
    talking = dev.submit(score(resources={"thing": {"type": "greeting", "params": {"mode": "talk"}}})).json["id"]
    while "still at work" not in dev.logs(talking):
        dev.wait_event(talking, "resource.provisioning")
    assert server.stop() == 0
    assert "its provisioner says nothing" not in server.log()
    server.start()
    assert dev.wait(talking)["state"] == "completed"
    thing = next(s for w in dev.executions(talking) for s in w["steps"] if s["name"] == "thing")
    assert thing["state"] == "completed" and thing["attempt"] == 1 and dev.logs(talking).count("still at work") == 70, thing


def test_followers_are_answered_when_the_server_stops(start):
    server = start()
    dev = server.add_user("dev", "dev")
    waiting = dev.submit(score(workflows=WAITING)).json["id"]
    dev.wait_event(waiting, "step.waiting", "wait")
    last = dev.ok(f"/deployments/{waiting}/events")["last"]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        follower = pool.submit(dev.get, f"/deployments/{waiting}/events", follow="true", after=last)
        while not socket_is_open(server):
            os.sched_yield()
        assert server.stop() == 0
        answer = follower.result(240)
    assert answer.status in (200, 503), answer
    if answer.status == 200:
        assert answer.json["items"] == [] and answer.json["ended"] is False


def socket_is_open(server):
    """Whether a client is connected to the server."""
    port = f"{int(server.url.rsplit(':', 1)[1]):04X}"
    return any(line.split()[1].endswith(":" + port) and line.split()[3] == "01" for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])


def test_a_second_server_on_the_same_directory_is_refused_and_names_the_first(start, tmp_path):
    server = start()
    second = subprocess.run(server.command(), env=server.env, text=True, capture_output=True, timeout=240, check=False)
    assert second.returncode == 1, second
    assert str(server.process.pid) in second.stderr and "ORC-5006" in second.stderr, second.stderr
    assert server.admin().get("/profile").status == 200
    assert server.server_json()["pid"] == server.process.pid  # still the first one's
    server.kill()
    server.start()  # a dead server's lock is no lock


def test_the_command_line_finds_the_first_server_again_when_a_second_one_ends(start, tmp_path):
    first = start()
    second = start(name="second", env={"XDG_STATE_HOME": str(first.home)})
    assert f"runs at {first.url}" in second.log_path.read_text()
    assert first.server_json()["pid"] == second.process.pid
    second.kill()  # without a word
    environment = {name: value for name, value in first.env.items() if not name.startswith("INNOMINATUS_")}
    found = subprocess.run([BINARY, "list"], env=environment, text=True, capture_output=True, timeout=240, check=False)
    assert found.returncode == 0, found
    second.start()
    assert first.server_json()["pid"] == second.process.pid and first.server_json()["before"]["pid"] == first.process.pid
    assert second.stop() == 0
    assert first.server_json()["pid"] == first.process.pid and first.server_json()["url"] == first.url
    assert first.stop() == 0
    assert not (first.home / "innominatus/server.json").exists()


def test_another_seal_key_is_refused(start):
    server = start()
    dev = server.add_user("dev", "dev")
    assert dev.deploy(score(resources={"key": {"type": "secret"}}))["state"] == "completed"
    assert server.stop() == 0
    key = server.state / "seal.key"
    original = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    for replacement in (bytes(reversed(original.strip())) + b"\n", b"short", b""):
        key.write_bytes(replacement)
        done = subprocess.run(server.command(), env=server.env, text=True, capture_output=True, timeout=240, check=False)
        assert done.returncode == 1, (replacement, done)
        assert "seal" in done.stderr and "ready" not in done.stderr, done.stderr
        assert original.decode().strip() not in done.stderr
        assert key.read_bytes() == replacement  # never overwritten
    key.unlink()
    done = subprocess.run(server.command(), env=server.env, text=True, capture_output=True, timeout=240, check=False)
    assert done.returncode == 1 and "seal" in done.stderr, done.stderr  # a lost key is not quietly replaced
    key.write_bytes(original)
    key.chmod(0o600)
    server.start()
    assert dev.resources()["key"]["state"] == "active"


def test_a_start_that_cannot_be_says_why(tmp_path):
    config = tmp_path / "admin-config.yaml"
    for text, expected in (("provisoners: []\n", 'did you mean "provisioners"'), ("a: [", "admin-config.yaml:"), ("queue: {workers: many}\n", "ORC-1")):
        config.write_text(text)
        done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--state-dir", tmp_path / "state", "--admin-config", config], text=True,
                              capture_output=True, timeout=240, check=False, env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "home")})
        assert done.returncode == 1 and expected in done.stderr, done
    for words, expected in ((["--listen", "nonsense"], "ADDRESS:PORT"), (["--nothing"], "--nothing"), (["--database", "mysql://x"], "sqlite: or postgres://")):
        done = subprocess.run([BINARY, "serve", "--state-dir", tmp_path / "other", *words], text=True, capture_output=True, timeout=240, check=False,
                              env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "home")})
        assert done.returncode in (1, 2) and expected in done.stderr, (words, done)
    # Defaults in place of a configuration whose name was mistyped would allow what the admin does not.
    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--state-dir", tmp_path / "other", "--admin-config", tmp_path / "none.yaml"], text=True,
                          capture_output=True, timeout=240, check=False, env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "home")})
    assert done.returncode == 1 and "none.yaml: No such file" in done.stderr, done
    assert not (tmp_path / "home/innominatus/server.json").exists()


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([BINARY, "serve", "--listen", f"127.0.0.1:{port}", "--state-dir", tmp_path / "state"], text=True, capture_output=True, timeout=240,
                              check=False, env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "home")})
    assert done.returncode == 1 and str(port) in done.stderr, done.stderr


def test_files_of_the_state_directory_are_the_owners_alone(ecommerce):
    server = ecommerce()
    shop = server.add_user("shop", "shop")
    assert shop.deploy(EXAMPLE.read_text(), example_files())["state"] == "completed"
    assert server.state.stat().st_mode & 0o077 == 0
    for name in ("admin.key", "seal.key", "innominatus.db"):
        assert (server.state / name).stat().st_mode & 0o077 == 0, name
    assert (server.home / "innominatus/server.json").stat().st_mode & 0o077 == 0


def test_a_server_whose_user_has_no_home_runs_all_the_same(start, tmp_path):
    (tmp_path / "file").write_text("")
    server = start(env={"XDG_STATE_HOME": str(tmp_path / "file" / "home")})
    assert "set INNOMINATUS_SERVER" in server.log()
    assert server.admin().ok("/profile")["name"] == "admin"


def test_a_relative_state_directory_serves_plugins_too(start, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = start(state="relative/state")
    dev = server.add_user("dev", "dev")
    assert dev.deploy(score(resources={"db": {"type": "sqlite"}}))["state"] == "completed"
