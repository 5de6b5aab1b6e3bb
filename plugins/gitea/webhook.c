/* gitea-webhook {repository or org, url, events, secret, contentType, branchFilter, authorization, active, type, adopt} -> id, url: calls
 * of another system. Gitea keeps no name for a webhook, so one with the same address that was there before is not taken unless params.adopt
 * says so. Slot's thread. */
#include "gitea.h"
#include "random_text.h"
#include "sha256.h"
#include <stdio.h>
#include <string.h>

#define SALT_DIGITS  12
#define PRINT_DIGITS 8
#define PRINT_BYTES  (SALT_DIGITS + 1 + PRINT_DIGITS + 1)

static const char *const content_types[] = {"json", "form", NULL};
static const char *const kinds[] = {"gitea",   "gogs",   "slack",  "discord",    "dingtalk",  "telegram",
                                    "msteams", "feishu", "matrix", "wechatwork", "packagist", NULL};
static const struct field fields[] = {
    {"repository", FIELD_TEXT, .least = 1, .most = 141, .letters = GITEA_PATH_LETTERS},
    {"org", FIELD_TEXT, .least = 1, .most = 40, .letters = GITEA_LETTERS},
    {"url", FIELD_TEXT, .required = true, .least = 8, .most = 1000},
    {"events", FIELD_TEXTS, .least = 1, .most = 60, .items = 30, .letters = "abcdefghijklmnopqrstuvwxyz_"},
    {"secret", FIELD_TEXT, .least = 1, .most = 1000},
    {"contentType", FIELD_TEXT, .choices = content_types},
    {"branchFilter", FIELD_TEXT, .most = 255},
    {"authorization", FIELD_TEXT, .least = 1, .most = 2000},
    {"active", FIELD_BOOL},
    {"type", FIELD_TEXT, .choices = kinds},
    {"adopt", FIELD_BOOL},
    {NULL}};

struct hook {
    struct gitea_repo repo; /* "" of an organisation's */
    char org[GITEA_OWNER_BYTES];
    json_t *there;  /* NULL: none */
    json_t *before; /* ids of all that are there */
    bool adopted;
};

static void hook_fini(struct hook *h)
{
    json_decref(h->there);
    json_decref(h->before);
}

/* The list's path, or that of one. */
static char *path_of(const struct hook *h, const json_t *id)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)json_integer_value(id));
    if (h->org[0])
        return id ? rest_path("/api/v1/orgs/{}/hooks/{}", h->org, text) : rest_path("/api/v1/orgs/{}/hooks", h->org);
    return id ? rest_path("/api/v1/repos/{}/{}/hooks/{}", h->repo.owner, h->repo.name, text)
              : rest_path("/api/v1/repos/{}/{}/hooks", h->repo.owner, h->repo.name);
}

static inno_rc place(struct gitea_work *work, struct hook *h)
{
    const char *org = field_text(work->params, "org", NULL), *url = field_text(work->params, "url", "");

    if (!org == !json_object_get(work->params, "repository"))
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "params must have either repository or org");
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "params.url must be an http or https address");
    if (!org)
        return place_repository(work, "repository", &h->repo);
    snprintf(h->org, sizeof h->org, "%s", org);
    return place_allowed(work, org);
}

/* ---- comparing ---- */

/* Gitea tells the single events of which a word stands for several, or one of another name. */
static bool covers(const char *word, const char *event)
{
    static const char *const others[][2] = {
        {"issues_only", "issues"}, {"pull_request_only", "pull_request"}, {"pull_request_comment", "pull_request_review_comment"}};
    size_t len = strlen(word);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(word, others[i][0]) == 0 && strcmp(event, others[i][1]) == 0)
            return true;
    return strcmp(word, event) == 0 || (strncmp(word, event, len) == 0 && event[len] == '_') ||
           (strcmp(word, "issues") == 0 && strncmp(event, "issue_", 6) == 0);
}

static bool is_covered(const json_t *words, const char *event)
{
    const json_t *word;
    size_t i;

    json_array_foreach(words, i, word) if (covers(json_string_value(word), event)) return true;
    return false;
}

