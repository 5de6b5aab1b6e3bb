/* Secrets: sealed at rest, opened by reference only where the source is allowed, never shown by an error, found in every form by the
 * redactor. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/encode.h"
#include "secret/redact.h"
#include "secret/secret_store.h"
#include "test.h"
#include "test_store.h"
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

/* ---- helpers ---- */

static void box_close(struct secret_box **box)
{
    secret_box_close(*box);
    *box = NULL;
}

static void store_put(struct store **s)
{
    test_store_close(*s);
    *s = NULL;
}

static struct secret_box *box_in(struct store *s, const char *dir)
{
    struct secret_box *box = NULL;
    struct err err;

    ASSERT_OK(secret_box_open(&(struct secret_box_options){.store = s, .state_dir = dir}, &box, &err), err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(box);
    return box;
}

#define FRESH(s, box, dir)                                                                                                                 \
    CLEANUP(store_put) struct store *s = test_store();                                                                                     \
    const char *dir = test_dir();                                                                                                          \
    CLEANUP(box_close) struct secret_box *box = box_in(s, dir)

struct put {
    const struct secret_box *box;
    const char *reference, *value;
    size_t len;
};

static int put_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct put *put = ctx;

    return secret_put(put->box, tx, put->reference, put->value, put->len, err);
}

static int try_put(struct store *s, const struct secret_box *box, const char *reference, const char *value, struct err *err)
{
    return store_write_wait(s, put_unit, &(struct put){box, reference, value, strlen(value)}, err);
}

static void must_put(struct store *s, const struct secret_box *box, const char *reference, const char *value)
{
    struct err err;

    ASSERT_OK(try_put(s, box, reference, value, &err), err);
}

static int sql_unit(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

static void run_sql(struct store *s, const char *sql)
{
    struct err err;

    ASSERT_OK(store_write_wait(s, sql_unit, (void *)(uintptr_t)sql, &err), err);
}

static int drop_unit(struct store_tx *tx, void *ctx, struct err *err) { return secret_drop(tx, ctx, err); }

static const struct secret_use stored = {.sources = SECRET_STORED};
static const struct secret_use everything = {.sources = SECRET_STORED | SECRET_ADMIN};

static void assert_opens(const struct secret_box *box, const struct secret_use *use, const char *reference, const char *wanted)
{
    CLEANUP(secret_fini) struct secret out = {0};
    struct err err;

    ASSERT_OK(secret_open(box, use, reference, &out, &err), err);
    ASSERT_TEXT(out.bytes, wanted);
}

static void assert_refuses(const struct secret_box *box, const struct secret_use *use, const char *reference, enum err_code code)
{
    CLEANUP(secret_fini) struct secret out = {0};
    struct err err;

    ASSERT_FAILS(secret_open(box, use, reference, &out, &err), err, code);
    CU_ASSERT_PTR_NULL(out.bytes);
}

/* ---- the seal key ---- */

static void test_key_made(void)
{
    FRESH(s, box, dir);
    CLEANUP(free_ptr) char *path = mem_printf("%s/seal.key", dir);
    CLEANUP(secret_fini) struct secret key = {0};
    struct stat st;

    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    secret_box_key(box, &key);
    CU_ASSERT_EQUAL(key.len, 44);
    must_put(s, box, "resource:r-1#password", "hunter2");
    box_close(&box);
    box = box_in(s, dir); /* a second start */
    assert_opens(box, &stored, "resource:r-1#password", "hunter2");
}

static void test_key_other(void)
{
    FRESH(s, box, dir);
    CLEANUP(free_ptr) char *path = mem_printf("%s/seal.key", dir);
    const char *other_text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    struct secret_box *other = NULL;
    char id[32];
    struct err err;

    snprintf(id, sizeof id, "%s", secret_box_key_id(box));
    ASSERT_OK(io_write_atomic(path, other_text, strlen(other_text), 0600, &err), err);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .state_dir = dir}, &other, &err), err, ERR_CRYPTO);
    ASSERT_CONTAINS(err.msg, id);
    unlink(path);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .state_dir = dir}, &other, &err), err, ERR_CRYPTO);
    ASSERT_CONTAINS(err.msg, "is missing");
    CU_ASSERT_FALSE(io_exists(path)); /* no new key over sealed data */
    CU_ASSERT_PTR_NULL(other);
}

