/* Score files: the first byte holds the options, the rest is the file. A valid file is also valid in its normal form, and that form is its
 * own; its placeholders can be resolved. */
#include "base/cleanup.h"
#include "fuzz.h"
#include "score/score.h"
#include <string.h>

static int output(void *ctx, const struct score_resource *resource, const char *const *keys, size_t count, json_t **out, struct err *err)
{
    (void)ctx;
    FUZZ_CHECK(resource->name && resource->type && resource->uid && count);
    if (keys[0][0] == 'x')
        return err_set(err, ERR_PLACEHOLDER, "no key %.60s", keys[0]);
    *out = keys[0][0] == 's' ? json_secret_new("env:S") : json_string(keys[0]);
    return 0;
}

static void resolve(const struct score *score)
{
    static const struct score_resolver resolver = {.output = output};
    CLEANUP(json_put) json_t *spec = NULL;
    struct err err = {0};

    score_resolve_placeholders(score, NULL, &resolver, &spec, &err);
    for (size_t i = 0; i < score->resource_count; i++) {
        CLEANUP(json_put) json_t *params = NULL;

        FUZZ_CHECK(score_find_resource(score, score->resources[i].name) == &score->resources[i]);
        score_resolve_placeholders(score, score->resources[i].name, &resolver, &params, &err);
    }
}

/* The normal form of a file is a Score file with the same normal form. */
static void check_normal(const struct score *score, struct arena *arena)
{
    struct diag_list diags = diag_list_make(arena, "normal.yaml");
    CLEANUP(score_put) struct score *again = NULL;
    CLEANUP(free_ptr) char *first = json_canonical(score->spec), *second = NULL;
    struct score_options options = {0};

    if (score_parse_json(score->spec, &options, arena, &diags, &again) < 0) {
        fprintf(stderr, "%s\n%s\n", diag_render(&diags, NULL, false, arena), first);
        FUZZ_CHECK(again); /* the normal form is valid */
    }
    second = json_canonical(again->spec);
    FUZZ_CHECK(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct score_file items[] = {{"conf/app.ini", "a=${metadata.name}\n", 19}, {"data.bin", "\0\1\2", 3}};
    static const struct score_files files = {items, sizeof items / sizeof items[0]};
    CLEANUP(arena_fini) struct arena arena = {0};
    struct diag_list diags = diag_list_make(&arena, "score.yaml");
    struct score_options options = {.strict = size && data[0] & 1, .files = size && data[0] & 2 ? &files : NULL};
    CLEANUP(score_put) struct score *score = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct score_wanted *wanted;
    struct node *root;
    int rc;

    if (size == 0)
        return 0;
    rc = score_parse((const char *)data + 1, size - 1, &options, &arena, &diags, &score);
    FUZZ_CHECK((rc < 0) == (diags.errors > 0) && (rc < 0) == !score);
    text = strndup((const char *)data + 1, size - 1);
    diag_render(&diags, text, true, &arena);
    json_decref(diag_to_json(&diags));
    diags = diag_list_make(&arena, "score.yaml");
    if ((root = node_parse_yaml((const char *)data + 1, size - 1, &arena, &diags)))
        for (size_t i = 0, count = score_collect_files(root, &arena, &wanted); i < count; i++)
            FUZZ_CHECK(wanted[i].path[0] && wanted[i].path[0] != '/');
    if (score) {
        resolve(score);
        check_normal(score, &arena);
    }
    return 0;
}
