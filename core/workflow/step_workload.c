/* Steps of type workload: the containers, as a resource of type `workload` whose params are the Score workload with its placeholders
 * resolved (secrets stay references), and whose manifests are kept in the store and as files below the state directory. On workers. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "resource/override.h"
#include "workflow/plan_priv.h"
#include "workflow/step_resource.h"
#include <string.h>

/* ---- params ---- */

static int expand_member(struct step_work *work, json_t *object, const char *key, struct err *err)
{
    json_t *expanded = NULL;

    if (!json_object_get(object, key))
        return 0;
    if (step_expand(work, json_object_get(object, key), &expanded, err) < 0)
        return err_wrap(err, "%s", key);
    return json_object_set_new(object, key, expanded);
}

static int expand_files(struct step_work *work, json_t *files, struct err *err)
{
    const char *target;
    json_t *file;

    json_object_foreach(files, target, file) if (!json_flag(file, "noExpand", false) &&
                                                 expand_member(work, file, "content", err) < 0) return err_wrap(err, "file %s", target);
    return 0;
}

/* `${resources.data}` as a volume's source: what the resource offers as `source`, else its uid. */
static int expand_volume(struct step_work *work, json_t *volume, struct err *err)
{
    const char *source = json_str(volume, "source"), *end;
    CLEANUP(free_ptr) char *name = NULL;
    json_t *offered;

    if (source && str_starts(source, "${resources.") && (end = strchr(source, '}')) && !end[1]) {
        name = mem_strndup(source + 12, (size_t)(end - source - 12));
        offered = json_object_get(json_object_get(json_object_get(work->scope, "resources"), name), "source");
        if (json_is_string(offered))
            return json_object_set(volume, "source", offered);
    }
    return expand_member(work, volume, "source", err);
}

static int expand_container(struct step_work *work, json_t *container, struct err *err)
{
    const char *target;
    json_t *volume;

    if (expand_member(work, container, "variables", err) < 0 || expand_files(work, json_object_get(container, "files"), err) < 0)
        return -1;
    json_object_foreach(json_object_get(container, "volumes"), target,
                        volume) if (expand_volume(work, volume, err) < 0) return err_wrap(err, "volume %s", target);
    return 0;
}

static int workload_params(struct step_work *work, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *params = plan_workload_params(json_object_get(work->run->plan, "spec"));
    const char *name;
    json_t *container;

    json_object_foreach(json_object_get(params, "containers"), name,
                        container) if (expand_container(work, container, err) < 0) return err_wrap(err, "container %s", name);
    *out = take_ptr(params);
    return 0;
}

void step_run_workload(struct step_work *work)
{
    struct resource_step *rs = resource_step_new(work);
    struct err err = {0};

    rs->is_workload = true;
    rs->operation = str_eq(json_str(work->config, "operation"), "delete") ? RESOURCE_OP_DELETE : RESOURCE_OP_APPLY;
    rs->plan = json_object_get(work->run->plan, "workload_resource");
    rs->uid = rs->plan ? json_str(rs->plan, "uid") : json_str(work->config, "uid");
    if (!rs->uid || (!rs->plan && rs->operation == RESOURCE_OP_APPLY)) {
        err_set(&err, ERR_NO_PROVISIONER,
                "no provisioner entry serves type \"workload\" here; add one to admin-config.yaml (the bundled `local` renders manifests)");
        step_fail(work, &err, NULL);
        return;
    }
    if (rs->operation == RESOURCE_OP_APPLY && workload_params(work, &rs->params, &err) < 0) {
        step_fail(work, &err, NULL);
        return;
    }
    if (rs->operation == RESOURCE_OP_APPLY)
        override_apply(rs->params, json_object_get(rs->plan, "overrides"));
    resource_step_begin(work);
}

/* ---- manifests ---- */

/* A provisioner names files; only a plain name is taken, so nothing leaves the directory. */
static bool is_plain_name(const char *name)
{
    return name && name[0] && name[0] != '.' && strlen(name) <= 128 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(name);
}

/* Whose manifests: a deletion removes every workload of the application. */
static const char *workload_of(const struct step_work *work, const struct resource_step *rs)
{
    return rs->operation == RESOURCE_OP_APPLY ? work->run->workload : rs->row->workload;
}

