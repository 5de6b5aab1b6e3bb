/* Conditions (`when`, `if`, `unless`, validation checks): one Lua expression, a fresh state each, missing things are nil. Any thread. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/sandbox_priv.h"
#include <string.h>

/* Words that the engine decides; as an expression only `always` has a value. */
static const char *const words[] = {"always", "on_success", "on_failure", "manual", NULL};

struct condition {
    const char *text; /* "return (...)" */
    size_t len;
    bool compile_only, value;
};

static const char *skip_blanks(const char *text) { return text + strspn(text, " \t\r\n"); }

/* The word that `expression` is, NULL if it is none. */
static const char *word_of(const char *expression)
{
    expression = skip_blanks(expression);
    for (const char *const *word = words; *word; word++)
        if (str_starts(expression, *word) && !*skip_blanks(expression + strlen(*word)))
            return *word;
    return NULL;
}

static int run_condition(lua_State *L)
{
    struct condition *c = lua_touserdata(L, 1);

    sandbox_compile(L, c->text, c->len, "=condition");
    if (c->compile_only)
        return 0;
    lua_call(L, 0, 1);
    c->value = lua_toboolean(L, -1);
    return 0;
}

static int check_size(const char *expression, struct err *err)
{
    const char *first = skip_blanks(expression);

    if (!*first || *first == ';' || str_starts(first, "--")) /* `return` alone would be false without a word */
        return err_set(err, ERR_CONDITION, "the condition is empty");
    if (strlen(expression) > LIMIT_CONDITION_BYTES)
        return err_set(err, ERR_CONDITION, "the condition is longer than %d bytes", LIMIT_CONDITION_BYTES);
    return 0;
}

/* Runs "return <expression>" and adds the expression to what went wrong. */
static int run(const char *expression, const json_t *scope, const struct policy_limits *limits, struct condition *c, struct err *err)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(8 * LIMIT_CONDITION_BYTES);
    struct sandbox sb;
    int rc;

    buf_add_text(&text, "return ");
    buf_add_text(&text, expression);
    c->text = buf_text(&text);
    c->len = text.len;
    if (sandbox_open(&sb, NULL, limits, SANDBOX_CONDITION, err) < 0)
        return -1;
    sb.scope = scope;
    sandbox_start(&sb);
    rc = sandbox_protect(&sb, run_condition, c, ERR_CONDITION, err);
    sandbox_close(&sb);
    if (rc < 0)
        err_wrap(err, "condition \"%.120s%s\"", expression, strlen(expression) > 120 ? "..." : "");
    return rc;
}

int condition_evaluate(const char *expression, const json_t *scope, const struct policy_limits *limits, bool *out_value, struct err *err)
{
    CLEANUP(buf_fini) struct buf lua = BUF_INIT(6 * LIMIT_CONDITION_BYTES);
    struct condition c = {0};
    const char *word = word_of(expression);

    if (check_size(expression, err) < 0)
        return -1;
    if (word && !str_eq(word, "always"))
        return err_set(err, ERR_CONDITION, "\"%s\" depends on the steps before: it is a `when` of its own, not an expression", word);
    c.value = true;
    if (!word && run(condition_translate(expression, scope, &lua) ? buf_text(&lua) : expression, scope, limits, &c, err) < 0)
        return -1;
    *out_value = c.value;
    return 0;
}

int condition_check(const char *expression, struct arena *arena, const char **out_translated, struct err *err)
{
    CLEANUP(buf_fini) struct buf lua = BUF_INIT(6 * LIMIT_CONDITION_BYTES);
    struct condition c = {.compile_only = true};
    bool translated = false;

    if (check_size(expression, err) < 0)
        return -1;
    if (!word_of(expression)) {
        translated = condition_translate(expression, NULL, &lua);
        if (run(translated ? buf_text(&lua) : expression, NULL, NULL, &c, err) < 0)
            return -1;
    }
    if (out_translated)
        *out_translated = translated ? arena_strdup(arena, buf_text(&lua)) : NULL;
    return 0;
}
