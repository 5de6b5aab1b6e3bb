/* ${...}: the escapes, types, secrets and limits of interpolation. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "codec/interpolate.h"
#include "test.h"
#include <string.h>

/* Knows name, n (5), flag, obj, dotted.key, secret, tpl, holder (an object with a secret), nil, big. */
static int resolve(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    json_t *scope = ctx, *value = NULL;

    if (count == 1)
        value = json_object_get(scope, parts[0]);
    else if (count == 2 && strcmp(parts[0], "o") == 0)
        value = json_object_get(json_object_get(scope, "o"), parts[1]);
    if (!value)
        return err_set(err, strcmp(parts[0], "denied") == 0 ? ERR_FORBIDDEN : ERR_UNKNOWN_REFERENCE, "${%s} is unknown", text);
    *out = json_incref(value);
    return 0;
}

static json_t *make_scope(void)
{
    json_t *scope = json_pack("{s:s,s:i,s:b,s:{s:i},s:{s:s,s:s},s:n}", "name", "web", "n", 5, "flag", 1, "obj", "a", 1, "o", "key.x",
                              "dotted", "y", "$x", "nil");

    json_set_new(scope, "secret", json_secret_new("resource:r-01#password"));
    json_set_new(scope, "tpl", json_secret_new("template:a$$b${env:X}"));
    json_set_new(scope, "braces", json_secret_new("env:A}B"));
    json_set_new(scope, "holder", json_pack("{s:o}", "p", json_secret_new("env:P")));
    return scope;
}

/* Interpolates and compares the result's JSON; "!" and a code for errors. */
static void check(enum interp_mode mode, const char *text, const char *wanted)
{
    CLEANUP(json_put) json_t *scope = make_scope(), *out = NULL;
    struct interp in = {.mode = mode, .resolve = resolve, .ctx = scope};
    struct err err = {0};
    char code[32];

    if (interp_text(&in, text, &out, &err) < 0) {
        snprintf(code, sizeof code, "!%d", err_orc(err.code));
        ASSERT_TEXT(code, wanted);
        CU_ASSERT_PTR_NULL(out);
        return;
    }
    CLEANUP(free_ptr) char *got = json_text(out);
    ASSERT_TEXT(got, wanted);
}

static void test_escapes(void)
{
    check(INTERP_SCORE, "", "\"\"");
    check(INTERP_SCORE, "plain", "\"plain\"");
    check(INTERP_SCORE, "${name}", "\"web\"");
    check(INTERP_SCORE, "a ${name}-${n} z", "\"a web-5 z\"");
    check(INTERP_SCORE, "$$", "\"$\"");
    check(INTERP_SCORE, "$${name}", "\"${name}\"");
    check(INTERP_SCORE, "$$${name}", "\"$web\"");
    check(INTERP_SCORE, "$$$${name}", "\"$${name}\"");
    check(INTERP_SCORE, "$abc $ $", "\"$abc $ $\"");
    check(INTERP_SCORE, "cost: 5$", "\"cost: 5$\"");
    check(INTERP_SCORE, "${o.key\\.x}", "\"dotted\"");
    check(INTERP_SCORE, "${o.y}", "\"$x\"");
    check(INTERP_SCORE, "}{ ${name}}", "\"}{ web}\"");
}

static void test_malformed(void)
{
    static const char *const bad[] = {"${}",   "${",      "${name",   "a ${name ${n}", "${a${name}}", "${.a}",
                                      "${a.}", "${a..b}", "${ name}", "${name }",      NULL};
    char many[200] = "${a";

    for (size_t i = 0; bad[i]; i++) {
        check(INTERP_SCORE, bad[i], "!1021");
        check(INTERP_WORKFLOW, bad[i], "!1021");
    }
    for (int i = 0; i < INTERP_MAX_PARTS; i++)
        strncat(many, ".a", sizeof many - strlen(many) - 1);
    strncat(many, "}", sizeof many - strlen(many) - 1);
    check(INTERP_SCORE, many, "!1021");
    check(INTERP_SCORE, "${missing}", "!1023");
    check(INTERP_SCORE, "${name:-x}", "!1023"); /* no defaults in Score */
}

