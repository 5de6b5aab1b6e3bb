/* The directory of a stack: DATA/stacks/TEAM/ENVIRONMENT/NAME_HASH with the module as it was used last (module/), the tool's data
 * (data/), its provider locks, a saved plan and, without a backend, the state. One call at a time works in it. */
#include "names.h"
#include "sha256.h"
#include "terraform.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OVERRIDE "zz_innominatus_override.tf.json" /* the tool merges it last */

void tf_path(const struct tf_stack *s, const char *name, char out[FILES_PATH_BYTES])
{
    snprintf(out, FILES_PATH_BYTES, "%s/%s", s->dir, name);
}

bool tf_has(const struct tf_stack *s, const char *name)
{
    char path[FILES_PATH_BYTES];

    tf_path(s, name, path);
    return access(path, F_OK) == 0;
}

static inno_rc io_failed(struct tf_stack *s, int number, const char *what, const char *path)
{
    return files_fail(s->host, s->call, number, what, path);
}

/* ---- name and lock ---- */

static void name_stack(struct tf_stack *s, const char *const *identity, size_t count, const char *name)
{
    char team[81], environment[81], readable[41], hex[65];
    struct sha256 sum;

    sha256_init(&sum);
    for (size_t i = 0; i < count; i++)
        sha256_add(&sum, identity[i], strlen(identity[i]) + 1);
    sha256_hex(&sum, hex);
    if (!name_readable(name, readable))
        memcpy(readable, "x", 2);
    name_part(identity[0], team);
    name_part(identity[1], environment);
    snprintf(s->key, sizeof s->key, "%s_%.20s", readable, hex);
    snprintf(s->home, sizeof s->home, "%s/stacks/%s/%s/%s", s->self->data_dir, team, environment, s->key);
    memcpy(s->dir, s->home, sizeof s->dir);
    hex[15] = '\0';
    s->lock_byte = (int64_t)strtoull(hex, NULL, 16);
}

/* One byte of the entry's lock file stands for a stack. Held until its descriptor is closed, by this process or by its end. */
static bool try_lock(const struct tf_stack *s)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)s->lock_byte, .l_len = 1};

    return fcntl(s->lock, F_OFD_SETLK, &range) == 0;
}

/* Until the other one is done, this call is canceled or its time is over. */
static inno_rc lock_stack(struct tf_stack *s, bool wait)
{
    struct pollfd cancel = {s->host->cancel_fd(s->call), POLLIN, 0};
    char path[FILES_PATH_BYTES];
    bool told = false;

    snprintf(path, sizeof path, "%s/%s", s->self->data_dir, TF_LOCKS);
    s->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return io_failed(s, errno, "opening", path);
    while (!try_lock(s)) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return io_failed(s, errno, "locking", path);
        if (!wait) {
            close_fd(&s->lock);
            return INNO_OK;
        }
        if (!told)
            s->host->log(s->call, INNO_LOG_INFO, "waiting for another call that works on this stack");
        told = true;
        poll(&cancel, 1, 100);
        if (s->host->canceled(s->call))
            return s->host->fail(s->call, INNO_CANCELED, -1, "canceled while another call worked on this stack");
        if (s->host->deadline_ms(s->call) <= 0)
            return s->host->fail(s->call, INNO_TIMEOUT, -1, "another call works on this stack");
    }
    return INNO_OK;
}

inno_rc tf_stack_open(struct tf_stack *s, const char *const *identity, size_t count, const char *name, bool wait)
{
    s->lock = -1;
    name_stack(s, identity, count, name);
    if (strlen(s->dir) + 300 > FILES_PATH_BYTES)
        return s->host->fail(s->call, INNO_INVALID_CONFIG, -1, "the data directory's path is too long");
    return lock_stack(s, wait);
}

void tf_stack_close(struct tf_stack *s) { close_fd(&s->lock); }

/* ---- the module ---- */

static bool is_ours(const char *name)
{
    return strcmp(name, ".terraform") == 0 || strcmp(name, ".git") == 0 || strncmp(name, "zz_innominatus", 14) == 0 ||
           strstr(name, ".tfstate") != NULL || strcmp(name, ".terraformrc") == 0;
}

