/* Owns reading a stream of events: bytes arrive on the net's thread and are cut into lines there; what is a whole event is handed over as
 * text, under the mutex. */
#include "cli/events.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/client.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES (1u << 20)

struct item {
    struct item *next;
    char *text;
};

struct events {
    struct cli *c;
    uint64_t request;
    struct buf line, data; /* the net's thread */
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t came;
    struct item *head, **tail;
    int64_t last;
    bool ended;
    int status;
};

/* ---- on the net's thread ---- */

static void hand_over(struct events *e)
{
    struct item *item = mem_zalloc(sizeof *item);

    item->text = mem_strdup(buf_text(&e->data));
    buf_reset(&e->data);
    *e->tail = item;
    e->tail = &item->next;
    pthread_cond_signal(&e->came);
}

static void take_line(struct events *e, const char *line)
{
    int64_t number;

    pthread_mutex_lock(&e->mutex);
    if (str_starts(line, "data:"))
        buf_add_text(&e->data, line + 5 + (line[5] == ' '));
    else if (str_starts(line, "id:") && str_to_int(line + 3 + (line[3] == ' '), &number))
        e->last = number;
    else if (str_starts(line, ": after ") && str_to_int(line + 8, &number) && number > e->last)
        e->last = number;
    else if (!line[0] && e->data.len)
        hand_over(e);
    pthread_mutex_unlock(&e->mutex);
}

static int on_chunk(void *ctx, const char *bytes, size_t len)
{
    struct events *e = ctx;

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n') {
            if (bytes[i] != '\r')
                buf_add_char(&e->line, bytes[i]);
            continue;
        }
        take_line(e, buf_text(&e->line));
        buf_reset(&e->line);
    }
    return e->line.overflow || e->data.overflow;
}

static void on_done(void *ctx, struct net_response *response, const struct err *err)
{
    struct events *e = ctx;

    (void)err;
    pthread_mutex_lock(&e->mutex);
    e->ended = true;
    e->status = response ? response->status : 0;
    pthread_cond_signal(&e->came);
    pthread_mutex_unlock(&e->mutex);
}

/* ---- on the command's thread ---- */

int events_open(struct cli *c, const char *target, int64_t after, struct events **out, struct err *err)
{
    struct events *e = mem_zalloc(sizeof *e);
    struct client_stream stream = {.target = target, .after = after, .on_chunk = on_chunk, .done = on_done, .ctx = e};

    e->c = c;
    e->last = after;
    e->line = e->data = BUF_INIT(LINE_BYTES);
    e->tail = &e->head;
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->came, NULL);
    if (client_stream_start(c, &stream, &e->request, err) < 0) {
        e->ended = true;
        events_close(e);
        return -1;
    }
    *out = e;
    return 0;
}

void events_close(struct events *e)
{
    if (!e)
        return;
    pthread_mutex_lock(&e->mutex);
    while (!e->ended) {
        pthread_mutex_unlock(&e->mutex);
        client_stream_cancel(e->c, e->request);
        pthread_mutex_lock(&e->mutex);
        if (!e->ended)
            pthread_cond_wait(&e->came, &e->mutex);
    }
    pthread_mutex_unlock(&e->mutex);
    while (e->head) {
        struct item *item = e->head;

        e->head = item->next;
        free(item->text);
        free(item);
    }
    buf_fini(&e->line);
    buf_fini(&e->data);
    pthread_cond_destroy(&e->came);
    pthread_mutex_destroy(&e->mutex);
    free(e);
}

/* Waits for an item; NULL: none came, or the end. */
static struct item *take_item(struct events *e, int64_t timeout_ms)
{
    struct timespec until;
    struct item *item;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!e->head && !e->ended)
        if (pthread_cond_timedwait(&e->came, &e->mutex, &until) == ETIMEDOUT)
            break;
    item = e->head;
    if (item && !(e->head = item->next))
        e->tail = &e->head;
    return item;
}

enum events_more events_next(struct events *e, int64_t timeout_ms, json_t **out, int *out_status)
{
    struct err ignored = {0};
    struct item *item;
    bool ended;

    pthread_mutex_lock(&e->mutex);
    item = take_item(e, timeout_ms);
    ended = e->ended;
    *out_status = e->status;
    pthread_mutex_unlock(&e->mutex);
    if (!item)
        return ended ? EVENTS_END : EVENTS_NONE;
    *out = NULL;
    if (json_parse(item->text, strlen(item->text), "an event", LINE_BYTES, out, &ignored) < 0)
        *out = NULL;
    free(item->text);
    free(item);
    return *out ? EVENTS_ONE : EVENTS_NONE;
}

int64_t events_last(struct events *e)
{
    int64_t last;

    pthread_mutex_lock(&e->mutex);
    last = e->last;
    pthread_mutex_unlock(&e->mutex);
    return last;
}
