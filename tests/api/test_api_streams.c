/* Streams of events: what comes, to whom, in which order, from where again, and how a stream ends. The client speaks HTTP/1.0, so that what
 * is read is the stream itself. */
#include "api/api_priv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "fixture.h"
#include "observe/event.h"
#include "test.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 60000

static struct site site;

#define NEEDS_DATABASE                                                                                                                     \
    if (rig_missing()) {                                                                                                                   \
        test_skip(rig_missing());                                                                                                          \
        return;                                                                                                                            \
    }

/* ---- a client ---- */

struct stream {
    int fd;
    struct buf text;
    bool ended;
};

static struct stream stream_open(const char *key, const char *path, const char *headers)
{
    struct stream s = {.fd = client_connect(site.port), .text = BUF_INIT(64u << 20)};
    CLEANUP(free_ptr)
    char *request = mem_printf("GET %s HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n%s\r\n", path, key,
                               headers ? headers : "");

    client_send(s.fd, request, strlen(request));
    return s;
}

static void stream_close(struct stream *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    buf_fini(&s->text);
}

static bool stream_read(struct stream *s, int wait_ms)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    static char chunk[65536];
    ssize_t n;

    if (s->ended || poll(&p, 1, wait_ms) != 1)
        return false;
    n = recv(s->fd, chunk, sizeof chunk, 0);
    s->ended = n <= 0;
    if (n > 0)
        buf_add(&s->text, chunk, (size_t)n);
    return n > 0;
}

/* Reads until the text contains `wanted`. */
static bool stream_shows(struct stream *s, const char *wanted)
{
    while (!strstr(buf_text(&s->text), wanted))
        if (!stream_read(s, WAIT_MS)) {
            fprintf(stderr, "the stream does not show \"%s\" but \"%.2000s\"\n", wanted, buf_text(&s->text));
            return false;
        }
    return true;
}

static bool stream_ends(struct stream *s)
{
    while (stream_read(s, WAIT_MS))
        ;
    return s->ended;
}

/* Numbers of the events that were read, as text: "3 4 5". */
static char *stream_numbers(const struct stream *s)
{
    CLEANUP(buf_fini) struct buf out = BUF_INIT(1u << 20);

    buf_add(&out, "", 0);
    for (const char *at = buf_text(&s->text); (at = strstr(at, "\nid: ")); at++)
        buf_printf(&out, "%s%.*s", out.len ? " " : "", (int)strcspn(at + 5, "\n"), at + 5);
    return buf_take(&out);
}

/* ---- events of our own ---- */

struct writing {
    const char *type, *team, *application;
    int count;
    size_t bytes; /* of data, each */
};

static int write_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct writing *w = ctx;
    CLEANUP(json_put) json_t *data = json_object();
    CLEANUP(free_ptr) char *filler = mem_zalloc(w->bytes + 1);

    memset(filler, 'x', w->bytes);
    json_set_str(data, "filler", filler);
    for (int i = 0; i < w->count; i++)
        if (event_write(tx, &(struct event){.type = w->type, .team = w->team, .application = w->application, .data = data}, err) < 0)
            return -1;
    return 0;
}

static void write_to(struct store *store, struct writing w)
{
    struct err err = {0};

    ASSERT_OK(store_write_wait(store, write_unit, &w, &err), err);
}

static void write_events(const char *type, const char *team, int count)
{
    write_to(site.rig.store, (struct writing){.type = type, .team = team, .count = count});
}

static int head_unit(struct store_tx *tx, void *ctx, struct err *err) { return event_head(tx, ctx, err); }

/* The highest number once all is sealed that was written so far. */
static int64_t head(void)
{
    int64_t number = 0;
    struct err err = {0};

    rig_expect(&site.rig, "SELECT CAST(count(*) AS TEXT) FROM events WHERE number IS NULL", "0");
    ASSERT_OK(store_read(site.rig.store, head_unit, &number, &err), err);
    return number;
}

/* ---- tests ---- */

static void test_start(void)
{
    NEEDS_DATABASE
    site_start(&site, NULL, &(struct api_options){.beat_ms = 600000});
}

