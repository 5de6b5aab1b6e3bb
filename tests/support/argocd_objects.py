"""Argo CD as its custom resources show it: the fake of a Kubernetes API server with Argo CD's controller, which works when somebody looks. A sync is an `operation` that is taken away when it begins; until it has
ended and the application is looked at again, the status is that of before. What a sync makes is a ConfigMap "made-by-NAME"; it goes with the application when the finalizer is there. A ConfigMap "broken" fails every sync.

Run as a program it runs the words after it as kube.py does.
"""
import copy
import sys

import kube
import kube_fake

kube_fake.KINDS.update({"applications": ("argoproj.io/v1alpha1", "Application", True), "appprojects": ("argoproj.io/v1alpha1", "AppProject", True)})
SPACE, FINALIZER = "argocd", "resources-finalizer.argocd.argoproj.io"


class Fake(kube_fake.Fake):
    def __init__(self):
        super().__init__()
        self.syncing, self.syncs = {}, []
        self.put("namespaces", None, SPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})

    def controllers(self, plural, ns, name):
        obj = self.objects.get((plural, ns, name))
        going, kept = obj and "deletionTimestamp" in obj["metadata"], obj and FINALIZER in obj["metadata"].get("finalizers", [])
        if going and kept and plural == "appprojects" and any(key[0] == "applications" and app["spec"]["project"] == name for key, app in self.objects.items()):
            return
        if obj and plural == "applications" and not going:
            self.go_on(obj, name)
        super().controllers(plural, ns, name)
        if going and kept and plural == "applications" and (plural, ns, name) not in self.objects:
            self.objects.pop(("configmaps", SPACE, f"made-by-{name}"), None)

    def go_on(self, app, name):
        status, source = app.setdefault("status", {"sync": {"status": "OutOfSync"}, "health": {"status": "Missing"}}), copy.deepcopy(app["spec"]["source"])
        if ("appprojects", SPACE, app["spec"]["project"]) not in self.objects:
            if app.pop("operation", None):
                status["operationState"] = {"phase": "Error", "message": "no project", "finishedAt": "2026-01-01T00:00:05Z"}
            status["conditions"] = [{"type": "InvalidSpecError", "message": f"Application referencing project {app['spec']['project']} which does not exist"}]
            return
        if "automated" in app["spec"].get("syncPolicy", {}) and status["sync"].get("comparedTo", {}).get("source") != source:
            app.setdefault("operation", {"sync": {}})
        if "operation" in app and name not in self.syncing:
            self.syncing[name] = 0
            self.syncs.append((name, app["operation"]))
            return
        if name not in self.syncing:
            return
        self.syncing[name] += 1
        failed = ("configmaps", SPACE, "broken") in self.objects
        if self.syncing[name] == 1:
            del app["operation"]
            status["operationState"] = {"phase": "Running", "startedAt": "2026-01-01T00:00:00Z"}
        elif self.syncing[name] == 2:
            status["operationState"] = {"phase": "Failed" if failed else "Succeeded", "message": "one or more objects failed to apply" if failed else "", "finishedAt": "2026-01-01T00:00:05Z"}
            status["reconciledAt"] = "2026-01-01T00:00:02Z"
            if not failed:
                made = f"made-by-{name}"
                self.put("configmaps", SPACE, made, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": made, "namespace": SPACE}})
        else:
            del self.syncing[name]
            status.update(sync={"status": "OutOfSync" if failed else "Synced", "revision": "a" * 40, "comparedTo": {"source": source}},
                          health={"status": "Degraded" if failed else "Healthy"}, conditions=[], reconciledAt="2026-01-01T00:00:06Z")


if __name__ == "__main__":
    sys.exit(kube.run(sys.argv[1:], Fake()))
