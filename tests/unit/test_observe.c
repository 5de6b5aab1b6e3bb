/* Events: gapless numbers whatever happens, pages that miss nothing, waiters that are woken; and the metrics. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "observe/event.h"
#include "observe/filter.h"
#include "observe/hub.h"
#include "test.h"
#include "test_store.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* ---- helpers ---- */

static void store_put(struct store **s)
{
    test_store_close(*s);
    *s = NULL;
}
#define STORE(s) CLEANUP(store_put) struct store *s = test_store()

static int write_unit(struct store_tx *tx, void *ctx, struct err *err) { return event_write(tx, ctx, err); }

static void write_event(struct store *s, struct event event)
{
    struct err err;

    ASSERT_OK(store_write_wait(s, write_unit, &event, &err), err);
}

static int failing_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    if (event_write(tx, ctx, err) < 0)
        return -1;
    return err_set(err, ERR_CONFLICT, "rolled back on purpose");
}

static void seal(struct store *s)
{
    struct err err;

    ASSERT_OK(store_write_wait(s, audit_seal, NULL, &err), err);
}

static struct event_page page_of(struct store *s, struct event_filter filter)
{
    struct event_page page = {0};
    struct err err;

    ASSERT_OK(event_read(s, &filter, &page, &err), err);
    return page;
}

static size_t count_of(struct store *s, struct event_filter filter)
{
    CLEANUP(event_page_fini) struct event_page page = page_of(s, filter);

    return json_array_size(page.items);
}

/* Asserts that the numbers from `after` on follow each other without a gap; returns the last. */
static int64_t assert_gapless(struct store *s)
{
    int64_t expected = 1;

    for (;;) {
        CLEANUP(event_page_fini)
        struct event_page page = page_of(s, (struct event_filter){.after = expected - 1, .limit = LIMIT_PAGE_ITEMS});
        json_t *item;
        size_t i;

        json_array_foreach(page.items, i, item) CU_ASSERT_EQUAL(json_int(item, "id", -1), expected++);
        if (!page.more)
            return expected - 1;
    }
}

/* ---- events ---- */

static void test_shape(void)
{
    STORE(s);
    CLEANUP(json_put) json_t *data = json_pack("{s:{s:s}}", "password", "$secret", "resource:r-1#password");
    CLEANUP(event_page_fini) struct event_page page = {0};
    CLEANUP(free_ptr) char *text = NULL;

    write_event(s, (struct event){.type = "step.completed",
                                  .at = 1767225600000001,
                                  .team = "shop",
                                  .deployment_id = "d-1",
                                  .workflow_id = "w-1",
                                  .step_id = "s-1",
                                  .step = "verify",
                                  .resource_id = "r-1",
                                  .application = "shop",
                                  .environment = "development",
                                  .actor = "ada",
                                  .data = data});
    write_event(s, (struct event){.type = "config.reloaded", .at = 1767225600000002});
    /* Seen when it has its number: with its commit where nobody else writes. */
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){0}), store_kind(s) == STORE_SQLITE ? 2 : 0);
    seal(s);
    page = page_of(s, (struct event_filter){0});
    text = json_canonical(page.items);
    ASSERT_TEXT(
        text,
        "[{\"actor\":\"ada\",\"application\":\"shop\",\"at\":\"2026-01-01T00:00:00.000001Z\",\"data\":{\"password\":{\"$secret\":"
        "\"resource:r-1#password\"}},\"deployment_id\":\"d-1\",\"environment\":\"development\",\"id\":1,\"resource_id\":\"r-1\",\"step\":"
        "\"verify\",\"step_id\":\"s-1\",\"team\":\"shop\",\"type\":\"step.completed\",\"workflow_id\":\"w-1\"},"
        "{\"at\":\"2026-01-01T00:00:00.000002Z\",\"id\":2,\"type\":\"config.reloaded\"}]");
    CU_ASSERT_EQUAL(page.last, 2);
    CU_ASSERT_FALSE(page.more);
}

