/* See kube_world.h. */
#include "kube_world.h"
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define POLLS 600

static void pause_ms(int64_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void read_ca(struct kube_world *w)
{
    FILE *file = getenv("INNO_KUBE_CA") ? fopen(getenv("INNO_KUBE_CA"), "re") : NULL;

    if (!file)
        return;
    w->ca[fread(w->ca, 1, sizeof w->ca - 1, file)] = '\0';
    fclose(file);
}

inno_rc kube_reopen_with(struct kube_world *w, const char *config)
{
    json_t *references = w->p.references;
    inno_rc (*exec)(const inno_exec *, inno_exec_result *) = w->p.exec, rc;

    fake_close(&w->p);
    rc = fake_open(&w->p, "kubernetes", test_dir(), config);
    w->p.references = references;
    w->p.exec = exec;
    return rc;
}

inno_rc kube_reopen(struct kube_world *w, const char *more)
{
    char config[6000];

    snprintf(config, sizeof config, "{\"kubeconfig\":\"%s\",\"timeout\":\"20s\"%s%s}", getenv("INNO_KUBE_KUBECONFIG"), more ? "," : "",
             more ? more : "");
    return kube_reopen_with(w, config);
}

void kube_begin(struct kube_world *w, const char *team, const char *more)
{
    struct rest_settings settings = {.backend = "test", .url = getenv("INNO_KUBE_URL")};

    *w = (struct kube_world){.state = "{}", .real = getenv("INNO_KUBE_REAL") != NULL};
    signal(SIGPIPE, SIG_IGN);
    read_ca(w);
    settings.ca_pem = w->ca[0] ? w->ca : NULL;
    snprintf(w->team, sizeof w->team, "t-%s", team);
    snprintf(w->space, sizeof w->space, "t-%.40s-development", team);
    fake_begin(&w->own);
    CU_ASSERT_EQUAL_FATAL(rest_new(&fake_host, &w->own.call, &settings, &w->rest), INNO_OK);
    CU_ASSERT_EQUAL_FATAL(kube_reopen(w, more), INNO_OK);
}

void kube_end(struct kube_world *w)
{
    char path[200];

    snprintf(path, sizeof path, "/api/v1/namespaces/%s", w->space);
    json_decref(kube_ask(w, "DELETE", path, NULL));
    fake_close(&w->p);
    rest_free(w->rest);
    fake_close(&w->own);
}

json_t *kube_ask(struct kube_world *w, const char *method, const char *path, const char *body)
{
    char bearer[2000];
    struct rest_header headers[] = {{"Authorization", bearer}, {0}};
    const char *type = strcmp(method, "PATCH") == 0 ? "application/merge-patch+json" : NULL;

    snprintf(bearer, sizeof bearer, "Bearer %s", getenv("INNO_KUBE_TOKEN"));
    return world_exchange(w->rest, &w->own,
                          (struct rest_request){.method = method, .path = path, .headers = headers, .body = body, .content_type = type},
                          &w->status);
}

/* The whole path of a short one. */
static void whole_path(const struct kube_world *w, const char *path, char *out, size_t cap)
{
    const char *at = strstr(path, "%s");

    if (at)
        snprintf(out, cap, "/%.*s%s%s", (int)(at - path), path, w->space, at + 2);
    else if (path[0] == '/')
        snprintf(out, cap, "%s", path);
    else
        snprintf(out, cap, "/api/v1/namespaces/%s/%s", w->space, path);
}

int kube_do(struct kube_world *w, const char *method, const char *path, const char *body)
{
    char whole[600];

    whole_path(w, path, whole, sizeof whole);
    json_decref(kube_ask(w, method, whole, body));
    return w->status;
}

void kube_edit(struct kube_world *w, const char *path, const char *patch)
{
    char whole[700];

    whole_path(w, path, whole, sizeof whole - 40);
    snprintf(whole + strlen(whole), 40, "?fieldManager=kubectl-edit");
    json_decref(kube_ask(w, "PATCH", whole, patch));
    CU_ASSERT_EQUAL(w->status, 200);
}

const char *kube_text(struct kube_world *w, const char *path, const char *member)
{
    static char text[2000];
    char whole[600], part[200];
    json_t *root, *at;

    whole_path(w, path, whole, sizeof whole);
    at = root = kube_ask(w, "GET", whole, NULL);
    while (*member && at) {
        size_t len = strcspn(member, "|");

        snprintf(part, sizeof part, "%.*s", (int)len, member);
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part)) : json_object_get(at, part);
        member += len + (member[len] == '|');
    }
    text[0] = '\0';
    if (json_is_string(at))
        snprintf(text, sizeof text, "%s", json_string_value(at));
    else if (json_is_integer(at))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(at));
    json_decref(root);
    return text;
}

