/* Owns the way from an admin-config entry to sealed bytes that may be loaded. Called by plugin_add on the caller's thread. */
#include "plugin/vet.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/failpoint.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "plugin/grant.h"
#include "plugin/manifest.h"
#include "plugin/trust.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>

#ifndef MFD_EXEC /* Linux 6.3 */
#define MFD_EXEC 0x0010U
#endif

void vetted_fini(struct vetted *v)
{
    json_put(&v->manifest);
    json_put(&v->grant);
    json_put(&v->types);
    json_put(&v->warnings);
    close_fd(&v->memfd);
}

/* A short name that no bundled plugin has is no file that has gone. */
static int check_bundled(const struct plugin_manager_options *options, const char *plugin, struct err *err)
{
    CLEANUP(buf_fini) struct buf names = BUF_INIT(400);

    for (const struct plugin_bundled_hash *b = options->bundled; b && b->name; b++) {
        if (str_eq(b->name, plugin))
            return 0;
        buf_printf(&names, "%s%s", names.len ? ", " : "", b->name);
    }
    if (!names.len)
        return 0;
    return err_set(err, ERR_PLUGIN_REFUSED, "no plugin \"%.60s\" is bundled; there are: %s. A file of your own has a path: ./%.60s.so",
                   plugin, buf_text(&names), plugin);
}

static int refuse(const char *path, struct err *err, const char *why) { return err_set(err, ERR_PLUGIN_REFUSED, "%s: %s", path, why); }

/* Opens without following a link at the end and without blocking on a pipe, and looks at what was opened, not at the name. */
static int open_file(const char *path, bool any_owner, int *out_fd, struct err *err)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 && errno == ELOOP)
        return refuse(path, err, "is a symbolic link; name the file itself");
    if (fd < 0)
        return err_set_sys(err, ERR_PLUGIN_REFUSED, "%s: cannot be opened", path);
    if (fstat(fd, &st) < 0)
        return err_set_sys(err, ERR_PLUGIN_REFUSED, "%s", path);
    if (!S_ISREG(st.st_mode))
        return refuse(path, err, "not a regular file");
    if (!any_owner && st.st_uid != 0 && st.st_uid != geteuid())
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: owned by uid %u; it must belong to root or to the server's user", path,
                       (unsigned)st.st_uid);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: writable by others (mode %04o); run chmod go-w on it", path,
                       (unsigned)(st.st_mode & 07777));
    if (st.st_size > (off_t)LIMIT_PLUGIN_FILE_BYTES)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: %lld bytes, the limit is %u", path, (long long)st.st_size, LIMIT_PLUGIN_FILE_BYTES);
    *out_fd = take_fd(&fd);
    return 0;
}

static const char *bundled_hash(const struct plugin_manager_options *options, const char *plugin)
{
    for (const struct plugin_bundled_hash *b = options->bundled; b && b->name; b++)
        if (str_eq(b->name, plugin))
            return b->sha256;
    return NULL;
}

static int check_hash(const struct plugin_manager_options *options, const struct plugin_entry *entry, const char *path, const char *sha256,
                      struct err *err)
{
    const char *pinned = entry->sha256 ? entry->sha256 : entry->plugin ? bundled_hash(options, entry->plugin) : NULL;

    if (!pinned && entry->plugin)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: \"%s\" is no bundled plugin of this server; give its path and sha256", path,
                       entry->plugin);
    if (!pinned)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: the entry has no sha256; after checking the file, pin it with sha256: %s", path,
                       sha256);
    if (strcasecmp(pinned, sha256) != 0)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: its sha256 is %s, not the %s one %s", path, sha256,
                       entry->sha256 ? "pinned" : "bundled", pinned);
    return 0;
}

