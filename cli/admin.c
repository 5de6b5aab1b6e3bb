/* Owns the verbs of administration: configuration, users, keys. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "cli/yaml.h"
#include <stdio.h>
#include <unistd.h>

/* ---- configuration ---- */

int verb_admin_show(struct cli *c)
{
    CLEANUP(json_put) json_t *answer = NULL;
    struct buf text = BUF_INIT(16u << 20);
    int code = client_get(c, client_path(c, "/admin/config", NULL), &answer);

    if (code || out_data(c, answer))
        return code;
    cli_print(c, "# %s, revision %.12s\n", out_clean(&c->arena, json_str(answer, "file") ? json_str(answer, "file") : "?", false),
              json_str(answer, "revision") ? json_str(answer, "revision") : "?");
    yaml_emit(json_object_get(answer, "config"), &text);
    fwrite(buf_text(&text), 1, text.len, stdout);
    buf_fini(&text);
    return EXIT_FINE;
}

/* The configuration and all that hangs on it: policies, plugins' files, workflows. */
int verb_admin_validate(struct cli *c)
{
    CLEANUP(platform_put) struct platform *platform = NULL;
    struct diag_list diags = diag_list_make(&c->arena, NULL);
    const char *path = NULL;
    struct err err = {0};
    bool loaded;

    if (offline_config_path(c, cli_word(c, 0), &path, &err) < 0)
        return cli_fail(c, &err);
    diags.file = path;
    if (access(path, R_OK) < 0) {
        return cli_missing(c, "%s: %m", path);
    }
    loaded = offline_platform(c, path, NULL, &diags, &platform, &err) == 0;
    if (!loaded && !diags.errors)
        return cli_fail(c, &err);
    report_print(c, "admin-config", &(struct report_entry){.name = path, .found = &diags}, 1);
    if (c->output <= OUTPUT_WIDE) {
        cli_print(c, "%s", diag_render(&diags, NULL, c->colour_out, &c->arena));
        cli_print(c, "%s: %s, %zu error%s, %zu warning%s\n", path, diags.errors ? "not valid" : "valid", diags.errors,
                  diags.errors == 1 ? "" : "s", diags.warnings, diags.warnings == 1 ? "" : "s");
    }
    return diags.errors ? EXIT_INVALID : EXIT_FINE;
}

/* ---- users ---- */

int verb_admin_add_user(struct cli *c)
{
    const char *team = args_text(&c->args, "team"), *role = args_text(&c->args, "role"), *name = cli_word(c, 0);
    CLEANUP(secret_fini) struct secret password = {0};
    CLEANUP(json_put) json_t *user = NULL;
    struct err err = {0};
    json_t *body;
    int code;

    if (!team || !role)
        return cli_usage(c, "add-user needs --team T and --role admin|operator|user|viewer");
    if (!args_flag(&c->args, "no-password") && prompt_secret(c, "password of the new user", true, &password, &err) < 0)
        return cli_fail(c, &err);
    body = json_pack("{s:s, s:s, s:s}", "name", name, "team", team, "role", role);
    if (!body)
        return cli_usage(c, "names are UTF-8 text");
    if (password.len)
        json_object_set_new(body, "password", json_stringn_nocheck(password.bytes, password.len));
    code = client_do(c, &(struct client_call){.method = "POST", .target = client_path(c, "/users", NULL), .body = body, .creates = true},
                     &user);
    json_decref(body);
    if (!code && !out_data(c, user))
        cli_print(c, "user %s (%s, team %s) added\nNext: innominatus admin generate-api-key NAME --user %s\n", name, role, team, name);
    return code;
}

int verb_admin_delete_user(struct cli *c)
{
    const char *name = cli_word(c, 0);
    int code = cli_confirm(c, "Delete user %s with all keys and sessions?", name);

    if (!code)
        code = client_do(c, &(struct client_call){.method = "DELETE", .target = client_path(c, "/users/{}", name)}, NULL);
    if (!code)
        cli_say(c, "user %s deleted", name);
    return code;
}

/* ---- keys ---- */

static const char *keys_target(struct cli *c)
{
    const char *user = args_text(&c->args, "user");

    return user ? client_path(c, "/users/{}/api-keys", user) : client_path(c, "/profile/api-keys", NULL);
}

int verb_admin_generate_api_key(struct cli *c)
{
    const char *expires = args_text(&c->args, "expires");
    CLEANUP(json_put) json_t *body = json_object();
    CLEANUP(json_put) json_t *key = NULL;
    int code;

    json_set_str(body, "name", cli_word(c, 0));
    json_set_str(body, "expires_in", expires);
    code = client_do(c, &(struct client_call){.method = "POST", .target = keys_target(c), .body = body, .creates = true}, &key);
    if (code || out_data(c, key))
        return code;
    cli_print(c, "%s\n", json_str(key, "key") ? out_clean(&c->arena, json_str(key, "key"), false) : "");
    cli_say(c, "key %s of %s%s%s; it is shown only now", json_str(key, "id") ? json_str(key, "id") : "?",
            args_text(&c->args, "user") ? args_text(&c->args, "user") : "yours",
            json_str(key, "expires_at") ? ", until " : ", without an end", json_str(key, "expires_at") ? json_str(key, "expires_at") : "");
    return EXIT_FINE;
}

int verb_admin_list_api_keys(struct cli *c)
{
    static const struct out_column columns[] = {{"ID", "id", COLUMN_COPY},
                                                {"NAME", "name", COLUMN_COPY},
                                                {"PREFIX", "prefix", COLUMN_COPY},
                                                {"CREATED", "created_at", COLUMN_AGO},
                                                {"EXPIRES", "expires_at"},
                                                {"LAST USED", "last_used_at", COLUMN_AGO},
                                                {0}};
    CLEANUP(json_put) json_t *answer = NULL;
    int code = client_get(c, keys_target(c), &answer);

    if (!code && !out_data(c, answer))
        out_table(c, columns, json_object_get(answer, "items"), "no keys");
    return code;
}

int verb_admin_revoke_api_key(struct cli *c)
{
    const char *id = cli_word(c, 0);
    int code = cli_confirm(c, "Revoke key %s? What uses it stops working.", id);

    if (!code)
        code = client_do(c, &(struct client_call){.method = "DELETE", .target = client_path(c, "/profile/api-keys/{}", id)}, NULL);
    if (!code)
        cli_say(c, "key %s revoked", id);
    return code;
}