/* The first word that stands for none of the events; NULL: all do. */
static const char *unknown_event(const json_t *words, const json_t *events)
{
    const json_t *word, *event;
    size_t i, k;

    json_array_foreach(words, i, word)
    {
        bool found = false;

        json_array_foreach(events, k, event) found =
            found || (json_is_string(event) && covers(json_string_value(word), json_string_value(event)));
        if (!found)
            return json_string_value(word);
    }
    return NULL;
}

static bool same_events(const json_t *wanted, const json_t *actual)
{
    const json_t *event;
    size_t i;

    json_array_foreach(actual, i, event) if (json_is_string(event) && !is_covered(wanted, json_string_value(event))) return false;
    return !unknown_event(wanted, actual);
}

/* ---- the secret, which Gitea neither tells nor changes ---- */

/* SALT:DIGITS of the secret that the webhook was made with: enough to see that it is another one, too little to find it. */
static void print_secret(const char *secret, const char *salt, char out[PRINT_BYTES])
{
    const char *const parts[] = {salt, secret};
    char hex[65];

    sha256_texts(parts, 2, hex);
    snprintf(out, PRINT_BYTES, "%.*s:%.*s", SALT_DIGITS, salt, PRINT_DIGITS, hex);
}

static bool has_new_secret(const struct gitea_work *work)
{
    const char *secret = field_text(work->params, "secret", NULL), *kept = field_text(work->state, "secret", NULL);
    char salt[SALT_DIGITS + 1], now[PRINT_BYTES];

    if (!secret || !kept)
        return secret || kept;
    snprintf(salt, sizeof salt, "%s", kept);
    print_secret(secret, salt, now);
    return strcmp(kept, now) != 0;
}

/* New reference. Without the secret and the header. */
static json_t *describe(const struct gitea_work *work)
{
    const json_t *events = json_object_get(work->params, "events");

    return json_pack("{s:{s:s,s:s},s:o,s:s,s:b}", "config", "url", field_text(work->params, "url", ""), "content_type",
                     field_text(work->params, "contentType", "json"), "events",
                     json_array_size(events) ? json_incref((json_t *)(uintptr_t)events) : json_pack("[s]", "push"), "branch_filter",
                     field_text(work->params, "branchFilter", ""), "active", field_bool(work->params, "active", true));
}

/* It has another Authorization header, as far as the server tells. */
static bool has_other_header(const struct gitea_work *work, const struct hook *h)
{
    const char *there = field_text(h->there, "authorization_header", NULL), *wanted = field_text(work->params, "authorization", "");

    return there && strcmp(there, wanted) != 0;
}

static json_t *compare(const struct gitea_work *work, const struct hook *h)
{
    CLEANUP(json_put) json_t *wanted = describe(work), *actual = h->there ? json_deep_copy(h->there) : NULL;
    json_t *config = json_object_get(actual, "config"), *events = json_object_get(wanted, "events");

    if (has_other_header(work, h)) { /* without its text */
        json_object_set_new(wanted, "authorization", json_string("(of params)"));
        json_object_set_new(actual, "authorization", json_string("(another one)"));
    }

    if (actual && same_events(events, json_object_get(actual, "events")))
        json_object_set(actual, "events", events);
    if (config) /* other members, such as a Slack channel, are not ours */
        json_object_set_new(
            actual, "config",
            json_pack("{s:s,s:s}", "url", field_text(config, "url", ""), "content_type", field_text(config, "content_type", "")));
    return tell_diff(wanted, actual);
}

static bool was_before(const struct gitea_work *work, const json_t *id)
{
    const json_t *other;
    size_t i;

    json_array_foreach(json_object_get(work->state, "before"), i, other) if (json_equal(other, id)) return true;
    return false;
}

