/* The bundled provisioner `local`, loaded as a file and called through its table: the contract, every type, and what it must refuse. */
#include "base/cleanup.h"
#include "base/io.h"
#include "fake_host.h"
#include "test.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static struct fake_plugin open_local(void)
{
    struct fake_plugin p;

    CU_ASSERT_EQUAL_FATAL(fake_open(&p, "local", test_dir(), "{}"), INNO_OK);
    return p;
}

static void expect(struct fake_plugin *p, inno_rc got, inno_rc wanted)
{
    if (got != wanted)
        fprintf(stderr, "returned %d, wanted %d: %s\n", got, wanted, p->call.failure);
    CU_ASSERT_EQUAL(got, wanted);
}

static void expect_status(struct fake_plugin *p, const struct fake_resource *about, const char *wanted, const char *text)
{
    expect(p, fake_run(p, FAKE_STATUS, about), INNO_OK);
    ASSERT_TEXT(p->call.status, wanted);
    if (text)
        ASSERT_CONTAINS(p->call.status_text, text);
}

static void write_file(const char *dir, const char *name, size_t bytes)
{
    CLEANUP(free_ptr) char *content = calloc(1, bytes + 1);
    char path[1000];
    struct err err;

    memset(content, 'x', bytes);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ASSERT_OK(io_write_atomic(path, content, bytes, 0644, &err), err);
}

/* Names, modes and sizes of everything below a directory, to see whether something has changed. Free with free(). */
static void list_tree(FILE *out, const char *dir)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char path[2000];
        struct stat st;

        snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && lstat(path, &st) == 0) {
            fprintf(out, "%s %o %lld %lld.%ld\n", path, st.st_mode, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
                    st.st_mtim.tv_nsec);
            if (S_ISDIR(st.st_mode))
                list_tree(out, path);
        }
        free(entries[i]);
    }
    free(entries);
}

__attribute__((noinline)) static char *tree_text(const char *dir)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    list_tree(out, dir);
    fclose(out);
    return text;
}

/* ---- the contract, for every type ---- */

static const char minimal_workload[] =
    "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": \"nginx:1\", \"variables\": {\"A\": "
    "{\"$secret\": \"resource:r-01#password\"}}}}, \"service\": {\"ports\": {\"web\": {\"port\": 80}}}}";

static const struct fake_resource every_type[] = {
    {.type = "volume", .uid = "volume.default#shop.data"},
    {.type = "sqlite", .uid = "sqlite.default#shop.db", .name = "db", .params = "{\"schema\": \"CREATE TABLE t (a);\"}"},
    {.type = "dns", .uid = "dns.default#shop.web", .name = "web"},
    {.type = "secret", .uid = "secret.default#shop.keys", .name = "keys"},
    {.type = "workload", .uid = "workload.default#shop", .name = "shop", .params = minimal_workload},
    {.type = "route",
     .uid = "route.default#shop.way",
     .name = "way",
     .params = "{\"host\":\"shop.example.com\",\"path\":\"/api\",\"port\":80}"},
};
#define EVERY_TYPE (sizeof every_type / sizeof every_type[0])

static void test_contract(void)
{
    struct fake_plugin p = open_local();

    for (size_t i = 0; i < EVERY_TYPE; i++) {
        const struct fake_resource *about = &every_type[i];
        json_t *first, *secrets;

        expect_status(&p, about, INNO_STATE_TERMINATED, NULL);
        expect(&p, fake_run(&p, FAKE_DEPROVISION, about), INNO_OK);
        expect(&p, fake_run(&p, FAKE_PROVISION, about), INNO_OK);
        first = json_deep_copy(p.call.outputs);
        secrets = json_deep_copy(p.call.secrets);
        expect_status(&p, about, INNO_STATE_ACTIVE, NULL);
        expect(&p, fake_run(&p, FAKE_PROVISION, about), INNO_OK);
        CU_ASSERT(json_equal(first, p.call.outputs));
        CU_ASSERT(json_equal(secrets, p.call.secrets));
        CU_ASSERT(json_object_size(first) + json_object_size(secrets) > 0);
        expect(&p, fake_run(&p, FAKE_HINTS, about), INNO_OK);
        CU_ASSERT(json_array_size(p.call.hints) > 0);
        expect(&p, fake_run(&p, FAKE_DEPROVISION, about), INNO_OK);
        expect_status(&p, about, INNO_STATE_TERMINATED, NULL);
        expect(&p, fake_run(&p, FAKE_DEPROVISION, about), INNO_OK);
        json_decref(first);
        json_decref(secrets);
    }
    fake_close(&p);
}

