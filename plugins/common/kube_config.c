/* Variables, files and volumes of a container: env, ConfigMap, Secret, volumes of the pod and their mounts. Pure; any thread. */
#include "base64.h"
#include "kube_priv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is collected for one container. */
struct config {
    struct kube_render *r;
    const struct kube_container *c;
    json_t *env;                        /* borrowed by the caller's container */
    json_t *data, *binary;              /* of the ConfigMap */
    json_t *secret_data, *references;   /* of the Secret */
    json_t *plain_items, *secret_items; /* of the two volumes */
    json_t *mounts;                     /* borrowed */
    size_t config_bytes, secret_bytes;
    char config_name[160], secret_name[160]; /* objects */
    char plain_volume[64], secret_volume[64];
};

static struct kube_place place(const struct config *g, const char *section, const char *item)
{
    return (struct kube_place){g->c->name, section, item};
}

/* files-CONTAINER-SUFFIX as a label: volumes have no dots in their names. */
static void volume_name(const char *container, const char *suffix, char out[64])
{
    char text[100];

    snprintf(text, sizeof text, "files-%.63s-%s", container, suffix);
    kube_safe_label(text, out);
}

/* Puts a secret under `key` of the container's Secret object: the reference always, the value when it may be opened. */
static int add_secret(struct config *g, const struct kube_place *at, const char *key, const char *reference)
{
    struct kube_render *r = g->r;
    char *text = NULL, why[300] = "";
    size_t len;

    if (json_object_get(g->references, key))
        return kube_fail(r, at, "two secrets would have the key \"%s\"; rename one", key);
    kube_set(r, g->references, key, json_string(reference));
    if (!r->options->open_secret)
        return 0;
    if (r->options->open_secret(r->options->ctx, reference, &text, why, sizeof why) < 0)
        return kube_fail(r, at, "cannot open the secret: %s", why);
    len = strlen(text);
    g->secret_bytes += len;
    kube_set(r, g->secret_data, key, base64_text(text, len));
    explicit_bzero(text, len);
    free(text);
    return g->secret_bytes > KUBE_MAX_CONFIG_BYTES ? kube_fail(r, at, "the secrets of the container exceed %u bytes", KUBE_MAX_CONFIG_BYTES)
                                                   : 0;
}

static int add_variable(struct config *g, const char *name, const json_t *value)
{
    struct kube_place at = place(g, "variables", name);
    struct kube_render *r = g->r;
    const char *reference = kube_secret_ref(value);
    json_t *item, *from;
    char key[254];

    for (const char *c = name; *c; c++)
        if (*c < 0x20 || *c > 0x7e || *c == '=')
            return kube_fail(r, &at, "Kubernetes takes printable ASCII in the name of a variable");
    if (!*name || strlen(name) > 253)
        return kube_fail(r, &at, "a variable's name has 1 to 253 characters");
    if (!reference && (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)))
        return kube_fail(r, &at, "the value must be a text without NUL");
    if (!reference && json_string_length(value) >= KUBE_MAX_TEXT_BYTES)
        return kube_fail(r, &at, "%zu bytes; a variable has at most %u", json_string_length(value), KUBE_MAX_TEXT_BYTES - 1);
    item = json_object();
    kube_set(r, item, "name", json_string(name));
    kube_append(r, g->env, json_incref(item));
    if (!reference) {
        kube_set(r, item, "value", kube_literal(json_string_value(value)));
        json_decref(item);
        return 0;
    }
    kube_data_key("env.", name, false, key);
    from = json_pack("{s{ss ss}}", "secretKeyRef", "name", g->secret_name, "key", key);
    kube_set(r, item, "valueFrom", from);
    json_decref(item);
    return add_secret(g, &at, key, reference);
}

