/* Owns the reading of a command's words against the verb table. Pure; any thread. */
#include "cli/args.h"
#include "base/str.h"
#include <string.h>

struct reader {
    int argc, at;
    char **argv;
    const struct cli_verb *verbs;
    const struct cli_flag *globals;
    struct arena *arena;
    struct cli_args *out;
    bool literal; /* after -- */
};

static const struct cli_flag *find_flag(const struct cli_flag *flags, const char *name, size_t len)
{
    for (; flags && flags->name; flags++)
        if (strlen(flags->name) == len && memcmp(flags->name, name, len) == 0)
            return flags;
    return NULL;
}

static size_t count_flags(const struct cli_flag *flags)
{
    size_t count = 0;

    while (flags && flags[count].name)
        count++;
    return count;
}

static int unknown_flag(const struct reader *r, const char *name, struct err *err)
{
    const struct cli_flag *own = r->out->verb ? r->out->verb->flags : NULL;
    size_t own_count = count_flags(own), global_count = count_flags(r->globals), used = 0;
    const char **names = arena_array(r->arena, own_count + global_count + 1, sizeof *names);
    const char *verb = r->out->verb ? r->out->verb->name : NULL, *sub = verb ? r->out->verb->sub : NULL, *near;

    for (size_t i = 0; i < own_count; i++)
        names[used++] = own[i].name;
    for (size_t i = 0; i < global_count; i++)
        names[used++] = r->globals[i].name;
    near = str_closest(name, names);
    if (near)
        return err_set(err, ERR_USAGE, "unknown flag --%.60s; did you mean --%s?", name, near);
    return err_set(err, ERR_USAGE, "unknown flag --%.60s; see `innominatus help%s%s%s%s`", name, verb ? " " : "", verb ? verb : "",
                   sub ? " " : "", sub ? sub : "");
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);

    while (choices && len) {
        if (strncmp(choices, text, len) == 0 && (choices[len] == '|' || !choices[len]))
            return true;
        choices = strchr(choices, '|');
        choices = choices ? choices + 1 : NULL;
    }
    return false;
}

static int check_value(const struct cli_flag *flag, const char *text, struct err *err)
{
    int64_t number;

    if (!text[0])
        return err_set(err, ERR_USAGE, "--%s was given nothing: --%s %s; is a variable of the shell unset?", flag->name, flag->name,
                       flag->value     ? flag->value
                       : flag->choices ? flag->choices
                                       : "VALUE");
    if (flag->kind == FLAG_INT && (!str_to_int(text, &number) || number < 0))
        return err_set(err, ERR_USAGE, "--%s takes a whole number of 0 or more, not \"%.60s\"", flag->name, text);
    if (flag->choices && !is_choice(flag->choices, text))
        return err_set(err, ERR_USAGE, "--%s is one of %s, not \"%.60s\"", flag->name, flag->choices, text);
    return 0;
}

static int take_flag(struct reader *r, const struct cli_flag *flag, const char *text, struct err *err)
{
    if (flag->kind == FLAG_BOOL && text)
        return err_set(err, ERR_USAGE, "--%s takes no value", flag->name);
    if (flag->kind != FLAG_BOOL && !text) {
        if (r->at + 1 >= r->argc)
            return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value ? flag->value : "VALUE");
        text = r->argv[++r->at];
    }
    if (text && check_value(flag, text, err) < 0)
        return -1;
    r->out->values[r->out->value_count++] = (struct cli_value){flag, text};
    return 0;
}

static const struct {
    char letter;
    const char *name;
} shorts[] = {{'h', "help"}, {'o', "output"}, {'e', "env"}, {'f', "follow"}};

char args_letter(const char *name)
{
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
        if (str_eq(shorts[i].name, name))
            return shorts[i].letter;
    return '\0';
}

const char *args_long_name(const char *word)
{
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++)
        if (word[0] == '-' && word[1] == shorts[i].letter && !word[2])
            return shorts[i].name;
    return NULL;
}

static int read_flag(struct reader *r, const char *word, struct err *err)
{
    const char *name = word[1] == '-' ? word + 2 : args_long_name(word), *equals;
    const struct cli_flag *flag = NULL;
    size_t len;

    if (!name)
        return err_set(err, ERR_USAGE, "unknown flag %.60s; the short ones are -o (--output), -e (--env), -f (--follow) and -h%s", word,
                       str_eq(word, "-v") || str_eq(word, "-V") ? "; `innominatus version` tells the version" : "");
    equals = strchr(name, '=');
    len = equals ? (size_t)(equals - name) : strlen(name);
    if (str_eq(name, "help")) {
        r->out->help = true;
        return 0;
    }
    if (str_eq(name, "version") && !r->out->verb) {
        r->out->version = true;
        return 0;
    }
    if (r->out->verb)
        flag = find_flag(r->out->verb->flags, name, len);
    if (!flag)
        flag = find_flag(r->globals, name, len);
    if (!flag)
        return unknown_flag(r, arena_strndup(r->arena, name, len), err);
    return take_flag(r, flag, equals ? equals + 1 : NULL, err);
}

/* ---- verbs ---- */

