"""A client of the REST API. Waiting is long polling on events, never sleeping for a guessed time."""
import http.client
import json
import time
import urllib.parse

FINAL = {"completed", "failed", "canceled", "rejected", "superseded", "rolled_back"}
WAIT_SECONDS = 240  # a limit for what hangs, not a measure


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.text[:3000]}"


class Client:
    """key None: nobody. The server may be started again on another port between two requests."""

    def __init__(self, server, key, name=None, team=None, key_id=None):
        self.server, self.key, self.name, self.team, self.key_id = server, key, name, team, key_id

    def request(self, method, path, body=None, headers=None, type=None, timeout=WAIT_SECONDS, **query):
        """Paths are below /api/v1 unless they begin with a double slash (`//health`). dict and list bodies are sent as JSON."""
        url = urllib.parse.urlsplit(self.server.url)
        target = path[1:] if path.startswith("//") else "/api/v1" + path
        query = {name: value for name, value in query.items() if value is not None}
        if query:
            target += "?" + urllib.parse.urlencode(query)
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if isinstance(body, (dict, list)):
            body, type = json.dumps(body), type or "application/json"
        if type:
            sent["Content-Type"] = type
        sent.update(headers or {})
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
        try:
            connection.request(method, target, body.encode() if isinstance(body, str) else body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **query):
        return self.request("GET", path, **query)

    def post(self, path, body=None, headers=None, type=None, **query):
        return self.request("POST", path, body, headers=headers, type=type, **query)

    def delete(self, path, **query):
        return self.request("DELETE", path, **query)

    def ok(self, path, **query):
        answer = self.get(path, **query)
        assert answer.status == 200, f"GET {path}: {answer}"
        return answer.json

    def items(self, path, **query):
        """Every item of every page."""
        found, cursor = [], None
        while True:
            page = self.ok(path, **({"cursor": cursor} if cursor else {}), **query)
            found += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return found

    # ---- deployments ----

    def submit(self, spec, files=None, headers=None, **query):
        """POST /specs; files {path: base64}."""
        if files:
            return self.post("/specs", {"spec": spec, "files": files}, headers=headers, **query)
        return self.post("/specs", spec, type="application/yaml", headers=headers, **query)

    def events(self, deployment_id):
        """Every event of the deployment until its last one; waits for it."""
        found, after, until = [], 0, time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            page = self.ok(f"/deployments/{deployment_id}/events", follow="true", after=after)
            found += page["items"]
            after = page["last"]
            if page["ended"]:
                return found
        raise AssertionError(f"deployment {deployment_id} does not end: {self.ok('/deployments/' + deployment_id)}")

    def wait(self, deployment_id):
        """The deployment when it has ended."""
        self.events(deployment_id)
        deployment = self.ok(f"/deployments/{deployment_id}")
        assert deployment["state"] in FINAL, deployment
        return deployment

    def wait_event(self, deployment_id, type, step=None):
        """Returns the first event of that type (of that step); waits for it."""
        after, until = 0, time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            page = self.ok(f"/deployments/{deployment_id}/events", follow="true", after=after)
            for event in page["items"]:
                if event["type"] == type and step in (None, event.get("step")):
                    return event
            assert not page["ended"], f"{deployment_id} ended without {type}: {self.ok('/deployments/' + deployment_id)}"
            after = page["last"]
        raise AssertionError(f"no {type} of {deployment_id}")

    def wait_for_event(self, type, after=0):
        """The first event of that type behind `after`, of whatever the client may see; waits for it."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            page = self.ok(f"/events?type={type}&follow=true&after={after}")
            if page["items"]:
                return page["items"][0]
            after = page["last"]
        raise AssertionError(f"no {type}")

    def deploy(self, spec, files=None, **query):
        """Submits and waits; the deployment must be accepted."""
        answer = self.submit(spec, files, **query)
        assert answer.status == 202, answer
        return self.wait(answer.json["id"])

    def executions(self, deployment_id):
        """The workflow executions with their steps, in plan order."""
        return [self.ok(f"/workflows/{workflow['id']}") for workflow in self.ok(f"/deployments/{deployment_id}")["workflows"]]

    def resources(self, **query):
        """{name: resource}"""
        return {resource["name"]: resource for resource in self.items("/resources", **query)}

    def logs(self, deployment_id):
        return [line["text"] for line in self.ok(f"/deployments/{deployment_id}/logs", limit=1000)["items"]]
