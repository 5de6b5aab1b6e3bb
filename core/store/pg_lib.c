/* Owns the table of libpq's functions. Any thread loads it; it is constant from then on. */
#define PG_LIB_TABLE
#include "store/pg_lib.h"
#include <pthread.h>
#include <stdbool.h>

struct pg_lib pg_lib;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded; /* under the lock */

int pg_lib_load(struct err *err)
{
    static const char *const names[] = {PQ_FUNCTIONS(LIBRARY_NAME)};
    int rc = 0;

    pthread_mutex_lock(&lock);
    if (!loaded)
        rc = library_load("libpq.so.5", "libpq5", names, sizeof names / sizeof *names, &pg_lib, err);
    loaded = rc == 0;
    pthread_mutex_unlock(&lock);
    return rc;
}
