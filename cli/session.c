/* Owns `login` and `logout`. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/credentials.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include <string.h>

static bool is_clear(const char *url)
{
    return str_starts(url, "http://") && !str_starts(url, "http://127.0.0.1") && !str_starts(url, "http://localhost") &&
           !str_starts(url, "http://[::1]");
}

/* The session of a name and a password. */
static int sign_in(struct cli *c, const char *name, const struct secret *password, json_t **out)
{
    json_t *body = json_object();
    int code;

    json_set_str(body, "name", name);
    json_object_set_new(body, "password", json_stringn_nocheck(password->bytes, password->len));
    code = client_do(c, &(struct client_call){.method = "POST", .target = client_path(c, "/login", NULL), .body = body, .signs_in = true},
                     out);
    json_decref(body);
    return code;
}

static int keep(struct cli *c, const char *url, const json_t *session)
{
    const json_t *user = json_object_get(session, "user");
    const char *token = json_str(session, "token"), *name = json_str(user, "name"), *path = NULL;
    struct err err = {0};

    if (!token)
        return cli_fail(c, &(struct err){.code = ERR_HTTP_STATUS, .msg = "the server's answer has no token"});
    if (credentials_store(c, url, token, name, json_str(session, "expires_at"), &path, &err) < 0)
        return cli_fail(c, &err);
    cli_say(c, "signed in to %s as %s (%s, team %s) until %s; kept in %s", url, name ? name : "?",
            json_str(user, "role") ? json_str(user, "role") : "?", json_str(user, "team") ? json_str(user, "team") : "?",
            json_str(session, "expires_at") ? json_str(session, "expires_at") : "?", path);
    return EXIT_FINE;
}

int verb_login(struct cli *c)
{
    const char *name = args_text(&c->args, "user"), *url;
    CLEANUP(secret_fini) struct secret password = {0};
    CLEANUP(json_put) json_t *session = NULL;
    struct err err = {0};
    int code;

    if (!(url = client_url(c, &err)))
        return cli_fail(c, &err);
    if (is_clear(url))
        cli_say(c, "warning: %s is not encrypted; the password can be read on its way", url);
    if (!name)
        name = prompt_line(c, "user");
    if (!name)
        return cli_usage(c, "who? innominatus login --user NAME (the password is asked for, or read from standard input)");
    if (prompt_secret(c, "password", false, &password, &err) < 0)
        return cli_fail(c, &err);
    client_use_key(c, NULL);
    code = sign_in(c, name, &password, &session);
    return code ? code : keep(c, url, session);
}

int verb_logout(struct cli *c)
{
    struct err err = {0};
    const char *url = client_url(c, &err);
    int code;

    if (!url)
        return cli_fail(c, &err);
    if (!credentials_known(c, url)) {
        cli_say(c, "nobody is signed in to %s here", url);
        return EXIT_FINE;
    }
    /* A session that has ended already is no reason to keep it. */
    code = client_do(c, &(struct client_call){.method = "POST", .target = client_path(c, "/logout", NULL)}, NULL);
    if (credentials_store(c, url, NULL, NULL, NULL, NULL, &err) < 0)
        return cli_fail(c, &err);
    cli_say(c, "signed out of %s%s", url, code == EXIT_UNREACHABLE ? "; the server could not be told, its session ends by itself" : "");
    return EXIT_FINE;
}
