/* The step type `kubernetes`: applies, deletes or waits for manifests that the step holds or that lie below the entry's directory. Slot's
 * thread. */
#include "kubernetes.h"
#include "yaml_read.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define MAX_FILES 200

static const char *const prunable[] = {"v1 ConfigMap",
                                       "v1 Secret",
                                       "v1 Service",
                                       "v1 ServiceAccount",
                                       "apps/v1 Deployment",
                                       "apps/v1 StatefulSet",
                                       "apps/v1 DaemonSet",
                                       "batch/v1 Job",
                                       "networking.k8s.io/v1 Ingress",
                                       "networking.k8s.io/v1 NetworkPolicy",
                                       "rbac.authorization.k8s.io/v1 Role",
                                       "rbac.authorization.k8s.io/v1 RoleBinding",
                                       NULL};

/* ---- paths below the entry's directories ---- */

inno_rc step_path(struct k8s_work *work, const char *key, const char *dir_key, char out[4096])
{
    const char *path = text_at(work->params, key, ""), *dir = text_at(work->self->config, dir_key, "");

    if (dir[0] != '/')
        return K8S_FAIL(work, INNO_INVALID_CONFIG, "config.%s of the step needs config.%s of the entry: the directory that it lies in", key,
                        dir_key);
    if (path[0] == '/' || strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
        (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0) || snprintf(out, 4096, "%s/%s", dir, path) > 3901)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.%s \"%.200s\" must be a path below the entry's %s, without \"..\"", key, path,
                        dir_key);
    return INNO_OK;
}

/* ---- documents ---- */

/* An object, or a List of them. */
static inno_rc add_object(struct k8s_work *work, json_t *objects, json_t *document, const char *where)
{
    const char *kind = object_kind(document);
    json_t *item;
    size_t i;

    if (strcmp(kind, "List") == 0) {
        json_array_foreach(json_object_get(document, "items"), i, item)
        {
            if (!object_kind(item)[0] || strcmp(object_kind(item), "List") == 0 || !object_name(item)[0] ||
                json_array_append(objects, item) != 0)
                return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%s: item %zu of a List is no object", where, i);
        }
        return INNO_OK;
    }
    if (!kind[0] || !text_at(document, "apiVersion", "")[0] || !object_name(document)[0])
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%s: a document has no apiVersion, kind or metadata.name", where);
    return json_array_append(objects, document) == 0 ? INNO_OK : K8S_NO_MEMORY(work);
}

inno_rc step_add_text(struct k8s_work *work, json_t *objects, const char *text, size_t len, const char *where)
{
    char why[300] = "";
    CLEANUP(json_put) json_t *documents = yaml_read(text, len, why, sizeof why);
    json_t *document;
    size_t i;
    inno_rc rc = INNO_OK;

    if (!documents)
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "%s: %s", where, why);
    json_array_foreach(documents, i, document) if (rc == INNO_OK) rc = add_object(work, objects, document, where);
    return rc;
}

static inno_rc add_inline(struct k8s_work *work, json_t *objects, json_t *manifests)
{
    json_t *item;
    size_t i;
    inno_rc rc = INNO_OK;

    if (json_is_string(manifests))
        return step_add_text(work, objects, json_string_value(manifests), json_string_length(manifests), "config.manifests");
    if (json_is_object(manifests))
        return add_object(work, objects, manifests, "config.manifests");
    if (!json_is_array(manifests))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.manifests must be YAML text, an object, or a list of both");
    json_array_foreach(manifests, i, item)
    {
        if (rc == INNO_OK && !json_is_array(item))
            rc = add_inline(work, objects, item);
    }
    return rc;
}

/* ---- files ---- */

static inno_rc add_file(struct k8s_work *work, json_t *objects, const char *path)
{
    CLEANUP(wipe_text) char *text = NULL;
    inno_rc rc = access_read_file(work->host, work->call, "config.path", path, &text);

    return rc == INNO_OK ? step_add_text(work, objects, text, strlen(text), path) : rc;
}