static void test_key_readable_by_others(void)
{
    FRESH(s, box, dir);
    CLEANUP(free_ptr) char *path = mem_printf("%s/seal.key", dir);
    struct secret_box *other = NULL;
    struct err err;

    CU_ASSERT_PTR_NOT_NULL(box);
    CU_ASSERT_EQUAL(chmod(path, 0640), 0);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .state_dir = dir}, &other, &err), err, ERR_CONFIG);
    ASSERT_CONTAINS(err.msg, "chmod 600");
}

static void test_key_references(void)
{
    static const char *const bad[] = {"env:INNO_TEST_NO_SUCH_KEY", "file:/nonexistent/seal.key", "file:relative", "nonsense", ""};
    CLEANUP(store_put) struct store *s = test_store();
    CLEANUP(box_close) struct secret_box *box = NULL, *again = NULL, *none = NULL;
    struct err err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .seal_key = bad[i]}, &none, &err), err, ERR_CONFIG);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .seal_key = "vault:seal#key"}, &none, &err), err,
                 ERR_UNSUPPORTED);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s}, &none, &err), err, ERR_CONFIG);
    setenv("INNO_TEST_SEAL", "dG9vIHNob3J0", 1);
    ASSERT_FAILS(secret_box_open(&(struct secret_box_options){.store = s, .seal_key = "env:INNO_TEST_SEAL"}, &none, &err), err, ERR_CRYPTO);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "dG9v")); /* the message does not show it */

    setenv("INNO_TEST_SEAL", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", 1);
    ASSERT_OK(secret_box_open(&(struct secret_box_options){.store = s, .seal_key = "env:INNO_TEST_SEAL"}, &box, &err), err);
    setenv("INNO_TEST_SEAL", "0707070707070707070707070707070707070707070707070707070707070707", 1);
    ASSERT_OK(secret_box_open(&(struct secret_box_options){.store = s, .seal_key = "env:INNO_TEST_SEAL"}, &again, &err), err);
    ASSERT_TEXT(secret_box_key_id(box), secret_box_key_id(again));
}

struct starter {
    struct store *s;
    const char *dir;
    int result;
    pthread_barrier_t *together;
};

static void *start_box(void *ctx)
{
    struct starter *starter = ctx;
    struct secret_box *box = NULL;
    struct err err;

    pthread_barrier_wait(starter->together);
    starter->result = secret_box_open(&(struct secret_box_options){.store = starter->s, .state_dir = starter->dir}, &box, &err);
    secret_box_close(box);
    return NULL;
}

/* Two servers with state directories of their own start on one empty database: one key wins, the other server refuses and leaves no key
 * behind. */
static void test_key_race(void)
{
    CLEANUP(store_put) struct store *s = test_store();
    pthread_barrier_t together;
    struct starter starters[2] = {{.s = s, .dir = test_dir(), .together = &together}, {.s = s, .dir = test_dir(), .together = &together}};
    pthread_t threads[2];

    pthread_barrier_init(&together, NULL, 2);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, start_box, &starters[i]), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(starters[0].result + starters[1].result, -1);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(free_ptr) char *path = mem_printf("%s/seal.key", starters[i].dir);

        CU_ASSERT_EQUAL(io_exists(path), starters[i].result == 0);
    }
    pthread_barrier_destroy(&together);
}

/* ---- stored secrets ---- */

static void test_put_and_drop(void)
{
    FRESH(s, box, dir);
    struct err err;

    (void)dir;
    must_put(s, box, "resource:r-1#a", "one");
    must_put(s, box, "resource:r-1#b", "two");
    must_put(s, box, "resource:r-11#a", "three");
    must_put(s, box, "resource:r-1#a", "changed");
    must_put(s, box, "step:s-1#empty", "");
    assert_opens(box, &stored, "resource:r-1#a", "changed");
    assert_opens(box, &stored, "resource:r-1#b", "two");
    assert_opens(box, &stored, "step:s-1#empty", "");
    ASSERT_OK(store_write_wait(s, drop_unit, (void *)(uintptr_t) "resource:r-1", &err), err);
    assert_refuses(box, &stored, "resource:r-1#a", ERR_NOT_FOUND);
    assert_opens(box, &stored, "resource:r-11#a", "three"); /* an id that starts the same is somebody else */
}

static int sealed_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(store_rows_close) struct store_rows *rows = NULL;
    const char *bytes;
    size_t len;

    if (store_query(tx, "SELECT sealed FROM secrets", STORE_NO_ARGS, &rows, err) < 0 || store_next(rows, err) < 0)
        return -1;
    bytes = store_col_blob(rows, 0, &len);
    *(bool *)ctx = memmem(bytes, len, "hunter2", 7) != NULL;
    return 0;
}

