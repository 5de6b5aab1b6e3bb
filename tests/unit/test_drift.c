/* When a resource is looked at, and what counts as a difference. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "resource/drift.h"
#include "test.h"
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

/* The difference as text, "none" when there is none. Free it. */
static char *compare(const char *status, const char *recorded, const char *reported, const char *changes)
{
    CLEANUP(json_put) json_t *outputs = parse(recorded);
    CLEANUP(json_put) json_t *said = reported ? parse(reported) : NULL;
    CLEANUP(json_put) json_t *would = changes ? parse(changes) : NULL;
    struct drift_found found = {status, NULL, said, would};
    CLEANUP(json_put) json_t *drift = drift_compare(&found, outputs);

    return json_text(drift ? json_object_get(drift, "diff") : json_null());
}

#define ASSERT_DIFF(wanted, ...)                                                                                                           \
    do {                                                                                                                                   \
        CLEANUP(free_ptr) char *diff_ = compare(__VA_ARGS__);                                                                              \
        ASSERT_TEXT(diff_, wanted);                                                                                                        \
    } while (0)

static void test_what_is_as_it_was_does_not_differ(void)
{
    ASSERT_DIFF("null", "active", "{}", NULL, NULL);
    ASSERT_DIFF("null", "active", "{\"host\":\"a\",\"port\":1}", "{\"host\":\"a\"}", "[]"); /* it need not report everything */
}

static void test_a_state_that_is_not_active_differs(void)
{
    ASSERT_DIFF("[{\"path\":\"/state\",\"from\":\"active\",\"to\":\"terminated\"}]", "terminated", "{}", NULL, NULL);
    ASSERT_DIFF("[{\"path\":\"/state\",\"from\":\"active\",\"to\":\"failed\"}]", "failed", "{}", NULL, NULL);
}

static void test_reported_outputs_are_compared_and_secrets_are_not(void)
{
    ASSERT_DIFF("[{\"path\":\"/outputs/host\",\"from\":\"a\",\"to\":\"b\"}]", "active", "{\"host\":\"a\"}", "{\"host\":\"b\"}", NULL);
    ASSERT_DIFF("[{\"path\":\"/outputs/new\",\"to\":1}]", "active", "{}", "{\"new\":1}", NULL);
    ASSERT_DIFF("null", "active", "{\"password\":{\"$secret\":\"resource:r-1#password\"}}", "{\"password\":\"hunter2\"}", NULL);
}

static void test_what_a_provision_would_change_is_told_the_other_way_round(void)
{
    ASSERT_DIFF("[{\"path\":\"/params/size\",\"from\":\"2Gi\",\"to\":\"1Gi\"}]", "active", "{}", NULL,
                "[{\"path\":\"/params/size\",\"from\":\"1Gi\",\"to\":\"2Gi\"}]");
    ASSERT_DIFF("[{\"path\":\"a.b\",\"to\":{\"address\":\"a.b\",\"actions\":[\"update\"]}}]", "active", "{}", NULL,
                "[{\"address\":\"a.b\",\"actions\":[\"update\"]}]");
    ASSERT_DIFF("[{\"path\":\"/\",\"to\":\"a rule is gone\"}]", "active", "{}", NULL, "[\"a rule is gone\"]");
    ASSERT_DIFF("null", "active", "{}", NULL, "{\"no\":\"list\"}");
}

static void test_a_difference_is_kept_within_bounds(void)
{
    CLEANUP(json_put) json_t *changes = json_array();
    CLEANUP(json_put) json_t *drift = NULL;
    char *long_text = calloc(1, DRIFT_TEXT + 10);
    struct drift_found found = {"active", NULL, NULL, changes};

    memset(long_text, 'x', DRIFT_TEXT + 5);
    for (int i = 0; i < DRIFT_MOST + 50; i++)
        json_array_append_new(changes, json_pack("{s:s,s:s}", "path", "/a", "from", long_text));
    drift = drift_compare(&found, NULL);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(drift, "diff")), DRIFT_MOST);
    ASSERT_TEXT(json_string_value(json_at(drift, "diff.0.to")), "(1031 bytes)");
    free(long_text);
}

static void test_long_words_of_a_provisioner_are_cut(void)
{
    CLEANUP(free_ptr) char *path = mem_zalloc(5001), *reason = mem_zalloc(5001), *text = NULL;
    CLEANUP(json_put) json_t *changes = NULL, *drift = NULL;
    struct drift_found found = {"degraded", reason, NULL, NULL};

    memset(path, 'p', 5000);
    for (int i = 0; i < 5000; i += 2)
        memcpy(reason + i, "\xc3\xa4", 2); /* never within a character */
    changes = json_pack("[{s:s, s:i, s:i}]", "path", path, "from", 1, "to", 2);
    found.changes = changes;
    drift = drift_compare(&found, NULL);
    CU_ASSERT(strlen(json_str(drift, "reason")) <= DRIFT_TEXT);
    CU_ASSERT(strlen(json_str(json_array_get(json_object_get(drift, "diff"), 1), "path")) <= DRIFT_PATH);
    text = json_text(drift);
    CU_ASSERT(str_is_utf8(text, strlen(text)));
    CU_ASSERT(strlen(text) < DRIFT_TEXT + DRIFT_PATH + 200);
}