static size_t planned(struct fake_plugin *p, const struct fake_resource *about)
{
    expect(p, fake_run(p, FAKE_PLAN, about), INNO_OK);
    return json_array_size(json_object_get(p->call.outputs, "changes"));
}

static const char *planned_path(const struct fake_plugin *p, size_t i)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(p->call.outputs, "changes"), i), "path"));
}

/* Something before it is made, nothing after; what params change is told, and values of secrets are not. */
static void test_plan(void)
{
    static const struct {
        struct fake_resource about;
        const char *path;
    } other[] = {
        {{.type = "volume", .uid = "volume.default#shop.data", .params = "{\"mode\":\"0700\"}"}, "mode"},
        {{.type = "sqlite", .uid = "sqlite.default#shop.db", .name = "db", .params = "{\"schema\":\"CREATE TABLE u (a);\"}"},
         "schema_sha256"},
        {{.type = "dns", .uid = "dns.default#shop.web", .name = "web", .params = "{\"prefix\":\"api\"}"}, "host"},
        {{.type = "secret", .uid = "secret.default#shop.keys", .name = "keys", .params = "{\"keys\":[\"password\",\"token\"]}"}, "token"},
        {{.type = "workload",
          .uid = "workload.default#shop",
          .name = "shop",
          .params = "{\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":\"nginx:2\"}}}"},
         "sha256"},
        {{.type = "route", .uid = "route.default#shop.way", .name = "way", .params = "{\"host\":\"shop.example.com\",\"path\":\"/v2\"}"},
         "path"},
    };
    struct fake_plugin p = open_local();
    bool found;

    for (size_t i = 0; i < EVERY_TYPE; i++) {
        CU_ASSERT(planned(&p, &every_type[i]) > 0);
        expect_status(&p, &every_type[i], INNO_STATE_TERMINATED, NULL);
        expect(&p, fake_run(&p, FAKE_PROVISION, &every_type[i]), INNO_OK);
        CU_ASSERT_EQUAL(planned(&p, &every_type[i]), 0);
        CU_ASSERT(planned(&p, &other[i].about) > 0);
        found = false;
        for (size_t k = 0; k < json_array_size(json_object_get(p.call.outputs, "changes")); k++)
            found = found || strcmp(planned_path(&p, k), other[i].path) == 0;
        CU_ASSERT(found);
    }
    fake_close(&p);
}

static void test_reading_changes_nothing(void)
{
    struct fake_plugin p = open_local();
    CLEANUP(free_ptr) char *before = NULL, *after = NULL;

    for (size_t i = 0; i < EVERY_TYPE; i++)
        expect(&p, fake_run(&p, FAKE_PROVISION, &every_type[i]), INNO_OK);
    before = tree_text(p.data_dir);
    for (size_t i = 0; i < EVERY_TYPE; i++) {
        struct fake_resource gone = every_type[i];

        expect(&p, fake_run(&p, FAKE_STATUS, &every_type[i]), INNO_OK);
        expect(&p, fake_run(&p, FAKE_HINTS, &every_type[i]), INNO_OK);
        expect(&p, fake_run(&p, FAKE_PLAN, &every_type[i]), INNO_OK);
        gone.uid = "x.default#not.there";
        expect(&p, fake_run(&p, FAKE_STATUS, &gone), INNO_OK);
        expect(&p, fake_run(&p, FAKE_HINTS, &gone), INNO_OK);
        expect(&p, fake_run(&p, FAKE_PLAN, &gone), INNO_OK);
    }
    after = tree_text(p.data_dir);
    ASSERT_TEXT(after, before);
    fake_close(&p);
}

