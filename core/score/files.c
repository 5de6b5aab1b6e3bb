/* Owns the files beside a Score file: which ones it names, whether what was uploaded fits, and putting their bytes into the spec. Never
 * opens a path: reading is the command line's. Any thread; one parse. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

#define MAX_PATH_BYTES 4096

/* "conf/a.ini" for "./conf//x/../a.ini"; NULL for an absolute path, one that leaves the directory, or none at all. */
static const char *normal_path(struct arena *arena, const char *path)
{
    char *out, *end;

    if (!*path || *path == '/' || strlen(path) > MAX_PATH_BYTES)
        return NULL;
    out = end = arena_alloc(arena, strlen(path) + 1);
    while (*path) {
        size_t len = strcspn(path, "/");

        if (len == 2 && memcmp(path, "..", 2) == 0) {
            if (end == out)
                return NULL;
            for (end--; end > out && end[-1] != '/'; end--)
                ;
        } else if (len && !(len == 1 && *path == '.')) {
            memcpy(end, path, len);
            end += len;
            *end++ = '/';
        }
        path += len + (path[len] == '/');
    }
    if (end == out)
        return NULL;
    end[-1] = '\0';
    return out;
}

/* A text of params.schema that names a file rather than being SQL. */
static bool is_sql_path(const char *text) { return str_ends(text, ".sql") && strlen(text) > 4 && !strpbrk(text, " \t\r\n;"); }

/* A text of params.migrations that can only be a path. */
static bool is_plain_path(const char *text) { return strchr(text, '/') && !strpbrk(text, " \t\r\n:$"); }

/* What a text names. */
static bool names_file(const struct score_text *text, bool *directory, bool *required)
{
    *directory = false;
    *required = true;
    if (text->place == PLACE_SOURCE)
        return text->node->text[0]; /* the schema reports an empty one */
    if (text->place != PLACE_PARAM || !text->key)
        return false;
    if (strcmp(text->key, "schema") == 0)
        return is_sql_path(text->node->text);
    *directory = strcmp(text->key, "migrations") == 0;
    *required = is_plain_path(text->node->text);
    return *directory && !strpbrk(text->node->text, "\r\n:$");
}

/* ---- what the command line reads ---- */

struct collector {
    struct arena *arena;
    struct score_wanted *items;
    size_t count, cap;
};

static void collect(void *ctx, const struct score_text *text)
{
    struct collector *c = ctx;
    bool directory, required;
    const char *path;

    if (c->count > LIMIT_UPLOAD_FILES || !names_file(text, &directory, &required))
        return;
    path = normal_path(c->arena, text->node->text);
    if (!path)
        return;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->items[i].path, path) == 0 && c->items[i].directory == directory) {
            c->items[i].required |= required;
            return;
        }
    if (c->count == c->cap) {
        struct score_wanted *items = arena_array(c->arena, c->cap + 16, sizeof *items);

        if (c->count)
            memcpy(items, c->items, c->count * sizeof *items);
        c->items = items;
        c->cap += 16;
    }
    c->items[c->count++] = (struct score_wanted){path, directory, required, text->node->line, text->node->column};
}

size_t score_collect_files(const struct node *root, struct arena *arena, struct score_wanted **out)
{
    struct collector c = {.arena = arena};

    score_walk(root, collect, &c);
    *out = c.items;
    return c.count;
}

size_t score_collect_files_text(const char *text, size_t len, struct arena *arena, struct score_wanted **out)
{
    struct diag_list diags = diag_list_make(arena, NULL);
    const struct node *root = node_parse_yaml(text, len, arena, &diags);

    *out = NULL;
    return root ? score_collect_files(root, arena, out) : 0;
}

/* ---- checking ---- */

void score_prepare_files(struct score_parser *p)
{
    const struct score_files *files = p->options->files;
    size_t count = files ? files->count : 0;

    if (count > LIMIT_UPLOAD_FILES) {
        diag_add(p->diags, DIAG_ERROR, ERR_LIMIT, 0, 0, 1, NULL, NULL, "%zu files came along, the limit is %d", count, LIMIT_UPLOAD_FILES);
        count = 0;
    }
    p->file_paths = arena_array(p->arena, count + 1, sizeof *p->file_paths);
    for (size_t i = 0; i < count; i++)
        p->file_paths[i] = normal_path(p->arena, files->items[i].path);
}

static size_t file_count(const struct score_parser *p)
{
    const struct score_files *files = p->options->files;

    return files && files->count <= LIMIT_UPLOAD_FILES ? files->count : 0;
}

const struct score_file *score_find_file(const struct score_parser *p, const char *path)
{
    const char *wanted = normal_path(p->arena, path);

    for (size_t i = 0; wanted && i < file_count(p); i++)
        if (str_eq(p->file_paths[i], wanted))
            return &p->options->files->items[i];
    return NULL;
}

/* The name below `directory` of an uploaded file that stands directly in it, NULL for others. */
static const char *name_in(const char *file, const char *directory)
{
    size_t len = strlen(directory);

    if (!file || strncmp(file, directory, len) != 0 || file[len] != '/' || strchr(file + len + 1, '/'))
        return NULL;
    return file + len + 1;
}

