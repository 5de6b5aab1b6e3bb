/* Older condition forms into Lua (interfaces.md, Conditions): bare words beside == and !=, && || !, infix contains startsWith endsWith,
 * name.success|failed|skipped, $VAR, step names with hyphens. What it does not understand it leaves alone: Lua's own compiler then says
 * what is wrong. */
#include "base/buf.h"
#include "policy/sandbox_priv.h"
#include <ctype.h>
#include <string.h>

#define MOST_NESTING 60

struct translation {
    const char *at;
    struct buf *out;
    const json_t *scope;
    int depth;
    bool changed, failed;
};

static void expression(struct translation *t);

static bool is_word_start(char c) { return isalpha((unsigned char)c) || c == '_'; }
static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t word_length(const char *text)
{
    size_t len = 0;

    if (is_word_start(*text))
        while (is_word(text[len]))
            len++;
    return len;
}

static bool is_one_of(const char *text, size_t len, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == len && memcmp(*list, text, len) == 0)
            return true;
    return false;
}

static bool is_keyword(const char *text, size_t len)
{
    static const char *const keywords[] = {"and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
                                           "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
                                           "repeat",   "return", "then", "true", "until",  "while", NULL};

    return is_one_of(text, len, keywords);
}

/* Names that mean something as they are: the scope's, the library's. Others are bare words. */
static bool is_known(const struct translation *t, const char *text, size_t len)
{
    char name[64];

    if (len >= sizeof name)
        return false;
    memcpy(name, text, len);
    name[len] = '\0';
    return env_knows(name) || (t->scope && json_object_get(t->scope, name));
}

static void copy(struct translation *t, size_t len)
{
    buf_add(t->out, t->at, len);
    t->at += len;
}

static void blanks(struct translation *t) { copy(t, strspn(t->at, " \t\r\n")); }

/* A name with hyphens: `security-scan`; each part after a hyphen starts with a letter and is no known name. */
static size_t hyphen_length(const struct translation *t, const char *text)
{
    size_t len = word_length(text);

    while (len && text[len] == '-' && is_word_start(text[len + 1]) && !is_known(t, text + len + 1, word_length(text + len + 1)))
        len += 1 + word_length(text + len + 1);
    return len;
}

/* A bare word beside a comparison may have digits after a hyphen too: `pr-12`. */
static size_t bare_length(const struct translation *t, const char *text)
{
    size_t len = hyphen_length(t, text);

    while (len && text[len] == '-' && isdigit((unsigned char)text[len + 1]))
        for (len++; is_word(text[len]);)
            len++;
    return len;
}

static void quote(struct buf *out, const char *text, size_t len)
{
    buf_add_char(out, '"');
    buf_add(out, text, len);
    buf_add_char(out, '"');
}

static void quoted_text(struct translation *t)
{
    char mark = *t->at;
    size_t len = 1;

    while (t->at[len] && t->at[len] != mark)
        len += t->at[len] == '\\' && t->at[len + 1] ? 2 : 1;
    if (!t->at[len])
        t->failed = true;
    else
        copy(t, len + 1);
}

/* An expression between brackets, with what may separate several. */
static void bracket(struct translation *t, char close)
{
    if (++t->depth > MOST_NESTING)
        t->failed = true;
    copy(t, 1);
    while (!t->failed) {
        blanks(t);
        if (*t->at == close)
            break;
        expression(t);
        if (*t->at == ',')
            copy(t, 1);
        else if (*t->at != close)
            t->failed = true;
    }
    if (!t->failed)
        copy(t, 1);
    t->depth--;
}

