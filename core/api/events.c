/* Handlers of events: as a list, as a long poll, or as a stream (text/event-stream), of everything or of one deployment. */
#include "api/handlers.h"
#include "api/stream.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "observe/event.h"
#include "workflow/read_deployments.h"

static const char *deployment_of(const struct api_request *r)
{
    return api_param(r, "id") ? api_param(r, "id") : api_query(r, "deployment_id");
}

static struct event_filter filter_of(const struct api_request *r)
{
    return (struct event_filter){.org = r->org,
                                 .team = r->team,
                                 .deployment_id = deployment_of(r),
                                 .workflow_id = api_query(r, "workflow_id"),
                                 .step_id = api_query(r, "step_id"),
                                 .resource_id = api_query(r, "resource_id"),
                                 .application = api_query(r, "application"),
                                 .environment = api_query(r, "environment"),
                                 .actor = api_query(r, "actor"),
                                 .type = api_query(r, "type")};
}

static struct stream_start start_of(const struct api_request *r)
{
    struct event_filter f = filter_of(r);

    return (struct stream_start){.wanted = {[FEED_TYPE] = f.type,
                                            [FEED_DEPLOYMENT] = f.deployment_id,
                                            [FEED_WORKFLOW] = f.workflow_id,
                                            [FEED_STEP] = f.step_id,
                                            [FEED_RESOURCE] = f.resource_id,
                                            [FEED_APPLICATION] = f.application,
                                            [FEED_ENVIRONMENT] = f.environment,
                                            [FEED_ACTOR] = f.actor}};
}

/* ---- lists ---- */

/* Number of the event that ended the deployment; 0: none, or it was resumed after it (a dead task was requeued). */
static int64_t final_event(const json_t *items)
{
    const json_t *item;
    int64_t final = 0;
    size_t i;

    json_array_foreach(items, i, item)
    {
        if (stream_type_is_final(json_str(item, "type")))
            final = json_int(item, "id", 0);
        else if (str_eq(json_str(item, "type"), "deployment.resumed"))
            final = 0;
    }
    return final;
}

static bool look_at_events(struct api_request *r, bool last)
{
    struct event_filter filter = filter_of(r);
    struct event_page page = {0};
    struct err err = {0};
    json_t *answer;

    filter.after = api_query_int(r, "after", api_query_int(r, "last_event_id", 0));
    filter.limit = (int)api_query_int(r, "limit", LIMIT_PAGE_ITEMS);
    if (event_read(r->context->store, &filter, &page, &err) < 0) {
        api_problem(r, &err);
        return true;
    }
    if (json_array_size(page.items) == 0 && !last) {
        event_page_fini(&page);
        return false;
    }
    answer = json_object();
    if (api_param(r, "id"))
        json_set_flag(answer, "ended", final_event(page.items) > 0);
    json_set_int(answer, "last", page.last);
    if (page.more)
        json_set_str(answer, "next_cursor", arena_printf(r->arena, "%lld", (long long)page.last));
    json_object_set(answer, "items", page.items);
    event_page_fini(&page);
    api_reply_json(r, 200, answer);
    return true;
}

void events_list(struct api_request *r)
{
    struct stream_start start = start_of(r);
    struct err err = {0};

    if (!api_check_limit(r, LIMIT_PAGE_ITEMS))
        return;
    if (!stream_wanted(r))
        api_follow(r, api_query_flag(r, "follow"), look_at_events);
    else if (stream_last_seen(r, &start.after, &err) < 0)
        api_problem(r, &err);
    else
        stream_reply(r, &start);
}

/* ---- of one deployment ---- */

/* Has the client seen the deployment's last event? Then there is nothing to wait for, and 204 keeps browsers from coming back. */
static int has_seen_all(struct api_request *r, int64_t last_seen, bool *out, struct err *err)
{
    struct event_filter filter = {
        .org = r->org, .team = r->team, .deployment_id = api_param(r, "id"), .type = "deployment.", .limit = LIMIT_PAGE_ITEMS};
    CLEANUP(event_page_fini) struct event_page page = {0};
    int64_t final;

    if (last_seen <= 0) {
        *out = false;
        return 0;
    }
    if (event_read(r->context->store, &filter, &page, err) < 0)
        return -1;
    final = final_event(page.items);
    *out = final > 0 && final <= last_seen;
    return 0;
}

static void stream_deployment(struct api_request *r)
{
    struct stream_start start = start_of(r);
    bool seen_all;
    struct err err = {0};

    if (stream_last_seen(r, &start.after, &err) < 0 || has_seen_all(r, start.after, &seen_all, &err) < 0) {
        api_problem(r, &err);
        return;
    }
    start.after = start.after < 0 ? 0 : start.after;
    start.ends_with = api_param(r, "id");
    if (seen_all)
        api_reply_empty(r, 204);
    else
        stream_reply(r, &start);
}

void deployments_events(struct api_request *r)
{
    struct read_scope scope = api_scope(r);
    CLEANUP(json_put) json_t *deployment = NULL;
    struct err err = {0};

    if (!api_check_limit(r, LIMIT_PAGE_ITEMS))
        return;
    if (read_deployment(r->context->store, &scope, api_param(r, "id"), &deployment, &err) < 0)
        api_problem(r, &err);
    else if (!deployment)
        api_reply_found(r, NULL, "deployment", api_param(r, "id"));
    else if (stream_wanted(r))
        stream_deployment(r);
    else
        api_follow(r, api_query_flag(r, "follow"), look_at_events);
}