static void test_types(void)
{
    check(INTERP_SCORE, "${n}", "\"5\"");
    check(INTERP_SCORE, "${obj}", "\"{\\\"a\\\":1}\"");
    check(INTERP_SCORE, "${flag} ${nil}", "\"true null\"");
    check(INTERP_WORKFLOW, "${n}", "5");
    check(INTERP_WORKFLOW, "${obj}", "{\"a\":1}");
    check(INTERP_WORKFLOW, "${nil}", "null");
    check(INTERP_WORKFLOW, " ${n}", "\" 5\"");
    check(INTERP_WORKFLOW, "${n}${n}", "\"55\"");
}

static void test_defaults(void)
{
    check(INTERP_WORKFLOW, "${missing:-eu}", "\"eu\"");
    check(INTERP_WORKFLOW, "${missing:-}", "\"\"");
    check(INTERP_WORKFLOW, "x${o.missing:-a.b:-c}y", "\"xa.b:-cy\"");
    check(INTERP_WORKFLOW, "${nil:-3}", "\"3\"");
    check(INTERP_WORKFLOW, "${n:-3}", "5");
    check(INTERP_WORKFLOW, "${denied:-3}", "!2003");
    check(INTERP_WORKFLOW, "${:-3}", "!1021");
}

static void test_secrets(void)
{
    check(INTERP_SCORE, "${secret}", "{\"$secret\":\"resource:r-01#password\"}");
    check(INTERP_WORKFLOW, "${secret}", "{\"$secret\":\"resource:r-01#password\"}");
    check(INTERP_SCORE, "postgres://u$$:${secret}@h/${name}$",
          "{\"$secret\":\"template:postgres://u$$:${resource:r-01#password}@h/web$$\"}");
    check(INTERP_SCORE, "${o.y}${secret}", "{\"$secret\":\"template:$$x${resource:r-01#password}\"}");
    check(INTERP_SCORE, "x${tpl}$$${name}", "{\"$secret\":\"template:xa$$b${env:X}$$web\"}");
    check(INTERP_SCORE, "x${holder}", "!1021");
    check(INTERP_SCORE, "${holder}", "!1021");
    check(INTERP_WORKFLOW, "${holder}", "{\"p\":{\"$secret\":\"env:P\"}}");
    check(INTERP_SCORE, "x${braces}", "!1021");
}

struct seen {
    json_t *scope;
    int errors;
    size_t offset, width;
};

static int resolve_seen(void *ctx, const char *const *parts, size_t count, const char *text, json_t **out, struct err *err)
{
    return resolve(((struct seen *)ctx)->scope, parts, count, text, out, err);
}

static void note(void *ctx, const char *text, size_t offset, size_t width, const struct err *err)
{
    struct seen *seen = ctx;

    CU_ASSERT(text && err->code != ERR_NONE);
    seen->errors++;
    seen->offset = offset;
    seen->width = width;
}

static void test_every_error(void)
{
    CLEANUP(json_put) json_t *scope = make_scope(), *out = NULL;
    struct seen seen = {.scope = scope};
    struct interp in = {.mode = INTERP_SCORE, .resolve = resolve_seen, .ctx = &seen, .on_error = note};
    struct err err = {0};

    ASSERT_FAILS(interp_text(&in, "${x} ${name} ${} ${yy}", &out, &err), err, ERR_UNKNOWN_REFERENCE);
    CU_ASSERT_EQUAL(seen.errors, 3);
    CU_ASSERT_EQUAL(seen.offset, 17);
    CU_ASSERT_EQUAL(seen.width, 5);
    CLEANUP(json_put) json_t *value = json_pack("{s:s,s:[s,s]}", "a", "${x}", "b", "${y}", "${name}");
    seen.errors = 0;
    ASSERT_FAILS(interp_value(&in, value, &out, &err), err, ERR_UNKNOWN_REFERENCE);
    CU_ASSERT_EQUAL(seen.errors, 2);
    CU_ASSERT_PTR_NULL(out);
}