static void test_filters(void)
{
    STORE(s);

    write_event(s, (struct event){.type = "step.started", .team = "shop", .deployment_id = "d-1", .step_id = "s-1"});
    write_event(s, (struct event){.type = "step.completed", .team = "shop", .deployment_id = "d-1", .workflow_id = "w-1"});
    write_event(s, (struct event){.type = "resource.active", .team = "pay", .deployment_id = "d-2", .resource_id = "r-1"});
    write_event(s, (struct event){.type = "stepx", .org = "other", .team = "shop", .application = "a", .environment = "e"});
    seal(s);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){0}), 3);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.team = "shop"}), 2);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.team = "shop", .deployment_id = "d-2"}), 0); /* another team's deployment */
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.deployment_id = "d-1"}), 2);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.type = "step."}), 2);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.type = "step"}), 0);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.type = "step.started"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.step_id = "s-1"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.workflow_id = "w-1"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.resource_id = "r-1"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.org = "other", .application = "a", .environment = "e"}), 1);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){.team = "' OR '1'='1"}), 0);
}

/* A stream of one team resumes beyond the other teams' numbers, so it does not read them again and again. */
static void test_resume(void)
{
    STORE(s);
    int64_t after = 0;
    size_t seen = 0;

    for (int i = 0; i < 20; i++)
        write_event(s, (struct event){.type = "step.started", .team = i % 4 == 1 ? "shop" : "pay"});
    seal(s);
    for (bool more = true; more;) {
        CLEANUP(event_page_fini) struct event_page page = page_of(s, (struct event_filter){.team = "shop", .after = after, .limit = 2});

        seen += json_array_size(page.items);
        CU_ASSERT_TRUE(page.last >= after);
        after = page.last;
        more = page.more;
    }
    CU_ASSERT_EQUAL(seen, 5);
    CU_ASSERT_EQUAL(after, 20);
    CLEANUP(event_page_fini) struct event_page beyond = page_of(s, (struct event_filter){.after = 99});
    CU_ASSERT_EQUAL(beyond.last, 99); /* never back */
}

static void test_large_data(void)
{
    STORE(s);
    char *text = mem_zalloc(LIMIT_EVENT_BYTES + 1);
    CLEANUP(json_put) json_t *data = NULL;
    struct err err;

    memset(text, 'x', LIMIT_EVENT_BYTES);
    data = json_string(text);
    ASSERT_FAILS(store_write_wait(s, write_unit, &(struct event){.type = "x", .data = data}, &err), err, ERR_LIMIT);
    text[LIMIT_EVENT_BYTES - 2] = '\0';
    json_string_set(data, text);
    ASSERT_OK(store_write_wait(s, write_unit, &(struct event){.type = "x", .data = data}, &err), err);
    seal(s);
    CU_ASSERT_EQUAL(count_of(s, (struct event_filter){0}), 1);
    free(text);
}

static int sql_unit(struct store_tx *tx, void *ctx, struct err *err) { return store_exec(tx, ctx, STORE_NO_ARGS, NULL, err); }

static void test_corrupt(void)
{
    STORE(s);
    struct event_page page = {0};
    struct err err;

    write_event(s, (struct event){.type = "x"});
    seal(s);
    ASSERT_OK(store_write_wait(s, sql_unit, (void *)(uintptr_t) "UPDATE events SET data = '{broken'", &err), err);
    ASSERT_FAILS(event_read(s, &(struct event_filter){0}, &page, &err), err, ERR_STORE_CORRUPT);
    CU_ASSERT_PTR_NULL(page.items);
}

/* Retention removes old events; numbers are never given twice. */
static void test_numbers_never_again(void)
{
    STORE(s);
    CLEANUP(event_page_fini) struct event_page page = {0};
    struct err err;

    write_event(s, (struct event){.type = "x"});
    write_event(s, (struct event){.type = "x"});
    seal(s);
    ASSERT_OK(store_write_wait(s, sql_unit, (void *)(uintptr_t) "DELETE FROM events", &err), err);
    write_event(s, (struct event){.type = "y"});
    seal(s);
    page = page_of(s, (struct event_filter){0});
    CU_ASSERT_EQUAL(json_int(json_array_get(page.items, 0), "id", -1), 3);
}

static int rolled_back_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    (void)ctx;
    if (event_write(tx, &(struct event){.type = "lost"}, err) < 0)
        return -1;
    return sql_unit(tx, (void *)(uintptr_t) "INSERT INTO nowhere VALUES (1)", err);
}

