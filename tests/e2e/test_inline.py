"""`isolation: inline`, through the real server: bundled plugins and those signed by a trusted key run inside it, and no others."""
import shutil

from lib import processes
from lib.things import BAD, score, sha256, write_config
from test_cli_offline import cli, home  # noqa: F401  fixtures
from test_plugin_trust import trusting


def hosts_of(server):
    return [pid for pid in processes.descendants(server.process.pid) if processes.name_of(pid).endswith("plugin-host")]


def test_bundled_and_signed_plugins_run_inside_the_server_and_no_others(start, cli, tmp_path):  # noqa: F811
    kit = tmp_path / "kit"
    kit.mkdir(mode=0o700)
    assert cli("plugin", "keygen", "acme", cwd=kit).returncode == 0
    for name in ("signed.so", "unsigned.so"):
        shutil.copy(BAD / "good.so", kit / name)
        (kit / name).chmod(0o644)
    assert cli("plugin", "sign", "signed.so", "--key", "acme.key", cwd=kit).returncode == 0

    def change(config):
        trusting(kit, "warn")(config)
        config["provisioners"][0]["isolation"] = "inline"  # the bundled `local`

    def entry(name, **more):
        return {"name": name, "plugin": str(kit / f"{name}.so"), "sha256": sha256(kit / f"{name}.so"), "isolation": "inline", **more}

    entries = [entry("signed", signature={"key": "acme"}), entry("unsigned", signature={"key": "acme"}, match={"environment": "other"})]
    server = start(write_config(tmp_path / "config", change, entries=entries))
    plugins = {p["name"]: p for p in server.admin().ok("/plugins")["items"]}
    assert plugins["local"]["isolation"] == plugins["signed"]["isolation"] == "inline" and plugins["signed"]["state"] == "ready", plugins
    assert plugins["unsigned"]["state"] == "refused" and "signed" in plugins["unsigned"]["reason"], plugins["unsigned"]
    dev = server.add_user("dev", "shop")
    deployed = dev.deploy(score(resources={"data": {"type": "volume"}, "hello": {"type": "greeting"}}, variables={"G": "${resources.hello.greeting}"}))
    assert deployed["state"] == "completed", deployed
    resources = dev.resources()
    assert resources["hello"]["outputs"]["greeting"] == "hello" and resources["data"]["state"] == "active", resources
    assert hosts_of(server) == [], "an inline plugin has no process"
    assert dev.wait(dev.delete("/specs/shop", environment="development", force="true").json["id"])["state"] == "completed"
    assert not dev.resources()
