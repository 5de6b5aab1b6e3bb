/* Which server, which key. */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/credentials.h"
#include "test.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void cli_put(struct cli *c) { arena_fini(&c->arena); }

static const char *path_in(struct cli *c, const char *dir, const char *name) { return arena_printf(&c->arena, "%s/%s", dir, name); }

static void write_text(const char *path, const char *text)
{
    struct err err;

    ASSERT_OK(io_write_atomic(path, text, strlen(text), 0600, &err), err);
}

/* A home of its own. Returns the directory. */
static const char *fresh(struct cli *c)
{
    const char *dir = test_dir();
    struct err err;

    setenv("XDG_CONFIG_HOME", path_in(c, dir, "config"), 1);
    setenv("XDG_STATE_HOME", path_in(c, dir, "state"), 1);
    unsetenv("INNOMINATUS_SERVER");
    unsetenv("INNOMINATUS_API_KEY");
    ASSERT_OK(io_mkdirs(path_in(c, dir, "state/innominatus"), 0700, &err), err);
    return dir;
}

static void local_server(struct cli *c, const char *dir, const char *url, long pid)
{
    write_text(path_in(c, dir, "key"), "inno_local\n");
    write_text(path_in(c, dir, "state/innominatus/server.json"),
               arena_printf(&c->arena, "{\"url\": \"%s\", \"key_file\": \"%s/key\", \"pid\": %ld}", url, dir, pid));
}

static void test_none(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    struct endpoint found = {0};
    struct err err;

    fresh(&c);
    ASSERT_FAILS(endpoint_find(&c, &found, &err), err, ERR_NO_SERVER);
    setenv("INNOMINATUS_API_KEY", "k", 1);
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    ASSERT_TEXT(found.url, "http://127.0.0.1:8081");
    ASSERT_TEXT(found.key, "k");
}

static void test_local(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    struct endpoint found = {0};
    struct err err;

    local_server(&c, fresh(&c), "http://127.0.0.1:4000", getpid());
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    ASSERT_TEXT(found.url, "http://127.0.0.1:4000");
    ASSERT_TEXT(found.key, "inno_local");
}

/* Nobody's key goes to another server than its own. */
static void test_keys_stay(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *dir = fresh(&c);
    struct endpoint found = {0};
    struct err err;

    local_server(&c, dir, "http://127.0.0.1:4000", getpid());
    c.server = "http://127.0.0.1:4001";
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    CU_ASSERT_PTR_NULL(found.key);
    local_server(&c, dir, "http://evil.example.com", getpid());
    c.server = "http://evil.example.com";
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    CU_ASSERT_PTR_NULL(found.key);
}

static void test_gone(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    struct endpoint found = {0};
    struct err err;
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    local_server(&c, fresh(&c), "http://127.0.0.1:4000", child);
    ASSERT_FAILS(endpoint_find(&c, &found, &err), err, ERR_NO_SERVER);
    ASSERT_CONTAINS(err.msg, "gone");
    c.server = "http://127.0.0.1:4000";
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    CU_ASSERT_PTR_NULL(found.key);
}

static void test_kept(void)
{
    CLEANUP(cli_put) struct cli c = {0};
    const char *dir = fresh(&c), *path = NULL;
    struct endpoint found = {0};
    struct stat st;
    struct err err;

    local_server(&c, dir, "http://127.0.0.1:4000", getpid());
    ASSERT_OK(credentials_store(&c, "https://a.example.com", "key-a", "ada", NULL, &path, &err), err);
    ASSERT_OK(credentials_store(&c, "https://b.example.com", "key-b", "ada", NULL, NULL, &err), err);
    CU_ASSERT_EQUAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    ASSERT_TEXT(found.url, "https://b.example.com");
    ASSERT_TEXT(found.key, "key-b");
    c.server = "https://a.example.com/";
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    ASSERT_TEXT(found.key, "key-a");
    ASSERT_OK(credentials_store(&c, "https://a.example.com", NULL, NULL, NULL, NULL, &err), err);
    CU_ASSERT_FALSE(credentials_known(&c, "https://a.example.com"));
    CU_ASSERT_TRUE(credentials_known(&c, "https://b.example.com"));
    ASSERT_OK(credentials_store(&c, "https://b.example.com", NULL, NULL, NULL, NULL, &err), err);
    c.server = NULL;
    ASSERT_OK(endpoint_find(&c, &found, &err), err);
    ASSERT_TEXT(found.url, "http://127.0.0.1:4000");
}

static void test_wrong(void)
{
    static const char *const urls[] = {"",           "example.com",        "ftp://x", "http://", "http:///x", "https://a b",
                                       "http://a?b", "file:///etc/passwd", NULL};
    CLEANUP(cli_put) struct cli c = {0};
    const char *dir = fresh(&c);
    struct endpoint found = {0};
    struct err err;

    for (const char *const *url = urls; *url; url++) {
        c.server = *url;
        ASSERT_FAILS(endpoint_find(&c, &found, &err), err, ERR_USAGE);
    }
    c.server = NULL;
    write_text(path_in(&c, dir, "state/innominatus/server.json"), "{\"url\": ");
    ASSERT_FAILS(endpoint_find(&c, &found, &err), err, ERR_SYNTAX);
    write_text(path_in(&c, dir, "state/innominatus/server.json"), "[1]");
    ASSERT_FAILS(endpoint_find(&c, &found, &err), err, ERR_SYNTAX);
}

const struct test_case tests[] = {
    {"without a server there is none, with a key the default one", test_none},
    {"a local server is found with its key", test_local},
    {"a key goes to its own server only", test_keys_stay},
    {"a local server that is gone is not asked", test_gone},
    {"signing in is kept in a file for the user alone", test_kept},
    {"wrong addresses and broken files are told", test_wrong},
    {0},
};
