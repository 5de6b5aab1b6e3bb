/* The little server; see rest_server.h. One thread, one connection at a time, each closed after its answer. */
#include "rest_server.h"
#include "test.h"
#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct rest_server {
    int listener, stop;
    pthread_t thread;
    char url[64];
    SSL_CTX *tls;
    char *authority, *client, *client_key;
    pthread_mutex_t lock; /* the three that follow */
    int requests;
    char last[4096], shown[4096];
    int failed; /* answers that went wrong on purpose so far */
};

struct connection {
    struct rest_server *server;
    int fd;
    SSL *ssl;
};

/* ---- certificates ---- */

static char *pem_of(X509 *certificate, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *text;
    long len;

    if (certificate)
        PEM_write_bio_X509(bio, certificate);
    else
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    len = BIO_get_mem_data(bio, &data);
    text = strndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CU_ASSERT_PTR_NOT_NULL_FATAL(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: it signs itself, as an authority. */
static X509 *certify(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key)
{
    static long serial = 1;
    X509 *certificate = X509_new();
    X509_NAME *subject;

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600L * 24);
    X509_set_pubkey(certificate, key);
    subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : subject);
    if (issuer)
        extend(certificate, issuer, NID_subject_alt_name, "IP:127.0.0.1");
    else
        extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate, issuer ? issuer_key : key, EVP_sha256());
    return certificate;
}

static void make_tls(struct rest_server *s, bool client)
{
    EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256"), *client_key = EVP_EC_gen("P-256");
    X509 *root = certify(root_key, "test authority", NULL, NULL), *own = certify(key, "backend", root, root_key),
         *of_client = certify(client_key, "client", root, root_key);

    s->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->tls, own);
    SSL_CTX_use_PrivateKey(s->tls, key);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(s->tls), root);
    if (client)
        SSL_CTX_set_verify(s->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    s->authority = pem_of(root, NULL);
    s->client = pem_of(of_client, NULL);
    s->client_key = pem_of(NULL, client_key);
    X509_free(root), X509_free(own), X509_free(of_client);
    EVP_PKEY_free(root_key), EVP_PKEY_free(key), EVP_PKEY_free(client_key);
}

/* ---- one connection ---- */

static ssize_t get(struct connection *c, char *bytes, size_t cap)
{
    return c->ssl ? SSL_read(c->ssl, bytes, (int)cap) : recv(c->fd, bytes, cap, 0);
}

static bool put(struct connection *c, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = c->ssl ? SSL_write(c->ssl, bytes, (int)len) : send(c->fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Head and body by Content-Length. */
static bool read_request(struct connection *c, char *text, size_t cap)
{
    size_t len = 0, body = 0;
    char *end = NULL, *header;

    while (len + 1 < cap) {
        ssize_t n = get(c, text + len, cap - 1 - len);

        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
        if (!end)
            continue;
        header = strcasestr(text, "content-length:");
        body = header && header < end ? strtoul(header + 15, NULL, 10) : 0;
        if (len >= (size_t)(end + 4 - text) + body)
            return true;
    }
    return false;
}

static void answer(struct connection *c, int status, const char *headers, const char *body)
{
    char head[1000];
    int len =
        snprintf(head, sizeof head, "HTTP/1.1 %d x\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n", status, strlen(body), headers);

    if (put(c, head, (size_t)len))
        put(c, body, strlen(body));
}

/* Until the client goes, or the server is stopped. */
static bool client_is_there(struct connection *c, int ms)
{
    struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN | POLLRDHUP}, {.fd = c->server->stop, .events = POLLIN}};

    return poll(fds, 2, ms) == 0;
}

