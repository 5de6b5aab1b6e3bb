/* What the files of core/net share. */
#pragma once
#include "base/buf.h"
#include "net/net.h"
#include "net/net_curl.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>

#define NET_HOST_BYTES 256

/* ---- the allow-list (net_allow.c): immutable, reference-counted ---- */
struct net_allow {
    atomic_int refs;
    char **patterns;
    size_t count;
    char *proxy;
};
struct net_allow *net_allow_new(const struct net_options *options);
struct net_allow *net_allow_ref(struct net_allow *allow);
void net_allow_unref(struct net_allow *allow);

struct net_target {
    char scheme[8];
    char host[NET_HOST_BYTES]; /* lower case, without brackets and trailing dot */
    int port;
};
/* The first thing that happens to any URL, so it loads libcurl. Errors: ERR_BAD_VALUE: no http(s) URL with a host, or credentials in it;
 * those of net_curl_load(). */
int net_target_parse(const char *url, struct net_target *out, struct err *err);

/* How a host stands on the list. */
enum net_match { NET_MATCH_NONE, NET_MATCH_GLOB, NET_MATCH_EXACT };
enum net_match net_allow_host(const struct net_allow *allow, const struct net_target *target);
/* May this address be connected to, the host name having matched as `match`? */
bool net_allow_address(const struct net_allow *allow, enum net_trust trust, enum net_match match, int port, const struct sockaddr *address);
int net_allow_target(const struct net_allow *allow, enum net_trust trust, const struct net_target *target, struct err *err);

/* ---- one exchange (net_call.c) ---- */
struct net_call {
    struct net *net;
    struct net_call *next, **link;
    uint64_t id;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t max_bytes;
    int (*on_chunk)(void *ctx, const char *bytes, size_t len);
    net_done done;
    void *ctx;
    struct net_allow *allow;
    enum net_trust trust;
    enum net_match match;
    struct net_target target;
    atomic_bool cancel;
    bool added; /* to the multi handle */
    bool refused, stopped;
    char refused_address[INET6_ADDRSTRLEN];
    struct buf answer;
    struct net_response response;
    char reason[CURL_ERROR_SIZE];
};
int net_call_new(struct net *net, struct net_allow *allow, const struct net_request *request, struct net_call **out, struct err *err);
void net_call_free(struct net_call *call);
/* Turns curl's result into an error or an answer and calls done. */
void net_call_finish(struct net_call *call, CURLcode result, enum err_code forced);

struct net {
    pthread_mutex_t lock; /* what follows */
    pthread_t thread;
    CURLM *multi; /* NULL: no request yet, so no thread */
    struct net_allow *allow;
    struct net_call *calls; /* all that have not ended, for net_cancel */
    uint64_t next_id;
    bool stopping;
    bool canceling; /* some call has its cancel flag set */
};
