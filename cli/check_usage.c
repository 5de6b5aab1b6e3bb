/* Owns the rule that a plugin keeps nothing of what is over: memory, threads, descriptors. (Processes
 * cannot be left: the sandbox sees to it.) One host makes and removes things
 * again and again and tells what it uses after each. Main thread. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/check.h"

#define WARM_ROUNDS 24
#define ROUNDS      40
#define WINDOW_US   (3 * US_PER_SEC / 2) /* a window ends then, if the plugin is slow */
#define LEAK_BYTES  2560                 /* in both windows: less is the noise of an allocator */

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
    CLEANUP(check_thing_fini) struct check_thing thing;

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

static enum verdict judge(struct check *k, const struct sample s[static 3])
{
    int64_t lost = s[1].heap - s[0].heap, lost_then = s[2].heap - s[1].heap;
    int rounds = s[1].rounds + s[2].rounds;

    if (s[2].threads > s[0].threads && s[2].threads > s[1].threads)
        return check_say(k, VERDICT_FAIL, "it leaves threads: %lld more after %d rounds", (long long)(s[2].threads - s[0].threads), rounds);
    if (s[2].descriptors > s[1].descriptors && s[1].descriptors > s[0].descriptors)
        return check_say(k, VERDICT_FAIL, "it leaves descriptors open: %lld more after %d rounds",
                         (long long)(s[2].descriptors - s[0].descriptors), rounds);
    if (lost >= LEAK_BYTES && lost_then >= LEAK_BYTES)
        return check_say(k, VERDICT_FAIL, "it loses memory: about %lld bytes each time something is made and removed",
                         (long long)(lost + lost_then) / rounds);
    return check_say(k, VERDICT_OK, "no memory, thread or descriptor left after %d rounds", rounds);
}

enum verdict check_usage(struct check *k)
{
    struct sample samples[3] = {{0}};
    struct err err = {0};

    for (int i = 0; i < 3; i++)
        if (window(k, i ? ROUNDS : WARM_ROUNDS, &samples[i], &err) < 0)
            return check_say(k, VERDICT_FAIL, "when it makes and removes one again and again: %s", err.msg);
    return judge(k, samples);
}
