"""Keys, signatures, revoked hashes and policies at the point `plugin`: made with the command line, kept by the server, told everywhere."""
import json
import os
import pathlib
import re
import shutil
import time

import pytest
import yaml

from lib.things import BAD, score, sha256, write_config

from test_cli_offline import cli, home  # noqa: F401  fixtures
from test_guides import files_of
from test_reload import edit, wait_for_log

PATIENCE = 60


@pytest.fixture
def kit(cli, tmp_path):
    """A directory with the key `acme` and a plugin of its own, served as "signed"."""
    directory = tmp_path / "kit"
    directory.mkdir(mode=0o700)
    assert cli("plugin", "keygen", "acme", cwd=directory).returncode == 0
    shutil.copy(BAD / "wants_network.so", directory / "vendor.so")
    (directory / "vendor.so").chmod(0o644)
    return directory


def entry_type(admin):
    return [p for p in admin.ok("/plugins")["items"] if p["name"] == "signed"][0]["types"][0]


def entry_of(kit, **more):
    return {"name": "signed", "plugin": str(kit / "vendor.so"), "sha256": sha256(kit / "vendor.so"), "grant": ["network"], "match": {"environment": "lab"}, **more}


def trusting(kit, policy="require", **more):
    def change(config):
        config["trustedKeys"] = {"acme": (kit / "acme.pub").read_text().strip()}
        config["signaturePolicy"] = policy
        config.update(more)

    return change


def test_a_key_pair_is_made_once_and_its_private_half_is_nobody_elses(cli, tmp_path):
    done = cli("plugin", "keygen", "acme-2026", cwd=tmp_path)
    private, public = tmp_path / "acme-2026.key", tmp_path / "acme-2026.pub"
    assert done.returncode == 0 and f"trustedKeys: {{acme-2026: {public.read_text().strip()}}}" in done.stdout, done
    assert oct(private.stat().st_mode & 0o777) == "0o600" and private.read_text().strip() not in done.stdout + done.stderr
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=\n", public.read_text())
    before = private.read_text(), public.read_text()
    again = cli("plugin", "keygen", "acme-2026", cwd=tmp_path)
    assert again.returncode == 1 and "--force" in again.stderr and (private.read_text(), public.read_text()) == before, again
    private.unlink()
    assert cli("plugin", "keygen", "acme-2026", cwd=tmp_path).returncode == 1 and not private.exists(), "a public key is not overwritten either"
    assert cli("plugin", "keygen", "acme-2026", "--force", cwd=tmp_path).returncode == 0
    assert public.read_text() != before[1] and oct(private.stat().st_mode & 0o777) == "0o600"
    for name in ("", ".", "a b", "x/", "a" * 64):
        assert cli("plugin", "keygen", name, cwd=tmp_path).returncode == 2, name
    assert cli("plugin", "keygen", "nowhere/acme", cwd=tmp_path).returncode == 1


