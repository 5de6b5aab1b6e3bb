/* Writes units as fast as they are acknowledged, several at a time, until it is killed (test_kill.c). Prints N once all units up to N are
 * durable. */
#include "store/store.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define WINDOW 32

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int64_t durable[WINDOW]; /* the last durable number of each slot */
static int64_t printed, started;

static int write_two(struct store_tx *tx, void *ctx, struct err *err)
{
    static const char *const sql = "INSERT INTO login_attempts (who, at) VALUES ($1, $2)";
    int64_t n = (int64_t)(intptr_t)ctx;

    if (store_exec(tx, sql, STORE_ARGS(store_text("first"), store_int(n)), NULL, err) < 0)
        return -1;
    return store_exec(tx, sql, STORE_ARGS(store_text("second"), store_int(n)), NULL, err);
}

static void done(void *ctx, const struct err *result)
{
    int64_t n = (int64_t)(intptr_t)ctx;

    if (result->code != ERR_NONE) {
        fprintf(stderr, "%s\n", result->msg);
        _Exit(1);
    }
    pthread_mutex_lock(&mutex);
    durable[n % WINDOW] = n;
    while (durable[(printed + 1) % WINDOW] == printed + 1)
        printf("%lld\n", (long long)++printed);
    fflush(stdout);
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
}

int main(int argc, char **argv)
{
    struct store *s = NULL;
    struct err err;

    if (argc != 2 || store_open(&(struct store_options){.url = argv[1]}, &s, &err) < 0) {
        fprintf(stderr, "%s\n", argc == 2 ? err.msg : "usage: store_writer URL");
        return 1;
    }
    for (;;) {
        int64_t n;

        pthread_mutex_lock(&mutex);
        while (started - printed >= WINDOW - 1)
            pthread_cond_wait(&changed, &mutex);
        n = ++started;
        pthread_mutex_unlock(&mutex);
        store_write(s, write_two, (void *)(intptr_t)n, done);
    }
}
