/* ${...}: the first byte chooses the mode; the rest is a text, or a JSON value whose texts are interpolated. */
#include "base/cleanup.h"
#include "base/limits.h"
#include "codec/interpolate.h"
#include "fuzz.h"
#include <string.h>

/* Texts, numbers, secrets and structures by the first letter; nothing else exists. */
static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    (void)ctx;
    FUZZ_CHECK(count >= 1 && count <= INTERP_MAX_PARTS && text);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(parts[i] && parts[i][0]);
    switch (parts[0][0]) {
    case 't':
        *out = json_string(text);
        return 0;
    case 'n':
        *out = json_integer((json_int_t)count);
        return 0;
    case 's':
        *out = json_secret_new("env:A}$B");
        return 0;
    case 'o':
        *out = json_pack("{s:[s,n]}", "a", "${t}");
        return 0;
    case 'z':
        *out = json_null();
        return 0;
    default:
        return err_set(err, parts[0][0] == 'd' ? ERR_FORBIDDEN : ERR_UNKNOWN_REFERENCE, "no %.80s", text);
    }
}

static void on_error(void *ctx, const char *text, size_t offset, size_t width, const struct err *err)
{
    size_t *count = ctx;

    FUZZ_CHECK(err->code && offset <= strlen(text) && width <= strlen(text) - offset);
    (*count)++;
}

static int see(void *ctx, const char *const *parts, size_t count, const char *text, size_t offset, struct err *err)
{
    (void)ctx;
    (void)err;
    FUZZ_CHECK(parts && count && text && offset < (1u << 20));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *rest;
    size_t rest_len, errors = 0;
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *value = NULL, *one = NULL, *all = NULL, *told = NULL;
    enum interp_mode mode = size && data[0] % 2 ? INTERP_WORKFLOW : INTERP_SCORE;
    struct interp in = {.mode = mode, .resolve = resolve},
                  teller = {.mode = mode, .resolve = resolve, .ctx = &errors, .on_error = on_error};
    struct err err = {0};

    if (size == 0)
        return 0;
    text = fuzz_split(data + 1, size - 1, &rest, &rest_len);
    interp_scan(mode, text, see, NULL, &err);
    interp_text(&in, text, &one, &err);
    if (one && json_is_string(one))
        FUZZ_CHECK(json_string_length(one) <= LIMIT_EXPANDED_BYTES);
    if (json_parse(text, strlen(text), "value", LIMIT_JSON_BYTES, &value, &err) == 0) {
        interp_scan_value(mode, value, see, NULL, &err);
        interp_value(&in, value, &all, &err);
        interp_value(&teller, value, &told, &err);
    }
    return 0;
}
