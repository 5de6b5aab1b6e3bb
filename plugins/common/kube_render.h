/* A Score workload as Kubernetes objects: Deployment, Service, a ConfigMap for each container's files, a Secret for what must not be read.
 *
 * The workload is Score v1b1, normalised: placeholders resolved, files and volumes as maps, `files.*.source` read into content or
 * binaryContent, `volumes.*.source` the resolved output of the resource (an absolute path or the name of a PersistentVolumeClaim). A secret
 * is {"$secret": reference}; without `open_secret` it never becomes text: the Secret object carries the references in the annotation
 * innominatus.dev/secret-ref and no data.
 *
 * How Score's words become Kubernetes'
 *   before: complete         the other container is an init container
 *   before: started, healthy the other container is a native sidecar (init container with restartPolicy Always, Kubernetes 1.29), with a
 * startupProbe made of its readiness or liveness probe for `healthy` a probe with both kinds  exec is taken, as Score says memory 125K 125k
 * (Kubernetes has no K) $ in commands, args and variables is doubled where Kubernetes would expand $(NAME): Score knows no such expansion
 *   files                    one volume a container for plain files and one for secret ones, mounted file by file with subPath, each with
 * its mode volumes                  a path is hostPath, only below `host_path_roots`; another text is a claim
 *
 * The same workload gives the same bytes, whatever the order of its members. Pure functions; any thread. */
#pragma once
#include <jansson.h>
#include <stddef.h>

#define KUBE_MAX_CONTAINERS       32
#define KUBE_MAX_VARIABLES        1000 /* a container */
#define KUBE_MAX_FILES            256  /* a container */
#define KUBE_MAX_VOLUMES          64   /* a container */
#define KUBE_MAX_PORTS            250
#define KUBE_MAX_ARGUMENTS        1000            /* a command, args or a probe's command */
#define KUBE_MAX_TEXT_BYTES       (128u * 1024u)  /* one variable or argument: what Linux takes (MAX_ARG_STRLEN) */
#define KUBE_MAX_CONFIG_BYTES     (1024u * 1024u) /* a ConfigMap or a Secret */
#define KUBE_MAX_ANNOTATION_BYTES (256u * 1024u)  /* all annotations of an object */
#define KUBE_MAX_REPLICAS         1000

struct kube_options {
    const char *namespace;                                  /* NULL: none is written */
    const char *application, *environment, *team, *product; /* for labels; NULL or "": no label */
    int replicas;                                           /* 0 is none at all: the workload is scaled down */
    const char *const *host_path_roots;                     /* NULL-terminated directories; NULL: no path may be mounted */
    /* Opens a secret: 0 with *out_text (free()d by the renderer after wiping), -1 with the reason in `why`. NULL: references are kept. */
    int (*open_secret)(void *ctx, const char *reference, char **out_text, char *why, size_t why_size);
    void *ctx;
};

/* out_objects: a list of objects in the order in which they should be applied (ConfigMaps, Secrets, Service, Deployment); new reference.
 * out_warnings: a list of texts; new reference. Returns 0, or -1 with the reason in `why`, which names the place
 * ("containers.web.files./etc/x: ..."). */
int kube_render_workload(const json_t *workload, const struct kube_options *options, json_t **out_objects, json_t **out_warnings, char *why,
                         size_t why_size);

/* The objects as [{path: "shop-deployment.yaml", content: YAML}]. New reference; NULL when out of memory. */
json_t *kube_manifests(const json_t *objects);

/* Where the workload is reached inside the cluster: "NAME[.NAMESPACE]:PORT" of the first port by name, "" when it has no service. */
void kube_endpoint(const json_t *workload, const struct kube_options *options, char *out, size_t size);

/* An RFC 1123 label of at most 63 characters made of `text`: itself when it is one, else with what is not allowed replaced and a hash of
 * the original added. */
void kube_safe_label(const char *text, char out[64]);
