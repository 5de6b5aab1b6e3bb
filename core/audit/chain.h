/* The chain. The hash of a row is the SHA-256, in lower-case hex, of these bytes, all of them taken from the stored fields:
 *
 *   "innominatus audit 1\n", then for each of
 *   seq, at, org, actor, team, action, object, environment, result, detail, request_id, source_ip, prev
 *   in this order: NAME "-\n" when the field is none, else NAME "=" LENGTH ":" BYTES "\n"
 *
 * LENGTH is the number of bytes in decimal, so no two different rows give the same bytes. seq and at (microseconds since 1970 UTC) are
 * decimal numbers; detail is compact JSON with sorted keys; prev is the hash of the row before, 64 zeros for row 1.
 *
 * What a verification finds, by number: a row whose fields were changed, whose hash was changed, that is missing, that stands elsewhere,
 * and rows that were cut off the end (the head is kept in the table meta; an export ends with it). What it cannot find by itself: somebody
 * who rewrites every hash from a changed row to the end and the head too. Against that, keep the head of an earlier export elsewhere and
 * give it as the anchor. */
#pragma once
#include "codec/json.h"
#include "crypto/hash.h"
#include "store/store.h"
#include <stdio.h>

#define AUDIT_HASH_BYTES CRYPTO_SHA256_HEX
#define AUDIT_FIRST_PREV "0000000000000000000000000000000000000000000000000000000000000000"

enum audit_field {
    AUDIT_ORG,
    AUDIT_ACTOR,
    AUDIT_TEAM,
    AUDIT_ACTION,
    AUDIT_OBJECT,
    AUDIT_ENVIRONMENT,
    AUDIT_RESULT,
    AUDIT_DETAIL,
    AUDIT_REQUEST_ID,
    AUDIT_SOURCE_IP,
    AUDIT_FIELDS
};
extern const char *const audit_field_names[AUDIT_FIELDS];

/* A row as the chain sees it. All texts borrowed. */
struct audit_link {
    int64_t seq, at;
    const char *fields[AUDIT_FIELDS]; /* NULL: none */
    const char *prev, *hash;          /* as stored; NULL: none */
};

/* The hash of the link's fields with `prev` in place of its own. */
void audit_link_hash(const struct audit_link *link, const char *prev, char out[static AUDIT_HASH_BYTES]);

/* A place in the chain that somebody wrote down. seq 0: none. */
struct audit_anchor {
    int64_t seq;
    char hash[AUDIT_HASH_BYTES];
};

struct audit_report {
    int64_t rows;                /* looked at */
    int64_t first, last;         /* numbers; 0 when there are none */
    char head[AUDIT_HASH_BYTES]; /* hash of the last row */
    int64_t unsealed;            /* rows not yet numbered (store only), or without a number (export) */
    int64_t problem_count;       /* 0: the chain is whole */
    json_t *problems;            /* the first LIMIT_DIAGS: [{seq, problem}]; owned */
    bool head_known;             /* false: an export without its head, so a cut tail cannot be seen */
};
void audit_report_fini(struct audit_report *report);
/* {valid, rows, first, last, head, unsealed, head_known, problems}. New reference. */
json_t *audit_report_json(const struct audit_report *report);

/* Both return 0 when the verification could be done, whatever it found; `anchor` may be NULL; what `out` held is freed, so start with a
 * zeroed one. audit_verify streams over one snapshot; audit_verify_export reads JSON lines, a JSON array, or {"items": [...]} of either
 * order, from a stream. A chain that is expected to be whole: audit_report_check turns findings into ERR_AUDIT_BROKEN. */
int audit_verify(struct store *store, const struct audit_anchor *anchor, struct audit_report *out, struct err *err);
int audit_verify_export(FILE *in, const char *name, const struct audit_anchor *anchor, struct audit_report *out, struct err *err);
int audit_report_check(const struct audit_report *report, struct err *err);
