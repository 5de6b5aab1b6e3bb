/* Owns `plugin new`: a provisioner's project out of the embedded template (sdk/template). */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/embedded.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FILE_BYTES (256u << 10)

extern const struct embedded_file provisioner_template[];

/* Where the template's files go. */
static const struct {
    const char *from, *to;
} files[] = {
    {"provisioner.c", "src/provisioner.c"},
    {"CMakeLists.txt", "CMakeLists.txt"},
    {"CMakePresets.json", "CMakePresets.json"},
    {"entry.cmake", "cmake/entry.cmake"},
    {"Makefile", "Makefile"},
    {"admin-config.yaml.in", "examples/admin-config.yaml.in"},
    {"app.yaml", "examples/app.yaml"},
    {"gitignore", ".gitignore"},
    {"README.md", "README.md"},
};

struct word {
    const char *mark, *text;
};

static const struct embedded_file *find(const char *name)
{
    for (const struct embedded_file *f = provisioner_template; f->name; f++)
        if (str_eq(f->name, name))
            return f;
    return NULL;
}

/* Every mark is replaced; what is no mark of ours stays (@SHA256@ is the build's). */
static char *fill(const struct embedded_file *file, const struct word *words)
{
    struct buf out = BUF_INIT(FILE_BYTES);

    for (const char *at = file->bytes; *at;) {
        const struct word *w = words;

        while (w->mark && !str_starts(at, w->mark))
            w++;
        if (w->mark)
            buf_add_text(&out, w->text);
        else
            buf_add_char(&out, *at);
        at += w->mark ? strlen(w->mark) : 1;
    }
    return buf_take(&out);
}

static int write_file(struct cli *c, const char *directory, const char *to, const char *text, struct err *err)
{
    const char *path = arena_printf(&c->arena, "%s/%s", directory, to), *slash = strrchr(path, '/');
    CLEANUP(close_fd) int fd = -1;

    if (io_mkdirs(arena_strndup(&c->arena, path, (size_t)(slash - path)), 0777, err) < 0)
        return -1;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    return io_write_all(fd, text, strlen(text), err);
}

/* Nothing is overwritten: it is looked for before anything is written. */
static const char *in_the_way(struct cli *c, const char *directory)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = arena_printf(&c->arena, "%s/%s", directory, files[i].to);

        if (io_exists(path))
            return path;
    }
    return NULL;
}

static int write_all(struct cli *c, const char *directory, const struct word *words, struct err *err)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct embedded_file *file = find(files[i].from);
        CLEANUP(free_ptr) char *text = file ? fill(file, words) : NULL;

        if (!text)
            return err_set(err, ERR_INTERNAL, "the template has no %s", files[i].from);
        if (write_file(c, directory, files[i].to, text, err) < 0)
            return -1;
    }
    return 0;
}

int verb_plugin_new(struct cli *c)
{
    const char *name = cli_word(c, 0), *product = args_text(&c->args, "product"), *type = args_text(&c->args, "type");
    const char *directory = args_text(&c->args, "dir") ? args_text(&c->args, "dir") : name, *other;
    CLEANUP(json_put) json_t *made = NULL;
    struct err err = {0};

    type = type ? type : name;
    if (!str_is_label(name) || !str_is_label(type) || (product && !str_is_label(product)))
        return cli_usage(c, "\"%.80s\" is no name: use 2 to 63 of a-z, 0-9 and '-', not '-' at the ends",
                         !str_is_label(name)   ? name
                         : !str_is_label(type) ? type
                                               : product);
    if ((other = in_the_way(c, directory))) {
        err_set(&err, ERR_CONFLICT, "%s is there already; nothing was changed. --dir names another directory", other);
        return cli_fail(c, &err);
    }
    if (write_all(c, directory,
                  (const struct word[]){
                      {"@NAME@", name},
                      {"@TYPE@", type},
                      {"@LIST@", product ? "productProvisioners:\n" : ""},
                      {"@ENTRY@", product ? arena_printf(&c->arena, "product: %s\n    ", product) : ""},
                      {"@PRODUCT_LINE@", product ? arena_printf(&c->arena, "\n  product: %s", product) : ""},
                      {0},
                  },
                  &err) < 0)
        return cli_fail(c, &err);
    made = json_pack("{s:s, s:s, s:s, s:[]}", "name", name, "type", type, "directory", directory, "files");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        json_append_str(json_object_get(made, "files"), files[i].to);
    if (out_data(c, made))
        return EXIT_FINE;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        cli_print(c, "%s/%s\n", directory, files[i].to);
    cli_say(c,
            "Next: cd %s && cmake --preset dev && cmake --build --preset dev && ctest --preset dev   (or: make check); README.md goes on",
            directory);
    return EXIT_FINE;
}
