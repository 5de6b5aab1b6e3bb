/* Owns what the chain is: the bytes that are hashed, and the walk that checks link after link. Pure; called from every thread. */
#include "audit/chain.h"
#include "audit/chain_priv.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include <stdarg.h>
#include <string.h>

const char *const audit_field_names[AUDIT_FIELDS] = {"org",         "actor",  "team",   "action",     "object",
                                                     "environment", "result", "detail", "request_id", "source_ip"};

static void add_field(struct crypto_hash *hash, const char *name, const char *value)
{
    char lead[64];
    size_t len = value ? strlen(value) : 0;

    if (value)
        snprintf(lead, sizeof lead, "%s=%zu:", name, len);
    else
        snprintf(lead, sizeof lead, "%s-", name);
    crypto_hash_add(hash, lead, strlen(lead));
    crypto_hash_add(hash, value, len);
    crypto_hash_add(hash, "\n", 1);
}

static void add_number(struct crypto_hash *hash, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)value);
    add_field(hash, name, text);
}

void audit_link_hash(const struct audit_link *link, const char *prev, char out[static AUDIT_HASH_BYTES])
{
    static const char form[] = "innominatus audit 1\n";
    CLEANUP(crypto_hash_fini) struct crypto_hash hash;

    crypto_hash_init(&hash);
    crypto_hash_add(&hash, form, sizeof form - 1);
    add_number(&hash, "seq", link->seq);
    add_number(&hash, "at", link->at);
    for (size_t i = 0; i < AUDIT_FIELDS; i++)
        add_field(&hash, audit_field_names[i], link->fields[i]);
    add_field(&hash, "prev", prev);
    crypto_hash_hex(&hash, out);
}

bool audit_head_parse(const char *text, struct audit_anchor *out)
{
    const char *space = text ? strchr(text, ' ') : NULL;
    char number[24] = "";
    struct audit_anchor head = {0};

    if (!space || (size_t)(space - text) >= sizeof number || strlen(space + 1) != AUDIT_HASH_BYTES - 1)
        return false;
    memcpy(number, text, (size_t)(space - text));
    if (!str_to_int(number, &head.seq) || head.seq < 1)
        return false;
    memcpy(head.hash, space + 1, AUDIT_HASH_BYTES);
    *out = head;
    return true;
}

/* ---- the report ---- */

void audit_report_fini(struct audit_report *report)
{
    json_put(&report->problems);
    *report = (struct audit_report){0};
}

json_t *audit_report_json(const struct audit_report *report)
{
    json_t *out = json_object();

    json_set_flag(out, "valid", report->problem_count == 0);
    json_set_int(out, "rows", report->rows);
    json_set_int(out, "first", report->first);
    json_set_int(out, "last", report->last);
    if (report->rows)
        json_set_str(out, "head", report->head);
    json_set_int(out, "unsealed", report->unsealed);
    json_set_flag(out, "head_known", report->head_known);
    json_set_int(out, "problem_count", report->problem_count);
    json_set_new(out, "problems", report->problems ? json_deep_copy(report->problems) : json_array());
    return out;
}

int audit_report_check(const struct audit_report *report, struct err *err)
{
    const json_t *first = json_array_get(report->problems, 0);

    if (report->problem_count == 0)
        return 0;
    return err_set(err, ERR_AUDIT_BROKEN, "row %lld: %s (%lld problems in %lld rows)", (long long)json_int(first, "seq", 0),
                   json_str(first, "problem"), (long long)report->problem_count, (long long)report->rows);
}

/* ---- the walk ---- */

void audit_walk_init(struct audit_walk *walk, const struct audit_anchor *anchor, bool from_first)
{
    *walk = (struct audit_walk){.report = {.problems = json_array()},
                                .anchor = anchor && anchor->seq > 0 ? anchor : NULL,
                                .expected = from_first ? 1 : 0,
                                .from_anywhere = !from_first,
                                .stored = AUDIT_FIRST_PREV,
                                .computed = AUDIT_FIRST_PREV};
}

