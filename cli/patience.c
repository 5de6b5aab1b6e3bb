/* Owns asking again. A server that is restarted, or a connection that is lost, is no end of what somebody follows. */
#include "cli/patience.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/progress.h"
#include <stdlib.h>
#include <time.h>

#define FIRST_MS        250
#define MOST_MS         5000
#define DEFAULT_SECONDS 120

static int64_t seconds(void)
{
    const char *text = getenv("INNOMINATUS_RECONNECT_SECONDS");
    int64_t number;

    return text && str_to_int(text, &number) && number >= 0 && number <= 86400 ? number : DEFAULT_SECONDS;
}

bool patience_wait(struct cli *c, struct patience *p)
{
    int64_t now = clock_mono_us(), left_ms;

    if (!p->until_us) {
        *p = (struct patience){.until_us = now + seconds() * US_PER_SEC, .pause_ms = FIRST_MS};
        if (now < p->until_us) {
            progress_clear(c);
            cli_say(c, "the server does not answer; trying again for %lld s", (long long)seconds());
        }
    }
    left_ms = (p->until_us - now) / US_PER_MS;
    if (left_ms <= 0)
        return false;
    if (p->pause_ms > left_ms)
        p->pause_ms = left_ms;
    nanosleep(&(struct timespec){.tv_sec = p->pause_ms / 1000, .tv_nsec = p->pause_ms % 1000 * 1000000}, NULL);
    p->pause_ms = p->pause_ms * 2 > MOST_MS ? MOST_MS : p->pause_ms * 2;
    return true;
}

void patience_rest(struct cli *c, struct patience *p)
{
    if (p->until_us)
        cli_say(c, "the server answers again");
    *p = (struct patience){0};
}

int patience_get(struct cli *c, const char *target, int64_t timeout_ms, json_t **out)
{
    struct client_call call = {.method = "GET", .target = target, .timeout_ms = timeout_ms, .quiet = true};
    struct patience patience = {0};
    int code = client_do(c, &call, out);

    while (code == EXIT_UNREACHABLE && patience_wait(c, &patience))
        code = client_do(c, &call, out);
    if (code != EXIT_UNREACHABLE) {
        patience_rest(c, &patience);
        return code;
    }
    call.quiet = false; /* once more, for the words */
    code = client_do(c, &call, out);
    return code == EXIT_FAILED ? EXIT_UNREACHABLE : code;
}

static int get_page(struct cli *c, const char *target, json_t **out) { return patience_get(c, target, 0, out); }

int patience_list(struct cli *c, const char *target, json_t **out) { return client_list_by(c, get_page, target, 0, out); }