/* Paths of mounts: absolute, no "..", no ':', unique in the container. */
static int add_mount(struct kube_render *r, const struct kube_place *at, json_t *mounts, const char *path, json_t *mount)
{
    CLEANUP(json_put) json_t *owned = mount;
    size_t i;
    json_t *other;

    if (path[0] != '/' || strlen(path) > 4096 || strchr(path, ':'))
        return kube_fail(r, at, "the target must be an absolute path of at most 4096 characters without ':'");
    for (const char *part = path; part; part = strchr(part + 1, '/'))
        if (strncmp(part, "/..", 3) == 0 && (part[3] == '/' || part[3] == '\0'))
            return kube_fail(r, at, "the target must not go up with \"..\"");
    json_array_foreach(mounts, i, other) if (strcmp(json_string_value(json_object_get(other, "mountPath")), path) ==
                                             0) return kube_fail(r, at, "two files or volumes have this target");
    kube_append(r, mounts, json_incref(owned));
    return 0;
}

/* Octal text to number: "0644" or "644"; -1 when it is none. */
static int file_mode(const json_t *mode)
{
    const char *text = json_string_value(mode);
    char *end;
    long value;

    if (!mode)
        return 0644;
    if (!text || strlen(text) < 3 || strlen(text) > 4 || strspn(text, "01234567") != strlen(text) || (text[3] && text[0] != '0'))
        return -1;
    value = strtol(text, &end, 8);
    return value <= 0777 ? (int)value : -1;
}

/* Puts a plain file's bytes into the ConfigMap. */
static int add_plain_file(struct config *g, const struct kube_place *at, const char *key, const json_t *file)
{
    const json_t *content = json_object_get(file, "content"), *binary = json_object_get(file, "binaryContent");
    struct kube_render *r = g->r;
    long bytes;

    if (json_object_get(g->data, key) || json_object_get(g->binary, key))
        return kube_fail(r, at, "two files would have the key \"%s\"; rename one", key);
    if (json_is_string(content)) {
        const char *text = json_string_value(content);
        size_t len = json_string_length(content);

        bytes = (long)len;
        if (memchr(text, '\0', len))
            kube_set(r, g->binary, key, base64_text(text, len));
        else
            kube_set(r, g->data, key, json_stringn(text, len));
    } else {
        bytes = json_is_string(binary) ? base64_length(json_string_value(binary), json_string_length(binary)) : -1;
        if (bytes < 0)
            return kube_fail(r, at, "binaryContent is no standard base64");
        kube_set(r, g->binary, key, json_string(json_string_value(binary)));
    }
    g->config_bytes += (size_t)bytes;
    if (g->config_bytes > KUBE_MAX_CONFIG_BYTES)
        return kube_fail(r, at, "the files of the container exceed the %u bytes of a ConfigMap; put them into the image or a volume",
                         KUBE_MAX_CONFIG_BYTES);
    return 0;
}

static int add_file(struct config *g, const char *target, const json_t *file)
{
    struct kube_place at = place(g, "files", target);
    const json_t *content = json_object_get(file, "content");
    const char *reference = kube_secret_ref(content);
    int mode = file_mode(json_object_get(file, "mode"));
    json_t *mount;
    char key[254];

    if (!json_is_object(file))
        return kube_fail(g->r, &at, "must be an object with content or binaryContent");
    if (json_object_get(file, "source"))
        return kube_fail(g->r, &at, "`source` was not read; the client uploads such files with the Score file");
    if (!content == !json_object_get(file, "binaryContent"))
        return kube_fail(g->r, &at, "needs either content or binaryContent");
    if (mode < 0)
        return kube_fail(g->r, &at, "mode must be three octal digits, with or without a leading 0, as a text (\"0644\")");
    kube_data_key(reference ? "file." : "", target, true, key);
    mount = json_pack("{ss ss ss sb}", "name", reference ? g->secret_volume : g->plain_volume, "mountPath", target, "subPath", key,
                      "readOnly", 1);
    if (!mount)
        return kube_fail(g->r, &at, "out of memory");
    if (add_mount(g->r, &at, g->mounts, target, mount) < 0)
        return -1;
    kube_append(g->r, reference ? g->secret_items : g->plain_items, json_pack("{ss ss si}", "key", key, "path", key, "mode", mode));
    return reference ? add_secret(g, &at, key, reference) : add_plain_file(g, &at, key, file);
}

