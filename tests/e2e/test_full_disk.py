"""A disk that is full: writes are refused with ORC-5002 and 503, reads go on, and when there is space again everything goes on by itself. Nothing acknowledged is
lost. The state directory is on a small file system of its own; who may not mount one skips."""
import errno
import json
import os
import signal
import subprocess
import time

import pytest
from lib.database import Database
from lib.server import Server, forget_child, keep_child
from lib.things import score

SIZE = 20 << 20
HANG_SECONDS = 240


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC


def is_refused(answer):
    return answer.status == 503 and answer.json["code"].startswith("ORC-5") and answer.headers["Retry-After"]


def submit_until_refused(client, accepted):
    """A log that exists already takes some more writes."""
    for number in range(2000):
        answer = client.submit(score(f"app{number % 7}", variables={"N": f"{number} {'x' * 4000}"}))
        if answer.status == 202:
            accepted.append(answer.json["id"])
            continue
        assert is_refused(answer), answer
        return answer
    raise AssertionError("a full disk takes everything")


def test_a_full_disk_refuses_writes_and_recovers_by_itself(start, small_disk):
    server = start(state=small_disk / "state")
    dev, admin = server.add_user("dev", "shop"), server.admin()
    accepted = [dev.submit(score(f"app{number}")).json["id"] for number in range(7)]
    assert {dev.wait(i)["state"] for i in accepted} == {"completed"}
    fill(small_disk / "ballast")
    answer = submit_until_refused(dev, accepted)
    assert answer.json["code"] == "ORC-5002", answer

    for path in ("//health", "/specs", "/deployments", f"/deployments/{accepted[0]}", "/resources", "/queue/stats", "/profile"):
        assert dev.get(path).status == 200, path
    assert admin.get("/audit").status == 200
    # what little the log still takes may go in, but most is refused, each time in words
    others = [dev.submit(score("huge", variables={"N": "x" * 100000})), admin.post("/users", {"name": "later", "team": "shop", "role": "viewer"})]
    assert is_refused(others[0]) and (is_refused(others[1]) or others[1].status == 201), others
    assert server.process.poll() is None

    os.unlink(small_disk / "ballast")
    until = time.monotonic() + HANG_SECONDS
    while (answer := dev.submit(score("after"))).status != 202:
        assert is_refused(answer) and time.monotonic() < until, answer
        time.sleep(0.05)
    accepted.append(answer.json["id"])
    ended = [dev.wait(i) for i in accepted]  # every one that was acknowledged
    failed = [d for d in ended if d["state"] != "completed"]
    assert all("No space left" in d["error"]["message"] or "no space" in d["error"]["message"].lower() for d in failed), failed
    for name in {d["application"] for d in failed} | {"huge"}:
        assert dev.deploy(score(name, variables={"AGAIN": "yes"}))["state"] == "completed"
    known = {d["id"] for d in dev.items("/deployments", limit=200)}
    assert set(accepted) <= known
    report = admin.ok("/audit/verify")
    assert report["valid"] is True and not report["problems"], report
    rows = [row["object"] for row in admin.items("/audit", action="deployment.accept", limit=200)]
    assert sorted(rows) == sorted(known)
    assert server.stop() == 0
    with Database(server) as database:
        assert database.integrity() == "ok"
        count, least, most = database.rows("SELECT count(*) AS a, min(number) AS b, max(number) AS c FROM events")[0]
        assert (least, most) == (1, count), "event numbers have gaps"
        assert database.rows("SELECT count(*) AS n FROM tasks") == [(0,)]


def test_a_full_disk_at_the_start_is_told(start, small_disk, tmp_path):
    fill(small_disk / "ballast")
    server = Server(tmp_path / "server", state=small_disk / "state")
    done = subprocess.run(server.command(), env=server.env, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert done.returncode == 1 and ("space" in done.stderr), done.stderr
    os.unlink(small_disk / "ballast")
    assert start(state=small_disk / "state", name="again").admin().get("/specs").status == 200


@pytest.fixture
def read_only():
    """read_only(directory) hides it behind a file system that takes no writes; giving it back shows it again."""
    mounted = []

    def mount(place):
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=64k,mode=0755", "tmpfs", str(place)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no file system can be mounted: {done.stderr.strip()}")
        mounted.append(place)

    def unmount(place):
        mounted.remove(place)
        subprocess.run(["umount", "-l", str(place)], check=True)

    mount.back = unmount
    yield mount
    for place in list(mounted):
        unmount(place)


def test_manifests_that_cannot_be_written_fail_their_step_in_words(start, read_only):
    server = start()
    dev = server.add_user("dev", "shop")
    assert dev.deploy(score())["state"] == "completed"
    manifests = server.state / "manifests"
    assert manifests.is_dir()
    read_only(manifests)
    failed = dev.deploy(score(variables={"A": "b"}))
    assert failed["state"] == "failed" and "Read-only file system" in failed["error"]["message"], failed
    assert "manifests" in failed["error"]["message"], failed
    read_only.back(manifests)
    assert dev.deploy(score(variables={"A": "c"}))["state"] == "completed"


def test_a_home_that_cannot_be_written_stops_no_server(start, read_only, tmp_path):
    read_only(tmp_path / "server/home")
    server = start()
    assert "will not find this server by itself" in server.log() and "Read-only file system" in server.log()
    assert server.add_user("dev", "shop").deploy(score())["state"] == "completed"


def test_a_state_directory_that_cannot_be_written_is_told(start, read_only, tmp_path):
    read_only(tmp_path / "state")
    server = Server(tmp_path / "server", state=tmp_path / "state")
    done = subprocess.run(server.command(), env=server.env, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert done.returncode == 1 and "Read-only file system" in done.stderr and str(tmp_path / "state") in done.stderr, done.stderr


def test_a_log_on_a_full_disk_stops_nothing(tmp_path):
    server = Server(tmp_path / "server")
    with open("/dev/full", "wb") as full:
        process = subprocess.Popen(server.command(), env=server.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=full)
    keep_child(process.pid)
    try:
        until = time.monotonic() + HANG_SECONDS
        announced = server.home / "innominatus/server.json"
        while not announced.exists():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.02)
        server.url = json.loads(announced.read_text())["url"]
        assert server.add_user("dev", "shop").deploy(score())["state"] == "completed"
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        forget_child(process.pid)
