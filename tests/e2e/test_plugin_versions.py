"""A plugin's new version takes the place of the old one while the server works; what an old version may not touch; dry runs in a plan."""
import os
import shutil

import yaml

from lib.things import BAD, score, sha256, write_config


def entry_of(place, **more):
    return {"name": "things", "plugin": str(place), "sha256": sha256(place), **more}


def install(place, version):
    """Another file by another name is put in the old one's place, as a package manager does."""
    shutil.copy(BAD / f"versioned_{version}.so", str(place) + ".next")
    os.chmod(str(place) + ".next", 0o755)
    os.replace(str(place) + ".next", place)


def change_entry(path, **changes):
    config = yaml.safe_load(path.read_text())
    entry = config["provisioners"][-1]
    entry.update(changes)
    for key in [key for key, value in entry.items() if value is None]:
        del entry[key]
    path.write_text(yaml.safe_dump(config, sort_keys=False))


def made_by(dev, application):
    """Version, as its output and the resource's row tell it."""
    resource = dev.ok(f"/resources?type=thing&application={application}")["items"][0]
    assert resource["provisioner"]["plugin"] == "versioned" and resource["provisioner"]["name"] == "things", resource
    return resource["outputs"]["version"], resource["provisioner"]["version"]


def test_a_new_version_is_started_beside_the_old_one_which_ends_its_calls(start, tmp_path):
    place = tmp_path / "versioned.so"
    install(place, 1)
    path = write_config(tmp_path / "config", entries=[entry_of(place)])
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    slow = dev.submit(score("slow", resources={"thing": {"type": "thing", "params": {"wait": True}}})).json["id"]
    dev.wait_event(slow, "resource.provisioning")
    install(place, 2)
    change_entry(path, sha256=sha256(place))
    answer = admin.post("/admin/reload")
    assert answer.status == 200 and answer.json["provisioners"]["changed"] == ["things"], answer
    shown = {(p["version"], p["state"]): p["hosts"] for p in admin.ok("/plugins")["items"] if p["name"] == "things"}
    assert shown == {("1.0.0", "draining"): 1, ("2.0.0", "ready"): 1}, shown  # the new one runs already
    assert dev.wait(dev.submit(score("new", resources={"thing": {"type": "thing"}})).json["id"])["state"] == "completed"
    assert made_by(dev, "new") == ("2.0.0", "2.0.0")
    assert dev.ok(f"/deployments/{slow}")["state"] == "running"
    (server.state / "plugins/things/go").touch()
    assert dev.wait(slow)["state"] == "completed"
    assert made_by(dev, "slow") == ("1.0.0", "1.0.0")


def test_a_version_that_does_not_come_up_does_not_take_the_place(start, tmp_path):
    place = tmp_path / "versioned.so"
    install(place, 1)
    path = write_config(tmp_path / "config", entries=[entry_of(place)])
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    install(place, 2)
    change_entry(path, sha256=sha256(place), config={"broken": True})
    answer = admin.post("/admin/reload")
    assert answer.status == 422 and 'version 2.0.0 does not know "broken"' in str(answer.json["errors"]), answer
    assert [(p["version"], p["state"]) for p in admin.ok("/plugins")["items"] if p["name"] == "things"] == [("1.0.0", "ready")]
    assert dev.wait(dev.submit(score("app", resources={"thing": {"type": "thing"}})).json["id"])["state"] == "completed"
    assert made_by(dev, "app") == ("1.0.0", "1.0.0")


def test_an_older_version_does_not_get_what_a_newer_one_made_unless_the_entry_allows_it(start, tmp_path):
    place = tmp_path / "versioned.so"
    install(place, 2)
    path = write_config(tmp_path / "config", entries=[entry_of(place)])
    server = start(path)
    dev, admin = server.add_user("dev", "shop"), server.admin()
    assert dev.wait(dev.submit(score("app", resources={"disk": {"type": "thing"}})).json["id"])["state"] == "completed"
    install(place, 1)
    change_entry(path, sha256=sha256(place))
    answer = admin.post("/admin/reload")
    assert answer.status == 422, answer
    told = str(answer.json["errors"])
    assert "versioned 1.0.0 is older than the version that made disk of app in development (2.0.0)" in told and "allowDowngrade: true" in told, told
    server.restart()  # a start is no way around it
    shown = [p for p in admin.ok("/plugins")["items"] if p["name"] == "things"][0]
    assert shown["state"] == "refused" and "disk of app" in shown["reason"], shown
    change_entry(path, allowDowngrade=True)
    assert admin.post("/admin/reload").status == 200
    changed = dev.submit(score("app", resources={"disk": {"type": "thing", "params": {"size": "large"}}})).json["id"]
    assert dev.wait(changed)["state"] == "completed"
    assert made_by(dev, "app") == ("1.0.0", "1.0.0")
    change_entry(path, allowDowngrade=None)
    assert admin.post("/admin/reload").status == 200  # nothing is left that a newer one made


