/* Owns the calls of `plugin check`: what the engine does for a resource, without an engine. Callbacks come on the plugin loop; all else is
 * the main thread's. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/check.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define LIFE_MS      100 /* a call that says nothing is asked to stop after this time */
#define PARAMS_DEPTH 16
#define POLL_MS      2000 /* at most, between polls */

/* The name of the instance means nothing to anybody. */
const char *check_reason(const char *text)
{
    text += str_starts(text, "plugin " CHECK_INSTANCE ": ") ? strlen("plugin ") : 0;
    return text + (str_starts(text, CHECK_INSTANCE ": ") ? strlen(CHECK_INSTANCE ": ") : 0);
}

/* ---- things ---- */

void check_thing_init(struct check *k, struct check_thing *thing)
{
    unsigned n = ++k->serial;

    *thing = (struct check_thing){.state = NULL};
    snprintf(thing->uid, sizeof thing->uid, "check/development/thing-%08u", n);
    snprintf(thing->id, sizeof thing->id, "r-0000000000000000%010u", n);
    snprintf(thing->name, sizeof thing->name, "thing-%08u", n);
    snprintf(thing->key, sizeof thing->key, "check-%032u", n);
}

void check_thing_fini(struct check_thing *thing)
{
    free(thing->state);
    thing->state = NULL;
    json_put(&thing->outputs);
    json_put(&thing->secrets);
}

/* ---- one attempt ---- */

struct attempt {
    struct check *k;
    struct check_call *call;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool alive, done;
    int64_t poll_ms;
};