static void test_live(void)
{
    struct stream all, own;
    CLEANUP(free_ptr) char *numbers = NULL, *wanted = NULL, *own_numbers = NULL, *own_wanted = NULL;
    int64_t before;

    NEEDS_DATABASE
    write_events("test.before", "shop", 1);
    before = head();
    all = stream_open(site.admin, "/api/v1/events?type=test.", NULL);
    own = stream_open(site.dev, "/api/v1/events", NULL);
    CU_ASSERT(stream_shows(&all, "retry: ") && stream_shows(&own, "retry: "));
    ASSERT_CONTAINS(buf_text(&all.text), "Content-Type: text/event-stream\r\n");
    write_events("test.one", "shop", 1);
    write_events("test.two", "other", 1);
    write_events("test.none", NULL, 1);
    write_events("test.last", "shop", 1);
    CU_ASSERT(stream_shows(&all, "event: test.last\ndata: {") && stream_shows(&own, "event: test.last\ndata: {"));
    numbers = stream_numbers(&all);
    own_numbers = stream_numbers(&own);
    wanted = mem_printf("%lld %lld %lld %lld", (long long)before + 1, (long long)before + 2, (long long)before + 3, (long long)before + 4);
    own_wanted = mem_printf("%lld %lld", (long long)before + 1, (long long)before + 4);
    ASSERT_TEXT(numbers, wanted);
    ASSERT_TEXT(own_numbers, own_wanted);
    CU_ASSERT_PTR_NULL(strstr(buf_text(&own.text), "test.two"));
    CU_ASSERT_PTR_NULL(strstr(buf_text(&own.text), "test.none"));
    CU_ASSERT_PTR_NULL(strstr(buf_text(&all.text), "test.before"));
    stream_close(&all);
    stream_close(&own);
}

/* From any place, near or further back than memory reaches, by header or by parameter, everything follows once. */
static void test_resume(void)
{
    int64_t from, last;

    NEEDS_DATABASE
    from = head();
    write_events("test.many", "shop", 1500);
    last = head();
    for (int64_t after = from; after < last; after += 499) {
        CLEANUP(free_ptr) char *header = mem_printf("Last-Event-ID: %lld\r\n", (long long)after);
        CLEANUP(free_ptr) char *path = mem_printf("/api/v1/events?last_event_id=%lld", (long long)after);
        CLEANUP(free_ptr) char *end = mem_printf("id: %lld\nevent: test.many\n", (long long)last);
        CLEANUP(buf_fini) struct buf wanted = BUF_INIT(1u << 20);
        CLEANUP(free_ptr) char *numbers = NULL;
        struct stream s = after & 1 ? stream_open(site.dev, path, NULL) : stream_open(site.dev, "/api/v1/events?last_event_id=0", header);

        CU_ASSERT(stream_shows(&s, end));
        numbers = stream_numbers(&s);
        for (int64_t n = after + 1; n <= last; n++)
            buf_printf(&wanted, "%s%lld", wanted.len ? " " : "", (long long)n);
        CU_ASSERT(str_eq(numbers, buf_text(&wanted)));
        stream_close(&s);
    }
}

static void test_filters(void)
{
    struct stream s, t;

    NEEDS_DATABASE
    s = stream_open(site.dev, "/api/v1/events?application=apple", NULL);
    t = stream_open(site.admin, "/api/v1/events?type=test.b&team=shop", NULL);
    CU_ASSERT(stream_shows(&s, "retry: ") && stream_shows(&t, "retry: "));
    write_to(site.rig.store, (struct writing){.type = "test.a", .team = "shop", .application = "pear", .count = 3});
    write_to(site.rig.store, (struct writing){.type = "test.b", .team = "other", .application = "apple", .count = 3});
    write_to(site.rig.store, (struct writing){.type = "test.b", .team = "shop", .application = "apple", .count = 1});
    CU_ASSERT(stream_shows(&s, "event: test.b") && stream_shows(&t, "event: test.b"));
    CU_ASSERT_PTR_NULL(strstr(buf_text(&s.text), "pear"));
    CU_ASSERT_PTR_NULL(strstr(buf_text(&t.text), "\"other\""));
    stream_close(&s);
    stream_close(&t);
    site_expect(&site, &(struct call){.key = site.dev, .path = "/api/v1/events?team=other", .headers = "Accept: text/event-stream\r\n"},
                403);
}

