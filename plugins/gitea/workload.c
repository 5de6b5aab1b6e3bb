/* workload -> repository, branch, commit, url, endpoint: the containers of a Score file, rendered to Kubernetes manifests and committed
 * where the entry's config.manifests says, for Argo CD or Flux to take them from there. Secrets stay references. Slot's thread. */
#include "gitea.h"
#include "kube_render.h"
#include <stdio.h>
#include <string.h>

static json_t *manifests_of(struct gitea_work *work, const char *namespace, json_t **warnings, char *endpoint, size_t endpoint_size,
                            inno_rc *rc)
{
    const json_t *replicas = json_object_get(work->params, "replicas");
    CLEANUP(json_put) json_t *objects = NULL;
    char why[600] = "";
    struct kube_options options = {.namespace = namespace,
                                   .application = work->scope.application,
                                   .environment = work->scope.environment,
                                   .team = work->scope.team,
                                   .product = work->res->product,
                                   .replicas = 1};
    json_t *list;

    if (replicas && (!json_is_integer(replicas) || json_integer_value(replicas) < 0 || json_integer_value(replicas) > KUBE_MAX_REPLICAS)) {
        *rc = GITEA_FAIL(work, INNO_INVALID_RESOURCE, "replicas must be 0 to %d", KUBE_MAX_REPLICAS);
        return NULL;
    }
    if (replicas)
        options.replicas = (int)json_integer_value(replicas);
    if (kube_render_workload(work->params, &options, &objects, warnings, why, sizeof why) < 0) {
        *rc = GITEA_FAIL(work, INNO_INVALID_RESOURCE, "%s", why);
        return NULL;
    }
    kube_endpoint(work->params, &options, endpoint, endpoint_size);
    list = kube_manifests(objects);
    *rc = list ? INNO_OK : GITEA_NO_MEMORY(work);
    return list;
}

/* The folder of this workload; every one has its own. */
static inno_rc folder_of(struct gitea_work *work, const json_t *config, char *out, size_t cap)
{
    const char *form = field_text(config, "path", "{team}/{environment}/{application}");
    char base[300], own[81];

    if (!name_expand(&work->scope, form, base, sizeof base))
        return GITEA_FAIL(work, INNO_INVALID_CONFIG, "config.manifests.path becomes too long");
    name_part(work->name, own);
    snprintf(out, cap, "%s%s%s", base, base[0] ? "/" : "", own);
    if (strlen(out) > 190 || !place_is_file(out))
        return GITEA_FAIL(work, INNO_INVALID_CONFIG, "config.manifests.path becomes \"%.200s\", which is no folder", out);
    return INNO_OK;
}

/* The params of a git-commit that does it. */
static inno_rc describe(struct gitea_work *work, json_t **out, char *endpoint, size_t endpoint_size)
{
    const json_t *config = json_object_get(work->self->config, "manifests");
    CLEANUP(json_put) json_t *warnings = NULL;
    char namespace[300] = "", folder[400], repository[300];
    json_t *files, *warning;
    inno_rc rc;
    size_t i;

    if (!config)
        return GITEA_FAIL(work, INNO_INVALID_CONFIG,
                          "config.manifests is missing: {repository, branch, path, namespace} says where the manifests of a workload go");
    if (!name_expand(&work->scope, field_text(config, "namespace", ""), namespace, sizeof namespace) ||
        !name_expand(&work->scope, field_text(config, "repository", ""), repository, sizeof repository))
        return GITEA_FAIL(work, INNO_INVALID_CONFIG, "config.manifests: namespace or repository becomes too long");
    if ((rc = folder_of(work, config, folder, sizeof folder)) != INNO_OK)
        return rc;
    files = manifests_of(work, namespace[0] ? namespace : NULL, &warnings, endpoint, endpoint_size, &rc);
    if (!files)
        return rc;
    json_array_foreach(warnings, i, warning) work->host->log(work->call, INNO_LOG_WARN, "%s", json_string_value(warning));
    *out = json_pack("{s:s,s:s,s:o,s:b}", "repository", repository, "path", folder, "files", files, "adopt",
                     field_bool(config, "adopt", false));
    for (const char *const *key = (const char *const[]){"branch", "from", NULL}; *key; key++)
        if (json_object_get(config, *key))
            json_object_set(*out, *key, json_object_get(config, *key));
    return *out ? INNO_OK : GITEA_NO_MEMORY(work);
}

static inno_rc with_commit(struct gitea_work *work, inno_rc (*slot)(struct gitea_work *work, struct gitea_commit *commit), bool tell)
{
    CLEANUP(json_put) json_t *params = NULL;
    CLEANUP(commit_fini) struct gitea_commit commit = {.files = NULL};
    struct gitea_work inner = *work;
    char endpoint[400] = "";
    inno_rc rc = describe(work, &params, endpoint, sizeof endpoint);

    inner.params = params;
    inner.is_trusted = true; /* the admin has named the repository */
    if (rc == INNO_OK)
        rc = commit_take(&inner, &commit);
    if (rc == INNO_OK)
        rc = slot(&inner, &commit);
    if (rc == INNO_OK && tell && endpoint[0])
        work->host->output(work->call, "endpoint", endpoint);
    return rc;
}

static inno_rc provision(struct gitea_work *work) { return with_commit(work, commit_provision, true); }
static inno_rc status(struct gitea_work *work) { return with_commit(work, commit_status, false); }
static inno_rc plan(struct gitea_work *work) { return with_commit(work, commit_plan, false); }

const struct gitea_type gitea_workload = {"workload", NULL, provision, commit_deprovision, status, commit_hints, plan};
