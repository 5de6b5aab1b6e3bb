/* redis {} -> host, port, username, prefix and the secrets password, url: an ACL user on the server of config.redis that sees only keys and
 * channels below its own prefix. The password is made once and kept in the record; the server gets its hash. The slot's thread. */
#include "redis.h"
#include "names.h"
#include "random_text.h"
#include "resp.h"
#include "sha256.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD_LENGTH 40
#define COMMANDS        "+@all", "-@admin", "-@dangerous", "+info", "+sort", "+keys"

struct account {
    char name[80];   /* of the user */
    char prefix[90]; /* with a colon at its end */
    char keys[100];  /* "~PREFIX*" */
    char channels[100];
    char hash[70]; /* "#HEX"; "" when the record is not there */
    json_t *record;
};

static void account_fini(struct account *a) { json_decref(a->record); }

static void make_account(const inno_resource *res, struct account *out)
{
    const char *const identity[] = {res->org, res->team, res->environment, res->uid}, *tail = strchr(res->uid, '#');

    *out = (struct account){0};
    name_unique(identity, sizeof identity / sizeof identity[0], tail ? tail + 1 : res->name, out->name);
    snprintf(out->prefix, sizeof out->prefix, "%s:", out->name); /* nothing in it is a pattern */
    snprintf(out->keys, sizeof out->keys, "~%s*", out->prefix);
    snprintf(out->channels, sizeof out->channels, "&%s*", out->prefix);
}

static const char *password_of(const struct account *a) { return json_string_value(json_object_get(a->record, "password")); }

static void make_hash(struct account *a)
{
    const char *password = password_of(a);
    struct sha256 sum;

    if (!password)
        return;
    sha256_init(&sum);
    sha256_add(&sum, password, strlen(password));
    a->hash[0] = '#';
    sha256_hex(&sum, a->hash + 1);
}

/* ---- config, record ---- */

