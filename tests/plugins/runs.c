/* A plugin that runs what its params say, and answers with what came of it: argv, env (lists of texts), cwd, input, flags, timeout, grace,
 * max (numbers), lines (true: on_line instead of the log), raw (a misuse by its name). Wants the permission `exec` unless built without. */
#include "fine.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define MOST 4200

struct lines {
    const inno_host *host;
    inno_call *call;
    const inno_exec *again;
    int count[3];
    inno_rc nested;
};

static void on_line(void *ctx, int32_t stream, const char *text, uint64_t len)
{
    struct lines *lines = ctx;
    inno_exec_result result = {sizeof result, 0, 0, 0, {NULL, 0}, {NULL, 0}};

    lines->count[stream]++;
    lines->host->log(lines->call, INNO_LOG_INFO, "line %d: %.40s (%d bytes)", lines->count[stream], text, (int)len);
    if (lines->count[stream] == 1)
        lines->nested = lines->host->exec(lines->call, lines->again, &result);
}

static const char **words(json_t *list)
{
    const char **all = calloc(json_array_size(list) + 1, sizeof *all);

    for (size_t i = 0; all && i < json_array_size(list); i++)
        all[i] = json_string_value(json_array_get(list, i));
    return all;
}

static void number(const inno_host *host, inno_call *call, const char *key, long long value)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", value);
    host->output_json(call, key, inno_span_of(text));
}

static void tell(const inno_host *host, inno_call *call, inno_rc rc, const inno_exec_result *result)
{
    number(host, call, "rc", rc);
    number(host, call, "exit", result->exit_code);
    number(host, call, "signal", result->signal);
    number(host, call, "truncated", result->truncated);
    number(host, call, "out_bytes", (long long)result->out.len);
    number(host, call, "err_bytes", (long long)result->err.len);
    if (result->out.bytes && result->out.len < 20000)
        host->output(call, "out", result->out.bytes);
    if (result->err.bytes && result->err.len < 20000)
        host->output(call, "err", result->err.bytes);
}

/* Commands that no plugin should give. */
static inno_rc misuse(const inno_host *host, inno_call *call, const char *how, inno_exec *c, inno_exec_result *result)
{
    static const char *many[MOST + 1], *none[] = {NULL}, *empty[] = {"", NULL}, *bad_env[] = {"NOVALUE", NULL}, *no_name[] = {"=x", NULL};

    if (strcmp(how, "null") == 0)
        return host->exec(call, NULL, NULL);
    if (strcmp(how, "no-size") == 0)
        c->struct_size = 0;
    if (strcmp(how, "no-argv") == 0)
        c->argv = NULL;
    if (strcmp(how, "empty-argv") == 0)
        c->argv = none;
    if (strcmp(how, "empty-word") == 0)
        c->argv = empty;
    if (strcmp(how, "bad-env") == 0)
        c->env = bad_env;
    if (strcmp(how, "no-name") == 0)
        c->env = no_name;
    if (strcmp(how, "relative-cwd") == 0)
        c->cwd = "here";
    if (strcmp(how, "flags") == 0)
        c->flags = 1u << 31;
    if (strcmp(how, "past") == 0)
        c->timeout_ms = -1;
    if (strcmp(how, "input") == 0)
        c->input.len = 10;
    if (strcmp(how, "many") == 0) {
        for (int i = 0; i < MOST; i++)
            many[i] = "x";
        c->argv = many;
    }
    if (strcmp(how, "long") == 0) {
        char *word = host->alloc(call, (2u << 20) + 1);
        const char **argv = host->alloc(call, 3 * sizeof *argv);

        memset(word, 'x', 2u << 20);
        argv[0] = "/bin/true";
        argv[1] = word;
        c->argv = argv;
    }
    return host->exec(call, c, result);
}

static inno_rc run(const inno_host *host, inno_call *call, inno_span params)
{
    json_t *p = json_loadb(params.bytes, params.len, 0, NULL);
    const char *how = json_string_value(json_object_get(p, "raw")), *input = json_string_value(json_object_get(p, "input"));
    const char **argv = words(json_object_get(p, "argv")), **env = words(json_object_get(p, "env"));
    size_t zeros = (size_t)json_integer_value(json_object_get(p, "zeros"));
    struct lines lines = {.host = host, .call = call};
    inno_exec c = {.struct_size = sizeof c, .argv = argv, .env = env};
    inno_exec_result result = {.struct_size = sizeof result};
    inno_rc rc;

    c.cwd = json_string_value(json_object_get(p, "cwd"));
    c.input = input ? inno_span_of(input) : (inno_span){host->alloc(call, zeros + 1), zeros};
    c.flags = (uint32_t)json_integer_value(json_object_get(p, "flags"));
    c.timeout_ms = json_integer_value(json_object_get(p, "timeout"));
    c.grace_ms = json_integer_value(json_object_get(p, "grace"));
    c.max_output_bytes = (uint64_t)json_integer_value(json_object_get(p, "max"));
    lines.again = &c;
    if (json_is_true(json_object_get(p, "lines"))) {
        c.on_line = on_line;
        c.ctx = &lines;
    }
    rc = how ? misuse(host, call, how, &c, &result) : host->exec(call, &c, &result);
    tell(host, call, rc, &result);
    if (c.on_line)
        number(host, call, "nested", lines.nested);
    free(argv);
    free(env);
    json_decref(p);
    return rc;
}

static inno_rc provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    return run(host, call, res->params);
}

static const char *const types[] = {"run", NULL};
static const inno_provisioner plugin = {
    INNO_PROVISIONER_HEAD, 0, "runs", "1.0.0", types, NULL, NULL, provision, fine, fine_status, fine, NULL, NULL, NULL, NULL,
};

#ifdef WITHOUT_PERMISSION
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"runs\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"run\"}]}")
#else
INNO_PLUGIN_TEXT(plugin, "{\"name\":\"runs\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"run\"}],\"permissions\":[\"exec\"]}")
#endif
