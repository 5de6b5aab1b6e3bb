/* The log of a running step: lines are redacted, collected and stored in batches, each batch when the one before it is durable. Any thread.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "workflow/engine_priv.h"
#include <stdarg.h>
#include <string.h>

#define SERVER_LINES 50 /* warnings and errors of one step's plugin in the server's log */

static void free_entries(struct log_entry *entries)
{
    while (entries) {
        struct log_entry *next = entries->next;

        free(entries);
        entries = next;
    }
}

int step_logs_store(struct store_tx *tx, const struct step_work *work, const struct log_entry *entries, struct err *err)
{
    for (; entries; entries = entries->next)
        if (store_exec(tx,
                       "INSERT INTO step_logs (deployment_id, workflow_id, step_id, step, at, stream, level, text) VALUES ($1, $2, $3, $4, "
                       "$5, $6, $7, $8)",
                       STORE_ARGS(store_text(work->deployment_id), store_text(work->workflow->id), store_text(work->step_id),
                                  store_text(work->step->name), store_int(entries->at), store_text(entries->stream),
                                  store_text(entries->level), store_text(entries->text)),
                       NULL, err) < 0)
            return -1;
    return 0;
}

static int flush_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct step_work *work = ctx;

    if (step_logs_store(tx, work, work->flushing, err) < 0)
        return -1;
    return store_notify(tx, "events", err); /* who follows the log looks again */
}

/* Takes the collected lines for one batch. False when a batch is on its way or nothing is there. Lock held. */
static bool take_batch(struct step_work *work)
{
    if (work->flushing || !work->logs)
        return false;
    work->flushing = work->logs;
    work->logs = NULL;
    work->logs_tail = &work->logs;
    return true;
}

/* A batch that could not be stored stands first again. Lock held. */
static void put_back(struct step_work *work)
{
    struct log_entry *last = work->flushing;

    while (last->next)
        last = last->next;
    last->next = work->logs;
    if (!work->logs)
        work->logs_tail = &last->next;
    work->logs = work->flushing;
}

static void flushed(void *ctx, const struct err *result)
{
    struct step_work *work = ctx;
    bool again, finish, failed = result->code != ERR_NONE;

    pthread_mutex_lock(&work->lock);
    if (failed)
        put_back(work);
    else
        free_entries(work->flushing);
    work->flushing = NULL;
    finish = work->ended;
    again = !finish && !failed && take_batch(work); /* after a failure with the next line, or at the end */
    pthread_mutex_unlock(&work->lock);
    if (finish)
        step_finish_now(work);
    else if (again)
        store_write(work->engine->store, flush_unit, work, flushed);
}

static void append(struct step_work *work, const char *stream, const char *level, const char *text)
{
    size_t len = strlen(text);
    struct log_entry *entry = mem_zalloc(sizeof *entry + len + 1);
    bool start;

    entry->at = clock_now_us();
    entry->stream = stream;
    entry->level = level;
    memcpy(entry->text, text, len + 1);
    pthread_mutex_lock(&work->lock);
    *work->logs_tail = entry;
    work->logs_tail = &entry->next;
    start = !work->ended && take_batch(work); /* after the end the finishing transaction takes them */
    pthread_mutex_unlock(&work->lock);
    if (start)
        store_write(work->engine->store, flush_unit, work, flushed);
}

static const char *known_level(const char *level)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};

    for (int i = 0; i < 4; i++)
        if (str_eq(level, levels[i]))
            return levels[i];
    return "info";
}

/* A cut character or a byte that is no text becomes '?': PostgreSQL takes text only. */
static void make_utf8(char *text)
{
    size_t len = strlen(text);

    if (str_is_utf8(text, len))
        return;
    for (size_t at = 0; at < len;) {
        size_t most = len - at < 4 ? len - at : 4, n = 1;

        while (n <= most && !str_is_utf8(text + at, n))
            n++;
        if (n > most)
            text[at] = '?';
        at += n > most ? 1 : n;
    }
}

/* What a plugin says stands in the server's log too, with the deployment's trace id: warnings and errors as such, a few of each step, so
 * that no plugin fills that log; the rest for those who debug. */
static void tell_server(struct step_work *work, const char *level, const char *text)
{
    bool grave = str_eq(level, "warn") || str_eq(level, "error");

    if (grave)
        grave = atomic_fetch_add(&work->server_lines, 1) < SERVER_LINES;
    log_write(grave ? LOG_WARN : LOG_DEBUG, "plugin",
              LOGF({"deployment", work->deployment_id}, {"step", work->step ? work->step->name : work->step_id},
                   {"trace_id", work->run && work->run->trace_id ? work->run->trace_id : ""}),
              "%s", text);
}

void step_log(struct step_work *work, const char *stream, const char *level, const char *fmt, ...)
{
    CLEANUP(free_ptr) char *text = mem_alloc(LIMIT_LOG_LINE_BYTES);
    bool first_over, over;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, LIMIT_LOG_LINE_BYTES, fmt, ap);
    va_end(ap);
    redactor_apply(work->redactor, text, LIMIT_LOG_LINE_BYTES);
    make_utf8(text);
    if (str_eq(stream, "plugin"))
        tell_server(work, level, text);
    pthread_mutex_lock(&work->lock);
    first_over = work->log_bytes <= LIMIT_STEP_LOG_BYTES;
    work->log_bytes += strlen(text) + 1;
    over = work->log_bytes > LIMIT_STEP_LOG_BYTES;
    pthread_mutex_unlock(&work->lock);
    if (!over)
        append(work, stream, known_level(level), text);
    else if (first_over)
        append(work, "core", "warn", "the log of this step has reached its limit; the rest is left out");
}

/* With a batch on its way, `flushed` goes on; `ended` is what both agree on under the lock. */
void step_finish(struct step_work *work)
{
    bool wait;

    pthread_mutex_lock(&work->lock);
    work->ended = true;
    wait = work->flushing != NULL;
    pthread_mutex_unlock(&work->lock);
    if (!wait)
        step_finish_now(work);
}