static int unknown_verb(const struct reader *r, const char *family, const char *word, struct err *err)
{
    size_t count = 0, used = 0;
    const char **names, *near;

    while (r->verbs[count].name)
        count++;
    names = arena_array(r->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        if (!family)
            names[used++] = r->verbs[i].name;
        else if (str_eq(r->verbs[i].name, family) && r->verbs[i].sub)
            names[used++] = r->verbs[i].sub;
    near = str_closest(word, names);
    if (near)
        return err_set(err, ERR_USAGE, "unknown command \"%s%s%.60s\"; did you mean \"%s%s%s\"?", family ? family : "", family ? " " : "",
                       word, family ? family : "", family ? " " : "", near);
    return err_set(err, ERR_USAGE, "unknown command \"%s%s%.60s\"; `innominatus help%s%s` lists what there is", family ? family : "",
                   family ? " " : "", word, family ? " " : "", family ? family : "");
}

static int take_verb(struct reader *r, const char *word, struct err *err)
{
    const struct cli_verb *plain = NULL;
    bool known = false;

    for (const struct cli_verb *verb = r->verbs; verb->name; verb++) {
        const char *family = r->out->family;

        if (family && str_eq(verb->name, family) && str_eq(verb->sub, word)) {
            r->out->verb = verb;
            r->out->family = NULL;
            return 0;
        }
        if (!family && str_eq(verb->name, word)) {
            known = true;
            if (!verb->sub)
                plain = verb;
        }
    }
    if (!known)
        return unknown_verb(r, r->out->family, word, err);
    r->out->verb = plain;
    r->out->family = plain ? NULL : word;
    return 0;
}

/* How many words "FILE [MORE]..." takes. */
static void count_words(const char *args, size_t *out_least, size_t *out_most)
{
    *out_least = *out_most = 0;
    for (const char *at = args ? args : ""; *at;) {
        size_t len = strcspn(at, " ");

        ++*out_most;
        *out_least += at[0] != '[';
        if (len >= 3 && (memcmp(at + len - 3, "...", 3) == 0 || (len >= 4 && memcmp(at + len - 4, "...", 3) == 0)))
            *out_most = SIZE_MAX;
        at += len + strspn(at + len, " ");
        if (*out_most == SIZE_MAX)
            break;
    }
}

static int check_words(const struct cli_args *out, struct err *err)
{
    const struct cli_verb *verb = out->verb;
    const char *sub = verb->sub ? verb->sub : "", *gap = verb->sub ? " " : "";
    size_t least, most;

    if (verb->options & VERB_ABSENT)
        return 0;
    count_words(verb->args, &least, &most);
    if (out->word_count < least)
        return err_set(err, ERR_USAGE, "`%s%s%s` needs %s: innominatus %s%s%s %s", verb->name, gap, sub, verb->args, verb->name, gap, sub,
                       verb->args);
    for (size_t i = 0; i < out->word_count; i++)
        if (!out->words[i][0])
            return err_set(err, ERR_USAGE, "`%s%s%s` was given an empty word for %s; is a variable of the shell unset?", verb->name, gap,
                           sub, verb->args ? verb->args : "nothing");
    if (out->word_count > most)
        return err_set(err, ERR_USAGE, "`%s%s%s` does not take \"%.60s\"%s%s", verb->name, gap, sub, out->words[most],
                       verb->args ? "; it takes " : "", verb->args ? verb->args : "");
    return 0;
}

static int read_word(struct reader *r, const char *word, struct err *err)
{
    struct cli_args *out = r->out;

    if (!r->literal && str_eq(word, "--")) {
        r->literal = true;
        return 0;
    }
    if (out->verb && out->verb->options & VERB_ABSENT && !r->literal && word[0] == '-') {
        out->help = out->help || str_eq(word, "--help") || str_eq(word, "-h");
        return 0;
    }
    if (!r->literal && word[0] == '-' && word[1] && !(word[1] >= '0' && word[1] <= '9')) /* -1 is a number */
        return read_flag(r, word, err);
    if (!out->verb)
        return take_verb(r, word, err);
    out->words[out->word_count++] = word;
    return 0;
}

int args_parse(int argc, char **argv, const struct cli_verb *verbs, const struct cli_flag *globals, struct arena *arena,
               struct cli_args *out, struct err *err)
{
    size_t room = argc > 0 ? (size_t)argc + 1 : 1;
    struct cli_args parsed = {.words = arena_array(arena, room, sizeof *parsed.words),
                              .values = arena_array(arena, room, sizeof *parsed.values)};
    struct reader r = {.argc = argc, .argv = argv, .verbs = verbs, .globals = globals, .arena = arena, .out = &parsed};

    for (r.at = 1; r.at < argc; r.at++)
        if (read_word(&r, argv[r.at], err) < 0)
            return -1;
    if (parsed.verb && !parsed.help && check_words(&parsed, err) < 0)
        return -1;
    *out = parsed;
    return 0;
}

/* ---- values ---- */

static const struct cli_value *last_value(const struct cli_args *args, const char *name)
{
    for (size_t i = args->value_count; i > 0; i--)
        if (str_eq(args->values[i - 1].flag->name, name))
            return &args->values[i - 1];
    return NULL;
}

bool args_flag(const struct cli_args *args, const char *name) { return last_value(args, name) != NULL; }

const char *args_text(const struct cli_args *args, const char *name)
{
    const struct cli_value *value = last_value(args, name);

    return value ? value->text : NULL;
}

int64_t args_int(const struct cli_args *args, const char *name, int64_t fallback)
{
    const char *text = args_text(args, name);
    int64_t number;

    return text && str_to_int(text, &number) ? number : fallback;
}

const char *const *args_list(const struct cli_args *args, const char *name, struct arena *arena)
{
    const char **list = arena_array(arena, args->value_count + 1, sizeof *list);
    size_t used = 0;

    for (size_t i = 0; i < args->value_count; i++)
        if (str_eq(args->values[i].flag->name, name))
            list[used++] = args->values[i].text;
    return list;
}
