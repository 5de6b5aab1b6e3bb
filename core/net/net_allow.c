/* Owns the address allow-list: which host names and which addresses a request may reach. Pure but for the list's reference count; any
 * thread. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/net_priv.h"
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

struct net_allow *net_allow_new(const struct net_options *options)
{
    struct net_allow *allow = mem_zalloc(sizeof *allow);
    size_t count = 0;

    atomic_init(&allow->refs, 1);
    while (options && options->allow && options->allow[count])
        count++;
    allow->patterns = mem_array(count + 1, sizeof *allow->patterns);
    allow->count = count;
    for (size_t i = 0; i < count; i++) {
        allow->patterns[i] = mem_strdup(options->allow[i]);
        for (char *c = allow->patterns[i]; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    }
    allow->proxy = options ? mem_strdup(options->proxy) : NULL;
    return allow;
}

struct net_allow *net_allow_ref(struct net_allow *allow)
{
    atomic_fetch_add(&allow->refs, 1);
    return allow;
}

void net_allow_unref(struct net_allow *allow)
{
    if (!allow || atomic_fetch_sub(&allow->refs, 1) != 1)
        return;
    for (size_t i = 0; i < allow->count; i++)
        free(allow->patterns[i]);
    free(allow->patterns);
    free(allow->proxy);
    free(allow);
}

static void curlu_put(CURLU **url)
{
    if (*url)
        curl_url_cleanup(*url);
}

static void curl_text_put(char **text)
{
    if (*text)
        curl_free(*text);
}

static int copy_host(const char *host, struct net_target *out, struct err *err)
{
    size_t len = strlen(host);

    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    if (len > 1 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= sizeof out->host)
        return err_set(err, ERR_BAD_VALUE, "URL without a usable host");
    for (size_t i = 0; i < len; i++)
        out->host[i] = (char)tolower((unsigned char)host[i]);
    out->host[len] = '\0';
    return 0;
}

int net_target_parse(const char *url, struct net_target *out, struct err *err)
{
    CLEANUP(curlu_put) CURLU *parsed = NULL;
    CLEANUP(curl_text_put) char *scheme = NULL;
    CLEANUP(curl_text_put) char *host = NULL;
    CLEANUP(curl_text_put) char *port = NULL;
    struct net_target target = {0};
    int64_t number;

    if (net_curl_load(err) < 0)
        return -1;
    parsed = curl_url();
    if (!parsed)
        mem_die(sizeof parsed);
    if (!url || curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK || curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return err_set(err, ERR_BAD_VALUE, "not a URL that can be used (http or https, a host, no credentials in it)");
    if (!str_eq(scheme, "http") && !str_eq(scheme, "https"))
        return err_set(err, ERR_BAD_VALUE, "URL scheme \"%.20s\" cannot be used, only http and https", scheme);
    if (curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK || !str_to_int(port, &number) || number < 1 ||
        number > 65535)
        return err_set(err, ERR_BAD_VALUE, "URL without a usable port");
    if (copy_host(host, &target, err) < 0)
        return -1;
    snprintf(target.scheme, sizeof target.scheme, "%s", scheme);
    target.port = (int)number;
    *out = target;
    return 0;
}

/* Splits "host:port", "[v6]:port" or "host"; false when the pattern is malformed. port 0: any. */
static bool split_pattern(const char *pattern, char host[static NET_HOST_BYTES], int *out_port)
{
    const char *colon = strrchr(pattern, ':');
    const char *first = strchr(pattern, ':');
    size_t len = strlen(pattern);
    int64_t port = 0;

    if (pattern[0] == '[') {
        const char *end = strchr(pattern, ']');

        if (!end || (end[1] && (end[1] != ':' || !str_to_int(end + 2, &port))))
            return false;
        pattern++;
        len = (size_t)(end - pattern);
    } else if (colon && colon == first) { /* exactly one colon; more are an IPv6 address */
        if (!str_to_int(colon + 1, &port))
            return false;
        len = (size_t)(colon - pattern);
    }
    if (len == 0 || len >= NET_HOST_BYTES || port < 0 || port > 65535)
        return false;
    memcpy(host, pattern, len);
    host[len] = '\0';
    *out_port = (int)port;
    return true;
}

enum net_match net_allow_host(const struct net_allow *allow, const struct net_target *target)
{
    enum net_match best = NET_MATCH_NONE;
    char host[NET_HOST_BYTES];
    int port;

    for (size_t i = 0; i < allow->count && best != NET_MATCH_EXACT; i++) {
        if (!split_pattern(allow->patterns[i], host, &port) || (port && port != target->port))
            continue;
        if (str_eq(host, target->host))
            best = NET_MATCH_EXACT;
        else if (strchr(host, '*') && str_glob(host, target->host))
            best = NET_MATCH_GLOB;
    }
    return best;
}