static void test_sealed_at_rest(void)
{
    FRESH(s, box, dir);
    bool clear = true;
    struct err err;

    (void)dir;
    must_put(s, box, "resource:r-1#password", "hunter2");
    ASSERT_OK(store_read(s, sealed_unit, &clear, &err), err);
    CU_ASSERT_FALSE(clear);
    run_sql(s, "UPDATE secrets SET reference = 'resource:r-2#password'"); /* moved to somebody else's */
    assert_refuses(box, &stored, "resource:r-2#password", ERR_CRYPTO);
}

static void test_bad_references(void)
{
    static const char *const bad[] = {
        "",         "password",  "resource:",    "resource:#a",       "resource:r-1", "resource:r-1#",    "step#a",
        "env:HOME", "file:/x#y", "template:x#y", "resource:r-1#a{b}", "user:u-1#a",   "resource:r-1#\xff"};
    FRESH(s, box, dir);
    CLEANUP(free_ptr) char *longest = mem_printf("resource:r-1#%0600d", 1);
    CLEANUP(free_ptr) char *large = mem_printf("%0*d", (int)LIMIT_SECRET_BYTES + 1, 1);
    struct err err;

    (void)dir;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASSERT_FAILS(try_put(s, box, bad[i], "x", &err), err, ERR_BAD_VALUE);
        if (!strstr(bad[i], "env:") && !strstr(bad[i], "file:") && !strstr(bad[i], "template:"))
            assert_refuses(box, &everything, bad[i], ERR_BAD_VALUE);
    }
    ASSERT_FAILS(try_put(s, box, longest, "x", &err), err, ERR_BAD_VALUE);
    ASSERT_FAILS(try_put(s, box, "resource:r-1#a", large, &err), err, ERR_TOO_LARGE);
}

/* ---- outside ---- */

static void test_outside(void)
{
    FRESH(s, box, dir);
    CLEANUP(free_ptr) char *path = mem_printf("%s/token", dir), *empty = mem_printf("%s/empty", dir);
    CLEANUP(free_ptr)
    char *reference = mem_printf("file:%s", path), *none = mem_printf("file:%s", empty), *folder = mem_printf("file:%s", dir);
    struct err err;

    (void)s;
    setenv("INNO_TEST_TOKEN", "from-env", 1);
    setenv("INNO_TEST_EMPTY", "", 1);
    ASSERT_OK(io_write_atomic(path, "from-file\r\n", 11, 0600, &err), err);
    ASSERT_OK(io_write_atomic(empty, "\n", 1, 0600, &err), err);
    assert_opens(box, &everything, "env:INNO_TEST_TOKEN", "from-env");
    assert_opens(box, &everything, reference, "from-file");
    assert_refuses(box, &everything, "env:INNO_TEST_EMPTY", ERR_NOT_FOUND);
    assert_refuses(box, &everything, "env:INNO_TEST_ABSENT", ERR_NOT_FOUND);
    assert_refuses(box, &everything, "env:A=B", ERR_BAD_VALUE);
    assert_refuses(box, &everything, none, ERR_NOT_FOUND);
    assert_refuses(box, &everything, folder, ERR_IO);
    assert_refuses(box, &everything, "file:relative", ERR_BAD_VALUE);
    assert_refuses(box, &everything, "vault:a#b", ERR_UNSUPPORTED);
    /* only where the admin's configuration may name them */
    assert_refuses(box, &stored, "env:INNO_TEST_TOKEN", ERR_FORBIDDEN);
    assert_refuses(box, &stored, reference, ERR_FORBIDDEN);
    assert_refuses(box, &stored, "template:x${env:INNO_TEST_TOKEN}", ERR_FORBIDDEN);
    assert_refuses(box, &(struct secret_use){.sources = SECRET_ENV}, reference, ERR_FORBIDDEN);
    assert_refuses(box, &(struct secret_use){.sources = SECRET_ADMIN}, "resource:r-1#a", ERR_FORBIDDEN);
}

static int deny(void *ctx, struct store_tx *tx, const char *reference, struct err *err)
{
    (void)tx;
    return strstr(reference, ctx) ? err_set(err, ERR_FORBIDDEN, "not this one") : 0;
}