/* `scan.success`, `steps.scan.failed`: asks for the step's state. Returns true when it was one. */
static bool step_state(struct translation *t)
{
    static const struct {
        const char *word, *state;
    } states[] = {{"success", "completed"}, {"failed", "failed"}, {"skipped", "skipped"}};
    const char *name = t->at;
    size_t len;

    if (strncmp(name, "steps.", 6) == 0)
        name += 6;
    len = hyphen_length(t, name);
    if (!len || name[len] != '.' || (name == t->at && (is_known(t, name, word_length(name)) || is_keyword(name, len))))
        return false;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        const char *word = name + len + 1;
        size_t word_len = strlen(states[i].word);

        if (strncmp(word, states[i].word, word_len) != 0 || is_word(word[word_len]) || strchr(".[(", word[word_len] ? word[word_len] : ' '))
            continue;
        buf_add_text(t->out, "(steps[");
        quote(t->out, name, len);
        buf_printf(t->out, "].state == \"%s\")", states[i].state);
        t->at = word + word_len;
        return t->changed = true;
    }
    return false;
}

static void suffixes(struct translation *t)
{
    while (!t->failed) {
        size_t len = *t->at == '.' && t->at[1] != '.' ? hyphen_length(t, t->at + 1) : 0;

        if (len && memchr(t->at, '-', len + 1)) {
            buf_add_char(t->out, '[');
            quote(t->out, t->at + 1, len);
            buf_add_char(t->out, ']');
            t->at += len + 1;
            t->changed = true;
        } else if (len) {
            copy(t, len + 1);
        } else if (*t->at == ':' && is_word_start(t->at[1])) {
            copy(t, 1 + word_length(t->at + 1));
        } else if (*t->at == '[' && t->at[1] != '[') {
            bracket(t, ']');
        } else if (*t->at == '(') {
            bracket(t, ')');
        } else
            return;
    }
}

/* $VAR and ${a.b} */
static void variable(struct translation *t)
{
    const char *close = t->at[1] == '{' ? strchr(t->at, '}') : NULL;

    t->changed = true;
    if (close) {
        const char *end = close + 1;

        t->at += 2;
        if (t->at + hyphen_length(t, t->at) == close)
            buf_add_text(t->out, "variables.");
        copy(t, word_length(t->at));
        suffixes(t);
        if (t->at != close)
            t->failed = true;
        t->at = end;
        return;
    }
    t->at++;
    if (!word_length(t->at))
        t->failed = true;
    buf_add_text(t->out, "variables.");
    copy(t, word_length(t->at));
}

/* One operand. Returns the length of the bare word that it is (it is the last thing in the buffer), 0 if it is something else. */
static size_t operand(struct translation *t)
{
    size_t len;

    if (*t->at == '"' || *t->at == '\'') {
        quoted_text(t);
    } else if (*t->at == '(') {
        bracket(t, ')');
    } else if (*t->at == '{') {
        bracket(t, '}');
    } else if (*t->at == '$') {
        variable(t);
    } else if (isdigit((unsigned char)*t->at) || (*t->at == '.' && isdigit((unsigned char)t->at[1]))) {
        copy(t, strspn(t->at, "0123456789abcdefABCDEFxX."));
    } else if (is_word_start(*t->at)) {
        if (step_state(t))
            return 0;
        len = word_length(t->at);
        if (is_keyword(t->at, len)) {
            if (!is_one_of(t->at, len, (const char *const[]){"nil", "true", "false", NULL}))
                t->failed = true;
            copy(t, len);
            return 0;
        }
        if (!is_known(t, t->at, len)) {
            len = bare_length(t, t->at);
            if (!t->at[len] || !strchr(".[(:\"'{", t->at[len])) {
                copy(t, len);
                return len;
            }
            len = word_length(t->at);
        }
        copy(t, len);
    } else {
        t->failed = true;
    }
    if (!t->failed)
        suffixes(t);
    return 0;
}

/* Makes the bare word at the end of the buffer a text. */
static void word_to_text(struct translation *t, size_t len)
{
    char word[256];

    if (!len || len >= sizeof word || t->out->len < len)
        return;
    memcpy(word, t->out->data + t->out->len - len, len);
    t->out->len -= len;
    quote(t->out, word, len);
    t->changed = true;
}

/* Takes everything from `from` on out of the buffer. */
static void cut(struct buf *out, size_t from, struct buf *taken)
{
    buf_add(taken, out->data + from, out->len - from);
    out->len = from;
    out->data[from] = '\0';
}

