/* Owns the provisioner entries of admin-config.yaml: both lists, the backends' defaults that are merged into them, and what makes an entry
 * unusable. Called while a configuration is loaded, by one thread. */
#include "base/base64.h"
#include "base/str.h"
#include "config/config_priv.h"
#include "crypto/encode.h"
#include "crypto/sign.h"
#include <string.h>

#define AT(member) offsetof(struct config_provisioner, member)
static const struct config_field entry_fields[] = {
    {"name", KIND_TEXT, AT(name)},
    {"version", KIND_TEXT, AT(version)},
    {"sha256", KIND_TEXT, AT(sha256)},
    {"product", KIND_TEXT, AT(product)},
    {"types", KIND_NAMES, AT(types)},
    {"grant", KIND_NAMES, AT(grant)},
    {"config", KIND_OBJECT, AT(config)},
    {"labels", KIND_OBJECT, AT(labels)},
    {"shared", KIND_BOOL, AT(shared)},
    {"allowDowngrade", KIND_BOOL, AT(allow_downgrade)},
    {0},
};
static const struct config_field match_fields[] = {
    {"environment", KIND_TEXT, AT(match_environment)},
    {"type", KIND_TEXT, AT(match_type)},
    {"class", KIND_TEXT, AT(match_class)},
    {"team", KIND_TEXT, AT(match_team)},
    {"product", KIND_TEXT, AT(match_product)},
    {0},
};
static const struct config_field signature_fields[] = {{"key", KIND_TEXT, AT(signature_key)}, {"file", KIND_PATH, AT(signature_file)}, {0}};
static const struct config_field limit_fields[] = {
    {"memory", KIND_BYTES, AT(memory_bytes)}, {"timeout", KIND_DURATION, AT(timeout_ms)},  {"maxHosts", KIND_INT32, AT(max_hosts)},
    {"processes", KIND_INT32, AT(processes)}, {"cpuPercent", KIND_INT32, AT(cpu_percent)}, {0},
};
static const struct config_field path_fields[] = {{"plugin", KIND_PATH, AT(path)}, {0}};
#undef AT

#define HASH_HELP "64 hexadecimal digits, as `sha256sum FILE` prints them"

static bool is_file(const char *plugin) { return strchr(plugin, '/') || str_ends(plugin, ".so"); }

/* `type: x` is `types: [x]`. */
static void read_types(struct config_read *r, const struct node *item, struct config_provisioner *p)
{
    const struct node *type = node_get(item, "type");
    const char **one;

    if (!type || type->kind != NODE_STRING)
        return;
    if (p->types) {
        config_problem(r, ERR_CONFLICTING_FIELDS, type, "type", NULL, "`type` and `types` exclude each other");
        return;
    }
    one = arena_array(r->arena, 2, sizeof *one);
    one[0] = type->text;
    p->types = one;
}

/* What `gitea:`, `vault:` ... say for entries of these plugins, below what the entry says itself. */
static void merge_defaults(struct config_read *r, const struct node *root, struct config_provisioner *p)
{
    const struct node *backend = p->plugin ? node_get(root, p->plugin) : NULL;
    json_t *merged;

    if (p->config && (!backend || backend->kind != NODE_MAP))
        return;
    merged = backend && backend->kind == NODE_MAP ? node_to_json(backend) : json_object();
    if (p->config)
        json_object_update(merged, (json_t *)(uintptr_t)p->config);
    p->config = config_hold(r->owner, merged);
}

/* The hash in lower case, NULL when it is none. */
static const char *read_hash(struct config_read *r, const char *text)
{
    unsigned char bytes[32];
    char hex[65];
    struct err ignored;

    if (strlen(text) != 64 || crypto_hex_decode(text, bytes, sizeof bytes, &ignored) < 0)
        return NULL;
    return arena_strdup(r->arena, crypto_hex(bytes, sizeof bytes, hex));
}

