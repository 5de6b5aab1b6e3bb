/* Owns requests of the command line: one net client, one server, one key. */
#include "cli/client.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/credentials.h"
#include "cli/output.h"
#include "cli/problem.h"
#include "crypto/encode.h"
#include "crypto/random.h"
#include <stdio.h>
#include <string.h>

#define CA_BYTES       (4u << 20)
#define PAGE_ITEMS     200
#define HEADERS        6
#define STREAM_IDLE_MS 60000 /* the server says something every 15 s */

struct client {
    struct net *net;
    struct endpoint endpoint;
    char *ca_pem;  /* NULL: the system's */
    char date[64]; /* of the last answer, as its header has it; "": none */
};

static int read_ca(struct client *client, struct err *err)
{
    const char *file = getenv("INNOMINATUS_CA_FILE");

    if (!file || !file[0])
        return 0;
    if (io_read_file(file, CA_BYTES, &client->ca_pem, NULL, err) < 0)
        return err_wrap(err, "INNOMINATUS_CA_FILE");
    return 0;
}

static struct client *client_open(struct cli *c, struct err *err)
{
    struct net_options options = {0};
    struct client *client;

    if (c->client)
        return c->client;
    client = mem_zalloc(sizeof *client);
    if (endpoint_find(c, &client->endpoint, err) < 0 || read_ca(client, err) < 0 || net_new(&options, &client->net, err) < 0) {
        client_free(client);
        return NULL;
    }
    return c->client = client;
}

void client_free(struct client *client)
{
    if (!client)
        return;
    net_free(client->net);
    free(client->ca_pem);
    free(client);
}

const char *client_url(struct cli *c, struct err *err)
{
    struct client *client = client_open(c, err);

    return client ? client->endpoint.url : NULL;
}

const char *client_date(const struct cli *c) { return c->client && c->client->date[0] ? c->client->date : NULL; }

const char *client_key_source(const struct cli *c) { return c->client && c->client->endpoint.key ? c->client->endpoint.source : NULL; }

const char *client_key_gone(const struct cli *c) { return c->client ? c->client->endpoint.gone : NULL; }

void client_use_key(struct cli *c, const char *key)
{
    if (!c->client)
        return;
    c->client->endpoint.key = arena_strdup(&c->arena, key);
    c->client->endpoint.source = "the sign-in";
}

/* ---- targets ---- */

static const char *escape(struct arena *arena, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_array(arena, strlen(text) * 3 + 1, 1), *at = out;

    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr("-_.~", *s);

        if (plain) {
            *at++ = (char)*s;
            continue;
        }
        *at++ = '%';
        *at++ = hex[*s >> 4];
        *at++ = hex[*s & 15];
    }
    return out;
}

const char *client_path(struct cli *c, const char *path, const char *word)
{
    const char *place = strstr(path, "{}");

    if (!place || !word)
        return arena_printf(&c->arena, "/api/v1%s", path);
    return arena_printf(&c->arena, "/api/v1%.*s%s%s", (int)(place - path), path, escape(&c->arena, word), place + 2);
}

const char *client_query(struct cli *c, const char *target, const char *name, const char *value)
{
    if (!value)
        return target;
    return arena_printf(&c->arena, "%s%c%s=%s", target, strchr(target, '?') ? '&' : '?', name, escape(&c->arena, value));
}

const char *client_team(struct cli *c, const char *target) { return client_query(c, target, "team", c->team); }

/* ---- requests ---- */

static size_t fill_headers(struct cli *c, const struct client *client, const struct client_call *call, struct net_header headers[HEADERS])
{
    size_t count = 0;
    unsigned char random[16];
    char hex[sizeof random * 2 + 1];

    headers[count++] = (struct net_header){"Accept", "application/json"};
    headers[count++] = (struct net_header){"User-Agent", "innominatus/" INNOMINATUS_VERSION};
    if (client->endpoint.key)
        headers[count++] = (struct net_header){"Authorization", arena_printf(&c->arena, "Bearer %s", client->endpoint.key)};
    if (call->body)
        headers[count++] = (struct net_header){"Content-Type", "application/json"};
    if (call->creates) {
        crypto_random(random, sizeof random);
        crypto_hex(random, sizeof random, hex);
        headers[count++] = (struct net_header){"Idempotency-Key", arena_strdup(&c->arena, hex)};
    }
    return count;
}

static int exchange(struct cli *c, struct client *client, const struct client_call *call, struct net_response *out, struct err *err)
{
    CLEANUP(free_ptr) char *body = call->body ? json_text(call->body) : NULL;
    struct net_header headers[HEADERS];
    struct net_request request = {.method = call->method,
                                  .url = arena_printf(&c->arena, "%s%s", client->endpoint.url, call->target),
                                  .headers = headers,
                                  .header_count = fill_headers(c, client, call, headers),
                                  .body = body,
                                  .body_len = body ? strlen(body) : 0,
                                  .ca_pem = client->ca_pem,
                                  .timeout_ms = call->timeout_ms,
                                  .trust = NET_TRUSTED};

    if (c->debug)
        cli_say(c, "> %s %s", call->method, request.url);
    if (net_request_wait(client->net, &request, NULL, out, err) < 0)
        return -1;
    snprintf(client->date, sizeof client->date, "%s", net_header_value(out, "date") ? net_header_value(out, "date") : "");
    if (c->debug)
        cli_say(c, "< %d, %zu bytes", out->status, out->len);
    return 0;
}