/* The one of the kept id; or one of this address that came after the resource had begun, or that params let it adopt. */
static inno_rc find(struct gitea_work *work, struct hook *h)
{
    const json_t *id = json_object_get(work->state, "id"), *item;
    bool claimed = field_bool(work->state, "claimed", false), adopt = field_bool(work->params, "adopt", false);
    CLEANUP(json_put) json_t *list = NULL;
    json_t *other = NULL;
    inno_rc rc = place(work, h);
    size_t i;

    h->before = json_array();
    if (rc == INNO_OK)
        rc = gitea_list(work, path_of(h, NULL), &list);
    json_array_foreach(list, i, item)
    {
        json_t *number = json_object_get(item, "id");
        const char *address = field_text(json_object_get(item, "config"), "url", "");

        json_array_append(h->before, number);
        if (!h->there && id && json_equal(id, number))
            h->there = json_incref((json_t *)(uintptr_t)item);
        if (!other && !id && strcmp(address, field_text(work->params, "url", "")) == 0 && (adopt || (claimed && !was_before(work, number))))
            other = (json_t *)(uintptr_t)item;
    }
    if (!h->there && other) {
        h->there = json_incref(other);
        h->adopted = !claimed || was_before(work, json_object_get(other, "id"));
    } else {
        h->adopted = field_bool(work->state, "adopted", false);
    }
    return rc;
}

/* ---- slots ---- */

/* The print of before while the secret is the same. */
static json_t *printed(const struct gitea_work *work, const char *secret)
{
    char salt[SALT_DIGITS + 1], made[PRINT_BYTES];

    if (!has_new_secret(work))
        return json_incref(json_object_get(work->state, "secret"));
    if (random_text(salt, SALT_DIGITS) != 0)
        return NULL;
    print_secret(secret, salt, made);
    return json_string(made);
}

static inno_rc keep(struct gitea_work *work, const struct hook *h)
{
    const char *secret = field_text(work->params, "secret", NULL);
    json_t *state;

    if (!h->there)
        return gitea_state(work, json_pack("{s:b,s:O}", "claimed", true, "before", h->before));
    state = json_pack("{s:b,s:O}", "adopted", h->adopted, "id", json_object_get(h->there, "id"));
    if (state && secret && json_object_set_new(state, "secret", printed(work, secret)) != 0) {
        json_decref(state);
        state = NULL;
    }
    return gitea_state(work, state);
}

/* What describe leaves out. */
static json_t *body_of(const struct gitea_work *work)
{
    json_t *body = describe(work), *secret = json_object_get(work->params, "secret"),
           *header = json_object_get(work->params, "authorization");

    if (secret)
        json_object_set(json_object_get(body, "config"), "secret", secret);
    if (header)
        json_object_set(body, "authorization_header", header);
    return body;
}

static inno_rc create(struct gitea_work *work, struct hook *h)
{
    static const int also[] = {404, 0};
    CLEANUP(json_put) json_t *answer = NULL;
    json_t *body;
    int status = 0;
    /* from here on a new one with this address is ours; a second try knows what was there before the first */
    inno_rc rc = field_bool(work->state, "claimed", false) ? INNO_OK : keep(work, h);

    if (rc != INNO_OK)
        return rc;
    body = body_of(work);
    json_object_set_new(body, "type", json_string(field_text(work->params, "type", "gitea")));
    rc = gitea_send(work, "POST", path_of(h, NULL), body, also, &status, &answer);
    if (rc != INNO_OK)
        return rc;
    if (status == 404)
        return GITEA_FAIL(work, INNO_NOT_FOUND, "Gitea has no %s %s for a webhook, or the token may not use it",
                          h->org[0] ? "organisation" : "repository", h->org[0] ? h->org : h->repo.full);
    h->there = json_incref(answer);
    work->host->log(work->call, INNO_LOG_INFO, "added a webhook to %s", h->org[0] ? h->org : h->repo.full);
    return INNO_OK;
}

static inno_rc update(struct gitea_work *work, struct hook *h)
{
    CLEANUP(json_put) json_t *changes = compare(work, h), *answer = NULL;
    bool unseen = json_object_get(work->params, "authorization") && !json_object_get(h->there, "authorization_header");
    inno_rc rc;

    if (!changes)
        return GITEA_NO_MEMORY(work);
    if (!json_array_size(changes) && !unseen)
        return INNO_OK;
    rc = gitea_send(work, "PATCH", path_of(h, json_object_get(h->there, "id")), body_of(work), NULL, NULL, &answer);
    if (rc != INNO_OK)
        return rc;
    if (json_object_get(answer, "id")) {
        json_decref(h->there);
        h->there = json_incref(answer);
    }
    if (json_array_size(changes))
        work->host->log(work->call, INNO_LOG_INFO, "changed the webhook of %s", h->org[0] ? h->org : h->repo.full);
    return INNO_OK;
}