static bool is_here(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* url: redis://HOST[:PORT], or rediss: with TLS. */
static inno_rc server_of(const struct local_work *work, char host[256], char port[16], bool *out_tls)
{
    const char *url = json_string_value(json_object_get(work->self->redis, "url"));
    size_t len;

    if (!url)
        return work->host->fail(
            work->call, INNO_INVALID_CONFIG, -1,
            "this entry knows no Redis server; add config.redis: {url: 'rediss://HOST:6379', password: file:/path} and grant: [network]");
    *out_tls = strncmp(url, "rediss://", 9) == 0;
    if (!*out_tls && strncmp(url, "redis://", 8) != 0)
        return work->host->fail(work->call, INNO_INVALID_CONFIG, -1,
                                "config.redis.url must be rediss://HOST:PORT, or redis://HOST:PORT on this machine");
    url += *out_tls ? 9 : 8;
    len = url[0] == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/");
    if (len < 1 || len > 250 || strchr(url, '@'))
        return work->host->fail(work->call, INNO_INVALID_CONFIG, -1,
                                "config.redis.url must be rediss://HOST:PORT; user and password have keys of their own");
    snprintf(host, 256, "%.*s", (int)(url[0] == '[' ? len - 2 : len), url[0] == '[' ? url + 1 : url);
    if (!*out_tls && !json_is_false(json_object_get(work->self->redis, "tls")) && !is_here(host))
        return work->host->fail(work->call, INNO_INVALID_CONFIG, -1,
                                "config.redis.url: %s is another machine, and passwords would go there in clear; write rediss://, or say "
                                "config.redis.tls: false",
                                host);
    snprintf(port, 16, "%.*s", url[len] == ':' ? (int)strspn(url + len + 1, "0123456789") : 4, url[len] == ':' ? url + len + 1 : "6379");
    return INNO_OK;
}

static inno_rc open_server(const struct local_work *work, struct resp *out)
{
    const json_t *config = work->self->redis;
    const char *ca = work->self->redis_ca[0] ? work->self->redis_ca : "/etc/ssl/certs/ca-certificates.crt";
    char host[256], port[16];
    bool tls = false;
    inno_rc rc = server_of(work, host, port, &tls);
    const struct resp_server server = {host, port, json_string_value(json_object_get(config, "username")),
                                       json_string_value(json_object_get(config, "password")), tls ? ca : NULL};

    return rc == INNO_OK ? resp_open(work->host, work->call, &server, out) : rc;
}

static inno_rc read_record(struct local_work *work, struct account *a)
{
    char path[LOCAL_PATH_BYTES + 16];
    int number;

    snprintf(path, sizeof path, "%s/record.json", work->path);
    number = files_read_json(path, &a->record);
    if (number == 0)
        make_hash(a);
    return number == 0 || number == ENOENT || number == ENOTDIR ? INNO_OK : files_fail(work->host, work->call, number, "reading", path);
}

static inno_rc have_record(struct local_work *work, struct account *a)
{
    char password[PASSWORD_LENGTH + 1];
    inno_rc rc = read_record(work, a);

    if (rc != INNO_OK || password_of(a))
        return rc;
    if (random_text(password, PASSWORD_LENGTH) != 0 || !(a->record = json_pack("{s:s,s:s}", "name", a->name, "password", password)))
        return work->host->fail(work->call, INNO_TRANSIENT, -1, "out of memory");
    explicit_bzero(password, sizeof password);
    make_hash(a);
    return local_record_write(work, json_incref(a->record));
}

/* ---- the user ---- */

/* Without an ACL file users live until the server's restart; status then says so, and the next provision makes the user again. */
static inno_rc keep_users(struct local_work *work, struct resp *r)
{
    static const char *const save[] = {"ACL", "SAVE"};
    bool refusal = false;
    inno_rc rc = resp_ask(r, "keeping the users", save, 2, NULL, &refusal);

    if (rc == INNO_OK && refusal)
        work->host->log(work->call, INNO_LOG_WARN, "Redis at %s has no aclfile: its users are gone after a restart", r->address);
    return rc;
}

static const struct resp_value *member(const struct resp_value *map, const char *key)
{
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (map->items[i].text && strcmp(map->items[i].text, key) == 0)
            return &map->items[i + 1];
    return NULL;
}

static bool lists(const struct resp_value *list, const char *text)
{
    for (size_t i = 0; list && i < list->count; i++)
        if (list->items[i].text && strcmp(list->items[i].text, text) == 0)
            return true;
    return false;
}

static bool is_text(const struct resp_value *value, const char *text) { return value && value->text && strcmp(value->text, text) == 0; }

static inno_rc provision(struct local_work *work)
{
    static const char *const known[] = {NULL};
    CLEANUP(account_fini) struct account a;
    CLEANUP(resp_close) struct resp r = {.fd = -1};
    char host[256], port[16], url[700];
    bool tls = false;
    inno_rc rc;

    make_account(work->res, &a);
    if ((rc = local_check_params(work, known)) != INNO_OK || (rc = server_of(work, host, port, &tls)) != INNO_OK ||
        (rc = open_server(work, &r)) != INNO_OK || (rc = have_record(work, &a)) != INNO_OK)
        return rc;
    {
        const char *const words[] = {"ACL", "SETUSER", a.name, "reset", "on", a.hash, a.keys, a.channels, COMMANDS};

        if ((rc = resp_ask(&r, "making the user", words, sizeof words / sizeof *words, NULL, NULL)) != INNO_OK ||
            (rc = keep_users(work, &r)) != INNO_OK)
            return rc;
    }
    work->host->output(work->call, "host", host);
    work->host->output(work->call, "port", port);
    work->host->output(work->call, "username", a.name);
    work->host->output(work->call, "prefix", a.prefix);
    work->host->secret_output(work->call, "password", password_of(&a));
    snprintf(url, sizeof url, "redis%s://%s:%s@%s%s%s:%s", tls ? "s" : "", a.name, password_of(&a), strchr(host, ':') ? "[" : "", host,
             strchr(host, ':') ? "]" : "", port);
    work->host->secret_output(work->call, "url", url);
    explicit_bzero(url, sizeof url);
    return INNO_OK;
}

/* ---- removing ---- */

/* All of them at once; keys are any bytes. */
static inno_rc unlink_keys(struct resp *r, const struct resp_value *keys)
{
    struct resp_word *words = calloc(keys->count + 1, sizeof *words);
    size_t count = 1;
    inno_rc rc;

    if (!words)
        return r->host->fail(r->call, INNO_TRANSIENT, -1, "out of memory");
    words[0] = (struct resp_word){"UNLINK", 6};
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].text)
            words[count++] = (struct resp_word){keys->items[i].text, keys->items[i].len};
    rc = resp_send(r, "removing keys", words, count, NULL, NULL);
    free(words);
    return rc;
}

