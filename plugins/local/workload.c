/* workload -> manifests, endpoint: the containers of a Score file, rendered to Kubernetes manifests. Nothing runs here; the server keeps
 * the manifests. params is the Score workload, placeholders resolved, secrets as references, and `replicas`. */
#include "kube_output.h"
#include "local.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>

/* Roots below which paths may be mounted: the team's own volumes, then what the admin added. Free with free(). */
static const char **make_roots(const struct local *self, const char *team_volumes)
{
    size_t count = 0;
    const char **roots;

    while (self->host_path_roots && self->host_path_roots[count])
        count++;
    roots = calloc(count + 2, sizeof *roots);
    if (roots) {
        roots[0] = team_volumes;
        for (size_t i = 0; i < count; i++)
            roots[i + 1] = self->host_path_roots[i];
    }
    return roots;
}

/* What the record says of the rendered objects. New reference. */
static json_t *record_of(const json_t *objects)
{
    CLEANUP(free_text) char *text = json_dumps(objects, JSON_COMPACT | JSON_SORT_KEYS);
    struct sha256 sum;
    char hex[65];

    if (!text)
        return NULL;
    sha256_init(&sum);
    sha256_add(&sum, text, strlen(text));
    sha256_hex(&sum, hex);
    return json_pack("{si ss}", "manifests", (int)json_array_size(objects), "sha256", hex);
}

/* *objects, *warnings: new references. */
static inno_rc render(struct local_work *work, struct kube_options *options, json_t **objects, json_t **warnings)
{
    char volumes[LOCAL_PATH_BYTES], why[600] = "";
    const char **roots;
    int rc;

    *options = (struct kube_options){.namespace = work->self->namespace,
                                     .application = work->res->application,
                                     .environment = work->res->environment,
                                     .team = work->res->team,
                                     .product = work->res->product,
                                     .replicas = 1};
    if (kube_take_replicas(work->params, options, why, sizeof why) < 0)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "%s", why);
    local_team_path(work->self, "volumes", work->res->team, volumes);
    volumes[strlen(volumes) - 1] = '\0';
    roots = make_roots(work->self, volumes);
    if (!roots)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    options->host_path_roots = roots;
    rc = kube_render_workload(work->params, options, objects, warnings, why, sizeof why);
    options->host_path_roots = NULL;
    free(roots);
    return rc < 0 ? work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "%s", why) : INNO_OK;
}

static inno_rc provision(struct local_work *work)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL;
    struct kube_options options;
    json_t *warning;
    size_t i, count;
    inno_rc rc = render(work, &options, &objects, &warnings);

    if (rc != INNO_OK)
        return rc;
    json_array_foreach(warnings, i, warning) work->host->log(work->call, INNO_LOG_WARN, "%s", json_string_value(warning));
    count = json_array_size(objects);
    rc = kube_output_manifests(work->host, work->call, work->params, &options, objects);
    if (rc == INNO_OK)
        rc = local_record_write(work, record_of(objects));
    if (rc == INNO_OK)
        work->host->log(work->call, INNO_LOG_INFO, "rendered %zu Kubernetes manifest%s", count, count == 1 ? "" : "s");
    return rc;
}

/* That the manifests would be others; the server keeps them, so what differs is not known here. */
static inno_rc plan(struct local_work *work)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL;
    struct kube_options options;
    inno_rc rc = render(work, &options, &objects, &warnings);

    return rc == INNO_OK ? local_record_plan(work, record_of(objects)) : rc;
}

static inno_rc status(struct local_work *work) { return local_record_status(work, "its manifests are rendered; nothing runs them here"); }

static inno_rc hints(struct local_work *work)
{
    char command[200];

    snprintf(command, sizeof command, "innominatus manifests %.100s", work->res->application);
    work->host->hint(work->call, INNO_HINT_COMMAND, "see its manifests", command);
    return INNO_OK;
}

const struct local_type local_workload = {"workload", "workloads", provision, local_record_remove, status, hints, plan};
