/* `local` and the example's payment gateway where they really run: in a host process with its sandbox, driven by the manager. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/mem.h"
#include "plugin_driver.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOCAL TEST_BINARY_DIR "/lib/innominatus/plugins/local.so"

static void begin(struct driver *d)
{
    struct plugin_entry more = {.name = "local", .path = LOCAL};
    struct err err;

    driver_start(d, 0, PATIENT_MS);
    ASSERT_OK(driver_add(d, "local", &more, &err), err);
}

static void expect_ok(struct driver *d, struct trial *t)
{
    CU_ASSERT_EQUAL(trial_run(d, t), PLUGIN_DONE_OK);
    if (t->err.msg[0])
        fprintf(stderr, "%s %s: %s\n", t->instance, t->type, t->err.msg);
}

/* Every type is made, looked at and removed under Landlock and seccomp. */
static void test_types(void)
{
    static const struct {
        const char *type, *params, *output;
    } types[] = {
        {"volume", "{\"size\":\"1Mi\"}", "path"},
        {"sqlite", "{\"schema\":\"CREATE TABLE t (a)\"}", "url"},
        {"dns", "{}", "host"},
        {"secret", "{}", NULL},
        {"workload", "{\"metadata\":{\"name\":\"shop\"},\"containers\":{\"web\":{\"image\":\"nginx:1\"}}}", "manifests"},
    };
    struct driver d;

    begin(&d);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct trial make = {.instance = "local", .operation = PLUGIN_PROVISION, .type = types[i].type, .params = types[i].params};
        struct trial again = make, look = make, hints = make, remove = make, gone = make;

        expect_ok(&d, &make);
        expect_ok(&d, &again);
        CU_ASSERT(json_equal(make.outputs, again.outputs));
        CU_ASSERT(json_equal(make.secrets, again.secrets));
        CU_ASSERT(types[i].output ? json_object_get(make.outputs, types[i].output) != NULL : json_object_size(make.secrets) == 1);
        look.operation = gone.operation = PLUGIN_GET_STATUS;
        look.change = gone.change = hints.change = "read";
        expect_ok(&d, &look);
        ASSERT_TEXT(look.status, "active");
        hints.operation = PLUGIN_GET_HINTS;
        expect_ok(&d, &hints);
        CU_ASSERT(json_array_size(hints.hints) > 0);
        remove.operation = PLUGIN_DEPROVISION;
        remove.change = "delete";
        expect_ok(&d, &remove);
        expect_ok(&d, &gone);
        ASSERT_TEXT(gone.status, "terminated");
        trial_fini(&make), trial_fini(&again), trial_fini(&look), trial_fini(&hints), trial_fini(&remove), trial_fini(&gone);
    }
    driver_stop(&d);
    CU_ASSERT_EQUAL(driver_children(), 0);
}

static void test_health(void)
{
    struct trial t = {.instance = "local", .operation = PLUGIN_HEALTH};
    struct driver d;

    begin(&d);
    expect_ok(&d, &t);
    trial_fini(&t);
    driver_stop(&d);
}

/* A schema that never ends is stopped, by cancel or by the deadline, without the host being killed. */
static void test_endless(void)
{
    struct trial t = {.instance = "local",
                      .operation = PLUGIN_PROVISION,
                      .type = "sqlite",
                      .deadline_ms = 300,
                      .params = "{\"schema\":\"CREATE TABLE a (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT "
                                "INTO a SELECT max(i) FROM n;\"}"};
    struct trial after = {.instance = "local", .operation = PLUGIN_PROVISION, .type = "sqlite", .params = "{}"};
    struct driver d;

    begin(&d);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    CU_ASSERT(t.err.code == ERR_PLUGIN_TIMEOUT || t.err.code == ERR_CANCELED);
    expect_ok(&d, &after);
    trial_fini(&t);
    trial_fini(&after);
    driver_stop(&d);
}

/* ---- the example ---- */