static char *manifest_dir(const struct step_work *work)
{
    const struct run *run = work->run;

    return mem_printf("%s/manifests/%s/%s/%s", work->engine->options.state_dir, run->team, run->environment, run->application);
}

static int write_files(struct step_work *work, const json_t *manifests, struct err *err)
{
    CLEANUP(free_ptr) char *dir = manifest_dir(work);
    const json_t *manifest;
    size_t i;

    if (io_mkdirs(dir, 0750, err) < 0)
        return -1;
    json_array_foreach(manifests, i, manifest)
    {
        const char *content = json_str(manifest, "content");
        CLEANUP(free_ptr) char *path = mem_printf("%s/%s", dir, json_str(manifest, "path"));

        if (io_write_atomic(path, content, strlen(content), 0640, err) < 0)
            return -1;
    }
    return 0;
}

int workload_take_manifests(struct step_work *work, struct resource_step *rs, struct err *err)
{
    json_t *manifests = json_object_get(rs->outputs, "manifests"), *manifest;
    size_t i;

    if (!manifests)
        return 0;
    json_array_foreach(
        manifests, i,
        manifest) if (!is_plain_name(json_str(manifest, "path")) ||
                      !json_str(manifest, "content")) return err_set(err, ERR_PLUGIN_PROTOCOL,
                                                                     "%s gave a manifest without a plain file name and content",
                                                                     rs->row->provisioner);
    rs->manifests = json_incref(manifests);
    json_object_del(rs->outputs, "manifests");
    json_set_int(rs->outputs, "manifest_count", (int64_t)json_array_size(rs->manifests));
    workload_remove_files(work);
    return write_files(work, rs->manifests, err);
}

int workload_store_manifests(struct step_work *work, struct resource_step *rs, struct store_tx *tx, struct err *err)
{
    const struct run *run = work->run;
    const json_t *manifest;
    size_t i;

    if (store_exec(tx, "DELETE FROM manifests WHERE org = $1 AND team = $2 AND environment = $3 AND application = $4 AND workload = $5",
                   STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->environment), store_text(run->application),
                              store_text(workload_of(work, rs))),
                   NULL, err) < 0)
        return -1;
    json_array_foreach(
        rs->manifests, i,
        manifest) if (store_exec(tx,
                                 "INSERT INTO manifests (org, team, environment, application, workload, path, content, deployment_id, "
                                 "updated_at) VALUES ($1, $2, $3, $4, $5, $6, "
                                 "$7, $8, $9)",
                                 STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->environment),
                                            store_text(run->application), store_text(run->workload), store_text(json_str(manifest, "path")),
                                            store_text(json_str(manifest, "content")), store_text(run->id), store_int(clock_now_us())),
                                 NULL, err) < 0) return -1;
    return 0;
}

struct old_files {
    struct step_work *work;
    json_t *paths;
};

static int old_files_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct old_files *old = ctx;
    const struct step_work *work = old->work;
    const struct run *run = work->run;
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    int more;

    json_array_clear(old->paths);
    if (store_query(tx,
                    "SELECT path FROM manifests WHERE org = $1 AND team = $2 AND environment = $3 AND application = $4 AND workload = $5",
                    STORE_ARGS(store_text(run->org), store_text(run->team), store_text(run->environment), store_text(run->application),
                               store_text(workload_of(work, work->state))),
                    &rows, err) < 0)
        return -1;
    while ((more = store_next(rows, err)) > 0)
        json_append_str(old->paths, store_col_text(rows, 0));
    return more;
}

/* Removes the files of the manifests that are stored now; a file that stays behind does no harm. */
void workload_remove_files(struct step_work *work)
{
    CLEANUP(free_ptr) char *dir = manifest_dir(work);
    CLEANUP(json_put) json_t *paths = json_array();
    struct old_files old = {work, paths};
    struct err err = {0};
    json_t *name;
    size_t i;

    if (store_read(work->engine->store, old_files_unit, &old, &err) < 0) {
        log_warn("engine", "old manifests of %s stay: %s", work->run->application, err.msg);
        return;
    }
    json_array_foreach(paths, i, name)
    {
        CLEANUP(free_ptr) char *path = mem_printf("%s/%s", dir, json_string_value(name));

        if (is_plain_name(json_string_value(name)))
            unlink(path);
    }
    rmdir(dir);
}
