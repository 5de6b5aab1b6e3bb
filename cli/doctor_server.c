/* Owns the checks of `doctor` that ask a server: is it there, the same release, of the same time, and is the key good. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/doctor.h"
#include <stdlib.h>
#include <time.h>

#define ANSWER_MS 5000
#define SKEW_WARN 5  /* seconds; the Date header has no parts of one */
#define SKEW_FAIL 60 /* sessions and keys end too early or too late */

static void check_clock(struct doctor *d)
{
    const char *date = client_date(d->c);
    struct tm parts = {0};
    int64_t skew;

    if (!date || !strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts))
        return;
    skew = llabs((long long)timegm(&parts) - (long long)(clock_now_us() / US_PER_SEC));
    doctor_note(d, "clock",
                skew > SKEW_FAIL   ? FINDING_FAIL
                : skew > SKEW_WARN ? FINDING_WARN
                                   : FINDING_OK,
                "set the clocks: both machines should use NTP",
                skew <= SKEW_WARN ? "the server's agrees%.0lld" : "the server's is %lld s away", (long long)skew);
}

static void check_version(struct doctor *d, const json_t *health)
{
    const char *version = json_str(health, "version");

    doctor_note(d, "version", str_eq(version, INNOMINATUS_VERSION) ? FINDING_OK : FINDING_WARN,
                "use the command line of the server's release", "the server is %s, this is %s", version ? version : "unknown",
                INNOMINATUS_VERSION);
}

static void check_key(struct doctor *d)
{
    CLEANUP(json_put) json_t *profile = NULL;
    const char *source = client_key_source(d->c);
    int code;

    if (!source && client_key_gone(d->c)) {
        doctor_note(d, "key", FINDING_WARN, "run `innominatus login`, put the file back, or start the server once with --new-admin-key",
                    "the local server's key file %s is not there", client_key_gone(d->c));
        return;
    }
    if (!source) {
        doctor_note(d, "key", FINDING_WARN, "set INNOMINATUS_API_KEY, or run `innominatus login`", "no key is known for this server");
        return;
    }
    code = client_do(
        d->c,
        &(struct client_call){
            .method = "GET", .target = client_path(d->c, "/profile", NULL), .timeout_ms = ANSWER_MS, .quiet = true, .silent = true},
        &profile);
    if (code)
        doctor_note(d, "key", FINDING_FAIL, "set another INNOMINATUS_API_KEY, or run `innominatus login`",
                    "the key from %s is not good: it is unknown or has ended", source);
    else
        doctor_note(d, "key", FINDING_OK, NULL, "%s (%s, team %s), from %s", json_str(profile, "name") ? json_str(profile, "name") : "?",
                    json_str(profile, "role") ? json_str(profile, "role") : "?",
                    json_str(profile, "team") ? json_str(profile, "team") : "?", source);
}

/* What /ready finds wanting; what is well says nothing. */
static void check_ready(struct doctor *d)
{
    static const struct {
        const char *check, *remedy;
    } remedies[] = {{"plugins", "`innominatus plugin list` says which one, and why"},
                    {"store", "look at the database and at the server's log"}};
    CLEANUP(json_put) json_t *ready = NULL;
    const char *name;
    json_t *check;

    client_do(d->c, &(struct client_call){.method = "GET", .target = "/ready", .timeout_ms = ANSWER_MS, .quiet = true, .silent = true},
              &ready);
    json_object_foreach(json_object_get(ready, "checks"), name, check)
    {
        const char *status = json_str(check, "status"), *remedy = "look at the server's log";

        for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
            remedy = str_eq(remedies[i].check, name) ? remedies[i].remedy : remedy;
        if (!str_eq(status, "ok"))
            doctor_note(d, "server", FINDING_WARN, remedy, "%s: %s, %s", name, status ? status : "?",
                        json_str(check, "detail") ? json_str(check, "detail") : "no detail");
    }
}

void doctor_server(struct doctor *d)
{
    CLEANUP(json_put) json_t *health = NULL;
    struct err err = {0};
    const char *url = client_url(d->c, &err);

    if (!url) {
        doctor_note(d, "server", FINDING_WARN, "start one with `innominatus serve`, or name one with INNOMINATUS_SERVER", "%s", err.msg);
        return;
    }
    if (client_do(d->c, &(struct client_call){.method = "GET", .target = "/health", .timeout_ms = ANSWER_MS, .quiet = true, .silent = true},
                  &health)) {
        doctor_note(d, "server", FINDING_FAIL, "look at its log; is the address right, does a firewall stand between?",
                    "no healthy answer from %s", url);
        return;
    }
    doctor_note(d, "server", FINDING_OK, NULL, "%s answers, up for %lld s", url, (long long)json_int(health, "uptime_seconds", 0));
    check_ready(d);
    check_version(d, health);
    check_clock(d);
    check_key(d);
}
