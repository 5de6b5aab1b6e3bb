/* Actions through the real host: every type of argument arrives as it was given; tables that lie are refused; failures, cancels and crashes
 * are those of any other call. */
#include "base/cleanup.h"
#include "base/str.h"
#include "plugin_driver.h"

static struct driver driver;

static void begin(const char *plugin)
{
    struct err err = {0};

    driver_start(&driver, 0, 0);
    ASSERT_OK(driver_add(&driver, plugin, NULL, &err), err);
}

#define ACT(a, g) ((struct trial){.instance = "acts", .operation = PLUGIN_ACTION, .type = "actor", .action = (a), .arguments = (g)})

static char *outputs_of(const struct trial *t) { return json_canonical(t->outputs); }

/* ---- arguments ---- */

static void answers(const char *action, const char *arguments, const char *expected)
{
    struct trial t = ACT(action, arguments);
    CLEANUP(free_ptr) char *text = NULL;

    CU_ASSERT_EQUAL(trial_run(&driver, &t), PLUGIN_DONE_OK);
    if (t.err.code)
        fprintf(stderr, "%s: %s\n", action, t.err.msg);
    text = outputs_of(&t);
    ASSERT_TEXT(text, expected);
    trial_fini(&t);
}

static void test_every_type_arrives(void)
{
    begin("acts");
    answers("every", "{\"s\":\"h\\u00e9llo\",\"i\":-9223372036854775808,\"b\":false,\"d\":-0.125,\"j\":{\"x\":[null,\"y\"]}}",
            "{\"b\":false,\"d\":-0.125,\"i\":-9223372036854775808,\"j\":{\"x\":[null,\"y\"]},\"operation\":6,\"s\":\"h\303\251llo\"}");
    answers("every", "{\"s\":\"\",\"i\":9223372036854775807,\"d\":3,\"j\":null}",
            "{\"b\":true,\"d\":3,\"i\":9223372036854775807,\"j\":null,\"operation\":6,\"s\":\"\"}");
    answers("every", "{\"s\":\"defaults\"}", "{\"b\":true,\"d\":0.5,\"i\":-7,\"j\":{\"a\":[1,null]},\"operation\":6,\"s\":\"defaults\"}");
    answers("none", NULL, "{\"params\":\"{}\"}");
    driver_stop(&driver);
}

static void test_sixteen_arguments_of_mixed_kinds_arrive(void)
{
    begin("acts");
    answers("many",
            "{\"a\":1,\"b\":0.5,\"c\":10,\"d\":0.25,\"e\":100,\"f\":0.125,\"g\":1000,\"h\":1,\"i\":\"nine\",\"j\":2,\"k\":10000,\"l\":4,"
            "\"m\":100000,\"n\":8,\"o\":[1,2],\"p\":16}",
            "{\"json\":[1,2],\"real\":31.875,\"text\":\"nine\",\"whole\":111111}");
    driver_stop(&driver);
}

static void test_logs_and_hints_come_too(void)
{
    struct trial t = ACT("every", "{\"s\":\"x\"}");

    begin("acts");
    CU_ASSERT_EQUAL(trial_run(&driver, &t), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "acting on thing");
    CU_ASSERT_EQUAL(json_array_size(t.hints), 1);
    trial_fini(&t);
    driver_stop(&driver);
}

static void test_an_action_of_a_later_header_works(void)
{
    begin("acts");
    answers("later", NULL, "{\"params\":\"{}\"}");
    driver_stop(&driver);
}

/* ---- what is not even sent ---- */

static void is_not_sent(struct trial t, enum err_code code, const char *text)
{
    CU_ASSERT_EQUAL(trial_run(&driver, &t), -1);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, text);
    CU_ASSERT_EQUAL(t.dones, 0);
    trial_fini(&t);
}

static void test_wrong_requests_are_not_sent(void)
{
    struct trial bystander = ACT("every", "{\"s\":\"x\"}"), stranger = ACT("none", NULL), without = ACT("none", NULL);
    struct err err = {0};

    begin("acts");
    ASSERT_OK(driver_add(&driver, "good", NULL, &err), err);
    bystander.type = "bystander";
    stranger.type = "nobody";
    without.instance = "good";
    without.type = "greeting";
    is_not_sent(ACT("fly", NULL), ERR_ACTION, "no action \"fly\" for type actor; there are: every, many");
    is_not_sent(ACT(NULL, NULL), ERR_ACTION, "no action \"\"");
    is_not_sent(ACT("every", "{\"s\":5}"), ERR_ARGUMENTS, "action every: argument \"s\" must be a text, the number 5 was given");
    is_not_sent(ACT("every", "{}"), ERR_ARGUMENTS, "argument \"s\" is missing");
    is_not_sent(ACT("none", "{\"a\":1}"), ERR_ARGUMENTS, "unknown argument \"a\"; its arguments: none");
    is_not_sent(bystander, ERR_ACTION, "no action \"every\" for type bystander; there are: none");
    is_not_sent(stranger, ERR_UNSUPPORTED, "has no type \"nobody\"");
    is_not_sent(without, ERR_UNSUPPORTED, "plugin good has no actions");
    driver_stop(&driver);
}

/* ---- how it ends ---- */

