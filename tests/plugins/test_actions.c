/* The rules of actions: manifests, signatures, arguments; every type with every kind of value. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "plugin/action.h"
#include "plugin/manifest.h"
#include "test.h"
#include <string.h>

static json_t *parse(const char *text)
{
    json_t *value = NULL;
    struct err err = {0};

    ASSERT_OK(json_parse(text, strlen(text), "test", 1 << 20, &value, &err), err);
    return value;
}

/* The manifest with these actions, as the server takes it. */
static int take(const char *actions, const char *slots, json_t **out, struct err *err)
{
    CLEANUP(free_ptr)
    char *text = mem_printf("{\"abi\":{\"major\":1,\"minor\":0},\"plugin\":{\"name\":\"acts\",\"version\":\"1.0.0\",\"slots\":[%s],"
                            "\"types\":[{\"name\":\"actor\"},{\"name\":\"other\"}],\"actions\":%s}}",
                            slots, actions);

    return manifest_parse("acts.so", text, strlen(text), out, err);
}

#define EVERY                                                                                                                              \
    "[{\"name\":\"every\",\"types\":[\"actor\"],\"params\":[{\"name\":\"s\",\"type\":\"s\"},{\"name\":\"i\",\"type\":\"i\"},"              \
    "{\"name\":\"b\",\"type\":\"b\"},{\"name\":\"d\",\"type\":\"d\"},{\"name\":\"j\",\"type\":\"j\"}]},"                                   \
    "{\"name\":\"scale\",\"changes\":true,\"params\":[{\"name\":\"replicas\",\"type\":\"i\",\"sets\":\"replicas\"},"                       \
    "{\"name\":\"reason\",\"type\":\"s\",\"default\":\"none\"}]}]"

static json_t *manifest(void)
{
    json_t *made = NULL;
    struct err err = {0};

    ASSERT_OK(take(EVERY, "\"actions\"", &made, &err), err);
    return made;
}

static const json_t *find(const json_t *from, const char *name)
{
    const json_t *action = NULL;
    struct err err = {0};

    ASSERT_OK(action_find(from, "actor", name, &action, &err), err);
    return action;
}

/* ---- manifests ---- */

static void test_a_manifest_gets_one_shape(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    const json_t *every = find(made, "every"), *scale = find(made, "scale");
    char signature[LIMIT_ACTION_PARAMS + 1];

    CU_ASSERT_FALSE(json_flag(every, "changes", true));
    CU_ASSERT_TRUE(json_flag(every, "idempotent", false));
    CU_ASSERT_TRUE(json_flag(scale, "changes", false));
    CU_ASSERT_FALSE(json_flag(scale, "idempotent", true)); /* what changes is not repeated, unless it says that it may be */
    CU_ASSERT_EQUAL(json_array_size(json_object_get(scale, "types")), 2);
    action_signature(every, signature);
    ASSERT_TEXT(signature, "sibdj");
    action_signature(scale, signature);
    ASSERT_TEXT(signature, "is");
}

