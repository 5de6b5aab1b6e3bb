/* What the parts of the chain share. */
#pragma once
#include "audit/chain.h"

/* Checks links in the order of their numbers. */
struct audit_walk {
    struct audit_report report;
    const struct audit_anchor *anchor;
    int64_t expected;                /* the next number; 0: whatever comes first */
    char stored[AUDIT_HASH_BYTES];   /* hash of the row before, as it stands there */
    char computed[AUDIT_HASH_BYTES]; /* and as it should be */
    bool started;
    bool from_anywhere; /* a part of a chain is fine unless it brings the head */
    bool anchor_seen;
};
void audit_walk_init(struct audit_walk *walk, const struct audit_anchor *anchor, bool from_first);
void audit_walk_link(struct audit_walk *walk, const struct audit_link *link);
/* `head` is where the chain says that it ends; NULL: unknown. */
void audit_walk_end(struct audit_walk *walk, const struct audit_anchor *head);
void audit_walk_problem(struct audit_walk *walk, int64_t seq, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* "SEQ HASH", as the table meta keeps the head. False when it is no such text. */
bool audit_head_parse(const char *text, struct audit_anchor *out);
/* The stored head; seq 0 when nothing was sealed yet. Errors: ERR_STORE, ERR_STORE_CORRUPT. */
int audit_head_read(struct store_tx *tx, struct audit_anchor *out, struct err *err);

/* SELECT list that audit_link_read expects from column 0, and the reading; texts live as long as the row. */
#define AUDIT_COLUMNS "number, at, org, actor, team, action, object, environment, result, detail, request_id, source_ip, prev, hash"
void audit_link_read(struct store_rows *rows, struct audit_link *out);
/* The link as the JSON of objects.md; detail that cannot be parsed is given as text. New reference. */
json_t *audit_link_json(const struct audit_link *link);