static pid_t start_server(const char *dir, int *out_port)
{
    CLEANUP(free_ptr) char *data = mem_printf("%s/merchants.json", dir);
    CLEANUP(free_ptr) char *port_file = mem_printf("%s/port", dir);
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};
    pid_t pid = fork();

    if (pid == 0) {
        setenv("MERCHANT_TOKEN", "a-token-for-tests-only", 1);
        execlp(PYTHON3, PYTHON3, TEST_SOURCE_DIR "/examples/merchant-server/merchant_server.py", "--listen", "127.0.0.1:0", "--data", data,
               "--port-file", port_file, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 15000 && io_read_file(port_file, 100, &text, NULL, &err) < 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    *out_port = atoi(text);
    return pid;
}

static int add_gateway(struct driver *d, const char *name, int port, bool network, struct err *err)
{
    CLEANUP(free_ptr) char *endpoint = mem_printf("http://127.0.0.1:%d", port);
    CLEANUP(json_put) json_t *config = json_pack("{ss ss}", "endpoint", endpoint, "token", "a-token-for-tests-only");
    CLEANUP(json_put) json_t *grant = network ? json_pack("[s]", "network") : json_array();
    struct plugin_entry more = {
        .name = name, .path = GATEWAY, .config = config, .grant = grant, .version = "1.0.0", .product = "ecommerce"};

    return driver_add(d, name, &more, err);
}

static void test_gateway(void)
{
    struct trial make = {.instance = "payments", .operation = PLUGIN_PROVISION, .params = "{\"currency\":\"EUR\"}"}, again, look, remove;
    struct driver d;
    struct err err;
    pid_t server;
    int port = 0;

    again = look = remove = make;
    driver_start(&d, 0, PATIENT_MS);
    server = start_server(d.dir, &port);
    ASSERT_OK(add_gateway(&d, "payments", port, true, &err), err);
    expect_ok(&d, &make);
    CU_ASSERT(json_str(make.outputs, "merchant_id") != NULL);
    CU_ASSERT(json_str(make.secrets, "api_key") != NULL);
    CU_ASSERT_EQUAL(make.checkpoints, 1);
    ASSERT_CONTAINS(make.state_given, "merchant_id");
    again.state = make.state_given;
    expect_ok(&d, &again);
    CU_ASSERT(json_equal(make.outputs, again.outputs));
    CU_ASSERT(json_equal(make.secrets, again.secrets));
    look.operation = PLUGIN_GET_STATUS;
    expect_ok(&d, &look);
    ASSERT_TEXT(look.status, "active");
    remove.operation = PLUGIN_DEPROVISION;
    expect_ok(&d, &remove);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    trial_fini(&make), trial_fini(&again), trial_fini(&look), trial_fini(&remove);
    driver_stop(&d);
}

static void test_gateway_down(void)
{
    struct trial t = {.instance = "payments", .operation = PLUGIN_PROVISION};
    struct driver d;
    struct err err;

    driver_start(&d, 0, PATIENT_MS);
    ASSERT_OK(add_gateway(&d, "payments", 1, true, &err), err);
    CU_ASSERT_EQUAL(trial_run(&d, &t), PLUGIN_DONE_FAILED);
    ASSERT_CONTAINS(t.err.msg, "127.0.0.1:1: Connection refused");
    CU_ASSERT_EQUAL(t.err.code, ERR_TRANSIENT);
    trial_fini(&t);
    driver_stop(&d);
}

static void test_gateway_without_grant(void)
{
    struct driver d;
    struct err err = {0};

    driver_start(&d, 0, PATIENT_MS);
    CU_ASSERT_EQUAL(add_gateway(&d, "payments", 1, false, &err), -1);
    ASSERT_CONTAINS(err.msg, "network");
    driver_stop(&d);
}

const struct test_case tests[] = {{"every type of local lives in the sandbox of a host", test_types},
                                  {"local is healthy in its host", test_health},
                                  {"a schema that never ends stops at the deadline", test_endless},
                                  {"the payment gateway registers a merchant from its sandbox", test_gateway},
                                  {"a gateway that is down is worth a retry and is named", test_gateway_down},
                                  {"without the grant network the gateway's plugin is refused", test_gateway_without_grant},
                                  {0}};
