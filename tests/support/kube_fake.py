"""A fake of the Kubernetes API server for tests: what its OpenAPI document and documentation promise, as far as the provisioner relies on it.

Server-side apply with field managers, conflicts with causes, forced ownership and removal of fields that an applier has dropped; dry run; foreground deletion that takes
a moment; namespaces that go with what is in them; quotas; defaults and other spellings of quantities; events; 401, 403, 404, 409 and 422 as Status objects. Deployments get
ready a step a look, never when their image is called broken.
/_fake/fail {count, status, message}: the next requests fail. /_fake/requests: what was asked.
"""
import copy
import datetime
import http.server
import json
import re
import ssl
import sys
import threading
import urllib.parse
import uuid

KINDS = {  # plural: (apiVersion, kind, namespaced)
    "configmaps": ("v1", "ConfigMap", True), "secrets": ("v1", "Secret", True), "services": ("v1", "Service", True), "serviceaccounts": ("v1", "ServiceAccount", True),
    "persistentvolumeclaims": ("v1", "PersistentVolumeClaim", True), "pods": ("v1", "Pod", True), "events": ("v1", "Event", True),
    "resourcequotas": ("v1", "ResourceQuota", True), "limitranges": ("v1", "LimitRange", True), "namespaces": ("v1", "Namespace", False),
    "deployments": ("apps/v1", "Deployment", True), "replicasets": ("apps/v1", "ReplicaSet", True), "statefulsets": ("apps/v1", "StatefulSet", True),
    "daemonsets": ("apps/v1", "DaemonSet", True), "jobs": ("batch/v1", "Job", True), "ingresses": ("networking.k8s.io/v1", "Ingress", True),
    "networkpolicies": ("networking.k8s.io/v1", "NetworkPolicy", True), "roles": ("rbac.authorization.k8s.io/v1", "Role", True),
    "rolebindings": ("rbac.authorization.k8s.io/v1", "RoleBinding", True), "widgets": ("example.com/v1", "Widget", True),
}
ITEM_KEYS = ("name", "containerPort", "port", "mountPath", "host", "path")
PATH = re.compile(r"^/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+/[^/]+))(?:/namespaces/(?P<ns>[^/]+)(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?$")
TOKENS = {"admin-token": "admin", "dev-token": "dev"}


class Refusal(Exception):
    def __init__(self, status, reason, message, causes=None):
        super().__init__(message)
        self.status, self.reason, self.message, self.causes = status, reason, message, causes


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- fields and who owns them ----

def item_key(item):
    if isinstance(item, dict):
        for key in ITEM_KEYS:
            if key in item:
                return json.dumps({key: item[key]}, separators=(",", ":"))
    return None


def leaves(value, path=()):
    """{path: value} of everything that can be owned."""
    if isinstance(value, dict) and value:
        found = {}
        for key, member in value.items():
            found.update(leaves(member, path + ("f:" + key,)))
        return found
    if isinstance(value, list) and value and all(item_key(item) for item in value):
        found = {}
        for item in value:
            found.update(leaves(item, path + ("k:" + item_key(item),)))
        return found
    return {path: value}


def owned_leaves(obj):
    kept = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "status")}
    metadata = {key: value for key, value in kept.get("metadata", {}).items() if key in ("labels", "annotations")}
    kept["metadata"] = metadata
    return {path: value for path, value in leaves(kept).items() if path != ("f:metadata",)}


def step_into(value, part, make):
    if part.startswith("f:"):
        if not isinstance(value, dict):
            return None
        return value.setdefault(part[2:], {}) if make else value.get(part[2:])
    for item in value if isinstance(value, list) else []:
        if item_key(item) == part[2:]:
            return item
    return None


