/* Owns what an entry's config says about a backend (url, ca, ...), and the making of paths. The slot's thread. */
#include "rest_priv.h"
#include <innominatus/helpers.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const rest_setting_names[] = {"url", "ca", "clientCertificate", "clientKey", "timeout", "attempts", NULL};

/* ---- config ---- */

static inno_rc take_pem(const inno_host *host, inno_call *call, const char *where, const json_t *config, const char *key, const char **out)
{
    const json_t *value = json_object_get(config, key);
    const char *text = json_string_value(value);

    if (!value)
        return INNO_OK;
    if (!text || !strstr(text, "-----BEGIN "))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "%s.%s must be PEM text; name the file as file:/path", where, key);
    *out = text;
    return INNO_OK;
}

static bool is_base_url(const char *url)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL, *other = NULL;
    bool good = parsed && url && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    static const CURLUPart none[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT};

    for (size_t i = 0; good && i < sizeof none / sizeof *none; i++) {
        good = curl_url_get(parsed, none[i], &other, 0) != CURLUE_OK;
        curl_free(other);
        other = NULL;
    }
    curl_free(scheme);
    curl_url_cleanup(parsed);
    return good;
}

inno_rc rest_take_limits(const inno_host *host, inno_call *call, const char *where, const json_t *config, int64_t *out_timeout_ms,
                         int *out_attempts)
{
    const json_t *timeout = json_object_get(config, "timeout"), *attempts = json_object_get(config, "attempts");
    const char *text = json_string_value(timeout);
    int64_t ms = 0;

    if (timeout && (!text || !inno_duration_ms(text, &ms) || ms < 100 || ms > 3600000))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "%s.timeout must be a duration between 100ms and 1h, such as 30s", where);
    if (attempts && (!json_is_integer(attempts) || json_integer_value(attempts) < 1 || json_integer_value(attempts) > 20))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "%s.attempts must be a number from 1 to 20", where);
    *out_timeout_ms = ms;
    *out_attempts = (int)json_integer_value(attempts);
    return INNO_OK;
}

inno_rc rest_take_settings(const inno_host *host, inno_call *call, const char *where, const json_t *config, const char *backend,
                           struct rest_settings *out)
{
    struct rest_settings s = {.backend = backend, .url = json_string_value(json_object_get(config, "url"))};
    inno_rc rc;

    if (!is_base_url(s.url))
        return host->fail(call, INNO_INVALID_CONFIG, -1,
                          "%s.url must be the address of %s, such as https://host:port, without user, query and fragment", where, backend);
    if ((rc = take_pem(host, call, where, config, "ca", &s.ca_pem)) != INNO_OK ||
        (rc = take_pem(host, call, where, config, "clientCertificate", &s.certificate_pem)) != INNO_OK ||
        (rc = take_pem(host, call, where, config, "clientKey", &s.key_pem)) != INNO_OK ||
        (rc = rest_take_limits(host, call, where, config, &s.timeout_ms, &s.attempts)) != INNO_OK)
        return rc;
    if (!s.certificate_pem != !s.key_pem)
        return host->fail(call, INNO_INVALID_CONFIG, -1, "%s.clientCertificate and %s.clientKey belong together", where, where);
    *out = s;
    return INNO_OK;
}

inno_rc rest_open_token(const inno_host *host, inno_call *call, const json_t *config, const char *backend, const char *scheme,
                        struct rest **out, char **authorization)
{
    const char *token = json_string_value(json_object_get(config, "credentials"));
    struct rest_settings settings;
    inno_rc rc = rest_take_settings(host, call, "config", config, backend, &settings);
    size_t cap;

    if (rc == INNO_OK)
        rc = rest_new(host, call, &settings, out);
    if (rc != INNO_OK)
        return rc;
    if (!token || !token[0] || strpbrk(token, " \r\n"))
        return host->fail(call, INNO_INVALID_CONFIG, -1, "config.credentials must be a token, as env:NAME or file:/path");
    cap = strlen(scheme) + strlen(token) + 2;
    *authorization = malloc(cap);
    if (!*authorization)
        return host->fail(call, INNO_TRANSIENT, -1, "out of memory");
    snprintf(*authorization, cap, "%s %s", scheme, token);
    return INNO_OK;
}

/* ---- paths ---- */

struct path {
    char *text;
    size_t len, cap;
    bool bad;
};

static void add_char(struct path *p, char c)
{
    if (p->len + 1 >= p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 128;
        char *larger = realloc(p->text, cap);

        if (!larger) {
            p->bad = true;
            return;
        }
        p->text = larger;
        p->cap = cap;
    }
    p->text[p->len++] = c;
    p->text[p->len] = '\0';
}

static void add_segment(struct path *p, const char *text, size_t len)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";

    if (len == 0 || (len <= 2 && strspn(text, ".") >= len))
        p->bad = true;
    for (size_t i = 0; i < len && !p->bad; i++) {
        if (strchr(plain, text[i])) {
            add_char(p, text[i]);
            continue;
        }
        add_char(p, '%');
        add_char(p, digits[(unsigned char)text[i] >> 4]);
        add_char(p, digits[(unsigned char)text[i] & 15]);
    }
}

static void add_segments(struct path *p, const char *text)
{
    for (;; text++) {
        size_t len = strcspn(text, "/");

        add_segment(p, text, len);
        text += len;
        if (!*text || p->bad)
            return;
        add_char(p, '/');
    }
}

char *rest_path(const char *form, ...)
{
    struct path p = {0};
    va_list args;

    va_start(args, form);
    while (*form && !p.bad) {
        bool several = strncmp(form, "{+}", 3) == 0;

        if (several || strncmp(form, "{}", 2) == 0) {
            const char *text = va_arg(args, const char *);

            if (several)
                add_segments(&p, text);
            else
                add_segment(&p, text, strlen(text));
            form += several ? 3 : 2;
        } else {
            add_char(&p, *form++);
        }
    }
    va_end(args);
    if (p.bad) {
        free(p.text);
        return NULL;
    }
    return p.text;
}
