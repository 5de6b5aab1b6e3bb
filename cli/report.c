/* Owns SARIF and JUnit: findings in files as other programs read them. Pure but for the printing. */
#include "cli/report.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/output.h"
#include <stdio.h>
#include <string.h>

#define REPORT_BYTES (16u << 20)

/* ---- SARIF 2.1.0 ---- */

static const char *sarif_level(enum diag_severity severity)
{
    return severity == DIAG_ERROR ? "error" : severity == DIAG_WARNING ? "warning" : "note";
}

/* "unknown field" as "UnknownField": rules have names of one word. */
static const char *rule_name(struct arena *arena, enum err_code code)
{
    const char *title = err_title(code);
    char *name = arena_alloc(arena, strlen(title) + 1), *to = name;
    bool upper = true;

    for (; *title; title++) {
        bool letter = (*title >= 'a' && *title <= 'z') || (*title >= 'A' && *title <= 'Z');

        if (letter)
            *to++ = (char)(upper && *title >= 'a' ? *title - 'a' + 'A' : *title);
        upper = !letter;
    }
    return name;
}

static json_t *sarif_rule(enum err_code code, struct arena *arena)
{
    char name[16];
    const char *id = err_name(code, name), *remedy = err_remedy(code);
    json_t *rule = json_object();

    json_set_str(rule, "id", id);
    json_set_str(rule, "name", rule_name(arena, code));
    json_set_new(rule, "shortDescription", json_pack("{s:s}", "text", err_title(code)));
    json_set_new(rule, "fullDescription", json_pack("{s:s}", "text", arena_printf(arena, "%s (%s)", err_title(code), err_class(code))));
    json_set_str(rule, "helpUri", arena_printf(arena, "urn:innominatus:error:%s", id));
    json_set_new(rule, "help",
                 json_pack("{s:s, s:s}", "text",
                           arena_printf(arena, "%s%s`innominatus explain %s` tells more.", remedy, remedy[0] ? ". " : "", id), "markdown",
                           arena_printf(arena, "%s%s[%s](docs/errors.md#orc-%d)", remedy, remedy[0] ? ". " : "", id, err_orc(code))));
    json_set_new(rule, "properties", json_pack("{s:s, s:s}", "class", err_class(code), "remedy", remedy));
    return rule;
}

/* A path as a URI reference (RFC 3986): relative ones stay relative. */
static const char *file_uri(struct arena *arena, const char *path)
{
    static const char hex[] = "0123456789ABCDEF";
    struct buf uri = BUF_INIT(64u << 10);
    const char *kept;

    if (path[0] == '/')
        buf_add_text(&uri, "file://");
    for (const unsigned char *at = (const unsigned char *)path; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     strchr("-_.~/+@,=", (char)*at) != NULL;

        if (plain)
            buf_add_char(&uri, (char)*at);
        else
            buf_add(&uri, (const char[]){'%', hex[*at >> 4], hex[*at & 15]}, 3);
    }
    kept = arena_strdup(arena, buf_text(&uri));
    buf_fini(&uri);
    return kept;
}

/* Adds the rule when it is not there yet; returns its place. */
static size_t rule_index(json_t *rules, enum err_code code, struct arena *arena)
{
    char name[16];
    json_t *rule;
    size_t i;

    err_name(code, name);
    json_array_foreach(rules, i, rule) if (str_eq(json_str(rule, "id"), name)) return i;
    json_array_append_new(rules, sarif_rule(code, arena));
    return json_array_size(rules) - 1;
}

static json_t *sarif_result(const struct report_entry *entry, const struct diag *d, json_t *rules, struct arena *arena)
{
    const char *file = d->file ? d->file : entry->file ? entry->file : entry->name;
    json_t *result = json_object(), *message = json_object(), *place = json_object();
    char name[16];

    json_set_str(message, "text",
                 arena_printf(arena, "%s%s%s", d->message, d->suggestion ? "; help: " : "", d->suggestion ? d->suggestion : ""));
    json_set_new(place, "artifactLocation", json_pack("{s:s}", "uri", file_uri(arena, file)));
    if (d->line > 0)
        json_set_new(place, "region",
                     d->column > 0 ? json_pack("{s:i, s:i, s:i}", "startLine", d->line, "startColumn", d->column, "endColumn",
                                               d->column + (d->width > 0 ? d->width : 1))
                                   : json_pack("{s:i}", "startLine", d->line));
    json_set_str(result, "ruleId", err_name(d->code, name));
    json_set_int(result, "ruleIndex", (int64_t)rule_index(rules, d->code, arena));
    json_set_str(result, "level", sarif_level(d->severity));
    json_set_new(result, "message", message);
    json_set_new(result, "locations", json_pack("[{s:o}]", "physicalLocation", place));
    if (d->path && d->path[0])
        json_set_new(result, "properties", json_pack("{s:s}", "path", d->path));
    return result;
}

