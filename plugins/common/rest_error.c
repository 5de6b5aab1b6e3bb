/* Owns the words of the REST kit's failures: the backend's own message found in its answer, and nothing secret in it. Slot's thread. */
#include "rest_priv.h"
#include <stdio.h>
#include <string.h>

#define HIDE_LEAST 4 /* characters of a text that is worth hiding */
#define HIDE_DEPTH 64

/* ---- hiding ---- */

static void hide_text(char *text, const char *secret)
{
    size_t len = secret ? strlen(secret) : 0;
    char *at = text;

    if (len < HIDE_LEAST)
        return;
    while ((at = strstr(at, secret))) {
        memset(at, '*', 3);
        memmove(at + 3, at + len, strlen(at + len) + 1);
        at += 3;
    }
}

static void hide_value(char *text, const json_t *value, int depth)
{
    const char *key;
    json_t *member;
    size_t i;

    if (depth > HIDE_DEPTH)
        return;
    if (json_is_string(value))
        hide_text(text, json_string_value(value));
    json_object_foreach((json_t *)(uintptr_t)value, key, member) hide_value(text, member, depth + 1);
    json_array_foreach(value, i, member) hide_value(text, member, depth + 1);
}

void rest_hide(const struct rest_request *request, char *text)
{
    for (const struct rest_header *h = request->headers; h && h->name; h++) {
        const char *word = strrchr(h->value, ' '); /* "Bearer TOKEN" */

        hide_text(text, h->value);
        if (word)
            hide_text(text, word + 1);
    }
    if (request->secret_body)
        hide_value(text, request->json, 0);
    hide_value(text, request->hidden, 0);
}

/* ---- the backend's message ---- */

struct words {
    char *out;
    size_t len, cap;
};

/* Adds a text on one line: control characters become spaces, a cut never splits a character. */
static void add_words(struct words *w, const char *text)
{
    if (w->len && w->len + 2 < w->cap) {
        memcpy(w->out + w->len, "; ", 2);
        w->len += 2;
    }
    for (; *text && w->len + 1 < w->cap; text++) {
        char c = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;

        if (c != ' ' || (w->len && w->out[w->len - 1] != ' '))
            w->out[w->len++] = c;
    }
    if (*text)
        while (w->len && ((unsigned char)*text & 0xc0) == 0x80)
            text--, w->len--;
    while (w->len && w->out[w->len - 1] == ' ')
        w->len--;
    w->out[w->len] = '\0';
}

static void add_value(struct words *w, const json_t *value)
{
    const char *text = json_string_value(value);
    const json_t *member;
    size_t i;

    if (text && *text)
        add_words(w, text);
    json_array_foreach(value, i, member)
    {
        const json_t *inner = json_object_get(member, "message");

        if (json_is_string(member) || json_is_string(inner))
            add_words(w, json_string_value(inner ? inner : member));
    }
}

void rest_message(const struct rest_answer *answer, char *out, size_t cap)
{
    static const char *const members[] = {"errors", "warnings", "message", "error", "error_description"};
    struct words w = {.out = out, .cap = cap};
    const char *tag = answer->body;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (w.len == 0 || strcmp(members[i], "error_description") == 0)
            add_value(&w, json_object_get(answer->json, members[i]));
    if (json_is_string(answer->json))
        add_value(&w, answer->json);
    while (tag && (*tag == ' ' || *tag == '\n' || *tag == '\r' || *tag == '\t'))
        tag++;
    if (w.len == 0 && !answer->json && tag && *tag && *tag != '<') /* a page of a proxy says nothing to a developer */
        add_words(&w, tag);
}
