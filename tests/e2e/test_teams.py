"""Two teams that call their application `shop`, and a third that claims their resource id: nobody sees anybody else's anything."""
import json
import re

import pytest
from lib.things import EXAMPLE, example_files, score

BODIES = {"spec-submission": None, "api-key-request": {"name": "theirs"}, "user-request": {"name": "mallory", "role": "user", "team": "alpha"},
          "login": {"name": "x", "password": "y"}}


@pytest.fixture
def teams(ecommerce):
    """(server, {team: client}): alpha and beta have deployed the example; gamma claims their database by its id."""
    server = ecommerce(lambda config: config.update(products={"ecommerce": {"teams": ["alpha", "beta"]}}))
    clients = {team: server.add_user(f"{team}-dev", team) for team in ("alpha", "beta", "gamma")}
    shared = EXAMPLE.read_text().replace("  db:\n    type: sqlite\n", "  db:\n    type: sqlite\n    id: shop-database\n")
    assert "id: shop-database" in shared
    for team in ("alpha", "beta"):
        assert clients[team].deploy(shared, example_files())["state"] == "completed"
    claim = score("grab", resources={"db": {"type": "sqlite", "id": "shop-database"}})
    assert clients["gamma"].deploy(claim)["state"] == "completed"
    return server, clients


def everything_of(client):
    """Ids and values that belong to this team, and what a row of each kind looks like."""
    deployments = client.items("/deployments")
    workflows = [w for d in deployments for w in client.executions(d["id"])]
    resources = client.items("/resources")
    assert deployments and workflows and resources
    outputs = {value for r in resources for value in r["outputs"].values() if isinstance(value, str) and len(value) > 12 and not value.endswith(".localhost")}
    return {
        "deployment": [d["id"] for d in deployments],
        "workflow": [w["id"] for w in workflows],
        "step": [s["id"] for w in workflows for s in w["steps"] if s.get("id")],
        "task": [d["task_id"] for d in deployments if d.get("task_id")],
        "resource": [r["id"] for r in resources],
        "key": [client.key_id],
        "user": [client.name],
        "outputs": outputs,
    }


def test_the_same_names_are_different_things(teams):
    _, clients = teams
    alpha, beta, gamma = (everything_of(clients[team]) for team in ("alpha", "beta", "gamma"))
    for one, other in ((alpha, beta), (alpha, gamma), (beta, gamma)):
        for kind in one:
            assert not set(one[kind]) & set(other[kind]), kind
    databases = {team: next(r for r in clients[team].items("/resources") if r["type"] == "sqlite") for team in clients}
    assert {d["uid"] for d in databases.values()} == {databases["alpha"]["uid"]}  # one id, three databases
    assert len({d["outputs"]["path"] for d in databases.values()}) == 3
    assert [d["referrers"] for d in databases.values()] == [["shop"], ["shop"], ["grab"]]
    # and the third's deletion takes nothing of the others'
    answer = clients["gamma"].delete("/specs/grab")
    assert clients["gamma"].wait(answer.json["id"])["state"] == "completed"
    for team in ("alpha", "beta"):
        assert clients[team].ok(f"/resources/{databases[team]['id']}")["state"] == "active"


def operations(client):
    """Every (method, path, operation) of the OpenAPI document."""
    document = client.ok("//openapi.json")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


def fill(path, operation, mine):
    """The path with ids of another team's objects; yields one path for each object that could stand there."""
    names = re.findall(r"{([^}]+)}", path)
    if not names:
        return [path]
    if "/deployments/" in path:
        values = mine["deployment"]
    elif re.search(r"/workflows/{id}", path):
        values = mine["workflow"] + mine["deployment"]
    elif "/resources/" in path:
        values = mine["resource"]
    elif "/queue/tasks/" in path:
        values = mine["task"]
    elif "/specs/{name}" in path or "/graph/{app}" in path:
        values = ["shop"]
    elif "/users/" in path:
        values = mine["user"]
    elif "/profile/api-keys/" in path:
        values = mine["key"]
    else:
        return [re.sub(r"{(product|workflow|name)}", lambda m: {"product": "ecommerce", "workflow": "database-setup", "name": "local"}[m.group(1)], path)]
    return [re.sub(r"{[^}]+}", value, path) for value in values]


