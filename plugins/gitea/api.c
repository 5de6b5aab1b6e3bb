/* Owns requests to Gitea's API: the token, pages of lists, and what is no failure. Slot's thread. */
#include "gitea.h"
#include <stdio.h>
#include <string.h>

#define PAGE_ITEMS 50
#define MOST_PAGES 200

static inno_rc request_it(struct gitea_work *work, struct rest_request *request, struct rest_answer *out)
{
    const struct rest_header headers[] = {{"Authorization", work->self->authorization}, {"Accept", "application/json"}, {NULL, NULL}};

    if (!request->path)
        return GITEA_NO_MEMORY(work);
    request->headers = headers;
    request->repeatable = true;
    return rest_call(work->self->rest, work->host, work->call, request, out);
}

inno_rc gitea_read(struct gitea_work *work, char *path, json_t **out)
{
    static const int also[] = {404, 0};
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = owned, .also = also};
    inno_rc rc = request_it(work, &request, &answer);

    *out = rc == INNO_OK && answer.status < 300 ? json_incref(answer.json) : NULL;
    return rc;
}

/* Servers cap the size of a page below what is asked for, so only an empty page is the last one, or one that comes again. */
inno_rc gitea_list(struct gitea_work *work, char *path, json_t **out)
{
    CLEANUP(free_text) char *owned = path;
    CLEANUP(json_put) json_t *all = json_array(), *last = NULL;
    char query[40];

    if (!owned || !all)
        return GITEA_NO_MEMORY(work);
    for (int number = 1;; number++) {
        CLEANUP(json_put) json_t *page = NULL;
        size_t len = strlen(path) + sizeof query;
        char *url = malloc(len);
        inno_rc rc;

        snprintf(query, sizeof query, "?limit=%d&page=%d", PAGE_ITEMS, number);
        if (url)
            snprintf(url, len, "%s%s", path, query);
        if ((rc = gitea_read(work, url, &page)) != INNO_OK)
            return rc;
        if (json_array_size(page) == 0 || json_equal(page, last))
            break;
        if (number == MOST_PAGES)
            return GITEA_FAIL(work, INNO_FAILED, "Gitea: %s has more than %d pages", path, MOST_PAGES);
        if (json_array_extend(all, page) != 0)
            return GITEA_NO_MEMORY(work);
        json_put(&last);
        last = json_incref(page);
    }
    *out = json_incref(all);
    return INNO_OK;
}

inno_rc gitea_send(struct gitea_work *work, const char *method, char *path, json_t *body, const int *also, int *out_status, json_t **out)
{
    CLEANUP(free_text) char *owned = path;
    CLEANUP(json_put) json_t *taken = body;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {
        .method = method, .path = owned, .json = taken, .also = also, .secret_body = json_object_get(taken, "config")}; /* a webhook's */
    inno_rc rc = taken ? request_it(work, &request, &answer) : GITEA_NO_MEMORY(work);

    if (rc != INNO_OK)
        return rc;
    if (out_status)
        *out_status = answer.status;
    if (out)
        *out = json_incref(answer.json);
    return INNO_OK;
}

inno_rc gitea_delete(struct gitea_work *work, char *path)
{
    static const int also[] = {404, 0};
    CLEANUP(free_text) char *owned = path;
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.method = "DELETE", .path = owned, .also = also};

    return request_it(work, &request, &answer);
}

/* A token without the scope read:user is a good one that may not ask this. */
inno_rc gitea_login(struct gitea_work *work, const char **out)
{
    static const int also[] = {403, 0};
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/api/v1/user", .also = also};
    char message[300];
    inno_rc rc = work->self->knows_login ? INNO_OK : request_it(work, &request, &answer);

    *out = work->self->login;
    if (rc != INNO_OK || work->self->knows_login)
        return rc;
    rest_message(&answer, message, sizeof message);
    if (answer.status == 403 && !strstr(message, "scope"))
        return rest_fail(work->self->rest, work->host, work->call, &request, &answer);
    snprintf(work->self->login, sizeof work->self->login, "%s", field_text(answer.json, "login", ""));
    work->self->knows_login = true;
    return INNO_OK;
}

inno_rc gitea_check(struct gitea_work *work)
{
    CLEANUP(rest_answer_fini) struct rest_answer answer = {0};
    struct rest_request request = {.path = "/api/v1/version"};
    const char *login;
    inno_rc rc = request_it(work, &request, &answer);

    if (rc == INNO_OK && !field_text(answer.json, "version", NULL))
        return GITEA_FAIL(work, INNO_INVALID_CONFIG, "%s/api/v1/version says no version: this is no Gitea", rest_url(work->self->rest));
    work->self->knows_login = false; /* asked anew: the token may have been revoked since */
    return rc == INNO_OK ? gitea_login(work, &login) : rc;
}

inno_rc gitea_state(struct gitea_work *work, json_t *state) { return tell_state(work->host, work->call, state); }
