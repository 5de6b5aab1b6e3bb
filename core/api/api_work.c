/* Owns the api's own threads, for handlers whose work is long on a CPU (password hashes): HTTP threads never do it. */
#include "api/api_priv.h"
#include "base/log.h"
#include <string.h>

static void *work_run(void *ctx)
{
    struct api *api = ctx;

    pthread_mutex_lock(&api->lock);
    for (;;) {
        struct api_work work;

        while (!api->waiting_count && !api->stopping)
            pthread_cond_wait(&api->work_there, &api->lock);
        if (!api->waiting_count)
            break;
        work = api->waiting[0];
        memmove(api->waiting, api->waiting + 1, --api->waiting_count * sizeof work);
        pthread_mutex_unlock(&api->lock);
        log_set_request(work.request->id);
        work.run(work.request);
        log_set_request(NULL);
        api_resume(work.request);
        pthread_mutex_lock(&api->lock);
    }
    pthread_mutex_unlock(&api->lock);
    return NULL;
}

int api_work_start(struct api *api, struct err *err)
{
    while (api->worker_count < API_WORKERS) {
        int failed = pthread_create(&api->workers[api->worker_count], NULL, work_run, api);

        if (failed)
            return err_set(err, ERR_INTERNAL, "cannot start a thread of the api: %s", strerror(failed));
        api->worker_count++;
    }
    return 0;
}

void api_work_stop(struct api *api)
{
    pthread_mutex_lock(&api->lock);
    api->stopping = true;
    pthread_cond_broadcast(&api->work_there);
    pthread_mutex_unlock(&api->lock);
    while (api->worker_count)
        pthread_join(api->workers[--api->worker_count], NULL);
}

void api_offload(struct api_request *r, void (*work)(struct api_request *r))
{
    struct api *api = r->api;
    struct err err;
    bool taken;

    /* Suspended before anybody can see it; and if nobody will, resumed with the problem as its reply. */
    api_suspend(r);
    pthread_mutex_lock(&api->lock);
    taken = api->waiting_count < API_WAITING && !api->stopping;
    if (taken) {
        api->waiting[api->waiting_count++] = (struct api_work){r, work};
        pthread_cond_signal(&api->work_there);
    }
    pthread_mutex_unlock(&api->lock);
    if (taken)
        return;
    err_set(&err, ERR_RATE, "too many requests of this kind at once");
    api_problem(r, &err);
    api_resume(r);
}