static int unreachable(struct cli *c, const struct client *client, const struct err *cause)
{
    struct err err = {0};

    size_t len = strlen(client->endpoint.url);
    /* The cause begins with the same address, perhaps with the port that goes without saying. */
    const char *why = strncmp(cause->msg, client->endpoint.url, len) == 0 ? strstr(cause->msg + len, ": ") : NULL;

    err_set(&err, ERR_NO_SERVER, "no answer from %s: %s%s", client->endpoint.url, why ? why + 2 : cause->msg,
            strstr(cause->msg, "wrong version number") ? "; it may speak http:// and not https://" : "");
    cli_fail(c, &err);
    return EXIT_UNREACHABLE;
}

static int refused(struct cli *c, const struct client *client, const struct client_call *call, const struct net_response *response,
                   json_t *body)
{
    int code;

    if (call->silent)
        return problem_exit(response->status, body);
    if (call->signs_in) /* to somebody who is just doing it, "run innominatus login" is no help */
        json_object_del(body, "remedy");
    code = problem_print(c, response->status, body, call->source, call->source_name);
    if (call->signs_in)
        return code;
    if (response->status == 401 && client->endpoint.key)
        cli_say(c, "  the key came from %s", client->endpoint.source);
    else if (response->status == 401 && client->endpoint.gone)
        cli_say(c,
                "  the local server's key file %s is not there: sign in, set INNOMINATUS_API_KEY, or start the server once with "
                "--new-admin-key",
                client->endpoint.gone);
    else if (response->status == 401)
        cli_say(c, "  no key is known for %s: set INNOMINATUS_API_KEY, or run `innominatus login`", client->endpoint.url);
    return code;
}

/* What is no JSON does not come from an innominatus server. */
static int not_ours(struct cli *c, const struct client *client, const struct net_response *response)
{
    struct err err = {0};

    err_set(&err, ERR_HTTP_STATUS, "%s answered %d with something that is not JSON (%.40s); is it an innominatus server?",
            client->endpoint.url, response->status, out_clean(&c->arena, response->body, false));
    cli_fail(c, &err);
    return EXIT_UNREACHABLE;
}

int client_do(struct cli *c, const struct client_call *call, json_t **out)
{
    struct net_response response = {0};
    struct err err = {0};
    struct client *client = client_open(c, &err);
    CLEANUP(json_put) json_t *body = NULL;
    int code = EXIT_FINE;

    if (out)
        *out = NULL;
    if (!client)
        return cli_fail(c, &err);
    if (exchange(c, client, call, &response, &err) < 0)
        return call->quiet ? EXIT_UNREACHABLE : unreachable(c, client, &err);
    if (call->quiet && response.status == 503)
        code = EXIT_UNREACHABLE;
    else if (call->text && response.status == 200)
        *call->text = take_ptr(response.body);
    else if (response.len && json_parse(response.body, response.len, "the answer", LIMIT_HTTP_CLIENT_BYTES, &body, &err) < 0)
        code = call->silent ? EXIT_UNREACHABLE : not_ours(c, client, &response);
    else if (response.status >= 400 || response.status < 200 || response.status >= 300)
        code = refused(c, client, call, &response, body);
    else if (out)
        *out = take_ptr(body);
    net_response_fini(&response);
    return code;
}

int client_get(struct cli *c, const char *target, json_t **out)
{
    return client_do(c, &(struct client_call){.method = "GET", .target = target}, out);
}

/* ---- streams ---- */

int client_stream_start(struct cli *c, const struct client_stream *stream, uint64_t *out_id, struct err *err)
{
    struct client *client = client_open(c, err);
    struct net_header headers[HEADERS];
    struct net_request request = {
        .headers = headers, .timeout_ms = -1, .idle_ms = STREAM_IDLE_MS, .trust = NET_TRUSTED, .on_chunk = stream->on_chunk};

    if (!client)
        return -1;
    request.url = arena_printf(&c->arena, "%s%s", client->endpoint.url, stream->target);
    request.ca_pem = client->ca_pem;
    request.header_count = fill_headers(c, client, &(struct client_call){0}, headers);
    headers[0].value = "text/event-stream";
    if (stream->after >= 0)
        headers[request.header_count++] = (struct net_header){"Last-Event-ID", arena_printf(&c->arena, "%lld", (long long)stream->after)};
    if (c->debug)
        cli_say(c, "> GET %s, a stream", request.url);
    return net_request_start(client->net, &request, stream->done, stream->ctx, out_id, err);
}

void client_stream_cancel(struct cli *c, uint64_t id)
{
    if (c->client)
        net_cancel(c->client->net, id);
}

/* ---- lists ---- */

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

int client_list_by(struct cli *c, client_getter get, const char *target, int64_t most, json_t **out)
{
    CLEANUP(json_put) json_t *all = json_object();
    json_t *items = json_array();
    const char *cursor = NULL;

    json_set_new(all, "items", items);
    do {
        int64_t left = most ? most - (int64_t)json_array_size(items) : PAGE_ITEMS;
        const char *page = client_query(c, target, "limit", arena_printf(&c->arena, "%lld", (long long)min64(left, PAGE_ITEMS)));
        CLEANUP(json_put) json_t *body = NULL;
        int code = get(c, client_query(c, page, "cursor", cursor), &body);

        if (code)
            return code;
        json_array_extend(items, json_object_get(body, "items"));
        cursor = arena_strdup(&c->arena, json_str(body, "next_cursor"));
    } while (cursor && (!most || (int64_t)json_array_size(items) < most));
    json_set_str(all, "next_cursor", cursor);
    *out = take_ptr(all);
    return EXIT_FINE;
}

int client_list(struct cli *c, const char *target, int64_t most, json_t **out) { return client_list_by(c, client_get, target, most, out); }
