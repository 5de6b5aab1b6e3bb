/* What is looked at before a plugin may run: the file, its hash, its manifest, the entry, the policies; and the reading of files that are
 * made to confuse. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/manifest.h"
#include "plugin_driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD PLUGIN_DIR "/good.so"

static char *copy_good(const char *name, mode_t mode)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    char *path = mem_printf("%s/%s", test_dir(), name);
    struct err err;
    size_t len = 0;

    ASSERT_OK(io_read_file(GOOD, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &err), err);
    ASSERT_OK(io_write_atomic(path, bytes, len, 0644, &err), err);
    CU_ASSERT_EQUAL(chmod(path, mode), 0);
    return path;
}

static void refuses(const struct plugin_entry *entry, const char *text)
{
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_FAILS(driver_add(&d, "good", entry, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, text);
    driver_stop(&d);
}

static void test_inspect(void)
{
    CLEANUP(json_put) json_t *manifest = NULL;
    char hash[65];
    struct err err;

    ASSERT_OK(plugin_inspect_file(GOOD, &manifest, &err), err);
    driver_hash(GOOD, hash);
    ASSERT_TEXT(json_str(manifest, "name"), "good");
    ASSERT_TEXT(json_str(manifest, "version"), "1.2.3");
    ASSERT_TEXT(json_str(manifest, "sha256"), hash);
    CU_ASSERT_EQUAL(json_int(json_object_get(manifest, "abi"), "major", 0), 1);
    CU_ASSERT_EQUAL(json_int(manifest, "state_version", 0), 3);
    ASSERT_TEXT(json_string_value(json_array_get(json_object_get(manifest, "exports"), 0)), "inno_plugin_v1");
    CU_ASSERT(json_flag(json_array_get(json_object_get(manifest, "types"), 0), "stateful", false));
    CU_ASSERT(json_flag(json_array_get(json_object_get(manifest, "step_types"), 0), "idempotent", false));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(manifest, "slots")), 3);
}

static void test_missing_file(void)
{
    json_t *manifest = NULL;
    struct err err;

    ASSERT_FAILS(plugin_inspect_file("/nonexistent/x.so", &manifest, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "/nonexistent/x.so");
    CU_ASSERT_PTR_NULL(manifest);
}

static void test_strip(void)
{
    CLEANUP(free_ptr) char *path = copy_good("stripped.so", 0644);
    CLEANUP(json_put) json_t *manifest = NULL;
    pid_t child = fork();
    struct err err;

    if (child == 0) {
        execlp("strip", "strip", path, (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, NULL, 0) < 0)
        continue;
    ASSERT_OK(plugin_inspect_file(path, &manifest, &err), err);
    ASSERT_TEXT(json_str(manifest, "name"), "good");
}

static void test_link(void)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/link.so", test_dir());

    CU_ASSERT_EQUAL(symlink(GOOD, path), 0);
    refuses(&(struct plugin_entry){.path = path}, "symbolic link");
}

static void test_writable(void)
{
    CLEANUP(free_ptr) char *group = copy_good("group.so", 0664);
    CLEANUP(free_ptr) char *all = copy_good("all.so", 0646);

    refuses(&(struct plugin_entry){.path = group}, "writable by others (mode 0664)");
    refuses(&(struct plugin_entry){.path = all}, "writable by others (mode 0646)");
}

static void test_owner(void)
{
    CLEANUP(free_ptr) char *path = copy_good("strange.so", 0644);

    if (geteuid() != 0) {
        test_skip("only root can give a file away");
        return;
    }
    CU_ASSERT_EQUAL(chown(path, 12345, 12345), 0);
    refuses(&(struct plugin_entry){.path = path}, "owned by uid 12345");
}

static void test_not_regular(void)
{
    CLEANUP(free_ptr) char *fifo = mem_printf("%s/fifo.so", test_dir());

    CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0); /* must not block */
    refuses(&(struct plugin_entry){.path = fifo, .sha256 = "00"}, "not a regular file");
    refuses(&(struct plugin_entry){.path = "/dev/zero", .sha256 = "00"}, "not a regular file");
    refuses(&(struct plugin_entry){.path = PLUGIN_DIR, .sha256 = "00"}, "not a regular file");
}

