/* Entry point of the provisioner `local`: configuration, dispatch by the resource's type, records, and the manifest. One thread. */
#include "local.h"
#include "actions.h"
#include "pq.h"
#include "redis.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static const struct local_type *const types[] = {&local_volume, &local_sqlite,   &local_dns,      &local_route,
                                                 &local_secret, &local_workload, &local_postgres, &local_redis};

/* ---- configuration ---- */

static inno_rc take_roots(struct local *self, const inno_host *host, inno_call *call, const json_t *roots)
{
    json_t *root;
    size_t i;

    if (roots && !json_is_array(roots))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.hostPathRoots must be a list of directories");
    self->host_path_roots = calloc(json_array_size(roots) + 1, sizeof *self->host_path_roots);
    if (!self->host_path_roots)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    json_array_foreach(roots, i, root)
    {
        const char *text = json_string_value(root);

        if (!text || text[0] != '/' || !text[1] || text[strlen(text) - 1] == '/' || strstr(text, "/.."))
            return host->fail(call, INNO_INVALID_CONFIG, -1,
                              "config.hostPathRoots.%zu must be an absolute directory without a slash at its end", i);
        self->host_path_roots[i] = strdup(text);
        if (!self->host_path_roots[i])
            return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    }
    return INNO_OK;
}

static bool is_known(const char *const *known, const char *key)
{
    while (*known && strcmp(*known, key) != 0)
        known++;
    return *known != NULL;
}

/* A section of one server: texts, and a switch. */
static inno_rc check_server(const inno_host *host, inno_call *call, const json_t *section, const char *name, const char *const *known)
{
    const char *key;
    json_t *value;

    if (!json_is_object(section))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s must be a map with url", name);
    json_object_foreach((json_t *)(uintptr_t)section, key, value)
    {
        if (!is_known(known, key))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s.%.80s is unknown", name, key);
        if (strcmp(key, "tls") == 0 ? !json_is_boolean(value) : !json_is_string(value))
            return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s.%s must be a %s", name, key,
                              strcmp(key, "tls") ? "text" : "true or false");
    }
    if (!json_object_get(section, "url"))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s.url is missing", name);
    return INNO_OK;
}

/* Libraries read authorities from a file; the entry's own directory is one that they can see. */
static inno_rc keep_ca(const struct local *self, const inno_host *host, inno_call *call, const json_t *section, const char *name,
                       char out[LOCAL_PATH_BYTES])
{
    const char *ca = json_string_value(json_object_get(section, "ca"));
    int rc;

    if (!ca)
        return INNO_OK;
    if (!strstr(ca, "-----BEGIN "))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.%s.ca must be PEM text; name the file as file:/path", name);
    if (snprintf(out, LOCAL_PATH_BYTES, "%s/%s-ca.pem", self->data_dir, name) >= LOCAL_PATH_BYTES)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "the data directory's path is too long");
    rc = files_write(out, ca, strlen(ca)); /* whole at any time: other hosts of the entry read it */
    return rc == 0 ? INNO_OK : files_fail(host, call, rc, "writing", out);
}

static inno_rc take_servers(struct local *self, const inno_host *host, inno_call *call, const json_t *config)
{
    static const char *const of_postgres[] = {"url", "password", "ca", "tls", "host", NULL}, *const of_redis[] = {"url",      "username",
                                                                                                                  "password", "ca",
                                                                                                                  "tls",      NULL};
    inno_rc rc = INNO_OK;

    self->postgres = json_incref(json_object_get(config, "postgres"));
    self->redis = json_incref(json_object_get(config, "redis"));
    if (self->postgres)
        rc = check_server(host, call, self->postgres, "postgres", of_postgres);
    if (rc == INNO_OK && self->redis)
        rc = check_server(host, call, self->redis, "redis", of_redis);
    if (rc == INNO_OK)
        rc = keep_ca(self, host, call, self->postgres, "postgres", self->postgres_ca);
    return rc == INNO_OK ? keep_ca(self, host, call, self->redis, "redis", self->redis_ca) : rc;
}

