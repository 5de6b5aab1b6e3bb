/* `terraform` as a provisioner of resources: their life, drift, modules, and what goes wrong. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "terraform_rig.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- a resource's life ---- */

static void test_life(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr) char *prod = tf_params(MODULE, "{\"variables\":{\"env\":\"prod\"}}");
    CLEANUP(free_ptr) char *left = NULL;
    struct driver d;
    struct trial made, again, changed, hints;

    if (!tf_tool())
        return;
    tf_begin(&d);
    tf_expect_ok(&d, PLUGIN_HEALTH, NULL);
    tf_expect_ok(&d, PLUGIN_DEPROVISION, dev); /* what was never there */
    tf_expect_status(&d, dev, "terminated", "");
    CU_ASSERT_EQUAL(tf_call(&d, &made, PLUGIN_PROVISION, dev), PLUGIN_DONE_OK);
    tf_expect_json(made.outputs, "{\"db\":{\"env\":\"dev\",\"host\":\"127.0.0.1\",\"port\":5432},\"url\":\"http://localhost/dev\"}");
    ASSERT_TEXT(json_str(made.secrets, "tokens"), "[\"a\",\"b\"]");
    ASSERT_CONTAINS(json_str(made.secrets, "secret"), "s-");
    ASSERT_CONTAINS(made.logs, "terraform_data.db: Creation complete"); /* line by line, as people read it */
    CU_ASSERT(!strstr(made.logs, json_str(made.secrets, "secret")));
    CU_ASSERT(!strstr(made.logs, "@message"));
    ASSERT_CONTAINS(made.state_given, "stack");
    CU_ASSERT_EQUAL(made.progress, 100);
    CU_ASSERT_EQUAL(tf_call(&d, &again, PLUGIN_PROVISION, dev), PLUGIN_DONE_OK);
    CU_ASSERT(json_equal(made.outputs, again.outputs));
    CU_ASSERT(json_equal(made.secrets, again.secrets));
    CU_ASSERT(!strstr(again.logs, "Creat"));
    tf_expect_status(&d, dev, "active", "");
    CU_ASSERT_EQUAL(tf_call(&d, &changed, PLUGIN_PROVISION, prod), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(changed.outputs, "url"), "http://localhost/prod");
    CU_ASSERT(json_equal(made.secrets, changed.secrets)); /* the same thing, changed in place */
    CU_ASSERT_EQUAL(tf_call(&d, &hints, PLUGIN_GET_HINTS, prod), PLUGIN_DONE_OK);
    tf_expect_ok(&d, PLUGIN_DEPROVISION, prod);
    tf_expect_status(&d, prod, "terminated", "");
    tf_expect_ok(&d, PLUGIN_DEPROVISION, prod);
    CU_ASSERT_PTR_NULL(left = tf_only_file(&d, "stacks/*/*/thing_*[0-9a-f]"));
    trial_fini(&made), trial_fini(&again), trial_fini(&changed), trial_fini(&hints);
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static void test_plan(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    struct driver d;
    struct trial t;

    if (!tf_tool())
        return;
    tf_begin(&d);
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PLAN, dev), PLUGIN_DONE_OK);
    tf_expect_json(json_object_get(t.outputs, "changes"), "[{\"actions\":[\"create\"],\"address\":\"terraform_data.db\"}]");
    trial_fini(&t);
    tf_expect_status(&d, dev, "terminated", ""); /* nothing was made */
    tf_expect_ok(&d, PLUGIN_PROVISION, dev);
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PLAN, dev), PLUGIN_DONE_OK);
    tf_expect_json(json_object_get(t.outputs, "changes"), "[]");
    trial_fini(&t);
    driver_stop(&d);
}

/* Somebody has changed things behind our back: here the state, as the built-in provider has nothing outside it. */
static void test_drift(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr) char *path = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct driver d;
    struct err err;

    if (!tf_tool())
        return;
    tf_begin(&d);
    tf_expect_ok(&d, PLUGIN_PROVISION, dev);
    path = tf_only_file(&d, "stacks/*/*/thing_*/terraform.tfstate");
    ASSERT_OK(path ? io_read_file(path, 1 << 20, &text, NULL, &err) : -1, err);
    memcpy(strstr(text, "localhost/dev"), "elsewhere/dev", 13);
    tf_write_file(path, text, 0600);
    tf_expect_status(&d, dev, "degraded", "drift: the outputs differ");
    tf_expect_ok(&d, PLUGIN_PROVISION, dev);
    tf_expect_status(&d, dev, "active", "");
    driver_stop(&d);
}

