/* Owns the types of YAML scalars: the core schema of YAML 1.2 (10.3.2), where yes, no, on and off are texts. Any thread; no state. */
#include "codec/yaml_priv.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CORE_TAG "tag:yaml.org,2002:"
#define DIGITS   "0123456789"

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static bool is_null(const char *text) { return !*text || is_one_of(text, (const char *const[]){"null", "Null", "NULL", "~", NULL}); }
static bool is_true(const char *text) { return is_one_of(text, (const char *const[]){"true", "True", "TRUE", NULL}); }
static bool is_false(const char *text) { return is_one_of(text, (const char *const[]){"false", "False", "FALSE", NULL}); }

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ ; the base, 0 for no integer. */
static int integer_base(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');

    if (*at && strspn(at, DIGITS) == strlen(at))
        return 10;
    if (text[0] == '0' && text[1] == 'o' && text[2] && strspn(text + 2, "01234567") == strlen(text + 2))
        return 8;
    if (text[0] == '0' && text[1] == 'x' && text[2] && strspn(text + 2, DIGITS "abcdefABCDEF") == strlen(text + 2))
        return 16;
    return 0;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_real(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = strspn(at, DIGITS), fraction = 0;

    at += whole;
    if (*at == '.') {
        fraction = strspn(++at, DIGITS);
        at += fraction;
    }
    if (!whole && !fraction)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        if (!*at)
            return false;
        at += strspn(at, DIGITS);
    }
    return !*at;
}

static bool is_not_finite(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');

    return is_one_of(at, (const char *const[]){".inf", ".Inf", ".INF", NULL}) ||
           is_one_of(text, (const char *const[]){".nan", ".NaN", ".NAN", NULL});
}

static const char *set_integer(struct node *node, int base)
{
    long long value;

    errno = 0;
    value = strtoll(node->text + (base == 10 ? 0 : 2), NULL, base);
    if (errno)
        return "does not fit into a 64-bit number";
    node->kind = NODE_INT;
    node->integer = value;
    return NULL;
}

static const char *set_real(struct node *node)
{
    double value = strtod(node->text, NULL);

    if (!isfinite(value))
        return "is too large a number";
    node->kind = NODE_REAL;
    node->real = value;
    return NULL;
}

static const char *resolve_plain(struct node *node)
{
    const char *text = node->text;
    int base = integer_base(text);

    if (base)
        return set_integer(node, base);
    if (is_real(text))
        return set_real(node);
    if (is_not_finite(text))
        return "is no number that JSON knows";
    if (is_null(text))
        node->kind = NODE_NULL;
    else if (is_true(text) || is_false(text)) {
        node->kind = NODE_BOOL;
        node->boolean = is_true(text);
    }
    return NULL;
}

static const struct {
    const char *tag;
    enum node_kind kind;
} core_tags[] = {
    {CORE_TAG "null", NODE_NULL},  {CORE_TAG "bool", NODE_BOOL},  {CORE_TAG "int", NODE_INT},
    {CORE_TAG "float", NODE_REAL}, {CORE_TAG "str", NODE_STRING},
};

static const char *resolve_tagged(struct node *node, enum node_kind wanted)
{
    const char *problem;

    if (wanted == NODE_STRING) {
        node->quoted = true;
        return NULL;
    }
    problem = resolve_plain(node);
    if (problem)
        return problem;
    if (wanted == NODE_REAL && node->kind == NODE_INT) {
        node->kind = NODE_REAL;
        node->real = (double)node->integer;
    }
    return node->kind == wanted ? NULL : "does not fit the value";
}

const char *yaml_resolve_scalar(struct node *node, const char *tag)
{
    node->kind = NODE_STRING;
    if (tag && strcmp(tag, "!") != 0) {
        for (size_t i = 0; i < sizeof core_tags / sizeof core_tags[0]; i++)
            if (strcmp(tag, core_tags[i].tag) == 0)
                return resolve_tagged(node, core_tags[i].kind);
        return "is not one of YAML's core tags for a scalar";
    }
    if (node->quoted || tag)
        return NULL;
    return resolve_plain(node);
}
