"""host->secret: a plugin for workloads opens what its params refer to, when it may, and nothing else."""
from lib.server import BUILD
from lib.things import score, sha256, write_config


def entry(file, **more):
    path = BUILD / f"tests/bad-plugins/{file}.so"
    return {"name": file.replace("_", "-"), "plugin": str(path), "sha256": sha256(path), "types": ["workload"], **more}


def spec(name="shop"):
    return score(name, resources={"keys": {"type": "secret", "params": {"keys": ["api", "other"], "length": 40}}},
                 variables={"API": "${resources.keys.api}", "URL": "http://x/?k=${resources.keys.other}", "PLAIN": "text"})


def begin(start, tmp_path, file, **more):
    def change(config):
        config["provisioners"][0]["types"] = ["secret", "dns", "volume", "sqlite"]

    return start(write_config(tmp_path / "config", change, entries=[entry(file, **more)]))


def test_a_workload_plugin_opens_the_secrets_of_its_own_params_and_no_others(start, tmp_path):
    server = begin(start, tmp_path, "opens", grant=["secrets"])
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(spec())
    assert deployment["state"] == "completed", (deployment, dev.logs(deployment["id"]))
    logs = dev.logs(deployment["id"])
    assert "opened 2 secrets, another's: -3, of none: -3" in logs, logs


def test_an_entry_whose_own_secret_is_missing_is_listed_as_refused_until_a_reload_finds_it(start, tmp_path):
    token = tmp_path / "token"
    server = begin(start, tmp_path, "opens", grant=["secrets"], config={"token": f"file:{token}"})
    admin = server.admin()
    found = {p["name"]: p for p in admin.ok("/plugins")["items"]}["opens"]
    assert found["state"] == "refused" and str(token) in found["reason"], found
    listed = server.cli("plugin", "list").stdout
    assert "opens is refused: " in listed and str(token) in listed, listed
    token.write_text("secret\n")
    token.chmod(0o600)
    assert admin.post("/admin/reload").status == 200
    assert {p["name"]: p["state"] for p in admin.ok("/plugins")["items"]} == {"local": "ready", "opens": "ready"}


def test_without_the_permission_no_secret_is_opened(start, tmp_path):
    server = begin(start, tmp_path, "opens_unasked", grant=["network"])
    dev = server.add_user("dev", "shop")
    deployment = dev.deploy(spec())
    assert deployment["state"] in ("failed", "rolled_back"), deployment
    assert "grant: [secrets]" in deployment["error"]["message"], deployment["error"]


def test_a_plugin_that_wants_secrets_needs_the_grant(start, tmp_path):
    server = begin(start, tmp_path, "opens")
    plugin = server.admin().ok("/plugins/opens")
    assert plugin["state"] == "refused" and "secrets" in plugin["reason"], plugin