def test_a_signature_fits_its_file_and_key_only(cli, kit):
    signed = cli("plugin", "sign", "vendor.so", "--key", "acme.key", cwd=kit)
    assert signed.returncode == 0 and "signature: {key: acme}" in signed.stdout, signed
    assert (kit / "acme.key").read_text().strip() not in signed.stdout + signed.stderr + (kit / "vendor.so.sig").read_text()
    good = cli("plugin", "verify", "vendor.so", "--key", "acme.pub", "--output", "json", cwd=kit)
    assert good.returncode == 0 and json.loads(good.stdout)["valid"] is True and json.loads(good.stdout)["key"] == "acme", good
    again = cli("plugin", "sign", "vendor.so", "--key", "acme.key", cwd=kit)
    assert again.returncode == 1 and "--force" in again.stderr, again
    assert cli("plugin", "sign", "vendor.so", "--key", "acme.key", "--force", cwd=kit).returncode == 0
    config = write_config(kit / "config", trusting(kit))
    seen = cli("plugin", "inspect", "vendor.so", "--admin-config", config, cwd=kit)
    assert " signed by acme (in trustedKeys)\n" in seen.stdout and "signature: {key: acme}" in seen.stdout, seen
    assert "by acme; no key of trustedKeys fits" in cli("plugin", "inspect", "vendor.so", cwd=kit).stdout
    assert cli("plugin", "keygen", "other", cwd=kit).returncode == 0
    for words, code, says in (
            (("verify", "vendor.so", "--key", "other.pub"), 1, "does not fit"),
            (("verify", "vendor.so", "--key", "other.pub"), 1, "signed by another key (it says acme)"),
            (("verify", "vendor.so"), 2, "--key"),
            (("verify", "vendor.so", "--key", "acme.key"), 2, "wants the public key, NAME.pub"),
            (("sign", "vendor.so", "--key", "acme.pub"), 2, "wants the private key, NAME.key"),
            (("verify", "acme.pub", "--key", "acme.pub"), 5, "acme.pub is not signed"),
            (("verify", "vendor.so", "--key", "gone.pub"), 5, "gone.pub"),
            (("verify", "vendor.so", "--key", "acme.pub", "--signature", "acme.pub"), 3, "no signature"),
            (("verify", "gone.so", "--key", "acme.pub"), 5, "gone.so"),
            (("sign", "vendor.so"), 2, "--key"),
            (("sign", "vendor.so", "--key", "vendor.so.sig"), 4, "chmod 600")):
        done = cli("plugin", *words, cwd=kit)
        assert done.returncode == code and says in done.stderr, (words, done)
    (kit / "acme.key").chmod(0o644)
    assert "chmod 600" in cli("plugin", "sign", "vendor.so", "--key", "acme.key", "--force", cwd=kit).stderr
    with open(kit / "vendor.so", "ab") as file:
        file.write(b"x")
    assert cli("plugin", "verify", "vendor.so", "--key", "acme.pub", cwd=kit).returncode == 1


def test_a_server_that_requires_signatures_loads_what_is_signed_and_tells_why_not(start, cli, kit, tmp_path):
    assert cli("plugin", "sign", "vendor.so", "--key", "acme.key", cwd=kit).returncode == 0
    unsigned = {**entry_of(kit), "name": "unsigned", "match": {"environment": "other"}}
    path = write_config(tmp_path / "config", trusting(kit), entries=[entry_of(kit, signature={"key": "acme"}), unsigned])
    server = start(path)
    admin = server.admin()
    found = {p["name"]: p for p in admin.ok("/plugins")["items"]}
    assert found["signed"]["state"] == "ready" and found["signed"]["signed_by"] == "acme", found
    assert found["unsigned"]["state"] == "refused" and "it is not signed" in found["unsigned"]["reason"], found
    assert found["local"]["state"] == "ready" and "signed_by" not in found["local"]
    wait_for_log(server, "provisioner unsigned is refused: ")
    assert re.search(r"unsigned is refused: .*it is not signed", server.cli("plugin", "list").stdout)
    told = json.loads(cli("doctor", "--admin-config", path, "--output", "json").stdout)["checks"]
    assert [c["detail"] for c in told if c["check"] == "plugin" and c["status"] == "fail" and "unsigned" in c["detail"] and "it is not signed" in c["detail"]], told
    judged = cli("admin", "validate", path)
    assert judged.returncode == 3 and "provisioner unsigned" in judged.stdout + judged.stderr, judged

    def sign_with_another():
        assert cli("plugin", "keygen", "thief", cwd=kit).returncode == 0
        assert cli("plugin", "sign", "vendor.so", "--key", "thief.key", "--force", cwd=kit).returncode == 0

    sign_with_another()
    edit(path, lambda config: config["provisioners"][-2].update(limits={"timeout": "1m"}))  # looked at again
    refused = admin.post("/admin/reload")
    assert refused.status == 422 and 'names \\"thief\\", the entry wants \\"acme\\"' in refused.text, refused
    assert {p["name"]: p["state"] for p in admin.ok("/plugins")["items"]}["signed"] == "ready"
    edit(path, lambda config: config.update(signaturePolicy="warn"))
    told = admin.post("/admin/reload")
    assert told.status == 200 and any("signed by another key" in text for text in told.json["warnings"]), told
    found = {p["name"]: p for p in admin.ok("/plugins")["items"]}
    assert found["unsigned"]["state"] == "ready" and "it is not signed" in found["unsigned"]["warnings"][0], found
    told = json.loads(cli("doctor", "--admin-config", path, "--output", "json").stdout)["checks"]
    assert [c for c in told if c["check"] == "plugin" and c["status"] == "warn" and "signed by another key" in c["detail"]], told