static size_t files_in(const struct score_parser *p, const char *directory, size_t *out_bad)
{
    size_t found = 0;

    for (size_t i = 0; i < file_count(p); i++) {
        if (!name_in(p->file_paths[i], directory))
            continue;
        if (!str_is_utf8(p->options->files->items[i].bytes, p->options->files->items[i].len))
            *out_bad = i + 1;
        found++;
    }
    return found;
}

static void refuse(struct score_parser *p, const struct score_text *text, const char *help, const char *what)
{
    diag_add(p->diags, DIAG_ERROR, ERR_FILE_REFERENCE, text->node->line, text->node->column, text->node->width, text->path, help,
             "\"%.200s\" %s", text->node->text, what);
}

static void check_uploaded(struct score_parser *p, const struct score_text *text, const struct score_file *file)
{
    bool is_text;

    if (!file) {
        refuse(p, text, "put the file beside the Score file, or send it along", "was not sent with the Score file");
        return;
    }
    is_text = str_is_utf8(file->bytes, file->len);
    if (file->len > LIMIT_EXPANDED_BYTES)
        refuse(p, text, "use an image or a volume for large files", "is larger than 1 MiB");
    else if (text->place == PLACE_PARAM && !is_text)
        refuse(p, text, "save the file as UTF-8", "is not a text");
}

static void check(void *ctx, const struct score_text *text)
{
    struct score_parser *p = ctx;
    bool directory, required;
    const char *path;
    size_t bad = 0, found;

    if (!names_file(text, &directory, &required))
        return;
    path = normal_path(p->arena, text->node->text);
    if (!path) {
        if (required)
            refuse(p, text, "give a path below the Score file's directory", "leaves the Score file's directory");
        return;
    }
    if (!p->options->files)
        return;
    if (!directory) {
        check_uploaded(p, text, score_find_file(p, path));
        return;
    }
    found = files_in(p, path, &bad);
    if (!found && required)
        refuse(p, text, "put the directory beside the Score file, or send its files along", "has no files that came with the Score file");
    else if (!found) /* a word may be meant as one; a directory is what it mostly is */
        diag_add(p->diags, DIAG_WARNING, ERR_FILE_REFERENCE, text->node->line, text->node->column, text->node->width, text->path,
                 "put the directory beside the Score file, or write ./NAME to have it demanded",
                 "no files of a directory \"%.200s\" came with the Score file; the text goes to the provisioner as it is",
                 text->node->text);
    if (bad)
        refuse(p, text, "save the file as UTF-8", "has a file that is not a text");
}

void score_check_files(struct score_parser *p) { score_walk(p->root, check, p); }

/* ---- into the spec ---- */

static void take_source(struct score_parser *p, json_t *entry)
{
    const char *source = json_str(entry, "source");
    const struct score_file *file = source ? score_find_file(p, source) : NULL;

    if (!file)
        return;
    if (str_is_utf8(file->bytes, file->len)) {
        json_set_new(entry, "content", json_stringn(file->bytes, file->len));
    } else {
        CLEANUP(free_ptr) char *text = base64_encode(file->bytes, file->len);

        json_set_str(entry, "binaryContent", text);
    }
    json_object_del(entry, "source");
}

static int by_path(const void *a, const void *b)
{
    return strcmp(json_str(*(json_t *const *)a, "path"), json_str(*(json_t *const *)b, "path"));
}

/* The bytes as a param's text that expands to itself: a file of SQL is not Score text, and `$$` is a quote in it. */
static json_t *literal_text(const struct score_file *file)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(2 * file->len);

    for (size_t i = 0; i < file->len; i++) {
        if (file->bytes[i] == '$' && i + 1 < file->len && (file->bytes[i + 1] == '$' || file->bytes[i + 1] == '{'))
            buf_add_char(&text, '$');
        buf_add_char(&text, file->bytes[i]);
    }
    return json_string(buf_text(&text));
}

/* The texts of a directory, sorted by name: [{path, content}]. NULL when nothing of it came along. */
static json_t *directory_texts(struct score_parser *p, const char *directory)
{
    json_t *items[LIMIT_UPLOAD_FILES], *list;
    size_t count = 0;

    for (size_t i = 0; directory && i < file_count(p); i++) {
        const char *name = name_in(p->file_paths[i], directory);
        const struct score_file *file = &p->options->files->items[i];

        if (name)
            items[count++] = json_pack("{s:s,s:o}", "path", name, "content", literal_text(file));
    }
    if (!count)
        return NULL;
    qsort(items, count, sizeof *items, by_path);
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, items[i]);
    return list;
}

static void take_params(struct score_parser *p, json_t *params)
{
    const char *schema = json_str(params, "schema"), *migrations = json_str(params, "migrations");
    const struct score_file *file = schema && is_sql_path(schema) ? score_find_file(p, schema) : NULL;

    if (file)
        json_set_new(params, "schema", literal_text(file));
    if (migrations)
        json_set_new(params, "migrations", directory_texts(p, normal_path(p->arena, migrations)));
}

void score_take_files(struct score_parser *p, json_t *spec)
{
    const char *key, *target;
    json_t *item, *entry;

    json_object_foreach(json_object_get(spec, "containers"), key, item)
    {
        json_object_foreach(json_object_get(item, "files"), target, entry) take_source(p, entry);
    }
    json_object_foreach(json_object_get(spec, "resources"), key, item) take_params(p, json_object_get(item, "params"));
}