static void test_guard(void)
{
    FRESH(s, box, dir);
    struct secret_use use = {.sources = SECRET_STORED, .guard = deny, .guard_ctx = (void *)(uintptr_t) "r-2"};

    (void)dir;
    must_put(s, box, "resource:r-1#a", "mine");
    must_put(s, box, "resource:r-2#a", "theirs");
    assert_opens(box, &use, "resource:r-1#a", "mine");
    assert_refuses(box, &use, "resource:r-2#a", ERR_FORBIDDEN);
    assert_refuses(box, &use, "template:${resource:r-1#a}${resource:r-2#a}", ERR_FORBIDDEN);
}

/* ---- templates ---- */

static void test_templates(void)
{
    FRESH(s, box, dir);

    (void)dir;
    must_put(s, box, "resource:r-1#user", "ada");
    must_put(s, box, "resource:r-1#password", "p$${x}");
    assert_opens(box, &stored, "template:", "");
    assert_opens(box, &stored, "template:plain", "plain");
    assert_opens(box, &stored, "template:postgres://${resource:r-1#user}:${resource:r-1#password}@h", "postgres://ada:p$${x}@h");
    assert_opens(box, &stored, "template:$$${resource:r-1#user}$$", "$ada$");
    assert_opens(box, &stored, "template:$${resource:r-1#user}", "${resource:r-1#user}");
    assert_refuses(box, &stored, "template:a$b", ERR_BAD_VALUE);
    assert_refuses(box, &stored, "template:a$", ERR_BAD_VALUE);
    assert_refuses(box, &stored, "template:${unclosed", ERR_BAD_VALUE);
    assert_refuses(box, &stored, "template:${template:x}", ERR_BAD_VALUE);
    assert_refuses(box, &stored, "template:${}", ERR_BAD_VALUE);
    assert_refuses(box, &stored, "template:${resource:r-9#none}", ERR_NOT_FOUND);
}

static void test_template_limits(void)
{
    FRESH(s, box, dir);
    CLEANUP(buf_fini) struct buf many = BUF_INIT(1u << 20), deep = BUF_INIT(1u << 20);

    (void)dir;
    must_put(s, box, "resource:r-1#a", "x");
    buf_add_text(&many, "template:");
    for (int i = 0; i < 65; i++)
        buf_add_text(&many, "${resource:r-1#a}");
    assert_refuses(box, &stored, buf_text(&many), ERR_LIMIT);
    for (int i = 0; i < 4000; i++)
        buf_add_text(&deep, "template:${");
    assert_refuses(box, &stored, buf_text(&deep), ERR_BAD_VALUE);
    buf_add_text(&deep, "}");
    assert_refuses(box, &stored, buf_text(&deep), ERR_BAD_VALUE);
}

/* ---- values ---- */

static void test_values(void)
{
    FRESH(s, box, dir);
    CLEANUP(json_put)
    json_t *value = json_pack("{s:[i,{s:s},{s:{s:s}}], s:s, s:n}", "list", 1, "$secret", "resource:r-1#a", "deep", "$secret",
                              "template:<${resource:r-1#a}>", "text", "env:HOME", "none");
    CLEANUP(json_put) json_t *opened = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct err err;

    (void)dir;
    must_put(s, box, "resource:r-1#a", "clear");
    ASSERT_OK(secret_open_value(box, &stored, value, &opened, &err), err);
    text = json_canonical(opened);
    ASSERT_TEXT(text, "{\"list\":[1,\"clear\",{\"deep\":\"<clear>\"}],\"none\":null,\"text\":\"env:HOME\"}"); /* texts stay texts */
    CU_ASSERT_TRUE(json_has_secret(value)); /* the original is as it was */
}

static void test_value_failures(void)
{
    FRESH(s, box, dir);
    CLEANUP(json_put) json_t *missing = json_pack("{s:{s:s}}", "a", "$secret", "resource:r-1#none"), *many = json_array();
    CLEANUP(json_put)
    json_t *binary = json_pack("{s:s}", "$secret", "resource:r-1#binary"), *outside = json_pack("[{s:s}]", "$secret", "env:HOME");
    json_t *out = NULL;
    struct err err;

    (void)dir;
    must_put(s, box, "resource:r-1#a", "x");
    must_put(s, box, "resource:r-1#binary", "\xff\xfe");
    for (int i = 0; i <= LIMIT_SECRETS_PER_VALUE; i++)
        json_array_append_new(many, json_secret_new("resource:r-1#a"));
    ASSERT_FAILS(secret_open_value(box, &stored, missing, &out, &err), err, ERR_NOT_FOUND);
    ASSERT_CONTAINS(err.msg, "resource:r-1#none");
    ASSERT_FAILS(secret_open_value(box, &stored, binary, &out, &err), err, ERR_ENCODING);
    ASSERT_FAILS(secret_open_value(box, &stored, outside, &out, &err), err, ERR_FORBIDDEN);
    ASSERT_FAILS(secret_open_value(box, &stored, many, &out, &err), err, ERR_LIMIT);
    CU_ASSERT_PTR_NULL(out);
}

