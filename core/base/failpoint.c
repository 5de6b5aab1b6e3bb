/* Failpoints of test builds. Any thread. */
#include "base/failpoint.h"

#ifdef INNO_FAILPOINTS
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_POINTS 16

static struct point {
    char name[64];
    char action; /* k, f, s */
    long sleep_ms;
    long at; /* pass at which it fires; 0: at every pass */
    long passes;
} points[MAX_POINTS];
static size_t count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void arm(char *item)
{
    struct point *p = &points[count];
    char *action = strchr(item, '='), *at = strchr(item, '@');

    if (!action || count == MAX_POINTS)
        return;
    *action++ = '\0';
    if (at)
        *at++ = '\0';
    strncpy(p->name, item, sizeof p->name - 1);
    p->action = action[0];
    p->sleep_ms = strncmp(action, "sleep:", 6) == 0 ? atol(action + 6) : 0;
    p->at = at ? atol(at) : 0;
    count++;
}

static void arm_all(void)
{
    const char *text = getenv("INNOMINATUS_FAILPOINTS");
    char *copy = text ? strdup(text) : NULL, *rest = NULL;

    for (char *item = copy ? strtok_r(copy, ",", &rest) : NULL; item; item = strtok_r(NULL, ",", &rest))
        arm(item);
    free(copy);
}

bool failpoint(const char *name)
{
    struct point hit = {0};

    pthread_once(&once, arm_all);
    if (!count)
        return false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++)
        if (strcmp(points[i].name, name) == 0 && (++points[i].passes == points[i].at || points[i].at == 0))
            hit = points[i];
    pthread_mutex_unlock(&lock);
    if (hit.action == 'k')
        kill(getpid(), SIGKILL);
    if (hit.action == 's')
        nanosleep(&(struct timespec){hit.sleep_ms / 1000, hit.sleep_ms % 1000 * 1000000}, NULL);
    return hit.action == 'f';
}
#else
typedef int failpoints_are_compiled_out;
#endif