static void test_wrong_manifests_say_what_is_wrong(void)
{
    static const struct {
        const char *actions, *slots, *why;
    } cases[] = {
        {"[{\"name\":\"go\"}]", "", "not the slot \"actions\""},
        {"[]", "\"actions\"", "but no action"},
        {"{}", "\"actions\"", "list of at most 64"},
        {"[{\"name\":\"Go\"}]", "\"actions\"", "without a good name"},
        {"[{\"name\":\"go\"},{\"name\":\"go\"}]", "\"actions\"", "lists a name twice: go"},
        {"[{\"name\":\"go\",\"changes\":1}]", "\"actions\"", "true or false for changes"},
        {"[{\"name\":\"go\",\"idempotent\":\"yes\"}]", "\"actions\"", "true or false for changes and idempotent"},
        {"[{\"name\":\"go\",\"description\":1}]", "\"actions\"", "description that is no text"},
        {"[{\"name\":\"go\",\"types\":\"actor\"}]", "\"actions\"", "types as a list"},
        {"[{\"name\":\"go\",\"types\":[\"nobody\"]}]", "\"actions\"", "a type that the manifest does not list"},
        {"[{\"name\":\"go\",\"types\":[1]}]", "\"actions\"", "a type that the manifest does not list"},
        {"[{\"name\":\"go\",\"params\":{}}]", "\"actions\"", "a list of at most 16 params"},
        {"[{\"name\":\"go\",\"params\":[1]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"type\":\"s\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a b\",\"type\":\"s\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"\",\"type\":\"s\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"x\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"si\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"\"}]}]", "\"actions\"", "{name, type: s, i, b, d or j}"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"s\"},{\"name\":\"a\",\"type\":\"s\"}]}]", "\"actions\"",
         "a param twice"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"i\",\"default\":1.5}]}]", "\"actions\"", "default does not fit"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"i\",\"description\":[]}]}]", "\"actions\"", "description is no text"},
        {"[{\"name\":\"go\",\"params\":[{\"name\":\"a\",\"type\":\"i\",\"sets\":\"a\"}]}]", "\"actions\"", "\"changes\": true"},
        {"[{\"name\":\"go\",\"changes\":true,\"params\":[{\"name\":\"a\",\"type\":\"i\",\"sets\":\"a..b\"}]}]", "\"actions\"", "no path"},
        {"[{\"name\":\"go\",\"changes\":true,\"params\":[{\"name\":\"a\",\"type\":\"i\",\"sets\":\".a\"}]}]", "\"actions\"", "no path"},
        {"[{\"name\":\"go\",\"changes\":true,\"params\":[{\"name\":\"a\",\"type\":\"i\",\"sets\":\"a.\"}]}]", "\"actions\"", "no path"},
        {"[{\"name\":\"go\",\"changes\":true,\"params\":[{\"name\":\"a\",\"type\":\"i\",\"sets\":7}]}]", "\"actions\"", "no path"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *made = NULL;
        struct err err = {0};

        ASSERT_FAILS(take(cases[i].actions, cases[i].slots, &made, &err), err, ERR_PLUGIN_REFUSED);
        ASSERT_CONTAINS(err.msg, "acts.so: its manifest");
        ASSERT_CONTAINS(err.msg, cases[i].why);
        CU_ASSERT_PTR_NULL(made);
    }
}

static void test_sixteen_arguments_are_the_most(void)
{
    for (int count = 16; count <= 17; count++) {
        CLEANUP(json_put) json_t *params = json_array();
        CLEANUP(json_put) json_t *actions = NULL;
        CLEANUP(json_put) json_t *made = NULL;
        CLEANUP(free_ptr) char *text = NULL;
        struct err err = {0};
        char name[16];

        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof name, "p%d", i);
            json_array_append_new(params, json_pack("{s:s,s:s}", "name", name, "type", "i"));
        }
        actions = json_pack("[{s:s,s:O}]", "name", "go", "params", params);
        text = json_text(actions);
        CU_ASSERT_EQUAL(take(text, "\"actions\"", &made, &err), count == 16 ? 0 : -1);
        CU_ASSERT_EQUAL(err.code, count == 16 ? ERR_NONE : ERR_PLUGIN_REFUSED);
    }
}

static void test_an_action_is_found_by_type_and_name(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    CLEANUP(json_put) json_t *of_actor = action_list(made, "actor");
    CLEANUP(json_put) json_t *of_other = action_list(made, "other");
    CLEANUP(json_put) json_t *of_nobody = action_list(made, "nobody");
    const json_t *action = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(json_array_size(of_actor), 2);
    CU_ASSERT_EQUAL(json_array_size(of_other), 1);
    CU_ASSERT_EQUAL(json_array_size(of_nobody), 0);
    ASSERT_FAILS(action_find(made, "actor", "fly", &action, &err), err, ERR_ACTION);
    ASSERT_TEXT(err.msg, "no action \"fly\" for type actor; there are: every, scale");
    ASSERT_FAILS(action_find(made, "other", "every", &action, &err), err, ERR_ACTION);
    ASSERT_FAILS(action_find(made, "nobody", "every", &action, &err), err, ERR_ACTION);
    ASSERT_TEXT(err.msg, "no action \"every\": acts offers none for type nobody");
    CU_ASSERT_PTR_NULL(action);
}

/* ---- every type with every kind of value ---- */