static inno_rc take_config(struct local *self, const inno_host *host, inno_call *call, inno_span span)
{
    CLEANUP(json_put) json_t *config = json_loadb(span.bytes, span.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *namespace = json_object_get(config, "namespace");
    static const char *const known[] = {"namespace", "hostPathRoots", "postgres", "redis", NULL};
    const char *key;
    json_t *value;
    inno_rc rc;

    if (!json_is_object(config))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config must be an object");
    json_object_foreach(config, key, value) if (!is_known(known, key)) return host->fail(
        call, INNO_INVALID_CONFIG, -1, "config.%s is unknown; `local` takes namespace, hostPathRoots, postgres and redis", key);
    if (namespace && !json_is_string(namespace))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.namespace must be a text");
    if (namespace && !(self->namespace = strdup(json_string_value(namespace))))
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    if ((rc = take_servers(self, host, call, config)) != INNO_OK)
        return rc;
    return take_roots(self, host, call, json_object_get(config, "hostPathRoots"));
}

static void local_close(void *opaque)
{
    struct local *self = opaque;

    for (char **root = self->host_path_roots; root && *root; root++)
        free(*root);
    free(self->host_path_roots);
    json_decref(self->postgres);
    json_decref(self->redis);
    free(self->namespace);
    free(self);
}

static inno_rc local_open(const inno_host *host, inno_call *call, inno_span config, void **out)
{
    const char *data_dir = host->data_dir(call);
    struct local *self;
    inno_rc rc;

    if (data_dir[0] != '/' || strlen(data_dir) >= sizeof self->data_dir)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "the data directory \"%.200s\" is no absolute path of at most %zu bytes", data_dir,
                          sizeof self->data_dir - 1);
    self = calloc(1, sizeof *self);
    if (!self)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    memcpy(self->data_dir, data_dir, strlen(data_dir) + 1);
    rc = take_config(self, host, call, config);
    if (rc != INNO_OK)
        local_close(self);
    else
        *out = self;
    return rc;
}

/* ---- dispatch ---- */

/* Finds the type and parses params, then runs `slot`, or the type's own at the offset. */
static inno_rc run_slot(void *self, const inno_host *host, inno_call *call, const inno_resource *res, local_slot slot, size_t slot_offset)
{
    struct local_work work = {.self = self, .host = host, .call = call, .res = res};
    CLEANUP(json_put) json_t *params = json_loadb(res->params.bytes, res->params.len, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(params))
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "params must be an object");
    if (!res->uid[0])
        return host->fail(call, INNO_INVALID_RESOURCE, -1, "the resource has no uid");
    work.params = params;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(res->type, types[i]->name) == 0) {
            local_slot own = *(const local_slot *)((const char *)types[i] + slot_offset);

            local_resource_path(self, types[i]->kind, res, work.path);
            return slot ? slot(&work) : own(&work);
        }
    return host->fail(call, INNO_UNSUPPORTED, -1, "type \"%s\" is none of volume, sqlite, dns, route, secret, workload, postgres, redis",
                      res->type);
}

static inno_rc dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, size_t slot_offset)
{
    return run_slot(self, host, call, res, NULL, slot_offset);
}

inno_rc local_dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, local_slot slot)
{
    return run_slot(self, host, call, res, slot, offsetof(struct local_type, status));
}

inno_rc local_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct local_type, provision));
}

static inno_rc local_deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct local_type, deprovision));
}

static inno_rc local_get_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct local_type, status));
}

static inno_rc local_get_hints(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct local_type, hints));
}

static inno_rc local_plan(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    return dispatch(self, host, call, res, offsetof(struct local_type, plan));
}