/* ---- where modules come from ---- */

static void test_modules(void)
{
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *main_tf = mem_printf("%s/net/main.tf", dir);
    CLEANUP(free_ptr) char *net = mem_printf("%s/net", dir);
    CLEANUP(free_ptr) char *common = mem_printf("%s/common", dir);
    CLEANUP(free_ptr) char *common_tf = mem_printf("%s/common/main.tf", dir);
    CLEANUP(free_ptr) char *config = mem_printf("{\"modules\":\"%s\",\"variables\":{\"size\":3}}", dir);
    CLEANUP(free_ptr) char *grant = mem_printf("[\"exec\",\"read:%s\"]", dir);
    struct driver d;
    struct trial t;
    struct err err;

    if (!tf_tool())
        return;
    ASSERT_OK(io_mkdirs(net, 0755, &err), err);
    ASSERT_OK(io_mkdirs(common, 0755, &err), err);
    tf_write_file(main_tf,
                  "variable \"size\" { type = number }\nmodule \"c\" { source = \"../common\" }\noutput \"n\" { value = var.size * 2 }\n"
                  "output \"c\" { value = module.c.name }\n",
                  0644);
    tf_write_file(common_tf, "output \"name\" { value = \"common\" }\n", 0644);
    tf_begin_with(&d, grant, config);
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PROVISION, "{\"module\":\"net\"}"), PLUGIN_DONE_OK);
    tf_expect_json(t.outputs, "{\"c\":\"common\",\"n\":6}");
    trial_fini(&t);
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"../etc\"}", ERR_INVALID_RESOURCE, "relative path");
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"net/../../etc\"}", ERR_INVALID_RESOURCE, "relative path");
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"nothing\"}", ERR_INVALID_RESOURCE, "is no directory of");
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"net\",\"inline\":\"\"}", ERR_INVALID_RESOURCE, "either module");
    tf_expect_failure(&d, PLUGIN_PROVISION, "{}", ERR_INVALID_RESOURCE, "either module");
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"inline\":{\"../x.tf\":\"\"}}", ERR_INVALID_RESOURCE, "plain file name");
    CU_ASSERT_EQUAL(
        tf_call(&d, &t, PLUGIN_PROVISION, "{\"inline\":{\"a.tf\":\"output \\\"x\\\" { value = file(\\\"t.txt\\\") }\",\"t.txt\":\"hi\"}}"),
        PLUGIN_DONE_OK);
    tf_expect_json(t.outputs, "{\"x\":\"hi\"}");
    trial_fini(&t);
    driver_stop(&d);
    tf_begin_with(&d, "[\"exec\"]", config);
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"net\"}", ERR_INVALID_CONFIG, "grant");
    driver_stop(&d);
    tf_begin_with(&d, "[\"exec\"]", "{\"inline\":false}"); /* what HCL says runs with all that the entry may use */
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"inline\":\"\"}", ERR_INVALID_RESOURCE, "modules of its directory alone");
    tf_expect_failure(&d, PLUGIN_PLAN, "{\"inline\":\"\"}", ERR_INVALID_RESOURCE, "modules of its directory alone");
    tf_expect_failure(&d, PLUGIN_STEP, "{\"operation\":\"destroy\",\"inline\":\"\"}", ERR_INVALID_RESOURCE,
                      "modules of its directory alone");
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_DEPROVISION, "{\"inline\":\"\"}"), PLUGIN_DONE_OK); /* what was made before can go */
    trial_fini(&t);
    driver_stop(&d);
    tf_begin(&d);
    tf_expect_failure(&d, PLUGIN_PROVISION, "{\"module\":\"net\"}", ERR_INVALID_RESOURCE, "no config.modules");
    driver_stop(&d);
}

/* ---- what goes wrong ---- */

