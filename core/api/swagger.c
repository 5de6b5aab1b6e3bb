/* Handlers of the pages that list the routes of a role and let one try them. Each page is one document: what it needs is inside, and the
 * policy of its content allows nothing but exactly that (by hash) and requests to this server. It holds no secret, so it is open. */
#include "api/api_priv.h"
#include "api/handlers.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/hash.h"
#include <string.h>

extern const struct embedded_file api_web[];

static const struct embedded_file *file_of(const char *name)
{
    const struct embedded_file *file = api_web;

    while (file->name && !str_eq(file->name, name))
        file++;
    return file;
}

/* 'sha256-...' of what stands between the tags. */
static const char *source_of(struct api_request *r, const struct embedded_file *file)
{
    unsigned char hash[CRYPTO_SHA256_BYTES];
    CLEANUP(free_ptr) char *text = NULL;

    crypto_sha256(file->bytes, file->len, hash);
    text = base64_encode_form(BASE64_STANDARD, hash, sizeof hash);
    return arena_printf(r->arena, "'sha256-%s'", text);
}

static void reply_page(struct api_request *r, const char *role)
{
    const struct embedded_file *page = file_of("swagger.html"), *style = file_of("swagger.css"), *script = file_of("swagger.js");
    CLEANUP(buf_fini) struct buf out = BUF_INIT(LIMIT_RESPONSE_BYTES);

    for (const char *at = page->bytes, *mark; at; at = mark) {
        mark = strchr(at, '@');
        buf_add(&out, at, mark ? (size_t)(mark - at) : strlen(at));
        if (!mark)
            break;
        if (str_starts(mark, "@STYLE@"))
            buf_add(&out, style->bytes, style->len);
        else if (str_starts(mark, "@SCRIPT@"))
            buf_add(&out, script->bytes, script->len);
        else
            buf_add_text(&out, role);
        mark = strchr(mark + 1, '@') + 1; /* the page is ours: its marks are closed */
    }
    http_reply_header(&r->http, "Content-Security-Policy",
                      arena_printf(r->arena,
                                   "default-src 'none'; script-src %s; style-src %s; connect-src 'self'; base-uri 'none'; form-action "
                                   "'none'; frame-ancestors 'none'",
                                   source_of(r, script), source_of(r, style)));
    buf_add(&out, "", 0);
    api_reply_text(r, 200, "text/html; charset=utf-8", buf_take(&out));
}

void swagger_user(struct api_request *r) { reply_page(r, "user"); }
void swagger_admin(struct api_request *r) { reply_page(r, "admin"); }