def remove_leaf(obj, path):
    chain = [obj]
    for part in path[:-1]:
        chain.append(step_into(chain[-1], part, False))
        if chain[-1] is None:
            return
    if len(path) > 1 and path[-2].startswith("k:") and path[-1][2:] in json.loads(path[-2][2:]):  # the item itself
        chain[-2][:] = [item for item in chain[-2] if item is not chain[-1]]
        chain.pop()
    elif isinstance(chain[-1], dict):
        chain[-1].pop(path[-1][2:], None)
    for at in range(len(chain) - 1, 0, -1):  # what is empty now goes too
        value, part = chain[at], path[at - 1]
        if value or not isinstance(chain[at - 1], (dict, list)):
            break
        if part.startswith("f:"):
            chain[at - 1].pop(part[2:], None)
        else:
            chain[at - 1][:] = [item for item in chain[at - 1] if item is not value]


def merge(live, wanted):
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(live.get(key), dict):
            merge(live[key], value)
        elif isinstance(value, list) and value and all(item_key(item) for item in value) and isinstance(live.get(key), list):
            for item in value:
                there = next((other for other in live[key] if item_key(other) == item_key(item)), None)
                if there is None:
                    live[key].append(copy.deepcopy(item))
                else:
                    merge(there, item)
        else:
            live[key] = copy.deepcopy(value)


def human(path):
    return "".join("." + part[2:] if part.startswith("f:") else "[" + ",".join(f"{k}={json.dumps(v)}" for k, v in json.loads(part[2:]).items()) + "]" for part in path)


# ---- what a server makes of an object ----

def canonical(text):
    match = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))
    if not match:
        raise Refusal(422, "Invalid", f"quantities must match the regular expression: {text!r}")
    number, unit = float(match[1]), match[2]
    if unit == "" and number != int(number):
        return f"{round(number * 1000)}m"
    binary = ["Ki", "Mi", "Gi", "Ti"]
    if unit in binary[1:] and number != int(number):
        return f"{int(number * 1024)}{binary[binary.index(unit) - 1]}"
    return str(text) if number != int(number) else f"{int(number)}{unit}"


def default_containers(pod):
    for container in pod.get("containers", []) + pod.get("initContainers", []):
        container.setdefault("imagePullPolicy", "IfNotPresent")
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        if "livenessProbe" in container:
            container["livenessProbe"].setdefault("periodSeconds", 10)
            container["livenessProbe"].get("httpGet", {}).setdefault("scheme", "HTTP")
        for side in container.get("resources", {}).values():
            for name in side:
                side[name] = canonical(side[name])
        for port in container.get("ports", []):
            port.setdefault("protocol", "TCP")
    pod.setdefault("restartPolicy", "Always")
    pod.setdefault("dnsPolicy", "ClusterFirst")


def add_defaults(obj):
    spec = obj.get("spec", {})
    if obj["kind"] == "Deployment":
        spec.setdefault("replicas", 1)
        spec.setdefault("strategy", {}).setdefault("type", "RollingUpdate")
        spec.setdefault("progressDeadlineSeconds", 600)
        default_containers(spec["template"]["spec"])
    elif obj["kind"] == "Service":
        spec.setdefault("type", "ClusterIP")
        spec.setdefault("clusterIP", "10.96.0.10")
    elif obj["kind"] == "PersistentVolumeClaim":
        spec["resources"]["requests"]["storage"] = canonical(spec["resources"]["requests"]["storage"])
        obj.setdefault("status", {"phase": "Pending"})
    elif obj["kind"] == "Namespace":
        obj.setdefault("status", {"phase": "Active"})