static void test_hash(void)
{
    struct plugin_entry none = {.name = "good", .path = GOOD};
    struct driver d;
    char hash[65];
    struct err err;

    refuses(&(struct plugin_entry){.sha256 = "0000000000000000000000000000000000000000000000000000000000000000"},
            "not the pinned one 0000");
    driver_hash(GOOD, hash);
    driver_start(&d, 0, PATIENT_MS);
    ASSERT_FAILS(plugin_add(d.manager, &none, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "the entry has no sha256");
    ASSERT_CONTAINS(err.msg, hash);
    driver_stop(&d);
}

static void test_entry(void)
{
    CLEANUP(json_put) json_t *types = json_pack("[s]", "postgres");
    CLEANUP(json_put) json_t *grant = json_pack("[s]", "root");

    refuses(&(struct plugin_entry){.version = "1.2.4"}, "the entry wants version 1.2.4, the plugin is good 1.2.3");
    refuses(&(struct plugin_entry){.types = types}, "serves type \"postgres\", which good 1.2.3 does not have");
    refuses(&(struct plugin_entry){.grant = grant}, "grants \"root\"");
    refuses(&(struct plugin_entry){.name = "../up"}, "no good name");
}

static int deny(void *ctx, json_t *input, json_t *warnings, struct err *err)
{
    char *seen = ctx;

    (void)warnings;
    snprintf(seen, 200, "%s %s %s", json_str(json_object_get(input, "plugin"), "name"),
             json_str(json_object_get(input, "manifest"), "version"), json_str(input, "sha256"));
    return err_set(err, ERR_DENIED, "no plugins on Fridays");
}

static struct plugin_manager *manager_with(const char *dir, struct plugin_manager_options options)
{
    CLEANUP(free_ptr) char *data = mem_printf("%s/data", dir);
    CLEANUP(free_ptr) char *run = mem_printf("%s/run", dir);
    struct plugin_manager *manager = NULL;
    struct err err;

    options.host_path = PLUGIN_HOST;
    options.data_dir = data;
    options.run_dir = run;
    ASSERT_OK(plugin_manager_new(&options, &manager, &err), err);
    return manager;
}

static void test_policy(void)
{
    char seen[200] = "", hash[65], wanted[200];
    struct plugin_manager *manager = manager_with(test_dir(), (struct plugin_manager_options){.vet = deny, .vet_ctx = seen});
    struct plugin_entry entry = {.name = "mine", .path = GOOD, .sha256 = hash};
    CLEANUP(json_put) json_t *list = NULL;
    struct err err;

    driver_hash(GOOD, hash);
    ASSERT_FAILS(plugin_add(manager, &entry, &err), err, ERR_DENIED);
    snprintf(wanted, sizeof wanted, "mine 1.2.3 %s", hash);
    ASSERT_TEXT(seen, wanted);
    list = plugin_describe_all(manager);
    ASSERT_TEXT(json_str(json_array_get(list, 0), "state"), "refused");
    ASSERT_TEXT(json_str(json_array_get(list, 0), "reason"), "no plugins on Fridays");
    plugin_manager_free(manager);
}

static void test_bundled(void)
{
    char hash[65];
    const struct plugin_bundled_hash hashes[] = {{"good", hash}, {"crash", "00"}, {0}};
    struct plugin_manager *manager =
        manager_with(test_dir(), (struct plugin_manager_options){.bundled_dir = PLUGIN_DIR, .bundled = hashes});
    struct err err;

    driver_hash(GOOD, hash);
    ASSERT_OK(plugin_add(manager, &(struct plugin_entry){.name = "a", .plugin = "good"}, &err), err);
    ASSERT_FAILS(plugin_add(manager, &(struct plugin_entry){.name = "b", .plugin = "crash"}, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "not the bundled one");
    ASSERT_FAILS(plugin_add(manager, &(struct plugin_entry){.name = "c", .plugin = "hang"}, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, "no plugin \"hang\" is bundled; there are: good, crash");
    ASSERT_FAILS(plugin_add(manager, &(struct plugin_entry){.name = "d", .plugin = "../bad-plugins/good"}, &err), err, ERR_PLUGIN_REFUSED);
    plugin_manager_free(manager);
}

/* The bytes that were vetted run, whatever happens to the file afterwards. */
static void test_same_bytes(void)
{
    CLEANUP(free_ptr) char *path = copy_good("swapped.so", 0644);
    struct plugin_entry more = {.path = path};
    struct driver d;
    struct trial t = {.instance = "good", .operation = PLUGIN_PROVISION};
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(&d, "good", &more, &err), err);
    ASSERT_OK(io_write_atomic(path, "nonsense", 8, 0644, &err), err);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_OK);
    trial_fini(&t);
    driver_stop(&d);
}

static void parse_fails(const char *text, const char *wanted)
{
    json_t *manifest = NULL;
    struct err err;

    ASSERT_FAILS(manifest_parse("x.so", text, strlen(text), &manifest, &err), err, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(err.msg, wanted);
    CU_ASSERT_PTR_NULL(manifest);
}

#define MANIFEST(body) "{\"abi\":{\"major\":1,\"minor\":0},\"plugin\":" body "}"

static void test_manifest(void)
{
    CLEANUP(json_put) json_t *manifest = NULL;
    struct err err;
    const char *later =
        "{\"abi\":{\"major\":1,\"minor\":7},\"plugin\":{\"name\":\"ab\",\"version\":\"1.0.0-rc.1\",\"types\":[\"cd\"],\"later\":1}}";

    parse_fails("", "cannot be read");
    parse_fails("{", "cannot be read");
    parse_fails("[]", "has no plugin object");
    parse_fails("{\"plugin\":{}}", "has no ABI version");
    parse_fails(MANIFEST("{}"), "no good name");
    parse_fails(MANIFEST("{\"name\":\"../x\"}"), "no good name");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1\"}"), "no semantic version");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0; rm\"}"), "no semantic version");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\"}"), "neither types nor step_types");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[{}]}"), "an item without a good name");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[\"cd\",\"cd\"]}"), "lists a name twice");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[\"cd\"],\"slots\":[\"fly\"]}"), "unknown word in slots: fly");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[\"cd\"],\"permissions\":[\"root\"]}"),
                "unknown word in permissions: root");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"cd\",\"stateful\":\"yes\"}]}"), "stateful");
    parse_fails(MANIFEST("{\"name\":\"ab\",\"version\":\"1.0.0\",\"types\":[\"cd\"],\"actions\":[{\"name\":\"go\",\"params\":[{\"name\":"
                         "\"n\",\"type\":\"x\"}]}]}"),
                "s, i, b, d or j");
    ASSERT_OK(manifest_parse("x.so", later, strlen(later), &manifest, &err), err); /* a later minor, with members not known here */
    CU_ASSERT(manifest_has_type(manifest, "cd"));
    CU_ASSERT(!manifest_has_type(manifest, "ab"));
}

