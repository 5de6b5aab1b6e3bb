/* Owns the test side of the provisioner `terraform`. */
#include "terraform_rig.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PLUGIN TEST_BINARY_DIR "/lib/innominatus/plugins/terraform.so"

const char *tf_tool(void)
{
    const char *chosen = getenv("INNO_TF_PROGRAM");
    static char path[4096];
    CLEANUP(free_ptr) char *found = driver_program(chosen ? chosen : "terraform");

    if (!found && !chosen)
        found = driver_program("tofu");
    snprintf(path, sizeof path, "%s", found ? found : "");
    if (!found)
        test_skip(chosen ? "tofu is not installed" : "neither terraform nor tofu is installed");
    return found ? path : NULL;
}

/* ---- running ---- */

/* Names the tool and grants it, wherever it lies. */
static void choose_tool(json_t *grants, json_t *config)
{
    const char *tool = tf_tool();
    CLEANUP(free_ptr) char *grant = mem_printf("exec:%s", tool ? tool : "/none");

    if (!tool)
        return;
    json_array_append_new(grants, json_string(grant));
    if (!json_object_get(config, "binary"))
        json_object_set_new(config, "binary", json_string(tool));
}

void tf_begin_with(struct driver *d, const char *grant, const char *config)
{
    CLEANUP(json_put) json_t *grants = json_loads(grant, 0, NULL);
    CLEANUP(json_put) json_t *parsed = json_loads(config ? config : "{}", 0, NULL);
    CLEANUP(free_ptr) char *chosen = NULL, *granted = NULL;

    CU_ASSERT(grants && parsed);
    choose_tool(grants, parsed);
    granted = json_dumps(grants, 0);
    chosen = json_dumps(parsed, 0);
    tf_begin_plain(d, granted, chosen);
}

void tf_begin_plain(struct driver *d, const char *grant, const char *config)
{
    CLEANUP(json_put) json_t *grants = json_loads(grant, 0, NULL);
    CLEANUP(json_put) json_t *parsed = config ? json_loads(config, 0, NULL) : NULL;
    struct plugin_entry more = {
        .name = "terraform", .path = PLUGIN, .grant = grants, .config = parsed, .memory_bytes = 1LL << 30, .timeout_ms = 600000};
    struct err err;

    CU_ASSERT(grants && (!config || parsed));
    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, "terraform", &more, &err), err);
}

void tf_begin(struct driver *d) { tf_begin_with(d, "[\"exec\"]", NULL); }

char *tf_params(const char *module, const char *more)
{
    CLEANUP(json_put) json_t *params = json_loads(more, 0, NULL);

    if (module)
        json_object_set_new(params, "inline", json_string(module));
    return json_dumps(params, 0);
}

int tf_call(struct driver *d, struct trial *t, enum plugin_operation operation, const char *params)
{
    int outcome;

    *t = (struct trial){.instance = "terraform", .operation = operation, .type = "terraform"};
    if (operation == PLUGIN_STEP)
        t->step = params;
    else
        t->params = params;
    t->change = operation == PLUGIN_DEPROVISION ? "delete" : operation == PLUGIN_PROVISION ? "create" : "read";
    outcome = trial_run(d, t);
    if (outcome != PLUGIN_DONE_OK)
        fprintf(stderr, "# %s\n", t->err.msg);
    return outcome;
}

void tf_expect_ok(struct driver *d, enum plugin_operation operation, const char *params)
{
    struct trial t;

    CU_ASSERT_EQUAL(tf_call(d, &t, operation, params), PLUGIN_DONE_OK);
    trial_fini(&t);
}

void tf_expect_status(struct driver *d, const char *params, const char *wanted, const char *said)
{
    struct trial t;

    CU_ASSERT_EQUAL(tf_call(d, &t, PLUGIN_GET_STATUS, params), PLUGIN_DONE_OK);
    ASSERT_TEXT(t.status, wanted);
    ASSERT_CONTAINS(t.logs, said);
    trial_fini(&t);
}

void tf_expect_failure(struct driver *d, enum plugin_operation operation, const char *params, enum err_code code, const char *part)
{
    struct trial t;

    CU_ASSERT_EQUAL(tf_call(d, &t, operation, params), PLUGIN_DONE_FAILED);
    CU_ASSERT_EQUAL(t.err.code, code);
    ASSERT_CONTAINS(t.err.msg, part);
    trial_fini(&t);
}

static char *dumps(const json_t *value) { return json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT); }

void tf_expect_json(const json_t *value, const char *wanted)
{
    CLEANUP(free_ptr) char *text = dumps(value);

    ASSERT_TEXT(text, wanted);
}

char *tf_only_file(const struct driver *d, const char *pattern)
{
    CLEANUP(free_ptr) char *whole = mem_printf("%s/data/terraform/%s", d->dir, pattern);
    glob_t found = {0};
    char *path = NULL;

    if (glob(whole, 0, NULL, &found) == 0 && found.gl_pathc == 1)
        path = mem_strdup(found.gl_pathv[0]);
    globfree(&found);
    return path;
}

void tf_write_file(const char *path, const char *content, mode_t mode)
{
    struct err err;

    ASSERT_OK(io_write_atomic(path, content, strlen(content), mode, &err), err);
}
