/* Policy sets: loading the shipped and the admin's files, references, description. Immutable after load but for the pool of states and the
 * cached description, which have a lock. Any thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "policy/set_priv.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>

#define TEST_SUFFIX "_test.lua"
#define DESCRIBE_US (2 * US_PER_SEC) /* tests run to know a coverage; after this the rest is left out */

extern const struct embedded_file shipped_policies[];

struct policy_set *policy_set_new(const struct policy_limits *limits)
{
    struct policy_set *set = mem_zalloc(sizeof *set);

    atomic_init(&set->refs, 1);
    pthread_mutex_init(&set->lock, NULL);
    set->limits = sandbox_limits(limits, SANDBOX_POLICY);
    return set;
}

void policy_set_reserve(struct policy_set *set, size_t count)
{
    set->files = arena_array(&set->arena, count ? count : 1, sizeof *set->files);
}

struct policy_file *policy_set_add_file(struct policy_set *set, const char *name, const char *text, size_t len)
{
    struct policy_file *file = &set->files[set->file_count++];
    char hex[CRYPTO_SHA256_HEX];

    *file = (struct policy_file){
        .name = arena_strdup(&set->arena, name),
        .chunk = arena_printf(&set->arena, "@%s", name),
        .text = arena_strndup(&set->arena, text, len),
        .len = len,
        .sha256 = arena_strdup(&set->arena, crypto_sha256_hex(text, len, hex)),
    };
    return file;
}

/* ---- loading ---- */

static void add_shipped(struct policy_set *set)
{
    for (const struct embedded_file *at = shipped_policies; at->name; at++) {
        struct policy_file *file;
        const char *tests;

        if (str_ends(at->name, TEST_SUFFIX))
            continue;
        file = policy_set_add_file(set, arena_printf(&set->arena, "policies/%s", at->name), at->bytes, at->len);
        file->shipped = true;
        tests = arena_printf(&set->arena, "%.*s" TEST_SUFFIX, (int)(strlen(at->name) - 4), at->name);
        for (const struct embedded_file *other = shipped_policies; other->name; other++)
            if (str_eq(other->name, tests)) {
                file->tests = other->bytes;
                file->tests_len = other->len;
            }
    }
}

static int is_lua(const struct dirent *entry) { return entry->d_name[0] != '.' && str_ends(entry->d_name, ".lua"); }

struct listing {
    struct dirent **entries;
    int count;
};

static void free_listing(struct listing *l)
{
    for (int i = 0; i < l->count; i++)
        free(l->entries[i]);
    free(l->entries);
}

/* Reads `dir`/`name` into the arena. A file that cannot be read has the reason in `*broken` and an empty text. */
static const char *read_into(struct arena *arena, const char *dir, const char *name, size_t *out_len, const char **broken)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};

    if (io_read_file(arena_printf(arena, "%s/%s", dir, name), LIMIT_POLICY_FILE_BYTES, &text, out_len, &err) < 0) {
        *broken = arena_strdup(arena, err.msg);
        *out_len = 0;
        return "";
    }
    return arena_strndup(arena, text, *out_len);
}

/* The last part of the directory's path: sources are shown as "policies/backups.lua", not with a machine's paths. */
static const char *shown_dir(struct arena *arena, const char *dir)
{
    size_t len = strlen(dir), from;

    while (len > 1 && dir[len - 1] == '/')
        len--;
    for (from = len; from && dir[from - 1] != '/';)
        from--;
    return from < len && dir[from] != '.' ? arena_strndup(arena, dir + from, len - from) : "policies";
}

static void add_admin_file(struct policy_set *set, const char *dir, const struct listing *all, const char *name)
{
    const char *broken = NULL, *unreadable = NULL, *text, *tests;
    struct policy_file *file;
    size_t len;

    text = read_into(&set->arena, dir, name, &len, &broken);
    file = policy_set_add_file(set, arena_printf(&set->arena, "%s/%s", shown_dir(&set->arena, dir), name), text, len);
    file->broken = broken;
    tests = arena_printf(&set->arena, "%.*s" TEST_SUFFIX, (int)(strlen(name) - 4), name);
    for (int i = 0; i < all->count; i++)
        if (str_eq(all->entries[i]->d_name, tests))
            file->tests = read_into(&set->arena, dir, tests, &file->tests_len, &unreadable);
}