static void tear(struct connection *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void serve_status(struct connection *c, int status, const char *request)
{
    const char *body = strstr(request, "\r\n\r\n") + 4, *token = strstr(request, "X-Token: ");
    char text[1500], quoted[1000];
    size_t used = 0;

    for (const char *at = body; *at && used + 2 < sizeof quoted; at++) {
        if (*at == '"' || *at == '\\')
            quoted[used++] = '\\';
        quoted[used++] = *at;
    }
    quoted[used] = '\0';
    snprintf(text, sizeof text, "{\"errors\":[\"said no to %s\",\"token %.20s\"]}", quoted, token ? token + 9 : "none");
    answer(c, status, "", text);
}

/* Goes wrong `times` times, then well. */
static bool wrong(struct connection *c, const char *times)
{
    if (c->server->failed >= atoi(times))
        return false;
    c->server->failed++;
    return true;
}

static void serve_broken(struct connection *c, const char *path)
{
    if (strncmp(path, "/hang", 5) == 0) {
        while (client_is_there(c, 60000))
            ;
    } else if (strncmp(path, "/drip", 5) == 0) {
        put(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 43);
        while (client_is_there(c, 20) && put(c, " ", 1))
            ;
    } else if (strncmp(path, "/large", 6) == 0) {
        char block[4096];

        memset(block, ' ', sizeof block);
        put(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 38);
        for (int i = 0; i < 4096 && put(c, block, sizeof block); i++)
            ;
    } else {
        answer(c, 404, "", "{\"message\":\"no such path\"}");
    }
}

static void serve(struct connection *c, const char *request)
{
    const char *path = strchr(request, ' ') + 1;
    char header[300];

    if (strncmp(path, "/ok", 3) == 0)
        answer(c, 200, "", "{\"fine\":true}");
    else if (strncmp(path, "/empty", 6) == 0)
        answer(c, 204, "", "");
    else if (strncmp(path, "/status/", 8) == 0)
        serve_status(c, atoi(path + 8), request);
    else if (strncmp(path, "/plain", 6) == 0)
        answer(c, 500, "", "something\nbroke\n");
    else if (strncmp(path, "/fail/", 6) == 0)
        answer(c, wrong(c, path + 6) ? 503 : 200, "", "{\"errors\":[\"sealed\"]}");
    else if (strncmp(path, "/fail502/", 9) == 0)
        answer(c, wrong(c, path + 9) ? 502 : 200, "", "{}");
    else if (strncmp(path, "/after/", 7) == 0) {
        snprintf(header, sizeof header, "Retry-After: %d\r\n", atoi(path + 7));
        answer(c, c->server->failed++ ? 200 : 429, header, "{}");
    } else if (strncmp(path, "/reset/", 7) == 0) {
        if (wrong(c, path + 7))
            tear(c);
        else
            answer(c, 200, "", "{}");
    } else if (strncmp(path, "/garbage", 8) == 0)
        answer(c, 200, "", "{\"a\": [1, 2");
    else if (strncmp(path, "/away", 5) == 0) {
        snprintf(header, sizeof header, "Location: http://localhost%s/ok\r\n", strrchr(c->server->url, ':'));
        answer(c, 307, header, "");
    } else if (strncmp(path, "/moved", 6) == 0)
        answer(c, 307, "Location: /ok\r\n", "");
    else if (strncmp(path, "/loop", 5) == 0)
        answer(c, 302, "Location: /loop\r\n", "");
    else
        serve_broken(c, path);
}

static void handle(struct rest_server *s, int fd)
{
    struct connection c = {.server = s, .fd = fd};
    char request[4096] = "";
    bool good = true;

    if (s->tls) {
        c.ssl = SSL_new(s->tls);
        SSL_set_fd(c.ssl, fd);
        good = SSL_accept(c.ssl) == 1;
    }
    if (good && read_request(&c, request, sizeof request)) {
        pthread_mutex_lock(&s->lock);
        memcpy(s->last, request, sizeof request);
        s->requests++;
        pthread_mutex_unlock(&s->lock);
        serve(&c, request);
    }
    if (c.ssl && good)
        SSL_shutdown(c.ssl);
    SSL_free(c.ssl);
    close(fd);
}

static void *run(void *ctx)
{
    struct rest_server *s = ctx;
    struct pollfd fds[] = {{.fd = s->listener, .events = POLLIN}, {.fd = s->stop, .events = POLLIN}};

    for (;;) {
        int fd;

        poll(fds, 2, -1);
        if (fds[1].revents)
            return NULL;
        fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            handle(s, fd);
    }
}

/* ---- life ---- */

static int listen_somewhere(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_FATAL(fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 16) == 0 &&
                    getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

int rest_dead_port(void)
{
    int port, fd = listen_somewhere(&port);

    close(fd);
    return port;
}

struct rest_server *rest_server_start(bool tls, bool client)
{
    struct rest_server *s = calloc(1, sizeof *s);
    int port;

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    s->listener = listen_somewhere(&port);
    s->stop = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&s->lock, NULL);
    snprintf(s->url, sizeof s->url, "http%s://127.0.0.1:%d", tls ? "s" : "", port);
    if (tls)
        make_tls(s, client);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&s->thread, NULL, run, s), 0);
    return s;
}

void rest_server_stop(struct rest_server *s)
{
    eventfd_write(s->stop, 1);
    pthread_join(s->thread, NULL);
    close(s->listener);
    close(s->stop);
    SSL_CTX_free(s->tls);
    free(s->authority);
    free(s->client);
    free(s->client_key);
    free(s);
}

int rest_server_requests(struct rest_server *s)
{
    int requests;

    pthread_mutex_lock(&s->lock);
    requests = s->requests;
    pthread_mutex_unlock(&s->lock);
    return requests;
}

const char *rest_server_last(struct rest_server *s)
{
    pthread_mutex_lock(&s->lock);
    memcpy(s->shown, s->last, sizeof s->shown);
    pthread_mutex_unlock(&s->lock);
    return s->shown;
}

const char *rest_server_url(const struct rest_server *s) { return s->url; }
const char *rest_server_authority(const struct rest_server *s) { return s->authority; }
const char *rest_server_client(const struct rest_server *s) { return s->client; }
const char *rest_server_client_key(const struct rest_server *s) { return s->client_key; }
