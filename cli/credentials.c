/* Owns finding the server and the key, and the credentials file. */
#include "cli/credentials.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/paths.h"
#include "base/str.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_BYTES  (256u << 10)
#define KEY_BYTES   4096u
#define DEFAULT_URL "http://127.0.0.1:8081"

static const char *credentials_path(struct cli *c) { return arena_printf(&c->arena, "%s/credentials.json", paths_config_home(&c->arena)); }
static const char *server_path(struct cli *c) { return arena_printf(&c->arena, "%s/server.json", paths_state_home(&c->arena)); }

/* The object in a file; NULL when there is no file. */
static int read_object(const char *path, json_t **out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;
    struct err missing = {0};
    size_t len = 0;

    *out = NULL;
    if (io_read_file(path, FILE_BYTES, &text, &len, &missing) < 0) {
        if (missing.code == ERR_NOT_FOUND)
            return 0;
        *err = missing;
        return -1;
    }
    if (json_parse(text, len, path, FILE_BYTES, out, err) < 0)
        return -1;
    if (json_is_object(*out))
        return 0;
    json_put(out);
    return err_set(err, ERR_SYNTAX, "%s holds no JSON object; remove it and sign in again", path);
}

static int check_url(const char *url, const char *from, struct err *err)
{
    const char *host = str_starts(url, "http://") ? url + 7 : str_starts(url, "https://") ? url + 8 : NULL;

    if (host && host[0] && host[0] != '/' && !strpbrk(url, " \t\r\n?#"))
        return 0;
    return err_set(err, ERR_USAGE, "%s: \"%.200s\" is no server's address; write http://HOST:PORT or https://HOST", from, url);
}

static const char *without_slash(struct cli *c, const char *url)
{
    size_t len = strlen(url);

    while (len && url[len - 1] == '/')
        len--;
    return arena_strndup(&c->arena, url, len);
}

static bool is_loopback(const char *url)
{
    return str_starts(url, "http://127.0.0.1:") || str_starts(url, "http://[::1]:") || str_starts(url, "http://localhost:");
}