/* What is rolled back uses no number up, and rows without one come before what is written after them. */
static void test_numbers_of_the_writer(void)
{
    static const char *const types[] = {"a", "old", "old", "b", "c"};
    STORE(s);
    CLEANUP(event_page_fini) struct event_page page = {0};
    const char *insert = "INSERT INTO events (type, at, org) VALUES ('old', 1, 'default')";
    struct err err;

    write_event(s, (struct event){.type = "a"});
    CU_ASSERT_EQUAL(store_write_wait(s, rolled_back_unit, NULL, &err), -1);
    ASSERT_OK(store_write_wait(s, sql_unit, (void *)(uintptr_t)insert, &err), err);
    ASSERT_OK(store_write_wait(s, sql_unit, (void *)(uintptr_t)insert, &err), err);
    CU_ASSERT_EQUAL(store_write_wait(s, rolled_back_unit, NULL, &err), -1);
    write_event(s, (struct event){.type = "b"});
    seal(s);
    write_event(s, (struct event){.type = "c"});
    seal(s);
    CU_ASSERT_EQUAL(assert_gapless(s), 5);
    page = page_of(s, (struct event_filter){0});
    for (size_t i = 0; i < 5; i++)
        ASSERT_TEXT(json_str(json_array_get(page.items, i), "type"), types[i]);
}

#define WRITERS     4
#define EVENTS_EACH 80

static void *write_events(void *ctx)
{
    struct err err;

    for (int i = 0; i < EVENTS_EACH; i++)
        store_write_wait(ctx, i % 5 == 2 ? failing_unit : write_unit, &(struct event){.type = "step.progress"}, &err);
    return NULL;
}

/* What a stream does: read, then wait for more; it must see every number once, in order. */
static void *follow(void *ctx)
{
    struct {
        struct store *s;
        struct hub *hub;
        int64_t until, last, wrong;
    } *f = ctx;

    while (f->last < f->until) {
        uint64_t generation = hub_generation(f->hub);
        CLEANUP(event_page_fini) struct event_page page = {0};
        json_t *item;
        size_t i;
        struct err err;

        if (event_read(f->s, &(struct event_filter){.after = f->last}, &page, &err) < 0)
            break;
        json_array_foreach(page.items, i, item) f->wrong += json_int(item, "id", -1) != ++f->last;
        if (!page.more && f->last < f->until && !hub_wait(f->hub, generation, 30000))
            break;
    }
    return NULL;
}

static void test_concurrent(void)
{
    CLEANUP(store_put) struct store *s = NULL;
    pthread_t threads[WRITERS], followers[2];
    int64_t kept = 0;
    struct {
        struct store *s;
        struct hub *hub;
        int64_t until, last, wrong;
    } follow_ctx[2];
    struct hub *hub;

    s = test_store();
    hub = hub_new(s);
    audit_install_sealer(s);
    for (int i = 0; i < EVENTS_EACH; i++)
        kept += i % 5 != 2;
    for (size_t i = 0; i < 2; i++) {
        memset(&follow_ctx[i], 0, sizeof follow_ctx[i]);
        follow_ctx[i].s = s;
        follow_ctx[i].hub = hub;
        follow_ctx[i].until = WRITERS * kept;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&followers[i], NULL, follow, &follow_ctx[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_events, s), 0);
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(followers[i], NULL);
        CU_ASSERT_EQUAL(follow_ctx[i].wrong, 0);
        CU_ASSERT_EQUAL(follow_ctx[i].last, WRITERS * kept);
    }
    CU_ASSERT_EQUAL(assert_gapless(s), WRITERS * kept);
    store_put(&s); /* no wake-ups any more */
    hub_free(hub);
}

static int many_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    for (int i = 0; i < *(int *)ctx; i++)
        if (event_write(tx, &(struct event){.type = "x"}, err) < 0)
            return -1;
    return 0;
}

/* More than one transaction of the sealer takes: it comes back by itself for the rest. */
static void test_backlog(void)
{
    STORE(s);
    int many = LIMIT_SEAL_BATCH + 50;
    struct err err;

    ASSERT_OK(store_write_wait(s, many_unit, &many, &err), err);
    audit_install_sealer(s);
    for (int i = 0; i < 20000 && !count_of(s, (struct event_filter){.after = many - 1}); i++)
        usleep(10000);
    CU_ASSERT_EQUAL(assert_gapless(s), many);
}

