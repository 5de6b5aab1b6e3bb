/* workload -> manifests, endpoint: the containers of a Score file, rendered to Kubernetes manifests. Nothing runs here; the server keeps
 * the manifests. params is the Score workload, placeholders resolved, secrets as references, and `replicas`. */
#include "kube_render.h"
#include "local.h"
#include <stdio.h>
#include <string.h>

#define MANIFESTS_BYTES (INNO_MAX_OUTPUTS_BYTES - 8u * 1024u) /* the rest is for the other outputs */

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
    CLEANUP(json_put) json_t *manifests = kube_manifests(objects);
    CLEANUP(free_text) char *text = manifests ? json_dumps(manifests, JSON_COMPACT) : NULL;
    char endpoint[400];
    size_t count = json_array_size(objects);
    inno_rc rc;

    if (!text)
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    if (strlen(text) > MANIFESTS_BYTES)
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1,
                                "the manifests take %zu bytes, the limit is %u; put large files into the image or a volume", strlen(text),
                                MANIFESTS_BYTES);
    kube_endpoint(work->params, options, endpoint, sizeof endpoint);
    rc = local_record_write(work, json_pack("{si}", "manifests", (int)count));
    if (rc != INNO_OK)
        return rc;
    work->host->output_json(work->call, "manifests", inno_span_of(text));
    if (endpoint[0])
        work->host->output(work->call, "endpoint", endpoint);
    work->host->log(work->call, INNO_LOG_INFO, "rendered %zu Kubernetes manifest%s", count, count == 1 ? "" : "s");
    return INNO_OK;
}

static inno_rc provision(struct local_work *work)
{
    const json_t *replicas = json_object_get(work->params, "replicas");
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

    if (replicas && (!json_is_integer(replicas) || json_integer_value(replicas) < 0 || json_integer_value(replicas) > KUBE_MAX_REPLICAS))
        return work->host->fail(work->call, INNO_INVALID_RESOURCE, -1, "replicas must be 0 to %d", KUBE_MAX_REPLICAS);
    if (replicas)
        options.replicas = (int)json_integer_value(replicas);
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