static int is_manifest(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

/* The manifests of a directory by name; not below it. */
static inno_rc add_directory(struct k8s_work *work, json_t *objects, const char *dir)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, is_manifest, alphasort);
    inno_rc rc = INNO_OK;
    char path[4096];

    if (count > MAX_FILES)
        rc = K8S_FAIL(work, INNO_INVALID_RESOURCE, "%.200s holds %d manifests; the limit is %d", dir, count, MAX_FILES);
    for (int i = 0; i < count; i++) {
        if (rc == INNO_OK && snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name) < (int)sizeof path)
            rc = add_file(work, objects, path);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static inno_rc add_path(struct k8s_work *work, json_t *objects)
{
    char path[4096];
    struct stat st;
    inno_rc rc = step_path(work, "path", "manifests", path);

    if (rc != INNO_OK)
        return rc;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? add_directory(work, objects, path) : add_file(work, objects, path);
}

/* ---- operations ---- */

static void tell_objects(struct k8s_work *work, const char *key, const json_t *objects)
{
    CLEANUP(json_put) json_t *names = json_array();
    CLEANUP(free_text) char *text = NULL;
    const json_t *object;
    size_t i;

    json_array_foreach(objects, i, object)
    {
        char what[K8S_TEXT_BYTES];

        object_say(object, what);
        json_array_append_new(names, json_string(what));
    }
    text = json_dumps(names, JSON_COMPACT);
    if (text)
        work->host->output_json(work->call, key, inno_span_of(text));
    work->host->output(work->call, "namespace", work->namespace);
}

static inno_rc op_apply(struct k8s_work *work, json_t *objects)
{
    const char *const *kinds = json_is_true(json_object_get(work->params, "prune")) ? prunable : NULL;
    inno_rc rc;

    if (json_is_true(json_object_get(work->params, "dryRun"))) {
        rc = set_mark(work, objects);
        return rc == INNO_OK ? set_plan(work, objects, kinds) : rc;
    }
    rc = set_provision(work, objects, kinds, !json_is_false(json_object_get(work->params, "wait")));
    if (rc == INNO_OK)
        tell_objects(work, "applied", objects);
    return rc;
}

static inno_rc op_delete(struct k8s_work *work, json_t *objects)
{
    inno_rc rc = set_remove(work, objects, false);

    if (rc == INNO_OK)
        tell_objects(work, "deleted", objects);
    return rc;
}

static inno_rc op_wait(struct k8s_work *work, json_t *objects)
{
    inno_rc rc = set_wait(work, objects, "waiting");

    if (rc == INNO_OK)
        tell_objects(work, "ready", objects);
    return rc;
}

static const struct {
    const char *name;
    inno_rc (*run)(struct k8s_work *work, json_t *objects);
} operations[] = {{"apply", op_apply}, {"delete", op_delete}, {"wait", op_wait}};

inno_rc step_run_objects(struct k8s_work *work, json_t *objects)
{
    const char *name = text_at(work->params, "operation", "apply");

    if (!json_array_size(objects))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE, "there is no object in what the step gives");
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].run(work, objects);
    return K8S_FAIL(work, INNO_INVALID_RESOURCE, "config.operation is \"%.60s\"; it may be apply, delete or wait", name);
}

inno_rc step_kubernetes(struct k8s_work *work)
{
    static const struct field table[] = {K8S_OBJECT_FIELDS, {"manifests", FIELD_ANY}, {NULL}};
    CLEANUP(json_put) json_t *objects = json_array();
    json_t *manifests = json_object_get(work->params, "manifests");
    inno_rc rc = params_check(work, "config", table);

    if (rc != INNO_OK)
        return rc;
    if (!manifests == !json_object_get(work->params, "path"))
        return K8S_FAIL(work, INNO_INVALID_RESOURCE,
                        "give either config.manifests (YAML text or objects) or config.path (below the entry's manifests)");
    rc = manifests ? add_inline(work, objects, manifests) : add_path(work, objects);
    return rc == INNO_OK ? step_run_objects(work, objects) : rc;
}
