/* Owns the net's thread: it moves every exchange with curl_multi and sleeps in curl_multi_poll when nothing happens.
 * Other threads only put calls on a list and wake it; the first of them starts it. */
#include "net/net.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "net/net_priv.h"
#include <string.h>

/* ---- the thread ---- */

static void list_remove(struct net *net, struct net_call *call)
{
    pthread_mutex_lock(&net->lock);
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    pthread_mutex_unlock(&net->lock);
}

static void end_call(struct net *net, struct net_call *call, CURLcode result, enum err_code forced)
{
    if (call->added)
        curl_multi_remove_handle(net->multi, call->easy);
    list_remove(net, call);
    net_call_finish(call, result, forced);
    net_call_free(call);
}

/* Takes calls that are new or canceled. Returns false when the net is stopping. */
static bool take_work(struct net *net, bool *out_canceling)
{
    bool going;

    pthread_mutex_lock(&net->lock);
    going = !net->stopping;
    *out_canceling = net->canceling;
    net->canceling = false;
    for (struct net_call *call = net->calls; call; call = call->next)
        if (!call->added) {
            call->added = true;
            if (curl_multi_add_handle(net->multi, call->easy) != CURLM_OK)
                mem_die(sizeof *call);
        }
    pthread_mutex_unlock(&net->lock);
    return going;
}

static struct net_call *find_canceled(struct net *net)
{
    struct net_call *found;

    pthread_mutex_lock(&net->lock);
    for (found = net->calls; found && !atomic_load(&found->cancel); found = found->next)
        ;
    pthread_mutex_unlock(&net->lock);
    return found;
}

static void collect(struct net *net)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(net->multi, &left))) {
        CURLcode result = message->data.result;
        struct net_call *call = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        end_call(net, call, result, ERR_NONE);
    }
}

static void *net_run(void *ctx)
{
    struct net *net = ctx;
    struct net_call *call;
    bool canceling;
    int running;

    while (take_work(net, &canceling)) {
        curl_multi_perform(net->multi, &running);
        collect(net);
        while (canceling && (call = find_canceled(net)))
            end_call(net, call, CURLE_ABORTED_BY_CALLBACK, ERR_NONE);
        curl_multi_poll(net->multi, NULL, 0, 600000, NULL); /* libcurl's own timers shorten it */
    }
    for (;;) {
        pthread_mutex_lock(&net->lock);
        call = net->calls;
        pthread_mutex_unlock(&net->lock);
        if (!call)
            return NULL;
        end_call(net, call, CURLE_ABORTED_BY_CALLBACK, ERR_SHUTDOWN);
    }
}

/* ---- what others call ---- */

int net_new(const struct net_options *options, struct net **out, struct err *err)
{
    struct net *net = mem_zalloc(sizeof *net);

    (void)err; /* everything that can fail waits for the first request */
    net->allow = net_allow_new(options);
    net->next_id = 1;
    pthread_mutex_init(&net->lock, NULL);
    *out = net;
    return 0;
}

/* With the first request; libcurl is there by then. Lock held. */
static int begin(struct net *net, struct err *err)
{
    int failed;

    if (net->multi)
        return 0;
    net->multi = curl_multi_init();
    if (!net->multi)
        mem_die(sizeof *net);
    failed = pthread_create(&net->thread, NULL, net_run, net);
    if (!failed)
        return 0;
    curl_multi_cleanup(take_ptr(net->multi));
    return err_set(err, ERR_INTERNAL, "cannot start the network thread: %s", strerror(failed));
}

void net_free(struct net *net)
{
    bool begun;

    if (!net)
        return;
    pthread_mutex_lock(&net->lock);
    net->stopping = true;
    begun = net->multi != NULL;
    pthread_mutex_unlock(&net->lock);
    if (begun) {
        curl_multi_wakeup(net->multi);
        pthread_join(net->thread, NULL);
        curl_multi_cleanup(net->multi);
    }
    net_allow_unref(net->allow);
    pthread_mutex_destroy(&net->lock);
    free(net);
}

void net_configure(struct net *net, const struct net_options *options)
{
    struct net_allow *fresh = net_allow_new(options), *old;

    pthread_mutex_lock(&net->lock);
    old = net->allow;
    net->allow = fresh;
    pthread_mutex_unlock(&net->lock);
    net_allow_unref(old);
}

static struct net_allow *net_allow_now(struct net *net)
{
    struct net_allow *allow;

    pthread_mutex_lock(&net->lock);
    allow = net_allow_ref(net->allow);
    pthread_mutex_unlock(&net->lock);
    return allow;
}

static void allow_put(struct net_allow **allow) { net_allow_unref(*allow); }

int net_check_url(struct net *net, const char *url, enum net_trust trust, struct err *err)
{
    CLEANUP(allow_put) struct net_allow *allow = net_allow_now(net);
    struct net_target target;

    return net_target_parse(url, &target, err) < 0 ? -1 : net_allow_target(allow, trust, &target, err);
}

int net_request_start(struct net *net, const struct net_request *request, net_done done, void *ctx, uint64_t *out_id, struct err *err)
{
    CLEANUP(allow_put) struct net_allow *allow = net_allow_now(net);
    struct net_call *call = NULL;
    bool refused;

    if (net_call_new(net, allow, request, &call, err) < 0)
        return -1;
    call->done = done;
    call->ctx = ctx;
    pthread_mutex_lock(&net->lock);
    refused = net->stopping ? err_set(err, ERR_SHUTDOWN, "the server is stopping") < 0 : begin(net, err) < 0;
    if (!refused) {
        call->id = net->next_id++;
        if (out_id)
            *out_id = call->id;
        call->next = net->calls;
        call->link = &net->calls;
        if (call->next)
            call->next->link = &call->next;
        net->calls = call;
    }
    pthread_mutex_unlock(&net->lock);
    if (refused) {
        net_call_free(call);
        return -1;
    }
    curl_multi_wakeup(net->multi);
    return 0;
}

void net_cancel(struct net *net, uint64_t id)
{
    bool found = false;

    pthread_mutex_lock(&net->lock);
    for (struct net_call *call = net->calls; call && !found; call = call->next)
        if (call->id == id) {
            atomic_store(&call->cancel, true);
            net->canceling = found = true;
        }
    pthread_mutex_unlock(&net->lock);
    if (found)
        curl_multi_wakeup(net->multi);
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    void *chunk_ctx;
    int (*on_chunk)(void *ctx, const char *bytes, size_t len);
    struct net_response response;
    struct err err;
};

static void wait_done(void *ctx, struct net_response *response, const struct err *err)
{
    struct waiting *w = ctx;

    pthread_mutex_lock(&w->lock);
    w->err = *err;
    if (response) {
        w->response = *response;
        *response = (struct net_response){0};
    }
    w->done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

static int wait_chunk(void *ctx, const char *bytes, size_t len)
{
    struct waiting *w = ctx;

    return w->on_chunk(w->chunk_ctx, bytes, len);
}

int net_request_wait(struct net *net, const struct net_request *request, void *chunk_ctx, struct net_response *out, struct err *err)
{
    struct net_request copy = *request;
    struct waiting w = {.chunk_ctx = chunk_ctx, .on_chunk = request->on_chunk};

    if (request->on_chunk)
        copy.on_chunk = wait_chunk;
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.ended, NULL);
    if (net_request_start(net, &copy, wait_done, &w, NULL, &w.err) < 0)
        w.done = true;
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.ended, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.ended);
    pthread_mutex_destroy(&w.lock);
    if (w.err.code != ERR_NONE) {
        *err = w.err;
        return -1;
    }
    *out = w.response;
    return 0;
}