/* Adds one object of kind ConfigMap or Secret to r->configs. */
static json_t *add_object(struct kube_render *r, const char *kind, const char *name)
{
    json_t *object = json_object();

    kube_set(r, object, "apiVersion", json_string("v1"));
    kube_set(r, object, "kind", json_string(kind));
    kube_set(r, object, "metadata", kube_metadata(r, name));
    kube_append(r, r->configs, object);
    return object;
}

static int add_objects(struct config *g)
{
    struct kube_render *r = g->r;
    json_t *object;

    if (json_object_size(g->data) || json_object_size(g->binary)) {
        object = add_object(r, "ConfigMap", g->config_name);
        if (json_object_size(g->data))
            kube_set(r, object, "data", json_incref(g->data));
        if (json_object_size(g->binary))
            kube_set(r, object, "binaryData", json_incref(g->binary));
    }
    if (json_object_size(g->references)) {
        char *text = json_dumps(g->references, JSON_COMPACT | JSON_SORT_KEYS);
        struct kube_place at = place(g, NULL, NULL);
        size_t len = text ? strlen(text) : 0;

        object = add_object(r, "Secret", g->secret_name);
        kube_set(r, json_object_get(object, "metadata"), "annotations", json_pack("{ss}", "innominatus.dev/secret-ref", text ? text : ""));
        free(text);
        kube_set(r, object, "type", json_string("Opaque"));
        if (r->options->open_secret)
            kube_set(r, object, "data", json_incref(g->secret_data));
        if (!text || len > KUBE_MAX_ANNOTATION_BYTES)
            return kube_fail(r, &at, "the references of its secrets exceed %u bytes", KUBE_MAX_ANNOTATION_BYTES);
    }
    if (json_array_size(g->plain_items))
        kube_append(r, r->volumes,
                    json_pack("{ss s{ss sO}}", "name", g->plain_volume, "configMap", "name", g->config_name, "items", g->plain_items));
    if (json_array_size(g->secret_items))
        kube_append(r, r->volumes,
                    json_pack("{ss s{ss sO}}", "name", g->secret_volume, "secret", "secretName", g->secret_name, "items", g->secret_items));
    return 0;
}

typedef int (*add_member)(struct config *g, const char *key, const json_t *value);

/* Calls `add` for each member of the container's `section`, in byte order. */
static int each_member(struct config *g, const char *section, size_t limit, add_member add)
{
    const json_t *members = json_object_get(g->c->spec, section);
    struct kube_place at = place(g, section, NULL);
    size_t count;
    const char **keys;
    int rc = 0;

    if (!members)
        return 0;
    if (!json_is_object(members))
        return kube_fail(g->r, &at, "must be a map (the older list form is normalised before)");
    if (json_object_size(members) > limit)
        return kube_fail(g->r, &at, "%zu entries; the limit is %zu", json_object_size(members), limit);
    keys = kube_sorted_keys(g->r, members, &count);
    for (size_t i = 0; keys && i < count && rc == 0; i++)
        rc = add(g, keys[i], json_object_get(members, keys[i]));
    free(keys);
    return rc;
}

static void config_fini(struct config *g)
{
    json_t *all[] = {g->data, g->binary, g->secret_data, g->references, g->plain_items, g->secret_items};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        json_decref(all[i]);
}

int kube_render_config(struct kube_render *r, const struct kube_container *c, json_t *mounts, json_t **out_env)
{
    CLEANUP(config_fini)
    struct config g = {.r = r,
                       .c = c,
                       .env = json_array(),
                       .data = json_object(),
                       .binary = json_object(),
                       .secret_data = json_object(),
                       .references = json_object(),
                       .plain_items = json_array(),
                       .secret_items = json_array(),
                       .mounts = mounts};
    CLEANUP(json_put) json_t *env = g.env;

    /* Dots, which neither name has: "a" with container "b-c" and "a-b" with container "c" must not meet. */
    snprintf(g.config_name, sizeof g.config_name, "%.63s.%.63s.files", r->name, c->name);
    snprintf(g.secret_name, sizeof g.secret_name, "%.63s.%.63s.secrets", r->name, c->name);
    volume_name(c->name, "plain", g.plain_volume);
    volume_name(c->name, "secret", g.secret_volume);
    if (each_member(&g, "variables", KUBE_MAX_VARIABLES, add_variable) < 0 || each_member(&g, "files", KUBE_MAX_FILES, add_file) < 0 ||
        add_objects(&g) < 0)
        return -1;
    *out_env = json_incref(env);
    return 0;
}

