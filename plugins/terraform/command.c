/* One run of the tool: its arguments, its environment, what it says, and what that means. Called from the thread of a slot. */
#include "terraform.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_ENV  200
#define MAX_ARGS 24
#define SAY(...) s->host->log(s->call, __VA_ARGS__)

/* ---- what it says ---- */

/* One line of at most `cap` bytes: line breaks become spaces. */
static void one_line(const char *text, char *out, size_t cap)
{
    size_t used = 0;

    for (; *text && used + 1 < cap; text++)
        if (*text != '\n' && *text != '\r')
            out[used++] = *text;
        else if (used && out[used - 1] != ' ')
            out[used++] = ' ';
    while (used && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

bool tf_describe(const json_t *d, char out[TF_PROBLEM_BYTES])
{
    const json_t *range = json_object_get(d, "range");
    long long line = json_integer_value(json_object_get(json_object_get(range, "start"), "line"));
    char place[200] = "", detail[700];

    if (range)
        snprintf(place, sizeof place, " (%.150s line %lld)", text_of(range, "filename"), line);
    one_line(text_of(d, "detail"), detail, sizeof detail);
    snprintf(out, TF_PROBLEM_BYTES, "%.150s%s%s%.500s", text_of(d, "summary"), place, *detail ? ": " : "", detail);
    return strcmp(text_of(d, "severity"), "error") == 0;
}

static void take_diagnostic(struct tf_stack *s, const json_t *d)
{
    char text[TF_PROBLEM_BYTES];
    bool is_error = tf_describe(d, text);

    SAY(is_error ? INNO_LOG_ERROR : INNO_LOG_WARN, "%s", text);
    if (is_error && !s->problem[0])
        memcpy(s->problem, text, sizeof text);
}

static void take_drift(struct tf_stack *s, const json_t *change)
{
    size_t used = strlen(s->drift);
    const char *address = text_of(json_object_get(change, "resource"), "addr");

    s->drifted++;
    if (used + strlen(address) + 3 < sizeof s->drift)
        snprintf(s->drift + used, sizeof s->drift - used, "%s%s", used ? ", " : "", address);
}

/* One object of the -json output. */
static void take_message(struct tf_stack *s, const json_t *message)
{
    const char *type = text_of(message, "type"), *level = text_of(message, "@level"), *text = text_of(message, "@message");
    int64_t total = s->add + s->change + s->drop;

    if (strcmp(type, "diagnostic") == 0) {
        take_diagnostic(s, json_object_get(message, "diagnostic"));
        return;
    }
    if (strcmp(type, "resource_drift") == 0)
        take_drift(s, json_object_get(message, "change"));
    SAY(strcmp(type, "version") == 0   ? INNO_LOG_DEBUG
        : strcmp(level, "error") == 0  ? INNO_LOG_ERROR
        : strcmp(level, "warn") == 0   ? INNO_LOG_WARN
        : strcmp(type, "outputs") == 0 ? INNO_LOG_DEBUG
                                       : INNO_LOG_INFO,
        "%s", text);
    if (strcmp(type, "apply_complete") == 0 && s->shows_progress && total > 0 && ++s->done <= total)
        s->host->progress(s->call, (int32_t)(s->done * 100 / total), text);
}

static void on_line(void *ctx, int32_t stream, const char *text, uint64_t len)
{
    struct tf_stack *s = ctx;
    CLEANUP(json_put) json_t *message = stream == 1 ? json_loadb(text, (size_t)len, 0, NULL) : NULL;

    if (json_is_object(message))
        take_message(s, message);
    else if (len)
        SAY(stream == 1 ? INNO_LOG_INFO : INNO_LOG_WARN, "%s", text);
}

/* ---- its environment ---- */

/* What this plugin sets, and nobody else may. */
static const char *const reserved[] = {"TF_DATA_DIR",      "TF_CLI_CONFIG_FILE",   "TF_INPUT",
                                       "TF_IN_AUTOMATION", "TF_HTTP_PASSWORD",     "CHECKPOINT_DISABLE",
                                       "TF_WORKSPACE",     "TF_APPEND_USER_AGENT", "TF_PLUGIN_CACHE_DIR"};

struct environment {
    char *items[MAX_ENV + 1];
    size_t count;
};

static void environment_free(struct environment *e)
{
    for (size_t i = 0; i < e->count; i++) {
        explicit_bzero(e->items[i], strlen(e->items[i]));
        free(e->items[i]);
    }
}

static bool add_variable(struct environment *e, const char *name, const char *value)
{
    size_t cap = strlen(name) + strlen(value) + 2, len = strlen(name);

    for (size_t i = 0; i < e->count; i++)
        if (strncmp(e->items[i], name, len) == 0 && e->items[i][len] == '=') {
            free(e->items[i]);
            e->items[i] = e->items[--e->count];
            break;
        }
    if (e->count == MAX_ENV || !(e->items[e->count] = malloc(cap)))
        return false;
    snprintf(e->items[e->count++], cap, "%s=%s", name, value);
    return true;
}

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    return strncmp(name, "TF_CLI_ARGS", 11) == 0 || strncmp(name, "LD_", 3) == 0 || strncmp(name, "TF_REATTACH", 11) == 0;
}

static inno_rc add_given(struct tf_stack *s, struct environment *e, const json_t *given, inno_rc wrong)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)given, name, value)
    {
        if (!*name || strchr(name, '=') || !json_is_string(value) || is_reserved(name))
            return s->host->fail(s->call, wrong, -1, "env.%.60s %s", name,
                                 is_reserved(name) ? "is set by the provisioner itself" : "must be a name with a text");
        if (!add_variable(e, name, json_string_value(value)))
            return s->host->fail(s->call, wrong, -1, "env has more than %d names", MAX_ENV - 10);
    }
    return INNO_OK;
}

