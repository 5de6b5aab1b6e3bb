/* Owns `doctor`: runs the checks in order, shows them, and says whether all is well. */
#include "cli/doctor.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "config/admin_config.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES 4096u

static const char *const words[] = {[FINDING_OK] = "ok", [FINDING_WARN] = "warn", [FINDING_FAIL] = "fail"};
static const enum style styles[] = {[FINDING_OK] = STYLE_GREEN, [FINDING_WARN] = STYLE_YELLOW, [FINDING_FAIL] = STYLE_RED};

/* ---- findings ---- */

void doctor_note(struct doctor *d, const char *check, enum finding finding, const char *remedy, const char *fmt, ...)
{
    struct cli *c = d->c;
    json_t *line = json_object();
    const char *detail;
    va_list ap;

    va_start(ap, fmt);
    detail = arena_vprintf(&c->arena, fmt, ap);
    va_end(ap);
    json_set_str(line, "check", check);
    json_set_str(line, "status", words[finding]);
    json_set_str(line, "detail", detail);
    if (finding != FINDING_OK)
        json_set_str(line, "remedy", remedy);
    json_array_append_new(d->checks, line);
    if (c->output > OUTPUT_WIDE)
        return;
    cli_print(c, " %s%*s  %-13s  %s\n", out_paint(c, styles[finding], words[finding]), 4 - (int)strlen(words[finding]), "", check,
              out_clean(&c->arena, detail, false));
    if (finding != FINDING_OK && remedy && remedy[0])
        cli_print(c, "%22sdo: %s\n", "", out_clean(&c->arena, remedy, false));
    fflush(stdout);
}

void doctor_note_err(struct doctor *d, const char *check, enum finding finding, const struct err *err)
{
    doctor_note(d, check, finding, err_remedy(err->code), "%s", err->msg);
}

/* ---- what is looked at ---- */

static const char *given(struct cli *c, const char *flag, const char *variable)
{
    const char *text = args_text(&c->args, flag), *environment = getenv(variable);

    return text ? text : environment && environment[0] ? environment : NULL;
}

/* The server that runs here, if one does: its directory, where its key lies, and its configuration. */
static void find_running(struct cli *c, const char **out_state, const char **out_config)
{
    const char *file = arena_printf(&c->arena, "%s/server.json", paths_state_home(&c->arena)), *key, *slash;
    CLEANUP(free_ptr) char *text = NULL;
    CLEANUP(json_put) json_t *server = NULL;
    struct err ignored = {0};
    int64_t pid;

    if (io_read_file(file, FILE_BYTES, &text, NULL, &ignored) < 0 || !(server = json_loads(text, 0, NULL)))
        return;
    key = json_str(server, "key_file");
    slash = key ? strrchr(key, '/') : NULL;
    pid = json_int(server, "pid", 0);
    if (!slash || pid <= 0 || kill((pid_t)pid, 0) < 0)
        return;
    *out_state = arena_strndup(&c->arena, key, (size_t)(slash - key));
    *out_config = arena_strdup(&c->arena, json_str(server, "admin_config"));
}

static void choose_places(struct doctor *d)
{
    struct cli *c = d->c;
    const char *running_state = NULL, *running_config = NULL;
    struct err ignored = {0};

    find_running(c, &running_state, &running_config);
    d->state_dir = given(c, "state-dir", "INNOMINATUS_STATE_DIR");
    /* The configuration of the server whose directory is looked at, not of another one. */
    if (running_config && (!d->state_dir || str_eq(d->state_dir, running_state)) && !given(c, "admin-config", "INNOMINATUS_ADMIN_CONFIG"))
        d->config_path = running_config;
    if (!d->state_dir)
        d->state_dir = running_state;
    if (!d->state_dir)
        d->state_dir = paths_state_home(&c->arena);
    d->database = given(c, "database", "INNOMINATUS_DATABASE");
    if (!d->database)
        d->database = arena_printf(&c->arena, "sqlite:%s/innominatus.db", d->state_dir);
    if (!d->config_path && offline_config_path(c, NULL, &d->config_path, &ignored) < 0)
        d->config_path = NULL;
}

/* ---- the verb ---- */

static size_t count(const json_t *checks, enum finding finding)
{
    size_t found = 0, i;
    json_t *line;

    json_array_foreach(checks, i, line) found += str_eq(json_str(line, "status"), words[finding]);
    return found;
}

static void print_end(struct doctor *d)
{
    size_t warnings = count(d->checks, FINDING_WARN), failures = count(d->checks, FINDING_FAIL);
    CLEANUP(json_put) json_t *result = json_object();

    json_set_str(result, "status", words[failures ? FINDING_FAIL : warnings ? FINDING_WARN : FINDING_OK]);
    json_object_set(result, "checks", d->checks);
    if (!out_data(d->c, result))
        cli_print(d->c, "\n%zu ok, %zu warning%s, %zu failure%s\n", count(d->checks, FINDING_OK), warnings, warnings == 1 ? "" : "s",
                  failures, failures == 1 ? "" : "s");
}

int verb_doctor(struct cli *c)
{
    static void (*const checks[])(struct doctor * d) = {
        doctor_configuration, doctor_plugins,  doctor_policies, doctor_workflows, doctor_tools,
        doctor_state,         doctor_database, doctor_limits,   doctor_server,
    };
    CLEANUP(json_put) json_t *found = json_array();
    struct doctor d = {.c = c, .checks = found};
    bool failed;

    choose_places(&d);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        checks[i](&d);
    print_end(&d);
    failed = count(found, FINDING_FAIL) > 0;
    config_free(d.config);
    return failed ? EXIT_FAILED : EXIT_FINE;
}
