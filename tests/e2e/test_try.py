"""scripts/try, but for the packages and the release build: the installed prefix, the example, a server that is killed meanwhile, the foreground, --keep."""
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import threading

import pytest
from lib import processes
from lib.server import BUILD, ROOT

QUICKSTART = [sys.executable, "-B", str(ROOT / "scripts/quickstart.py")]


@pytest.fixture
def place(tmp_path):
    env = {**os.environ, "INNOMINATUS_TRY_PLACE": str(tmp_path / "try"), "INNOMINATUS_TRY_BUILD": str(BUILD), "NO_COLOR": "1"}
    for name in ("INNOMINATUS_TRY_STATE", "INNOMINATUS_SERVER", "INNOMINATUS_API_KEY", "INNOMINATUS_FAILPOINTS"):
        env.pop(name, None)
    yield tmp_path / "try", env
    assert processes.leftovers(set()) == {}


def once(env, *words, **more):
    return subprocess.run([*QUICKSTART, "--once", *words], env={**env, **more}, text=True, capture_output=True, timeout=400, check=False)


def lines_with(output, *words):
    return [number for number, line in enumerate(output.splitlines()) if all(word in line for word in words)]


def test_it_deploys_the_example_shows_it_and_stops_everything(place):
    directory, env = place
    done = once(env)
    assert done.returncode == 0, done.stdout + done.stderr
    order = [lines_with(done.stdout, *words) for words in (
        ["✓ packages", "✓ build (", "✓ server", "http://127.0.0.1:"], ["pre-deployment"], ["✓ platform", "security-scan"], ["✓ product", "ecommerce/database-setup"],
        ["✓ app", "resources"], ["✓ product", "ecommerce/payment-integration"], ["✓ app", "workload"], ["post-deployment"], ["✓ platform", "cost-monitoring"])]
    assert all(order), done.stdout
    firsts = [found[0] for found in order]
    assert firsts == sorted(firsts), done.stdout
    for name, type in (("db", "sqlite"), ("data", "volume"), ("web", "dns"), ("session", "secret"), ("payments", "payment-gateway"), ("shop", "workload")):
        assert lines_with(done.stdout, name, type, "active"), (name, done.stdout)
    assert re.search(r"payments\s+dashboard\s+http://127\.0\.0\.1:\d+/merchants/", done.stdout), done.stdout
    assert "Next: " in done.stdout
    log = (directory / "server.log").read_text()
    assert "runtime error" not in log and "AddressSanitizer" not in log and "LeakSanitizer" not in log, log[-3000:]
    config = (directory / "admin-config.yaml").read_text()
    assert re.search(r"sha256: [0-9a-f]{64}\n", config) and "token: \"file:" in config
    token = (directory / "merchant/token").read_text().strip()
    assert token not in config and token not in log and token not in done.stdout
    assert (directory / "merchant/token").stat().st_mode & 0o077 == 0 and (directory / "env").stat().st_mode & 0o077 == 0

    kept = once(env, "--keep")  # the same shop again: nothing changes
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert len(json.loads((directory / "merchant/merchants.json").read_text())["merchants"]) == 1


@pytest.mark.parametrize("failpoint", ["engine.after_finish=kill@4", "engine.before_finish=kill@5"])
def test_a_server_that_is_killed_again_and_again_finishes_the_run(place, failpoint):
    """Each life of the server ends by SIGKILL after a few steps; the next one goes on."""
    directory, env = place
    done = once(env, INNOMINATUS_FAILPOINTS=failpoint)
    assert done.returncode == 0, done.stdout + done.stderr
    killed = done.stderr.count("the server ended (SIGKILL); starting it again")
    assert killed >= 2, done.stderr
    assert "shop is active in development" in done.stdout, done.stdout
    assert len(json.loads((directory / "merchant/merchants.json").read_text())["merchants"]) == 1


def test_a_state_directory_of_somebody_else_is_left_alone(place, tmp_path):
    _, env = place
    foreign = tmp_path / "precious"
    foreign.mkdir()
    (foreign / "file").write_text("mine")
    done = once(env, INNOMINATUS_TRY_STATE=str(foreign))
    assert done.returncode == 1 and "remove it yourself" in done.stderr, done
    assert (foreign / "file").read_text() == "mine"


def test_on_a_terminal_it_stays_until_it_is_stopped(place):
    directory, env = place
    master, slave = pty.openpty()
    process = subprocess.Popen(QUICKSTART, env={**env, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    output, stays = [], threading.Event()

    def read():
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:
                chunk = b""
            output.append(chunk.decode(errors="replace"))
            if "Ctrl-C stops it" in "".join(output) or not chunk:
                stays.set()
            if not chunk:
                return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert stays.wait(300) and process.poll() is None, "".join(output)
        text = "".join(output)
        commands = [line.strip().split("  #")[0].split("      #")[0].strip() for line in text.split("in another terminal:")[1].splitlines()]
        commands = [line for line in commands if line.startswith((". ", "innominatus "))]
        assert len(commands) >= 5, text
        for command in commands[1:-1]:  # as they are printed; the last one deletes
            done = subprocess.run(["sh", "-c", f"{commands[0]} && {command}"], cwd=ROOT, env={**env, "XDG_STATE_HOME": str(directory / "nowhere")}, text=True,
                                  capture_output=True, timeout=240, check=False)
            assert done.returncode == 0 and done.stdout, (command, done)
        second = once(env)  # would take the state directory away from the server
        assert second.returncode == 1 and "another one runs" in second.stderr, second
        assert (directory / "state/innominatus.db").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(240)
    reader.join(30)
    assert code == 0, "".join(output)
    os.close(master)
    assert not list(pathlib.Path(directory / "home/innominatus").glob("server.json"))