static void test_config(void)
{
    FRESH(s, box, dir);
    CLEANUP(json_put)
    json_t *config =
        json_pack("{s:s, s:{s:s}, s:s, s:s, s:s, s:s, s:b}", "token", "env:INNO_TEST_TOKEN", "nested", "credentials", "env:INNO_TEST_TOKEN",
                  "url", "file:///var/lib/x", "note", "env: is a prefix", "image", "vault:1.15", "time", "file:relative", "tls", 1);
    CLEANUP(json_put) json_t *stored_one = json_pack("{s:{s:s}}", "a", "$secret", "resource:r-1#a");
    CLEANUP(json_put) json_t *out = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct err err;

    (void)s, (void)dir;
    setenv("INNO_TEST_TOKEN", "from-env", 1);
    ASSERT_OK(secret_resolve_config(box, &(struct secret_use){0}, config, &out, &err), err);
    text = json_canonical(out);
    ASSERT_TEXT(text, "{\"image\":\"vault:1.15\",\"nested\":{\"credentials\":\"from-env\"},\"note\":\"env: is a "
                      "prefix\",\"time\":\"file:relative\",\"tls\":true,"
                      "\"token\":\"from-env\",\"url\":\"file:///var/lib/x\"}");
    json_put(&out);
    ASSERT_FAILS(secret_resolve_config(box, &(struct secret_use){0}, stored_one, &out, &err), err, ERR_FORBIDDEN);
}

static int open_in_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    CLEANUP(secret_fini) struct secret out = {0};

    return secret_open(ctx, &(struct secret_use){.sources = SECRET_STORED, .tx = tx}, "template:${resource:r-1#a}", &out, err);
}

static void test_open_in_unit(void)
{
    FRESH(s, box, dir);
    struct err err;

    (void)dir;
    ASSERT_FAILS(store_write_wait(s, open_in_unit, box, &err), err, ERR_NOT_FOUND);
    must_put(s, box, "resource:r-1#a", "x");
    ASSERT_OK(store_write_wait(s, open_in_unit, box, &err), err);
}

/* ---- the redactor ---- */

static void test_redact_from_opening(void)
{
    FRESH(s, box, dir);
    struct redactor *r = redactor_new();
    char line[] = "connecting to postgres://ada:hunter2@db";
    struct secret_use use = {.sources = SECRET_STORED, .redactor = r};

    (void)dir;
    must_put(s, box, "resource:r-1#password", "hunter2");
    assert_opens(box, &use, "template:postgres://ada:${resource:r-1#password}@db", "postgres://ada:hunter2@db");
    redactor_apply(r, line, sizeof line);
    ASSERT_TEXT(line, "connecting to postgres://ada:***@db");
    redactor_free(r);
}

const struct test_case tests[] = {{"the first start makes a seal key that only its owner reads, the second uses it", test_key_made},
                                  {"another seal key, or none where data is sealed, is refused by name", test_key_other},
                                  {"a seal key that others can read is refused", test_key_readable_by_others},
                                  {"a seal key comes from a file or the environment, and errors do not show it", test_key_references},
                                  {"of two servers that make a key at the same time one refuses to start", test_key_race},
                                  {"secrets are replaced and go with their owner", test_put_and_drop},
                                  {"secrets are sealed at rest and bound to their reference", test_sealed_at_rest},
                                  {"references that are malformed or too long are refused", test_bad_references},
                                  {"outside secrets open only where they are allowed", test_outside},
                                  {"a guard has the last word, inside templates too", test_guard},
                                  {"templates open to their text", test_templates},
                                  {"templates with too many secrets, or inside each other, are refused", test_template_limits},
                                  {"every secret of a value is opened and nothing else is touched", test_values},
                                  {"a value with a secret that does not open fails as a whole", test_value_failures},
                                  {"a provisioner's config opens what has the shape of an outside reference", test_config},
                                  {"stored secrets open inside a unit of work", test_open_in_unit},
                                  {"the redactor learns what is opened", test_redact_from_opening},
                                  {0}};