json_t *report_sarif(const struct report_entry *entries, size_t count)
{
    json_t *driver =
        json_pack("{s:s, s:s, s:s}", "name", "innominatus", "version", INNOMINATUS_VERSION, "semanticVersion", INNOMINATUS_VERSION);
    json_t *rules = json_array(), *results = json_array(), *artifacts = json_array();
    struct arena scratch = {0};

    for (size_t i = 0; i < count; i++) {
        const char *file = entries[i].file ? entries[i].file : entries[i].name;

        json_array_append_new(artifacts, json_pack("{s:{s:s}}", "location", "uri", file_uri(&scratch, file)));
        for (size_t j = 0; j < entries[i].found->count; j++)
            json_array_append_new(results, sarif_result(&entries[i], &entries[i].found->items[j], rules, &scratch));
    }
    arena_fini(&scratch);
    json_object_set_new(driver, "rules", rules);
    return json_pack("{s:s, s:s, s:[{s:{s:o}, s:s, s:o, s:o}]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version",
                     "2.1.0", "runs", "tool", "driver", driver, "columnKind", "unicodeCodePoints", "artifacts", artifacts, "results",
                     results);
}

void report_print_sarif(const struct report_entry *entries, size_t count)
{
    CLEANUP(json_put) json_t *sarif = report_sarif(entries, count);

    json_dumpf(sarif, stdout, JSON_INDENT(2));
    putchar('\n');
}

/* ---- JUnit ---- */

const char *report_xml(struct arena *arena, const char *text)
{
    static const struct {
        char byte;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}, {'\n', "&#10;"}, {'\t', "&#9;"}};
    struct buf out = BUF_INIT(REPORT_BYTES);
    const char *kept;

    for (const char *at = out_clean(arena, text ? text : "", true); *at; at++) {
        const char *entity = NULL;

        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            entity = entities[i].byte == *at ? entities[i].entity : entity;
        if (entity)
            buf_add_text(&out, entity);
        else if ((unsigned char)at[0] == 0xef && (unsigned char)at[1] == 0xbf && (unsigned char)at[2] >= 0xbe) /* U+FFFE, U+FFFF */
            at += 2;
        else
            buf_add_char(&out, *at);
    }
    kept = arena_strdup(arena, buf_text(&out));
    buf_fini(&out);
    return kept;
}

/* "app.yaml:7:1: error[ORC-1003]: message; help: ..." of the errors, or of all but them. */
static const char *lines_of(struct cli *c, const struct report_entry *entry, bool errors)
{
    const char *text = "";
    char code[16];

    for (size_t i = 0; i < entry->found->count; i++) {
        const struct diag *d = &entry->found->items[i];
        const char *file = d->file ? d->file : entry->file ? entry->file : entry->name;
        const char *place = d->line > 0 ? arena_printf(&c->arena, "%s:%d:%d", file, d->line, d->column) : file;

        if ((d->severity == DIAG_ERROR) == errors)
            text = arena_printf(&c->arena, "%s%s: %s[%s]: %s%s%s\n", text, place, sarif_level(d->severity), err_name(d->code, code),
                                d->message, d->suggestion ? "; help: " : "", d->suggestion ? d->suggestion : "");
    }
    return text;
}

static void print_case(struct cli *c, const char *suite, const struct report_entry *entry)
{
    const char *errors = lines_of(c, entry, true), *others = lines_of(c, entry, false);
    size_t count = entry->found->errors;

    cli_print(c, "    <testcase classname=\"%s\" name=\"%s\" file=\"%s\"", report_xml(&c->arena, suite), report_xml(&c->arena, entry->name),
              report_xml(&c->arena, entry->file ? entry->file : entry->name));
    if (!count && !others[0]) {
        cli_print(c, "/>\n");
        return;
    }
    cli_print(c, ">\n");
    if (count)
        cli_print(c, "      <failure message=\"%zu error%s\" type=\"error\">%s</failure>\n", count, count == 1 ? "" : "s",
                  report_xml(&c->arena, errors));
    if (others[0])
        cli_print(c, "      <system-out>%s</system-out>\n", report_xml(&c->arena, others));
    cli_print(c, "    </testcase>\n");
}

void report_print_junit(struct cli *c, const char *suite, const struct report_entry *entries, size_t count)
{
    size_t failures = 0;

    for (size_t i = 0; i < count; i++)
        failures += entries[i].found->errors > 0;
    cli_print(c, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", count, failures);
    cli_print(c, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", report_xml(&c->arena, suite),
              count, failures);
    for (size_t i = 0; i < count; i++)
        print_case(c, suite, &entries[i]);
    cli_print(c, "  </testsuite>\n</testsuites>\n");
}

/* ---- all of them ---- */

static json_t *data_of(const struct report_entry *entry)
{
    json_t *result = json_object();

    json_set_str(result, "file", entry->name);
    json_set_flag(result, "valid", entry->found->errors == 0);
    json_set_new(result, "errors", diag_to_json(entry->found));
    return result;
}

void report_print(struct cli *c, const char *suite, const struct report_entry *entries, size_t count)
{
    CLEANUP(json_put) json_t *results = json_array();

    if (c->output == OUTPUT_SARIF) {
        report_print_sarif(entries, count);
    } else if (c->output == OUTPUT_JUNIT) {
        report_print_junit(c, suite, entries, count);
    } else {
        for (size_t i = 0; i < count; i++)
            json_array_append_new(results, data_of(&entries[i]));
        out_data(c, count == 1 ? json_array_get(results, 0) : results);
    }
}