static void test_wrong_modules(void)
{
    CLEANUP(free_ptr) char *broken = tf_params("output \"x\" {\n  value = \n", "{}");
    CLEANUP(free_ptr) char *unknown = tf_params("output \"x\" { value = var.nothing }", "{}");
    CLEANUP(free_ptr) char *unset = tf_params(MODULE, "{}");
    CLEANUP(free_ptr)
    char *failing = tf_params("resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" { command = \"exit 3\" }\n}\n", "{}");
    CLEANUP(free_ptr)
    char *provider = tf_params(
        "terraform {\n  required_providers {\n    acme = { source = \"acme/acme\" }\n  }\n}\nresource \"acme_x\" \"y\" {}\n", "{}");
    const char *dir = test_dir();
    CLEANUP(free_ptr) char *config = mem_printf("{\"providerMirror\":\"%s\"}", dir);
    CLEANUP(free_ptr) char *grant = mem_printf("[\"exec\",\"exec:%s\",\"read:%s\"]", dir, dir);
    struct driver d;

    if (!tf_tool())
        return;
    tf_begin_with(&d, grant, config);
    tf_expect_failure(&d, PLUGIN_PROVISION, broken, ERR_INVALID_RESOURCE, "main.tf");
    tf_expect_failure(&d, PLUGIN_PROVISION, unknown, ERR_INVALID_RESOURCE, "undeclared input variable (main.tf line 1)");
    tf_expect_failure(&d, PLUGIN_PROVISION, unset, ERR_INVALID_RESOURCE, "No value for required variable");
    tf_expect_failure(&d, PLUGIN_PROVISION, failing, ERR_PROVISION_FAILED, "exit status 3");
    tf_expect_failure(&d, PLUGIN_PROVISION, provider, ERR_UNSUPPORTED, "put it into the mirror");
    driver_stop(&d);
}

static void test_tools(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    struct driver d;

    tf_begin_plain(&d, "[\"exec\"]", "{\"binary\":\"/usr/bin/no-terraform-here\"}");
    tf_expect_failure(&d, PLUGIN_PROVISION, dev, ERR_UNSUPPORTED, "no-terraform-here");
    driver_stop(&d);
    tf_begin_plain(&d, "[\"exec:true\"]", NULL);
    tf_expect_failure(&d, PLUGIN_HEALTH, NULL,
                      access("/usr/local/bin/terraform", X_OK) == 0 || access("/usr/bin/terraform", X_OK) == 0 ? ERR_UNAUTHORIZED
                                                                                                               : ERR_UNSUPPORTED,
                      "terraform");
    driver_stop(&d);
}

/* ---- what only OpenTofu has ---- */

#define ENCRYPTION(passphrase)                                                                                                             \
    "key_provider \"pbkdf2\" \"key\" {\n  passphrase = " passphrase                                                                        \
    "\n}\nmethod \"aes_gcm\" \"how\" {\n  keys = key_provider.pbkdf2.key\n}\n"                                                             \
    "state {\n  method = method.aes_gcm.how\n  enforced = true\n}\nplan {\n  method = method.aes_gcm.how\n  enforced = true\n}\n"

#define ENCRYPTED                                                                                                                          \
    MODULE "variable \"passphrase\" {\n  sensitive = true\n}\nterraform {\n  encryption {\n" ENCRYPTION("var.passphrase") "  }\n}\n"

static bool has_tofu(void)
{
    CLEANUP(free_ptr) char *tofu = driver_program("tofu");
    const char *chosen = getenv("INNO_TF_PROGRAM");

    if (!tofu || !chosen || strcmp(chosen, "tofu") != 0)
        test_skip(tofu ? "this run is terraform's" : "tofu is not installed");
    return tofu && chosen && strcmp(chosen, "tofu") == 0;
}

/* The state lies encrypted, every command reads it, and nothing asks for a passphrase. */
static void expect_encrypted(struct driver *d, const char *params)
{
    CLEANUP(free_ptr) char *path = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct trial made, again;
    struct err err;

    CU_ASSERT_EQUAL(tf_call(d, &made, PLUGIN_PROVISION, params), PLUGIN_DONE_OK);
    ASSERT_TEXT(json_str(made.outputs, "url"), "http://localhost/dev");
    path = tf_only_file(d, "stacks/*/*/thing_*/terraform.tfstate");
    ASSERT_OK(path ? io_read_file(path, 1 << 20, &text, NULL, &err) : -1, err);
    ASSERT_CONTAINS(text, "encrypted_data");
    CU_ASSERT(text && !strstr(text, "localhost/dev"));
    tf_expect_status(d, params, "active", "");
    CU_ASSERT_EQUAL(tf_call(d, &again, PLUGIN_PROVISION, params), PLUGIN_DONE_OK);
    CU_ASSERT(json_equal(made.secrets, again.secrets));
    CU_ASSERT(!strstr(made.logs, "a-long-passphrase") && !strstr(again.logs, "a-long-passphrase"));
    tf_expect_ok(d, PLUGIN_DEPROVISION, params);
    tf_expect_status(d, params, "terminated", "");
    trial_fini(&made), trial_fini(&again);
}

static void test_encryption(void)
{
    CLEANUP(free_ptr) char *plain = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr)
    char *own = tf_params(ENCRYPTED, "{\"variables\":{\"env\":\"dev\",\"passphrase\":\"a-long-passphrase-of-the-stack\"}}");
    CLEANUP(free_ptr)
    char *wrong = tf_params(ENCRYPTED, "{\"variables\":{\"env\":\"dev\",\"passphrase\":\"a-long-passphrase-of-others\"}}");
    CLEANUP(free_ptr) char *unset = tf_params(ENCRYPTED, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(json_put) json_t *config = json_pack("{s:{s:s}}", "env", "TF_ENCRYPTION", ENCRYPTION("\"a-long-passphrase-of-the-entry\""));
    CLEANUP(free_ptr) char *text = json_dumps(config, 0);
    struct driver d;

    if (!has_tofu())
        return;
    tf_begin_with(&d, "[\"exec\"]", text);
    expect_encrypted(&d, plain);
    driver_stop(&d);
    tf_begin(&d);
    expect_encrypted(&d, own);
    tf_expect_failure(&d, PLUGIN_PROVISION, unset, ERR_INVALID_RESOURCE, "passphrase");
    tf_expect_ok(&d, PLUGIN_PROVISION, own);
    tf_expect_failure(&d, PLUGIN_PROVISION, wrong, ERR_PROVISION_FAILED, "not the one that the state was written with");
    driver_stop(&d);
}

static void test_chosen(void)
{
    CLEANUP(free_ptr) char *tofu = driver_program("tofu");
    CLEANUP(free_ptr) char *grant = mem_printf("[\"exec:%s\"]", tofu ? tofu : "");
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    struct driver d;
    struct trial t;

    if (!has_tofu())
        return;
    tf_begin_plain(&d, grant, NULL);
    tf_expect_ok(&d, PLUGIN_HEALTH, NULL);
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PROVISION, dev), PLUGIN_DONE_OK);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_configs(void)
{
    static const struct {
        const char *config, *part;
    } bad[] = {
        {"{\"binnary\":\"x\"}", "config.binnary is unknown"},
        {"{\"binary\":\"\"}", "config.binary"},
        {"{\"modules\":\"here\"}", "config.modules must be an absolute directory"},
        {"{\"parallelism\":0}", "config.parallelism"},
        {"{\"env\":{\"A\":1}}", "config.env.A"},
        {"{\"state\":{\"username\":\"x\"}}", "no address"},
        {"{\"state\":{\"address\":\"http://localhost/state\"}}", "{name}"},
        {"{\"state\":{\"address\":\"file:///{name}\"}}", "http or https"},
        {"{\"state\":{\"pasword\":\"x\"}}", "config.state.pasword is unknown"},
    };
    struct driver d;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tf_begin_plain(&d, "[\"exec\"]", bad[i].config);
        tf_expect_failure(&d, PLUGIN_HEALTH, NULL, ERR_INVALID_CONFIG, bad[i].part);
        driver_stop(&d);
    }
}

