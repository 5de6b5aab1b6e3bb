/* Owns `audit verify` and `audit export`. */
#include "audit/chain.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void close_input(FILE **in)
{
    if (*in && *in != stdin)
        fclose(*in);
}

static int print_report(struct cli *c, const json_t *report)
{
    bool valid = json_flag(report, "valid", false);
    const char *head = json_str(report, "head");
    json_t *problem;
    size_t i;

    if (out_data(c, report))
        return valid ? EXIT_FINE : EXIT_FAILED;
    json_array_foreach(json_object_get(report, "problems"), i, problem)
        cli_print(c, "  row %lld: %s\n", (long long)json_int(problem, "seq", 0),
                  out_clean(&c->arena, json_str(problem, "problem") ? json_str(problem, "problem") : "", false));
    cli_print(c, "%s: %lld rows, %lld to %lld, head %s\n",
              valid ? out_paint(c, STYLE_GREEN, "the chain is whole") : out_paint(c, STYLE_RED, "the chain is broken"),
              (long long)json_int(report, "rows", 0), (long long)json_int(report, "first", 0), (long long)json_int(report, "last", 0),
              head ? out_clean(&c->arena, head, false) : "-");
    if (!json_flag(report, "head_known", true))
        cli_say(c, "the export does not end with its head, so rows that were cut off its end cannot be seen");
    return valid ? EXIT_FINE : EXIT_FAILED;
}

static int read_anchor(struct cli *c, struct audit_anchor *out)
{
    const char *text = args_text(&c->args, "anchor"), *colon = text ? strchr(text, ':') : NULL;

    *out = (struct audit_anchor){0};
    if (!text)
        return EXIT_FINE;
    if (!colon || strspn(colon + 1, "0123456789abcdef") != AUDIT_HASH_BYTES - 1 ||
        !str_to_int(arena_strndup(&c->arena, text, (size_t)(colon - text)), &out->seq) || out->seq < 1 ||
        strlen(colon + 1) != AUDIT_HASH_BYTES - 1)
        return cli_usage(c, "--anchor SEQ:HASH: the number and hash of the last row of an earlier export");
    memcpy(out->hash, colon + 1, AUDIT_HASH_BYTES);
    return EXIT_FINE;
}

static int verify_export(struct cli *c, const char *file)
{
    bool standard = str_eq(file, "-");
    CLEANUP(close_input) FILE *in = standard ? stdin : fopen(file, "re");
    CLEANUP(audit_report_fini) struct audit_report report = {0};
    CLEANUP(json_put) json_t *shown = NULL;
    struct audit_anchor anchor;
    struct err err = {0};
    int code = read_anchor(c, &anchor);

    if (code)
        return code;
    if (!in) {
        cli_say(c, "%s: %s", file, strerror(errno));
        return errno == ENOENT ? EXIT_MISSING : EXIT_FAILED;
    }
    if (audit_verify_export(in, standard ? "standard input" : file, anchor.seq ? &anchor : NULL, &report, &err) < 0)
        return cli_fail(c, &err);
    shown = audit_report_json(&report);
    return print_report(c, shown);
}

int verb_audit_verify(struct cli *c)
{
    CLEANUP(json_put) json_t *report = NULL;
    int code;

    if (cli_word(c, 0))
        return verify_export(c, cli_word(c, 0));
    if (args_text(&c->args, "anchor"))
        return cli_usage(c, "--anchor is for an export: innominatus audit verify EXPORT --anchor SEQ:HASH");
    code = client_do(c, &(struct client_call){.method = "GET", .target = client_path(c, "/audit/verify", NULL), .timeout_ms = 600000},
                     &report);
    return code ? code : print_report(c, report);
}

/* ---- export ---- */

static void print_line(const json_t *value)
{
    json_dumpf(value, stdout, JSON_COMPACT);
    putchar('\n');
}

/* Rows that are not sealed yet (less than a second old) have no number: they are not part of an export. */
static void print_rows(const json_t *items, json_t *head)
{
    json_t *row;
    size_t i;

    json_array_foreach(items, i, row)
    {
        if (!json_object_get(row, "seq"))
            continue;
        print_line(row);
        json_object_set(head, "seq", json_object_get(row, "seq"));
        json_object_set(head, "hash", json_object_get(row, "hash"));
    }
}

/* JSON lines, oldest first, closed by the head: what `audit verify EXPORT` reads. */
int verb_audit_export(struct cli *c)
{
    const char *base = client_query(c, client_query(c, client_path(c, "/audit", NULL), "sort", "at"), "limit", "200"), *cursor = NULL;
    CLEANUP(json_put) json_t *head = json_object();
    CLEANUP(json_put) json_t *last = NULL;

    do {
        CLEANUP(json_put) json_t *page = NULL;
        int code = client_get(c, client_query(c, base, "cursor", cursor), &page);

        if (code)
            return code;
        print_rows(json_object_get(page, "items"), head);
        cursor = arena_strdup(&c->arena, json_str(page, "next_cursor"));
    } while (cursor);
    last = json_pack("{s:O}", "head", head);
    if (json_object_size(head))
        print_line(last);
    return EXIT_FINE;
}
