"""The real Argo CD that the environment names, with what it needs: a repository in the real Gitea, and the Kubernetes API server that it works for.

    INNOMINATUS_TEST_ARGOCD_URL, _TOKEN, INNOMINATUS_TEST_GITEA_URL, _TOKEN, INNOMINATUS_TEST_KUBECONFIG (the cluster in which Argo CD has its objects, in the namespace argocd)
"""
import base64
import os
import time

import gitea
import kube
import protocol_relay

SECONDS = 120
ARGO = "/apis/argoproj.io/v1alpha1/namespaces/argocd"
SECRETS = "/api/v1/namespaces/argocd/secrets"
NAMED = ("INNOMINATUS_TEST_ARGOCD_URL", "INNOMINATUS_TEST_ARGOCD_TOKEN", "INNOMINATUS_TEST_GITEA_URL", "INNOMINATUS_TEST_GITEA_TOKEN", "INNOMINATUS_TEST_KUBECONFIG")
JSONNET = """{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'made-by-' + std.extVar('thing')}, data: {greeting: 'hello'}}\n"""
PONY = "apiVersion: example.com/v1\nkind: Pony\nmetadata:\n  name: no-such-kind\n"


def missing():
    """Why there is none, None: there is one."""
    absent = [name for name in NAMED if not os.environ.get(name)]
    return f"{', '.join(absent)}: not set" if absent else None


def config_map(name, greeting):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  greeting: {greeting}\n"


class Real(protocol_relay.Looks, protocol_relay.Relay):
    """`space`: the namespace that applications go to; made here, and removed."""

    def __init__(self, owner="shop", space="shop-development"):
        super().__init__(os.environ["INNOMINATUS_TEST_ARGOCD_URL"], os.environ["INNOMINATUS_TEST_ARGOCD_TOKEN"])
        self.git, self.owner, self.space = gitea.Real(), owner, space
        self.cluster_url, self.cluster_token, self.cluster_ca = kube.real()
        self.cluster = kube.Client(self.cluster_url, self.cluster_token, self.cluster_ca)
        self.repo = f"{owner}/deploy"
        self.repo_url = f"{self.git.address}/{self.repo}.git"

    @property
    def address(self):
        return self.upstream

    @property
    def authorization(self):
        return f"Bearer {self.token}"

    def __enter__(self):
        super().__enter__()
        self.remove()
        self.git.remove(self.owner)
        self.git.make_org(self.owner)
        self.git.make_repo(self.owner, "deploy")
        self.git.ask(f"/api/v1/repos/{self.repo}", "PATCH", {"private": True})
        self.write({"apps/shop/a.yaml": config_map("one", "hello"), "apps/other/a.yaml": config_map("two", "hello"), "apps/each/a.jsonnet": JSONNET})
        self.cluster("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.space}})
        return self

    def __exit__(self, *error):
        self.remove()
        self.cluster("DELETE", f"/api/v1/namespaces/{self.space}")
        self.wait(lambda: self.cluster("GET", f"/api/v1/namespaces/{self.space}")[0] == 404)
        self.git.remove(self.owner)
        super().__exit__(*error)

    @staticmethod
    def wait(condition):
        until = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.2)

    def write(self, files):
        """Files of the repository in one commit; None removes one."""
        changes = []
        for path, text in files.items():
            there = self.git.part(self.repo, f"contents/{path}")
            change = {"operation": "delete" if text is None else "update" if there else "create", "path": path, **({"sha": there["sha"]} if there else {})}
            changes.append({**change, **({} if text is None else {"content": base64.b64encode(text.encode()).decode()})})
        status, answer = self.git.ask(f"/api/v1/repos/{self.repo}/contents", "POST", {"branch": "main", "files": changes})
        assert status == 201, answer

    def head(self):
        return self.git.head(self.repo)

    def app(self, name):
        return self.get(f"/api/v1/applications/{name}")

    def maps(self):
        """{name: greeting} of what applications have made."""
        found = self.cluster.items(f"/api/v1/namespaces/{self.space}/configmaps")
        return {item["metadata"]["name"]: item["data"]["greeting"] for item in found if "greeting" in item.get("data", {})}

    def of_test(self):
        """[(what it is called, its path)] of all that a test has made in Argo CD."""
        apps = [item for item in self.cluster.items(f"{ARGO}/applications") if item["spec"]["project"] == self.owner]
        projects = [item for item in self.cluster.items(f"{ARGO}/appprojects") if item["metadata"]["name"].startswith(self.owner)]
        url = base64.b64encode(self.repo_url.encode()).decode()
        secrets = [item for item in self.cluster.items(f"{SECRETS}?labelSelector=argocd.argoproj.io/secret-type=repository") if item["data"]["url"] == url]
        lists = {f"{ARGO}/applications": apps, f"{ARGO}/appprojects": projects, SECRETS: secrets}
        return [(f"{path.rsplit('/', 1)[1]}/{item['metadata']['name']}", f"{path}/{item['metadata']['name']}") for path, items in lists.items() for item in items]

    def left(self):
        """All that is of a test: nothing, in the end."""
        return sorted([name for name, _ in self.of_test()] + list(self.maps()))

    def remove(self):
        """What a test that failed has left."""
        for _, path in self.of_test():
            self.cluster("PATCH", path, {"metadata": {"finalizers": None}}, "application/merge-patch+json")
            self.cluster("DELETE", path)