/* A tool of ours around the real one: what it is given can be seen, and it can be made to die. */
static char *wrap_tool(const char *script)
{
    CLEANUP(free_ptr) char *text = mem_printf("#!/bin/sh\n%s\nexec %s \"$@\"\n", script, tf_tool());
    char *path = mem_printf("%s/wrapped", test_dir());

    tf_write_file(path, text, 0755);
    return path;
}

static void begin_wrapped(struct driver *d, const char *path, const char *more, const char *grants)
{
    CLEANUP(free_ptr) char *config = mem_printf("{\"binary\":\"%s\"%s}", path, more);
    CLEANUP(free_ptr) char *grant = mem_printf("[\"exec\",\"exec:%s\"%s]", path, grants);

    tf_begin_with(d, grant, config);
}

static void test_argv(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"v4ry-secret\"}}");
    CLEANUP(free_ptr) char *path = NULL;
    struct driver d;
    struct trial t;

    if (!tf_tool())
        return;
    path = wrap_tool("echo \"argv: $*\" >&2; env | grep -c ^TF_CLI_CONFIG_FILE=/ >&2; env | grep ^TOKEN >&2");
    begin_wrapped(&d, path, ",\"env\":{\"TOKEN\":\"from the entry\"}", "");
    CU_ASSERT_EQUAL(tf_call(&d, &t, PLUGIN_PROVISION, dev), PLUGIN_DONE_OK);
    ASSERT_CONTAINS(t.logs, "argv: plan -detailed-exitcode -out=");
    ASSERT_CONTAINS(t.logs, "TOKEN=from the entry");
    ASSERT_CONTAINS(t.logs, "warn: 1\n");
    for (char *line = strtok(t.logs, "\n"); line; line = strtok(NULL, "\n"))
        CU_ASSERT(!strstr(line, "argv:") || !strstr(line, "v4ry-secret"));
    trial_fini(&t);
    driver_stop(&d);
    tf_begin_with(&d, "[\"exec\"]", "{\"env\":{\"TF_CLI_ARGS_plan\":\"-var x=y\"}}");
    tf_expect_failure(&d, PLUGIN_HEALTH, NULL, ERR_INVALID_CONFIG, "set by the provisioner");
    driver_stop(&d);
}