static void note_life(struct attempt *a, int pid)
{
    pthread_mutex_lock(&a->lock);
    a->alive = true;
    a->call->pid = pid ? pid : a->call->pid;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

static void on_log(void *ctx, const char *level, const char *text)
{
    (void)level;
    (void)text;
    note_life(ctx, 0);
}

static void on_progress(void *ctx, int percent, const char *text)
{
    (void)percent;
    (void)text;
    note_life(ctx, 0);
}

/* The host may die before the state is durable, or after it. */
static void on_checkpoint(void *ctx, struct plugin_call *call, const char *state)
{
    struct attempt *a = ctx;
    struct check_call *c = a->call;

    bool dies = ++c->checkpoints == c->kill_at;

    note_life(a, plugin_call_pid(call));
    if (!dies || !c->lose_state) {
        free(c->thing->state);
        c->thing->state = mem_strdup(state);
    }
    if (dies && c->pid > 0)
        kill(c->pid, SIGKILL);
    else
        plugin_checkpointed(a->k->bench.manager, call, true);
}

static void take(json_t **to, const json_t *from)
{
    json_put(to);
    *to = json_clone(from);
}

static void on_done(void *ctx, const struct plugin_result *result)
{
    struct attempt *a = ctx;
    struct check_call *c = a->call;

    pthread_mutex_lock(&a->lock);
    c->outcome = result->outcome;
    c->err = result->err;
    memmove(c->err.msg, check_reason(c->err.msg), strlen(check_reason(c->err.msg)) + 1);
    c->killed = result->outcome == PLUGIN_DONE_FAILED && (json_str(result->report, "signal") || result->err.code == ERR_PLUGIN_CRASHED);
    snprintf(c->status, sizeof c->status, "%s", result->status);
    take(&c->outputs, result->outputs);
    take(&c->secrets, result->secrets);
    take(&c->hints, result->hints);
    take(&c->usage, result->usage);
    if (c->thing && result->state && !c->lose_answer) {
        free(c->thing->state);
        c->thing->state = mem_strdup(result->state);
    }
    a->poll_ms = result->poll_after_ms;
    a->done = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

/* Where a backend takes a text only once, such as a key or a domain, params of --params have {thing} in it: the thing's number. */
static json_t *params_of(const json_t *value, const char *number, int depth)
{
    const char *text = json_string_value(value), *at = text ? strstr(text, "{thing}") : NULL;
    json_t *made = json_clone(value), *member;
    const char *key;
    size_t i;

    if (at) {
        json_decref(made);
        return json_sprintf("%.*s%s%s", (int)(at - text), text, number, at + strlen("{thing}"));
    }
    if (depth > PARAMS_DEPTH)
        return made;
    json_object_foreach(made, key, member) json_set_new(made, key, params_of(member, number, depth + 1));
    json_array_foreach(made, i, member) json_array_set_new(made, i, params_of(member, number, depth + 1));
    return made;
}

static json_t *resource_of(const struct check *k, const struct check_call *call)
{
    const struct check_thing *t = call->thing;
    const json_t *params = call->params ? call->params : k->params;
    const char *product = json_str(k->parts.manifest, "product");
    json_t *resource = json_object();
    const char *const texts[][2] = {{"operation", call->change},
                                    {"uid", t->uid},
                                    {"id", t->id},
                                    {"name", t->name},
                                    {"idempotency_key", t->key},
                                    {"type", k->type},
                                    {"class", "default"},
                                    {"application", "check"},
                                    {"environment", "development"},
                                    {"environment_type", "development"},
                                    {"team", "check"},
                                    {"product", product ? product : "check"},
                                    {"org", "default"},
                                    {"state", t->state}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_set_str(resource, texts[i][0], texts[i][1]);
    json_set_int(resource, "generation", 1);
    json_set_new(resource, "params", params_of(params, strrchr(t->name, '-') + 1, 0));
    if (!str_eq(call->change, "create"))
        json_set_new(resource, "prior_params", params_of(k->params, strrchr(t->name, '-') + 1, 0));
    json_set_new(resource, "outputs", json_clone(t->outputs));
    return resource;
}

static int start(struct attempt *a, int64_t left_ms, struct plugin_call **out, struct err *err)
{
    struct check_call *c = a->call;
    CLEANUP(json_put) json_t *resource = c->thing ? resource_of(a->k, c) : NULL;
    struct plugin_request request = {.instance = CHECK_INSTANCE,
                                     .operation = c->operation,
                                     .resource = resource,
                                     .action = c->action,
                                     .arguments = c->arguments,
                                     .trace_id = "0af7651916cd43dd8448eb211c80319c",
                                     .deadline_ms = left_ms,
                                     .events = {.log = on_log, .progress = on_progress, .checkpoint = on_checkpoint, .done = on_done},
                                     .ctx = a};

    a->alive = a->done = false;
    return plugin_call_start(a->k->bench.manager, &request, out, err);
}

static void wait_done(struct attempt *a)
{
    pthread_mutex_lock(&a->lock);
    while (!a->done)
        pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

static void stop_it(struct attempt *a, struct plugin_call *call)
{
    int64_t until = clock_now_us() + LIFE_MS * US_PER_MS, asked;
    struct timespec at = {until / US_PER_SEC, until % US_PER_SEC * 1000};
    bool done;

    pthread_mutex_lock(&a->lock);
    while (!a->alive && !a->done && pthread_cond_timedwait(&a->changed, &a->lock, &at) == 0)
        ;
    done = a->done;
    pthread_mutex_unlock(&a->lock);
    if (done)
        return;
    asked = clock_mono_us();
    plugin_cancel(a->k->bench.manager, call);
    wait_done(a);
    a->call->stopped_us = clock_mono_us() - asked;
}

static void nap(int64_t ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&time, &time) < 0)
        ;
}

/* ---- a whole call ---- */

static void attempt_init(struct attempt *a, struct check *k, struct check_call *call)
{
    *a = (struct attempt){.k = k, .call = call};
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
}

static void attempt_fini(struct attempt *a)
{
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
}

/* Until it says something else than PENDING. */
static int run(struct attempt *a, int64_t until_us)
{
    struct check_call *c = a->call;

    for (;;) {
        int64_t left_ms = (until_us - clock_mono_us()) / US_PER_MS;
        struct plugin_call *call = NULL;

        if (left_ms <= 0)
            return err_set(&c->err, ERR_PLUGIN_TIMEOUT, "it is still pending after %lld s", (long long)(a->k->call_ms / 1000));
        if (start(a, left_ms, &call, &c->err) < 0)
            return -1;
        if (c->cancel)
            stop_it(a, call);
        wait_done(a);
        if (c->outcome != PLUGIN_DONE_PENDING || c->cancel)
            return c->outcome == PLUGIN_DONE_OK ? 0 : -1;
        nap(a->poll_ms < POLL_MS ? a->poll_ms : POLL_MS);
    }
}

int check_call_run(struct check *k, struct check_call *call)
{
    struct attempt a;
    int rc;

    attempt_init(&a, k, call);
    rc = run(&a, clock_mono_us() + k->call_ms * US_PER_MS);
    attempt_fini(&a);
    if (rc == 0 && call->operation == PLUGIN_PROVISION && !call->lose_answer) {
        take(&call->thing->outputs, call->outputs);
        take(&call->thing->secrets, call->secrets);
    }
    return rc;
}

void check_call_fini(struct check_call *call)
{
    json_put(&call->outputs);
    json_put(&call->secrets);
    json_put(&call->hints);
    json_put(&call->usage);
}

size_t check_call_many(struct check *k, struct check_call *calls, size_t count, struct err *first_err)
{
    struct attempt *all = mem_array(count, sizeof *all);
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        struct plugin_call *call;

        attempt_init(&all[i], k, &calls[i]);
        if (start(&all[i], k->call_ms, &call, &calls[i].err) < 0) { /* `done` will not be called: nobody else looks at it */
            all[i].done = true;
            calls[i].outcome = PLUGIN_DONE_FAILED;
        }
    }
    for (size_t i = 0; i < count; i++) {
        wait_done(&all[i]);
        if (calls[i].outcome == PLUGIN_DONE_OK)
            take(&calls[i].thing->outputs, calls[i].outputs);
        if (calls[i].outcome != PLUGIN_DONE_FAILED)
            good++;
        else
            *first_err = calls[i].err;
        attempt_fini(&all[i]);
    }
    free(all);
    return good;
}

int check_make(struct check *k, struct check_thing *thing, struct err *err)
{
    CLEANUP(check_call_fini) struct check_call call = {.operation = PLUGIN_PROVISION, .change = "create", .thing = thing};
    int rc = check_call_run(k, &call);

    if (rc < 0)
        *err = call.err;
    return rc;
}

int check_remove(struct check *k, struct check_thing *thing, struct err *err)
{
    CLEANUP(check_call_fini) struct check_call call = {.operation = PLUGIN_DEPROVISION, .change = "delete", .thing = thing};
    int rc = check_call_run(k, &call);

    if (rc < 0)
        *err = call.err;
    return rc;
}
