/* Owns the table of libcurl's functions. Any thread loads it; it is constant from then on. */
#define NET_CURL_TABLE
#include "net/net_curl.h"
#include <pthread.h>
#include <stdbool.h>

struct net_curl net_curl;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded; /* under the lock */

int net_curl_load(struct err *err)
{
    static const char *const names[] = {CURL_FUNCTIONS(LIBRARY_NAME)};
    int rc = 0;

    pthread_mutex_lock(&lock);
    if (!loaded) {
        rc = library_load("libcurl.so.4", "libcurl4", names, sizeof names / sizeof *names, &net_curl, err);
        if (rc == 0 && net_curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            rc = err_set(err, ERR_INTERNAL, "libcurl cannot be initialised");
        loaded = rc == 0;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}