/* Without that Accept it is a list with a place to go on from. */
static void test_json(void)
{
    CLEANUP(reply_fini) struct reply first = {0}, next = {0};
    CLEANUP(free_ptr) char *path = NULL;

    NEEDS_DATABASE
    head();
    first = site_get(&site, site.dev, "/api/v1/events?type=test.&limit=3");
    CU_ASSERT_EQUAL(first.status, 200);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(first.json, "items")), 3);
    path = mem_printf("/api/v1/events?type=test.&limit=1&after=%s", reply_text(&first, "next_cursor"));
    next = site_get(&site, site.dev, path);
    CU_ASSERT(json_integer_value(json_at(next.json, "items.0.id")) > json_integer_value(json_at(first.json, "items.2.id")));
}

static void test_bad_places(void)
{
    static const char accept[] = "Accept: text/event-stream\r\n";
    CLEANUP(free_ptr) char *word = mem_printf("%sLast-Event-ID: soon\r\n", accept);
    CLEANUP(free_ptr) char *negative = mem_printf("%sLast-Event-ID: -3\r\n", accept);
    struct stream s;

    NEEDS_DATABASE
    site_expect(&site, &(struct call){.key = site.dev, .path = "/api/v1/events", .headers = word}, 400);
    site_expect(&site, &(struct call){.key = site.dev, .path = "/api/v1/events", .headers = negative}, 400);
    site_expect(&site, &(struct call){.key = site.dev, .path = "/api/v1/events?last_event_id=x", .headers = accept}, 400);
    site_expect(&site, &(struct call){.path = "/api/v1/events", .headers = accept}, 401);
    site_expect(&site, &(struct call){.key = site.dev, .path = "/api/v1/deployments/d-none/events", .headers = accept}, 404);
    site_expect(&site, &(struct call){.key = site.dev, .method = "HEAD", .path = "/api/v1/events", .headers = accept}, 200);
    s = stream_open(site.dev, "/api/v1/events", "Last-Event-ID: 999999999999\r\n"); /* of another database: from now on */
    CU_ASSERT(stream_shows(&s, "retry: "));
    write_events("test.now", "shop", 1);
    CU_ASSERT(stream_shows(&s, "event: test.now"));
    stream_close(&s);
}

/* A deployment's stream begins with its beginning and ends with its end; who comes back then is told so. */
static void test_deployment(void)
{
    CLEANUP(reply_fini) struct reply made = {0};
    CLEANUP(free_ptr) char *path = NULL, *cancel = NULL, *header = NULL, *numbers = NULL;
    struct stream s;

    NEEDS_DATABASE
    made = site_call(&site,
                     &(struct call){.method = "POST", .path = "/api/v1/specs", .key = site.dev, .type = "application/yaml", .body = SLOW});
    CU_ASSERT_EQUAL_FATAL(made.status, 202);
    path = mem_printf("/api/v1/deployments/%s/events", reply_text(&made, "id"));
    cancel = mem_printf("/api/v1/deployments/%s/cancel", reply_text(&made, "id"));
    s = stream_open(site.dev, path, NULL);
    CU_ASSERT(stream_shows(&s, "event: deployment.queued\n") && stream_shows(&s, "event: step.waiting\n"));
    site_expect(&site, &(struct call){.method = "POST", .path = cancel, .key = site.dev}, 202);
    CU_ASSERT(stream_ends(&s));
    ASSERT_CONTAINS(buf_text(&s.text), "event: deployment.canceled\n");
    numbers = stream_numbers(&s);
    header = mem_printf("Accept: text/event-stream\r\nLast-Event-ID: %s\r\n", strrchr(numbers, ' ') + 1);
    stream_close(&s);
    site_expect(&site, &(struct call){.path = path, .key = site.dev, .headers = header}, 204);
    site_expect(&site, &(struct call){.path = path, .key = site.eve, .headers = header}, 404);
}

