"""Streams of events over the real server: following a deployment to its end, and going on after the server was gone."""
import http.client
import json
import urllib.parse

from lib.things import score


class Stream:
    """Reads text/event-stream; an event is {id, event, data}."""

    def __init__(self, client, path, last=None):
        url = urllib.parse.urlsplit(client.server.url)
        headers = {"Authorization": f"Bearer {client.key}", "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=240)
        self.connection.request("GET", "/api/v1" + path, headers=headers)
        self.answer = self.connection.getresponse()

    def __iter__(self):
        event = {}
        while True:
            try:
                line = self.answer.readline().decode().rstrip("\n")
            except (http.client.IncompleteRead, ConnectionError):
                return
            if not line and self.answer.isclosed():
                return
            if not line and "data" in event:
                yield {**event, "id": int(event["id"]), "data": json.loads(event["data"])}
                event = {}
            elif line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                event[name] = value

    def close(self):
        self.connection.close()


SLOW = {"checks": {"steps": [{"name": "wait", "type": "delay", "config": {"duration": "300s"}}]}}


def test_a_deployment_is_followed_from_its_first_event_to_its_last(start):
    server = start()
    dev = server.add_user("dev", "shop")
    deployment = dev.submit(score("shop")).json["id"]
    stream = Stream(dev, f"/deployments/{deployment}/events")
    assert stream.answer.status == 200 and stream.answer.headers["Content-Type"] == "text/event-stream"
    seen = list(stream)
    assert seen[0]["event"] == "deployment.queued" and "deployment.completed" in [event["event"] for event in seen]
    assert [event["id"] for event in seen] == sorted({event["id"] for event in seen})
    assert [event["data"] for event in seen] == dev.ok(f"/deployments/{deployment}/events", limit=200)["items"]
    assert Stream(dev, f"/deployments/{deployment}/events", last=seen[-1]["id"]).answer.status == 204


def test_a_stream_ends_with_the_server_and_goes_on_with_the_next_one(start):
    server = start()
    dev = server.add_user("dev", "shop")
    stream = Stream(dev, "/events", last=0)
    deployment = dev.submit(score("shop", workflows=SLOW)).json["id"]
    seen = []
    for event in stream:
        seen.append(event["id"])
        if event["event"] == "step.waiting":
            break
    server.stop()
    rest = [event["id"] for event in stream]
    server.start()
    last = (seen + rest)[-1]
    stream = Stream(dev, f"/deployments/{deployment}/events", last=last)
    assert dev.post(f"/deployments/{deployment}/cancel").status == 202
    more = list(stream)
    assert "deployment.canceled" in [event["event"] for event in more]
    numbers = seen + rest + [event["id"] for event in more]
    everything = [event["id"] for event in dev.ok(f"/deployments/{deployment}/events", limit=200)["items"]]
    assert [number for number in numbers if number in everything] == everything
