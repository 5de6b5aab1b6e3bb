/* Owns the directory and the manager of a workbench. Main thread. */
#include "cli/workbench.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/paths.h"
#include <stdlib.h>

void workbench_close(struct workbench *bench)
{
    struct err ignored = {0};

    plugin_manager_free(bench->manager);
    if (bench->dir)
        io_remove_tree(bench->dir, &ignored);
    free(bench->dir);
    *bench = (struct workbench){0};
}

int workbench_open(struct cli *c, const struct plugin_manager_options *options, struct workbench *out, struct err *err)
{
    CLEANUP(workbench_close) struct workbench made = {0};
    struct plugin_manager_options all = *options;
    const char *base = getenv("TMPDIR");
    CLEANUP(free_ptr) char *dir = mem_printf("%s/innominatus-XXXXXX", base && base[0] == '/' ? base : "/tmp");

    if (paths_installed("libexec/innominatus/plugin-host", &c->arena, &all.host_path, err) < 0 ||
        paths_installed("lib/innominatus/plugins", &c->arena, &all.bundled_dir, err) < 0)
        return -1;
    if (!mkdtemp(dir))
        return err_set_sys(err, ERR_IO, "a directory to try plugins in");
    made.dir = take_ptr(dir);
    all.bundled = plugin_bundled_hashes;
    all.data_dir = arena_printf(&c->arena, "%s/plugins", made.dir);
    all.run_dir = arena_printf(&c->arena, "%s/run", made.dir);
    if (plugin_manager_new(&all, &made.manager, err) < 0)
        return -1;
    *out = made;
    made = (struct workbench){0};
    return 0;
}