static void test_killed(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr) char *path = NULL;
    struct driver d;

    if (!tf_tool())
        return;
    path = wrap_tool("[ \"$1\" = apply ] && kill -9 $$");
    begin_wrapped(&d, path, "", "");
    tf_expect_failure(&d, PLUGIN_PROVISION, dev, ERR_TRANSIENT, "killed by signal 9");
    driver_stop(&d);
}

static void test_locked(void)
{
    CLEANUP(free_ptr) char *dev = tf_params(MODULE, "{\"variables\":{\"env\":\"dev\"}}");
    CLEANUP(free_ptr) char *path = NULL;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct driver d;
    int fd;

    if (!tf_tool())
        return;
    tf_begin(&d);
    tf_expect_ok(&d, PLUGIN_PROVISION, dev);
    path = tf_only_file(&d, "stacks/*/*/thing_*/terraform.tfstate");
    fd = open(path ? path : "/dev/null", O_RDWR | O_CLOEXEC);
    CU_ASSERT_EQUAL(fcntl(fd, F_SETLK, &lock), 0);
    tf_expect_failure(&d, PLUGIN_DEPROVISION, dev, ERR_TRANSIENT, "Error acquiring the state lock");
    close(fd);
    tf_expect_ok(&d, PLUGIN_DEPROVISION, dev);
    driver_stop(&d);
}

#define SLOW "resource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" { command = \"echo it begins; exec sleep 100000\" }\n}\n"

static void test_stopped(void)
{
    CLEANUP(free_ptr) char *slow = tf_params(SLOW, "{}");
    struct driver d;
    struct err err;
    struct trial t = {.instance = "terraform", .operation = PLUGIN_PROVISION, .type = "terraform", .params = slow};

    if (!tf_tool())
        return;
    tf_begin(&d);
    ASSERT_OK(trial_start(&d, &t, &err), err);
    trial_wait_log(&t, "it begins\n");
    plugin_cancel(d.manager, t.call);
    trial_wait(&t);
    CU_ASSERT_EQUAL(t.err.code, ERR_CANCELED);
    ASSERT_CONTAINS(t.logs, "nterrupt"); /* it was asked, and wrote its state */
    trial_fini(&t);
    tf_expect_status(&d, slow, "active", "");
    tf_expect_ok(&d, PLUGIN_DEPROVISION, slow);
    t = (struct trial){.instance = "terraform", .operation = PLUGIN_PROVISION, .type = "terraform", .params = slow, .deadline_ms = 4000};
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_TIMEOUT || t.err.code == ERR_PLUGIN_TIMEOUT);
    trial_fini(&t);
    tf_expect_ok(&d, PLUGIN_DEPROVISION, slow);
    driver_stop(&d);
}

const struct test_case tests[] = {
    {"a module is provisioned, looked at, changed and removed, and twice is the same as once", test_life},
    {"a plan tells what would change and changes nothing", test_plan},
    {"what was changed behind our back is drift, and provisioning repairs it", test_drift},
    {"modules come from the entry's directory, with those that they refer to, or from the params", test_modules},
    {"a wrong module is the resource's fault, and the message says where", test_wrong_modules},
    {"a tool that is missing or not granted is named", test_tools},
    {"a wrong config is refused with the key that is wrong", test_configs},
    {"variables and credentials are not in argv", test_argv},
    {"a tool that is killed is tried again later", test_killed},
    {"a locked state is tried again later", test_locked},
    {"a run is stopped in the middle by cancel and deadline, and its state is kept", test_stopped},
    {"OpenTofu keeps state and plan encrypted, with the key of the entry or the stack, and asks nobody", test_encryption},
    {"tofu is taken where it alone is granted", test_chosen},
    {0},
};