/* Teams, environments and names that look alike, or try to get out, each have a place of their own inside the data directory. */
static void test_no_collision(void)
{
    static const struct fake_resource alike[] = {
        {.team = "shop"},
        {.team = "Shop"},
        {.team = "sh/op"},
        {.team = "../shop"},
        {.team = ".."},
        {.team = "."},
        {.team = "shop", .environment = "../development"},
        {.team = "shop", .environment = "Development"},
        {.team = "shop", .uid = "volume.default#shop.Data"},
        {.team = "shop", .uid = "volume.default#../../../../etc"},
        {.team = "shop", .uid = "volume.other#shop.data"},
        {.team = "shop", .uid = "volume.default#shop-data"},
        {.team = "sho", .environment = "pdevelopment"},
        {.team = "sh\xc3\xb6p"},
        {.team = "shop", .uid = "#"},
        {.team = "a-team-with-a-very-long-name-that-no-directory-should-have-to-carry-in-full-because-it-goes-on"},
        {.team = "a-team-with-a-very-long-name-that-no-directory-should-have-to-carry-in-full-because-it-ends"},
    };
    struct fake_plugin p = open_local();
    CLEANUP(json_put) json_t *seen = json_object();

    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        char real[PATH_MAX];

        expect(&p, fake_run(&p, FAKE_PROVISION, &alike[i]), INNO_OK);
        CU_ASSERT_PTR_NOT_NULL(realpath(fake_output(&p, "path"), real));
        ASSERT_TEXT(real, fake_output(&p, "path"));
        CU_ASSERT(strncmp(real, p.data_dir, strlen(p.data_dir)) == 0);
        json_object_set_new(seen, real, json_true());
    }
    CU_ASSERT_EQUAL(json_object_size(seen), sizeof alike / sizeof alike[0]);
    fake_close(&p);
}

static void test_bad_params(void)
{
    static const struct {
        const char *type, *params, *wanted;
    } cases[] = {
        {"volume", "[]", "object"},
        {"volume", "{\"size\": \"big\"}", "quantity"},
        {"volume", "{\"size\": 5}", "quantity"},
        {"volume", "{\"size\": \"0Gi\"}", "quantity"},
        {"volume", "{\"size\": \"1.Gi\"}", "quantity"},
        {"volume", "{\"size\": \"99999999999999Pi\"}", "quantity"},
        {"volume", "{\"mode\": \"0999\"}", "octal"},
        {"volume", "{\"mode\": \"4755\"}", "octal"},
        {"volume", "{\"sizes\": \"1Gi\"}", "params.sizes is unknown"},
        {"sqlite", "{\"schema\": 1}", "SQL text"},
        {"sqlite", "{\"migrations\": \"migrations\"}", "was not"},
        {"sqlite", "{\"schema\": \"CREATE TABL t (a)\"}", "near \"TABL\""},
        {"sqlite", "{\"schema\": \"CREATE TABLE a (x); COMMIT; CREATE TABLE b (x)\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"ATTACH '/tmp/other.db' AS o\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"PRAGMA journal_mode = OFF\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"SAVEPOINT a\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"CREATE TABLE innominatus_migrations (a)\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"DELETE FROM innominatus_meta\"}", "not allowed here"},
        {"sqlite", "{\"schema\": \"VACUUM\"}", "params.schema"},
        {"route", "{\"host\": \"a b\"}", "host"},
        {"route", "{\"path\": \"api\"}", "path"},
        {"route", "{\"port\": 0}", "port"},
        {"route", "{\"service\": \"\"}", "service"},
        {"dns", "{\"prefix\": \"a b\"}", "prefix"},
        {"dns", "{\"prefix\": \"-a\"}", "prefix"},
        {"dns", "{\"prefix\": \"a..b\"}", "prefix"},
        {"dns", "{\"prefix\": \"a.\"}", "prefix"},
        {"dns", "{\"prefix\": \"\"}", "prefix"},
        {"secret", "{\"keys\": []}", "1 to 32"},
        {"secret", "{\"keys\": \"password\"}", "1 to 32"},
        {"secret", "{\"keys\": [\"a\", \"a\"]}", "twice"},
        {"secret", "{\"keys\": [\"../a\"]}", "params.keys.0"},
        {"secret", "{\"keys\": [7]}", "params.keys.0"},
        {"secret", "{\"length\": 7}", "8 to 1024"},
        {"secret", "{\"length\": 1025}", "8 to 1024"},
        {"secret", "{\"length\": \"32\"}", "8 to 1024"},
        {"workload", "{}", "metadata.name"},
        {"workload", "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {}, \"replicas\": 1}", "no containers"},
        {"workload", "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"a1\": {\"image\": \"x\"}}, \"replicas\": -1}", "replicas"},
    };
    struct fake_plugin p = open_local();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_resource about = {.type = cases[i].type, .params = cases[i].params, .uid = "x.default#shop.bad"};

        expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_INVALID_RESOURCE);
        ASSERT_CONTAINS(p.call.failure, cases[i].wanted);
    }
    expect(&p, fake_run(&p, FAKE_PROVISION, &(struct fake_resource){.type = "mongodb"}), INNO_UNSUPPORTED);
    fake_close(&p);
}