/* A round of SCAN: removes what it found; *cursor becomes "0" when all was seen. */
static inno_rc remove_some(struct resp *r, const struct account *a, char cursor[32])
{
    const char *const scan[] = {"SCAN", cursor, "MATCH", a->keys + 1, "COUNT", "1000"};
    CLEANUP(resp_free) struct resp_value found = {0};
    inno_rc rc = resp_ask(r, "looking for keys", scan, 6, &found, NULL);

    if (rc != INNO_OK)
        return rc;
    if (found.kind != '*' || found.count != 2 || !found.items[0].text)
        return r->host->fail(r->call, INNO_FAILED, -1, "Redis at %s: SCAN gave no cursor", r->address);
    snprintf(cursor, 32, "%s", found.items[0].text);
    return found.items[1].count ? unlink_keys(r, &found.items[1]) : INNO_OK;
}

static inno_rc deprovision(struct local_work *work)
{
    CLEANUP(account_fini) struct account a;
    CLEANUP(resp_close) struct resp r = {.fd = -1};
    char cursor[32] = "0";
    inno_rc rc = open_server(work, &r);

    make_account(work->res, &a);
    if (rc == INNO_OK) { /* first the user, so that nobody writes any more; its connections end with it */
        const char *const words[] = {"ACL", "DELUSER", a.name};

        rc = resp_ask(&r, "removing the user", words, 3, NULL, NULL);
    }
    if (rc == INNO_OK)
        rc = keep_users(work, &r);
    do {
        if (rc == INNO_OK)
            rc = remove_some(&r, &a, cursor);
    } while (rc == INNO_OK && strcmp(cursor, "0") != 0);
    return rc == INNO_OK ? local_record_remove(work) : rc;
}

/* ---- status ---- */

/* What somebody changed; NULL when nothing. */
static const char *find_defect(const struct resp_value *user, const struct account *a)
{
    if (!lists(member(user, "flags"), "on"))
        return "the user was switched off by hand";
    if (!a->hash[0])
        return "its record is gone, so its password is not known any more; the next deployment sets a new one";
    if (!lists(member(user, "passwords"), a->hash + 1) || member(user, "passwords")->count != 1)
        return "the user's password was changed by hand";
    if (!is_text(member(user, "keys"), a->keys) || !is_text(member(user, "channels"), a->channels))
        return "the user's keys or channels were changed by hand";
    if (member(user, "selectors") && member(user, "selectors")->count)
        return "the user was given more rights by hand (selectors)";
    return NULL;
}

