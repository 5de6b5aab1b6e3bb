/* Stores denials: of a deployment at its acceptance or when it leaves the queue, of a step, of a resource. On store threads. */
#include "workflow/denial.h"
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "workflow/engine_priv.h"

static int insert_violation(struct store_tx *tx, const struct denial_about *about, const json_t *violation, struct err *err)
{
    const json_t *value = json_object_get(violation, "value");
    CLEANUP(free_ptr) char *text = value && !json_is_string(value) ? json_text(value) : NULL;
    char id[ID_BYTES];

    id_new("v", id);
    return store_exec(tx,
                      "INSERT INTO violations (id, org, team, at, policy, severity, path, value, message, fix, application, environment, "
                      "actor, source, deployment_id) VALUES ($1, $2, $3, "
                      "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                      STORE_ARGS(store_text(id), store_text(about->org), store_text(about->team), store_int(clock_now_us()),
                                 store_text(json_str(violation, "policy")), store_text(json_str(violation, "severity")),
                                 store_text(json_str(violation, "path")), store_text(text ? text : json_string_value(value)),
                                 store_text(json_str(violation, "message")), store_text(json_str(violation, "fix")),
                                 store_text(about->application), store_text(about->environment), store_text(about->actor),
                                 store_text(json_str(violation, "source")), store_text(about->deployment_id)),
                      NULL, err);
}

int violations_store(struct store_tx *tx, const struct denial_about *about, const json_t *violations, struct err *err)
{
    const json_t *violation;
    size_t i;

    json_array_foreach(violations, i, violation) if (insert_violation(tx, about, violation, err) < 0) return -1;
    return 0;
}

int denial_store(struct store_tx *tx, const struct denial_about *about, const json_t *violations, struct err *err)
{
    CLEANUP(json_put) json_t *detail = json_object();

    json_set_str(detail, "application", about->application);
    json_set_str(detail, "step", about->step);
    json_set_int(detail, "violations", (int64_t)json_array_size(violations));
    if (violations_store(tx, about, violations, err) < 0 || event_write(tx,
                                                                        &(struct event){.type = "policy.denied",
                                                                                        .org = about->org,
                                                                                        .team = about->team,
                                                                                        .application = about->application,
                                                                                        .environment = about->environment,
                                                                                        .actor = about->actor,
                                                                                        .deployment_id = about->deployment_id,
                                                                                        .workflow_id = about->workflow_id,
                                                                                        .step_id = about->step_id,
                                                                                        .step = about->step},
                                                                        err) < 0)
        return -1;
    return audit_write(tx,
                       &(struct audit_row){.org = about->org,
                                           .actor = about->actor,
                                           .team = about->team,
                                           .action = about->action,
                                           .object = about->object,
                                           .environment = about->environment,
                                           .result = "denied",
                                           .detail = detail,
                                           .request_id = about->request_id,
                                           .source_ip = about->source_ip},
                       err);
}

int denial_store_step(struct store_tx *tx, const struct step_work *work, struct err *err)
{
    const struct run *run = work->run;

    return denial_store(tx,
                        &(struct denial_about){.org = run->org,
                                               .team = run->team,
                                               .actor = run->created_by,
                                               .application = run->application,
                                               .environment = run->environment,
                                               .deployment_id = run->id,
                                               .workflow_id = work->workflow->id,
                                               .step_id = work->step_id,
                                               .step = work->step->name,
                                               .action = "step.start",
                                               .object = work->step_id},
                        work->violations, err);
}