static void test_every_type_with_every_kind_of_value(void)
{
    static const struct {
        const char *value, *fits;
    } cases[] = {
        {"\"\"", "sj"},
        {"\"text\"", "sj"},
        {"\"5\"", "sj"},
        {"0", "idj"},
        {"-1", "idj"},
        {"9223372036854775807", "idj"},
        {"-9223372036854775808", "idj"},
        {"5.0", "dj"},
        {"1e3", "dj"},
        {"-0.25", "dj"},
        {"true", "bj"},
        {"false", "bj"},
        {"null", "j"},
        {"[]", "j"},
        {"[1]", "j"},
        {"{}", "j"},
        {"{\"a\":1}", "j"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(free_ptr) char *text = mem_printf("[%s]", cases[i].value);
        CLEANUP(json_put) json_t *list = parse(text);

        for (const char *type = "sibdjx"; *type; type++) {
            bool fits = action_value_fits(*type, json_array_get(list, 0));

            if (fits != (strchr(cases[i].fits, *type) != NULL))
                fprintf(stderr, "%s as %c\n", cases[i].value, *type);
            CU_ASSERT_EQUAL(fits, strchr(cases[i].fits, *type) != NULL);
        }
    }
    CU_ASSERT_FALSE(action_value_fits('j', NULL));
    CU_ASSERT_FALSE(action_value_fits('s', NULL));
}

static void test_a_text_with_a_nul_is_no_text(void)
{
    CLEANUP(json_put) json_t *value = json_stringn("a\0b", 3);

    CU_ASSERT_FALSE(action_value_fits('s', value));
}

/* ---- arguments ---- */

static void test_arguments_come_in_the_order_of_the_signature(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    CLEANUP(json_put) json_t *given = parse("{\"j\":[1],\"d\":2,\"b\":true,\"i\":3,\"s\":\"x\"}");
    CLEANUP(json_put) json_t *list = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};

    ASSERT_OK(action_take_arguments(find(made, "every"), given, &list, &err), err);
    text = json_text(list);
    ASSERT_TEXT(text, "[\"x\",3,true,2,[1]]");
}

static void test_a_default_fills_in(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    CLEANUP(json_put) json_t *given = parse("{\"replicas\":3}");
    CLEANUP(json_put) json_t *list = NULL;
    CLEANUP(json_put) json_t *sets = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(free_ptr) char *set = NULL;
    struct err err = {0};

    ASSERT_OK(action_take_arguments(find(made, "scale"), given, &list, &err), err);
    text = json_text(list);
    ASSERT_TEXT(text, "[3,\"none\"]");
    sets = action_sets(find(made, "scale"), list);
    set = json_text(sets);
    ASSERT_TEXT(set, "{\"replicas\":3}");
}

static void test_wrong_arguments_say_all_that_one_needs(void)
{
    static const struct {
        const char *action, *given, *why;
    } cases[] = {
        {"scale", "{\"replicas\":\"five\"}",
         "action scale: argument \"replicas\" must be a whole number, a text was given; its arguments: replicas (a whole number), reason "
         "(a "
         "text, optional)"},
        {"scale", "{}", "argument \"replicas\" is missing; it must be a whole number"},
        {"scale", "{\"replicas\":2.5}", "must be a whole number, the number 2.5 was given"},
        {"scale", "{\"replicas\":true}", "must be a whole number, true was given"},
        {"scale", "{\"replicas\":null}", "must be a whole number, null was given"},
        {"scale", "{\"replicas\":[]}", "must be a whole number, a list was given"},
        {"scale", "{\"replicas\":{}}", "must be a whole number, an object was given"},
        {"scale", "{\"replicas\":1,\"reason\":7}", "argument \"reason\" must be a text, the number 7 was given"},
        {"scale", "{\"replica\":1}", "unknown argument \"replica\", did you mean \"replicas\"?"},
        {"scale", "{\"speed\":1}", "unknown argument \"speed\"; its arguments: replicas"},
        {"scale", "[3]", "must be an object {name: value}"},
        {"scale", "\"3\"", "must be an object {name: value}"},
    };
    CLEANUP(json_put) json_t *made = manifest();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(free_ptr) char *text = mem_printf("[%s]", cases[i].given);
        CLEANUP(json_put) json_t *given = parse(text);
        json_t *list = NULL;
        struct err err = {0};

        ASSERT_FAILS(action_take_arguments(find(made, cases[i].action), json_array_get(given, 0), &list, &err), err, ERR_ARGUMENTS);
        ASSERT_CONTAINS(err.msg, cases[i].why);
        CU_ASSERT_PTR_NULL(list);
    }
}

static void test_an_error_does_not_repeat_a_text(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    CLEANUP(json_put) json_t *given = parse("{\"replicas\":\"hunter2\"}");
    json_t *list = NULL;
    struct err err = {0};

    ASSERT_FAILS(action_take_arguments(find(made, "scale"), given, &list, &err), err, ERR_ARGUMENTS);
    CU_ASSERT_PTR_NULL(strstr(err.msg, "hunter2"));
}