static const char *infix_function(const char *at)
{
    static const char *const names[][2] = {{"contains", "contains"},
                                           {"startsWith", "startswith"},
                                           {"endsWith", "endswith"},
                                           {"startswith", "startswith"},
                                           {"endswith", "endswith"}};
    size_t len = word_length(at);

    for (size_t i = 0; len && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i][0]) == len && memcmp(names[i][0], at, len) == 0)
            return names[i][1];
    return NULL;
}

static void unary_operators(struct translation *t)
{
    for (;;) {
        blanks(t);
        if (*t->at == '!' && t->at[1] != '=') {
            buf_add_text(t->out, "not ");
            t->at++;
            t->changed = true;
        } else if (strncmp(t->at, "not", 3) == 0 && !is_word(t->at[3])) {
            copy(t, 3);
        } else if ((*t->at == '-' && t->at[1] != '-') || *t->at == '#') {
            copy(t, 1);
        } else
            return;
    }
}

/* Copies a binary operator in Lua's spelling; false when there is none. `out_compares` tells whether a bare word may follow. */
static bool binary_operator(struct translation *t, bool *out_compares)
{
    static const struct {
        const char *text, *lua;
        bool compares;
    } operators[] = {{"&&", "and", false}, {"||", "or", false}, {"==", "==", true},    {"!=", "~=", true},  {"~=", "~=", true},
                     {"<=", "<=", false},  {">=", ">=", false}, {"..", "..", false},   {"//", "//", false}, {"<", "<", false},
                     {">", ">", false},    {"+", "+", false},   {"-", "-", false},     {"*", "*", false},   {"/", "/", false},
                     {"%", "%", false},    {"^", "^", false},   {"and", "and", false}, {"or", "or", false}};

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t len = strlen(operators[i].text);

        if (strncmp(t->at, operators[i].text, len) != 0 || (is_word_start(*t->at) && is_word(t->at[len])))
            continue;
        if (strcmp(operators[i].text, operators[i].lua) != 0)
            t->changed = true;
        buf_add_text(t->out, operators[i].lua);
        t->at += len;
        *out_compares = operators[i].compares;
        return true;
    }
    return false;
}

/* `left contains right`, with the left operand already in the buffer from `start` on. */
static void infix(struct translation *t, size_t start, size_t left_word)
{
    struct buf left = BUF_INIT(t->out->max);
    const char *function = infix_function(t->at);
    size_t right_word;

    word_to_text(t, left_word);
    cut(t->out, start, &left);
    while (left.len && left.data[left.len - 1] == ' ')
        left.data[--left.len] = '\0';
    t->at += word_length(t->at);
    t->at += strspn(t->at, " \t\r\n");
    buf_printf(t->out, "%s(%s, ", function, buf_text(&left));
    right_word = operand(t);
    word_to_text(t, right_word);
    buf_add_char(t->out, ')');
    buf_fini(&left);
    t->changed = true;
}

static void expression(struct translation *t)
{
    bool compared = false;

    if (++t->depth > MOST_NESTING)
        t->failed = true;
    while (!t->failed) {
        bool compares = false;
        size_t start, word, end;

        unary_operators(t);
        start = t->out->len;
        word = operand(t);
        end = t->out->len;
        blanks(t);
        if (!t->failed && infix_function(t->at)) {
            t->out->len = end;
            infix(t, start, word);
            word = 0;
            blanks(t);
        } else if (word && (compared || strncmp(t->at, "==", 2) == 0 || strncmp(t->at, "!=", 2) == 0 || strncmp(t->at, "~=", 2) == 0)) {
            t->out->len = end;
            word_to_text(t, word);
            buf_add_char(t->out, ' ');
        }
        if (t->failed || !binary_operator(t, &compares))
            break;
        compared = compares;
    }
    t->depth--;
}

bool condition_translate(const char *text, const json_t *scope, struct buf *out)
{
    struct translation t = {.at = text, .out = out, .scope = scope};

    blanks(&t);
    expression(&t);
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    return !t.failed && !*t.at && t.changed && !out->overflow;
}