/* The types that the instance serves: those of the entry, which must be a part of the manifest's, or all. */
static int take_types(const struct plugin_entry *entry, const json_t *manifest, json_t **out, struct err *err)
{
    CLEANUP(json_put) json_t *types = json_array();
    json_t *item;
    size_t i;

    json_array_foreach(entry->types ? entry->types : json_object_get(manifest, "types"), i, item)
    {
        const char *type = json_is_string(item) ? json_string_value(item) : json_str(item, "name");

        if (!type || !manifest_has_type(manifest, type))
            return err_set(err, ERR_PLUGIN_REFUSED, "the entry serves type \"%s\", which %s %s does not have", type ? type : "?",
                           json_str(manifest, "name"), json_str(manifest, "version"));
        json_append_str(types, type);
    }
    *out = take_ptr(types);
    return 0;
}

static bool is_inline(const struct plugin_entry *entry) { return str_eq(entry->isolation, "inline"); }

/* Nothing confines what runs inside the server, so it must be a part of it or known by its signature; and programs are run by hosts. */
static int check_inline(const struct plugin_entry *entry, const struct vetted *v, struct err *err)
{
    if (!is_inline(entry))
        return 0;
    if (!entry->plugin && !v->signed_by[0])
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "isolation: inline is for bundled plugins and for those signed by a key of trustedKeys; sign it, or use isolation: "
                       "process");
    if (entry->grant || entry->memory_bytes)
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "isolation: inline takes neither `grant` nor `limits`: nothing enforces them in the server");
    if (grant_has(json_object_get(v->manifest, "permissions"), "exec"))
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "it runs programs (permission exec), which isolation: inline cannot; use isolation: process");
    return 0;
}

/* Wanted permissions must be granted; a bundled plugin without `grant` has what its manifest wants, as a part of this server. */
static int take_grant(const struct plugin_entry *entry, const json_t *manifest, json_t **out, struct err *err)
{
    json_t *wanted = json_object_get(manifest, "permissions"), *item;
    size_t i;

    if (!entry->grant && (entry->plugin || is_inline(entry))) {
        *out = json_deep_copy(wanted);
        return 0;
    }
    if (grant_check(entry->grant, err) < 0)
        return -1;
    json_array_foreach(wanted, i, item)
    {
        if (!grant_has(entry->grant, json_string_value(item)))
            return err_set(err, ERR_PLUGIN_REFUSED,
                           "it wants the permission \"%s\", which the entry does not grant; add grant: [%s] if it may",
                           json_string_value(item), json_string_value(item));
    }
    *out = entry->grant ? json_deep_copy(entry->grant) : json_array();
    return 0;
}

static int check_entry(const struct plugin_entry *entry, const json_t *manifest, struct err *err)
{
    const char *version = json_str(manifest, "version"), *product = json_str(manifest, "product");

    if (entry->version && !str_eq(entry->version, version))
        return err_set(err, ERR_PLUGIN_REFUSED, "the entry wants version %s, the plugin is %s %s", entry->version,
                       json_str(manifest, "name"), version);
    if (product && !str_eq(product, entry->product))
        return err_set(err, ERR_PLUGIN_REFUSED, "the plugin is made for product \"%s\", the entry is for %s", product,
                       entry->product ? entry->product : "the platform");
    return 0;
}

/* What policies at the point `plugin` see of an entry and its file. */
static json_t *policy_input(const struct plugin_entry *entry, const struct vetted *v)
{
    const json_t *wanted = json_object_get(v->manifest, "permissions");
    json_t *about = json_object(), *input = json_object();

    json_set_str(about, "name", entry->name);
    json_set_str(about, "plugin", json_str(v->manifest, "name"));
    json_set_str(about, "version", json_str(v->manifest, "version"));
    json_set_str(about, "path", entry->path);
    json_set_str(about, "product", entry->product);
    json_set_flag(about, "bundled", entry->plugin != NULL);
    json_set_new(about, "types", json_clone(v->types));
    json_set_new(about, "permissions", json_clone(wanted));
    json_set_new(about, "grant", json_clone(v->grant));
    json_set_str(about, "isolation", entry->isolation ? entry->isolation : "process");
    json_set_str(about, "signed_by", v->signed_by[0] ? v->signed_by : NULL);
    json_set_str(about, "sha256", v->sha256);
    json_set_new(input, "plugin", about);
    json_set_new(input, "manifest", json_clone(v->manifest));
    json_set_str(input, "product", entry->product);
    json_set_str(input, "sha256", v->sha256);
    return input;
}

