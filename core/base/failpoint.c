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
static size_t count; /* under lock; looked at without it */
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
    __atomic_store_n(&count, count + 1, __ATOMIC_RELAXED);
}

static void arm_text(const char *text)
{
    char *copy = text ? strdup(text) : NULL, *rest = NULL;

    for (char *item = copy ? strtok_r(copy, ",", &rest) : NULL; item; item = strtok_r(NULL, ",", &rest))
        arm(item);
    free(copy);
}

static void arm_all(void) { arm_text(getenv("INNOMINATUS_FAILPOINTS")); }

void failpoint_arm(const char *text)
{
    pthread_once(&once, arm_all);
    pthread_mutex_lock(&lock);
    memset(points, 0, sizeof points);
    __atomic_store_n(&count, 0, __ATOMIC_RELAXED);
    arm_text(text);
    pthread_mutex_unlock(&lock);
}

bool failpoint(const char *name)
{
    struct point hit = {0};

    pthread_once(&once, arm_all);
    if (!__atomic_load_n(&count, __ATOMIC_RELAXED))
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