static void check_hash(struct config_read *r, const struct node *item, struct config_provisioner *p)
{
    const char *hash = p->sha256 ? read_hash(r, p->sha256) : NULL;

    if (!p->sha256) {
        if (p->path)
            config_problem(r, ERR_MISSING_FIELD, item, "sha256", "`innominatus plugin inspect` prints the whole entry",
                           "\"%s\" loads a file, so it needs sha256: the hash of exactly that file", p->name);
        return;
    }
    if (!hash)
        config_problem(r, ERR_BAD_VALUE, node_get(item, "sha256"), "sha256", HASH_HELP, "sha256 of \"%s\" is no SHA-256 hash", p->name);
    else
        p->sha256 = hash;
}

/* Files that are never loaded again, whatever an entry pins. */
static void read_revoked(struct config_read *r, const struct node *list)
{
    const char **hashes;
    size_t count = 0;

    if (!list || list->kind != NODE_LIST)
        return;
    r->at = "/revokedHashes";
    hashes = arena_array(r->arena, list->list.count + 1, sizeof *hashes);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct node *item = list->list.items[i];
        const char *hash = item->text ? read_hash(r, item->text) : NULL;

        if (hash)
            hashes[count++] = hash;
        else
            config_problem(r, ERR_BAD_VALUE, item, arena_printf(r->arena, "%zu", i), HASH_HELP,
                           "revokedHashes lists something that is no SHA-256 hash");
    }
    r->config->revoked_hashes = hashes;
}

static void check_isolation(struct config_read *r, const struct node *item, const struct config_provisioner *p)
{
    static const char *const process_only[] = {"limits", "grant", NULL};

    if (!p->is_inline)
        return;
    for (size_t i = 0; process_only[i]; i++)
        if (node_get(item, process_only[i]))
            config_problem(r, ERR_CONFLICTING_FIELDS, node_get(item, process_only[i]), process_only[i], NULL,
                           "\"%s\" runs inline, inside the server, where no `%s` can be enforced", p->name, process_only[i]);
    if (p->path && !p->signature_key)
        config_problem(r, ERR_CONFLICTING_FIELDS, node_get(item, "isolation"), "isolation",
                       "sign it with a key of trustedKeys, or use isolation: process",
                       "\"%s\" may not run inline: only bundled plugins and signed ones may", p->name);
}

static void read_entry(struct config_read *r, const struct node *root, const struct node *item, bool of_product,
                       struct config_provisioner *p)
{
    const char *plugin = node_str(item, "plugin");

    config_fill(r, item, entry_fields, p);
    config_fill(r, node_get(item, "match"), match_fields, p);
    config_fill(r, node_get(item, "signature"), signature_fields, p);
    config_fill(r, node_get(item, "limits"), limit_fields, p);
    p->line = item->line;
    p->is_inline = str_eq(node_str(item, "isolation"), "inline");
    if (plugin && is_file(plugin))
        config_fill(r, item, path_fields, p);
    else
        p->plugin = plugin;
    read_types(r, item, p);
    if (!p->labels)
        p->labels = config_hold(r->owner, json_object());
    merge_defaults(r, root, p);
    check_hash(r, item, p);
    check_isolation(r, item, p);
    if (of_product && !p->product)
        config_problem(r, ERR_MISSING_FIELD, item, "product", NULL, "\"%s\" stands in productProvisioners, so it needs `product`", p->name);
    if (!of_product && (p->product || p->shared))
        config_problem(r, ERR_BAD_VALUE, item, p->product ? "product" : "shared", "move the entry to productProvisioners",
                       "\"%s\" stands in provisioners, which serve every product", p->name);
    if (p->signature_key && !config_lookup(r->config->trusted_keys, p->signature_key))
        config_problem(r, ERR_UNKNOWN_REFERENCE, node_get(node_get(item, "signature"), "key"), "signature/key", NULL,
                       "key \"%s\" is not in trustedKeys", p->signature_key);
    else if (p->signature_key && p->plugin)
        config_problem(r, ERR_CONFLICTING_FIELDS, node_get(item, "signature"), "signature", "leave it out",
                       "\"%s\" is a bundled plugin, whose hash is built into the server: it has no signature", p->name);
}

