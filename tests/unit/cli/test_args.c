/* The words of a command, and the table that they are read against. */
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/args.h"
#include "cli/verbs.h"
#include "test.h"
#include <string.h>

static struct arena arena;

static int run_nothing(struct cli *c)
{
    (void)c;
    return 0;
}

static const struct cli_flag globals[] = {
    {"output", FLAG_TEXT, "FORM", "", "table|json"}, {"team", FLAG_TEXT, "NAME", ""}, {"debug", FLAG_BOOL, NULL, ""}, {0}};
static const struct cli_flag deploy_flags[] = {{"env", FLAG_TEXT, "NAME", ""},      {"param", FLAG_LIST, "N=V", ""},
                                               {"tail", FLAG_INT, "N", ""},         {"wait", FLAG_BOOL, NULL, ""},
                                               {"team", FLAG_TEXT, "T", "its own"}, {0}};
static const struct cli_verb verbs[] = {
    {"deploy", NULL, "FILE", "", deploy_flags, NULL, run_nothing, OUT_DATA, 0, ""},
    {"list", NULL, NULL, "", NULL, NULL, run_nothing, 0, 0, ""},
    {"move", NULL, "FROM [TO]", "", NULL, NULL, run_nothing, 0, 0, ""},
    {"check", NULL, "FILE...", "", NULL, NULL, run_nothing, 0, 0, ""},
    {"policy", "test", "[DIR]", "", NULL, NULL, run_nothing, 0, 0, ""},
    {"policy", "list", NULL, "", NULL, NULL, run_nothing, 0, 0, ""},
    {"later", NULL, NULL, "", NULL, "use deploy", NULL, 0, VERB_ABSENT, ""},
    {0},
};

/* Splits at blanks. */
static int parse(const char *line, struct cli_args *out, struct err *err)
{
    char *words[32] = {(char *)(uintptr_t) "innominatus"}, *copy = arena_strdup(&arena, line);
    int count = 1;

    for (char *word = copy; *word; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");

        words[count++] = arena_strndup(&arena, word, len);
        word += len;
    }
    *out = (struct cli_args){0};
    return args_parse(count, words, verbs, globals, &arena, out, err);
}

static void test_flags(void)
{
    struct cli_args args;
    struct err err;
    const char *const *params;

    ASSERT_OK(parse("deploy app.yaml --env staging --param a=1 --param=b=2 --wait --tail 20", &args, &err), err);
    CU_ASSERT_PTR_EQUAL(args.verb, &verbs[0]);
    CU_ASSERT_EQUAL(args.word_count, 1);
    ASSERT_TEXT(args.words[0], "app.yaml");
    CU_ASSERT_PTR_NULL(args.words[1]);
    ASSERT_TEXT(args_text(&args, "env"), "staging");
    CU_ASSERT_TRUE(args_flag(&args, "wait"));
    CU_ASSERT_FALSE(args_flag(&args, "debug"));
    CU_ASSERT_EQUAL(args_int(&args, "tail", 7), 20);
    CU_ASSERT_EQUAL(args_int(&args, "none", 7), 7);
    params = args_list(&args, "param", &arena);
    ASSERT_TEXT(params[0], "a=1");
    ASSERT_TEXT(params[1], "b=2");
    CU_ASSERT_PTR_NULL(params[2]);
    CU_ASSERT_PTR_NULL(args_list(&args, "none", &arena)[0]);
    ASSERT_OK(parse("deploy --env a --env b app.yaml", &args, &err), err);
    ASSERT_TEXT(args_text(&args, "env"), "b");
    ASSERT_OK(parse("deploy -e prod - -o json", &args, &err), err);
    ASSERT_TEXT(args_text(&args, "env"), "prod");
    ASSERT_TEXT(args_text(&args, "output"), "json");
    ASSERT_TEXT(args.words[0], "-");
    ASSERT_OK(parse("deploy app.yaml --tail=7", &args, &err), err);
    ASSERT_TEXT(args_text(&args, "tail"), "7");
}

