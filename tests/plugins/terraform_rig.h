/* What the tests of the provisioner `terraform` share: it runs in a host process with its sandbox, with the real tool of this machine and
 * its built-in provider, so that nothing is downloaded. Without the tool a test is skipped. */
#pragma once
#include "plugin_driver.h"
#include <sys/types.h>

#define MODULE                                                                                                                             \
    "variable \"env\" { type = string }\nvariable \"extra\" { default = \"\" }\n"                                                          \
    "resource \"terraform_data\" \"db\" {\n  input = { host = \"127.0.0.1\", env = var.env, port = 5432 }\n}\n"                            \
    "output \"db\" { value = terraform_data.db.output }\noutput \"url\" { value = \"http://localhost/${var.env}\" }\n"                     \
    "output \"secret\" {\n  value = \"s-${terraform_data.db.id}\"\n  sensitive = true\n}\n"                                                \
    "output \"tokens\" {\n  value = [\"a\", \"b\"]\n  sensitive = true\n}\n"

/* The tool of this machine, or the one that INNO_TF_PROGRAM names; NULL and the test skipped when there is none. */
const char *tf_tool(void);
/* A manager with the entry `terraform`; grant and config are JSON texts, to which the tool is added. plain: it is not. */
void tf_begin_plain(struct driver *d, const char *grant, const char *config);
void tf_begin_with(struct driver *d, const char *grant, const char *config);
void tf_begin(struct driver *d);
/* `more` (a JSON object) with the module as `inline`. free(). */
char *tf_params(const char *module, const char *more);
/* One call; of a step, `params` is its config. */
int tf_call(struct driver *d, struct trial *t, enum plugin_operation operation, const char *params);
void tf_expect_ok(struct driver *d, enum plugin_operation operation, const char *params);
void tf_expect_status(struct driver *d, const char *params, const char *wanted, const char *said);
void tf_expect_failure(struct driver *d, enum plugin_operation operation, const char *params, enum err_code code, const char *part);
void tf_expect_json(const json_t *value, const char *wanted);
/* The one file below the entry's data directory that the pattern matches; free(). */
char *tf_only_file(const struct driver *d, const char *pattern);
void tf_write_file(const char *path, const char *content, mode_t mode);
