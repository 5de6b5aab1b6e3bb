/* Owns what becomes of a draft that was prepared: a deployment that is accepted, or a denial that is recorded. On HTTP threads; the answers
 * come on store threads. */
#include "api/accepting.h"
#include "api/handlers.h"
#include "base/log.h"
#include "base/mem.h"
#include "workflow/deploy.h"

static int keep_answer(void *ctx, struct store_tx *tx, const json_t *answer, struct err *err)
{
    struct api_request *r = ctx;

    r->location = arena_printf(r->arena, "/api/v1/deployments/%s", json_str(answer, "id"));
    return api_idempotency_keep(r, tx, 202, answer, r->location, err);
}

static void accepted(void *ctx, const json_t *answer, const struct err *err)
{
    struct api_request *r = ctx;

    if (answer) {
        http_reply_header(&r->http, "Location", r->location);
        api_reply_json(r, 202, json_incref((json_t *)(uintptr_t)answer));
    } else {
        api_problem_of_act(r, err);
    }
    api_resume(r);
}

static void denial_recorded(void *ctx, const json_t *answer, const struct err *err)
{
    struct api_request *r = ctx;

    (void)answer;
    if (err->code != ERR_NONE) /* it is a denial all the same: nothing was done */
        log_error("http", "a denial could not be recorded: %s", err->msg);
    api_resume(r);
}

void api_accept_draft(struct api_request *r, struct deployment_draft *draft)
{
    struct err err = {0};

    if (!draft->decision.denied) {
        api_suspend(r);
        deploy_accept(r->context->engine, draft, keep_answer, accepted, r);
        return;
    }
    policy_decision_to_err(&draft->decision, &err);
    api_problem_with(r, &err, &draft->diags, &draft->decision);
    api_suspend(r);
    deploy_record_denial(r->context->engine, draft, denial_recorded, r);
}
