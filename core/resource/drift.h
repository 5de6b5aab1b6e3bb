/* Drift: a resource that is there is looked at now and then, and what is found is compared with what was applied. When to look, what
 * differs (both pure), and the rows that remember it. A look is claimed: for its time the row belongs to one engine (check_owner, until
 * check_at), and what came of it is stored only while that is still so; whatever changes the resource meanwhile takes the claim away.
 * Statements run inside units of work of the caller and are re-runnable. since 0.2 */
#pragma once
#include "resource/resource.h"

#define DRIFT_NEVER   INT64_MAX /* check_at of what nobody looks at */
#define DRIFT_MOST    100       /* differences that are kept */
#define DRIFT_TEXT    1024      /* bytes of a value that are kept, as JSON; of the reason */
#define DRIFT_PATH    256       /* bytes of a path */
#define DRIFT_DOUBLES 6         /* times that the time to the next look is doubled at most */

/* What the resource's annotation innominatus.dev/drift asks for. */
enum drift_wish { DRIFT_REPORT, DRIFT_REPAIR, DRIFT_IGNORE };
/* annotations: JSON text, NULL: none. A word that nobody knows is a report. */
enum drift_wish drift_wish_of(const char *annotations);

/* How often. interval_us 0: nobody looks. */
struct drift_pace {
    int64_t interval_us;
    double jitter; /* a part of the interval, to either side */
};
/* Times until the next look, us: after a look that had an answer or a change; after `failures` in a row without one (the first comes soon,
 * then each waits twice as long); after `repairs` in a row that did not help. `chance`: any number. Pure. */
int64_t drift_delay(const struct drift_pace *pace, uint32_t chance);
int64_t drift_delay_failed(const struct drift_pace *pace, int failures, uint32_t chance);
int64_t drift_delay_repaired(const struct drift_pace *pace, int repairs, uint32_t chance);
/* Until something that somebody works on is asked for again. */
int64_t drift_delay_busy(const struct drift_pace *pace);

/* What a provisioner says of a resource. NULL: it did not say. */
struct drift_found {
    const char *status, *text; /* of get_status; status "terminated": it is gone */
    const json_t *outputs;     /* those that get_status gave */
    const json_t *changes;     /* of plan: what a provision would change */
};
/* Is it on its way from one state to another, so that nothing can be said? */
bool drift_is_moving(const char *status);
/* {status, reason, diff: [{path, from, to}]} of what differs from `outputs` (recorded; secrets are not compared) and from being active;
 * NULL when nothing does. from: as it was applied, to: as it is. Pure. New reference. */
json_t *drift_compare(const struct drift_found *found, const json_t *outputs);
/* Is it the same difference, whatever was done about it? */
bool drift_same(const json_t *a, const json_t *b);

/* A look that is claimed. */
struct drift_look {
    struct resource_row *row;
    int64_t until;     /* the claim ends then; it is the fence */
    int64_t since;     /* drifted_at, 0: it does not differ */
    int failures;      /* check_failures */
    const char *drift; /* the recorded one, JSON text; NULL */
    struct drift_look *next;
};

/* When the next look is due, over all resources (NULL rows and DRIFT_NEVER left out); DRIFT_NEVER: none. */
int drift_next(struct store_tx *tx, int64_t *out, struct err *err);
/* Claims at most `most` that are due at `now` for `owner` until `until`. Only those of live resources whose last change was applied and
 * that nobody works on; the others are put off, orphans for good. out: a list in the arena. */
int drift_claim(struct store_tx *tx, const char *owner, int64_t now, int64_t until, const struct drift_pace *pace, int most,
                struct arena *arena, struct drift_look **out, struct err *err);
/* Whether the claim still holds, and no deployment works on the resource or has come by since; a claim that does not is given back by the
 * caller or not at all. */
int drift_holds(struct store_tx *tx, const char *owner, const struct drift_look *look, bool *out, struct err *err);
/* The claim is given back; the next look is at `next`. Nothing happens when it is lost. */
int drift_release(struct store_tx *tx, const char *owner, const struct drift_look *look, int64_t next, struct err *err);
/* A look without an answer: how the resource is stays unknown, what was known stays. error: JSON text. */
int drift_store_failure(struct store_tx *tx, const char *owner, const struct drift_look *look, const char *error, int64_t next,
                        struct err *err);
/* A look with an answer. drift NULL: it is as it was applied. Moves the row (degraded, active), writes its events and its audit. The caller
 * has asked drift_holds in the same unit. */
int drift_store(struct store_tx *tx, const struct drift_look *look, const char *health, const json_t *drift, int64_t next, struct err *err);

/* The record of what differs is written anew in the unit that has stored it. */
int drift_note(struct store_tx *tx, const struct drift_look *look, const json_t *drift, struct err *err);

/* Claims of an engine that is gone (owner NULL: of every engine) are due at `now`. */
int drift_reclaim(struct store_tx *tx, const char *owner, int64_t now, struct err *err);
/* Gives times to at most `most` rows that have none or one beyond `latest`: those of resources made before there was drift, and those that
 * wait longer than the pace now says. next: asked for each, with its annotations. out_left: there may be more. */
int drift_schedule(struct store_tx *tx, int64_t latest, int most, int64_t (*next)(void *ctx, const char *annotations), void *ctx,
                   bool *out_left, struct err *err);