/* Damages every part of the file: the verdict may be anything, but it must come, and never run or crash anything. */
static void test_damage(void)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    CLEANUP(free_ptr) char *broken = NULL;
    struct err err;
    size_t len = 0, refusals = 0;
    unsigned seed = 12345;

    ASSERT_OK(io_read_file(GOOD, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &err), err);
    broken = mem_alloc(len);
    for (int round = 0; round < 600; round++) {
        CLEANUP(json_put) json_t *manifest = NULL;
        size_t hits = 1 + (size_t)rand_r(&seed) % 8, cut = round % 3 == 0 ? (size_t)rand_r(&seed) % len : len;

        memcpy(broken, bytes, len);
        for (size_t i = 0; i < hits; i++) { /* headers first: that is where the offsets are */
            size_t head = round % 2 ? 64 + 56 * 12 : len, from = round % 4 == 1 ? len - 64 * 40 : 0;

            broken[(from + (size_t)rand_r(&seed) % head) % len] = (char)rand_r(&seed);
        }
        refusals += manifest_inspect("x.so", broken, cut, &manifest, &err) < 0;
    }
    CU_ASSERT(refusals > 200);
}

const struct test_case tests[] = {
    {"a manifest is read without running the plugin", test_inspect},
    {"a missing file is refused by name", test_missing_file},
    {"a stripped plugin keeps its manifest", test_strip},
    {"a symbolic link is refused", test_link},
    {"a file that others can write is refused", test_writable},
    {"a file of another user is refused", test_owner},
    {"pipes, devices and directories are refused without blocking", test_not_regular},
    {"another hash, or none, is refused", test_hash},
    {"an entry that does not fit the manifest is refused", test_entry},
    {"a policy can refuse a plugin", test_policy},
    {"bundled plugins are pinned by the embedded hashes", test_bundled},
    {"the bytes that were vetted run, not what the file holds later", test_same_bytes},
    {"a manifest is checked member by member", test_manifest},
    {"damaged files are refused, never crash", test_damage},
    {0},
};