static void test_bad_config(void)
{
    static const struct {
        const char *config, *wanted;
    } cases[] = {{"[]", "object"},
                 {"{\"namespaces\": \"x\"}", "config.namespaces is unknown"},
                 {"{\"namespace\": 1}", "config.namespace"},
                 {"{\"hostPathRoots\": \"/srv\"}", "hostPathRoots"},
                 {"{\"hostPathRoots\": [\"srv\"]}", "hostPathRoots.0"},
                 {"{\"hostPathRoots\": [\"/srv\", \"/\"]}", "hostPathRoots.1"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_plugin p;

        CU_ASSERT_EQUAL(fake_open(&p, "local", test_dir(), cases[i].config), INNO_INVALID_CONFIG);
        ASSERT_CONTAINS(p.call.failure, cases[i].wanted);
        fake_close(&p);
    }
}

/* ---- volume ---- */

static void test_volume(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = {.type = "volume", .params = "{\"size\": \"16Ki\", \"mode\": \"0750\"}"};
    char path[400];
    struct stat st;

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    snprintf(path, sizeof path, "%s", fake_output(&p, "path"));
    ASSERT_TEXT(fake_output(&p, "source"), path);
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0750);
    expect(&p, fake_run(&p, FAKE_HINTS, &about), INNO_OK);
    ASSERT_TEXT(fake_hint(&p, INNO_HINT_CONNECTION_STRING), path);

    write_file(path, "big", 100000);
    expect_status(&p, &about, INNO_STATE_DEGRADED, "more than its size 16Ki");
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(p.call.status, INNO_STATE_DEGRADED);

    about.operation = INNO_OP_UPDATE;
    about.prior_params = about.params;
    about.params = "{\"size\": \"1Mi\", \"mode\": \"700\"}";
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(fake_output(&p, "path"), path);
    about.operation = 0;
    expect_status(&p, &about, INNO_STATE_ACTIVE, NULL);
    CU_ASSERT_EQUAL(chmod(path, 0777), 0);
    expect_status(&p, &about, INNO_STATE_DEGRADED, "mode is 0777");

    about.operation = INNO_OP_UPDATE;
    about.prior_params = about.params;
    about.params = "{\"size\": \"4Ki\"}";
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(p.call.failure, "remove files first");
    fake_close(&p);
}

static void test_volume_removal(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = {.type = "volume"};
    char path[400], link[500], outside[100];
    struct stat st;
    int fd;

    snprintf(outside, sizeof outside, "%s", test_dir());
    write_file(outside, "precious", 10);
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    snprintf(path, sizeof path, "%s", fake_output(&p, "path"));
    snprintf(link, sizeof link, "%s/link", path);
    CU_ASSERT_EQUAL(symlink(outside, link), 0);
    /* 600 directories deep, one of which nobody may enter */
    fd = open(path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 600; i++) {
        int next;

        CU_ASSERT_EQUAL_FATAL(mkdirat(fd, "d", 0755), 0);
        next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        CU_ASSERT_EQUAL(symlinkat(outside, next, "l"), 0);
        if (i == 300)
            CU_ASSERT_EQUAL(fchmod(next, 0), 0);
        close(fd);
        fd = next;
    }
    close(fd);
    expect_status(&p, &about, INNO_STATE_DEGRADED, "nested too deeply");
    expect(&p, fake_run(&p, FAKE_DEPROVISION, &about), INNO_OK);
    CU_ASSERT_EQUAL(lstat(path, &st), -1);
    snprintf(link, sizeof link, "%s/precious", outside);
    CU_ASSERT_EQUAL(stat(link, &st), 0);
    fake_close(&p);
}

/* Somebody puts a link in the volume's place: nothing behind it is touched. */
static void test_volume_link(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = {.type = "volume"};
    char path[400], outside[100], inside[200];
    struct stat st;

    snprintf(outside, sizeof outside, "%s", test_dir());
    write_file(outside, "precious", 10);
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    snprintf(path, sizeof path, "%s", fake_output(&p, "path"));
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_EQUAL(symlink(outside, path), 0);
    expect_status(&p, &about, INNO_STATE_FAILED, "in the directory's place");
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_FAILED);
    expect(&p, fake_run(&p, FAKE_DEPROVISION, &about), INNO_OK);
    snprintf(inside, sizeof inside, "%s/precious", outside);
    CU_ASSERT_EQUAL(stat(inside, &st), 0);
    CU_ASSERT_EQUAL(lstat(path, &st), -1);
    fake_close(&p);
}

