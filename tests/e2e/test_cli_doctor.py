"""`innominatus doctor`: what it finds on a sound machine, and that it finds what is broken, each with what to do."""
import json
import os
import sqlite3

from lib.server import ROOT
from lib.things import write_config

from test_cli_offline import PLUGIN, cli, home  # noqa: F401  fixtures


def checks(done):
    """{check: [(status, detail)]}; every line that is not ok says what to do, and the exit code is the worst of them."""
    result = json.loads(done.stdout)
    found = {}
    for line in result["checks"]:
        assert line["status"] in ("ok", "warn", "fail") and line["detail"], line
        assert line["status"] != "fail" or line["remedy"], line
        found.setdefault(line["check"], []).append((line["status"], line["detail"]))
    states = {status for lines in found.values() for status, _ in lines}
    worst = "fail" if "fail" in states else "warn" if "warn" in states else "ok"
    assert result["status"] == worst and done.returncode == (1 if worst == "fail" else 0), done
    assert not done.stderr, done
    return found


def status(found, check):
    return {state for state, _ in found[check]}


def test_without_a_server_it_looks_at_what_there_is(cli):
    done = cli("doctor")
    assert done.returncode == 0 and " ok    configuration " in done.stdout and " warn  server " in done.stdout and "do: " in done.stdout, done
    found = checks(cli("doctor", "--output", "json"))
    for check in ("configuration", "plugins", "policies", "workflows"):
        assert status(found, check) == {"ok"}, found
    assert status(found, "state") == status(found, "database") == status(found, "server") == {"warn"}
    assert found["sandbox"][0][1].startswith(("full", "weak")), found


def test_a_server_and_what_was_done_to_it(start):
    server = start()
    found = checks(server.cli("doctor", "--output", "json"))
    for check in ("state", "space", "inodes", "seal key", "admin key", "database", "migrations", "integrity", "audit", "server", "version", "clock", "key"):
        assert status(found, check) <= {"ok", "warn"} and (check in ("space", "clock") or status(found, check) == {"ok"}), (check, found)
    assert server.url in found["server"][0][1] and "admin" in found["key"][0][1]
    assert status(checks(server.cli("doctor", "--output", "json", key="wrong")), "key") == {"fail"}
    assert server.stop() == 0

    def doctor(*words):
        return checks(server.cli("doctor", "--output", "json", "--state-dir", server.state, *words))

    assert status(doctor(), "server") == {"warn"}
    assert status(doctor("--server", "http://127.0.0.1:9"), "server") == {"fail"}
    os.chmod(server.state / "seal.key", 0o644)
    os.chmod(server.state, 0o777)
    found = doctor()
    assert status(found, "seal key") == status(found, "state") == {"fail"}
    os.chmod(server.state, 0o700)
    os.chmod(server.state / "seal.key", 0o600)

    database = sqlite3.connect(server.state / "innominatus.db")
    database.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1")
    database.commit()
    assert "broken" in doctor()["audit"][0][1]
    database.execute("INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, '9999_new.sql', 'x', 1)")
    database.commit()
    database.close()
    found = doctor()
    assert status(found, "database") == {"fail"} and "newer" in found["database"][0][1]
    (server.state / "innominatus.db").write_bytes(b"not a database" * 1000)
    assert status(doctor(), "database") == {"fail"}


def test_a_broken_configuration_is_found(cli, tmp_path):
    def doctor(config):
        return checks(cli("doctor", "--output", "json", "--admin-config", config))

    assert status(doctor(tmp_path / "none.yaml"), "configuration") == {"fail"}
    broken = tmp_path / "broken.yaml"
    broken.write_text("enviroments: []\n")
    assert status(doctor(broken), "configuration") == {"fail"}
    broken.write_text("{}\n")
    broken.chmod(0o666)
    assert "everybody" in doctor(broken)["configuration"][0][1]


