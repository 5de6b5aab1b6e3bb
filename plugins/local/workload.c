/* workload -> manifests, endpoint: the containers of a Score file, rendered to Kubernetes manifests. Nothing runs here; the server keeps
 * the manifests. params is the Score workload, placeholders resolved, secrets as references, and `replicas`. */
#include "kube_output.h"
#include "local.h"
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

static inno_rc emit(struct local_work *work, const struct kube_options *options, const json_t *objects)
{
    size_t count = json_array_size(objects);
    inno_rc rc = kube_output_manifests(work->host, work->call, work->params, options, objects);

    if (rc == INNO_OK)
        rc = local_record_write(work, json_pack("{si}", "manifests", (int)count));
    if (rc != INNO_OK)
        return rc;
    work->host->log(work->call, INNO_LOG_INFO, "rendered %zu Kubernetes manifest%s", count, count == 1 ? "" : "s");
    return INNO_OK;
}

static inno_rc provision(struct local_work *work)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL;
    char volumes[LOCAL_PATH_BYTES], why[600] = "";
    const char **roots;
    struct kube_options options = {.namespace = work->self->namespace,
                                   .application = work->res->application,
                                   .environment = work->res->environment,
                                   .team = work->res->team,
                                   .product = work->res->product,
                                   .replicas = 1};
    json_t *warning;
    size_t i;
    int rc;

    if (kube_take_replicas(work->params, &options, why, sizeof why) < 0)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "%s", why);
    local_team_path(work->self, "volumes", work->res->team, volumes);
    volumes[strlen(volumes) - 1] = '\0';
    roots = make_roots(work->self, volumes);
    if (!roots)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    options.host_path_roots = roots;
    rc = kube_render_workload(work->params, &options, &objects, &warnings, why, sizeof why);
    options.host_path_roots = NULL;
    free(roots);
    if (rc < 0)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "%s", why);
    json_array_foreach(warnings, i, warning) work->host->log(work->call, INNO_LOG_WARN, "%s", json_string_value(warning));
    return emit(work, &options, objects);
}

static inno_rc status(struct local_work *work) { return local_record_status(work, "its manifests are rendered; nothing runs them here"); }

static inno_rc hints(struct local_work *work)
{
    char command[200];

    snprintf(command, sizeof command, "innominatus manifests %.100s", work->res->application);
    work->host->hint(work->call, INNO_HINT_COMMAND, "see its manifests", command);
    return INNO_OK;
}

const struct local_type local_workload = {"workload", "workloads", provision, local_record_remove, status, hints};
