/* Calls the host from a thread of its own. */
#include "common.h"
#include <pthread.h>

struct job {
    const inno_host *host;
    inno_call *call;
};

static void *work(void *ctx)
{
    struct job *job = ctx;

    job->host->output(job->call, "from", "another thread");
    return NULL;
}

SLOT(deed)
{
    struct job job = {host, call};
    pthread_t thread;

    UNUSED();
    if (pthread_create(&thread, NULL, work, &job) != 0)
        return host->fail(call, INNO_FAILED, 0, "no thread");
    pthread_join(thread, NULL);
    return INNO_OK;
}

BAD_PLUGIN("other-thread", deed)