int vet_ask_policies(const struct plugin_manager_options *options, const struct plugin_entry *entry, const struct vetted *v,
                     json_t *warnings, struct err *err)
{
    CLEANUP(json_put) json_t *input = NULL;

    if (!options->vet)
        return 0;
    input = policy_input(entry, v);
    return options->vet(options->vet_ctx, input, warnings, err);
}

/* The bytes in memory that nobody can change any more, and that the host loads: what was hashed is what runs. */
static int seal(const char *name, const void *bytes, size_t len, int *out_fd, struct err *err)
{
    CLEANUP(close_fd)
    int fd = failpoint_errno("plugin.seal", EMFILE) ? -1 : memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return err_set_sys(err, ERR_IO, "memory file for plugin %s", name);
    if (io_write_all(fd, bytes, len, err) < 0)
        return -1;
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        return err_set_sys(err, ERR_IO, "sealing plugin %s", name);
    *out_fd = take_fd(&fd);
    return 0;
}

int vet_entry(const struct plugin_manager_options *options, const struct plugin_entry *entry, struct vetted *out, struct err *err)
{
    CLEANUP(vetted_fini) struct vetted v = {.memfd = -1, .warnings = json_array()};
    CLEANUP(free_ptr)
    char *bundled =
        entry->plugin && !entry->path ? mem_printf("%s/%s.so", options->bundled_dir ? options->bundled_dir : ".", entry->plugin) : NULL;
    CLEANUP(free_ptr) char *bytes = NULL;
    CLEANUP(close_fd) int fd = -1;
    const char *path = bundled ? bundled : entry->path;
    size_t len;

    if (!path)
        return err_set(err, ERR_PLUGIN_REFUSED, "the entry names neither a bundled plugin nor a file");
    if (entry->plugin && strspn(entry->plugin, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(entry->plugin))
        return err_set(err, ERR_PLUGIN_REFUSED, "\"%s\" is no name of a bundled plugin", entry->plugin);
    if ((bundled && !entry->sha256 && check_bundled(options, entry->plugin, err) < 0) || open_file(path, options->any_owner, &fd, err) < 0)
        return -1;
    if (io_read_fd(fd, path, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, err) < 0)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: cannot be read", path);
    crypto_sha256_hex(bytes, len, v.sha256);
    if (check_hash(options, entry, path, v.sha256, err) < 0 || trust_check(entry, path, bytes, len, &v, err) < 0 ||
        manifest_inspect(path, bytes, len, &v.manifest, err) < 0)
        return -1;
    if (check_entry(entry, v.manifest, err) < 0 || check_inline(entry, &v, err) < 0 || take_types(entry, v.manifest, &v.types, err) < 0 ||
        take_grant(entry, v.manifest, &v.grant, err) < 0)
        return err_wrap(err, "%s", path);
    if (vet_ask_policies(options, entry, &v, v.warnings, err) < 0 || seal(entry->name, bytes, len, &v.memfd, err) < 0)
        return -1;
    *out = v;
    v = (struct vetted){.memfd = -1};
    return 0;
}

int plugin_vet_entry(const struct plugin_manager_options *options, const struct plugin_entry *entry, json_t **out_manifest,
                     json_t *warnings, struct err *err)
{
    CLEANUP(vetted_fini) struct vetted v = {.memfd = -1};

    if (vet_entry(options, entry, &v, err) < 0)
        return -1;
    json_array_extend(warnings, v.warnings);
    *out_manifest = json_incref(v.manifest);
    return 0;
}
