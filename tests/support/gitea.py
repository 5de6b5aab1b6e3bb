"""A protocol fake of Gitea; routes and members of requests are those of its OpenAPI document (templates/swagger/v1_json.tmpl): the part that the provisioner `gitea` uses, and what a test
needs to look and to change things behind its back. It holds real trees: blobs have git's own ids.

    with gitea.Server() as server:  # or gitea.Real()
        server.url, server.token, server.files("shop/web")

Run as a program it starts one, sets INNOMINATUS_TEST_GITEA_URL and _TOKEN (and _FAKE), and runs the words after it.
"""
import base64
import hashlib
import itertools
import os
import re
import sys

import protocol_fake
import protocol_relay
from protocol_fake import Refusal

TOKEN = "fake-token-of-the-platform-0123456789"
NAME = r"([^/]+)"
OWNED = rf"/api/v1/repos/{NAME}/{NAME}"
TEXTS = [str]

CREATE_ORG = {"username!": str, "full_name": str, "description": str, "email": str, "website": str, "location": str,
              "visibility": {"public", "limited", "private"}, "repo_admin_change_team_access": bool}
EDIT_ORG = {**{name: shape for name, shape in CREATE_ORG.items() if name != "username!"}}
CREATE_REPO = {"name!": str, "description": str, "private": bool, "auto_init": bool, "template": bool, "gitignores": str, "license": str, "readme": str,
               "issue_labels": str, "default_branch": str, "trust_model": str, "object_format_name": {"sha1", "sha256"}}
GENERATE = {"owner!": str, "name!": str, "description": str, "private": bool, "default_branch": str, "git_content": bool, "git_hooks": bool, "topics": bool,
            "webhooks": bool, "avatar": bool, "labels": bool, "protected_branch": bool}
EDIT_REPO = {"name": str, "description": str, "website": str, "private": bool, "default_branch": str, "template": bool, "archived": bool, "has_issues": bool,
             "has_wiki": bool, "has_pull_requests": bool, "allow_rebase": bool}
PROTECTION = {"enable_push": bool, "enable_push_whitelist": bool, "push_whitelist_usernames": TEXTS, "push_whitelist_teams": TEXTS,
              "push_whitelist_deploy_keys": bool, "enable_merge_whitelist": bool, "merge_whitelist_usernames": TEXTS, "merge_whitelist_teams": TEXTS,
              "enable_status_check": bool, "status_check_contexts": TEXTS, "required_approvals": int, "enable_approvals_whitelist": bool,
              "approvals_whitelist_username": TEXTS, "approvals_whitelist_teams": TEXTS, "block_on_rejected_reviews": bool,
              "block_on_official_review_requests": bool, "block_on_outdated_branch": bool, "dismiss_stale_approvals": bool, "ignore_stale_approvals": bool,
              "require_signed_commits": bool, "protected_file_patterns": str, "unprotected_file_patterns": str, "block_admin_merge_override": bool,
              "enable_force_push": bool, "priority": int}
KEY = {"title!": str, "key!": str, "read_only": bool}
HOOK = {"config": {"*": str}, "events": TEXTS, "branch_filter": str, "authorization_header": str, "active": bool}
KINDS = {"dingtalk", "discord", "gitea", "gogs", "msteams", "slack", "telegram", "feishu", "wechatwork", "packagist", "matrix"}
WHO = {"name": str, "email": str}
FILES = {"branch": str, "new_branch": str, "message": str, "author": WHO, "committer": WHO, "dates": dict, "signoff": bool, "force_push": bool,
         "files!": [{"operation!": {"create", "update", "upload", "rename", "delete"}, "path!": str, "content": str, "from_path": str, "sha": str}]}


def blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Looks(protocol_relay.Looks):
    """What is there, by the API."""

    @property
    def authorization(self):
        return f"token {self.token}"

    def repo(self, full):
        return self.get(f"/api/v1/repos/{full}")

    def org(self, name):
        return self.get(f"/api/v1/orgs/{name}")

    def part(self, full, what):
        """`keys`, `hooks`, `branch_protections`, or the like."""
        return self.get(f"/api/v1/repos/{full}/{what}")

    def head(self, full, branch="main"):
        return self.part(full, f"branches/{branch}")["commit"]["id"]

    def files(self, full, branch="main"):
        """{path: text}."""
        tree = self.part(full, f"git/trees/{branch}?recursive=true")["tree"]
        paths = [entry["path"] for entry in tree if entry["type"] == "blob"]
        return {path: base64.b64decode(self.part(full, f"contents/{path}?ref={branch}")["content"]).decode() for path in paths}

    def messages(self, full):
        """Of the default branch's commits, the newest first."""
        return [entry["commit"]["message"] for entry in self.part(full, "commits?limit=50&stat=false")]

    def every_org(self):
        return [org["username"] for number in range(1, 100) for org in self.get(f"/api/v1/orgs?limit=50&page={number}") or []]

    def make_org(self, name):
        assert self.ask("/api/v1/orgs", "POST", {"username": name})[0] == 201

    def make_repo(self, owner, name):
        assert self.ask(f"/api/v1/orgs/{owner}/repos", "POST", {"name": name, "auto_init": True, "default_branch": "main"})[0] == 201

    def remove(self, *owners):
        """Organisations with their repositories."""
        for owner in owners:
            for repo in self.get(f"/api/v1/orgs/{owner}/repos?limit=50") or []:
                self.ask(f"/api/v1/repos/{repo['full_name']}", "DELETE")
            self.ask(f"/api/v1/orgs/{owner}", "DELETE")


def missing():
    """Why there is no real server, None: there is one."""
    named = all(os.environ.get(f"INNOMINATUS_TEST_GITEA_{name}") for name in ("URL", "TOKEN"))
    return None if named else "INNOMINATUS_TEST_GITEA_URL and _TOKEN name no Gitea"


class Real(Looks, protocol_relay.Relay):
    """The server that the environment names."""

    hook_secrets = frozenset()  # it does not tell them

    def __init__(self):
        super().__init__(os.environ["INNOMINATUS_TEST_GITEA_URL"], os.environ["INNOMINATUS_TEST_GITEA_TOKEN"])

    @property
    def address(self):
        return self.upstream


class Repo:
    def __init__(self, number, owner, name, private, description, branch):
        self.id, self.owner, self.name, self.private, self.description, self.default = number, owner, name, private, description, branch
        self.website, self.archived, self.template = "", False, False
        self.topics, self.collaborators, self.protections, self.keys, self.hooks = [], {}, {}, {}, {}
        self.branches, self.commits = {}, {}  # name -> commit, commit -> {path: bytes}
        self.messages = []

    def commit(self, branch, files, message):
        number = hashlib.sha1(repr((self.id, branch, sorted(files), message, len(self.commits))).encode()).hexdigest()
        self.commits[number], self.branches[branch] = dict(files), number
        self.messages.append(message)
        return number

    def files(self, branch=None):
        """{path: text} of a branch."""
        return {path: content.decode() for path, content in self.commits[self.branches[branch or self.default]].items()}


