"use strict";
const role = document.body.dataset.role;
const by = id => document.getElementById(id);
const state = {key: "", csrf: "", api: null};

function make(tag, attributes, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...inside.filter(part => part !== null && part !== undefined));
  return node;
}

function say(text, bad) {
  by("said").textContent = text;
  by("said").className = bad ? "bad" : "good";
}

function headersOf(method) {
  const headers = {};
  if (state.key) headers.Authorization = "Bearer " + state.key;
  else if (state.csrf && method !== "GET") headers["X-CSRF-Token"] = state.csrf;
  return headers;
}

// ---- schemas ----

function resolve(schema, depth) {
  let found = schema || {};
  for (let hops = 0; found.$ref && hops < 8; hops++) {
    found = found.$ref.split("/").slice(1).reduce((at, part) => at && at[part], state.api) || {};
  }
  return depth > 6 ? {} : found;
}

function example(schema, depth = 0) {
  const s = resolve(schema, depth);
  if (s.example !== undefined) return s.example;
  if (s.default !== undefined) return s.default;
  if (s.enum) return s.enum[0];
  const first = (s.oneOf || s.anyOf || [])[0];
  if (first) return example(first, depth + 1);
  const type = Array.isArray(s.type) ? s.type[0] : s.type;
  if (type === "object" || s.properties) {
    const out = {};
    for (const [name, member] of Object.entries(s.properties || {})) {
      if (!(s.required || []).length || s.required.includes(name)) out[name] = example(member, depth + 1);
    }
    return out;
  }
  if (type === "array") return s.items && depth < 4 ? [example(s.items, depth + 1)] : [];
  return {integer: 0, number: 0, boolean: false, string: ""}[type] ?? null;
}

function outline(schema, indent = "", depth = 0) {
  const s = resolve(schema, depth);
  if (s.type === "array" && s.items) return "list of " + outline(s.items, indent, depth + 1);
  if (!s.properties || depth > 3) return (Array.isArray(s.type) ? s.type.join(" or ") : s.type || "any") + (s.enum ? ": " + s.enum.join(" | ") : "");
  const lines = Object.entries(s.properties).map(([name, member]) => {
    const about = resolve(member, depth).description;
    return `${indent}  ${name}${(s.required || []).includes(name) ? "" : "?"}: ${outline(member, indent + "  ", depth + 1)}${about ? "   // " + about : ""}`;
  });
  return "{\n" + lines.join("\n") + "\n" + indent + "}";
}

// ---- one route ----

function inputFor(parameter) {
  const schema = resolve(parameter.schema, 0);
  const values = schema.enum || (schema.type === "boolean" ? ["true", "false"] : null);
  if (values) return make("select", {name: parameter.name, "aria-label": parameter.name}, make("option", {value: ""}, ""), ...values.map(v => make("option", {value: v}, v)));
  return make("input", {name: parameter.name, "aria-label": parameter.name, inputmode: schema.type === "integer" ? "numeric" : undefined,
                        placeholder: schema.type === "array" ? "a,b" : undefined});
}

function targetOf(route, inputs) {
  const query = new URLSearchParams();
  let path = route.path;
  for (const {parameter, input} of inputs) {
    if (parameter.in === "path") {
      if (!input.value) throw new Error(parameter.name + " is needed");
      path = path.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
    } else if (parameter.in === "query" && input.value) query.append(parameter.name, input.value);
  }
  return path + (query.toString() ? "?" + query : "");
}

const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";

function curlOf(method, target, headers, body) {
  const words = ["curl", ...(method === "GET" ? [] : ["-X", method])];
  for (const [name, value] of Object.entries(headers)) {
    words.push("-H", name === "Authorization" ? '"Authorization: Bearer $INNOMINATUS_API_KEY"' : quoted(name + ": " + value));
  }
  if (body) words.push("--data-binary", quoted(body));
  return words.concat(quoted(location.origin + target)).join(" ");
}