/* A server.json of a server that is gone could name a port that is somebody else's now: its key is not sent there. */
static bool is_alive(const json_t *server)
{
    int64_t pid = json_int(server, "pid", 0);

    return pid > 0 && pid < INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* The server that was announced last, and when it is gone the one before it. */
static int read_server(struct cli *c, json_t **out, struct err *err)
{
    json_t *before;

    if (read_object(server_path(c), out, err) < 0)
        return -1;
    before = json_object_get(*out, "before");
    if (*out && !is_alive(*out) && is_alive(before)) {
        json_incref(before);
        json_decref(*out);
        *out = before;
    }
    return 0;
}

/* ---- the address ---- */

static int choose_url(struct cli *c, const json_t *credentials, const json_t *server, const char **out, struct err *err)
{
    const char *environment = getenv("INNOMINATUS_SERVER"), *local = json_str(server, "url");
    const char *from = "--server", *url = c->server;

    if (!url && environment && environment[0]) {
        url = environment;
        from = "INNOMINATUS_SERVER";
    }
    if (!url && json_str(credentials, "current")) {
        url = json_str(credentials, "current");
        from = "the credentials file";
    }
    if (!url && local && is_alive(server)) {
        url = local;
        from = "server.json";
    }
    if (!url && getenv("INNOMINATUS_API_KEY"))
        url = DEFAULT_URL;
    if (!url)
        return err_set(err, ERR_NO_SERVER, "no server is known: none runs here%s",
                       local ? " any more (server.json names one that is gone)" : "");
    if (check_url(url, from, err) < 0)
        return -1;
    *out = without_slash(c, url);
    return 0;
}

/* ---- the key ---- */

static int read_key_file(struct cli *c, const char *path, struct endpoint *out, struct err *err)
{
    CLEANUP(free_ptr) char *text = NULL;

    struct err missing = {0};

    if (io_read_file(path, KEY_BYTES, &text, NULL, &missing) < 0) {
        if (missing.code == ERR_NOT_FOUND) { /* after a restore without it: one can still sign in */
            out->gone = path;
            return 0;
        }
        *err = missing;
        return err_wrap(err, "the key of the local server");
    }
    out->key = arena_strndup(&c->arena, text, strcspn(text, "\r\n"));
    out->source = path;
    explicit_bzero(text, strlen(text));
    return 0;
}

static int choose_key(struct cli *c, const json_t *credentials, const json_t *server, struct endpoint *out, struct err *err)
{
    const char *environment = getenv("INNOMINATUS_API_KEY"), *local = json_str(server, "url"), *file = json_str(server, "key_file");
    json_t *known = json_object_get(json_object_get(credentials, "servers"), out->url);

    if (environment && environment[strcspn(environment, " \t\r\n")])
        return err_set(err, ERR_USAGE,
                       "INNOMINATUS_API_KEY holds a blank or a line break: it is the key alone, as `innominatus admin "
                       "generate-api-key` printed it");
    if (environment && environment[0]) {
        out->key = arena_strdup(&c->arena, environment);
        out->source = "INNOMINATUS_API_KEY";
    } else if (json_str(known, "key")) {
        out->key = arena_strdup(&c->arena, json_str(known, "key"));
        out->source = credentials_path(c);
    } else if (local && file && str_eq(without_slash(c, local), out->url) && is_loopback(out->url) && is_alive(server)) {
        return read_key_file(c, arena_strdup(&c->arena, file), out, err);
    }
    return 0;
}

int endpoint_find(struct cli *c, struct endpoint *out, struct err *err)
{
    CLEANUP(json_put) json_t *credentials = NULL;
    CLEANUP(json_put) json_t *server = NULL;
    struct endpoint found = {0};

    if (read_object(credentials_path(c), &credentials, err) < 0 || read_server(c, &server, err) < 0 ||
        choose_url(c, credentials, server, &found.url, err) < 0 || choose_key(c, credentials, server, &found, err) < 0)
        return -1;
    *out = found;
    return 0;
}

/* ---- the file ---- */

static void change(json_t *file, const char *url, const char *key, const char *user, const char *expires_at)
{
    json_t *servers = json_object_get(file, "servers"), *entry;

    if (!json_is_object(servers)) {
        servers = json_object();
        json_set_new(file, "servers", servers);
    }
    if (!key) {
        json_object_del(servers, url);
        if (str_eq(json_str(file, "current"), url))
            json_object_del(file, "current");
        return;
    }
    entry = json_object();
    json_set_str(entry, "key", key);
    json_set_str(entry, "user", user);
    json_set_str(entry, "expires_at", expires_at);
    json_set_new(servers, url, entry);
    json_set_str(file, "current", url);
}

int credentials_store(struct cli *c, const char *url, const char *key, const char *user, const char *expires_at, const char **out_path,
                      struct err *err)
{
    const char *path = credentials_path(c);
    CLEANUP(json_put) json_t *file = NULL;
    char *text;
    int rc;

    if (read_object(path, &file, err) < 0 || io_mkdirs(paths_config_home(&c->arena), 0700, err) < 0)
        return -1;
    if (!file)
        file = json_object();
    change(file, url, key, user, expires_at);
    text = json_text(file);
    rc = io_write_atomic(path, text, strlen(text), 0600, err);
    explicit_bzero(text, strlen(text));
    free(text);
    if (rc == 0 && out_path)
        *out_path = path;
    return rc;
}

bool credentials_known(struct cli *c, const char *url)
{
    CLEANUP(json_put) json_t *file = NULL;
    struct err ignored = {0};

    return read_object(credentials_path(c), &file, &ignored) == 0 && json_object_get(json_object_get(file, "servers"), url);
}