def validate(obj, live):
    name, causes = obj["metadata"]["name"], []
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", name) or len(name) > 253:
        causes.append(("metadata.name", f"Invalid value: {name!r}"))
    if obj["kind"] == "Deployment":
        labels, selector = obj["spec"].get("template", {}).get("metadata", {}).get("labels", {}), obj["spec"].get("selector", {}).get("matchLabels", {})
        if not selector or any(labels.get(key) != value for key, value in selector.items()):
            causes.append(("spec.template.metadata.labels", "Invalid value: `selector` does not match template `labels`"))
        if live and live["spec"]["selector"] != obj["spec"]["selector"]:
            causes.append(("spec.selector", "field is immutable"))
        for container in obj["spec"]["template"]["spec"].get("containers", []):
            if "livenessProbe" in container and "port" not in container["livenessProbe"].get("httpGet", {}):
                causes.append(("spec.template.spec.containers[0].livenessProbe.httpGet.port", "Invalid value: 0: must be between 1 and 65535, inclusive"))
        if not obj["spec"]["template"]["spec"].get("containers"):
            causes.append(("spec.template.spec.containers", "Required value"))
    if obj["kind"] == "PersistentVolumeClaim" and live and live["spec"].get("storageClassName") != obj["spec"].get("storageClassName"):
        causes.append(("spec", "Forbidden: spec is immutable after creation except resources.requests for bound claims"))
    if causes:
        raise Refusal(422, "Invalid", f"{obj['kind']} {name!r} is invalid: " + "; ".join(": ".join(cause) for cause in causes), causes)