static void read_list(struct config_read *r, const struct node *root, const char *key, struct config_provisioner *all)
{
    const struct node *list = node_get(root, key);
    struct admin_config *c = r->config;

    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->list.count; i++) {
        const struct node *item = list->list.items[i];
        struct config_provisioner *p = &all[c->provisioner_count];

        if (!node_str(item, "name") || !node_str(item, "plugin"))
            continue; /* the schema has said so */
        r->at = arena_printf(r->arena, "/%s/%zu", key, i);
        read_entry(r, root, item, str_eq(key, "productProvisioners"), p);
        for (size_t k = 0; k < c->provisioner_count; k++)
            if (strcmp(all[k].name, p->name) == 0)
                config_problem(r, ERR_DUPLICATE_KEY, item, "name", NULL, "provisioner entry \"%s\" is in line %d already", p->name,
                               all[k].line);
        c->provisioner_count++;
    }
}

/* The bundled `local` when the file does not speak of provisioners at all. */
static void add_local(struct config_read *r, const struct node *root, struct config_provisioner *p)
{
    /* what needs no server beside it */
    static const char *const types[] = {"volume", "sqlite", "dns", "route", "secret", "workload", NULL};

    if (node_get(root, "provisioners"))
        return;
    *p = (struct config_provisioner){.name = "local", .plugin = "local", .types = types, .labels = config_hold(r->owner, json_object())};
    merge_defaults(r, root, p);
    r->config->provisioner_count++;
}

static void check_definitions(struct config_read *r, const struct node *map)
{
    r->at = "/resourceDefinitions";
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->map.count; i++) {
        const struct node_pair *pair = &map->map.pairs[i];
        const struct config_provisioner *p = pair->value->kind == NODE_STRING ? config_provisioner(r->config, pair->value->text) : NULL;
        const char **names;

        if (pair->value->kind != NODE_STRING)
            continue;
        if (!p) {
            names = arena_array(r->arena, r->config->provisioner_count + 1, sizeof *names);
            for (size_t k = 0; k < r->config->provisioner_count; k++)
                names[k] = r->config->provisioners[k].name;
            config_problem(r, ERR_UNKNOWN_REFERENCE, pair->value, pair->key, str_closest(pair->value->text, names),
                           "resourceDefinitions.%s: no provisioner entry is named \"%s\"", pair->key, pair->value->text);
        } else if (p->types && !config_names_match(p->types, pair->key)) {
            config_problem(r, ERR_BAD_VALUE, pair->value, pair->key, NULL,
                           "resourceDefinitions.%s: the types of entry \"%s\" do not include %s", pair->key, p->name, pair->key);
        }
    }
}

static void check_keys(struct config_read *r, const struct node *map)
{
    unsigned char key[CRYPTO_SIGN_KEY_BYTES];
    struct err ignored;
    size_t len;

    r->at = "/trustedKeys";
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->map.count; i++) {
        const struct node_pair *pair = &map->map.pairs[i];

        if (pair->value->kind != NODE_STRING)
            continue;
        if (base64_decode_into(BASE64_STANDARD, pair->value->text, strlen(pair->value->text), key, sizeof key, &len, &ignored) < 0 ||
            len != sizeof key)
            config_problem(r, ERR_BAD_VALUE, pair->value, pair->key, "the one line of the .pub file that `innominatus plugin keygen` wrote",
                           "trustedKeys.%s is not the base64 of a 32-byte Ed25519 key", pair->key);
    }
}

void config_read_provisioners(struct config_read *r, const struct node *root)
{
    const struct node *platform = node_get(root, "provisioners"), *products = node_get(root, "productProvisioners");
    size_t count = 1 + (platform && platform->kind == NODE_LIST ? platform->list.count : 0) +
                   (products && products->kind == NODE_LIST ? products->list.count : 0);
    struct config_provisioner *all = arena_array(r->arena, count, sizeof *all);

    r->config->provisioners = all;
    add_local(r, root, all);
    read_list(r, root, "provisioners", all);
    read_list(r, root, "productProvisioners", all);
    check_definitions(r, node_get(root, "resourceDefinitions"));
    check_keys(r, node_get(root, "trustedKeys"));
    read_revoked(r, node_get(root, "revokedHashes"));
}