static bool map_v4(const struct in_addr *v4, unsigned char out[static 16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    memcpy(out, mapped, sizeof mapped);
    memcpy(out + 12, v4, 4);
    return true;
}

/* An address as 16 bytes, IPv4 in its mapped form. */
static bool address_bytes(const struct sockaddr *address, unsigned char out[static 16])
{
    if (address->sa_family == AF_INET)
        return map_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, out);
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(out, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    return true;
}

static bool text_bytes(const char *text, unsigned char out[static 16])
{
    struct in_addr v4;

    if (inet_pton(AF_INET, text, &v4) == 1)
        return map_v4(&v4, out);
    return inet_pton(AF_INET6, text, out) == 1;
}

static bool in_range(const unsigned char address[static 16], const unsigned char base[static 16], int bits)
{
    int whole = bits / 8, rest = bits % 8;

    if (memcmp(address, base, (size_t)whole) != 0)
        return false;
    return rest == 0 || (address[whole] >> (8 - rest)) == (base[whole] >> (8 - rest));
}

static bool matches_range(const unsigned char address[static 16], const char *range)
{
    char host[NET_HOST_BYTES];
    const char *slash = strchr(range, '/');
    unsigned char base[16];
    int64_t bits = 128;

    if (slash && !str_to_int(slash + 1, &bits))
        return false;
    snprintf(host, sizeof host, "%.*s", (int)(slash ? slash - range : (ptrdiff_t)strnlen(range, NET_HOST_BYTES - 1)), range);
    if (!text_bytes(host, base))
        return false;
    if (slash && strchr(host, ':') == NULL)
        bits += 96;
    return bits >= 0 && bits <= 128 && in_range(address, base, (int)bits);
}

bool net_in_range(const char *address, const char *range)
{
    unsigned char bytes[16];

    return text_bytes(address, bytes) && matches_range(bytes, range);
}

/* Ranges that are not the public internet (RFC 6890 and its like). `hard`: only by naming the address itself. */
static const struct {
    const char *range;
    bool hard;
} special[] = {
    {"0.0.0.0/8", true},       {"10.0.0.0/8", false},    {"100.64.0.0/10", false}, {"127.0.0.0/8", false},    {"169.254.0.0/16", true},
    {"172.16.0.0/12", false},  {"192.0.0.0/24", true},   {"192.0.2.0/24", true},   {"192.168.0.0/16", false}, {"198.18.0.0/15", true},
    {"198.51.100.0/24", true}, {"203.0.113.0/24", true}, {"224.0.0.0/3", true},    {"::/128", true},          {"::1/128", false},
    {"64:ff9b::/96", true},    {"64:ff9b:1::/48", true}, {"100::/64", true},       {"2001:db8::/32", true},   {"2002::/16", true},
    {"fc00::/7", false},       {"fe80::/10", true},      {"ff00::/8", true},
};

static bool address_listed(const struct net_allow *allow, int port, const unsigned char address[static 16])
{
    char host[NET_HOST_BYTES];
    int wanted;

    for (size_t i = 0; i < allow->count; i++)
        if (split_pattern(allow->patterns[i], host, &wanted) && (!wanted || wanted == port) && matches_range(address, host))
            return true;
    return false;
}

bool net_allow_address(const struct net_allow *allow, enum net_trust trust, enum net_match match, int port, const struct sockaddr *address)
{
    unsigned char bytes[16];

    if (trust == NET_TRUSTED)
        return true;
    if (!address_bytes(address, bytes))
        return false;
    if (address_listed(allow, port, bytes))
        return true;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (matches_range(bytes, special[i].range))
            return match == NET_MATCH_EXACT && !special[i].hard;
    return trust == NET_PUBLIC || match != NET_MATCH_NONE;
}

int net_allow_target(const struct net_allow *allow, enum net_trust trust, const struct net_target *target, struct err *err)
{
    enum net_match match = net_allow_host(allow, target);
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&address;

    if (trust == NET_TRUSTED)
        return 0;
    if (inet_pton(AF_INET, target->host, &v4->sin_addr) == 1)
        address.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, target->host, &v6->sin6_addr) == 1)
        address.ss_family = AF_INET6;
    if (address.ss_family != AF_UNSPEC ? net_allow_address(allow, trust, match, target->port, (struct sockaddr *)(void *)&address)
                                       : trust == NET_PUBLIC || match != NET_MATCH_NONE)
        return 0;
    return err_set(err, ERR_HOST_NOT_ALLOWED, "%s:%d is not in network.allow", target->host, target->port);
}