def call(client, method, path, **query):
    """As the OpenAPI document writes paths: /api/v1/..., or outside /api."""
    target = path[len("/api/v1"):] if path.startswith("/api/v1/") else "/" + path
    name = path.rsplit("/", 1)[-1]
    body, kind = (score("probe"), "application/yaml") if method == "POST" and "/specs" in path else ({}, "application/json")
    if method == "POST" and name == "api-keys":
        body = {"name": "theirs"}
    elif method == "POST" and name == "users":
        body = {"name": "mallory", "role": "user", "team": "alpha"}
    elif method == "POST" and name == "login":
        body = {"name": "nobody", "password": "nothing at all"}
    if method in ("GET", "DELETE"):
        return client.request(method, target, **query)
    return client.request(method, target, json.dumps(body) if isinstance(body, dict) else body, type=kind, **query)


def test_another_team_gets_nothing_on_any_route(teams):
    server, clients = teams
    gamma = clients["gamma"]
    theirs = {team: everything_of(clients[team]) for team in ("alpha", "beta")}
    before = {team: json.dumps([clients[team].items("/resources"), clients[team].items("/deployments"), clients[team].items("/profile/api-keys")]) for team in theirs}
    marks = {value for mine in theirs.values() for kind in ("deployment", "workflow", "step", "resource", "task", "outputs") for value in mine[kind]}
    tried = set()
    mutating = ("/logout", "/profile/api-keys")
    for method, path, operation in operations(server.admin()):
        if (path.endswith(mutating) and method == "POST") or path.endswith(("/specs", "/specs/plan", "/specs/validate")) and method == "POST":
            continue  # about oneself alone; tried with ?team= below
        for team, mine in theirs.items():
            for target in fill(path, operation, mine):
                queries = [{}] + ([{"team": team}] if "team" in {p.get("name") for p in operation.get("parameters", [])} else [])
                for query in queries:
                    answer = call(gamma, method, target, **query)
                    tried.add((method, path))
                    assert answer.status < 500, (method, target, query, answer)
                    echo = {target.rsplit("/", 1)[-1], *target.split("/")}  # an error may repeat what was asked for
                    shown = [mark for mark in marks - echo if mark in answer.text]
                    assert not shown, (method, target, query, answer)
                    own = "/terraform/" in path and not query  # every team has states of any name
                    if "{" in path and not own and not re.search(r"{(product|workflow)}|/plugins/|/schemas/", path):
                        assert answer.status in (403, 404), (method, target, query, answer)
                    if query:
                        assert answer.status in (403, 404), (method, target, query, answer)
    assert len(tried) >= 40, len(tried)
    for submit in ("/specs", "/specs/plan", "/specs/validate"):
        assert gamma.post(submit, score("shop"), type="application/yaml", team="alpha").status == 403
    after = {team: json.dumps([clients[team].items("/resources"), clients[team].items("/deployments"), clients[team].items("/profile/api-keys")]) for team in theirs}
    strip = lambda text: re.sub(r'"(last_used_at|updated_at)": "[^"]+"', "", text)  # noqa: E731
    assert {t: strip(x) for t, x in after.items()} == {t: strip(x) for t, x in before.items()}


def test_filters_and_events_do_not_reach_other_teams(teams):
    _, clients = teams
    alpha, gamma = everything_of(clients["alpha"]), clients["gamma"]
    for path, name in (("/workflows", "deployment_id"), ("/queue/tasks", "deployment_id"), ("/resources", "application"), ("/deployments", "application")):
        value = alpha["deployment"][0] if name == "deployment_id" else "shop"
        answer = gamma.get(path, **{name: value})
        assert answer.status in (200, 400, 404), answer
        if answer.status == 200:
            assert answer.json["items"] == [], (path, answer)


def test_a_product_belongs_to_the_teams_that_the_admin_lists(teams):
    _, clients = teams
    answer = clients["gamma"].submit(EXAMPLE.read_text(), example_files())
    assert answer.status in (403, 422), answer
    assert "ecommerce" in answer.text
    assert [d["application"] for d in clients["gamma"].items("/deployments")] == ["grab"]


def test_an_operator_sees_all_teams_and_may_name_one(teams):
    server, clients = teams
    operator = server.add_user("op", "platform", role="operator")
    assert {d["team"] for d in operator.items("/deployments")} == {"alpha", "beta", "gamma"}
    assert {d["team"] for d in operator.items("/deployments", team="beta")} == {"beta"}
    assert operator.get("/specs/shop", team="beta").status == 200
    assert operator.post("/users", {"name": "mallory", "role": "admin", "team": "platform"}).status == 403
    viewer = server.add_user("eve", "alpha", role="viewer")
    assert {d["team"] for d in viewer.items("/deployments")} == {"alpha"}
    assert viewer.submit(score("shop")).status == 403
    assert viewer.delete("/specs/shop").status == 403
    assert viewer.post(f"/deployments/{viewer.items('/deployments')[0]['id']}/cancel").status == 403
    assert clients["alpha"].get("/specs/shop").status == 200