static void test_values(void)
{
    CLEANUP(json_put) json_t *scope = make_scope(), *out = NULL;
    struct interp in = {.mode = INTERP_WORKFLOW, .resolve = resolve, .ctx = scope};
    CLEANUP(json_put)
    json_t *value = json_pack("{s:[s,i,{s:s}],s:{s:s}}", "list", "${n}", 7, "${name}", "${name}!", "keep", "$secret", "${name}");
    struct err err = {0};

    ASSERT_OK(interp_value(&in, value, &out, &err), err);
    CLEANUP(free_ptr) char *text = json_text(out);
    ASSERT_TEXT(text, "{\"list\":[5,7,{\"${name}\":\"web!\"}],\"keep\":{\"$secret\":\"${name}\"}}");
}

static void test_bounds(void)
{
    CLEANUP(json_put) json_t *scope = json_object(), *out = NULL;
    CLEANUP(buf_fini) struct buf big = BUF_INIT(4 << 20);
    struct interp in = {.mode = INTERP_SCORE, .resolve = resolve, .ctx = scope};
    json_t *list = json_array(), *deep = json_string("x");
    struct err err = {0};

    for (unsigned i = 0; i < LIMIT_EXPANDED_BYTES / 2; i++)
        buf_add_char(&big, 'x');
    json_set_str(scope, "big", buf_text(&big));
    ASSERT_OK(interp_text(&in, "${big}${big}", &out, &err), err);
    json_put(&out);
    ASSERT_FAILS(interp_text(&in, "${big}${big}.", &out, &err), err, ERR_LIMIT);
    for (int i = 0; i < 20; i++)
        json_append_str(list, "${big}");
    ASSERT_FAILS(interp_value(&in, list, &out, &err), err, ERR_LIMIT);
    json_put(&list);
    for (int i = 0; i < 1000; i++)
        deep = json_pack("[o]", deep);
    ASSERT_FAILS(interp_value(&in, deep, &out, &err), err, ERR_LIMIT);
    json_put(&deep);
}

static int visit(void *ctx, const char *const *parts, size_t count, const char *text, size_t offset, struct err *err)
{
    struct buf *seen = ctx;

    buf_printf(seen, "%s(%zu,%s,%zu) ", text, count, parts[count - 1], offset);
    return strcmp(parts[0], "stop") == 0 ? err_set(err, ERR_CANCELED, "stopped") : 0;
}

static void test_scan(void)
{
    CLEANUP(buf_fini) struct buf seen = BUF_INIT(1000);
    CLEANUP(json_put) json_t *value = json_pack("{s:s,s:{s:s}}", "a", "${p.q}", "b", "$secret", "template:${env:X}");
    struct err err = {0};

    ASSERT_OK(interp_scan(INTERP_WORKFLOW, "$${no} ${a.b\\.c} ${d:-e}", visit, &seen, &err), err);
    ASSERT_TEXT(buf_text(&seen), "a.b\\.c(2,b.c,7) d:-e(1,d,17) ");
    ASSERT_FAILS(interp_scan(INTERP_SCORE, "${stop}", visit, &seen, &err), err, ERR_CANCELED);
    ASSERT_FAILS(interp_scan(INTERP_SCORE, "${", visit, &seen, &err), err, ERR_PLACEHOLDER);
    buf_reset(&seen);
    ASSERT_OK(interp_scan_value(INTERP_SCORE, value, visit, &seen, &err), err);
    ASSERT_TEXT(buf_text(&seen), "p.q(2,q,0) ");
}

const struct test_case tests[] = {
    {"$$ escapes, a lone $ stays, \\. is a dot in a key", test_escapes},
    {"malformed and unknown placeholders are errors in both modes", test_malformed},
    {"Score writes values as text, workflows keep the type of a lone placeholder", test_types},
    {"a default applies to unknown and null, not to other errors", test_defaults},
    {"a secret stays a reference, alone or inside a text", test_secrets},
    {"with on_error every error is reported", test_every_error},
    {"every string of a value is interpolated, keys and secrets are not", test_values},
    {"expansion is bounded in bytes and depth", test_bounds},
    {"scanning finds references without resolving them", test_scan},
    {0},
};