def test_plugins_policies_workflows_and_tools_are_looked_at(cli, tmp_path):
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "p.lua").write_text('return {name = "p", on = "deployment", check = function(input) return nil end}')
    (policies / "p_test.lua").write_text('return {{name = "a", policy = "p", input = {}, expect = {denied = true}}}')
    workflows = tmp_path / "workflows/platform"
    workflows.mkdir(parents=True)
    (workflows / "bad.yaml").write_text("apiVersion: workflow.dev/v1\nkind: PlatformWorkflow\nmetadata: {name: bad}\nspec: {steps: [{name: a, type: nonsense}]}\n")

    def change(config):
        config["policies"] = {"path": str(policies)}
        config["workflowPolicies"] = {"workflowsRoot": str(tmp_path / "workflows")}
        config["allowedCommands"] = ["sh", "no-such-tool-anywhere"]
        config["provisioners"].append({"name": "other", "plugin": str(PLUGIN), "types": ["volume"], "version": "1.0.0", "sha256": "0" * 64, "match": {"environment": "x"}})

    found = checks(cli("doctor", "--output", "json", "--admin-config", write_config(tmp_path / "config", change)))
    assert status(found, "plugin") == {"fail"} and "other" in found["plugin"][0][1] and "sha256" in found["plugin"][0][1]
    assert status(found, "policy tests") == {"fail"} and "1 failed" in found["policy tests"][0][1]
    assert status(found, "workflow") == {"fail"} and "bad.yaml" in found["workflow"][0][1]
    assert status(found, "tools") == {"warn"} and "no-such-tool-anywhere" in found["tools"][0][1]
    (policies / "broken.lua").write_text("return {")
    assert status(checks(cli("doctor", "--output", "json", "--admin-config", write_config(tmp_path / "config", change))), "policies") == {"fail"}


def test_it_leaves_nothing_behind(cli, tmp_path):
    place = tmp_path / "tmp"
    place.mkdir()
    assert cli("doctor", TMPDIR=str(place)).returncode == 0
    assert list(place.iterdir()) == []
    assert not (ROOT / "innominatus.db").exists()


def test_the_configuration_of_the_server_that_runs_is_looked_at(start, tmp_path):
    config = write_config(tmp_path / "config")
    server = start(config)
    found = checks(server.cli("doctor", "--output", "json"))
    assert found["configuration"] == [("ok", str(config))], found
    other = checks(server.cli("doctor", "--output", "json", "--state-dir", tmp_path / "elsewhere"))
    assert "share/innominatus/admin-config.yaml" in other["configuration"][0][1], other


def test_a_lost_admin_key_is_told_and_made_anew_on_demand(start):
    server = start()
    lost = server.admin_key
    server.add_user("ada", "shop", password="correct horse battery")
    (server.state / "admin.key").unlink()
    refused = server.cli("list")
    assert refused.returncode == 4 and "admin.key is not there" in refused.stderr and "--new-admin-key" in refused.stderr, refused
    assert status(checks(server.cli("doctor", "--output", "json")), "key") == {"warn"}
    done = server.cli("login", "--user", "ada", input="correct horse battery\n")  # needs no key file
    assert done.returncode == 0 and server.cli("list").returncode == 0, done
    assert server.cli("logout").returncode == 0

    server.restart()
    assert not (server.state / "admin.key").exists()  # only on demand: it may have been put elsewhere
    assert server.stop() == 0
    usual = server.command
    server.command = lambda: [*usual(), "--new-admin-key"]
    server.start()
    assert server.cli("admin", "list-users").returncode == 0 and server.admin_key != lost
    assert server.cli("admin", "list-users", key=lost).returncode == 0  # it was lost, not revoked
    assert (server.state / "admin.key").stat().st_mode & 0o777 == 0o600
    rows = json.loads(server.cli("audit", "list", "--action", "key.renew", "--output", "json").stdout)["items"]
    assert len(rows) == 1 and rows[0]["actor"] == "system", rows