class Server(Looks, protocol_fake.Fake):
    def __init__(self):
        super().__init__()
        self.token, self.login = TOKEN, "robot"
        self.users = {"robot": {"is_admin": True}}
        self.orgs, self.repos, self.org_hooks, self.numbers = {}, {}, {}, itertools.count(1)
        self.hook_secrets = set()  # all that were ever written
        self.rejections = 0  # so many commits find that somebody else's was faster

    @property
    def address(self):
        return self.url

    def authorize(self, headers):
        if headers.get("Authorization") not in (f"token {self.token}", f"Bearer {self.token}"):
            raise Refusal(401, "user does not exist [uid: 0, name: ]")
        return self.login

    def refusal(self, status, message):
        return {"message": message, "url": f"{self.url}/api/swagger"}

    # ---- what is told ----

    def user(self, login):
        return {"id": 1 + sorted(self.users).index(login), "login": login, "is_admin": self.users[login]["is_admin"], "active": True}

    def show(self, repo):
        full = f"{repo.owner}/{repo.name}"
        return {"id": repo.id, "owner": {"login": repo.owner}, "name": repo.name, "full_name": full, "description": repo.description, "website": repo.website,
                "private": repo.private, "empty": not repo.branches, "archived": repo.archived, "template": repo.template, "default_branch": repo.default,
                "html_url": f"{self.url}/{full}", "clone_url": f"{self.url}/{full}.git", "ssh_url": f"git@127.0.0.1:{full}.git"}  # `topics` are of later versions than 1.22

    def held_repo(self, owner, name):
        found = self.repos.get(f"{owner}/{name}".lower())
        if not found:
            raise Refusal(404, "The target couldn't be found.")
        return found

    def held_org(self, name):
        if name.lower() not in self.orgs:
            raise Refusal(404, "The target couldn't be found.")
        return self.orgs[name.lower()]

    @staticmethod
    def page(request, items):
        number, limit = int(request.query.get("page", 1)), min(int(request.query.get("limit", 30)), 50)
        return 200, items[(number - 1) * limit:number * limit]

    # ---- general ----

    def version(self, _):
        return 200, {"version": "1.24.0"}

    def me(self, request):
        return 200, self.user(request.token)

    def create_user(self, request):
        if request.body["username"] in self.users:
            raise Refusal(422, "user already exists")
        self.users[request.body["username"]] = {"is_admin": False}
        return 201, self.user(request.body["username"])

    # ---- organisations ----

    def create_org(self, request):
        body = request.body
        if body["username"].lower() in self.orgs or body["username"] in self.users:
            raise Refusal(422, f"user already exists [name: {body['username']}]")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", body["username"]):
            raise Refusal(422, "Username contains invalid characters")
        org = {"id": next(self.numbers), "name": body["username"], "full_name": "", "description": "", "website": "", "location": "", "email": "",
               "visibility": "public", **{key: value for key, value in body.items() if key != "username"}, "username": body["username"]}
        self.orgs[body["username"].lower()] = org
        return 201, org

    def list_orgs(self, request):
        return self.page(request, list(self.orgs.values()))

    def get_org(self, _, name):
        return 200, self.held_org(name)

    def edit_org(self, request, name):  # texts that are not mentioned become empty
        self.held_org(name).update({**{key: "" for key in ("full_name", "description", "website", "location")}, **request.body})
        return 200, self.held_org(name)

    def drop_org(self, _, name):
        self.held_org(name)
        if any(repo.owner.lower() == name.lower() for repo in self.repos.values()):
            raise Refusal(500, "user still has ownership of repositories")
        del self.orgs[name.lower()]
        return 204, None

    def org_repos(self, request, name):
        self.held_org(name)
        return self.page(request, [self.show(repo) for repo in self.repos.values() if repo.owner.lower() == name.lower()])

    # ---- repositories ----

    def make(self, owner, body, source=None):
        key = f"{owner}/{body['name']}".lower()
        if key in self.repos:
            raise Refusal(409, "The repository with the same name already exists.")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", body["name"]):
            raise Refusal(422, "name contains invalid characters")
        repo = Repo(next(self.numbers), owner, body["name"], body.get("private", False), body.get("description", ""), body.get("default_branch") or "main")
        if source:
            repo.commit(repo.default, source.commits[source.branches[source.default]], "Initial commit")
        elif body.get("auto_init"):
            repo.commit(repo.default, {"README.md": f"# {repo.name}\n".encode()}, "Initial commit")
        self.repos[key] = repo
        return 201, self.show(repo)

    def create_org_repo(self, request, name):
        return self.make(self.held_org(name)["name"], request.body)

    def create_own_repo(self, request):
        return self.make(request.token, request.body)

    def generate(self, request, owner, name):
        source = self.held_repo(owner, name)
        if not source.template:
            raise Refusal(422, "this is not a template repo")
        if request.body["owner"].lower() not in self.orgs and request.body["owner"] not in self.users:
            raise Refusal(404, "request owner does not exist")
        return self.make(request.body["owner"], request.body, source)

    def get_repo(self, _, owner, name):
        return 200, self.show(self.held_repo(owner, name))

    def edit_repo(self, request, owner, name):
        repo, body = self.held_repo(owner, name), request.body
        if "default_branch" in body and (not repo.branches or body["default_branch"] in repo.branches):
            repo.default = body["default_branch"]
        for key in ("description", "website", "private", "archived", "template"):
            setattr(repo, key, body.get(key, getattr(repo, key)))
        if "name" in body:
            del self.repos[f"{owner}/{name}".lower()]
            repo.name = body["name"]
            self.repos[f"{owner}/{repo.name}".lower()] = repo
        return 200, self.show(repo)

    def drop_repo(self, _, owner, name):
        self.held_repo(owner, name)
        del self.repos[f"{owner}/{name}".lower()]
        return 204, None

    def get_topics(self, _, owner, name):
        return 200, {"topics": list(self.held_repo(owner, name).topics)}

    def set_topics(self, request, owner, name):
        topics = request.body["topics"]
        bad = [topic for topic in topics if not re.fullmatch(r"[a-z0-9][-.a-z0-9]{0,34}", topic)]
        if bad or len(topics) > 25:
            raise Refusal(422, "Topic names are invalid" if bad else "Exceeding maximum number of topics per repo")
        self.held_repo(owner, name).topics = list(dict.fromkeys(topics))
        return 204, None

    def collaborators(self, request, owner, name):
        return self.page(request, [self.user(login) for login in self.held_repo(owner, name).collaborators])

    def permission(self, _, owner, name, login):
        repo = self.held_repo(owner, name)
        if login not in self.users:
            raise Refusal(404, "user does not exist")
        return 200, {"permission": repo.collaborators.get(login, "none"), "role_name": "", "user": self.user(login)}

    def add_collaborator(self, request, owner, name, login):
        if login not in self.users:
            raise Refusal(422, "user does not exist")
        self.held_repo(owner, name).collaborators[login] = (request.body or {}).get("permission", "write")
        return 204, None

    def drop_collaborator(self, _, owner, name, login):
        self.held_repo(owner, name).collaborators.pop(login, None)
        return 204, None

    # ---- branches ----

    def get_branch(self, _, owner, name, branch):
        repo = self.held_repo(owner, name)
        if branch not in repo.branches:
            raise Refusal(404, "The target couldn't be found.")
        return 200, {"name": branch, "commit": {"id": repo.branches[branch]}, "protected": branch in repo.protections}

    def create_branch(self, request, owner, name):
        repo, body = self.held_repo(owner, name), request.body
        if body["new_branch_name"] in repo.branches:
            raise Refusal(409, "The branch already exists.")
        old = body.get("old_ref_name") or body.get("old_branch_name") or repo.default
        if old not in repo.branches:
            raise Refusal(404, "The old branch does not exist.")
        repo.branches[body["new_branch_name"]] = repo.branches[old]
        return 201, {"name": body["new_branch_name"], "commit": {"id": repo.branches[old]}}

    def protections(self, request, owner, name):  # this list has no pages
        self.held_repo(owner, name)
        return 200, list(self.held_repo(owner, name).protections.values())

    def protect(self, request, owner, name):
        repo, body = self.held_repo(owner, name), dict(request.body)
        rule = body.get("rule_name") or body.get("branch_name")
        if not rule:
            raise Refusal(422, "both branch_name and rule_name are empty")
        if rule in repo.protections:
            raise Refusal(403, "Branch protection already exist")
        self.known_users(body)
        empty = {key: [] if shape is TEXTS else False if shape is bool else 0 if shape is int else "" for key, shape in PROTECTION.items()}
        repo.protections[rule] = {**empty, **body, "rule_name": rule, "branch_name": rule}
        return 201, repo.protections[rule]

    def known_users(self, body):
        for key in ("push_whitelist_usernames", "merge_whitelist_usernames"):
            for login in body.get(key, []):
                if login not in self.users:
                    raise Refusal(422, f"user does not exist [uid: 0, name: {login}]")

    def rule(self, owner, name, rule):
        repo = self.held_repo(owner, name)
        if rule not in repo.protections:
            raise Refusal(404, "The target couldn't be found.")
        return repo.protections[rule]

    def get_protection(self, _, owner, name, rule):
        return 200, self.rule(owner, name, rule)

    def edit_protection(self, request, owner, name, rule):
        self.known_users(request.body)
        self.rule(owner, name, rule).update(request.body)
        return 200, self.rule(owner, name, rule)

    def drop_protection(self, _, owner, name, rule):
        self.rule(owner, name, rule)
        del self.held_repo(owner, name).protections[rule]
        return 204, None

    # ---- keys and hooks ----

    def get_keys(self, request, owner, name):
        return self.page(request, list(self.held_repo(owner, name).keys.values()))

    def add_key(self, request, owner, name):
        repo, body = self.held_repo(owner, name), request.body
        kind, material = (body["key"].split() + ["", ""])[:2]
        if kind != "ssh-ed25519" or len(material) != 68 or not re.fullmatch(r"AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}", material):  # the only kind that tests have
            raise Refusal(422, "Invalid key content: extractTypeFromBase64Key: invalid key format: not enough length 51")
        if any(key["key"] == f"{kind} {material}" for key in repo.keys.values()):
            raise Refusal(422, "This key has already been added to this repository")
        if any(key["title"] == body["title"] for key in repo.keys.values()):
            raise Refusal(422, "Key title has been used already")
        number = next(self.numbers)
        digest = base64.b64encode(hashlib.sha256(material.encode()).digest()).decode().rstrip("=")
        repo.keys[number] = {"id": number, "key_id": number, "key": f"{kind} {material}", "title": body["title"], "fingerprint": f"SHA256:{digest}",
                             "read_only": body.get("read_only", False)}
        return 201, repo.keys[number]

    def drop_key(self, _, owner, name, number):
        if self.held_repo(owner, name).keys.pop(int(number), None) is None:
            raise Refusal(404, "The target couldn't be found.")
        return 204, None

    def hooks_of(self, owner, name=None):
        if name is None:
            return self.held_org(owner) and self.org_hooks.setdefault(owner.lower(), {})
        return self.held_repo(owner, name).hooks

    @staticmethod
    def show_hook(hook):
        return {**hook, "config": {key: value for key, value in hook["config"].items() if key != "secret"}}

    @staticmethod
    def single_events(events):
        """Words that it does not know are ignored."""
        issues = ["issue_assign", "issue_label", "issue_milestone", "issue_comment"]
        pulls = ["pull_request_assign", "pull_request_label", "pull_request_milestone", "pull_request_comment", "pull_request_sync", "pull_request_review_request"]
        reviews = ["pull_request_review_approved", "pull_request_review_rejected"]
        several = {"issues": ["issues", *issues], "issues_only": ["issues"], "pull_request_only": ["pull_request"], "pull_request_review": reviews,
                   "pull_request_comment": ["pull_request_comment", "pull_request_review_comment"],
                   "pull_request": ["pull_request", *pulls, *reviews, "pull_request_review_comment"]}
        known = {"create", "delete", "fork", "push", "wiki", "repository", "release", *issues, *pulls}
        return list(dict.fromkeys(single for event in events or ["push"] for single in several.get(event, [event] if event in known else [])))

    def get_hooks(self, request, *place):
        return self.page(request, [self.show_hook(hook) for hook in self.hooks_of(*place).values()])

    def add_hook(self, request, *place):
        body = request.body
        for key in ("url", "content_type"):
            if key not in body["config"]:
                raise Refusal(422, f"Missing config option: {key}")
        if body["config"]["content_type"] not in ("json", "form"):
            raise Refusal(422, "Invalid content type")
        number = next(self.numbers)
        hook = {"id": number, "type": body["type"], "config": dict(body["config"]), "events": self.single_events(body.get("events")),
                "branch_filter": body.get("branch_filter", ""), "active": body.get("active", False), "authorization_header": body.get("authorization_header", "")}
        self.hooks_of(*place)[number] = hook
        self.hook_secrets.add(hook["config"].get("secret", ""))
        return 201, self.show_hook(hook)

    def edit_hook(self, request, *place):
        *place, number = place
        hook, body = self.hooks_of(*place).get(int(number)), request.body
        if not hook:
            raise Refusal(404, "The target couldn't be found.")
        hook["config"].update({key: value for key, value in body.get("config", {}).items() if key != "secret"})  # a secret stays as it was made
        hook["events"] = self.single_events(body.get("events"))
        hook["branch_filter"] = body.get("branch_filter", "")
        hook["active"] = body.get("active", hook["active"])
        hook["authorization_header"] = body.get("authorization_header", "")
        return 200, self.show_hook(hook)

    def drop_hook(self, _, *place):
        *place, number = place
        if self.hooks_of(*place).pop(int(number), None) is None:
            raise Refusal(404, "The target couldn't be found.")
        return 204, None

    # ---- contents ----

    def commits(self, request, owner, name):
        repo = self.held_repo(owner, name)
        return self.page(request, [{"sha": "", "commit": {"message": message}} for message in reversed(repo.messages)])

    def tree(self, request, owner, name, commit):
        repo = self.held_repo(owner, name)
        commit = repo.branches.get(commit, commit)
        if commit not in repo.commits:
            raise Refusal(404, "The target couldn't be found.")
        entries = [{"path": path, "mode": "100644", "type": "blob", "size": len(content), "sha": blob(content), "url": ""}
                   for path, content in sorted(repo.commits[commit].items())]
        number, limit = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 1000)), 1000)
        return 200, {"sha": commit, "url": "", "tree": entries[(number - 1) * limit:number * limit], "truncated": number * limit < len(entries), "page": number,
                     "total_count": len(entries)}

    def get_content(self, request, owner, name, path):
        repo = self.held_repo(owner, name)
        branch = request.query.get("ref", repo.default)
        content = repo.commits.get(repo.branches.get(branch), {}).get(path)
        if content is None:
            raise Refusal(404, "The target couldn't be found.")
        return 200, {"path": path, "type": "file", "sha": blob(content), "encoding": "base64", "content": base64.b64encode(content).decode()}

    def change_files(self, request, owner, name):
        repo, body = self.held_repo(owner, name), request.body
        old = body.get("branch") or repo.default
        new = body.get("new_branch") or old
        if repo.archived:
            raise Refusal(423, "repo is archived")
        if repo.branches and old not in repo.branches:
            raise Refusal(404, f"branch does not exist [name: {old}]")
        if new != old and new in repo.branches:
            raise Refusal(422, f"branch already exists [name: {new}]")
        rule = repo.protections.get(new)
        if rule and not (rule["enable_push"] and (not rule["enable_push_whitelist"] or request.token in rule["push_whitelist_usernames"])):
            raise Refusal(403, f"user cannot commit to repo [user: {request.token}]")
        files = dict(repo.commits.get(repo.branches.get(old), {}))
        for change in body["files"]:
            path, there = change["path"], files.get(change["path"])
            if any(part in ("", ".", "..", ".git") for part in path.split("/")):
                raise Refusal(422, f"path contains a malformed path component [path: {path}]")
            if change["operation"] == "create":
                if there is not None:
                    raise Refusal(422, f"repository file already exists [path: {path}]")
            elif there is None:
                raise Refusal(404, f"repository file does not exist [path: {path}]")
            elif "sha" not in change:
                raise Refusal(422, "a SHA or commit ID must be proved when updating a file")
            elif change["sha"] != blob(there):
                raise Refusal(422, f"sha does not match [given: {change['sha']}, expected: {blob(there)}]")
            if change["operation"] == "delete":
                del files[path]
            else:
                files[path] = base64.b64decode(change.get("content", ""), validate=True)
        if self.rejections:
            self.rejections -= 1
            theirs = {**repo.commits.get(repo.branches.get(old), {}), "theirs": str(self.rejections).encode()}
            repo.commit(old, theirs, "By somebody else")
            raise Refusal(500, "PushRejected Error: exit status 1 - remote: error: cannot lock ref 'refs/heads/main': is at 0 but expected 1")
        number = repo.commit(new, files, body.get("message", ""))
        if repo.default not in repo.branches:
            repo.default = new
        return 201, {"files": [None for _ in body["files"]], "commit": {"sha": number, "html_url": f"{self.url}/{owner}/{name}/commit/{number}"}}

    routes = [
        ("GET", "/api/v1/version", None, version),
        ("GET", "/api/v1/user", None, me),
        ("POST", "/api/v1/admin/users", {"username!": str, "email!": str, "password": str, "must_change_password": bool}, create_user),
        ("POST", "/api/v1/user/repos", CREATE_REPO, create_own_repo),
        ("POST", "/api/v1/orgs", CREATE_ORG, create_org),
        ("GET", "/api/v1/orgs", None, list_orgs),
        ("GET", f"/api/v1/orgs/{NAME}", None, get_org),
        ("PATCH", f"/api/v1/orgs/{NAME}", EDIT_ORG, edit_org),
        ("DELETE", f"/api/v1/orgs/{NAME}", None, drop_org),
        ("GET", f"/api/v1/orgs/{NAME}/repos", None, org_repos),
        ("POST", f"/api/v1/orgs/{NAME}/repos", CREATE_REPO, create_org_repo),
        ("GET", f"/api/v1/orgs/{NAME}/hooks", None, get_hooks),
        ("POST", f"/api/v1/orgs/{NAME}/hooks", {**HOOK, "type!": KINDS, "config!": {"*": str}}, add_hook),
        ("PATCH", f"/api/v1/orgs/{NAME}/hooks/(\\d+)", HOOK, edit_hook),
        ("DELETE", f"/api/v1/orgs/{NAME}/hooks/(\\d+)", None, drop_hook),
        ("GET", OWNED, None, get_repo),
        ("PATCH", OWNED, EDIT_REPO, edit_repo),
        ("DELETE", OWNED, None, drop_repo),
        ("POST", f"{OWNED}/generate", GENERATE, generate),
        ("GET", f"{OWNED}/topics", None, get_topics),
        ("PUT", f"{OWNED}/topics", {"topics!": TEXTS}, set_topics),
        ("GET", f"{OWNED}/collaborators", None, collaborators),
        ("GET", f"{OWNED}/collaborators/{NAME}/permission", None, permission),
        ("PUT", f"{OWNED}/collaborators/{NAME}", {"permission": {"read", "write", "admin"}}, add_collaborator),
        ("DELETE", f"{OWNED}/collaborators/{NAME}", None, drop_collaborator),
        ("POST", f"{OWNED}/branches", {"new_branch_name!": str, "old_branch_name": str, "old_ref_name": str}, create_branch),
        ("GET", f"{OWNED}/branches/(.+)", None, get_branch),
        ("GET", f"{OWNED}/branch_protections", None, protections),
        ("POST", f"{OWNED}/branch_protections", {**PROTECTION, "rule_name": str, "branch_name": str}, protect),
        ("GET", f"{OWNED}/branch_protections/{NAME}", None, get_protection),
        ("PATCH", f"{OWNED}/branch_protections/{NAME}", PROTECTION, edit_protection),
        ("DELETE", f"{OWNED}/branch_protections/{NAME}", None, drop_protection),
        ("GET", f"{OWNED}/keys", None, get_keys),
        ("POST", f"{OWNED}/keys", KEY, add_key),
        ("DELETE", f"{OWNED}/keys/(\\d+)", None, drop_key),
        ("GET", f"{OWNED}/hooks", None, get_hooks),
        ("POST", f"{OWNED}/hooks", {**HOOK, "type!": KINDS, "config!": {"*": str}}, add_hook),
        ("PATCH", f"{OWNED}/hooks/(\\d+)", HOOK, edit_hook),
        ("DELETE", f"{OWNED}/hooks/(\\d+)", None, drop_hook),
        ("GET", f"{OWNED}/commits", None, commits),
        ("GET", f"{OWNED}/git/trees/{NAME}", None, tree),
        ("GET", f"{OWNED}/contents/(.+)", None, get_content),
        ("POST", f"{OWNED}/contents", FILES, change_files),
    ]


if __name__ == "__main__":
    SERVER = Server()
    sys.exit(protocol_fake.run(SERVER, sys.argv[1:], "INNOMINATUS_TEST_GITEA", SERVER.token))