static void test_arguments_have_a_size(void)
{
    CLEANUP(json_put) json_t *made = manifest();
    CLEANUP(free_ptr) char *long_text = mem_zalloc(LIMIT_ACTION_BYTES + 1);
    CLEANUP(json_put) json_t *given = NULL;
    json_t *list = NULL;
    struct err err = {0};

    memset(long_text, 'x', LIMIT_ACTION_BYTES);
    given = json_pack("{s:i,s:s}", "replicas", 1, "reason", long_text);
    ASSERT_FAILS(action_take_arguments(find(made, "scale"), given, &list, &err), err, ERR_ARGUMENTS);
    ASSERT_CONTAINS(err.msg, "larger than 65536 bytes");
}

static void test_a_template_may_hold_what_is_known_later(void)
{
    static const struct {
        const char *given, *why; /* NULL: it fits */
    } cases[] = {
        {"{\"replicas\":\"${parameters.n}\"}", NULL},
        {"{\"replicas\":3}", NULL},
        {"{\"replicas\":\"three\"}", "must be a whole number, a text was given"},
        {"{}", "\"replicas\" is missing"},
        {"{\"replicas\":3,\"color\":1}", "unknown argument \"color\""},
    };
    CLEANUP(json_put) json_t *made = manifest();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(json_put) json_t *given = parse(cases[i].given);
        struct err err = {0};

        if (!cases[i].why) {
            ASSERT_OK(action_check_template(find(made, "scale"), given, &err), err);
            continue;
        }
        ASSERT_FAILS(action_check_template(find(made, "scale"), given, &err), err, ERR_ARGUMENTS);
        ASSERT_CONTAINS(err.msg, cases[i].why);
    }
}

/* ---- what was typed ---- */

static void test_what_was_typed_becomes_what_the_signature_wants(void)
{
    static const struct {
        const char *key, *text, *value; /* NULL: refused */
    } cases[] = {
        {"s", "5", "\"5\""},
        {"s", "", "\"\""},
        {"s", "true", "\"true\""},
        {"i", "5", "5"},
        {"i", "-5", "-5"},
        {"i", "5.0", NULL},
        {"i", "5x", NULL},
        {"i", "", NULL},
        {"i", "99999999999999999999", NULL},
        {"b", "true", "true"},
        {"b", "false", "false"},
        {"b", "yes", NULL},
        {"b", "1", NULL},
        {"d", "5", "5"},
        {"d", "2.5", "2.5"},
        {"d", "1e3", "1000.0"},
        {"d", "1e999", NULL},
        {"d", "nan", NULL},
        {"d", "inf", NULL},
        {"d", "0x10", NULL},
        {"d", "", NULL},
        {"j", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"j", "null", "null"},
        {"j", "{", NULL},
        {"j", "", NULL},
        {"x", "1", NULL},
    };
    CLEANUP(json_put) json_t *made = manifest();

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(json_put) json_t *value = NULL;
        CLEANUP(free_ptr) char *text = NULL;
        struct err err = {0};

        if (!cases[i].value) {
            ASSERT_FAILS(action_parse_argument(find(made, "every"), cases[i].key, cases[i].text, &value, &err), err, ERR_ARGUMENTS);
            continue;
        }
        ASSERT_OK(action_parse_argument(find(made, "every"), cases[i].key, cases[i].text, &value, &err), err);
        text = json_dump_text(value, JSON_ENCODE_ANY | JSON_COMPACT);
        ASSERT_TEXT(text, cases[i].value);
    }
}

const struct test_case tests[] = {
    {"a manifest gets one shape", test_a_manifest_gets_one_shape},
    {"wrong manifests say what is wrong", test_wrong_manifests_say_what_is_wrong},
    {"sixteen arguments are the most", test_sixteen_arguments_are_the_most},
    {"an action is found by type and name", test_an_action_is_found_by_type_and_name},
    {"every type with every kind of value", test_every_type_with_every_kind_of_value},
    {"a text with a nul is no text", test_a_text_with_a_nul_is_no_text},
    {"arguments come in the order of the signature", test_arguments_come_in_the_order_of_the_signature},
    {"a default fills in", test_a_default_fills_in},
    {"wrong arguments say all that one needs", test_wrong_arguments_say_all_that_one_needs},
    {"an error does not repeat a text", test_an_error_does_not_repeat_a_text},
    {"arguments have a size", test_arguments_have_a_size},
    {"a template may hold what is known later", test_a_template_may_hold_what_is_known_later},
    {"what was typed becomes what the signature wants", test_what_was_typed_becomes_what_the_signature_wants},
    {0},
};
