/* Handlers of the dead-letter list as a whole: requeue or discard what filters choose, each letter on its own. On a thread of the api. */
#include "api/handlers.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/str.h"
#include "workflow/dead_letter.h"
#include "workflow/read_queue.h"

typedef int (*letter_act)(struct engine *engine, const struct dead_letter *letter, json_t **out, struct err *err);

/* Ids first: what is acted upon leaves the list, and a page of what is left would begin elsewhere. */
static int choose(struct api_request *r, json_t **out, bool *out_more, struct err *err)
{
    struct read_scope scope = api_scope(r);
    struct read_page page = api_read_page(r);
    struct read_match *matches = arena_array(r->arena, page.match_count + 1, sizeof *matches);
    CLEANUP(free_ptr) char *cursor = NULL;

    for (size_t i = 0; i < page.match_count; i++)
        matches[i] = page.matches[i];
    matches[page.match_count] = (struct read_match){"state", "dead"};
    page.matches = matches;
    page.match_count++;
    page.limit = LIMIT_PAGE_ITEMS;
    page.sort = "created_at";
    page.descending = false;
    if (read_tasks(r->context->store, &scope, &page, true, out, &cursor, err) < 0)
        return -1;
    *out_more = cursor != NULL;
    return 0;
}

static json_t *refusal(const char *id, const struct err *err)
{
    json_t *out = json_object();
    char code[16];

    json_set_str(out, "id", id);
    json_set_str(out, "code", err_name(err->code, code));
    json_set_str(out, "message", err->msg);
    return out;
}

static void act_on_all(struct api_request *r, letter_act act)
{
    CLEANUP(json_put) json_t *tasks = NULL;
    json_t *out = json_object(), *done = json_array(), *failed = json_array();
    struct err err = {0};
    const json_t *task;
    bool more = false;
    size_t i;

    json_set_new(out, "items", done);
    json_set_new(out, "refused", failed);
    if (choose(r, &tasks, &more, &err) < 0) {
        json_decref(out);
        api_problem(r, &err);
        return;
    }
    json_array_foreach(tasks, i, task)
    {
        struct dead_letter letter = {.who = r->who,
                                     .task_id = json_str(task, "id"),
                                     .step_id = json_str(task, "step_id"),
                                     .deployment_id = json_str(task, "deployment_id"),
                                     .request_id = r->id,
                                     .source_ip = r->source_ip};
        struct err why = {0};
        json_t *answer = NULL;

        if (act(r->context->engine, &letter, &answer, &why) == 0)
            json_array_append_new(done, answer);
        else
            json_array_append_new(failed, refusal(letter.task_id, &why));
    }
    json_set_flag(out, "more", more);
    api_reply_json(r, 200, out);
}

static void requeue(struct api_request *r) { act_on_all(r, dead_letter_requeue); }
static void discard(struct api_request *r) { act_on_all(r, dead_letter_discard); }

void dead_letters_requeue(struct api_request *r) { api_offload(r, requeue); }
void dead_letters_discard(struct api_request *r) { api_offload(r, discard); }
