/* What a set decided: releasing it, and the problem that a user reads. */
#include "base/cleanup.h"
#include "base/str.h"
#include "policy/policy.h"
#include <string.h>

void policy_decision_fini(struct policy_decision *d)
{
    json_put(&d->violations);
    json_put(&d->policies);
}

/* Policies that denied, failed ones included. */
static size_t count_deniers(const struct policy_decision *d)
{
    const char *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(d->violations); i++) {
        const json_t *violation = json_array_get(d->violations, i);
        const char *policy = json_str(violation, "policy");

        if (str_eq(json_str(violation, "severity"), "deny") && !str_eq(policy, last)) {
            last = policy;
            count++;
        }
    }
    return count;
}

int policy_decision_to_err(const struct policy_decision *d, struct err *err)
{
    size_t deniers = count_deniers(d);
    const json_t *first = NULL;

    for (size_t i = 0; i < json_array_size(d->violations) && !first; i++) {
        const json_t *violation = json_array_get(d->violations, i);

        if (str_eq(json_str(violation, "severity"), "deny"))
            first = violation;
    }
    if (!first)
        return err_set(err, d->code ? d->code : ERR_POLICY_FAILED, "denied, and no policy said why");
    return err_set(err, d->code ? d->code : ERR_DENIED, "denied by %zu polic%s: %s: %s: %s; fix: %s (%s)", deniers,
                   deniers == 1 ? "y" : "ies", json_str(first, "policy"), json_str(first, "path"), json_str(first, "message"),
                   json_str(first, "fix"), json_str(first, "source"));
}
