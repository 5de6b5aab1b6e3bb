/* Owns the verbs that give somebody a first file: `examples` and `init`. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define EXAMPLE_BYTES (1u << 20)

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Its first comment says what an example is. */
static const char *first_line(struct cli *c, const char *path)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err ignored = {0};

    if (io_read_file(path, EXAMPLE_BYTES, &text, NULL, &ignored) < 0 || !str_starts(text, "# "))
        return NULL;
    return arena_strndup(&c->arena, text + 2, strcspn(text + 2, "\n"));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(json_str(*(json_t *const *)a, "name"), json_str(*(json_t *const *)b, "name"));
}

static int list_examples(struct cli *c, const char *directory)
{
    static const struct out_column columns[] = {
        {"EXAMPLE", "name", COLUMN_COPY}, {"ABOUT", "about"}, {"FILE", "file", COLUMN_COPY, true}, {0}};
    CLEANUP(close_dir) DIR *dir = opendir(directory);
    CLEANUP(json_put) json_t *all = json_array();
    json_t *rows[64];
    struct dirent *entry;
    size_t count = 0;

    if (!dir) {
        return cli_missing(c, "%s: %s; the installation is not complete", directory, strerror(errno));
    }
    while ((entry = readdir(dir)) && count < sizeof rows / sizeof *rows) {
        const char *path = arena_printf(&c->arena, "%s/%s", directory, entry->d_name);

        if (!str_ends(entry->d_name, ".yaml"))
            continue;
        rows[count] = json_object();
        json_set_str(rows[count], "name", arena_strndup(&c->arena, entry->d_name, strlen(entry->d_name) - 5));
        json_set_str(rows[count], "about", first_line(c, path));
        json_set_str(rows[count++], "file", path);
    }
    qsort(rows, count, sizeof *rows, by_name);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(all, rows[i]);
    if (!out_data(c, all)) {
        out_table(c, columns, all, "no examples");
        cli_say(c, "`innominatus examples NAME` prints one; its files lie in %s", directory);
    }
    return EXIT_FINE;
}

int verb_examples(struct cli *c)
{
    const char *directory, *name = cli_word(c, 0);
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};

    if (paths_installed("share/innominatus/examples", &c->arena, &directory, &err) < 0)
        return cli_fail(c, &err);
    if (!name)
        return list_examples(c, directory);
    if (strchr(name, '/') || name[0] == '.')
        return cli_usage(c, "\"%.60s\" is no name of an example; `innominatus examples` lists them", name);
    if (io_read_file(arena_printf(&c->arena, "%s/%s.yaml", directory, name), EXAMPLE_BYTES, &text, NULL, &err) < 0) {
        return cli_missing(c, "there is no example \"%s\"; `innominatus examples` lists them", name);
    }
    fputs(text, stdout);
    return EXIT_FINE;
}

/* ---- init ---- */

static const char template[] = "# %s: `innominatus validate %s.yaml --explain` tells what it means, `innominatus examples` has more.\n"
                               "apiVersion: score.dev/v1b1\n"
                               "metadata:\n"
                               "  name: %s\n"
                               "containers:\n"
                               "  web:\n"
                               "    image: .                       # comes with `innominatus deploy --image`\n"
                               "    volumes:\n"
                               "      /data:\n"
                               "        source: ${resources.data}\n"
                               "service:\n"
                               "  ports:\n"
                               "    http: {port: 80, targetPort: 8080}\n"
                               "resources:\n"
                               "  data:\n"
                               "    type: volume\n"
                               "    params: {size: 1Gi}\n";

int verb_init(struct cli *c)
{
    const char *name = cli_word(c, 0), *file = arena_printf(&c->arena, "%s.yaml", name), *text;
    CLEANUP(close_fd) int fd = -1;
    struct err err = {0};

    if (!str_is_label(name))
        return cli_usage(c, "\"%.80s\" is no name for a workload: use 2 to 63 of a-z, 0-9 and '-', not '-' at the ends", name);
    text = arena_printf(&c->arena, template, name, name, name);
    fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) {
        err_set(&err, ERR_CONFLICT, "%s is there already; nothing was changed", file);
        return cli_fail(c, &err);
    }
    if (fd < 0) {
        err_set_sys(&err, ERR_IO, "%s", file);
        return cli_fail(c, &err);
    }
    if (io_write_all(fd, text, strlen(text), &err) < 0)
        return cli_fail(c, &err);
    cli_print(c, "%s\n", file);
    cli_say(c, "Next: innominatus validate %s --explain · innominatus plan %s --image IMAGE", file, file);
    return EXIT_FINE;
}
