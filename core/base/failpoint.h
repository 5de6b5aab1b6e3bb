/* Named points where a test makes the process die, fail or wait; armed by INNOMINATUS_FAILPOINTS in builds with BUILD_TESTING only:
 *   INNOMINATUS_FAILPOINTS="engine.after_claim=kill@3,store.commit=fail"   kill (SIGKILL), fail, sleep:MS; @N: at the N-th pass only
 * In other builds failpoint() is constant false and the compiler drops it. */
#pragma once
#include <errno.h>
#include <stdbool.h>

#ifdef INNO_FAILPOINTS
bool failpoint(const char *name);     /* true: the caller fails as if the operation had; does not return for kill. Any thread. */
void failpoint_arm(const char *text); /* for tests: instead of the environment variable; forgets what was armed. NULL: nothing */
#else
static inline bool failpoint(const char *name)
{
    (void)name;
    return false;
}
#endif

/* For a call of the system: true with errno set when it is to fail. */
static inline bool failpoint_errno(const char *name, int number)
{
    if (!failpoint(name))
        return false;
    errno = number;
    return true;
}