/* A stream that lives through many heartbeats while the store's next statement is set up to fail. */
static bool beats_alone(void)
{
    struct stream s = stream_open(site.dev, "/api/v1/events", NULL);
    bool alive = stream_shows(&s, "\n:\n\n");

    store_fail_nth(site.rig.store, 1, ERR_STORE);
    alive = alive && stream_shows(&s, ":\n\n:\n\n:\n\n:\n\n:\n\n") && !s.ended;
    store_fail_nth(site.rig.store, 0, ERR_STORE);
    stream_close(&s);
    return alive;
}

/* Between events nothing is asked of the store. What the server does after its start (sealing) may meet the failure in our place, so the
 * quiet is waited for; were each heartbeat a question, it would never come. */
static void test_heartbeat(void)
{
    struct site beating;
    struct site kept = site;
    int tries = 50;

    NEEDS_DATABASE
    site_start(&beating, NULL, &(struct api_options){.beat_ms = 20});
    site = beating;
    while (tries > 0 && !beats_alone())
        tries--;
    CU_ASSERT(tries > 0);
    beating = site;
    site = kept;
    site_stop(&beating);
}

static void test_revoked(void)
{
    CLEANUP(reply_fini) struct reply made = {0};
    CLEANUP(free_ptr) char *path = NULL;
    struct stream s, other;

    NEEDS_DATABASE
    made = site_call(&site,
                     &(struct call){.method = "POST", .path = "/api/v1/profile/api-keys", .key = site.dev, .body = "{\"name\": \"s\"}"});
    path = mem_printf("/api/v1/profile/api-keys/%s", reply_text(&made, "id"));
    s = stream_open(reply_text(&made, "key"), "/api/v1/events", NULL);
    other = stream_open(site.dev, "/api/v1/events", NULL);
    CU_ASSERT(stream_shows(&s, "retry: ") && stream_shows(&other, "retry: "));
    site_expect(&site, &(struct call){.method = "DELETE", .path = path, .key = site.dev}, 204);
    CU_ASSERT(stream_ends(&s));
    write_events("test.goes-on", "shop", 1);
    CU_ASSERT(stream_shows(&other, "event: test.goes-on"));
    CU_ASSERT_PTR_NULL(strstr(buf_text(&s.text), "test.goes-on"));
    stream_close(&s);
    stream_close(&other);
}

/* Number of the last event that was read as a whole. */
static int64_t last_whole(const struct stream *s)
{
    int64_t number = 0, whole = 0;

    for (const char *at = buf_text(&s->text); (at = strstr(at, "\nid: ")); at++) {
        whole = number;
        number = strtoll(at + 5, NULL, 10);
    }
    return str_ends(buf_text(&s->text), "\n\n") ? number : whole;
}

