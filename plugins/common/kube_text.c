/* Names, texts and JSON helpers of the renderer. Pure; any thread. */
#include "kube_priv.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int kube_fail(struct kube_render *r, const struct kube_place *at, const char *format, ...)
{
    size_t used = 0;
    va_list args;

    if (at) {
        int n = snprintf(r->why, r->why_size, "containers.%s%s%s%s%s: ", at->container, at->section ? "." : "",
                         at->section ? at->section : "", at->item ? "." : "", at->item ? at->item : "");

        used = n < 0 ? 0 : (size_t)n < r->why_size ? (size_t)n : r->why_size - 1;
    }
    va_start(args, format);
    vsnprintf(r->why + used, r->why_size - used, format, args);
    va_end(args);
    return -1;
}

void kube_warn(struct kube_render *r, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    kube_append(r, r->warnings, json_string(text));
}

void kube_set(struct kube_render *r, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        r->out_of_memory = true;
}

void kube_append(struct kube_render *r, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        r->out_of_memory = true;
}

static int compare_texts(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

const char **kube_sorted_keys(struct kube_render *r, const json_t *object, size_t *out_count)
{
    size_t count = 0;
    const char **keys = calloc(json_object_size(object) + 1, sizeof *keys);
    const char *key;
    json_t *value;

    if (!keys) {
        r->out_of_memory = true;
        *out_count = 0;
        return NULL;
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value) keys[count++] = key;
    if (count)
        qsort(keys, count, sizeof *keys, compare_texts);
    *out_count = count;
    return keys;
}

/* FNV-1a: names and change detection only, nothing that an attacker gains by guessing. */
uint64_t kube_hash(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

void kube_safe_label(const char *text, char out[64])
{
    size_t len = strlen(text), used = 0;
    bool changed = len == 0 || len > 63;

    for (size_t i = 0; i < len && used < 63; i++) {
        char c = text[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        else if (!is_alnum(c) && c != '-')
            c = '-';
        if (c == '-' && used == 0) {
            changed = true;
            continue;
        }
        changed |= c != text[i];
        out[used++] = c;
    }
    if (used && out[used - 1] == '-')
        changed = true;
    if (changed) {
        if (used > 50)
            used = 50;
        while (used && out[used - 1] == '-')
            used--;
        snprintf(out + used, 64 - used, "%s%012llx", used ? "-" : "x", (unsigned long long)(kube_hash(text, len) & 0xffffffffffffULL));
    } else {
        out[used] = '\0';
    }
}

void kube_data_key(const char *prefix, const char *text, bool path, char out[254])
{
    size_t used = strlen(prefix), len = strlen(text);
    char natural = path ? '/' : '_';
    bool changed = used + len > 230;

    memcpy(out, prefix, used);
    while (path && *text == '/')
        text++;
    for (const char *at = text; *at && used < 230; at++) {
        char c = *at;

        /* a path's slash becomes "_", and so a path that has "_" of its own gets a hash beside it; a variable's "_" stays */
        if (c == '.' && at[1] == '.')
            c = ' '; /* Kubernetes refuses "..name" */
        changed |= !is_alnum(c) && c != '-' && c != '.' && c != natural;
        out[used++] = is_alnum(c) || c == '-' || c == '.' ? c : '_';
    }
    if (changed)
        used += (size_t)snprintf(out + used, 24, "-%016llx", (unsigned long long)kube_hash(text, strlen(text)));
    out[used] = '\0';
}

void kube_label_value(const char *text, char out[64])
{
    size_t used = 0;

    for (; *text && used < 63; text++) {
        char c = is_alnum(*text) || *text == '-' || *text == '.' || *text == '_' ? *text : '-';

        if (used || is_alnum(c))
            out[used++] = c;
    }
    while (used && !is_alnum(out[used - 1]))
        used--;
    out[used] = '\0';
}

json_t *kube_literal(const char *text)
{
    size_t used = 0;
    char *out = malloc(strlen(text) * 2 + 1);
    json_t *value;

    if (!out)
        return NULL;
    for (; *text; text++) {
        if (*text == '$' && (text[1] == '$' || text[1] == '('))
            out[used++] = '$';
        out[used++] = *text;
    }
    value = json_stringn(out, used);
    free(out);
    return value;
}

const char *kube_secret_ref(const json_t *value)
{
    return json_object_size(value) == 1 ? json_string_value(json_object_get(value, "$secret")) : NULL;
}

json_t *kube_selector(struct kube_render *r)
{
    char value[64];
    json_t *labels = json_object();

    kube_set(r, labels, "app.kubernetes.io/name", json_string(r->name));
    kube_label_value(r->options->environment ? r->options->environment : "", value);
    if (value[0])
        kube_set(r, labels, "app.kubernetes.io/instance", json_string(value));
    return labels;
}

/* Adds a label when there is something to say. */
static void set_label(struct kube_render *r, json_t *labels, const char *key, const char *text)
{
    char value[64];

    kube_label_value(text ? text : "", value);
    if (value[0])
        kube_set(r, labels, key, json_string(value));
}

json_t *kube_metadata(struct kube_render *r, const char *name)
{
    json_t *metadata = json_object(), *labels = kube_selector(r);

    kube_set(r, metadata, "name", json_string(name));
    if (r->options->namespace && r->options->namespace[0])
        kube_set(r, metadata, "namespace", json_string(r->options->namespace));
    set_label(r, labels, "app.kubernetes.io/part-of", r->options->application);
    set_label(r, labels, "app.kubernetes.io/managed-by", "innominatus");
    set_label(r, labels, "innominatus.dev/team", r->options->team);
    set_label(r, labels, "innominatus.dev/product", r->options->product);
    set_label(r, labels, "innominatus.dev/environment", r->options->environment);
    kube_set(r, metadata, "labels", labels);
    return metadata;
}
