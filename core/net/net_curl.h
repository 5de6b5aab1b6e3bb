/* libcurl, loaded when the first URL is looked at: a server whose workflows talk to nobody does without it and the thirty libraries that
 * it needs. The calls look as ever: each name stands for a member of one table. */
#pragma once
#include "base/library.h"
#include <curl/curl.h>

#undef curl_easy_setopt /* macros that check types, and call functions that the program is not linked with */
#undef curl_easy_getinfo

#define CURL_FUNCTIONS(X)                                                                                                                  \
    X(curl_global_init)                                                                                                                    \
    X(curl_easy_init)                                                                                                                      \
    X(curl_easy_setopt)                                                                                                                    \
    X(curl_easy_getinfo)                                                                                                                   \
    X(curl_easy_strerror)                                                                                                                  \
    X(curl_easy_cleanup)                                                                                                                   \
    X(curl_slist_append)                                                                                                                   \
    X(curl_slist_free_all)                                                                                                                 \
    X(curl_multi_init)                                                                                                                     \
    X(curl_multi_add_handle)                                                                                                               \
    X(curl_multi_remove_handle)                                                                                                            \
    X(curl_multi_info_read)                                                                                                                \
    X(curl_multi_perform)                                                                                                                  \
    X(curl_multi_poll)                                                                                                                     \
    X(curl_multi_wakeup)                                                                                                                   \
    X(curl_multi_cleanup)                                                                                                                  \
    X(curl_url)                                                                                                                            \
    X(curl_url_set)                                                                                                                        \
    X(curl_url_get)                                                                                                                        \
    X(curl_url_cleanup)                                                                                                                    \
    X(curl_free)

struct net_curl {
    CURL_FUNCTIONS(LIBRARY_MEMBER)
};
extern struct net_curl net_curl; /* written once, by net_curl_load() */

/* Loads and initialises it, if that was not done yet. Any thread. Errors: ERR_INTERNAL: it is not installed. */
int net_curl_load(struct err *err);

#ifndef NET_CURL_TABLE /* net_curl.c needs the names themselves */
#define curl_global_init         net_curl.curl_global_init
#define curl_easy_init           net_curl.curl_easy_init
#define curl_easy_setopt         net_curl.curl_easy_setopt
#define curl_easy_getinfo        net_curl.curl_easy_getinfo
#define curl_easy_strerror       net_curl.curl_easy_strerror
#define curl_easy_cleanup        net_curl.curl_easy_cleanup
#define curl_slist_append        net_curl.curl_slist_append
#define curl_slist_free_all      net_curl.curl_slist_free_all
#define curl_multi_init          net_curl.curl_multi_init
#define curl_multi_add_handle    net_curl.curl_multi_add_handle
#define curl_multi_remove_handle net_curl.curl_multi_remove_handle
#define curl_multi_info_read     net_curl.curl_multi_info_read
#define curl_multi_perform       net_curl.curl_multi_perform
#define curl_multi_poll          net_curl.curl_multi_poll
#define curl_multi_wakeup        net_curl.curl_multi_wakeup
#define curl_multi_cleanup       net_curl.curl_multi_cleanup
#define curl_url                 net_curl.curl_url
#define curl_url_set             net_curl.curl_url_set
#define curl_url_get             net_curl.curl_url_get
#define curl_url_cleanup         net_curl.curl_url_cleanup
#define curl_free                net_curl.curl_free
#endif