static void test_seal_failure(void)
{
    STORE(s);
    struct err err;

    for (int nth = 1; nth <= 4; nth++) {
        write_event(s, (struct event){.type = "x"});
        store_fail_nth(s, nth, ERR_STORE_FULL);
        err = (struct err){0};
        store_write_wait(s, audit_seal, NULL, &err);
        store_fail_nth(s, 0, ERR_NONE);
    }
    seal(s);
    CU_ASSERT_EQUAL(assert_gapless(s), 4);
}

/* ---- the hub ---- */

struct counted {
    struct hub_waiter waiter;
    atomic_int woken;
};

static void count_wake(struct hub_waiter *waiter) { atomic_fetch_add(&((struct counted *)waiter)->woken, 1); }

static void test_hub(void)
{
    CLEANUP(store_put) struct store *s = test_store();
    struct hub *hub = hub_new(s);
    struct counted a = {.waiter = {.woken = count_wake}}, b = {.waiter = {.woken = count_wake}};
    uint64_t generation = hub_generation(hub);

    CU_ASSERT_FALSE(hub_wait(hub, generation, 5));
    CU_ASSERT_FALSE(hub_wait(hub, generation, -1));
    CU_ASSERT_TRUE(hub_arm(hub, &a.waiter, generation));
    CU_ASSERT_TRUE(hub_arm(hub, &a.waiter, generation)); /* twice counts once */
    CU_ASSERT_TRUE(hub_arm(hub, &b.waiter, generation));
    hub_disarm(hub, &b.waiter);
    hub_disarm(hub, &b.waiter);
    hub_pulse(hub);
    hub_pulse(hub);
    CU_ASSERT_EQUAL(atomic_load(&a.woken), 1); /* once, then disarmed */
    CU_ASSERT_EQUAL(atomic_load(&b.woken), 0);
    CU_ASSERT_FALSE(hub_arm(hub, &b.waiter, generation)); /* something was sealed meanwhile: look again */
    CU_ASSERT_TRUE(hub_wait(hub, generation, 0));
    hub_disarm(hub, &a.waiter);
    store_put(&s);
    hub_free(hub);
    hub_free(NULL);
}

/* ---- filters and metrics ---- */

static void test_filter_text(void)
{
    struct filter f;

    filter_init(&f, "SELECT a FROM t");
    filter_text(&f, "b = ?", NULL);
    filter_tail(&f, "LIMIT ?", 5);
    ASSERT_TEXT(f.sql, "SELECT a FROM t LIMIT $1");
    filter_init(&f, "SELECT a FROM t");
    filter_text(&f, "(b = ? OR c = ?)", "x");
    filter_plain(&f, "d IS NULL");
    filter_int(&f, "e > ?", 7);
    filter_tail(&f, "ORDER BY a LIMIT ?", 5);
    ASSERT_TEXT(f.sql, "SELECT a FROM t WHERE (b = $1 OR c = $1) AND d IS NULL AND e > $2 ORDER BY a LIMIT $3");
    CU_ASSERT_EQUAL(f.count, 3);
}

const struct test_case tests[] = {{"an event has the documented shape, and no one sees it before it has its number", test_shape},
                                  {"filters narrow the list to a team, a deployment, a family of types", test_filters},
                                  {"a filtered stream resumes beyond the numbers that were not for it", test_resume},
                                  {"an event with too much data is refused", test_large_data},
                                  {"a stored event that cannot be read is an error", test_corrupt},
                                  {"a number is never given twice", test_numbers_never_again},
                                  {"what is rolled back uses no number up, and older rows come first", test_numbers_of_the_writer},
                                  {"writers side by side with rollbacks leave no gap, and followers miss nothing", test_concurrent},
                                  {"a backlog is sealed in several goes", test_backlog},
                                  {"a sealer that fails at any statement leaves no gap", test_seal_failure},
                                  {"a waiter wakes once for what was sealed after it looked", test_hub},
                                  {"a filter numbers its parameters and leaves out what is not asked for", test_filter_text},
                                  {0}};