/* Who does not read is dropped, and goes on where it was; as often as it takes. */
static void test_slow(void)
{
    struct site strict;
    struct site kept = site;
    struct stream s;
    int64_t last, at;

    NEEDS_DATABASE
    site_start(&strict, NULL, &(struct api_options){.beat_ms = 600000, .stream_ms = 500});
    site = strict;
    s = stream_open(site.dev, "/api/v1/events", NULL);
    CU_ASSERT(stream_shows(&s, "retry: "));
    for (int i = 0; i < 16; i++) /* more than the system's buffers take */
        write_to(site.rig.store, (struct writing){.type = "test.big", .team = "shop", .count = 20, .bytes = 60000});
    last = head();
    for (int i = 0; i < 600 && atomic_load(&site.api->streams); i++)
        poll(NULL, 0, 100);
    CU_ASSERT_EQUAL(atomic_load(&site.api->streams), 0);
    CU_ASSERT(stream_ends(&s));
    at = last_whole(&s);
    CU_ASSERT(at > 0 && at < last);
    for (int i = 0; i < 300 && at > 0 && at < last; i++) {
        CLEANUP(free_ptr) char *header = mem_printf("Last-Event-ID: %lld\r\n", (long long)at);
        CLEANUP(free_ptr) char *first = mem_printf("\nid: %lld\n", (long long)at + 1);

        stream_close(&s);
        s = stream_open(site.dev, "/api/v1/events", header);
        CU_ASSERT(stream_shows(&s, first));
        while (last_whole(&s) < last && s.text.len < (1u << 20) && stream_read(&s, WAIT_MS))
            ;
        at = last_whole(&s) > at ? last_whole(&s) : at;
    }
    CU_ASSERT_EQUAL(at, last);
    stream_close(&s);
    strict = site;
    site = kept;
    site_stop(&strict);
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define STREAM_BYTES (1u << 20)
#else
#define STREAM_BYTES (48u << 10)
#endif
#define MANY 1000

static long resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (!file || fscanf(file, "%*d %ld", &pages) != 1)
        CU_FAIL("statm");
    if (file)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void test_many(void)
{
    static struct stream streams[MANY];
    struct rlimit files;
    long before;
    int shown = 0;

    NEEDS_DATABASE
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2 * MANY + 200) {
        test_skip("not enough files may be open");
        return;
    }
    before = resident_bytes();
    for (int i = 0; i < MANY; i++) {
        streams[i] = stream_open(i % 10 ? site.eve : site.dev, "/api/v1/events", NULL);
        stream_shows(&streams[i], "retry: ");
    }
    CU_ASSERT(atomic_load(&site.api->streams) >= MANY); /* those of the tests before are noticed when they are written to */
    printf("# %ld bytes a stream\n", (resident_bytes() - before) / MANY);
    CU_ASSERT(resident_bytes() - before < (long)MANY * (long)STREAM_BYTES);
    write_events("test.everybody", "shop", 1);
    for (int i = 0; i < MANY; i += 10)
        shown += stream_shows(&streams[i], "event: test.everybody");
    CU_ASSERT_EQUAL(shown, MANY / 10);
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT(i % 10 == 0 || !strstr(buf_text(&streams[i].text), "test.everybody"));
        stream_close(&streams[i]);
    }
}

/* Whatever another server on the database writes comes, too. */
static void test_peer(void)
{
#ifdef RIG_POSTGRES
    struct rig peer = {0};
    struct stream s;

    NEEDS_DATABASE
    rig_init_peer(&peer, &site.rig);
    rig_start(&peer);
    s = stream_open(site.dev, "/api/v1/events", NULL);
    CU_ASSERT(stream_shows(&s, "retry: "));
    write_to(peer.store, (struct writing){.type = "test.afar", .team = "shop", .count = 1});
    CU_ASSERT(stream_shows(&s, "event: test.afar"));
    stream_close(&s);
    rig_fini(&peer);
#endif
}

static void test_drain(void)
{
    struct stream s, behind;

    NEEDS_DATABASE
    s = stream_open(site.dev, "/api/v1/events", NULL);
    CU_ASSERT(stream_shows(&s, "retry: "));
    behind = stream_open(site.admin, "/api/v1/events", "Last-Event-ID: 0\r\n"); /* nobody reads what it is sent */
    site_stop(&site);
    CU_ASSERT(stream_ends(&s));
    stream_close(&s);
    stream_close(&behind);
}

const struct test_case tests[] = {
    {"(the server starts)", test_start},
    {"events come as they are sealed: all of them to an admin, a team's own to its people", test_live},
    {"a stream goes on behind Last-Event-ID without a gap, however long ago that was", test_resume},
    {"a filtered stream skips what was not asked for", test_filters},
    {"without text/event-stream in Accept events are a list", test_json},
    {"a Last-Event-ID that is no number is refused, one from elsewhere means now", test_bad_places},
    {"a deployment's stream ends with it, and coming back is answered 204", test_deployment},
    {"heartbeats keep an idle stream alive and ask nothing of the store", test_heartbeat},
    {"a stream ends when its key is revoked", test_revoked},
    {"a client that does not read is dropped and can go on where it was", test_slow},
    {"a thousand idle streams are small, and only those concerned are told", test_many},
    {"events of other servers come, too", test_peer},
    {"streams end when the server stops", test_drain},
    {0},
};
