/* Owns the life of a configuration: loading it whole or not at all, its references and lookups. Loading is one thread's; what is loaded
 * never changes, so any thread may read it. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config_priv.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const application_step_types[] = {"resource", "workload", "delay", "approval", "lua", "validation", "http", NULL};
static const char *const no_names[] = {NULL};
static const struct config_pair no_pairs[] = {{0}};

static struct config_owner *owner_of(const struct admin_config *config) { return (struct config_owner *)(uintptr_t)config; }

void config_free(struct admin_config *config)
{
    struct config_owner *owner = owner_of(config);

    if (!config)
        return;
    if (owner->frozen) {
        json_frozen_free(owner->held);
    } else {
        json_decref(owner->view);
        json_decref(owner->lines);
        json_decref(owner->held);
    }
    arena_fini(&owner->arena);
    free(owner);
}

static struct config_owner *owner_new(const char *dir)
{
    struct config_owner *owner = mem_zalloc(sizeof *owner);
    struct admin_config *c = &owner->config;

    owner->held = json_array();
    c->default_budget = -1;
    c->environments = NULL;
    c->trusted_keys = c->resource_definitions = no_pairs;
    c->required_workflows = c->require_approval = c->network_allow = c->step_environment = c->allowed_commands = c->trusted_proxies =
        c->revoked_hashes = no_names;
    c->application_step_types = application_step_types;
    c->lua_wall_ms = LIMIT_LUA_STEP_WALL_MS;
    c->lua_bytes = LIMIT_LUA_STEP_BYTES;
    c->policies_mode = "enforce";
    c->signature_policy = "off";
    c->policies_overrides = config_hold(owner, json_object());
    c->costs = config_hold(owner, json_object());
    c->drift_enabled = true;
    c->drift_interval_ms = DEFAULT_DRIFT_MS;
    c->drift_jitter = DEFAULT_DRIFT_JITTER;
    c->queue_capacity = LIMIT_QUEUE_CAPACITY;
    c->queue_workers = LIMIT_WORKERS;
    c->user_rate = DEFAULT_USER_RATE;
    c->user_burst = 2 * DEFAULT_USER_RATE;
    c->address_rate = DEFAULT_ADDRESS_RATE;
    c->address_burst = 2 * DEFAULT_ADDRESS_RATE;
    c->secure_cookie = "auto";
    if (dir) {
        c->workflows_root = arena_printf(&owner->arena, "%s/workflows", dir);
        c->golden_paths_root = arena_printf(&owner->arena, "%s/golden-paths", dir);
    }
    return owner;
}

/* Reads what `root` says over the defaults. */
static int build(struct config_owner *owner, const struct node *root, const char *dir, struct diag_list *diags, struct err *err)
{
    struct config_read r = {.owner = owner, .config = &owner->config, .arena = &owner->arena, .diags = diags, .dir = dir, .at = ""};
    size_t before = diags->errors;

    owner->root = root;
    if (root->kind != NODE_NULL)
        config_check_schema(root, diags);
    config_read_general(&r, root);
    config_read_provisioners(&r, root);
    if (diags->errors > before)
        return diag_to_err(diags, err);
    if (config_make_view(owner, dir, err) < 0)
        return -1;
    json_array_append(owner->held, owner->view); /* one document, because parts of the one may stand in the other */
    json_decref(owner->view);
    json_array_append_new(owner->held, owner->lines);
    json_freeze_in_place(owner->held);
    owner->frozen = true;
    return 0;
}

int config_parse(const char *text, size_t len, const char *file, const char *dir, struct diag_list *diags, struct admin_config **out,
                 struct err *err)
{
    char cwd[PATH_MAX];
    const char *base = dir ? dir : getcwd(cwd, sizeof cwd);
    struct config_owner *owner = owner_new(base);
    CLEANUP(config_put) struct admin_config *config = &owner->config;
    size_t before = diags->errors;
    const struct node *root;

    base = base ? arena_strdup(&owner->arena, base) : NULL;
    config->file = arena_strdup(&owner->arena, file);
    config->name = strrchr(config->file, '/') ? strrchr(config->file, '/') + 1 : config->file;
    root = node_parse_yaml(text, len, &owner->arena, diags);
    if (!root || diags->errors > before) {
        diag_sort(diags);
        return diag_to_err(diags, err);
    }
    if (build(owner, root, base, diags, err) < 0) {
        diag_sort(diags);
        return diags->errors > before ? diag_to_err(diags, err) : -1;
    }
    diag_sort(diags);
    *out = take_ptr(config);
    return 0;
}

int config_default(const char *dir, struct admin_config **out, struct err *err)
{
    struct config_owner *owner = owner_new(dir);
    CLEANUP(config_put) struct admin_config *config = &owner->config;
    struct diag_list diags = diag_list_make(&owner->arena, NULL);

    config->file = config->name = "built-in defaults";
    if (build(owner, arena_alloc(&owner->arena, sizeof(struct node)), dir, &diags, err) < 0)
        return -1;
    *out = take_ptr(config);
    return 0;
}

int config_load(const char *path, struct diag_list *diags, struct admin_config **out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *real = realpath(path, NULL);
    CLEANUP(config_put) struct admin_config *config = NULL;
    char *slash;
    size_t len;

    if (!real && errno == ENOENT)
        return config_default(NULL, out, err);
    if (!real)
        return err_set_sys(err, ERR_IO, "%s", path);
    if (io_read_file(real, LIMIT_YAML_BYTES, &text, &len, err) < 0)
        return -1;
    slash = strrchr(real, '/');
    slash[slash == real ? 1 : 0] = '\0';
    if (config_parse(text, len, path, real, diags, &config, err) < 0)
        return -1;
    if (config_check_file(config, text, diags) > 0) {
        diag_sort(diags);
        return diag_to_err(diags, err);
    }
    *out = take_ptr(config);
    return 0;
}

int config_line(const struct admin_config *config, const char *pointer)
{
    const struct node *root = owner_of(config)->root, *parent;
    const char *slash = strrchr(pointer, '/');
    const struct node *found = node_locate(root, pointer);
    CLEANUP(free_ptr) char *up = slash ? mem_strndup(pointer, (size_t)(slash - pointer)) : NULL;

    if (!slash || found == root)
        return 0;
    parent = node_locate(root, up); /* node_locate stops at the deepest that exists: then nothing is below it */
    return found == parent ? 0 : found->line;
}

const json_t *config_view(const struct admin_config *config) { return owner_of(config)->view; }
const json_t *config_lines(const struct admin_config *config) { return owner_of(config)->lines; }

const char *config_lookup(const struct config_pair *pairs, const char *key)
{
    for (; pairs->key; pairs++)
        if (strcmp(pairs->key, key) == 0)
            return pairs->value;
    return NULL;
}

bool config_names_match(config_names globs, const char *name)
{
    for (; globs && *globs; globs++)
        if (name && str_glob(*globs, name))
            return true;
    return false;
}

const struct config_provisioner *config_provisioner(const struct admin_config *config, const char *name)
{
    for (size_t i = 0; i < config->provisioner_count; i++)
        if (strcmp(config->provisioners[i].name, name) == 0)
            return &config->provisioners[i];
    return NULL;
}
