"""A protocol fake of Argo CD's API server; routes and members of requests are those of its OpenAPI document (assets/swagger.json), the rest is what a server of 3.5 was seen to do: every request but GET that is
not `application/json` is refused, an application that is not there is 403, create looks at the path in git at once. Syncs and deletions take a few requests, as they do.

Run as a program it starts one, sets INNOMINATUS_TEST_ARGOCD_URL and _TOKEN (and _FAKE), and runs the words after it.
"""
import copy
import sys

import protocol_fake
from protocol_fake import Refusal

TOKEN = "fake-argocd-token-0123456789"
NAME = r"([^/]+)"
META = {"name!": str, "namespace": str, "annotations": {"*": str}, "labels": {"*": str}, "finalizers": [str], "resourceVersion": str}
SOURCE = {"repoURL!": str, "path": str, "targetRevision": str, "chart": str, "helm": dict, "kustomize": dict, "directory": dict, "plugin": dict, "ref": str}
APP = {"metadata!": META, "spec!": {"project!": str, "source": SOURCE, "sources": [SOURCE], "destination!": {"server": str, "name": str, "namespace": str},
                                    "syncPolicy": {"automated": {"prune": bool, "selfHeal": bool, "allowEmpty": bool}, "syncOptions": [str], "retry": dict},
                                    "ignoreDifferences": list, "revisionHistoryLimit": int, "info": list}}
PROJECT = {"metadata!": META, "spec!": {"description": str, "sourceRepos": [str], "destinations": [{"server": str, "name": str, "namespace": str}], "roles": list,
                                        "clusterResourceWhitelist": list, "namespaceResourceBlacklist": list}}
REPO = {"repo!": str, "username": str, "password": str, "sshPrivateKey": str, "type": {"git", "helm"}, "name": str, "project": str, "insecure": bool,
        "enableLfs": bool, "proxy": str}
SYNC = {"name": str, "revision": str, "dryRun": bool, "prune": bool, "strategy": dict, "resources": list}
STEPS = 2  # looks until a deletion is done
ASKED, RUNNING, FINISHED, DONE = 3, 2, 1, 0  # looks that are left of a sync; until RUNNING the status is that of the one before, until DONE it is not looked at again


