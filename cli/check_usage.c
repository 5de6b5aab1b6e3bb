/* Owns the rule that a plugin keeps nothing of what is over: memory, threads, descriptors. (Processes cannot be left: the sandbox sees to
 * it.) One host makes and removes things again and again and tells what it uses after each. Main thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/check.h"

#define WARM_ROUNDS 12
#define ROUNDS      24
#define WINDOWS     12
#define WINDOW_US   (3 * US_PER_SEC / 2) /* a window ends then, if the plugin is slow */
#define LEAK_BYTES  256                  /* a round, in every window: allocators and caches fill up slowly, and then stop */

struct sample {
    int64_t heap, descriptors, threads;
    int rounds;
};

static int look(struct check *k, struct check_thing *thing, struct sample *out, struct err *err)
{
    CLEANUP(check_call_fini) struct check_call call = {.operation = PLUGIN_GET_STATUS, .change = "read", .thing = thing};

    if (check_call_run(k, &call) < 0) {
        *err = call.err;
        return -1;
    }
    out->heap = json_int(call.usage, "heap", -1);
    out->descriptors = json_int(call.usage, "descriptors", -1);
    out->threads = json_int(call.usage, "threads", -1);
    return 0;
}

static int one_round(struct check *k, struct sample *out, struct err *err)
{
    CLEANUP(check_thing_fini) struct check_thing thing = {.state = NULL};

    check_thing_init(k, &thing);
    k->serial--; /* the same thing every time, so that a plugin may remember it */
    return check_make(k, &thing, err) < 0 || check_remove(k, &thing, err) < 0 || look(k, &thing, out, err) < 0 ? -1 : 0;
}

static int window(struct check *k, int most, struct sample *out, struct err *err)
{
    int64_t until = clock_mono_us() + WINDOW_US;

    for (out->rounds = 0; out->rounds < most && (out->rounds < 4 || clock_mono_us() < until); out->rounds++)
        if (one_round(k, out, err) < 0)
            return -1;
    return 0;
}

/* What has grown in every window so far. */
struct growth {
    bool heap, descriptors, threads;
    bool is_sure; /* something grows with nearly every round: the next thing would be a limit, which hides it */
    int64_t bytes, more_descriptors, more_threads;
    int rounds;
};

static void compare(struct growth *g, const struct sample *before, const struct sample *after)
{
    g->heap = g->heap && after->heap - before->heap >= LEAK_BYTES * after->rounds;
    g->descriptors = g->descriptors && after->descriptors > before->descriptors;
    g->threads = g->threads && after->threads > before->threads;
    g->is_sure = 2 * (after->descriptors - before->descriptors) >= after->rounds || 2 * (after->threads - before->threads) >= after->rounds;
    g->bytes += after->heap - before->heap;
    g->more_descriptors += after->descriptors - before->descriptors;
    g->more_threads += after->threads - before->threads;
    g->rounds += after->rounds;
}

static enum verdict judge(struct check *k, const struct growth *g)
{
    if (g->threads)
        return check_say(k, VERDICT_FAIL, "it leaves threads: %lld more after %d rounds", (long long)g->more_threads, g->rounds);
    if (g->descriptors)
        return check_say(k, VERDICT_FAIL, "it leaves descriptors open: %lld more after %d rounds", (long long)g->more_descriptors,
                         g->rounds);
    if (g->heap)
        return check_say(k, VERDICT_FAIL, "it loses memory: about %lld bytes each time something is made and removed",
                         (long long)(g->bytes / g->rounds));
    return check_say(k, VERDICT_OK, "no memory, thread or descriptor is lost (%d rounds)", g->rounds);
}

/* A leak goes on for ever; what an allocator or a cache takes does not: one window without it is enough. */
enum verdict check_usage(struct check *k)
{
    struct growth g = {.heap = true, .descriptors = true, .threads = true};
    struct sample before = {0}, after = {0};
    struct err err = {0};

    if (window(k, WARM_ROUNDS, &before, &err) < 0)
        return check_say(k, VERDICT_FAIL, "when it makes and removes one again and again: %s", err.msg);
    for (int i = 0; i < WINDOWS && !g.is_sure && (g.heap || g.descriptors || g.threads); i++) {
        if (window(k, ROUNDS, &after, &err) < 0)
            return check_say(k, VERDICT_FAIL, "when it makes and removes one again and again: %s", err.msg);
        compare(&g, &before, &after);
        before = after;
    }
    return judge(k, &g);
}