/* True when `path` is a root or lies below one, in its plain form. */
static bool below_root(const char *path, const char *const *roots)
{
    if (strstr(path, "/../") || strstr(path, "/./") || strstr(path, "//") ||
        (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
        return false;
    for (; roots && *roots; roots++) {
        size_t len = strlen(*roots);

        if (len > 1 && strncmp(path, *roots, len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

/* The pod's volume for a source; made when it is not there yet. */
static int pod_volume(struct kube_render *r, const struct kube_place *at, const char *source, char name[64])
{
    json_t *volume, *other;
    size_t i;

    snprintf(name, 64, "volume-%016llx", (unsigned long long)kube_hash(source, strlen(source)));
    json_array_foreach(r->volumes, i, other) if (strcmp(json_string_value(json_object_get(other, "name")), name) == 0) return 0;
    if (source[0] == '/') {
        if (!below_root(source, r->options->host_path_roots))
            return kube_fail(r, at,
                             "\"%.200s\" is no directory that this platform lets workloads mount; use a resource of type volume as source",
                             source);
        volume = json_pack("{ss s{ss ss}}", "name", name, "hostPath", "path", source, "type", "Directory");
    } else {
        size_t len = strlen(source);

        if (len > 253 || strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789-.") != len || strchr("-.", source[0]) ||
            strchr("-.", source[len - 1]))
            return kube_fail(r, at, "\"%.200s\" is neither an absolute path nor the name of a PersistentVolumeClaim", source);
        volume = json_pack("{ss s{ss}}", "name", name, "persistentVolumeClaim", "claimName", source);
    }
    kube_append(r, r->volumes, volume);
    return 0;
}

static int render_volume(struct kube_render *r, const struct kube_container *c, json_t *mounts, const char *target, const json_t *spec)
{
    struct kube_place at = {c->name, "volumes", target};
    const char *source = json_string_value(json_object_get(spec, "source")), *path = json_string_value(json_object_get(spec, "path"));
    bool read_only = json_is_true(json_object_get(spec, "readOnly"));
    json_t *mount;
    char name[64];

    if (!source || !source[0])
        return kube_fail(r, &at, "needs a source");
    if (path && (path[0] == '/' || strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
                 (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0)))
        return kube_fail(r, &at, "path must be relative to the volume and must not go up");
    if (pod_volume(r, &at, source, name) < 0)
        return -1;
    mount = json_pack("{ss ss}", "name", name, "mountPath", target);
    if (!mount)
        return kube_fail(r, &at, "out of memory");
    if (path && path[0])
        kube_set(r, mount, "subPath", json_string(path));
    if (read_only)
        kube_set(r, mount, "readOnly", json_true());
    r->writes_volumes |= !read_only;
    return add_mount(r, &at, mounts, target, mount);
}

int kube_render_volumes(struct kube_render *r, const struct kube_container *c, json_t *mounts)
{
    const json_t *volumes = json_object_get(c->spec, "volumes");
    struct kube_place at = {c->name, "volumes", NULL};
    size_t count;
    const char **targets;
    int rc = 0;

    if (!volumes)
        return 0;
    if (!json_is_object(volumes))
        return kube_fail(r, &at, "must be a map (the older list form is normalised before)");
    if (json_object_size(volumes) > KUBE_MAX_VOLUMES)
        return kube_fail(r, &at, "%zu entries; the limit is %d", json_object_size(volumes), KUBE_MAX_VOLUMES);
    targets = kube_sorted_keys(r, volumes, &count);
    for (size_t i = 0; targets && i < count && rc == 0; i++)
        rc = render_volume(r, c, mounts, targets[i], json_object_get(volumes, targets[i]));
    free(targets);
    return rc;
}
