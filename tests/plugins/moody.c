/* A plugin whose backend is as a file in its data directory says: "away" (TRANSIENT), "late" (TIMEOUT), "refuses" (UNAUTHORIZED), "crash",
 * "hang"; anything else, or no file: well. With WITH_HEALTH it has the slot `health`, which reads the same file. It counts its calls in
 * "calls". */
#include "fine.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static inno_rc mood(const inno_host *host, inno_call *call, const char *what)
{
    char path[600], word[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "%s/calls", host->data_dir(call));
    file = fopen(path, "a");
    if (!file)
        return INNO_FAILED;
    fprintf(file, "%s\n", what);
    fclose(file);
    snprintf(path, sizeof path, "%s/mood", host->data_dir(call));
    file = fopen(path, "r");
    if (file && fscanf(file, "%31s", word) != 1)
        word[0] = '\0';
    if (file)
        fclose(file);
    if (strcmp(word, "crash") == 0)
        abort();
    while (strcmp(word, "hang") == 0) { /* whatever it is told, until the mood changes */
        nanosleep(&(struct timespec){0, 5000000}, NULL);
        file = fopen(path, "r");
        if (file && fscanf(file, "%31s", word) != 1)
            word[0] = '\0';
        if (file)
            fclose(file);
    }
    if (strcmp(word, "away") == 0)
        return host->fail(call, INNO_TRANSIENT, -1, "no answer from 192.0.2.1:5432");
    if (strcmp(word, "late") == 0)
        return host->fail(call, INNO_TIMEOUT, -1, "192.0.2.1:5432 takes too long");
    if (strcmp(word, "refuses") == 0)
        return host->fail(call, INNO_UNAUTHORIZED, -1, "192.0.2.1:5432 does not like the password");
    return INNO_OK;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    return mood(host, call, "provision");
}

static inno_rc deprovision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    return mood(host, call, "deprovision");
}

#ifdef WITH_HEALTH
#define NAME  "moody-health"
#define SLOTS INNO_SLOT_HEALTH
static inno_rc health(void *self, const inno_host *host, inno_call *call)
{
    (void)self;
    return mood(host, call, "health");
}
#else
#define NAME   "moody"
#define SLOTS  0
#define health NULL
#endif

static const char *const types[] = {"thing", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, SLOTS, NAME, "1.0.0", types, NULL, NULL, provision, deprovision, fine_status, fine, NULL, health, NULL, NULL,
};
#ifdef WITH_HEALTH
INNO_PLUGIN(plugin, {"name" : "moody-health", "version" : "1.0.0", "slots" : ["health"], "types" : [ {"name" : "thing"} ]})
#else
INNO_PLUGIN(plugin, {"name" : "moody", "version" : "1.0.0", "slots" : [], "types" : [ {"name" : "thing"} ]})
#endif
