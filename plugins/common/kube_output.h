/* What provisioners of type workload share besides the renderer: replicas, and outputs. The slot's thread. */
#pragma once
#include "kube_render.h"
#include <innominatus/provisioner.h>

/* Takes `replicas` out of the workload's params; absent leaves options->replicas. 0, -1 with the reason in `why`. */
int kube_take_replicas(const json_t *workload, struct kube_options *options, char *why, size_t why_size);
/* Outputs `manifests` and, with a service, `endpoint`. Fails INVALID_RESOURCE when they are too large for outputs. */
inno_rc kube_output_manifests(const inno_host *host, inno_call *call, const json_t *workload, const struct kube_options *options,
                              const json_t *objects);