static inno_rc local_health(void *opaque, const inno_host *host, inno_call *call)
{
    const struct local *self = opaque;
    struct statvfs fs;
    inno_rc rc;

    if (statvfs(self->data_dir, &fs) != 0 || access(self->data_dir, W_OK) != 0)
        return files_fail(host, call, errno, "looking at", self->data_dir);
    if (fs.f_bavail == 0)
        return host->fail(call, INNO_TRANSIENT, -1, "no space left on %s", self->data_dir);
    if (self->postgres && (rc = pq_health(self, host, call)) != INNO_OK)
        return rc;
    return self->redis ? redis_health(self, host, call) : INNO_OK;
}

static inno_rc local_step(void *self, const inno_host *host, inno_call *call, const inno_step *step)
{
    if (strcmp(step->type, "database-migration") != 0)
        return host->fail(call, INNO_UNSUPPORTED, -1, "step type \"%s\" is not database-migration", step->type);
    return local_migrate(self, host, call, step);
}

/* ---- shared by the types ---- */

inno_rc local_check_params(struct local_work *work, const char *const *known)
{
    const char *key = unknown_member(work->params, known);

    return !key ? INNO_OK
                : work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "params.%.80s is unknown for type %s", key, work->res->type);
}

static void record_path(const struct local_work *work, char out[LOCAL_PATH_BYTES + 16])
{
    snprintf(out, LOCAL_PATH_BYTES + 16, "%s/record.json", work->path);
}

inno_rc local_record_write(struct local_work *work, json_t *record)
{
    CLEANUP(json_put) json_t *owned = record;
    char path[LOCAL_PATH_BYTES + 16];
    int rc;

    if (!owned)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    rc = files_mkdirs(work->path);
    record_path(work, path);
    if (rc == 0)
        rc = files_write_json(path, owned);
    return rc == 0 ? INNO_OK : files_fail(work->host, work->call, rc, "writing", path);
}

inno_rc local_record_status(struct local_work *work, const char *text)
{
    CLEANUP(json_put) json_t *record = NULL;
    char path[LOCAL_PATH_BYTES + 16];
    int rc;

    record_path(work, path);
    rc = files_read_json(path, &record);
    if (rc == ENOENT || rc == ENOTDIR)
        work->host->status(work->call, INNO_STATE_TERMINATED, "it is not there");
    else if (rc == 0)
        work->host->status(work->call, INNO_STATE_ACTIVE, text);
    else if (rc == EINVAL || rc == ELOOP)
        work->host->status(work->call, INNO_STATE_FAILED, "its record cannot be read");
    else
        return files_fail(work->host, work->call, rc, "reading", path);
    return INNO_OK;
}

inno_rc local_record_compare(struct local_work *work, json_t *wanted)
{
    CLEANUP(json_put) json_t *owned = wanted, *record = NULL;
    char path[LOCAL_PATH_BYTES + 16], text[800];
    const char *key;
    json_t *value;

    if (!owned)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    record_path(work, path);
    if (files_read_json(path, &record) != 0)
        return local_record_status(work, NULL);
    json_object_foreach(owned, key, value)
    {
        const char *there = json_string_value(json_object_get(record, key));

        if (json_equal(json_object_get(record, key), value))
            continue;
        snprintf(text, sizeof text, "its record was changed by hand: %s is %.300s, wanted %.300s", key, there ? there : "not there",
                 json_string_value(value));
        work->host->status(work->call, INNO_STATE_DEGRADED, text);
        return INNO_OK;
    }
    return local_record_status(work, NULL);
}

inno_rc local_record_plan(struct local_work *work, json_t *wanted)
{
    CLEANUP(json_put) json_t *owned = wanted, *record = NULL;
    char path[LOCAL_PATH_BYTES + 16];
    int rc;

    record_path(work, path);
    rc = owned ? files_read_json(path, &record) : ENOMEM;
    if (rc != 0 && rc != ENOENT && rc != ENOTDIR && rc != EINVAL)
        return files_fail(work->host, work->call, rc, "reading", path);
    if (record && !json_object_get(record, "sha256")) /* of a version that kept none */
        json_object_del(owned, "sha256");
    return tell_changes(work->host, work->call, tell_diff(owned, record));
}

