"""Every row of the table of commands: help, missing and superfluous words, wrong values, no server, a wrong key, data that is data."""
import json
import os
import re
import socket
import subprocess

import pytest
import yaml
from lib.server import BINARY, ROOT
from lib.things import score

from test_cli_offline import cli, home  # noqa: F401  fixtures

TABLE = json.loads(subprocess.run([str(BINARY), "help", "--output", "json"], text=True, capture_output=True, check=True, timeout=120).stdout)
VERBS = [row for row in TABLE["commands"] if row["available"]]
ABSENT = [row for row in TABLE["commands"] if not row["available"]]
SAMPLE = {"d": "d-01ARZ3NDEKTSV4RRFFQ69G5FAV", "t": "t-01ARZ3NDEKTSV4RRFFQ69G5FAV"}


def least(row):
    return [word for word in row.get("words", "").split() if not word.startswith("[")]


def word_for(place, path):
    """Something that is of the right kind for a place in the words, but names nothing."""
    name = place.strip("[].")
    if name in ("FILE", "SCORE", "EXPORT"):
        return str(path)
    return {"TASK": SAMPLE["t"], "bash|zsh|fish": "bash", "DIR": str(path), "REPLICAS": "1"}.get(name, "nothing-here")


def words_of(row, path):
    return [*row["command"].split(), *(word_for(place, path) for place in least(row))]


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "walk.yaml"
    path.write_text(score("walk", {}))
    return path


def is_told(done, row):
    """A message on standard error that is more than an exit code, nothing on standard output."""
    assert done.stderr.strip() and not done.stdout, (row["command"], done)
    assert "\x1b" not in done.stderr and "(null)" not in done.stderr and "Sanitizer" not in done.stderr, (row["command"], done)


def test_the_table_says_what_a_reader_needs():
    assert len(VERBS) > 50 and len(ABSENT) < 35
    for row in VERBS:
        assert row["about"] and not row["about"].endswith("."), row
        assert row["outputs"] or row["command"] in ("serve", "login", "logout", "init", "completion", "manual", "admin revoke-api-key", "admin delete-user"), row
        names = [flag["name"] for flag in row["flags"]]
        assert len(names) == len(set(names)), row
        if "example" in row:
            assert row["command"] in row["example"], row
    for row in ABSENT:
        assert row["instead"].endswith(".") or "`" in row["instead"] or "innominatus" in row["instead"], row


def test_help_names_every_command_and_none_that_is_missing(cli):
    shown = cli("help").stdout
    for row in VERBS:
        assert (f"\n  {row['command']} " in shown) != row["hidden"], row["command"]
    for row in ABSENT:
        assert not re.search(rf"^  {row['command']}( |$)", shown, re.M), row["command"]
    assert "Not in this release" not in shown


def test_every_command_explains_itself(cli):
    for row in VERBS:
        done = cli(*row["command"].split(), "--help")
        assert done.returncode == 0 and not done.stderr and "Usage" in done.stdout, (row["command"], done)
        for flag in row["flags"]:
            assert f"--{flag['name']}" in done.stdout, (row["command"], flag)


def test_a_form_that_a_command_has_not_is_usage(cli, app):
    """Words and flags of every row are gone through in tests/unit/cli/test_args.c."""
    for row in VERBS:
        if row["command"] in ("validate", "list", "login", "watch", "audit export"):
            done = cli(*words_of(row, app), "--output", sorted({"junit", "json", "sarif"} - set(row["outputs"]) or {"yaml"})[0])
            assert done.returncode == (0 if row["command"] == "validate" else 2), (row["command"], done)
            if done.returncode:
                assert "has no" in done.stderr, done
                is_told(done, row)


def test_without_a_server_every_command_that_needs_one_says_so(cli, app):
    for row in VERBS:
        if not row["needs_server"]:
            continue
        words = words_of(row, app)
        if row["command"] == "admin add-user":
            words += ["--team", "a", "--role", "user", "--no-password"]
        if row["command"] == "login":
            words += ["--user", "somebody"]
        force = ["--force"] if "force" in {flag["name"] for flag in row["flags"]} else []
        done = cli(*words, *force, INNOMINATUS_SERVER="http://127.0.0.1:9", input="a password of somebody\n" if row["command"] == "login" else None)
        if row["command"] == "logout":
            assert done.returncode == 0 and "nobody is signed in" in done.stderr, done
            continue
        assert done.returncode == 6 and "127.0.0.1:9" in done.stderr and "help:" in done.stderr, (row["command"], done)
        is_told(done, row)


def test_commands_of_later_releases_say_what_to_use_instead(cli):
    for row in ABSENT[::5]:
        done = cli(*row["command"].split(), "--whatever", "x")
        assert done.returncode == 1 and "not available in this release" in done.stderr and row["instead"] in done.stderr, (row["command"], done)
        is_told(done, row)