static void test_a_failure_is_that_of_the_action(void)
{
    struct trial t = ACT("fails", "{\"code\":-6}");

    begin("acts");
    CU_ASSERT_EQUAL(trial_run(&driver, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_TRANSIENT);
    ASSERT_CONTAINS(t.err.msg, "asked to fail with -6");
    ASSERT_TEXT(json_str(t.report, "operation"), "action");
    trial_fini(&t);
    driver_stop(&driver);
}

static void test_an_action_can_be_canceled(void)
{
    struct trial t = ACT("waits", NULL);
    struct err err = {0};

    begin("acts");
    ASSERT_OK(trial_start(&driver, &t, &err), err);
    trial_wait_log(&t, "waiting");
    plugin_cancel(driver.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    trial_fini(&t);
    driver_stop(&driver);
}

static void test_a_crash_ends_the_host_alone(void)
{
    struct trial t = ACT("crashes", NULL);

    begin("acts");
    CU_ASSERT_EQUAL(trial_run(&driver, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_CRASHED);
    ASSERT_CONTAINS(t.err.msg, "in action");
    trial_fini(&t);
    answers("none", NULL, "{\"params\":\"{}\"}");
    driver_stop(&driver);
}

static void test_a_change_may_keep_state_and_go_on_later(void)
{
    struct trial first = ACT("rotate", NULL), second = ACT("rotate", "{\"reason\":\"fun\"}");

    begin("acts");
    CU_ASSERT_EQUAL(trial_run(&driver, &first), PLUGIN_DONE_PENDING);
    CU_ASSERT_EQUAL(first.checkpoints, 1);
    ASSERT_TEXT(first.state_given, "{\"rotating\":true}");
    second.state = "{\"rotating\":true}";
    CU_ASSERT_EQUAL(trial_run(&driver, &second), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(second.secrets, "password"), "correct horse");
    ASSERT_CONTAINS(second.logs, "rotated because of fun");
    trial_fini(&first);
    trial_fini(&second);
    driver_stop(&driver);
}

/* ---- tables that lie ---- */

static void lies(const char *plugin, const char *text)
{
    struct trial t = {.instance = plugin, .operation = PLUGIN_PROVISION, .type = "bad"};

    begin(plugin);
    CU_ASSERT_EQUAL(trial_run(&driver, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, ERR_PLUGIN_REFUSED);
    ASSERT_CONTAINS(t.err.msg, text);
    trial_fini(&t);
    driver_stop(&driver);
}

static void test_tables_that_lie_are_refused(void)
{
    lies("action_signature", "its action act has the signature \"x\"; the letters are s, i, b, d and j");
    lies("action_too_many", "its action act has more than 16 arguments");
    lies("action_no_signature", "its action act has no signature");
    lies("action_no_function", "its action act has no function");
    lies("action_unnamed", "its action act does not name all its arguments");
    lies("action_small", "one of its actions has a struct of 24 bytes, the least is 48");
    lies("action_twice", "its action act is in the table twice");
    lies("action_unlisted", "lies about its actions: the table has \"other\", the manifest does not list it");
    lies("action_lying", "lies about its action act: the manifest says the signature is \"i\", the table \"s\"");
    lies("action_lying_name", "lies about its action act: the manifest calls argument 1 \"count\", the table \"number\"");
    lies("action_lying_change", "lies about its action act: the manifest says it does not change the resource");
}

static void test_manifests_that_break_a_rule_are_refused_without_running_anything(void)
{
    static const struct {
        const char *plugin, *text;
    } cases[] = {
        {"action_no_slot", "actions are listed, but not the slot \"actions\""},
        {"action_bad_type", "must give its params as {name, type: s, i, b, d or j}"},
        {"action_bad_default", "has a param whose default does not fit its type"},
        {"action_bad_sets", "sets a param of the resource but does not say \"changes\": true"},
        {"action_bad_for", "is for a type that the manifest does not list"},
        {"action_bad_twice", "lists a name twice: act"},
    };

    driver_start(&driver, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};

        ASSERT_FAILS(driver_add(&driver, cases[i].plugin, NULL, &err), err, ERR_PLUGIN_REFUSED);
        ASSERT_CONTAINS(err.msg, cases[i].text);
    }
    CU_ASSERT_EQUAL(driver_children(), 0);
    driver_stop(&driver);
}

const struct test_case tests[] = {
    {"every type arrives", test_every_type_arrives},
    {"sixteen arguments of mixed kinds arrive", test_sixteen_arguments_of_mixed_kinds_arrive},
    {"logs and hints come too", test_logs_and_hints_come_too},
    {"an action of a later header works", test_an_action_of_a_later_header_works},
    {"wrong requests are not sent", test_wrong_requests_are_not_sent},
    {"a failure is that of the action", test_a_failure_is_that_of_the_action},
    {"an action can be canceled", test_an_action_can_be_canceled},
    {"a crash ends the host alone", test_a_crash_ends_the_host_alone},
    {"a change may keep state and go on later", test_a_change_may_keep_state_and_go_on_later},
    {"tables that lie are refused", test_tables_that_lie_are_refused},
    {"manifests that break a rule are refused without running anything",
     test_manifests_that_break_a_rule_are_refused_without_running_anything},
    {0},
};
