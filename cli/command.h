/* What a verb works with while it runs, and how it ends. One command, one thread. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "cli/args.h"
#include "codec/json.h"

enum cli_exit { EXIT_FINE, EXIT_FAILED, EXIT_USAGE, EXIT_INVALID, EXIT_DENIED, EXIT_MISSING, EXIT_UNREACHABLE };

enum cli_output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_JUNIT, OUTPUT_SARIF };

struct client;

struct cli {
    struct arena arena; /* until the command ends */
    struct cli_args args;
    enum cli_output output;
    bool colour_out, colour_err; /* a terminal, and nobody said no */
    bool debug;
    const char *server, *team; /* --server, --team; NULL if not given */
    struct client *client;     /* made at the first request */
};

/* Prints `error[ORC-nnnn]: message` and what to do; returns the exit code that fits. */
int cli_fail(const struct cli *c, const struct err *err);
/* The exit code of an error. */
int cli_exit_of(enum err_code code);
/* A wrong use that only the verb can see: prints the message, returns EXIT_USAGE. */
int cli_usage(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What was asked for is not there: the same, returns EXIT_MISSING. */
int cli_missing(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For a message "there is no application ...": the list that shows what there is; NULL for others. Static text. */
const char *cli_list_hint(const char *message);

/* A line on standard error. Control characters of what is printed are made harmless. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* printf to standard output. Texts that come from a server or a file are cleaned by the caller (out_clean, out_word with it). */
void cli_print(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Asks "QUESTION [y/N]" on the terminal; --force answers yes. 0: yes. Otherwise the exit code: refused without a terminal (EXIT_USAGE), or
 * a no (EXIT_FAILED). */
int cli_confirm(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The word number i, NULL if there are fewer. */
static inline const char *cli_word(const struct cli *c, size_t i) { return i < c->args.word_count ? c->args.words[i] : NULL; }
