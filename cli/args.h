/* Reading a command's words: verb, subverb, flags with their types, the rest. Pure. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

enum flag_kind {
    FLAG_BOOL, /* --wait */
    FLAG_TEXT, /* --env NAME or --env=NAME; given twice, the last one counts */
    FLAG_INT,  /* not negative */
    FLAG_LIST, /* may be repeated */
};

struct cli_flag {
    const char *name; /* without dashes; NULL closes a list */
    enum flag_kind kind;
    const char *value;   /* what stands for the value in the help: "NAME" */
    const char *help;    /* one line */
    const char *choices; /* "a|b|c", NULL: any */
};

/* What may stand after --output beside table and wide. */
enum { OUT_JSON = 1, OUT_YAML = 2, OUT_JUNIT = 4, OUT_SARIF = 8, OUT_DATA = OUT_JSON | OUT_YAML };

enum {
    VERB_SERVER = 1, /* needs a server */
    VERB_ABSENT = 2, /* named in the documentation, not in this release; `example` says what to use instead */
    VERB_HIDDEN = 4, /* an older word for another verb */
};

struct cli_verb {
    const char *name, *sub;       /* sub NULL: none; a NULL name closes a table */
    const char *args;             /* "FILE...", "APP [STEP]": [] may be left out, ... repeats; NULL: none */
    const char *about;            /* one line */
    const struct cli_flag *flags; /* NULL: none of its own */
    const char *example;          /* NULL: none; of VERB_ABSENT: what to use instead */
    int (*run)(struct cli *c);    /* returns the exit code */
    unsigned outputs, options;    /* OUT_..., VERB_... */
    const char *group;            /* heading in the help */
};

struct cli_value {
    const struct cli_flag *flag;
    const char *text; /* NULL for FLAG_BOOL */
};

struct cli_args {
    const struct cli_verb *verb;
    const char *family; /* the verb's word when only a family was named; NULL otherwise */
    const char **words; /* closed by NULL */
    size_t word_count;
    struct cli_value *values;
    size_t value_count;
    bool help, version;
};

/* Reads argv[1..]. Flags of the verb win over global ones of the same name; global ones may stand before the verb too; `--` ends flags.
 * Errors: ERR_USAGE with did-you-mean. Texts are argv's or the arena's. */
int args_parse(int argc, char **argv, const struct cli_verb *verbs, const struct cli_flag *globals, struct arena *arena,
               struct cli_args *out, struct err *err);

/* The letter that may stand for a flag: 'o' for output; 0: none. */
char args_letter(const char *name);
/* "output" for "-o"; NULL when the word is no letter that is known. */
const char *args_long_name(const char *word);

bool args_flag(const struct cli_args *args, const char *name);
const char *args_text(const struct cli_args *args, const char *name); /* NULL if not given */
int64_t args_int(const struct cli_args *args, const char *name, int64_t fallback);
/* The texts of a repeated flag, closed by NULL; never NULL. */
const char *const *args_list(const struct cli_args *args, const char *name, struct arena *arena);
