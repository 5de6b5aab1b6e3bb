/* What slots tell the host about things that are compared: the differences, a plan's changes, a status, a state. Slot's thread. */
#pragma once
#include <innominatus/provisioner.h>
#include <jansson.h>
#include <stdbool.h>

/* Equal, lists as sets; an empty list or text is like none. */
bool tell_same(const json_t *wanted, const json_t *actual);
/* Where `wanted` differs from `actual` (NULL: not there), member by member: [{path, from, to}]. New reference; NULL when out of memory. */
json_t *tell_diff(const json_t *wanted, const json_t *actual);
/* Adds a change to such a list; `from` and `to` are borrowed and may be NULL. False when out of memory (`list` NULL counts as that). */
bool tell_add(json_t *list, const char *path, const json_t *from, const json_t *to);

/* host->output_json("changes"). Steals `changes`; NULL: out of memory. */
inno_rc tell_changes(const inno_host *host, inno_call *call, json_t *changes);
/* host->output_json(key). Steals `value`; NULL: out of memory. */
inno_rc tell_json(const inno_host *host, inno_call *call, const char *key, json_t *value);
/* host->state. Steals `state`; NULL: out of memory. */
inno_rc tell_state(const inno_host *host, inno_call *call, json_t *state);
/* host->status, for a thing that is not there (NULL: terminated), is somebody else's, or differs (degraded). False, and nothing said, when
 * it is as it should be. `changes` NULL counts as none. */
bool tell_defect(const inno_host *host, inno_call *call, const char *what, const char *name, const json_t *there, bool ours,
                 const json_t *changes);
/* host->status: degraded, with the first of the changes ("role x was changed by hand: ttl is 1, not 2"). */
void tell_degraded(const inno_host *host, inno_call *call, const char *what, const char *name, const json_t *changes);