def changes_of(answer):
    return {change["resource"]: change for change in answer["changes"]}


def test_a_plan_shows_what_provisioners_say_and_is_as_good_without(start, tmp_path):
    place = tmp_path / "versioned.so"
    install(place, 1)
    server = start(write_config(tmp_path / "config", entries=[entry_of(place), entry_of(BAD / "good.so", name="good")]))
    dev = server.add_user("dev", "shop")
    thing = lambda **params: {"type": "thing", "params": params}  # noqa: E731
    first = dev.post("/specs/plan", body=score("app", resources={"disk": thing(size="large"), "hello": {"type": "greeting"}}), type="application/yaml")
    assert first.status == 200, first
    changes = changes_of(first.json)
    assert changes["disk"]["preview"] == {"changes": [{"path": "disk/disk", "from": "none", "to": "large"}]}
    assert "preview" not in changes["hello"]  # it has no dry run
    assert dev.wait(dev.submit(score("app", resources={"disk": thing(size="large")})).json["id"])["state"] == "completed"
    file = tmp_path / "app.yaml"
    file.write_text(score("app", resources={"disk": thing(size="huge"), "deaf": thing(say="fail"), "mute": thing(say="nothing"), "dead": thing(say="crash"),
                                            "late": thing(size="${resources.mute.answer}")}))
    said = dev.post("/specs", body=file.read_text(), type="application/yaml", dryRun="true")
    assert said.status == 200, said
    changes = changes_of(said.json)
    assert changes["disk"]["preview"] == {"changes": [{"path": "disk/disk", "from": "large", "to": "huge"}]}
    assert "the backend wants a password" in changes["deaf"]["preview"]["note"]
    assert "said nothing" in changes["mute"]["preview"]["note"]
    assert "crashed" in changes["dead"]["preview"]["note"]
    assert "${resources.mute.answer} is known only when it is deployed" in changes["late"]["preview"]["note"]
    shown = server.cli("plan", str(file), key=dev.key)
    assert shown.returncode == 0 and "provisioner: disk/disk large -> huge" in shown.stdout, shown
    assert "the backend wants a password" in shown.stdout, shown
    assert dev.ok("/resources?type=thing")["items"][0]["params"] == {"size": "large"}  # nothing was done


def test_a_plugin_that_cannot_update_is_not_asked_to(start, tmp_path):
    path = BAD / "moody.so"
    server = start(write_config(tmp_path / "config", entries=[{"name": "moody", "plugin": str(path), "sha256": sha256(path)}]))
    dev = server.add_user("dev", "shop")
    spec = lambda **params: score("app", resources={"disk": {"type": "thing", "params": params}})  # noqa: E731
    calls = server.state / "plugins/moody/calls"
    assert dev.wait(dev.submit(spec(size="small")).json["id"])["state"] == "completed"
    assert dev.wait(dev.submit(spec(size="small")).json["id"])["state"] == "completed"
    assert calls.read_text().split() == ["provision"]  # nothing had changed
    assert dev.wait(dev.submit(spec(size="small"), force="true").json["id"])["state"] == "completed"
    assert calls.read_text().split() == ["provision", "provision"]  # brought back, which is no update
    refused = dev.submit(spec(size="large"))
    assert refused.status == 409 and "its provisioner moody cannot update" in refused.text, refused
    assert dev.wait(dev.submit(spec(size="large"), allowReplace="disk").json["id"])["state"] == "completed"
    assert calls.read_text().split() == ["provision", "provision", "deprovision", "provision"]


def test_a_plan_of_many_resources_says_whom_it_did_not_ask(start, tmp_path):
    place = tmp_path / "versioned.so"
    install(place, 1)
    dev = start(write_config(tmp_path / "config", entries=[entry_of(place)])).add_user("dev", "shop")
    many = {f"disk{i}": {"type": "thing"} for i in range(55)}
    said = dev.post("/specs/plan", body=score("app", resources=many), type="application/yaml")
    assert said.status == 200, said
    notes = [change.get("preview", {}).get("note", "") for change in said.json["changes"] if change["resource"].startswith("disk")]
    assert len(notes) == 55 and 5 <= sum("not asked: a plan asks about 50 resources at most" in note for note in notes) <= 6, notes