/* ---- secret ---- */

static void test_secret(void)
{
    struct fake_plugin p = open_local(), q;
    struct fake_resource about = {
        .type = "secret", .uid = "secret.default#shop.keys", .params = "{\"keys\": [\"user\", \"password\"], \"length\": 40}"};
    char user[80], password[80], data_dir[300];

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    snprintf(user, sizeof user, "%s", fake_secret(&p, "user"));
    snprintf(password, sizeof password, "%s", fake_secret(&p, "password"));
    CU_ASSERT_EQUAL(strlen(user), 40);
    CU_ASSERT(strcmp(user, password) != 0);
    CU_ASSERT_EQUAL(json_object_size(p.call.outputs), 0);
    snprintf(data_dir, sizeof data_dir, "%s", p.data_dir);
    fake_close(&p);

    /* another process, another length, one key more and one less: what is there stays */
    CU_ASSERT_EQUAL(fake_open(&q, "local", data_dir, "{}"), INNO_OK);
    about.operation = INNO_OP_UPDATE;
    about.params = "{\"keys\": [\"password\", \"token\"], \"length\": 16}";
    expect(&q, fake_run(&q, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(fake_secret(&q, "password"), password);
    CU_ASSERT_EQUAL(strlen(fake_secret(&q, "token")), 16);
    ASSERT_TEXT(fake_secret(&q, "user"), "");
    fake_close(&q);
}

static void test_secret_file(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = {.type = "secret", .uid = "secret.default#shop.keys"};
    CLEANUP(free_ptr) char *tree = NULL;
    char path[600], *line, *end;
    struct err err;

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    tree = tree_text(p.data_dir);
    line = strstr(tree, "secret.json 100600");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    end = line + strlen("secret.json");
    while (line > tree && line[-1] != '\n')
        line--;
    snprintf(path, sizeof path, "%.*s", (int)(end - line), line);
    CU_ASSERT_EQUAL(chmod(path, 0644), 0);
    expect_status(&p, &about, INNO_STATE_DEGRADED, "others may read");
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    expect_status(&p, &about, INNO_STATE_ACTIVE, NULL);
    about.params = "{\"keys\": [\"password\", \"more\"]}";
    expect_status(&p, &about, INNO_STATE_DEGRADED, "key more is missing");
    ASSERT_OK(io_write_atomic(path, "{\"pass", 6, 0600, &err), err);
    expect_status(&p, &about, INNO_STATE_FAILED, "damaged");
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_FAILED);
    ASSERT_CONTAINS(p.call.failure, "backup");
    fake_close(&p);
}

/* ---- dns ---- */

static void test_dns(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = {.type = "dns", .uid = "dns.default#shop.web", .name = "web"};

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(fake_output(&p, "host"), "web.localhost");
    ASSERT_TEXT(fake_output(&p, "url"), "http://web.localhost");
    about.params = "{\"prefix\": \"api.shop\"}";
    about.operation = INNO_OP_UPDATE;
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(fake_output(&p, "host"), "api.shop.localhost");
    expect(&p, fake_run(&p, FAKE_HINTS, &about), INNO_OK);
    ASSERT_TEXT(fake_hint(&p, INNO_HINT_URL), "http://api.shop.localhost");
    expect_status(&p, &about, INNO_STATE_ACTIVE, NULL);
    about.params = "{}"; /* as if somebody had written the other name into the record */
    expect_status(&p, &about, INNO_STATE_DEGRADED, "host is api.shop.localhost, wanted web.localhost");
    fake_close(&p);
}

/* ---- workload ---- */

static void test_workload(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = every_type[4];
    CLEANUP(free_ptr) char *text = NULL;
    const json_t *manifests;

    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    ASSERT_TEXT(fake_output(&p, "endpoint"), "shop:80");
    manifests = json_object_get(p.call.outputs, "manifests");
    CU_ASSERT_EQUAL(json_array_size(manifests), 3);
    ASSERT_TEXT(json_str(json_array_get(manifests, 0), "path"), "shop.web.secrets-secret.yaml");
    ASSERT_CONTAINS(json_str(json_array_get(manifests, 0), "content"), "resource:r-01#password");
    ASSERT_CONTAINS(json_str(json_array_get(manifests, 2), "content"), "innominatus.dev/team: shop");
    about.params = "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": \"nginx:1\"}}, \"replicas\": 3}";
    about.operation = INNO_OP_UPDATE;
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_OK);
    text = json_text(p.call.outputs);
    ASSERT_CONTAINS(text, "replicas: 3");
    ASSERT_TEXT(fake_output(&p, "endpoint"), "");
    fake_close(&p);
}