/* The server tells the user's commands in changing words, so it is asked what they allow. Servers before version 7 cannot say. */
static inno_rc try_commands(struct resp *r, const struct account *a, const char **out_defect)
{
    char key[120];
    const char *const tries[][6] = {
        {"ACL", "DRYRUN", a->name, "FLUSHALL"}, {"ACL", "DRYRUN", a->name, "ACL", "LIST"}, {"ACL", "DRYRUN", a->name, "GET", key}};
    static const size_t counts[] = {4, 5, 5};
    static const bool allowed[] = {false, false, true};
    inno_rc rc = INNO_OK;

    snprintf(key, sizeof key, "%sx", a->prefix);
    for (size_t i = 0; i < 3 && rc == INNO_OK && !*out_defect; i++) {
        CLEANUP(resp_free) struct resp_value answer = {0};
        bool refusal = false;

        rc = resp_ask(r, "trying the user's commands", tries[i], counts[i], &answer, &refusal);
        if (rc == INNO_OK && !refusal && (answer.kind == '+') != allowed[i])
            *out_defect = "the user's commands were changed by hand";
    }
    return rc;
}

/* Is the user there, and what did somebody change? */
static inno_rc look(struct local_work *work, struct resp *r, struct account *a, bool *out_there, const char **out_defect)
{
    CLEANUP(resp_free) struct resp_value user = {0};
    const char *words[] = {"ACL", "GETUSER", a->name};
    inno_rc rc = read_record(work, a);

    if (rc == INNO_OK)
        rc = resp_ask(r, "looking at the user", words, 3, &user, NULL);
    *out_there = rc == INNO_OK && user.kind != '_';
    if (!*out_there)
        return rc;
    *out_defect = find_defect(&user, a);
    return try_commands(r, a, out_defect);
}

static inno_rc status(struct local_work *work)
{
    CLEANUP(account_fini) struct account a;
    CLEANUP(resp_close) struct resp r = {.fd = -1};
    const char *defect = NULL;
    bool there = false;
    inno_rc rc = open_server(work, &r);

    make_account(work->res, &a);
    if (rc == INNO_OK)
        rc = look(work, &r, &a, &there, &defect);
    if (rc != INNO_OK)
        return rc;
    if (there)
        work->host->status(work->call, defect ? INNO_STATE_DEGRADED : INNO_STATE_ACTIVE, defect);
    else
        work->host->status(work->call, INNO_STATE_TERMINATED, "the user is not there");
    return INNO_OK;
}

/* A user that would be made, or made as it was. */
static inno_rc plan(struct local_work *work)
{
    static const char *const known[] = {NULL};
    CLEANUP(account_fini) struct account a;
    CLEANUP(resp_close) struct resp r = {.fd = -1};
    CLEANUP(json_put) json_t *shall = NULL, *is = NULL;
    const char *defect = NULL;
    bool there = false;
    inno_rc rc;

    make_account(work->res, &a);
    rc = local_check_params(work, known);
    if (rc == INNO_OK)
        rc = open_server(work, &r);
    if (rc == INNO_OK)
        rc = look(work, &r, &a, &there, &defect);
    if (rc != INNO_OK)
        return rc;
    shall = json_pack("{s:s}", "user", a.name);
    is = there ? json_pack("{s:s}", "user", defect ? defect : a.name) : NULL;
    return tell_changes(work->host, work->call, tell_diff(shall, is));
}

inno_rc redis_health(const struct local *self, const inno_host *host, inno_call *call)
{
    static const char *const words[] = {"ACL", "WHOAMI"};
    const struct local_work work = {.self = self, .host = host, .call = call};
    CLEANUP(resp_close) struct resp r = {.fd = -1};
    inno_rc rc = open_server(&work, &r);

    return rc == INNO_OK ? resp_ask(&r, "looking at the server", words, 2, NULL, NULL) : rc;
}

static inno_rc hints(struct local_work *work)
{
    struct account a;
    char host[256], port[16], text[500];
    bool tls = false;
    inno_rc rc = server_of(work, host, port, &tls);

    if (rc != INNO_OK)
        return rc;
    make_account(work->res, &a);
    snprintf(text, sizeof text, "redis-cli%s -h %s -p %s --user %s --askpass", tls ? " --tls" : "", host, port, a.name);
    work->host->hint(work->call, INNO_HINT_COMMAND, "open it", text);
    return INNO_OK;
}

const struct local_type local_redis = {"redis", "redis", provision, deprovision, status, hints, plan};
