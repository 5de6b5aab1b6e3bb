"""Plugins that crash, hang, lie or pry fail their own step and nothing else; the report names them."""
import os
import pathlib

import pytest
import yaml
from lib import processes
from lib.things import bad_entry, score, secret_values, write_config

PARENT_FACTS = ["process_vm_readv", "ptrace", "mem", "environ", "pidfd_getfd", "kill", "kill all", "bpf", "mount"]


def bad(name, **more):
    """Its type is `bad`, so the class says which entry serves it."""
    return bad_entry(name.replace("_", "-"), name, match={"class": name.replace("_", "-")}, **more)


def uses(name, application=None, params=None):
    kind = name.replace("_", "-")
    return score(application or kind, resources={"thing": {"type": "bad", "class": kind, "params": params or {}}})


def failed_step(client, deployment):
    return next(s for w in client.executions(deployment["id"]) for s in w["steps"] if s["state"] == "failed")


def test_a_crash_fails_its_own_step_with_a_report(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("crash")]))
    dev = server.add_user("dev", "dev")
    slow = score("calm", workflows={"pause": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "1s"}}]}})
    calm = dev.submit(slow).json["id"]
    deployment = dev.deploy(uses("crash"))
    assert deployment["state"] in ("failed", "rolled_back"), deployment
    error = deployment["error"]
    assert error["class"] == "CRASHED" and error["code"] == "ORC-4002", error
    assert error["plugin"]["name"] == "crash" and error["plugin"]["version"] == "1.0.0"
    assert error["signal"] == "SIGSEGV"
    assert "about to crash" in error["last_logs"], error
    step = failed_step(dev, deployment)
    assert step["name"] == "thing" and step["error"]["signal"] == "SIGSEGV" and step["attempt"] == step["max_attempts"] == 3, step
    plugin = dev.ok("/plugins/crash")
    assert plugin["crashes"] == 3 and "SIGSEGV" in plugin["last_crash"]["message"], plugin
    assert dev.wait(calm)["state"] == "completed"  # went on beside it
    assert dev.deploy(score("after", resources={"web": {"type": "dns"}}))["state"] == "completed"


def test_a_hang_is_killed_at_its_deadline_and_others_go_on(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("hang", limits={"timeout": "2s"})]))
    dev = server.add_user("dev", "dev")
    hanging = dev.submit(uses("hang")).json["id"]
    dev.wait_event(hanging, "resource.provisioning")
    for number in range(3):
        assert dev.deploy(score(f"other{number}", resources={"web": {"type": "dns"}}))["state"] == "completed"
    deployment = dev.wait(hanging)
    assert deployment["state"] in ("failed", "rolled_back") and deployment["error"]["class"] == "TIMEOUT", deployment
    assert deployment["error"]["plugin"]["name"] == "hang"
    message = deployment["error"]["message"]
    assert "did not answer in time" in message or "no host was free before the deadline" in message, message  # the second: on a machine that is very busy


def test_a_hang_ends_when_its_deployment_is_canceled(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("hang", limits={"timeout": "10m"})]))
    dev = server.add_user("dev", "dev")
    hanging = dev.submit(uses("hang")).json["id"]
    dev.wait_event(hanging, "resource.provisioning")
    assert dev.post(f"/deployments/{hanging}/cancel").status == 202
    assert dev.wait(hanging)["state"] == "canceled"


def test_a_liar_is_refused_by_name_and_says_which_lie(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("lying_manifest"), bad("other_major"), bad("no_manifest"), bad("two_exports")]))
    dev = server.add_user("dev", "dev")
    deployment = dev.deploy(uses("lying_manifest"))
    assert deployment["state"] in ("failed", "rolled_back"), deployment
    assert "lies about its version: the manifest says 1.0.0, the table says 9.9.9" in deployment["error"]["message"], deployment["error"]
    plugins = {p["name"]: p for p in dev.items("/plugins")}
    for name, reason in (("other-major", "ABI 2.0"), ("no-manifest", "no manifest"), ("two-exports", "exports 2 symbols")):
        assert plugins[name]["state"] == "refused" and reason in plugins[name]["reason"], plugins[name]
    assert plugins["local"]["state"] == "ready"
    refused = dev.submit(uses("other_major"))
    assert refused.status == 422 and "bad" in refused.text, refused
    assert dev.deploy(score(resources={"web": {"type": "dns"}}))["state"] == "completed"


def test_other_bytes_than_the_pinned_ones_never_run(start, tmp_path):
    mark = pathlib.Path("/tmp/innominatus-constructor-ran")
    mark.unlink(missing_ok=True)
    server = start(write_config(tmp_path / "config", entries=[{**bad("constructor"), "sha256": "0" * 64}]))
    dev = server.add_user("dev", "dev")
    plugin = dev.ok("/plugins/constructor")
    assert plugin["state"] == "refused" and "sha256" in plugin["reason"], plugin
    assert dev.submit(uses("constructor")).status == 422
    assert not mark.exists()


def test_what_a_plugin_made_before_it_was_killed_is_made_once(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("killed_between")]))
    dev = server.add_user("dev", "dev")
    deployment = dev.deploy(uses("killed_between"))
    assert deployment["state"] == "completed", deployment
    assert dev.resources()["thing"]["outputs"]["created"] == "1"
    step = next(s for w in dev.executions(deployment["id"]) for s in w["steps"] if s["name"] == "thing")
    assert step["attempt"] == 2, step


