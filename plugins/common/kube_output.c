/* Outputs of a workload, for every provisioner that renders one. The slot's thread. */
#include "kube_output.h"
#include "tidy.h"
#include <innominatus/helpers.h>
#include <stdio.h>

#define MANIFESTS_BYTES (INNO_MAX_OUTPUTS_BYTES - 8u * 1024u) /* the rest is for the other outputs */

int kube_take_replicas(const json_t *workload, struct kube_options *options, char *why, size_t why_size)
{
    const json_t *replicas = json_object_get(workload, "replicas");

    if (!replicas)
        return 0;
    if (!json_is_integer(replicas) || json_integer_value(replicas) < 0 || json_integer_value(replicas) > KUBE_MAX_REPLICAS) {
        snprintf(why, why_size, "replicas must be 0 to %d", KUBE_MAX_REPLICAS);
        return -1;
    }
    options->replicas = (int)json_integer_value(replicas);
    return 0;
}

inno_rc kube_output_manifests(const inno_host *host, inno_call *call, const json_t *workload, const struct kube_options *options,
                              const json_t *objects)
{
    CLEANUP(json_put) json_t *manifests = kube_manifests(objects);
    CLEANUP(free_text) char *text = manifests ? json_dumps(manifests, JSON_COMPACT) : NULL;
    char endpoint[400];

    if (!text)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    if (strlen(text) > MANIFESTS_BYTES)
        return host->fail(call, INNO_INVALID_RESOURCE, -1,
                          "the manifests take %zu bytes, the limit is %u; put large files into the image or a volume", strlen(text),
                          MANIFESTS_BYTES);
    kube_endpoint(workload, options, endpoint, sizeof endpoint);
    host->output_json(call, "manifests", inno_span_of(text));
    if (endpoint[0])
        host->output(call, "endpoint", endpoint);
    return INNO_OK;
}