/* A workload mounts its own team's volumes and nothing else of this machine. */
static void test_workload_volumes(void)
{
    static const char form[] = "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": \"nginx:1\", \"volumes\": "
                               "{\"/data\": {\"source\": \"%s\"}}}}}";
    struct fake_plugin p = open_local();
    struct fake_resource volume = {.type = "volume"}, workload = every_type[4];
    char own[400], theirs[400], params[1000], config[200];
    struct fake_plugin q;

    expect(&p, fake_run(&p, FAKE_PROVISION, &volume), INNO_OK);
    snprintf(own, sizeof own, "%s", fake_output(&p, "path"));
    volume.team = "other";
    expect(&p, fake_run(&p, FAKE_PROVISION, &volume), INNO_OK);
    snprintf(theirs, sizeof theirs, "%s", fake_output(&p, "path"));
    workload.params = params;
    snprintf(params, sizeof params, form, own);
    expect(&p, fake_run(&p, FAKE_PROVISION, &workload), INNO_OK);
    snprintf(params, sizeof params, form, theirs);
    expect(&p, fake_run(&p, FAKE_PROVISION, &workload), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(p.call.failure, "containers.web.volumes./data");
    snprintf(params, sizeof params, form, "/etc");
    expect(&p, fake_run(&p, FAKE_PROVISION, &workload), INNO_INVALID_RESOURCE);
    snprintf(config, sizeof config, "{\"hostPathRoots\": [\"/srv/data\"], \"namespace\": \"ns\"}");
    CU_ASSERT_EQUAL(fake_open(&q, "local", p.data_dir, config), INNO_OK);
    snprintf(params, sizeof params, form, "/srv/data/x");
    expect(&q, fake_run(&q, FAKE_PROVISION, &workload), INNO_OK);
    fake_close(&q);
    fake_close(&p);
}

static void test_workload_size(void)
{
    struct fake_plugin p = open_local();
    struct fake_resource about = every_type[4];
    size_t bytes = 300000;
    CLEANUP(free_ptr) char *params = malloc(bytes + 1000), *content = malloc(bytes + 1);

    memset(content, 'x', bytes);
    content[bytes] = '\0';
    snprintf(
        params, bytes + 1000,
        "{\"metadata\": {\"name\": \"shop\"}, \"containers\": {\"web\": {\"image\": \"n\", \"files\": {\"/a\": {\"content\": \"%s\"}}}}}",
        content);
    about.params = params;
    expect(&p, fake_run(&p, FAKE_PROVISION, &about), INNO_INVALID_RESOURCE);
    ASSERT_CONTAINS(p.call.failure, "image or a volume");
    fake_close(&p);
}

const struct test_case tests[] = {{"every type keeps the contract: twice is once, gone is fine", test_contract},
                                  {"status, hints and plan change nothing on disk", test_reading_changes_nothing},
                                  {"a plan tells what would be made or changed, and no secret", test_plan},
                                  {"identities that look alike or try to get out have places of their own", test_no_collision},
                                  {"bad params are refused with what to write instead", test_bad_params},
                                  {"a bad config is refused when the plugin opens", test_bad_config},
                                  {"a volume has its mode, watches its size and is updated in place", test_volume},
                                  {"removing a volume follows no link and stops at no depth", test_volume_removal},
                                  {"a link in a volume's place is not followed", test_volume_link},
                                  {"secrets stay the same over processes and updates", test_secret},
                                  {"the file of secrets is private and its damage is told", test_secret_file},
                                  {"a name is prefix or name below localhost, and another one in its record is seen", test_dns},
                                  {"a workload becomes manifests with references for secrets", test_workload},
                                  {"a workload mounts only what its team or the admin owns", test_workload_volumes},
                                  {"manifests that exceed the outputs are refused", test_workload_size},
                                  {0}};