size_t kube_count(struct kube_world *w, const char *path)
{
    char whole[600];
    json_t *list, *item;
    size_t i, count = 0;

    whole_path(w, path, whole, sizeof whole);
    list = kube_ask(w, "GET", whole, NULL);
    json_array_foreach(json_object_get(list, "items"), i, item)
    {
        json_t *metadata = json_object_get(item, "metadata");
        const char *name = json_string_value(json_object_get(metadata, "name"));

        count += strcmp(name, "kube-root-ca.crt") != 0 && strncmp(name, "default-token", 13) != 0 &&
                 !json_object_get(metadata, "deletionTimestamp");
    }
    json_decref(list);
    return count;
}

static void keep(struct kube_world *w)
{
    json_t *line;
    size_t i;

    world_keep(&w->p, w->state, sizeof w->state);
    json_array_foreach(w->p.call.logs, i, line)
    {
        size_t used = strlen(w->log);

        snprintf(w->log + used, sizeof w->log - used, "%s\n", json_string_value(line));
    }
}

inno_rc kube_run_as(struct kube_world *w, enum fake_slot slot, uint32_t operation, const char *type, const char *name, const char *params)
{
    char uid[200];
    struct fake_resource about = {
        .type = type, .name = name, .params = params, .uid = uid, .state = w->state, .team = w->team, .operation = operation};
    bool is_workload = strcmp(type, "workload") == 0;
    inno_rc rc;

    snprintf(uid, sizeof uid, "%s.default#%s%s", type, is_workload ? "" : "shop.", name);
    for (w->polls = 0;; w->polls++) {
        rc = fake_run(&w->p, slot, &about);
        keep(w);
        if (rc != INNO_PENDING || w->polls >= POLLS)
            return rc;
        CU_ASSERT(w->p.call.poll_ms >= 100);
        if (w->real)
            pause_ms(500);
    }
}

inno_rc kube_run(struct kube_world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    return kube_run_as(w, slot, 0, type, name, params);
}

inno_rc kube_action(struct kube_world *w, const char *action, const char *name, const char *params, fake_invoke invoke, void *ctx)
{
    char uid[200];
    struct fake_resource about = {.type = "workload", .name = name, .params = params, .uid = uid, .state = w->state, .team = w->team};
    inno_rc rc;

    snprintf(uid, sizeof uid, "workload.default#%s", name);
    for (w->polls = 0;; w->polls++) {
        rc = fake_action(&w->p, action, &about, invoke, ctx);
        keep(w);
        if (rc != INNO_PENDING || w->polls >= POLLS)
            return rc;
        if (w->real)
            pause_ms(500);
    }
}

void kube_well(struct kube_world *w, enum fake_slot slot, const char *type, const char *name, const char *params)
{
    inno_rc rc = kube_run(w, slot, type, name, params);

    if (rc != INNO_OK)
        fprintf(stderr, "%s %s: %d %s\n%s", type, name, (int)rc, w->p.call.failure, w->log);
    CU_ASSERT_EQUAL(rc, INNO_OK);
}

void kube_status(struct kube_world *w, const char *type, const char *name, const char *params, const char *state, const char *text)
{
    kube_well(w, FAKE_STATUS, type, name, params);
    ASSERT_TEXT(w->p.call.status, state);
    ASSERT_CONTAINS(w->p.call.status_text, text);
}

inno_rc kube_step(struct kube_world *w, const char *type, const char *config)
{
    inno_rc rc;

    for (w->polls = 0; (rc = fake_step(&w->p, type, w->team, config)) == INNO_PENDING && w->polls < POLLS; w->polls++) {
        keep(w);
        if (w->real)
            pause_ms(500);
    }
    keep(w);
    return rc;
}

void kube_forget(struct kube_world *w) { snprintf(w->state, sizeof w->state, "{}"); }
