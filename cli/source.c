/* Owns reading a Score file with what it names. Nothing outside the Score file's directory is ever opened for a name in it. */
#include "cli/source.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int add_file(struct cli *c, struct source *s, const char *path, int fd, struct err *err)
{
    struct source_file *file;

    if (s->file_count == LIMIT_UPLOAD_FILES)
        return err_set(err, ERR_LIMIT, "%s names more than %d files", s->name, LIMIT_UPLOAD_FILES);
    file = &s->files[s->file_count];
    if (io_read_fd(fd, path, LIMIT_BODY_BYTES, &file->bytes, &file->len, err) < 0)
        return -1;
    file->path = arena_strdup(&c->arena, path);
    s->file_count++;
    return 0;
}

static bool is_regular(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* The regular files directly in a directory, by name. */
static int add_directory(struct cli *c, struct source *s, int root, const char *path, int fd, struct err *err)
{
    const char *names[LIMIT_UPLOAD_FILES];
    CLEANUP(close_dir) DIR *dir = NULL;
    struct dirent *entry;
    size_t count = 0;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (copy < 0 || !(dir = fdopendir(copy)))
        return err_set_sys(err, ERR_IO, "%s", path);
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == LIMIT_UPLOAD_FILES)
            return err_set(err, ERR_LIMIT, "%s has more than %d files", path, LIMIT_UPLOAD_FILES);
        names[count++] = arena_printf(&c->arena, "%s/%s", path, entry->d_name);
    }
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(close_fd) int file = -1;

        if (io_open_beneath(root, names[i], &file, err) < 0)
            return -1;
        if (is_regular(file) && add_file(c, s, names[i], file, err) < 0)
            return -1;
    }
    return 0;
}

static int add_wanted(struct cli *c, struct source *s, int root, const struct score_wanted *wanted, struct err *err)
{
    CLEANUP(close_fd) int fd = -1;
    struct err missing = {0};

    if (io_open_beneath(root, wanted->path, &fd, &missing) < 0)
        return 0;
    if (wanted->directory)
        return add_directory(c, s, root, wanted->path, fd, err);
    return is_regular(fd) ? add_file(c, s, wanted->path, fd, err) : 0;
}

static int add_files(struct cli *c, struct source *s, const char *directory, struct err *err)
{
    CLEANUP(close_fd) int root = -1;
    struct score_wanted *wanted = NULL;
    size_t count = score_collect_files_text(s->text, s->len, &c->arena, &wanted);

    if (count == 0)
        return 0;
    root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return err_set_sys(err, ERR_IO, "%s", directory);
    s->files = mem_array(LIMIT_UPLOAD_FILES, sizeof *s->files);
    for (size_t i = 0; i < count; i++)
        if (add_wanted(c, s, root, &wanted[i], err) < 0)
            return -1;
    return 0;
}

static const char *directory_of(struct cli *c, const char *file)
{
    const char *slash = strrchr(file, '/');

    if (!slash || str_eq(file, "-"))
        return ".";
    return slash == file ? "/" : arena_strndup(&c->arena, file, (size_t)(slash - file));
}

/* A pipe too: `innominatus validate <(kustomize build)`. */
static int read_text(const char *file, struct source *s, struct err *err)
{
    CLEANUP(close_fd) int fd = -1;
    struct stat st;

    if (str_eq(file, "-"))
        return io_read_fd(STDIN_FILENO, s->name, LIMIT_SCORE_BYTES, &s->text, &s->len, err);
    if (stat(file, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        return io_read_file(file, LIMIT_SCORE_BYTES, &s->text, &s->len, err);
    fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set_sys(err, ERR_IO, "%s", file);
    return io_read_fd(fd, file, LIMIT_SCORE_BYTES, &s->text, &s->len, err);
}

int source_read(struct cli *c, const char *file, struct source *out, struct err *err)
{
    struct source s = {.name = str_eq(file, "-") ? "standard input" : file};
    int rc = read_text(file, &s, err);

    if (rc < 0 && err->code == ERR_TOO_LARGE)
        return err_set(err, ERR_TOO_LARGE, "%s is larger than a Score file may be (%u KiB); what is large belongs into files that it names",
                       s.name, LIMIT_SCORE_BYTES >> 10);
    if (rc < 0 || add_files(c, &s, directory_of(c, file), err) < 0) {
        source_fini(&s);
        return -1;
    }
    *out = s;
    return 0;
}

void source_fini(struct source *s)
{
    for (size_t i = 0; i < s->file_count; i++)
        free(s->files[i].bytes);
    free(s->files);
    free(s->text);
    *s = (struct source){0};
}

const struct score_files *source_score_files(struct cli *c, const struct source *s)
{
    struct score_files *files = arena_alloc(&c->arena, sizeof *files);
    struct score_file *items = arena_array(&c->arena, s->file_count + 1, sizeof *items);

    for (size_t i = 0; i < s->file_count; i++)
        items[i] = (struct score_file){s->files[i].path, s->files[i].bytes, s->files[i].len};
    *files = (struct score_files){items, s->file_count};
    return files;
}

json_t *source_json_files(const struct source *s)
{
    json_t *files = s->file_count ? json_object() : NULL;

    for (size_t i = 0; i < s->file_count; i++) {
        char *text = base64_encode(s->files[i].bytes, s->files[i].len);

        json_set_str(files, s->files[i].path, text);
        free(text);
    }
    return files;
}