/* Below `modules` and nowhere else. */
static bool is_relative(const char *path)
{
    if (!*path || *path == '/' || strlen(path) > 200)
        return false;
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (*part == '.' || *part == '/' || !*part)
            return false;
    return true;
}

static inno_rc copy_module(struct tf_stack *s, const char *module)
{
    char from[FILES_PATH_BYTES], to[FILES_PATH_BYTES];
    int64_t budget = TF_MODULE_BYTES;
    struct stat st;
    int rc;

    if (!s->self->modules)
        return s->host->fail(s->call, s->wrong, -1,
                             "module \"%.200s\" cannot be used: the entry has no config.modules (a directory of modules)", module);
    if (!is_relative(module))
        return s->host->fail(s->call, s->wrong, -1, "module \"%.200s\" must be a directory below config.modules, as a relative path",
                             module);
    if (snprintf(from, sizeof from, "%s/%s", s->self->modules, module) >= (int)sizeof from || stat(from, &st) != 0 || !S_ISDIR(st.st_mode))
        return s->host->fail(s->call, errno == EACCES ? INNO_INVALID_CONFIG : s->wrong, -1, "module \"%.200s\" is no directory of %s%s%s",
                             module, s->self->modules, errno == EACCES ? "; the entry may lack grant: read:" : "",
                             errno == EACCES ? s->self->modules : "");
    tf_path(s, "module", to);
    rc = files_copy_tree(s->self->modules, to, is_ours, &budget); /* all of them: modules refer to each other */
    if (rc == EACCES || rc == EPERM)
        return s->host->fail(s->call, INNO_INVALID_CONFIG, -1, "%s cannot be read; add read:%s to the entry's grant", s->self->modules,
                             s->self->modules);
    if (rc == EFBIG)
        return s->host->fail(s->call, INNO_INVALID_CONFIG, -1, "%s holds more than 64 MiB", s->self->modules);
    return rc == 0 ? INNO_OK : io_failed(s, rc, "copying", s->self->modules);
}