inno_rc local_record_remove(struct local_work *work)
{
    int rc = files_remove_tree(work->path);

    return rc == 0 ? INNO_OK : files_fail(work->host, work->call, rc, "removing", work->path);
}

/* ---- registration ---- */

static const char *const type_names[] = {"volume", "sqlite", "dns", "route", "secret", "workload", "postgres", "redis", NULL};

static const inno_provisioner local = {
    INNO_PROVISIONER_HEAD,
    INNO_SLOT_UPDATE | INNO_SLOT_PLAN | INNO_SLOT_STEP | INNO_SLOT_HEALTH | INNO_SLOT_ACTIONS,
    "local",
    LOCAL_VERSION,
    type_names,
    local_open,
    local_close,
    local_provision,
    local_deprovision,
    local_get_status,
    local_get_hints,
    local_plan,
    local_health,
    local_step,
    local_actions,
};

/* clang-format off */
INNO_PLUGIN(local, {
    "name": "local",
    "version": "1.0.0",
    "slots": ["update", "plan", "step", "health", "actions"],
    "permissions": [],
    "state_version": 1,
    "types": [
        {"name": "volume", "stateful": true, "description": "a directory on this machine",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "size": {"type": "string", "pattern": "^[0-9]+([.][0-9]+)?(K|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$", "examples": ["1Gi"]},
             "mode": {"type": "string", "pattern": "^0?[0-7]{3}$", "examples": ["0755"]}}}},
        {"name": "sqlite", "stateful": true, "immutable": ["schema"], "description": "an SQLite database",
         "params": {"type": "object", "additionalProperties": false, "properties": {"schema": {"type": "string"}, "migrations": {}}}},
        {"name": "dns", "stateful": false, "description": "a name below localhost",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "prefix": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$", "examples": ["shop"]}}}},
        {"name": "route", "stateful": false, "description": "where the workload is reached; nothing routes on this machine",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "host": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$", "examples": ["shop.example.com"]},
             "path": {"type": "string", "pattern": "^/", "maxLength": 1000, "examples": ["/"]},
             "port": {"type": "integer", "minimum": 1, "maximum": 65535},
             "service": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}}}},
        {"name": "secret", "stateful": false, "description": "random texts, made once",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "keys": {"type": "array", "minItems": 1, "maxItems": 32, "items": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,63}$"}},
             "length": {"type": "integer", "minimum": 8, "maximum": 1024}}}},
        {"name": "workload", "stateful": false, "description": "renders the containers to Kubernetes manifests",
         "params": {"type": "object", "examples": [{"apiVersion": "score.dev/v1b1", "metadata": {"name": "example"},
             "containers": {"web": {"image": "registry.example.com/web:1.0"}}}]}},
        {"name": "postgres", "stateful": true, "description": "a database and its role on a PostgreSQL server",
         "params": {"type": "object", "additionalProperties": false, "properties": {
             "migrations": {}, "connections": {"type": "integer", "minimum": 1, "maximum": 100000}}}},
        {"name": "redis", "stateful": true, "description": "a user with a key prefix on a Redis server",
         "params": {"type": "object", "additionalProperties": false}}
    ],
    "step_types": [{"name": "database-migration", "idempotent": true}],
    "actions": [
        {"name": "scale", "types": ["workload"], "changes": true, "idempotent": true,
         "description": "render the manifests with so many replicas",
         "params": [{"name": "replicas", "type": "i", "description": "0 to 1000; 0 is none at all", "example": 2, "sets": "replicas"}]},
        {"name": "rotate-password", "types": ["postgres"], "changes": true, "idempotent": true,
         "description": "give the role another password"},
        {"name": "size", "types": ["postgres"], "description": "how large the database is, and how many connections it has"}
    ]
})
/* clang-format on */
