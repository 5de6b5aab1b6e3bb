"""Watching and following: a server that goes away for a while is waited for, one that stays away ends the command."""
import json
import os
import pty
import re
import signal
import subprocess
import threading

import pytest
from lib.server import BINARY, forget_child, keep_child
from lib.things import score

WAITS = {"wait": {"steps": [{"name": "pause", "type": "delay", "config": {"duration": "3s"}}]}}


class Command:
    """A command whose output is read as it comes."""

    def __init__(self, server, *words, **env):
        self.process = subprocess.Popen([str(BINARY), *map(str, words)], env={**server.env, **env}, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        keep_child(self.process.pid)

    def line(self, part):
        """The next line with this in it."""
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if re.search(part, line):
                return line
        raise AssertionError(f"no {part} in {seen}: {self.process.stderr.read()}")

    def end(self):
        out, errors = self.process.communicate(timeout=240)
        forget_child(self.process.pid)
        return self.process.returncode, out, errors

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()


@pytest.fixture
def same_port(start):
    """A server that comes back where it was."""
    server = start()
    words = server.command()
    port = server.url.rsplit(":", 1)[1]
    server.command = lambda: [*words[:3], f"127.0.0.1:{port}", *words[4:]]
    return server


@pytest.fixture
def app(tmp_path):
    def write(**more):
        path = tmp_path / "shop.yaml"
        path.write_text(score("shop", {}, **more))
        return path

    return write


def test_events_are_watched_over_a_restart_of_the_server_without_a_gap(same_port, app):
    server = same_port
    assert server.cli("deploy", app(), "--wait").returncode == 0
    assert server.cli("watch", "none").returncode == 5
    assert server.cli("watch", "--output", "yaml").returncode == 2
    watcher = Command(server, "watch", "shop", "--output", "json")
    lines = Command(server, "watch")
    # Nothing says that a watcher of "from now on" is there: deployments are made until it has seen one.
    seen = threading.Event()
    first = []
    reader = threading.Thread(target=lambda: (first.append(watcher.line("deployment.queued")), lines.line("deployment.queued +shop development"), seen.set()))
    reader.start()
    while not seen.is_set():
        assert server.cli("deploy", app(), "--wait").returncode == 0
    reader.join()
    last = server.cli("deploy", app(workflows=WAITS))
    assert last.returncode == 0
    deployment = re.search(r"d-\w{26}", last.stdout).group()
    watcher.line(rf"step.started.*{deployment}|{deployment}.*step.started")
    server.restart()
    watcher.line(rf"deployment.completed.*{deployment}|{deployment}.*deployment.completed")
    code, _, errors = watcher.stop()
    assert code == -signal.SIGINT and errors.count("does not answer") <= 1, errors
    assert lines.stop()[0] == -signal.SIGINT
    assert json.loads(first[0])["application"] == "shop"

    done = server.cli("watch", deployment, "--output", "json")  # what has ended is told from its beginning, and is an end
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and events[0]["type"] == "deployment.queued" and events[-1]["type"] == "deployment.completed", done
    assert [e["id"] for e in events] == sorted({e["id"] for e in events}) and {e["deployment_id"] for e in events} == {deployment}


def on_terminal(server, *words):
    """(exit code, what the terminal was sent) of a command that ends by itself."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(str(BINARY), [str(BINARY), *words], {**server.env, "TERM": "xterm", "NO_COLOR": "1"})
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_a_terminal_gets_a_view_that_is_drawn_again(start, app):
    server = start()
    accepted = server.cli("deploy", app(workflows=WAITS))
    deployment = re.search(r"d-\w{26}", accepted.stdout).group()
    code, shown = on_terminal(server, "watch", deployment)
    views = shown.split("\x1b[H\x1b[J")[1:]
    assert code == 0 and len(views) >= 2, shown
    assert all("shop · development" in view for view in views) and "active" in views[-1] and "RESOURCE" in views[-1], views[-1]


def test_what_follows_ends_when_the_server_stays_away(same_port, app):
    server = same_port
    waits = {"wait": {"steps": [{"name": "pause", "type": "delay", "config": {"duration": "10m"}}]}}
    assert server.cli("deploy", app(workflows=waits)).returncode == 0
    commands = (["deploy", app(workflows=waits), "--follow"], ["deploy", app(workflows=waits), "--wait"], ["logs", "shop", "--follow"], ["watch", "shop"])
    env = {"INNOMINATUS_RECONNECT_SECONDS": "1", "INNOMINATUS_SERVER": server.url, "INNOMINATUS_API_KEY": server.admin_key}
    followers = [Command(server, *words, **env) for words in commands]
    followers[0].line("Deploying")
    server.kill()
    for number, follower in enumerate(followers):
        code, _, errors = follower.end()
        said = errors.count("does not answer; trying again")
        assert code == 6 and said <= 1 and (said or number) and "ORC-6004" in errors, (code, errors)


def test_the_tail_of_a_log_may_be_nothing(start, app):
    server = start()
    assert server.cli("deploy", app(), "--wait").returncode == 0
    done = server.cli("logs", "shop", "--tail", "0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(server.cli("logs", "shop", "--tail", "0", "--output", "json").stdout) == {"items": []}
    done = server.cli("logs", "shop", "--tail", "0", "--follow")
    assert (done.returncode, done.stdout) == (0, "")
    assert len(server.cli("logs", "shop", "--tail", "2").stdout.splitlines()) == 2
