/* What comes of a look at a resource: drift is recorded, and repaired where the resource's annotation says so and no policy is against it.
 * The record and the deployment that repairs are one transaction, so a crash leaves both or none. On workers; units on store threads. */
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "workflow/denial.h"
#include "workflow/engine_check.h"
#include "workflow/policy_input.h"
#include <string.h>

static void count(struct store_tx *tx, const char *result) { store_count(tx, metric_of(METRIC_DRIFT_CHECKS, result, NULL, NULL)); }

static void over(void *ctx, const struct err *result)
{
    struct check *check = ctx;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_warn("engine", "what a look at resource %s has found cannot be stored: %s", check->look->row->id, result->msg);
    else if (result->code == ERR_NONE)
        engine_check_due(check->engine, check->next_at);
    check_end(check);
}

/* ---- looks without a result ---- */

static int release_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct check *check = ctx;

    count(tx, "postponed");
    return drift_release(tx, check->engine->owner, check->look, check->next_at, err);
}

void check_release(struct check *check, int64_t next_at)
{
    check->next_at = next_at;
    engine_write(check->engine, release_unit, check, over);
}

static int failure_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct check *check = ctx;

    count(tx, "failed");
    return drift_store_failure(tx, check->engine->owner, check->look, check->error, check->next_at, err);
}

void check_store_failure(struct check *check)
{
    const struct resource_row *row = check->look->row;
    CLEANUP(json_put) json_t *error = NULL;

    redactor_apply(check->redactor, check->err.msg, sizeof check->err.msg);
    error = err_to_json(&check->err);
    check->error = json_text(error);
    check->next_at = clock_steady_us() + drift_delay_failed(&check->pace, check->look->failures + 1, check_chance());
    if (check->look->failures == 0)
        log_warn("engine", "resource %s (%s of %s) cannot be looked at: %s", row->id, row->uid, row->application, check->err.msg);
    engine_write(check->engine, failure_unit, check, over);
}

/* ---- what was found ---- */

static int store_denial(struct store_tx *tx, const struct check *check, struct err *err)
{
    const struct resource_row *row = check->look->row;

    if (!check->violations)
        return 0;
    return denial_store(tx,
                        &(struct denial_about){.org = row->org,
                                               .team = row->team,
                                               .actor = "system",
                                               .application = row->application,
                                               .environment = row->environment,
                                               .action = "resource.repair",
                                               .object = row->id},
                        check->violations, err);
}

/* The claim has to be good still, and nobody may work on the resource: else what was seen may be something on its way. */
static int record(struct store_tx *tx, struct check *check, struct err *err)
{
    const struct resource_row *row = check->look->row;

    check->held = false;
    if (drift_holds(tx, check->engine->owner, check->look, &check->held, err) < 0)
        return -1;
    if (!check->held)
        return 0;
    if (drift_store(tx, check->look, check->status, check->drift, check->next_at, err) < 0 || store_denial(tx, check, err) < 0)
        return -1;
    count(tx, check->drift ? "drifted" : "same");
    if (!check->drift && !check->look->since)
        return 0;
    return run_settle_application(tx, row->org, row->team, row->application, row->environment, err);
}

static int record_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    struct check *check = ctx;

    if (record(tx, check, err) < 0)
        return -1;
    if (check->held)
        return 0;
    count(tx, "postponed");
    return drift_release(tx, check->engine->owner, check->look, clock_steady_us() + drift_delay_busy(&check->pace), err);
}

static void store_record(struct check *check) { engine_write(check->engine, record_unit, check, over); }

/* ---- repair ---- */

static json_t *earlier_repair(const struct check *check)
{
    CLEANUP(json_put) json_t *before = check->look->since && check->look->drift ? json_loads(check->look->drift, 0, NULL) : NULL;

    return json_incref(json_object_get(before, "repair"));
}

static void set_repair(struct check *check, const char *key, const char *text)
{
    json_t *repair = json_object();

    json_set_int(repair, "attempts", check->repairs);
    json_set_str(repair, key, text);
    json_set_new(check->drift, "repair", repair);
}

/* What was denied in the same words before has been recorded then. */
static void deny(struct check *check, const struct policy_decision *decision)
{
    CLEANUP(json_put) json_t *earlier = earlier_repair(check);
    struct err err = {0};

    policy_decision_to_err(decision, &err);
    check->repairs--;
    set_repair(check, "denied", err.msg);
    if (!str_eq(json_str(earlier, "denied"), err.msg))
        check->violations = decision->violations;
}