static bool is_file_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < 100 && name[0] != '.' && !is_ours(name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static inno_rc write_file(struct tf_stack *s, const char *name, const char *text, size_t len)
{
    char path[FILES_PATH_BYTES];
    int rc;

    tf_path(s, name, path);
    rc = files_write(path, text, len);
    return rc == 0 ? INNO_OK : io_failed(s, rc, "writing", path);
}

static inno_rc write_inline(struct tf_stack *s, json_t *files)
{
    char path[FILES_PATH_BYTES], in_module[128];
    const char *name;
    json_t *text;
    int rc;

    tf_path(s, "module", path);
    if ((rc = files_mkdirs(path)) != 0)
        return io_failed(s, rc, "making", path);
    if (json_is_string(files))
        return write_file(s, "module/main.tf", json_string_value(files), json_string_length(files));
    json_object_foreach(files, name, text)
    {
        inno_rc written;

        if (!is_file_name(name) || !json_is_string(text))
            return s->host->fail(s->call, s->wrong, -1, "inline: \"%.100s\" must be a plain file name with its text", name);
        snprintf(in_module, sizeof in_module, "module/%s", name);
        written = write_file(s, in_module, json_string_value(text), json_string_length(text));
        if (written != INNO_OK)
            return written;
    }
    return INNO_OK;
}

static inno_rc write_module(struct tf_stack *s)
{
    json_t *inlined = json_object_get(s->spec, "inline");
    const json_t *module = json_object_get(s->spec, "module");
    char path[FILES_PATH_BYTES];
    int rc;

    if (!inlined == !module || (module && !json_is_string(module)) || (inlined && !json_is_string(inlined) && !json_is_object(inlined)))
        return s->host->fail(s->call, s->wrong, -1,
                             "give either module (a directory below the entry's config.modules) or inline (HCL text, or {file: text})");
    tf_path(s, "module", path);
    if ((rc = files_remove_tree(path)) != 0)
        return io_failed(s, rc, "removing", path);
    return module ? copy_module(s, json_string_value(module)) : write_inline(s, inlined);
}

/* Where in module/ the tool works. */
static void module_file(const struct tf_stack *s, const char *name, char *out, size_t cap)
{
    const char *module = json_string_value(json_object_get(s->spec, "module"));

    snprintf(out, cap, "module/%s%s%s", module ? module : "", module ? "/" : "", name);
}

/* ---- what the tool is told ---- */

static char *replace_name(const char *address, const char *key)
{
    const char *at = strstr(address, "{name}");
    size_t cap = strlen(address) + strlen(key) + 1;
    char *out = malloc(cap);

    if (out)
        snprintf(out, cap, "%.*s%s%s", (int)(at - address), address, key, at + 6);
    return out;
}

static json_t *http_backend(const struct tf_stack *s)
{
    const struct tf_settings *self = s->self;
    CLEANUP(free_text) char *address = replace_name(self->address, s->key);
    CLEANUP(free_text) char *lock = replace_name(self->lock_address ? self->lock_address : self->address, s->key);
    CLEANUP(free_text) char *unlock = replace_name(self->unlock_address ? self->unlock_address : self->address, s->key);
    json_t *backend = json_pack("{s:s, s:s, s:s, s:s, s:s}", "address", address, "lock_address", lock, "unlock_address", unlock,
                                "lock_method", "LOCK", "unlock_method", "UNLOCK");

    if (backend) { /* the engine tries again by its own rules */
        json_object_set_new(backend, "retry_max", json_integer(1));
        json_object_set_new(backend, "retry_wait_max", json_integer(5));
    }
    if (backend && self->username) /* the password comes by TF_HTTP_PASSWORD */
        json_object_set_new(backend, "username", json_string(self->username));
    return json_pack("{s:{s:{s:o}}}", "terraform", "backend", "http", backend);
}

static inno_rc write_backend(struct tf_stack *s)
{
    CLEANUP(json_put) json_t *config = NULL;
    char name[512], path[FILES_PATH_BYTES], state[FILES_PATH_BYTES];
    int rc;

    snprintf(state, sizeof state, "%s/terraform.tfstate", s->home);
    config = s->self->address ? http_backend(s) : json_pack("{s:{s:{s:{s:s}}}}", "terraform", "backend", "local", "path", state);
    module_file(s, OVERRIDE, name, sizeof name);
    tf_path(s, name, path);
    rc = config ? files_write_json(path, config) : ENOMEM;
    return rc == 0 ? INNO_OK : io_failed(s, rc, "writing", path);
}

/* Provider locks outlive the copy of the module, so that a later run uses the same versions; those that the module brings come first. */
static inno_rc restore_locks(struct tf_stack *s)
{
    char name[512], in_module[FILES_PATH_BYTES], kept[FILES_PATH_BYTES];
    int64_t budget = 1 << 20;
    int rc;

    module_file(s, ".terraform.lock.hcl", name, sizeof name);
    tf_path(s, name, in_module);
    tf_path(s, "lock.hcl", kept);
    if (access(in_module, F_OK) == 0 || access(kept, F_OK) != 0)
        return INNO_OK;
    rc = files_copy(kept, in_module, &budget);
    return rc == 0 ? INNO_OK : io_failed(s, rc, "copying", kept);
}

static inno_rc write_cli_config(struct tf_stack *s)
{
    CLEANUP(json_put) json_t *mirror = s->self->mirror ? json_string(s->self->mirror) : NULL;
    CLEANUP(free_text) char *quoted = mirror ? json_dumps(mirror, JSON_ENCODE_ANY) : NULL;
    char text[FILES_PATH_BYTES + 400];

    if (mirror) /* a JSON text without ${ or %{ is one of HCL too */
        snprintf(text, sizeof text, "disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %s\n  }\n}\n",
                 quoted ? quoted : "\"\"");
    else
        snprintf(text, sizeof text, "disable_checkpoint = true\n");
    return write_file(s, "cli.tfrc", text, strlen(text));
}

/* OpenTofu wants them in every command, init and output too, where encryption or a module's source depends on one. What names them lies
 * with the module, and they do not: the call's own directory is wiped. '~' is behind what the module brings itself. */
static inno_rc link_variables(struct tf_stack *s, const char *values)
{
    char name[512], path[FILES_PATH_BYTES];

    module_file(s, "~innominatus.auto.tfvars.json", name, sizeof name);
    snprintf(path, sizeof path, "%s/%s", s->look[0] ? s->look : s->dir, name);
    if (unlink(path) != 0 && errno != ENOENT)
        return io_failed(s, errno, "removing", path);
    return symlink(values, path) == 0 ? INNO_OK : io_failed(s, errno, "making", path);
}

inno_rc tf_write_variables(struct tf_stack *s)
{
    CLEANUP(json_put) json_t *all = s->self->variables ? json_copy(s->self->variables) : json_object();
    json_t *own = json_object_get(s->spec, "variables");
    char path[FILES_PATH_BYTES];
    int rc;

    if (own && !json_is_object(own))
        return s->host->fail(s->call, s->wrong, -1, "variables must be an object {name: value}");
    if (own)
        json_object_update(all, own);
    snprintf(path, sizeof path, "%s/variables.tfvars.json", s->host->work_dir(s->call));
    rc = files_write_json(path, all);
    return rc == 0 ? link_variables(s, path) : io_failed(s, rc, "writing", path);
}

inno_rc tf_prepare(struct tf_stack *s)
{
    inno_rc rc;
    int made = files_mkdirs(s->dir);

    if (made != 0)
        return io_failed(s, made, "making", s->dir);
    rc = write_module(s);
    if (rc == INNO_OK)
        rc = write_backend(s);
    if (rc == INNO_OK)
        rc = restore_locks(s);
    if (rc == INNO_OK)
        rc = write_cli_config(s);
    return rc == INNO_OK ? tf_write_variables(s) : rc;
}

void tf_use_scratch(struct tf_stack *s) { snprintf(s->dir, sizeof s->dir, "%s/stack", s->host->work_dir(s->call)); }

static bool skips_nothing(const char *name)
{
    (void)name;
    return false;
}

inno_rc tf_use_copy(struct tf_stack *s)
{
    char from[FILES_PATH_BYTES], to[FILES_PATH_BYTES];
    int64_t budget = TF_MODULE_BYTES;
    int rc;

    tf_path(s, "module", from);
    snprintf(s->look, sizeof s->look, "%.1900s/look", s->host->work_dir(s->call));
    snprintf(to, sizeof to, "%s/module", s->look);
    rc = files_mkdirs(s->look);
    if (rc == 0)
        rc = files_copy_tree(from, to, skips_nothing, &budget);
    return rc == 0 ? INNO_OK : io_failed(s, rc, "copying", from);
}

inno_rc tf_check_inline(struct tf_stack *s)
{
    if (!s->self->modules_only || !json_object_get(s->spec, "inline"))
        return INNO_OK;
    return s->host->fail(s->call, s->wrong, 0, "inline: this entry takes modules of its directory alone (config.inline: false)");
}

inno_rc tf_check_keys(struct tf_stack *s, const char *const *known, const char *what)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)s->spec, key, value)
    {
        const char *const *name = known;

        while (*name && strcmp(key, *name) != 0)
            name++;
        if (!*name)
            return s->host->fail(s->call, s->wrong, 0, "%s.%.60s is unknown", what, key);
    }
    return INNO_OK;
}

inno_rc tf_forget(struct tf_stack *s)
{
    int rc = files_remove_tree(s->dir);

    return rc == 0 ? INNO_OK : io_failed(s, rc, "removing", s->dir);
}

void tf_file_hash(const struct tf_stack *s, const char *name, char out[65])
{
    char path[FILES_PATH_BYTES], chunk[16384];
    CLEANUP(close_fd) int fd = -1;
    struct sha256 sum;
    ssize_t got;

    out[0] = '\0';
    tf_path(s, name, path);
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    sha256_init(&sum);
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        sha256_add(&sum, chunk, (size_t)got);
    if (got == 0)
        sha256_hex(&sum, out);
}
