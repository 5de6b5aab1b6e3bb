"""Clear text of secrets is nowhere but where it belongs: the provisioner that made it and the files of the admin. A plugin that tells everything it knows
(tests/plugins/bad/tells.c) shows whether the server passes it on."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.server import Server  # noqa: E402  the path comes first
from lib.things import bad_entry, files_below, score, write_config  # noqa: E402

TOKEN, OWN = "admin-Token-9876543210", "own-Secret-0123456789"
LISTS = ["/specs", "/deployments", "/workflows", "/resources", "/queue/tasks", "/plugins", "/audit", "/admin/config", "/policies/violations", "/environments"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("secrets")
    token = directory / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    refused = directory / "refused"
    refused.write_text(TOKEN + "-refuse\n")
    refused.chmod(0o600)
    entries = [bad_entry("tells", "tells", match={"class": "tells"}, config={"token": f"file:{token}"}),
               bad_entry("refuses", "tells", match={"class": "refuses"}, config={"token": f"file:{refused}"})]
    server = Server(directory / "server", config=write_config(directory / "config", entries=entries))
    server.start()
    server.dev = server.add_user("dev", "dev", password="Password-of-dev-42")
    server.other = server.add_user("other", "other")
    yield server
    server.close()


def uses(mode, kind="tells"):
    return score(f"{kind}-{mode}", resources={"keys": {"type": "secret"},
                                              "thing": {"type": "bad", "class": kind, "params": {"mode": mode, "secret": "${resources.keys.password}"}}})


def made_secrets(server):
    """What the local provisioner made, from its own files."""
    found = set()
    for path in files_below(server.state / "plugins"):
        if path.suffix == ".json":
            values = json.loads(path.read_text())
            found |= {value for value in values.values() if isinstance(value, str) and len(value) >= 16}
    assert found
    return found


def everything_told(server, deployments):
    """(place, text) of every answer, log and file of the server, its process included; the provisioners' own data and the admin's key are not."""
    admin = server.admin()
    for path in LISTS + [f"/deployments/{d}{part}" for d in deployments for part in ("", "/events", "/logs", "/manifests")]:
        answer = admin.get(path)
        assert answer.status == 200, (path, answer)
        yield path, answer.body
    for item in admin.items("/workflows"):
        yield item["id"], admin.get(f"/workflows/{item['id']}").body
    for item in admin.items("/resources") + admin.items("/resources", state="failed"):
        for part in ("", "/hints", "/status", "/history"):
            yield item["id"], admin.get(f"/resources/{item['id']}{part}").body
    for item in admin.items("/specs"):
        yield item["name"], admin.get(f"/specs/{item['name']}", team=item["team"]).body
        yield item["name"], admin.get(f"/graph/{item['name']}", team=item["team"]).body
    yield "metrics", admin.get("//metrics").body
    for path in files_below(server.state):
        if server.state / "plugins" not in path.parents and path.name != "admin.key":
            yield str(path), path.read_bytes()
    yield "log", server.log_path.read_bytes()
    pid = server.process.pid
    for name in ("cmdline", "environ"):
        yield name, pathlib.Path(f"/proc/{pid}/{name}").read_bytes()


@pytest.mark.parametrize("mode", ["fine", "fail", "crash"])
def test_a_plugin_that_tells_its_secrets_is_not_passed_on(server, mode):
    deployment = server.dev.deploy(uses(mode))
    assert (deployment["state"] == "completed") == (mode == "fine"), deployment
    secrets = made_secrets(server) | {TOKEN, OWN}
    seal = (server.state / "seal.key").read_text().strip()
    for place, text in everything_told(server, [deployment["id"]]):
        for secret in secrets | {"Password-of-dev-42", server.dev.key} | (set() if place.endswith("seal.key") else {seal}):
            assert secret.encode() not in text, (place, text[max(0, text.find(secret.encode()) - 300):][:500])
    lines = "\n".join(server.dev.logs(deployment["id"]))
    assert "before: *** ***" in lines and "after: ***" in lines, lines


def test_an_output_that_holds_a_secret_becomes_one(server):
    server.dev.deploy(uses("fine"))
    thing = next(r for r in server.dev.items("/resources", application="tells-fine") if r["name"] == "thing")
    assert set(thing["outputs"]["url"]) == {"$secret"} and set(thing["outputs"]["own"]) == {"$secret"}, thing
    assert thing["hints"][0]["value"] == "***", thing


def test_a_refused_configuration_does_not_show_its_secret(server):
    deployment = server.dev.deploy(uses("fine", kind="refuses"))
    assert deployment["state"] != "completed"
    plugin = server.dev.ok("/plugins/refuses")
    assert TOKEN not in str(plugin) and "***" in plugin["reason"], plugin
    assert TOKEN not in str(deployment)
    assert TOKEN.encode() not in server.log_path.read_bytes()


@pytest.mark.parametrize("mode", ["forge", "big", "braces"])
def test_a_reference_of_its_own_or_a_secret_that_cannot_be_kept_fails_the_step(server, mode):
    deployment = server.dev.deploy(uses(mode))
    assert deployment["state"] in ("failed", "rolled_back"), deployment
    assert deployment["error"]["class"] == "FAILED" and "tells" in deployment["error"]["message"], deployment["error"]


REFERENCE = {"$secret": "resource:r-01J9Z3K4M5N6P7Q8R9S0T1V2W3#password"}


def test_references_to_secrets_that_users_write_are_refused_everywhere(server):
    def spec(**more):
        return {"spec": {"apiVersion": "score.dev/v1b1", "metadata": {"name": "thief"}, "containers": {"web": {"image": "a:1"}}, **more}}

    def steps(step):
        return spec(workflows={"w": {"steps": [{"name": "s", **step}]}})

    bodies = [
        spec(resources={"x": {"type": "bad", "class": "tells", "params": {"secret": REFERENCE}}}),
        spec(resources={"x": {"type": "volume", "metadata": {"annotations": {"a": REFERENCE}}}}),
        steps({"type": "http", "config": {"url": "http://127.0.0.1:9", "body": REFERENCE}}),
        steps({"type": "delay", "config": {"duration": "1ms"}, "outputs": {"x": REFERENCE}}),
        steps({"type": "delay", "config": {"duration": "1ms"}, "env": {"X": REFERENCE}}),
        spec(workflows={"w": {"variables": {"x": REFERENCE}, "steps": [{"name": "s", "type": "delay", "config": {"duration": "1ms"}}]}}),
        {**spec(), "parameters": {"x": REFERENCE}},
        {**spec(), "overrides": {"resources": {"x": {"type": "bad", "class": "tells", "params": {"secret": REFERENCE}}}}},
    ]
    for body in bodies:
        answer = server.dev.post("/specs", body)
        assert answer.status in (400, 422), (body, answer)
    script = 'return {x = {["$secret"] = "resource:r-01J9Z3K4M5N6P7Q8R9S0T1V2W3#password"}}'
    answer = server.dev.post("/specs", steps({"type": "lua", "config": {"script": script}}))
    assert answer.status == 422 or server.dev.wait(answer.json["id"])["state"] != "completed", answer


def test_a_password_cannot_be_guessed_from_what_an_idempotency_key_keeps(server):
    body = json.dumps({"name": "guessed", "team": "dev", "role": "viewer", "password": "Password-of-guessed-42"})
    assert server.admin().post("/users", body, headers={"Idempotency-Key": "guess"}, type="application/json").status == 201
    guess = hashlib.sha256(b"POST\0/api/v1/users\0" + body.encode()).hexdigest().encode()
    for path in server.state.glob("innominatus.db*"):
        assert guess not in path.read_bytes()


def test_the_password_of_the_database_is_no_argument_that_others_see(tmp_path):
    server = Server(tmp_path / "server")
    url = f"sqlite:{tmp_path}/Password-of-database-42.db"
    command = server.command
    server.command = lambda: [*command(), "--database", url]
    server.start()
    for name in ("cmdline", "environ"):
        assert b"Password-of-database-42" not in pathlib.Path(f"/proc/{server.process.pid}/{name}").read_bytes()
    assert (tmp_path / "Password-of-database-42.db").exists()
    server.close()


def refusal(server):
    done = subprocess.run(server.command(), env=server.env, text=True, capture_output=True, check=False, timeout=240)
    assert done.returncode == 1, done
    return done.stderr


def test_a_state_directory_or_configuration_that_others_can_write_is_refused(tmp_path):
    server = Server(tmp_path / "server", config=write_config(tmp_path / "config"))
    server.state.mkdir()
    server.state.chmod(0o777)
    assert "can be written by others" in refusal(server)
    assert not list(server.state.iterdir())
    server.state.chmod(0o700)
    server.config.chmod(0o666)
    assert "can be written by everybody" in refusal(server)


def test_a_second_server_in_the_same_directory_is_refused(server):
    second = Server(server.directory / "second", state=server.state)
    assert f"pid {server.process.pid}" in refusal(second)
    assert server.dev.get("/profile").status == 200


def test_files_of_the_state_directory_are_the_servers_own(server):
    for path in [server.state, *files_below(server.state)]:
        if server.state / "plugins" in path.parents:
            continue
        assert path.stat().st_mode & 0o007 == 0 and path.stat().st_uid == os.getuid(), (path, oct(path.stat().st_mode))
    for name in ("seal.key", "admin.key", "innominatus.db"):
        assert (server.state / name).stat().st_mode & 0o777 == 0o600, name
    assert server.state.stat().st_mode & 0o777 == 0o700
    assert (server.home / "innominatus/server.json").stat().st_mode & 0o777 == 0o600