static void test_globals(void)
{
    struct cli_args args;
    struct err err;

    ASSERT_OK(parse("--output json --debug list", &args, &err), err);
    ASSERT_TEXT(args_text(&args, "output"), "json");
    CU_ASSERT_TRUE(args_flag(&args, "debug"));
    ASSERT_OK(parse("list --output=json", &args, &err), err);
    ASSERT_TEXT(args_text(&args, "output"), "json");
    ASSERT_OK(parse("policy --debug test dir", &args, &err), err);
    CU_ASSERT_PTR_EQUAL(args.verb, &verbs[4]);
    ASSERT_TEXT(args.words[0], "dir");
    /* The verb's own flag of the same name wins. */
    ASSERT_OK(parse("deploy a --team x", &args, &err), err);
    ASSERT_TEXT(args.values[0].flag->help, "its own");
}

static void test_literal(void)
{
    struct cli_args args;
    struct err err;

    ASSERT_OK(parse("deploy -- --env", &args, &err), err);
    ASSERT_TEXT(args.words[0], "--env");
    CU_ASSERT_PTR_NULL(args_text(&args, "env"));
}

static void test_help(void)
{
    struct cli_args args;
    struct err err;

    ASSERT_OK(parse("", &args, &err), err);
    CU_ASSERT_PTR_NULL(args.verb);
    ASSERT_OK(parse("deploy --help", &args, &err), err); /* without its FILE */
    CU_ASSERT_TRUE(args.help);
    ASSERT_OK(parse("-h", &args, &err), err);
    CU_ASSERT_TRUE(args.help);
    ASSERT_OK(parse("--version", &args, &err), err);
    CU_ASSERT_TRUE(args.version);
    ASSERT_OK(parse("policy", &args, &err), err);
    CU_ASSERT_PTR_NULL(args.verb);
    ASSERT_TEXT(args.family, "policy");
    ASSERT_OK(parse("later whatever --flags it --takes", &args, &err), err);
    CU_ASSERT_PTR_EQUAL(args.verb, &verbs[6]);
}

static const struct {
    const char *line, *says;
} wrong[] = {
    {"deplyo app.yaml", "did you mean \"deploy\""},
    {"policy tset", "did you mean \"policy test\""},
    {"policy xxxxxxxxx", "innominatus help policy"},
    {"zzzzzzzzzzz", "innominatus help"},
    {"deploy a --evn x", "did you mean --env"},
    {"deploy a --ouptut json", "did you mean --output"},
    {"--env x deploy a", "unknown flag --env"},
    {"deploy a --zzzzzzz", "innominatus help deploy"},
    {"deploy a --env", "--env needs a value"},
    {"deploy a --tail x", "whole number"},
    {"deploy a --tail -1", "whole number"},
    {"deploy a --tail 99999999999999999999", "whole number"},
    {"deploy a --env=", "--env was given nothing"},
    {"deploy a -9", "does not take \"-9\""}, /* a number, not a flag */
    {"deploy a --wait=yes", "--wait takes no value"},
    {"deploy a --output xml", "--output is one of table|json"},
    {"deploy a --output jso", "--output is one of"},
    {"deploy a -x", "unknown flag -x"},
    {"deploy", "`deploy` needs FILE"},
    {"deploy a b", "does not take \"b\""},
    {"list a", "does not take \"a\""},
    {"move", "needs FROM [TO]"},
    {"move a b c", "does not take \"c\""},
    {"check", "needs FILE..."},
    {"policy test a b", "does not take \"b\""},
};

static void test_wrong(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct cli_args args;
        struct err err;

        ASSERT_FAILS(parse(wrong[i].line, &args, &err), err, ERR_USAGE);
        ASSERT_CONTAINS(err.msg, wrong[i].says);
        CU_ASSERT_PTR_NULL(args.verb);
    }
}

static void test_words(void)
{
    struct cli_args args;
    struct err err;

    ASSERT_OK(parse("move a", &args, &err), err);
    ASSERT_OK(parse("move a b", &args, &err), err);
    ASSERT_OK(parse("check a b c d e f", &args, &err), err);
    CU_ASSERT_EQUAL(args.word_count, 6);
    ASSERT_OK(parse("policy test", &args, &err), err);
}

/* ---- the real table ---- */

