/* `terraform` with its state in an HTTP backend, and as a workflow step. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "terraform_rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- state in an HTTP backend ---- */

struct backend {
    pid_t pid;
    int in, port;
};

static bool start_backend(struct backend *b)
{
    int in[2], out[2];
    char port[16] = "";

    if (pipe(in) < 0 || pipe(out) < 0)
        return false;
    b->pid = fork();
    if (b->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        execlp(PYTHON3, PYTHON3, TEST_SOURCE_DIR "/tests/plugins/terraform_state.py", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    b->in = in[1];
    CU_ASSERT(read(out[0], port, sizeof port - 1) > 0);
    close(out[0]);
    b->port = atoi(port);
    return b->port > 0;
}

static void stop_backend(struct backend *b)
{
    close(b->in);
    waitpid(b->pid, NULL, 0);
}

/* Kills the tool that runs it, once: the tool's lock stays in the backend. */
#define DIES_ONCE                                                                                                                          \
    "resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" {\n    command = \"[ -e ../once ] || { touch ../once; kill -9 "     \
    "$PPID; }\"\n  }\n}\n"

static void test_http_state(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr) char *dies = tf_params(DIES_ONCE, "{}");
    CLEANUP(free_ptr) char *good = NULL;
    CLEANUP(free_ptr) char *bad = NULL;
    CLEANUP(free_ptr) char *left = NULL;
    struct backend b;
    struct driver d;
    struct trial t;

    if (!tf_tool() || !start_backend(&b))
        return;
    good = mem_printf(
        "{\"state\":{\"address\":\"http://127.0.0.1:%d/state/{name}\",\"username\":\"robot\",\"password\":\"p4ssw0rd-of-the-backend\"}}",
        b.port);
    bad = mem_printf("{\"url\":\"http://127.0.0.1:%d/state/\",\"credentials\":\"wrong\"}", b.port);
    tf_begin_with(&d, "[\"exec\",\"network\"]", good);
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PROVISION, dev), PLUGIN_DONE_OK);
    CU_ASSERT(!strstr(t.logs, "p4ssw0rd"));
    trial_fini(&t);
    tf_expect_status(&d, dev, "active", "");
    left = tf_only_file(&d, "stacks/*/*/thing_*/terraform.tfstate");
    CU_ASSERT_PTR_NULL(left); /* it is in the backend alone */
    tf_expect_ok(&d, PLUGIN_DEPROVISION, dev);
    tf_expect_status(&d, dev, "terminated", "");
    tf_expect_failure(&d, PLUGIN_PROVISION, dies, ERR_TRANSIENT, "killed by signal 9");
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PROVISION, dies), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "left by an earlier run of this stack that was killed, has been removed");
    trial_fini(&t);
    driver_stop(&d);
    tf_begin_with(&d, "[\"exec\",\"network\"]", bad);
    tf_expect_failure(&d, PLUGIN_PROVISION, dev, ERR_UNAUTHORIZED, "config.state.username");
    driver_stop(&d);
    stop_backend(&b);
    tf_begin_with(&d, "[\"exec\",\"network\"]", bad);
    tf_expect_failure(&d, PLUGIN_PROVISION, dev, ERR_TRANSIENT, "connection refused");
    driver_stop(&d);
}

/* ---- steps ---- */

static char *step_of(const char *operation, const char *env, const char *more)
{
    CLEANUP(free_ptr) char *config = mem_printf("{\"operation\":\"%s\",\"variables\":{\"env\":\"%s\"}%s}", operation, env, more);

    return tf_params(MODULE, config);
}

static void expect_step(struct driver *d, const char *operation, const char *env, const char *more, struct trial *t)
{
    CLEANUP(free_ptr) char *config = step_of(operation, env, more);

    CU_ASSERT_EQUAL(tf_call(d, t, PLUGIN_STEP, config), PLUGIN_DONE_OK);
    t->step = NULL;
}

static void expect_counts(const struct trial *t, int add, int change, int destroy)
{
    CU_ASSERT_EQUAL(json_int(t->outputs, "add", -1), add);
    CU_ASSERT_EQUAL(json_int(t->outputs, "change", -1), change);
    CU_ASSERT_EQUAL(json_int(t->outputs, "destroy", -1), destroy);
}

static void test_steps(void)
{
    CLEANUP(free_ptr) char *exact = NULL;
    CLEANUP(free_ptr) char *late = NULL;
    struct driver d;
    struct trial t, first;

    if (!tf_tool())
        return;
    tf_begin(&d);
    expect_step(&d, "init", "dev", "", &t);
    trial_fini(&t);
    expect_step(&d, "plan", "dev", "", &first);
    expect_counts(&first, 1, 0, 0);
    exact = mem_printf(",\"plan\":\"%s\"", json_str(first.outputs, "plan"));
    expect_step(&d, "apply", "dev", exact, &t);
    expect_counts(&t, 1, 0, 0);
    ASSERT_TEXT(json_str(t.outputs, "url"), "http://localhost/dev");
    CU_ASSERT(!strstr(t.logs, "Refreshing")); /* exactly that plan, no other */
    trial_fini(&t);
    late = step_of("apply", "dev", exact);
    tf_expect_failure(&d, PLUGIN_STEP, late, ERR_INVALID_RESOURCE, "was applied already");
    expect_step(&d, "plan", "prod", "", &t);
    expect_counts(&t, 0, 1, 0);
    trial_fini(&t);
    tf_expect_failure(&d, PLUGIN_STEP, late, ERR_INVALID_RESOURCE, "replaced by a newer one");
    expect_step(&d, "apply", "dev", "", &t); /* not what was planned: it is planned anew */
    expect_counts(&t, 0, 0, 0);
    trial_fini(&t);
    expect_step(&d, "output", "dev", "", &t);
    ASSERT_CONTAINS(json_str(t.secrets, "secret"), "s-");
    trial_fini(&t);
    expect_step(&d, "destroy", "dev", "", &t);
    CU_ASSERT_EQUAL(json_int(t.outputs, "destroy", -1), 1);
    trial_fini(&t);
    trial_fini(&first);
    tf_expect_failure(&d, PLUGIN_STEP, "{\"operation\":\"aply\",\"inline\":\"\"}", ERR_INVALID_RESOURCE, "it may be init, plan, apply");
    tf_expect_failure(&d, PLUGIN_STEP, "{\"workspace\":\"x\"}", ERR_INVALID_RESOURCE, "config.workspace is unknown");
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"the state lives in an HTTP backend", test_http_state},
    {"steps plan, apply exactly that plan, read outputs and destroy", test_steps},
    {0},
};