/* A webhook keeps the secret that it was made with: with another one it is made anew. */
static inno_rc replace(struct gitea_work *work, struct hook *h)
{
    inno_rc rc = gitea_delete(work, path_of(h, json_object_get(h->there, "id")));

    if (rc != INNO_OK)
        return rc;
    json_put(&h->there);
    return create(work, h);
}

/* Gitea ignores events that it does not know. */
static inno_rc check_events(struct gitea_work *work, const struct hook *h)
{
    const char *unknown = unknown_event(json_object_get(work->params, "events"), json_object_get(h->there, "events"));

    if (!unknown)
        return INNO_OK;
    return GITEA_FAIL(work, INNO_INVALID_RESOURCE, "Gitea does not know the event \"%.60s\" of params.events", unknown);
}

static inno_rc provision(struct gitea_work *work)
{
    CLEANUP(hook_fini) struct hook h = {.there = NULL};
    inno_rc rc = find(work, &h);

    if (rc == INNO_OK)
        rc = !h.there ? create(work, &h) : has_new_secret(work) ? replace(work, &h) : update(work, &h);
    if (rc == INNO_OK)
        rc = keep(work, &h);
    if (rc == INNO_OK)
        rc = check_events(work, &h);
    if (rc != INNO_OK)
        return rc;
    work->host->output(work->call, "url", field_text(work->params, "url", ""));
    return tell_json(work->host, work->call, "id", json_incref(json_object_get(h.there, "id")));
}

static inno_rc deprovision(struct gitea_work *work)
{
    CLEANUP(hook_fini) struct hook h = {.there = NULL};
    inno_rc rc = find(work, &h);

    if (rc != INNO_OK || !h.there)
        return rc;
    if (!h.adopted)
        return gitea_delete(work, path_of(&h, json_object_get(h.there, "id")));
    work->host->log(work->call, INNO_LOG_WARN, "the webhook was there before and stays");
    return INNO_OK;
}

static inno_rc status(struct gitea_work *work)
{
    CLEANUP(hook_fini) struct hook h = {.there = NULL};
    CLEANUP(json_put) json_t *changes = NULL;
    inno_rc rc = find(work, &h);

    if (rc != INNO_OK)
        return rc;
    changes = compare(work, &h);
    if (!tell_defect(work->host, work->call, "webhook of", h.org[0] ? h.org : h.repo.full, h.there, true, changes))
        work->host->status(work->call, INNO_STATE_ACTIVE, NULL);
    return INNO_OK;
}

static inno_rc plan(struct gitea_work *work)
{
    CLEANUP(hook_fini) struct hook h = {.there = NULL};
    CLEANUP(json_put) json_t *before = json_string("(another one)"), *after = json_string("(of params)");
    json_t *changes;
    inno_rc rc = find(work, &h);

    if (rc != INNO_OK)
        return rc;
    changes = compare(work, &h);
    if (h.there && has_new_secret(work) && !tell_add(changes, "secret", before, after))
        json_put(&changes);
    return tell_changes(work->host, work->call, changes);
}

static inno_rc hints(struct gitea_work *work)
{
    struct hook h = {.there = NULL};
    const json_t *id = json_object_get(work->state, "id");
    char text[500];
    inno_rc rc = place(work, &h);

    if (rc != INNO_OK)
        return rc;
    snprintf(text, sizeof text, "%.240s/%s%s/settings/hooks", rest_url(work->self->rest), h.org[0] ? "org/" : "",
             h.org[0] ? h.org : h.repo.full);
    if (id)
        snprintf(text + strlen(text), sizeof text - strlen(text), "/%lld", (long long)json_integer_value(id));
    work->host->hint(work->call, INNO_HINT_DASHBOARD, "its deliveries", text);
    return INNO_OK;
}

const struct gitea_type gitea_webhook = {"gitea-webhook", fields, provision, deprovision, status, hints, plan};
