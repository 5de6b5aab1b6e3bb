/* The bundled plugins as the server has them: found by name, pinned by the embedded hashes, confined like any other, doing real work. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin_driver.h"

static void begin(struct driver *d)
{
    CLEANUP(free_ptr) char *data = NULL;
    CLEANUP(free_ptr) char *run = NULL;
    struct plugin_manager_options options = {
        .host_path = PLUGIN_HOST, .bundled_dir = TEST_BINARY_DIR "/lib/innominatus/plugins", .bundled = plugin_bundled_hashes};
    struct err err;

    d->dir = test_dir();
    options.data_dir = data = mem_printf("%s/data", d->dir);
    options.run_dir = run = mem_printf("%s/run", d->dir);
    ASSERT_OK(plugin_manager_new(&options, &d->manager, &err), err);
}

static void test_all_are_accepted(void)
{
    struct driver d;
    struct err err;
    int count = 0;

    begin(&d);
    for (const struct plugin_bundled_hash *b = plugin_bundled_hashes; b->name; b++, count++)
        ASSERT_OK(plugin_add(d.manager, &(struct plugin_entry){.name = b->name, .plugin = b->name}, &err), err);
    CU_ASSERT(count > 0);
    driver_stop(&d);
}

static void test_local(void)
{
    struct driver d;
    struct trial volume = {.instance = "local", .operation = PLUGIN_PROVISION, .type = "volume", .params = "{\"size\":\"1Mi\"}"};
    struct trial database = {.instance = "local", .operation = PLUGIN_PROVISION, .type = "sqlite"};
    struct trial health = {.instance = "local", .operation = PLUGIN_HEALTH};
    struct trial *all[] = {&volume, &database, &health};
    struct err err;

    begin(&d);
    ASSERT_OK(plugin_add(d.manager, &(struct plugin_entry){.name = "local", .plugin = "local"}, &err), err);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        CU_ASSERT_EQUAL(trial_run(&d, all[i]), PLUGIN_DONE_OK);
        if (all[i]->err.code)
            fprintf(stderr, "%s\n", all[i]->err.msg);
    }
    CU_ASSERT(json_object_size(volume.outputs) > 0);
    CU_ASSERT(json_object_size(database.outputs) > 0);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        trial_fini(all[i]);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"every bundled plugin passes its own vetting", test_all_are_accepted},
    {"the local provisioner makes a volume and a database inside the sandbox", test_local},
    {0},
};
