/* What the renderer's files share; see kube_render.h. */
#pragma once
#include "kube_render.h"
#include <stdbool.h>
#include <stdint.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void json_put(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

struct kube_render {
    const json_t *workload;
    const struct kube_options *options;
    const char *name; /* of the workload and of its objects */
    char *why;
    size_t why_size;
    bool out_of_memory;  /* sticky: set by kube_set, looked at once at the end */
    json_t *warnings;    /* texts */
    json_t *configs;     /* list of ConfigMap and Secret objects */
    json_t *volumes;     /* of the pod */
    bool writes_volumes; /* some volume is mounted for writing */
};

/* Where the renderer is, for messages. */
struct kube_place {
    const char *container;
    const char *section; /* "files", "variables", ... or NULL */
    const char *item;    /* or NULL */
};

/* How containers stand to each other. */
enum kube_role { KUBE_MAIN, KUBE_SIDECAR, KUBE_INIT };

struct kube_container {
    const char *name;
    const json_t *spec;
    enum kube_role role;
    bool healthy; /* a sidecar that must be healthy before the next starts */
    bool placed;  /* ordering is done with it */
};

/* ---- kube_text.c ---- */
int kube_fail(struct kube_render *r, const struct kube_place *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void kube_warn(struct kube_render *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets a member and takes over `value`; a failure sets out_of_memory. */
void kube_set(struct kube_render *r, json_t *object, const char *key, json_t *value);
void kube_append(struct kube_render *r, json_t *array, json_t *value);
/* Keys of an object in byte order; free() the list. NULL (and out_of_memory) when memory is short. */
const char **kube_sorted_keys(struct kube_render *r, const json_t *object, size_t *out_count);
uint64_t kube_hash(const void *bytes, size_t len);
/* A data key of a ConfigMap or Secret ([-._a-zA-Z0-9], at most 253 characters) for `text`, after `prefix`. `path`: it is one, else the
 * name of a variable. */
void kube_data_key(const char *prefix, const char *text, bool path, char out[254]);
/* A label's value: at most 63 of [-._a-zA-Z0-9], ends alphanumeric. */
void kube_label_value(const char *text, char out[64]);
/* A text in which Kubernetes expands nothing. New string value. */
json_t *kube_literal(const char *text);
/* The reference of {"$secret": reference}, NULL when `value` is none. */
const char *kube_secret_ref(const json_t *value);
/* {app.kubernetes.io/name..., instance}: what selects the pods. New references. */
json_t *kube_selector(struct kube_render *r);
json_t *kube_metadata(struct kube_render *r, const char *name);

/* ---- kube_config.c: variables and files of one container ---- */
/* Gives `env` (list or NULL), and adds mounts to `mounts`, objects to r->configs, volumes to r->volumes. */
int kube_render_config(struct kube_render *r, const struct kube_container *c, json_t *mounts, json_t **out_env);
int kube_render_volumes(struct kube_render *r, const struct kube_container *c, json_t *mounts);

/* ---- kube_container.c ---- */
/* The container's object; new reference. */
int kube_render_container(struct kube_render *r, const struct kube_container *c, json_t **out);

/* ---- kube_order.c ---- */
/* Sorts out roles; `list` has `count` containers, in byte order of their names, and leaves in the order in which they start. */
int kube_order_containers(struct kube_render *r, struct kube_container *list, size_t count);