static bool same(const struct cli_verb *a, const struct cli_verb *b) { return str_eq(a->name, b->name) && str_eq(a->sub, b->sub); }

static void check_flags(const struct cli_verb *verb)
{
    for (const struct cli_flag *flag = verb->flags; flag && flag->name; flag++) {
        CU_ASSERT_TRUE(flag->help && flag->help[0]);
        CU_ASSERT_TRUE(flag->kind == FLAG_BOOL || flag->value || flag->choices);
        for (const struct cli_flag *other = verb->flags; other != flag; other++)
            if (str_eq(other->name, flag->name)) {
                fprintf(stderr, "%s: --%s twice\n", verb->name, flag->name);
                CU_FAIL("flag twice");
            }
    }
}

static void test_table(void)
{
    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        CU_ASSERT_TRUE(verb->about && verb->about[0]);
        for (const struct cli_verb *other = cli_verbs; other != verb; other++)
            CU_ASSERT_FALSE(same(verb, other));
        if (verb->options & VERB_ABSENT) {
            CU_ASSERT_TRUE(verb->example && !verb->run);
        } else {
            CU_ASSERT_PTR_NOT_NULL(verb->run);
        }
        check_flags(verb);
    }
}

/* Every command that the documentation names: present, or told apart as of a later release. */
static void test_documented(void)
{
    static const char *const names[] = {"serve",
                                        "worker",
                                        "migrate",
                                        "version",
                                        "completion",
                                        "login",
                                        "logout",
                                        "validate",
                                        "analyze",
                                        "lint",
                                        "explain",
                                        "plan",
                                        "diff",
                                        "deploy",
                                        "list",
                                        "status",
                                        "environments",
                                        "delete",
                                        "deprovision",
                                        "rollback",
                                        "retry",
                                        "restart",
                                        "scale",
                                        "exec",
                                        "port-forward",
                                        "watch",
                                        "logs",
                                        "manifests",
                                        "debug",
                                        "list-workflows",
                                        "list-resources",
                                        "resource show",
                                        "resource hints",
                                        "resource action",
                                        "list-goldenpaths",
                                        "run",
                                        "list-products",
                                        "list-product-workflows",
                                        "validate-product-workflow",
                                        "test-product-workflow",
                                        "workflow test",
                                        "workflow init",
                                        "workflow submit",
                                        "workflow run",
                                        "init",
                                        "dev",
                                        "tutorial",
                                        "examples",
                                        "queue stats",
                                        "queue list",
                                        "queue show",
                                        "queue cancel",
                                        "queue requeue",
                                        "queue discard",
                                        "approve",
                                        "reject",
                                        "graph-export",
                                        "graph-status",
                                        "policy list",
                                        "policy test",
                                        "policy eval",
                                        "policy explain",
                                        "policy violations",
                                        "policy replay",
                                        "plugin list",
                                        "plugin inspect",
                                        "plugin check",
                                        "plugin new",
                                        "plugin sign",
                                        "plugin verify",
                                        "plugin keygen",
                                        "admin show",
                                        "admin validate",
                                        "admin reload",
                                        "admin add-user",
                                        "admin list-users",
                                        "admin delete-user",
                                        "admin generate-api-key",
                                        "admin list-api-keys",
                                        "admin revoke-api-key",
                                        "audit list",
                                        "audit verify",
                                        "audit export",
                                        "backup",
                                        "restore",
                                        "doctor",
                                        NULL};

    for (const char *const *name = names; *name; name++) {
        bool found = false;

        for (const struct cli_verb *verb = cli_verbs; verb->name && !found; verb++)
            found = str_eq(verb->sub ? arena_printf(&arena, "%s %s", verb->name, verb->sub) : verb->name, *name);
        if (!found)
            fprintf(stderr, "missing: %s\n", *name);
        CU_ASSERT_TRUE(found);
    }
}

/* ---- every row of the table ---- */