function pretty(text, type) {
  if (!/json/.test(type || "")) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function attempt(route, inputs, body, kind, out, button) {
  out.replaceChildren();
  try {
    const target = targetOf(route, inputs), headers = headersOf(route.method), text = body ? body.value : "";
    for (const {parameter, input} of inputs) if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
    if (text) headers["Content-Type"] = kind.value;
    out.append(make("pre", {}, curlOf(route.method, target, headers, text)));
    button.disabled = true;
    const began = performance.now();
    const answer = await fetch(target, {method: route.method, headers, body: text || undefined, credentials: "same-origin", cache: "no-store"});
    const got = await answer.text(), ms = Math.round(performance.now() - began);
    out.append(make("div", {class: "status " + (answer.ok ? "good" : "bad")}, `${answer.status} ${answer.statusText} in ${ms} ms, request ${answer.headers.get("X-Request-Id") || "?"}`));
    if (got) out.append(make("pre", {}, pretty(got, answer.headers.get("Content-Type"))));
  } catch (problem) {
    out.append(make("div", {class: "status bad"}, problem.message));
  } finally {
    button.disabled = false;
  }
}

function bodyOf(operation) {
  const content = operation.requestBody && operation.requestBody.content;
  if (!content) return [null, null, null];
  const kind = make("select", {"aria-label": "content type"}, ...Object.keys(content).map(type => make("option", {}, type)));
  const area = make("textarea", {spellcheck: "false", "aria-label": "request body"});
  const fill = () => {
    const value = example(content[kind.value].schema);
    area.value = value && typeof value === "object" ? JSON.stringify(value, null, 2) : "";
    area.placeholder = kind.value.includes("yaml") ? "apiVersion: score.dev/v1b1 …" : "";
  };
  kind.addEventListener("change", fill);
  fill();
  return [make("div", {}, make("h3", {}, "Body ", kind), area), area, kind];
}

function fillRoute(route, place) {
  const operation = route.operation;
  const inputs = (operation.parameters || []).map(parameter => ({parameter, input: inputFor(parameter)}));
  const [bodyPart, body, kind] = bodyOf(operation);
  const out = make("div", {"aria-live": "polite"});
  const button = make("button", {type: "button", onclick: () => attempt(route, inputs, body, kind, out, button)}, "Try it");
  const params = make("div", {class: "params"});
  for (const {parameter, input} of inputs) {
    params.append(make("code", {class: parameter.required ? "must" : ""}, parameter.name), input,
                  make("span", {}, [parameter.in === "query" ? "" : "in the " + parameter.in, parameter.description].filter(Boolean).join("; ")));
  }
  const good = Object.entries(operation.responses || {}).find(([status]) => status.startsWith("2"));
  const schema = good && good[1].content && Object.values(good[1].content)[0].schema;
  place.append(...[
    operation["x-permission"] ? make("h3", {}, "Needs the permission ", make("code", {}, operation["x-permission"])) : null,
    inputs.length ? make("h3", {}, "Parameters") : null, inputs.length ? params : null, bodyPart,
    make("p", {}, button), out,
    schema ? make("details", {}, make("summary", {}, "What " + good[0] + " looks like"), make("pre", {}, outline(schema))) : null,
  ].filter(Boolean));
}

function showRoute(route) {
  const place = make("div", {});
  const details = make("details", {class: "route"},
    make("summary", {}, make("span", {class: "method " + route.method.toLowerCase()}, route.method), make("span", {class: "path"}, route.path),
         make("span", {class: "about"}, route.operation.summary || "")), place);
  details.addEventListener("toggle", () => { if (details.open && !place.firstChild) fillRoute(route, place); });
  return details;
}

// ---- all of them ----

function routesOf(api) {
  const all = [];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (operation["x-roles"] && operation["x-roles"].includes(role)) all.push({path, method: method.toUpperCase(), operation});
    }
  }
  return all;
}

function show() {
  const words = by("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const routes = routesOf(state.api).filter(r => {
    const text = [r.method, r.path, r.operation.summary, ...(r.operation.tags || [])].join(" ").toLowerCase();
    return words.every(word => text.includes(word));
  });
  const groups = new Map();
  for (const route of routes) {
    const tag = (route.operation.tags || ["other"])[0];
    groups.set(tag, [...(groups.get(tag) || []), route]);
  }
  by("routes").replaceChildren(...[...groups].flatMap(([tag, members]) => [make("h2", {}, tag), ...members.map(showRoute)]));
  by("count").textContent = routes.length + " routes that role " + role + " may use";
}

async function load() {
  const answer = await fetch("/openapi.json", {headers: headersOf("GET"), credentials: "same-origin", cache: "no-store"});
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    say(problem.detail || "answered " + answer.status, true);
    return;
  }
  state.api = await answer.json();
  by("version").textContent = state.api.info.version;
  by("hint").hidden = true;
  by("tools").hidden = false;
  show();
  const profile = await fetch("/api/v1/profile", {headers: headersOf("GET"), credentials: "same-origin"}).then(a => a.ok ? a.json() : null);
  if (profile) say(`${profile.name}, ${profile.role} in team ${profile.team}`);
}

async function signIn() {
  const answer = await fetch("/api/v1/login", {method: "POST", credentials: "same-origin", headers: {"Content-Type": "application/json"},
                                              body: JSON.stringify({name: by("name").value, password: by("password").value})});
  const got = await answer.json().catch(() => ({}));
  by("password").value = "";
  if (!answer.ok) return say(got.detail || "answered " + answer.status, true);
  state.key = "";
  state.csrf = got.csrf_token || "";
  return load();
}

const guarded = work => event => {
  event.preventDefault();
  work().catch(problem => say(problem.message, true));
};

document.querySelector(`nav a[data-page="${role}"]`).setAttribute("aria-current", "page");
by("who").addEventListener("submit", guarded(() => { state.key = by("key").value.trim(); return load(); }));
by("login").addEventListener("click", guarded(signIn));
by("find").addEventListener("input", show);
