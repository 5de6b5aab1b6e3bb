/* Owns the meaning of `grant`. Any thread; also part of the plugin host. */
#include "plugin/grant.h"
#include "base/str.h"
#include <string.h>

static const char *const permissions[] = {"network", "exec", "secrets", NULL};

const char *grant_subject(const char *word, const char *kind)
{
    size_t len = strlen(kind);

    return word && strncmp(word, kind, len) == 0 && word[len] == ':' ? word + len + 1 : NULL;
}

bool grant_has(const json_t *grant, const char *permission)
{
    json_t *item;
    size_t i;

    json_array_foreach(grant, i, item)
    {
        const char *word = json_string_value(item);

        if (str_eq(word, permission) || grant_subject(word, permission))
            return true;
    }
    return false;
}

/* An absolute path that goes nowhere else. */
static bool is_path(const char *text)
{
    size_t len = strlen(text);

    return text[0] == '/' && len > 1 && len < 4096 && !strstr(text, "/../") && !str_ends(text, "/..");
}

static bool is_good(const char *word)
{
    const char *subject;

    for (size_t i = 0; permissions[i]; i++)
        if (str_eq(word, permissions[i]))
            return true;
    if ((subject = grant_subject(word, "exec")))
        return is_path(subject) || (*subject && *subject != '.' && !strchr(subject, '/') && strlen(subject) < 256);
    if ((subject = grant_subject(word, "read")) || (subject = grant_subject(word, "write")))
        return is_path(subject);
    return false;
}

int grant_check(const json_t *grant, struct err *err)
{
    json_t *item;
    size_t i;

    json_array_foreach(grant, i, item)
    {
        if (!is_good(json_string_value(item)))
            return err_set(err, ERR_PLUGIN_REFUSED,
                           "the entry grants \"%.100s\"; known are network, exec, exec:PROGRAM, secrets, read:/PATH and write:/PATH",
                           json_is_string(item) ? json_string_value(item) : "(no text)");
    }
    return 0;
}