void audit_walk_problem(struct audit_walk *walk, int64_t seq, const char *fmt, ...)
{
    char text[256];
    json_t *problem;
    va_list ap;

    walk->report.problem_count++;
    if (json_array_size(walk->report.problems) >= LIMIT_DIAGS)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    problem = json_object();
    json_set_int(problem, "seq", seq);
    json_set_str(problem, "problem", text);
    json_array_append_new(walk->report.problems, problem);
}

static void missing(struct audit_walk *walk, int64_t from, int64_t to)
{
    if (from == to)
        audit_walk_problem(walk, from, "is missing");
    else
        audit_walk_problem(walk, from, "and those up to row %lld are missing", (long long)to);
}

/* The row before may be the changed one: it was named already, so the link is fine when it follows either what stands there or what should.
 */
static bool follows(const struct audit_walk *walk, const char *prev)
{
    return prev && (strcmp(prev, walk->stored) == 0 || strcmp(prev, walk->computed) == 0);
}

static void check_anchor(struct audit_walk *walk, const struct audit_link *link)
{
    if (!walk->anchor || link->seq != walk->anchor->seq)
        return;
    walk->anchor_seen = true;
    if (!str_eq(link->hash, walk->anchor->hash))
        audit_walk_problem(walk, link->seq, "has another hash than the one that was written down: this row or one before it was rewritten");
}

void audit_walk_link(struct audit_walk *walk, const struct audit_link *link)
{
    bool gap = false;

    if (walk->started && link->seq < walk->expected) {
        audit_walk_problem(walk, link->seq, "stands after row %lld: twice, or out of order", (long long)(walk->expected - 1));
        return;
    }
    if (!walk->started && walk->expected == 0)
        gap = link->seq != 1; /* the export starts later: its first prev is taken as it is */
    else if (link->seq > walk->expected)
        missing(walk, walk->expected, link->seq - 1), gap = true;
    if (!gap && !follows(walk, link->prev))
        audit_walk_problem(walk, link->seq, "does not follow the row before: its prev, or rows before it, were changed");
    audit_link_hash(link, link->prev ? link->prev : "", walk->computed);
    if (!link->hash || strcmp(link->hash, walk->computed) != 0)
        audit_walk_problem(walk, link->seq, "does not fit its hash: its fields or its hash were changed");
    check_anchor(walk, link);

    snprintf(walk->stored, sizeof walk->stored, "%s", link->hash ? link->hash : "");
    walk->report.first = walk->started ? walk->report.first : link->seq;
    walk->report.last = link->seq;
    walk->report.rows++;
    walk->expected = link->seq < INT64_MAX ? link->seq + 1 : link->seq;
    walk->started = true;
}

void audit_walk_end(struct audit_walk *walk, const struct audit_anchor *head)
{
    struct audit_report *report = &walk->report;

    memcpy(report->head, walk->stored, sizeof report->head);
    report->head_known = head != NULL;
    if (head && walk->from_anywhere && report->first > 1)
        missing(walk, 1, report->first - 1); /* with its head an export is one of the whole chain */
    if (head && head->seq > report->last)
        missing(walk, report->last + 1, head->seq);
    else if (head && head->seq < report->last)
        audit_walk_problem(walk, head->seq + 1, "stands after the stored head: it was added by hand");
    else if (head && report->rows && strcmp(head->hash, walk->stored) != 0)
        audit_walk_problem(walk, head->seq, "has another hash than the stored head");
    if (walk->anchor && !walk->anchor_seen && walk->anchor->seq > report->last && !(head && head->seq >= walk->anchor->seq))
        missing(walk, report->last + 1, walk->anchor->seq);
    else if (walk->anchor && !walk->anchor_seen && walk->anchor->seq < report->first)
        audit_walk_problem(walk, walk->anchor->seq, "was written down, but the export starts after it");
}