/* Words of a row: its own, then `count` of the places in its args, then one more if any. */
static int parse_row(const struct cli_verb *verb, bool optional, const char *const *more, struct err *err)
{
    char *words[32] = {(char *)(uintptr_t) "innominatus", (char *)(uintptr_t)verb->name};
    struct cli_args out = {0};
    int count = 2;

    if (verb->sub)
        words[count++] = (char *)(uintptr_t)verb->sub;
    for (const char *at = verb->args ? verb->args : ""; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (optional || at[0] != '[')
            words[count++] = (char *)(uintptr_t) "word";
    for (; more && *more; more++)
        words[count++] = (char *)(uintptr_t)*more;
    return args_parse(count, words, cli_verbs, cli_globals, &arena, &out, err);
}

static void test_rows_words(void)
{
    static const char *const one_more[] = {"superfluous", NULL};

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        bool absent = verb->options & VERB_ABSENT, any = verb->args && verb->args[0] != '[';
        char *bare[] = {(char *)(uintptr_t) "innominatus", (char *)(uintptr_t)verb->name, (char *)(uintptr_t)verb->sub};
        struct cli_args out = {0};
        struct err err = {0};

        if (absent)
            continue;
        CU_ASSERT_EQUAL(parse_row(verb, false, NULL, &err), 0);
        CU_ASSERT_EQUAL(parse_row(verb, true, NULL, &err), 0);
        if (any) {
            CU_ASSERT_EQUAL(args_parse(verb->sub ? 3 : 2, bare, cli_verbs, cli_globals, &arena, &out, &err), -1);
            CU_ASSERT_EQUAL(err.code, ERR_USAGE);
            ASSERT_CONTAINS(err.msg, arena_printf(&arena, "needs %s", verb->args));
        }
        if (!verb->args || !strstr(verb->args, "...")) {
            CU_ASSERT_EQUAL(parse_row(verb, true, one_more, &err), -1);
            ASSERT_CONTAINS(err.msg, "does not take \"superfluous\"");
        }
    }
}

static void check_flag(const struct cli_verb *verb, const struct cli_flag *flag)
{
    const char *name = arena_printf(&arena, "--%s", flag->name);
    const char *const alone[] = {name, NULL}, *const bad[] = {name, "nonsense", NULL},
                      *const equals[] = {arena_printf(&arena, "%s=x", name), NULL};
    struct err err = {0};

    if (flag->kind == FLAG_BOOL) {
        CU_ASSERT_EQUAL(parse_row(verb, false, alone, &err), 0);
        CU_ASSERT_EQUAL(parse_row(verb, false, equals, &err), -1);
        ASSERT_CONTAINS(err.msg, "takes no value");
        return;
    }
    CU_ASSERT_EQUAL(parse_row(verb, false, alone, &err), -1);
    ASSERT_CONTAINS(err.msg, "needs a value");
    if (flag->choices || flag->kind == FLAG_INT) {
        CU_ASSERT_EQUAL(parse_row(verb, false, bad, &err), -1);
        ASSERT_CONTAINS(err.msg, flag->choices ? flag->choices : "whole number");
    } else {
        CU_ASSERT_EQUAL(parse_row(verb, false, bad, &err), 0);
    }
}

static void test_rows_flags(void)
{
    static const char *const unknown[] = {"--no-such-flag-at-all", NULL};

    for (const struct cli_verb *verb = cli_verbs; verb->name; verb++) {
        struct err err = {0};

        if (verb->options & VERB_ABSENT)
            continue;
        CU_ASSERT_EQUAL(parse_row(verb, false, unknown, &err), -1);
        ASSERT_CONTAINS(err.msg, "unknown flag");
        for (const struct cli_flag *flag = verb->flags; flag && flag->name; flag++)
            check_flag(verb, flag);
    }
}

static void test_free(void) { arena_fini(&arena); }

const struct test_case tests[] = {
    {"flags are read in every form", test_flags},
    {"global flags stand before or after the verb, and the verb's own win", test_globals},
    {"after -- everything is a word", test_literal},
    {"help and families need no words", test_help},
    {"what is wrong is told with the nearest name", test_wrong},
    {"words are counted", test_words},
    {"the table of commands is sound", test_table},
    {"every documented command is in the table", test_documented},
    {"every command tells which words it needs and does not take more", test_rows_words},
    {"every flag of every command is read, and a wrong value is told", test_rows_flags},
    {"the arena is freed", test_free},
    {0},
};