static void test_states_in_between_say_nothing(void)
{
    static const char *const moving[] = {"requested", "provisioning", "scaling", "updating", "terminating"};
    static const char *const still[] = {"active", "degraded", "terminated", "failed", "orphaned", ""};

    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        CU_ASSERT_TRUE(drift_is_moving(moving[i]));
    for (size_t i = 0; i < sizeof still / sizeof *still; i++)
        CU_ASSERT_FALSE(drift_is_moving(still[i]));
}

static void test_the_same_difference_is_told_once(void)
{
    CLEANUP(json_put) json_t *a = parse("{\"status\":\"degraded\",\"reason\":\"r\",\"diff\":[1]}");
    CLEANUP(json_put) json_t *b = parse("{\"status\":\"degraded\",\"reason\":\"r\",\"diff\":[1],\"repair\":{\"attempts\":2}}");
    CLEANUP(json_put) json_t *c = parse("{\"status\":\"degraded\",\"reason\":\"another\",\"diff\":[1]}");

    CU_ASSERT_TRUE(drift_same(a, b));
    CU_ASSERT_FALSE(drift_same(a, c));
}

static void test_annotations_say_what_is_wanted(void)
{
    CU_ASSERT_EQUAL(drift_wish_of(NULL), DRIFT_REPORT);
    CU_ASSERT_EQUAL(drift_wish_of("{}"), DRIFT_REPORT);
    CU_ASSERT_EQUAL(drift_wish_of("no json"), DRIFT_REPORT);
    CU_ASSERT_EQUAL(drift_wish_of("{\"innominatus.dev/drift\":\"report\"}"), DRIFT_REPORT);
    CU_ASSERT_EQUAL(drift_wish_of("{\"innominatus.dev/drift\":\"Repair\"}"), DRIFT_REPORT);
    CU_ASSERT_EQUAL(drift_wish_of("{\"innominatus.dev/drift\":\"repair\"}"), DRIFT_REPAIR);
    CU_ASSERT_EQUAL(drift_wish_of("{\"innominatus.dev/drift\":\"ignore\"}"), DRIFT_IGNORE);
    CU_ASSERT_EQUAL(drift_wish_of("{\"innominatus.dev/drift\":7}"), DRIFT_REPORT);
}

#define HOUR (3600 * US_PER_SEC)

static void test_looks_are_spread_around_the_interval(void)
{
    const struct drift_pace pace = {HOUR, 0.2}, none = {HOUR, 0}, least = {1, 1};

    CU_ASSERT_EQUAL(drift_delay(&pace, 0), HOUR * 8 / 10);
    CU_ASSERT(drift_delay(&pace, UINT32_MAX) >= HOUR * 12 / 10 - 1 && drift_delay(&pace, UINT32_MAX) <= HOUR * 12 / 10);
    CU_ASSERT_EQUAL(drift_delay(&none, 12345), HOUR);
    CU_ASSERT(drift_delay(&least, 0) >= 1); /* never at once, or it would never end */
}

static void test_a_look_without_an_answer_is_tried_again_soon_then_ever_more_rarely(void)
{
    const struct drift_pace hourly = {HOUR, 0}, quick = {US_PER_SEC, 0}, daily = {24 * HOUR, 0};

    CU_ASSERT_EQUAL(drift_delay_failed(&hourly, 1, 0), 60 * US_PER_SEC);
    CU_ASSERT_EQUAL(drift_delay_failed(&hourly, 2, 0), 120 * US_PER_SEC);
    CU_ASSERT_EQUAL(drift_delay_failed(&hourly, 1000000, 0), HOUR);
    CU_ASSERT_EQUAL(drift_delay_failed(&quick, 1, 0), US_PER_SEC);
    CU_ASSERT_EQUAL(drift_delay_failed(&quick, 100, 0), 64 * US_PER_SEC);
    CU_ASSERT(drift_delay_failed(&daily, 100, 0) <= 24 * HOUR);
    CU_ASSERT_EQUAL(drift_delay_repaired(&hourly, 1, 0), HOUR);
    CU_ASSERT_EQUAL(drift_delay_repaired(&hourly, 3, 0), 4 * HOUR);
    CU_ASSERT_EQUAL(drift_delay_repaired(&hourly, 1000, 0), 64 * HOUR);
}

const struct test_case tests[] = {
    {"what is as it was does not differ", test_what_is_as_it_was_does_not_differ},
    {"a state that is not active differs", test_a_state_that_is_not_active_differs},
    {"reported outputs are compared, and secrets are not", test_reported_outputs_are_compared_and_secrets_are_not},
    {"what a provision would change is told the other way round", test_what_a_provision_would_change_is_told_the_other_way_round},
    {"a difference is kept within bounds", test_a_difference_is_kept_within_bounds},
    {"long words of a provisioner are cut", test_long_words_of_a_provisioner_are_cut},
    {"states in between say nothing", test_states_in_between_say_nothing},
    {"the same difference is told once", test_the_same_difference_is_told_once},
    {"annotations say what is wanted", test_annotations_say_what_is_wanted},
    {"looks are spread around the interval", test_looks_are_spread_around_the_interval},
    {"a look without an answer is tried again soon, then ever more rarely",
     test_a_look_without_an_answer_is_tried_again_soon_then_ever_more_rarely},
    {0},
};
