/* Owns making the responses of libmicrohttpd: those of our replies, and those that it gives by itself before a request has come as far as
 * on_access: malformed or too large headers, another version of HTTP, broken chunks. It has no hook for them. But it makes them by its own
 * public function for responses in constant memory, which nothing here uses; so this file defines that function, and the dynamic linker
 * puts the program's definition before the library's. HTTP threads. */
#include "api/http_priv.h"
#include "base/cleanup.h"
#include "codec/json.h"
#include <stdlib.h>
#include <string.h>

#define DETAIL_BYTES 256

const struct http_safe_header http_safe_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {0},
};

/* The sentence of the library's page, without its tags. */
static void read_page(const char *page, size_t len, char out[static DETAIL_BYTES])
{
    const char *at = memmem(page, len, "<body>", strlen("<body>")), *end = page + len;
    size_t used = 0;
    bool tag = false;

    for (at = at ? at : page; at < end && used < DETAIL_BYTES - 1; at++) {
        if (*at == '<' || *at == '>')
            tag = *at == '<';
        else if (!tag)
            out[used++] = *at;
    }
    out[used] = '\0';
}

static char *problem(const char *page, size_t len)
{
    CLEANUP(json_put) json_t *body = json_object();
    char detail[DETAIL_BYTES], name[16];

    read_page(page, len, detail);
    err_name(ERR_REQUEST, name);
    json_set_new(body, "type", json_sprintf("urn:innominatus:error:%s", name));
    json_set_str(body, "title", err_title(ERR_REQUEST));
    json_set_str(body, "code", name);
    json_set_str(body, "detail", detail);
    json_set_str(body, "remedy", err_remedy(ERR_REQUEST));
    return json_text(body);
}

__attribute__((visibility("default"))) struct MHD_Response *MHD_create_response_from_buffer(size_t len, void *page,
                                                                                            enum MHD_ResponseMemoryMode mode)
{
    char *text = problem(page, len);
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(strlen(text), text, free);

    (void)mode; /* the library's pages are constants */
    if (!response) {
        free(text);
        return NULL;
    }
    MHD_add_response_header(response, "Content-Type", "application/problem+json");
    for (const struct http_safe_header *header = http_safe_headers; header->name; header++)
        MHD_add_response_header(response, header->name, header->value);
    return response;
}

struct MHD_Response *http_response(struct http_request *r)
{
    struct http_reply *reply = &r->reply;
    struct MHD_Response *response =
        reply->stream ? http_stream_response(r)
                      : MHD_create_response_from_buffer_with_free_callback(reply->len, reply->body ? reply->body : (char *)(uintptr_t) "",
                                                                           reply->body ? free : NULL);

    if (!response)
        return NULL;
    reply->body = NULL; /* the response's */
    if (reply->content_type)
        MHD_add_response_header(response, "Content-Type", reply->content_type);
    for (const struct http_header *header = reply->headers; header; header = header->next)
        MHD_add_response_header(response, header->name, header->value);
    return response;
}
