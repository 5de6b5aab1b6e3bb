/* Owns how often who may ask: who has a valid key by user, the others by address. Called on HTTP threads. */
#include "api/api_priv.h"
#include "api/limiter.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "config/admin_config.h"
#include <arpa/inet.h>
#include <string.h>

static void set_number(struct api_request *r, const char *name, int64_t number)
{
    http_reply_header(&r->http, name, arena_printf(r->arena, "%lld", (long long)number));
}

static int take(struct api_request *r, const char *name, struct limiter_rate rate, const char *whose, struct err *err)
{
    struct limiter_state state = {0};
    bool taken;

    if (rate.per_second <= 0)
        return 0;
    taken = limiter_take(r->api->limiter, name, rate, clock_mono_us(), &state);
    set_number(r, "RateLimit-Limit", state.limit);
    set_number(r, "RateLimit-Remaining", state.remaining);
    set_number(r, "RateLimit-Reset", state.reset_s);
    if (taken)
        return 0;
    set_number(r, "Retry-After", state.retry_s);
    return err_set(err, ERR_RATE, "more than %lld requests a second %s", (long long)rate.per_second, whose);
}

int api_limit_user(struct api_request *r, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);

    return take(r, r->who->user_id, (struct limiter_rate){platform->config->user_rate, platform->config->user_burst}, "of this user", err);
}

/* Whoever has an IPv6 address has 2^64 of them. */
static const char *network_of(struct api_request *r)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr v6;

    if (inet_pton(AF_INET6, r->source_ip, &v6) != 1)
        return r->source_ip;
    memset(v6.s6_addr + 8, 0, 8);
    return inet_ntop(AF_INET6, &v6, text, sizeof text) ? arena_strdup(r->arena, text) : r->source_ip;
}

int api_limit_address(struct api_request *r, struct err *err)
{
    CLEANUP(platform_put) struct platform *platform = api_platform(r);

    return take(r, network_of(r), (struct limiter_rate){platform->config->address_rate, platform->config->address_burst},
                "without a valid key from this address", err);
}