class Server(protocol_fake.Fake):
    def __init__(self):
        super().__init__()
        self.token, self.apps, self.projects, self.repositories = TOKEN, {}, {"default": {"metadata": {"name": "default"}, "spec": {}}}, {}
        self.syncs, self.fate = [], None  # fate: (health, phase, conditions) that applications come to
        self.paths = {"apps/shop", "apps/other"}  # that are in every repository

    def authorize(self, headers):
        if headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, "invalid session: token is malformed")

    def refusal(self, status, message):
        return {"error": message, "code": {400: 3, 401: 16, 403: 7, 404: 5}.get(status, 2), "message": message}

    def answer(self, handler, path, query):
        if handler.command != "GET" and handler.headers.get("Content-Type", "").lower() != "application/json":
            handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
            raise Refusal(415, "Invalid content type")
        if path == "/api/version":
            return 200, {"Version": "v3.5.0"}
        if path == "/api/v1/session/userinfo" and handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 200, {"loggedIn": False}
        return super().answer(handler, path, query)

    def userinfo(self, _):
        return 200, {"loggedIn": True, "username": "platform"}

    # ---- projects ----

    def get_project(self, _, name):
        if name not in self.projects:
            raise Refusal(404, f'appprojects.argoproj.io "{name}" not found')
        return 200, self.projects[name]

    def create_project(self, request):
        project = request.body["project"]
        there = self.projects.get(project["metadata"]["name"])
        if there and there["spec"] != project["spec"] and not request.body.get("upsert"):
            raise Refusal(400, "existing project spec is different; use upsert flag to force update")
        self.projects[project["metadata"]["name"]] = {**(there or project), "spec": copy.deepcopy(project["spec"])}
        return 200, self.projects[project["metadata"]["name"]]

    def drop_project(self, _, name):
        self.get_project(_, name)
        used = sum(app["spec"]["project"] == name for app in self.apps.values())
        if used:
            raise Refusal(400, f"project is referenced by {used} applications")
        del self.projects[name]
        return 200, {}

    # ---- repositories ----

    def repository(self, request, url):
        """One that no project has is no business of the asker's; one that only others have is an error without a code of its own."""
        project = request.query.get("appProject", "")
        if not any(there == url for there, _ in self.repositories):
            raise Refusal(403, "permission denied")
        if (url, project) not in self.repositories:
            raise Refusal(500, f'repository not found for url "{url}" and project "{project}"')
        return self.repositories[url, project]

    def get_repository(self, request, url):
        there = self.repository(request, url)
        return 200, {**{key: value for key, value in there.items() if key not in ("password", "sshPrivateKey")}, "connectionState": {"status": "Successful"}}

    def create_repository(self, request):
        key = (request.body["repo"], request.body.get("project", ""))
        if key in self.repositories and request.query.get("upsert") != "true":
            raise Refusal(400, "existing repository spec is different; use upsert flag to force update")
        self.repositories[key] = dict(request.body)
        return 200, request.body

    def drop_repository(self, request, url):
        self.repository(request, url)
        del self.repositories[url, request.query["appProject"]]
        return 200, {}

    # ---- applications ----

    def app(self, name):
        if name not in self.apps:
            raise Refusal(403, "permission denied")
        return self.apps[name]

    def get_app(self, _, name):
        app = self.app(name)
        app["steps"] = max(0, app["steps"] - 1)
        if app["steps"] == 0 and "deletionTimestamp" in app["metadata"]:
            del self.apps[name]
            raise Refusal(403, "permission denied")
        self.go_on(app)
        return 200, {key: value for key, value in app.items() if key not in ("steps", "syncing")}

    def go_on(self, app):
        if not app.get("syncing"):
            return
        status, (health, phase, conditions) = app["status"], self.fate or ("Healthy", "Succeeded", [])
        if app["steps"] == RUNNING:
            del app["operation"]
            status["operationState"] = {"phase": "Running", "startedAt": "2026-01-01T00:00:00Z"}
        elif app["steps"] == FINISHED:
            status["operationState"] = {"phase": phase, "message": "" if phase == "Succeeded" else "one or more objects failed to apply",
                                        "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:05Z"}
            status["reconciledAt"] = "2026-01-01T00:00:02Z"
        elif app["steps"] == DONE:
            app["syncing"] = False
            status.update(sync={"status": "Synced" if phase == "Succeeded" else "OutOfSync", "revision": "a" * 40,
                                "comparedTo": {"source": copy.deepcopy(app["spec"]["source"])}},
                          health={"status": health}, conditions=conditions, reconciledAt="2026-01-01T00:00:06Z")

    def create_app(self, request):
        body, name = copy.deepcopy(request.body), request.body["metadata"]["name"]
        if body["spec"]["project"] not in self.projects:
            raise Refusal(400, f"application references project {body['spec']['project']} which does not exist")
        source = body["spec"]["source"]
        if "path" in source and source["path"] not in self.paths:
            raise Refusal(400, f"application spec for {name} is invalid: InvalidSpecError: Unable to generate manifests in {source['path']}: app path does not exist")
        there = self.apps.get(name)
        if there and there["spec"] != body["spec"] and request.query.get("upsert") != "true":
            raise Refusal(400, "existing application spec is different, use upsert flag to force update")
        status = {"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"}}
        self.apps[name] = {"status": status, "steps": 0, **(there or {}), **body}  # what is changed is not looked at at once
        if body["spec"].get("syncPolicy", {}).get("automated"):
            self.begin_sync(name)
        return 200, {key: value for key, value in self.apps[name].items() if key not in ("steps", "syncing")}

    def begin_sync(self, name):
        app = self.app(name)
        if app.get("syncing"):
            raise Refusal(400, "another operation is already in progress")
        app.update(operation={"sync": {}}, syncing=True, steps=ASKED + 1)
        self.syncs.append(name)

    def sync(self, _, name):
        self.begin_sync(name)
        return 200, {key: value for key, value in self.apps[name].items() if key not in ("steps", "syncing")}

    def edit_spec(self, request, name):
        self.app(name)["spec"] = request.body
        return 200, request.body

    def drop_app(self, request, name):
        app = self.app(name)
        if request.query.get("cascade") not in ("true", "false"):
            raise Refusal(400, "cascade")
        app["metadata"]["deletionTimestamp"], app["steps"], app["syncing"] = "2026-01-01T00:00:00Z", STEPS, False
        return 200, {}

    routes = [
        ("GET", "/api/v1/session/userinfo", None, userinfo),
        ("GET", f"/api/v1/projects/{NAME}", None, get_project),
        ("POST", "/api/v1/projects", {"project!": PROJECT, "upsert": bool}, create_project),
        ("DELETE", f"/api/v1/projects/{NAME}", None, drop_project),
        ("GET", f"/api/v1/repositories/{NAME}", None, get_repository),
        ("POST", "/api/v1/repositories", REPO, create_repository),
        ("DELETE", f"/api/v1/repositories/{NAME}", None, drop_repository),
        ("GET", f"/api/v1/applications/{NAME}", None, get_app),
        ("POST", "/api/v1/applications", APP, create_app),
        ("POST", f"/api/v1/applications/{NAME}/sync", SYNC, sync),
        ("PUT", f"/api/v1/applications/{NAME}/spec", APP["spec!"], edit_spec),
        ("DELETE", f"/api/v1/applications/{NAME}", None, drop_app),
    ]


if __name__ == "__main__":
    SERVER = Server()
    sys.exit(protocol_fake.run(SERVER, sys.argv[1:], "INNOMINATUS_TEST_ARGOCD", SERVER.token))