class Fake:
    def __init__(self):
        self.lock = threading.RLock()
        self.objects, self.owners, self.looks = {}, {}, {}
        self.version, self.failures, self.requests, self.hold = 1, [], [], False
        self.instant = False  # what is asked for is done at once
        self.put("namespaces", None, "default", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})

    def put(self, plural, ns, name, obj):
        self.version += 1
        metadata = obj.setdefault("metadata", {})
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("creationTimestamp", now())
        metadata["resourceVersion"] = str(self.version)
        add_defaults(obj)
        self.objects[plural, ns, name] = obj

    def event(self, ns, kind, name, reason, message, warning=False):
        for (plural, where, _), obj in self.objects.items():
            if plural == "events" and where == ns and obj["involvedObject"] == {"kind": kind, "name": name} and obj["reason"] == reason:
                obj["count"] += 1
                return
        event = f"{name}.{uuid.uuid4().hex[:12]}"
        self.put("events", ns, event, {"apiVersion": "v1", "kind": "Event", "metadata": {"name": event, "namespace": ns}, "involvedObject": {"kind": kind, "name": name},
                                       "reason": reason, "message": message, "type": "Warning" if warning else "Normal", "count": 1})

    # ---- controllers: they work when somebody looks ----

    def controllers(self, plural, ns, name):
        obj = self.objects.get((plural, ns, name))
        if obj is None:
            return
        if "deletionTimestamp" in obj["metadata"]:
            self.looks[plural, ns, name] = self.looks.get((plural, ns, name), 0) + 1
            if self.looks[plural, ns, name] > 2:
                self.forget(plural, ns, name)
        elif plural == "deployments":
            self.roll_out(obj, ns, name)

    def forget(self, plural, ns, name):
        for key in [key for key in self.objects if key == (plural, ns, name) or (plural == "namespaces" and key[1] == name)]:
            for kept in (self.objects, self.owners, self.looks):
                kept.pop(key, None)

    def roll_out(self, obj, ns, name):
        generation, spec, status = obj["metadata"].get("generation", 1), obj["spec"], obj.setdefault("status", {})
        images = " ".join(c["image"] for c in spec["template"]["spec"]["containers"])
        if status.get("observedGeneration") != generation:
            status.clear()
            status.update(observedGeneration=generation, replicas=spec["replicas"], updatedReplicas=spec["replicas"], unavailableReplicas=spec["replicas"])
            self.event(ns, "Deployment", name, "ScalingReplicaSet", f"Scaled up replica set {name}-5d4f to {spec['replicas']}")
            status["seen"] = 1
            if not self.instant:
                return
        if "broken" in images:
            status["seen"] += 1
            self.event(ns, "Pod", f"{name}-5d4f-x2x", "Failed", f'Failed to pull image "{images}"', True)
            if status["seen"] > 3:
                status["conditions"] = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                                         "message": f'ReplicaSet "{name}-5d4f" has timed out progressing.'}]
        elif status["seen"] < 3 and not self.instant:
            status["seen"] += 1
        elif "never" not in images and not self.hold:
            status.pop("unavailableReplicas", None)
            status.update(availableReplicas=spec["replicas"], readyReplicas=spec["replicas"],
                          conditions=[{"type": "Available", "status": "True"}, {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}])

    # ---- admission ----

    def admit(self, plural, ns, name, user):
        if user == "dev" and (plural == "secrets" or ns != "dev"):
            raise Refusal(403, "Forbidden", f'{plural} is forbidden: User "dev" cannot patch resource "{plural}" in the namespace "{ns}"')
        if ns is None:
            return
        place = self.objects.get(("namespaces", None, ns))
        if place is None:
            raise Refusal(404, "NotFound", f'namespaces "{ns}" not found')
        if (plural, ns, name) in self.objects:
            return
        if "deletionTimestamp" in place["metadata"]:
            raise Refusal(403, "Forbidden", f'{plural} "{name}" is forbidden: unable to create new content in namespace {ns} because it is being terminated')
        used = sum(1 for key in self.objects if key[:2] == (plural, ns))
        for (other, where, quota), obj in self.objects.items():
            hard = obj.get("spec", {}).get("hard", {}) if (other, where) == ("resourcequotas", ns) else {}
            if plural in hard and used >= int(hard[plural]):
                raise Refusal(403, "Forbidden", f'{plural} "{name}" is forbidden: exceeded quota: {quota}, requested: {plural}=1, used: {plural}={used}, limited: {plural}={hard[plural]}')

    # ---- writing ----

    def managed(self, key):
        entries = []
        for (manager, operation), paths in sorted(self.owners.get(key, {}).items()):
            fields = {}
            for path in paths:
                at = fields
                for part in path:
                    at = at.setdefault(part, {})
            entries.append({"manager": manager, "operation": operation, "apiVersion": KINDS[key[0]][0], "fieldsType": "FieldsV1", "fieldsV1": fields})
        return entries

    def store(self, key, before, after, dry):
        """What is written: nothing when nothing changed."""
        def essence(obj):
            bare = copy.deepcopy(obj) if obj else {}
            for name in ("resourceVersion", "managedFields", "generation"):
                bare.get("metadata", {}).pop(name, None)
            return bare
        if before is None:
            after["metadata"].update(uid=str(uuid.uuid4()), creationTimestamp=now(), generation=1)
        elif before.get("spec") != after.get("spec"):
            after["metadata"]["generation"] = before["metadata"].get("generation", 1) + 1
        if dry:
            return after
        if essence(before) != essence(after):
            self.put(*key, after)
        else:
            self.objects[key] = after
        return after

    def apply(self, key, body, manager, force, dry):
        before = self.objects.get(key)
        owners = copy.deepcopy(self.owners.get(key, {}))
        wanted, me = owned_leaves(body), (manager, "Apply")
        live = owned_leaves(before) if before else {}
        for obj in (wanted, ):
            for path in obj:
                if path[-1] in ("f:cpu", "f:memory", "f:storage"):
                    obj[path] = canonical(obj[path])
        conflicts = [(other, path) for other, paths in owners.items() if other != me for path in paths
                     if path in wanted and live.get(path) != wanted[path] and path in live]
        if conflicts and not force:
            causes = [(human(path), f'conflict with "{other[0]}" using {KINDS[key[0]][0]}') for other, path in conflicts]
            raise Refusal(409, "Conflict", f"Apply failed with {len(causes)} conflict{'s' if len(causes) > 1 else ''}: " + "; ".join(f"{b}: {a}" for a, b in causes), causes)
        for other, path in conflicts:
            owners[other].discard(path)
        after = copy.deepcopy(before) if before else {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": {}}
        for path in sorted(owners.get(me, set()) - set(wanted), key=lambda path: (-len(path), path[-1][2:] in ITEM_KEYS)):
            if not any(path in paths for other, paths in owners.items() if other != me):
                remove_leaf(after, path)
        merge(after, {k: v for k, v in body.items() if k not in ("status",)})
        owners[me] = set(wanted)
        validate(after, before)
        add_defaults(after)
        after = self.store(key, before, after, dry)
        if not dry:
            self.owners[key] = {who: paths for who, paths in owners.items() if paths}
        return copy.deepcopy(after), before is None

    def change(self, key, after, manager, dry=False):
        """An update of the old way: who changes a field owns it."""
        before = self.objects.get(key)
        validate(after, before)
        add_defaults(after)
        old, new = owned_leaves(before) if before else {}, owned_leaves(after)
        changed = {path for path, value in new.items() if old.get(path, self) != value}
        gone = set(old) - set(new)
        after = self.store(key, before, after, dry)
        owners = self.owners.setdefault(key, {})
        for paths in owners.values():
            paths -= changed | gone
        owners.setdefault((manager, "Update"), set()).update(changed)
        return after

    def delete(self, key, options):
        obj = self.objects.get(key)
        wanted = options.get("preconditions", {}).get("uid")
        if wanted and wanted != obj["metadata"]["uid"]:
            raise Refusal(409, "Conflict", f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {obj['metadata']['uid']}")
        if (options.get("propagationPolicy") == "Foreground" or key[0] == "namespaces") and not self.instant:
            obj["metadata"].setdefault("deletionTimestamp", now())
            if key[0] == "namespaces":
                obj["status"]["phase"] = "Terminating"
        else:
            self.forget(*key)
        return obj


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: each answer would wait for a delayed acknowledgement
    fake = None

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        data = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, refusal):
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": refusal.message, "reason": refusal.reason, "code": refusal.status}
        if refusal.causes:
            status["details"] = {"causes": [{"reason": "FieldManagerConflict" if refusal.status == 409 else "FieldValueInvalid", "message": message, "field": field}
                                            for field, message in refusal.causes]}
        self.answer(refusal.status, status)

    def user(self):
        word = self.headers.get("Authorization", "")
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        if certificate:
            return "admin"
        if word.removeprefix("Bearer ") not in TOKENS or not word.startswith("Bearer "):
            raise Refusal(401, "Unauthorized", "Unauthorized")
        return TOKENS[word[7:]]

    def handle_one(self):
        if self.server.over:  # what was connected is cut off too
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with self.fake.lock:
            try:
                if url.path.startswith("/_fake/"):
                    self.control(url.path, body)
                    return
                self.fake.requests.append(f"{self.command} {self.path}")
                if self.fake.failures:
                    status, message = self.fake.failures.pop(0)
                    raise Refusal(status, "InternalError", message)
                user = self.user()
                self.answer(*self.serve(url.path, query, json.loads(body) if body else {}, user))
            except Refusal as refusal:
                self.refuse(refusal)
            except ConnectionError:  # who asked has gone
                self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

    def control(self, path, body):
        if path == "/_fake/fail":
            order = json.loads(body)
            self.fake.failures += [(order["status"], order.get("message", "it was told to fail"))] * order["count"]
        self.answer(200, {"requests": self.fake.requests})

    def discovery(self, version):
        found = [{"name": plural, "kind": kind, "namespaced": namespaced} for plural, (api, kind, namespaced) in KINDS.items() if api == version]
        if not found:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": found + [{"name": "deployments/scale", "kind": "Scale", "namespaced": True}]}

    def serve(self, path, query, body, user):
        if path in ("/api", "/apis", "/version"):
            return 200, {"kind": "APIVersions", "versions": ["v1"], "gitVersion": "v1.29.0-fake"}
        discovery = re.fullmatch(r"/(?:api/(v1)|apis/([^/]+/[^/]+))", path)
        if discovery:
            return self.discovery(discovery[1] or discovery[2])
        match = PATH.match(path)
        kind = KINDS.get(match["plural"]) if match else None
        if not kind or kind[0] != (match["core"] or match["group"]):
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        plural, ns, name = match["plural"], match["ns"], match["name"]
        if name is None:
            return self.collection(kind, plural, ns, query, body, user)
        return self.single((plural, ns, name), kind, match["sub"], query, body, user)

    def collection(self, kind, plural, ns, query, body, user):
        fake = self.fake
        if self.command == "POST":
            name = body["metadata"]["name"]
            fake.admit(plural, ns, name, user)
            if (plural, ns, name) in fake.objects:
                raise Refusal(409, "AlreadyExists", f'{plural} "{name}" already exists')
            return 201, fake.change((plural, ns, name), {"apiVersion": kind[0], "kind": kind[1], **body}, query.get("fieldManager", "curl"))
        wanted = [word.split("=", 1) for word in query.get("labelSelector", "").split(",") if word]
        for key in [key for key in fake.objects if key[0] == plural and ns in (None, key[1])]:
            fake.controllers(*key)
        items = [{k: v for k, v in obj.items() if k not in ("apiVersion", "kind")} for key, obj in sorted(fake.objects.items(), key=str) if key[0] == plural and ns in (None, key[1])
                 and all(obj["metadata"].get("labels", {}).get(k) == v for k, v in wanted)]
        return 200, {"kind": kind[1] + "List", "apiVersion": kind[0], "metadata": {"resourceVersion": str(fake.version)}, "items": items}

    def single(self, key, kind, sub, query, body, user):
        fake, dry = self.fake, query.get("dryRun") == "All"
        fake.controllers(*key)
        live = fake.objects.get(key)
        if self.command == "PATCH" and self.headers["Content-Type"].startswith("application/apply-patch"):
            fake.admit(*key, user)
            if (body.get("apiVersion"), body.get("kind"), body["metadata"]["name"]) != (*kind[:2], key[2]):
                raise Refusal(400, "BadRequest", "the body does not fit the path")
            obj, made = fake.apply(key, body, query["fieldManager"], query.get("force") == "true", dry)
            obj["metadata"]["managedFields"] = fake.managed(key)
            return (201 if made else 200), obj
        if live is None:
            raise Refusal(404, "NotFound", f'{key[0]} "{key[2]}" not found')
        if self.command == "DELETE":
            return 200, fake.delete(key, body)
        if self.command == "GET" and sub == "log":
            return 200, f"{query['tailLines']} lines of {query['container']}"
        if self.command == "GET":
            return 200, {**live, "metadata": {**live["metadata"], "managedFields": fake.managed(key)}}
        after = copy.deepcopy(live)
        if "managedFields" in body.get("metadata", {}):  # a client may give up what it owns
            kept = {(entry["manager"], entry["operation"]) for entry in body["metadata"]["managedFields"]}
            fake.owners[key] = {who: paths for who, paths in fake.owners[key].items() if who in kept}
            return 200, live
        if sub == "status":
            merge(after, {"status": body["status"]})
            fake.objects[key] = after
            return 200, after
        if self.command == "PATCH":
            self.merge_patch(after, body)
        else:
            after = {**body, "metadata": {**live["metadata"], **body["metadata"]}}
        return 200, fake.change(key, after, query.get("fieldManager", self.headers.get("User-Agent", "curl").split("/")[0]), dry)

    @staticmethod
    def merge_patch(target, patch):
        for name, value in patch.items():
            if value is None:
                target.pop(name, None)
            elif isinstance(value, dict):
                Handler.merge_patch(target.setdefault(name, {}), value)
            else:
                target[name] = value


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    over = False

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # who asked has gone, or does not trust us
            super().handle_error(request, client_address)


class Server:
    """with Server() as fake: fake.url. tls: (certificate, key, authority of clients), files."""

    def __init__(self, port=0, tls=None, fake=None):
        self.fake = fake or Fake()
        self.http = Listener(("127.0.0.1", port), type("Bound", (Handler,), {"fake": self.fake}))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls[0], tls[1])
            context.load_verify_locations(tls[2])
            context.verify_mode = ssl.CERT_OPTIONAL
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.http.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def halt(self):
        self.http.over = True
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def __exit__(self, *_):
        if not self.http.over:
            self.halt()
