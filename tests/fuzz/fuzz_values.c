/* The small languages: the first byte chooses one. What has an inverse is taken there and back. */
#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "codec/json.h"
#include "codec/units.h"
#include "fuzz.h"
#include <string.h>

static void try_json(const char *text, size_t len)
{
    CLEANUP(json_put) json_t *value = NULL, *again = NULL;
    CLEANUP(free_ptr) char *canonical = NULL, *twice = NULL;
    struct err err = {0};

    if (json_parse(text, len, "fuzz", LIMIT_JSON_BYTES, &value, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_SYNTAX || err.code == ERR_DUPLICATE_KEY || err.code == ERR_LIMIT || err.code == ERR_ENCODING);
        return;
    }
    canonical = json_canonical(value);
    FUZZ_CHECK(json_parse(canonical, strlen(canonical), "again", SIZE_MAX / 2, &again, &err) == 0);
    twice = json_canonical(again);
    FUZZ_CHECK(strcmp(canonical, twice) == 0);
    json_at(value, "a.b.0.c");
    json_has_secret(value);
    json_frozen_free(json_freeze(value));
}

static void try_base64(const char *text, size_t len)
{
    static const enum base64_form forms[] = {BASE64_STANDARD, BASE64_URL};
    CLEANUP(free_ptr) char *out = NULL, *encoded = base64_encode(text, len), *copy = strndup(text, len);
    size_t out_len = 0;
    struct err err = {0};

    FUZZ_CHECK(base64_decode(encoded, &out, &out_len, &err) == 0 && out_len == len && memcmp(out, text, len) == 0);
    FUZZ_CHECK(base64_is_valid(encoded));
    free(take_ptr(out));
    FUZZ_CHECK((base64_decode(copy, &out, &out_len, &err) == 0) == base64_is_valid(copy));
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(free_ptr) char *bytes = NULL, *back = NULL;

        if (base64_decode_form(forms[i], copy, strlen(copy), LIMIT_JSON_BYTES, &bytes, &out_len, &err) < 0)
            continue;
        back = base64_encode_form(forms[i], bytes, out_len);
        FUZZ_CHECK(strcmp(back, copy) == 0); /* one text for one value */
    }
}

static void try_units(const char *text)
{
    int64_t ms = 0, milli = 0, bytes = 0, number = 0, again = 0;
    char hint[128], shown[32];
    struct err err = {0};

    if (duration_parse(text, &ms, &err) == 0) {
        FUZZ_CHECK(ms >= 0);
        FUZZ_CHECK(duration_parse(duration_format(ms, shown), &again, &err) == 0 && again == ms);
    }
    quantity_parse(text, &milli, &err);
    if (bytes_parse(text, &bytes, &err) == 0)
        FUZZ_CHECK(bytes >= 0);
    quantity_hint(text, hint);
    str_to_int(text, &number);
}

static void try_time(const char *text)
{
    int64_t us = 0, again = 0;
    char shown[CLOCK_TEXT_BYTES];
    struct err err = {0};

    if (clock_parse(text, &us, &err) == 0)
        FUZZ_CHECK(clock_parse(clock_format(us, shown), &again, &err) == 0 && again == us);
}

/* A pattern, a NUL byte, a text. */
static void try_texts(const char *text, size_t len)
{
    const char *rest;
    size_t rest_len;
    CLEANUP(free_ptr) char *first = fuzz_split((const uint8_t *)text, len, &rest, &rest_len);
    const char *const candidates[] = {"containers", rest, "resources", NULL};

    str_glob(first, rest);
    FUZZ_CHECK(str_glob("*", first));
    str_distance(first, rest);
    str_closest(first, candidates);
    str_is_label(first);
    if (!str_is_utf8(text, len))
        FUZZ_CHECK(len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    CLEANUP(free_ptr) char *copy = NULL;

    if (size == 0)
        return 0;
    copy = strndup(text, size - 1);
    switch (data[0] % 5) {
    case 0:
        try_json(text, size - 1);
        break;
    case 1:
        try_base64(text, size - 1);
        break;
    case 2:
        try_units(copy);
        break;
    case 3:
        try_time(copy);
        break;
    default:
        try_texts(text, size - 1);
    }
    return 0;
}