static inno_rc make_environment(struct tf_stack *s, struct environment *e)
{
    char data[FILES_PATH_BYTES], cli[FILES_PATH_BYTES];
    bool good;
    inno_rc rc = add_given(s, e, s->self->env, INNO_INVALID_CONFIG);

    if (rc == INNO_OK)
        rc = add_given(s, e, s->env, s->wrong);
    if (rc != INNO_OK)
        return rc;
    tf_path(s, "data", data);
    tf_path(s, "cli.tfrc", cli);
    good = add_variable(e, "TF_DATA_DIR", data) && add_variable(e, "TF_CLI_CONFIG_FILE", cli) && add_variable(e, "TF_INPUT", "0") &&
           add_variable(e, "TF_IN_AUTOMATION", "1") && add_variable(e, "CHECKPOINT_DISABLE", "1") &&
           (!s->self->password || add_variable(e, "TF_HTTP_PASSWORD", s->self->password));
    return good ? INNO_OK : s->host->fail(s->call, INNO_TRANSIENT, -1, "out of memory, or more than %d variables", MAX_ENV);
}

/* ---- the run ---- */

/* The tool of the entry, or the first of the two that may be run here. */
static inno_rc exec_tool(struct tf_stack *s, inno_exec *command, const char **argv, inno_exec_result *out)
{
    static const char *const known[] = {"terraform", "tofu"};
    const char *fixed = s->self->tool[0] ? s->self->tool : s->self->binary;
    inno_rc rc = INNO_UNSUPPORTED, first = INNO_OK;

    if (fixed) {
        argv[0] = fixed;
        return s->host->exec(s->call, command, out);
    }
    for (size_t i = 0; i < 2; i++) {
        argv[0] = known[i];
        rc = s->host->exec(s->call, command, out);
        if (rc != INNO_UNSUPPORTED && rc != INNO_UNAUTHORIZED) {
            snprintf(s->self->tool, sizeof s->self->tool, "%s", known[i]);
            return rc;
        }
        first = i == 0 ? rc : first;
    }
    if (first == INNO_UNSUPPORTED && rc == INNO_UNSUPPORTED)
        return s->host->fail(s->call, INNO_UNSUPPORTED, 0,
                             "neither terraform nor tofu is installed here; name one by config.binary and grant it: exec:/PATH");
    return s->host->fail(s->call, INNO_UNAUTHORIZED, 0,
                         "neither terraform nor tofu may be run; the entry needs grant: [exec], or [exec:terraform], or [exec:/PATH] with "
                         "config.binary");
}

static void where_to_run(const struct tf_stack *s, char out[FILES_PATH_BYTES])
{
    const char *module = json_string_value(json_object_get(s->spec, "module"));

    if (!tf_has(s, "module"))
        snprintf(out, FILES_PATH_BYTES, "%s", s->host->work_dir(s->call));
    else
        snprintf(out, FILES_PATH_BYTES, "%s/module%s%s", s->look[0] ? s->look : s->dir, module ? "/" : "", module ? module : "");
}