def test_a_revoked_file_is_not_loaded_and_a_reload_that_revokes_one_in_use_says_so(start, cli, kit, tmp_path):
    environments = [{"name": "lab", "type": "development"}]
    path = write_config(tmp_path / "config", lambda config: config.update(environments=environments), entries=[entry_of(kit)])
    server = start(path)
    admin = server.admin()
    edit(path, lambda config: config.update(revokedHashes=["0" * 64]))
    assert admin.post("/admin/reload").status == 200
    edit(path, lambda config: config["revokedHashes"].append(sha256(kit / "vendor.so").upper()))
    refused = admin.post("/admin/reload")
    assert refused.status == 422 and "is revoked" in refused.text, refused
    dev = server.add_user("dev", "dev")
    assert dev.deploy(score(resources={"net": {"type": entry_type(admin)}}), environment="lab")["state"] == "completed"
    entries = []
    edit(path, lambda config: (entries.extend(config["provisioners"]), config.update(provisioners=[e for e in entries if e["name"] != "signed"])))
    gone = admin.post("/admin/reload")  # it does not serve on for what it has made
    assert gone.status == 200 and gone.json["provisioners"]["draining"] == [], gone
    assert any("signed is revoked and serves no longer" in text for text in gone.json["warnings"]), gone
    ends = time.monotonic() + PATIENCE
    while "signed" in {p["name"] for p in admin.ok("/plugins")["items"]} and time.monotonic() < ends:
        time.sleep(0.05)  # its idle host is told to end
    assert "signed" not in {p["name"] for p in admin.ok("/plugins")["items"]}
    lost = dev.delete("/specs/shop", environment="lab")
    assert lost.status == 202 and dev.wait(lost.json["id"])["state"] == "failed"
    edit(path, lambda config: config.update(provisioners=entries))
    assert server.stop() == 0
    server.start()
    found = {p["name"]: p for p in server.admin().ok("/plugins")["items"]}
    assert found["signed"]["state"] == "refused" and "is revoked (revokedHashes)" in found["signed"]["reason"], found


def test_a_policy_keeps_plugins_with_network_out_of_production(start, cli, kit, tmp_path):
    """The policy of the platform team's guide."""
    files = files_of("platform-team-guide.md")
    policies = tmp_path / "config/policies"
    policies.mkdir(parents=True)
    policy = files["policies/no-network-in-production.lua"]
    environments = [{"name": "lab", "type": "development"}, {"name": "live", "type": "production"}]
    path = write_config(tmp_path / "config", lambda config: config.update(policies={"path": "./policies"}, environments=environments), entries=[entry_of(kit)])
    server = start(path)
    admin = server.admin()
    (policies / "no-network-in-production.lua").write_text(policy)
    assert admin.post("/admin/reload").status == 200
    edit(path, lambda config: config["provisioners"][-1].update(match={"environment": "l*"}))
    refused = admin.post("/admin/reload")  # match is no part of what makes an instance: it is asked about again all the same
    assert refused.status == 403 and "claims network access and serves live" in refused.text, refused
    judged = cli("admin", "validate", path)
    assert judged.returncode == 3 and "claims network access and serves live" in judged.stdout + judged.stderr, judged
    (policies / "no-network-in-production.lua").write_text(policy.replace('"deny"', '"warn"'))
    told = admin.post("/admin/reload")
    assert told.status == 200 and any("no-network-in-production" in text for text in told.json["warnings"]), told
    (policies / "no-network-in-production.lua").write_text(policy)
    assert server.stop() == 0
    server.start()
    found = {p["name"]: p for p in server.admin().ok("/plugins")["items"]}
    assert found["signed"]["state"] == "refused" and "no-network-in-production" in found["signed"]["reason"], found
    wait_for_log(server, "provisioner signed is refused: ")
    told = json.loads(cli("doctor", "--admin-config", path, "--output", "json").stdout)["checks"]
    assert [c for c in told if c["check"] == "plugin" and c["status"] == "fail" and "serves live" in c["detail"]], told
    assert [c["status"] for c in told if c["check"] == "sandbox"] != ["fail"], told
