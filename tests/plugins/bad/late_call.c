/* Keeps the call and uses it after the slot returned, from a thread that lives on. */
#include "common.h"
#include <pthread.h>
#include <stdatomic.h>

static const inno_host *kept_host;
static inno_call *kept_call;
static _Atomic int turn;

static void *later(void *ctx)
{
    (void)ctx;
    while (atomic_load(&turn) == 0)
        usleep(1000);
    kept_host->log(kept_call, INNO_LOG_INFO, "still here");
    atomic_store(&turn, 2);
    return NULL;
}

SLOT(deed)
{
    pthread_t thread;

    UNUSED();
    if (inno_get_has(res, "again")) {
        atomic_store(&turn, 1);
        while (atomic_load(&turn) != 2)
            usleep(1000);
        return INNO_OK;
    }
    kept_host = host;
    kept_call = call;
    return pthread_create(&thread, NULL, later, NULL) == 0 ? INNO_OK : INNO_FAILED;
}

BAD_PLUGIN("late-call", deed)