static int list_dir(const char *dir, struct listing *out, struct err *err)
{
    if (!dir)
        return 0;
    out->count = scandir(dir, &out->entries, is_lua, alphasort);
    if (out->count >= 0 && out->count <= 2 * LIMIT_POLICY_FILES)
        return 0;
    if (out->count >= 0)
        return err_set(err, ERR_LIMIT, "%s has more than %d policy files", dir, LIMIT_POLICY_FILES);
    out->count = 0;
    return err_set_sys(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "policies.path: cannot read the directory %s", dir);
}

int policy_set_load(const struct policy_set_options *options, struct diag_list *diags, struct policy_set **out, struct err *err)
{
    CLEANUP(free_listing) struct listing all = {0};
    CLEANUP(policy_set_put) struct policy_set *set = policy_set_new(&options->limits);
    size_t shipped = 0;

    if (list_dir(options->dir, &all, err) < 0)
        return -1;
    while (shipped_policies[shipped].name)
        shipped++;
    policy_set_reserve(set, shipped + (size_t)all.count);
    add_shipped(set);
    for (int i = 0; i < all.count; i++)
        if (!str_ends(all.entries[i]->d_name, TEST_SUFFIX))
            add_admin_file(set, options->dir, &all, all.entries[i]->d_name);
    policy_set_inspect(set, diags);
    policy_set_settle(set, options->mode, options->overrides, diags);
    *out = take_ptr(set);
    return 0;
}

/* ---- references ---- */

struct policy_set *policy_set_ref(struct policy_set *set)
{
    if (set)
        atomic_fetch_add(&set->refs, 1);
    return set;
}

void policy_set_unref(struct policy_set *set)
{
    if (!set || atomic_fetch_sub(&set->refs, 1) != 1)
        return;
    while (set->kept) {
        struct kit *kit = set->kept;

        set->kept = kit->next;
        kit_free(kit);
    }
    json_put(&set->described);
    pthread_mutex_destroy(&set->lock);
    arena_fini(&set->arena);
    free(set);
}

/* ---- description ---- */

/* Number of tests and coverage of a file, known by running them. */
static void add_tests(json_t *about, const struct policy_file *file, int64_t until)
{
    CLEANUP(json_put) json_t *cases = json_array();
    int coverage = -1;
    size_t failed = 0;

    if (!file->tests) {
        json_set_int(about, "tests", 0);
        return;
    }
    if (clock_mono_us() > until)
        return;
    json_set_int(about, "tests", (int64_t)policy_test_file(file, true, cases, &coverage, &failed));
    if (coverage >= 0)
        json_set_int(about, "coverage", coverage);
}

static json_t *describe_policy(const struct policy_set *set, const struct policy *policy)
{
    static const char *const severities[] = {"deny", "warn", "info"};
    const struct policy_file *file = &set->files[policy->file];
    json_t *about = json_object();

    json_set_str(about, "name", policy->name);
    json_set_str(about, "on", policy->on);
    json_set_str(about, "severity", severities[policy->severity]);
    json_set_str(about, "mode", policy_action_name(policy->action));
    json_set_str(about, "description", policy->description);
    json_set_str(about, "file", file->name);
    json_set_str(about, "sha256", file->sha256);
    json_set_flag(about, "shipped", file->shipped);
    json_set_str(about, "error", file->broken);
    return about;
}

json_t *policy_set_describe(const struct policy_set *set)
{
    struct policy_set *cache = (struct policy_set *)set; /* the cached answer is not part of what makes a set immutable */
    int64_t until = clock_mono_us() + DESCRIBE_US;
    json_t *list = NULL;

    pthread_mutex_lock(&cache->lock);
    if (set->described)
        list = json_deep_copy(set->described);
    pthread_mutex_unlock(&cache->lock);
    if (list)
        return list;
    list = json_array();
    for (size_t i = 0; i < set->policy_count; i++) {
        json_t *about = describe_policy(set, &set->policies[i]);

        add_tests(about, &set->files[set->policies[i].file], until);
        json_array_append_new(list, about);
    }
    pthread_mutex_lock(&cache->lock);
    if (!cache->described)
        cache->described = json_deep_copy(list);
    pthread_mutex_unlock(&cache->lock);
    return list;
}