inno_rc tf_run(struct tf_stack *s, const char *const *args, uint32_t how, inno_exec_result *out)
{
    CLEANUP(environment_free) struct environment e = {.count = 0};
    const char *argv[MAX_ARGS + 2] = {NULL};
    char cwd[FILES_PATH_BYTES];
    inno_exec command = {.struct_size = sizeof command, .argv = argv, .cwd = cwd, .grace_ms = TF_GRACE_MS};
    inno_rc rc = make_environment(s, &e);

    if (rc != INNO_OK)
        return rc;
    if (!INNO_HAS(s->host, exec))
        return s->host->fail(s->call, INNO_UNSUPPORTED, 0, "this server cannot run programs for plugins");
    for (size_t i = 0; i < MAX_ARGS && args[i]; i++)
        argv[i + 1] = args[i];
    command.env = (const char *const *)e.items;
    command.max_output_bytes = 64u << 20;
    command.flags = how == TF_SILENT ? INNO_EXEC_QUIET_OUT : 0;
    if (how == TF_UI) {
        command.on_line = on_line;
        command.ctx = s;
        command.max_output_bytes = 64u << 10;
    }
    where_to_run(s, cwd);
    s->problem[0] = '\0';
    *out = (inno_exec_result){.struct_size = sizeof *out};
    rc = exec_tool(s, &command, argv, out);
    if (rc == INNO_OK && out->signal)
        return s->host->fail(s->call, INNO_TRANSIENT, -1, "%s %s was killed by signal %d; if it was the entry's limits.memory, raise it",
                             argv[0], args[0], (int)out->signal);
    if (rc == INNO_OK && out->truncated && how == TF_SILENT)
        return s->host->fail(s->call, INNO_FAILED, 0, "%s %s says more than 64 MiB", argv[0], args[0]);
    return rc;
}

/* ---- failures ---- */

static const struct {
    const char *words;
    inno_rc code;
    const char *hint;
} meanings[] = {
    /* OpenTofu may say this as the reason for not getting a lock */
    {"decryption failed", INNO_FAILED, "the passphrase is not the one that the state was written with"},
    {"Error acquiring the state lock", INNO_TRANSIENT, "somebody else holds the lock, or left it: `force-unlock` removes it"},
    {"endpoint requires auth", INNO_UNAUTHORIZED, "set config.state.username and password"},
    {"endpoint invalid auth", INNO_UNAUTHORIZED, "the backend refuses config.state's credentials"},
    {"response code 401", INNO_UNAUTHORIZED, "the backend refuses config.state's credentials"},
    {"response code 403", INNO_UNAUTHORIZED, "the backend refuses config.state's credentials"},
    {"response code: 5", INNO_TRANSIENT, NULL},
    {"response code 5", INNO_TRANSIENT, NULL},
    {"connection refused", INNO_TRANSIENT, NULL},
    {"connection reset", INNO_TRANSIENT, NULL},
    {"no such host", INNO_TRANSIENT, NULL},
    {"i/o timeout", INNO_TRANSIENT, NULL},
    {"TLS handshake timeout", INNO_TRANSIENT, NULL},
    {"Client.Timeout exceeded", INNO_TRANSIENT, NULL},
    {"no space left on device", INNO_TRANSIENT, NULL},
    {"operation not permitted", INNO_FAILED, "a connection needs grant: network"},
    {"permission denied", INNO_FAILED, "the sandbox refused it; the entry may lack a grant"},
    {"Saved plan is stale", INNO_FAILED, "something has changed the state since; plan again"},
    {"No value for required variable", INNO_INVALID_RESOURCE, NULL},
    {"Failed to request input from user for variable", INNO_INVALID_RESOURCE, "OpenTofu needs it at once; give it in `variables`"},
    {"Invalid value for variable", INNO_INVALID_RESOURCE, NULL},
    {"Invalid value for input variable", INNO_INVALID_RESOURCE, NULL},
};

/* Of a tool that does not speak JSON: from "Error: " on. */
static void take_text_problem(struct tf_stack *s, const inno_exec_result *result)
{
    const char *text = result->err.len ? result->err.bytes : result->out.len ? result->out.bytes : "";
    const char *at = strstr(text, "Error: ");

    if (!s->problem[0])
        one_line(at ? at + 7 : text, s->problem, sizeof s->problem);
}

inno_rc tf_failed(struct tf_stack *s, const char *what, const inno_exec_result *result)
{
    take_text_problem(s, result);
    if (strstr(s->problem, "provider package") || strstr(s->problem, "Failed to install provider") ||
        strstr(s->problem, "list of available versions"))
        return s->host->fail(s->call, s->self->mirror ? INNO_UNSUPPORTED : INNO_TRANSIENT, -1, "%s: %s%s%s", what, s->problem,
                             s->self->mirror ? "; put it into the mirror "
                                             : "; without config.providerMirror the registry must be reached: grant network",
                             s->self->mirror ? s->self->mirror : "");
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strstr(s->problem, meanings[i].words))
            return s->host->fail(s->call, meanings[i].code == INNO_INVALID_RESOURCE ? s->wrong : meanings[i].code, -1, "%s: %s%s%s", what,
                                 s->problem, meanings[i].hint ? "; " : "", meanings[i].hint ? meanings[i].hint : "");
    return s->host->fail(s->call, INNO_FAILED, -1, "%s: %s", what,
                         s->problem[0] ? s->problem : "it failed and said nothing; its log may tell");
}