/* Policies at point `resource`, as they are asked again when the step starts: a repair that they deny begins no deployment. */
static void ask_about_resource(struct check *check, const json_t *plan)
{
    const struct resource_row *row = check->look->row;
    const json_t *resource = json_object_get(json_object_get(plan, "resources"), row->name);
    CLEANUP(json_put) json_t *params = json_loads(row->params, 0, NULL);
    CLEANUP(json_put) json_t *input = NULL;

    if (!policy_set_has(check->platform->policies, "resource"))
        return;
    input = policy_input_resource(check->platform, plan, resource, params);
    policy_evaluate(check->platform->policies, "resource", input, &check->decision);
}

static int guard(void *ctx, struct store_tx *tx, struct err *err)
{
    struct check *check = ctx;

    if (record(tx, check, err) < 0)
        return -1;
    return check->held ? 0 : err_set(err, ERR_CONFLICT, "resource %s has been changed meanwhile", check->look->row->id);
}

/* The record says which deployment repairs it. */
static int note_deployment(void *ctx, struct store_tx *tx, const json_t *answer, struct err *err)
{
    struct check *check = ctx;

    json_set_str(json_object_get(check->drift, "repair"), "deployment_id", json_str(answer, "id"));
    return drift_note(tx, check->look, check->drift, err);
}

static void accept_failed(struct engine_job *job, bool stopping)
{
    struct check *check = (struct check *)job;

    if (stopping)
        check_end(check);
    else if (check->err.code == ERR_CONFLICT)
        check_release(check, clock_steady_us() + drift_delay_busy(&check->pace));
    else
        store_record(check);
}

static void accepted(void *ctx, const json_t *answer, const struct err *result)
{
    struct check *check = ctx;

    (void)answer;
    failpoint("engine.after_repair_accept");
    if (result->code == ERR_NONE) {
        over(check, result);
        return;
    }
    check->err = *result;
    check->repairs--;
    set_repair(check, "error", result->msg); /* the queue is full, or the database away: the next look tries again */
    engine_post(check->engine, &check->job, accept_failed);
}

static int prepare(struct check *check, struct deployment_draft *draft, struct err *err)
{
    const struct resource_row *row = check->look->row;
    struct act_request request = {.org = row->org,
                                  .team = row->team,
                                  .resource_id = row->id,
                                  .operation = "repair",
                                  .reason = "it has drifted, and its annotation innominatus.dev/drift says repair",
                                  .drift = check->drift};

    if (deploy_prepare_act(check->engine, &request, draft, err) < 0)
        return -1;
    if (!draft->decision.denied)
        ask_about_resource(check, draft->plan);
    return 0;
}

static void repair(struct check *check)
{
    CLEANUP(json_put) json_t *earlier = earlier_repair(check);
    struct deployment_draft *draft = check->draft = deployment_draft_new("drift");
    struct err err = {0};

    check->repairs = (int)json_int(earlier, "attempts", 0) + 1;
    if (prepare(check, draft, &err) < 0) {
        check->repairs--;
        set_repair(check, "error", err.msg);
    } else if (draft->decision.denied) {
        deny(check, &draft->decision);
    } else if (check->decision.denied) {
        deny(check, &check->decision);
    } else {
        set_repair(check, NULL, NULL);
        check->next_at = clock_steady_us() + drift_delay_repaired(&check->pace, check->repairs, check_chance());
        check->draft = NULL; /* goes over */
        draft->guard = (struct deploy_guard){guard, check};
        failpoint("engine.before_repair_accept");
        deploy_accept(check->engine, draft, note_deployment, accepted, check);
        return;
    }
    store_record(check);
}

/* ---- */

void check_store(struct check *check)
{
    const struct resource_row *row = check->look->row;
    CLEANUP(json_put) json_t *outputs = row->outputs ? json_loads(row->outputs, 0, NULL) : NULL;
    struct drift_found found = {check->status, check->text, check->outputs, check->changes};

    check->drift = drift_compare(&found, outputs);
    redactor_apply_changes(check->redactor, json_object_get(check->drift, "diff"));
    redactor_apply_json(check->redactor, check->drift);
    check->next_at = clock_steady_us() + drift_delay(&check->pace, check_chance());
    if (check->drift && drift_wish_of(row->annotations) == DRIFT_REPAIR)
        repair(check);
    else
        store_record(check);
}
