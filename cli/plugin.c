/* Owns `plugin inspect`: what a plugin's file says about itself. The file is read, never run. */
#include "plugin/plugin.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/str.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "config/admin_config.h"
#include "plugin/signature.h"
#include <string.h>
#include <unistd.h>

static const char *clean(struct cli *c, const json_t *value) { return out_clean(&c->arena, out_word(&c->arena, value), false); }

/* A name as a YAML flow scalar. */
static const char *scalar(struct cli *c, const char *text)
{
    bool plain = text && text[0] && text[0] != '-';

    for (const char *at = text; plain && *at; at++)
        plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || strchr("-_./", *at);
    return plain ? text : arena_printf(&c->arena, "\"%s\"", out_clean(&c->arena, text ? text : "", false));
}

static json_t *type_names(const json_t *manifest)
{
    json_t *names = json_array(), *type;
    size_t i;

    json_array_foreach(json_object_get(manifest, "types"), i, type)
        json_append_str(names, json_is_string(type) ? json_string_value(type) : json_str(type, "name"));
    return names;
}

/* The line that an admin adds to admin-config.yaml to allow exactly this file. */
static const char *entry_of(struct cli *c, const json_t *manifest, const char *file)
{
    CLEANUP(json_put) json_t *types = type_names(manifest);
    const json_t *wants = json_object_get(manifest, "permissions");
    const char *name = scalar(c, json_str(manifest, "name")), *product = json_str(manifest, "product"), *entry;

    entry = arena_printf(&c->arena, "{%s%s%sname: %s, ", product ? "product: " : "", product ? scalar(c, product) : "", product ? ", " : "",
                         name);
    if (json_array_size(types) == 1)
        entry = arena_printf(&c->arena, "%stype: %s, ", entry, scalar(c, json_string_value(json_array_get(types, 0))));
    else if (json_array_size(types))
        entry = arena_printf(&c->arena, "%stypes: [%s], ", entry, out_word(&c->arena, types));
    entry = arena_printf(&c->arena, "%sversion: %s, plugin: %s, sha256: %s", entry, scalar(c, json_str(manifest, "version")),
                         scalar(c, file[0] == '/' || str_starts(file, "./") ? file : arena_printf(&c->arena, "./%s", file)),
                         json_str(manifest, "sha256"));
    if (json_array_size(wants))
        entry = arena_printf(&c->arena, "%s, grant: [%s]", entry, out_word(&c->arena, wants));
    if (json_str(json_object_get(manifest, "signature"), "key"))
        entry =
            arena_printf(&c->arena, "%s, signature: {key: %s}", entry, scalar(c, json_str(json_object_get(manifest, "signature"), "key")));
    return arena_printf(&c->arena, "%s}", entry);
}

/* "displayName (required), size" */
static const char *param_names(struct cli *c, const json_t *schema)
{
    const json_t *required = json_object_get(schema, "required"), *one;
    const char *name, *text = "";
    json_t *property;
    size_t i;

    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        bool must = false;

        json_array_foreach(required, i, one) must = must || str_eq(json_string_value(one), name);
        text = arena_printf(&c->arena, "%s%s%s%s", text, text[0] ? ", " : "", out_clean(&c->arena, name, false), must ? " (required)" : "");
    }
    return text;
}

static void print_types(struct cli *c, const json_t *manifest)
{
    const json_t *type;
    size_t i;

    json_array_foreach(json_object_get(manifest, "types"), i, type)
    {
        const json_t *immutable = json_object_get(type, "immutable");
        const char *params = param_names(c, json_object_get(type, "params"));

        cli_print(c, "   type %s%s%s%s\n", clean(c, json_object_get(type, "name")), json_flag(type, "stateful", false) ? "  stateful" : "",
                  json_array_size(immutable) ? "  immutable: " : "", json_array_size(immutable) ? clean(c, immutable) : "");
        if (params[0])
            cli_print(c, "      params %s\n", params);
    }
    json_array_foreach(json_object_get(manifest, "step_types"), i, type) cli_print(
        c, "   step %-18s%s\n", clean(c, json_object_get(type, "name")), json_flag(type, "idempotent", false) ? "  idempotent" : "");
    json_array_foreach(json_object_get(manifest, "actions"), i, type)
        cli_print(c, "   action %-16s  %s\n", clean(c, json_object_get(type, "name")), clean(c, json_object_get(type, "description")));
}

/* ---- the signature beside it ---- */