def test_with_a_server_data_is_data_and_refusals_have_their_codes(start, app):
    server = start()
    assert server.cli("deploy", app, "--wait").returncode == 0
    known = {"APP": "walk", "APP|DEPLOYMENT": "walk", "[APP]": "walk", "PRODUCT": "ecommerce"}
    for row in VERBS:
        name = row["command"]
        if not row["needs_server"] or name in ("login", "logout", "watch", "delete", "deprovision"):
            continue
        words = words_of(row, app)
        done = server.cli(*words, "--force", key="wrong") if any(f["name"] == "force" for f in row["flags"]) else server.cli(*words, key="wrong")
        if name != "admin add-user":  # it asks for its flags first
            assert done.returncode == 4 and "INNOMINATUS_API_KEY" in done.stderr and not done.stdout, (name, done)
        good = [*name.split(), *(known.get(place, word_for(place, app)) for place in least(row))]
        done = server.cli(*good, "--output", "json")
        assert done.returncode in (0, 1, 2, 5), (name, done)
        if name == "audit export":
            assert all(json.loads(line) for line in done.stdout.splitlines())
            continue
        if done.stdout:
            json.loads(done.stdout)
        assert done.stdout or done.returncode in (2, 5), (name, done)
        if name in ("list", "status", "policy list", "admin show", "graph-export", "audit list"):
            assert yaml.safe_load(server.cli(*good, "--output", "yaml").stdout) is not None, name
    for words in (["status", "none"], ["logs", SAMPLE["d"]], ["cancel", "none", "--force"], ["policy", "explain", "none"], ["queue", "show", SAMPLE["t"]], ["graph-status", "none"],
                  ["debug", "none"], ["watch", "none"]):
        done = server.cli(*words)
        assert done.returncode == 5 and done.stderr and not done.stdout, (words, done)
    assert "walk" in server.cli("graph-status", "walk").stdout and "last lines of its steps" in server.cli("debug", "walk").stdout
    assert "looks at" in server.cli("policy", "explain", "allowed-step-types").stdout


def test_ids_are_whole_on_a_narrow_terminal(start, app):
    server = start()
    accepted = server.cli("deploy", app, "--wait", "--output", "json")
    deployment = json.loads(accepted.stdout)["id"]
    assert deployment in server.cli("deployments", COLUMNS="40").stdout
    assert "walk" in server.cli("list", COLUMNS="20").stdout
    for line in server.cli("list-resources", COLUMNS="40").stdout.splitlines()[1:]:
        assert re.match(r"r-\w{26} ", line), line


def test_several_deployments_of_an_application_are_canceled_together(start, tmp_path):
    server = start()
    path = tmp_path / "many.yaml"
    path.write_text(score("many", {}, workflows={"wait": {"steps": [{"name": "pause", "type": "delay", "config": {"duration": "1h"}}]}}))
    ids = [json.loads(server.cli("deploy", path, "--output", "json").stdout)["id"] for _ in range(3)]
    refused = server.cli("cancel", "many", "--all")
    assert refused.returncode == 2 and "Cancel 3 deployments of many?" in refused.stderr
    done = server.cli("cancel", "many", "--force")
    assert done.returncode == 0 and ids[0] in done.stdout and "2 more of many have not ended" in done.stderr and "--all" in done.stderr, done
    server.cli("watch", ids[0], "--output", "json")  # until it has ended
    done = server.cli("cancel", "many", "--all", "--force")
    assert done.returncode == 0 and ids[1] in done.stdout and ids[2] in done.stdout and not done.stderr, done
    for name in ids[1:]:
        assert server.cli("watch", name, "--output", "json").returncode == 1
    left = server.cli("cancel", "many")  # nothing is left, and so nothing is asked
    assert left.returncode == 1 and "has ended" in left.stderr and "?" not in left.stderr, left
    assert server.cli("cancel", ids[0], "--all").returncode == 2


# ---- what works alone ----


def test_examples_and_first_files_are_valid(cli, tmp_path):
    names = {row["name"] for row in json.loads(cli("examples", "--output", "json").stdout)}
    assert names >= {"hello", "ecommerce-app"}
    assert cli("examples", "hello").stdout == (ROOT / "examples/hello.yaml").read_text()
    assert cli("examples", "none").returncode == 5 and cli("examples", "../hello").returncode == 2
    made = cli("init", "my-app", cwd=tmp_path)
    assert made.returncode == 0 and made.stdout == "my-app.yaml\n" and "Next: " in made.stderr
    assert cli("validate", "my-app.yaml", "--strict", cwd=tmp_path).returncode == 0
    again = cli("init", "my-app", cwd=tmp_path)
    assert again.returncode == 1 and "nothing was changed" in again.stderr
    assert cli("init", "My_App", cwd=tmp_path).returncode == 2


def test_workflow_files_are_checked_without_a_server(cli, tmp_path):
    shipped = sorted((ROOT / "workflows/products").rglob("*.yaml"))
    done = cli("validate-product-workflow", *shipped)
    assert done.returncode == 0 and done.stdout.count(": valid, 0 errors") == len(shipped) > 1, done
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: workflow.dev/v1\nkind: ProductWorkflow\nmetadata: {name: bad, product: shop}\nspec:\n  steps:\n    - {name: a, type: delya}\n")
    done = cli("validate-product-workflow", shipped[0], bad, "--output", "json")
    results = json.loads(done.stdout)
    assert done.returncode == 3 and [r["valid"] for r in results] == [True, False] and results[1]["errors"][0]["line"] == 6, done
    assert cli("validate-product-workflow", tmp_path / "none.yaml").returncode == 5


def test_a_database_is_brought_up_to_date(cli, start, tmp_path):
    assert cli("migrate", "--state-dir", tmp_path / "none").returncode == 5
    server = start()
    running = cli("migrate", "--state-dir", server.state)
    assert running.returncode == 0 and running.stdout == "up to date\n"  # looking does not disturb the server
    assert server.cli("list").returncode == 0


def test_a_taken_port_says_so(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        done = subprocess.run([str(BINARY), "serve", "--listen", f"127.0.0.1:{port}", "--state-dir", str(tmp_path / "state")], env=env, text=True, capture_output=True,
                              check=False, timeout=240)
    assert done.returncode == 1 and f"another program listens on 127.0.0.1 port {port}" in done.stderr and "--listen" in done.stderr, done