def test_no_plugin_reads_the_servers_memory_or_files(start, tmp_path):
    (tmp_path / "server").mkdir()
    state = tmp_path / "server/state"
    server = start(write_config(tmp_path / "config", entries=[bad("read_memory"), bad("read_files"), bad("fork"), bad("takes_network")]))
    dev = server.add_user("dev", "dev")
    files = [str(state / name) for name in ("seal.key", "admin.key", "innominatus.db", "innominatus.db-wal", ".")] + [str(tmp_path / "config/admin-config.yaml")]
    files += [f"/proc/{server.process.pid}/{name}" for name in ("mem", "environ", "maps", "fd")] + ["/etc/shadow", "/etc/passwd", str(pathlib.Path.home())]
    write = [str(state / "innominatus.db"), str(state / "new"), "/tmp/innominatus-escaped"]
    for name, params in (("read_memory", None), ("read_files", {"read": files, "write": write}), ("fork", None), ("takes_network", None)):
        deployment = dev.deploy(uses(name, params=params))
        assert deployment["state"] == "completed", deployment
        plugin = dev.ok(f"/plugins/{name.replace('_', '-')}")
        if plugin["sandbox"] != "full":
            pytest.skip("the kernel lacks a mechanism of the sandbox")
        thing = next(r for r in dev.items("/resources", application=name.replace("_", "-")) if r["name"] == "thing")
        assert "escaped" not in thing["outputs"], (name, thing["outputs"])
        logs = dev.logs(deployment["id"])
        if name == "read_memory":
            assert all(any(line.startswith(fact + ": ") for line in logs) for fact in PARENT_FACTS), logs
        if name == "read_files":
            assert all(any(line.startswith(file + ": ") for line in logs) for file in files + write), logs
            assert thing["outputs"]["environment"] == "0" and thing["outputs"]["inherited"] == "0"
    assert secret_values(server)
    assert not (state / "new").exists()
    assert dev.get("//health").status == 200  # nobody could stop it either


def test_the_server_itself_cannot_be_read_by_its_own_hosts(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad("hang", limits={"timeout": "10m"})]))
    dev = server.add_user("dev", "dev")
    hanging = dev.submit(uses("hang")).json["id"]
    seen, after = [], 0
    while "hanging" not in seen:  # the plugin's own word: its host is confined by now
        page = dev.ok(f"/deployments/{hanging}/logs", follow="true", after=after)
        seen += [line["text"] for line in page["items"]]
        after = page["last"]
        assert not page["ended"], seen
    hosts = {pid for pid in processes.descendants(server.process.pid) if processes.name_of(pid).endswith("plugin-host")}
    assert hosts, "no plugin host runs"
    for pid in hosts:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status, status
        assert pathlib.Path(f"/proc/{pid}/environ").read_bytes().strip(b"\0") == b"" or b"XDG_STATE_HOME" not in pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        targets = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
        assert not any(str(tmp_path) in target and "/plugins/" not in target and "/run/" not in target for target in targets), targets
    assert dev.post(f"/deployments/{hanging}/cancel").status == 202
    assert dev.wait(hanging)["state"] == "canceled"


def test_huge_flooding_and_garbled_answers_stay_within_their_step(start, tmp_path):
    names = ["huge_output", "huge_state", "flood", "invalid_utf8", "raw_frames", "late_call", "other_thread", "exits", "memory_bomb", "missing_slot", "smaller_struct"]
    server = start(write_config(tmp_path / "config", entries=[bad(name, limits={"memory": "160MiB", "timeout": "20s"}) for name in names]))
    dev = server.add_user("dev", "dev")
    sent = {name: dev.submit(uses(name)) for name in names}
    assert {a.status for a in sent.values()} == {202}, sent
    ended = {name: dev.wait(answer.json["id"]) for name, answer in sent.items()}
    for name, deployment in ended.items():
        if deployment["state"] != "completed":
            assert deployment["error"]["plugin"]["instance"] == name.replace("_", "-") or name.replace("_", "-") in deployment["error"]["message"], deployment["error"]
    assert {"exits", "memory_bomb", "missing_slot", "smaller_struct"} <= {name for name, d in ended.items() if d["state"] != "completed"}, yaml.safe_dump(
        {name: d["state"] for name, d in ended.items()})
    assert dev.deploy(score("after", resources={"web": {"type": "dns"}}))["state"] == "completed"


def test_what_a_plugin_warns_of_stands_in_both_logs_with_the_trace_of_the_request(start, tmp_path):
    server = start(write_config(tmp_path / "config", entries=[bad_entry("good", "good")]))
    dev = server.add_user("dev", "dev")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    spec = score("traced", resources={"thing": {"type": "greeting", "params": {"mode": "warn"}}})
    deployment = dev.wait(dev.submit(spec, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}).json["id"])
    assert deployment["state"] == "completed" and deployment["trace_id"] == trace, deployment
    [thing] = [r for r in dev.items("/resources") if r["type"] == "greeting"]
    assert dev.ok(f"/resources/{thing['id']}")["outputs"]["trace"] == trace, thing  # host->trace_id
    warned = [line for line in dev.logs(deployment["id"]) if line.startswith("the backend is nearly full")]
    told = [line for line in server.log().splitlines() if "the backend is nearly full" in line]
    assert len(warned) == 60 and 0 < len(told) < 60, (len(warned), len(told))  # the server's log has a few of each step
    assert all(trace in line and deployment["id"] in line and "thing" in line for line in told), told[0]