/* The name of the trusted key whose signature fits, NULL: none. */
static const char *signer(const struct admin_config *config, const char *bytes, size_t len, const struct plugin_signature *signature)
{
    for (const struct config_pair *pair = config->trusted_keys; pair->key; pair++) {
        unsigned char key[CRYPTO_SIGN_KEY_BYTES];
        struct err ignored = {0};

        if (crypto_sign_key_parse(pair->value, key, &ignored) == 0 && crypto_sign_verify(key, bytes, len, signature->bytes, &ignored) == 0)
            return pair->key;
    }
    return NULL;
}

/* Adds signature: {file, key, trusted}, judged by the trustedKeys of --admin-config or the installed configuration. */
static void add_signature(struct cli *c, const char *file, json_t *manifest)
{
    const char *path = arena_printf(&c->arena, "%s.sig", file), *config_path = NULL, *by = NULL;
    CLEANUP(config_put) struct admin_config *config = NULL;
    CLEANUP(free_ptr) char *bytes = NULL;
    struct plugin_signature signature;
    struct diag_list diags = diag_list_make(&c->arena, "admin-config.yaml");
    struct err err = {0};
    size_t len;

    if (access(path, F_OK) < 0)
        return;
    if (plugin_signature_read(path, &signature, &err) < 0) {
        json_set_new(manifest, "signature", json_pack("{s:s, s:b, s:s}", "file", path, "trusted", 0, "problem", err.msg));
        return;
    }
    if (offline_config_path(c, NULL, &config_path, &err) == 0 && config_load(config_path, &diags, &config, &err) == 0 &&
        io_read_file(file, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &err) == 0)
        by = signer(config, bytes, len, &signature);
    json_set_new(manifest, "signature", json_pack("{s:s, s:b}", "file", path, "trusted", by != NULL));
    json_set_str(json_object_get(manifest, "signature"), "key", by ? by : signature.key[0] ? signature.key : NULL);
}

static void print_signature(struct cli *c, const json_t *signature)
{
    const char *key = json_str(signature, "key"), *problem = json_str(signature, "problem");

    if (problem)
        cli_print(c, " signature %s\n", out_clean(&c->arena, problem, false));
    else if (json_flag(signature, "trusted", false))
        cli_print(c, " signed by %s (in trustedKeys)\n", clean(c, json_object_get(signature, "key")));
    else if (signature)
        cli_print(c, " signed, as it says by %s; no key of trustedKeys fits\n",
                  key ? clean(c, json_object_get(signature, "key")) : "nobody");
}

static void print_manifest(struct cli *c, const json_t *manifest, const char *entry)
{
    CLEANUP(json_put) json_t *types = type_names(manifest);
    const json_t *abi = json_object_get(manifest, "abi");

    cli_print(c, " name %s  version %s  ABI %lld.%lld  types %s  permissions %s\n",
              out_paint(c, STYLE_BOLD, clean(c, json_object_get(manifest, "name"))), clean(c, json_object_get(manifest, "version")),
              (long long)json_int(abi, "major", 0), (long long)json_int(abi, "minor", 0), clean(c, types),
              json_array_size(json_object_get(manifest, "permissions")) ? clean(c, json_object_get(manifest, "permissions")) : "none");
    if (json_str(manifest, "description"))
        cli_print(c, " %s\n", clean(c, json_object_get(manifest, "description")));
    print_types(c, manifest);
    cli_print(c, " slots %s  state version %lld  exports %s\n", clean(c, json_object_get(manifest, "slots")),
              (long long)json_int(manifest, "state_version", 1), clean(c, json_object_get(manifest, "exports")));
    cli_print(c, " sha256 %s\n", clean(c, json_object_get(manifest, "sha256")));
    print_signature(c, json_object_get(manifest, "signature"));
    cli_print(c, " admin-config.yaml entry to allow it (%s):\n   - %s\n",
              json_str(manifest, "product") ? "productProvisioners"
                                            : "provisioners; a product's own one: add `product: NAME`, productProvisioners",
              entry);
}

int verb_plugin_inspect(struct cli *c)
{
    const char *file = cli_word(c, 0), *entry;
    CLEANUP(json_put) json_t *manifest = NULL;
    struct err err = {0};

    if (access(file, F_OK) < 0) {
        return cli_missing(c, "%s: %m", file);
    }
    if (plugin_inspect_file(file, &manifest, &err) < 0) {
        cli_fail(c, &err);
        return EXIT_FAILED;
    }
    add_signature(c, file, manifest);
    entry = entry_of(c, manifest, file);
    json_set_str(manifest, "entry", entry);
    if (!out_data(c, manifest))
        print_manifest(c, manifest, entry);
    return EXIT_FINE;
}
