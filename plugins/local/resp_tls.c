/* Owns TLS to a Redis server: libssl, loaded with the first rediss:// connection; the certificate and its name are always verified. Slot's
 * thread. */
#include "library.h"
#include "resp.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Those of libcrypto too: it comes with libssl. */
#define FUNCTIONS(X)                                                                                                                       \
    X(TLS_client_method)                                                                                                                   \
    X(SSL_CTX_new)                                                                                                                         \
    X(SSL_CTX_free)                                                                                                                        \
    X(SSL_CTX_ctrl)                                                                                                                        \
    X(SSL_CTX_set_verify)                                                                                                                  \
    X(SSL_CTX_load_verify_file)                                                                                                            \
    X(SSL_new)                                                                                                                             \
    X(SSL_free)                                                                                                                            \
    X(SSL_set_fd)                                                                                                                          \
    X(SSL_ctrl)                                                                                                                            \
    X(SSL_get0_param)                                                                                                                      \
    X(SSL_set1_host)                                                                                                                       \
    X(SSL_connect)                                                                                                                         \
    X(SSL_read)                                                                                                                            \
    X(SSL_write)                                                                                                                           \
    X(SSL_get_error)                                                                                                                       \
    X(SSL_get_verify_result)                                                                                                               \
    X(X509_VERIFY_PARAM_set1_ip_asc)                                                                                                       \
    X(X509_verify_cert_error_string)                                                                                                       \
    X(ERR_clear_error)

static struct {
    bool loaded;
    FUNCTIONS(LIBRARY_MEMBER)
} lib; /* one thread; a host process loads it once */

static inno_rc load(const inno_host *host, inno_call *call)
{
    const struct library_function functions[] = {FUNCTIONS(LIBRARY_FUNCTION)};

    return library_load(host, call, &lib.loaded, "libssl.so.3", "the TLS library", "libssl3", functions,
                        sizeof functions / sizeof *functions);
}

struct resp_tls {
    SSL_CTX *context;
    SSL *ssl;
};

void resp_tls_end(struct resp *r)
{
    if (!r->tls)
        return;
    lib.SSL_free(r->tls->ssl);
    lib.SSL_CTX_free(r->tls->context);
    free(r->tls);
    r->tls = NULL;
}

/* What a number of SSL_connect, SSL_read or SSL_write means: *wants as for resp_tls_read. */
static ssize_t verdict(const struct resp *r, int n, short *wants)
{
    int what = n > 0 ? SSL_ERROR_NONE : lib.SSL_get_error(r->tls->ssl, n);

    *wants = what == SSL_ERROR_WANT_READ ? POLLIN : what == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
    if (what == SSL_ERROR_NONE)
        return n;
    if (what == SSL_ERROR_ZERO_RETURN)
        return 0;
    if (!*wants && (what != SSL_ERROR_SYSCALL || errno == 0))
        errno = ECONNRESET;
    return -1;
}

ssize_t resp_tls_read(struct resp *r, char *bytes, size_t cap, short *wants)
{
    lib.ERR_clear_error();
    errno = 0;
    return verdict(r, lib.SSL_read(r->tls->ssl, bytes, (int)cap), wants);
}

ssize_t resp_tls_write(struct resp *r, const char *bytes, size_t len, short *wants)
{
    lib.ERR_clear_error();
    errno = 0;
    return verdict(r, lib.SSL_write(r->tls->ssl, bytes, len < 16384 ? (int)len : 16384), wants);
}

static bool set_up(struct resp *r, const char *name, const char *ca_file)
{
    struct resp_tls *t = r->tls;

    t->context = lib.SSL_CTX_new(lib.TLS_client_method());
    if (!t->context || lib.SSL_CTX_ctrl(t->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1 ||
        lib.SSL_CTX_load_verify_file(t->context, ca_file) != 1)
        return false;
    lib.SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
    t->ssl = lib.SSL_new(t->context);
    if (!t->ssl || lib.SSL_set_fd(t->ssl, r->fd) != 1)
        return false;
    if (lib.X509_VERIFY_PARAM_set1_ip_asc(lib.SSL_get0_param(t->ssl), name) == 1)
        return true;
    return lib.SSL_set1_host(t->ssl, name) == 1 &&
           lib.SSL_ctrl(t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)name) == 1;
}

inno_rc resp_tls_begin(struct resp *r, const char *name, const char *ca_file)
{
    inno_rc rc = load(r->host, r->call);
    short wants = 0;
    long verified;

    if (rc != INNO_OK)
        return rc;
    r->tls = calloc(1, sizeof *r->tls);
    if (!r->tls || !set_up(r, name, ca_file))
        return r->host->fail(r->call, INNO_INVALID_CONFIG, -1,
                             "Redis at %s: TLS cannot be set up; is %s a file of PEM certificates? Give the authority as config.redis.ca",
                             r->address, ca_file);
    for (;;) {
        lib.ERR_clear_error();
        errno = 0;
        if (verdict(r, lib.SSL_connect(r->tls->ssl), &wants) > 0)
            return INNO_OK;
        if (!wants)
            break;
        if ((rc = resp_wait(r, wants, "TLS")) != INNO_OK)
            return rc;
    }
    verified = lib.SSL_get_verify_result(r->tls->ssl);
    if (verified != X509_V_OK)
        return r->host->fail(r->call, INNO_INVALID_CONFIG, -1,
                             "Redis at %s: its certificate is not trusted (%s); give the authority that signed it as config.redis.ca, "
                             "file:/path/ca.pem",
                             r->address, lib.X509_verify_cert_error_string(verified));
    return r->host->fail(r->call, INNO_TRANSIENT, -1, "Redis at %s: no TLS: %s", r->address, strerror(errno));
}
