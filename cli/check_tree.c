/* Owns the look at what a plugin keeps in its data directory. Main thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/check.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH   24
#define MAX_ENTRIES 100000

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Times of directories do not count: a file that came and went has changed nothing. */
static void walk(const char *path, size_t skip, int depth, json_t *tree)
{
    CLEANUP(close_dir) DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && depth < MAX_DEPTH && json_object_size(tree) < MAX_ENTRIES && (entry = readdir(dir))) {
        CLEANUP(free_ptr) char *below = mem_printf("%s/%s", path, entry->d_name);
        struct stat st;

        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, "..") || lstat(below, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            json_object_set_new(tree, below + skip, json_string("directory"));
            walk(below, skip, depth + 1, tree);
        } else {
            json_object_set_new(tree, below + skip,
                                json_sprintf("%o %lld %lld.%09ld", (unsigned)st.st_mode, (long long)st.st_size,
                                             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
        }
    }
}

json_t *check_tree(struct check *k)
{
    CLEANUP(free_ptr) char *path = mem_printf("%s/plugins/" CHECK_INSTANCE, k->bench.dir);
    json_t *tree = json_object();

    walk(path, strlen(path) + 1, 0, tree);
    return tree;
}

const char *check_tree_added(struct check *k, const json_t *before, const json_t *after)
{
    const char *path;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)after, path, value) if (!json_object_get(before, path)) return arena_strdup(&k->c->arena,
                                                                                                                         path);
    return NULL;
}

const char *check_tree_changed(struct check *k, const json_t *before, const json_t *after)
{
    const char *path = check_tree_added(k, before, after);
    json_t *value;

    if (!path)
        path = check_tree_added(k, after, before);
    if (path)
        return path;
    json_object_foreach((json_t *)(uintptr_t)after, path,
                        value) if (!json_equal(value, json_object_get(before, path))) return arena_strdup(&k->c->arena, path);
    return NULL;
}
